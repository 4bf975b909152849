/** All KPIs side by side: of the whole or of one group, by any grain. */
import { addDays, dayOf } from '../core/calendar'
import { DomainError } from '../core/errors'
import { noSums } from '../core/fact-sums'
import { factKinds } from '../core/facts'
import { observationsOf } from '../core/kpi'
import { type Definition, type Freshness, isOverdue, type Observation, type Slice } from '../core/metrics'
import { firstDayOf, type Grain, grainOf, lastDayOf, periodAfter, periodOf } from '../core/periods'
import type { Database } from '../db/client'
import { hasGroup } from '../db/facts'
import { countUnconverted, sumFacts, sumParts, type Unconverted } from '../db/kpi-sums'
import type { Settings } from '../db/settings'
import { listSourceNames } from '../db/sources'
import type { ServiceContext } from './context'
import { asOfKinds, freshnessOfKinds, type KnownMetrics, type MetricView } from './metrics'
import { mostGroups } from './observations'

export interface KpiTable {
  settings: Settings
  rows: KpiRow[]
  /** Metrics that this grain or slice has, and no value is known of. */
  without: MetricView[]
  /** Groups of the slice, the largest first; empty without one. */
  groups: { value: string; name: string }[]
  /** Rows that no rate is known for: they are in no sum of money. */
  unconverted: Unconverted[]
  hasSources: boolean
}

export interface KpiRow {
  metric: MetricView
  /** The last period that is over and settled, up to the one that was asked for; null where none is. */
  whole: Observation | null
  /** The one before it, where it has a value. */
  before: Observation | null
  /** What has come since, and may still change. */
  running: Observation | null
  freshness: Freshness
}

export interface TableWanted {
  grain: Grain
  by?: Slice | undefined
  value?: string | undefined
  /** The last period that is looked at; the newest one where it is left out. */
  period?: string | undefined
}

/**
 * Every KPI's latest whole period, the one before, and what is running.
 *
 * @throws DomainError invalid-input for a period of another grain, or a value without a slice
 * @example await readKpis(context, known, { grain: 'quarter', by: 'channel', value: 'ads' })
 */
export async function readKpis(context: ServiceContext, known: KnownMetrics, wanted: TableWanted): Promise<KpiTable> {
  const { db, now } = context
  const { grain, by, value, period } = wanted
  if (period !== undefined && grainOf(period) !== grain) throw refused('period', `Use a period such as ${periodOf('2026-06-01', grain)}.`)
  if (value !== undefined && by === undefined) throw refused('value', 'Say with `by` what this is a value of.')
  const { settings, sources, metrics, observations: stored } = known
  const asOf = asOfKinds(context, sources, settings.timeZone)
  const today = periodOf(dayOf(now, settings.timeZone), grain)
  const ofPeriods = stored.filter(({ basis }) => basis === 'period')
  const newest = newestPeriod(ofPeriods, grain, today)
  const to = period ?? newest
  const isStored = grain === 'month' && by === undefined
  const shown = metrics.filter((metric) => metric.grains.includes(grain) && (by === undefined || metric.slices.includes(by)))
  // Settled periods of rates lie a while back, and growth is held against the year before.
  const from = periodAfter(to, -lookBack[grain])
  const window = { from: addDays(firstDayOf(`${Number(from.slice(0, 4)) - 1}-01`), -7), to: lastDayOf(to) }
  const [unconverted, sums] = await Promise.all([
    countUnconverted(db, settings.currency),
    isStored
      ? null
      : sumFacts(db, {
          currency: settings.currency,
          grain,
          slice: by ?? null,
          parts: sumParts,
          kinds: factKinds.filter((kind) => asOf[kind]),
          window,
          lagMonths: settings.cacLagMonths,
          handOff: settings.handOff,
          attempts: settings.attemptsExpected,
          salesChannels: settings.salesChannels,
        }),
  ])
  const groups = by && sums ? await namesOf(context, by, sums.groups) : []
  const own = sums?.groups.get(value ?? '') ?? (by === undefined || value !== undefined ? noSums : undefined)
  const observations = isStored
    ? ofPeriods.filter((one) => one.period >= from && one.period <= to)
    : own && sums && (by === undefined || value !== undefined)
      ? observationsOf(own, asOf, sums.newestDay, { grain, from, to, ...(sums.evidence ? { evidence: sums.evidence } : {}) })
      : []
  const byMetric = Map.groupBy(observations, ({ metric }) => metric)
  const rows = shown.map((metric): KpiRow => {
    const series = (byMetric.get(metric.key) ?? []).filter(({ basis, value: amount }) => basis === basisOf(metric) && amount !== null)
    const age = freshnessOfKinds(metric.facts, sources, now)
    const last = series.at(-1)
    // Of a source that is late, the newest there is may still change, as the panels say, too.
    const isLate = isOverdue(age) && to >= newest
    const whole = series.findLast((one) => !(one.provisional || (isLate && one === last))) ?? null
    const before = whole ? (series.find((item) => item.period === periodAfter(whole.period, -1)) ?? null) : null
    return { metric, whole, before, running: last && last !== whole ? last : null, freshness: age }
  })
  return {
    settings,
    rows: rows.filter(({ whole, running }) => whole !== null || running !== null),
    without: rows.filter(({ whole, running }) => whole === null && running === null).map(({ metric }) => metric),
    groups,
    unconverted,
    hasSources: sources.length > 0,
  }
}

/** How far back a whole period is looked for. */
const lookBack: Readonly<Record<Grain, number>> = { day: 60, week: 16, month: 12, quarter: 5 }

const basisOf = ({ bases }: Definition) => bases[0] ?? 'period'

/** The newest period that there is anything of, at the latest the one of today. */
function newestPeriod(observed: readonly Observation[], grain: Grain, today: string): string {
  const last = observed.reduce((newest, { period }) => (period > newest ? period : newest), '')
  const period = last === '' ? today : periodOf(lastDayOf(last), grain)
  return period < today ? period : today
}

/** Sources by their names; channels and kinds of lead are names already. */
async function namesOf(
  context: ServiceContext,
  by: Slice,
  groups: ReadonlyMap<string, unknown>,
): Promise<{ value: string; name: string }[]> {
  const values = [...groups.keys()].sort()
  if (by !== 'source') return values.slice(0, mostGroups * 4).map((value) => ({ value, name: value }))
  const names = await listSourceNames(context.db)
  return values.map((value) => ({ value, name: names.get(value) ?? value }))
}

/** Whether there is such a source, lead type or channel at all, whatever the time that is looked at; none given is a group, too. */
export const isGroup = async (db: Database, by: Slice, value: string): Promise<boolean> =>
  by === 'source' ? (await listSourceNames(db)).has(value) : value === '' || hasGroup(db, by, value)

const refused = (field: string, detail: string) =>
  new DomainError('invalid-input', 'Some values cannot be used.', [{ pointer: `query/${field}`, detail }])
