/**
 * A ballot as bytes: one byte an item, in the order of the frozen round. Fixed width, so that storing one rewrites a
 * slot in place.
 */
import { prefixBytes, prepareMessage, type Random } from './blind-rsa'
import type { Item } from './round'

/** "I can't judge", or an optional item left out: in no class and in no denominator. */
export const skipped = 255

/** An answer: 1–5 for agreement, 0–10 for the headline, the option's index for a choice, a number as it is; null for none. */
export type Answer = number | null

/** How many answers an item knows: its values are `first` to `last`. */
export function rangeOf(item: Item): { first: number; last: number } {
  if (item.kind === 'agreement') return { first: 1, last: 5 }
  if (item.kind === 'headline') return { first: 0, last: 10 }
  if (item.kind === 'number') return { first: 0, last: item.last }
  return { first: 0, last: item.options.length - 1 }
}

/**
 * The answers as bytes, or the positions that are out of range.
 *
 * @example encodeAnswers([{ id: 'goals-1', kind: 'agreement', theme: 'goals' }], [4]) // { bytes: Uint8Array [4] }
 * @example encodeAnswers([{ id: 'headline', kind: 'headline' }], [11]) // { invalid: [0] }
 */
export function encodeAnswers(
  items: readonly Item[],
  answers: readonly Answer[],
): { bytes: Uint8Array<ArrayBuffer> } | { invalid: number[] } {
  const invalid = items.flatMap((item, index) => {
    const answer = answers[index]
    const { first, last } = rangeOf(item)
    return answer === null || (Number.isInteger(answer) && (answer as number) >= first && (answer as number) <= last) ? [] : [index]
  })
  if (invalid.length > 0) return { invalid }
  return { bytes: Uint8Array.from(items, (_, index) => answers[index] ?? skipped) }
}

/** The answers of a stored ballot, null where the item was skipped. */
export function decodeAnswers(items: readonly Item[], bytes: Uint8Array): Answer[] {
  return items.map((_, index) => {
    const value = bytes[index]
    return value === undefined || value === skipped ? null : value
  })
}

/** Bytes of one comment slot; the first byte of a free one is 0. */
export const commentBytes = 800

/** The text in UTF-8, padded with zero bytes to the slot's width; undefined where it is too long. */
export function encodeComment(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length > commentBytes) return undefined
  const slot = new Uint8Array(commentBytes)
  slot.set(bytes)
  return slot
}

export function decodeComment(slot: Uint8Array): string {
  const end = slot.indexOf(0)
  return new TextDecoder().decode(end === -1 ? slot : slot.subarray(0, end))
}

/** Random bytes at the end of a ballot's message; RFC 9474 puts as many in front. */
const nonceBytes = 32

/**
 * What is signed blindly, and shown when the ballot is cast: 32 random bytes (the prefix of RFC 9474), the round and
 * cohort that the ballot is for, 32 random bytes.
 *
 * @example ballotMessage('r1', 'c1', random) // 32 bytes, 'pb1|r1|c1|', 32 bytes
 */
export function ballotMessage(roundId: string, cohort: string, random: Random): Uint8Array<ArrayBuffer> {
  return prepareMessage(Uint8Array.from([...ballotContext(roundId, cohort), ...random(nonceBytes)]), random)
}

/** Whether these bytes are a message for this round and cohort: their length, and the context in their middle. */
export function isBallotMessage(message: Uint8Array, roundId: string, cohort: string): boolean {
  const context = ballotContext(roundId, cohort)
  return (
    message.length === prefixBytes + context.length + nonceBytes && context.every((byte, index) => message[prefixBytes + index] === byte)
  )
}

const ballotContext = (roundId: string, cohort: string) => new TextEncoder().encode(`pb1|${roundId}|${cohort}|`)
