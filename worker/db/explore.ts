/** Queries over what all closed rounds published: one group, or one measure, from round to round. */
import { asc, desc, eq, type SQL, sql } from 'drizzle-orm'
import type { NodeResult, RoundResult, StatementGap, ThemeGap } from '../core/result'
import type { FrozenRound, Item, Side } from '../core/round'
import type { Database } from './client'
import { observations, results, rounds } from './schema'

/** A group of a round's tree: by its id, the topmost of a side, or the company. */
export type GroupPick = { id: string } | { side: Exclude<Side, 'other'> } | 'company'

/**
 * Every closed round with a result, oldest first, for a batch of the caller's: what it says of one group, and of both sides.
 *
 * @param pick whose figures; null for nobody's
 */
export const selectCourse = (db: Database, pick: GroupPick | null) =>
  db
    .select({
      roundId: results.roundId,
      number: rounds.number,
      period: rounds.period,
      closedAt: rounds.closedAt,
      methodVersion: results.methodVersion,
      node: sql<NodeResult | null>`${pick === null ? sql`null` : nodeOf(pick)}`.mapWith(parsed<NodeResult>).as('node'),
      gaps: sql<ThemeGap[] | null>`json_extract(${results.body}, '$.gaps')`.mapWith(parsed<ThemeGap[]>).as('gaps'),
      statements: sql<StatementGap[] | null>`json_extract(${results.body}, '$.statements')`
        .mapWith(parsed<StatementGap[]>)
        .as('statements'),
      /** Ids of what it asked; null for rounds of early versions. */
      asked: sql<string[] | null>`(select json_group_array(json_extract(value, '$.id')) from json_each(${rounds.frozen}, '$.items'))`
        .mapWith(parsed<string[]>)
        .as('asked'),
      membership: sql<FrozenRound['membership'] | null>`json_extract(${rounds.frozen}, '$.membership')`
        .mapWith(parsed<NonNullable<FrozenRound['membership']>>)
        .as('membership'),
    })
    .from(results)
    .innerJoin(rounds, eq(rounds.id, results.roundId))
    .where(eq(rounds.state, 'closed'))
    .orderBy(asc(rounds.number))

export type CourseRow = Awaited<ReturnType<typeof selectCourse>>[number]

/** The result of a round, what it asked, who joined and left, and the result of the round that was opened directly before it. */
export async function findChosen(
  db: Database,
  roundId: string,
): Promise<{ result: RoundResult; items: Item[]; membership: FrozenRound['membership']; earlier: RoundResult | undefined } | undefined> {
  const before = sql`(${rounds.openedAt}, ${rounds.number}) < (select opened_at, number from rounds where id = ${roundId})`
  const body = { body: results.body }
  const [[row], [earlier]] = await db.batch([
    db
      .select({ ...body, frozen: rounds.frozen })
      .from(results)
      .innerJoin(rounds, eq(rounds.id, results.roundId))
      .where(eq(rounds.id, roundId)),
    db
      .select(body)
      .from(results)
      .innerJoin(rounds, eq(rounds.id, results.roundId))
      .where(before)
      .orderBy(desc(rounds.openedAt), desc(rounds.number))
      .limit(1),
  ])
  if (!row) return undefined
  const frozen = row.frozen as FrozenRound | null
  return {
    result: row.body as RoundResult,
    items: [...(frozen?.items ?? [])],
    membership: frozen?.membership,
    earlier: earlier?.body as RoundResult | undefined,
  }
}

/** Whole months of one metric, oldest first, for a batch of the caller's. */
export const selectMonths = (db: Database, metric: string) =>
  db
    .select({ period: observations.period, value: observations.value, provisional: observations.provisional, asOf: observations.asOf })
    .from(observations)
    .where(sql`${observations.metric} = ${metric} and ${observations.basis} = 'period'`)
    .orderBy(asc(observations.period))

/** Without what it chose of definitions, which no line is made of. */
function nodeOf(pick: GroupPick): SQL {
  const side = (of: string) => sql.raw(`json_extract(${of}.value, '$.side')`)
  const where =
    pick === 'company'
      ? sql`json_extract(node.value, '$.parentId') is null`
      : 'id' in pick
        ? sql`json_extract(node.value, '$.id') = ${pick.id}`
        : sql`${side('node')} = ${pick.side} and not exists (
            select 1 from json_each(${results.body}, '$.nodes') above
            where json_extract(above.value, '$.id') = json_extract(node.value, '$.parentId') and ${side('above')} = ${pick.side})`
  return sql`(select json_remove(node.value, '$.definitions') from json_each(${results.body}, '$.nodes') node where ${where} order by node.key limit 1)`
}

const parsed = <T>(text: string): T => JSON.parse(text) as T
