/**
 * What "since the start" means for a score, a pillar and a KPI: the baseline window, its normal range, and how the newest
 * value stands to them.
 *
 * Source: docs/method.md, "Signal and noise over time".
 */
import { baselineNeeds, baselineRounds, baselineWindow, type Verdict } from './before-after'
import { controlChart } from './control-chart'
import type { Score } from './result'
import type { BaselineEvent } from './scoring-rules'
import { mean, total, tQuantile } from './statistics'

/** A change that a page may speak of, in points. */
export interface Change {
  points: number
  verdict: Verdict
}

/**
 * What the score of a round is compared with: the mean of the rounds before the event that was chosen, of the first six, or
 * the first score while there are no six.
 */
export interface Baseline {
  kind: 'first' | 'mean' | 'before-event'
  value: number
  /** Round numbers, oldest first. */
  rounds: number[]
  event: BaselineEvent | null
}

/**
 * The baseline of the last of these scores; null where it is the first that has a value, or has none itself. An event
 * counts once it lies in the past of that score, with three rounds before it.
 *
 * @param scores oldest first; the last one is the round in question
 * @example baselineOf([{ number: 1, period: '2026-01', value: 56.2 }, { number: 2, period: '2026-02', value: 57 }], null)
 * // { kind: 'first', value: 56.2, rounds: [1], event: null }
 */
export function baselineOf(scores: readonly Pick<Score, 'number' | 'period' | 'value'>[], event: BaselineEvent | null): Baseline | null {
  const now = scores.at(-1)
  if (now?.value == null) return null
  const earlier = scores.slice(0, -1).flatMap(({ number, period, value }) => (value === null ? [] : [{ number, period, value }]))
  const [first] = earlier
  if (!first) return null
  const over = (kind: Baseline['kind'], window: readonly (typeof first)[], at: BaselineEvent | null): Baseline => ({
    kind,
    value: mean(window.map(({ value }) => value)) as number,
    rounds: window.map(({ number }) => number),
    event: at,
  })
  const before = event && event.day.slice(0, 7) <= now.period ? baselineWindow(earlier, event) : []
  if (before.length >= baselineNeeds) return over('before-event', before, event)
  return earlier.length < baselineRounds ? over('first', [first], null) : over('mean', baselineWindow(earlier, null), null)
}

/** How each value of a series stands to the normal range of its baseline window. */
export interface BaselineCourse {
  /** Indexes into the series of the first value that the range is made of, and of the last. */
  from: number
  until: number
  mean: number
  low: number
  high: number
  /** Of each value of the series; null before the window, and where there is no value. */
  verdicts: (Verdict | null)[]
}

/**
 * The normal range of the baseline window, and every value of the series judged by it.
 *
 * @param series oldest first
 * @param range of the value, for limits that stay inside it; values are judged by the limits before
 * @param event that the window ends before; without one it is the first six
 * @returns null while the window has fewer than six values
 * @example
 * const series = [10, 11, 9, 10, 11, 9, 30].map((value, index) => ({ period: `2026-0${index + 1}`, value }))
 * courseAgainstBaseline(series, [0, Infinity], null) // { from: 0, until: 5, mean: 10, …, verdicts: ['normal', …, 'signal'] }
 */
export function courseAgainstBaseline(
  series: readonly { period: string; value: number | null }[],
  range: readonly [number, number],
  event: BaselineEvent | null,
): BaselineCourse | null {
  const present = series.flatMap(({ period, value }, index) => (value === null ? [] : [{ period, value, index }]))
  const window = baselineWindow(present, event)
  const [first, last] = [window[0], window.at(-1)]
  if (!first || !last || window.length < baselineRounds) return null
  const judged = present.slice(present.indexOf(first))
  const { points, phases } = controlChart(
    judged.map(({ value }) => value),
    [],
    { clamp: range, freezeAt: window.length },
  )
  const [phase] = phases
  if (phase?.centre == null || phase.low === null || phase.high === null) return null
  const verdicts: (Verdict | null)[] = series.map(() => null)
  for (const [at, { index }] of judged.entries()) verdicts[index] = points[at]?.signal ? 'signal' : 'normal'
  return { from: first.index, until: last.index, mean: phase.centre, low: phase.low, high: phase.high, verdicts }
}

/**
 * How the newest value stands to the normal range of the baseline window: what "since the baseline" means for a pillar, a
 * score or a KPI that has six values in the window, and one after it.
 *
 * @param series oldest first
 * @param event that the window ends before; without one it is the first six
 * @returns null while there are too few values, or the newest is missing
 */
export function againstBaseline(
  series: readonly { period: string; value: number | null }[],
  range: readonly [number, number],
  event: BaselineEvent | null,
): { verdict: Verdict; low: number; high: number } | null {
  const course = courseAgainstBaseline(series, range, event)
  const verdict = course?.verdicts.at(-1)
  if (!course || !verdict || course.until === series.length - 1) return null
  return { verdict, low: course.low, high: course.high }
}

/**
 * The last of these scores against its baseline. The normal range of six rounds or more decides; against fewer, the
 * interval of the difference. Null where the baseline is the last round before: that change is told already.
 *
 * @param history scores of one line, oldest first
 * @param previous number of the last round before that has a score
 */
export function sinceBaseline(history: readonly Score[], baseline: Baseline | null, previous: number | null): Change | null {
  const score = history.at(-1)
  if (!baseline || score?.value == null || (baseline.rounds.length === 1 && baseline.rounds[0] === previous)) return null
  const points = score.value - baseline.value
  const range = againstBaseline(history, [0, 100], baseline.event)
  if (range) return { points, verdict: range.verdict }
  const window = history.filter(({ number }) => baseline.rounds.includes(number))
  const variance = score.variance + total(window.map((one) => one.variance)) / window.length ** 2
  const df = Math.max(1, Math.min(...[score, ...window].map(({ degreesOfFreedom }) => degreesOfFreedom)))
  return { points, verdict: Math.abs(points) > tQuantile(df) * Math.sqrt(variance) ? 'signal' : 'normal' }
}
