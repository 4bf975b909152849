/** Pipedrive as its OpenAPI files describe it, in memory: lists by cursor (v2) and by offset (v1), with errors on demand. */

export interface FakeDeal {
  id: number
  status: 'open' | 'won' | 'lost' | 'deleted'
  value?: number | null
  currency?: string
  stage_id?: number
  org_id?: number | null
  add_time?: string
  update_time: string
  won_time?: string | null
  lost_time?: string | null
  close_time?: string | null
  lost_reason?: string | null
  channel?: number | null
  source_lead_id?: string | null
  is_archived?: boolean
  is_deleted?: boolean
  custom_fields?: Record<string, unknown>
}

export interface FakeLead {
  id: string
  label_ids?: string[]
  source_name?: string
  is_archived?: boolean
  add_time: string
  update_time: string
}

export interface FakeActivity {
  id: number
  type: string
  done: boolean
  is_deleted?: boolean
  deal_id?: number | null
  lead_id?: string | null
  update_time: string
  marked_as_done_time?: string | null
}

export interface FakePipedrive {
  deals: FakeDeal[]
  leads: FakeLead[]
  activities: FakeActivity[]
  stages: { id: number; name: string; pipeline_id: number; order_nr: number }[]
  labels: { id: string; name: string }[]
  fields: { field_code: string; field_name: string; field_type: string; options: { id: number; label: string }[] | null }[]
  token: string
  /** Says nothing where there is nothing, as the description wants it; the real one writes null. */
  withoutNulls: boolean
  /** Answers in the place of the next requests. */
  failures: (() => Response)[]
  /** Path and query of every request, in order. */
  requests: string[]
  fetch: typeof fetch
  /** Answers one request by its path below the host: `/api/v2/deals?limit=500`. */
  answer: (path: string, headers: Headers) => Response
}

export function fakePipedrive(data: Partial<Pick<FakePipedrive, 'deals' | 'leads' | 'activities' | 'stages' | 'labels' | 'fields'>> = {}) {
  const fake: FakePipedrive = {
    deals: [],
    leads: [],
    activities: [],
    stages: [
      { id: 1, name: 'Qualified', pipeline_id: 1, order_nr: 1 },
      { id: 2, name: 'Proposal', pipeline_id: 1, order_nr: 2 },
    ],
    labels: [],
    fields: [
      { field_code: 'title', field_name: 'Title', field_type: 'varchar', options: null },
      { field_code: 'channel', field_name: 'Source channel', field_type: 'enum', options: [{ id: 52, label: 'Billboards' }] },
    ],
    token: 'secret-token',
    withoutNulls: false,
    failures: [],
    requests: [],
    ...data,
    fetch: async (input, init) => {
      const url = new URL(String(input))
      return fake.answer(url.pathname + url.search, new Headers(init?.headers))
    },
    answer: (path, headers) => {
      fake.requests.push(path)
      const failure = fake.failures.shift()
      if (failure) return failure()
      if (headers.get('x-api-token') !== fake.token) return refusal(401, 'unauthorized access')
      const url = new URL(`https://fake${path}`)
      const query = url.searchParams
      const byCursor = (items: readonly unknown[], asked: URLSearchParams) => pageOf(items, asked, fake.withoutNulls)
      switch (url.pathname) {
        case '/v1/users/me':
          return json({
            success: true,
            data: {
              id: 1,
              name: 'Ann Lee',
              email: 'ann@acme.example',
              company_name: 'Acme',
              timezone_name: 'Europe/Berlin',
              default_currency: 'EUR',
            },
          })
        case '/v1/leadLabels':
          return json({ success: true, data: fake.labels })
        case '/v1/leads':
          return byOffset(
            fake.leads.filter((lead) => !lead.is_archived),
            query,
          )
        case '/v1/leads/archived':
          return byOffset(
            fake.leads.filter((lead) => lead.is_archived),
            query,
          )
        case '/api/v2/stages':
          return byCursor(fake.stages, query)
        case '/api/v2/pipelines':
          return byCursor([{ id: 1, name: 'Sales' }], query)
        case '/api/v2/dealFields':
          return byCursor(fake.fields.map(described), query)
        case '/api/v2/deals':
          return byCursor(changed(dealsOf(fake.deals, query, false), query), query)
        case '/api/v2/deals/archived':
          return byCursor(changed(dealsOf(fake.deals, query, true), query), query)
        case '/api/v2/activities':
          return byCursor(
            changed(
              fake.activities.filter((activity) => activity.done),
              query,
            ),
            query,
          )
        default:
          return refusal(404, 'Not found')
      }
    },
  }
  return fake
}

export const refusal = (status: number, error: string, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ success: false, error, error_info: '', data: null, additional_data: null }), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  })

const json = (body: unknown) => new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } })

function dealsOf(deals: readonly FakeDeal[], query: URLSearchParams, archived: boolean): FakeDeal[] {
  const status = query.get('status')
  return deals.filter(
    (deal) => (deal.is_archived ?? false) === archived && (status === null ? deal.status !== 'deleted' : deal.status === status),
  )
}

function changed<T extends { update_time: string }>(items: readonly T[], query: URLSearchParams): T[] {
  const since = query.get('updated_since')
  return items
    .filter(({ update_time }) => since === null || Date.parse(update_time) >= Date.parse(since))
    .toSorted((a, b) => Date.parse(a.update_time) - Date.parse(b.update_time))
}

/** A field with everything that its description requires. */
const described = (field: FakePipedrive['fields'][number]) => ({
  description: '',
  subfields: null,
  is_custom_field: false,
  is_optional_response_field: false,
  ui_visibility: {
    add_visible_flag: true,
    details_visible_flag: true,
    projects_detail_visible_flag: true,
    show_in_pipelines: { show_in_all: true, pipeline_ids: [] },
  },
  important_fields: { enabled: false, stage_ids: [] },
  required_fields: { enabled: false, stage_ids: [], statuses: {} },
  ...field,
})

/** An opaque cursor, which is the place in the list as it stands. */
function pageOf(items: readonly unknown[], query: URLSearchParams, withoutNulls: boolean): Response {
  const limit = Number(query.get('limit') ?? 100)
  if (limit < 1 || limit > 500) return refusal(400, 'limit')
  const start = query.has('cursor') ? Number(atob(query.get('cursor') ?? '')) : 0
  const data = items.slice(start, start + limit)
  const next = start + limit < items.length ? btoa(String(start + limit)) : null
  return json({ success: true, data, additional_data: next === null && withoutNulls ? {} : { next_cursor: next } })
}

function byOffset(items: readonly FakeLead[], query: URLSearchParams): Response {
  const [start, limit] = [Number(query.get('start') ?? 0), Number(query.get('limit') ?? 100)]
  const key = query.get('sort') === 'update_time' ? 'update_time' : 'add_time'
  const since = query.get('updated_since')
  const sorted = items
    .filter(({ update_time }) => since === null || Date.parse(update_time) >= Date.parse(since))
    .toSorted((a, b) => Date.parse(a[key]) - Date.parse(b[key]) || (a.id < b.id ? -1 : 1))
  return json({ success: true, data: sorted.slice(start, start + limit), additional_data: { pagination: { start, limit } } })
}
