/** What stood around one event: the comparison, and the months that it is made of. */
import { monthAfter, monthsThrough } from '../core/calendar'
import { DomainError } from '../core/errors'
import { isKpiKey, type KpiKey } from '../core/metrics'
import type { Interval } from '../core/result'
import { onOneLine } from '../core/score-history'
import type { Database } from '../db/client'
import { selectEvents } from '../db/events'
import { scoreIn, selectNewestScores, selectValues } from '../db/scores'
import { compareAround, type EventComparison } from './analyses'
import type { EventView } from './events'

/** One month of a measure; months without a value are left out. */
export interface MonthValue {
  period: string
  value: number
  interval: Interval | null
}

export interface AroundEventView extends EventComparison {
  event: EventView
  /** What else happened in these months: no difference can be told apart from theirs. */
  others: EventView[]
  /** All months on the axis, `YYYY-MM`: a year on either side, as far as there is anything. */
  months: string[]
  score: MonthValue[]
  /** KPIs that have values in these months. */
  measures: KpiKey[]
  /** The one that was asked for; else the one that differs most surely, signals before all others; else the first. */
  kpi: { key: KpiKey; values: MonthValue[] } | null
}

/** Months on either side of an event that are compared at most. */
const reach = 12

/**
 * @param measure key of a KPI, to see its months
 * @throws DomainError not-found for an unknown event, and for a KPI without a value in these months
 */
export async function readAround(db: Database, eventId: string, measure?: string): Promise<AroundEventView> {
  const [{ event, rows }, [scoreRows, observed, events]] = await Promise.all([
    compareAround(db, eventId),
    db.batch([selectNewestScores(db), selectValues(db), selectEvents(db)]),
  ])
  const [first, last] = [monthAfter(event.day.slice(0, 7), -reach), monthAfter(event.day.slice(0, 7), reach)]
  const isNear = ({ period }: { period: string }) => period >= first && period <= last
  const byPeriod = new Map(onOneLine(scoreRows.map(scoreIn)).map((score) => [score.period, score]))
  const score = [...byPeriod.values()]
    .filter(isNear)
    .flatMap(({ period, value, interval }) => (value === null ? [] : [{ period, value, interval }]))
  const known = observed.flatMap((row) =>
    row.value !== null && !row.provisional && isKpiKey(row.metric) && isNear(row)
      ? [{ key: row.metric, period: row.period, value: row.value, interval: null }]
      : [],
  )
  const measures = [...new Set(known.map(({ key }) => key))]
  const signal = ({ verdict }: (typeof rows)[number]) => (verdict === 'signal' ? 0 : 1)
  const surest = rows
    .toSorted((a, b) => signal(a) - signal(b) || a.p - b.p)
    .find((row) => measures.some((key) => key === row.measure))?.measure
  const key = measures.find((one) => one === (measure ?? surest)) ?? (measure === undefined ? measures[0] : undefined)
  if (measure !== undefined && key === undefined) throw new DomainError('not-found', 'No KPI of these months has this key.')
  const values = known.filter((one) => one.key === key)
  const periods = [...score, ...values].map(({ period }) => period).sort()
  return {
    event,
    rows,
    others: events.filter(({ id, day }) => id !== event.id && isNear({ period: day.slice(0, 7) })),
    months: periods.length > 0 ? monthsThrough(periods[0] as string, periods.at(-1) as string) : [],
    score,
    measures,
    kpi: key === undefined ? null : { key, values },
  }
}
