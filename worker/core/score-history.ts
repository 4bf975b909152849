/** Scores over time, as a page tells them: each with what it is compared with, and nothing of other rules on its line. */
import { againstBaseline, type Baseline, baselineOf, type Change, sinceBaseline } from './baseline'
import type { Verdict } from './before-after'
import { type Pillar, pillars, type Score, type ScoreChange } from './result'
import { hasValue, isComparable, scoreChange } from './score'
import type { BaselineEvent } from './scoring-rules'
import { type ChangeSensitivity, changeSensitivity, type Sensitivity, sensitivity } from './sensitivity'
import { type Trend, type TrendEvent, trendOf } from './trend'

/**
 * Those of the method and the rules of the last one: scores of other versions cannot be compared with it.
 *
 * @param scores oldest first
 */
export function onOneLine(scores: readonly Score[]): Score[] {
  const last = scores.at(-1)
  return scores.filter((one) => one.methodVersion === last?.methodVersion && one.rulesVersion === last?.rulesVersion)
}

/** A score and everything that is said of it. */
export interface ScoreView {
  score: Score
  /** The last score before that it can be compared with. */
  previous: Score | null
  sinceLast: ScoreChange | null
  baseline: Baseline | null
  sinceBaseline: Change | null
  /** Its line, with the place of each round on it. */
  trend: Trend
  /** In the order of `pillars`. */
  courses: PillarView[]
  sensitivity: Sensitivity | null
  /** Of the change since the last score. */
  changeSensitivity: ChangeSensitivity | null
}

/** A pillar over the rounds of its line. */
export interface PillarView {
  pillar: Pillar
  /** By round of the line. */
  values: (number | null)[]
  previous: number | null
  /** Against the normal range of the baseline window; null while there are too few rounds. */
  range: { verdict: Verdict; low: number; high: number } | null
}

/**
 * The last of these scores as it is told.
 *
 * @param scores oldest first; at least one
 * @param baselineEvent that the baseline ends before; `events` are all that are drawn
 */
export function scoreView(
  scores: readonly [Score, ...Score[]],
  { baselineEvent, events }: { baselineEvent: BaselineEvent | null; events: readonly TrendEvent[] },
): ScoreView {
  const score = scores.at(-1) as Score
  const history = onOneLine(scores)
  const previous = history.slice(0, -1).findLast(hasValue) ?? null
  const isTold = previous !== null && isComparable(previous, score)
  const baseline = baselineOf(history, baselineEvent)
  return {
    score,
    previous,
    sinceLast: isTold ? scoreChange(previous, score) : null,
    baseline,
    sinceBaseline: sinceBaseline(history, baseline, previous?.number ?? null),
    trend: trendOf(history, events, scoreRange),
    courses: pillars.map((pillar) => pillarView(history, pillar, baseline?.event ?? null)),
    sensitivity: sensitivity(score),
    changeSensitivity: isTold ? changeSensitivity(previous, score) : null,
  }
}

const scoreRange = [0, 100] as const

function pillarView(history: readonly Score[], pillar: Pillar, event: BaselineEvent | null): PillarView {
  const series = history.map(({ period, pillars: own }) => ({ period, value: own.find((one) => one.pillar === pillar)?.value ?? null }))
  const values = series.map(({ value }) => value)
  return { pillar, values, previous: values.at(-2) ?? null, range: againstBaseline(series, scoreRange, event) }
}
