/**
 * What a series was before a declared event and after it: two frozen phases and the difference of their means.
 *
 * The permutation test is a rough guide. With few periods it cannot find anything (`leastP`). It also takes periods for
 * exchangeable: without any event, 5 % of independent series of 12 and 12 periods are a signal, but 14 % where 0.3 of each
 * value carries over to the next, and 25 % where half of it does. And an event that comes before a difference need not be
 * its cause, so the words are always "after", never "because".
 *
 * Source: docs/method.md, "Signal and noise over time".
 */
import { mean, median, total } from './statistics'

/** `signal`: chance alone would rarely bring it. `normal`: no change can be detected, which is not to say that there is none. */
export type Verdict = 'signal' | 'normal'

/** Periods that a baseline is made of where no event was declared, and the fewest that a normal range needs. */
export const baselineRounds = 6

/** Fewer periods than this are no baseline. */
export const baselineNeeds = 3

/** What belongs to a `YYYY-MM`. */
interface OfPeriod {
  period: string
}

/**
 * The whole periods on either side of an event, at most the 12 nearest; the month in which it fell is on neither side,
 * unless it fell on the first.
 *
 * @param series oldest first
 * @param eventDay `YYYY-MM-DD`
 * @example
 * const series = ['2026-01', '2026-02', '2026-03', '2026-04'].map((period) => ({ period }))
 * phasesAround(series, '2026-03-12') // { before: [January, February], after: [April] }
 */
export function phasesAround<T extends OfPeriod>(series: readonly T[], eventDay: string): { before: T[]; after: T[] } {
  const month = eventDay.slice(0, 7)
  const isFirst = eventDay.endsWith('-01')
  return {
    before: series.filter(({ period }) => period < month).slice(-longestPhase),
    after: series.filter(({ period }) => period > month || (isFirst && period === month)).slice(0, longestPhase),
  }
}

/**
 * The periods that a baseline is made of, which later ones never move: those before the event, or the first six where
 * no event was declared.
 *
 * @param series oldest first
 * @example baselineWindow([{ period: '2026-01' }, { period: '2026-02' }, { period: '2026-03' }], { day: '2026-03-12' }) // [{ period: '2026-01' }, { period: '2026-02' }]
 */
export function baselineWindow<T extends OfPeriod>(series: readonly T[], event: { day: string } | null): T[] {
  return event ? phasesAround(series, event.day).before : series.slice(0, baselineRounds)
}

export interface PhaseSummary {
  n: number
  mean: number
  median: number
}

export interface BeforeAfter {
  before: PhaseSummary
  after: PhaseSummary
  /** Mean after − mean before. */
  difference: number
  /** Chance of a difference at least this far from 0, either way, if the phases were drawn from all periods by lot; in (0, 1]. */
  p: number
  /** The least p that so many periods can reach: above 0.05 no difference, however large, is a signal. */
  leastP: number
  /** `signal` where p is at most 0.05. Otherwise no difference can be detected, which is not to say that there is none. */
  verdict: Verdict
}

/**
 * @param before one value a period, 12 at most; leave out the periods without one
 * @returns null where either phase has fewer than 3 values
 * @throws RangeError for a value that is not finite and for a longer phase
 * @example beforeAfter([50, 52, 51, 49], [56, 58, 55, 59])
 * // { before: { n: 4, mean: 50.5, median: 50.5 }, after: { n: 4, mean: 57, median: 57 }, difference: 6.5, p: 0.0286, leastP: 0.0286, verdict: 'signal' }
 */
export function beforeAfter(before: readonly number[], after: readonly number[]): BeforeAfter | null {
  if (![...before, ...after].every(Number.isFinite)) throw new RangeError('values must be finite')
  if (Math.max(before.length, after.length) > longestPhase) throw new RangeError(`a phase has at most ${longestPhase} periods`)
  if (Math.min(before.length, after.length) < shortestPhase) return null
  const [old, now] = [summaryOf(before), summaryOf(after)]
  const ways = binomial(old.n + now.n, old.n)
  const p = Math.min(1, relabelingsAsFar(before, after) / ways)
  return {
    before: old,
    after: now,
    difference: now.mean - old.mean,
    p,
    leastP: (old.n === now.n ? 2 : 1) / ways, // with equal phases, swapping them gives the same distance
    verdict: p <= 0.05 ? 'signal' : 'normal',
  }
}

const shortestPhase = 3
const longestPhase = 12

/** Rounding must not turn an equal difference into a smaller one; as a share of the sum of all values. */
const tie = 1e-12

const summaryOf = (values: readonly number[]): PhaseSummary => ({
  n: values.length,
  mean: mean(values) as number,
  median: median(values) as number,
})

/** n over k. */
function binomial(n: number, k: number): number {
  let ways = 1
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i
  return ways
}

/**
 * In how many ways of labeling as many periods "before" the means differ at least as much as they do. Once the mean of
 * all is taken off, that is so where the sum of the labeled ones is as far from 0, or that of the others as far on the
 * other side. The sums are counted by meeting in the middle (Horowitz & Sahni 1974): 2 × 4,096 subsets instead of 2.7
 * million for 12 periods and 12.
 */
function relabelingsAsFar(before: readonly number[], after: readonly number[]): number {
  const all = [...before, ...after]
  const centre = mean(all) as number
  const centred = all.map((value) => value - centre)
  const distance = Math.abs(total(centred.slice(0, before.length))) - tie * total(all.map(Math.abs))
  const half = Math.ceil(all.length / 2)
  const [left, right] = [sumsBySize(centred.slice(0, half)), sumsBySize(centred.slice(half))]
  const asFar = (labeled: number) => total(left.map((sums, size) => pairsFrom(distance, sums, right[labeled - size] ?? [])))
  return asFar(before.length) + asFar(after.length)
}

/** The sums of all subsets, ascending, by how many values a subset has. */
function sumsBySize(values: readonly number[]): number[][] {
  const bySize: number[][] = [[0], ...values.map(() => [])]
  for (const [index, value] of values.entries()) {
    for (let size = index; size >= 0; size--) {
      for (const sum of bySize[size] as number[]) (bySize[size + 1] as number[]).push(sum + value)
    }
  }
  return bySize.map((sums) => sums.sort((a, b) => a - b))
}

/** How many pairs of a left and a right value, both ascending, have a sum of at least `least`. */
function pairsFrom(least: number, left: readonly number[], right: readonly number[]): number {
  let pairs = 0
  let from = right.length
  for (const sum of left) {
    while (from > 0 && sum + (right[from - 1] as number) >= least) from--
    pairs += right.length - from
  }
  return pairs
}
