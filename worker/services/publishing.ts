/**
 * The one way in which facts become what readers see: uploads, pushes and pulls publish through here, and a source leaves
 * through here. Facts, KPIs, the record of the pull and the source's date change in one batch, or none of them does.
 */
import { DomainError } from '../core/errors'
import type { Observation } from '../core/metrics'
import { databaseMessage } from '../db/client'
import type { Change } from '../db/fact-sums'
import { claimFactRevision, isHeld, markSettled, readFactRevision, readSettled } from '../db/facts'
import { replaceObservations } from '../db/observations'
import { readSettings, type Settings } from '../db/settings'
import { isOvertaken, markSuccess } from '../db/sources'
import { refreshAnalyses } from './analyses'
import { evaluateClauses } from './clause-evaluation'
import type { ServiceContext } from './context'
import { currentObservations } from './metrics'
import { rescoreRounds } from './scores'

/** What somebody who is about to publish has read: still true as long as the revision is. */
export interface Seen {
  settings: Settings
  revision: number
}

/** @example const seen = await lookAtFacts(context) // first, then everything that is compared with it */
export async function lookAtFacts({ db }: Pick<ServiceContext, 'db'>): Promise<Seen> {
  const [settings, revision] = await Promise.all([readSettings(db), readFactRevision(db)])
  return { settings, revision }
}

export interface Publication {
  seen: Seen
  /** What the facts will be: KPIs are computed over it. */
  change: NonNullable<Change>
  /** The KPIs over it, as of `success.at`, where they were computed already. */
  observations?: Observation[]
  /** The record of the pull, with the guard that gives everything up where the source changed meanwhile. Goes first. */
  record: D1PreparedStatement[]
  /** What makes the change: `writeFacts`, `publishStaged`, `deleteFacts`. */
  facts: D1PreparedStatement[]
  /** Of a source that was read to its end: clears its trouble. Null where a source is deleted. */
  success: {
    sourceId: string
    /** The "as of" of what was read: when reading began. */
    at: Date
    hasNews: boolean
    /** What the next pull begins after; undefined leaves the source's as it is. */
    bookmark?: unknown
  } | null
}

/**
 * Makes the change visible, all of it or nothing. Scores and whatever else is made of KPIs follow with `settle`.
 *
 * @returns false where something else was published since `seen` was read, or the guard in `record` held: compare again
 * @example
 * const published = await publish(context, { seen, change: { sourceId, rows }, record: [insertPull(db, pull)],
 *   facts: writeFacts(db, sourceId, rows), success: { sourceId, at: context.now, hasNews: true } })
 */
export async function publish(context: ServiceContext, publication: Publication): Promise<boolean> {
  const { db } = context
  const { seen, change, record, facts, success } = publication
  const asOf = { ...context, now: success?.at ?? context.now }
  const observations = publication.observations ?? (await currentObservations(asOf, change, seen.settings)).observations
  return isCommitted(context, [
    ...claimFactRevision(db, seen.revision),
    ...record,
    ...facts,
    ...(success ? [markSuccess(db, success)] : []),
    ...replaceObservations(db, observations),
  ])
}

/** Runs a batch. @returns false where one of its guards held, so that nothing happened */
export async function isCommitted({ db }: Pick<ServiceContext, 'db'>, statements: D1PreparedStatement[]): Promise<boolean> {
  try {
    await db.$client.batch(statements)
    return true
  } catch (error) {
    const said = databaseMessage(error)
    if (isHeld(said) || isOvertaken(said)) return false
    throw error
  }
}

const attempts = 5

/**
 * Tries again where others published in between.
 *
 * @param attempt looks, compares and publishes; undefined where it was overtaken
 * @throws DomainError pull-overtaken
 */
export async function untilPublished<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let times = 0; times < attempts; times += 1) {
    const done = await attempt()
    if (done !== undefined) return done
  }
  throw new DomainError('pull-overtaken', 'Other imports kept running at the same time. Try again in a minute.')
}

/** What is made of facts and KPIs, in the order in which one is made of the other. Each may run again without harm. */
const afterPublication: readonly ((context: ServiceContext) => Promise<unknown>)[] = [evaluateClauses, rescoreRounds, refreshAnalyses]

/**
 * Computes again whatever is made of what was published. A process that dies in here is made good by the next tick, which
 * sees that the last publication was not followed up.
 */
export async function settle(context: ServiceContext): Promise<void> {
  const revision = await readFactRevision(context.db)
  for (const step of afterPublication) await step(context)
  await markSettled(context.db, revision)
}

/** Goes on where a publication was not followed up. */
export async function settleLeftBehind(context: ServiceContext): Promise<void> {
  const [revision, settled] = await Promise.all([readFactRevision(context.db), readSettled(context.db)])
  if (revision !== settled) await settle(context)
}
