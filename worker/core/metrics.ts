/**
 * The KPIs that Plumbline computes from facts. Money is in minor units (cents) of the organisation's currency, ratios
 * are shares (0.1 is 10 %), durations are whole days.
 */
import type { FactKind } from './facts'

export const bases = ['period', 'cohort'] as const
/** `period` counts each fact in its own month; `cohort` follows the leads created in a month. */
export type Basis = (typeof bases)[number]

/** Days that a cohort's leads have to be won in. */
export const cohortWindows = ['30', '60', '90', 'ever'] as const
export type CohortWindow = (typeof cohortWindows)[number]

export const metricKeys = [
  'lead_volume',
  'lead_conversion',
  'won_deals',
  'won_revenue',
  'revenue_growth',
  'win_rate',
  'deal_size',
  'sales_cycle',
  'cac',
] as const
export type MetricKey = (typeof metricKeys)[number]

export interface Metric {
  key: MetricKey
  unit: 'count' | 'ratio' | 'money' | 'days'
  /** Which direction is good; null where neither is. */
  better: 'higher' | 'lower' | null
  /** The first one is what a card shows. */
  bases: readonly Basis[]
  /** Needs at least one fact of each kind; otherwise there is no observation, rather than a false 0. */
  facts: readonly FactKind[]
  /** Decimals to show: of the percentage for ratios, of the major unit for money. */
  decimals: number
}

export const metrics: readonly Metric[] = [
  { key: 'lead_volume', unit: 'count', better: 'higher', bases: ['period'], facts: ['lead'], decimals: 0 },
  { key: 'lead_conversion', unit: 'ratio', better: 'higher', bases: ['period', 'cohort'], facts: ['lead', 'deal'], decimals: 1 },
  { key: 'won_deals', unit: 'count', better: 'higher', bases: ['period'], facts: ['deal'], decimals: 0 },
  { key: 'won_revenue', unit: 'money', better: 'higher', bases: ['period'], facts: ['deal'], decimals: 0 },
  { key: 'revenue_growth', unit: 'ratio', better: 'higher', bases: ['period'], facts: ['deal'], decimals: 1 },
  { key: 'win_rate', unit: 'ratio', better: 'higher', bases: ['period'], facts: ['deal'], decimals: 1 },
  { key: 'deal_size', unit: 'money', better: null, bases: ['period'], facts: ['deal'], decimals: 0 },
  { key: 'sales_cycle', unit: 'days', better: 'lower', bases: ['period'], facts: ['deal'], decimals: 1 },
  { key: 'cac', unit: 'money', better: 'lower', bases: ['period'], facts: ['spend', 'deal'], decimals: 2 },
]

export const isMetricKey = (key: unknown): key is MetricKey => metricKeys.some((known) => known === key)

/** A metric's definition. */
export function metricOf(key: MetricKey): Metric {
  const metric = metrics.find((candidate) => candidate.key === key)
  if (!metric) throw new Error(`metric without a definition: ${key}`)
  return metric
}

/** A metric's value for one month. */
export interface Observation {
  metric: MetricKey
  basis: Basis
  /** Empty on the period basis. */
  window: CohortWindow | ''
  /** `YYYY-MM`, in the reporting time zone. */
  period: string
  /** Null where it is undefined, never a false 0. `sales_cycle`: the median. */
  value: number | null
  numerator: number | null
  denominator: number | null
  /** Records behind the value. */
  count: number
  /** `sales_cycle` only. */
  mean: number | null
  p90: number | null
  /** The month is still running, or the cohort's window is. */
  provisional: boolean
  /** Oldest last successful pull of the sources behind it. */
  asOf: Date
}

/** Where a metric's data stands against how often it is expected. */
export type Freshness = 'fresh' | 'late' | 'stale' | 'never'

/** What a KPI should reach, in the unit of its value. */
export interface Goal {
  metric: MetricKey
  target: number
  /** Null: the median of the first six whole periods. */
  baseline: number | null
  scale: 'linear' | 'log'
}
