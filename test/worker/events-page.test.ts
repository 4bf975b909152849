import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { analyses, observations, settings } from '../../worker/db/schema'
import { locales, messagesOf } from '../../worker/i18n'
import { refreshAnalyses } from '../../worker/services/analyses'
import { addEvent, listEvents } from '../../worker/services/events'
import { get, post, textAt } from './browsing'
import { fetchWorker, keyHeaders, services } from './client'
import { observe } from './scored-rounds'

const event = { day: '2026-06-15', name: 'SLA signed', author: 'Dana Reyes', scope: 'sales' } as const
const all = async () => (await listEvents(services().db)).items

describe('adding an event', () => {
  it('leads back to the chart that it was added under', async () => {
    const response = await post('/events', { ...event, back: '/kpis/metrics/cac?grain=month#series', chart: 'series' })
    const [{ id } = { id: '' }] = await all()
    const address = `/kpis/metrics/cac?grain=month&added=series%7E${id}#series`
    expect([response.status, response.headers.get('location')]).toEqual([303, address])
    expect(await all()).toEqual([{ id, ...event }])
  })

  it('leads to the list where the way back is not ours', async () => {
    const response = await post('/events', { ...event, back: '//evil.example/', chart: '"><b>' })
    expect(response.headers.get('location')).toMatch(/^\/events\?added=list/)
  })

  it.each([
    ['day', ''],
    ['day', '2026-02-30'],
    ['name', ' '],
    ['name', 'x'.repeat(81)],
    ['author', ''],
    ['scope', 'finance'],
  ])('gives the form back when %s is %j, with the reason, what else was typed, and the way back', async (field, value) => {
    const response = await post('/events', { ...event, name: '<b>SLA</b>', back: '/overview#trend', chart: 'trend', [field]: value })
    const html = await response.text()
    expect([response.status, html.includes(`id="${field}-why"`)]).toEqual([422, true])
    expect(html).toContain('name="back" value="/overview#trend"')
    expect(html).toContain('name="chart" value="trend"')
    if (field !== 'name') expect(html).toContain('value="&lt;b&gt;SLA&lt;/b&gt;"')
    expect(await all()).toEqual([])
  })
})

describe('the list of events', () => {
  it('says what happened to whom and who says so, and lets an administrator correct and delete it', async () => {
    const { id } = await addEvent(services(), { ...event, name: '<b>SLA</b>', scope: 'sales' })
    const html = await textAt('/events')
    expect(html).toContain('<bdi>&lt;b&gt;SLA&lt;/b&gt;</bdi>')
    expect(html).toContain('<bdi>Dana Reyes</bdi>')
    expect(html).toContain('15 June 2026')
    expect(await textAt(`/events/${id}/change`)).toContain('value="2026-06-15"')
    expect((await post(`/events/${id}/change`, { ...event, day: '2026-06-31' })).status).toBe(422)
    const changed = await post(`/events/${id}/change`, { ...event, scope: 'company' })
    expect(changed.headers.get('location')).toBe('/events?done=changed')
    expect(await all()).toEqual([{ id, ...event, scope: 'company' }])
    for (const _ of [1, 2]) expect((await post(`/events/${id}/removal`, {})).status).toBe(303)
    expect(await all()).toEqual([])
    for (const path of [`/events/${id}`, `/events/${id}/change`]) expect((await get(path)).status).toBe(404)
  })

  it.each(locales)('is in %s, before there is one and after', async (locale) => {
    for (const path of ['/events', '/events/new']) expect(await textAt(`${path}?lang=${locale}`)).not.toMatch(/style=|undefined|\[object/)
    await addEvent(services(), { ...event, scope: 'sales' })
    const [{ id } = { id: '' }] = await all()
    for (const path of ['/events', `/events/${id}`]) expect(await textAt(`${path}?lang=${locale}`)).not.toMatch(/style=|undefined|\[object/)
  })

  it('is read by a leader, who changes nothing', async () => {
    const { id } = await addEvent(services(), { ...event, scope: 'sales' })
    const headers = await keyHeaders('reader')
    const html = await (await fetchWorker('/events', { headers })).text()
    expect(html).toContain('SLA signed')
    expect(html).not.toMatch(/\/(change|removal|new)"/)
    for (const path of ['/events/new', `/events/${id}/change`]) expect((await fetchWorker(path, { headers })).status).toBe(403)
    expect((await fetchWorker('/events', { method: 'POST', headers, body: new URLSearchParams(event) })).status).toBe(403)
  })
})

describe('the page of an event', () => {
  it('shows the months around it, names what else happened in them, and says after, never because', async () => {
    for (const [index, value] of [100, 101, 99, 100, 140, 141, 139, 140].entries()) await observe(`2026-0${index + 1}`, value)
    const { id } = await addEvent(services(), { ...event, day: '2026-05-01', name: 'SLA <signed>', scope: 'sales' })
    await addEvent(services(), { ...event, day: '2026-06-15', name: 'New CRM', scope: 'company' })
    await addEvent(services(), { ...event, day: '2024-06-15', name: 'Long ago', scope: 'company' })
    await services().db.insert(settings).values({ key: 'timeZone', value: 'America/New_York' })
    const html = await textAt(`/events/${id}`)
    expect(html).toContain('1 May 2026')
    expect(html).toContain('15 June 2026')
    expect(html).toContain('after “\u2068SLA &lt;signed&gt;\u2069”')
    expect(html).not.toMatch(/because of|<signed>/)
    expect(html).toContain('<bdi>New CRM</bdi>')
    expect(html).not.toContain('Long ago')
    const chart = JSON.parse(/data-chart="([^"]*)"/.exec(html)?.[1]?.replaceAll('&quot;', '"') ?? '{}')
    expect(chart.points.map(({ y }: { y: number }) => y)).toEqual([100, 101, 99, 100, 140, 141, 139, 140])
    expect(chart.events.map(({ x }: { x: number }) => x)).toEqual([3 + 1 / 31, 4.5])
    expect(chart.events[0].scope).toBe('Sales')
    expect((await get(`/events/${id}?measure=cac`)).status).toBe(200)
    for (const measure of ['won_deals', 'nothing', 'score']) expect((await get(`/events/${id}?measure=${measure}`)).status).toBe(404)
    for (const locale of locales) expect(await textAt(`/events/${id}?lang=${locale}`)).not.toMatch(/style=|undefined|\bNaN\b|\[object/)
  })

  it('draws the KPI that its heading names, and says where a cut axis starts', async () => {
    const { db } = services()
    for (const [index, value] of [100, 101, 99, 100, 140, 141, 139, 140].entries()) {
      await observe(`2026-0${index + 1}`, value)
      await db
        .insert(observations)
        .values({ metric: 'won_deals', basis: 'period', period: `2026-0${index + 1}`, value: value - 99, asOf: new Date() })
    }
    const { id } = await addEvent(services(), { ...event, day: '2026-05-01' })
    await refreshAnalyses(services())
    const [around] = await db.select({ body: analyses.body }).from(analyses).where(eq(analyses.kind, 'around-events'))
    // The smallest p is no signal where the interval of all records holds zero.
    for (const [signal, other, cut] of [
      ['won_deals', 'cac', false],
      ['cac', 'won_deals', true],
    ] as const) {
      const body = ((around?.body ?? []) as { rows: { measure: string }[] }[]).map((one) => ({
        ...one,
        rows: one.rows.map((row) =>
          row.measure === signal
            ? { ...row, verdict: 'signal', p: 0.01 }
            : { ...row, verdict: 'normal', p: row.measure === other ? 0.001 : 0.02 },
        ),
      }))
      await db.update(analyses).set({ body }).where(eq(analyses.kind, 'around-events'))
      const html = await textAt(`/events/${id}`)
      const { names } = messagesOf('en').metrics
      expect(html).toContain(`<h1>${messagesOf('en').findings.around.higher(names[signal], '\u2068SLA signed\u2069')}</h1>`)
      expect(html).toContain(`<h2>${names[signal]}</h2>`)
      expect(html).not.toContain(`<h2>${names[other]}</h2>`)
      expect([signal, html.includes('The axis starts at')]).toEqual([signal, cut])
    }
  })
})
