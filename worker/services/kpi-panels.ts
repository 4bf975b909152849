/** KPIs as they are followed: month by month, each judged by its own normal range, with what happened and how old the data is. */
import { asc, eq } from 'drizzle-orm'
import type { AroundRow } from '../core/around-event'
import { type BaselineCourse, courseAgainstBaseline } from '../core/baseline'
import type { Verdict } from '../core/before-after'
import { monthsThrough } from '../core/calendar'
import { type Definition, type Freshness, type Goal, type MetricKey, metrics, type Observation, ownDefinition } from '../core/metrics'
import { baselineOfMetric } from '../core/performance'
import type { BaselineEvent } from '../core/scoring-rules'
import { type Analyses, analysisIn, selectAnalyses } from '../db/analyses'
import { factsBySource } from '../db/facts'
import { ownMetricIn, selectOwnMetrics } from '../db/own-metrics'
import { events, observations, settings as settingsTable } from '../db/schema'
import { rulesIn, selectRules } from '../db/scoring-rules'
import { type Settings, settingsIn } from '../db/settings'
import type { ServiceContext } from './context'
import { goalsIn, mayBeNegative } from './goals'
import { type ImportProblem, problemsIn, selectLastPulls, selectSourceStates } from './import-problems'
import { freshnessOfKinds, type SourceFacts } from './metrics'
import { chosenEvent, usualKpis } from './overview'

export interface AxisEvent {
  id: string
  day: string
  name: string
  scope: 'company' | 'sales' | 'marketing'
}

export interface KpiPanel {
  metric: Definition
  /** Of the organisation's own. */
  name: string | null
  goal: Goal | null
  months: KpiMonths
  /** Of the months before and after `KpiPanels.around`; null where there are too few. */
  around: AroundRow | null
  freshness: Freshness
  /** The source of its facts that was read longest ago; null where none holds them. */
  oldest: SourceFacts | null
}

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
  judged: { period: string; value: number; verdict: Verdict; side: 'above' | 'below' } | null
  /** Signals of the months judged before that one, at most two back, oldest first. */
  lately: string[]
}

export interface KpiPanels {
  settings: Settings
  panels: KpiPanel[]
  events: AxisEvent[]
  /** What "before" and "after" are of. */
  around: AxisEvent | null
  /** The normal range ends before this; null where it is the first six months. */
  baseline: BaselineEvent | null
  problems: ImportProblem[]
  sources: SourceFacts[]
}

/**
 * The usual KPIs and those with a goal, in two trips to the database.
 *
 * @example (await readKpiPanels(context)).panels[0]?.months.judged // { period: '2026-10', value: 0.06, verdict: 'signal', side: 'above' }
 */
export async function readKpiPanels({ db, now }: ServiceContext): Promise<KpiPanels> {
  const [[settingRows, ruleRows, eventRows, observed, ownRows, analysisRows, states, pulls], sources] = await Promise.all([
    db.batch([
      db.select().from(settingsTable),
      selectRules(db),
      selectAxisEvents(db),
      db.select().from(observations).where(eq(observations.basis, 'period')).orderBy(asc(observations.period)),
      selectOwnMetrics(db),
      selectAnalyses(db),
      selectSourceStates(db),
      selectLastPulls(db, now),
    ]),
    factsBySource(db),
  ])
  const rules = rulesIn(ruleRows)
  const goals = goalsIn(rules)
  const own = ownRows.map(ownMetricIn)
  const around = chosenEvent(analysisIn(analysisRows, 'around-events'), rules.baseline)
  const byMetric = Map.groupBy(observed as Observation[], ({ metric }) => metric)
  const order = ({ key }: Definition) => (usualKpis.includes(key) ? usualKpis.indexOf(key) : usualKpis.length)
  const panels = [...metrics, ...own.map(ownDefinition)]
    .filter(({ key }) => usualKpis.includes(key) || goals.some(({ metric }) => metric === key))
    .sort((a, b) => order(a) - order(b))
    .map((metric: Definition): KpiPanel => {
      const goal = goals.find((one) => one.metric === metric.key) ?? null
      return {
        metric,
        name: own.find(({ key }) => key === metric.key)?.name ?? null,
        goal,
        months: monthsOf(metric.key, byMetric.get(metric.key) ?? [], goal, rules.baseline),
        around: around?.rows.find(({ measure }) => measure === metric.key) ?? null,
        freshness: byMetric.has(metric.key) ? freshnessOfKinds(metric.facts, sources, now) : 'never',
        oldest: oldestOf(metric, sources),
      }
    })
  return {
    settings: settingsIn(settingRows),
    panels,
    events: eventRows,
    around: eventRows.find(({ id }) => id === around?.event.id) ?? null,
    baseline: rules.baseline,
    problems: problemsIn({ states, pulls, sources, shown: panels.map(({ metric }) => metric.key), now }),
    sources,
  }
}

/** What stands on an axis of time, earliest first. */
export const selectAxisEvents = (db: ServiceContext['db']) =>
  db
    .select({ id: events.id, day: events.day, name: events.name, scope: events.scope })
    .from(events)
    .orderBy(asc(events.day), asc(events.id))

function oldestOf({ facts }: Definition, sources: readonly SourceFacts[]): SourceFacts | null {
  const holding = sources.filter(({ holds }) => facts.some((kind) => holds.includes(kind)))
  return holding.toSorted((a, b) => (a.lastSuccessAt ?? 0) - (b.lastSuccessAt ?? 0))[0] ?? null
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

const sideOf = (value: number, { mean }: BaselineCourse) => (value > mean ? ('above' as const) : ('below' as const))

const isMeasured = (one: { period: string; value: number | null }): one is { period: string; value: number } => one.value !== null

/** What is known of one metric around each event, the latest first. */
export const aroundEventsOf = (
  rows: Parameters<typeof analysisIn>[0],
  key: MetricKey,
): { event: { id: string; day: string; name: string }; row: AroundRow }[] =>
  (analysisIn(rows, 'around-events') as Analyses['around-events'])
    .flatMap(({ eventId, day, name, rows: measured }) => {
      const row = measured.find(({ measure }) => measure === key)
      return row ? [{ event: { id: eventId, day, name }, row }] : []
    })
    .reverse()
