/**
 * What goes out about a round or a week, once to each target. One is taken at a time, with a lease and a fence: of two runs
 * one sends, and what an earlier lease has to say changes nothing any more.
 */
import { and, desc, eq, inArray, lte, type SQL, sql } from 'drizzle-orm'
import type { Database } from './client'
import { dispatches } from './schema'

export type Dispatch = typeof dispatches.$inferSelect
export type DispatchKind = Dispatch['kind']

/**
 * What a dispatch is about: the closing of a round, or a week by its Monday.
 *
 * @example topicOf('week:2026-11-30') // { roundId: null, week: '2026-11-30' }
 */
export function topicOf(topic: string): { roundId: string | null; week: string | null } {
  const [kind, about = ''] = topic.split(':')
  return { roundId: kind === 'round' ? about : null, week: kind === 'week' ? about : null }
}

/** Queues these; who was told of the topic, or waits to be, is not queued again. */
export async function queueDispatches(
  db: Database,
  rows: readonly Pick<Dispatch, 'id' | 'kind' | 'topic' | 'target' | 'dueAt' | 'createdAt'>[],
): Promise<void> {
  for (let index = 0; index < rows.length; index += rowsPerInsert) {
    const some = rows.slice(index, index + rowsPerInsert)
    await db
      .insert(dispatches)
      .values(some.map((row) => ({ ...row, state: 'waiting' as const })))
      .onConflictDoNothing()
  }
}

/** A row binds up to twelve values, and D1 takes a hundred. */
const rowsPerInsert = 8

/** The next one of this kind that is due, or whose sender did not come back (`wasTaken`: nobody knows whether it arrived). */
export async function claimDispatch(
  db: Database,
  kind: DispatchKind,
  now: Date,
  leaseMilliseconds: number,
): Promise<(Dispatch & { wasTaken: boolean }) | undefined> {
  const due = sql`(state = 'waiting' and due_at <= ${now.getTime()}) or (state = 'sending' and leased_until <= ${now.getTime()})`
  const [found] = await db
    .select({ id: dispatches.id, state: dispatches.state, fence: dispatches.fence })
    .from(dispatches)
    .where(and(eq(dispatches.kind, kind), due))
    .orderBy(dispatches.dueAt)
    .limit(1)
  if (!found) return undefined
  const [taken] = await db
    .update(dispatches)
    .set({
      state: 'sending',
      fence: found.fence + 1,
      attempts: sql`attempts + 1`,
      leasedUntil: new Date(now.getTime() + leaseMilliseconds),
    })
    .where(and(eq(dispatches.id, found.id), eq(dispatches.fence, found.fence), eq(dispatches.state, found.state)))
    .returning()
  // Somebody else was faster: what is left is looked at again.
  return taken ? { ...taken, wasTaken: found.state === 'sending' } : claimDispatch(db, kind, now, leaseMilliseconds)
}

export type DispatchOutcome =
  | { state: 'sent'; at: Date }
  | { state: 'failed'; error: string }
  | { state: 'waiting'; error: string; dueAt: Date; attempts: number }

/** @returns whether it was still ours to say */
export async function recordDispatch(
  db: Database,
  { id, fence }: Pick<Dispatch, 'id' | 'fence'>,
  outcome: DispatchOutcome,
): Promise<boolean> {
  const changed = await db
    .update(dispatches)
    .set({
      state: outcome.state,
      leasedUntil: null,
      error: outcome.state === 'sent' ? null : outcome.error,
      ...(outcome.state === 'sent' ? { sentAt: outcome.at } : {}),
      ...(outcome.state === 'waiting' ? { dueAt: outcome.dueAt, attempts: outcome.attempts } : {}),
    })
    .where(and(eq(dispatches.id, id), eq(dispatches.state, 'sending'), eq(dispatches.fence, fence)))
    .returning({ id: dispatches.id })
  return changed.length === 1
}

/** One that failed is due now, with all its attempts before it; undefined where it had not failed. */
export async function requeueDispatch(
  db: Database,
  { kind, id, target }: { kind: DispatchKind; id: string; target?: string },
  now: Date,
): Promise<Dispatch | undefined> {
  const [changed] = await db
    .update(dispatches)
    .set({ state: 'waiting', attempts: 0, dueAt: now })
    .where(
      and(
        eq(dispatches.id, id),
        eq(dispatches.kind, kind),
        eq(dispatches.state, 'failed'),
        target === undefined ? undefined : eq(dispatches.target, target),
      ),
    )
    .returning()
  return changed
}

/** The latest of a kind, newest first. */
export const listDispatches = (db: Database, kind: DispatchKind, limit: number) =>
  db.select().from(dispatches).where(eq(dispatches.kind, kind)).orderBy(desc(dispatches.createdAt), dispatches.target).limit(limit)

/** The statement that forgets what was queued for these targets. */
export const deleteDispatchesTo = (db: Database, kind: DispatchKind, targets: readonly string[]) =>
  db.delete(dispatches).where(and(eq(dispatches.kind, kind), inArray(dispatches.target, [...targets])))

/** Deletes what was queued before then, at most so many. @returns how many */
export async function deleteOldDispatches(db: Database, before: Date, limit: number): Promise<number> {
  const old: SQL = lte(dispatches.createdAt, before)
  const { meta } = await db
    .delete(dispatches)
    .where(inArray(dispatches.id, db.select({ id: dispatches.id }).from(dispatches).where(old).limit(limit)))
  return meta.changes
}
