/**
 * The time that a ballot may wait between its casting and its storing, so that the moment at which a slot fills does not
 * tell whose ballot it is. See docs/decisions/010-mixing.md.
 */
import { commentBytes } from '../core/ballot'
import { DomainError } from '../core/errors'
import { storeBallot } from '../db/ballots'
import { type BallotMixer, below, fromBase64Url, type ServiceContext, toBase64Url } from './context'
import { seal, unseal } from './sealing'

type Bytes = Uint8Array<ArrayBuffer>

/** A ballot that was found good, and is not stored yet. */
export interface WaitingBallot {
  roundId: string
  cohort: string
  /** SHA-256 of the signed message: what makes it count once. */
  token: Bytes
  answers: Bytes
  comment: Bytes | null
}

/** For delivery itself, which is not exact: a batch is filled, a failed one comes again. */
const slackMinutes = 2

/**
 * When a round whose casting ended may be counted: once nothing can be on its way any more.
 *
 * @example countsAt(new Date('2026-11-22T12:00:00Z'), 60) // 13:02
 * @example countsAt(new Date('2026-11-22T12:00:00Z'), null) // 12:00
 */
export function countsAt(closingAt: Date, mixMinutes: number | null | undefined): Date {
  return new Date(closingAt.getTime() + closingMinutes(mixMinutes) * 60_000)
}

/** How long after the end of its casting a round is counted. */
export const closingMinutes = (mixMinutes: number | null | undefined): number => (mixMinutes ? mixMinutes + slackMinutes : 0)

/**
 * What mixes, null where ballots are stored at once.
 *
 * @throws DomainError ballots-unavailable where this deployment is to mix and cannot
 */
export function usableMixer({ mixer }: Pick<ServiceContext, 'mixer'>): BallotMixer | null {
  if (mixer === 'unusable') throw unavailable()
  return mixer
}

/**
 * Sends a ballot on its way, for a time drawn evenly from 0 to the longest that its round has frozen: what the
 * deployment says today must not outlast the round's closing.
 *
 * @throws DomainError ballots-unavailable; nothing was consumed, the same ballot may be cast again
 */
export async function letWait(context: ServiceContext, mixMinutes: number, ballot: WaitingBallot): Promise<void> {
  const mixer = usableMixer(context)
  if (!mixer) throw unavailable()
  const sealed = await seal(context, purpose, pack(ballot))
  try {
    await mixer.send(sealed, below(context, mixMinutes * 60 + 1))
  } catch {
    // Its message may repeat what was sent.
    throw unavailable()
  }
}

/** What became of a ballot that had waited. */
export type Arrival = 'stored' | 'stored-before' | 'too-late' | 'box-full'

/**
 * Stores a ballot that has waited, once, however often it is delivered; also while its round waits to be counted.
 *
 * @throws where it was sealed under another key, or the database does not answer: it is to come again
 */
export async function storeWaiting(context: ServiceContext, sealed: string): Promise<Arrival> {
  const ballot = unpack(await unseal(context.kek, purpose, sealed))
  const outcome = await storeBallot(context.db, { ...ballot, draws: slotDraws(context), hasWaited: true })
  if (outcome.cast) return 'stored'
  if (!outcome.open) return 'too-late'
  return outcome.known ? 'stored-before' : 'box-full'
}

/** Which free slots: 32 random bits each; among the slots of a cohort, none is likelier by more than one in a million. */
export function slotDraws({ random }: Pick<ServiceContext, 'random'>): [number, number] {
  const bits = new DataView(random(8).buffer)
  return [bits.getUint32(0), bits.getUint32(4)]
}

const purpose = 'waiting ballot'

/** As long as the longest ballot, and the same for all: a length must not tell a comment or a group. */
const packedLength = 2048

function pack({ roundId, cohort, token, answers, comment }: WaitingBallot): Bytes {
  const fields = [roundId, cohort, toBase64Url(token), toBase64Url(answers), toBase64Url(comment ?? new Uint8Array(commentBytes))]
  return Uint8Array.from(new TextEncoder().encode(JSON.stringify(fields).padEnd(packedLength)))
}

function unpack(packed: ArrayBuffer): WaitingBallot {
  const [roundId, cohort, ...bytes] = JSON.parse(new TextDecoder().decode(packed)) as string[]
  const [token, answers, comment] = bytes.map(fromBase64Url)
  if (!roundId || !cohort || !token || !answers || !comment) throw new Error('A waiting ballot is of an unknown form.')
  return { roundId, cohort, token, answers, comment: comment[0] === 0 ? null : comment }
}

const unavailable = () => new DomainError('ballots-unavailable', 'Nothing was lost or used up. Try again in a few minutes.')
