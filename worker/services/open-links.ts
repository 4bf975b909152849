/**
 * A link for a whole team, for a channel or a kiosk: whoever has it can answer, until as many ballots are collected as the
 * team has people. Derived like personal links, and kept from nobody who runs the survey while the round is open.
 */
import { DomainError } from '../core/errors'
import { listOpenLinkRows, replaceOpenToken } from '../db/open-links'
import { findRound, listCohorts, type Round } from '../db/rounds'
import { type ServiceContext, sha256 } from './context'
import { keyListFingerprint, type LinkKey, linkSecret, linkTo, openLinkKey, teamHolder } from './links'
import { noSuchRound } from './rounds'

export interface OpenLinkView {
  teamId: string
  /** Of the team. */
  name: string
  /** Of the group that its answers are counted with. */
  group: string
  /** As many ballots can be collected with it. */
  people: number
  cohort: string
  /** Of the round's list of keys. */
  fingerprint: string
  url: string
}

/**
 * The shared links of an open round, in the order of the teams; none where the round is not open.
 *
 * @param locale for the survey; without one it speaks the language of the browser that opens it
 * @throws DomainError not-found
 */
export async function listOpenLinks(context: ServiceContext, roundId: string, locale?: string): Promise<OpenLinkView[]> {
  const { round, key } = await keyOf(context, roundId)
  if (!key) return []
  const [rows, keys] = await Promise.all([listOpenLinkRows(context.db, roundId), listCohorts(context.db, roundId)])
  const fingerprint = await keyListFingerprint(keys)
  const groupOf = new Map(round.frozen?.nodes.map(({ id, name }) => [id, name]))
  const rowOf = new Map(rows.map((row) => [row.teamId, row]))
  const views = (round.frozen?.openLinks ?? []).map(async ({ teamId, name, nodeId, people }): Promise<OpenLinkView[]> => {
    const row = rowOf.get(teamId)
    if (!row) return []
    const { cohort, generation } = row
    const secret = await linkSecret(key, teamHolder(teamId), generation)
    const url = linkTo(context, { roundId, locale, cohort, secret, fingerprint, shared: true })
    return [{ teamId, name, group: groupOf.get(nodeId) ?? '', people, cohort, fingerprint, url }]
  })
  return (await Promise.all(views)).flat()
}

/** @throws DomainError not-found, round-not-open */
export async function getOpenLink(context: ServiceContext, roundId: string, teamId: string, locale?: string): Promise<OpenLinkView> {
  const link = (await listOpenLinks(context, roundId, locale)).find((link) => link.teamId === teamId)
  if (link) return link
  const round = await findRound(context.db, roundId)
  throw round?.state === 'open' ? noSuchLink() : notOpen()
}

/**
 * A new link for a team whose link got into wrong hands: the old one ends at once. What was collected with it stays, and
 * so do the places that it took.
 *
 * @throws DomainError not-found, round-not-open
 */
export async function renewOpenLink(context: ServiceContext, roundId: string, teamId: string): Promise<OpenLinkView> {
  const { key } = await keyOf(context, roundId)
  if (!key) throw notOpen()
  const row = (await listOpenLinkRows(context.db, roundId)).find((row) => row.teamId === teamId)
  if (!row) throw noSuchLink()
  const tokenHash = await sha256(await linkSecret(key, teamHolder(teamId), row.generation + 1))
  // Of two renewals at once one is made, and both show it; a round that takes no more ballots has no links to renew.
  const renewed = await replaceOpenToken(context.db, { roundId, teamId, tokenHash, from: row.generation })
  const round = await findRound(context.db, roundId)
  if (!renewed && (round?.state !== 'open' || round.closingAt)) throw notOpen()
  return getOpenLink(context, roundId, teamId)
}

async function keyOf(context: ServiceContext, roundId: string): Promise<{ round: Round; key: LinkKey | null }> {
  const round = await findRound(context.db, roundId)
  if (!round) throw noSuchRound()
  return { round, key: round.state === 'open' && !round.closingAt ? await openLinkKey(context, round) : null }
}

const noSuchLink = () => new DomainError('not-found', 'This team has no link of its own in this round.')
const notOpen = () => new DomainError('round-not-open', 'A team has a link while the round takes ballots.')
