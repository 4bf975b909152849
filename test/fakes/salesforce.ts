/** A Salesforce org in memory, as the reference describes it: signing in, queries in pages, and errors of every class. */
import { type FakeRow, Malformed, parseSoql, type Query, type Value } from './soql'

export interface FakeRequest {
  method: string
  path: string
  soql: string | null
  headers: Headers
}

const longText = ['Name', 'Description', 'FirstName', 'LastName', 'Email', 'Phone', 'MobilePhone', 'Company', 'Title']
/** The fields that there are; others are an error. */
const schema: Record<string, string[]> = {
  Lead: [
    ...longText,
    'Id',
    'CreatedDate',
    'Status',
    'LeadSource',
    'OwnerId',
    'IsConverted',
    'ConvertedDate',
    'ConvertedOpportunityId',
    'ConvertedAccountId',
    'ConvertedContactId',
    'IsDeleted',
    'SystemModstamp',
    'Type__c',
    'Reason__c',
  ],
  LeadHistory: ['Id', 'LeadId', 'Field', 'OldValue', 'NewValue', 'CreatedDate', 'IsDeleted'],
  Opportunity: [
    'Id',
    'Name',
    'CreatedDate',
    'StageName',
    'Amount',
    'CloseDate',
    'IsClosed',
    'IsWon',
    'ForecastCategory',
    'Type',
    'LeadSource',
    'CampaignId',
    'AccountId',
    'OwnerId',
    'IsDeleted',
    'SystemModstamp',
    'Loss__c',
  ],
  OpportunityHistory: ['Id', 'OpportunityId', 'StageName', 'Amount', 'CloseDate', 'CreatedDate', 'IsDeleted'],
  Campaign: ['Id', 'Name', 'Type', 'CreatedDate', 'StartDate', 'EndDate', 'BudgetedCost', 'ActualCost', 'IsDeleted', 'SystemModstamp'],
  CampaignMember: [
    'Id',
    'CampaignId',
    'LeadId',
    'ContactId',
    'CreatedDate',
    'FirstRespondedDate',
    'IsDeleted',
    'SystemModstamp',
    'Campaign.Type',
    'Contact.AccountId',
  ],
  Task: [
    'Id',
    'Subject',
    'Description',
    'WhoId',
    'WhatId',
    'CreatedDate',
    'CompletedDateTime',
    'ActivityDate',
    'Status',
    'TaskSubtype',
    'CallType',
    'CallDisposition',
    'CallDurationInSeconds',
    'IsClosed',
    'IsDeleted',
    'SystemModstamp',
  ],
  LeadStatus: ['Id', 'ApiName', 'MasterLabel', 'SortOrder', 'IsDefault', 'IsConverted'],
  OpportunityStage: ['Id', 'ApiName', 'MasterLabel', 'SortOrder', 'IsActive', 'IsClosed', 'IsWon'],
  Organization: ['Id', 'Name', 'TimeZoneSidKey', 'FiscalYearStartMonth'],
}

export class FakeSalesforce {
  host = 'acme.my.salesforce.com'
  instance = 'https://acme.my.salesforce.com'
  readonly client = { id: 'client-id-of-the-app', secret: 'client-secret-of-the-app' }
  readonly requests: FakeRequest[] = []
  readonly rows = new Map<string, Map<string, FakeRow>>(Object.keys(schema).map((object) => [object, new Map()]))
  /** Objects that the user may not read. */
  readonly closed = new Set<string>()
  readonly described: Record<string, unknown[]> = { Lead: [], Opportunity: [] }
  currencies = false
  fault: ((request: FakeRequest) => Response | null) | null = null
  /** Rows of an answer at most, whatever was asked for. */
  pageSize = 2000
  /** A query that finds more takes too long. */
  slowAt = Number.POSITIVE_INFINITY
  /** Locators are forgotten as soon as they were given. */
  forgetful = false
  used = 18
  limit = 5000
  signIns = 0
  #token = ''
  readonly #locators = new Map<string, FakeRow[][]>()

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input))
    const headers = new Headers(init?.headers)
    const soql = url.searchParams.get('q')
    const request = { method: init?.method ?? 'GET', path: url.pathname, soql, headers }
    this.requests.push(request)
    if (url.host !== this.host && url.origin !== this.instance) throw new TypeError('fetch failed')
    const faulty = this.fault?.(request)
    if (faulty) return faulty
    if (url.pathname === '/services/oauth2/token') return this.#signIn(String(init?.body ?? ''))
    if (headers.get('authorization') !== `Bearer ${this.#token}` || this.#token === '')
      return errors(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
    if (url.href.length + 500 > 16_384) return errors(414, 'URI_TOO_LONG', 'too long')
    this.used += 1
    if (this.used > this.limit) return errors(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
    const response = this.#answer(url, soql, Number(/batchSize=(\d+)/.exec(headers.get('sforce-query-options') ?? '')?.[1] ?? 2000))
    response.headers.set('Sforce-Limit-Info', `api-usage=${this.used}/${this.limit}`)
    return response
  }

  put(object: string, id: string, fields: FakeRow, at: string): FakeRow {
    const rows = this.rows.get(object)
    const before = rows?.get(id) ?? { Id: id, CreatedDate: stamp(at), IsDeleted: false }
    const row = { ...before, ...fields, SystemModstamp: stamp(at) }
    if (object === 'Lead' && rows?.has(id) && 'Status' in fields && fields.Status !== before.Status) {
      const key = `017${String(this.rows.get('LeadHistory')?.size ?? 0).padStart(15, '0')}`
      const change = { Id: key, LeadId: id, Field: 'Status', OldValue: before.Status ?? null, NewValue: fields.Status ?? null }
      this.rows.get('LeadHistory')?.set(key, { ...change, CreatedDate: stamp(at), IsDeleted: false })
    }
    if (object === 'Opportunity') {
      const key = `008${String(this.rows.get('OpportunityHistory')?.size ?? 0).padStart(15, '0')}`
      const { StageName = null, Amount = null, CloseDate = null } = row as FakeRow
      this.rows
        .get('OpportunityHistory')
        ?.set(key, { Id: key, OpportunityId: id, StageName, Amount, CloseDate, CreatedDate: stamp(at), IsDeleted: false })
    }
    rows?.set(id, row)
    return row
  }

  remove(object: string, id: string, at: string): void {
    const row = this.rows.get(object)?.get(id)
    if (row) this.rows.get(object)?.set(id, { ...row, IsDeleted: true, SystemModstamp: stamp(at) })
  }

  /** The session ends, as it does after some hours. */
  endSession(): void {
    this.#token = ''
  }

  #signIn(form: string): Response {
    const { grant_type, client_id, client_secret } = Object.fromEntries(new URLSearchParams(form))
    if (grant_type !== 'client_credentials')
      return Response.json({ error: 'unsupported_grant_type', error_description: 'grant type not supported' }, { status: 400 })
    if (client_id !== this.client.id)
      return Response.json({ error: 'invalid_client_id', error_description: 'client identifier invalid' }, { status: 400 })
    if (client_secret !== this.client.secret)
      return Response.json({ error: 'invalid_client', error_description: 'invalid client credentials' }, { status: 400 })
    this.signIns += 1
    this.#token = `00Dxx!session.${this.signIns}`
    return Response.json({
      access_token: this.#token,
      instance_url: this.instance,
      issued_at: '1',
      token_type: 'Bearer',
      signature: 's',
      id: 'i',
    })
  }

  #answer(url: URL, soql: string | null, batchSize: number): Response {
    const [, , , version, resource, locator] = url.pathname.split('/')
    if (version !== 'v65.0') return errors(404, 'NOT_FOUND', 'The requested resource does not exist')
    const described = /^\/services\/data\/v65\.0\/sobjects\/(\w+)\/describe$/.exec(url.pathname)?.[1]
    if (described)
      return this.closed.has(described)
        ? errors(404, 'NOT_FOUND', 'The requested resource does not exist')
        : Response.json({ name: described, fields: this.described[described] ?? [] })
    if (resource !== 'query' && resource !== 'queryAll') return errors(404, 'NOT_FOUND', 'The requested resource does not exist')
    if (locator) return this.#page(locator)
    let query: Query
    try {
      query = parseSoql(soql ?? '')
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      return errors(400, 'MALFORMED_QUERY', error.message)
    }
    return this.#run(query, resource === 'queryAll', Math.min(Math.max(batchSize, 200), this.pageSize))
  }

  #run(query: Query, all: boolean, size: number): Response {
    const { object } = query
    const fields = object === 'CurrencyType' && this.currencies ? ['Id', 'IsoCode', 'IsCorporate'] : schema[object]
    if (!fields || this.closed.has(object))
      return errors(
        400,
        'INVALID_TYPE',
        `\nSELECT Id FROM ${object}\n ^\nERROR at Row:1:Column:8\nsObject type '${object}' is not supported.`,
      )
    const known = new Set([...fields, ...(this.currencies && ['Opportunity', 'Campaign'].includes(object) ? ['CurrencyIsoCode'] : [])])
    const unknown = [...query.fields, ...query.named].find((field) => !known.has(field))
    if (unknown)
      return errors(
        400,
        'INVALID_FIELD',
        `\nSELECT ${unknown} FROM ${object}\n ^\nERROR at Row:1:Column:8\nNo such column '${unknown}' on entity '${object}'. If you are attempting to use a custom field, be sure to append the '__c'.`,
      )
    const rows = object === 'CurrencyType' ? [{ Id: '1', IsoCode: 'EUR', IsCorporate: true }] : [...(this.rows.get(object)?.values() ?? [])]
    const found = rows.filter((row: FakeRow) => (all || row.IsDeleted !== true) && (query.where?.(row) ?? true))
    if (!query.count && query.limit === null && found.length > this.slowAt)
      return errors(400, 'QUERY_TIMEOUT', 'Your query request was running for too long.')
    found.sort((a, b) => {
      for (const { field, descending } of query.order) {
        const [one, other] = [(a as FakeRow)[field] ?? '', (b as FakeRow)[field] ?? '']
        if (one !== other) return (one < other ? -1 : 1) * (descending ? -1 : 1)
      }
      return 0
    })
    if (query.count) return Response.json({ totalSize: found.length, done: true, records: [] })
    const limited = query.limit === null ? found : found.slice(0, query.limit)
    const views = limited.map((row) => view(object, row, query.fields))
    const pages = Array.from({ length: Math.max(1, Math.ceil(views.length / size)) }, (_, index) =>
      views.slice(index * size, (index + 1) * size),
    )
    const key = `01g${this.#locators.size}`
    this.#locators.set(key, pages as FakeRow[][])
    return this.#pageOf(key, 0)
  }

  #page(locator: string): Response {
    const [key = '', index = ''] = locator.split('-')
    if (this.forgetful || !this.#locators.has(key)) return errors(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
    return this.#pageOf(key, Number(index))
  }

  #pageOf(key: string, index: number): Response {
    const pages = this.#locators.get(key) ?? []
    const done = index + 1 >= pages.length
    return Response.json({
      totalSize: pages.reduce((sum, page) => sum + page.length, 0),
      done,
      ...(done ? {} : { nextRecordsUrl: `/services/data/v65.0/query/${key}-${index + 1}` }),
      records: pages[index] ?? [],
    })
  }
}

/** Errors of everything but signing in: a list. */
export const errors = (status: number, errorCode: string, message: string): Response => Response.json([{ message, errorCode }], { status })

/** As Salesforce writes a moment. */
const stamp = (at: string) => new Date(at).toISOString().replace('Z', '+0000')

function view(object: string, row: FakeRow, fields: readonly string[]) {
  const seen: Record<string, unknown> = { attributes: { type: object, url: `/services/data/v65.0/sobjects/${object}/${row.Id}` } }
  for (const field of fields) {
    const [parent, inner] = field.split('.')
    const value: Value = row[field] ?? null
    if (inner === undefined) seen[field] = value
    else seen[parent ?? ''] = value === null ? null : { attributes: { type: parent }, [inner]: value }
  }
  return seen
}
