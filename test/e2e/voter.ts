/** Answers a survey over HTTP, as the survey page does, and tells what the server must not keep of it. */
import { type Answer, ballotMessage, encodeAnswers } from '../../worker/core/ballot'
import { blind, finalize, fromBase64Url, type PublicKey, toBase64Url } from '../../worker/core/blind-rsa'
import type { Item } from '../../worker/core/round'
import { itemsOfRound } from '../../worker/core/survey-plan'

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const sha256 = async (data: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest('SHA-256', data))

/** What of this ballot has ever stood in the database. */
export interface Traces {
  token: Uint8Array
  answers: Uint8Array
  blindedHash: Uint8Array
}

/**
 * @param items what the round asks, where it is not what round 1 usually asks
 * @param choose one of the answers that a question knows; any of them, unless a test says which
 */
export async function vote(
  link: string,
  comment: string | null = null,
  items: readonly Item[] = itemsOfRound(1),
  choose: (values: readonly number[]) => Answer = anyOf,
): Promise<Traces> {
  const { origin, pathname, hash } = new URL(link)
  const roundId = pathname.split('/').at(-1) ?? ''
  const [cohort = '', invitation = ''] = hash.slice(1).split('.')
  const { keys } = await json<{ keys: (PublicKey & { cohort: string })[] }>(`${origin}/api/v1/rounds/${roundId}/keys`)
  const key = keys.find((candidate) => candidate.cohort === cohort)
  if (!key) throw new Error(`The round has no key for ${cohort}.`)
  const message = ballotMessage(roundId, cohort, random)
  const { blinded, inverse } = await blind(key, message, random)
  const issued = await json<{ blindSignature: string }>(`${origin}/api/v1/issuances`, {
    roundId,
    cohort,
    invitation,
    blindedMessage: toBase64Url(blinded),
  })
  const signature = await finalize(key, message, fromBase64Url(issued.blindSignature), inverse)
  const answers: Answer[] = items.map((item) => choose(item.kind === 'agreement' ? [1, 2, 3, 4, 5] : [0, 1, 2]))
  await json(`${origin}/api/v1/ballots`, {
    roundId,
    cohort,
    message: toBase64Url(message),
    signature: toBase64Url(signature),
    answers,
    comment,
  })
  const encoded = encodeAnswers(items, answers)
  if (!('bytes' in encoded)) throw new Error('These answers are none.')
  return { token: await sha256(message), answers: encoded.bytes, blindedHash: await sha256(blinded) }
}

const anyOf = (values: readonly number[]) => values[(random(1)[0] ?? 0) % values.length] ?? null

async function json<T>(url: string, body?: unknown): Promise<T> {
  const init = body ? { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } } : {}
  const response = await fetch(url, init)
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
