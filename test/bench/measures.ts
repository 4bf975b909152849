/**
 * How often the intervals hold what they should: the tables that the method was chosen by, measured again on the functions
 * that publish. Where the outcomes are few all of them are summed; else people are made up (population.ts), with the name
 * of the row as seed.
 */
import { definitionAgreement } from '../../worker/core/definitions'
import { type Counts, compare, estimate, favourability, ifAllAnswered, intervalOf, themeEstimate } from '../../worker/core/favourability'
import { jackknife } from '../../worker/core/jackknife'
import { normalFrom, type RandomNumber, randomFrom } from '../../worker/core/random'
import type { Interval, ScoreInputs } from '../../worker/core/result'
import { type Item, themes } from '../../worker/core/round'
import { alignmentScore } from '../../worker/core/score'
import {
  type BySide,
  bySide,
  type ScoredSide,
  scoreInputs,
  sides,
  type ThemeScore,
  type ThemeSource,
  themeScore,
  without,
} from '../../worker/core/score-inputs'
import { type Kappa, kappas } from '../../worker/core/scoring-rules'
import { mean, total, tQuantile } from '../../worker/core/statistics'
import { classAt, type Voice } from '../../worker/core/tally'
import { anyShares, anyTheme, type Cuts, draw, marksOf, netOf, type Shares, seenFrom, sharesOf } from './population'

export interface Table {
  title: string
  rows: Row[]
}

export interface Row extends Measure {
  label: string
  /** The figure that the method was chosen by, or from where to where; null where there is none. */
  printed: number | readonly [number, number] | null
}

interface Measure {
  measured: number
  /** Standard error of `measured` by chance of the simulation. */
  error: number
}

/** `effort`: share of the replicates, 1 for a full run. */
export function* tables(effort: number): Generator<Table> {
  yield items(effort)
  yield ofThemes(effort)
  yield hadEveryoneAnswered()
  yield changes(effort)
  yield falseAlarms(effort)
  yield terms(effort)
  yield* perception(effort)
}

// ── Items ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function items(effort: number): Table {
  const random = randomFrom('items')
  const profiles = Array.from({ length: 3000 * effort }, () => anyShares(random))
  const printed = { 3: 95.2, 4: 95.2, 5: 95.2, 6: 95.1, 8: 95.2, 10: 95.1, 15: 95.1, 20: 95.1, 30: 95.1, 50: 95.0 }
  return {
    title: 'Interval of an item: coverage, %. Every outcome of profiles uniform on the simplex',
    rows: Object.entries(printed).map(([n, figure]) => row(`n ${n}`, figure, average(itemCoverage(Number(n), profiles)))),
  }
}

/** In how many of 100 rounds the interval of an item holds θ, for each profile: sums over every outcome of `n` people. */
export function itemCoverage(n: number, profiles: readonly Shares[], pseudo?: Counts): number[] {
  const outcomes = allCounts(n).map((counts) => ({
    counts,
    ways: lnChoose(n, counts.critics) + lnChoose(n - counts.critics, counts.promoters),
    interval: intervalOf(estimate(counts, pseudo)),
  }))
  return profiles.map((profile) => {
    const [critics, passives, promoters] = [Math.log(profile.critics), Math.log(profile.passives), Math.log(profile.promoters)]
    let covered = 0
    for (const { counts, ways, interval } of outcomes) {
      if (!holds(interval, netOf(profile))) continue
      covered += Math.exp(ways + counts.critics * critics + counts.passives * passives + counts.promoters * promoters)
    }
    return 100 * covered
  })
}

// ── Themes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function ofThemes(effort: number): Table {
  const printed = [
    { k: 3, correlation: 0.6, coverage: { 3: 93.4, 5: 94.4, 8: 94.4, 20: 94.9, 50: 94.8 } },
    { k: 5, correlation: 0.3, coverage: { 3: 94.0, 5: 94.8, 8: 94.1, 20: 94.8, 50: 94.9 } },
    { k: 10, correlation: 0.4, coverage: { 3: 94.7, 5: 94.3, 8: 94.9, 20: 94.7, 50: 94.9 } },
  ]
  return {
    title: 'Interval of a theme: coverage, %. Made-up people, k items, ρ between the opinions of one person',
    rows: printed.flatMap(({ k, correlation, coverage }) =>
      Object.entries(coverage).map(([n, figure]) =>
        simulated(`k ${k}, ρ ${correlation}, n ${n}`, figure, 50_000 * effort, (random) => {
          const theme = anyTheme(random, k)
          const truth = total(theme.map((cuts) => netOf(sharesOf(cuts)))) / k
          const people = Array.from(
            { length: Number(n) },
            () => total(marksOf(random, theme, Math.sqrt(correlation) * normalFrom(random), correlation)) / k,
          )
          const sums = { n: people.length, sum: total(people), squares: total(people.map((m) => m ** 2)) }
          return percent(holds(intervalOf(themeEstimate(sums, k)), truth))
        }),
      ),
    ),
  }
}

// ── Had everyone answered ───────────────────────────────────────────────────────────────────────────────────────────

function hadEveryoneAnswered(): Table {
  const printed = [
    { invited: 5, answered: 4, coverage: 94.3, width: 40 },
    { invited: 5, answered: 5, coverage: 100, width: 0 },
    { invited: 10, answered: 8, coverage: 95.9, width: 34 },
    { invited: 15, answered: 12, coverage: 95.4, width: 30 },
    { invited: 20, answered: 10, coverage: 95.2, width: 56 },
    { invited: 50, answered: 40, coverage: 95.2, width: 18 },
  ]
  return {
    title: 'Had everyone answered: coverage, % (and width, net score). Every team, every way to draw from it',
    rows: printed.flatMap(({ invited, answered, coverage, width }) => {
      const found = finiteTeams(invited, answered)
      const label = `${invited} invited, ${answered} answered`
      return [row(label, coverage, found.coverage), row(`${label}: width`, width, found.width)]
    }),
  }
}

function finiteTeams(invited: number, answered: number): { coverage: Measure; width: Measure } {
  const samples = allCounts(answered).map((counts) => ({
    counts,
    interval: ifAllAnswered(estimate(counts), { sum: counts.promoters - counts.critics, answered, invited }),
  }))
  const teams = allCounts(invited).map((team) => {
    let [covered, width] = [0, 0]
    for (const { counts, interval } of samples) {
      const ways =
        lnChoose(team.critics, counts.critics) + lnChoose(team.passives, counts.passives) + lnChoose(team.promoters, counts.promoters)
      const chance = Math.exp(ways - lnChoose(invited, answered))
      if (holds(interval, (team.promoters - team.critics) / invited)) covered += chance
      width += chance * (interval.high - interval.low)
    }
    return { covered: 100 * covered, width: 100 * width }
  })
  const exact = (values: number[]): Measure => ({ measured: mean(values) as number, error: 0 })
  return { coverage: exact(teams.map(({ covered }) => covered)), width: exact(teams.map(({ width }) => width)) }
}

// ── Changes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function changes(effort: number): Table {
  const printed = { '5/5': 95.1, '5/8': 95.0, '8/8': 95.0, '10/10': 95.0, '5/20': 95.0, '20/20': 94.8, '50/50': 95.2 }
  return {
    title: 'Change from one round to the next: coverage, %. Two profiles uniform on the simplex',
    rows: Object.entries(printed).map(([sizes, figure]) =>
      simulated(sizes, figure, 100_000 * effort, (random) => {
        const [before, after] = [anyShares(random), anyShares(random)]
        return percent(holds(changeBetween(random, before, after, sizes).interval, netOf(after) - netOf(before)))
      }),
    ),
  }
}

function falseAlarms(effort: number): Table {
  const printed = { '5/5': 1.7, '5/8': 1.9, '8/8': 2.6, '10/10': 2.9, '5/20': 3.2, '20/20': 3.6, '50/50': 4.3 }
  return {
    title: 'Change where there is none: false alarms, %',
    rows: Object.entries(printed).map(([sizes, figure]) =>
      simulated(sizes, figure, 100_000 * effort, (random) => {
        const same = anyShares(random)
        return percent(changeBetween(random, same, same, sizes).p < 0.05)
      }),
    ),
  }
}

function changeBetween(random: RandomNumber, before: Shares, after: Shares, sizes: string) {
  const [from, to] = sizes.split('/').map(Number) as [number, number]
  return compare(estimate(draw(random, before, from)), estimate(draw(random, after, to)))
}

// ── Definitions ─────────────────────────────────────────────────────────────────────────────────────────────────────

function terms(effort: number): Table {
  return {
    title: 'Agreement on a definition: coverage, %. Three options, shares of each side uniform on the simplex',
    rows: teams.map(({ sales, marketing }) =>
      simulated(`${sales}/${marketing}`, null, 50_000 * effort, (random) => {
        const [p, q] = [anyShares(random), anyShares(random)]
        const truth = p.critics * q.critics + p.passives * q.passives + p.promoters * q.promoters
        const found = definitionAgreement(Object.values(draw(random, p, sales)), Object.values(draw(random, q, marketing)))
        return percent(holds(found?.interval as Interval, truth))
      }),
    ),
  }
}

// ── Perception ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** What is printed, in the order of `kappas`. */
const teams = [
  { sales: 5, marketing: 5, half: [13.8, 16.3, 19.9], coverage: [97, 96, 97] },
  { sales: 8, marketing: 6, half: [11.2, 12.7, 16.1], coverage: [98, 97, 97] },
  { sales: 15, marketing: 10, half: [7.4, 8.6, 10.6], coverage: [97, 96, 97] },
  { sales: 30, marketing: 20, half: [4.9, 5.6, 7.0], coverage: [96, 95, 94] },
]

const asked = themes.slice(0, 5)
const perTheme = 3
const questions = asked.flatMap((theme) =>
  Array.from({ length: perTheme }, (_, item): Item => ({ id: `${theme}-${item}`, kind: 'agreement', theme })),
)
const sources = asked.map(
  (theme, index): ThemeSource => ({
    theme,
    items: Array.from({ length: perTheme }, (_, item) => perTheme * index + item),
    common: bySide(() => [null, null, null]),
    withClasses: sides,
    coarse: false,
    open: true,
  }),
)

/**
 * Opinions of one person correlate by 0.4 within a theme; half of that is a mood common to all themes. Marketing sees
 * everything as sales does, shifted by a gap that is another in each round, up to this many standard deviations: 80 points
 * of net score on average.
 */
const withinTheme = 0.4
const widestGap = 1.5

/**
 * The coverage that the method prints beside what κ costs is that of the jackknife alone. The floor is the wider one in half
 * of the rounds of 5 + 5 people, so what is published covers more than that; it is held to the range that the method names
 * for every composite. The method made up 250 to 480 rounds for each figure, which leaves one point of doubt at least.
 */
function perception(effort: number): Table[] {
  const found = teams.flatMap((team) => {
    const random = randomFrom(`perception ${team.sales}/${team.marketing}`)
    const rounds = Array.from({ length: 5000 * effort }, () => perceptionRound(random, team))
    return kappas.map((kappa, index) => {
      const of = (name: keyof PerceptionRound) => average(rounds.map((round) => round[name][index] as number))
      const label = `${team.sales}/${team.marketing}, κ ${kappa}`
      return {
        half: row(label, team.half[index] as number, of('half')),
        published: row(label, [93, 99], of('published')),
        alone: row(label, withDoubt(team.coverage[index] as number), of('alone')),
      }
    })
  })
  return [
    { title: 'Perception as published, 5 themes of 3 items: half-width, points', rows: found.map(({ half }) => half) },
    { title: 'Perception as published: coverage, %', rows: found.map(({ published }) => published) },
    { title: 'Perception, the jackknife without its floor: coverage, %', rows: found.map(({ alone }) => alone) },
  ]
}

const withDoubt = (figure: number) => [figure - 1, figure + 1] as const

/** By κ: half of the published interval in points, and whether it and the jackknife alone hold the truth, 0 or 100. */
interface PerceptionRound {
  half: number[]
  published: number[]
  alone: number[]
}

function perceptionRound(random: RandomNumber, team: BySide<number>): PerceptionRound {
  const gap = widestGap * random()
  const seen = asked.map(() => anyTheme(random, perTheme))
  const population = { sales: seen.map((theme) => seenFrom(gap / 2, theme)), marketing: seen.map((theme) => seenFrom(-gap / 2, theme)) }
  const voices = bySide((side) => Array.from({ length: team[side] }, () => voiceOf(random, population[side], side)))
  const people = scoreInputs({ items: questions, voices, themes: sources, terms: [] }).inputs
  const alone = jackknifed(voices)
  const t = tQuantile(people.degreesOfFreedom)

  const round: PerceptionRound = { half: [], published: [], alone: [] }
  for (const [index, kappa] of kappas.entries()) {
    const truth = trueValue(population, kappa)
    const { value, interval } = published(people, kappa)
    round.half.push((interval.high - interval.low) / 2)
    round.published.push(percent(holds(interval, truth)))
    round.alone.push(percent(Math.abs(value - truth) <= t * (alone[index] as number)))
  }
  return round
}

function voiceOf(random: RandomNumber, population: readonly Cuts[][], side: string): Voice {
  const mood = normalFrom(random)
  const answers = population.flatMap((theme) => {
    const common = Math.sqrt(withinTheme / 2) * (mood + normalFrom(random))
    return marksOf(random, theme, common, withinTheme).map((mark) => 3 + mark)
  })
  return { nodeId: side, people: 1, answers }
}

/** The mean over the themes of (F_sales + F_marketing)/2 − 50·κ·W, W the root of the mean of the items' W². */
function trueValue(population: BySide<Cuts[][]>, kappa: number): number {
  const values = asked.map((_, theme) => {
    const [sales, marketing] = sides.map((side) => (population[side][theme] as Cuts[]).map(sharesOf)) as [Shares[], Shares[]]
    const level = mean([...sales, ...marketing].map((shares) => favourability(netOf(shares)))) as number
    const squares = sales.map(({ critics, promoters }, item) => {
      const other = marketing[item] as Shares
      return (Math.abs(critics - other.critics) + Math.abs(promoters - other.promoters)) ** 2
    })
    return level - 50 * kappa * Math.sqrt(mean(squares) as number)
  })
  return mean(values) as number
}

/** A score of Perception alone. */
function published(people: ScoreInputs, kappa: Kappa): { value: number; interval: Interval } {
  const { value, interval } = alignmentScore({
    round: { roundId: 'r1', number: 1, period: '2026-09' },
    people,
    earlierTerms: [],
    kpis: { measures: [], missing: null, absent: [] },
    rules: { version: 1, weights: { perception: 1, definitions: 0, process: 0, performance: 0 }, kappa },
  })
  return { value: value as number, interval: interval as Interval }
}

/** The jackknife's standard error of Perception, by κ. */
function jackknifed(voices: BySide<Voice[]>): number[] {
  const scores = sources.map(({ items }) =>
    themeScore({
      classes: bySide((side) => voices[side].map(({ answers }) => items.map((item) => classAt(questions[item] as Item, answers[item])))),
      people: bySide((side) => voices[side].map(() => 1)),
    }),
  )
  return kappas.map((kappa) => {
    const left = scores.map((score) => without(score as ThemeScore, kappa))
    const perceptionWithout = (side: ScoredSide, person: number) => mean(left.map((theme) => theme[side][person] as number)) as number
    const groups = sides.map((side) => voices[side].map((_, person) => ({ people: 1, x: perceptionWithout(side, person), y: 0 })))
    return Math.sqrt(jackknife(groups).x)
  })
}

// ── Counting ────────────────────────────────────────────────────────────────────────────────────────────────────────

const row = (label: string, printed: Row['printed'], measure: Measure): Row => ({ label, printed, ...measure })

/** The mean of `replicates` numbers. */
function simulated(label: string, printed: Row['printed'], replicates: number, replicate: (random: RandomNumber) => number): Row {
  const random = randomFrom(label)
  return row(label, printed, average(Array.from({ length: replicates }, () => replicate(random))))
}

function average(values: readonly number[]): Measure {
  const measured = mean(values) as number
  const squares = total(values.map((value) => (value - measured) ** 2))
  return { measured, error: Math.sqrt(squares / (values.length - 1) / values.length) }
}

const percent = (isSo: boolean): number => (isSo ? 100 : 0)

/** Rounding must not put a bound on the wrong side of the truth that it is equal to. */
const holds = ({ low, high }: Interval, truth: number): boolean => low - 1e-9 <= truth && truth <= high + 1e-9

/** Every way in which `n` people can answer. */
function allCounts(n: number): Counts[] {
  return Array.from({ length: n + 1 }, (_, critics) =>
    Array.from({ length: n - critics + 1 }, (_, promoters) => ({ critics, passives: n - critics - promoters, promoters })),
  ).flat()
}

/** ln 0! to ln 50!. */
const lnFactorials = [0]
for (let i = 1; i <= 50; i++) lnFactorials.push((lnFactorials[i - 1] as number) + Math.log(i))

const lnFactorial = (n: number): number => lnFactorials[n] as number

/** −∞ where there are not as many. */
const lnChoose = (from: number, take: number): number =>
  take > from ? -Infinity : lnFactorial(from) - lnFactorial(take) - lnFactorial(from - take)
