/** Sources, their pulls and the errors of their rows. */
import { and, asc, desc, eq, gt, lt, or } from 'drizzle-orm'
import type { Database } from './client'
import { pullErrors, pulls, sources } from './schema'

export type SourceRow = typeof sources.$inferSelect
export type PullRow = typeof pulls.$inferSelect
export type PullErrorRow = typeof pullErrors.$inferSelect

export const findSource = (db: Database, id: string): Promise<SourceRow | undefined> =>
  db.query.sources.findFirst({ where: eq(sources.id, id) })

/** Oldest first; `cursor` is the `next` of an earlier page. */
export async function pageOfSources(
  db: Database,
  page: { cursor?: string | undefined; limit: number },
): Promise<{ rows: SourceRow[]; next: string | null }> {
  const [at, id = ''] = cursorParts(page.cursor)
  const rows = await db
    .select()
    .from(sources)
    .where(at === undefined ? undefined : or(gt(sources.createdAt, at), and(eq(sources.createdAt, at), gt(sources.id, id))))
    .orderBy(asc(sources.createdAt), asc(sources.id))
    .limit(page.limit + 1)
  return pageOf(rows, page.limit, (row) => cursorOf(row.createdAt, row.id))
}

/** Newest first. */
export async function pageOfPulls(
  db: Database,
  sourceId: string,
  page: { cursor?: string | undefined; limit: number },
): Promise<{ rows: PullRow[]; next: string | null }> {
  const [at, id = ''] = cursorParts(page.cursor)
  const later = at === undefined ? undefined : or(lt(pulls.startedAt, at), and(eq(pulls.startedAt, at), lt(pulls.id, id)))
  const rows = await db
    .select()
    .from(pulls)
    .where(and(eq(pulls.sourceId, sourceId), later))
    .orderBy(desc(pulls.startedAt), desc(pulls.id))
    .limit(page.limit + 1)
  return pageOf(rows, page.limit, (row) => cursorOf(row.startedAt, row.id))
}

export const findPull = (db: Database, sourceId: string, id: string): Promise<PullRow | undefined> =>
  db.query.pulls.findFirst({ where: and(eq(pulls.sourceId, sourceId), eq(pulls.id, id)) })

/** The errors of a pull's rows, by line. */
export const listPullErrors = (db: Database, pullId: string, limit = -1): Promise<PullErrorRow[]> =>
  db.select().from(pullErrors).where(eq(pullErrors.pullId, pullId)).orderBy(asc(pullErrors.position)).limit(limit)

export interface NewPull {
  id: string
  sourceId: string
  state: 'done' | 'failed'
  origin: 'upload' | 'push'
  layout: string | null
  fileName: string | null
  startedAt: Date
  finishedAt: Date
  read: number
  inserted: number
  updated: number
  unchanged: number
  rejected: number
  error: string | null
  settingsVersion: number
}

/**
 * The statement that records a pull, and with it guards the batch: where the source was changed since its settings were
 * read, the id becomes null, which the table refuses, and nothing of the batch happens.
 */
export function insertPull(db: Database, pull: NewPull): D1PreparedStatement {
  return db.$client
    .prepare(
      `insert into pulls (id, source_id, state, layout, file_name, started_at, finished_at, read, inserted, updated, unchanged, rejected, error,
         settings_version, origin)
       select case when exists (select 1 from sources where id = ?2 and settings_version = ?14) then ?1 end,
         ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15`,
    )
    .bind(
      pull.id,
      pull.sourceId,
      pull.state,
      pull.layout,
      pull.fileName,
      pull.startedAt.getTime(),
      pull.finishedAt.getTime(),
      pull.read,
      pull.inserted,
      pull.updated,
      pull.unchanged,
      pull.rejected,
      pull.error,
      pull.settingsVersion,
      pull.origin,
    )
}

/** Whether a batch was given up because the source was changed or deleted in between. */
export const isOvertaken = (message: string): boolean => message.includes('NOT NULL constraint failed: pulls.id')

export function insertPullErrors(
  db: Database,
  pullId: string,
  errors: readonly Omit<PullErrorRow, 'pullId' | 'position'>[],
): D1PreparedStatement[] {
  const statements: D1PreparedStatement[] = []
  for (let start = 0; start < errors.length; start += errorsAStatement) {
    const rows = errors
      .slice(start, start + errorsAStatement)
      .map(({ line, column, value, record, code, detail, fix }, index) => [start + index, line, column, value, code, detail, fix, record])
    statements.push(
      db.$client
        .prepare(
          `insert into pull_errors (pull_id, position, line, "column", value, code, detail, fix, record)
           select ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7 from json_each(?2)`,
        )
        .bind(pullId, JSON.stringify(rows)),
    )
  }
  return statements
}

/**
 * A source was read to its end at that moment; `hasNews` when that changed a fact. Whatever was wrong with it is over. What
 * was read earlier takes no date back: of an upload and a pull at once, the later one's stays.
 */
export function markSuccess(
  db: Database,
  { sourceId, at, hasNews, bookmark }: { sourceId: string; at: Date; hasNews: boolean; bookmark?: unknown },
): D1PreparedStatement {
  return db.$client
    .prepare(
      `update sources set last_success_at = max(coalesce(last_success_at, 0), cast(?2 as integer)),
         last_new_data_at = case when ?3 then max(coalesce(last_new_data_at, 0), cast(?2 as integer)) else last_new_data_at end,
         bookmark = case when ?4 then ?5 else bookmark end, trouble = null
       where id = ?1`,
    )
    .bind(sourceId, at.getTime(), hasNews ? 1 : 0, bookmark === undefined ? 0 : 1, bookmark == null ? null : JSON.stringify(bookmark))
}

/** The statements that delete a source with its pulls and their errors. */
export function deleteSourceRows(db: Database, sourceId: string): D1PreparedStatement[] {
  return [
    'delete from pull_errors where pull_id in (select id from pulls where source_id = ?1)',
    'delete from pulls where source_id = ?1',
    'delete from idempotency_keys where source_id = ?1',
    'delete from sources where id = ?1',
  ].map((statement) => db.$client.prepare(statement).bind(sourceId))
}

/** Details and fixes are sentences of ours, values at most 200 characters: 1,000 rows stay under the 2 MB of a parameter. */
const errorsAStatement = 1_000

function pageOf<Row>(rows: Row[], limit: number, cursor: (row: Row) => string): { rows: Row[]; next: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, next: rows.length > limit && last ? cursor(last) : null }
}

const cursorOf = (at: Date, id: string) => `${at.getTime()}~${id}`

function cursorParts(cursor: string | undefined): [Date | undefined, string?] {
  const [at, id] = cursor?.split('~') ?? []
  return at === undefined ? [undefined] : [new Date(Number(at)), id ?? '']
}

/** Names of all sources by id. */
export async function listSourceNames(db: Database): Promise<ReadonlyMap<string, string>> {
  const rows = await db.select({ id: sources.id, name: sources.name }).from(sources)
  return new Map(rows.map(({ id, name }) => [id, name]))
}
