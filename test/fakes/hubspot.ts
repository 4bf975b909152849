/**
 * HubSpot as docs/connectors.md describes it, in memory: enough of the 2026-09 paths to be pulled from, and every rule that a
 * connector can break. Written from the reference, not from the connector.
 */

export interface FakeRecord {
  id: string
  properties: Record<string, string | null>
  history: Record<string, { value: string | null; timestamp: string }[]>
  createdAt: string
  updatedAt: string
  archivedAt: string | null
}

export interface FakeRequest {
  method: string
  path: string
  query: URLSearchParams
  body: unknown
  headers: Headers
}

type Type = 'contacts' | 'deals' | 'calls' | 'tasks' | 'meetings' | 'companies'
type Answer = { status?: number; body: unknown; headers?: Record<string, string> }
interface Budget {
  currencyCode: string | null
  spendTotal: number | null
  spendItems: { id: string; amount: number; createdAt: number; updatedAt: number }[]
}

const version = '2026-09'
const scopeOf: Record<Type, string> = {
  contacts: 'crm.objects.contacts.read',
  deals: 'crm.objects.deals.read',
  companies: 'crm.objects.companies.read',
  calls: 'crm.objects.contacts.read',
  tasks: 'crm.objects.contacts.read',
  meetings: 'crm.objects.contacts.read',
}
/** What searches are windowed by; the two names are as different as HubSpot made them. */
const modifiedOf = (type: Type) => (type === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate')

export class FakeHubspot {
  token = 'pat-eu1-0123456789'
  scopes = new Set([...Object.values(scopeOf), 'marketing.campaigns.read'])
  details: Record<string, unknown> = { portalId: 4242, timeZone: 'Europe/Berlin', companyCurrency: 'EUR', additionalCurrencies: ['USD'] }
  usage: Answer = {
    body: { results: [{ name: 'private-apps-api-calls-daily', currentUsage: 18, usageLimit: 250_000, fetchStatus: 'SUCCESS' }] },
  }
  readonly requests: FakeRequest[] = []
  /** Answers instead of the server's own, for as long as they return something. */
  fault: ((request: FakeRequest) => Response | null) | null = null
  /** What a search says it found when it found more. */
  cap = Number.POSITIVE_INFINITY
  readonly records: Record<Type, Map<string, FakeRecord>> = {
    contacts: new Map(),
    deals: new Map(),
    companies: new Map(),
    calls: new Map(),
    tasks: new Map(),
    meetings: new Map(),
  }
  readonly campaigns = new Map<string, { record: FakeRecord; budget: Budget }>()
  readonly properties: Record<string, unknown[]> = { contacts: [], deals: [] }
  pipelines: unknown[] = []
  #changes = 0
  #order: { key: string; records: FakeRecord[] } | null = null
  readonly #associations = new Map<string, Map<string, { id: string; label: string | null }[]>>()

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input))
    const body = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined
    const headers = new Headers(init?.headers)
    const request: FakeRequest = { method: init?.method ?? 'GET', path: url.pathname, query: url.searchParams, body, headers }
    this.requests.push(request)
    if (url.host !== 'api.hubapi.com') throw new TypeError('fetch failed')
    const faulty = this.fault?.(request)
    if (faulty) return faulty
    const { status = 200, body: answer, headers: extra } = this.#answer(request)
    return Response.json(answer, { status, ...(extra ? { headers: extra } : {}) })
  }

  /** Adds a record, or changes it, at a time. */
  put(type: Type, id: string, properties: Record<string, string | null>, at: string): FakeRecord {
    const before = this.records[type].get(id)
    const record: FakeRecord = before ?? { id, properties: {}, history: {}, createdAt: at, updatedAt: at, archivedAt: null }
    if (!before && type !== 'companies') record.properties = { createdate: at, hs_object_id: id }
    for (const [name, value] of Object.entries(properties)) {
      if (record.properties[name] === value) continue
      record.properties[name] = value
      const history = record.history[name] ?? []
      history.unshift({ value, timestamp: at })
      record.history[name] = history
    }
    this.#changes += 1
    record.updatedAt = at
    record.properties[modifiedOf(type)] = at
    this.records[type].set(id, record)
    return record
  }

  archive(type: Type, id: string, at: string): void {
    const record = this.records[type].get(id)
    if (record) record.archivedAt = at
  }

  link(from: Type, id: string, to: Type, otherId: string, label: string | null = null): void {
    for (const [a, one, b, other] of [
      [from, id, to, otherId],
      [to, otherId, from, id],
    ] as const) {
      const between = this.#associations.get(`${a}/${b}`) ?? new Map()
      between.set(one, [...(between.get(one) ?? []), { id: other, label }])
      this.#associations.set(`${a}/${b}`, between)
    }
  }

  campaign(guid: string, properties: Record<string, string | null>, budget: Budget, createdAt = '2026-01-01T00:00:00Z'): void {
    this.campaigns.set(guid, { record: { id: guid, properties, history: {}, createdAt, updatedAt: createdAt, archivedAt: null }, budget })
  }

  #answer(request: FakeRequest): Answer {
    const { path, method } = request
    if (request.headers.get('authorization') !== `Bearer ${this.token}`)
      return problem(401, 'INVALID_AUTHENTICATION', 'Authentication credentials not found.')
    if (path === `/account-info/${version}/details`) return { body: this.details }
    if (path === `/account-info/${version}/api-usage/daily/private-apps`) return this.usage
    const [, group, middle, ...rest] = path.split('/')
    if (group === 'crm' && middle === 'objects' && rest[0] === version)
      return this.#objects(rest[1] as Type, rest.slice(2).join('/'), request)
    if (
      group === 'crm' &&
      middle === 'associations' &&
      rest[0] === version &&
      rest.slice(3).join('/') === 'batch/read' &&
      method === 'POST'
    )
      return this.#links(rest[1] as Type, rest[2] as Type, request)
    if (group === 'crm' && middle === 'properties' && rest[0] === version) return this.#properties(rest[1] as Type, rest[2])
    if (path === `/crm/pipelines/${version}/deals`) return this.#allowed(scopeOf.deals) ?? { body: { results: this.pipelines } }
    if (group === 'marketing' && middle === 'campaigns' && rest[0] === version) return this.#campaigns(rest.slice(1), request)
    return problem(404, 'NOT_FOUND', 'resource not found')
  }

  #allowed(scope: string): Answer | null {
    if (this.scopes.has(scope)) return null
    return problem(403, 'MISSING_SCOPES', "This app hasn't been granted all required scopes to make this call.", [
      { message: 'One or more of the following scopes are required.', context: { requiredGranularScopes: [scope] } },
    ])
  }

  #objects(type: Type, action: string, request: FakeRequest): Answer {
    const records = this.records[type]
    if (!records) return problem(404, 'NOT_FOUND', `unknown type ${type}`)
    const refused = this.#allowed(scopeOf[type])
    if (refused) return refused
    if (action === '' && request.method === 'GET') return this.#list(type, request)
    if (action === 'search' && request.method === 'POST') return this.#search(type, request.body)
    if (action === 'batch/read' && request.method === 'POST') return this.#batch(type, request)
    return problem(405, 'METHOD_NOT_ALLOWED', 'no such method')
  }

  #list(type: Type, { query }: FakeRequest): Answer {
    const limit = Number(query.get('limit') ?? 10)
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) return problem(400, 'VALIDATION_ERROR', 'limit must be 1 to 100')
    const archived = query.get('archived') === 'true'
    const all = [...this.records[type].values()].filter((record) => (record.archivedAt !== null) === archived).toSorted(byId)
    const from = Number(query.get('after') ?? 0)
    const names = (query.get('properties') ?? '').split(',')
    const results = all.slice(from, from + limit).map((record) => view(record, names))
    return { body: { results, ...(from + limit < all.length ? { paging: { next: { after: String(from + limit), link: '?' } } } : {}) } }
  }

  #search(type: Type, body: unknown): Answer {
    const search = body as Record<string, unknown> & { filterGroups: { filters: Filter[] }[]; sorts: unknown[]; properties: string[] }
    for (const field of ['after', 'filterGroups', 'limit', 'properties', 'sorts'])
      if (search?.[field] === undefined) return problem(400, 'VALIDATION_ERROR', `Invalid input JSON: ${field} is required`)
    const limit = Number(search.limit)
    const after = Number(search.after)
    if (!/^\d+$/.test(String(search.after))) return problem(400, 'VALIDATION_ERROR', 'after must be an integer')
    if (!Number.isInteger(limit) || limit < 1 || limit > 200) return problem(400, 'VALIDATION_ERROR', 'limit must be 1 to 200')
    if (search.sorts.length > 1 || search.sorts.some((sort) => typeof sort !== 'string'))
      return problem(400, 'VALIDATION_ERROR', 'one sort, as a string')
    if (search.filterGroups.length > 5 || search.filterGroups.some(({ filters }) => filters.length > 6))
      return problem(400, 'VALIDATION_ERROR', 'too many filters')
    if (after + limit > 10_000) return problem(400, 'VALIDATION_ERROR', 'paging past 10,000 results')
    const [sort] = search.sorts as string[]
    const found = this.#sorted(type, sort ?? 'hs_object_id').filter(
      (record) =>
        record.archivedAt === null && search.filterGroups.some(({ filters }) => filters.every((filter) => matches(record, filter))),
    )
    const results = found.slice(after, after + limit).map((record) => view(record, search.properties))
    const paging = after + limit < found.length ? { paging: { next: { after: String(after + limit) } } } : {}
    return { body: { total: Math.min(found.length, this.cap), results, ...paging } }
  }

  /** Sorting ten thousand records again for every page would take most of a test's time. */
  #sorted(type: Type, property: string): FakeRecord[] {
    const key = `${type} ${property} ${this.#changes}`
    if (this.#order?.key !== key) {
      const keyed = [...this.records[type].values()].map((record) => [numberOf(record.properties[property]) ?? 0, record] as const)
      this.#order = { key, records: keyed.toSorted(([a], [b]) => a - b).map(([, record]) => record) }
    }
    return this.#order.records
  }

  #batch(type: Type, { body, query }: FakeRequest): Answer {
    const { inputs, propertiesWithHistory, properties } = body as {
      inputs: { id: string }[]
      propertiesWithHistory: string[]
      properties: string[]
    }
    const most = propertiesWithHistory.length > 0 ? 50 : 100
    if (inputs.length > most) return problem(400, 'VALIDATION_ERROR', `at most ${most} inputs`)
    const archived = query.get('archived') === 'true'
    const results = inputs.flatMap(({ id }) => {
      const record = this.records[type].get(id)
      if (!record || (record.archivedAt !== null) !== archived) return []
      const history = Object.fromEntries(propertiesWithHistory.map((name) => [name, record.history[name] ?? []]))
      return [{ ...view(record, properties), propertiesWithHistory: history }]
    })
    return { status: results.length < inputs.length ? 207 : 200, body: { status: 'COMPLETE', results } }
  }

  #links(from: Type, to: Type, { body }: FakeRequest): Answer {
    const refused = this.#allowed(scopeOf[from]) ?? this.#allowed(scopeOf[to])
    if (refused) return refused
    const { inputs } = body as { inputs: { id: string }[] }
    if (inputs.length > 1000) return problem(400, 'VALIDATION_ERROR', 'at most 1000 inputs')
    const between = this.#associations.get(`${from}/${to}`) ?? new Map<string, { id: string; label: string | null }[]>()
    const missing = inputs.filter(({ id }) => !between.has(id))
    const results = inputs.flatMap(({ id }) => {
      const others = between.get(id)
      if (!others) return []
      const of = (label: string | null, typeId: number) => ({ category: 'HUBSPOT_DEFINED', typeId, label })
      return [
        {
          from: { id },
          to: others.map((other) => ({
            toObjectId: Number(other.id),
            associationTypes: [of(null, 3), ...(other.label ? [of(other.label, 5)] : [])],
          })),
        },
      ]
    })
    const errors = missing.map(({ id }) => ({
      category: 'OBJECT_NOT_FOUND',
      message: 'No associations found',
      context: { fromObjectId: [id] },
    }))
    return { status: missing.length > 0 ? 207 : 200, body: { status: 'COMPLETE', results, ...(errors.length > 0 ? { errors } : {}) } }
  }

  #properties(type: Type, name: string | undefined): Answer {
    const refused = this.#allowed(scopeOf[type])
    if (refused) return refused
    const all = (this.properties[type] ?? []) as { name: string }[]
    if (name === undefined) return { body: { results: all } }
    const found = all.find((property) => property.name === name)
    return found ? { body: found } : problem(404, 'OBJECT_NOT_FOUND', `property ${name} not found`)
  }

  #campaigns(rest: string[], { query }: FakeRequest): Answer {
    const refused = this.#allowed('marketing.campaigns.read')
    if (refused) return refused
    if (rest.length === 0) {
      const all = [...this.campaigns.values()].map(({ record }) => record)
      const [from, limit] = [Number(query.get('after') ?? 0), Number(query.get('limit') ?? 50)]
      const results = all.slice(from, from + limit).map((record) => view(record, (query.get('properties') ?? '').split(',')))
      return {
        body: { total: all.length, results, ...(from + limit < all.length ? { paging: { next: { after: String(from + limit) } } } : {}) },
      }
    }
    const found = this.campaigns.get(rest[0] ?? '')
    return found && rest.slice(1).join('/') === 'budget/totals'
      ? { body: { budgetItems: [], remainingBudget: 0, ...found.budget } }
      : problem(404, 'NOT_FOUND', 'no such campaign')
  }
}

interface Filter {
  propertyName: string
  operator: string
  value: string
}

/** Error bodies as HubSpot writes them. */
export function problem(status: number, category: string, message: string, errors: unknown[] = [], extra: object = {}): Answer {
  const correlationId = '019e63ab-542f-7af5-a5b9-c3b0f5ac5ff1'
  return { status, body: { status: 'error', message, correlationId, category, errors, context: {}, links: {}, ...extra } }
}

/** A property that was not asked for is not there; one that does not exist is not named. */
function view(record: FakeRecord, names: readonly string[]) {
  const { id, createdAt, updatedAt, archivedAt } = record
  const properties = Object.fromEntries(names.filter((name) => name in record.properties).map((name) => [name, record.properties[name]]))
  return { id, properties, createdAt, updatedAt, archived: archivedAt !== null, ...(archivedAt === null ? {} : { archivedAt }) }
}

function matches(record: FakeRecord, { propertyName, operator, value }: Filter): boolean {
  const own = numberOf(record.properties[propertyName])
  const other = numberOf(value)
  if (own === null || other === null) return false
  if (operator === 'GTE') return own >= other
  if (operator === 'GT') return own > other
  if (operator === 'LT') return own < other
  if (operator === 'LTE') return own <= other
  return operator === 'EQ' && own === other
}

const numberOf = (text: string | null | undefined): number | null => {
  if (text === null || text === undefined || text === '') return null
  let number = numbers.get(text)
  if (number === undefined) {
    number = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text)
    numbers.set(text, number)
  }
  return Number.isFinite(number) ? number : null
}
/** Searches compare the same few thousand texts again and again. */
const numbers = new Map<string, number>()

const byId = (a: FakeRecord, b: FakeRecord) => Number(a.id) - Number(b.id)
