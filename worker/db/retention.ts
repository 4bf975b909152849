/** Queries that delete what is overdue. Overwritten before it is deleted: SQLite leaves the bytes of a row in its page. */

import { subDays, subMonths } from 'date-fns'
import { asc, lte, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { Database } from './client'
import { zeros } from './overwrite'
import { pullErrors, pulls, results } from './schema'

/**
 * Results that show comments and may be older than so many months, oldest first. A month's end has more than one
 * reading: the caller decides, of a few days too many.
 */
export function resultsWithComments(db: Database, now: Date, months: number) {
  return db
    .select({ roundId: results.roundId, publishedAt: results.publishedAt })
    .from(results)
    .where(sql`${lte(results.publishedAt, subDays(subMonths(now, months), -4))} and json_array_length(${results.body}, '$.comments') > 0`)
    .orderBy(asc(results.publishedAt))
}

/** The statements that take the comments out of these results and change nothing else, for a batch of the caller's. */
export function clearComments(db: Database, roundIds: readonly string[]): BatchItem<'sqlite'>[] {
  if (roundIds.length === 0) return []
  const chosen = sql`round_id in (select value from json_each(${JSON.stringify(roundIds)}))`
  const without = sql`json_set(body, '$.comments', json('[]'))`
  const shorterBy = sql`length(cast(body as blob)) - length(cast(${without} as blob))`
  return [
    // As long as before, so that it is rewritten in place.
    db
      .update(results)
      .set({ body: sql`${without} || substr(replace(hex(zeroblob(${shorterBy})), '0', ' '), 1, ${shorterBy})` })
      .where(chosen),
    db.update(results).set({ body: sql`rtrim(body)` }).where(chosen),
  ]
}

/** How many row errors are of pulls that ran by then. */
export const countPullErrors = (db: Database, before: Date) =>
  db
    .select({ count: sql<number>`count(*)` })
    .from(pullErrors)
    .innerJoin(pulls, sql`${pulls.id} = ${pullErrors.pullId}`)
    .where(lte(pulls.startedAt, before))

/** Deletes row errors of pulls that ran by then. @returns how many */
export async function deletePullErrors(db: Database, before: Date, limit: number): Promise<number> {
  const due = sql`(pull_id, position) in (select e.pull_id, e.position from pull_errors e join pulls on pulls.id = e.pull_id
    where pulls.started_at <= ${before.getTime()} order by pulls.started_at, e.pull_id, e.position limit ${limit})`
  const [, deleted] = await db.batch([
    db
      .update(pullErrors)
      .set({ value: zeros(sql`length(cast(value as blob))`) })
      .where(due),
    db.delete(pullErrors).where(due),
  ])
  return deleted.meta.changes
}
