/**
 * Do the sides mean the same by a term? Mostly one nominal question; people who are unsure or skipped it are not in the
 * counts. Cohen's and Krippendorff's coefficients are degenerate on a single question, so the figure is a plain chance.
 * A question may also ask for a number, or let people choose several options.
 *
 * Source: docs/method.md, "Definition questions".
 */
import { jackknife, type LeftOut } from './jackknife'
import type { Interval } from './result'
import { clamp, mean, median, total, tQuantile, wilson } from './statistics'
import { wasserstein } from './wasserstein'

export interface DefinitionAgreement {
  /** P_SM: chance that one random person of each side gives the same answer, 0–1. */
  between: number
  /** P_SS, P_MM: chance that two random people of one side do; null with fewer than two. */
  withinFirst: number | null
  withinSecond: number | null
  /** (P_SS + P_MM)/2 − P_SM: near 0 nobody shares a definition, large where there are two rival ones. */
  divide: number | null
  /** Of `divide`; null with fewer than three on a side. Where it leaves out 0, the sides have definitions of their own. */
  divideInterval: Interval | null
  /** Morisita's overlap 2·P_SM/(P_SS + P_MM); null where nobody within either side agrees. */
  morisita: number | null
  /** Of `between`; 0 only where nothing could vary. */
  variance: number
  interval: Interval | null
}

/**
 * From how many of each side chose each option, in the same order. Null where one side gave no answer.
 *
 * The interval is a delete-one jackknife with t of the smaller side, never narrower than sampling of both sides at
 * once allows. Where all of both sides chose one option, or no option has answers of both, the jackknife sees no
 * spread: then the bound is the product of the two Wilson lower bounds.
 *
 * @example definitionAgreement([6, 3, 1, 0], [2, 2, 4, 0])
 * // { between: 0.275, withinFirst: 0.4, withinSecond: 0.285714, divide: 0.067857, morisita: 0.802083, … }
 */
export function definitionAgreement(first: readonly number[], second: readonly number[]): DefinitionAgreement | null {
  const [n, m] = [total(first), total(second)]
  if (n === 0 || m === 0) return null
  const p = first.map((count) => count / n)
  const q = second.map((count) => count / m)
  const between = total(p.map((share, option) => share * (q[option] as number)))
  const withinFirst = within(first, n)
  const withinSecond = within(second, m)
  const both = withinFirst === null || withinSecond === null ? null : withinFirst + withinSecond
  return {
    between,
    withinFirst,
    withinSecond,
    divide: both === null ? null : both / 2 - between,
    divideInterval: intervalOfDivide(first, second),
    morisita: both ? (2 * between) / both : null,
    ...uncertainty({ first, second, p, q, n, m, between }),
  }
}

/**
 * How far an agreement is above that of people who guess among `options`: 0 as good as guessing, 1 complete, below 0
 * worse (Bennett, Alpert & Goldstein 1954). Null where there is no choice.
 *
 * @example againstGuessing(0.275, 4) // 0.033333
 */
export function againstGuessing(between: number, options: number): number | null {
  return options >= 2 ? (between - 1 / options) / (1 - 1 / options) : null
}

export interface WrittenAgreement {
  /** Of those who answered, 0–1. */
  share: number
  interval: Interval
}

/**
 * How many of one side chose the `official` option, the one that the company has written down. Null where nobody
 * answered, and where no option is the official one.
 *
 * @example writtenAgreement([6, 3, 1, 0], 0) // { share: 0.6, interval: { low: 0.3127, high: 0.8318 } }
 */
export function writtenAgreement(counts: readonly number[], official: number): WrittenAgreement | null {
  const chosen = counts[official]
  if (chosen === undefined) return null
  const n = total(counts)
  const interval = wilson(chosen, n)
  return interval && { share: chosen / n, interval }
}

export interface NumericDefinition {
  /** Wasserstein-1 between the sides, in the unit of the question; some of it is chance, more of it in small teams. */
  distance: number
  medianSales: number
  medianMarketing: number
}

/**
 * Where the answer is a number: the score from which a lead counts, attempts, hours. Null where one side gave none.
 *
 * @throws RangeError for a value that is not finite
 * @example numericDefinition([50, 60, 60, 80], [70, 80, 80]) // { distance: 14.1667, medianSales: 60, medianMarketing: 80 }
 */
export function numericDefinition(sales: readonly number[], marketing: readonly number[]): NumericDefinition | null {
  const [distance, medianSales, medianMarketing] = [wasserstein(sales, marketing), median(sales), median(marketing)]
  return distance === null || medianSales === null || medianMarketing === null ? null : { distance, medianSales, medianMarketing }
}

/** One side's answers where several options may be chosen. */
export interface Choices {
  people: number
  /** How many of them chose each option. */
  chosen: readonly number[]
}

export interface MultiSelectAgreement {
  /** By option, the chance that one random person of each side both chose it or both left it out, 0–1. */
  options: number[]
  /** Their mean. */
  index: number
}

/**
 * Null where one side gave no answer, or without options.
 *
 * @example multiSelectAgreement({ people: 4, chosen: [4, 2, 0] }, { people: 5, chosen: [4, 5, 0] })
 * // { options: [0.8, 0.5, 1], index: 0.766667 }
 */
export function multiSelectAgreement(first: Choices, second: Choices): MultiSelectAgreement | null {
  if (!(first.people > 0 && second.people > 0)) return null
  const options = first.chosen.map((count, option) => {
    const [p, q] = [count / first.people, (second.chosen[option] as number) / second.people]
    return p * q + (1 - p) * (1 - q)
  })
  const index = mean(options)
  return index === null ? null : { options, index }
}

function within(counts: readonly number[], n: number): number | null {
  return n < 2 ? null : total(counts.map((count) => count * (count - 1))) / (n * (n - 1))
}

interface Shares {
  first: readonly number[]
  second: readonly number[]
  p: readonly number[]
  q: readonly number[]
  n: number
  m: number
  between: number
}

function uncertainty({ first, second, p, q, n, m, between }: Shares): { variance: number; interval: Interval | null } {
  if (Math.min(n, m) < 2) return { variance: 0, interval: null }
  const t = tQuantile(Math.min(n, m) - 1)
  const jackknife = deleteOne(first, q, n, between) + deleteOne(second, p, m, between)
  const variance = Math.max(jackknife, jointVariance(p, q, n, m))
  if (variance > rounding) {
    const half = t * Math.sqrt(variance)
    return { variance, interval: { low: clamp(between - half, 0, 1), high: clamp(between + half, 0, 1) } }
  }
  const sure = (wilson(n, n)?.low ?? 0) * (wilson(m, m)?.low ?? 0)
  return {
    variance: ((1 - sure) / t) ** 2,
    interval: between > 0.5 ? { low: sure, high: 1 } : { low: 0, high: 1 - sure },
  }
}

/** A delete-one jackknife, never narrower than sampling of both sides at once; with the Wilson bounds where each side is of one mind. */
function intervalOfDivide(first: readonly number[], second: readonly number[]): Interval | null {
  const [n, m] = [total(first), total(second)]
  if (Math.min(n, m) < 3) return null
  const divideOf = (a: readonly number[], b: readonly number[]) => {
    const [x, y] = [total(a), total(b)]
    return (
      ((within(a, x) as number) + (within(b, y) as number)) / 2 - total(a.map((count, option) => (count / x) * ((b[option] as number) / y)))
    )
  }
  const leftOut = (counts: readonly number[], value: (without: readonly number[]) => number): LeftOut[] =>
    counts.flatMap((people, option) => {
      const without = counts.map((count, index) => (index === option ? count - 1 : count))
      return people > 0 ? [{ people, x: value(without), y: 0 }] : []
    })
  const spread = jackknife([
    leftOut(first, (without) => divideOf(without, second)),
    leftOut(second, (without) => divideOf(first, without)),
  ]).x
  const sampled = jointVariance(
    first.map((count) => count / n),
    second.map((count) => count / m),
    n,
    m,
  )
  const variance = Math.max(spread, sampled)
  const divide = divideOf(first, second)
  if (variance > rounding) {
    const half = tQuantile(Math.min(n, m) - 1) * Math.sqrt(variance)
    return { low: clamp(divide - half, -1, 1), high: clamp(divide + half, -1, 1) }
  }
  const sure = (wilson(n, n)?.low ?? 0) * (wilson(m, m)?.low ?? 0)
  return divide > 0.5 ? { low: 2 * sure - 1, high: 1 } : { low: sure - 1, high: 1 - sure }
}

/** Variances below this are nothing but rounding. */
const rounding = 1e-20

/** (n − 1)/n · Σ (P without one person − its mean)²: the value depends only on the option that the person chose. */
function deleteOne(counts: readonly number[], other: readonly number[], n: number, between: number): number {
  const without = other.map((share) => (between * n - share) / (n - 1))
  const centre = total(without.map((value, option) => value * (counts[option] as number))) / n
  return ((n - 1) / n) * total(without.map((value, option) => (counts[option] as number) * (value - centre) ** 2))
}

/** The part of the variance that comes from both sides varying at once: trace of the product of their covariances. */
function jointVariance(p: readonly number[], q: readonly number[], n: number, m: number): number {
  const cells = p.flatMap((a, i) =>
    p.map((b, j) => ((i === j ? a : 0) - a * b) * ((i === j ? (q[i] as number) : 0) - (q[i] as number) * (q[j] as number))),
  )
  return Math.max(0, total(cells)) / ((n - 1) * (m - 1))
}
