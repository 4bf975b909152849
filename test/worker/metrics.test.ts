import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { kpiKeys } from '../../worker/core/metrics'
import { pullCsv } from '../../worker/services/pulls'
import { createSource } from '../../worker/services/sources'
import { adminClient, adminHeaders, fetchWorker, keyHeaders, services } from './client'

const days = 86_400_000

async function aYearOfLeads(now = new Date()) {
  const { id } = await createSource(services(now), {
    name: 'CRM',
    settings: {
      timeZone: 'UTC',
      currency: 'USD',
      dateFormat: 'iso',
      expectedEveryDays: 7,
      layouts: [
        { name: 'L', lead: { id: 'id', createdAt: 'created' }, deal: { id: 'id', leadId: 'id', closedAt: 'closed', state: 'won' } },
      ],
    },
  })
  const rows = Array.from(
    { length: 12 },
    (_, month) => `L${month},2025-${String(month + 1).padStart(2, '0')}-01,2025-${String(month + 1).padStart(2, '0')}-15`,
  )
  await pullCsv(services(now), id, `id,created,closed\n${rows.join('\n')}\n`, { dryRun: false })
}

const get = async (path: string) => fetchWorker(`/api/v1/metrics${path}`, { headers: await adminHeaders() })

describe('GET /metrics', () => {
  it('lists every metric, also while there is no data', async () => {
    const { items, next } = await (await (await adminClient()).metrics.$get()).json()
    expect([items.map(({ key }) => key), next]).toEqual([[...kpiKeys], null])
    expect(items[0]).toMatchObject({
      key: 'lead_volume',
      unit: 'count',
      better: 'higher',
      goal: null,
      latest: null,
      asOf: null,
      freshness: 'never',
      currency: null,
    })
  })

  it('shows the last whole month, its as-of date and how fresh that is', async () => {
    const read = new Date(Date.now() - 10 * days)
    await aYearOfLeads(read)
    const { items } = await (await (await adminClient()).metrics.$get()).json()
    const volume = items.find(({ key }) => key === 'lead_volume')
    expect(volume).toMatchObject({
      latest: { period: '2025-12', value: 1, provisional: false },
      asOf: read.toISOString(),
      freshness: 'late',
    })
    expect(items.find(({ key }) => key === 'cac')).toMatchObject({ latest: null, freshness: 'never', currency: 'USD' })
  })

  it('is for readers as well, and for nobody else', async () => {
    const as = async (role: 'reader' | 'importer') => (await fetchWorker('/api/v1/metrics', { headers: await keyHeaders(role) })).status
    expect([await as('reader'), await as('importer'), (await fetchWorker('/api/v1/metrics')).status]).toEqual([200, 403, 401])
  })
})

describe('GET /metrics/{key}/observations', () => {
  it('pages by month within a range, earliest first', async () => {
    await aYearOfLeads()
    const client = await adminClient()
    const read = async (query: Record<string, string>) =>
      (await client.metrics[':key'].observations.$get({ param: { key: 'lead_conversion' }, query })).json()
    const first = await read({ from: '2025-03', to: '2025-07', limit: '3' })
    const second = await read({ from: '2025-03', to: '2025-07', limit: '3', cursor: first.next ?? '' })
    expect([...first.items, ...second.items].map(({ period }) => period)).toEqual(['2025-03', '2025-04', '2025-05', '2025-06', '2025-07'])
    expect([first.next, second.next]).toEqual(['2025-05', null])
    expect(first.items[0]).toMatchObject({ basis: 'period', window: '', value: 1, numerator: 1, denominator: 1, mean: null, p90: null })
  })

  it('gives cohorts by window, 90 days where none is named', async () => {
    await aYearOfLeads()
    const read = async (query: string) =>
      (await (await get(`/lead_conversion/observations?basis=cohort&limit=1${query}`)).json<{ items: unknown[] }>()).items[0]
    expect(await read('')).toMatchObject({ window: '90', value: 1, provisional: false })
    expect(await read('&window=ever')).toMatchObject({ window: 'ever', value: 1 })
  })

  it.each([
    ['?from=2026-02&to=2026-01', 'query/to'],
    ['?from=2026-13', 'query/from'],
    ['?from=2026-1', 'query/from'],
    ['?basis=weekly', 'query/basis'],
    ['?basis=cohort&window=45', 'query/window'],
    ['?window=30', 'query/window'],
    ['?limit=0', 'query/limit'],
    ['?limit=ten', 'query/limit'],
    ['?cursor=x', 'query/cursor'],
    ['?more=1', 'query/more'],
    ['?from=2026-01&from=2026-02', 'query/from'],
  ])('refuses %s and names %s', async (query, pointer) => {
    const response = await get(`/lead_conversion/observations${query}`)
    const { errors } = await response.json<{ errors: { pointer: string }[] }>()
    expect([response.status, errors.map((error) => error.pointer)]).toEqual([422, [pointer]])
  })

  it('has no cohorts for a metric without them, and no metric of another name', async () => {
    expect((await get('/cac/observations?basis=cohort')).status).toBe(422)
    expect((await get('/happiness/observations')).status).toBe(404)
    expect((await get('/__proto__/observations')).status).toBe(404)
  })
})

describe('goals', () => {
  const put = async (key: string, body: unknown) =>
    fetchWorker(`/api/v1/metrics/${key}/goal`, {
      method: 'PUT',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { ...(await adminHeaders()), 'Content-Type': 'application/json' },
    })

  it('are set, replaced, shown with their metric and removed', async () => {
    expect((await put('cac', { target: 90_000, baseline: 120_000, scale: 'log' })).status).toBe(200)
    expect((await put('cac', { target: 80_000, scale: 'linear' })).status).toBe(200)
    const client = await adminClient()
    const shown = async () => (await (await client.metrics.$get()).json()).items.find(({ key }) => key === 'cac')?.goal
    expect(await shown()).toEqual({ target: 80_000, baseline: null, scale: 'linear' })
    expect((await client.metrics[':key'].goal.$delete({ param: { key: 'cac' } })).status).toBe(204)
    expect(await shown()).toBeNull()
    expect((await client.metrics[':key'].goal.$delete({ param: { key: 'cac' } })).status).toBe(404)
  })

  it.each<[string, unknown, string]>([
    ['no target', { scale: 'linear' }, '#/target'],
    ['a target in words', { target: '10', scale: 'linear' }, '#/target'],
    ['an infinite target', '{"target":1e999,"scale":"linear"}', '#/target'],
    ['a target at the baseline', { target: 5, baseline: 5, scale: 'linear' }, '#/target'],
    ['a logarithm of 0', { target: 0, scale: 'log' }, '#/target'],
    ['a logarithm of a negative baseline', { target: 5, baseline: -1, scale: 'log' }, '#/baseline'],
    ['a negative number of leads', { target: -5, scale: 'linear' }, '#/target'],
    ['an unknown scale', { target: 5, scale: 'cubic' }, '#/scale'],
    ['an unknown field', { target: 5, scale: 'log', more: 1 }, '#/more'],
  ])('refuse %s', async (_, body, pointer) => {
    const response = await put('lead_volume', body)
    const { errors } = await response.json<{ errors: { pointer: string }[] }>()
    expect([response.status, errors.map((error) => error.pointer)]).toEqual([422, expect.arrayContaining([pointer])])
    expect(await env.DB.prepare('select count(*) as n from scoring_rules').first()).toEqual({ n: 0 })
  })

  it('may be negative for growth only', async () => {
    expect((await put('revenue_growth', { target: -0.02, baseline: -0.1, scale: 'linear' })).status).toBe(200)
    expect((await put('nothing', { target: 1, scale: 'linear' })).status).toBe(404)
  })
})
