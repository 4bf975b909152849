/** KPIs by month: replaced as a whole after each pull, read by pages, API and score. */
import { and, asc, eq, gt, gte, lte } from 'drizzle-orm'
import type { Basis, CohortWindow, MetricKey, Observation } from '../core/metrics'
import type { Database } from './client'
import { chunksOf } from './fact-tables'
import { observations } from './schema'

export interface ObservationsQuery {
  metric?: MetricKey | undefined
  basis?: Basis | undefined
  window?: CohortWindow | '' | undefined
  /** Months, both included. */
  from?: string | undefined
  to?: string | undefined
  /** Only later months. */
  after?: string | undefined
  limit?: number | undefined
}

/**
 * Observations by metric, basis, window and month, earliest first. Without `metric`: of all metrics.
 *
 * @example await listObservations(db, { metric: 'sales_cycle', from: '2026-01' })
 */
export async function listObservations(db: Database, query: ObservationsQuery = {}): Promise<Observation[]> {
  const rows = await db
    .select()
    .from(observations)
    .where(
      and(
        query.metric ? eq(observations.metric, query.metric) : undefined,
        query.basis ? eq(observations.basis, query.basis) : undefined,
        query.window === undefined ? undefined : eq(observations.window, query.window),
        query.from ? gte(observations.period, query.from) : undefined,
        query.to ? lte(observations.period, query.to) : undefined,
        query.after ? gt(observations.period, query.after) : undefined,
      ),
    )
    .orderBy(asc(observations.metric), asc(observations.basis), asc(observations.window), asc(observations.period))
    .limit(query.limit ?? -1)
  return rows as Observation[]
}

/** The statements that put these observations in the place of all earlier ones. */
export function replaceObservations(db: Database, items: readonly Observation[]): D1PreparedStatement[] {
  const rows = items.map((item) => columns.map(([, key]) => plain(item[key])))
  const names = columns.map(([name]) => `"${name}"`).join(', ')
  const values = columns.map((_, index) => `value ->> ${index}`).join(', ')
  return [
    db.$client.prepare('delete from observations'),
    ...chunksOf(rows).map((chunk) =>
      db.$client.prepare(`insert into observations (${names}) select ${values} from json_each(?1)`).bind(chunk),
    ),
    // Whoever finds facts of a later revision than the observations computes them again.
    db.$client.prepare(
      `insert into fact_revision (id, revision) select 3, coalesce(max(revision) filter (where id = 1), 0) from fact_revision where true
       on conflict (id) do update set revision = excluded.revision`,
    ),
  ]
}

/** Whether facts, rates or rules changed since the observations were made of them. */
export async function areObservationsOld(db: Database): Promise<boolean> {
  const row = await db.$client
    .prepare('select max(revision) filter (where id = 1) > max(revision) filter (where id = 3) as old from fact_revision')
    .first<{ old: number | null }>()
  return row?.old === 1
}

const plain = (value: string | number | boolean | Date | null) =>
  value instanceof Date ? value.getTime() : typeof value === 'boolean' ? Number(value) : value

const columns = [
  ['metric', 'metric'],
  ['basis', 'basis'],
  ['window', 'window'],
  ['period', 'period'],
  ['value', 'value'],
  ['numerator', 'numerator'],
  ['denominator', 'denominator'],
  ['count', 'count'],
  ['mean', 'mean'],
  ['p90', 'p90'],
  ['provisional', 'provisional'],
  ['as_of', 'asOf'],
] as const satisfies readonly (readonly [string, keyof Observation])[]
