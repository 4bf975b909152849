/** Scores over time, as a page tells them: each with what it is compared with, and nothing of other rules on its line. */
import { type Baseline, baselineOf, type Change, sinceBaseline } from './baseline'
import type { Score, ScoreChange } from './result'
import { hasValue, isComparable, scoreChange } from './score'
import type { BaselineEvent } from './scoring-rules'
import { type ChangeSensitivity, changeSensitivity, type Sensitivity, sensitivity } from './sensitivity'

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
  sensitivity: Sensitivity | null
  /** Of the change since the last score. */
  changeSensitivity: ChangeSensitivity | null
}

/**
 * The last of these scores as it is told.
 *
 * @param scores oldest first; at least one
 */
export function scoreView(scores: readonly [Score, ...Score[]], event: BaselineEvent | null): ScoreView {
  const score = scores.at(-1) as Score
  const history = onOneLine(scores)
  const previous = history.slice(0, -1).findLast(hasValue) ?? null
  const isTold = previous !== null && isComparable(previous, score)
  const baseline = baselineOf(history, event)
  return {
    score,
    previous,
    sinceLast: isTold ? scoreChange(previous, score) : null,
    baseline,
    sinceBaseline: sinceBaseline(history, baseline, previous?.number ?? null),
    sensitivity: sensitivity(score),
    changeSensitivity: isTold ? changeSensitivity(previous, score) : null,
  }
}
