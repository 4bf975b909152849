import { beforeEach, describe, expect, it } from 'vitest'
import { addDays, dayOf } from '../../worker/core/calendar'
import { sources } from '../../worker/db/schema'
import { locales, messagesOf } from '../../worker/i18n'
import { formatOf } from '../../worker/i18n/format'
import { usualClauses, valuesOf } from '../../worker/pages/components/clause-fields'
import { readHolidays } from '../../worker/pages/sla-calendar'
import { addClause, listClauseViews, readCalendar } from '../../worker/services/clauses'
import { aSource, attempt, entered, inFourHours, mondays, reported, store, zone } from './clause-facts'
import { adminHeaders, fetchWorker, keyHeaders, origin, services } from './client'

const t = messagesOf('en').sla
const today = dayOf(new Date(), zone)
let admin: Record<string, string>

beforeEach(async () => {
  admin = await adminHeaders()
  await aSource(new Date().toISOString())
})

const page = async (path = '', headers = admin) => {
  const response = await fetchWorker(`/kpis/sla${path}`, { headers })
  return { status: response.status, html: await response.text() }
}
const post = async (path: string, fields: Record<string, string> | [string, string][] = {}) => {
  const response = await fetchWorker(`/kpis/sla${path}`, {
    method: 'POST',
    headers: { ...admin, Origin: origin },
    body: new URLSearchParams(fields),
  })
  return { status: response.status, location: response.headers.get('location') ?? '', html: await response.text() }
}
/** What a reader sees, without marks. */
const textOf = (html: string) =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ')
const heading = (html: string) => textOf(/<h1>(.*?)<\/h1>/s.exec(html)?.[1] ?? '').trim()
const query = (values: Record<string, string | undefined>) =>
  new URLSearchParams(Object.entries(values).map(([name, value]) => [name, value ?? '']))

/** Due dates of four weeks; the last Monday missed. */
const someFacts = async () => {
  const lastWeek = addDays(today, -8)
  await store({
    stage: [
      entered('first', 'mql', addDays(today, -70)),
      ...[15, 22, 29, 36].flatMap((back) => [
        entered(`a${back}`, 'mql', addDays(today, -back)),
        entered(`b${back}`, 'mql', addDays(today, -back)),
      ]),
      entered('waits', 'mql', `${lastWeek}T10:00:00Z`),
    ],
    activity: [attempt('first', addDays(today, -70))],
  })
}

describe('the page of promises', () => {
  it('offers two to begin with where nothing is promised, each a click from its second look', async () => {
    const { status, html } = await page()
    expect([status, heading(html)]).toEqual([200, t.heading.none])
    const [first = ''] = [...html.matchAll(/href="(\/kpis\/sla\/clauses\/preview\?[^"]+)"/g)].map(([, href = '']) =>
      href.replaceAll('&amp;', '&'),
    )
    const preview = await fetchWorker(first, { headers: admin })
    expect([preview.status, heading(await preview.text())]).toEqual([200, t.preview.title])
    expect(html).toContain('/kpis/sla/clauses/new?kind=attempts')
  })

  it('says the finding, each due date, what is open, and what is overdue by its id', async () => {
    await someFacts()
    await addClause(services(), mondays, addDays(today, -60))
    await addClause(services(), inFourHours, addDays(today, -60))
    const { html } = await page()
    const text = textOf(html)
    expect(heading(html)).toMatch(/missed|kept/)
    expect(text).toContain('Marketing delivers at least 2 MQLs every Monday by 09:00.')
    expect(text).toContain('within 4 working hours')
    expect(html).toMatch(/role="img" aria-label="[^"]*due dates kept/)
    expect(text).toContain(t.dueNext)
    expect(text).toContain(t.states.missed)
    expect(text).toMatch(/waits Source crm First attempt within 4 working hours/)
    expect(html).not.toMatch(/\bNaN\b|undefined|\[object/)
  })

  it('says of which day it is that all was kept, and that somebody is overdue or nobody', async () => {
    const { evaluateClauses } = await import('../../worker/services/clause-evaluation')
    const [reach, { day, date }] = [addDays(today, -10), formatOf('en', zone)]
    await someFacts()
    await aSource(`${reach}T20:00:00Z`)
    await addClause(services(), { ...mondays, atLeast: 1 }, addDays(today, -28))
    await evaluateClauses(services())
    const kept = await page()
    const judged = [0, 1, 2, 3, 4, 5, 6].map((back) => addDays(reach, -back)).find((one) => new Date(one).getUTCDay() === 1) ?? ''
    expect(heading(kept.html)).toBe(t.heading.allKept(1, day(judged)))
    const { slaText, wordsOf } = await import('../../worker/services/findings')
    const [one] = await listClauseViews(services())
    const run = { state: 'kept', length: 3, isLongest: true, verdict: 'signal' } as const
    expect(one && slaText({ kind: 'run', of: one, run }, wordsOf('en', zone))).toContain(`3 times running (last judged ${day(judged)})`)
    // Leads cannot be overdue for it, so nothing is said of them.
    expect(kept.html).not.toContain('id="overdue"')
    await addClause(services(), inFourHours, addDays(today, -60))
    const ofDay = date(new Date(`${reach}T20:00:00Z`))
    expect((await page()).html).toContain(`<h2>${t.overdue.title(8, ofDay)}</h2>`)
    const tried = [15, 22, 29, 36].flatMap((back) => [`a${back}`, `b${back}`])
    await store({ activity: tried.map((lead) => attempt(lead, addDays(today, -12))) })
    expect((await page()).html).toContain(`<h2>${t.overdue.none(ofDay)}</h2>`)
  })

  it('says one MQL and two MQLs, and folds a long list without leaving anybody out', async () => {
    const waiting = Array.from({ length: 23 }, (_, index) => entered(`late${index}`, 'mql', `${addDays(today, -8)}T10:00:00Z`))
    await store({ stage: waiting, activity: [attempt('late0', addDays(today, -70))] })
    await addClause(services(), { ...mondays, atLeast: 1 }, addDays(today, -60))
    await addClause(services(), inFourHours, addDays(today, -60))
    const { html } = await page()
    expect(textOf(html)).toContain('Marketing delivers at least 1 MQL every Monday')
    const [listed = '', rest = ''] = html.slice(html.indexOf('id="overdue"')).split('<details class="rest">')
    const ids = (part: string) => part.match(/<bdi>late\d+<\/bdi>/g)?.length
    expect([ids(listed), (ids(rest) ?? 0) > 0, new Set(html.match(/<bdi>late\d+/g)).size]).toEqual([20, true, 23])
  })

  it('says where the data does not reach, and where there is none', async () => {
    await addClause(services(), mondays, addDays(today, -60))
    expect(textOf((await page()).html)).toContain(t.noFacts)
    await someFacts()
    await aSource(new Date(Date.now() - 20 * 86_400_000).toISOString())
    const { evaluateClauses } = await import('../../worker/services/clause-evaluation')
    await evaluateClauses(services())
    expect(textOf((await page()).html)).toMatch(/The data reaches to \d/)
  })

  it('says which source behind the promises is late or cannot be read', async () => {
    await someFacts()
    await addClause(services(), mondays, addDays(today, -60))
    const { silent, stopped } = messagesOf('en').kpisPage.problems
    const says = ({ html }: { html: string }) => [silent, stopped].map((text) => textOf(html).includes(text('\u2068Source crm\u2069', 72)))
    expect(says(await page())).toEqual([false, false])
    await aSource(new Date(Date.now() - 72 * 86_400_000).toISOString())
    expect(says(await page())).toEqual([true, false])
    const trouble = { code: 'unauthorised', facts: {}, since: new Date().toISOString(), retryAt: null, times: 6 }
    await services().db.update(sources).set({ state: 'stopped', trouble })
    expect(says(await page())).toEqual([false, true])
  })

  it.each(locales)('is in %s, with every kind of promise', async (locale) => {
    await someFacts()
    for (const clause of Object.values(usualClauses)) {
      await addClause(services(), clause.kind === 'reported' ? reported : clause, addDays(today, -60))
    }
    const { html } = await page('', { ...admin, Cookie: `${admin.Cookie}; lang=${locale}` })
    expect(html).toContain(`lang="${locale}"`)
    expect(html).not.toMatch(/\bNaN\b|undefined|\[object/)
    if (locale === 'ar') expect(html).toContain('dir="rtl"')
    if (locale !== 'en') expect(textOf(html)).not.toContain('delivers at least')
  })

  it('lets readers read and nothing else', async () => {
    await addClause(services(), mondays, today)
    const reader = await keyHeaders('reader')
    const { status, html } = await page('', reader)
    expect([status, html.includes('/change"'), html.includes('/calendar"')]).toEqual([200, false, false])
    expect((await page('/clauses/new', reader)).status).toBe(403)
    expect((await page('/calendar', reader)).status).toBe(403)
  })
})

describe('writing a promise', () => {
  const values = (kind: keyof typeof usualClauses, fromDay = today) => valuesOf(usualClauses[kind], fromDay) as Record<string, string>

  it.each(['volume', 'follow-on', 'response', 'attempts'] as const)(
    'of kind %s goes from the form over the preview to the page, and back',
    async (kind) => {
      await someFacts()
      const form = await page(`/clauses/new?kind=${kind}`)
      expect([form.status, heading(form.html)]).toEqual([200, t.form.add])
      // A word on its own, not as a sentence has it after a number.
      if (kind === 'volume') {
        const arabic = await page(`/clauses/new?kind=${kind}&lang=ar`)
        expect([arabic.html.includes('>مؤهل تسويقيًا (MQL)<'), arabic.html.includes('>المؤهلين تسويقيًا (MQL)<')]).toEqual([true, false])
      }
      const preview = await page(`/clauses/preview?${query(values(kind))}`)
      expect(preview.status).toBe(200)
      const saved = await post('/clauses', values(kind))
      expect([saved.status, saved.location]).toEqual([303, expect.stringContaining('done=added')])
      const [view] = await listClauseViews(services())
      expect(view?.clause).toEqual(usualClauses[kind])
      const after = await page(saved.location.replace('/kpis/sla', ''))
      expect(textOf(after.html)).toContain(t.done.added)
      expect((await post(`/clauses/${view?.id}/take-back`)).location).toContain('clause-taken-back')
      expect(await listClauseViews(services())).toEqual([])
    },
  )

  it('shows the last due dates as they would have come out', async () => {
    await someFacts()
    const { html } = await page(`/clauses/preview?${query({ ...values('volume'), atLeast: '2' })}`)
    expect(textOf(html)).toMatch(/It would have been kept at \d+ of the last \d+ due dates/)
    expect(await listClauseViews(services())).toEqual([])
  })

  it('says in one sentence what is filled in, and nothing while it cannot be said', async () => {
    const say = async (fields: Record<string, string>) =>
      (await fetchWorker(`/kpis/sla/sentence?${query(fields)}`, { headers: admin })).text()
    expect(await say({ ...values('volume'), atLeast: '7', onHoliday: 'as-is' })).toBe(
      'Marketing delivers at least 7 MQLs every Monday by 09:00.',
    )
    expect(await say({ ...values('volume'), atLeast: 'x' })).toBe('')
    expect(await say({ kind: 'luck' })).toBe('')
  })

  it.each([
    ['atLeast', { ...values('volume'), atLeast: '0' }],
    ['atLeast', { ...values('volume'), atLeast: '-5' }],
    ['atLeast', { ...values('volume'), atLeast: '' }],
    ['time', { ...values('volume'), time: '25:00' }],
    ['when', { ...values('volume'), when: 'week-9' }],
    ['when', { ...values('volume'), when: 'month-30' }],
    ['when', { ...values('volume'), when: '' }],
    ['stage', { ...values('volume'), stage: 'subscriber' }],
    ['fromDay', { ...values('volume'), fromDay: '2026-02-30' }],
    ['fromDay', { ...values('volume'), fromDay: addDays(today, -900) }],
    ['share', { ...values('follow-on'), share: '0' }],
    ['share', { ...values('follow-on'), share: '101' }],
    ['share', { ...values('follow-on'), share: 'all' }],
    ['reaches', { ...values('follow-on'), reaches: 'mql' }],
    ['byTime', { ...values('follow-on'), daysLater: '0', byTime: '08:00' }],
    ['daysLater', { ...values('follow-on'), daysLater: '99' }],
    ['amount', { ...values('response'), amount: '0' }],
    ['amount', { ...values('response'), amount: '1e9' }],
    ['name', { ...values('reported'), name: '' }],
    ['target', { ...values('reported'), name: 'x', target: '0' }],
    ['kind', { ...values('volume'), kind: 'luck' }],
  ])('refuses a wrong %s with the form as it was filled in', async (field, sent) => {
    for (const answer of [await page(`/clauses/preview?${query(sent)}`), await post('/clauses', sent)]) {
      expect(answer.status).toBe(422)
      expect(answer.html).toContain(`href="#${field}"`)
      if (field !== 'kind' && field !== 'when' && field !== 'stage')
        expect(answer.html).toContain(`value="${sent[field as keyof typeof sent]}"`)
    }
    expect(await listClauseViews(services())).toEqual([])
  })

  it('changes it from today on, never before, and undoes the change', async () => {
    await someFacts()
    const { id } = await addClause(services(), mondays, addDays(today, -60))
    expect((await page(`/clauses/${id}/change`)).html).toContain('value="2"')
    const sent = { ...(valuesOf(mondays, today) as Record<string, string>), atLeast: '3' }
    expect((await post(`/clauses/${id}`, { ...sent, fromDay: addDays(today, -1) })).status).toBe(422)
    expect((await page(`/clauses/${id}/preview?${query(sent)}`)).status).toBe(200)
    const saved = await post(`/clauses/${id}`, sent)
    expect(saved.location).toContain('done=changed')
    expect(textOf((await page(saved.location.replace('/kpis/sla', ''))).html)).toContain(t.actions.undo)
    await post(`/clauses/${id}/take-back`)
    expect((await listClauseViews(services()))[0]?.versions).toHaveLength(1)
  })

  it('ends it and takes the end back; a second press changes nothing', async () => {
    const { id } = await addClause(services(), mondays, today)
    for (const _ of [1, 2]) expect((await post(`/clauses/${id}/end`)).location).toContain('done=ended')
    expect((await page(`/clauses/${id}/change`)).status).toBe(200)
    expect((await post(`/clauses/${id}`, valuesOf(mondays, today) as Record<string, string>)).status).toBe(422)
    expect((await post(`/clauses/${id}/resume`)).location).toContain('done=resumed')
    await post(`/clauses/${id}/take-back`)
    expect((await post(`/clauses/${id}/end`)).status).toBe(303)
    expect((await page(`/clauses/${id}/change`)).status).toBe(404)
  })
})

describe('a report by hand', () => {
  it('is stored, and refused with what was filled in', async () => {
    const { id } = await addClause(services(), reported, addDays(today, -30))
    const { html } = await page(`/clauses/${id}/report`)
    const dueDay = /<option value="(\d{4}-\d\d-\d\d)"/.exec(html)?.[1] ?? ''
    expect((await post(`/clauses/${id}/report`, { dueDay, numerator: 'many' })).html).toContain('value="many"')
    expect((await post(`/clauses/${id}/report`, { dueDay: '2020-01-01', numerator: '3' })).status).toBe(422)
    expect((await post(`/clauses/${id}/report`, { dueDay, numerator: '3' })).location).toContain('done=reported')
    const [view] = await listClauseViews(services())
    expect(view?.evaluations.find((one) => one.dueDay === dueDay)?.state).toBe('kept')
  })
})

describe('the work calendar', () => {
  it('is stored from its forms, and refused with what was filled in', async () => {
    const hours: [string, string][] = [
      ...['0', '1', '2', '3', '4'].map((day): [string, string] => ['days', day]),
      ['opens', '08:00'],
      ['closes', '16:30'],
      ['fromDay', today],
    ]
    expect((await post('/calendar/hours', hours)).location).toContain('done=calendar')
    expect((await readCalendar(services().db)).hours.at(-1)).toEqual({
      fromDay: today,
      days: [0, 1, 2, 3, 4],
      opens: '08:00',
      closes: '16:30',
    })
    const wrong = await post('/calendar/hours', { opens: '08:00', closes: '07:00', fromDay: '' })
    expect([wrong.status, ...['days', 'closes', 'fromDay'].map((field) => wrong.html.includes(`href="#${field}"`))]).toEqual([
      422,
      true,
      true,
      true,
    ])
    expect((await post('/calendar/holidays', { holidays: '2026-12-25 Christmas Day\r\n\r\n2027-01-01, New Year' })).status).toBe(303)
    expect((await readCalendar(services().db)).holidays).toEqual([
      { day: '2026-12-25', name: 'Christmas Day' },
      { day: '2027-01-01', name: 'New Year' },
    ])
    const refused = await post('/calendar/holidays', { holidays: '2026-12-25 a\nChristmas' })
    expect([refused.status, textOf(refused.html).includes('Line 2: Write the day first')]).toEqual([422, true])
    expect(textOf((await page('/calendar')).html)).toContain('2026-12-25 Christmas Day')
  })

  it.each([
    ['', { holidays: [] }],
    ['2026-12-25', { holidays: [{ day: '2026-12-25', name: '' }] }],
    ['2026-02-30 x', { problem: 'bad-day', line: 1 }],
    ['25.12.2026 x', { problem: 'bad-holiday', line: 1 }],
    ['2026-12-25 a\n2026-12-25 b', { problem: 'holiday-twice', line: 2 }],
  ])('reads %j', (text, found) => expect(readHolidays(text)).toEqual(found))
})
