import { describe, expect, it } from 'vitest'
import type { Answer } from '../../worker/core/ballot'
import type { ChartSpec, LineSpec, StackSpec, WaterfallSpec } from '../../worker/core/chart'
import type { Item } from '../../worker/core/round'
import { events, observations, scores, sources } from '../../worker/db/schema'
import { findScores } from '../../worker/db/scores'
import { locales, messagesOf } from '../../worker/i18n'
import { formatOf } from '../../worker/i18n/format'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { anOpenRound, anOrganisation, answer, closeNow, decided, openAnother, sameAnswers, type TeamSpec, twoSides } from './factories'

const t = messagesOf('en')
const texts = t.overview

async function page(path = '/overview'): Promise<{ status: number; html: string; text: string }> {
  const response = await fetchWorker(path, { headers: await adminHeaders() })
  const html = await response.text()
  const body = html.slice(html.indexOf('<main'))
  return { status: response.status, html, text: body.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ') }
}

/** What the figure with this id draws. */
const specOf = (html: string, id: string): ChartSpec =>
  JSON.parse(
    (new RegExp(`id="${id}"[^>]*data-chart="([^"]*)"`).exec(html)?.[1] ?? '')
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&amp;', '&'),
  )

/** A round that everybody answers, closed. `mood` says how somebody of a team answers. */
async function aClosedRound(
  specs: readonly TeamSpec[] | null = twoSides,
  mood: (email: string, items: readonly Item[]) => Answer[] | null = (_, items) => sameAnswers(items, 4),
) {
  const { round, invitations, items } = specs ? await anOpenRound(specs) : await openAnother()
  for (const { email, url } of invitations) {
    const answers = mood(email, items)
    if (answers) await answer(url, answers)
  }
  return closeNow(services(), round.id)
}

/** Salespeople are critical of lead quality, everybody else content: n distinct answers, so that nothing is unanimous. */
const divided = (email: string, items: readonly Item[]): Answer[] => {
  const index = Number(/\d+/.exec(email)?.[0])
  return items.map((item) => {
    if (item.kind !== 'agreement') return item.kind === 'headline' ? 7 + (index % 3) : index % 2
    if (item.theme === 'lead-quality' && email.startsWith('sales')) return (1 + (index % 2)) as Answer
    return (3 + (index % 3)) as Answer
  })
}

const bigSides: TeamSpec[] = [
  { name: 'Sales', side: 'sales', people: 12 },
  { name: 'Marketing', side: 'marketing', people: 12 },
]

describe('before the first round has closed', () => {
  it('asks for people, then for a round', async () => {
    const empty = await page()
    expect(empty.text).toContain(texts.empty.people)
    expect(empty.html).toContain('href="/people"')
    await anOrganisation()
    const ready = await page()
    expect(ready.text).toContain(texts.empty.round)
    expect(ready.text).not.toContain(texts.empty.people)
  })

  it('says how many answered an open round, from the minimum group size on', async () => {
    const { invitations, items } = await anOpenRound()
    for (const { url } of invitations.slice(0, 4)) await answer(url, sameAnswers(items, 4))
    expect((await page()).text).toContain(texts.empty.invited('12'))
    await answer(invitations[4]?.url ?? '', sameAnswers(items, 4))
    expect((await page()).text).toContain(texts.empty.answered('5', '12'))
  })

  it('says what brings KPIs', async () => {
    expect((await page()).text).toContain(texts.kpis.noSource)
  })
})

describe('one round', () => {
  it('shows both sides and no total where a small group beside them answered', async () => {
    const withSupport = [...bigSides, { name: 'Support', side: 'other' as const, people: 6 }]
    await aClosedRound(withSupport, (email, items) => (/support[4-6]/.test(email) ? null : divided(email, items)))
    const { text } = await page()
    expect(text).toContain('12 of 12')
    // without the day that it closed on, which is a 27th once a month
    expect(text.replace(/\b\d+ \w+ \d{4}\b/g, '')).not.toMatch(/\b27\b|\b0 of 30\b/)
    expect(text).not.toContain(texts.took.tooFew('5'))
  })

  it('renders in every language, in its direction, without inline styles or gaps in its texts', async () => {
    await aClosedRound(bigSides, divided)
    for (const locale of locales) {
      const { status, html } = await page(`/overview?lang=${locale}`)
      expect(status).toBe(200)
      expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}">`)
      expect(html).toContain(messagesOf(locale).overview.moved.noneWhat)
      expect(html).not.toMatch(/ style=|undefined|\bNaN\b|Infinity|\[object|=&gt;|function/)
      expect(html).not.toMatch(/>\s*[\d.,]*-\d/) // a hyphen for a minus
    }
  })

  it('says what is missing, what would bring it, and shows what there is', async () => {
    await aClosedRound(bigSides, divided)
    const { text, html } = await page()
    expect(text).toContain(texts.heading.noScore)
    expect(text).toContain(texts.heading.present('55%'))
    expect(text).toContain(texts.pillars.missing['no-clauses'].why)
    expect(text).toContain(texts.pillars.missing['no-kpis'].brings)
    expect(text).toContain(texts.trend.noneWhat)
    expect(text).toContain(texts.sides.divides('Lead quality'))
    expect(text).toContain(t.threeNumbers.title.people)
    expect(text).not.toContain(t.threeNumbers.what)
    expect(html).toMatch(/<figure id="sides"[\s\S]*<details class="asdata" open/)
    expect(html.match(/role="img"/g)?.length).toBeGreaterThanOrEqual(4)
    expect(html).toContain(`Sales: ${texts.answers.promoters}`)
  })
})

describe('small groups', () => {
  it('says under the themes by team which teams are in a larger group, and what a word in place of a figure means', async () => {
    const { mergedInto } = t.roundsPage
    const ops: TeamSpec = { name: 'Ops', side: 'sales', people: 2, parent: 'Sales' }
    await aClosedRound([...twoSides, ops])
    const alike = (await page()).html
    expect(alike).toContain(mergedInto('\u2068Ops\u2069', '\u2068Sales\u2069'))
    expect(alike).toContain(t.explore.facts.band)
    await aClosedRound(null, divided)
    expect((await page()).html).not.toContain(t.explore.facts.band)
  })

  it('shows the company alone where Sales has 6 and Marketing 3 ballots', async () => {
    await aClosedRound(
      [
        { name: 'Sales', side: 'sales', people: 6 },
        { name: 'Marketing', side: 'marketing', people: 6 },
      ],
      (email, items) => (/marketing[4-6]/.test(email) ? null : divided(email, items)),
    )
    const { html, text } = await page()
    const heat = /<table class="heat[\s\S]*?<\/table>/.exec(html)?.[0] ?? ''
    const cells = heat.match(/<td class="(?:tot|hatch)[\s\S]*?<\/td>/g) ?? []
    expect(cells).toHaveLength(7 * 3)
    expect(cells.filter((cell) => cell.includes('tot '))).toHaveLength(7)
    for (const cell of cells.filter((one) => one.includes('hatch'))) expect(cell.replaceAll(/<[^>]*>|under 5/g, '')).not.toMatch(/\d/)
    expect(text).toContain('under 5')
    expect(text).toContain(texts.groups.protects)
    expect(text).toContain(texts.sides.missing)
    expect(text).toContain(texts.took.overall('75%', '9', '12'))
    const [underTrend = '', underSides = ''] = html.match(/<table class="data pin">[\s\S]*?<\/table>/g) ?? []
    expect(underTrend).toContain('9 of 12')
    const firstRow = /<tbody><tr>([\s\S]*?)<\/tr>/.exec(underSides)?.[1]?.replaceAll(/<[^>]*>/g, ' ')
    expect(firstRow).toMatch(/^\s*Shared goals\s+\d+\s+held back\s+under 5\s+–\s+–\s+–\s*$/)
    expect(text).toContain(texts.pillars.missing['one-side'].why)
    // nine ballots say nothing by class
    expect(html).toMatch(/<div class="state small hatch"><p>At least one side is hidden/)
    expect(text).not.toContain(texts.answers.tooFew)
  })

  it('shows how the company answered where a side is hidden, says why, and promises nothing that is not there', async () => {
    const { round } = await aClosedRound(bigSides, (email, items) => (/marketing([4-9]|1\d)/.test(email) ? null : divided(email, items)))
    const { html, text } = await page()
    const { rows } = specOf(html, 'answers') as StackSpec
    expect(rows.map(({ label, look }) => [label, look])).toEqual([[t.sides.company, null]])
    expect(text.match(new RegExp(texts.sides.missing, 'g'))?.length).toBeGreaterThan(2)
    expect(text).not.toContain(texts.answers.tooFew)
    expect(text).not.toContain(t.threeNumbers.sharesWhat.people(texts.roundOption('1', '')).slice(0, 20))

    const list = await page('/rounds')
    expect(list.text).toContain(`${texts.sides.missing} ${texts.score.noScore}`)
    expect((await page(`/rounds/${round.id}`)).text).toContain(`${texts.sides.missing}. ${texts.sides.missingWhat('5')}`)
  })

  it('shows nothing of a round that fewer than five people answered', async () => {
    await aClosedRound(twoSides, (email, items) => (/[1-2]@/.test(email) ? sameAnswers(items, 4) : null))
    const { html, text } = await page()
    expect(text).toContain(texts.groups.allHidden('5'))
    expect(text).toContain(texts.took.tooFew('5'))
    expect(html).not.toContain('<table class="heat')
    expect(html).not.toContain('4 of 12')
  })

  it('keeps a hidden team’s name and nothing else of it', async () => {
    await aClosedRound(
      [
        { name: 'Sales', side: 'sales', people: 1 },
        { name: 'SDR', side: 'sales', people: 6, parent: 'Sales' },
        { name: 'AE', side: 'sales', people: 6, parent: 'Sales' },
        { name: 'Marketing', side: 'marketing', people: 8 },
      ],
      (email, items) => (/sdr[4-6]/.test(email) ? null : divided(email, items)),
    )
    const { html } = await page()
    const column = /<bdi>SDR<\/bdi><small>([^<]*)<\/small>/.exec(html)?.[1]
    expect(column).toBe(texts.groups.tooFew('5'))
  })
})

describe('with KPIs', () => {
  const months = Array.from(
    { length: 12 },
    (_, index) => `20${25 + Math.floor((index + 11) / 12)}-${String(((index + 11) % 12) + 1).padStart(2, '0')}`,
  )

  async function kpis(now = new Date()) {
    const { db } = services()
    await db.batch([
      db.insert(sources).values({ id: 's', kind: 'csv', name: 'CRM', settings: {}, createdAt: now, lastSuccessAt: now }),
      ...['lead_conversion', 'sales_cycle'].flatMap((metric) =>
        months.map((period, index) =>
          db.insert(observations).values({
            metric,
            basis: 'period',
            period,
            value: metric === 'sales_cycle' ? 60 - index : 0.1 + index / 1000,
            asOf: now,
          }),
        ),
      ),
      decided(db, { goals: [{ metric: 'lead_conversion', target: 0.12, baseline: null, scale: 'linear' }] }),
    ])
  }

  it('has a score with its interval, and moves it from one round to the next', async () => {
    await kpis()
    await aClosedRound(bigSides, divided)
    const first = await page()
    expect(first.text).toContain(texts.trend.oneRound)
    expect(first.text).toContain(texts.score.noComparison)
    for (const said of [texts.trend.tooFew, texts.trend.stem, texts.leastFirst]) expect(first.text).toContain(said)
    for (const untrue of [texts.trend.grey, texts.lately('6'), texts.lately('1')]) expect(first.text).not.toContain(untrue)
    await aClosedRound(null, (email, items) =>
      divided(email, items).map((value, index) => (items[index]?.kind === 'agreement' ? 5 : value)),
    )
    const second = await page()
    for (const said of [texts.trend.grey, texts.lately('2')]) expect(second.text).toContain(said)
    const [before, after] = await findScores(services().db)
    const tenths = (value: number | null | undefined) => Math.round((value ?? Number.NaN) * 10)
    const moved = (tenths(after?.value) - tenths(before?.value)) / 10
    expect(second.text).toContain(texts.moved.what(moved < 0 ? `−${-moved}` : `+${moved.toFixed(1)}`))
    const { rows } = specOf(second.html, 'moved') as WaterfallSpec
    const figures = rows.map(({ text }) => Number(text.replace('−', '-')))
    expect(figures.length).toBeGreaterThan(2)
    const sum = figures.slice(1, -1).reduce((total, value) => total + value, figures[0] ?? 0)
    expect(sum).toBeCloseTo(figures.at(-1) ?? 0, 9)
    for (const [index, row] of rows.slice(1, -1).entries()) expect([row.label, row.from]).toEqual([row.label, rows[index]?.to])
    expect((await page('/overview?round=1')).text).toContain(texts.trend.oneRound)
  })

  it('shows value, target, change and age; and what a missing one needs', async () => {
    await kpis()
    await aClosedRound(bigSides, divided)
    const { text } = await page()
    expect(text).toContain('11.1%')
    expect(text).toContain(texts.kpis.target('12.0%'))
    expect(text).toContain(texts.kpis.noTarget)
    expect(text).toContain(messagesOf('en').overview.kpis.needs.cac)
  })

  it('keeps the figure of a stale source, hollow, with its month and the age of its data', async () => {
    await kpis(new Date('2026-05-02T08:00:00Z'))
    await aClosedRound(bigSides, divided)
    const { html, text } = await page()
    expect(html).toContain('class="src stale"')
    expect(html).toContain('end hollow')
    expect(text).toContain(
      texts.kpis.late(
        formatOf('en', 'UTC').month(months.at(-1) ?? ''),
        Math.floor((Date.now() - Date.parse('2026-05-02T08:00:00Z')) / 86_400_000),
      ),
    )
  })

  it('says the same of KPIs that are not there as the pillar that lacks them', async () => {
    const now = new Date()
    await services().db.insert(sources).values({ id: 's', kind: 'csv', name: 'CRM', settings: {}, createdAt: now, lastSuccessAt: now })
    await aClosedRound(bigSides, divided)
    const { why, brings } = texts.pillars.missing['no-kpis']
    const { text } = await page()
    expect([text.split(why).length, text.split(brings).length]).toEqual([3, 3])
  })

  it('draws the trend of many rounds: normal range, signal and event', async () => {
    await kpis()
    const { score } = await aClosedRound(bigSides, divided)
    const { db } = services()
    const values = [50, 51, 50, 49, 50, 51, 50, 70]
    await db.delete(scores)
    for (const [index, value] of values.entries()) {
      const number = index - values.length + 1 + score.number
      const period = months[index] ?? ''
      const body = {
        ...score,
        roundId: number === score.number ? score.roundId : `r${number}`,
        number,
        period,
        value,
        interval: { low: value - 4, high: value + 4 },
      }
      const row = { ...body, methodVersion: '1', inputsHash: '', computedAt: new Date() }
      await db.insert(scores).values([
        { ...row, revision: 1, body: { ...body, value: 10 } }, // before late KPI rows
        { ...row, revision: 2, body },
      ])
    }
    await db.insert(events).values({ id: 'e', day: '2026-06-15', name: '<SLA> & more', createdAt: new Date() })
    const { html, text } = await page()
    const spec = specOf(html, 'trend') as LineSpec
    expect(spec.points).toHaveLength(8)
    expect(spec.points.filter(({ signal }) => signal)).toHaveLength(1)
    expect(spec.phases).toHaveLength(1)
    expect(text).toContain(texts.heading.betterThanStart(20))
    expect(html).not.toContain('<SLA>')
  })
})

describe('whoever reads', () => {
  it('is offered nothing that only an administrator may do', async () => {
    await aClosedRound(bigSides, divided)
    const asReader = await (await fetchWorker('/overview', { headers: await keyHeaders('reader') })).text()
    const asAdmin = (await page()).html
    for (const path of ['/sources', '/people', '/kpis/setup', '/settings'])
      expect([path, asReader.includes(`href="${path}`)]).toEqual([path, false])
    expect(asAdmin).toContain('href="/sources"')
    expect(asReader).toContain(texts.kpis.noSource)
  })

  it('is told which source cannot be read, and that the last figures stay; how to mend it only who may', async () => {
    const { db } = services()
    const trouble = { code: 'unauthorised', facts: { host: 'crm.example' }, since: '2026-10-01T00:00:00Z', retryAt: null, times: 3 }
    const lastSuccessAt = new Date('2026-09-30T08:00:00Z')
    await db.insert(sources).values({
      id: 's',
      kind: 'hubspot',
      name: 'Our <CRM>',
      settings: {},
      state: 'stopped',
      createdAt: lastSuccessAt,
      lastSuccessAt,
      trouble,
    })
    await aClosedRound(bigSides, divided)
    const { html, text } = await page()
    const { problems } = messagesOf('en').kpisPage
    expect(html).toContain('Our &lt;CRM&gt;')
    expect(text).toContain('Our &lt;CRM&gt;\u2069 has stopped')
    expect(text).toContain(problems.since('1 October 2026'))
    expect(text).toContain(problems.last('30 September 2026'))
    expect(text).toContain(messagesOf('en').pulling.failures.unauthorised.fix)
    const asReader = await (await fetchWorker('/overview', { headers: await keyHeaders('reader') })).text()
    expect(asReader).toContain(problems.last('30 September 2026'))
    expect(asReader).not.toContain(messagesOf('en').pulling.failures.unauthorised.fix)
  })
})

describe('the address', () => {
  it('finds no round that has not closed', async () => {
    expect((await page('/overview?round=9')).status).toBe(404)
  })

  it('keeps the round when the language changes', async () => {
    await aClosedRound(bigSides, divided)
    const { html } = await page('/overview?round=1&lang=th')
    expect(html).toContain('<input type="hidden" name="round" value="1"/>')
  })

  it('is for those who may read results', async () => {
    expect((await fetchWorker('/overview', { headers: await keyHeaders('reader') })).status).toBe(200)
    expect((await fetchWorker('/overview', { headers: await keyHeaders('importer') })).status).toBe(403)
  })
})
