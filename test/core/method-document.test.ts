/**
 * docs/method.md against the code. Its worked example is read from the document (ballots and KPI values), computed by what
 * publishes and scores, and written down again: each line of its tables must be that line, and no number stands outside
 * of them. Where a line shows how a number is made, that sum must give the number.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { definitionAgreement } from '../../worker/core/definitions'
import { distance, nullOf } from '../../worker/core/distance'
import { type Class, type Counts, estimate, size, standardError, themeEstimate } from '../../worker/core/favourability'
import { jackknife } from '../../worker/core/jackknife'
import { kpiMeasures } from '../../worker/core/performance'
import { publish } from '../../worker/core/publish'
import {
  type Contribution,
  type Figure,
  type Interval,
  type Pillar,
  pillars,
  type RoundResult,
  type Score,
  type ScorePart,
} from '../../worker/core/result'
import type { Item } from '../../worker/core/round'
import { alignmentScore, scoreChange } from '../../worker/core/score'
import { bySide, type ScoredSide, sides, type ThemeScore, themeScore, without } from '../../worker/core/score-inputs'
import { defaultRules, defaultWeights, type ScoringRules } from '../../worker/core/scoring-rules'
import { type ChangeSensitivity, changeSensitivity, type Sensitivity, sensitivity } from '../../worker/core/sensitivity'
import { mean, total, tQuantile } from '../../worker/core/statistics'
import { surveyBank } from '../../worker/core/survey-bank'
import { personMeansOf } from '../../worker/core/tally'
import { messagesOf } from '../../worker/i18n'
import { type Answers, figure, inputOf, nodeOf, type TeamOfPeople, times } from './rounds'

const root = resolve(import.meta.dirname, '../..')
const file = join(root, 'docs/method.md')
const document = readFileSync(file, 'utf8')
const pillarNames = messagesOf('en').overview.pillars.names
const headings = [...document.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title)

describe('docs/method.md', () => {
  it('has every section that the code cites', () => {
    const comments = codeFiles().map((path) => readFileSync(path, 'utf8').replace(/\n\s*\* ?/g, ' '))
    const cited = comments.flatMap((text) => [...text.matchAll(/docs\/method\.md, "([^"]+)"(?:, point (\d+))?/g)])
    const isThere = (title: string, point?: string) => headings.includes(title) && (!point || sectionOf(title).includes(`\n${point}. `))
    expect(cited.length).toBeGreaterThan(15)
    expect(cited.filter(([, title = '', point]) => !isThere(title, point)).map(([reference]) => reference)).toEqual([])
  })

  it('gives the pillars the weights that they have until somebody decides', () => {
    const rows = pillars.map((pillar) => `| ${pillarNames[pillar]} | ${100 * defaultWeights[pillar]} % |`)
    expect(rows.filter((row) => !document.includes(row))).toEqual([])
  })

  it('links to sections and files that exist', () => {
    const targets = [...document.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target)
    const anchors = headings.map((title) => `#${anchorOf(title)}`)
    const isThere = (target: string) => (target.startsWith('#') ? anchors.includes(target) : existsSync(join(dirname(file), target)))
    expect(targets.length).toBeGreaterThan(5)
    expect(targets.filter((target) => !isThere(target))).toEqual([])
  })
})

function sectionOf(title: string): string {
  return document.split(/^## /m).find((section) => section.startsWith(`${title}\n`)) ?? ''
}

function codeFiles(): string[] {
  const worker = join(root, 'worker')
  const found = readdirSync(worker, { recursive: true, encoding: 'utf8' })
  return found.filter((path) => /\.tsx?$/.test(path)).map((path) => join(worker, path))
}

const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')

// ── What the example is made of ─────────────────────────────────────────────────────────────────────────────────────

const example = sectionOf('A worked example')
const [ballots = [], kpiValues = [], ...printed] = tablesIn(example)

type Row = string[]

/** The lines of each table, without its head. */
function tablesIn(markdown: string): string[][] {
  const tables = markdown.split('\n\n').filter((block) => block.startsWith('|'))
  return tables.map((table) => table.trim().split('\n').slice(2))
}

const cellsOf = (line: string): Row =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
const lineOf = (row: Row): string => `| ${row.join(' | ')} |`.replace(/ {2,}/g, ' ')

const statements = [
  { id: 'goals-1', theme: 'goals', name: 'Targets fit together' },
  { id: 'lead-quality-1', theme: 'lead-quality', name: 'Leads are worth the time' },
  { id: 'lead-quality-2', theme: 'lead-quality', name: 'One meaning of a good lead' },
] as const
const themes = [
  { theme: 'goals', name: 'Shared goals' },
  { theme: 'lead-quality', name: 'Lead quality' },
] as const
const question = 'definition-lifecycle-stage'
const answers = { critic: 1, passive: 3, promoter: 5 }
const options = ['score', 'fit-and-score', 'request']
const kpis = [
  { metric: 'lead_conversion', name: 'Lead conversion' },
  { metric: 'cac', name: 'Acquisition cost' },
] as const
const rules: ScoringRules = {
  ...defaultRules,
  goals: [
    { metric: 'lead_conversion', target: 20, baseline: null, scale: 'linear' },
    { metric: 'cac', target: 900, baseline: null, scale: 'log' },
  ],
}

/** People of one side who answered alike: a line of the first table. */
interface Line {
  name: string
  side: ScoredSide
  people: number
  /** By statement. */
  said: (keyof typeof answers)[]
  /** Among `options`. */
  option: number
}

interface Round {
  lines: Line[]
  result: RoundResult
  score: Score & { value: number; interval: Interval }
}

const first = roundOf(1, [])
const second = roundOf(
  2,
  first.result.inputs.terms.map((one) => ({ ...one, round: 1 })),
)

function roundOf(number: 1 | 2, earlierTerms: Parameters<typeof alignmentScore>[0]['earlierTerms']): Round {
  const lines = ballots.map(cellsOf).map(
    ([name, side, ...cells]): Line => ({
      name: name as string,
      side: side?.toLowerCase() as ScoredSide,
      people: Number(cells[number - 1]),
      said: cells.slice(2, 5) as Line['said'],
      option: options.indexOf(cells[5] as string),
    }),
  )
  const asked = [...statements.map(({ id }) => id), ...(number === 1 ? [question] : [])]
  const items = asked.map((id) => surveyBank.find((item) => item.id === id) as Item)
  const result = publish(inputOf(teamsOf(lines), { items, number }))
  const period = monthOf(number + 5)
  const values = kpis.flatMap(({ metric }, index) =>
    monthsOf(index).map((value, month) => ({ metric, period: monthOf(month), value, provisional: false })),
  )
  const body = alignmentScore({
    round: { roundId: `r${number}`, number, period },
    people: result.inputs,
    earlierTerms,
    kpis: kpiMeasures(rules, values, period),
    rules,
  })
  const { value, interval } = body
  if (value === null || interval === null) throw new Error('the example has no score')
  return { lines, result, score: { ...body, value, interval, inputsHash: '', revision: 1, ballots: result.n, invited: result.invited } }
}

function monthOf(index: number): string {
  return `2026-0${index + 1}`
}

/** Of one KPI, from January: six months of baseline, then those of the two rounds. */
function monthsOf(kpi: number): number[] {
  return cellsOf(kpiValues[kpi] ?? '')
    .slice(1)
    .map(Number)
}

function teamsOf(lines: readonly Line[]): TeamOfPeople[] {
  const { options: all } = surveyBank.find(({ id }) => id === question) as Item & { kind: 'definition' }
  const ballotOf = ({ said, option }: Line): Answers => ({
    ...Object.fromEntries(statements.map(({ id }, index) => [id, answers[said[index] as keyof typeof answers]])),
    [question]: all.indexOf(options[option] as string),
  })
  return sides.map((side) => ({
    id: side,
    side,
    people: lines.filter((line) => line.side === side).flatMap((line) => times(line.people, ballotOf(line))),
  }))
}

// ── What it prints ──────────────────────────────────────────────────────────────────────────────────────────────────

const tables: Record<string, () => Row[]> = {
  'favourability of each side': favourabilityRows,
  'an interval by hand': intervalRows,
  'how far apart the sides are': distanceRows,
  'from the answers to the score': scoreRows,
  'without one person': withoutRows,
  'the interval of the score': uncertaintyRows,
  'the second round': secondRows,
  'what moved it': movedRows,
  'other weights': weightRows,
}

describe('the worked example', () => {
  it.each(Object.entries(tables).map(([name, rows], index) => ({ name, rows, index })))(
    'prints what the code computes: $name',
    ({ rows, index }) => {
      expect(printed[index]).toEqual(rows().map(lineOf))
    },
  )

  it('has no number outside of its tables', () => {
    expect(printed).toHaveLength(Object.keys(tables).length)
    const lines = [ballots, kpiValues, ...printed].flat()
    expect(example.split('\n').filter((line) => !lines.includes(line) && /\d/.test(line))).toEqual([])
  })
})

const countsOf = ({ result }: Round, side: ScoredSide, id: string) => figure(nodeOf(result, side).items[id]).classes as Counts
const pillarOf = ({ score }: Round, name: Pillar) => score.pillars.find(({ pillar }) => pillar === name)?.value as number
const partOf = ({ score }: Round, key: string) => score.pillars.flatMap(({ parts }) => parts).find((part) => part.key === key) as ScorePart
const sidesOf = (round: Round, theme: string) => partOf(round, theme).sides as NonNullable<ScorePart['sides']>
const sideNames = { sales: 'Sales', marketing: 'Marketing' } as const

function favourabilityRows(): Row[] {
  return themes.flatMap(({ theme }) =>
    sides.flatMap((side) => {
      const own = statements.filter((statement) => statement.theme === theme)
      const node = nodeOf(first.result, side)
      const rows = own.map(({ id, name }) => favourabilityRow(name, side, figure(node.items[id])))
      return own.length > 1 ? [...rows, favourabilityRow('Both together', side, figure(node.themes[theme]))] : rows
    }),
  )
}

function favourabilityRow(name: string, side: ScoredSide, { classes, value, interval }: Figure): Row {
  const { critics, passives, promoters } = classes as Counts
  const how = `50 × (1 + (${promoters} − ${critics})/${critics + passives + promoters})`
  return [name, sideNames[side], `${critics}`, `${passives}`, `${promoters}`, sum(how, value as number, 1), range(interval as Interval)]
}

function intervalRows(): Row[] {
  const { critics, passives, promoters } = countsOf(first, 'sales', 'goals-1')
  const { theta, variance, n } = estimate({ critics, passives, promoters })
  const error = standardError({ theta, variance, n })
  const { low, high } = figure(nodeOf(first.result, 'sales').items['goals-1']).interval as Interval
  const end = (sign: string) => `50 × (1 + ${num(theta, 4)} ${sign} 1.96 × ${num(error, 4)})`
  return [
    step('ñ, with three more people', `${critics} + ${passives} + ${promoters} + 3`, n, 0),
    step('θ̃', `(${promoters} + 0.75 − ${critics} − 0.75)/${n}`, theta, 4),
    step('ṽ', `(${promoters} + 0.75 + ${critics} + 0.75)/${n} − ${num(theta, 4)}²`, variance, 4),
    step('Standard error', `√(${num(variance, 4)}/${n})`, error, 4),
    step('From', end('−'), low, 1),
    step('To', end('+'), high, 1),
  ]
}

const apart = (id: string) => {
  const [s, m] = [countsOf(first, 'sales', id), countsOf(first, 'marketing', id)]
  const [w, chance] = [distance(s, m) as number, nullOf(s, m) as NonNullable<ReturnType<typeof nullOf>>]
  return { s, m, w, chance, excess: w ** 2 - chance.meanSquare }
}

function distanceRows(): Row[] {
  return statements.map(({ id, name }) => {
    const { s, m, w, chance, excess } = apart(id)
    const shares = (of: keyof Counts) => `abs(${s[of]}/${size(s)} − ${m[of]}/${size(m)})`
    return [
      name,
      sum(`${shares('critics')} + ${shares('promoters')}`, w, 4),
      `${chance.outcomes}`,
      num(chance.meanSquare, 4),
      sum(`${num(w, 4)}² − ${num(chance.meanSquare, 4)}`, excess, 3),
    ]
  })
}

function scoreRows(): Row[] {
  const { score } = first
  const [p, d, k] = (['perception', 'definitions', 'performance'] as const).map((name) => num(pillarOf(first, name), 2))
  return [
    ...themes.flatMap(({ theme, name }) => themeRows(theme, name)),
    step('Perception', averageOf(themes.map(({ theme }) => partOf(first, theme).value)), pillarOf(first, 'perception'), 2),
    ...definitionRows(),
    ...kpis.flatMap(({ metric, name }, index) => kpiRows(metric, name, monthsOf(index).slice(0, 6))),
    step('Performance', averageOf(kpis.map(({ metric }) => partOf(first, metric).value)), pillarOf(first, 'performance'), 2),
    step('Weight present', '0.40 + 0.15 + 0.25', score.weightPresent, 2),
    step('**Alignment score**', `(0.40 × ${p} + 0.15 × ${d} + 0.25 × ${k})/0.80`, score.value, 2),
    step('People index', `(0.40 × ${p} + 0.15 × ${d})/0.55`, score.peopleIndex as number, 2),
  ]
}

const averageOf = (values: readonly number[]) => `(${values.map((value) => num(value, 2)).join(' + ')})/${values.length}`

function themeRows(theme: string, name: string): Row[] {
  const gap = first.result.gaps.find((one) => one.theme === theme) as RoundResult['gaps'][number]
  const { sales, marketing, distance: corrected } = sidesOf(first, theme)
  const excesses = statements.filter((one) => one.theme === theme).map(({ id }) => num(apart(id).excess, 3))
  const mean = `(max(0, ${excesses.length > 1 ? `(${excesses.join(' + ')})/${excesses.length}` : excesses[0]}))`
  return [
    [`${name}: gap`, sum(`${num(sales, 1)} − ${num(marketing, 1)}`, gap.gap, 1), `${range(gap.interval)}, p ${num(gap.p, 3)}`],
    step(`${name}: W*`, `√${mean}`, corrected, 3),
    step(`${name}: T`, `(${num(sales, 2)} + ${num(marketing, 2)})/2 − 50 × 0.25 × ${num(corrected, 3)}`, partOf(first, theme).value, 2),
  ]
}

const chosenIn = (lines: readonly Line[], side: ScoredSide) =>
  options.map((_, option) => total(lines.map((line) => (line.side === side && line.option === option ? line.people : 0))))

function definitionRows(): Row[] {
  const [found] = first.result.terms as [RoundResult['terms'][number]]
  const [s, m] = sides.map((side) => chosenIn(first.lines, side)) as [number[], number[]]
  const [n, k] = [total(s), total(m)]
  for (const [index, side] of sides.entries()) {
    const figures = nodeOf(first.result, side).definitions[question]
    expect(figures).toMatchObject({ options: Object.fromEntries(options.map((option, at) => [option, [s, m][index]?.[at]])) })
  }
  const within = (of: number[], people: number) =>
    `(${of.map((count) => `${count} × ${count - 1}`).join(' + ')})/(${people} × ${people - 1})`
  const [ss, mm] = [found.withinSales as number, found.withinMarketing as number]
  const { low, high } = found.interval as Interval
  return [
    step('Across the sides, P_SM', `(${s.map((count, option) => `${count} × ${m[option]}`).join(' + ')})/(${n} × ${k})`, found.between, 4),
    step('Within sales, P_SS', within(s, n), ss, 4),
    step('Within marketing, P_MM', within(m, k), mm, 4),
    step('Divide', `(${num(ss, 4)} + ${num(mm, 4)})/2 − ${num(found.between, 4)}`, found.divide as number, 4),
    ['Definitions', sum(`100 × ${num(found.between, 4)}`, pillarOf(first, 'definitions'), 2), range({ low: 100 * low, high: 100 * high })],
  ]
}

function kpiRows(metric: string, name: string, early: number[]): Row[] {
  const { value, kpi } = partOf(first, metric)
  const { baseline, target, observed } = kpi as NonNullable<ScorePart['kpi']>
  const [third, fourth] = early.sort((a, b) => a - b).slice(2)
  const isLog = rules.goals.find((goal) => goal.metric === metric)?.scale === 'log'
  const share = isLog ? `ln(${observed}/${baseline})/ln(${target}/${baseline})` : `(${observed} − ${baseline})/(${target} − ${baseline})`
  return [step(`${name}: baseline`, `(${third} + ${fourth})/2`, baseline, 0), step(`${name}: goal score`, `50 + 50 × ${share}`, value, 2)]
}

/** By line of ballots: what Perception and Definitions would be without one of its people. */
const leftOut = withoutOne(first)

function withoutOne({ lines }: Round) {
  const there = lines.filter(({ people }) => people > 0)
  const of = bySide((side) => there.filter((line) => line.side === side))
  const scores = themes.map(({ theme }) => {
    const own = (line: Line) => line.said.flatMap((name, index) => (statements[index]?.theme === theme ? (`${name}s` as Class) : []))
    return themeScore({ classes: bySide((side) => of[side].map(own)), people: bySide((side) => of[side].map(({ people }) => people)) })
  })
  const left = scores.map((score) => without(score as ThemeScore, rules.kappa))
  return sides.flatMap((side) =>
    of[side].map((line, index) => {
      const rest = there.map((one) => (one === line ? { ...one, people: one.people - 1 } : one))
      const agreement = definitionAgreement(chosenIn(rest, 'sales'), chosenIn(rest, 'marketing'))
      const perception = mean(left.map((theme) => theme[side][index] as number)) as number
      return { name: line.name, side, people: line.people, x: perception, y: 100 * (agreement?.between as number) }
    }),
  )
}

function withoutRows(): Row[] {
  return [
    ['People', ...leftOut.map(({ people }) => `${people}`)],
    ['Perception without one', ...leftOut.map(({ x }) => num(x, 2))],
    ['Definitions without one', ...leftOut.map(({ y }) => num(y, 2))],
  ]
}

function uncertaintyRows(): Row[] {
  const { result, score } = first
  const seen = jackknife(sides.map((side) => leftOut.filter((one) => one.side === side)))
  const spread = (of: 'x' | 'y') => {
    const parts = sides.map((side) => {
      const own = leftOut.filter((one) => one.side === side)
      const n = total(own.map(({ people }) => people))
      const centre = total(own.map((one) => one.people * one[of])) / n
      return `${n - 1}/${n} × ${num(total(own.map((one) => one.people * (one[of] - centre) ** 2)), 2)}`
    })
    return `√(${parts.join(' + ')})`
  }
  const level = sides.map((side) => {
    const said = first.lines.filter((line) => line.side === side)
    const patterns = said.map(({ said: names, people }) => ({ answered: names.map((name) => `${name}s` as Class), people }))
    return 50 * standardError(themeEstimate(personMeansOf(patterns, [0, 1, 2]), 3))
  }) as [number, number]
  const used = result.inputs.uncertainty.find(({ kappa }) => kappa === rules.kappa) as RoundResult['inputs']['uncertainty'][number]
  const [p, d] = [Math.sqrt(used.perception), Math.sqrt(result.inputs.termsVariance)]
  const r = used.both / (p * d)
  const [error, t] = [Math.sqrt(score.variance), tQuantile(score.degreesOfFreedom)]
  const both = `2 × 0.5 × 0.1875 × ${num(r, 1)} × ${num(p, 1)} × ${num(d, 1)}`
  return [
    step('Perception: by leaving out', spread('x'), Math.sqrt(seen.x), 2),
    step('Perception: at the least', `√(${num(level[0], 2)}² + ${num(level[1], 2)}²)/2`, Math.hypot(...level) / 2, 2),
    step('Perception: the larger, up to a tenth', `max(${num(Math.sqrt(seen.x), 2)}, ${num(Math.hypot(...level) / 2, 2)})`, p, 1),
    step('Definitions: by leaving out', spread('y'), Math.sqrt(seen.y), 2),
    step('Definitions: up to a tenth', num(Math.sqrt(seen.y), 2), d, 1),
    step('Correlation of the two', `${num(seen.both, 2)}/(${num(Math.sqrt(seen.x), 2)} × ${num(Math.sqrt(seen.y), 2)})`, r, 1),
    step('Standard error of the score', `√((0.5 × ${num(p, 1)})² + ${both} + (0.1875 × ${num(d, 1)})²)`, error, 2),
    [`t for ${score.degreesOfFreedom} degrees of freedom`, 'the smaller side, less one', num(t, 3)],
    step('From', `${num(score.value, 2)} − ${num(t, 3)} × ${num(error, 2)}`, score.interval.low, 1),
    step('To', `${num(score.value, 2)} + ${num(t, 3)} × ${num(error, 2)}`, score.interval.high, 1),
  ]
}

function secondRows(): Row[] {
  const row = (name: string, of: (round: Round) => number, digits = 2) => [
    name,
    num(of(first), digits),
    num(of(second), digits),
    signed(of(second) - of(first), digits),
  ]
  return [
    ...themes.flatMap(({ theme, name }) => [
      row(`${name}: sales`, (round) => sidesOf(round, theme).sales),
      row(`${name}: W*`, (round) => sidesOf(round, theme).distance, 3),
      row(`${name}: T`, (round) => partOf(round, theme).value),
    ]),
    row('Perception', (round) => pillarOf(round, 'perception')),
    row('Definitions', (round) => pillarOf(round, 'definitions')),
    ...kpis.map(({ metric, name }) => row(name, (round) => partOf(round, metric).value)),
    row('Performance', (round) => pillarOf(round, 'performance')),
    row('Alignment score', ({ score }) => score.value),
    ['Its interval', range(first.score.interval), range(second.score.interval), ''],
  ]
}

const change = scoreChange(first.score, second.score)

function movedRows(): Row[] {
  const row = (name: string, key: string, share: string) => {
    const { points, withinNoise } = partOfChange(key)
    const [was, is] = [first, second].map((round) => num(partOf(round, key).value, 2))
    return [name, sum(`${share} × (${is} − ${was})`, points, 2, signed), withinNoise ? 'within noise' : 'beyond noise']
  }
  return [
    ...themes.flatMap(({ theme, name }) => [row(name, theme, '0.40/0.80/2'), ...splitRows(theme)]),
    row('Lifecycle stage', 'lifecycle-stage', '0.15/0.80'),
    ...kpis.map(({ metric, name }) => row(name, metric, '0.25/0.80/2')),
    ...changeRows(),
  ]
}

function changeRows(): Row[] {
  const [was, is] = [first, second].map(({ score }) => Math.sqrt(score.variance)) as [number, number]
  const [error, t] = [Math.hypot(was, is), tQuantile(first.score.degreesOfFreedom)]
  const end = (sign: string, value: number) => sum(`${num(change.points, 2)} ${sign} ${num(t, 3)} × ${num(error, 2)}`, value, 1)
  return [
    ['**The score**', sum(`${num(second.score.value, 2)} − ${num(first.score.value, 2)}`, change.points, 2, signed), ''],
    ['Its standard error', sum(`√(${num(was, 2)}² + ${num(is, 2)}²)`, error, 2), ''],
    ['From', end('−', change.interval.low), ''],
    ['To', end('+', change.interval.high), change.verdict === 'signal' ? 'a signal' : 'no detectable change'],
  ]
}

const partOfChange = (key: string) => change.contributions.find((one) => one.key === key) as Contribution

/** Of a theme, without what did not move. */
function splitRows(theme: string): Row[] {
  const split = partOfChange(theme).sides as NonNullable<Contribution['sides']>
  const own = statements.filter((one) => one.theme === theme)
  const moved = (side: ScoredSide, of: 'promoters' | 'critics') => {
    const shares = [first, second].map((round) => {
      const counts = own.map(({ id }) => countsOf(round, side, id))
      return `${total(counts.map((one) => one[of]))}/${total(counts.map(size))}`
    })
    const [less, more] = of === 'promoters' ? shares : shares.toReversed()
    const name = `– ${of === 'promoters' ? 'more promoters' : 'fewer critics'} in ${side}`
    return { name, how: `0.25 × 25 × (${more} − ${less})`, points: split[side][of] as number }
  }
  const [was, is] = [first, second].map((round) => num(sidesOf(round, theme).distance, 3))
  return [
    ...sides.flatMap((side) => [moved(side, 'promoters'), moved(side, 'critics')]),
    { name: '– the sides closer to each other', how: `0.25 × 50 × 0.25 × (${was} − ${is})`, points: split.distance },
  ]
    .filter(({ points }) => points !== 0)
    .map(({ name, how, points }) => [name, sum(how, points, 2, signed), ''])
}

function weightRows(): Row[] {
  const { equalWeights, without: left, kappas } = sensitivity(second.score) as Sensitivity
  const { low, high } = changeSensitivity(first.score, second.score) as ChangeSensitivity
  const others = [...left, ...kappas.filter(({ kappa }) => kappa !== rules.kappa)]
  return [[num(equalWeights, 2), ...others.map(({ value }) => num(value as number, 2)), `${num(low, 2)} to ${signed(high, 2)}`]]
}

// ── How it prints it ────────────────────────────────────────────────────────────────────────────────────────────────

const num = (value: number, digits: number): string => {
  const text = Math.abs(value).toFixed(digits)
  return value < 0 && Number(text) !== 0 ? `−${text}` : text
}

const signed = (value: number, digits: number): string => (Number(value.toFixed(digits)) > 0 ? '+' : '') + num(value, digits)

const range = ({ low, high }: Interval): string => `${num(low, 1)} to ${num(high, 1)}`

/** Shown as a sum with what it comes to. */
const sum = (how: string, value: number, digits: number, print = num): string => `${how} = ${print(checked(how, value, digits), digits)}`

const step = (name: string, how: string, value: number, digits: number): Row => [name, how, num(checked(how, value, digits), digits)]

/** The value, once the sum gives it to the last digit that is printed. */
function checked(how: string, value: number, digits: number): number {
  expect(Math.abs(worked(how) - value), how).toBeLessThanOrEqual(1.001 * 10 ** -digits)
  return value
}

function worked(how: string): number {
  const code = how
    .replaceAll('×', '*')
    .replaceAll('−', '-')
    .replaceAll('²', '**2')
    .replaceAll('√', 'sqrt')
    .replace(/\b(abs|ln|max|sqrt)\(/g, (_, name: string) => `Math.${name === 'ln' ? 'log' : name}(`)
  return new Function(`return ${code}`)() as number
}
