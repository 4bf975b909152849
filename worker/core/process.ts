/** Which promises a round's score is made of. */
import type { Clause } from './clause'
import type { ScoredKpis } from './performance'
import type { AbsentPart, PillarMissing } from './result'

/** How a clause came out in one month. */
export interface ClauseMonth {
  /** `YYYY-MM`, of the days on which something was due. */
  period: string
  kept: number
  missed: number
  open: number
  /** As it held for the last due date of the month. */
  clause: Clause
}

/** A clause with its months, oldest first; months without a due date are left out. */
export interface ScoredClause {
  id: string
  fromDay: string
  /** The last day for which it holds; null while it does. */
  endDay: string | null
  months: readonly ClauseMonth[]
}

/** One clause in a score. */
export interface ClauseMeasure {
  key: string
  /** The month that was measured. */
  period: string
  clause: Clause
  kept: number
  due: number
  /** 100 times the share that was kept. */
  score: number
}

export interface ScoredClauses {
  measures: ClauseMeasure[]
  /** Why there is none, where there is none. */
  missing: PillarMissing | null
  absent: AbsentPart[]
}

/** Older than this many months says nothing about the round, as with KPIs. */
const oldest = 2

/** What a clause is called among the parts of a score. */
export const clauseKey = (id: string): string => `clause-${id}`

/**
 * For each clause that holds in the round's month, the latest month up to that which is over and in which something was
 * judged, at most two months older: the percentage of its due dates that was kept. That is a goal score with its target at
 * all of them and its baseline at half.
 *
 * Source: docs/method.md, "Process".
 *
 * @param clauses in the order that parts are listed in
 * @param period `YYYY-MM`
 * @example clauseMeasures([{ id: 'c1', fromDay: '2026-01-01', endDay: null, months }], '2026-09').measures[0]?.score // 75, three of four kept
 */
export function clauseMeasures(clauses: readonly ScoredClause[], period: string): ScoredClauses {
  const holding = clauses.filter(
    ({ fromDay, endDay }) => fromDay.slice(0, 7) <= period && (endDay === null || endDay.slice(0, 7) >= period),
  )
  const found = holding.map((clause) => ({ key: clauseKey(clause.id), measure: measureOf(clause, period) }))
  const measures = found.flatMap(({ measure }) => (typeof measure === 'object' ? [measure] : []))
  const absent = found.flatMap(({ key, measure }) => (typeof measure === 'string' ? [{ key, reason: measure }] : []))
  const [first] = absent
  return { measures, missing: measures.length > 0 ? null : (first?.reason ?? 'no-clauses'), absent }
}

function measureOf({ id, endDay, months }: ScoredClause, period: string): ClauseMeasure | 'clauses-open' | 'clauses-too-old' {
  const newest = months.at(-1)?.period ?? ''
  const isOver = ({ open, period: month }: ClauseMonth) =>
    open === 0 && (month < newest || (endDay !== null && endDay.slice(0, 7) <= month))
  const whole = months.filter((month) => isOver(month) && month.kept + month.missed > 0)
  const latest = whole.findLast((month) => month.period <= period)
  if (!latest) return 'clauses-open'
  if (monthsOf(period) - monthsOf(latest.period) > oldest) return 'clauses-too-old'
  const due = latest.kept + latest.missed
  return { key: clauseKey(id), period: latest.period, clause: latest.clause, kept: latest.kept, due, score: (100 * latest.kept) / due }
}

/** KPIs that say how the two sides work together, and not what comes of it: those with a goal are parts of Process. */
export const processMetrics: readonly string[] = ['mql_acceptance']

/** What Process is made of. */
export interface ScoredProcess {
  clauses: ScoredClauses
  kpis: ScoredKpis
}

/** Why Process has no part, where it has none: its clauses first. */
export const missingOf = ({ clauses, kpis }: ScoredProcess): PillarMissing | null =>
  clauses.measures.length + kpis.measures.length > 0
    ? null
    : clauses.missing === 'no-clauses' && kpis.absent.length > 0
      ? kpis.missing
      : clauses.missing

/** Whether there is anything that Process could be made of. */
export const hasProcess = ({ clauses, kpis }: ScoredProcess): boolean =>
  clauses.measures.length + clauses.absent.length + kpis.measures.length + kpis.absent.length > 0

const monthsOf = (period: string) => Number(period.slice(0, 4)) * 12 + Number(period.slice(5, 7))
