/** KPIs as they stand: definitions with their latest value, goal and freshness, and the observations behind them. */
import { asc } from 'drizzle-orm'
import type { BatchResponse } from 'drizzle-orm/batch'
import { dayOf } from '../core/calendar'
import { DomainError } from '../core/errors'
import { type FactKind, factKinds } from '../core/facts'
import { type AsOf, freshness, observationsOf } from '../core/kpi'
import {
  type Definition,
  type Freshness,
  type Goal,
  isKpiKey,
  isOwnKey,
  metricOf,
  metrics,
  type Observation,
  ownDefinition,
} from '../core/metrics'
import { baselineOfMetric } from '../core/performance'
import type { ScoringRules } from '../core/scoring-rules'
import type { Database } from '../db/client'
import type { Change } from '../db/fact-sums'
import { factsBySource } from '../db/facts'
import { sumFacts, sumParts, type Unconverted } from '../db/kpi-sums'
import { findOwnMetric, ownMetricIn, selectOwnMetrics } from '../db/own-metrics'
import { settings as settingsTable, observations as table } from '../db/schema'
import { rulesIn, selectRules } from '../db/scoring-rules'
import { readSettings, type Settings, settingsIn } from '../db/settings'
import type { ServiceContext } from './context'
import { goalsIn } from './goals'
import { unreadBecause } from './pull-state'

export interface ObservationView extends Omit<Observation, 'asOf'> {
  asOf: string
}

export interface MetricView extends Definition {
  /** Of the organisation's own; null where the language files name it. */
  name: string | null
  /** Of money values, which are in its minor units; null for the others. */
  currency: string | null
  goal: Omit<Goal, 'metric'> | null
  /** The last month that is over, on the metric's first basis. */
  latest: ObservationView | null
  asOf: string | null
  freshness: Freshness
}

/** Every metric with where it stands, the organisation's own last. */
export const listMetrics = async (context: ServiceContext): Promise<MetricView[]> => (await readMetrics(context)).metrics

export const readMetrics = async ({ db, now }: ServiceContext): Promise<KnownMetrics> =>
  metricsIn(await db.batch(metricsStatements(db)), now)

export interface KnownMetrics {
  settings: Settings
  rules: ScoringRules
  sources: SourceFacts[]
  metrics: MetricView[]
  /** Stored ones: months of the whole, by metric, basis, window and month. */
  observations: Observation[]
}

/** The statements that read it, for a batch of the caller's; read with `metricsIn`. */
export const metricsStatements = (db: Database) =>
  [
    selectRules(db),
    db.select().from(table).orderBy(asc(table.metric), asc(table.basis), asc(table.window), asc(table.period)),
    db.select().from(settingsTable),
    selectOwnMetrics(db),
    factsBySource(db),
  ] as const

export function metricsIn(
  [ruleRows, observed, settingRows, ownRows, sources]: BatchResponse<ReturnType<typeof metricsStatements>>,
  now: Date,
): KnownMetrics {
  const rules = rulesIn(ruleRows)
  const goals = goalsIn(rules)
  const observations = observed as Observation[]
  const settings = settingsIn(settingRows)
  const byMetric = Map.groupBy(observations, ({ metric }) => metric)
  const view = (definition: Definition, name: string | null): MetricView => {
    const series = (byMetric.get(definition.key) ?? []).filter(({ basis }) => basis === definition.bases[0])
    const goal = goals.find(({ metric }) => metric === definition.key)
    const latest = series.findLast(({ provisional, value }) => !provisional && value !== null)
    return {
      ...definition,
      name,
      currency: definition.unit === 'money' ? settings.currency : null,
      goal: goal ? { target: goal.target, baseline: goal.baseline, scale: goal.scale } : null,
      latest: latest ? observationView(latest) : null,
      asOf: series.at(-1)?.asOf.toISOString() ?? null,
      freshness: series.length === 0 ? 'never' : freshnessOfKinds(definition.facts, sources, now),
    }
  }
  const own = ownRows.map(ownMetricIn).map((metric) => view(ownDefinition(metric), metric.name))
  return { settings, rules, sources, metrics: [...metrics.map((metric) => view(metric, null)), ...own], observations }
}

/** What the score takes for the baseline of a metric where none was agreed; null while too few months are over. */
export function startOf({ observations, rules }: KnownMetrics, key: string): number | null {
  const whole = observations.flatMap(({ metric, basis, period, value, provisional }) =>
    metric === key && basis === 'period' && value !== null && !provisional ? [{ period, value }] : [],
  )
  return baselineOfMetric(whole, rules.baseline)
}

/** A metric's definition, and its name where the organisation gave it. */
export interface KnownMetric {
  definition: Definition
  name: string | null
}

/**
 * The metric of a key from an address.
 *
 * @throws DomainError not-found: a metric that is not there is no wrong value
 */
export async function knownMetric(db: Database, key: string): Promise<KnownMetric> {
  if (isKpiKey(key)) return { definition: metricOf(key), name: null }
  const own = isOwnKey(key) ? await findOwnMetric(db, key) : undefined
  if (!own) throw new DomainError('not-found', 'There is no such metric.')
  return { definition: ownDefinition(own), name: own.name }
}

export function observationView({ asOf, ...rest }: Observation): ObservationView {
  return { ...rest, asOf: asOf.toISOString() }
}

/** What could not be converted: rows in all, and by currency. */
export interface OtherCurrency {
  deals: number
  spend: number
  currencies: Unconverted[]
}

/**
 * The monthly observations that the facts support once a change is made, and what was left out of them. Writes nothing.
 *
 * @example const { observations } = await currentObservations(context, { without: sourceId })
 */
export async function currentObservations(
  context: ServiceContext,
  change: Change,
  settings?: Settings,
): Promise<{ observations: Observation[]; otherCurrency: OtherCurrency }> {
  const { db } = context
  const known = settings ?? (await readSettings(db))
  const asOf = asOfKinds(context, await factsBySource(db), known.timeZone, change)
  const { groups, newestDay, unconverted } = await sumFacts(
    db,
    {
      currency: known.currency,
      grain: 'month',
      slice: null,
      parts: sumParts,
      kinds: factKinds.filter((kind) => asOf[kind]),
      window: null,
      lagMonths: known.cacLagMonths,
      handOff: known.handOff,
      attempts: known.attemptsExpected,
      salesChannels: known.salesChannels,
    },
    change,
  )
  const sums = groups.get('')
  const total = (what: 'deals' | 'spend') => unconverted.reduce((sum, row) => sum + row[what], 0)
  return {
    observations: sums ? observationsOf(sums, asOf, newestDay) : [],
    otherCurrency: { deals: total('deals'), spend: total('spend'), currencies: unconverted },
  }
}

export type SourceFacts = Awaited<ReturnType<typeof factsBySource>>[number]

/** When the oldest source of each kind of fact was read, once a change is made; kinds that no source holds are left out. */
export function asOfKinds(
  { now }: Pick<ServiceContext, 'now'>,
  sources: readonly SourceFacts[],
  timeZone: string,
  change: Change = null,
): Partial<Record<FactKind, AsOf>> {
  const asOf: Partial<Record<FactKind, AsOf>> = {}
  for (const source of sources) {
    if (change && 'without' in change && change.without === source.id) continue
    const own = change && 'sourceId' in change && change.sourceId === source.id
    const brings = !own ? [] : 'rows' in change ? factKinds.filter((kind) => change.rows[kind].length > 0) : change.kinds
    const moment = own ? now : source.lastSuccessAt === null ? null : new Date(source.lastSuccessAt)
    for (const kind of factKinds) {
      const holds = source.holds.includes(kind) || brings.includes(kind)
      const oldest = asOf[kind]
      if (holds && moment && (!oldest || moment < oldest.moment)) asOf[kind] = { moment, day: dayOf(moment, timeZone) }
    }
  }
  return asOf
}

const order: readonly Freshness[] = ['fresh', 'failing', 'stopped', 'late', 'stale', 'never']

/** The worst of the sources that hold any of these kinds. */
export function freshnessOfKinds(kinds: readonly FactKind[], sources: readonly SourceFacts[], now: Date): Freshness {
  const states = sources
    .filter(({ holds }) => kinds.some((kind) => holds.includes(kind)))
    .map((source): Freshness => {
      const { lastSuccessAt, expectedEveryDays } = source
      const age = freshness(lastSuccessAt === null ? null : new Date(lastSuccessAt), expectedEveryDays, now)
      return age === 'fresh' ? (unreadBecause(source) ?? age) : age
    })
  return order[Math.max(0, ...states.map((state) => order.indexOf(state)))] ?? 'never'
}
