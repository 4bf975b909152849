/** Which KPI values a round's score is made of. */
import { baselineNeeds, baselineWindow } from './before-after'
import { goalPosition, goalScore } from './goal'
import type { PillarMissing } from './result'
import type { BaselineEvent, MetricGoal, ScoringRules } from './scoring-rules'
import { median } from './statistics'

/** One month of a metric on the period basis; for the sales cycle the median. */
export interface MetricValue {
  metric: string
  /** `YYYY-MM` */
  period: string
  value: number | null
  /** The month is still running. */
  provisional: boolean
}

/** One KPI in a score. */
export interface KpiMeasure {
  metric: string
  /** The period that was measured. */
  period: string
  observed: number
  baseline: number
  target: number
  /** 0–100. */
  score: number
  unclipped: number
}

export interface ScoredKpis {
  measures: KpiMeasure[]
  /** Why there is none, where there is none. */
  missing: PillarMissing | null
  /** KPIs that have a goal and no measure. */
  absent: { key: string; reason: PillarMissing }[]
}

/** Older than this many periods a value says nothing about the round. */
const oldest = 2

/**
 * For each metric that has a goal, its latest whole period up to the round's, at most two periods older, between
 * baseline and target; and, where no metric is left, the first reason why.
 *
 * @param rules whose goals are in the order that parts are listed in
 * @example kpiMeasures(defaultRules, [{ metric: 'cac', period: '2026-09', value: 900, provisional: false }], '2026-09') // { measures: [], missing: 'no-targets', absent: [] }
 */
export function kpiMeasures(
  { goals, baseline }: Pick<ScoringRules, 'goals' | 'baseline'>,
  values: readonly MetricValue[],
  period: string,
): ScoredKpis {
  const whole = values
    .filter((one): one is MetricValue & { value: number } => !one.provisional && one.value !== null && Number.isFinite(one.value))
    .sort((a, b) => (a.period < b.period ? -1 : 1))
  const found = goals.map((goal) =>
    measure(
      goal,
      whole.filter(({ metric }) => metric === goal.metric),
      period,
      baseline,
    ),
  )
  const absent = found.flatMap((one, index) => (typeof one === 'string' ? [{ key: (goals[index] as MetricGoal).metric, reason: one }] : []))
  if (whole.length === 0) return { measures: [], missing: 'no-kpis', absent }
  if (goals.length === 0) return { measures: [], missing: 'no-targets', absent }
  const measures = found.filter((one) => typeof one === 'object')
  const reasons = found.filter((one) => typeof one === 'string')
  const missing = (['no-baseline', 'no-targets', 'kpis-too-old', 'no-kpis'] as const).find((reason) => reasons.includes(reason))
  return { measures, missing: measures.length > 0 ? null : (missing ?? 'no-kpis'), absent }
}

function measure(
  goal: MetricGoal,
  whole: readonly { period: string; value: number }[],
  period: string,
  event: BaselineEvent | null,
): KpiMeasure | PillarMissing {
  if (whole.length === 0) return 'no-kpis'
  const latest = whole.findLast((one) => one.period <= period)
  if (!latest || months(period) - months(latest.period) > oldest) return 'kpis-too-old'
  const baseline = goal.baseline ?? baselineOfMetric(whole, event)
  if (baseline === null) return 'no-baseline'
  const line = { baseline, target: goal.target, scale: goal.scale }
  const score = goalScore(latest.value, line)
  const unclipped = goalPosition(latest.value, line)
  if (score === null || unclipped === null) return 'no-targets'
  return { metric: goal.metric, period: latest.period, observed: latest.value, baseline, target: goal.target, score, unclipped }
}

/**
 * The baseline that a metric has where none was agreed: the median of its whole periods before the event, or of its first
 * six; of three at least.
 *
 * @param whole periods that are over and have a value, oldest first
 */
export function baselineOfMetric(whole: readonly { period: string; value: number }[], event: BaselineEvent | null): number | null {
  const window = baselineWindow(whole, event).map(({ value }) => value)
  return window.length < baselineNeeds ? null : median(window)
}

const months = (period: string) => Number(period.slice(0, 4)) * 12 + Number(period.slice(5, 7))
