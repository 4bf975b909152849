/**
 * A turn of one pull: as many pages as fit, each staged together with its cursor, then the publication. Whatever happens,
 * another turn goes on where this one stored its last page.
 */
import type { Access, PullConnector, PulledPage } from '../connectors/connector'
import { PullFailure } from '../connectors/failure'
import { mergedNotices } from '../connectors/notices'
import { addDays, dayOf, startOfDay } from '../core/calendar'
import { contentHash } from '../core/facts'
import { circuitPause, nextMark, pauseAfter } from '../core/pulling'
import { dropStaged, stageFacts } from '../db/facts'
import {
  appendPullErrors,
  cancelRuns,
  costSince,
  finishPull,
  forgetOldRuns,
  guardPull,
  holdPull,
  insertRun,
  noteSourceTrouble,
  recordPage,
} from '../db/pulls'
import { findSource, type PullRow, type SourceRow } from '../db/sources'
import { newId, type ServiceContext } from './context'
import { isCommitted } from './publishing'
import { publishPull } from './pull-publication'
import { atTheStart, bookmarkOf, type Progress, progressOf, type Trouble, troubleOf } from './pull-state'
import { rejectedIn, storedNotices, withWords } from './pulls'
import { accessOf, pullConnectorOf, type Registry } from './source-access'

export interface Limits {
  /** Pulls and pages of one run, and milliseconds after which no other page is begun. */
  pulls: number
  pages: number
  milliseconds: number
  /** Of one pull, over all its turns. */
  mostPages: number
}

export interface Running {
  context: ServiceContext
  connectors: Registry
  limits: Limits
  /** From 0 to 1. */
  random: () => number
  sleep: (milliseconds: number) => Promise<void>
  /** What time it is; the context's stands still. */
  clock: () => Date
}

/** Longer than a page takes, with what a connector asks for it; renewed with every page. */
export const leaseMilliseconds = 4 * 60_000

/** A pull as this turn moves it on. */
export interface Turn {
  running: Running
  source: SourceRow
  pull: PullRow
  progress: Progress
}

/**
 * Moves a pull on that was claimed.
 *
 * @param share pages and the moment, in milliseconds, after which it is somebody else's turn
 */
export async function takeTurn(running: Running, pull: PullRow, share: { pages: number; until: number }): Promise<void> {
  const { context, clock } = running
  const source = await findSource(context.db, pull.sourceId)
  if (!source) return // its pulls went with it
  const turn: Turn = { running, source, pull, progress: progressOf(pull) }
  if (source.state !== 'active' || source.settingsVersion !== pull.settingsVersion) return startOver(turn)
  let connector: PullConnector<unknown>
  let access: Access<unknown>
  try {
    connector = pullConnectorOf(source.kind, running.connectors)
    access = await accessOf(context, source, connector)
  } catch (error) {
    return giveUp(turn, asFailure(error))
  }
  for (let pages = 0; !turn.progress.isRead; pages += 1) {
    if (pages >= share.pages || clock().getTime() >= share.until) return release(turn)
    const page = await read(turn, connector, access, share.until)
    if (!page || !(await store(turn, page, access))) return
  }
  const failure = await publishPull(turn)
  if (failure) await giveUp(turn, failure)
}

/** Reads the page that is next. @returns undefined where the turn is over: it waits, or the pull was given up */
async function read(
  turn: Turn,
  connector: PullConnector<unknown>,
  access: Access<unknown>,
  until: number,
): Promise<PulledPage | undefined> {
  const { running, source, pull } = turn
  const at = { cursor: turn.progress.next, bookmark: bookmarkOf(source), startedAt: pull.startedAt }
  for (;;) {
    try {
      return await connector.page({ ...access, now: running.clock() }, at)
    } catch (error) {
      const failure = asFailure(error)
      const wait = await waitAfter(turn, failure, access.reportingZone, until)
      if (wait === null) return undefined
      await running.sleep(wait)
    }
  }
}

/** @returns milliseconds after which to try again in this turn; null where the turn is over */
async function waitAfter(turn: Turn, failure: PullFailure, zone: string, until: number): Promise<number | null> {
  const { running, pull } = turn
  if (failure.remedy !== 'soon') {
    await giveUp(turn, failure)
    return null
  }
  const now = running.clock()
  const waitSeconds = failure.code === 'quota-spent' ? (failure.waitSeconds ?? secondsToTomorrow(now, zone)) : failure.waitSeconds
  const pause = pauseAfter({ attempts: pull.attempts + 1, longWaits: turn.progress.longWaits, waitSeconds }, running.random())
  if (pause.kind === 'give-up') {
    await giveUp(turn, failure)
    return null
  }
  if (pause.kind === 'long') turn.progress = { ...turn.progress, longWaits: turn.progress.longWaits + 1 }
  else pull.attempts += 1
  const again = new Date(now.getTime() + pause.milliseconds)
  const stays = pause.kind === 'quick' && again.getTime() < until
  await holdPull(running.context.db, pull, {
    attempts: pull.attempts,
    detail: { code: failure.code, facts: failure.facts },
    cursor: turn.progress,
    ...(stays ? { leasedUntil: leaseFrom(now) } : { leasedUntil: null, dueAt: again }),
  })
  return stays ? pause.milliseconds : null
}

/** Stages a page together with what comes after it. @returns whether the turn goes on */
async function store(turn: Turn, page: PulledPage, access: Access<unknown>): Promise<boolean> {
  const { running, source, pull, progress } = turn
  const { db } = running.context
  const now = running.clock()
  const isLast = page.next === null
  const mark = isLast ? progress.mark : nextMark(progress.mark, contentHash([page.next]))
  if (!isLast && !mark) return ended(giveUp(turn, new PullFailure('cursor-repeats')))
  if (!isLast && pull.pages + 1 >= running.limits.mostPages) return ended(giveUp(turn, new PullFailure('too-many-pages')))
  const today = dayOf(now, access.reportingZone)
  const next: Progress = {
    next: page.next,
    isRead: isLast,
    mark,
    complete: [...new Set([...progress.complete, ...(page.complete ?? [])])],
    isWhole: progress.isWhole || page.whole === true,
    acceptsEmpty: progress.acceptsEmpty,
    longWaits: 0,
    spent: { day: today, cost: (progress.spent?.day === today ? progress.spent.cost : 0) + page.cost },
  }
  const rejected = rejectedIn(page.errors)
  const notices = mergedNotices(storedNotices(pull), page.notices)
  const bookmark = isLast ? page.bookmark : null
  const stored = await isCommitted(running.context, [
    guardPull(db, pull),
    ...stageFacts(db, pull.id, page.rows),
    ...appendPullErrors(db, pull.id, page.errors.map(withWords)),
    recordPage(db, pull, {
      cursor: next,
      bookmark,
      read: page.read,
      rejected,
      total: page.total,
      cost: page.cost,
      notices,
      leasedUntil: leaseFrom(now),
    }),
  ])
  if (!stored) return false // what this page would say is somebody else's to say by now
  Object.assign(pull, {
    bookmark,
    notices,
    pages: pull.pages + 1,
    attempts: 0,
    read: pull.read + page.read,
    rejected: pull.rejected + rejected,
  })
  turn.progress = next
  if (isLast || !page.quota) return true
  return !(await waitsForQuota(turn, page.quota, { spent: next.spent?.cost ?? 0, today, source, zone: access.reportingZone }))
}

/** Of a vendor's quota, others need the rest. */
const defaultShare = 0.25
const mostOfQuota = 0.8

async function waitsForQuota(
  { running, pull, progress }: Turn,
  quota: { used: number; limit: number },
  { spent, today, source, zone }: { spent: number; today: string; source: SourceRow; zone: string },
): Promise<boolean> {
  const { db } = running.context
  const others = await costSince(db, source.id, startOfDay(today, zone), pull.id)
  const share = shareOf(source.settings)
  if (spent + others <= share * quota.limit && quota.used <= mostOfQuota * quota.limit) return false
  const now = running.clock()
  await holdPull(db, pull, {
    leasedUntil: null,
    dueAt: new Date(now.getTime() + secondsToTomorrow(now, zone) * 1000 + Math.round(running.random() * 60_000)),
    detail: { code: 'quota-spent', facts: {} },
    cursor: progress,
  })
  return true
}

function shareOf(settings: unknown): number {
  const share = typeof settings === 'object' && settings !== null && 'quotaShare' in settings ? settings.quotaShare : null
  return typeof share === 'number' ? share : defaultShare
}

/** Ends a pull that cannot be finished, with what is known of why. What is published stays as it is, and so does its date. */
async function giveUp(turn: Turn, failure: PullFailure): Promise<void> {
  const { running, source, pull } = turn
  const { db } = running.context
  const now = running.clock()
  const before = troubleOf(source)
  const times = (before?.times ?? 0) + 1
  const stops = failure.remedy === 'person'
  const dueAt = new Date(Math.max(source.dueAt?.getTime() ?? 0, now.getTime() + circuitPause(times)))
  const { code, facts } = failure
  const retryAt = stops ? null : dueAt.toISOString()
  const trouble: Trouble = { code, facts, since: before?.since ?? now.toISOString(), retryAt, times }
  const detail = { code, facts }
  const counts = { inserted: 0, updated: 0, unchanged: 0 }
  await isCommitted(running.context, [
    guardPull(db, pull),
    dropStaged(db, pull.id),
    finishPull(db, pull, { state: 'failed', finishedAt: now, ...counts, error: code, detail, notices: storedNotices(pull) }),
    noteSourceTrouble(db, source.id, { trouble, stops, dueAt }),
    ...forgetOldRuns(db, source.id),
  ])
}

/** Nothing is read under settings that hold no more: another pull begins by those that do, where the source is still pulled. */
async function startOver({ running, source, pull }: Turn): Promise<void> {
  const { context, clock } = running
  const again = { id: newId(context), sourceId: source.id, slot: null, now: clock(), cursor: atTheStart() }
  const origin = pull.origin === 'person' ? 'person' : 'schedule'
  await context.db.$client.batch([
    ...cancelRuns(context.db, source.id, clock(), pull.id),
    insertRun(context.db, { ...again, origin }), // only where the source is active
  ])
}

const release = ({ running, pull }: Turn): Promise<void> =>
  holdPull(running.context.db, pull, { leasedUntil: null, dueAt: running.clock() })

export const leaseFrom = (now: Date): Date => new Date(now.getTime() + leaseMilliseconds)

/** What no connector says is a mistake in one, met by data that nobody expected. */
function asFailure(error: unknown): PullFailure {
  if (error instanceof PullFailure) return error
  console.error(JSON.stringify({ event: 'connector-failed', error: error instanceof Error ? error.name : 'unknown' }))
  return new PullFailure('unexpected-shape')
}

async function ended(work: Promise<void>): Promise<false> {
  await work
  return false
}

const secondsToTomorrow = (now: Date, zone: string): number =>
  Math.ceil((startOfDay(addDays(dayOf(now, zone), 1), zone).getTime() - now.getTime()) / 1000)
