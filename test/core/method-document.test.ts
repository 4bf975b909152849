/**
 * docs/method.md against the code. Its worked example is read from the document (ballots, KPI values), computed by what
 * publishes and scores, and printed again: every line of its tables must be that line, and no number stands outside them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { definitionAgreement } from '../../worker/core/definitions'
import { distance, nullOf } from '../../worker/core/distance'
import { type Class, type Counts, estimate, standardError, themeEstimate } from '../../worker/core/favourability'
import { jackknife } from '../../worker/core/jackknife'
import { kpiMeasures, type MetricValue } from '../../worker/core/performance'
import { publish } from '../../worker/core/publish'
import type { Figure, Interval, Pillar, RoundResult, Score } from '../../worker/core/result'
import type { Item, Theme } from '../../worker/core/round'
import { alignmentScore, hasValue, scoreChange } from '../../worker/core/score'
import { bySide, type ScoredSide, sides, type ThemeAnswers, type ThemeScore, themeScore, without } from '../../worker/core/score-inputs'
import { defaultRules, type ScoringRules } from '../../worker/core/scoring-rules'
import { changeSensitivity, sensitivity } from '../../worker/core/sensitivity'
import { mean, total, tQuantile, z95 } from '../../worker/core/statistics'
import { surveyBank } from '../../worker/core/survey-bank'
import { personMeansOf } from '../../worker/core/tally'
import { type Answers, figure, inputOf, nodeOf } from './rounds'

const root = resolve(import.meta.dirname, '../..')
const file = join(root, 'docs/method.md')
const document = readFileSync(file, 'utf8')

describe('docs/method.md', () => {
  it('has every section that the code cites', () => {
    const headings = [...document.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title)
    const cited = codeFiles().flatMap((path) => {
      const comments = readFileSync(path, 'utf8').replace(/\n\s*\*/g, ' ')
      return [...comments.matchAll(/docs\/method\.md, "([^"]+)"/g)].map(([, title = '']) => title.replace(/\s+/g, ' '))
    })
    expect(cited.length).toBeGreaterThan(15)
    expect(cited.filter((title) => !headings.includes(title))).toEqual([])
  })

  it('links to files and sections that exist', () => {
    const anchors = [...document.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => anchorOf(title))
    const targets = [...document.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target)
    expect(targets.length).toBeGreaterThan(10)
    const isMissing = (target: string) =>
      target.startsWith('#') ? !anchors.includes(target.slice(1)) : !existsSync(join(dirname(file), target.replace(/#.*/, '')))
    expect(targets.filter((target) => !target.startsWith('https:') && isMissing(target))).toEqual([])
  })
})

function codeFiles(): string[] {
  const folder = join(root, 'worker')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => join(folder, path))
}

/** As GitHub makes them. */
const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .replace(/\s/g, '-')

// ── The worked example ──────────────────────────────────────────────────────────────────────────────────────────────

const example = document.split(/^## /m).find((section) => section.startsWith('A worked example')) ?? ''
const [ballotRows = [], monthRows = [], ...printed] = tablesIn(example)

describe('the worked example', () => {
  it('prints what the code computes', () => {
    const computed = tables()
    if (process.env.SHOW) console.error(computed.map((rows) => rows.map((row) => `| ${row.join(' | ')} |`).join('\n')).join('\n\n'))
    expect(printed).toEqual(computed)
  })

  it('has no number outside its tables', () => {
    const prose = example.split('\n').filter((line) => !line.startsWith('|'))
    expect(prose.filter((line) => /\d/.test(line))).toEqual([])
  })
})

/** The rows of each table, without its head. */
function tablesIn(markdown: string): string[][][] {
  const blocks = markdown.split('\n\n').filter((block) => block.startsWith('|'))
  return blocks.map((block) =>
    block
      .trim()
      .split('\n')
      .slice(2)
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  )
}

type Row = string[]

function tables(): Row[][] {
  const rounds = [roundOf(1), roundOf(2)] as const
  const [first, second] = rounds
  return [
    answerRows(first),
    intervalRows(first),
    distanceRows(first),
    themeRows(first),
    definitionRows(first),
    kpiRows(first),
    scoreRows(first.score),
    jackknifeRows(first),
    uncertaintyRows(first),
    secondRows(rounds),
    movedRows(rounds),
    changeRows(rounds),
    weightRows(rounds),
  ].map((rows) => (second ? rows : []))
}

// ── From the document to scores ─────────────────────────────────────────────────────────────────────────────────────

const ids = ['goals-1', 'lead-quality-1', 'lead-quality-2', 'definition-lifecycle-stage'] as const
const items = surveyBank.filter(({ id }) => ids.some((own) => own === id)).sort((a, b) => ids.indexOf(a.id as never) - ids.indexOf(b.id as never))
const term = items[3] as Item & { kind: 'definition' }
const statements = [
  { id: 'goals-1', theme: 'goals', name: 'Targets fit together' },
  { id: 'lead-quality-1', theme: 'lead-quality', name: 'Leads are worth the time' },
  { id: 'lead-quality-2', theme: 'lead-quality', name: 'One meaning of a good lead' },
] as const
const themeNames = { goals: 'Shared goals', 'lead-quality': 'Lead quality' } as const
type ExampleTheme = keyof typeof themeNames
const exampleThemes = ['goals', 'lead-quality'] as const
const sideNames = { sales: 'Sales', marketing: 'Marketing' } as const
const answers: Record<string, { answer: number; name: Class }> = {
  promoter: { answer: 5, name: 'promoters' },
  passive: { answer: 3, name: 'passives' },
  critic: { answer: 1, name: 'critics' },
}
const options: Record<string, number> = { threshold: 1, fit: 2, request: 3 }
const kpiNames = { lead_conversion: 'Lead conversion, %', cac: 'Acquisition cost' } as const
const rules: ScoringRules = {
  ...defaultRules,
  goals: [
    { metric: 'lead_conversion', target: 20, baseline: null, scale: 'linear' },
    { metric: 'cac', target: 900, baseline: null, scale: 'log' },
  ],
}

/** People of one side who answered alike: a line of the first table. */
interface Alike {
  label: string
  side: ScoredSide
  people: number
  classes: Class[]
  option: number
}

interface ExampleRound {
  alike: Alike[]
  result: RoundResult
  score: Score & { value: number; interval: Interval }
}

function roundOf(number: 1 | 2): ExampleRound {
  const alike = ballotRows.map(
    ([label = '', side = '', people1, people2, ...said]): Alike => ({
      label,
      side: side.toLowerCase() as ScoredSide,
      people: Number(number === 1 ? people1 : people2),
      classes: said.slice(0, 3).map((name) => (answers[name] as { name: Class }).name),
      option: options[said[3] as string] as number,
    }),
  )
  const asked = number === 1 ? items : items.slice(0, 3)
  const teams = sides.map((side) => ({ id: side, side, people: alike.filter((one) => one.side === side).flatMap(ballotsOf) }))
  const result = publish(inputOf(teams, { items: asked, number }))
  const period = monthRows.at(number - 3)?.[0] as string
  const body = alignmentScore({
    round: { roundId: `r${number}`, number, period },
    people: result.inputs,
    earlierTerms: number === 1 ? [] : roundOf(1).result.inputs.terms.map((one) => ({ ...one, round: 1 })),
    kpis: kpiMeasures(rules, monthValues(), period),
    rules,
  })
  const score: Score = { ...body, inputsHash: '', revision: 1, ballots: result.n, invited: result.invited }
  if (!hasValue(score) || !score.interval) throw new Error('The example has no score.')
  return { alike, result, score: { ...score, interval: score.interval } }
}

function ballotsOf({ people, classes, option }: Alike): Answers[] {
  const answer = Object.fromEntries([
    ...classes.map((name, index) => [ids[index], Object.values(answers).find((one) => one.name === name)?.answer]),
    [term.id, option],
  ]) as Answers
  return Array.from({ length: people }, () => answer)
}

const monthValues = (): MetricValue[] =>
  monthRows.flatMap(([period = '', conversion, cac]) => [
    { metric: 'lead_conversion', period, value: Number(conversion), provisional: false },
    { metric: 'cac', period, value: Number(cac), provisional: false },
  ])

// ── From scores to lines ────────────────────────────────────────────────────────────────────────────────────────────

const countsAt = ({ result }: ExampleRound, side: ScoredSide, id: string) => figure(nodeOf(result, side).items[id]).classes as Counts

/** Who answered how, and what it comes to. */
function answerRows(round: ExampleRound): Row[] {
  return exampleThemes.flatMap((theme) =>
    sides.flatMap((side) => {
      const node = nodeOf(round.result, side)
      const own = statements.filter((statement) => statement.theme === theme)
      const rows = own.map(({ id, name }) => figureRow(name, side, figure(node.items[id])))
      return own.length === 1 ? rows : [...rows, figureRow('Both together', side, figure(node.themes[theme]))]
    }),
  )
}

function figureRow(name: string, side: ScoredSide, { classes, value, interval }: Figure): Row {
  const { critics, passives, promoters } = classes as Counts
  const n = critics + passives + promoters
  const how = `50 × (1 + (${promoters} − ${critics})/${n})`
  return [name, sideNames[side], `${critics}`, `${passives}`, `${promoters}`, worked(how, value as number, 2), range(interval as Interval, 1)]
}

/** One interval by hand. */
function intervalRows(round: ExampleRound): Row[] {
  const one = countsAt(round, 'sales', 'goals-1')
  const { theta, variance, n } = estimate(one)
  const error = standardError({ theta, variance, n })
  const { interval } = figure(nodeOf(round.result, 'sales').items['goals-1'])
  const { low, high } = interval as Interval
  return [
    step('People, with three more', `${one.critics} + ${one.passives} + ${one.promoters} + 3`, n, 0),
    step('θ̃', `(${one.promoters} + 0.75 − ${one.critics} − 0.75)/${n}`, theta, 4),
    step('ṽ', `(${one.promoters} + 0.75 + ${one.critics} + 0.75)/${n} − ${num(theta, 4)}²`, variance, 4),
    step('Standard error', `√(${num(variance, 4)}/${n})`, error, 4),
    step('From', `50 × (1 + ${num(theta, 4)} − ${num(z95, 2)} × ${num(error, 4)})`, low, 1),
    step('To', `50 × (1 + ${num(theta, 4)} + ${num(z95, 2)} × ${num(error, 4)})`, high, 1),
  ]
}

/** Statement by statement: how far apart, and how far chance alone would bring them. */
function distanceRows(round: ExampleRound): Row[] {
  return statements.map(({ id, name }) => {
    const [s, m] = [countsAt(round, 'sales', id), countsAt(round, 'marketing', id)]
    const [n, k] = [s.critics + s.passives + s.promoters, m.critics + m.passives + m.promoters]
    const chance = nullOf(s, m) as NonNullable<ReturnType<typeof nullOf>>
    const w = distance(s, m) as number
    const how = `abs(${s.critics}/${n} − ${m.critics}/${k}) + abs(${s.promoters}/${n} − ${m.promoters}/${k})`
    const excess = worked(`${num(w, 4)}² − ${num(chance.meanSquare, 4)}`, w ** 2 - chance.meanSquare, 4)
    return [name, worked(how, w, 4), `${chance.outcomes}`, num(chance.meanSquare, 4), excess]
  })
}

/** Gap, W*, the theme, Perception. */
function themeRows(round: ExampleRound): Row[] {
  const { gaps, inputs } = round.result
  const perception = pillarOf(round.score, 'perception')
  const values = exampleThemes.map((theme) => partOf(round.score, 'perception', theme).value)
  return [
    ...exampleThemes.flatMap((theme) => {
      const gap = gaps.find((one) => one.theme === theme) as RoundResult['gaps'][number]
      const { sales, marketing, distance: corrected } = inputs.themes.find((one) => one.theme === theme) as RoundResult['inputs']['themes'][number]
      const excesses = statements.filter((one) => one.theme === theme).map(({ id }) => excessOf(round, id))
      const name = themeNames[theme]
      return [
        [`${name}: gap`, `${num(sales, 2)} − ${num(marketing, 2)}`, `${signed(gap.gap, 2)}, ${range(gap.interval, 1)}; p ${num(gap.p, 3)}`],
        step(`${name}: W*`, `√((${excesses.map((one) => num(one, 4)).join(' + ')})/${excesses.length})`, corrected, 4),
        step(`${name}: T`, `(${num(sales, 2)} + ${num(marketing, 2)})/2 − 50 × 0.25 × ${num(corrected, 4)}`, partOf(round.score, 'perception', theme).value, 2),
      ]
    }),
    step('Perception', `(${values.map((value) => num(value, 2)).join(' + ')})/2`, perception, 2),
  ]
}

function excessOf(round: ExampleRound, id: string): number {
  const [s, m] = [countsAt(round, 'sales', id), countsAt(round, 'marketing', id)]
  return (distance(s, m) as number) ** 2 - (nullOf(s, m)?.meanSquare as number)
}

function definitionRows({ result, score }: ExampleRound): Row[] {
  const counts = (side: ScoredSide) => {
    const given = figure_(nodeOf(result, side).definitions[term.id])
    return Object.values(options).map((option) => given[term.options[option] as string] as number)
  }
  const [s, m] = [counts('sales'), counts('marketing')]
  const [n, k] = [total(s), total(m)]
  const [found] = result.terms as [RoundResult['terms'][number]]
  const pairs = (of: number[]) => of.map((count) => `${count} × ${count - 1}`).join(' + ')
  return [
    step('Across the sides, P_SM', `(${s.map((count, index) => `${count} × ${m[index]}`).join(' + ')})/(${n} × ${k})`, found.between, 4),
    step('Within sales, P_SS', `(${pairs(s)})/(${n} × ${n - 1})`, found.withinSales as number, 4),
    step('Within marketing, P_MM', `(${pairs(m)})/(${k} × ${k - 1})`, found.withinMarketing as number, 4),
    step('Divide', `(${num(found.withinSales as number, 4)} + ${num(found.withinMarketing as number, 4)})/2 − ${num(found.between, 4)}`, found.divide as number, 4),
    step('Definitions', `100 × ${num(found.between, 4)}`, pillarOf(score, 'definitions'), 2, `, from ${range(scaled(found.interval as Interval, 100), 1)}`),
  ]
}

function kpiRows({ score }: ExampleRound): Row[] {
  const values = (['lead_conversion', 'cac'] as const).map((metric) => {
    const { value, kpi, from } = partOf(score, 'performance', metric)
    const { baseline, target, observed } = kpi as NonNullable<typeof kpi>
    const how =
      metric === 'cac'
        ? `50 + 50 × ln(${observed}/${baseline})/ln(${target}/${baseline})`
        : `50 + 50 × (${observed} − ${baseline})/(${target} − ${baseline})`
    return { row: [kpiNames[metric], `${baseline}`, `${target}`, `${observed} in ${from}`, worked(how, value, 2)], value }
  })
  const performance = worked(`(${values.map(({ value }) => num(value, 2)).join(' + ')})/2`, pillarOf(score, 'performance'), 2)
  return [...values.map(({ row }) => row), ['Performance', '', '', '', performance]]
}

function scoreRows(score: ExampleRound['score']): Row[] {
  const [p, d, k] = (['perception', 'definitions', 'performance'] as const).map((pillar) => num(pillarOf(score, pillar), 2))
  return [
    step('Weight present', '0.40 + 0.15 + 0.25', score.weightPresent, 2),
    step('Alignment score', `(0.40 × ${p} + 0.15 × ${d} + 0.25 × ${k})/${num(score.weightPresent, 2)}`, score.value, 2),
    step('People index', `(0.40 × ${p} + 0.15 × ${d})/0.55`, score.peopleIndex as number, 2),
    step('Numbers index', `0.25 × ${k}/0.25`, score.numbersIndex as number, 2),
  ]
}

/** What Perception and Definitions would be without one of the people of a line. */
interface WithoutOne {
  label: string
  side: ScoredSide
  people: number
  perception: number
  definitions: number
}

function withoutOne(round: ExampleRound): WithoutOne[] {
  const present = round.alike.filter(({ people }) => people > 0)
  const of = (side: ScoredSide) => present.filter((one) => one.side === side)
  const themeOf = (theme: ExampleTheme): ThemeAnswers => ({
    classes: bySide((side) => of(side).map(({ classes }) => classes.filter((_, index) => statements[index]?.theme === theme))),
    people: bySide((side) => of(side).map(({ people }) => people)),
  })
  const left = exampleThemes.map((theme) => without(themeScore(themeOf(theme)) as ThemeScore, rules.kappa))
  const chosen = (side: ScoredSide, except?: Alike) =>
    Object.values(options).map((option) => total(of(side).map((one) => (one.option === option ? one.people - (one === except ? 1 : 0) : 0))))
  return sides.flatMap((side) =>
    of(side).map((one, index) => ({
      label: one.label,
      side,
      people: one.people,
      perception: mean(left.map((theme) => theme[side][index] as number)) as number,
      definitions: 100 * (definitionAgreement(chosen('sales', one), chosen('marketing', one))?.between as number),
    })),
  )
}

const jackknifeRows = (round: ExampleRound): Row[] =>
  withoutOne(round).map(({ label, people, perception, definitions }) => [label, `${people}`, num(perception, 2), num(definitions, 2)])

function uncertaintyRows(round: ExampleRound): Row[] {
  const { score, result } = round
  const left = withoutOne(round)
  const spread = jackknife(sides.map((side) => left.filter((one) => one.side === side).map(({ people, perception, definitions }) => ({ people, x: perception, y: definitions }))))
  const own = result.inputs.uncertainty.find(({ kappa }) => kappa === rules.kappa) as RoundResult['inputs']['uncertainty'][number]
  const [p, d] = [Math.sqrt(own.perception), Math.sqrt(result.inputs.termsVariance)]
  const r = own.both / (p * d)
  const level = bySide((side) => 50 * standardError(levelOf(round, side)))
  const error = Math.sqrt(score.variance)
  const t = tQuantile(score.degreesOfFreedom)
  const [low, high] = [score.value - t * error, score.value + t * error]
  expect([low, high]).toEqual([expect.closeTo(score.interval.low, 9), expect.closeTo(score.interval.high, 9)])
  return [
    ['Perception, by leaving out', '', num(Math.sqrt(spread.x), 2)],
    step('Perception, at least', `√(${num(level.sales, 2)}² + ${num(level.marketing, 2)}²)/2`, Math.hypot(level.sales, level.marketing) / 2, 2),
    ['Perception, as published', 'the larger one, up to a tenth', num(p, 1)],
    ['Definitions, by leaving out', '', num(Math.sqrt(spread.y), 2)],
    ['Definitions, as published', 'up to a tenth', num(d, 1)],
    ['Correlation of the two', 'to a tenth', num(r, 1)],
    step('Shares of the score', '0.40/0.80 and 0.15/0.80', 0.5, 2),
    step('Standard error', `√((0.5 × ${num(p, 1)})² + 2 × 0.5 × 0.1875 × ${num(r, 1)} × ${num(p, 1)} × ${num(d, 1)} + (0.1875 × ${num(d, 1)})²)`, error, 2),
    step(`t, ${score.degreesOfFreedom} degrees of freedom`, '', t, 3),
    step('From', `${num(score.value, 2)} − ${num(t, 3)} × ${num(error, 2)}`, low, 1),
    step('To', `${num(score.value, 2)} + ${num(t, 3)} × ${num(error, 2)}`, high, 1),
  ]
}
