import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { type Deal, type FactRows, hashed, type Lead, noRows, type Stage, type StageEvent } from '../../worker/core/facts'
import { database } from '../../worker/db/client'
import { writeFacts } from '../../worker/db/facts'
import { sources } from '../../worker/db/schema'
import { messagesOf } from '../../worker/i18n'
import type { FunnelView } from '../../worker/services/funnel'
import { adminClient, adminHeaders, fetchWorker, keyHeaders, origin } from './client'

const db = database(env.DB)
const en = messagesOf('en').funnel

/** A source that was read on a day, with these facts. */
async function aSource(id: string, facts: Partial<FactRows>, readOn = '2026-09-30T12:00:00Z') {
  const at = new Date(readOn)
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

const aLead = (externalId: string, createdDay: string, channel = 'Ads', leadType = 'Demo') =>
  hashed<Lead>({ externalId, createdDay, createdAt: null, channel, leadType, stage: null })
const anEvent = (leadId: string, what: StageEvent['what'], stage: Stage, day: string, reason = '') =>
  hashed<StageEvent>({ externalId: `${leadId}-${what}-${stage}-${day}`, leadId, what, stage, day, at: null, reason })
const aDeal = (externalId: string, leadId: string | null, state: Deal['state'], createdDay: string, closedDay: string | null = null) =>
  hashed<Deal>({
    externalId,
    leadId,
    customerId: null,
    createdDay,
    createdAt: null,
    closedDay,
    closedAt: null,
    state,
    stage: '',
    amountMinor: null,
    currency: 'USD',
    channel: '',
  })

/** So many leads of a month, the first ones of which get further. */
const aMonth = (month: string, total: number, mql: number, sal: number) => {
  const ids = Array.from({ length: total }, (_, index) => `${month}-${index}`)
  return {
    lead: ids.map((id, index) =>
      aLead(id, `${month}-${String(1 + (index % 28)).padStart(2, '0')}`, index % 2 ? 'Ads' : '', index % 3 ? 'Demo' : 'Fair'),
    ),
    stage: [
      ...ids.slice(0, mql).map((id) => anEvent(id, 'entered', 'mql', `${month}-28`)),
      ...ids.slice(0, sal).map((id) => anEvent(id, 'entered', 'sal', `${month}-28`)),
    ],
  }
}

const read = async (query = '') => {
  const response = await fetchWorker(`/api/v1/funnel${query}`, { headers: await keyHeaders('reader') })
  expect([query, response.status]).toEqual([query, 200])
  return response.json<FunnelView>()
}
const refused = async (query: string) => {
  const response = await fetchWorker(`/api/v1/funnel${query}`, { headers: await keyHeaders('reader') })
  const { errors } = await response.json<{ errors?: { pointer: string }[] }>()
  return [response.status, errors?.map(({ pointer }) => pointer)]
}
const page = async (query = '', headers?: Record<string, string>) => {
  const response = await fetchWorker(`/kpis/funnel${query}`, { headers: headers ?? (await adminHeaders()) })
  return { status: response.status, html: await response.text() }
}
const counts = ({ stages }: FunnelView) => Object.fromEntries(stages.map(({ stage, count }) => [stage, count]))

describe('the funnel of a window', () => {
  it('follows the leads created in it, of all their sources, and splits what was lost', async () => {
    await aSource('a', {
      lead: [
        aLead('l1', '2026-06-01'),
        aLead('l2', '2026-06-30'),
        aLead('l3', '2026-06-15'),
        aLead('early', '2026-05-31'),
        aLead('late', '2026-07-01'),
      ],
      stage: [
        anEvent('l1', 'entered', 'mql', '2026-06-03'),
        anEvent('l1', 'entered', 'mql', '2026-08-03'),
        anEvent('l1', 'entered', 'sal', '2026-06-09'),
        anEvent('l2', 'entered', 'mql', '2026-07-02'),
        anEvent('l2', 'returned', 'mql', '2026-07-05', 'No budget'),
        anEvent('late', 'entered', 'customer', '2026-07-05'),
        anEvent('nobody', 'entered', 'customer', '2026-06-05'),
      ],
    })
    await aSource('b', {
      lead: [aLead('l1', '2026-06-10')],
      deal: [aDeal('d1', 'l1', 'won', '2026-06-12', '2026-07-20'), aDeal('d2', null, 'won', '2026-06-12', '2026-06-20')],
    })
    const funnel = await read('?from=2026-06-01&to=2026-06-30')
    expect(counts(funnel)).toEqual({ lead: 4, mql: 3, sal: 2, opportunity: 1, customer: 1 })
    expect(funnel).toMatchObject({
      window: { from: '2026-06-01', to: '2026-06-30', days: 30, provisional: false },
      previous: { from: '2026-05-02', to: '2026-05-31' },
      asOf: '2026-09-30',
      leftOut: ['sql'],
      withoutHistory: ['CRM b'],
      bottleneck: null,
    })
    expect(funnel.stages.find(({ stage }) => stage === 'sal')?.leak).toMatchObject({
      count: 1,
      returned: { count: 1, reasons: [{ reason: 'No budget', count: 1 }] },
    })
    // The second entry is no second lead, and no other time.
    expect(funnel.stages[1]?.time).toMatchObject({ median: 6, movedOn: 1 })
    expect(counts(await read('?from=2026-06-01&to=2026-06-30&path=strict'))).toEqual({
      lead: 4,
      mql: 2,
      sal: 1,
      opportunity: 0,
      customer: 0,
    })
    expect(counts(await read('?from=2026-06-01&to=2026-06-30&source=b'))).toMatchObject({ lead: 1, customer: 1 })
  })

  it('is compared with the one before as that stood at the same age', async () => {
    // The leads of May went on in July: by the age that June has now, nobody had.
    const may = aMonth('2026-05', 60, 0, 0)
    const june = aMonth('2026-06', 60, 30, 10)
    const later = may.lead.slice(0, 40).map(({ externalId }) => anEvent(externalId, 'entered', 'mql', '2026-07-20'))
    await aSource('a', { lead: [...may.lead, ...june.lead], stage: [...june.stage, ...later] }, '2026-07-28T12:00:00Z')
    const { stages, window } = await read('?from=2026-05-29&to=2026-06-28')
    expect(stages[1]).toMatchObject({ stage: 'mql', count: 30, previous: { count: 0, next: { numerator: 0, denominator: 60 } } })
    expect(window?.provisional).toBe(true)
    const [, mql] = (await read('?from=2026-05-01&to=2026-05-28')).stages
    expect(mql).toMatchObject({ count: 40 })
  })

  it('is by source, lead type and channel, the blank ones too, and adds up', async () => {
    await aSource('a', aMonth('2026-06', 60, 30, 10))
    const all = await read('?from=2026-06-01&to=2026-06-30')
    for (const groups of Object.values(all.groups)) expect(groups.reduce((sum, group) => sum + (group.counts[1] ?? 0), 0)).toBe(30)
    expect(all.groups.channel.map(({ key }) => key).sort()).toEqual(['', 'Ads'])
    const parts = await Promise.all(
      ['(blank)', 'Ads'].map((channel) => read(`?from=2026-06-01&to=2026-06-30&channel=${encodeURIComponent(channel)}`)),
    )
    expect(parts.map(counts).map(({ mql }) => mql)).toEqual([15, 15])
    expect(counts(await read('?from=2026-06-01&to=2026-06-30&leadType=Fair&channel=Ads'))).toMatchObject({ lead: 10, mql: 5 })
  })

  it('is of the 90 days up to the newest lead where no days are named', async () => {
    await aSource('a', { lead: [aLead('l1', '2026-06-20'), aLead('l2', '2026-03-22')] })
    expect((await read()).window).toMatchObject({ from: '2026-03-23', to: '2026-06-20' })
    expect((await read('?from=2026-06-01')).window).toMatchObject({ from: '2026-06-01', to: '2026-06-20' })
    expect((await read('?to=2026-04-30')).window).toMatchObject({ from: '2026-01-31', to: '2026-04-30' })
    // Nothing but leads: stages that no source tells of are no zeros.
    expect((await read()).stages.map(({ stage }) => stage)).toEqual(['lead'])
  })

  it('reads every lead once, however many pages they fill', async () => {
    const lead = Array.from({ length: 10_001 }, (_, index) => aLead(`l${index}`, '2026-06-10'))
    await aSource('a', { lead, stage: lead.map(({ externalId }) => anEvent(externalId, 'entered', 'mql', '2026-06-11')) })
    expect(counts(await read('?from=2026-06-01&to=2026-06-30'))).toEqual({ lead: 10_001, mql: 10_001 })
  })

  it('counts a lead on the day that it was created on in the reporting time zone, also where that night was an hour longer', async () => {
    const client = await adminClient()
    await client.settings.$patch({ json: { timeZone: 'Europe/Amsterdam', currency: 'EUR' } })
    const settings = { timeZone: 'UTC', currency: 'EUR', dateFormat: 'iso', decimal: '.' } as const
    const layouts = [{ name: 'Leads', lead: { id: 'id', createdAt: 'created' } }]
    const { id } = await (await client.sources.$post({ json: { name: 'Bank', kind: 'csv', settings: { ...settings, layouts } } })).json()
    // Summer time ended on 30 October 2011 at 01:00 UTC.
    const csv = 'id,created\na,2011-10-29T21:59:59Z\nb,2011-10-29T22:00:00Z\nc,2011-10-30T22:59:59Z\nd,2011-10-30T23:00:00Z\n'
    const headers = { ...(await keyHeaders('importer')), 'Content-Type': 'text/csv' }
    expect((await fetchWorker(`/api/v1/sources/${id}/pulls?dryRun=false`, { method: 'POST', body: csv, headers })).status).toBe(200)
    expect(counts(await read('?from=2011-10-30&to=2011-10-30'))).toEqual({ lead: 2 })
    expect(counts(await read('?from=2011-10-29&to=2011-10-29'))).toEqual({ lead: 1 })
  })

  it('says which values it cannot use', async () => {
    await aSource('a', { lead: [aLead('l1', '2026-06-20')] })
    expect(await refused('?from=2026-06-30&to=2026-06-01')).toEqual([422, ['query/to']])
    expect(await refused('?from=2026-02-30')).toEqual([422, ['query/from']])
    expect(await refused('?from=2020-01-01&to=2026-06-01')).toEqual([422, ['query/from']])
    expect(await refused('?path=fast')).toEqual([422, ['query/path']])
    expect(await refused('?source=nowhere')).toEqual([422, ['query/source']])
    expect(await refused('?channel=')).toEqual([422, ['query/channel']])
    expect(await refused(`?channel=${'x'.repeat(201)}`)).toEqual([422, ['query/channel']])
    expect(await refused('?team=sales')).toEqual([422, ['query/team']])
    expect(await refused('?from=2026-06-01&from=2026-06-02')).toEqual([422, ['query/from']])
    expect((await fetchWorker('/api/v1/funnel')).status).toBe(401)
    expect((await fetchWorker('/api/v1/funnel', { headers: await keyHeaders('importer') })).status).toBe(403)
  })
})

describe('its page', () => {
  it('says how to get one where there is no lead', async () => {
    const { status, html } = await page()
    expect([status, html.includes(en.empty.title), html.includes('href="/sources"')]).toEqual([200, true, true])
    expect(html).not.toContain('class="filter"')
  })

  it('names the finding, and what each stage lost and why', async () => {
    const { lead, stage } = aMonth('2026-06', 100, 40, 30)
    const returned = lead.slice(30, 40).map(({ externalId }) => anEvent(externalId, 'returned', 'mql', '2026-07-05', 'No <budget>'))
    const lost = lead.slice(40).map(({ externalId }) => anEvent(externalId, 'lost', 'lead', '2026-07-05'))
    await aSource('a', { lead, stage: [...stage, ...returned, ...lost] })
    const { html } = await page('?from=2026-06-01&to=2026-06-28')
    expect(html).toContain(`<h1>${en.title.lowest('Lead', 'MQL', '40%')}</h1>`)
    expect(html).toContain(en.leak.sal('10'))
    expect(html).toContain(en.parts.returned('10'))
    expect(html).toContain('No &lt;budget&gt;')
    expect(html).toContain(en.noReason)
    expect(html).toContain(en.bottleneck.lowest('Lead', 'MQL', '40%'))
    // Each stage leads to its KPI over the same days, and every figure of the drawing is in the table.
    expect(html).toContain('/kpis/metrics/mql_acceptance?from=2026-06-01&amp;until=2026-06-28')
    expect(html).toContain('<data value="40">40</data>')
    expect(html).not.toMatch(/\bNaN\b/)
    // The form keeps what it shows, and the language switch keeps the form.
    expect(html).toMatch(/<input[^>]*name="from"[^>]*value="2026-06-01"/)
    expect(html).toContain('<input type="hidden" name="from" value="2026-06-01"/>')
  })

  it('keeps to what was chosen, says so where nothing is left, and is spoken in every language', async () => {
    await aSource('a', aMonth('2026-06', 40, 30, 10))
    const headers = await adminHeaders()
    expect((await page('?from=2026-01-01&to=2026-01-31&channel=Ads', headers)).html).toContain(en.noneHere)
    for (const locale of ['en', 'ar', 'th', 'ms'] as const) {
      const { status, html } = await page(`?lang=${locale}&path=strict&leadType=${encodeURIComponent('(blank)')}&from=2026-06-01`, headers)
      expect([status, html.includes(`lang="${locale}"`), html.includes(messagesOf(locale).funnel.fields.leadType)]).toEqual([
        200,
        true,
        true,
      ])
      expect(html).not.toContain('undefined')
    }
  })

  it('names the sources that it is made of beside the day they were read', async () => {
    await aSource('a', aMonth('2026-06', 4, 3, 1))
    await aSource('b', aMonth('2026-07', 4, 3, 1))
    const names = ({ html }: { html: string }) =>
      [...(/<p class="side note">(.*?)<\/p>/s.exec(html)?.[1] ?? '').matchAll(/<bdi>(.*?)<\/bdi>/g)].map(([, name]) => name)
    expect(names(await page())).toEqual(['CRM a', 'CRM b'])
    expect(names(await page('?source=b'))).toEqual(['CRM b'])
  })

  it('says which of its sources is late or cannot be read, and leads there who may', async () => {
    const today = new Date().toISOString()
    await aSource('a', aMonth('2026-06', 4, 3, 1), today)
    await aSource('b', aMonth('2026-07', 4, 3, 1), today)
    expect((await page()).html).not.toContain('class="issues"')
    const trouble = { code: 'forbidden', facts: { scope: 'deals' }, since: '2026-11-20T08:00:00Z', retryAt: null, times: 1 }
    await db
      .update(sources)
      .set({ lastSuccessAt: new Date(Date.now() - 72 * 86_400_000) })
      .where(eq(sources.id, 'a'))
    await db.update(sources).set({ state: 'stopped', trouble }).where(eq(sources.id, 'b'))
    const { stopped, silent } = messagesOf('en').kpisPage.problems
    const says = ({ html }: { html: string }) =>
      [silent('\u2068CRM a\u2069', 72), stopped('\u2068CRM b\u2069'), 'href="/sources/a"', 'href="/sources/b"', 'deals.'].map((text) =>
        html.includes(text),
      )
    expect(says(await page())).toEqual([true, true, true, true, true])
    expect(says(await page('?source=b'))).toEqual([false, true, false, true, true])
    expect(says(await page('', await keyHeaders('reader')))).toEqual([true, true, false, false, false])
  })

  it('shows the form again, filled in, where it cannot be used', async () => {
    await aSource('a', { lead: [aLead('l1', '2026-06-20')] })
    for (const [query, why] of [
      ['?from=2026-06-30&to=2026-06-01', en.wrong.order],
      ['?from=30.06.2026', en.wrong.day],
      ['?path=fast', en.wrong.path],
      ['?source=nowhere', en.wrong.source],
      ['?channel=Nowhere', en.wrong.group],
      ['?leadType=Nobody', en.wrong.group],
      ['?from=2020-01-01&to=2026-01-01', en.wrong.long],
    ] as const) {
      const { status, html } = await page(query)
      expect([query, status, html.includes(why)]).toEqual([query, 422, true])
    }
    const { html } = await page(`?from=${encodeURIComponent('"><script>')}`)
    expect(html).not.toContain('"><script>')
    expect((await page('', { ...(await keyHeaders('importer')), Origin: origin })).status).not.toBe(200)
  })
})
