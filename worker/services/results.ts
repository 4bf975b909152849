/** What a closed round published: the only way to it for pages, API and files. */
import { DomainError } from '../core/errors'
import type { RoundResult } from '../core/result'
import type { Database } from '../db/client'
import { findResult, findSummary } from '../db/rounds'
import { noSuchRound } from './rounds'

/** A result as everybody may read it: without what only the score needs. */
export type PublicResult = Omit<RoundResult, 'inputs'>

export const withoutInputs = ({ inputs: _, ...open }: RoundResult): PublicResult => open

/**
 * What a round published, without what only the score needs.
 *
 * @throws DomainError not-found, round-not-closed
 */
export async function getResult(db: Database, roundId: string): Promise<PublicResult> {
  const result = await findResult(db, roundId)
  if (result) return withoutInputs(result)
  if (!(await findSummary(db, roundId))) throw noSuchRound()
  throw new DomainError('round-not-closed', 'There is a result once the round has closed, and none before.')
}
