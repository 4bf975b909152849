/**
 * KPI arithmetic: from monthly sums of facts to observations. Every ratio keeps its parts, and what is undefined is
 * null rather than 0.
 */
import { monthAfter, monthsThrough } from './calendar'
import type { FactKind } from './facts'
import { type Basis, type CohortWindow, cohortWindows, type Freshness, type MetricKey, metricOf, type Observation } from './metrics'

/** How many, at which number of whole days. */
export interface Days {
  days: number
  count: number
}

/** What happened in one month; a month without a fact has no entry in the map that holds it. */
export interface FactSums {
  /** Leads created. */
  leads: ReadonlyMap<string, number>
  closed: ReadonlyMap<string, ClosedSums>
  /** Minor units of the organisation's currency, by month. */
  spend: ReadonlyMap<string, number>
  /** Won deals whose duration is known and not negative, by close month, shortest first. */
  cycles: ReadonlyMap<string, readonly Days[]>
  /** Won leads by the month they were created in: days from lead to win, shortest first. Below 0 where the clocks disagree. */
  cohorts: ReadonlyMap<string, readonly Days[]>
}

export interface ClosedSums {
  won: number
  lost: number
  /** Won deals with an amount in the organisation's currency, and those amounts in minor units. */
  amounts: number
  revenue: number
  /** Customers whose first won deal closed in this month. */
  newCustomers: number
}

/** Oldest successful pull of the sources that hold a kind of fact: the moment, and its day in the reporting time zone. */
export interface AsOf {
  moment: Date
  day: string
}

/**
 * All observations that these facts support, for every month from the first lead or closed deal to the last; of
 * acquisition cost, from the first closed deal or spend to the last.
 *
 * A metric that lacks a kind of fact altogether has none: no deal was ever imported does not mean that none was won.
 *
 * @param newestDay of any lead, closed deal or spend: cohorts wait until the data reaches their window
 */
export function observationsOf(sums: FactSums, asOf: Partial<Record<FactKind, AsOf>>, newestDay: string): Observation[] {
  const at = (months: readonly string[], month: string): Month => {
    return { sums, asOf, month, newestDay, previous: month === months[0] ? null : monthAfter(month, -1) }
  }
  const funnel = monthsFrom([...sums.leads.keys(), ...sums.closed.keys()])
  // A bill of a later month says nothing about leads and deals: it must not bring zeros for them.
  const costs = monthsFrom([...sums.closed.keys(), ...sums.spend.keys()])
  return [
    ...funnel
      .map((month) => at(funnel, month))
      .flatMap((each) => [leadVolume, conversion, conversionOfCohort, sales, cycle].flatMap((figures) => figures(each))),
    ...costs.flatMap((month) => acquisitionCost(at(costs, month))),
  ]
}

/**
 * The value below which a share of the records lies, interpolated linearly between neighbours (type 7 of Hyndman & Fan
 * 1996, as R, NumPy and spreadsheets do). Null for no records.
 *
 * @example quantile([{ days: 4, count: 1 }, { days: 14, count: 1 }, { days: 20, count: 1 }], 0.9) // 18.8
 */
export function quantile(values: readonly Days[], share: number): number | null {
  const total = values.reduce((sum, { count }) => sum + count, 0)
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

interface Month {
  sums: FactSums
  asOf: Partial<Record<FactKind, AsOf>>
  month: string
  /** Null for the first month there is. */
  previous: string | null
  newestDay: string
}

function leadVolume(at: Month): Observation[] {
  return observation(at, 'lead_volume', () => {
    const leads = at.sums.leads.get(at.month) ?? 0
    return { value: leads, count: leads }
  })
}

/** Won in the month by leads created in the month, each on its own date. */
function conversion(at: Month): Observation[] {
  return observation(at, 'lead_conversion', () => ratio(closedIn(at).won, at.sums.leads.get(at.month) ?? 0))
}

/** Needs leads and deals that know each other; without any link, "nobody was won" would be made up. */
function conversionOfCohort(at: Month): Observation[] {
  if (at.sums.cohorts.size === 0) return []
  const won = at.sums.cohorts.get(at.month) ?? []
  return cohortWindows.flatMap((window) => {
    const inTime = won.filter(({ days }) => window === 'ever' || days <= Number(window))
    const figures = ratio(
      inTime.reduce((sum, { count }) => sum + count, 0),
      at.sums.leads.get(at.month) ?? 0,
    )
    return observation(at, 'lead_conversion', () => figures, 'cohort', window)
  })
}

function sales(at: Month): Observation[] {
  const { won, lost, amounts, revenue } = closedIn(at)
  const all = [...at.sums.closed.values()]
  const hasAmounts = all.some((month) => month.amounts > 0)
  const hasLost = all.some((month) => month.lost > 0)
  return [
    ...observation(at, 'won_deals', () => ({ value: won, count: won })),
    ...(hasAmounts ? observation(at, 'won_revenue', () => ({ value: revenueIn(at, at.month), count: amounts })) : []),
    ...(hasAmounts ? observation(at, 'revenue_growth', () => growth(at)) : []),
    // A source that delivers won deals only would always be at 100 %.
    ...(hasLost ? observation(at, 'win_rate', () => ratio(won, won + lost)) : []),
    ...(hasAmounts ? observation(at, 'deal_size', () => ({ ...ratio(revenue, amounts), count: amounts })) : []),
  ]
}

/** A running month is never held against a whole one. */
function growth(at: Month): Figures {
  const before = at.previous === null ? null : revenueIn(at, at.previous)
  const now = revenueIn(at, at.month)
  const count = closedIn(at).amounts
  if (before === null || before === 0 || now === null || isRunning(at, 'revenue_growth')) return { value: null, count }
  return { value: (now - before) / before, numerator: now - before, denominator: before, count }
}

function cycle(at: Month): Observation[] {
  if (at.sums.cycles.size === 0) return []
  const days = at.sums.cycles.get(at.month) ?? []
  const count = days.reduce((sum, each) => sum + each.count, 0)
  const total = days.reduce((sum, each) => sum + each.days * each.count, 0)
  const mean = count === 0 ? null : total / count
  return observation(at, 'sales_cycle', () => ({ value: quantile(days, 0.5), count, mean, p90: quantile(days, 0.9) }))
}

function acquisitionCost(at: Month): Observation[] {
  return observation(at, 'cac', () => {
    const spend = at.sums.spend.get(at.month) ?? 0
    const { newCustomers } = closedIn(at)
    const figures = { numerator: spend, denominator: newCustomers, count: newCustomers }
    return { ...figures, value: spend === 0 || newCustomers === 0 ? null : spend / newCustomers }
  })
}

interface Figures {
  value: number | null
  numerator?: number
  denominator?: number
  count: number
  mean?: number | null
  p90?: number | null
}

/** Nothing where a kind of fact that the metric needs was never imported. */
function observation(
  at: Month,
  metric: MetricKey,
  figures: () => Figures,
  basis: Basis = 'period',
  window: CohortWindow | '' = '',
): Observation[] {
  const asOf = asOfMetric(at, metric)
  if (!asOf) return []
  const { value, numerator = null, denominator = null, count, mean = null, p90 = null } = figures()
  const provisional = basis === 'cohort' ? isCohortOpen(at, asOf, window) : isRunning(at, metric)
  return [{ metric, basis, window, period: at.month, value, numerator, denominator, count, mean, p90, provisional, asOf: asOf.moment }]
}

function asOfMetric(at: Month, metric: MetricKey): AsOf | undefined {
  const parts = metricOf(metric).facts.map((kind) => at.asOf[kind])
  return parts.reduce((oldest, part) => (oldest && part && part.moment < oldest.moment ? part : part && oldest), parts[0])
}

/** Whether the data was read before the month had ended. */
function isRunning(at: Month, metric: MetricKey): boolean {
  const asOf = asOfMetric(at, metric)
  return asOf === undefined || asOf.day < `${monthAfter(at.month, 1)}-01`
}

/** Until the data reaches so many days past the month's last day; "ever" settles as late as the longest window. */
function isCohortOpen(at: Month, asOf: AsOf, window: CohortWindow | ''): boolean {
  const days = window === 'ever' ? longestWindow : Number(window)
  const lastDay = Date.parse(`${monthAfter(at.month, 1)}-01`) - 86_400_000
  const settled = new Date(lastDay + days * 86_400_000).toISOString().slice(0, 10)
  return at.newestDay < settled || asOf.day <= settled
}

const longestWindow = 90

function ratio(numerator: number, denominator: number): Figures {
  return { value: denominator === 0 ? null : numerator / denominator, numerator, denominator, count: denominator }
}

const nothingClosed: ClosedSums = { won: 0, lost: 0, amounts: 0, revenue: 0, newCustomers: 0 }

const closedIn = (at: Month): ClosedSums => at.sums.closed.get(at.month) ?? nothingClosed

/** Null where deals were won and none of them says for how much in the organisation's currency. */
function revenueIn(at: Month, month: string): number | null {
  const { won, amounts, revenue } = at.sums.closed.get(month) ?? nothingClosed
  return won > 0 && amounts === 0 ? null : revenue
}

/** Every month from the first of these to the last. */
function monthsFrom(known: readonly string[]): string[] {
  const [first, last] = [known.toSorted()[0], known.toSorted().at(-1)]
  return first !== undefined && last !== undefined ? monthsThrough(first, last) : []
}

function valueAt(values: readonly Days[], rank: number): number {
  let seen = 0
  for (const { days, count } of values) {
    seen += count
    if (rank < seen) return days
  }
  return values.at(-1)?.days ?? 0
}
