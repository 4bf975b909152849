/** What closed rounds published: the only way to it for pages, API and files. */

import { DomainError } from '../core/errors'
import type { PublicResult, RoundResult } from '../core/result'
import { type NodeChange, roundChange } from '../core/round-change'
import { type StoryAgreement, standingRounds, storyAgreement } from '../core/stories'
import type { Database } from '../db/client'
import { findResult, findResultWithEarlier, findSummary, listNodesUpTo } from '../db/rounds'
import { noSuchRound } from './rounds'

/** A stored result as everybody may read it: without what only the score needs. */
export const withoutInputs = ({ inputs: _, audit, ...open }: RoundResult): PublicResult => ({ ...open, audit: audit ?? null })

/** The same for whoever may not read what people wrote in their own words: not even how many did. */
export const withoutComments = ({ commentsLeftOut: _, ...result }: PublicResult): PublicResult => ({ ...result, comments: [] })

/**
 * What a round published, without what only the score needs.
 *
 * @throws DomainError not-found, round-not-closed
 */
export async function getResult(db: Database, roundId: string): Promise<PublicResult> {
  const result = await findResult(db, roundId)
  if (!result) throw await noResult(db, roundId)
  return withoutInputs(result)
}

export interface RoundChanges {
  roundId: string
  /** The round that was opened directly before; null for the first one. */
  since: { roundId: string; number: number; period: string } | null
  /** In the order of the result; empty for the first round. */
  nodes: NodeChange[]
}

/**
 * What changed since the round before, group by group, as far as the two populations allow it to be said.
 *
 * @throws DomainError not-found, round-not-closed
 */
export const getChanges = async (db: Database, roundId: string): Promise<RoundChanges> => (await getResultAndChanges(db, roundId)).changes

/**
 * Both in one read.
 *
 * @throws DomainError not-found, round-not-closed
 */
export async function getResultAndChanges(db: Database, roundId: string): Promise<{ result: PublicResult; changes: RoundChanges }> {
  const { result: stored, membership, earlier } = await findResultWithEarlier(db, roundId)
  if (!stored) throw await noResult(db, roundId)
  const result = withoutInputs(stored)
  if (!earlier) return { result, changes: { roundId, since: null, nodes: [] } }
  const since = { roundId: earlier.roundId, number: earlier.number, period: earlier.period }
  return { result, changes: { roundId, since, nodes: roundChange(withoutInputs(earlier), result, membership) } }
}

export interface Stories {
  /** Over the stories of the round alone. */
  round: StoryAgreement
  /** Over the latest answers to each story, in this round and those before it. */
  standing: StoryAgreement
}

/**
 * Whether people judge the same leads alike, as far as what was published says.
 *
 * @throws DomainError not-found, round-not-closed
 */
export async function getStories(db: Database, roundId: string): Promise<Stories> {
  const latest = await listNodesUpTo(db, roundId, standingRounds)
  if (latest.length === 0) throw await noResult(db, roundId)
  return { round: storyAgreement(latest.slice(0, 1)), standing: storyAgreement(latest) }
}

async function noResult(db: Database, roundId: string): Promise<DomainError> {
  if (!(await findSummary(db, roundId))) return noSuchRound()
  return new DomainError('round-not-closed', 'There is a result once the round has closed, and none before.')
}
