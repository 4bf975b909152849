/**
 * Pulls that are run: made once a slot, taken with a lease and a fence, moved on page by page. A page's rows, its cursor and
 * the lease are stored in one batch that begins with `guardPull`; whoever lost the pull meanwhile stores nothing.
 */
import { and, asc, eq, isNotNull, isNull, lte, or, sql } from 'drizzle-orm'
import type { FactKind } from '../core/facts'
import type { Database } from './client'
import { columnsOf, tables } from './fact-tables'
import { pulls, sources } from './schema'
import type { PullErrorRow, PullRow, SourceRow } from './sources'

/** Sources whose turn it is, those that wait longest first. */
export const dueSources = (db: Database, now: Date, limit: number): Promise<SourceRow[]> =>
  db
    .select()
    .from(sources)
    .where(and(eq(sources.state, 'active'), isNotNull(sources.everyMinutes), or(isNull(sources.dueAt), lte(sources.dueAt, now))))
    .orderBy(asc(sources.dueAt), asc(sources.id))
    .limit(limit)

export interface NewRun {
  id: string
  sourceId: string
  origin: 'schedule' | 'person'
  /** Null where somebody asked for it. */
  slot: string | null
  now: Date
  /** Where it begins, as services/pulling.ts understands it. */
  cursor: unknown
}

/** The statement that makes a pull, unless its slot has one, one is running, or the source is not active. */
export const insertRun = (db: Database, { id, sourceId, origin, slot, now, cursor }: NewRun): D1PreparedStatement =>
  db.$client
    .prepare(
      `insert into pulls (id, source_id, state, origin, slot, settings_version, started_at, due_at, cursor)
       select ?1, id, 'running', ?3, ?4, settings_version, ?5, ?5, ?6 from sources
       where id = ?2 and state = 'active' and not exists (select 1 from pulls where source_id = ?2 and state = 'running')
       on conflict (source_id, slot) do nothing`,
    )
    .bind(id, sourceId, origin, slot, now.getTime(), JSON.stringify(cursor))

/** The statement that puts a source off until then, where it is due. */
export const putOff = (db: Database, sourceId: string, now: Date, until: Date): D1PreparedStatement =>
  db.$client
    .prepare('update sources set due_at = ?3 where id = ?1 and (due_at is null or due_at <= ?2)')
    .bind(sourceId, now.getTime(), until.getTime())

export const runningPull = (db: Database, sourceId: string): Promise<PullRow | undefined> =>
  db.query.pulls.findFirst({ where: and(eq(pulls.sourceId, sourceId), eq(pulls.state, 'running')) })

/** Pulls that somebody may take now, oldest first. */
export async function claimablePulls(db: Database, now: Date, limit: number): Promise<string[]> {
  const rows = await db.select({ id: pulls.id }).from(pulls).where(claimable(now)).orderBy(asc(pulls.startedAt), asc(pulls.id)).limit(limit)
  return rows.map(({ id }) => id)
}

/** Takes a pull until then. @returns undefined where somebody else was faster, or it is over */
export async function claimPull(db: Database, id: string, now: Date, until: Date): Promise<PullRow | undefined> {
  const [row] = await db
    .update(pulls)
    .set({ fence: sql`${pulls.fence} + 1`, leasedUntil: until })
    .where(and(eq(pulls.id, id), claimable(now)))
    .returning()
  return row
}

const claimable = (now: Date) =>
  and(eq(pulls.state, 'running'), lte(pulls.dueAt, now), or(isNull(pulls.leasedUntil), lte(pulls.leasedUntil, now)))

/** A pull as somebody took it. */
export type Lease = Pick<PullRow, 'id' | 'fence'>

/**
 * The statement that goes first in a batch of a pull: it gives the batch up where somebody else took the pull, where it is
 * over, or where its source was paused, changed or deleted.
 */
export const guardPull = (db: Database, { id, fence }: Lease): D1PreparedStatement =>
  db.$client
    .prepare(
      `insert into guards (held) select null where not exists (
         select 1 from pulls join sources on sources.id = pulls.source_id
         where pulls.id = ?1 and pulls.fence = ?2 and pulls.state = 'running'
           and sources.state = 'active' and sources.settings_version = pulls.settings_version)`,
    )
    .bind(id, fence)

/** Whether a pull is still with whoever took it. */
export async function isOurs(db: Database, { id, fence }: Lease): Promise<boolean> {
  const [row] = await db
    .select({ id: pulls.id })
    .from(pulls)
    .where(and(eq(pulls.id, id), eq(pulls.fence, fence), eq(pulls.state, 'running')))
  return row !== undefined
}

export interface PageRecord {
  cursor: unknown
  bookmark: unknown
  read: number
  rejected: number
  total: number | null
  cost: number
  notices: unknown
  leasedUntil: Date
}

/** The statement that records a page, for the batch that stages its rows. */
export const recordPage = (db: Database, { id }: Lease, page: PageRecord): D1PreparedStatement =>
  db.$client
    .prepare(
      `update pulls set cursor = ?2, bookmark = ?3, pages = pages + 1, read = read + ?4, rejected = rejected + ?5, total = coalesce(?6, total),
         cost = cost + ?7, notices = ?8, leased_until = ?9, attempts = 0, detail = null where id = ?1`,
    )
    .bind(
      id,
      JSON.stringify(page.cursor),
      jsonOf(page.bookmark),
      page.read,
      page.rejected,
      page.total,
      Math.round(page.cost),
      jsonOf(page.notices),
      page.leasedUntil.getTime(),
    )

/** Remembers an attempt that failed, or gives the pull back until then. Changes nothing where somebody else has it. */
export async function holdPull(
  db: Database,
  { id, fence }: Lease,
  change: { leasedUntil: Date | null; dueAt?: Date; attempts?: number; detail?: unknown; cursor?: unknown },
): Promise<void> {
  await db
    .update(pulls)
    .set(change)
    .where(and(eq(pulls.id, id), eq(pulls.fence, fence), eq(pulls.state, 'running')))
}

export interface RunOutcome {
  state: 'done' | 'failed'
  finishedAt: Date
  inserted: number
  updated: number
  unchanged: number
  error: string | null
  detail: unknown
  notices: unknown
}

/** The statement that ends a pull, for the batch that publishes it or gives it up. */
export const finishPull = (db: Database, { id }: Lease, outcome: RunOutcome): D1PreparedStatement =>
  db.$client
    .prepare(
      `update pulls set state = ?2, finished_at = ?3, inserted = ?4, updated = ?5, unchanged = ?6, error = ?7, detail = ?8, notices = ?9,
         leased_until = null, due_at = null, cursor = null where id = ?1`,
    )
    .bind(
      id,
      outcome.state,
      outcome.finishedAt.getTime(),
      outcome.inserted,
      outcome.updated,
      outcome.unchanged,
      outcome.error,
      jsonOf(outcome.detail),
      jsonOf(outcome.notices),
    )

/** The statement that notes what is wrong with a source, and when it is tried again: not before then. */
export const noteSourceTrouble = (
  db: Database,
  sourceId: string,
  { trouble, stops, dueAt }: { trouble: unknown; stops: boolean; dueAt: Date },
): D1PreparedStatement =>
  db.$client
    .prepare(
      `update sources set trouble = ?2, state = case when ?3 then 'stopped' else state end, due_at = max(coalesce(due_at, 0), cast(?4 as integer))
       where id = ?1`,
    )
    .bind(sourceId, JSON.stringify(trouble), stops ? 1 : 0, dueAt.getTime())

/** The statements that end whatever runs of a source, or one pull of it, and forget what was read. */
export function cancelRuns(db: Database, sourceId: string, now: Date, pullId: string | null = null): D1PreparedStatement[] {
  const which = "source_id = ?1 and state = 'running' and (?2 is null or id = ?2)"
  return [
    db.$client.prepare(`delete from staged_facts where pull_id in (select id from pulls where ${which})`).bind(sourceId, pullId),
    db.$client
      .prepare(
        `update pulls set state = 'cancelled', finished_at = ?3, leased_until = null, due_at = null, cursor = null, detail = null where ${which}`,
      )
      .bind(sourceId, pullId, now.getTime()),
  ]
}

/** What the pulls of a source that began since then have cost of the vendor's quota, one of them left out. */
export async function costSince(db: Database, sourceId: string, since: Date, without: string): Promise<number> {
  const sum = await db.$client
    .prepare('select sum(cost) as cost from pulls where source_id = ?1 and started_at >= ?2 and id <> ?3')
    .bind(sourceId, since.getTime(), without)
    .first<number>('cost')
  return sum ?? 0
}

/** How many bad rows of one pull are kept. */
export const mostPullErrors = 5_000

/** The statements that add bad rows to those that a pull has already. */
export function appendPullErrors(
  db: Database,
  pullId: string,
  errors: readonly Omit<PullErrorRow, 'pullId' | 'position'>[],
): D1PreparedStatement[] {
  const statements: D1PreparedStatement[] = []
  for (let start = 0; start < errors.length; start += 1_000) {
    const rows = errors
      .slice(start, start + 1_000)
      .map(({ line, column, value, record, code, detail, fix }) => [line, column, value, code, detail, fix, record])
    statements.push(
      db.$client
        .prepare(
          `insert into pull_errors (pull_id, position, line, "column", value, code, detail, fix, record)
           select ?1, known.rows + given.key, given.value ->> 0, given.value ->> 1, given.value ->> 2, given.value ->> 3, given.value ->> 4,
             given.value ->> 5, given.value ->> 6
           from json_each(?2) as given, (select coalesce(max(position) + 1, 0) as rows from pull_errors where pull_id = ?1) as known
           where known.rows + given.key < ${mostPullErrors}`,
        )
        .bind(pullId, JSON.stringify(rows)),
    )
  }
  return statements
}

/** Of the newest pulls of a source, bad rows are kept of so many, and the record of so many. */
const kept = { errors: 30, pulls: 1_000 }

/** The statements that forget old pulls of a source: an hourly one would leave nine thousand a year. */
export const forgetOldRuns = (db: Database, sourceId: string): D1PreparedStatement[] =>
  [
    `delete from pull_errors where pull_id in (select id from pulls where source_id = ?1 and origin in ('schedule', 'person')
       order by started_at desc limit -1 offset ${kept.errors})`,
    `delete from pulls where id in (select id from pulls where source_id = ?1 and origin in ('schedule', 'person')
       order by started_at desc limit -1 offset ${kept.pulls})`,
  ].map((statement) => db.$client.prepare(statement).bind(sourceId))

/**
 * How many facts of a kind a source holds, and how many of them a pull has staged or brought itself.
 *
 * @returns by kind, those that are not deleted
 */
export async function holdings(
  db: Database,
  sourceId: string,
  pullId: string,
  kinds: readonly FactKind[],
): Promise<{ kind: FactKind; stored: number; staged: number }[]> {
  if (kinds.length === 0) return []
  const answers = await db.$client.batch<{ stored: number; staged: number }>(
    kinds.map((kind) =>
      db.$client
        .prepare(
          `select (select count(*) from ${tables[kind].name} where source_id = ?1 and deleted_at is null) as stored,
             (select count(*) from staged_facts where pull_id = ?2 and kind = '${kind}') as staged`,
        )
        .bind(sourceId, pullId),
    ),
  )
  return kinds.map((kind, index) => ({ kind, ...(answers[index]?.results[0] ?? { stored: 0, staged: 0 }) }))
}

/**
 * The statements that stage the end of every fact that a pull read whole and did not find: as it is stored, and deleted
 * then. What a pull publishes is in its staging, and nowhere else.
 */
export const stageMissing = (
  db: Database,
  sourceId: string,
  pullId: string,
  kinds: readonly FactKind[],
  deletedAt: Date,
): D1PreparedStatement[] =>
  kinds.map((kind) => {
    const cells = columnsOf(kind).map((column) => (column === 'deleted_at' ? 'cast(?3 as integer)' : `stored.${column}`))
    return db.$client
      .prepare(
        `insert into staged_facts (pull_id, kind, external_id, body)
         select ?2, '${kind}', stored.external_id, json_array(${cells.join(', ')}) from ${tables[kind].name} as stored
         where stored.source_id = ?1 and stored.deleted_at is null
           and not exists (select 1 from staged_facts where pull_id = ?2 and kind = '${kind}' and external_id = stored.external_id)`,
      )
      .bind(sourceId, pullId, deletedAt.getTime())
  })

const jsonOf = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value))

/** Notes that the owner of a source was told then, or (null) told that it works again. @returns whether nobody did so since `before` */
export async function markAlerted(db: Database, sourceId: string, before: Date | null, told: Date | null): Promise<boolean> {
  const rows = await db
    .update(sources)
    .set({ alertedAt: told })
    .where(and(eq(sources.id, sourceId), before === null ? isNull(sources.alertedAt) : eq(sources.alertedAt, before)))
    .returning({ id: sources.id })
  return rows.length > 0
}

/** Whether a source that somebody relies on has brought nothing for twice as long as expected, or stopped by itself. */
export async function isAnySourceOverdue(db: Database, now: Date): Promise<boolean> {
  const found = await db.$client
    .prepare(
      `select exists (select 1 from sources where state = 'stopped'
         or (state = 'active' and last_success_at < ?1 - 2 * 86400000.0 * expected_every_days)) as overdue`,
    )
    .bind(now.getTime())
    .first<number>('overdue')
  return found === 1
}
