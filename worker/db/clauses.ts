/** Clauses by version, what was reported of them, and how their due dates came out. */
import { asc, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { Clause, ClauseHistory } from '../core/clause'
import type { ScoredClause } from '../core/process'
import type { Evaluation } from '../core/sla'
import type { Database } from './client'
import { clauseReports, clauses, evaluations } from './schema'

/** Every version of every clause, for a batch of the caller's; read with `clausesIn`. */
export const selectClauses = (db: Database) => db.select().from(clauses).orderBy(asc(clauses.id), asc(clauses.version))

export interface StoredClause extends ClauseHistory {
  /** When it was first decided, and last changed; the latter also says how long a change can be taken back. */
  createdAt: Date
  changedAt: Date
}

type ClauseRow = Awaited<ReturnType<typeof selectClauses>>[number]

/** What `selectClauses` read: in the order in which they were decided. */
export function clausesIn(rows: readonly ClauseRow[]): StoredClause[] {
  const byId = new Map<string, ClauseRow[]>()
  for (const row of rows) byId.set(row.id, [...(byId.get(row.id) ?? []), row])
  return [...byId.values()]
    .map((versions) => {
      const [first, last] = [versions[0] as ClauseRow, versions.at(-1) as ClauseRow]
      return {
        id: first.id,
        versions: versions.map(({ version, fromDay, body }) => ({ version, fromDay, body: body as Clause })),
        endDay: last.endDay,
        createdAt: first.createdAt,
        changedAt: last.createdAt,
      }
    })
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1))
}

export const listClauses = async (db: Database): Promise<StoredClause[]> => clausesIn(await selectClauses(db))

/** Every evaluation, oldest first, for a batch of the caller's; read with `evaluationsIn`. */
export const selectEvaluations = (db: Database) => db.select().from(evaluations).orderBy(asc(evaluations.clauseId), asc(evaluations.dueAt))

/** What `selectEvaluations` read, by clause. */
export function evaluationsIn(rows: Awaited<ReturnType<typeof selectEvaluations>>): Map<string, Evaluation[]> {
  const found = new Map<string, Evaluation[]>()
  for (const { clauseId, dueAt, asOf, ...row } of rows) {
    const own = found.get(clauseId) ?? []
    found.set(clauseId, own)
    own.push({ ...row, dueAt: dueAt.getTime(), asOf: asOf?.getTime() ?? null })
  }
  return found
}

/** The statements that put these evaluations of a clause in the place of all from a moment on, for a batch of the caller's. */
export function replaceEvaluations(db: Database, clauseId: string, from: number, rows: readonly Evaluation[]): D1PreparedStatement[] {
  const cells = rows.map((row) => [
    row.dueAt,
    row.dueDay,
    row.version,
    row.state,
    row.value,
    row.numerator,
    row.denominator,
    row.target,
    row.asOf,
  ])
  return [
    db.$client.prepare('delete from evaluations where clause_id = ?1 and due_at >= ?2').bind(clauseId, from),
    db.$client
      .prepare(
        `insert or replace into evaluations (clause_id, due_at, due_day, version, state, value, numerator, denominator, target, as_of)
         select ?1, ${cells[0]?.map((_, index) => `value ->> ${index}`).join(', ') ?? ''} from json_each(?2)`,
      )
      .bind(clauseId, JSON.stringify(cells)),
  ].slice(0, rows.length === 0 ? 1 : 2)
}

/** What was reported, by clause and day, for a batch of the caller's. */
export const selectReports = (db: Database) =>
  db.select().from(clauseReports).orderBy(asc(clauseReports.clauseId), asc(clauseReports.dueDay))

/** Clauses by month, for scores: a few rows a clause. Read with `scoredIn`. */
export const selectClauseMonths = (db: Database) =>
  db
    .select({
      clauseId: evaluations.clauseId,
      period: sql<string>`substr(${evaluations.dueDay}, 1, 7)`.as('month'),
      kept: sql<number>`sum(${evaluations.state} = 'kept')`.as('kept'),
      missed: sql<number>`sum(${evaluations.state} = 'missed')`.as('missed'),
      open: sql<number>`sum(${evaluations.state} = 'open')`.as('still_open'),
      newest: sql<number>`max(${evaluations.version})`.as('newest'),
    })
    .from(evaluations)
    .groupBy(sql`1, 2`)
    .orderBy(sql`1, 2`)

/** What `selectClauses` and `selectClauseMonths` read. */
export function scoredIn(clauseRows: readonly ClauseRow[], months: Awaited<ReturnType<typeof selectClauseMonths>>): ScoredClause[] {
  return clausesIn(clauseRows).map(({ id, versions, endDay }) => ({
    id,
    fromDay: versions.map(({ fromDay }) => fromDay).sort()[0] ?? '',
    endDay,
    months: months
      .filter(({ clauseId }) => clauseId === id)
      .flatMap(({ clauseId: _, newest, ...month }) => {
        const held = versions.find(({ version }) => version === newest)
        return held ? [{ ...month, clause: held.body }] : []
      }),
  }))
}

/** The statements that forget a clause with everything about it, for a batch of the caller's. */
export const forgetClause = (db: Database, id: string): [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]] => [
  db.delete(clauses).where(sql`${clauses.id} = ${id}`),
  db.delete(clauseReports).where(sql`${clauseReports.clauseId} = ${id}`),
  db.delete(evaluations).where(sql`${evaluations.clauseId} = ${id}`),
]

/** The statement that goes first in a batch which stores what was counted: it aborts it where facts were published since. */
export const holdFactRevision = (db: Database, seen: number): D1PreparedStatement =>
  db.$client
    .prepare('insert into guards (held) select null where coalesce((select revision from fact_revision where id = 1), 0) <> ?1')
    .bind(seen)

/** The statement that notes what the stored evaluations were made of. */
export const writeStamp = (db: Database, key: string, stamp: string): D1PreparedStatement =>
  db.$client
    .prepare('insert into settings (key, value) values (?1, ?2) on conflict (key) do update set value = excluded.value')
    .bind(key, JSON.stringify(stamp))
