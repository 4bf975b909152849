/**
 * Personal links to hand out on paper. They are derived for everybody who was invited, whether they have collected a
 * ballot or not: a sheet that left out whoever has answered would be a list of them.
 */
import { DomainError } from '../core/errors'
import { findHolders, findInvited } from '../db/printed-links'
import { findRound, listCohorts, type Round } from '../db/rounds'
import type { ServiceContext } from './context'
import { keyListFingerprint, type LinkKey, linkSecret, linkTo, openLinkKey } from './links'
import { noSuchRound } from './rounds'

/** Strips of one sheet: what can be drawn in a moment, and handed out in one. */
export const stripsPerSheet = 200

/**
 * Those who were invited to an open round with a personal link, by name, a part at a time.
 *
 * @param query.teamId only people who are in this team or below it now
 * @param query.offset how many come before
 * @throws DomainError not-found, round-not-open
 */
export async function listInvited(context: ServiceContext, roundId: string, query: { teamId?: string | undefined; offset: number }) {
  await keyOf(context, roundId)
  return findInvited(context.db, { roundId, ...query, limit: stripsPerSheet })
}

export interface PrintedLink {
  name: string
  locale: string
  url: string
  /** Of the round's list of keys. */
  fingerprint: string
}

/**
 * The links that these people have, by name; of whoever was not invited, none. A link that was used looks like the others.
 *
 * @throws DomainError not-found, round-not-open
 */
export async function printLinks(context: ServiceContext, roundId: string, personIds: readonly string[]): Promise<PrintedLink[]> {
  const { key } = await keyOf(context, roundId)
  const [holders, keys] = await Promise.all([
    findHolders(context.db, roundId, personIds.slice(0, stripsPerSheet)),
    listCohorts(context.db, roundId),
  ])
  const fingerprint = await keyListFingerprint(keys)
  return Promise.all(
    holders.map(async ({ personId, name, locale, cohort, generation }) => {
      const secret = await linkSecret(key, personId, generation)
      return { name, locale, fingerprint, url: linkTo(context, { roundId, locale, cohort, secret, fingerprint }) }
    }),
  )
}

async function keyOf(context: ServiceContext, roundId: string): Promise<{ round: Round; key: LinkKey }> {
  const round = await findRound(context.db, roundId)
  if (!round) throw noSuchRound()
  const key = round.state === 'open' && !round.closingAt ? await openLinkKey(context, round) : null
  if (!key) throw new DomainError('round-not-open', 'Links can be printed while a round takes ballots.')
  return { round, key }
}
