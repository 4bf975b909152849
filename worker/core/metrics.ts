/**
 * The KPIs that Plumbline computes from facts, and those that an organisation brings itself. Money is in minor units (cents)
 * of the organisation's currency, ratios are shares (0.1 is 10 %), durations are days or minutes.
 */
import type { FactKind } from './facts'
import type { Grain } from './periods'

export const bases = ['period', 'cohort'] as const
/** `period` counts each fact in its own period; `cohort` follows the leads created in a period. */
export type Basis = (typeof bases)[number]

/** Days that a cohort's leads have to be won in. */
export const cohortWindows = ['30', '60', '90', 'ever'] as const
export type CohortWindow = (typeof cohortWindows)[number]

/** What a KPI can be divided by: the source of its facts, the kind of lead, the channel that it came through. */
export const slices = ['source', 'leadType', 'channel'] as const
export type Slice = (typeof slices)[number]

export const kpiKeys = [
  'lead_volume',
  'lead_conversion',
  'mql_volume',
  'mql_acceptance',
  'returned_rate',
  'sql_rate',
  'opportunity_rate',
  'won_deals',
  'won_revenue',
  'revenue_growth',
  'revenue_growth_yoy',
  'win_rate',
  'win_rate_amount',
  'deal_size',
  'sourced_revenue',
  'influenced_revenue',
  'sales_cycle',
  'lead_cycle',
  'cac',
  'cac_lagged',
  'spend_sales',
  'spend_marketing',
  'headcount_sales',
  'headcount_marketing',
  'response_time',
  'response_5m',
  'response_1h',
  'response_4h',
  'response_24h',
  'connect_attempts',
  'enough_attempts',
  'customer_feedback',
] as const
export type KpiKey = (typeof kpiKeys)[number]

/** A metric of the organisation's own. */
export type OwnKey = `own-${string}`
export type MetricKey = KpiKey | OwnKey

export const units = ['count', 'ratio', 'money', 'days', 'minutes', 'points'] as const
/** `points` are of a scale that the organisation has: a score of satisfaction, say. */
export type Unit = (typeof units)[number]

export type Better = 'higher' | 'lower' | null

/** How values of a metric are written. */
export interface Measure {
  unit: Unit
  /** Decimals to show: of the percentage for ratios, of the major unit for money. */
  decimals: number
}

export interface Definition<Key extends MetricKey = MetricKey> extends Measure {
  key: Key
  /** Which direction is good; null where neither is. */
  better: Better
  /** The first one is what a card shows. */
  bases: readonly Basis[]
  /** Needs at least one fact of each kind; otherwise there is no observation, rather than a false 0. */
  facts: readonly FactKind[]
  grains: readonly Grain[]
  slices: readonly Slice[]
}

/** A KPI that is computed from facts. */
export type Metric = Definition<KpiKey>

const every: readonly Grain[] = ['day', 'week', 'month', 'quarter']
const asLead: readonly Slice[] = ['source', 'leadType', 'channel']

const leads = { better: 'higher', bases: ['period'], grains: every, slices: asLead } as const
const count = { ...leads, unit: 'count', decimals: 0 } as const
const share = { ...leads, unit: 'ratio', decimals: 1 } as const
const money = { ...leads, unit: 'money', decimals: 0 } as const
const days = { ...leads, unit: 'days', better: 'lower', decimals: 1 } as const
const heads = { ...leads, unit: 'count', better: null, decimals: 1, slices: [] } as const

export const metrics: readonly Metric[] = [
  { ...count, key: 'lead_volume', facts: ['lead'] },
  { ...share, key: 'lead_conversion', bases: ['period', 'cohort'], facts: ['lead', 'deal'] },
  { ...count, key: 'mql_volume', facts: ['lead', 'stage'] },
  { ...share, key: 'mql_acceptance', facts: ['lead', 'stage'] },
  { ...share, key: 'returned_rate', better: 'lower', facts: ['lead', 'stage'] },
  { ...share, key: 'sql_rate', facts: ['lead', 'stage'] },
  { ...share, key: 'opportunity_rate', facts: ['lead', 'stage'] },
  { ...count, key: 'won_deals', facts: ['deal'] },
  { ...money, key: 'won_revenue', facts: ['deal'] },
  { ...share, key: 'revenue_growth', facts: ['deal'] },
  { ...share, key: 'revenue_growth_yoy', facts: ['deal'] },
  { ...share, key: 'win_rate', facts: ['deal'] },
  { ...share, key: 'win_rate_amount', facts: ['deal'] },
  { ...money, key: 'deal_size', better: null, facts: ['deal'] },
  { ...share, key: 'sourced_revenue', better: null, facts: ['deal'], slices: [] },
  { ...share, key: 'influenced_revenue', better: null, facts: ['deal', 'touch'], slices: [] },
  { ...days, key: 'sales_cycle', facts: ['deal'] },
  { ...days, key: 'lead_cycle', facts: ['lead', 'deal'] },
  { ...money, key: 'cac', better: 'lower', decimals: 2, facts: ['spend', 'deal'], slices: ['channel'] },
  {
    ...money,
    key: 'cac_lagged',
    better: 'lower',
    decimals: 2,
    facts: ['spend', 'deal'],
    slices: ['channel'],
    grains: ['month', 'quarter'],
  },
  { ...money, key: 'spend_sales', better: null, facts: ['spend'], slices: ['source', 'channel'] },
  { ...money, key: 'spend_marketing', better: null, facts: ['spend'], slices: ['source', 'channel'] },
  { ...heads, key: 'headcount_sales', facts: ['headcount'] },
  { ...heads, key: 'headcount_marketing', facts: ['headcount'] },
  { ...leads, key: 'response_time', unit: 'minutes', better: 'lower', decimals: 0, facts: ['lead', 'stage', 'activity'] },
  { ...share, key: 'response_5m', facts: ['lead', 'stage', 'activity'] },
  { ...share, key: 'response_1h', facts: ['lead', 'stage', 'activity'] },
  { ...share, key: 'response_4h', facts: ['lead', 'stage', 'activity'] },
  { ...share, key: 'response_24h', facts: ['lead', 'stage', 'activity'] },
  { ...count, key: 'connect_attempts', better: null, decimals: 1, facts: ['lead', 'stage', 'activity'] },
  { ...share, key: 'enough_attempts', facts: ['lead', 'stage', 'activity'] },
  { ...leads, key: 'customer_feedback', unit: 'points', decimals: 1, facts: ['value'], slices: [] },
]

/** Minutes that a lead was answered within, by metric. */
export const answerWithin = { response_5m: 5, response_1h: 60, response_4h: 240, response_24h: 1_440 } as const

/** Compared with the people index and around events whether or not they have a goal; the others once they have one. */
export const comparedKeys: readonly KpiKey[] = [
  'lead_volume',
  'lead_conversion',
  'won_deals',
  'won_revenue',
  'revenue_growth',
  'win_rate',
  'deal_size',
  'sales_cycle',
  'cac',
]

/** Whether this is a KPI that is computed from facts. */
export const isKpiKey = (key: unknown): key is KpiKey => kpiKeys.some((known) => known === key)

/** Whether this could be the key of a metric of the organisation's own. */
export const isOwnKey = (key: unknown): key is OwnKey =>
  typeof key === 'string' && /^own-[a-z0-9]+(-[a-z0-9]+)*$/.test(key) && key.length <= 64

/** A metric's definition. */
export function metricOf(key: KpiKey): Metric {
  const metric = metrics.find((candidate) => candidate.key === key)
  if (!metric) throw new Error(`metric without a definition: ${key}`)
  return metric
}

/** What an organisation says of a metric of its own. */
export interface OwnMetric {
  key: OwnKey
  name: string
  unit: Unit
  better: Better
}

const ownDecimals: Readonly<Record<Unit, number>> = { count: 1, ratio: 1, money: 2, days: 1, minutes: 0, points: 1 }

/** The definition of an own metric: its values come as they are pushed, each in the grain of its period. */
export const ownDefinition = ({ key, unit, better }: OwnMetric): Definition<OwnKey> => ({
  key,
  unit,
  better,
  decimals: ownDecimals[unit],
  bases: ['period'],
  facts: ['value'],
  grains: every,
  slices: [],
})

/** A metric's value for one period. */
export interface Observation {
  metric: MetricKey
  basis: Basis
  /** Empty on the period basis. */
  window: CohortWindow | ''
  /** A period of any grain, in the reporting time zone; stored ones are months, `YYYY-MM`. */
  period: string
  /** Null where it is undefined, never a false 0. Cycles, response time and attempts: the median. */
  value: number | null
  /** `response_time`: leads that were answered, of those that were handed over. */
  numerator: number | null
  denominator: number | null
  /** Records behind the value. */
  count: number
  /** Where the value is a median. */
  mean: number | null
  p90: number | null
  /** The period is still running, or what its leads become may still change. */
  provisional: boolean
  /** Oldest last successful pull of the sources behind it. */
  asOf: Date
}

/**
 * Where a metric's data stands against how often it is expected; `failing` and `stopped` are not late yet, and come from a source
 * that cannot be read.
 */
export type Freshness = 'fresh' | 'failing' | 'stopped' | 'late' | 'stale' | 'never'

/** Whether it is older than it should be, so that what is newest in it may still change. */
export const isOverdue = (freshness: Freshness): boolean => freshness === 'late' || freshness === 'stale'

/** What a KPI should reach, in the unit of its value. */
export interface Goal {
  metric: MetricKey
  target: number
  /** Null: the median of the first six whole periods. */
  baseline: number | null
  scale: 'linear' | 'log'
}
