/** What each KPI should reach. A KPI without a goal is shown and is in no score. */
import { asc, eq } from 'drizzle-orm'
import { DomainError, type FieldError } from '../core/errors'
import { type Goal, type MetricKey, metricOf } from '../core/metrics'
import type { Database } from '../db/client'
import { goals } from '../db/schema'
import type { ServiceContext } from './context'
import { rescoreRounds } from './scores'

/** All goals, by metric. */
export async function listGoals(db: Database): Promise<Goal[]> {
  const rows = await db
    .select({ metric: goals.metric, target: goals.target, baseline: goals.baseline, scale: goals.scale })
    .from(goals)
    .orderBy(asc(goals.metric))
  return rows as Goal[]
}

/**
 * Sets or replaces a goal, in the unit of the metric's value: a share for ratios, minor units for money. Scores of
 * rounds whose inputs this changes get a new revision.
 *
 * @throws DomainError invalid-input where 50 at the baseline and 100 at the target cannot be drawn through two points
 * @example await setGoal(context, 'lead_conversion', { target: 0.2, baseline: 0.15, scale: 'linear' })
 */
export async function setGoal(
  context: ServiceContext,
  metric: MetricKey,
  input: { target: number; baseline?: number | null; scale: Goal['scale'] },
): Promise<Goal> {
  const goal: Goal = { metric, target: input.target, baseline: input.baseline ?? null, scale: input.scale }
  const errors = problemsOf(goal)
  if (errors.length > 0) throw new DomainError('invalid-input', 'This goal cannot be scored.', errors)
  const { target, baseline, scale } = goal
  await context.db
    .insert(goals)
    .values({ ...goal, updatedAt: context.now })
    .onConflictDoUpdate({ target: goals.metric, set: { target, baseline, scale, updatedAt: context.now } })
  await rescoreRounds(context)
  return goal
}

/** @throws DomainError not-found */
export async function removeGoal(context: ServiceContext, metric: MetricKey): Promise<void> {
  const [gone] = await context.db.delete(goals).where(eq(goals.metric, metric)).returning({ metric: goals.metric })
  if (!gone) throw new DomainError('not-found', 'This metric has no goal.')
  await rescoreRounds(context)
}

function problemsOf({ metric, target, baseline, scale }: Goal): FieldError[] {
  const errors: FieldError[] = []
  const isNegative = (value: number | null) => value !== null && value < 0
  if (target === baseline) errors.push({ pointer: '#/target', detail: 'Use a target that differs from the baseline.' })
  if (scale === 'log' && target <= 0) errors.push({ pointer: '#/target', detail: 'A logarithmic scale needs a target above 0.' })
  if (scale === 'log' && baseline !== null && baseline <= 0)
    errors.push({ pointer: '#/baseline', detail: 'A logarithmic scale needs a baseline above 0.' })
  if (metric === 'revenue_growth' || metricOf(metric).unit === 'money') return errors
  if (isNegative(target)) errors.push({ pointer: '#/target', detail: 'Use 0 or more.' })
  if (isNegative(baseline)) errors.push({ pointer: '#/baseline', detail: 'Use 0 or more.' })
  return errors
}
