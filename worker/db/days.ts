/** The days of facts, made again of their moments when the reporting time zone changes. */
import { isNotNull, type SQL, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { offsetSpans } from '../core/zone-offsets'
import type { Database } from './client'
import { activities, deals, leads, stageEvents, touches } from './schema'

/**
 * The statements that put facts whose moment is known onto the days of a zone. A fact of which the source says only the day
 * keeps it: it was a local day already.
 */
export async function moveDays(db: Database, timeZone: string): Promise<BatchItem<'sqlite'>[]> {
  const { first, last } = await db.get<{ first: number | null; last: number | null }>(sql`
    select min(first) as first, max(last) as last from (
      select min(created_at) as first, max(created_at) as last from leads
      union all select min(created_at), max(max(created_at), max(closed_at)) from deals
      union all select min(at), max(at) from stage_events
      union all select min(at), max(at) from activities
      union all select min(at), max(at) from touches)`)
  if (first === null || last === null) return []
  const spans = offsetSpans(timeZone, first, last)
  /** Numbers are written out: there may be more of them than a query may have parameters. */
  const dayOf = (moment: SQLiteColumn): SQL<string> => {
    const [earliest, ...later] = spans
    const cases = later.map(
      ({ from }, index) => sql`when ${moment} < ${sql.raw(String(from))} then ${sql.raw(String(spans[index]?.offset ?? 0))}`,
    )
    const lastOffset = sql.raw(String(spans.at(-1)?.offset ?? earliest?.offset ?? 0))
    const offset = cases.length === 0 ? lastOffset : sql`case ${sql.join(cases, sql` `)} else ${lastOffset} end`
    return sql<string>`date((${moment} + ${offset}) / 1000, 'unixepoch')`
  }
  const changed = (moment: SQLiteColumn, day: SQLiteColumn) => sql`${isNotNull(moment)} and ${day} <> ${dayOf(moment)}`
  return [
    db
      .update(leads)
      .set({ createdDay: dayOf(leads.createdAt) })
      .where(changed(leads.createdAt, leads.createdDay)),
    db
      .update(deals)
      .set({ createdDay: dayOf(deals.createdAt) })
      .where(changed(deals.createdAt, deals.createdDay)),
    db
      .update(deals)
      .set({ closedDay: dayOf(deals.closedAt) })
      .where(changed(deals.closedAt, deals.closedDay)),
    db
      .update(stageEvents)
      .set({ day: dayOf(stageEvents.at) })
      .where(changed(stageEvents.at, stageEvents.day)),
    db
      .update(activities)
      .set({ day: dayOf(activities.at) })
      .where(changed(activities.at, activities.day)),
    db
      .update(touches)
      .set({ day: dayOf(touches.at) })
      .where(changed(touches.at, touches.day)),
  ]
}
