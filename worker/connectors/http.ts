/**
 * Requests to other people's servers: to public hosts only, with a limit on time, size and redirects, and with every way to
 * go wrong as a `PullFailure`.
 */
import type * as z from 'zod'
import { concat } from '../core/bytes'
import type { Access } from './connector'
import { type FailureFacts, PullFailure, quoted } from './failure'

export interface Asked {
  url: string
  method?: 'GET' | 'POST'
  headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  json?: unknown
  /** Sent as a form. */
  form?: Readonly<Record<string, string>>
  /** Bytes of the body after decompression that are read at most. */
  maxBytes?: number
  /** Hosts that a redirect may lead to, besides the one that was asked; a suffix with a dot in front means all below it. */
  redirectHosts?: readonly string[]
  /** Statuses that are no failure, besides 2xx: 304, say. */
  accept?: readonly number[]
}

export interface Answer {
  status: number
  headers: Headers
  bytes: Uint8Array
  /** Of UTF-8. */
  text: string
}

/** What a vendor's error means where its status does not say enough. Null leaves it to the status. */
export type ReadError = (answer: Answer) => PullFailure | null

export const patienceMilliseconds = 20_000
export const mostBytes = 10 * 1024 * 1024
const mostRedirects = 3

/**
 * Asks, follows redirects that are allowed, and reads the body to its end.
 *
 * @throws PullFailure
 * @example const { text } = await ask(access, { url: 'https://api.hubapi.com/crm/owners/2026-09', headers: { Authorization: `Bearer ${token}` } })
 */
export async function ask<Settings>(access: Access<Settings>, asked: Asked, readError: ReadError = () => null): Promise<Answer> {
  let url = hostAllowed(asked.url, access.allowedHosts)
  let headers = { ...asked.headers }
  for (let hop = 0; ; hop += 1) {
    const answer = await once(access, { ...asked, url: url.href, headers })
    if (answer.status >= 300 && answer.status < 400 && !asked.accept?.includes(answer.status)) {
      const location = answer.headers.get('location')
      const target = location ? URL.parse(location, url) : null // nothing would mean the same address again
      if (!target || hop >= mostRedirects) throw new PullFailure('redirect-refused', { host: url.hostname, status: answer.status })
      const next = hostAllowed(target.href, access.allowedHosts)
      if (next.host !== url.host) {
        if (!asked.redirectHosts?.some((host) => (host.startsWith('.') ? next.hostname.endsWith(host) : next.hostname === host)))
          throw new PullFailure('redirect-refused', { host: next.hostname, status: answer.status })
        // Whatever proves who asks is for the host that was asked, in headers or in what is sent.
        if (asked.json !== undefined || asked.form)
          throw new PullFailure('redirect-refused', { host: next.hostname, status: answer.status })
        headers = {}
      }
      url = next
      continue
    }
    if ((answer.status >= 200 && answer.status < 300) || asked.accept?.includes(answer.status)) return answer
    throw readError(answer) ?? failureOf(answer, url, access.now)
  }
}

/**
 * Asks for JSON and checks its shape.
 *
 * @throws PullFailure, `unexpected-shape` naming the field
 */
export async function askJson<Settings, T>(
  access: Access<Settings>,
  asked: Asked,
  schema: z.ZodType<T>,
  readError?: ReadError,
): Promise<{ value: T; answer: Answer }> {
  const answer = await ask(access, { ...asked, headers: { Accept: 'application/json', ...asked.headers } }, readError)
  const parsed = schema.safeParse(jsonIn(answer))
  if (parsed.success) return { value: parsed.data, answer }
  const [issue] = parsed.error.issues
  throw new PullFailure('unexpected-shape', { status: answer.status, field: (issue?.path ?? []).map(String).join('.').slice(0, 200) })
}

/** @throws PullFailure not-json, not-a-table (HTML where JSON was asked for), truncated */
export function jsonIn({ text, headers, status }: Answer): unknown {
  try {
    return JSON.parse(text)
  } catch {
    if (/^\s*</.test(text) || /html/i.test(headers.get('content-type') ?? '')) throw new PullFailure('not-json', { status, reply: 'HTML' })
    throw new PullFailure(/^\s*[[{]/.test(text) ? 'truncated' : 'not-json', { status })
  }
}

/**
 * The address, if it may be asked: HTTPS on its usual port, no credentials in it, a public name and no address. A name that
 * leads to a private address cannot be seen from here; the cloud has none to reach, and whoever serves their own machine names
 * the hosts that may be asked (`SOURCE_ALLOW_HOSTS`).
 *
 * @throws PullFailure host-refused
 * @example hostAllowed('https://127.0.0.1/x', []) // throws
 */
export function hostAllowed(address: string, allowedHosts: readonly string[]): URL {
  const url = URL.parse(address)
  if (!url) throw new PullFailure('host-refused', { field: 'url' })
  if (url.username !== '' || url.password !== '') throw new PullFailure('host-refused', { host: url.host })
  if (allowedHosts.includes(url.host) && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  const name = url.hostname.toLowerCase().replace(/\.$/, '')
  const isAddress = name.startsWith('[') || /^[\d.]+$/.test(name) || /(^|\.)(0x[0-9a-f]*|\d+)$/.test(name)
  const isLocal = !name.includes('.') || /(^|\.)(localhost|local|internal|lan|home|corp|home\.arpa|test|invalid|onion)$/.test(name)
  if (url.protocol !== 'https:' || url.port !== '' || isAddress || isLocal) throw new PullFailure('host-refused', { host: url.host })
  return url
}

async function once<Settings>({ fetch }: Access<Settings>, asked: Asked & { url: string }): Promise<Answer> {
  const body = asked.json !== undefined ? JSON.stringify(asked.json) : asked.form ? new URLSearchParams(asked.form).toString() : undefined
  const type = asked.json !== undefined ? 'application/json' : asked.form ? 'application/x-www-form-urlencoded' : undefined
  const signal = AbortSignal.timeout(patienceMilliseconds)
  const facts: FailureFacts = { host: new URL(asked.url).hostname }
  const headers = headersOf({ 'User-Agent': 'Plumbline', ...(type ? { 'Content-Type': type } : {}), ...asked.headers }, facts)
  let hasBegun = false
  try {
    const response = await fetch(asked.url, {
      method: asked.method ?? (body === undefined ? 'GET' : 'POST'),
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal,
    })
    hasBegun = true
    const bytes = await readBytes(response, asked.maxBytes ?? mostBytes, facts)
    return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) }
  } catch (error) {
    if (error instanceof PullFailure) throw error
    if (signal.aborted) throw new PullFailure('timeout', facts)
    // The runtimes have many words for a body that breaks off, or that cannot be unpacked; what matters is that it had begun.
    throw new PullFailure(hasBegun ? 'truncated' : 'unavailable', facts)
  }
}

/** The runtime's own words would repeat what cannot be sent, which may be a secret. */
function headersOf(headers: Readonly<Record<string, string>>, facts: FailureFacts): Headers {
  try {
    return new Headers(headers)
  } catch {
    throw new PullFailure('configuration', { ...facts, field: 'header' })
  }
}

/** Counts what comes out of the decompression, so that a small bomb is stopped while it grows. */
async function readBytes(response: Response, maxBytes: number, facts: FailureFacts): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array()
  const parts: Uint8Array[] = []
  let size = 0
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > maxBytes) {
      await reader.cancel().catch(() => undefined)
      throw new PullFailure('too-large', facts)
    }
    parts.push(value)
  }
  const declared = Number(response.headers.get('content-length') ?? Number.NaN)
  if (!response.headers.has('content-encoding') && Number.isFinite(declared) && size < declared) throw new PullFailure('truncated', facts)
  return concat(parts)
}

/** By the status alone. */
function failureOf(answer: Answer, url: URL, now: Date): PullFailure {
  const { status, headers, text } = answer
  const facts: FailureFacts = { status, host: url.hostname, ...(text && !/^\s*</.test(text) ? { reply: quoted(text) } : {}) }
  const waitSeconds = retryAfter(headers, now)
  if (status === 401) return new PullFailure('unauthorised', facts)
  if (status === 403) return new PullFailure('forbidden', facts)
  if (status === 404 || status === 410) return new PullFailure('not-found', facts)
  if (status === 429) return new PullFailure('rate-limited', facts, { waitSeconds })
  if (status === 408 || status === 423 || status === 425 || status === 477 || status >= 500)
    return new PullFailure('unavailable', facts, { waitSeconds })
  return new PullFailure('configuration', facts)
}

/** Seconds that `Retry-After` asks for, as a number or a date; null where it does not say. */
export function retryAfter(headers: Headers, now = new Date()): number | null {
  const text = headers.get('retry-after')?.trim()
  if (!text) return null
  if (/^\d{1,9}$/.test(text)) return Number(text)
  if (!/^[A-Za-z]{3,9},? /.test(text)) return null // `Date.parse` makes a year of "-5"
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, Math.round((at - now.getTime()) / 1000))
}
