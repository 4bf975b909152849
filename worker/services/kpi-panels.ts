/** KPIs as they are followed: month by month, each judged by its own normal range, with what happened and how old the data is. */
import { and, asc, eq } from 'drizzle-orm'
import type { AroundRow } from '../core/around-event'
import { type BaselineCourse, courseAgainstBaseline } from '../core/baseline'
import type { Verdict } from '../core/before-after'
import { monthsThrough } from '../core/calendar'
import type { Basis, CohortWindow, Definition, Freshness, Goal, MetricKey, Observation } from '../core/metrics'
import { baselineOfMetric } from '../core/performance'
import type { BaselineEvent } from '../core/scoring-rules'
import { analysisIn, selectAnalyses } from '../db/analyses'
import { selectEvents } from '../db/events'
import { factsBySource } from '../db/facts'
import { observations, settings as settingsTable } from '../db/schema'
import { rulesIn, selectRules } from '../db/scoring-rules'
import { type Settings, settingsIn } from '../db/settings'
import type { ServiceContext } from './context'
import type { EventView } from './events'
import { goalsIn, mayBeNegative } from './goals'
import { type ImportProblem, problemsIn, selectLastPulls } from './import-problems'
import {
  freshnessOfKinds,
  type KnownMetric,
  type KnownMetrics,
  type MetricView,
  metricsIn,
  metricsStatements,
  observationView,
  type SourceFacts,
} from './metrics'
import { chosenEvent, usualKpis } from './overview'
import { unreadBecause } from './pull-state'

export interface KpiPanel {
  metric: Definition
  /** Of the organisation's own. */
  name: string | null
  goal: Goal | null
  months: KpiMonths
  /** Of the months before and after `KpiPanels.around`; null where there are too few. */
  around: AroundRow | null
  freshness: Freshness
  /** That `freshness` is of: one that cannot be read, or else the one that was read longest ago; null where none holds its facts. */
  source: SourceFacts | null
}

/** Beyond the normal range, or in one part of it: a run on one side of the mean is a signal, too, and lies within. */
export type KpiSide = 'above' | 'below' | 'upper' | 'lower'

/** One KPI of the whole by month. */
export interface KpiMonths {
  /** From the first month with a value to the last, none left out. */
  months: { period: string; value: number | null; provisional: boolean }[]
  /** The newest month with a value; it may be provisional. */
  current: Observation | null
  /** The agreed one, or that of the whole months of the baseline window. */
  baseline: number | null
  /** Of the whole months; its indexes are those of `months`. Null while there are too few. */
  course: BaselineCourse | null
  /** The newest month that was judged: a month that is still running never is. */
  judged: { period: string; value: number; verdict: Verdict; side: KpiSide } | null
  /** Signals of the months judged before that one, at most two back, oldest first. */
  lately: string[]
}

export interface KpiPanels extends KnownMetrics {
  panels: KpiPanel[]
  events: EventView[]
  /** What "before" and "after" are of. */
  around: EventView | null
  problems: ImportProblem[]
}

/**
 * The usual KPIs and those with a goal, with all that is known of KPIs.
 *
 * @example (await readKpiPanels(context)).panels[0]?.months.judged // { period: '2026-10', value: 0.06, verdict: 'signal', side: 'above' }
 */
export async function readKpiPanels({ db, now }: ServiceContext): Promise<KpiPanels> {
  const [eventRows, analysisRows, pulls, ...metricsRows] = await db.batch([
    selectEvents(db),
    selectAnalyses(db),
    selectLastPulls(db, now),
    ...metricsStatements(db),
  ])
  const known = metricsIn(metricsRows, now)
  const { rules, sources } = known
  const goals = goalsIn(rules)
  const around = chosenEvent(analysisIn(analysisRows, 'around-events'), rules.baseline)
  const byMetric = Map.groupBy(
    known.observations.filter(({ basis }) => basis === 'period'),
    ({ metric }) => metric,
  )
  const order = ({ key }: Definition) => (usualKpis.includes(key) ? usualKpis.indexOf(key) : usualKpis.length)
  const panels = known.metrics
    .filter(({ key }) => usualKpis.includes(key) || goals.some(({ metric }) => metric === key))
    .sort((a, b) => order(a) - order(b))
    .map((metric): KpiPanel => {
      const freshness = byMetric.has(metric.key) ? freshnessOfKinds(metric.facts, sources, now) : 'never'
      const goal = goals.find((one) => one.metric === metric.key) ?? null
      return {
        metric,
        name: metric.name,
        goal,
        months: monthsOf(metric.key, byMetric.get(metric.key) ?? [], goal, rules.baseline),
        around: around?.rows.find(({ measure }) => measure === metric.key) ?? null,
        freshness,
        source: sourceOf(metric, sources, freshness),
      }
    })
  return {
    ...known,
    panels,
    events: eventRows,
    around: eventRows.find(({ id }) => id === around?.event.id) ?? null,
    problems: problemsIn({ pulls, sources, shown: panels.map(({ metric }) => metric.key), now }),
  }
}

function sourceOf({ facts }: Definition, sources: readonly SourceFacts[], freshness: Freshness): SourceFacts | null {
  const holding = sources.filter(({ holds }) => facts.some((kind) => holds.includes(kind)))
  const unread = holding.find((source) => unreadBecause(source) === freshness)
  return unread ?? holding.toSorted((a, b) => (a.lastSuccessAt ?? 0) - (b.lastSuccessAt ?? 0))[0] ?? null
}

/**
 * One metric's months, judged.
 *
 * @param observed of one basis and window, oldest first
 * @param event that the normal range ends before; without one it is the first six whole months
 */
export function monthsOf(
  key: MetricKey,
  observed: readonly Observation[],
  goal: Pick<Goal, 'baseline'> | null,
  event: BaselineEvent | null,
): KpiMonths {
  const known = observed.filter(({ value }) => value !== null)
  const [first, current] = [known[0], known.at(-1)]
  const byPeriod = new Map(observed.map((one) => [one.period, one]))
  const months = first && current ? monthsThrough(first.period, current.period) : []
  const series = months.map((period) => ({
    period,
    value: byPeriod.get(period)?.value ?? null,
    provisional: byPeriod.get(period)?.provisional ?? false,
  }))
  const whole = series.map(({ period, value, provisional }) => ({ period, value: provisional ? null : value }))
  const course = courseAgainstBaseline(whole, [mayBeNegative(key) ? -Infinity : 0, Infinity], event)
  // Months that the range is made of are no news of themselves.
  const judgedAt = whole.flatMap(({ period, value }, index) => {
    const verdict = course && index > course.until ? course.verdicts[index] : null
    return course && verdict && value !== null ? [{ period, value, verdict, side: sideOf(value, course) }] : []
  })
  return {
    months: series,
    current: current ?? null,
    baseline: goal?.baseline ?? baselineOfMetric(whole.filter(isMeasured), event),
    course,
    judged: judgedAt.at(-1) ?? null,
    lately: judgedAt.slice(-3, -1).flatMap(({ period, verdict }) => (verdict === 'signal' ? [period] : [])),
  }
}

const sideOf = (value: number, { mean, low, high }: BaselineCourse): KpiSide =>
  value > high ? 'above' : value < low ? 'below' : value > mean ? 'upper' : 'lower'

const isMeasured = (one: { period: string; value: number | null }): one is { period: string; value: number } => one.value !== null

/** One KPI with its months, what happened, and what is known around each of that. */
export interface KpiPage {
  settings: Settings
  metric: MetricView
  /** Of the whole by month, on the basis and window asked for. */
  months: KpiMonths
  events: EventView[]
  /** Before and after each event with enough months on both sides, the latest first. */
  around: { event: { id: string; day: string; name: string }; row: AroundRow }[]
  /** The normal range ends before this; null where it is the first six months. */
  baseline: BaselineEvent | null
}

/** @param of the basis and window of its months */
export async function readKpiPage(
  { db, now }: ServiceContext,
  { definition, name }: KnownMetric,
  of: { basis: Basis; window: CohortWindow | '' },
): Promise<KpiPage> {
  const { key } = definition
  const [settingRows, ruleRows, eventRows, observed, analysisRows, sources] = await db.batch([
    db.select().from(settingsTable),
    selectRules(db),
    selectEvents(db),
    db
      .select()
      .from(observations)
      .where(and(eq(observations.metric, key), eq(observations.basis, of.basis), eq(observations.window, of.window)))
      .orderBy(asc(observations.period)),
    selectAnalyses(db),
    factsBySource(db),
  ])
  const settings = settingsIn(settingRows)
  const rules = rulesIn(ruleRows)
  const goal = goalsIn(rules).find(({ metric }) => metric === key) ?? null
  const series = observed as Observation[]
  const latest = series.findLast(({ provisional, value }) => !provisional && value !== null)
  const isFirst = of.basis === definition.bases[0]
  return {
    settings,
    metric: {
      ...definition,
      name,
      currency: definition.unit === 'money' ? settings.currency : null,
      goal: goal ? { target: goal.target, baseline: goal.baseline, scale: goal.scale } : null,
      latest: latest ? observationView(latest) : null,
      asOf: series.at(-1)?.asOf.toISOString() ?? null,
      freshness: series.length === 0 ? 'never' : freshnessOfKinds(definition.facts, sources, now),
    },
    months: monthsOf(key, series, isFirst ? goal : null, rules.baseline),
    events: eventRows,
    around: isFirst
      ? analysisIn(analysisRows, 'around-events')
          .flatMap(({ eventId, day, name: eventName, rows }) => {
            const row = rows.find(({ measure }) => measure === key)
            return row ? [{ event: { id: eventId, day, name: eventName }, row }] : []
          })
          .reverse()
      : [],
    baseline: rules.baseline,
  }
}
