/**
 * Personal links. Their secrets are not stored: each is derived from a key of its round, so that a message that may or may
 * not have arrived is sent again with the same link, and nobody ever holds two that work. The key is shredded when the round
 * closes. See docs/decisions/018-links.md.
 */
import { and, eq } from 'drizzle-orm'
import { type NewToken, replaceToken } from '../db/ballots'
import { findRound, listCohorts } from '../db/rounds'
import { invitations, people } from '../db/schema'
import { type ServiceContext, sha256, sha256Hex, toBase64Url } from './context'
import { seal, unseal } from './sealing'

/** Derives the secrets of one round; not extractable. */
export type LinkKey = CryptoKey

/** A new key, and the same as it is stored with the round. */
export async function createLinkKey(context: ServiceContext, roundId: string): Promise<{ key: LinkKey; sealed: string }> {
  const bytes = context.random(32)
  return { key: await importKey(bytes), sealed: await seal(context, purposeOf(roundId), bytes) }
}

/** Null where the round has none: it is not open, or was opened by an early version. */
export async function openLinkKey(context: ServiceContext, round: { id: string; linkKey: string | null }): Promise<LinkKey | null> {
  return round.linkKey === null ? null : importKey(new Uint8Array(await unseal(context.kek, purposeOf(round.id), round.linkKey)))
}

/**
 * The secret of somebody's link: 32 bytes in base64url.
 *
 * @param holder of the link: `personId`, or `teamHolder(teamId)`
 * @param generation 0 for the first link; a new one ends the one before
 */
export async function linkSecret(key: LinkKey, holder: string, generation: number): Promise<string> {
  const input = new TextEncoder().encode(`${holder}|${generation}`)
  return toBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, input)))
}

/** Whose a shared link is; no person's id has a `|`. */
export const teamHolder = (teamId: string): string => `team|${teamId}`

/**
 * Everything personal stands after `#`: no server and no log sees it. Behind it, 128 bits of what identifies the keys: a
 * page that is given other keys than those of its invitation sends nothing.
 *
 * @param link.locale of the survey; without one it is that of the browser
 * @param link.fingerprint of the round's list of keys, hex
 * @param link.shared a team's: the page is told that others may answer on the same device
 */
export const linkTo = (
  { origin }: Pick<ServiceContext, 'origin'>,
  link: { roundId: string; locale?: string | undefined; cohort: string; secret: string; fingerprint: string; shared?: true },
) => {
  const fragment = [link.cohort, link.secret, link.fingerprint.slice(0, 32), ...(link.shared ? ['team'] : [])].join('.')
  return `${origin}/s/${link.roundId}${link.locale ? `?lang=${link.locale}` : ''}#${fragment}`
}

/** SHA-256 of all fingerprints, one a line in the order of the cohorts, hex. The survey page computes the same from the keys. */
export const keyListFingerprint = (keys: readonly { fingerprint: string }[]) =>
  sha256Hex(keys.map(({ fingerprint }) => fingerprint).join('\n'))

/**
 * The link that somebody has, as often as it is asked for.
 *
 * @returns null where this person is not invited, or has collected a ballot, or the round is not open
 */
export const currentLink = (context: ServiceContext, roundId: string, personId: string) => linkOf(context, roundId, personId, false)

/**
 * A new link for somebody whose link went astray and who has not collected a ballot; the old one ends.
 *
 * @returns null where this person is not invited, or has collected a ballot, or the round is not open
 */
export const renewInvitation = (context: ServiceContext, roundId: string, personId: string) => linkOf(context, roundId, personId, true)

/**
 * What `renewInvitation` stores, for `tokenReplacement` in a batch: then the old link ends in the same moment as the
 * reason for it is stored.
 *
 * @returns null where this person is not invited, or the round is not open
 */
export async function renewedToken(context: ServiceContext, roundId: string, personId: string): Promise<NewToken | null> {
  return (await tokenOf(context, roundId, personId, true))?.stored ?? null
}

async function linkOf(context: ServiceContext, roundId: string, personId: string, renewed: boolean): Promise<string | null> {
  const { db } = context
  const [token, person, keys] = await Promise.all([
    tokenOf(context, roundId, personId, renewed),
    db.query.people.findFirst({ where: eq(people.id, personId), columns: { locale: true } }),
    listCohorts(db, roundId),
  ])
  if (!token) return null
  // Where nothing changes this asks whether it may still be used; of two renewals at once, one finds its generation.
  const row = await replaceToken(db, token.stored)
  if (!row) return null
  return linkTo(context, {
    roundId,
    locale: person?.locale ?? 'en',
    cohort: row.cohort,
    secret: token.secret,
    fingerprint: await keyListFingerprint(keys),
  })
}

async function tokenOf(
  context: ServiceContext,
  roundId: string,
  personId: string,
  renewed: boolean,
): Promise<{ secret: string; stored: NewToken } | null> {
  const { db } = context
  const [round, invitation] = await Promise.all([
    findRound(db, roundId),
    db.query.invitations.findFirst({
      where: and(eq(invitations.roundId, roundId), eq(invitations.personId, personId)),
      columns: { generation: true },
    }),
  ])
  const key = round && (await openLinkKey(context, round))
  if (!key || !invitation) return null
  const generation = invitation.generation + (renewed ? 1 : 0)
  const secret = await linkSecret(key, personId, generation)
  return { secret, stored: { roundId, personId, tokenHash: await sha256(secret), from: invitation.generation, generation } }
}

const importKey = (bytes: Uint8Array<ArrayBuffer>) =>
  crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])

const purposeOf = (roundId: string) => `links|${roundId}`
