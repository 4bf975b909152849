/**
 * The end of a round: counted once, published once, and everything that could tell who said what is gone.
 *
 * 1. Casting stops.
 * 2. The ballots are read piece by piece, and counted in memory.
 * 3. One batch publishes the result and its score, and shreds what was counted.
 * 4. Where there is a local file, it is rewritten; after a kill the next start does that.
 *
 * A closing that dies is begun again by the next call or by cron, and publishes the same bytes: nothing in a result comes of
 * chance, of the clock or of the order of reading. No step leaves a part of the count to the next: it would be one more place
 * that knows of ballots, and 20,000 of them take a small part of the CPU of one request (docs/performance.md).
 */
import { and, eq, isNotNull, lte, or, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { type Answer, decodeAnswers, decodeComment } from '../core/ballot'
import { DomainError } from '../core/errors'
import { publish } from '../core/publish'
import type { RoundResult, Score } from '../core/result'
// biome-ignore lint/style/noRestrictedImports: the one place that reads ballots, and it shreds them
import { readBallotBox, shred } from '../db/ballots'
import { type Database, databaseMessage, isUniqueViolation } from '../db/client'
import { findResult, findRound, findScore, listCohorts, type Round } from '../db/rounds'
import { people, results, rounds } from '../db/schema'
import { readSettings } from '../db/settings'
import { refreshAnalyses } from './analyses'
import { type ServiceContext, scrubAfter, sha256Hex } from './context'
import { countsAt } from './mixing'
import { getRound, noSuchRound, type RoundView } from './rounds'
import { insertScore, scoreOf } from './scores'

/** A round that was closed, or (`countsAt`, an ISO date) whose ballots are still arriving. */
export type Closure =
  | { countsAt: null; round: RoundView; result: RoundResult; score: Score; already: boolean }
  | { countsAt: string; round: RoundView; result: null; score: null; already: boolean }

/**
 * Stops the casting; once every ballot has arrived counts, publishes, scores, and shreds ballots, comments, invitations
 * and keys. Of several calls, one publishes and all answer with what it published.
 *
 * @returns `already` where it was closed before
 * @throws DomainError not-found, round-not-open
 */
export async function closeRound(context: ServiceContext, roundId: string): Promise<Closure> {
  const { db, now } = context
  await db
    .update(rounds)
    .set({ closingAt: now })
    .where(and(eq(rounds.id, roundId), eq(rounds.state, 'open'), sql`${rounds.closingAt} is null`))
  const round = await findRound(db, roundId)
  if (!round) throw noSuchRound()
  if (round.state === 'scheduled') throw new DomainError('round-not-open', 'Open the round before you close it.')
  const mixMinutes = round.frozen?.mixMinutes
  if (round.state === 'open' && round.closingAt && mixMinutes) {
    const due = countsAt(round.closingAt, mixMinutes)
    if (now < due) return { countsAt: due.toISOString(), round: await getRound(db, roundId), result: null, score: null, already: false }
  }
  const already = !(await publishOnce(context, round))
  if (!already) {
    await scrubAfter(context)
    await refreshAnalyses(context).catch((error) =>
      console.error(JSON.stringify({ event: 'analyses-failed', cause: databaseMessage(error) })),
    )
  }
  return published(db, roundId, already)
}

/**
 * Closes every round whose last day is over, and goes on with every closing that waited for its ballots, or was interrupted.
 * A sample that is being loaded closes its rounds itself.
 */
export async function closeDueRounds(context: ServiceContext): Promise<void> {
  const { db, now } = context
  const { sample } = await readSettings(db)
  const isOver = sample?.state === 'loading' ? undefined : lte(rounds.closesAt, now)
  const due = await db
    .select({ id: rounds.id })
    .from(rounds)
    .where(and(eq(rounds.state, 'open'), or(isNotNull(rounds.closingAt), isOver)))
  for (const { id } of due) await closeRound(context, id)
}

/** @returns false where somebody else did */
async function publishOnce(context: ServiceContext, round: Round): Promise<boolean> {
  const { db, now } = context
  const box = await readBallotBox(db, round.id)
  if (box.state === 'closed') return false
  const result = await count(context, round, box)
  const score = await scoreOf(context, result)
  try {
    await db.batch([
      db
        .update(rounds)
        .set({ state: closedWhereStored(round.id, box.ballots.length), closedAt: now })
        .where(eq(rounds.id, round.id)),
      db.insert(results).values({
        roundId: round.id,
        methodVersion: result.methodVersion,
        inputsHash: result.inputsHash,
        body: result,
        publishedAt: now,
      }),
      insertScore(context, score),
      ...shred(db, round.id),
    ] as [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]])
    return true
  } catch (error) {
    if (isUniqueViolation(error)) return false
    if (isRecount(error)) return publishOnce(context, round)
    throw error
  }
}

/** A late ballot that was stored after the count would be shredded uncounted: no state is called this, the batch fails. */
const closedWhereStored = (roundId: string, counted: number) =>
  sql`case (select count(*) from ballot_slots where round_id = ${roundId} and token <> zeroblob(32))
    when ${counted} then 'closed' else 'recount' end`

const isRecount = (error: unknown) => /CHECK constraint failed: rounds_state_value/.test(databaseMessage(error))

async function count(context: ServiceContext, round: Round, box: Awaited<ReturnType<typeof readBallotBox>>): Promise<RoundResult> {
  const { id, number, period, frozen } = round
  if (!frozen) throw new Error('An open round has no frozen rules.')
  const groups = (await listCohorts(context.db, id)).map(({ cohort, nodeId, invited }) => ({
    cohort,
    nodeId,
    invited,
    issued: box.issued.get(cohort) ?? 0,
  }))
  const ballots: { cohort: string; answers: Answer[] }[] = box.ballots.map(({ cohort, answers }) => ({
    cohort,
    answers: decodeAnswers(frozen.items, answers),
  }))
  const known = await context.db.select({ name: people.name }).from(people)
  const comments = box.comments.map(({ cohort, body }) => ({ cohort, text: decodeComment(body) }))
  return publish({
    round: { id, number, period },
    frozen,
    cohorts: groups,
    ballots,
    comments,
    names: known.map(({ name }) => name),
    // Of the rules alone: a hash over ballots would let whoever knows all but one of them try out the last.
    inputsHash: await sha256Hex(JSON.stringify([id, number, period, frozen, groups.map(({ issued: _, ...group }) => group)])),
  })
}

async function published(db: Database, roundId: string, already: boolean): Promise<Closure> {
  const [round, result, score] = await Promise.all([getRound(db, roundId), findResult(db, roundId), findScore(db, roundId)])
  if (!result || !score) throw new Error('A closed round has no result.')
  return { countsAt: null, round, result, score, already }
}
