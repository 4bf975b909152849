/** The end of a round: counted once, published once, and everything that could tell who said what is gone. */
import { and, eq, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { type Answer, decodeAnswers, decodeComment } from '../core/ballot'
import { DomainError } from '../core/errors'
import { publish } from '../core/publish'
import type { RoundResult, Score } from '../core/result'
import { readBallotBox, shred } from '../db/ballots'
import { type Database, isUniqueViolation } from '../db/client'
import { findResult, findRound, findScore, listCohorts, type Round } from '../db/rounds'
import { results, rounds } from '../db/schema'
import { type ServiceContext, sha256Hex, shuffled } from './context'
import { getRound, noSuchRound, type RoundView } from './rounds'
import { insertScore, scoreOf } from './scores'

/**
 * Stops the casting, counts, publishes, scores, and shreds ballots, comments, invitations and keys. The count is written
 * and the ballots are gone in one batch: a crash before it leaves a round that takes no ballots and that the next call
 * closes; of several calls, one publishes and all answer with what it published.
 *
 * @returns `already` where it was closed before
 * @throws DomainError not-found, round-not-open
 */
export async function closeRound(
  context: ServiceContext,
  roundId: string,
): Promise<{ round: RoundView; result: RoundResult; score: Score; already: boolean }> {
  const { db, now } = context
  await db
    .update(rounds)
    .set({ closingAt: now })
    .where(and(eq(rounds.id, roundId), eq(rounds.state, 'open'), sql`${rounds.closingAt} is null`))
  const round = await findRound(db, roundId)
  if (!round) throw noSuchRound()
  if (round.state === 'scheduled') throw new DomainError('round-not-open', 'Open the round before you close it.')
  const box = await readBallotBox(db, roundId)
  if (box.state === 'closed') return published(db, roundId, true)
  const result = await count(context, round, box)
  const score = await scoreOf(context, result)
  try {
    await db.batch([
      db.insert(results).values({
        roundId,
        methodVersion: result.methodVersion,
        inputsHash: result.inputsHash,
        body: result,
        publishedAt: now,
      }),
      insertScore(context, score),
      ...shred(db, roundId),
      db.update(rounds).set({ state: 'closed', closedAt: now }).where(eq(rounds.id, roundId)),
    ] as [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]])
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    return published(db, roundId, true)
  }
  return published(db, roundId, false)
}

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
  const comments = box.comments.map(({ cohort, body }) => ({ cohort, text: decodeComment(body) }))
  return publish({
    round: { id, number, period },
    frozen,
    cohorts: groups,
    ballots,
    comments,
    // Of the rules alone: a hash over ballots would let whoever knows all but one of them try out the last.
    inputsHash: await sha256Hex(JSON.stringify([id, number, period, frozen, groups.map(({ issued: _, ...group }) => group)])),
    shuffle: (items) => shuffled(context, items),
  })
}

async function published(db: Database, roundId: string, already: boolean) {
  const [round, result, score] = await Promise.all([getRound(db, roundId), findResult(db, roundId), findScore(db, roundId)])
  if (!result || !score) throw new Error('A closed round has no result.')
  return { round, result, score, already }
}
