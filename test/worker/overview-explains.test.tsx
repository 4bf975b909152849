/** What the overview says beside its figures: what moved the score, what hangs on choices, how things were before. */
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { AroundRow } from '../../worker/core/around-event'
import type { KpiRelation } from '../../worker/core/relation'
import type { Score } from '../../worker/core/result'
import { defaultRules } from '../../worker/core/scoring-rules'
import { replaceAnalysis } from '../../worker/db/analyses'
import { database } from '../../worker/db/client'
import { events, observations, scores } from '../../worker/db/schema'
import { findScores } from '../../worker/db/scores'
import { insertRules } from '../../worker/db/scoring-rules'
import { locales, messagesOf } from '../../worker/i18n'
import { formatOf } from '../../worker/i18n/format'
import { metricChangeText, metricText, printedChangeText } from '../../worker/i18n/metric-text'
import { refreshAnalyses } from '../../worker/services/analyses'
import { rescoreRounds } from '../../worker/services/scores'
import { adminHeaders, fetchWorker, services } from './client'
import { anOpenRound, answer, closeNow, decided, sameAnswers, twoSides } from './factories'
import { closeRound, observe } from './scored-rounds'

const db = () => database(env.DB)
const t = messagesOf('en')
const f = formatOf('en', 'UTC')
const texts = t.overview

async function page(path = '/overview'): Promise<{ html: string; text: string }> {
  const response = await fetchWorker(path, { headers: await adminHeaders() })
  expect([path, response.status]).toEqual([path, 200])
  const html = await response.text()
  return { html, text: textOf(html.slice(html.indexOf('<main'))) }
}

const textOf = (html: string) =>
  html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** The table with this caption or label: its rows, the first cell as it is in the page. */
function tableOf(html: string, label: string): { name: string; cells: string[] }[] {
  const from = html.indexOf(`aria-label="${label}"><table`)
  expect([label, from > 0]).toEqual([label, true])
  const table = html.slice(from, html.indexOf('</table>', from))
  return [...table.matchAll(/<tr><th scope="row"[^>]*>(.*?)<\/th>(.*?)<\/tr>/gs)].map(([, name = '', cells = '']) => ({
    name,
    cells: [...cells.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = '']) => textOf(cell)),
  }))
}

const numberIn = (text = '') => Number(text.replace('−', '-'))
const goals = [{ metric: 'cac', target: 900, baseline: 1200, scale: 'linear' as const }]

/** Two rounds that differ, each with a KPI. */
async function twoRounds() {
  await db().batch([decided(db(), { goals }), observe('2026-06', 1050), observe('2026-07', 980)])
  await closeRound(1, '2026-06', [8, 4, 2])
  await closeRound(2, '2026-07', [2, 4, 8])
  return (await findScores(db())) as [Score, Score]
}

const changeScore = (score: Score, change: Partial<Score>) =>
  db()
    .update(scores)
    .set({ body: { ...score, ...change } })
    .where(eq(scores.roundId, score.roundId))

describe('a pillar that lacks parts', () => {
  it('says of how many it is made', async () => {
    await db().batch([
      decided(db(), { goals: [...goals, { metric: 'win_rate', target: 0.3, baseline: 0.2, scale: 'linear' }] }),
      observe('2026-06', 1050),
    ])
    await closeRound(1, '2026-06')
    expect((await page()).text).toContain(texts.pillars.partial('1', '2'))
  })

  it('says nothing of it where it has them all', async () => {
    await twoRounds()
    expect((await page()).text).not.toMatch(/From \d of \d parts/)
  })
})

describe('what moved the score', () => {
  /** Rows of the split: how deep each stands, and its tenths. */
  const splitIn = (html: string) =>
    tableOf(html, texts.moved.title('July')).map(({ name, cells: [points, words] }) => ({
      level: name.includes('<strong>') ? 0 : Number(/below-(\d)/.exec(name)?.[1] ?? Number.NaN),
      name: textOf(name),
      tenths: Math.round(numberIn(points) * 10),
      words,
    }))

  /** The change like for like, and what comes from parts that only one round has: the two make the change. */
  function unlikeIn(rows: ReturnType<typeof splitIn>): string {
    const all = (rows.at(-1)?.tenths ?? 0) - (rows[0]?.tenths ?? 0)
    const other = rows.reduce((sum, { words, tenths }) => (words?.includes('only in') ? sum + tenths : sum), 0)
    expect(other).not.toBe(0)
    return texts.moved.unlike(f.signed((all - other) / 10, 1), f.signed(other / 10, 1))
  }

  it('adds up at every level, from promoters and critics to the change as it is printed', async () => {
    await twoRounds()
    const rows = splitIn((await page()).html)
    const [from, to] = [rows.shift(), rows.pop()]
    const childrenOf = (index: number) => {
      const rest = rows.slice(index + 1)
      const end = rest.findIndex(({ level }) => level <= (rows[index]?.level ?? 0))
      return (end < 0 ? rest : rest.slice(0, end)).filter(({ level }) => level === (rows[index]?.level ?? 0) + 1)
    }
    const sum = (some: { tenths: number }[]) => some.reduce((total, { tenths }) => total + tenths, 0)
    expect(sum(rows.filter(({ level }) => level === 0))).toBe((to?.tenths ?? 0) - (from?.tenths ?? 0))
    const withParts = rows.flatMap((row, index) => {
      const children = childrenOf(index)
      return children.length > 0 ? [[row.level, row.name, row.tenths, sum(children)]] : []
    })
    expect(new Set(withParts.map(([level]) => level))).toEqual(new Set([0, 1, 2]))
    for (const [level, name, tenths, parts] of withParts) expect([level, name, tenths]).toEqual([level, name, parts])
    expect(rows.filter(({ name }) => name === texts.answers.critics).length).toBe(2 * 7)
    expect(rows.some(({ tenths }) => tenths === 0)).toBe(true)
  })

  it('says what only one of the two rounds has, what comes of it, and what is within noise', async () => {
    const [first, second] = await twoRounds()
    expect(splitIn((await page()).html).some(({ words }) => words?.endsWith(texts.moved.withinNoise))).toBe(true)
    const [perception, , , performance] = first.pillars.map(({ value }) => value as number) as [number, number, number, number]
    const pillars = first.pillars.map((one) => (one.pillar === 'definitions' ? { ...one, value: null, parts: [] } : one))
    const withoutTerms = { pillars, value: (0.4 * perception + 0.25 * performance) / 0.65 }
    await changeScore(first, withoutTerms)
    const { html, text } = await page()
    const rows = splitIn(html)
    expect(rows.some(({ words }) => words?.startsWith(texts.moved.added))).toBe(true)
    expect(text).toContain(unlikeIn(rows))
    await changeScore(first, { pillars: second.pillars, value: second.value })
    await changeScore(second, withoutTerms)
    const back = await page()
    expect(splitIn(back.html).some((row) => row.words?.startsWith(texts.moved.dropped))).toBe(true)
    expect(back.text).toContain(unlikeIn(splitIn(back.html)))
  })

  it('stops at the sides where the answers of one are not told by class', async () => {
    const [first] = await twoRounds()
    const pillars = first.pillars.map((pillar) => ({
      ...pillar,
      parts: pillar.parts.map((part) => (part.sides ? { ...part, sides: { ...part.sides, shares: [] } } : part)),
    }))
    await changeScore(first, { pillars })
    expect(new Set(splitIn((await page()).html).map(({ level }) => level))).toEqual(new Set([Number.NaN, 0, 1, 2]))
  })
})

describe('what the CRM says to the same question', () => {
  it.each([false, true])('is of a month as of a day, and not final where it is not (provisional: %s)', async (provisional) => {
    await twoRounds()
    const asOf = new Date('2026-08-02T09:00:00Z')
    await db()
      .insert(observations)
      .values({ metric: 'response_24h', basis: 'period', period: '2026-07', value: 0.7, numerator: 7, denominator: 10, provisional, asOf })
    const { kpis } = texts
    const { text } = await page()
    const month = kpis[provisional ? 'provisional' : 'asOf'](f.month('2026-07'), f.date(asOf))
    expect(text).toContain(t.threeNumbers.sharesWhat.crm(month))
  })
})

describe('how much hangs on choices', () => {
  it('says what other weights would make of score and change', async () => {
    const [first, score] = await twoRounds()
    const { html, text } = await page()
    const [perception, definitions, , performance] = score.pillars.map(({ value }) => value as number) as [number, number, never, number]
    const equal = f.number((perception + definitions + performance) / 3, 1)
    expect(text).toContain(texts.weights.equal(equal, f.number(score.value as number, 1)))
    const title = /<h2>([^<]*other weights[^<]*)<\/h2>/i.exec(html)?.[1] ?? ''
    const rows = new Map(tableOf(html, title).map(({ name, cells }) => [name, cells]))
    expect(rows.get(texts.weights.equalRow)?.[0]).toBe(equal)
    const without = f.number((0.4 * perception + 0.15 * definitions) / 0.55, 1)
    expect(rows.get(texts.weights.withoutRow('Performance'))?.[0]).toBe(without)
    // What each row says now, less what it would have said a round before, as both are printed.
    const was = first.pillars.map(({ value }) => value as number) as [number, number, never, number]
    const change = (now: number, then: number) => f.signed((Math.round(now * 10) - Math.round(then * 10)) / 10, 1)
    expect(rows.get(texts.weights.asDecided)?.[1]).toBe(change(score.value as number, first.value as number))
    expect(rows.get(texts.weights.equalRow)?.[1]).toBe(change((perception + definitions + performance) / 3, (was[0] + was[1] + was[3]) / 3))
    expect(rows.get(texts.weights.withoutRow('Performance'))?.[1]).toBe(
      change((0.4 * perception + 0.15 * definitions) / 0.55, (0.4 * was[0] + 0.15 * was[1]) / 0.55),
    )
    const own = rows.get(`${t.scoring.distanceShort}: ${t.scoring.distances[defaultRules.kappa]}`)
    expect(own).toEqual(rows.get(texts.weights.asDecided)) // the κ that was decided
    expect(rows.get(`${t.scoring.distanceShort}: ${t.scoring.distances[0.25]}`)?.[0]).toBe(f.number(score.value as number, 1))
    expect([...rows.keys()].filter((name) => name.startsWith(t.scoring.distanceShort))).toHaveLength(3)
  })

  it('says nothing of a change where there is none, and nothing at all without a score', async () => {
    await db().batch([decided(db(), { goals }), observe('2026-06', 1050)])
    await closeRound(1, '2026-06')
    const first = await page()
    expect(first.text).toContain(t.findings.weights.neutral)
    expect(first.text).not.toContain(texts.weights.change)
    await closeRound(2, '2026-12')
    expect((await page()).text).not.toContain(t.findings.weights.neutral)
  })
})

describe('a score that was computed again', () => {
  it('says when and why, and what it was before: late KPIs, then other rules', async () => {
    await db().batch([decided(db(), { goals }), observe('2026-05', 1200)])
    const { value } = await closeRound(1, '2026-06')
    expect((await page()).html).not.toContain('class="revisions"')
    await observe('2026-06', 900)
    await rescoreRounds(services())
    const day = f.date(new Date())
    const late = await page()
    expect(late.text).toContain(texts.score.again(day, texts.score.reasons.kpis))
    const rowsIn = (html: string) => {
      const details = /<details class="revisions">.*?<\/details>/s.exec(html)?.[0] ?? ''
      return [...details.matchAll(/<tr><th scope="row">.*?<\/tr>/gs)].map(([row]) => textOf(row))
    }
    const [second] = (await findScores(db())) as [Score]
    const [newest = '', oldest = ''] = rowsIn(late.html)
    expect(newest).toContain(`${texts.score.reasons.kpis}, ${texts.score.rules('2')} ${f.number(second.value as number, 1)} ±`)
    const change = (Math.round((second.value as number) * 10) - Math.round((value as number) * 10)) / 10
    expect(newest.endsWith(f.signed(change, 1))).toBe(true)
    expect(oldest).toMatch(new RegExp(`${texts.score.reasons.first}.* ${f.number(value as number, 1)} ±[\\d.]+ –$`))
    await insertRules(db(), { ...defaultRules, version: 3, goals, kappa: 0.5 }, new Date())
    await rescoreRounds(services())
    const other = await page()
    expect(other.text).toContain(texts.score.again(day, texts.score.reasons.rules))
    expect(rowsIn(other.html)).toHaveLength(3)
  })

  it('keeps rounds of other rules off the line, and says how many', async () => {
    const [first] = await twoRounds()
    expect((await page()).text).not.toContain(texts.trend.otherRules(1))
    await changeScore(first, { rulesVersion: 1 })
    const { text } = await page()
    expect(text).toContain(texts.trend.otherRules(1))
    expect(text).toContain(texts.score.noComparison)
  })
})

// ── Before and after, and what moves with what ──────────────────────────────────────────────────────────────────────

const phase = (mean: number, n = 6) => ({ n, mean, median: mean })
const aroundRow = (row: Partial<AroundRow> & Pick<AroundRow, 'measure'>): AroundRow => ({
  before: phase(48.04),
  after: phase(60.96, 4),
  difference: 12.92,
  p: 0.0004,
  leastP: 0.0004,
  adjustedP: 0.001,
  verdict: 'signal',
  pooled: null,
  ...row,
})
const around = (rows: AroundRow[]) =>
  db().batch([
    db().insert(events).values({ id: 'e', day: '2026-06-15', name: 'SLA signed', createdAt: new Date() }),
    replaceAnalysis(db(), {
      kind: 'around-events',
      inputsHash: '',
      body: [{ eventId: 'e', day: '2026-06-15', name: 'SLA signed', rows }],
      computedAt: new Date(),
    }),
  ])
const related = (body: KpiRelation[]) => replaceAnalysis(db(), { kind: 'relations', inputsHash: '', body, computedAt: new Date() })
const measured = { kind: 'measured', periods: 14, lag: 2, p: 0.01, adjustedP: 0.046 } as const

describe('before and after an event', () => {
  it('shows means, difference, all records together, chance and verdict of every measure', async () => {
    await twoRounds()
    await around([
      aroundRow({ measure: 'score' }),
      aroundRow({
        measure: 'lead_conversion',
        before: phase(0.021, 12),
        after: phase(0.025),
        difference: 0.004,
        p: 0.15,
        adjustedP: 0.21,
        verdict: 'normal',
        pooled: { difference: 0.003, interval: { low: -0.001, high: 0.0072 } },
      }),
    ])
    const overview = await page()
    expect(overview.html).toContain(
      `<a href="/events/e">${t.findings.around.higher(t.findings.around.score, '\u2068SLA signed\u2069')}</a>`,
    )
    expect(overview.text).toContain('15 June 2026')
    expect(tableOf((await page('/events/e')).html, t.events.around)).toEqual([
      { name: t.findings.around.score, cells: ['48.0 (6)', '61.0 (4)', '+13.0', '0.1%', texts.signal] },
      {
        name: 'Lead conversion',
        cells: ['2.1% (12)', '2.5% (6)', '+0.4 pt all records: +0.3 pt 95% −0.1 pt to +0.7 pt', '21.0%', texts.around.none],
      },
    ])
  })

  it('says what is needed where there are too few months', async () => {
    await twoRounds()
    await around([])
    expect((await page()).text).toContain(t.findings.around.tooFew('\u2068SLA signed\u2069'))
    const { text } = await page('/events/e')
    expect(text).toContain(texts.around.needs)
    expect(text).not.toContain(texts.around.measure)
  })

  it('is of the latest round alone, and of no organisation without an event', async () => {
    await twoRounds()
    await related([{ key: 'cac', ...measured, rho: 0.62, verdict: 'moves-with' }])
    const none = await page()
    expect(none.text).not.toContain('After, not because')
    await around([aroundRow({ measure: 'score' })])
    const [latest, older] = [await page('/overview?round=2'), await page('/overview?round=1')]
    const moves = t.findings.relations.withLater(t.metrics.names.cac, 2)
    for (const words of ['After, not because', moves]) expect(latest.text).toContain(words)
    for (const words of ['After, not because', moves]) expect(older.text).not.toContain(words)
  })

  it('is computed from rounds and KPIs of three months on both sides', async () => {
    const months = ['01', '02', '03', '04', '05', '06', '07', '08'].map((month) => `2026-${month}`)
    await db().batch([
      decided(db(), { goals }),
      db().insert(events).values({ id: 'e', day: '2026-04-20', name: 'SLA signed', createdAt: new Date() }),
      ...months.map((month, index) => observe(month, 1200 - 30 * index)),
    ])
    for (const [index, month] of months.entries()) await closeRound(index + 1, month, index < 4 ? [8, 4, 2] : [2, 4, 8])
    await refreshAnalyses(services())
    const { html } = await page('/events/e')
    expect(tableOf(html, t.events.around).map(({ name, cells }) => [name, cells[0]?.slice(-3), cells[1]?.slice(-3)])).toEqual(
      [t.findings.around.score, t.findings.around.people, t.metrics.names.cac].map((name) => [name, '(3)', '(4)']),
    )
    expect((await page('/explore')).text).toContain(texts.relations.tooFew('8', '12'))
  })
})

describe('what moves with what people say', () => {
  it('says of every KPI what was found, and how surely', async () => {
    await twoRounds()
    await related([
      { key: 'cac', ...measured, rho: -0.618, verdict: 'moves-with' },
      { key: 'win_rate', ...measured, rho: 0.5, verdict: 'moves-with' },
      { key: 'sales_cycle', ...measured, adjustedP: 0.7, rho: 0.1, verdict: 'no-detectable-relation' },
      { key: 'won_deals', kind: 'too-few', periods: 5 },
      { key: 'lead_volume', kind: 'too-few', periods: 14 },
      { key: 'deal_size', kind: 'flat', periods: 14 },
    ])
    expect((await page()).html).toContain(`<a href="/explore?round=2">${t.findings.relations.againstLater(t.metrics.names.cac, 2)}</a>`)
    const { html } = await page('/explore')
    expect(tableOf(html, t.findings.relations.neutral).map(({ cells }) => cells)).toEqual([
      ['14', '2', '−0.62', '4.6%', texts.relations.against],
      ['14', '2', '+0.50', '4.6%', texts.relations.with],
      ['14', '2', '+0.10', '70.0%', texts.relations.none],
      ['5', '–', '–', '–', texts.relations.tooFew('5', '12')],
      ['14', '–', '–', '–', texts.relations.gaps],
      ['14', '–', '–', '–', texts.relations.flat],
    ])
  })

  it('is absent without a KPI', async () => {
    await closeRound(1, '2026-06')
    await refreshAnalyses(services())
    expect((await page()).text).not.toContain(texts.relations.what)
  })
})

describe('the terms', () => {
  it('stand with their interval, under what is found of them', async () => {
    await twoRounds()
    const { html } = await page()
    const title = /<h2>([^<]*)<\/h2><p class="what">The chance that one person of each side/.exec(html)?.[1] ?? ''
    const rows = tableOf(html, title)
    expect(rows).toHaveLength(4) // two a round, each as it was asked last
    for (const { cells } of rows) expect(cells.join(' ')).toMatch(/^\d+% \d+% \d+% [12]$/)
    const shares = rows.map(({ cells: [share] }) => Number.parseInt(share ?? '', 10))
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
  })

  it('have the same title on the page of the round, and the interval of what divides them', async () => {
    const { round, invitations, items } = await anOpenRound(twoSides.map((side) => ({ ...side, people: 12 })))
    for (const [index, { url }] of invitations.entries()) {
      await answer(url, sameAnswers(items, 4, 8, index % 2)) // every second one means something else
    }
    await closeNow(services(), round.id)
    const { html } = await page(`/rounds/${round.id}`)
    expect(html).toContain(`<h2>${t.findings.definitions.neutral}</h2>`)
    const rows = tableOf(html, t.roundsPage.agreement)
    expect(rows).toHaveLength(2)
    for (const { cells } of rows) expect(cells.slice(4, 6).join(' ')).toMatch(/^−?\d+ pt −?\d+ pt to −?\d+ pt$/)
  })
})

it('all of it is said in every language, without inline styles or gaps', async () => {
  const [first] = await twoRounds()
  await around([aroundRow({ measure: 'people' }), aroundRow({ measure: 'cac', verdict: 'normal' })])
  await related([{ key: 'cac', ...measured, rho: 0.62, verdict: 'moves-with' }])
  await observe('2026-07', 900)
  await rescoreRounds(services())
  await changeScore(first, { rulesVersion: 1 })
  const english = await page()
  for (const locale of locales) {
    const { html, text } = await page(`/overview?lang=${locale}`)
    const { overview } = messagesOf(locale)
    for (const words of [
      overview.relations.what,
      messagesOf(locale).threeNumbers.title.people,
      overview.trend.otherRules(1),
      overview.score.reasons.kpis,
    ]) {
      expect(text).toContain(words)
    }
    expect(html).not.toMatch(/ style=|undefined|\bNaN\b|Infinity|\[object|=&gt;|function/)
    expect(html).not.toMatch(/>\s*[\d.,]*-\d/) // a hyphen for a minus
    expect(html.match(/<th scope="row"/g)?.length).toBe(english.html.match(/<th scope="row"/g)?.length)
  }
})

describe('a change of a KPI', () => {
  it('has its sign in Arabic, too, where the unit says its number in a word', () => {
    const [fewer, as, more] = [60, 62, 64].map((to) => metricChangeText('ar', { unit: 'days', decimals: 0 }, 62, to, 'USD', 'pt'))
    expect([fewer, more]).toEqual(['\u2067−يومان\u2069', '\u2067+يومان\u2069'])
    expect(as).toBe('\u20660\u2069 يوم')
  })

  it.each([
    ['count', 0, 249.6, 266.4, '250', '266', '+16'],
    ['ratio', 1, 0.04451, 0.05658, '4.5%', '5.7%', '+1.2 pt'],
    ['money', 0, 6_881_951, 5_995_649, '$68,820', '$59,956', '−$8,864'],
    ['days', 1, 61.4, 50.6, '61 days', '51 days', '−10 days'],
    ['minutes', 0, 130.4, 190, '2.2 hours', '3.2 hours', '+1 hour'],
  ] as const)('of two values that stand beside it is that of what is printed: %s', (unit, decimals, from, to, before, after, change) => {
    const metric = { unit, decimals }
    const plain = (text: string) => text.replaceAll(/[\u2066-\u2069]/g, '')
    expect([from, to].map((value) => plain(metricText('en', metric, value, 'USD')))).toEqual([before, after])
    expect(plain(printedChangeText('en', metric, from, to, 'USD', 'pt'))).toBe(change)
  })
})
