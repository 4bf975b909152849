/** Requests to HubSpot: what is asked, what shape answers have, and what its errors mean. */
import * as z from 'zod'
import type { Access } from '../connector'
import type { CrmSettings } from '../crm'
import { type FailureFacts, PullFailure, quoted } from '../failure'
import { type Answer, type Asked, askJson, retryAfter } from '../http'
import { untilMidnight } from '../records'

/** Of every path. HubSpot supports a dated version for 18 months or more. */
export const version = '2026-09'
const host = 'https://api.hubapi.com'

export const objectTypes = ['contacts', 'deals', 'calls', 'tasks', 'meetings'] as const
export type ObjectType = (typeof objectTypes)[number]

/** More is refused: of a search, of a list, of a batch with history, of a batch of associations. */
export const limits = { search: 200, list: 100, history: 50, associations: 200, results: 10_000, campaigns: 20 } as const

const Id = z.union([z.string().min(1), z.number()]).transform(String)
const Text = z.string().nullish()

export const HubspotRecord = z.object({
  id: Id,
  properties: z
    .record(z.string(), Text)
    .nullish()
    .transform((properties) => properties ?? {}),
  createdAt: Text,
  updatedAt: Text,
  archivedAt: Text,
})
export type HubspotRecord = z.infer<typeof HubspotRecord>

const Paging = z.object({ next: z.object({ after: z.union([z.string(), z.number()]).transform(String) }).nullish() }).nullish()
const Found = z.object({ total: z.int().min(0), results: z.array(HubspotRecord) })
const Listed = z.object({ results: z.array(HubspotRecord), paging: Paging })

export const History = z.array(z.object({ value: Text, timestamp: z.string() }))
export type History = z.infer<typeof History>
const WithHistory = z.object({
  results: z.array(z.object({ id: Id, propertiesWithHistory: z.record(z.string(), History.nullish()).nullish() })),
})

const Associations = z.object({
  results: z.array(
    z.object({
      from: z.object({ id: Id }),
      to: z.array(z.object({ toObjectId: Id, associationTypes: z.array(z.object({ label: Text })).nullish() })),
    }),
  ),
})

const Details = z.object({
  portalId: Id,
  timeZone: Text,
  companyCurrency: Text,
})

const Usage = z.object({ results: z.array(z.object({ currentUsage: z.number(), usageLimit: z.number().nullish() })) })

export const Property = z.object({
  name: z.string(),
  label: Text,
  type: Text,
  hidden: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  options: z
    .array(
      z.object({
        value: z.string(),
        label: Text,
        displayOrder: z.number().nullish(),
        hidden: z.boolean().nullish(),
        archived: z.boolean().nullish(),
      }),
    )
    .nullish(),
})
export type Property = z.infer<typeof Property>

const Pipelines = z.object({
  results: z.array(
    z.object({
      id: Id,
      label: Text,
      displayOrder: z.number().nullish(),
      archived: z.boolean().nullish(),
      stages: z.array(
        z.object({
          id: Id,
          label: Text,
          displayOrder: z.number().nullish(),
          archived: z.boolean().nullish(),
          metadata: z
            .object({ probability: z.union([z.string(), z.number()]).nullish(), isClosed: z.union([z.string(), z.boolean()]).nullish() })
            .nullish(),
        }),
      ),
    }),
  ),
})
export type Pipeline = z.infer<typeof Pipelines>['results'][number]

const Campaigns = z.object({ results: z.array(HubspotRecord), paging: Paging })

export const Budget = z.object({
  currencyCode: Text,
  spendTotal: z.number().nullish(),
  spendItems: z
    .array(
      z.object({
        id: Id,
        amount: z.number().nullish(),
        createdAt: z.union([z.string(), z.number()]).nullish(),
        updatedAt: z.union([z.string(), z.number()]).nullish(),
      }),
    )
    .nullish(),
})
export type Budget = z.infer<typeof Budget>

/** Whom a record belongs to: ids, the one that is marked as primary first. */
export type Links = ReadonlyMap<string, readonly string[]>

type Hubspot = Access<CrmSettings>

/** The rights that reading needs, for errors that name none. */
export const scopes = {
  contacts: 'crm.objects.contacts.read',
  deals: 'crm.objects.deals.read',
  companies: 'crm.objects.companies.read',
  calls: 'crm.objects.contacts.read',
  tasks: 'crm.objects.contacts.read',
  meetings: 'crm.objects.contacts.read',
  campaigns: 'marketing.campaigns.read',
} as const

/** Asks HubSpot on behalf of one page, and counts. */
export class HubspotApi {
  /** Requests so far. */
  cost = 0
  readonly #access: Hubspot

  constructor(access: Hubspot) {
    this.#access = access
  }

  /** @throws PullFailure */
  details = () => this.#ask({ url: `/account-info/${version}/details` }, Details)

  /** Null where HubSpot does not say: keys of some kinds may not ask. */
  async quota(): Promise<{ used: number; limit: number } | null> {
    try {
      const { results } = await this.#ask({ url: `/account-info/${version}/api-usage/daily/private-apps` }, Usage)
      const [usage] = results
      return usage?.usageLimit ? { used: usage.currentUsage, limit: usage.usageLimit } : null
    } catch (error) {
      if (error instanceof PullFailure && ['forbidden', 'not-found', 'configuration', 'unexpected-shape'].includes(error.code)) return null
      throw error
    }
  }

  /**
   * The first records of a type that were modified in a time, by id. Asking again after the last id instead of for a second
   * page keeps clear of the 10,000 results that a search has at most.
   *
   * @param window from is included, to is not; null is open
   */
  search = (type: ObjectType, window: { from: number; to: number | null; afterId: string | null }, properties: readonly string[]) => {
    const modified = modifiedField(type)
    const filters = [
      { propertyName: modified, operator: 'GTE', value: String(window.from) },
      ...(window.to === null ? [] : [{ propertyName: modified, operator: 'LT', value: String(window.to) }]),
      ...(window.afterId === null ? [] : [{ propertyName: 'hs_object_id', operator: 'GT', value: window.afterId }]),
    ]
    const json = { filterGroups: [{ filters }], sorts: ['hs_object_id'], properties, limit: limits.search, after: '0' }
    return this.#ask({ url: `/crm/objects/${version}/${type}/search`, json }, Found, scopes[type])
  }

  /** How many records of a type were modified since a time. */
  async count(type: ObjectType, from: number): Promise<number> {
    const filters = [{ propertyName: modifiedField(type), operator: 'GTE', value: String(from) }]
    const json = { filterGroups: [{ filters }], sorts: ['hs_object_id'], properties: ['hs_object_id'], limit: 1, after: '0' }
    return (await this.#ask({ url: `/crm/objects/${version}/${type}/search`, json }, Found, scopes[type])).total
  }

  /** A page of what was deleted and can still be restored. */
  archived = (type: ObjectType, properties: readonly string[], after: string | null) =>
    this.list(type, {
      archived: 'true',
      properties: properties.join(','),
      limit: String(limits.list),
      ...(after === null ? {} : { after }),
    })

  /** Whether the key may read records of a type. */
  probe = (type: ObjectType | 'companies') => this.list(type, { limit: '1', properties: 'hs_object_id' })

  list = (type: ObjectType | 'companies', query: Record<string, string>) =>
    this.#ask({ url: `/crm/objects/${version}/${type}?${new URLSearchParams(query)}` }, Listed, scopes[type])

  /** What these records' properties were, by record and property. */
  async history(
    type: ObjectType,
    ids: readonly string[],
    names: readonly string[],
    archived: boolean,
  ): Promise<Map<string, Record<string, History | null | undefined>>> {
    const found = new Map<string, Record<string, History | null | undefined>>()
    for (const chunk of chunked(ids, limits.history)) {
      const json = { inputs: chunk.map((id) => ({ id })), properties: [], propertiesWithHistory: names }
      const url = `/crm/objects/${version}/${type}/batch/read?archived=${archived}`
      const { results } = await this.#ask({ url, json }, WithHistory, scopes[type])
      for (const { id, propertiesWithHistory } of results) found.set(id, propertiesWithHistory ?? {})
    }
    return found
  }

  async links(from: ObjectType, to: 'contacts' | 'companies' | 'deals', ids: readonly string[]): Promise<Links> {
    const found = new Map<string, string[]>()
    for (const chunk of chunked(ids, limits.associations)) {
      const url = `/crm/associations/${version}/${from}/${to}/batch/read`
      const { results } = await this.#ask({ url, json: { inputs: chunk.map((id) => ({ id })) } }, Associations, scopes[to])
      for (const { from: record, to: others } of results) {
        const isPrimary = (other: (typeof others)[number]) => other.associationTypes?.some(({ label }) => label === 'Primary') ?? false
        const sorted = others.toSorted((a, b) => Number(isPrimary(b)) - Number(isPrimary(a)) || byId(a.toObjectId, b.toObjectId))
        found.set(record.id, [...new Set(sorted.map(({ toObjectId }) => toObjectId))])
      }
    }
    return found
  }

  property = (type: ObjectType, name: string) => this.#ask({ url: `/crm/properties/${version}/${type}/${name}` }, Property, scopes[type])

  properties = async (type: ObjectType) =>
    (await this.#ask({ url: `/crm/properties/${version}/${type}` }, z.object({ results: z.array(Property) }), scopes[type])).results

  dealPipelines = async () => (await this.#ask({ url: `/crm/pipelines/${version}/deals` }, Pipelines, scopes.deals)).results

  campaigns = (after: string | null, limit: number = limits.campaigns) => {
    const properties = 'hs_start_date,hs_end_date,hs_spend_items_sum_amount,hs_currency_code'
    const query = new URLSearchParams({ limit: String(limit), properties, ...(after === null ? {} : { after }) })
    return this.#ask({ url: `/marketing/campaigns/${version}?${query}` }, Campaigns, scopes.campaigns)
  }

  budget = (campaign: string) =>
    this.#ask({ url: `/marketing/campaigns/${version}/${encodeURIComponent(campaign)}/budget/totals` }, Budget, scopes.campaigns)

  async #ask<T>(asked: Asked, schema: z.ZodType<T>, scope?: string): Promise<T> {
    const { secret } = this.#access
    if (!secret.token) throw new PullFailure('unauthorised')
    this.cost += 1
    const headers = { Authorization: `Bearer ${secret.token}` }
    const { value } = await askJson(this.#access, { ...asked, url: host + asked.url, headers }, schema, (answer) =>
      readError(answer, this.#access, scope),
    )
    return value
  }
}

export const modifiedField = (type: ObjectType): string => (type === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate')

export const nextOf = (paging: z.infer<typeof Paging>): string | null => paging?.next?.after ?? null

const byId = (a: string, b: string) => a.length - b.length || (a < b ? -1 : 1)

function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))
}

/** Every part is optional, whatever the documentation says. */
const ErrorBody = z.object({
  message: z.string().nullish().catch(null),
  category: z.string().nullish().catch(null),
  correlationId: z.string().nullish().catch(null),
  policyName: z.string().nullish().catch(null),
  context: z.record(z.string(), z.unknown()).nullish().catch(null),
  errors: z
    .array(z.object({ message: z.string().nullish().catch(null), context: z.record(z.string(), z.unknown()).nullish().catch(null) }))
    .nullish()
    .catch(null),
})

/**
 * What an error of HubSpot's means.
 *
 * @example readError({ status: 429, … '{"policyName":"DAILY"}' }, access) // PullFailure quota-spent, until midnight there
 */
export function readError(
  { status, headers, text }: Answer,
  { now, settings }: Pick<Hubspot, 'now' | 'settings'>,
  usualScope?: string,
): PullFailure | null {
  const body = ErrorBody.safeParse(parsed(text)).data ?? {}
  const correlationId = body.correlationId ?? headers.get('x-hubspot-correlation-id')
  const facts: FailureFacts = {
    status,
    host: new URL(host).hostname,
    ...(correlationId && /^[\w-]{1,64}$/.test(correlationId) ? { correlationId } : {}),
    ...(body.message ? { reply: quoted(body.message) } : {}),
  }
  const waitSeconds = retryAfter(headers, now)
  if (status === 401) return new PullFailure('unauthorised', facts)
  if (status === 403) {
    const scope = scopesIn(body) || usualScope
    return new PullFailure('forbidden', scope ? { ...facts, scope } : facts)
  }
  if (status === 429) {
    const policy = body.policyName ?? ''
    if (/DAILY/.test(policy)) return new PullFailure('quota-spent', facts, { waitSeconds: untilMidnight(now, settings.timeZone) })
    const usual = /^TEN_SECONDLY/.test(policy) ? 10 : /^SECONDLY/.test(policy) ? 1 : null
    return new PullFailure('rate-limited', facts, { waitSeconds: waitSeconds ?? usual })
  }
  if (status === 423) return new PullFailure('unavailable', facts, { waitSeconds: waitSeconds ?? 2 })
  if (status === 400) {
    const field = fieldIn(body)
    return new PullFailure('configuration', field ? { ...facts, field } : facts)
  }
  if (status === 404 || status === 410) return new PullFailure('not-found', facts)
  if (status === 408 || status === 425 || status === 477 || status >= 500) return new PullFailure('unavailable', facts, { waitSeconds })
  return null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

type ErrorParts = z.infer<typeof ErrorBody>

/** Rights that are missing, by HubSpot's names. */
function scopesIn(body: ErrorParts): string {
  const named = contextsOf(body).flatMap((context) =>
    ['requiredGranularScopes', 'requiredScopes', 'missingScopes'].flatMap((key) => textsIn(context[key])),
  )
  return [...new Set(named)]
    .filter((scope) => /^[\w.-]{3,100}$/.test(scope))
    .join(', ')
    .slice(0, 200)
}

/** A property that is not there (any more). */
function fieldIn(body: ErrorParts): string | undefined {
  const named = contextsOf(body).flatMap((context) => ['propertyName', 'properties'].flatMap((key) => textsIn(context[key])))
  const said = [body.message, ...(body.errors ?? []).map(({ message }) => message)].flatMap(
    (message) => /property\W{1,4}(\w+)\W{1,4}(?:does not|doesn't) exist/i.exec(message ?? '')?.[1] ?? [],
  )
  return [...named, ...said].find((name) => /^\w{1,200}$/.test(name))
}

const contextsOf = ({ context, errors }: ErrorParts): Record<string, unknown>[] =>
  [context, ...(errors ?? []).map((error) => error.context)].flatMap((each) => (each ? [each] : []))
const textsIn = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((text): text is string => typeof text === 'string')
