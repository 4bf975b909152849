/**
 * Pulls: made when they are due or when somebody asks, run page by page, paused, resumed, cancelled. Cron only wakes them:
 * everything that a pull is stands in the database. See docs/decisions/026-pulls.md.
 */
import { DomainError } from '../core/errors'
import { slotAt } from '../core/pulling'
import { databaseMessage } from '../db/client'
import { cancelRuns, claimablePulls, claimPull, dueSources, insertRun, putOff, runningPull } from '../db/pulls'
import { findPull, findSource, type SourceRow } from '../db/sources'
import { newId, type ServiceContext } from './context'
import { isCommitted } from './publishing'
import { atTheStart } from './pull-state'
import { leaseFrom, type Running, takeTurn } from './pull-turn'
import { getPull, type PullView, pullView } from './pulls'
import { isPulledKind, registry } from './source-access'
import { unknownSource } from './sources'

/** A run stays below D1's thousand queries, of which a page takes about six, and leaves the other jobs their time. */
export const limits: Running['limits'] = { pulls: 20, pages: 100, milliseconds: 100_000, mostPages: 20_000 }

/** Fewest pages of a turn, however many pulls there are. */
const fewestPages = 10

/**
 * Makes the pulls that are due and moves on those that run, oldest first, each for its share of the run. Called twice at
 * once, each pull is one's: see `claimPull`.
 *
 * @param only this pull, and none is made
 * @example await runPulls(context) // at each tick of cron
 */
export async function runPulls(context: ServiceContext, ways: Partial<Omit<Running, 'context'>> & { only?: string } = {}): Promise<void> {
  const began = Date.now()
  const running: Running = {
    context,
    connectors: registry,
    limits,
    random: () => new DataView(context.random(4).buffer).getUint32(0) / 2 ** 32,
    sleep: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
    clock: () => new Date(context.now.getTime() + Date.now() - began),
    ...ways,
  }
  const { clock } = running
  if (!ways.only) await makeDuePulls(context, running.limits.pulls)
  const ids = ways.only ? [ways.only] : await claimablePulls(context.db, clock(), running.limits.pulls)
  const end = clock().getTime() + running.limits.milliseconds
  let pages = running.limits.pages
  for (const [index, id] of ids.entries()) {
    const now = clock()
    const left = ids.length - index
    if (now.getTime() >= end || pages <= 0) return
    const pull = await claimPull(context.db, id, now, leaseFrom(now))
    if (!pull) continue
    const share = {
      pages: Math.min(pages, Math.max(fewestPages, Math.ceil(pages / left))),
      until: now.getTime() + (end - now.getTime()) / left,
    }
    const before = pull.pages
    try {
      await takeTurn(running, pull, share)
    } catch (error) {
      // Its lease ends, and another turn goes on: here only the database can have failed.
      console.error(JSON.stringify({ event: 'pull-interrupted', cause: databaseMessage(error) }))
    }
    pages -= Math.max(1, pull.pages - before)
  }
}

/** Of several runs of cron in one slot, one makes its pull. A source whose pull still runs waits for its next slot. */
async function makeDuePulls(context: ServiceContext, most: number): Promise<void> {
  const { db, now } = context
  const due = await dueSources(db, now, most)
  if (due.length === 0) return
  await db.$client.batch(
    due.flatMap(({ id: sourceId, everyMinutes }) => {
      const { slot, nextAt } = slotAt(now, everyMinutes ?? 60)
      const run = { id: newId(context), sourceId, origin: 'schedule' as const, slot, now, cursor: atTheStart() }
      return [insertRun(db, run), putOff(db, sourceId, now, nextAt)]
    }),
  )
}

export interface Start {
  /** `start` forgets what was read: everything is read again. */
  from?: 'bookmark' | 'start' | undefined
  /** It may be true that the source has nothing left. */
  acceptsEmpty?: boolean | undefined
}

/**
 * Makes a pull now, or shows the one that runs. A source that stopped by itself is tried again; it stops again where nothing
 * was mended.
 *
 * @throws DomainError not-found, source-not-pulled (rows are uploaded or pushed), source-not-active (paused, or being set up)
 * @example const { id } = await startPull(context, source.id); await runPulls(context, { only: id })
 */
export async function startPull(context: ServiceContext, sourceId: string, { from, acceptsEmpty }: Start = {}): Promise<PullView> {
  const { db, now } = context
  const source = await pulledSource(context, sourceId)
  if (source.state === 'paused' || source.state === 'draft') throw notActive(source)
  const id = newId(context)
  const again = [...cancelRuns(db, sourceId, now), db.$client.prepare('update sources set bookmark = null where id = ?1').bind(sourceId)]
  await isCommitted(context, [
    ...(from === 'start' ? again : []),
    db.$client.prepare("update sources set state = 'active' where id = ?1 and state = 'stopped'").bind(sourceId),
    insertRun(db, { id, sourceId, origin: 'person', slot: null, now, cursor: atTheStart(acceptsEmpty) }),
  ])
  const pull = (await findPull(db, sourceId, id)) ?? (await runningPull(db, sourceId))
  if (!pull) throw notActive(source) // paused or deleted in between
  return pullView(pull)
}

/**
 * Nothing is pulled until somebody resumes it; what a running pull has read is forgotten.
 *
 * @throws DomainError not-found, source-not-pulled, source-not-active for one that is being set up
 */
export async function pauseSource(context: ServiceContext, sourceId: string): Promise<void> {
  const { db, now } = context
  const source = await pulledSource(context, sourceId)
  if (source.state === 'draft') throw notActive(source)
  await db.$client.batch([
    db.$client.prepare("update sources set state = 'paused' where id = ?1 and state in ('active', 'stopped')").bind(sourceId),
    ...cancelRuns(db, sourceId, now),
  ])
}

/**
 * Pulls a source again that somebody paused, or that stopped by itself: at once, then on its schedule. Its trouble is over
 * when a pull is published, not before.
 *
 * @throws DomainError not-found, source-not-pulled, source-not-active for one that is being set up
 */
export async function resumeSource(context: ServiceContext, sourceId: string): Promise<void> {
  const { db, now } = context
  const source = await pulledSource(context, sourceId)
  if (source.state === 'draft') throw notActive(source)
  if (source.state === 'active') return
  await db.$client
    .prepare("update sources set state = 'active', due_at = null where id = ?1 and state in ('paused', 'stopped')")
    .bind(sourceId)
    .run()
  await startPull({ ...context, now }, sourceId)
}

/**
 * Gives a running pull up; the next one begins where the last published one ended. One that is over stays as it is.
 *
 * @throws DomainError not-found
 */
export async function cancelPull(context: ServiceContext, sourceId: string, pullId: string): Promise<void> {
  await getPull(context, sourceId, pullId)
  await context.db.$client.batch(cancelRuns(context.db, sourceId, context.now, pullId))
}

async function pulledSource({ db }: ServiceContext, id: string): Promise<SourceRow> {
  const source = await findSource(db, id)
  if (!source) throw unknownSource()
  if (source.everyMinutes === null && !isPulledKind(source.kind)) {
    throw new DomainError('source-not-pulled', 'Nothing is fetched from this source: its rows are uploaded or sent.')
  }
  return source
}

const notActive = ({ state }: Pick<SourceRow, 'state'>): DomainError =>
  new DomainError(
    'source-not-active',
    state === 'draft' ? 'Finish setting this source up first.' : 'This source is paused. Resume it first.',
  )
