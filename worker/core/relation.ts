/**
 * Whether the people index moves with a KPI: a permutation test on the changes from period to period.
 *
 * A relation is only ever computed against the people index (what people say): the score itself holds KPIs, and would move
 * with them by arithmetic. The lag is chosen out of four, and the p-value allows for the choice. Two series that move
 * together are no proof that one drives the other, so nothing here or on a page says "drives".
 *
 * Source: docs/method.md, "Does alignment move with a KPI?".
 */
import { midRanks, rankCorrelation } from './correlation'
import { adjustedP, falseMarks } from './multiplicity'
import { type RandomNumber, randomFrom, shuffledWith } from './random'

/**
 * - `too-few`: under 12 periods in which both have a value, or so many gaps that no lag has 8 pairs of changes;
 * - `flat`: one series changes by the same amount in every period.
 */
export interface Unmeasured {
  kind: 'too-few' | 'flat'
  /** Periods in which both have a value. */
  periods: number
}

export interface Measured {
  kind: 'measured'
  periods: number
  /** Periods by which the people index leads, 0–3: the one of the four with the strongest correlation. */
  lag: number
  /** Spearman's ρ of the changes at that lag, −1…1. */
  rho: number
  /** Chance that unrelated series reach such a |ρ| at any of the four lags; in (0, 1]. */
  p: number
}

export type Relation = Unmeasured | Measured

export interface Draws {
  /** The same seed gives the same p. */
  seed: string
  draws?: number
}

/**
 * The strongest rank correlation of the changes at lags of 0 to 3 periods, and how often chance reaches it. Changes are
 * compared, because two unrelated series with a trend each always seem to move together; none is made up across a missing
 * period. Chance is the same changes of the people index in another order: cut into blocks of √n that are shuffled, so
 * that what links one period to the next mostly stays. Under 18 periods there are few such orders, and even a perfect
 * relation has a p of about 0.05.
 *
 * @param people one value per consecutive period; null where there is none
 * @param kpi of the same periods
 * @throws RangeError for series of different lengths
 * @example
 * const people = [60, 62, 61, 65, 64, 60, 66, 63, 68, 67, 71, 66, 70]
 * relation(people, [5, ...people.slice(0, -1)], { seed: 'example' })
 * // { kind: 'measured', periods: 13, lag: 1, rho: 1, p: 0.046 }
 */
export function relation(people: readonly (number | null)[], kpi: readonly (number | null)[], { seed, draws = 1_999 }: Draws): Relation {
  if (people.length !== kpi.length) throw new RangeError('the two series must cover the same periods')
  const periods = people.filter((value, at) => isValue(value) && isValue(kpi[at])).length
  const changes = changesOf(people)
  const lags = lagsOf(changes, changesOf(kpi))
  if (periods < leastPeriods || lags.length === 0) return { kind: 'too-few', periods }

  const observed = changes.map(({ change }) => change)
  const strongest = strongestOf(observed, lags)
  if (strongest === null) return { kind: 'flat', periods }
  const random = randomFrom(seed)
  let asStrong = 0
  for (let draw = 0; draw < draws; draw++) {
    const chance = strongestOf(blocksShuffled(observed, random), lags)
    if (chance !== null && Math.abs(chance.rho) >= Math.abs(strongest.rho) - tie) asStrong++
  }
  return { kind: 'measured', periods, ...strongest, p: (1 + asStrong) / (draws + 1) }
}

export interface KpiSeries {
  key: string
  values: readonly (number | null)[]
}

/** `no-detectable-relation` is not to say that there is none. */
export type KpiRelation = { key: string } & (
  | Unmeasured
  | (Measured & { adjustedP: number; verdict: 'moves-with' | 'no-detectable-relation' })
)

/**
 * The people index against every KPI of one page, in the order given; those that could be measured are judged together,
 * so that about one mark in ten is chance (Benjamini & Hochberg). A KPI's p does not depend on the others, its
 * adjusted p does.
 */
export function relations(people: readonly (number | null)[], kpis: readonly KpiSeries[], draws: Draws): KpiRelation[] {
  const found = kpis.map(({ key, values }) => ({ key, ...relation(people, values, draws) }))
  const adjusted = adjustedP(found.flatMap((one) => (one.kind === 'measured' ? one.p : [])))
  return found.map((one) => {
    if (one.kind !== 'measured') return one
    const p = adjusted.shift() as number
    return { ...one, adjustedP: p, verdict: p <= falseMarks ? 'moves-with' : 'no-detectable-relation' }
  })
}

/** Fewer periods in which both have a value are too few. */
export const leastPeriods = 12
/** Fewer are shown as points: a line promises a course. */
export const linedPeriods = 24
const longestLag = 3
/** What 12 periods without a gap leave at the longest lag. */
const leastPairs = leastPeriods - 1 - longestLag

/** Rounding must not turn an equal correlation into a smaller one. */
const tie = 1e-12
/** … nor equal steps of a series into different ones, as a share of its largest value. */
const grain = 1e-9

const isValue = (value: number | null | undefined): value is number => value != null && Number.isFinite(value)

interface Change {
  /** Index of the period that it leads to. */
  at: number
  /** In grains of the series. */
  change: number
}

/** From period to period; none into, or out of, a period without a value. */
function changesOf(values: readonly (number | null)[]): Change[] {
  const size = grain * Math.max(...values.filter(isValue).map(Math.abs)) || 1
  return values.flatMap((value, at) => {
    const previous = values[at - 1]
    return isValue(value) && isValue(previous) ? { at, change: Math.round((value - previous) / size) } : []
  })
}

interface Lag {
  lag: number
  /** Which of the people index's changes have a change of the KPI so many periods later. */
  leading: number[]
  /** Ranks of those changes of the KPI: the same in every draw. */
  following: number[]
}

function lagsOf(people: readonly Change[], kpi: readonly Change[]): Lag[] {
  const changeAt = new Map(kpi.map(({ at, change }) => [at, change]))
  return Array.from({ length: longestLag + 1 }, (_, lag) => {
    const pairs = people.flatMap(({ at }, index) => {
      const change = changeAt.get(at + lag)
      return change === undefined ? [] : { index, change }
    })
    return { lag, leading: pairs.map(({ index }) => index), following: midRanks(pairs.map(({ change }) => change)) }
  }).filter(({ leading }) => leading.length >= leastPairs)
}

/** Of equally strong lags the shortest; null where no lag has a correlation. */
function strongestOf(people: readonly number[], lags: readonly Lag[]): Pick<Measured, 'lag' | 'rho'> | null {
  let strongest: Pick<Measured, 'lag' | 'rho'> | null = null
  for (const { lag, leading, following } of lags) {
    const rho = rankCorrelation(midRanks(leading.map((index) => people[index] as number)), following)
    if (rho !== null && (strongest === null || Math.abs(rho) > Math.abs(strongest.rho) + tie)) strongest = { lag, rho }
  }
  return strongest
}

/** The series turned by a random offset, as if it were a ring, and cut into blocks that are put in a random order. */
function blocksShuffled(changes: readonly number[], random: RandomNumber): number[] {
  const offset = Math.floor(random() * changes.length)
  const ring = [...changes.slice(offset), ...changes.slice(0, offset)]
  const length = Math.round(Math.sqrt(ring.length))
  const blocks = Array.from({ length: Math.ceil(ring.length / length) }, (_, index) => ring.slice(index * length, (index + 1) * length))
  return shuffledWith(random, blocks).flat()
}
