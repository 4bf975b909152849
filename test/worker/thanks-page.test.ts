import { describe, expect, it } from 'vitest'
import { locales, messagesOf } from '../../worker/i18n'
import { formatOf, isolate } from '../../worker/i18n/format'
import { addAction, changeAction } from '../../worker/services/actions'
import { createRound } from '../../worker/services/rounds'
import { adminHeaders, fetchWorker, services } from './client'
import {
  anOpenRound,
  anOrganisation,
  answer,
  closeNow,
  type OpenRound,
  openAnother,
  partsOf,
  sameAnswers,
  type TeamSpec,
} from './factories'

const t = messagesOf('en')
const { said, done } = t.lastRound

const page = async (roundId: string, query: string, headers: Record<string, string> = {}) => {
  const response = await fetchWorker(`/s/${roundId}/thanks?${query}`, { headers })
  return { status: response.status, headers: response.headers, html: await response.text() }
}

/** What everybody in a team says to every statement, in the order of its people. */
type Script = Record<string, readonly number[]>

const linksOf = ({ invitations }: OpenRound, team: string) =>
  invitations.filter(({ email }) => email.replace(/\d.*/, '') === team).map(({ url }) => url)

async function answerAndClose(open: OpenRound, script: Script): Promise<void> {
  for (const [team, agreements] of Object.entries(script)) {
    const links = linksOf(open, team)
    for (const [index, agreement] of agreements.entries()) await answer(links[index] ?? '', sameAnswers(open.items, agreement))
  }
  await closeNow(services(), open.round.id)
}

/** The next round, and how each team's page of it is asked for. */
async function next(): Promise<{ id: string; pageOf: (team: string, locale?: string) => Promise<string> }> {
  const open = await openAnother()
  const pageOf = async (team: string, locale = 'en') => {
    const { cohort } = partsOf(linksOf(open, team)[0] ?? '')
    return (await page(open.round.id, `cohort=${cohort}&lang=${locale}`)).html
  }
  return { id: open.round.id, pageOf }
}

const big: TeamSpec[] = [
  { name: 'Sales', side: 'sales', people: 12 },
  { name: 'Marketing', side: 'marketing', people: 12 },
]
const half = [...Array(6).fill(5), ...Array(3).fill(3), ...Array(3).fill(1)] as number[]

/** The line of a theme, as a screen reader gets it. */
const goals = `${t.themes.goals}: promoters 50%, passives 25%, critics 25%`

describe('the last page of the survey', () => {
  it('is the same bytes for everybody of a cohort and a language, signed in or not, and sets no cookie', async () => {
    const { round } = await anOpenRound()
    const stranger = await page(round.id, 'cohort=c1&lang=en')
    const { Cookie = '' } = await adminHeaders()
    const administrator = await page(round.id, 'cohort=c1&lang=en', { Cookie: `${Cookie}; lang=ar`, 'Accept-Language': 'th' })
    expect(administrator.html).toBe(stranger.html)
    expect([stranger.headers.get('set-cookie'), administrator.headers.get('set-cookie')]).toEqual([null, null])
    expect(stranger.headers.get('cache-control')).toBe('no-store')
  })

  it.each(locales)('has a receipt, and says that there was no round before the first one, in %s', async (locale) => {
    const { round } = await anOpenRound()
    const { html } = await page(round.id, `cohort=c1&lang=${locale}`)
    const own = messagesOf(locale)
    for (const text of [own.lastRound.said.first, own.survey.receipt.title, own.survey.receipt.print, own.survey.leadersSee(5, null)])
      expect(html).toContain(text)
    expect(html).not.toContain(own.lastRound.done.title)
    expect(html).toContain(`href="?cohort=c1&amp;lang=th"`)
    expect(html).not.toMatch(/undefined|\[object|\d\d:\d\d| style=|dashboard/)
  })

  it('tells each group what it said the last time, as it was published', async () => {
    await answerAndClose(await anOpenRound([...big.slice(0, 1), { name: 'Marketing', side: 'marketing', people: 7 }]), {
      sales: half,
      marketing: [5, 5, 5, 3, 3, 1, 1],
    })
    const { pageOf } = await next()
    const sales = await pageOf('sales')
    expect(sales).toContain(said.who(isolate('Sales'), '12', '12', t.survey.round(1, 'November 2026')))
    expect(sales).toContain(`aria-label="${goals}"`)
    const marketing = await pageOf('marketing')
    expect(marketing).toContain(said.title)
    expect(marketing).toContain(said.value('55')) // 57, in steps of 5
    expect(marketing).toContain(said.small('10'))
    expect(marketing.slice(marketing.indexOf('<body'))).not.toMatch(/<svg class="bar"|57/)
    expect(await pageOf('sales', 'ar')).toMatch(/<svg class="bar".*?<rect class="is-pro" x="50%" width="50%"/) // begins on the right
  })

  it('tells a group without a result what the one above it said, and nothing of its own', async () => {
    const teams: TeamSpec[] = [
      ...big,
      { name: 'North', side: 'sales', people: 8, parent: 'Sales' },
      { name: 'South', side: 'sales', people: 8, parent: 'Sales' },
    ]
    await answerAndClose(await anOpenRound(teams), { sales: half, north: [1, 1, 1], south: Array(8).fill(3), marketing: half })
    const { pageOf } = await next()
    const north = await pageOf('north')
    for (const text of [said.above, said.aboveWhy, isolate('Sales')]) expect(north).toContain(text)
    expect(north).not.toContain('North')
  })

  it('says that nothing was published where too few answered', async () => {
    await answerAndClose(await anOpenRound(), { sales: [5, 5] })
    const { pageOf } = await next()
    const html = await pageOf('sales')
    expect(html).toContain(said.nothing(t.survey.round(1, 'November 2026')))
    expect(html).not.toMatch(/class="(bar|one|verdict)/)
  })

  it('says in words that something changed, where that is more than chance, and nothing of it in a figure', async () => {
    const first = await anOpenRound(big)
    await answerAndClose(first, { sales: Array(12).fill(1).with(0, 5).with(1, 5), marketing: half })
    await answerAndClose(await openAnother(), { sales: Array(12).fill(5).with(0, 1).with(1, 1), marketing: half })
    const { pageOf } = await next()
    const words = (html: string) => new Set([...html.matchAll(/class="verdict[^>]*>.*?<\/svg>(.*?)<\/span>/g)].map(([, text]) => text))
    expect(words(await pageOf('sales'))).toEqual(new Set([said.higher]))
    expect(words(await pageOf('marketing'))).toEqual(new Set([said.steady]))
  })

  it('says what was done about it and until when, and who promised it to nobody', async () => {
    const open = await anOpenRound(big)
    await answerAndClose(open, { sales: half, marketing: half })
    const agree = (text: string, dueDay: string | null) =>
      addAction(services(), open.round.id, { text, salesOwner: 'Ann Owner', marketingOwner: 'Bo Owner', dueDay })
    await agree('Meet <b>weekly</b>', '2026-12-01')
    const { id } = await agree('Call back', null)
    await agree('Share a report', null)
    await changeAction(services(), open.round.id, id, { done: true })
    const { pageOf } = await next()
    const html = await pageOf('sales')
    const f = formatOf('en', 'UTC')
    expect(html).toContain(`<bdi>Meet &lt;b&gt;weekly&lt;/b&gt;</bdi><small>${done.by(f.day('2026-12-01'))}</small>`)
    expect(html).toMatch(new RegExp(`<bdi>Call back</bdi><small>${done.on('\\d+ \\w+')}</small>`))
    expect(html).toContain(`<bdi>Share a report</bdi><small>${done.agreed}</small>`)
    expect(html).not.toContain('Owner')
  })

  it('speaks of the round before, and not of its own, once that has closed too', async () => {
    await answerAndClose(await anOpenRound(big), { sales: half, marketing: half })
    const open = await openAnother()
    const { cohort } = partsOf(linksOf(open, 'sales')[0] ?? '')
    await answerAndClose(open, { sales: Array(12).fill(1), marketing: half })
    const { html } = await page(open.round.id, `cohort=${cohort}&lang=en`)
    expect(html).toContain(`aria-label="${goals}"`)
    expect(html).toContain(t.survey.receipt.title)
  })

  it.each(['', 'cohort=c99', 'cohort=%27%3B--', `cohort=${'9'.repeat(3000)}`])('tells what the company said to: %.30s', async (query) => {
    await answerAndClose(await anOpenRound(big), { sales: half, marketing: half })
    const { id } = await next()
    const { html, status } = await page(id, `${query}&lang=en`)
    expect([status, html.includes(said.who(isolate('Acme'), '24', '24', t.survey.round(1, 'November 2026')))]).toEqual([200, true])
  })

  it('is not there before the round opens, nor without one', async () => {
    await anOrganisation()
    const { id } = await createRound(services(), { period: '2026-12' })
    expect((await page(id, 'lang=en')).html).toContain(t.survey.notOpen.title)
    const unknown = await page('unknown', 'lang=en')
    expect([unknown.status, unknown.html.includes(t.survey.notFound.title)]).toEqual([404, true])
  })
})
