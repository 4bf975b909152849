/** The end of a pull that was read whole: what it staged becomes what readers see, all at once. */
import { PullFailure } from '../connectors/failure'
import { mergedNotices } from '../connectors/notices'
import { type FactKind, factKinds } from '../core/facts'
import { hasTooManyBadRows } from '../core/pulling'
import { compareStaged, publishStaged } from '../db/facts'
import { finishPull, forgetOldRuns, guardPull, holdings, holdPull, isOurs, stageMissing } from '../db/pulls'
import { currentObservations } from './metrics'
import { isCommitted, lookAtFacts, publish, settle } from './publishing'
import { bookmarkAfter, bookmarkOf } from './pull-state'
import type { Turn } from './pull-turn'
import { storedNotices } from './pulls'

const attempts = 5

/**
 * Publishes, unless what was read cannot be trusted.
 *
 * @returns why it was not published; undefined where it was, or where it is somebody else's to say by now
 */
export async function publishPull(turn: Turn): Promise<PullFailure | undefined> {
  const { running, source, pull, progress } = turn
  const { context } = running
  const isWhole = progress.isWhole || bookmarkOf(source) === null
  if (hasTooManyBadRows({ read: pull.read, rejected: pull.rejected, isWhole })) return new PullFailure('too-many-bad-rows')
  const doubted = progress.acceptsEmpty ? undefined : await emptiedKind(turn, isWhole)
  if (doubted) return new PullFailure('suspiciously-empty', { field: doubted })
  for (let times = 0; times < attempts; times += 1) {
    if (await publishOnce(turn)) {
      await settle(context)
      return undefined
    }
    if (!(await isOurs(context.db, pull))) return undefined
  }
  await holdPull(context.db, pull, { leasedUntil: null, dueAt: running.clock() }) // others published all the time: the next turn tries again
  return undefined
}

/** A kind of fact of which a whole read brought nothing, though there was something; more likely a fault than the truth. */
async function emptiedKind({ running, source, pull, progress }: Turn, isWhole: boolean): Promise<FactKind | undefined> {
  const { db } = running.context
  const complete = await holdings(db, source.id, pull.id, progress.complete)
  const emptied = complete.find(({ stored, staged }) => stored > 0 && staged === 0)
  if (emptied) return emptied.kind
  if (!isWhole || pull.read > 0) return undefined
  return (await holdings(db, source.id, pull.id, factKinds)).find(({ stored }) => stored > 0)?.kind
}

/** @returns false where something else was published in between, or the pull is not ours any more */
async function publishOnce({ running, source, pull, progress }: Turn): Promise<boolean> {
  const { context, clock } = running
  const { db } = context
  const seen = await lookAtFacts(context)
  // What was not brought may be one of the rows that could not be read.
  const isUnsure = progress.complete.length > 0 && pull.rejected > 0
  const missing = isUnsure ? [] : stageMissing(db, source.id, pull.id, progress.complete, pull.startedAt)
  if (missing.length > 0 && !(await isCommitted(context, [guardPull(db, pull), ...missing]))) return false
  const news = await compareStaged(db, source.id, pull.id)
  const kinds = factKinds.filter((kind) => news[kind].added + news[kind].changed + news[kind].unchanged > 0)
  const change = { sourceId: source.id, staged: pull.id, kinds }
  const { observations, otherCurrency } = await currentObservations({ ...context, now: pull.startedAt }, change, seen.settings)
  const left = otherCurrency.deals + otherCurrency.spend > 0
  const notices = mergedNotices(storedNotices(pull), [
    ...(isUnsure ? [{ code: 'nothing-removed', rows: pull.rejected } as const] : []),
    ...(left ? [{ code: 'other-currency', ...otherCurrency, currency: seen.settings.currency } as const] : []),
  ])
  // A lead's way through the stages is counted with the lead.
  const counted = factKinds.filter((kind) => kind !== 'stage').map((kind) => news[kind])
  const sum = (which: 'added' | 'changed' | 'unchanged') => counted.reduce((total, each) => total + each[which], 0)
  return publish(context, {
    seen,
    change,
    observations,
    record: [
      guardPull(db, pull),
      finishPull(db, pull, {
        state: 'done',
        finishedAt: clock(),
        inserted: sum('added'),
        updated: sum('changed'),
        unchanged: sum('unchanged'),
        error: null,
        detail: null,
        notices,
      }),
      ...forgetOldRuns(db, source.id),
    ],
    facts: publishStaged(db, source.id, pull.id),
    success: {
      sourceId: source.id,
      at: pull.startedAt,
      hasNews: kinds.some((kind) => news[kind].added + news[kind].changed > 0),
      bookmark: bookmarkAfter(source.settings, (pull.bookmark ?? null) as Parameters<typeof bookmarkAfter>[1]),
    },
  })
}
