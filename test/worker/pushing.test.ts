import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { addOwnMetric } from '../../worker/services/own-metrics'
import type { PushReport } from '../../worker/services/pushing'
import { deleteOverdue } from '../../worker/services/retention'
import { createSource } from '../../worker/services/sources'
import { adminClient, adminHeaders, fetchWorker, keyHeaders, services } from './client'

const settings = { timeZone: 'Europe/Berlin', currency: 'EUR', expectedEveryDays: 1 }
let headers: Record<string, string>
let source: string

beforeEach(async () => {
  headers = { ...(await keyHeaders('importer')), 'Content-Type': 'application/json' }
  source = (await createSource(services(), { name: 'Own program', kind: 'push', settings })).id
})

/** As a program makes one for every request. */
const aKey = () => crypto.randomUUID()
const send = (rows: unknown, more: { key?: string | null; id?: string; headers?: Record<string, string> } = {}) => {
  const { key = aKey() } = more
  return fetchWorker(`/api/v1/sources/${more.id ?? source}/rows`, {
    method: 'POST',
    body: typeof rows === 'string' ? rows : JSON.stringify({ rows }),
    headers: { ...headers, ...(key === null ? {} : { 'Idempotency-Key': key }), ...more.headers },
  })
}

async function push(...rows: unknown[]): Promise<PushReport> {
  const response = await send(rows)
  expect(response.status).toBe(200)
  return response.json<PushReport>()
}

const all = async <Row>(query: string) => (await env.DB.prepare(query).all<Row>()).results
const count = async (table: string) => (await all<{ n: number }>(`select count(*) as n from ${table}`))[0]?.n
const lead = (id: string, more: object = {}) => ({ type: 'lead', id, createdAt: '2026-02-03', ...more })
const deal = (id: string, more: object = {}) => ({ type: 'deal', id, state: 'won', closedAt: '2026-02-10', amountMinor: 10_000, ...more })

describe('pushed rows', () => {
  it('of every type become facts, and KPIs', async () => {
    await addOwnMetric(services(), { key: 'own-nps', name: 'NPS', unit: 'points', better: 'higher' })
    const report = await push(
      lead('L1', {
        createdAt: '2026-02-03T23:30:00-05:00',
        channel: 'web',
        leadType: 'inbound',
        stage: 'MQL',
        updatedAt: '2026-02-04T00:00:00Z',
      }),
      { type: 'stage', leadId: 'L1', stage: 'mql', at: '2026-02-04 09:00' },
      { type: 'stage', leadId: 'L1', what: 'returned', at: '2026-02-05', reason: 'too early' },
      deal('D1', { leadId: 'L1', customerId: 'C1', currency: 'USD' }),
      { type: 'activity', id: 'A1', leadId: 'L1', kind: 'call', at: '2026-02-04T10:00+01:00', connected: true },
      { type: 'spend', id: 'S1', day: '2026-02-28', amountMinor: -500, channel: 'ads', side: 'marketing', kind: 'ads' },
      { type: 'headcount', day: '2026-01-01', side: 'sales', people: 6.5 },
      { type: 'touch', id: 'T1', customerId: 'C1', at: '2026-02-01', channel: 'ads' },
      { type: 'value', metric: 'own-nps', period: '2026-W07', value: 41.5 },
    )
    expect(report).toMatchObject({ read: 9, inserted: 9, rejected: 0 })
    expect(report.rows).toEqual(Array.from({ length: 9 }, (_, index) => ({ index, status: 'inserted' })))
    expect(await all('select external_id, created_day, created_at, channel, lead_type, stage, updated_at from leads')).toEqual([
      {
        external_id: 'L1',
        created_day: '2026-02-04',
        created_at: Date.UTC(2026, 1, 4, 4, 30),
        channel: 'web',
        lead_type: 'inbound',
        stage: 'MQL',
        updated_at: Date.UTC(2026, 1, 4),
      },
    ])
    expect(await all('select what, stage, day, at, reason from stage_events order by day')).toEqual([
      { what: 'entered', stage: 'mql', day: '2026-02-04', at: Date.UTC(2026, 1, 4, 8), reason: '' },
      { what: 'returned', stage: null, day: '2026-02-05', at: null, reason: 'too early' },
    ])
    for (const table of ['deals', 'activities', 'spend', 'headcounts', 'touches', 'metric_values'])
      expect([table, await count(table)]).toEqual([table, 1])
    expect(await all(`select value from observations where metric = 'lead_volume' and period = '2026-02'`)).toEqual([{ value: 1 }])
  })

  it('say for each row what became of it, and one bad row keeps out no other', async () => {
    await push(lead('a'), lead('b'))
    const report = await push(
      lead('a'),
      lead('b', { channel: 'ads' }),
      lead('c'),
      lead('', {}),
      lead('d', { createdAt: '2026-02-30' }),
      7,
      { type: 'cake' },
    )
    expect([report.inserted, report.updated, report.unchanged, report.rejected, report.read]).toEqual([1, 1, 1, 4, 7])
    expect(report.rows.map(({ status, errors }) => [status, errors?.[0]?.pointer])).toEqual([
      ['unchanged', undefined],
      ['updated', undefined],
      ['inserted', undefined],
      ['rejected', '#/id'],
      ['rejected', '#/createdAt'],
      ['rejected', '#'],
      ['rejected', '#/type'],
    ])
    expect(await all('select external_id from leads order by 1')).toEqual([
      { external_id: 'a' },
      { external_id: 'b' },
      { external_id: 'c' },
    ])
    const client = await adminClient()
    const { items } = await (await client.sources[':id'].pulls.$get({ param: { id: source }, query: {} })).json()
    expect(items[0]).toMatchObject({ origin: 'push', state: 'done', read: 7, inserted: 1, updated: 1, unchanged: 1, rejected: 4 })
    expect(await count('pull_errors')).toBe(4)
  })

  it.each<[string, object, string]>([
    ['an address as an id', lead('ann@example.com'), '#/id'],
    ['an address in a text', lead('a', { channel: 'mail of ann@example.com' }), '#/channel'],
    ['an id that is a number', lead(7 as never), '#/id'],
    ['a field that is not known', lead('a', { email: 'x' }), '#/email'],
    ['a date that is still to come', lead('a', { createdAt: '2999-01-01' }), '#/createdAt'],
    ['a date that could be two', lead('a', { createdAt: '01/02/2026' }), '#/createdAt'],
    ['a deal that closed on no day', deal('a', { closedAt: null }), '#/closedAt'],
    ['an amount with decimals', deal('a', { amountMinor: 10.5 }), '#/amountMinor'],
    ['an amount as text', deal('a', { amountMinor: '' }), '#/amountMinor'],
    ['a deal of a negative amount', deal('a', { amountMinor: -1 }), '#/amountMinor'],
    ['a currency that there is not', deal('a', { currency: 'XQX' }), '#/currency'],
    ['an entry into no stage', { type: 'stage', leadId: 'a', at: '2026-02-03' }, '#/stage'],
    ['an activity of nobody', { type: 'activity', id: 'a', kind: 'call', at: '2026-02-03' }, '#/leadId'],
    ['a value of no metric', { type: 'value', metric: 'lead_volume', period: '2026-02', value: 1 }, '#/metric'],
    ['a value of a metric that nobody made', { type: 'value', metric: 'own-nothing', period: '2026-02', value: 1 }, '#/metric'],
    ['a value of no period', { type: 'value', metric: 'customer_feedback', period: '2026-13', value: 1 }, '#/period'],
    ['half a person less', { type: 'headcount', day: '2026-02-03', side: 'sales', people: -0.5 }, '#/people'],
  ])('refuse %s, and repeat nothing of it', async (_, row, pointer) => {
    const report = await push(row)
    expect(report.rows).toMatchObject([{ index: 0, status: 'rejected', errors: [{ pointer }] }])
    expect(JSON.stringify(report) + JSON.stringify(await all('select * from pull_errors'))).not.toContain('ann@example.com')
    expect(await all('select state, error from pulls')).toEqual([{ state: 'failed', error: 'too-many-bad-rows' }])
    expect(await all('select last_success_at as at from sources')).toEqual([{ at: null }])
  })

  it('keep what is newer, and mark what is deleted', async () => {
    await push(lead('a', { channel: 'new', updatedAt: '2026-02-05T10:00:00Z' }))
    expect(await push(lead('a', { channel: 'old', updatedAt: '2026-02-05T09:00:00Z' }))).toMatchObject({ unchanged: 1 })
    expect(await push(lead('a', { channel: 'new', updatedAt: '2026-02-06T09:00:00Z', deleted: true }))).toMatchObject({ updated: 1 })
    expect(await all('select channel, deleted_at from leads')).toEqual([{ channel: 'new', deleted_at: Date.UTC(2026, 1, 6, 9) }])
    expect(await all(`select value from observations where metric = 'lead_volume'`)).toEqual([])
  })

  it('that repeat each other are one, and that contradict each other are not', async () => {
    const report = await push(lead('a'), lead('a'), lead('a', { channel: 'ads' }))
    expect(report.rows.map(({ status }) => status)).toEqual(['inserted', 'unchanged', 'rejected'])
  })

  it('with a deal that closed before it began are stored with a warning, by its own dates or its lead’s', async () => {
    await push(lead('L1'))
    const report = await push(deal('a', { createdAt: '2026-02-11' }), deal('b', { leadId: 'L1', closedAt: '2026-02-01' }), deal('c'))
    expect(report.rows.map(({ status, warnings }) => [status, warnings?.[0]?.pointer])).toEqual([
      ['inserted', '#/closedAt'],
      ['inserted', '#/closedAt'],
      ['inserted', undefined],
    ])
  })
})

describe('the key of a request', () => {
  it('gives the same request the same answer, and no second effect', async () => {
    const first = await send([lead('a')], { key: 'k1' })
    await push(lead('a', { channel: 'changed since' }))
    const again = await send([lead('a')], { key: 'k1' })
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([null, 'true'])
    expect(await again.json()).toEqual(await first.json())
    expect([await all('select channel from leads'), await count('pulls')]).toEqual([[{ channel: 'changed since' }], 2])
  })

  it('is refused for other rows', async () => {
    await send([lead('a')], { key: 'k1' })
    const other = await send([lead('b')], { key: 'k1' })
    expect([other.status, await other.json<{ type: string }>()]).toMatchObject([409, { type: '/problems/idempotency-key-reused' }])
    expect(await count('leads')).toBe(1)
  })

  it('of two requests at once carries out one', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => send([lead('a'), lead('b')], { key: 'k1' })))
    const bodies = await Promise.all(answers.map((answer) => answer.json<PushReport>()))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(new Set(bodies.map(({ pullId }) => pullId)).size).toBe(1)
    expect([await count('pulls'), await count('leads'), await count('idempotency_keys')]).toEqual([1, 2, 1])
  })

  it('is another source’s own', async () => {
    const other = (await createSource(services(), { name: 'Other', kind: 'push', settings })).id
    await send([lead('a')], { key: 'k1' })
    expect((await send([lead('b')], { key: 'k1', id: other })).status).toBe(200)
  })

  it.each([
    ['no key', null],
    ['a space', 'a b'],
    ['65 characters', 'x'.repeat(65)],
  ])('cannot be %s', async (_, key) => {
    const response = await send([lead('a')], { key })
    expect([response.status, await response.json<{ errors: unknown }>()]).toMatchObject([
      422,
      { errors: [{ pointer: 'header/idempotency-key' }] },
    ])
  })

  it('is forgotten after two days, and not before a day', async () => {
    const at = (hours: number) => services(new Date(Date.now() + hours * 3_600_000))
    await send([lead('a')], { key: 'k1' })
    await deleteOverdue(at(25))
    expect(await count('idempotency_keys')).toBe(1)
    await deleteOverdue(at(49))
    expect(await count('idempotency_keys')).toBe(0)
  })
})

describe('a request', () => {
  it('of more than 500 rows, or of another form, is refused whole', async () => {
    const most = Array.from({ length: 500 }, (_, index) => lead(`L${index}`))
    expect((await push(...most)).inserted).toBe(500)
    expect((await send([...most, lead('one more')])).status).toBe(413)
    expect((await send([lead('a', { channel: 'x'.repeat(1024 * 1024) })])).status).toBe(413)
    expect((await send('a,b', { headers: { 'Content-Type': 'text/csv' } })).status).toBe(415)
    expect((await send('{"rows":[')).status).toBe(400)
    expect((await send([])).status).toBe(422)
    expect((await send('{"rows":[{"type":"lead","__proto__":{}}]}')).status).toBe(422)
    expect((await send('{"rows":[{}],"more":1}')).status).toBe(422)
    expect(await count('leads')).toBe(500)
  })

  it('needs a source that rows are sent to, and the right to', async () => {
    const layouts = [{ name: 'Leads', lead: { id: 'id', createdAt: 'created' } }]
    const csv = (await createSource(services(), { name: 'Files', kind: 'csv', settings: { ...settings, dateFormat: 'iso', layouts } })).id
    expect((await send([lead('a')], { id: csv })).status).toBe(409)
    expect((await send([lead('a')], { id: 'nothing' })).status).toBe(404)
    expect((await send([lead('a')], { headers: await keyHeaders('reader') })).status).toBe(403)
    expect((await send([lead('a')], { headers: { Authorization: '' } })).status).toBe(401)
    expect((await send([lead('a')], { headers: { Authorization: '', ...(await adminHeaders()) } })).status).toBe(200)
  })
})
