import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { locales } from '../../worker/i18n'
import { runJobs } from '../../worker/jobs'
import { openRound } from '../../worker/services/rounds'
import { getSchedule, pauseSchedule, setSchedule } from '../../worker/services/schedule'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { anOrganisation } from './factories'

let headers: Record<string, string>
beforeEach(async () => {
  headers = await adminHeaders()
  await anOrganisation([{ name: 'Sales', side: 'sales', people: 6 }])
})

const answerOf = async (response: Response) => ({
  status: response.status,
  location: response.headers.get('location'),
  html: await response.text(),
})
const get = async (path: string) => answerOf(await fetchWorker(path, { headers }))
const post = async (path: string, fields: Record<string, string> = {}) =>
  answerOf(await fetchWorker(path, { method: 'POST', headers, body: new URLSearchParams(fields) }))

const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10)
const form = () => ({ cadence: 'monthly', firstDay: day(20), openingTime: '09:00', windowDays: '14', reminders: '2' })
const rule = () => ({ ...form(), cadence: 'monthly', windowDays: 14, reminders: 2 }) as const
const upcoming = async () => (await getSchedule(services())).next

describe('the form of the schedule', () => {
  it('offers a rule, shows in words and in rounds what follows, and keeps it when that is confirmed', async () => {
    expect((await get('/rounds')).html).toContain('There is no schedule')
    const { html } = await get('/rounds/schedule')
    expect(html).toMatch(/type="date" value="\d{4}-\d\d-\d\d"/)
    const preview = await get(`/rounds/schedule/preview?${new URLSearchParams(form())}`)
    expect([preview.status, await upcoming()]).toEqual([200, []])
    expect(preview.html).toMatch(/A round opens on the \w+ \w+ of each month at 09:00 \(UTC\) and takes ballots for 14 days\./)
    expect(preview.html).toContain('reminded after 3 and after 5 days')
    expect(await post('/rounds/schedule', form())).toMatchObject({ status: 303, location: '/rounds?done=scheduled' })
    expect(await upcoming()).toHaveLength(3)
    const list = await get('/rounds?done=scheduled')
    expect(list.html).toContain('The schedule holds.')
    for (const round of await upcoming()) expect(list.html).toContain(`href="/rounds/${round.id}"`)
  })

  it.each([
    ['cadence', 'daily'],
    ['firstDay', '2027-02-30'],
    ['firstDay', day(500)],
    ['openingTime', '25:00'],
    ['windowDays', '29'],
    ['windowDays', 'many'],
    ['reminders', '3'],
  ])('comes back as it was filled in when %s is %j, before and after the second look', async (field, value) => {
    const fields = { ...form(), [field]: value }
    for (const answer of [await get(`/rounds/schedule/preview?${new URLSearchParams(fields)}`), await post('/rounds/schedule', fields)]) {
      expect([answer.status, answer.html.includes(`id="${field}-why"`)]).toEqual([422, true])
      if (field !== 'cadence' && field !== 'reminders') expect(answer.html).toContain(`value="${value}"`)
    }
    expect(await upcoming()).toEqual([])
  })

  it('is for administrators; a reader sees the rounds and no button', async () => {
    await setSchedule(services(), rule())
    const reader = await keyHeaders('reader')
    expect((await fetchWorker('/rounds/schedule', { headers: reader })).status).toBe(403)
    expect((await fetchWorker('/rounds/schedule', { method: 'POST', headers: reader })).status).toBe(403)
    const html = await (await fetchWorker('/rounds', { headers: reader })).text()
    expect([html.includes('The next three rounds'), html.includes('/shift"'), html.includes('/rounds/schedule"')]).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('the next three rounds', () => {
  beforeEach(async () => void (await setSchedule(services(), rule())))

  it('are moved to a day of a list, and say so', async () => {
    const [first] = await upcoming()
    const { html } = await get('/rounds')
    expect(html).toContain(`action="/rounds/${first?.id}/shift"`)
    expect(await post(`/rounds/${first?.id}/shift`, { days: '3' })).toMatchObject({ status: 303, location: '/rounds?done=shifted' })
    expect((await get('/rounds')).html).toContain('3 days late')
    expect((await upcoming())[0]?.shiftedDays).toBe(3)
  })

  it.each(['-20', '2.5', '99', 'x', ''])('are not moved by %s, and the page says beside it why', async (days) => {
    const [first] = await upcoming()
    const { status, html } = await post(`/rounds/${first?.id}/shift`, { days })
    expect([status, html.includes(`id="shift-${first?.id}-why"`)]).toEqual([422, true])
    expect((await upcoming())[0]?.shiftedDays).toBe(0)
  })

  it('can be opened early one after the other: the others only say when they open', async () => {
    const [first, second] = await upcoming()
    const [next, later] = await Promise.all([get(`/rounds/${first?.id}`), get(`/rounds/${second?.id}`)])
    for (const { html } of [next, later]) expect(html).toContain('It opens by itself on')
    expect([next.html.includes('/opening"'), later.html.includes('/opening"')]).toEqual([true, false])
  })

  it('are left out one by one, and pressing twice does no harm', async () => {
    const [first] = await upcoming()
    for (const _ of [1, 2]) expect((await post(`/rounds/${first?.id}/removal`)).location).toBe('/rounds?done=skipped')
    expect((await upcoming()).map(({ id }) => id)).not.toContain(first?.id)
  })

  it('stay while the schedule is paused, which the page says; resuming is one button', async () => {
    expect((await post('/rounds/schedule/pause')).location).toBe('/rounds?done=paused')
    const { html } = await get('/rounds')
    expect(html).toContain('Paused since')
    expect((await post('/rounds/schedule/resumption')).location).toBe('/rounds?done=resumed')
    expect((await get('/rounds')).html).not.toContain('Paused since')
    await post('/rounds/schedule/removal')
    expect([await upcoming(), (await get('/rounds')).html.includes('There is no schedule')]).toEqual([[], true])
  })

  it('are named with what is in the way, and how to mend it', async () => {
    await env.DB.prepare('update people set deactivated_at = 1 where rowid > 2').run()
    await setSchedule(services(new Date(Date.now() - 40 * 86_400_000)), { ...rule(), firstDay: day(-3) })
    await runJobs(services())
    const { html } = await get('/rounds')
    expect(html).toContain('It was to open on')
    expect(html).toContain('too few people are active')
    expect(html).not.toContain('Nothing runs by itself')
  })

  it('are not promised where cron has stopped', async () => {
    expect((await get('/rounds')).html).toContain('no scheduled run has happened yet')
    await runJobs(services(new Date(Date.now() - 31 * 60_000)))
    expect((await get('/rounds')).html).toContain('the last scheduled run was on')
    await runJobs(services())
    expect((await get('/rounds')).html).not.toContain('Nothing runs by itself')
  })

  it('leave room for a round by hand, which has closed before they open', async () => {
    const { html } = await get('/rounds')
    expect(html).toContain('A round outside the schedule')
    const late = await post('/rounds', { period: day(0).slice(0, 7), closing: day(25) })
    expect([late.status, late.html.includes('id="closing-why"')]).toEqual([422, true])
    expect((await post('/rounds', { period: day(0).slice(0, 7), closing: day(10) })).status).toBe(303)
  })
})

describe('an open round', () => {
  it('says when it closes and which reminders went out, never to how many', async () => {
    await setSchedule(services(new Date(Date.now() - 40 * 86_400_000)), { ...rule(), firstDay: day(-4) })
    const [first] = await upcoming()
    const opened = new Date(first?.opensAt ?? '')
    await runJobs(services(opened))
    await runJobs(services(new Date(opened.getTime() + 3 * 86_400_000)))
    const { html } = await get(`/rounds/${first?.id}`)
    expect(html).toMatch(/It closes by itself at the end of \d+ \w+ \d{4}, in 9 days\./)
    expect(html).toContain('Reminder 1 of 2 went out on')
    expect(html).toContain('The next one goes out on')
    expect(await env.DB.prepare("select count(*) as n from deliveries where kind = 'reminder-1'").first('n')).toBe(6)
  })

  it('is shown, like the schedule and its form, in four languages', async () => {
    await setSchedule(services(), rule())
    const [first] = await upcoming()
    await pauseSchedule(services())
    const later = new URLSearchParams({ ...form(), firstDay: day(40) })
    const pages = ['/rounds', '/rounds/schedule', `/rounds/schedule/preview?${later}&`, `/rounds/${first?.id}`]
    const look = async () => {
      for (const path of pages) {
        for (const locale of locales) {
          const { status, html } = await get(`${path}${path.includes('?') ? '' : '?'}lang=${locale}`)
          expect([path, locale, status, /style=|undefined|\[object|\bNaN\b/.test(html)]).toEqual([path, locale, 200, false])
        }
      }
    }
    await look()
    await env.DB.prepare("update settings set value = json_set(value, '$.pausedAt', null) where key = 'schedule'").run()
    await openRound(services(), first?.id ?? '')
    await look()
  })
})
