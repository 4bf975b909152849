/** Queries about rounds and their cohorts. */
import { and, asc, count, desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import type { RoundResult, Score } from '../core/result'
import type { FrozenRound } from '../core/round'
import type { Database } from './client'
import { ballotSlots, cohorts, results, rounds, scores } from './schema'

export type Round = Omit<typeof rounds.$inferSelect, 'frozen'> & { frozen: FrozenRound | null }

export async function findRound(db: Database, id: string): Promise<Round | undefined> {
  return (await db.query.rounds.findFirst({ where: eq(rounds.id, id) })) as Round | undefined
}

/**
 * What a list of rounds shows of each; `cast` is the count of ballots while it is open, `counted` what was published.
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
  closedAt: rounds.closedAt,
  minimumGroupSize: sql<number | null>`json_extract(${rounds.frozen}, '$.minimumGroupSize')`,
  invited: sql<number | null>`json_extract(${rounds.frozen}, '$.invited')`,
  counted: sql<number | null>`json_extract(${results.body}, '$.n')`,
  cast: sql<number>`(select count(*) from ${ballotSlots} where ${ballotSlots.roundId} = ${rounds.id} and ${ballotSlots.token} <> zeroblob(32))`,
}

export type RoundSummary = Awaited<ReturnType<typeof listSummaries>>[number]

/** Newest first. */
export function listSummaries(db: Database, page: { before?: number | undefined; limit: number }) {
  return summaries(db, page.before === undefined ? undefined : lt(rounds.number, page.before)).limit(page.limit)
}

export async function findSummary(db: Database, id: string): Promise<RoundSummary | undefined> {
  return (await summaries(db, eq(rounds.id, id)))[0]
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

/** Invited and cast by cohort, in tree order. Not for anybody's eyes before suppression. */
export function countCast(db: Database, roundId: string) {
  return db
    .select({
      cohort: cohorts.cohort,
      nodeId: cohorts.nodeId,
      invited: cohorts.invited,
      cast: count(ballotSlots.slot),
    })
    .from(cohorts)
    .leftJoin(
      ballotSlots,
      and(eq(ballotSlots.roundId, cohorts.roundId), eq(ballotSlots.cohort, cohorts.cohort), sql`${ballotSlots.token} <> zeroblob(32)`),
    )
    .where(eq(cohorts.roundId, roundId))
    .groupBy(cohorts.cohort)
    .orderBy(inTreeOrder)
}

export async function findResult(db: Database, roundId: string): Promise<RoundResult | undefined> {
  const row = await db.query.results.findFirst({ where: eq(results.roundId, roundId) })
  return row?.body as RoundResult | undefined
}

/** The latest revision. */
export async function findScore(db: Database, roundId: string): Promise<Score | undefined> {
  const [row] = await db
    .select({ body: scores.body })
    .from(scores)
    .where(eq(scores.roundId, roundId))
    .orderBy(desc(scores.revision))
    .limit(1)
  return row?.body as Score | undefined
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
