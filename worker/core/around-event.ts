/**
 * Before an event and after it: the score, the people index and every KPI, each by its own periods. After, never because.
 *
 * Source: docs/method.md, "Signal and noise over time".
 */
import { type BeforeAfter, beforeAfter, phasesAround } from './before-after'
import { adjustedP, falseMarks } from './multiplicity'
import type { Interval } from './result'
import { differenceOfShares, excludesZero, total } from './statistics'

/** One measure over time, oldest first; periods without a value may be left out. */
export interface Series {
  /** `score`, `people`, or the key of a metric. */
  measure: string
  values: readonly Observed[]
}

export interface Observed {
  /** `YYYY-MM` */
  period: string
  value: number | null
  /** Of a share: how many of how many. */
  numerator?: number | null
  denominator?: number | null
}

export interface AroundRow extends BeforeAfter {
  measure: string
  /**
   * p, adjusted for all measures around this event (Benjamini–Hochberg). A signal needs 10 % at the most; of a share, also
   * that the interval of its records leaves out 0.
   */
  adjustedP: number
  /** Of a share, all records of a phase together: the difference with its interval. Null where the value is no share of something. */
  pooled: { difference: number; interval: Interval } | null
}

/**
 * One row for each measure with at least three values on both sides of the day, at most the twelve nearest.
 *
 * @param day `YYYY-MM-DD`
 * @example aroundEvent('2026-05-01', [{ measure: 'cac', values: ['01', '02', '03', '04', '05', '06', '07', '08'].map((month, index) => ({ period: `2026-${month}`, value: index })) }])
 * // [{ measure: 'cac', before: { n: 4, mean: 1.5, … }, after: { n: 4, mean: 5.5, … }, difference: 4, p: 0.028571, … }]
 */
export function aroundEvent(day: string, series: readonly Series[]): AroundRow[] {
  const rows = series.flatMap(({ measure, values }) => {
    const known = values.filter((one): one is Counted => one.value !== null && Number.isFinite(one.value))
    const { before, after } = phasesAround(known, day)
    const found = beforeAfter(
      before.map(({ value }) => value),
      after.map(({ value }) => value),
    )
    return found ? [{ measure, ...found, pooled: pooledDifference(before, after) }] : []
  })
  const adjusted = adjustedP(rows.map(({ p }) => p))
  return rows.map((row, index) => {
    const p = adjusted[index] as number
    const isDoubtful = p > falseMarks || (row.pooled !== null && !excludesZero(row.pooled.interval))
    return { ...row, adjustedP: p, verdict: isDoubtful ? 'normal' : row.verdict }
  })
}

type Counted = Observed & { value: number }

/** What is won in a month is no part of the leads of that month: only what can never exceed its denominator is a share. */
function pooledDifference(before: readonly Counted[], after: readonly Counted[]): AroundRow['pooled'] {
  const isShare = ({ numerator, denominator }: Observed) =>
    numerator != null && denominator != null && numerator >= 0 && numerator <= denominator && Number.isInteger(numerator)
  if (![...before, ...after].every(isShare)) return null
  const pool = (phase: readonly Counted[]) => ({
    successes: total(phase.map(({ numerator }) => numerator as number)),
    trials: total(phase.map(({ denominator }) => denominator as number)),
  })
  return differenceOfShares(pool(before), pool(after))
}
