/**
 * The two halves of answering: collecting a ballot (the server knows who, and not what) and casting it (what, and not
 * who). Nothing links the two but what the voter keeps.
 */
import { type Answer, encodeAnswers, encodeComment, isBallotMessage, rangeOf, commentBytes as slotBytes } from '../core/ballot'
import { verify } from '../core/blind-rsa'
import { DomainError } from '../core/errors'
import { ballotStanding, bindInvitation, findBallotRules, findIssuance, storeBallot } from '../db/ballots'
import { bindOpenIssuance } from '../db/open-links'
import { below, type ServiceContext, sha256 } from './context'
import { modulusBytes, signBlinded } from './issuer-keys'
import { letWait, slotDraws, usableMixer } from './mixing'

type Bytes = Uint8Array<ArrayBuffer>

/** Every key's exponent, 65537. */
export const publicExponent = 'AQAB'

export interface IssuanceRequest {
  roundId: string
  cohort: string
  /** The secret of the personal link, or of a team's. */
  invitation: string
  blindedMessage: Bytes
}

/**
 * Signs a ballot that it cannot see, once an invitation, and with a team's link as often as the team has people; the same
 * blinded message again gives the same signature, so a lost answer costs nobody their vote. A refusal consumes nothing.
 *
 * @throws DomainError not-found, round-not-open, round-closed, invitation-unknown, invitation-used, team-link-full,
 *   team-link-busy, ballot-invalid, ballots-unavailable
 */
export async function issueBallot(context: ServiceContext, request: IssuanceRequest): Promise<{ blindSignature: Bytes }> {
  usableMixer(context)
  const { roundId, cohort, blindedMessage } = request
  const tokenHash = await sha256(request.invitation)
  const found = await findIssuance(context.db, { roundId, cohort, tokenHash })
  requireOpen(found)
  const { publicKey, privateKey, fingerprint, blindedHash: bound, openTeam } = found
  const invitedTo = found.invitedTo ?? found.openTo
  if (!invitedTo) throw unknown()
  if (invitedTo !== cohort || !publicKey || !privateKey || !fingerprint) {
    throw new DomainError('ballot-invalid', 'This invitation is for another group.', [
      { pointer: '#/cohort', detail: 'Use the cohort that stands in the link.' },
    ])
  }
  if (!isBelow(blindedMessage, publicKey)) {
    throw new DomainError('ballot-invalid', 'This is not a blinded message for this key.', [
      { pointer: '#/blindedMessage', detail: `Send ${modulusBytes} bytes that are more than 0 and less than the modulus.` },
    ])
  }
  const blindedHash = await sha256(blindedMessage)
  if (openTeam) await spread(context, `${roundId}|${openTeam}`)
  else if (bound !== free && bound !== blindedHash.toHex().toUpperCase()) throw used()
  const blindSignature = await signBlinded(context.kek, { roundId, cohort, fingerprint, privateKey }, blindedMessage)
  // Signed, but handed out only where this invitation is bound to this message and no other: two devices at once get one.
  const key = { roundId, cohort, tokenHash, blindedHash }
  if (openTeam) await takePlace(context, { ...key, teamId: openTeam })
  else {
    const { bound: granted, open } = await bindInvitation(context.db, key)
    if (!open) throw closed()
    if (!granted) throw used()
  }
  return { blindSignature }
}

/** Lets a link fill up over minutes rather than at once: there is time to end one that got into wrong hands. */
async function spread({ openLinkLimit }: ServiceContext, link: string): Promise<void> {
  if (openLinkLimit && !(await openLinkLimit(link))) {
    throw new DomainError('team-link-busy', 'Many people are answering through this link. Try again in a minute.')
  }
}

async function takePlace(context: ServiceContext, key: Omit<Parameters<typeof bindOpenIssuance>[1], 'draw'>): Promise<void> {
  const outcome = await bindOpenIssuance(context.db, { ...key, draw: below(context, 2 ** 32) })
  if (outcome === 'closed') throw closed()
  if (outcome === 'ended') throw unknown()
  if (outcome === 'full') throw allCollected()
}

export interface CastRequest {
  roundId: string
  cohort: string
  message: Bytes
  signature: Bytes
  /** One an item of the round, in its order. */
  answers: readonly Answer[]
  comment: string | null
}

/**
 * Takes a ballot in once: whoever brings our signature on a message for this round and cohort may fill one free slot.
 * In a round that mixes, it is stored a random time later, and the database does not change now.
 *
 * @returns `stored: false` when this ballot was in already, or (`waits`) is on its way
 * @throws DomainError not-found, round-not-open, round-closed, ballot-invalid, ballot-signature, ballot-box-full,
 *   ballots-unavailable
 */
export async function castBallot(context: ServiceContext, request: CastRequest): Promise<{ stored: boolean; waits: boolean }> {
  usableMixer(context)
  const { roundId, cohort, message, signature } = request
  const rules = await findBallotRules(context.db, { roundId, cohort })
  requireOpen(rules)
  if (!rules.publicKey || !rules.frozen) throw invalid('#/cohort', 'Use a cohort of this round.')
  if (!isBallotMessage(message, roundId, cohort)) throw invalid('#/message', 'Use the message that was made for this round and cohort.')
  if (signature.length !== modulusBytes) throw invalid('#/signature', `Send ${modulusBytes} bytes.`)
  const answers = answerBytes(rules.frozen.items, request.answers)
  const comment = commentBytes(rules.frozen.comment, request.comment)
  if (!(await verify({ n: rules.publicKey, e: publicExponent }, message, signature))) {
    throw new DomainError('ballot-signature', 'This ballot was not signed for this round and group.')
  }
  const ballot = { roundId, cohort, token: await sha256(message), answers, comment }
  const { mixMinutes } = rules.frozen
  if (mixMinutes) {
    const { open, known, free } = await ballotStanding(context.db, ballot)
    if (!open) throw closed()
    if (known) return { stored: false, waits: false }
    if (!free) throw full()
    await letWait(context, mixMinutes, ballot)
    return { stored: false, waits: true }
  }
  const outcome = await storeBallot(context.db, { ...ballot, draws: slotDraws(context) })
  if (outcome.cast) return { stored: true, waits: false }
  if (!outcome.open) throw closed()
  if (outcome.known) return { stored: false, waits: false }
  throw full()
}

/** `hex()` of the blinded hash of an invitation that was not used. */
const free = '0'.repeat(64)

type Openable = { state: 'scheduled' | 'open' | 'closed'; closingAt: Date | null }

function requireOpen<T extends Openable>(round: T | undefined): asserts round is T {
  if (!round) throw new DomainError('not-found', 'There is no such round.')
  if (round.state === 'scheduled') throw new DomainError('round-not-open', 'This round has not been opened yet.')
  if (round.state === 'closed' || round.closingAt) throw closed()
}

const closed = () => new DomainError('round-closed', 'It takes no more ballots. What was cast before is counted.')

/** More signed ballots than invitations: somebody else than this server signed one. */
function full(): DomainError {
  console.error(JSON.stringify({ event: 'ballot-box-full' }))
  return new DomainError('ballot-box-full', 'As many ballots as there are invitations have been cast. Tell whoever runs the survey.')
}

const unknown = () => new DomainError('invitation-unknown', 'Open the link in your invitation again, or ask for a new one.')

const allCollected = () =>
  new DomainError(
    'team-link-full',
    'As many ballots as there are people in this team have been collected with its link. Tell whoever runs the survey.',
  )

const used = () =>
  new DomainError('invitation-used', 'A ballot was already collected with this link. Finish on the device that collected it.')

const invalid = (pointer: string, detail: string) => new DomainError('ballot-invalid', detail, [{ pointer, detail }])

/** Whether 0 < value < modulus, as equally long bytes. */
function isBelow(value: Bytes, publicKey: string): boolean {
  const modulus = Uint8Array.fromBase64(publicKey, { alphabet: 'base64url' })
  if (value.length !== modulus.length) return false
  return value.some((byte) => byte !== 0) && value.toHex() < modulus.toHex()
}

function answerBytes(items: Parameters<typeof encodeAnswers>[0], answers: readonly Answer[]): Bytes {
  if (answers.length !== items.length) throw invalid('#/answers', `Send ${items.length} answers, null for one that was left out.`)
  const encoded = encodeAnswers(items, answers)
  if ('bytes' in encoded) return encoded.bytes
  throw new DomainError(
    'ballot-invalid',
    'Some answers are none that the item knows.',
    encoded.invalid.map((index) => ({ pointer: `#/answers/${index}`, detail: rangeHint(items[index]) })),
  )
}

function rangeHint(item: Parameters<typeof rangeOf>[0] | undefined): string {
  if (!item) return 'There is no such item.'
  const { first, last } = rangeOf(item)
  return `Use a whole number from ${first} to ${last}, or null.`
}

/** Trimmed, without NUL (which would end it early in a slot); null where nothing is left. */
function commentBytes(allowed: boolean, comment: string | null): Bytes | null {
  const text = comment?.replaceAll('\0', '').trim() ?? ''
  if (text === '') return null
  if (!allowed) throw invalid('#/comment', 'This round takes no comments: send null.')
  if (!text.isWellFormed()) throw invalid('#/comment', 'Remove the half character (lone surrogate).')
  const slot = encodeComment(text)
  if (!slot) throw invalid('#/comment', `Use at most ${slotBytes} bytes of UTF-8.`)
  return slot
}
