import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { longestRetention } from '../../worker/core/retention'
import type { FrozenRound, Item } from '../../worker/core/round'
import { caseBank, surveyBank } from '../../worker/core/survey-bank'
import { rounds, settings } from '../../worker/db/schema'
import { intlTag, locales, messagesOf } from '../../worker/i18n'
import { dateFormat } from '../../worker/i18n/intl'
import { createRound } from '../../worker/services/rounds'
import { adminHeaders, fetchWorker, services } from './client'
import { anOpenRound, anOrganisation } from './factories'

const page = async (roundId: string, query = '', headers: Record<string, string> = {}) => {
  const response = await fetchWorker(`/s/${roundId}${query}`, { headers })
  return { status: response.status, headers: response.headers, html: await response.text() }
}

const anOpenPage = async (query = '', headers: Record<string, string> = {}) => page((await anOpenRound()).round.id, query, headers)

/** The page of an open round that asks just these. */
async function aPageOf(items: Item[]): Promise<string> {
  const { round } = await anOpenRound()
  const { db } = services()
  const frozen = (await db.query.rounds.findFirst())?.frozen as FrozenRound
  await db.update(rounds).set({ frozen: { ...frozen, items } })
  return (await page(round.id, '?lang=en')).html
}

describe('the page of an open round', () => {
  it('is the same bytes for everybody, signed in or not, and sets no cookie', async () => {
    const { round } = await anOpenRound()
    const stranger = await page(round.id, '?lang=en')
    const { Cookie = '' } = await adminHeaders()
    const administrator = await page(round.id, '?lang=en', { Cookie: `${Cookie}; lang=ar`, 'Accept-Language': 'th' })
    expect(administrator.html).toBe(stranger.html)
    expect([stranger.headers.get('set-cookie'), administrator.headers.get('set-cookie')]).toEqual([null, null])
  })

  it.each([
    ['en', 'ltr'],
    ['th', 'ltr'],
    ['ms', 'ltr'],
    ['ar', 'rtl'],
  ] as const)('speaks %s, written %s', async (locale, direction) => {
    const { html, status } = await anOpenPage(`?lang=${locale}`)
    const t = messagesOf(locale)
    expect(status).toBe(200)
    expect(html).toContain(`<html lang="${locale}" dir="${direction}">`)
    expect(html).toContain(`<h1>${t.survey.title}</h1>`)
    for (const text of Object.values(t.themes)) expect(html).toContain(text)
    for (const text of t.survey.scale) expect(html).toContain(text)
    expect(html).toContain(`aria-label="${t.survey.points(7)}"`)
    expect(html).not.toMatch(/undefined|\[object|definition-|goals-1/)
  })

  it('follows the browser where the address names no language, and no cookie', async () => {
    const { html } = await anOpenPage('', { 'Accept-Language': 'ms-MY,ms;q=0.9,en;q=0.5', Cookie: 'lang=ar' })
    expect(html).toContain('<html lang="ms" dir="ltr">')
  })

  it.each([5, 12])('says the minimum group size of the round: %i', async (minimum) => {
    const { db } = services()
    await db.insert(settings).values({ key: 'minimumGroupSize', value: minimum })
    const { round } = await anOpenRound([
      { name: 'Sales', side: 'sales', people: 15 },
      { name: 'Marketing', side: 'marketing', people: 15 },
    ])
    await db.update(settings).set({ value: 20 }).where(eq(settings.key, 'minimumGroupSize'))
    expect((await page(round.id)).html).toContain(messagesOf('en').survey.promise(minimum))
  })

  it.each(locales)('says what leaders will see and how long what is kept, before and after, in %s', async (locale) => {
    const { db } = services()
    await db.insert(settings).values({ key: 'retention', value: { ...longestRetention, commentMonths: 7 } })
    const { round } = await anOpenRound()
    const t = messagesOf(locale).survey
    const undated = await page(round.id, `?lang=${locale}`)
    for (const text of [t.keyList, t.leadersSee(5, null), t.leadersRead(10, 3), t.keptFor(7)]) expect(undated.html).toContain(text)
    expect([...undated.html.matchAll(new RegExp(`<a href="/privacy\\?lang=${locale}">${t.privacy}</a>`, 'g'))]).toHaveLength(1)
    expect(undated.html).not.toContain(t.mixed(30))
    const frozen = (await db.query.rounds.findFirst())?.frozen as FrozenRound
    await db.update(rounds).set({ closesAt: new Date('2026-11-30T16:00:00Z'), frozen: { ...frozen, mixMinutes: 30 } })
    const day = dateFormat(intlTag(locale), { weekday: 'long', day: 'numeric', month: 'long' }).format(new Date('2026-11-30T16:00:00Z'))
    for (const path of [round.id, `${round.id}/thanks`]) {
      const { html } = await page(path, `?lang=${locale}`)
      for (const text of [t.keyList, t.leadersSee(5, day), t.keptFor(7), t.mixed(30), t.privacy]) expect(html).toContain(text)
      expect(html).not.toMatch(/\d\d:\d\d/) // no time of day
    }
  })

  it('tells small teams whom they answer with', async () => {
    const { round } = await anOpenRound([
      { name: 'Sales', side: 'sales', people: 12 },
      { name: 'Field <b>', side: 'sales', people: 2, parent: 'Sales' },
      { name: 'Marketing', side: 'marketing', people: 12 },
    ])
    expect((await page(round.id)).html).toContain('<bdi>Field &lt;b&gt;</bdi>: <bdi>Sales</bdi>')
  })

  it('offers every item as radios of one group, with a way out of the scale', async () => {
    const { html } = await anOpenPage()
    const groups = [...html.matchAll(/<fieldset.*?<\/fieldset>/gs)].map(([text]) => text)
    expect(groups).toHaveLength(18)
    expect(groups.map((group) => [...group.matchAll(/type="radio"/g)].length)).toEqual([...Array(14).fill(6), 6, 6, 3, 12])
    for (const [index, group] of groups.entries())
      expect(group.match(/name="q\d+"/g)?.every((name) => name === `name="q${index}"`)).toBe(true)
  })

  it('asks a number by name, unit and range, with a way to say that one is not sure', async () => {
    const html = await aPageOf([
      { id: 'number-attempts', kind: 'number', term: 'connect-attempt', unit: 'attempts', last: 20, bands: [0, 5] },
    ])
    const group = /<fieldset.*?<\/fieldset>/s.exec(html)?.[0] ?? ''
    const t = messagesOf('en')
    expect(group).toMatch(
      new RegExp(`<label><input type="text" inputmode="numeric" data-last="20" [^>]*required=""/> ${t.vignettes.units.attempts}</label>`),
    )
    expect(group).toContain(`<input value="" type="checkbox" name="q0"/><span>${t.survey.unsure}</span>`)
    expect(group).toContain(`aria-describedby="q0-ends"`)
    expect(group).toContain(`id="q0-ends">${t.vignettes.range('0', '20')}`)
    expect(html).toContain(t.survey.chooseNumber)
  })

  it('says what may be left out, and counts it nowhere', async () => {
    const html = await aPageOf([
      { id: 'goals-1', kind: 'agreement', theme: 'goals', optional: true },
      { id: 'metrics-1', kind: 'agreement', theme: 'metrics' },
      { id: 'goals-2', kind: 'agreement', theme: 'goals' },
    ])
    const groups = [...html.matchAll(/<fieldset.*?<\/fieldset>/gs)].map(([text]) => text)
    expect(groups.map((group) => [group.includes(messagesOf('en').survey.optional), group.includes('required')])).toEqual([
      [true, false],
      [false, true], // goals-2: with its theme
      [false, true],
    ])
    expect(html).toContain(messagesOf('en').survey.answered('0', '2'))
    expect([...html.matchAll(/<bdi>(0\/\d)<\/bdi>/g)].map(([, count]) => count)).toEqual(['0/1', '0/1'])
  })

  it.each([
    ['one for all', 'few', 2, 1, ['wording']],
    ['one for cases', 'many', 4, 3, ['wording', 'cases']],
  ] as const)('has %s where there are %s questions about words', async (_, _many, definitions, cases, parts) => {
    const words = surveyBank.filter((item) => item.kind === 'definition').slice(0, definitions)
    const html = await aPageOf([...words, ...caseBank.filter((item) => item.kind === 'vignette').slice(0, cases)])
    expect([...html.matchAll(/<h2 id="([\w-]+)"/g)].map(([, id]) => id)).toEqual(parts)
  })

  it('keeps the rules of the policy: no style attribute, no inline script, no dashboard file', async () => {
    const { html } = await anOpenPage()
    expect(html).not.toMatch(/ style=|<script(?![^>]* src=)|<link rel="stylesheet"|dashboard/)
  })

  it('can send nothing by itself: without its script the button is off and the form has no address', async () => {
    const { html } = await anOpenPage()
    expect(html).toMatch(/<form method="dialog"(?![^>]*action)/)
    expect(html).toMatch(/<button[^>]*type="submit"[^>]*disabled/)
    expect(html).toContain(messagesOf('en').survey.noScript)
  })

  it('is marked while the organisation is the sample', async () => {
    const { round } = await anOpenRound()
    expect((await page(round.id)).html).not.toContain(messagesOf('en').layout.sampleData)
    await services()
      .db.insert(settings)
      .values({ key: 'sample', value: { state: 'loaded', step: 9 } })
    expect((await page(round.id)).html).toContain(messagesOf('en').layout.sampleData)
  })

  it('says when it closes, in the time zone of the organisation', async () => {
    const { round } = await anOpenRound()
    const { db } = services()
    await db.insert(settings).values({ key: 'timeZone', value: 'Pacific/Auckland' })
    await db
      .update(rounds)
      .set({ closesAt: new Date('2026-11-30T16:00:00Z') })
      .where(eq(rounds.id, round.id))
    expect((await page(round.id, '?lang=en')).html).toContain('Closes on Tuesday 1 December')
  })
})

describe('a round that takes no ballot', () => {
  it.each(locales)('says so before it opens, with the date, in %s', async (locale) => {
    const context = services()
    await anOrganisation()
    const { id } = await createRound(context, { period: '2026-12' })
    await context.db
      .update(rounds)
      .set({ opensAt: new Date('2026-12-01T08:00:00Z') })
      .where(eq(rounds.id, id))
    const { html, status } = await page(id, `?lang=${locale}`)
    expect(status).toBe(200)
    expect(html).toContain(messagesOf(locale).survey.notOpen.title)
    expect(html).toMatch(/ 1 |1 ธันวาคม|, December 1\.|1 Disember|1 ديسمبر/)
    expect(html).not.toContain('<fieldset')
  })

  it.each(['closing', 'closed'] as const)('says so while %s', async (state) => {
    const { round } = await anOpenRound()
    const at = new Date('2026-11-30T16:00:00Z')
    await services()
      .db.update(rounds)
      .set(state === 'closing' ? { closingAt: at } : { state: 'closed', closingAt: at, closedAt: at })
      .where(eq(rounds.id, round.id))
    const { html, status } = await page(round.id, '?lang=en')
    expect(status).toBe(200)
    expect(html).toContain(messagesOf('en').survey.closed.title)
    expect(html.includes('It closed on Monday 30 November.')).toBe(state === 'closed')
    expect(html).not.toContain('<fieldset')
  })

  it.each(['unknown', '%00', 'x'.repeat(5000)])('is not there: %.20s', async (id) => {
    const { html, status } = await page(id, '?lang=ar')
    expect(status).toBe(404)
    expect(html).toContain(messagesOf('ar').survey.notFound.title)
    expect(html).toContain('<html lang="ar" dir="rtl">')
  })
})
