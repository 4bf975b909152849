/**
 * KPI arithmetic: from sums of facts by period to observations. Every ratio keeps its parts, and what is undefined is
 * null rather than 0.
 */

import { addDays } from './calendar'
import type { ClosedSums, Evidence, FactSums, HandedSums, Span, StepSums, Tally } from './fact-sums'
import type { FactKind } from './facts'
import {
  answerWithin,
  type Basis,
  type CohortWindow,
  cohortWindows,
  type Freshness,
  type KpiKey,
  type MetricKey,
  metricOf,
  type Observation,
} from './metrics'
import { firstDayOf, type Grain, grainOf, lastDayOf, periodAfter, periodOf, periodsThrough, yearBefore } from './periods'

/** Oldest successful pull of the sources that hold a kind of fact: the moment, and its day in the reporting time zone. */
export interface AsOf {
  moment: Date
  day: string
}

export interface Wanted {
  /** Months where nothing else is said. */
  grain?: Grain
  /** One metric only. */
  metric?: MetricKey | undefined
  /** Periods of the grain, both included. */
  from?: string | undefined
  to?: string | undefined
  /** What there is outside the sums; taken from them where they are of everything. */
  evidence?: Evidence
}

/**
 * All observations that these facts support, for every period from the first lead or closed deal to the last; of acquisition
 * cost from the first closed deal or spend, of stages from the first entry into one, of hand-offs from the first of those.
 *
 * A metric that lacks a kind of fact altogether has none: no deal was ever imported does not mean that none was won.
 *
 * @param newestDay of any lead, closed deal, entry, activity or spend: cohorts wait until the data reaches their window
 * @example observationsOf(sums, asOf, '2026-10-30', { grain: 'quarter', metric: 'won_revenue' })
 */
export function observationsOf(
  sums: FactSums,
  asOf: Partial<Record<FactKind, AsOf>>,
  newestDay: string,
  { grain = 'month', metric, from = '', to = '9999', evidence = evidenceIn(sums) }: Wanted = {},
): Observation[] {
  const found: Observation[] = []
  for (const family of families) {
    if (metric !== undefined && !family.keys.some((key) => key === metric)) continue
    const range = rangeOf(family.spans(evidence, asOf, sums), grain)
    if (!range) continue
    for (const period of periodsThrough(range.first > from ? range.first : from || range.first, range.last < to ? range.last : to)) {
      const before = period === range.first ? null : periodAfter(period, -1)
      const yearAgo = yearBefore(period)
      const at = { sums, asOf, period, evidence, newestDay, before, yearAgo: yearAgo !== null && yearAgo >= range.first ? yearAgo : null }
      for (const observation of family.figures(at)) if (metric === undefined || observation.metric === metric) found.push(observation)
    }
  }
  for (const [key, byPeriod] of sums.values) {
    if (metric === undefined || metric === key) found.push(...pushed(key as MetricKey, byPeriod, { asOf, grain, from, to }))
  }
  return found
}

/**
 * The value below which a share of the records lies, interpolated linearly between neighbours (type 7 of Hyndman & Fan
 * 1996, as R, NumPy and spreadsheets do). Null for no records.
 *
 * @example quantile([{ value: 4, count: 1 }, { value: 14, count: 1 }, { value: 20, count: 1 }], 0.9) // 18.8
 */
export function quantile(values: readonly Tally[], share: number): number | null {
  const total = totalOf(values)
  if (total === 0) return null
  const position = (total - 1) * share
  const lower = valueAt(values, Math.floor(position))
  const upper = valueAt(values, Math.ceil(position))
  return lower + (upper - lower) * (position - Math.floor(position))
}

/**
 * How a source stands against the days within which new data is expected: late after one, stale after two of them.
 *
 * @example freshness(new Date('2026-10-01'), 31, new Date('2026-11-22')) // 'late'
 */
export function freshness(lastSuccess: Date | null, expectedEveryDays: number, now: Date): Freshness {
  if (!lastSuccess) return 'never'
  const days = (now.getTime() - lastSuccess.getTime()) / 86_400_000
  if (days <= expectedEveryDays) return 'fresh'
  return days <= 2 * expectedEveryDays ? 'late' : 'stale'
}

/** Days after its end in which a period's leads may still be accepted, returned, qualified or tried again. */
export const settlingDays = 30
/** Days after its end in which its leads may still get their first answer. */
const answerDays = 7
/** "Ever" settles as late as the longest window of cohorts. */
const longestWindow = 90

interface Period {
  sums: FactSums
  evidence: Evidence
  asOf: Partial<Record<FactKind, AsOf>>
  period: string
  /** Null for the first period there is. */
  before: string | null
  /** The same period of the year before; null where there is none. */
  yearAgo: string | null
  newestDay: string
}

type Spans = readonly (Span | null)[]

interface Family {
  keys: readonly KpiKey[]
  /** The days that the figures are of. */
  spans(evidence: Evidence, asOf: Partial<Record<FactKind, AsOf>>, sums: FactSums): Spans
  figures(at: Period): Observation[]
}

const ofFunnel = ({ leads, closed }: Evidence): Spans => [leads, closed]
/** A bill of a later month says nothing about leads and deals: it must not bring zeros for them. */
const ofCosts = ({ closed, spend }: Evidence): Spans => [closed, spend]
const ofWins = ({ closed }: Evidence): Spans => [closed]
const ofSpend = ({ spend }: Evidence): Spans => [spend]
const ofStages = ({ stages }: Evidence): Spans => [stages]
const ofHandOffs = ({ handed }: Evidence): Spans => [handed]

const families: readonly Family[] = [
  { keys: ['lead_volume'], spans: ofFunnel, figures: leadVolume },
  { keys: ['lead_conversion'], spans: ofFunnel, figures: (at) => [...conversion(at), ...conversionOfCohort(at)] },
  { keys: ['won_deals', 'won_revenue', 'win_rate', 'win_rate_amount', 'deal_size'], spans: ofFunnel, figures: sales },
  { keys: ['sourced_revenue', 'influenced_revenue'], spans: ofWins, figures: broughtByMarketing },
  { keys: ['revenue_growth', 'revenue_growth_yoy'], spans: ofFunnel, figures: growth },
  { keys: ['sales_cycle', 'lead_cycle'], spans: ofFunnel, figures: cycles },
  { keys: ['cac', 'cac_lagged'], spans: ofCosts, figures: acquisitionCost },
  { keys: ['spend_sales', 'spend_marketing'], spans: ofSpend, figures: spendOfSides },
  { keys: ['mql_volume', 'mql_acceptance', 'sql_rate', 'opportunity_rate'], spans: ofStages, figures: steps },
  { keys: ['returned_rate'], spans: ofHandOffs, figures: returned },
  { keys: ['response_time', ...(Object.keys(answerWithin) as (keyof typeof answerWithin)[])], spans: ofHandOffs, figures: responses },
  { keys: ['connect_attempts', 'enough_attempts'], spans: ofHandOffs, figures: attempts },
  {
    keys: ['headcount_sales', 'headcount_marketing'],
    spans: (_, { headcount }, { heads }) => {
      const first = [...heads.sales.keys(), ...heads.marketing.keys()].sort()[0]
      return [first && headcount ? { first: firstDayOf(first), last: headcount.day } : null]
    },
    figures: headcounts,
  },
]

// ── Figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function leadVolume(at: Period): Observation[] {
  const leads = at.sums.leads.get(at.period) ?? 0
  return observation(at, 'lead_volume', { value: leads, count: leads })
}

/** Won in the period by leads created in the period, each on its own date. */
const conversion = (at: Period) => observation(at, 'lead_conversion', ratio(closedIn(at).won, at.sums.leads.get(at.period) ?? 0))

/** Needs leads and deals that know each other; without any link, "nobody was won" would be made up. */
function conversionOfCohort(at: Period): Observation[] {
  if (!at.evidence.links) return []
  const won = at.sums.cohorts.get(at.period) ?? []
  return cohortWindows.flatMap((window) => {
    const inTime = totalOf(won.filter(({ value }) => window === 'ever' || value <= Number(window)))
    const settles = window === 'ever' ? longestWindow : Number(window)
    return observation(at, 'lead_conversion', ratio(inTime, at.sums.leads.get(at.period) ?? 0), { basis: 'cohort', window, settles })
  })
}

function sales(at: Period): Observation[] {
  const { won, lost, amounts, revenue, lostAmount } = closedIn(at)
  const hasAmounts = at.evidence.amounts
  return [
    ...observation(at, 'won_deals', { value: won, count: won }),
    ...(hasAmounts ? observation(at, 'won_revenue', { value: revenueIn(at, at.period), count: amounts }) : []),
    // A source that delivers won deals only would always be at 100 %.
    ...(at.evidence.lost ? observation(at, 'win_rate', ratio(won, won + lost)) : []),
    ...(at.evidence.lost && hasAmounts
      ? observation(at, 'win_rate_amount', { ...ratio(revenue, revenue + lostAmount), count: won + lost })
      : []),
    ...(hasAmounts ? observation(at, 'deal_size', { ...ratio(revenue, amounts), count: amounts }) : []),
  ]
}

/** Shares of the revenue won; where nobody says of any deal how it came, nothing is known of either. */
function broughtByMarketing(at: Period): Observation[] {
  if (!at.evidence.amounts || !at.evidence.origins) return []
  const { revenue, sourced, influenced } = at.sums.marketing.get(at.period) ?? { revenue: 0, sourced: 0, influenced: 0 }
  const count = closedIn(at).amounts
  return [
    ...observation(at, 'sourced_revenue', { ...ratio(sourced, revenue), count }),
    ...observation(at, 'influenced_revenue', { ...ratio(influenced, revenue), count }),
  ]
}

/** A running period is never held against a whole one. */
function growth(at: Period): Observation[] {
  if (!at.evidence.amounts) return []
  const now = revenueIn(at, at.period)
  const count = closedIn(at).amounts
  const since = (metric: KpiKey, earlier: string | null): Figures => {
    const before = earlier === null ? null : revenueIn(at, earlier)
    if (before === null || before === 0 || now === null || isOpen(at, metric, 0)) return { value: null, count }
    return { value: (now - before) / before, numerator: now - before, denominator: before, count }
  }
  return [
    ...observation(at, 'revenue_growth', since('revenue_growth', at.before)),
    ...observation(at, 'revenue_growth_yoy', since('revenue_growth_yoy', at.yearAgo)),
  ]
}

function cycles(at: Period): Observation[] {
  return [
    ...(at.evidence.cycles ? observation(at, 'sales_cycle', distribution(at.sums.cycles.get(at.period))) : []),
    ...(at.evidence.leadCycles ? observation(at, 'lead_cycle', distribution(at.sums.leadCycles.get(at.period))) : []),
  ]
}

function acquisitionCost(at: Period): Observation[] {
  const { newCustomers } = closedIn(at)
  const cost = (spend: number): Figures => ({
    numerator: spend,
    denominator: newCustomers,
    count: newCustomers,
    value: spend === 0 || newCustomers === 0 ? null : spend / newCustomers,
  })
  const hasLag = metricOf('cac_lagged').grains.some((grain) => grain === grainOf(at.period))
  return [
    ...observation(at, 'cac', cost(at.sums.spend.get(at.period)?.total ?? 0)),
    ...(hasLag ? observation(at, 'cac_lagged', cost(at.sums.laggedSpend.get(at.period) ?? 0)) : []),
  ]
}

function spendOfSides(at: Period): Observation[] {
  const { sales: ofSales = 0, marketing = 0 } = at.sums.spend.get(at.period) ?? {}
  return [
    ...observation(at, 'spend_sales', { value: ofSales, count: 0 }),
    ...observation(at, 'spend_marketing', { value: marketing, count: 0 }),
  ]
}

/** Of the leads that first entered a stage in the period, those that reached the next one or a later one since. */
function steps(at: Period): Observation[] {
  const { mqls, sals, sqls } = at.sums
  const mql = mqls.get(at.period)?.entered ?? 0
  const went = (metric: KpiKey, is: boolean, all: ReadonlyMap<string, StepSums>) => {
    const { entered, went: reached } = all.get(at.period) ?? { entered: 0, went: 0 }
    return is ? observation(at, metric, ratio(reached, entered), { settles: settlingDays }) : []
  }
  const { evidence } = at
  return [
    ...(evidence.mql ? observation(at, 'mql_volume', { value: mql, count: mql }) : []),
    ...went('mql_acceptance', evidence.mql && evidence.sal, mqls),
    ...went('sql_rate', evidence.sal && evidence.sql, sals),
    ...went('opportunity_rate', evidence.sql && evidence.opportunity, sqls),
  ]
}

/** A source that knows of no return at all may not have recorded any. */
function returned(at: Period): Observation[] {
  if (!at.evidence.returned) return []
  const { leads, returned: back } = handedIn(at)
  return observation(at, 'returned_rate', ratio(back, leads), { settles: settlingDays })
}

function responses(at: Period): Observation[] {
  const { leads, answered, untimed, within } = handedIn(at)
  const time = distribution(at.sums.answers.get(at.period))
  const shares = (Object.keys(answerWithin) as (keyof typeof answerWithin)[]).flatMap((metric, index) =>
    observation(at, metric, ratio(within[index] ?? 0, leads - untimed), { settles: 1 }),
  )
  return [...observation(at, 'response_time', { ...time, numerator: answered, denominator: leads }, { settles: answerDays }), ...shares]
}

function attempts(at: Period): Observation[] {
  const { leads, enough } = handedIn(at)
  return [
    ...observation(at, 'connect_attempts', distribution(at.sums.attempts.get(at.period)), { settles: settlingDays }),
    ...observation(at, 'enough_attempts', ratio(enough, leads), { settles: settlingDays }),
  ]
}

/** People at the end of the period; before the first row of a side nobody knows. */
function headcounts(at: Period): Observation[] {
  const { sales: ofSales, marketing } = at.sums.heads
  const latest = (heads: ReadonlyMap<string, number>): Figures => {
    const period = [...heads.keys()].sort().findLast((known) => known <= at.period)
    return { value: period === undefined ? null : (heads.get(period) ?? null), count: 0 }
  }
  return [
    ...(ofSales.size > 0 ? observation(at, 'headcount_sales', latest(ofSales)) : []),
    ...(marketing.size > 0 ? observation(at, 'headcount_marketing', latest(marketing)) : []),
  ]
}

function pushed(
  metric: MetricKey,
  byPeriod: FactSums['values'] extends ReadonlyMap<string, infer Values> ? Values : never,
  { asOf, grain, from, to }: { asOf: Partial<Record<FactKind, AsOf>>; grain: Grain; from: string; to: string },
): Observation[] {
  const { value: read } = asOf
  if (!read) return []
  return [...byPeriod]
    .filter(([period]) => grainOf(period) === grain && period >= from && period <= to)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([period, { value, numerator, denominator }]) => ({
      metric,
      basis: 'period' as const,
      window: '' as const,
      period,
      value,
      numerator,
      denominator,
      count: denominator ?? 0,
      mean: null,
      p90: null,
      provisional: read.day <= lastDayOf(period),
      asOf: read.moment,
    }))
}

// ── Observations ────────────────────────────────────────────────────────────────────────────────────────────────────

interface Figures {
  value: number | null
  numerator?: number
  denominator?: number
  count: number
  mean?: number | null
  p90?: number | null
}

/** Nothing where a kind of fact that the metric needs was never imported. `settles`: days after its end that may change it. */
function observation(
  at: Period,
  metric: KpiKey,
  figures: Figures,
  { basis = 'period', window = '', settles = 0 }: { basis?: Basis; window?: CohortWindow | ''; settles?: number } = {},
): Observation[] {
  const asOf = asOfMetric(at, metric)
  if (!asOf) return []
  const { value, numerator = null, denominator = null, count, mean = null, p90 = null } = figures
  const provisional = isOpen(at, metric, settles)
  return [{ metric, basis, window, period: at.period, value, numerator, denominator, count, mean, p90, provisional, asOf: asOf.moment }]
}

function asOfMetric(at: Period, metric: KpiKey): AsOf | undefined {
  const parts = metricOf(metric).facts.map((kind) => at.asOf[kind])
  return parts.reduce((oldest, part) => (oldest && part && part.moment < oldest.moment ? part : part && oldest), parts[0])
}

/** Whether the data was read before the period had ended, or before it reached so many days past its last one. */
function isOpen(at: Period, metric: KpiKey, settles: number): boolean {
  const asOf = asOfMetric(at, metric)
  const settled = addDays(lastDayOf(at.period), settles)
  return asOf === undefined || asOf.day <= settled || (settles > 0 && at.newestDay < settled)
}

const ratio = (numerator: number, denominator: number) => ({
  value: denominator === 0 ? null : numerator / denominator,
  numerator,
  denominator,
  count: denominator,
})

/** The median first: one deal that took a year would move a mean. */
function distribution(values: readonly Tally[] = []) {
  const count = totalOf(values)
  const sum = values.reduce((total, each) => total + each.value * each.count, 0)
  return { value: quantile(values, 0.5), count, mean: count === 0 ? null : sum / count, p90: quantile(values, 0.9) }
}

const totalOf = (values: readonly Tally[]) => values.reduce((sum, { count }) => sum + count, 0)

const nothingClosed: ClosedSums = { won: 0, lost: 0, amounts: 0, revenue: 0, lostAmount: 0, newCustomers: 0 }
const nothingHanded: HandedSums = { leads: 0, returned: 0, answered: 0, untimed: 0, within: [0, 0, 0, 0], enough: 0 }

const closedIn = (at: Period): ClosedSums => at.sums.closed.get(at.period) ?? nothingClosed
const handedIn = (at: Period): HandedSums => at.sums.handed.get(at.period) ?? nothingHanded

/** Null where deals were won and none of them says for how much in a currency that is known here. */
function revenueIn(at: Period, period: string): number | null {
  const { won, amounts, revenue } = at.sums.closed.get(period) ?? nothingClosed
  return won > 0 && amounts === 0 ? null : revenue
}

/** From the first of these days to the last, as periods. */
function rangeOf(spans: Spans, grain: Grain): { first: string; last: string } | null {
  const known = spans.filter((span) => span !== null)
  const first = known.map((span) => span.first).sort()[0]
  const last = known
    .map((span) => span.last)
    .sort()
    .at(-1)
  return first === undefined || last === undefined ? null : { first: periodOf(first, grain), last: periodOf(last, grain) }
}

/** What sums of everything show that there is. */
function evidenceIn(sums: FactSums): Evidence {
  const closed = [...sums.closed.values()]
  const went = (all: ReadonlyMap<string, StepSums>) => [...all.values()].some((step) => step.went > 0)
  const [hasSal, hasSql] = [sums.sals.size > 0 || went(sums.mqls), sums.sqls.size > 0 || went(sums.sals)]
  return {
    amounts: closed.some(({ amounts }) => amounts > 0),
    lost: closed.some(({ lost }) => lost > 0),
    origins: [...sums.marketing.values()].some(({ origins }) => origins > 0),
    links: sums.cohorts.size > 0,
    cycles: sums.cycles.size > 0,
    leadCycles: sums.leadCycles.size > 0,
    mql: sums.mqls.size > 0,
    sal: hasSal,
    sql: hasSql,
    opportunity: went(sums.sqls),
    returned: [...sums.handed.values()].some((step) => step.returned > 0),
    leads: spanOf(sums.leads),
    closed: spanOf(sums.closed),
    spend: spanOf(sums.spend),
    stages: spanOf(sums.mqls, sums.sals, sums.sqls),
    handed: spanOf(sums.handed),
  }
}

function spanOf(...maps: readonly ReadonlyMap<string, unknown>[]): Span | null {
  const periods = maps.flatMap((map) => [...map.keys()]).sort()
  const [first, last] = [periods[0], periods.at(-1)]
  return first === undefined || last === undefined ? null : { first: firstDayOf(first), last: lastDayOf(last) }
}

function valueAt(values: readonly Tally[], rank: number): number {
  let seen = 0
  for (const { value, count } of values) {
    seen += count
    if (rank < seen) return value
  }
  return values.at(-1)?.value ?? 0
}
