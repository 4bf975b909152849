import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { type Deal, type FactRows, hashed, type Lead, noRows, type Spend, type Touch } from '../../worker/core/facts'
import { randomFrom } from '../../worker/core/random'
import { database } from '../../worker/db/client'
import { writeFacts } from '../../worker/db/facts'
import { exchangeRates, sources } from '../../worker/db/schema'
import { messagesOf } from '../../worker/i18n'
import type { AttributionView } from '../../worker/services/attribution'
import { adminClient, adminHeaders, fetchWorker, keyHeaders, origin } from './client'

const db = database(env.DB)
const en = messagesOf('en').attribution

async function aSource(id: string, facts: Partial<FactRows>) {
  const at = new Date('2026-09-30T12:00:00Z')
  await db.insert(sources).values({
    id,
    name: `CRM ${id}`,
    kind: 'csv',
    settings: {},
    settingsVersion: 1,
    expectedEveryDays: 31,
    createdAt: at,
    lastSuccessAt: at,
  })
  await db.$client.batch(writeFacts(db, id, { ...noRows(), ...facts }))
}

const aWin = (externalId: string, closedDay: string, more: Partial<Deal> = {}) =>
  hashed<Deal>({
    externalId,
    leadId: null,
    customerId: `customer of ${externalId}`,
    createdDay: null,
    createdAt: null,
    closedDay,
    closedAt: null,
    state: 'won',
    stage: '',
    amountMinor: 1_000,
    currency: 'USD',
    channel: '',
    ...more,
  })
const aTouch = (externalId: string, day: string, channel: string, more: Partial<Touch>) =>
  hashed<Touch>({ externalId, leadId: null, customerId: null, day, at: null, channel, ...more })
const aLead = (externalId: string, channel: string) =>
  hashed<Lead>({ externalId, createdDay: '2026-01-01', createdAt: null, channel, leadType: '', stage: null })
const aSpend = (externalId: string, day: string, channel: string, amountMinor: number, currency = 'USD') =>
  hashed<Spend>({ externalId, day, channel, side: 'marketing', kind: 'ads', amountMinor, currency })

const read = async (query = '') => {
  const response = await fetchWorker(`/api/v1/attribution${query}`, { headers: await keyHeaders('reader') })
  expect([query, response.status]).toEqual([query, 200])
  return response.json<AttributionView>()
}
const refused = async (query: string) => {
  const response = await fetchWorker(`/api/v1/attribution${query}`, { headers: await keyHeaders('reader') })
  const { errors } = await response.json<{ errors?: { pointer: string }[] }>()
  return [response.status, errors?.map(({ pointer }) => pointer)]
}
const page = async (query = '', headers?: Record<string, string>) => {
  const response = await fetchWorker(`/kpis/attribution${query}`, { headers: headers ?? (await adminHeaders()) })
  return { status: response.status, html: await response.text() }
}
const customers = ({ channels }: AttributionView, model: 'first' | 'linear') =>
  Object.fromEntries(channels.map(({ channel, models }) => [channel, models[model]?.customers]))

describe('attribution', () => {
  it('finds the contacts of a win by its lead and by its customer, each once, in its own source only', async () => {
    await aSource('a', {
      lead: [aLead('l1', 'Referral')],
      deal: [aWin('d1', '2026-06-20', { leadId: 'l1', customerId: 'c1' })],
      touch: [
        aTouch('t1', '2026-06-01', 'Ads', { leadId: 'l1' }),
        aTouch('t2', '2026-06-10', 'Events', { customerId: 'c1' }),
        aTouch('t3', '2026-06-15', 'Ads', { leadId: 'l1', customerId: 'c1' }),
        aTouch('t4', '2026-06-15', 'Ads', { customerId: 'somebody else' }),
        { ...aTouch('t5', '2026-06-16', 'Ads', { customerId: 'c1' }), deletedAt: 1 },
      ],
    })
    await aSource('b', { deal: [aWin('d1', '2026-06-21', { customerId: 'c1' })] })
    const found = await read('?from=2026-06&to=2026-06')
    expect(customers(found, 'linear')).toEqual({ Ads: 2 / 3, Events: 1 / 3 })
    expect(found).toMatchObject({ totals: { wins: 2, customers: 2, unattributed: { wins: 1, customers: 1 } }, withoutTouches: ['CRM b'] })
  })

  it('counts a customer at the first win, also where that was before these months, and revenue at each', async () => {
    await aSource('a', {
      deal: [
        aWin('d1', '2026-03-10', { customerId: 'c1' }),
        aWin('d2', '2026-06-10', { customerId: 'c1', amountMinor: 500 }),
        aWin('d3', '2026-06-12', { customerId: 'c2' }),
        aWin('d4', '2026-06-11', { state: 'lost' }),
      ],
      touch: [aTouch('t1', '2026-06-01', 'Ads', { customerId: 'c1' }), aTouch('t2', '2026-06-01', 'Events', { customerId: 'c2' })],
    })
    const found = await read('?from=2026-06&to=2026-06')
    expect(customers(found, 'first')).toEqual({ Events: 1, Ads: 0 })
    expect(found.channels.map(({ models }) => models.first?.revenueMinor)).toEqual([1_000, 500])
    expect(found.totals).toMatchObject({ wins: 2, customers: 1, revenueMinor: 1_500 })
  })

  it('sets spend against the channel that it names, and converts what another currency says by the rate of its day', async () => {
    await db.insert(exchangeRates).values({ currency: 'EUR', day: '2026-06-01', rate: 1.5, origin: 'person' })
    await aSource('a', {
      deal: [
        aWin('d1', '2026-06-20', { customerId: 'c1', currency: 'EUR' }),
        aWin('d2', '2026-06-20', { customerId: 'c2', currency: 'SEK' }),
      ],
      touch: [aTouch('t1', '2026-06-10', 'Ads', { customerId: 'c1' }), aTouch('t2', '2026-06-10', 'Ads', { customerId: 'c2' })],
      spend: [
        aSpend('s1', '2026-06-02', 'Ads', 600),
        aSpend('s2', '2026-06-02', 'Ads', 200, 'EUR'),
        aSpend('s3', '2026-06-02', '', 300),
        aSpend('s4', '2026-06-02', 'Ads', 70, 'SEK'),
        aSpend('s5', '2026-07-02', 'Ads', 999),
      ],
    })
    const found = await read('?from=2026-06&to=2026-06&model=last')
    expect(found.channels).toEqual([
      { channel: 'Ads', models: { last: { customers: 2, revenueMinor: 1_500, spendMinor: 900, cac: 450, roas: 1_500 / 900 } } },
    ])
    expect(found).toMatchObject({ unconverted: { deals: 1, spend: 1 }, totals: { spendMinor: 1_200, cac: 600, withoutAmount: 1 } })
  })

  it('says what marketing sourced by what is said of channels, and takes them from whom may say so', async () => {
    await aSource('a', {
      lead: [aLead('l1', 'Outbound'), aLead('l2', 'Ads')],
      deal: [aWin('d1', '2026-06-20', { leadId: 'l1' }), aWin('d2', '2026-06-20', { leadId: 'l2', amountMinor: 3_000 })],
      touch: [aTouch('t1', '2026-06-10', 'Events', { leadId: 'l1' })],
    })
    expect((await read('?from=2026-06')).marketing).toMatchObject({ sourced: { share: 1 }, influenced: { share: 0.25 } })
    const put = (headers: Record<string, string>, channels: unknown) =>
      fetchWorker('/api/v1/attribution/sales-channels', {
        method: 'PUT',
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: JSON.stringify({ channels }),
      })
    const admin = await adminHeaders()
    expect(await (await put(admin, ['outbound', ' Events ', 'outbound'])).json()).toEqual({ channels: ['Events', 'outbound'] })
    expect(await read('?from=2026-06')).toMatchObject({
      salesChannels: ['Events', 'outbound'],
      marketing: { sourced: { share: 0.75 }, influenced: { share: 0 } },
    })
    expect((await put(await keyHeaders('reader'), [])).status).toBe(403)
    for (const bad of [[''], ['x'.repeat(201)], 'Ads', Array.from({ length: 101 }, (_, index) => `c${index}`)])
      expect((await put(admin, bad)).status).toBe(422)
  })

  it('is of the twelve months up to the newest win where none are named', async () => {
    await aSource('a', { deal: [aWin('d1', '2026-06-20')] })
    expect((await read()).window).toEqual({ from: '2025-07', to: '2026-06' })
    expect((await read('?from=2026-08')).window).toEqual({ from: '2026-08', to: '2026-08' })
    expect((await read()).months).toHaveLength(12)
    await (await adminClient()).settings.$patch({ json: { currency: 'EUR' } })
    expect((await read()).totals).toMatchObject({ customers: 1, revenueMinor: null, withoutAmount: 1 })
  })

  it('reads every win once, however many pages they fill', async () => {
    const deal = Array.from({ length: 4_001 }, (_, index) => aWin(`d${index}`, '2026-06-20'))
    await aSource('a', {
      deal,
      touch: deal.map(({ externalId, customerId }) => aTouch(`t-${externalId}`, '2026-06-10', 'Ads', { customerId })),
    })
    expect(customers(await read('?from=2026-06'), 'first')).toEqual({ Ads: 4_001 })
  })

  it('says which values it cannot use', async () => {
    await aSource('a', { deal: [aWin('d1', '2026-06-20')] })
    expect(await refused('?from=2026-07&to=2026-06')).toEqual([422, ['query/to']])
    expect(await refused('?from=2020-01&to=2026-06')).toEqual([422, ['query/from']])
    expect(await refused('?from=2026-13')).toEqual([422, ['query/from']])
    expect(await refused('?model=best')).toEqual([422, ['query/model']])
    expect(await refused('?channel=Ads')).toEqual([422, ['query/channel']])
    expect((await fetchWorker('/api/v1/attribution')).status).toBe(401)
  })
})

describe('the KPIs of what marketing brought', () => {
  it('are those of the page, month by month, whatever is known of a win, and follow what is said of channels', async () => {
    const random = randomFrom('marketing')
    const whole = (most: number) => Math.floor(random() * most)
    const one = <Value>(values: readonly Value[]) => values[whole(values.length)] as Value
    const dayOf = () => `2026-0${1 + whole(6)}-${String(1 + whole(28)).padStart(2, '0')}`
    const at = (day: string) => (random() < 0.5 ? null : Date.parse(`${day}T${String(whole(24)).padStart(2, '0')}:00:00Z`))
    const channels = ['', '', 'Ads', 'Events', 'Outbound', 'OUTBOUND']
    const people = Array.from({ length: 60 }, (_, index) => `p${index}`)
    const deal = Array.from({ length: 120 }, (_, index) => {
      const closedDay = dayOf()
      return aWin(`d${index}`, closedDay, {
        closedAt: at(closedDay),
        leadId: random() < 0.6 ? one(people) : null,
        customerId: random() < 0.7 ? one(people) : null,
        amountMinor: random() < 0.9 ? whole(1_000_000) : null,
        currency: random() < 0.9 ? 'USD' : 'SEK',
        channel: one(channels),
        state: random() < 0.9 ? 'won' : 'lost',
      })
    })
    const touch = Array.from({ length: 300 }, (_, index) => {
      const day = dayOf()
      return aTouch(`t${index}`, day, one(channels), {
        at: at(day),
        ...(random() < 0.5 ? { leadId: one(people) } : { customerId: one(people) }),
      })
    })
    await aSource('a', { lead: people.slice(0, 40).map((id) => aLead(id, one(channels))), deal, touch })
    const headers = await adminHeaders()
    const put = (names: string[]) =>
      fetchWorker('/api/v1/attribution/sales-channels', {
        method: 'PUT',
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: JSON.stringify({ channels: names }),
      })
    const series = async (metric: string, grain: string) => {
      const response = await fetchWorker(`/api/v1/metrics/${metric}/observations?grain=${grain}`, { headers })
      const { items } = await response.json<{ items: { period: string; numerator: number; denominator: number; value: number | null }[] }>()
      return new Map(items.map((item) => [item.period, item]))
    }
    const seen = new Set<number | undefined>()
    for (const names of [['Outbound'], ['Outbound', 'Ads']]) {
      expect((await put(names)).status).toBe(200)
      const [sourced, influenced, quarters] = [
        await series('sourced_revenue', 'month'),
        await series('influenced_revenue', 'month'),
        await series('sourced_revenue', 'quarter'),
      ]
      expect(sourced.size).toBe(6)
      for (const [month, item] of sourced) {
        const { marketing } = await read(`?from=${month}&to=${month}`)
        expect([month, item.numerator, item.denominator]).toEqual([month, marketing.sourced.revenueMinor, marketing.revenueMinor])
        expect([month, influenced.get(month)?.numerator]).toEqual([month, marketing.influenced.revenueMinor])
        seen.add(item.numerator)
      }
      const [first, rest] = [await read('?from=2026-01&to=2026-03'), await read('?from=2026-04&to=2026-06')]
      expect([...quarters.values()].map(({ numerator }) => numerator)).toEqual(
        [first, rest].map(({ marketing }) => marketing.sourced.revenueMinor),
      )
    }
    expect(seen.size).toBe(12)
  })
})

describe('its page', () => {
  it('says how to get one where nothing was won, and what is missing where contacts are', async () => {
    const { status, html } = await page()
    expect([status, html.includes(en.empty.title)]).toEqual([200, true])
    await aSource('a', { deal: [aWin('d1', '2026-06-20')] })
    const without = await page('?from=2026-06')
    expect([without.html.includes(en.withoutTouches(['CRM a'])), without.html.includes(en.channels.nothing)]).toEqual([true, true])
    expect(without.html).toContain(`<h1>${en.title.plain}</h1>`)
  })

  it('names the channel that leads, shows all models, keeps what sales works by itself, in every language', async () => {
    await aSource('a', {
      deal: [aWin('d1', '2026-06-20', { customerId: 'c1' }), aWin('d2', '2026-06-20', { customerId: 'c2' })],
      touch: [
        aTouch('t1', '2026-06-01', '<Ads>', { customerId: 'c1' }),
        aTouch('t2', '2026-06-02', 'Events', { customerId: 'c1' }),
        aTouch('t3', '2026-06-02', 'Events', { customerId: 'c1' }),
        aTouch('t4', '2026-06-01', '<Ads>', { customerId: 'c2' }),
        aTouch('t5', '2026-06-02', 'Events', { customerId: 'c2' }),
      ],
    })
    const headers = await adminHeaders()
    const { html } = await page('?from=2026-06', headers)
    const file = await fetchWorker('/kpis/attribution.csv?from=2026-06', { headers })
    const [header, first = ''] = (await file.text()).split('\r\n')
    expect([file.status, header, /,first,\d/.test(first)]).toEqual([
      200,
      'channel,model,customers,revenue,spend,cost_per_customer,return',
      true,
    ])
    expect((await fetchWorker('/kpis/attribution.csv?from=June', { headers })).status).toBe(422)
    expect(html).toContain('&lt;Ads&gt; begins the most wins, Events ends the most')
    for (const name of Object.values(en.models)) expect(html).toContain(name)
    // 1/3 + 1/2 and 2/3 + 1/2 of two customers, printed so that they add up.
    expect([html.includes('>0.83<'), html.includes('>1.17<')]).toEqual([true, true])
    const form = { ...headers, Origin: origin, 'Content-Type': 'application/x-www-form-urlencoded' }
    const posted = await fetchWorker('/kpis/attribution/sales-channels', { method: 'POST', headers: form, body: 'channel=Events' })
    expect([posted.status, posted.headers.get('location')]).toEqual([303, '/kpis/attribution?done=channels#marketing'])
    const saved = (await page('?from=2026-06&done=channels', headers)).html
    expect(saved).toContain(en.marketing.saved)
    expect(saved).toMatch(/<input type="checkbox" name="channel" value="Events" checked=""\/>/)
    for (const locale of ['en', 'ar', 'th', 'ms'] as const) {
      const there = await page(`?lang=${locale}&model=position`, headers)
      expect([there.status, there.html.includes(messagesOf(locale).attribution.models.first), there.html.includes('undefined')]).toEqual([
        200,
        true,
        false,
      ])
    }
  })

  it('shows the form again, filled in, where it cannot be used', async () => {
    await aSource('a', { deal: [aWin('d1', '2026-06-20')] })
    for (const [query, why] of [
      ['?from=2026-07&to=2026-06', en.wrong.order],
      ['?from=June', en.wrong.month],
      ['?model=best', en.wrong.model],
      ['?from=2020-01&to=2026-06', en.wrong.long],
    ] as const) {
      const { status, html } = await page(query)
      expect([query, status, html.includes(why)]).toEqual([query, 422, true])
    }
  })
})
