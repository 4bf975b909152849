/** What each KPI should reach. A KPI without a goal is shown and is in no score. Goals are part of the scoring rules. */
import { DomainError, type FieldError } from '../core/errors'
import { type Goal, isKpiKey, type MetricKey, metricOf } from '../core/metrics'
import type { ScoringRules } from '../core/scoring-rules'
import type { Database } from '../db/client'
import { readRules } from '../db/scoring-rules'
import type { ServiceContext } from './context'
import { changeRules } from './scoring-rules'

/** All goals, by metric. */
export const listGoals = async (db: Database): Promise<Goal[]> => goalsIn(await readRules(db))

/** Only known metrics can be given a goal. */
export const goalsIn = ({ goals }: Pick<ScoringRules, 'goals'>) => goals as Goal[]

/**
 * Sets or replaces a goal, in the unit of the metric's value: a share for ratios, minor units for money. It makes a new
 * version of the scoring rules, under which every score is computed again.
 *
 * @throws DomainError invalid-input where 50 at the baseline and 100 at the target cannot be drawn through two points
 * @example await setGoal(context, 'lead_conversion', { target: 0.2, baseline: 0.15, scale: 'linear' })
 */
export async function setGoal(context: ServiceContext, metric: MetricKey, input: GoalInput): Promise<Goal> {
  const [goal] = await setGoals(context, [[metric, input]])
  return goal as Goal
}

export interface GoalInput {
  target: number
  baseline?: number | null
  scale: Goal['scale']
}

/** Several goals in one version. @throws DomainError as `setGoal` */
export async function setGoals(context: ServiceContext, inputs: readonly (readonly [MetricKey, GoalInput])[]): Promise<Goal[]> {
  const wanted = inputs.map(([metric, { target, baseline = null, scale }]): Goal => ({ metric, target, baseline, scale }))
  const errors = wanted.flatMap(problemsOf)
  if (errors.length > 0) throw new DomainError('invalid-input', 'This goal cannot be scored.', errors)
  const isKept = ({ metric }: { metric: string }) => wanted.every((goal) => goal.metric !== metric)
  await changeRules(context, (rules) => ({
    ...rules,
    goals: [...rules.goals.filter(isKept), ...wanted].sort((a, b) => (a.metric < b.metric ? -1 : 1)),
  }))
  return wanted
}

/** @throws DomainError not-found */
export async function removeGoal(context: ServiceContext, metric: MetricKey): Promise<void> {
  const isOther = (goal: { metric: string }) => goal.metric !== metric
  await changeRules(context, (rules) => {
    if (rules.goals.every(isOther)) throw new DomainError('not-found', 'This metric has no goal.')
    return { ...rules, goals: rules.goals.filter(isOther) }
  })
}

function problemsOf({ metric, target, baseline, scale }: Goal): FieldError[] {
  const errors: FieldError[] = []
  const isNegative = (value: number | null) => value !== null && value < 0
  if (target === baseline) errors.push({ pointer: '#/target', detail: 'Use a target that differs from the baseline.' })
  if (scale === 'log' && target <= 0) errors.push({ pointer: '#/target', detail: 'A logarithmic scale needs a target above 0.' })
  if (scale === 'log' && baseline !== null && baseline <= 0)
    errors.push({ pointer: '#/baseline', detail: 'A logarithmic scale needs a baseline above 0.' })
  if (mayBeNegative(metric)) return errors
  if (isNegative(target)) errors.push({ pointer: '#/target', detail: 'Use 0 or more.' })
  if (isNegative(baseline)) errors.push({ pointer: '#/baseline', detail: 'Use 0 or more.' })
  return errors
}

/** Growth, money and what an organisation measures itself; no count, share or duration. */
export const mayBeNegative = (metric: MetricKey): boolean =>
  !isKpiKey(metric) || metric.startsWith('revenue_growth') || ['money', 'points'].includes(metricOf(metric).unit)
