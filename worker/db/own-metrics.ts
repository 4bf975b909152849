/** Metrics that the organisation brings itself. */
import { asc, eq, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { Better, OwnKey, OwnMetric, Unit } from '../core/metrics'
import type { Database } from './client'
import { metricValues, ownMetrics } from './schema'

/** The query of all of them, for a batch of the caller's. */
export const selectOwnMetrics = (db: Database) => db.select().from(ownMetrics).orderBy(asc(ownMetrics.createdAt), asc(ownMetrics.key))

/** All of them, oldest first. */
export const listOwnMetrics = async (db: Database): Promise<OwnMetric[]> => (await selectOwnMetrics(db)).map(ownMetricIn)

export async function findOwnMetric(db: Database, key: OwnKey): Promise<OwnMetric | undefined> {
  const row = await db.query.ownMetrics.findFirst({ where: eq(ownMetrics.key, key) })
  return row && ownMetricIn(row)
}

/** @returns false where the key is taken, or there are as many as there may be */
export async function insertOwnMetric(db: Database, { key, name, unit, better }: OwnMetric, at: Date, most: number): Promise<boolean> {
  const result = await db.run(sql`
    insert into own_metrics (key, name, unit, better, created_at)
    select ${key}, ${name}, ${unit}, ${better}, ${at.getTime()} where (select count(*) from own_metrics) < ${most}
    on conflict (key) do nothing`)
  return result.meta.changes > 0
}

/** @returns undefined where there is none */
export async function updateOwnMetric(db: Database, key: OwnKey, change: Partial<Omit<OwnMetric, 'key'>>): Promise<OwnMetric | undefined> {
  const [row] = await db.update(ownMetrics).set(change).where(eq(ownMetrics.key, key)).returning()
  return row && ownMetricIn(row)
}

/** The statements that remove a metric with its values. */
export const deleteOwnMetric = (db: Database, key: OwnKey): BatchItem<'sqlite'>[] => [
  db.delete(ownMetrics).where(eq(ownMetrics.key, key)),
  db.delete(metricValues).where(eq(metricValues.metric, key)),
]

export const ownMetricIn = (row: typeof ownMetrics.$inferSelect): OwnMetric => ({
  key: row.key as OwnKey,
  name: row.name,
  unit: row.unit as Unit,
  better: row.better as Better,
})
