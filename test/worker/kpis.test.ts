import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FactKind, type FactOf, type FactRows, hashed, noRows, type Stage } from '../../worker/core/facts'
import type { Slice } from '../../worker/core/metrics'
import { type Grain, periodOf } from '../../worker/core/periods'
import { writeFacts } from '../../worker/db/facts'
import { countUnconverted } from '../../worker/db/kpi-sums'
import { currentObservations, knownMetric, listMetrics } from '../../worker/services/metrics'
import { type ObservationsWanted, seriesOf } from '../../worker/services/observations'
import { recomputeKpis } from '../../worker/services/recompute'
import { createSource } from '../../worker/services/sources'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'

const now = new Date('2026-11-22T10:00:00Z')
const at = (text: string) => Date.parse(text)

type Said<Kind extends FactKind> = Partial<Omit<FactOf[Kind], 'contentHash'>>
let number = 0
const id = (prefix: string) => {
  number += 1
  return `${prefix}${number}`
}

const lead = (externalId: string, createdDay: string, rest: Said<'lead'> = {}) =>
  hashed<FactOf['lead']>({ externalId, createdDay, createdAt: null, channel: '', leadType: '', stage: null, ...rest })
const stage = (leadId: string, what: FactOf['stage']['what'], name: Stage | null, day: string, rest: Said<'stage'> = {}) =>
  hashed<FactOf['stage']>({ externalId: id('S'), leadId, what, stage: name, day, at: null, reason: '', ...rest })
const deal = (externalId: string, state: FactOf['deal']['state'], closedDay: string | null, rest: Said<'deal'> = {}) =>
  hashed<FactOf['deal']>({
    externalId,
    leadId: null,
    customerId: null,
    createdDay: null,
    createdAt: null,
    closedDay,
    closedAt: null,
    state,
    stage: state,
    amountMinor: null,
    currency: 'EUR',
    channel: '',
    ...rest,
  })
const activity = (leadId: string, day: string, rest: Said<'activity'> = {}) =>
  hashed<FactOf['activity']>({ externalId: id('A'), leadId, dealId: null, kind: 'call', day, at: null, connected: null, ...rest })
const spend = (day: string, amountMinor: number, rest: Said<'spend'> = {}) =>
  hashed<FactOf['spend']>({ externalId: id('€'), day, channel: '', side: '', kind: '', amountMinor, currency: 'EUR', ...rest })

/** These facts in a source that was read just now. */
async function hold(rows: Partial<FactRows>, settings: Record<string, unknown> = {}): Promise<string> {
  const context = services(now)
  const response = await fetchWorker('/api/v1/settings', {
    method: 'PATCH',
    headers: { ...(await adminHeaders()), 'Content-Type': 'application/json' },
    body: JSON.stringify({ currency: 'EUR', ...settings }),
  })
  expect(response.status).toBe(200)
  const source = await createSource(context, {
    name: 'Facts',
    kind: 'csv',
    settings: {
      timeZone: 'UTC',
      currency: 'EUR',
      dateFormat: 'iso',
      layouts: [{ name: 'Leads', lead: { id: 'id', createdAt: 'created' } }],
    },
  })
  await env.DB.batch([
    ...writeFacts(context.db, source.id, { ...noRows(), ...rows }),
    env.DB.prepare('update sources set last_success_at = ?1 where id = ?2').bind(now.getTime(), source.id),
  ])
  await recomputeKpis(context)
  return source.id
}

async function series(metric: string, wanted: ObservationsWanted = {}) {
  const context = services(now)
  return seriesOf(context, await knownMetric(context.db, metric), wanted)
}

/** The whole by month. */
async function month(metric: string, period: string) {
  return (await series(metric, { from: period, to: period }))[0]
}

const call = async (method: string, path: string, body?: unknown, type = 'application/json') =>
  fetchWorker(`/api/v1${path}`, {
    method,
    headers: { ...(await adminHeaders()), ...(body === undefined ? {} : { 'Content-Type': type }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })

describe('stages and hand-offs', () => {
  const facts = {
    lead: [
      lead('1', '2026-08-01', { channel: 'ads' }),
      lead('2', '2026-08-02', { channel: 'ads' }),
      lead('3', '2026-08-03'),
      lead('4', '2026-08-04'),
    ],
    stage: [
      // Accepted, qualified, became a deal.
      stage('1', 'entered', 'mql', '2026-08-05', { at: at('2026-08-05T09:00:00Z') }),
      stage('1', 'entered', 'sal', '2026-08-06'),
      stage('1', 'entered', 'sql', '2026-08-10'),
      // Returned, and an MQL again: counts once, in August.
      stage('2', 'entered', 'mql', '2026-08-06', { at: at('2026-08-06T09:00:00Z') }),
      stage('2', 'returned', 'mql', '2026-08-07', { reason: 'no budget' }),
      stage('2', 'entered', 'mql', '2026-09-02', { at: at('2026-09-02T09:00:00Z') }),
      // Skipped SAL: reaching SQL is more than acceptance.
      stage('3', 'entered', 'mql', '2026-08-20', { at: at('2026-08-20T09:00:00Z') }),
      stage('3', 'entered', 'sql', '2026-08-25'),
      // Of a lead that nobody knows.
      stage('unknown', 'entered', 'mql', '2026-08-21'),
    ],
    deal: [deal('D1', 'won', '2026-09-20', { leadId: '1', createdDay: '2026-08-15', amountMinor: 100_00 })],
    activity: [
      activity('1', '2026-08-04', { at: at('2026-08-04T09:00:00Z') }), // before the hand-off
      activity('1', '2026-08-05', { at: at('2026-08-05T09:04:00Z'), connected: false }),
      activity('1', '2026-08-05', { at: at('2026-08-05T12:00:00Z'), connected: true }),
      activity('1', '2026-08-06', { at: at('2026-08-06T12:00:00Z') }), // after somebody was reached
      activity('2', '2026-08-06', { at: at('2026-08-06T12:00:00Z'), connected: false }),
      hashed<FactOf['activity']>({
        externalId: 'by-deal',
        leadId: null,
        dealId: 'D1',
        kind: 'email',
        day: '2026-09-01',
        at: null,
        connected: null,
      }),
    ],
  }

  it('count first entries, and what became of them', async () => {
    await hold(facts)
    expect(await month('mql_volume', '2026-08')).toMatchObject({ value: 3, provisional: false })
    expect(await month('mql_volume', '2026-09')).toBeUndefined()
    expect(await month('mql_acceptance', '2026-08')).toMatchObject({ value: 2 / 3, numerator: 2, denominator: 3 })
    expect(await month('sql_rate', '2026-08')).toMatchObject({ value: 1, numerator: 1, denominator: 1 })
    // The deal makes its lead an opportunity; the other SQL has none yet.
    expect(await month('opportunity_rate', '2026-08')).toMatchObject({ value: 0.5, numerator: 1, denominator: 2 })
    expect(await month('returned_rate', '2026-08')).toMatchObject({ value: 1 / 3, numerator: 1, denominator: 3 })
  })

  it('time the first attempt after the hand-off, and count who waits for it', async () => {
    await hold(facts)
    expect(await month('response_time', '2026-08')).toMatchObject({ value: 92, mean: 92, count: 2, numerator: 2, denominator: 3 })
    const within = await Promise.all(['5m', '1h', '4h', '24h'].map((limit) => month(`response_${limit}`, '2026-08')))
    expect(within.map((item) => [item?.numerator, item?.denominator])).toEqual([
      [1, 3],
      [1, 3],
      [2, 3],
      [2, 3],
    ])
    expect(await month('connect_attempts', '2026-08')).toMatchObject({ value: 1, mean: 1, count: 3 })
    expect(await month('enough_attempts', '2026-08')).toMatchObject({ value: 1 / 3, numerator: 1 })
  })

  it('begin where the settings say that leads are handed over', async () => {
    await hold(facts, { handOff: 'sal', attemptsExpected: 1 })
    expect(await month('response_time', '2026-08')).toMatchObject({ value: null, count: 0, numerator: 1, denominator: 1 })
    // The source knows no time of day of that hand-off: answered, and nobody knows how soon.
    expect(await month('response_1h', '2026-08')).toMatchObject({ value: null, denominator: 0 })
    expect(await month('enough_attempts', '2026-08')).toMatchObject({ value: 1 })
  })

  it('are told apart by channel, a blank one among them', async () => {
    await hold(facts)
    const items = await series('mql_volume', { by: 'channel', from: '2026-08', to: '2026-08' })
    expect(items.map(({ group, value }) => [group, value])).toEqual([
      ['ads', 2],
      ['', 1],
    ])
    const [only] = await series('mql_acceptance', { by: 'channel', value: 'ads', from: '2026-08', to: '2026-08' })
    expect(only).toMatchObject({ group: 'ads', value: 0.5, denominator: 2 })
  })

  it('say nothing where no entry into a stage is known', async () => {
    await hold({ lead: facts.lead, deal: facts.deal })
    const known = (await listMetrics(services(now))).filter(({ latest }) => latest !== null).map(({ key }) => key)
    expect(known).not.toEqual(expect.arrayContaining(['mql_acceptance']))
    expect(known.filter((key) => /mql|sql|response|attempt|returned/.test(key))).toEqual([])
  })

  it('are provisional while they may still change', async () => {
    await hold({
      lead: [lead('1', '2026-10-01'), lead('2', '2026-11-20')],
      stage: [stage('1', 'entered', 'mql', '2026-10-20'), stage('1', 'entered', 'sal', '2026-10-21')],
    })
    expect(await month('mql_volume', '2026-10')).toMatchObject({ value: 1, provisional: false })
    expect(await month('mql_acceptance', '2026-10')).toMatchObject({ value: 1, provisional: true })
  })
})

describe('any facts', () => {
  const days = fc
    .integer({ min: 0, max: 399 }) // a series has 400 periods at the most
    .map((offset) => new Date(Date.UTC(2025, 8, 1) + offset * 86_400_000).toISOString().slice(0, 10))
  const channel = fc.constantFrom('', 'ads', 'events')
  const facts = fc.record({
    leads: fc.array(fc.record({ day: days, channel, leadType: fc.constantFrom('', 'demo') }), { maxLength: 25 }),
    deals: fc.array(
      fc.record({
        day: days,
        state: fc.constantFrom('won' as const, 'lost' as const),
        amountMinor: fc.integer({ min: 0, max: 90_000 }),
        lead: fc.nat(30),
        customer: fc.nat(4),
        channel,
      }),
      { maxLength: 25 },
    ),
    spend: fc.array(
      fc.record({
        day: days,
        amountMinor: fc.integer({ min: -500, max: 9_000 }),
        channel,
        side: fc.constantFrom('', 'sales', 'marketing'),
      }),
      { maxLength: 12 },
    ),
  })
  const range: Record<Grain, { from: string; to: string }> = {
    day: { from: '2025-09-01', to: '2026-10-05' },
    week: { from: '2025-W36', to: '2026-W41' },
    month: { from: '2025-09', to: '2026-10' },
    quarter: { from: '2025-Q3', to: '2026-Q4' },
  }
  it('add up the same over every grain and every slice', async () => {
    await fc.assert(
      fc.asyncProperty(facts, async ({ leads, deals, spend: bills }) => {
        await env.DB.batch(['sources', 'leads', 'deals', 'spend'].map((table) => env.DB.prepare(`delete from ${table}`)))
        await hold({
          lead: leads.map(({ day, ...one }, index) => lead(`L${index}`, day, one)),
          deal: deals.map(({ day, state, lead: of, customer, ...one }, index) =>
            deal(`D${index}`, state, day, { ...one, leadId: of < leads.length ? `L${of}` : null, customerId: `C${customer}` }),
          ),
          spend: bills.map(({ day, amountMinor, ...one }) => spend(day, amountMinor, one)),
        })
        const total = async (metric: string, wanted: ObservationsWanted, field: 'value' | 'numerator' | 'denominator' = 'value') =>
          (await series(metric, wanted)).reduce((sum, item) => sum + (item[field] ?? 0), 0)
        const wins = deals.filter(({ state }) => state === 'won')
        const expected: [string, 'value' | 'denominator' | 'numerator', number][] = [
          ['lead_volume', 'value', leads.length],
          ['won_deals', 'value', wins.length],
          ['won_revenue', 'value', wins.reduce((sum, { amountMinor }) => sum + amountMinor, 0)],
          [
            'cac',
            'numerator',
            wins.length + deals.length - wins.length > 0 ? bills.reduce((sum, { amountMinor }) => sum + amountMinor, 0) : 0,
          ],
          ['cac', 'denominator', bills.length > 0 ? new Set(wins.map(({ customer }) => customer)).size : 0],
        ]
        for (const [metric, field, sum] of expected) {
          for (const grain of ['day', 'week', 'month', 'quarter'] as const) {
            expect([metric, field, grain, await total(metric, { grain, ...range[grain] }, field)]).toEqual([metric, field, grain, sum])
          }
          const slices: Slice[] = metric === 'cac' ? ['channel'] : ['source', 'channel', 'leadType']
          for (const by of slices)
            expect([metric, field, by, await total(metric, { by, ...range.month }, field)]).toEqual([metric, field, by, sum])
        }
        const weeks = new Map((await series('lead_volume', { grain: 'week', ...range.week })).map((item) => [item.period, item.value]))
        for (const { day } of leads)
          expect(weeks.get(periodOf(day, 'week'))).toBe(
            leads.filter((other) => periodOf(other.day, 'week') === periodOf(day, 'week')).length,
          )
      }),
      { numRuns: 2, endOnFailure: true },
    )
  }, 120_000)
})

describe('exchange rates', () => {
  const facts = {
    deal: [
      deal('E', 'won', '2026-09-10', { amountMinor: 100_00 }),
      deal('U', 'won', '2026-09-10', { amountMinor: 100_00, currency: 'USD' }),
      deal('Y', 'won', '2026-09-10', { amountMinor: 5_000, currency: 'JPY' }),
      deal('K', 'won', '2026-09-10', { amountMinor: 2_000, currency: 'KWD' }),
    ],
    spend: [spend('2026-09-01', 50_00, { currency: 'USD', side: 'marketing' })],
  }
  const put = (currency: string, day: string, rate: number) => call('PUT', `/exchange-rates/${currency}/${day}`, { rate })

  it('convert what closed on their day or up to 92 days later, in the minor units of each currency', async () => {
    await hold(facts)
    expect(await month('won_revenue', '2026-09')).toMatchObject({ value: 100_00, count: 1 })
    expect((await put('USD', '2026-09-10', 0.9)).status).toBe(200)
    expect((await put('USD', '2026-09-11', 0.1)).status).toBe(200) // too late for this deal
    expect((await put('JPY', '2026-06-10', 0.006)).status).toBe(200) // 92 days before
    expect((await put('KWD', '2026-06-09', 3)).status).toBe(200) // 93 days before
    // 100 € + 90 € + 30 €; three decimals of a dinar wait for a rate that counts.
    expect(await month('won_revenue', '2026-09')).toMatchObject({ value: 220_00, count: 3 })
    expect(await month('spend_marketing', '2026-09')).toMatchObject({ value: 0 }) // no rate on 1 September
    await put('USD', '2026-08-15', 0.8)
    expect(await month('spend_marketing', '2026-09')).toMatchObject({ value: 40_00 })
    await put('KWD', '2026-09-01', 3)
    expect(await month('won_revenue', '2026-09')).toMatchObject({ value: 226_00, count: 4 })
    expect((await call('DELETE', '/exchange-rates/JPY/2026-06-10')).status).toBe(204)
    expect(await month('won_revenue', '2026-09')).toMatchObject({ value: 196_00, count: 3 })
    expect((await call('DELETE', '/exchange-rates/JPY/2026-06-10')).status).toBe(404)
  })

  it('are missing for the same deals and bills, whether these are counted alone or left out of sums', async () => {
    const others = { amountMinor: 1_00, currency: 'SEK' }
    await hold({
      deal: [
        ...facts.deal,
        deal('L', 'lost', '2026-09-10', others),
        deal('O', 'open', '2026-09-10', others),
        deal('N', 'won', '2026-09-10', { currency: 'SEK' }),
        deal('W', 'won', null, others),
        deal('D', 'won', '2026-09-10', { ...others, deletedAt: now.getTime() }),
      ],
      spend: [...facts.spend, spend('2026-09-12', 1_00), spend('2026-09-12', 1_00, { currency: 'USD', deletedAt: now.getTime() })],
    })
    await put('USD', '2026-09-10', 0.9)
    const context = services(now)
    const counted = await countUnconverted(context.db, 'EUR')
    expect(counted).toEqual([
      { currency: 'JPY', deals: 1, spend: 0 },
      { currency: 'KWD', deals: 1, spend: 0 },
      { currency: 'SEK', deals: 1, spend: 0 },
      { currency: 'USD', deals: 0, spend: 1 },
    ])
    expect((await currentObservations(context, null)).otherCurrency.currencies).toEqual(counted)
  })

  it('come in files, all rows or none', async () => {
    await hold(facts)
    const file = (text: string) => call('POST', '/exchange-rates/imports', text, 'text/csv')
    const refused = await file('currency,day,rate\nUSD,2026-09-01,0.9\nEUR,2026-09-01,1\nusd,2026-02-30,0\n')
    expect(refused.status).toBe(422)
    expect((await refused.json<{ errors: { pointer: string }[] }>()).errors.map(({ pointer }) => pointer)).toEqual([
      'line 3, column "currency"',
      'line 4, column "day"',
      'line 4, column "rate"',
    ])
    expect((await file('currency,rate\nUSD,1\n')).status).toBe(422)
    expect(await (await call('GET', '/exchange-rates')).json()).toEqual({ items: [], next: null })
    expect(await (await file('Day;Currency;Rate\n2026-09-01;USD;0,9\n2026-08-01;USD;0,8\n')).json()).toEqual({ imported: 2 })
    const page = await (await call('GET', '/exchange-rates?limit=1')).json<{ items: unknown[]; next: string }>()
    expect(page).toEqual({ items: [{ currency: 'USD', day: '2026-09-01', rate: 0.9 }], next: 'USD~2026-09-01' })
    const second = await (await call('GET', `/exchange-rates?limit=1&cursor=${page.next}`)).json()
    expect(second).toEqual({ items: [{ currency: 'USD', day: '2026-08-01', rate: 0.8 }], next: null })
    expect(await month('won_revenue', '2026-09')).toMatchObject({ value: 190_00 })
  })

  it('are no rates of the own currency, below 0, or of no day', async () => {
    await hold(facts)
    expect([
      (await put('EUR', '2026-09-01', 1)).status,
      (await put('USD', '2026-09-01', 0)).status,
      (await put('USD', '2026-9-1', 1)).status,
    ]).toEqual([422, 422, 422])
  })
})

describe('a new time zone', () => {
  it('moves facts whose moment is known, across a change of the clocks too, and leaves days alone', async () => {
    await hold({
      lead: [
        lead('summer', '2026-09-30', { createdAt: at('2026-09-30T22:30:00Z') }), // 1 October in Berlin
        lead('winter', '2026-10-31', { createdAt: at('2026-10-31T22:30:00Z') }), // the clocks are back: still October
        lead('later', '2026-10-31', { createdAt: at('2026-10-31T23:30:00Z') }), // November
        lead('day', '2026-10-31'),
      ],
    })
    const volume = async () =>
      Object.fromEntries((await series('lead_volume', { from: '2026-09', to: '2026-11' })).map(({ period, value }) => [period, value]))
    expect(await volume()).toEqual({ '2026-09': 1, '2026-10': 3 })
    expect((await call('PATCH', '/settings', { timeZone: 'Europe/Berlin' })).status).toBe(200)
    expect(await volume()).toEqual({ '2026-10': 3, '2026-11': 1 })
    expect((await call('PATCH', '/settings', { timeZone: 'UTC' })).status).toBe(200)
    expect(await volume()).toEqual({ '2026-09': 1, '2026-10': 3 })
  })
})

describe('own metrics', () => {
  const nps = { key: 'own-nps', name: 'Customer NPS', unit: 'points', better: 'higher' }

  it('are made, changed, shown with what was reported, and deleted with it', async () => {
    expect((await call('POST', '/metrics', nps)).status).toBe(201)
    expect((await call('POST', '/metrics', nps)).status).toBe(422)
    expect((await call('POST', '/metrics', { ...nps, key: 'nps' })).status).toBe(422)
    expect(await (await call('PATCH', '/metrics/own-nps', { name: 'NPS' })).json()).toEqual({ ...nps, name: 'NPS' })
    const value = (period: string, amount: number, metric = 'own-nps') =>
      hashed<FactOf['value']>({ externalId: `${metric}|${period}`, metric, period, value: amount, numerator: null, denominator: null })
    // Nobody reports a KPI that is computed.
    await hold({ value: [value('2026-09', 31), value('2026-W40', 28), value('2026-10', 35), value('2026-09', 7, 'lead_volume')] })
    const shown = (await listMetrics(services(now))).at(-1)
    expect(shown).toMatchObject({ key: 'own-nps', name: 'NPS', latest: { period: '2026-10', value: 35 }, freshness: 'fresh' })
    expect(
      (await series('own-nps', { grain: 'week', from: '2026-W01', to: '2026-W50' })).map(({ period, value: amount }) => [period, amount]),
    ).toEqual([['2026-W40', 28]])
    expect(await month('lead_volume', '2026-09')).toBeUndefined()
    expect((await call('PUT', '/metrics/own-nps/goal', { target: -5, baseline: -20, scale: 'linear' })).status).toBe(200)
    expect((await call('DELETE', '/metrics/own-nps')).status).toBe(204)
    expect((await listMetrics(services(now))).some(({ key }) => key === 'own-nps')).toBe(false)
    expect(await env.DB.prepare("select count(*) as n from observations where metric = 'own-nps'").first()).toEqual({ n: 0 })
    expect((await call('DELETE', '/metrics/own-nps')).status).toBe(404)
  })

  it('are the business of administrators', async () => {
    const headers = { ...(await keyHeaders('reader')), 'Content-Type': 'application/json' }
    const response = await fetchWorker('/api/v1/metrics', { method: 'POST', headers, body: JSON.stringify(nps) })
    expect(response.status).toBe(403)
  })
})

describe('other KPIs', () => {
  it('hold lagged cost against later customers, and people and spend by side', async () => {
    const head = (side: 'sales' | 'marketing', day: string, people: number) =>
      hashed<FactOf['headcount']>({ externalId: id('H'), day, side, people })
    await hold(
      {
        deal: [deal('A', 'won', '2026-09-10', { amountMinor: 1 }), deal('B', 'lost', '2026-09-11', { amountMinor: 3 })],
        spend: [spend('2026-07-31', 90_00, { side: 'sales' }), spend('2026-09-01', 10_00, { side: 'marketing' })],
        headcount: [head('sales', '2026-08-15', 10), head('sales', '2026-10-05', 12.5), head('marketing', '2026-08-01', 4)],
      },
      { cacLagMonths: 2 },
    )
    expect(await month('cac', '2026-09')).toMatchObject({ value: 10_00 })
    expect(await month('cac_lagged', '2026-09')).toMatchObject({ value: 90_00, numerator: 90_00, denominator: 1 })
    expect((await series('cac_lagged', { grain: 'quarter', from: '2026-Q3', to: '2026-Q3' }))[0]).toMatchObject({ value: 90_00 })
    expect(await month('spend_sales', '2026-07')).toMatchObject({ value: 90_00 })
    expect(await month('win_rate', '2026-09')).toMatchObject({ value: 0.5 })
    expect(await month('win_rate_amount', '2026-09')).toMatchObject({ value: 0.25, numerator: 1, denominator: 4 })
    const heads = await series('headcount_sales', { from: '2026-07', to: '2026-11' })
    expect(heads.map(({ period, value, provisional }) => [period, value, provisional])).toEqual([
      ['2026-08', 10, false],
      ['2026-09', 10, false],
      ['2026-10', 12.5, false],
      ['2026-11', 12.5, true],
    ])
    const refused = await call('GET', '/metrics/cac_lagged/observations?grain=week')
    expect(refused.status).toBe(422)
  })

  it('compare a period with the same one a year before', async () => {
    await hold({
      deal: [
        deal('A', 'won', '2025-09-10', { amountMinor: 100_00 }),
        deal('B', 'won', '2026-08-10', { amountMinor: 50_00 }),
        deal('C', 'won', '2026-09-10', { amountMinor: 150_00 }),
      ],
    })
    expect(await month('revenue_growth', '2026-09')).toMatchObject({ value: 2 })
    expect(await month('revenue_growth_yoy', '2026-09')).toMatchObject({ value: 0.5, numerator: 50_00, denominator: 100_00 })
    expect(await month('revenue_growth_yoy', '2026-08')).toMatchObject({ value: null })
    expect((await series('revenue_growth_yoy', { grain: 'quarter', from: '2026-Q3', to: '2026-Q3' }))[0]).toMatchObject({ value: 1 })
    expect((await series('revenue_growth', { grain: 'quarter', from: '2026-Q3', to: '2026-Q4' })).map(({ value }) => value)).toEqual([null])
  })
})
