/** The names of the roster, for a page that warns of them and must not read them. */
import { DomainError } from '../core/errors'
import { filterOf, nameKeys } from '../core/names'
import type { Database } from '../db/client'
import { listNames } from '../db/names'
import { findRound } from '../db/rounds'
import { noSuchRound } from './rounds'

/**
 * A filter that answers whether a name may be one of the roster's; see `filterOf`. The same for everybody who asks.
 *
 * @returns base64
 * @throws DomainError not-found, round-not-open, round-closed
 */
export async function nameFilter(db: Database, roundId: string): Promise<string> {
  const [round, names] = await Promise.all([findRound(db, roundId), listNames(db, roundId)])
  if (!round) throw noSuchRound()
  if (round.state === 'scheduled') throw new DomainError('round-not-open', 'A round has names to look out for once it has been opened.')
  if (round.closingAt) throw new DomainError('round-closed', 'Nothing is written into this round any more.')
  return filterOf(nameKeys(names)).toBase64()
}
