/**
 * Do the sides mean the same by a term? One nominal question; people who are unsure or skipped it are not in the
 * counts. Cohen's and Krippendorff's coefficients are degenerate on a single question, so the figure is a plain chance.
 *
 * Source: docs/method.md, "Definition questions".
 */
import type { Interval } from './result'
import { clamp, total, tQuantile, wilson } from './statistics'

export interface DefinitionAgreement {
  /** P_SM: chance that one random person of each side gives the same answer, 0–1. */
  between: number
  /** P_SS, P_MM: chance that two random people of one side do; null with fewer than two. */
  withinFirst: number | null
  withinSecond: number | null
  /** (P_SS + P_MM)/2 − P_SM: near 0 nobody shares a definition, large where there are two rival ones. */
  divide: number | null
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
    morisita: both ? (2 * between) / both : null,
    ...uncertainty({ first, second, p, q, n, m, between }),
  }
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
