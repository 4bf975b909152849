/**
 * One metric over time. Months of the whole are stored; other grains, and groups of a slice, are computed from the facts when
 * they are asked for, by the same functions.
 */

import { addDays, dayOf } from '../core/calendar'
import { DomainError, type FieldError } from '../core/errors'
import { type FactSums, mergeSums, noSums } from '../core/fact-sums'
import { factKinds } from '../core/facts'
import { observationsOf } from '../core/kpi'
import type { Basis, CohortWindow, Definition, MetricKey, Observation, Slice } from '../core/metrics'
import { firstDayOf, type Grain, grainOf, lastDayOf, periodAfter, periodOf, periodsThrough } from '../core/periods'
import { factsBySource } from '../db/facts'
import { type SumPart, sumFacts } from '../db/kpi-sums'
import { listObservations } from '../db/observations'
import { settings as settingsTable } from '../db/schema'
import { settingsIn } from '../db/settings'
import type { ServiceContext } from './context'
import { asOfKinds, type KnownMetric, type ObservationView, observationView } from './metrics'

/** Periods that are computed at once. */
export const mostPeriods = 400
/** Groups that are told apart; the rest are one. */
export const mostGroups = 50

export interface ObservationsWanted {
  grain?: Grain | undefined
  by?: Slice | undefined
  /** One group of the slice; blank is a group. */
  value?: string | undefined
  from?: string | undefined
  to?: string | undefined
  basis?: Basis | undefined
  window?: CohortWindow | undefined
}

export interface GroupedView extends ObservationView {
  /** Null for the whole, and for the groups that are not told apart. */
  group: string | null
  /** How many groups this is of: 1, or the rest together. */
  groups: number
}

/** Periods that are shown where none are named. */
export const usualPeriods: Readonly<Record<Grain, number>> = { day: 60, week: 26, month: 24, quarter: 12 }

/**
 * One metric, earliest period first, a page at a time; by period and, where it is sliced, by group, the largest first.
 *
 * @throws DomainError invalid-input for what the metric does not have: a basis, a grain, a slice, a window without cohorts
 * @example await pageOfObservations(context, await knownMetric(db, 'cac'), { by: 'channel', grain: 'quarter' })
 */
export async function pageOfObservations(
  context: ServiceContext,
  metric: KnownMetric,
  query: ObservationsWanted & { cursor?: string | undefined; limit?: number | undefined },
): Promise<{ items: GroupedView[]; next: string | null }> {
  const { definition } = metric
  const wanted = checked(definition, query)
  const limit = query.limit ?? 100
  if (wanted.grain === 'month' && !wanted.by) {
    const { key } = definition
    const { basis, window } = wanted
    const rows = await listObservations(context.db, {
      metric: key,
      basis,
      window,
      from: query.from,
      to: query.to,
      after: query.cursor,
      limit: limit + 1,
    })
    return page(rows.map(wholeView), limit)
  }
  const after = query.cursor === undefined ? undefined : periodAfter(query.cursor, 1)
  const from = after !== undefined && (query.from === undefined || after > query.from) ? after : query.from
  const found = await seriesOf(context, metric, { ...query, from })
  return page(found, limit)
}

/** As many whole periods as fit a page: a period is never divided. */
function page(items: readonly GroupedView[], limit: number): { items: GroupedView[]; next: string | null } {
  const periods = [...new Set(items.map(({ period }) => period))]
  const shown = periods.slice(0, limit)
  const last = shown.at(-1)
  return { items: items.filter(({ period }) => last !== undefined && period <= last), next: periods.length > limit ? (last ?? null) : null }
}

/**
 * A series with its gaps, as far as `from` and `to` say: at most 400 periods, and the usual number of the last ones where they
 * say nothing.
 *
 * @throws DomainError invalid-input
 */
export async function seriesOf(context: ServiceContext, { definition }: KnownMetric, query: ObservationsWanted): Promise<GroupedView[]> {
  const { grain, by, basis, window } = checked(definition, query)
  const { db, now } = context
  const [settingRows, sources] = await db.batch([db.select().from(settingsTable), factsBySource(db)])
  const settings = settingsIn(settingRows)
  const to = query.to ?? periodOf(await lastDay(context, definition.key, dayOf(now, settings.timeZone)), grain)
  const from = query.from ?? periodAfter(to, 1 - usualPeriods[grain])
  if (from > to) return []
  if (grain === 'month' && !by) return (await listObservations(db, { metric: definition.key, basis, window, from, to })).map(wholeView)
  if (periodAfter(from, mostPeriods - 1) < to) {
    throw refusal([{ pointer: 'query/to', detail: `Ask for at most ${mostPeriods} periods at a time.` }])
  }
  const asOf = asOfKinds(context, sources, settings.timeZone)
  const { groups, evidence, newestDay } = await sumFacts(db, {
    currency: settings.currency,
    grain,
    slice: by ?? null,
    parts: partsOf(definition.key),
    kinds: factKinds.filter((kind) => asOf[kind]),
    window: { from: daysBefore(definition.key, from), to: lastDayOf(to) },
    lagMonths: settings.cacLagMonths,
    handOff: settings.handOff,
    attempts: settings.attemptsExpected,
    salesChannels: settings.salesChannels,
  })
  const series = (sums: FactSums) =>
    observationsOf(sums, asOf, newestDay, { grain, metric: definition.key, from, to, ...(evidence ? { evidence } : {}) }).filter(
      (item) => item.basis === basis && item.window === window,
    )
  if (!by) return series(groups.get('') ?? noSums).map(wholeView)
  const shown = query.value === undefined ? largest(groups) : [{ group: query.value, groups: 1, sums: groups.get(query.value) ?? noSums }]
  const lines = shown.map(({ sums, ...group }) => series(sums).map((item): GroupedView => ({ ...observationView(item), ...group })))
  return periodsThrough(from, to).flatMap((period) => lines.flatMap((line) => line.filter((item) => item.period === period)))
}

/** Today, or the end of the last month that there is something of. */
async function lastDay({ db }: ServiceContext, metric: MetricKey, today: string): Promise<string> {
  const month = (await listObservations(db, { metric }))
    .map(({ period }) => period)
    .sort()
    .at(-1)
  const end = month === undefined ? today : lastDayOf(month)
  return end < today ? end : today
}

const wholeView = (item: Observation): GroupedView => ({ ...observationView(item), group: null, groups: 1 })

/** The groups with the most facts, and the rest as one. */
function largest(groups: ReadonlyMap<string, FactSums>): { group: string | null; groups: number; sums: FactSums }[] {
  const sizes = [...groups].map(([group, sums]) => ({ group, groups: 1, sums, size: sizeOf(sums) }))
  sizes.sort((a, b) => b.size - a.size || (a.group < b.group ? -1 : 1))
  const rest = sizes.slice(mostGroups)
  const shown = sizes.slice(0, mostGroups).map(({ size: _, ...group }) => group)
  return rest.length === 0 ? shown : [...shown, { group: null, groups: rest.length, sums: mergeSums(rest.map(({ sums }) => sums)) }]
}

function sizeOf({ leads, closed, spend, mqls, sals, sqls, handed }: FactSums): number {
  const sum = <Value>(values: ReadonlyMap<string, Value>, of: (value: Value) => number) =>
    [...values.values()].reduce((total, value) => total + of(value), 0)
  const records = sum(leads, Number) + sum(closed, ({ won, lost }) => won + lost) + sum(handed, (each) => each.leads)
  const entered = [mqls, sals, sqls].reduce((total, steps) => total + sum(steps, (step) => step.entered), 0)
  return records + entered + (records + entered === 0 ? sum(spend, ({ total }) => Math.abs(total)) : 0)
}

/** Which sums a metric is made of. */
function partsOf(key: MetricKey): SumPart[] {
  if (key.startsWith('own-') || key === 'customer_feedback') return ['values']
  if (key.startsWith('headcount_')) return ['heads']
  if (key === 'sourced_revenue' || key === 'influenced_revenue') return ['sales', 'marketing']
  if (key.startsWith('spend_')) return ['spend']
  if (key === 'cac' || key === 'cac_lagged') return ['sales', 'spend']
  if (key === 'returned_rate' || key.startsWith('response_') || key.endsWith('_attempts')) return ['handOffs']
  return ['mql_volume', 'mql_acceptance', 'sql_rate', 'opportunity_rate'].includes(key) ? ['stages'] : ['sales']
}

/** The first day that is needed: growth looks back. */
function daysBefore(key: MetricKey, from: string): string {
  if (key === 'revenue_growth') return firstDayOf(periodAfter(from, -1))
  return key === 'revenue_growth_yoy' ? addDays(`${Number(from.slice(0, 4)) - 1}-01-01`, -7) : firstDayOf(from)
}

/** @throws DomainError invalid-input */
function checked(
  definition: Definition,
  query: ObservationsWanted,
): { grain: Grain; by: Slice | undefined; basis: Basis; window: CohortWindow | '' } {
  const { grain = 'month', by } = query
  const basis = query.basis ?? definition.bases[0] ?? 'period'
  const errors: FieldError[] = []
  const oneOf = (field: string, values: readonly string[]) =>
    errors.push({
      pointer: `query/${field}`,
      detail: values.length > 0 ? `Use ${values.join(' or ')} for this metric.` : 'This metric cannot be divided.',
    })
  if (!definition.bases.includes(basis)) oneOf('basis', definition.bases)
  if (basis === 'period' && query.window) errors.push({ pointer: 'query/window', detail: 'A window belongs to basis=cohort.' })
  if (!definition.grains.includes(grain)) oneOf('grain', definition.grains)
  if (by && !definition.slices.includes(by)) oneOf('by', definition.slices)
  if (query.value !== undefined && !by) errors.push({ pointer: 'query/value', detail: 'Say with `by` what this is a value of.' })
  for (const field of ['from', 'to'] as const) {
    const period = query[field]
    if (period !== undefined && grainOf(period) !== grain)
      errors.push({ pointer: `query/${field}`, detail: `Use a period such as ${periodOf('2026-06-01', grain)}.` })
  }
  if (query.from !== undefined && query.to !== undefined && query.from > query.to)
    errors.push({ pointer: 'query/to', detail: 'Use a period that is not before `from`.' })
  if (errors.length > 0) throw refusal(errors)
  return { grain, by, basis, window: basis === 'cohort' ? (query.window ?? '90') : '' }
}

const refusal = (errors: FieldError[]) => new DomainError('invalid-input', 'Some values cannot be used.', errors)
