import type { Database } from '../db/client'

/** Who acts. A person who answers a survey is nobody here: the ballot has no actor. */
export type Role = 'admin' | 'importer' | 'reader' | 'operator' | 'guest'
export type Actor =
  | { kind: 'nobody' }
  | { kind: 'session'; role: Role; tokenHash: string }
  | { kind: 'key'; role: Role; id: string }
  /** Whoever opened the shared link with this id. */
  | { kind: 'share'; role: 'guest'; id: string }

/**
 * What a verb may use. Time and randomness are arguments, so that a test can fix them and a job that was missed can be
 * run again as of its time.
 */
export interface ServiceContext {
  db: Database
  now: Date
  /** Cryptographically random bytes. */
  random: (length: number) => Uint8Array<ArrayBuffer>
  /** The key-encryption key, 32 bytes in base64. */
  kek: string
  /** `https://host`, for links; no slash at the end. */
  origin: string
  /**
   * Keeps ballots back for a random time before they are stored; null where they are stored at once, `unusable` where
   * the deployment asks for it and cannot do it.
   */
  mixer: BallotMixer | 'unusable' | null
  /** Whether mail servers on this machine and in its network may be used: where nothing but this machine is served. */
  privateNetwork: boolean
  /** Rewrites the local database without what was shredded; null where there is no file of ours (the cloud). */
  scrub: (() => Promise<void>) | null
  /** Whether one more ballot may be collected through this team's link now; null where a deployment does not count. */
  openLinkLimit: ((link: string) => Promise<boolean>) | null
  /** How sources are asked. */
  fetch: typeof fetch
  /** Hosts (`host:port`) of this machine that sources may be on; none where more than this machine is served. */
  allowedHosts: readonly string[]
}

/** What a deployment adds to the database and the clock. */
export interface Equipment {
  db: Database
  kek: string
  mixer?: ServiceContext['mixer']
  privateNetwork?: boolean
  scrub?: (() => Promise<void>) | null
  openLinkLimit?: ServiceContext['openLinkLimit']
  fetch?: typeof fetch
  allowedHosts?: readonly string[]
}

export interface BallotMixer {
  /** Longest time that a ballot of a round that opens now waits, in minutes: 1 to 720. */
  minutes: number
  /** Hands a sealed ballot over, to come back after so many seconds, at least once. */
  send: (sealedBallot: string, delaySeconds: number) => Promise<void>
}

/**
 * The context of work that no request asked for: cron, the sample, tests.
 *
 * @example contextOf(env, new Date(controller.scheduledTime), 'http://127.0.0.1:8787')
 */
export function contextOf(
  { db, kek, mixer = null, privateNetwork = false, scrub = null, openLinkLimit = null, ...ways }: Equipment,
  now: Date,
  origin: string,
): ServiceContext {
  const random: ServiceContext['random'] = (length) => crypto.getRandomValues(new Uint8Array(length))
  return {
    db,
    kek,
    mixer,
    privateNetwork,
    scrub,
    openLinkLimit,
    now,
    origin,
    random,
    fetch: ways.fetch ?? ((...asked) => fetch(...asked)),
    allowedHosts: ways.allowedHosts ?? [],
  }
}

/**
 * Rewrites the local file after something was deleted for good. What was done stays done, whatever becomes of the file:
 * it is rewritten again when the server stops.
 */
export async function scrubAfter({ scrub }: Pick<ServiceContext, 'scrub'>): Promise<void> {
  try {
    await scrub?.()
  } catch {
    console.error(JSON.stringify({ event: 'scrub-failed' }))
  }
}

/** An identifier: 16 random bytes in base64url, 22 characters. */
export function newId(context: Pick<ServiceContext, 'random'>): string {
  return toBase64Url(context.random(16))
}

/** A secret for a link or a key: 32 random bytes in base64url, 43 characters. */
export function newSecret(context: Pick<ServiceContext, 'random'>): string {
  return toBase64Url(context.random(32))
}

export function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}

/** Undefined where the text is not base64url. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: 'base64url' })
  } catch {
    return undefined
  }
}

export async function sha256(data: Uint8Array<ArrayBuffer> | string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

/** SHA-256 of a text in lower-case hex: what is stored of sessions, links and keys. */
export async function sha256Hex(text: string): Promise<string> {
  return (await sha256(text)).toHex()
}

/** Fisher–Yates; every order is equally likely. */
export function shuffled<T>(context: Pick<ServiceContext, 'random'>, items: readonly T[]): T[] {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = below(context, last + 1)
    ;[result[last], result[other]] = [result[other] as T, result[last] as T]
  }
  return result
}

/** A random whole number from 0 to `limit` − 1, without the bias of a remainder; `limit` is at most 2³². */
export function below({ random }: Pick<ServiceContext, 'random'>, limit: number): number {
  const range = 2 ** 32
  for (;;) {
    const value = new DataView(random(4).buffer).getUint32(0)
    if (value < range - (range % limit)) return value % limit
  }
}
