/** Where a KPI stands between its baseline and its target. */

export type GoalScale = 'linear' | 'log'

export interface GoalLine {
  baseline: number
  target: number
  scale: GoalScale
}

/**
 * 50 at the baseline, 100 at the target, 0 as far on the wrong side as the target is on the right; clipped to 0–100.
 * On a log scale halving and doubling weigh the same (cost, duration). Which direction is better follows from the
 * target, so lower-is-better needs no flag. Null where no such line exists: target = baseline, a value that is not
 * finite, or a log of something not positive.
 *
 * Source: docs/method.md, "KPI goal scores".
 *
 * @example goalScore(1050, { baseline: 1200, target: 900, scale: 'linear' }) // 75
 * @example goalScore(1500, { baseline: 1200, target: 900, scale: 'linear' }) // 0
 */
export function goalScore(x: number, goal: GoalLine): number | null {
  const position = goalPosition(x, goal)
  return position === null ? null : Math.min(100, Math.max(0, position))
}

/**
 * The goal score without the clip: 125 is half a step beyond the target.
 *
 * @example goalPosition(0.12, { baseline: 0.15, target: 0.2, scale: 'linear' }) // 20
 */
export function goalPosition(x: number, { baseline, target, scale }: GoalLine): number | null {
  if (![x, baseline, target].every(Number.isFinite) || target === baseline) return null
  if (scale === 'log' && Math.min(x, baseline, target) <= 0) return null
  const share = scale === 'log' ? Math.log(x / baseline) / Math.log(target / baseline) : (x - baseline) / (target - baseline)
  const position = 50 + 50 * share
  return Number.isFinite(position) ? position : null
}
