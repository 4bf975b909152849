import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LineSpec } from '../../worker/core/chart'
import { observations } from '../../worker/db/schema'
import { locales, messagesOf } from '../../worker/i18n'
import { addEvent } from '../../worker/services/events'
import { pullCsv } from '../../worker/services/pulls'
import { createSource } from '../../worker/services/sources'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { recorder } from './recorder'

const now = new Date('2026-11-22T10:00:00Z')
const en = messagesOf('en')

// What was read then is as old on every day that the tests run.
beforeEach(() => void vi.setSystemTime(now))
afterEach(() => void vi.useRealTimers())

async function someFacts(currency = 'USD') {
  const { id } = await createSource(services(now), {
    name: 'CRM',
    kind: 'csv',
    settings: {
      timeZone: 'UTC',
      currency,
      dateFormat: 'iso',
      expectedEveryDays: 31,
      layouts: [
        {
          name: 'L',
          lead: { id: 'id', createdAt: 'created', channel: 'channel' },
          deal: { id: 'id', leadId: 'id', closedAt: 'closed', state: 'won', amount: 'amount' },
        },
      ],
    },
  })
  const rows = ['1,2026-09-01,ads,2026-09-10,100', '2,2026-09-02,,2026-10-10,300', '3,2026-11-02,<b>ads</b>,2026-11-10,50']
  await pullCsv(services(now), id, `id,created,channel,closed,amount\n${rows.join('\n')}\n`, { dryRun: false })
  return id
}

/** Revenue won month by month up to the one that runs now. */
async function monthly(amounts: readonly number[]) {
  const { id } = await createSource(services(now), {
    name: 'CRM',
    kind: 'csv',
    settings: {
      timeZone: 'UTC',
      currency: 'USD',
      dateFormat: 'iso',
      expectedEveryDays: 31,
      layouts: [{ name: 'L', deal: { id: 'id', closedAt: 'closed', state: 'won', amount: 'amount' } }],
    },
  })
  const rows = amounts.map((amount, index) => `${index},2026-${String(12 - amounts.length + index).padStart(2, '0')}-15,${amount}`)
  await pullCsv(services(now), id, `id,closed,amount\n${rows.join('\n')}\n`, { dryRun: false })
  return id
}

async function page(path: string, headers?: Record<string, string>) {
  const response = await fetchWorker(path, { headers: headers ?? (await adminHeaders()) })
  return { status: response.status, html: await response.text(), response }
}

async function post(path: string, form: Record<string, string>) {
  const response = await fetchWorker(path, {
    method: 'POST',
    headers: { ...(await adminHeaders()), 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  })
  return { status: response.status, location: response.headers.get('location'), html: await response.text() }
}

/** The text of the row that names this KPI. */
const rowOf = (html: string, name: string) =>
  (new RegExp(`<tr><th scope="row"><a[^>]*>${name}</a>.*?</tr>`).exec(html)?.[0] ?? '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

describe('/kpis', () => {
  it('says what to do while there is nothing', async () => {
    const { status, html } = await page('/kpis')
    expect([status, html.includes('No KPI yet'), html.includes('href="/sources/new"')]).toEqual([200, true, true])
  })

  it('shows the latest whole period, the change to the one before, and what is running', async () => {
    await someFacts()
    const { html } = await page('/kpis')
    expect(rowOf(html, 'Revenue won')).toContain('$300 October 2026 +$200 $50.00 November 2026, preliminary')
    expect(html).toContain('/kpis/metrics/won_revenue"')
    expect(html).toContain('KPIs have no value yet')
    const quarters = await page('/kpis?grain=quarter')
    expect(rowOf(quarters.html, 'Revenue won')).toContain('$100 Q3 2026')
    const until = await page('/kpis?until=2026-09-15')
    expect(rowOf(until.html, 'Revenue won')).toContain('$100 September 2026')
  })

  it('is of one group where one is chosen, a blank one too, and writes names as they are', async () => {
    await someFacts()
    const all = await page('/kpis?by=channel')
    expect(all.html).toContain('Choose one of the groups')
    expect(all.html).toContain('&lt;b&gt;ads&lt;/b&gt;')
    expect(rowOf((await page('/kpis?by=channel&value=ads')).html, 'Deals won')).toContain('0 October 2026 −1')
    expect(rowOf((await page('/kpis?by=channel&value=-')).html, 'Revenue won')).toContain('$300 October 2026')
  })

  it('names what is in no sum of money', async () => {
    await someFacts('GBP')
    expect((await page('/kpis')).html).toContain('3 deals and 0 bills are in no sum of money')
    const saved = await post('/kpis/setup/rates', { currency: 'gbp', day: '2026-09-01', rate: '1,25' })
    expect([saved.status, saved.location]).toEqual([303, '/kpis/setup?done=rate'])
    const { html } = await page('/kpis')
    expect(html).not.toContain('no sum of money')
    expect(rowOf(html, 'Revenue won')).toContain('$375 October 2026')
  })

  it.each([
    ['/kpis', 6],
    ['/kpis?grain=quarter', 7],
    ['/kpis/metrics/won_revenue', 5],
    ['/kpis/funnel', 5],
    ['/kpis/sla', 4],
  ])('%s is read in %i trips to the database, however many KPIs there are', async (path, trips) => {
    await someFacts()
    const { calls, fetch: ask } = recorder()
    expect((await ask(path, { headers: await adminHeaders() })).status).toBe(200)
    expect(calls).toHaveLength(trips)
  })

  it('says what is wrong with an address, and keeps the form', async () => {
    await someFacts()
    for (const [query, why] of [
      ['grain=eon', en.explore.asked.choice],
      ['until=2026-02-30', en.explore.asked.day],
      ['by=channel&value=nowhere', en.kpisPage.wrong.group],
      ['value=ads', en.kpisPage.wrong.groupOf],
    ]) {
      const { status, html } = await page(`/kpis?${query}`)
      expect([query, status, html.includes(why ?? '')]).toEqual([query, 422, true])
    }
    expect((await page('/kpis?by=&of=channel&value=ads')).status).toBe(200)
  })

  it('names a source that is silent, what that changes, and the button for who may', async () => {
    const id = await someFacts()
    await env.DB.prepare('update sources set last_success_at = ?')
      .bind(Date.now() - 40 * 86_400_000)
      .run()
    const { html } = await page('/kpis')
    expect(html).toContain('has brought nothing for 40 days')
    // What is newest of it may still change, in the table as in the panels.
    expect(rowOf(html, 'Revenue won')).toContain('$300 October 2026 +$200 $50.00 November 2026, preliminary')
    expect(html).toMatch(/Affects: [^<]*Lead conversion/)
    expect(html).toContain(`<a class="btn" href="/sources/${id}"`)
    expect(html).toMatch(/is 40 days old: \w+ is a preliminary figure/)
    expect((await page('/kpis', await keyHeaders('reader'))).html).not.toContain(`href="/sources/${id}"`)
  })

  it('says first how many KPIs have no value, of what there is nothing, and where that is brought from', async () => {
    await someFacts()
    for (const table of ['deals', 'leads', 'observations']) await env.DB.exec(`delete from ${table}`)
    const observation = { metric: 'headcount_sales', basis: 'period', period: '2026-10', value: 35, asOf: now } as const
    await services().db.insert(observations).values(observation)
    const { html } = await page('/kpis')
    const { without, missing, toSources } = en.kpisPage
    expect(html).toMatch(/Missing: leads, entries into stages, deals, [^<]*costs/)
    expect(html.indexOf(without(31))).toBeLessThan(html.indexOf('id="all"'))
    expect(html.split('href="/sources"')).toHaveLength(2)
    expect([html.includes(en.overview.kpis.toSources), html.includes(toSources), html.includes('<details>')]).toEqual([true, false, true])
    const forReader = (await page('/kpis', await keyHeaders('reader'))).html
    expect([forReader.includes(without(31)), forReader.includes('href="/sources')]).toEqual([true, false])
    // Of a group, or where the usual ones have values, the list below says it.
    await someFacts()
    expect((await page('/kpis')).html).not.toContain(missing(['leads']).slice(0, 8))
  })

  it('calls the newest month of a late source preliminary in the table, too', async () => {
    await monthly([100, 200, 300, 50])
    await env.DB.prepare("delete from observations where period = '2026-11'").run()
    expect(rowOf((await page('/kpis')).html, 'Revenue won')).toContain('$300 October 2026')
    await env.DB.prepare('update sources set last_success_at = ?')
      .bind(Date.now() - 40 * 86_400_000)
      .run()
    expect(rowOf((await page('/kpis')).html, 'Revenue won')).toContain('$200 September 2026 +$100 $300 October 2026, preliminary')
  })

  it.each(['stopped', 'failing'] as const)(
    'says of a source that is %s where its figures stand, before them, and in order: what, effect, fix',
    async (how) => {
      const id = await someFacts()
      const trouble = { code: 'unauthorised', facts: {}, since: '2026-11-20T08:00:00Z', retryAt: null, times: 6 }
      await env.DB.prepare('update sources set state = ?, trouble = ?')
        .bind(how === 'stopped' ? 'stopped' : 'active', JSON.stringify(trouble))
        .run()
      const { [how]: says, since, last } = en.kpisPage.problems
      const { detail, fix } = en.pulling.failures.unauthorised
      const { html } = await page('/kpis')
      const mark = en.sourceSetup.standings[how]
      expect(rowOf(html, 'Revenue won')).toContain(` ${mark} as of 22 November 2026`)
      expect(html).not.toContain(en.metrics.freshness.fresh)
      expect(html).toContain(en.kpisPage.panel.unread(says('\u2068CRM\u2069'), '22 November 2026'))
      const order = [
        says('\u2068CRM\u2069'),
        detail({}),
        since('20 November 2026'),
        'Affects: ',
        last('22 November 2026'),
        fix,
        'id="kpis"',
      ]
      const places = order.map((text) => html.indexOf(text))
      expect(places).toEqual(places.toSorted((a, b) => a - b))
      expect(places).not.toContain(-1)
      for (const path of ['/sources', '/kpis/metrics/won_revenue']) {
        const { html: other } = await page(path)
        expect([path, other.includes(`>${mark}<`), other.includes(en.metrics.freshness.fresh)]).toEqual([path, true, false])
      }
      expect(html).not.toContain(en.kpisPage.problems.none)
      const forReader = (await page('/kpis', await keyHeaders('reader'))).html
      expect([says('\u2068CRM\u2069'), detail({}), fix, `href="/sources/${id}"`].map((text) => forReader.includes(text))).toEqual([
        true,
        false,
        false,
        false,
      ])
    },
  )

  it('is there in every language and for readers, without what they may not do', async () => {
    await someFacts()
    for (const locale of locales) expect((await page(`/kpis?lang=${locale}`)).status).toBe(200)
    const { status, html } = await page('/kpis', await keyHeaders('reader'))
    expect([status, html.includes('/kpis/setup')]).toEqual([200, false])
    expect((await page('/kpis/setup', await keyHeaders('reader'))).status).toBe(403)
  })
})

describe('/kpis/metrics/:key', () => {
  it('draws the series and has it as a table and a file', async () => {
    await someFacts()
    const { html } = await page('/kpis/metrics/won_revenue')
    expect(html).toContain('data-chart')
    expect(html).toContain('Revenue won went from $100 in September 2026 to $50.00 in November 2026.')
    const { response, html: csv } = await page('/kpis/metrics/won_revenue.csv')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="won_revenue.csv"')
    const lines = csv.trim().split('\r\n')
    expect(lines[0]).toBe('period,group,value,numerator,denominator,count,mean,p90,provisional,as_of')
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 3))).toEqual([
      ['2026-09', '', '10000'],
      ['2026-10', '', '30000'],
      ['2026-11', '', '5000'],
    ])
  })

  it.each([
    '/kpis/metrics/lead_conversion?basis=cohort&window=30',
    '/kpis/metrics/won_revenue?grain=week&from=2026-09-01&until=2026-09-30',
    '/kpis/metrics/won_revenue?from=1990-01-01&until=1990-12-31',
    '/kpis/metrics/won_revenue?by=&of=channel&value=ads',
    '/kpis/metrics/won_revenue?by=source&of=channel&value=ads',
    '/kpis/metrics/won_revenue?by=channel',
    '/kpis/metrics/won_revenue?by=channel&value=-',
    '/kpis/metrics/customer_feedback',
  ])('shows %s', async (path) => {
    await someFacts()
    expect((await page(path)).status).toBe(200)
  })

  it('says what is wrong with an address, beside the field that it stands in, and gives no file for it', async () => {
    await someFacts()
    for (const [query, field, why] of [
      ['from=2026-12-01&until=2026-09-30', 'until', en.kpisPage.wrong.order],
      ['grain=day&from=1990-01-01', 'from', en.kpisPage.wrong.long(400)],
      ['grain=eon', 'grain', en.explore.asked.choice],
      ['until=never', 'until', en.explore.asked.day],
      ['basis=cohort', 'basis', en.explore.asked.choice],
      ['by=moon', 'by', en.explore.asked.choice],
      ['value=ads', 'by', en.kpisPage.wrong.groupOf],
      ['by=channel&value=nowhere', 'value', en.kpisPage.wrong.group],
      ['by=source&value=nobody', 'value', en.kpisPage.wrong.group],
      ['from=2026-01-01&from=2026-02-01', 'from', en.explore.asked.once],
    ] as const) {
      for (const path of ['/kpis/metrics/won_revenue', '/kpis/metrics/won_revenue.csv']) {
        const { status, html } = await page(`${path}?${query}`)
        expect([query, status, html.includes(`href="#${field}"`), html.includes(why)]).toEqual([query, 422, true, true])
      }
    }
    const { html } = await page('/kpis/metrics/won_revenue?from=2026-12-01&until=2026-09-30')
    expect([html.includes('value="2026-12-01"'), html.includes('value="2026-09-30"')]).toEqual([true, true])
    expect((await page('/kpis/metrics/headcount_sales?by=channel')).status).toBe(422)
  })

  it('judges whole months by the first six, never one that still runs, and tells how it was around an event', async () => {
    await monthly([100, 110, 90, 100, 110, 90, 100, 300, 500])
    const { id } = await addEvent(services(now), { day: '2026-06-10', name: '<i>SLA</i>', scope: 'company', author: 'Ana' })
    const { html } = await page('/kpis/metrics/won_revenue')
    const [, json = ''] = /data-chart="([^"]*)"/.exec(html) ?? []
    const spec = JSON.parse(
      json.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
    ) as LineSpec
    expect(spec.points.map(({ signal }) => signal)).toEqual([false, false, false, false, false, false, false, true, false])
    expect(spec.points.map(({ hollow }) => hollow === true)).toEqual([...Array(8).fill(false), true])
    expect(spec.phases).toMatchObject([{ from: 0, to: 8, mean: 10_000, provisional: true }])
    expect(spec.events).toMatchObject([{ name: '\u2068<i>SLA</i>\u2069' }])
    expect(html).toContain('is above its usual range')
    expect(html).toContain(`href="/events/${id}"`)
    // On a phone a row stands by itself, with its verdict.
    const around = /<table class="data pin stack">.*?<\/table>/s.exec(html)?.[0]
    expect(around).toMatch(/<td data-head="Verdict"><span class="verdict normal">/)
    expect(html).not.toContain('<i>SLA')
    expect(html).toContain('href="/explore/kpis/won_revenue"')
    // The page of all KPIs says the same of the same month.
    const rules = await post('/sources/goals/won_revenue', { target: '1000', baseline: '', scale: 'linear' })
    expect(rules.status).toBe(303)
    const all = await page('/kpis')
    expect(all.html).toContain('<h1>Revenue won got better by more than its usual ups and downs</h1>')
    expect(all.html).toContain(`Preliminary: Revenue won`)
  })

  it('explains of the charts what they show: dotted limits of few months, and hollow points only where there are some', async () => {
    const keyOf = async () => /<p class="key kkey">(.*?)<\/p>/s.exec((await page('/kpis')).html)?.[1] ?? ''
    await monthly([100, 110, 90, 100, 110, 90, 100, 110, 100])
    const first = await keyOf()
    expect(first).toContain('<i class="ln limit few"></i>Usual range of the first six months</span>')
    expect(first).not.toContain('class="ln limit"')
    expect(first).not.toContain('class="ln target"')
    expect(first).not.toContain('Preliminary')
    await env.DB.prepare("update observations set provisional = 1 where period = '2026-10'").run()
    await post('/sources/goals/won_revenue', { target: '1000', baseline: '', scale: 'linear' })
    const then = await keyOf()
    expect([then.includes('class="ln target"'), then.includes('Preliminary')]).toEqual([true, true])
  })

  it('says of months near a limit that they lie within the range', async () => {
    await monthly([100, 110, 90, 100, 110, 90, 125, 125, 125, 500])
    const { html } = await page('/kpis/metrics/won_revenue')
    expect(html).toContain('has long been in the upper part of its usual range')
    expect(html).not.toContain('above its usual range')
  })

  it('is not there for a metric that is not', async () => {
    expect([(await page('/kpis/metrics/happiness')).status, (await page('/kpis/metrics/own-nps.csv')).status]).toEqual([404, 404])
  })
})

describe('/kpis/setup', () => {
  it('changes how KPIs count, and says what cannot be', async () => {
    const refused = await post('/kpis/setup/rules', { cacLagMonths: '13', attemptsExpected: '0', handOff: 'sal' })
    expect([refused.status, refused.html.includes('0 to 12'), refused.html.includes('value="13"')]).toEqual([422, true, true])
    expect((await post('/kpis/setup/rules', { cacLagMonths: '2', attemptsExpected: '6', handOff: 'sal' })).location).toBe(
      '/kpis/setup?done=rules',
    )
    const { html } = await page('/kpis/setup?done=rules')
    expect([html.includes('KPIs were computed again'), html.includes('value="sal" selected')]).toEqual([true, true])
  })

  it('keeps and deletes rates', async () => {
    const wrong = await post('/kpis/setup/rates', { currency: 'USD', day: '2026-02-30', rate: 'x' })
    expect(wrong.status).toBe(422)
    // In the direction in which rates are meant, and in the organisation's own currency only.
    const example = async () => (await page('/kpis/setup')).html.includes('1 EUR = 1.10 USD: write 1.10.')
    expect(await example()).toBe(true)
    await env.DB.prepare(`insert into settings (key, value) values ('currency', '"EUR"')`).run()
    expect(await example()).toBe(false)
    await env.DB.prepare("delete from settings where key = 'currency'").run()
    await post('/kpis/setup/rates', { currency: 'EUR', day: '2026-02-03', rate: '1.1' })
    expect((await page('/kpis/setup')).html).toContain('3 February 2026')
    const gone = '/kpis/setup/rates/EUR/2026-02-03/removal'
    expect([(await post(gone, {})).status, (await post(gone, {})).status]).toEqual([303, 303])
    expect(await env.DB.prepare('select count(*) as n from exchange_rates').first()).toEqual({ n: 0 })
  })

  it('makes, renames and deletes a metric', async () => {
    const refused = await post('/kpis/setup/metrics', { key: 'nps', name: 'NPS', unit: 'points', better: 'higher' })
    expect([refused.status, refused.html.includes('value="NPS"')]).toEqual([422, true])
    expect((await post('/kpis/setup/metrics', { key: 'own-nps', name: 'NPS', unit: 'points', better: 'higher' })).status).toBe(303)
    expect((await post('/kpis/setup/metrics/own-nps', { name: '', unit: 'points', better: '' })).status).toBe(422)
    expect((await post('/kpis/setup/metrics/own-nps', { name: 'Customer NPS', unit: 'points', better: '' })).status).toBe(303)
    expect((await page('/kpis/metrics/own-nps')).html).toContain('Customer NPS')
    expect((await post('/kpis/setup/metrics/own-nps/removal', {})).status).toBe(303)
    expect((await page('/kpis/metrics/own-nps')).status).toBe(404)
  })

  it('takes rates from a file, and names the lines that are wrong', async () => {
    const send = async (csv: string) => {
      const form = new FormData()
      form.append('file', new File([csv], 'rates.csv', { type: 'text/csv' }))
      const response = await fetchWorker('/kpis/setup/rates/file', { method: 'POST', headers: await adminHeaders(), body: form })
      return { status: response.status, html: await response.text() }
    }
    const refused = await send('currency,day,rate\nEUR,2026-02-30,1.1\n')
    expect([refused.status, refused.html.includes('line 2')]).toEqual([422, true])
    expect((await send('currency,day,rate\nEUR,2026-02-03,1.1\n')).status).toBe(303)
  })
})
