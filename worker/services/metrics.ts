/** KPIs as they stand: definitions with their latest value, goal and freshness, and the observations behind them. */
import { dayOf } from '../core/calendar'
import { DomainError } from '../core/errors'
import { type FactKind, factKinds } from '../core/facts'
import { type AsOf, freshness, observationsOf } from '../core/kpi'
import {
  type Basis,
  type CohortWindow,
  type Freshness,
  type Goal,
  isMetricKey,
  type Metric,
  type MetricKey,
  metricOf,
  metrics,
  type Observation,
} from '../core/metrics'
import type { Database } from '../db/client'
import { type Change, sumFacts } from '../db/fact-sums'
import { factsBySource } from '../db/facts'
import { listObservations } from '../db/observations'
import { readSettings, type Settings } from '../db/settings'
import type { ServiceContext } from './context'
import { listGoals } from './goals'

export interface ObservationView extends Omit<Observation, 'asOf'> {
  asOf: string
}

export interface MetricView extends Metric {
  /** Of money values, which are in its minor units; null for the others. */
  currency: string | null
  goal: Omit<Goal, 'metric'> | null
  /** The last month that is over, on the metric's first basis. */
  latest: ObservationView | null
  asOf: string | null
  freshness: Freshness
}

/** Every metric with where it stands. */
export async function listMetrics(context: ServiceContext): Promise<MetricView[]> {
  const { db, now } = context
  const [goals, observations, sources, settings] = await Promise.all([
    listGoals(db),
    listObservations(db),
    factsBySource(db),
    readSettings(db),
  ])
  return metrics.map((metric) => {
    const own = observations.filter(({ metric: key, basis }) => key === metric.key && basis === metric.bases[0])
    const { metric: _key, ...goal } = goals.find((candidate) => candidate.metric === metric.key) ?? { metric: null }
    const latest = own.findLast(({ provisional, value }) => !provisional && value !== null)
    const states = sources.filter(({ holds }) => metric.facts.some((kind) => holds.includes(kind)))
    return {
      ...metric,
      currency: metric.unit === 'money' ? settings.currency : null,
      goal: _key === null ? null : (goal as Omit<Goal, 'metric'>),
      latest: latest ? observationView(latest) : null,
      asOf: own.at(-1)?.asOf.toISOString() ?? null,
      freshness: own.length === 0 ? 'never' : worst(states.map((source) => freshnessOf(source, now))),
    }
  })
}

/**
 * A key from an address.
 *
 * @throws DomainError not-found: a metric that is not there is no wrong value
 */
export function knownMetric(key: string): MetricKey {
  if (isMetricKey(key)) return key
  throw new DomainError('not-found', 'There is no such metric.')
}

/**
 * One metric by month, earliest first, a page at a time.
 *
 * @throws DomainError invalid-input for a basis that the metric lacks, or a window without cohorts
 */
export async function pageOfObservations(
  db: Database,
  key: MetricKey,
  query: {
    from?: string | undefined
    to?: string | undefined
    basis?: Basis | undefined
    window?: CohortWindow | undefined
    cursor?: string | undefined
    limit?: number | undefined
  },
): Promise<{ items: ObservationView[]; next: string | null }> {
  const basis = query.basis ?? metricOf(key).bases[0] ?? 'period'
  if (!metricOf(key).bases.includes(basis))
    throw new DomainError('invalid-input', 'Some values cannot be used.', [
      { pointer: 'query/basis', detail: `Use ${metricOf(key).bases.join(' or ')} for this metric.` },
    ])
  if (basis === 'period' && query.window)
    throw new DomainError('invalid-input', 'Some values cannot be used.', [
      { pointer: 'query/window', detail: 'A window belongs to basis=cohort.' },
    ])
  const limit = query.limit ?? 100
  const window = basis === 'cohort' ? (query.window ?? '90') : ''
  const rows = await listObservations(db, {
    metric: key,
    basis,
    window,
    from: query.from,
    to: query.to,
    after: query.cursor,
    limit: limit + 1,
  })
  const items = rows.slice(0, limit)
  return { items: items.map(observationView), next: rows.length > limit ? (items.at(-1)?.period ?? null) : null }
}

export function observationView({ asOf, ...rest }: Observation): ObservationView {
  return { ...rest, asOf: asOf.toISOString() }
}

/**
 * The observations that the facts support once a change is made, and what was left out of them. Writes nothing.
 */
export async function currentObservations(
  context: ServiceContext,
  change: Change,
  settings?: Settings,
): Promise<{ observations: Observation[]; otherCurrency: { deals: number; spend: number } }> {
  const { currency, timeZone } = settings ?? (await readSettings(context.db))
  const [{ sums, newestDay, otherCurrency }, sources] = await Promise.all([
    sumFacts(context.db, currency, change),
    factsBySource(context.db),
  ])
  const asOf: Partial<Record<FactKind, AsOf>> = {}
  for (const source of sources) {
    if (change && 'without' in change && change.without === source.id) continue
    const own = change && 'sourceId' in change && change.sourceId === source.id
    const brings = !own ? [] : 'rows' in change ? factKinds.filter((kind) => change.rows[kind].length > 0) : change.kinds
    const moment = own ? context.now : source.lastSuccessAt === null ? null : new Date(source.lastSuccessAt)
    for (const kind of factKinds) {
      const holds = source.holds.includes(kind) || brings.includes(kind)
      const oldest = asOf[kind]
      if (holds && moment && (!oldest || moment < oldest.moment)) asOf[kind] = { moment, day: dayOf(moment, timeZone) }
    }
  }
  return { observations: observationsOf(sums, asOf, newestDay), otherCurrency }
}

const order: readonly Freshness[] = ['fresh', 'late', 'stale', 'never']

const worst = (states: readonly Freshness[]): Freshness => order[Math.max(0, ...states.map((state) => order.indexOf(state)))] ?? 'never'

const freshnessOf = (source: { lastSuccessAt: number | null; expectedEveryDays: number }, now: Date): Freshness =>
  freshness(source.lastSuccessAt === null ? null : new Date(source.lastSuccessAt), source.expectedEveryDays, now)
