/** Queries about rounds and their cohorts. */
import { and, asc, desc, eq, inArray, isNull, lt, lte, ne, type SQL, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { RoundResult, Score } from '../core/result'
import type { FrozenRound } from '../core/round'
import type { Database } from './client'
import { ballotSlots, cohorts, results, rounds, scores } from './schema'
import { scoreIn } from './scores'

export type Round = Omit<typeof rounds.$inferSelect, 'frozen'> & { frozen: FrozenRound | null }

export async function findRound(db: Database, id: string): Promise<Round | undefined> {
  return (await db.query.rounds.findFirst({ where: eq(rounds.id, id) })) as Round | undefined
}

/** Rules and counts of an open round. The counts are not for anybody's eyes before suppression. */
export interface OpenCounts {
  frozen: FrozenRound
  /** In tree order. */
  cohorts: { nodeId: string; invited: number; cast: number }[]
}

/**
 * What a list of rounds shows of each; `open` is null unless it is, `counted` is what was published.
 * Only in a query with a join: without one, drizzle leaves the table names away and the sub-query would count another thing.
 */
const summary = {
  id: rounds.id,
  number: rounds.number,
  period: rounds.period,
  state: rounds.state,
  opensAt: rounds.opensAt,
  closesAt: rounds.closesAt,
  openedAt: rounds.openedAt,
  closingAt: rounds.closingAt,
  closedAt: rounds.closedAt,
  slot: rounds.slot,
  shiftedDays: rounds.shiftedDays,
  minimumGroupSize: sql<number | null>`json_extract(${rounds.frozen}, '$.minimumGroupSize')`,
  mixMinutes: sql<number | null>`json_extract(${rounds.frozen}, '$.mixMinutes')`,
  invited: sql<number | null>`json_extract(${rounds.frozen}, '$.invited')`,
  counted: sql<number | null>`json_extract(${results.body}, '$.n')`,
  open: sql<OpenCounts | null>`case when ${rounds.state} = 'open' then json_object('frozen', json(${rounds.frozen}), 'cohorts', (
    select json_group_array(json_object('nodeId', node_id, 'invited', invited, 'cast', (
      select count(*) from ${ballotSlots} where ${ballotSlots.roundId} = ${rounds.id} and ${ballotSlots.cohort} = own.cohort
        and ${ballotSlots.token} <> zeroblob(32))) order by cast(substr(own.cohort, 2) as integer))
    from ${cohorts} own where own.round_id = ${rounds.id})) end`.mapWith((text: string) => JSON.parse(text) as OpenCounts),
}

export type RoundSummary = Awaited<ReturnType<typeof listSummaries>>[number]

/** Newest first. */
export function listSummaries(db: Database, page: { before?: number | undefined; limit: number }) {
  return summaries(db, page.before === undefined ? undefined : lt(rounds.number, page.before)).limit(page.limit)
}

export async function findSummary(db: Database, id: string): Promise<RoundSummary | undefined> {
  return (await summaries(db, eq(rounds.id, id)))[0]
}

/** The number of the round that opens next. */
export async function nextNumber(db: Database): Promise<number> {
  const [row] = await db
    .select({ number: sql<number>`coalesce(max(${rounds.number}), 0) + 1` })
    .from(rounds)
    .where(ne(rounds.state, 'scheduled'))
  return row?.number ?? 1
}

/**
 * The statements that number the scheduled rounds in the order in which they will open, for a batch of the caller's: a
 * round's number says when it was opened. Those without a moment wait for somebody, and are next.
 *
 * @param first the round that is to be the next one, whatever is planned
 */
export function numberScheduled(db: Database, first = ''): BatchItem<'sqlite'>[] {
  const isScheduled = eq(rounds.state, 'scheduled')
  const ranked = sql`(select id as ranked_id, row_number() over (order by id = ${first} desc, opens_at is not null, opens_at, number) as place
    from rounds where state = 'scheduled') as ranked`
  return [
    // In two steps, since no two rounds have one number in between either.
    db.update(rounds).set({ number: sql`-place` }).from(ranked).where(sql`ranked_id = ${rounds.id}`),
    db
      .update(rounds)
      .set({ number: sql`(select coalesce(max(number), 0) from rounds where state <> 'scheduled') - number` })
      .where(isScheduled),
  ]
}

/** Whether a round takes ballots that must wait before they are stored. */
export async function takesMixedBallots(db: Database): Promise<boolean> {
  const waits = sql`json_extract(${rounds.frozen}, '$.mixMinutes') is not null`
  const found = await db
    .select({ id: rounds.id })
    .from(rounds)
    .where(and(eq(rounds.state, 'open'), isNull(rounds.closingAt), waits))
  return found.length > 0
}

/** Everything of a cohort that is public. */
export function listCohorts(db: Database, roundId: string) {
  return db
    .select({
      cohort: cohorts.cohort,
      nodeId: cohorts.nodeId,
      invited: cohorts.invited,
      publicKey: cohorts.publicKey,
      fingerprint: cohorts.fingerprint,
    })
    .from(cohorts)
    .where(eq(cohorts.roundId, roundId))
    .orderBy(inTreeOrder)
}

export async function findResult(db: Database, roundId: string): Promise<RoundResult | undefined> {
  const row = await db.query.results.findFirst({ where: eq(results.roundId, roundId) })
  return row?.body as RoundResult | undefined
}

/**
 * What both sides answered to number questions, round by round, newest first, up to the round with this number: for a batch of the
 * caller's.
 */
export const selectNumbers = (db: Database, limit: number, number?: number) =>
  db
    .select({
      number: rounds.number,
      period: rounds.period,
      numbers: sql<string | null>`json_extract(${results.body}, '$.numbers')`
        .mapWith((text: string | null) => JSON.parse(text ?? '[]') as NonNullable<RoundResult['numbers']>)
        .as('numbers'),
    })
    .from(results)
    .innerJoin(rounds, eq(rounds.id, results.roundId))
    .where(number === undefined ? undefined : lte(rounds.number, number))
    .orderBy(desc(rounds.number))
    .limit(limit)

/** The groups of a round's result and of those before it, the latest `limit` of them; nothing of a round without one. */
export async function listNodesUpTo(db: Database, roundId: string, limit: number): Promise<Pick<RoundResult, 'number' | 'nodes'>[]> {
  const latest = await db
    .select({ id: rounds.id, number: rounds.number, nodes: sql<string>`json_extract(${results.body}, '$.nodes')` })
    .from(results)
    .innerJoin(rounds, eq(rounds.id, results.roundId))
    .where(sql`(${rounds.openedAt}, ${rounds.number}) <= (select opened_at, number from rounds where id = ${roundId})`)
    .orderBy(desc(rounds.openedAt), desc(rounds.number))
    .limit(limit)
  if (latest[0]?.id !== roundId) return []
  return latest.map(({ number, nodes }) => ({ number, nodes: JSON.parse(nodes) as RoundResult['nodes'] }))
}

/** The latest round that had closed when this one opened; undefined for the first one, and for one that has not opened. */
export async function findClosedBefore(db: Database, roundId: string): Promise<string | undefined> {
  const [before] = await db
    .select({ id: rounds.id })
    .from(rounds)
    .where(and(eq(rounds.state, 'closed'), sql`${rounds.closedAt} <= (select opened_at from rounds where id = ${roundId})`))
    .orderBy(desc(rounds.closedAt), desc(rounds.number))
    .limit(1)
  return before?.id
}

/** A result, who joined and left since the round that was opened directly before it, and what that one published. */
export async function findResultWithEarlier(
  db: Database,
  roundId: string,
): Promise<{ result: RoundResult | undefined; membership: FrozenRound['membership']; earlier: RoundResult | undefined }> {
  const latest = await db
    .select({ id: rounds.id, membership: sql<string | null>`json_extract(${rounds.frozen}, '$.membership')`, body: results.body })
    .from(results)
    .innerJoin(rounds, eq(rounds.id, results.roundId))
    .where(sql`(${rounds.openedAt}, ${rounds.number}) <= (select opened_at, number from rounds where id = ${roundId})`)
    .orderBy(desc(rounds.openedAt), desc(rounds.number))
    .limit(2)
  const [row, earlier] = latest[0]?.id === roundId ? latest : []
  return {
    result: row?.body as RoundResult | undefined,
    membership: row?.membership ? (JSON.parse(row.membership) as FrozenRound['membership']) : undefined,
    earlier: earlier?.body as RoundResult | undefined,
  }
}

/** Rounds that have been opened, in that order; `published` where there is a result. */
export async function listOpened(db: Database) {
  return db
    .select({
      id: rounds.id,
      number: rounds.number,
      period: rounds.period,
      state: rounds.state,
      published: sql<boolean>`${results.roundId} is not null`.mapWith(Boolean),
    })
    .from(rounds)
    .leftJoin(results, eq(results.roundId, rounds.id))
    .orderBy(asc(sql`${rounds.state} = 'scheduled'`), asc(rounds.openedAt), asc(rounds.number))
}

/** Of closed rounds what one line says of each: how far the sides are apart, and what they mean by terms. */
export async function listOutlines(db: Database, ids: readonly string[]): Promise<Pick<RoundResult, 'roundId' | 'gaps' | 'terms'>[]> {
  const part = (name: 'gaps' | 'terms') => sql<string>`json_extract(${results.body}, ${`$.${name}`})`
  const rows = await db
    .select({ roundId: results.roundId, gaps: part('gaps'), terms: part('terms') })
    .from(results)
    .where(sql`${results.roundId} in (select value from json_each(${JSON.stringify(ids)}))`)
  return rows.map(({ roundId, gaps, terms }) => ({ roundId, gaps: JSON.parse(gaps), terms: JSON.parse(terms) }))
}

/** Results of these rounds with their latest scores and the rules that they were frozen with, in no order. */
export async function findComparable(db: Database, ids: readonly [string, string]) {
  const rows = await db
    .select({
      id: rounds.id,
      frozen: rounds.frozen,
      body: results.body,
      score: sql<Score | null>`(select body from ${scores} where round_id = ${rounds.id} order by revision desc limit 1)`.mapWith(
        (text: string) => scoreIn({ body: JSON.parse(text) }),
      ),
    })
    .from(results)
    .innerJoin(rounds, eq(rounds.id, results.roundId))
    .where(inArray(rounds.id, [...ids]))
  return rows.map(({ id, frozen, body, score }) => ({
    id,
    frozen: frozen as FrozenRound,
    body: body as RoundResult,
    score: score ?? undefined,
  }))
}

/** The latest revision. */
export async function findScore(db: Database, roundId: string): Promise<Score | undefined> {
  const [row] = await db
    .select({ body: scores.body })
    .from(scores)
    .where(eq(scores.roundId, roundId))
    .orderBy(desc(scores.revision))
    .limit(1)
  return row && scoreIn(row)
}

/** 'c2' before 'c10'. */
const inTreeOrder = asc(sql`cast(substr(${cohorts.cohort}, 2) as integer)`)

const summaries = (db: Database, where: SQL | undefined) =>
  db
    .select(summary)
    .from(rounds)
    .leftJoin(results, eq(results.roundId, rounds.id))
    .where(and(where))
    .orderBy(desc(rounds.number))
    .$dynamic()
