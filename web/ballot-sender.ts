/**
 * From answers to a counted ballot: blind, have it signed, open, cast. Each step is journalled before the next, and
 * each may be repeated: the server gives the same signature again and counts a message once.
 */
import { ballotMessage } from '../worker/core/ballot'
import { blind, finalize, fromBase64Url, type PublicKey, toBase64Url } from '../worker/core/blind-rsa'
import type { Journal, JournalStore, Stamp } from './ballot-journal'

/** The fragment of a personal link, and the round in its path. */
export interface Link {
  roundId: string
  cohort: string
  secret: string
  /** How the fingerprint of the round's key list begins, as the invitation knew it; '' in a link without it. */
  list: string
}

interface PublishedKey extends PublicKey {
  cohort: string
  group: string
  invited: number
}

export type GroupKey = PublishedKey & Stamp

/** Why a ballot is not in: the name of a message of the page; `code` is the server's word for it. */
export class BallotProblem extends Error {
  readonly reason: string
  readonly code: string

  constructor(reason: string, code = '') {
    super(reason)
    this.reason = reason
    this.code = code
  }
}

/**
 * The published key of the link's group: asked for by the round alone, so that nobody can be given a key of their own.
 * Fingerprints are computed here rather than believed.
 *
 * @throws BallotProblem keys where the list is not the one that the link was made with
 */
export async function groupKey({ roundId, cohort, list: expected }: Link): Promise<GroupKey> {
  const { keys } = await request<{ keys: PublishedKey[] }>(`rounds/${roundId}/keys`)
  const fingerprints = await Promise.all(keys.map(fingerprintOf))
  const list = await sha256Hex(new TextEncoder().encode(fingerprints.join('\n')))
  if (!list.startsWith(expected)) throw new BallotProblem('keys')
  const index = keys.findIndex((key) => key.cohort === cohort)
  const [key, fingerprint] = [keys[index], fingerprints[index]]
  if (!key || !fingerprint) throw new BallotProblem('link')
  return { ...key, fingerprint, list }
}

/** SHA-256 of the key's SubjectPublicKeyInfo in hex. */
async function fingerprintOf({ n, e }: PublicKey): Promise<string> {
  const key = await crypto.subtle.importKey('jwk', { kty: 'RSA', n, e }, { name: 'RSA-PSS', hash: 'SHA-384' }, true, ['verify'])
  return sha256Hex(new Uint8Array(await crypto.subtle.exportKey('spki', key)))
}

export async function sha256Hex(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * Sends what the journal holds, from wherever an earlier attempt stopped.
 *
 * @returns what the ballot was stamped with
 * @throws BallotProblem
 */
export async function sendBallot(
  link: Link,
  journal: JournalStore,
  keyOf: () => Promise<GroupKey>,
  onStep: (step: 'stamp' | 'cast') => void,
): Promise<Stamp> {
  const { roundId, cohort, secret } = link
  let state = journal.read()
  const resumed = state.step === 'sealed'
  if (state.step === 'draft') {
    const key = await keyOf()
    const message = ballotMessage(roundId, cohort, random)
    const { blinded, inverse } = await blind(key, message, random)
    state = journal.write({
      ...state,
      step: 'blinded',
      key,
      message: toBase64Url(message),
      blinded: toBase64Url(blinded),
      inverse: toBase64Url(inverse),
    })
  }
  if (state.step === 'blinded') {
    onStep('stamp')
    const { blindSignature } = await request<{ blindSignature: string }>('issuances', {
      roundId,
      cohort,
      invitation: secret,
      blindedMessage: state.blinded,
    })
    state = journal.write({ ...state, step: 'issued', blindSignature })
  }
  if (state.step === 'issued') {
    const signature = await open(state).catch(() => undefined)
    if (!signature) {
      journal.write({ ...state, step: 'blinded' })
      throw new BallotProblem('seal')
    }
    state = journal.write({ ...state, step: 'sealed', signature })
  }
  if (state.step === 'sealed') {
    onStep('cast')
    const { message, signature, values, comment } = state
    const answers = values.map((value) => (value ? Number(value) : null))
    try {
      await request('ballots', { roundId, cohort, message, signature, answers, comment: comment.replaceAll('\0', '').trim() || null })
    } catch (error) {
      const problem = afterCasting(error, resumed)
      // Refused is not stored: the answers may be put right.
      if (problem.reason === 'refused') journal.write({ ...state, step: 'issued' })
      throw problem
    }
  }
  if (state.step === 'cast') return state.stamp
  const { group, fingerprint, list } = state.key
  const stamp = { cohort, group, fingerprint, list }
  journal.write({ step: 'cast', stamp })
  return stamp
}

/** @throws where the issuer did not sign what it was given with the key that it published */
async function open(issued: Extract<Journal, { step: 'issued' }>): Promise<string> {
  const { key, message, blindSignature, inverse } = issued
  return toBase64Url(await finalize(key, fromBase64Url(message), fromBase64Url(blindSignature), fromBase64Url(inverse)))
}

/** A ballot that may be in already must not be called lost. */
function afterCasting(error: unknown, resumed: boolean): BallotProblem {
  const problem = error instanceof BallotProblem ? error : new BallotProblem('offline')
  if (problem.reason === 'offline') return new BallotProblem('unconfirmed')
  if (problem.reason === 'closed' && resumed) return new BallotProblem('late')
  return problem
}

/** No cookie travels with either half of a ballot. */
async function request<T>(path: string, body?: unknown): Promise<T> {
  try {
    const response = await fetch(`/api/v1/${path}`, {
      credentials: 'omit',
      cache: 'no-store', // or the list of keys, which never changes, would be there without the server
      ...(body ? { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: padded(JSON.stringify(body)) } : {}),
    })
    const answer: unknown = await response.json()
    if (response.ok) return answer as T
    if (response.status < 500) throw refusal((answer as { type: string }).type.split('/').pop() ?? '')
  } catch (error) {
    if (error instanceof BallotProblem) throw error
  }
  throw new BallotProblem('offline')
}

/** Spaces up to 4 KB, so that the size of a request does not tell a comment from none. */
const padded = (json: string) => json + ' '.repeat(4096 - (byteLength(json) % 4096))

export const byteLength = (text: string) => new TextEncoder().encode(text).length

/** The page has words of its own for these. */
const named = /^(?:invitation|round|team-link)-(unknown|used|closed|full|busy)$/

const refusal = (code: string) => new BallotProblem(named.exec(code)?.[1] ?? 'refused', code)

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
