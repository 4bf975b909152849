/** Requests to Salesforce: signing in, queries, and what its errors mean. */
import * as z from 'zod'
import type { Access } from '../connector'
import type { CrmSettings } from '../crm'
import { type FailureFacts, PullFailure, quoted } from '../failure'
import { type Answer, ask, askJson, jsonIn, retryAfter } from '../http'
import { untilMidnight } from '../records'

/** Of every path. An org answers to versions of many years back. */
export const version = 'v65.0'
/** Rows of an answer; Salesforce may give fewer. Of each page's records histories and links are asked for, so not the most. */
const batchSize = 1000
/** Salesforce refuses address and headers of more than 16,384 bytes. */
const longestAddress = 15_500

type Salesforce = Access<CrmSettings>

const Session = z.object({ access_token: z.string().min(1), instance_url: z.string().min(1) })

const Value = z.union([z.string(), z.number(), z.boolean()]).nullish()
/** Fields of other objects come in objects of their own. */
const Row = z.record(z.string(), z.union([Value, z.looseObject({})]))
export type Row = z.infer<typeof Row>

const Answered = z.object({ totalSize: z.int().min(0), done: z.boolean(), nextRecordsUrl: z.string().nullish(), records: z.array(Row) })
export type Answered = z.infer<typeof Answered>

const Described = z.object({
  fields: z.array(z.object({ name: z.string(), label: z.string().nullish(), type: z.string().nullish() })),
})

/** The rows behind `nextRecordsUrl` are kept for some time and are gone. */
export class LocatorGone extends PullFailure {
  override name = 'LocatorGone'
}

/**
 * The address of an org: its My Domain, and no other host.
 *
 * @throws PullFailure host-refused
 * @example orgAddress('https://Acme.my.salesforce.com/', []) // 'https://acme.my.salesforce.com'
 */
export function orgAddress(domain: string, allowedHosts: readonly string[]): string {
  const host = domain
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
  if (allowedHosts.includes(host)) return `http://${host}`
  const label = '[a-z0-9]([a-z0-9-]*[a-z0-9])?'
  if (!new RegExp(`^${label}(\\.${label})*\\.salesforce\\.com$`).test(host))
    throw new PullFailure('host-refused', { host: host.slice(0, 200) })
  return `https://${host}`
}

/** Asks one org on behalf of one page, signs in when it first has to, and counts. */
export class SalesforceApi {
  /** Requests so far, those for signing in left out: they are in no quota. */
  cost = 0
  quota: { used: number; limit: number } | null = null
  #session: { token: string; address: string } | null = null
  readonly #access: Salesforce

  constructor(access: Salesforce) {
    this.#access = access
  }

  /**
   * The first rows of a query.
   *
   * @param all with deleted and merged records
   * @throws PullFailure
   */
  query = (soql: string, { all = false } = {}): Promise<Answered> =>
    this.#ask(`/services/data/${version}/${all ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`, Answered)

  /** @throws PullFailure, LocatorGone */
  more(nextRecordsUrl: string): Promise<Answered> {
    if (!/^\/services\/data\/v\d+\.\d+\/query(All)?\/[\w-]+$/.test(nextRecordsUrl))
      throw new PullFailure('unexpected-shape', { field: 'nextRecordsUrl' })
    return this.#ask(nextRecordsUrl, Answered)
  }

  /** Every row of a query. */
  async rows(soql: string, options: { all?: boolean } = {}): Promise<Row[]> {
    let answer = await this.query(soql, options)
    const rows = [...answer.records]
    const seen = new Set<string>()
    while (!answer.done) {
      const next = answer.nextRecordsUrl ?? ''
      if (seen.has(next)) throw new PullFailure('cursor-repeats')
      seen.add(next)
      answer = await this.more(next)
      rows.push(...answer.records)
    }
    return rows
  }

  /** Every row that names one of these ids, in as many queries as the length of an address needs. */
  async rowsOf(ids: readonly string[], soql: (list: string) => string, options: { all?: boolean } = {}): Promise<Row[]> {
    const rows: Row[] = []
    for (let from = 0; from < ids.length; from += idsPerQuery) {
      const list = ids
        .slice(from, from + idsPerQuery)
        .map(quotedValue)
        .join(',')
      rows.push(...(await this.rows(soql(list), options)))
    }
    return rows
  }

  describe = async (object: string) => (await this.#ask(`/services/data/${version}/sobjects/${object}/describe`, Described)).fields

  async #ask<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      this.#session ??= await this.#signIn()
      const { token, address } = this.#session
      const url = address + path
      if (url.length > longestAddress) throw new PullFailure('configuration', { field: 'fields' })
      this.cost += 1
      try {
        const headers = { Authorization: `Bearer ${token}`, 'Sforce-Query-Options': `batchSize=${batchSize}` }
        const { value, answer } = await askJson(this.#access, { url, headers }, schema, (refused) => {
          this.#noteQuota(refused.headers)
          return readError(refused, this.#access)
        })
        this.#noteQuota(answer.headers)
        return value
      } catch (error) {
        // A session that ended in between says nothing about the credentials.
        if (!(error instanceof PullFailure) || error.code !== 'unauthorised' || attempt > 1) throw error
        this.#session = null
      }
    }
  }

  async #signIn(): Promise<{ token: string; address: string }> {
    const { settings, secret, allowedHosts } = this.#access
    const { clientId, clientSecret } = secret
    if (!clientId || !clientSecret) throw new PullFailure('unauthorised')
    const url = `${orgAddress(settings.domain, allowedHosts)}/services/oauth2/token`
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
    const answer = await ask(this.#access, { url, form, headers: { Accept: 'application/json' } }, readSignInError)
    const session = Session.safeParse(jsonIn(answer))
    if (!session.success) throw new PullFailure('unexpected-shape', { field: 'access_token' })
    return { token: session.data.access_token, address: orgAddress(session.data.instance_url, allowedHosts) }
  }

  /** `Sforce-Limit-Info: api-usage=18/5000` */
  #noteQuota(headers: Headers): void {
    const [, used, limit] = /api-usage=(\d+)\/(\d+)/.exec(headers.get('sforce-limit-info') ?? '') ?? []
    if (used !== undefined && limit !== undefined) this.quota = { used: Number(used), limit: Number(limit) }
  }
}

/** 18 characters each, quoted and encoded, and the rest of the query. */
const idsPerQuery = 400

/**
 * A text as it stands in SOQL.
 *
 * @example quotedValue("O'Neill") // "'O\\'Neill'"
 */
export const quotedValue = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}'`

/** @example momentValue(0) // '1970-01-01T00:00:00.000Z' */
export const momentValue = (at: number): string => new Date(at).toISOString()

const ErrorBody = z.array(
  z.object({ message: z.string().nullish(), errorCode: z.string().nullish(), fields: z.array(z.string()).nullish() }),
)
const SignInError = z.object({ error: z.string(), error_description: z.string().nullish() })

/**
 * What an error of Salesforce's means: a list with a code, unlike errors of signing in.
 *
 * @example readError({ status: 403, … '[{"errorCode":"REQUEST_LIMIT_EXCEEDED"}]' }, access) // PullFailure quota-spent
 */
export function readError({ status, headers, text }: Answer, { now, settings }: Pick<Salesforce, 'now' | 'settings'>): PullFailure | null {
  const [error] = ErrorBody.safeParse(parsed(text)).data ?? []
  const { errorCode: code = '', message = '', fields } = error ?? {}
  const facts: FailureFacts = { status, ...(message || code ? { reply: quoted(`${code ?? ''} ${message ?? ''}`) } : {}) }
  const waitSeconds = retryAfter(headers, now)
  if (status === 401 || code === 'INVALID_SESSION_ID') return new PullFailure('unauthorised', facts)
  if (code === 'REQUEST_LIMIT_EXCEEDED')
    return new PullFailure('quota-spent', facts, { waitSeconds: untilMidnight(now, settings.timeZone) })
  if (code === 'QUERY_TIMEOUT') return new PullFailure('timeout', facts)
  if (code === 'INVALID_QUERY_LOCATOR' || code === 'INVALID_QUERY_CURSOR') return new LocatorGone('unavailable', facts)
  const object = objectIn(message ?? '')
  if (code === 'INVALID_TYPE') return new PullFailure('forbidden', object ? { ...facts, scope: `${object}: Read` } : facts)
  if (status === 403)
    return new PullFailure('forbidden', { ...facts, ...(code === 'API_DISABLED_FOR_ORG' ? { scope: 'API Enabled' } : {}) })
  if (status === 400) {
    const field = fields?.[0] ?? fieldIn(message ?? '')
    return new PullFailure('configuration', field ? { ...facts, field: field.slice(0, 200) } : facts)
  }
  if (status === 414 || status === 431) return new PullFailure('configuration', { ...facts, field: 'fields' })
  if (status === 404 || status === 410) return new PullFailure('not-found', facts)
  if (status === 429) return new PullFailure('rate-limited', facts, { waitSeconds })
  if (status === 408 || status === 420 || status === 425 || status >= 500) return new PullFailure('unavailable', facts, { waitSeconds })
  return null
}

/** Of OAuth: an object with a code. Nothing of what was sent is repeated. */
export function readSignInError({ status, headers, text }: Answer): PullFailure | null {
  const { data } = SignInError.safeParse(parsed(text))
  if (!data) return status === 401 ? new PullFailure('unauthorised', { status }) : null
  const facts: FailureFacts = { status, reply: quoted(`${data.error} ${data.error_description ?? ''}`) }
  // Salesforce counts sign-ins, too: what is said next is about that, not about the key.
  if (/rate|limit|server_error|temporarily|unavailable/i.test(data.error))
    return new PullFailure('unavailable', facts, { waitSeconds: retryAfter(headers) })
  if (data.error === 'unsupported_grant_type' || data.error === 'invalid_request')
    return new PullFailure('configuration', { ...facts, field: 'grant_type' })
  return new PullFailure('unauthorised', facts)
}

const fieldIn = (message: string) =>
  /No such (?:column|relation) '([\w.]+)'/i.exec(message)?.[1] ??
  /relationship '([\w.]+)'/i.exec(message)?.[1] ??
  /field '([\w.]+)'/i.exec(message)?.[1]
const objectIn = (message: string) => /sObject type '(\w+)'/i.exec(message)?.[1]

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
