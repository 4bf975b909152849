import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { locales } from '../../worker/i18n'
import { pullCsv } from '../../worker/services/pulls'
import { createSource } from '../../worker/services/sources'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'

const now = new Date('2026-11-22T10:00:00Z')

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
    expect(rowOf(html, 'Revenue won')).toContain('$300 October 2026 +$200 $50.00 November 2026, provisional')
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
    '/kpis/metrics/won_revenue?grain=day&from=1990-01-01',
    '/kpis/metrics/won_revenue?from=2026-12-01&until=2026-09-30',
    '/kpis/metrics/won_revenue?by=channel',
    '/kpis/metrics/won_revenue?by=channel&value=-',
    '/kpis/metrics/won_revenue?by=moon&grain=eon&until=never',
    '/kpis/metrics/headcount_sales?by=channel',
    '/kpis/metrics/customer_feedback',
  ])('shows %s', async (path) => {
    await someFacts()
    expect((await page(path)).status).toBe(200)
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
