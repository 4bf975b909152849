/**
 * Clauses: what the sides promised each other, when it is due, and which version held then. How a due date came out is in
 * sla.ts.
 */
import { addDays, daysBetween, isCalendarDay, monthAfter, weekdayOf } from './calendar'
import { type FactKind, type Stage, stages } from './facts'
import { dueDayOf, isTime, momentAt, type OnHoliday, type WorkCalendar } from './work-calendar'

/** When something is due: once a week, or once a month on a day up to the 28th or on the last (31). */
export type Due = { every: 'week'; weekday: number; time: string } | { every: 'month'; day: number; time: string }

/** Stages that leads are handed over in, or reach. */
export const promisedStages: readonly Stage[] = stages.filter((stage) => stage !== 'subscriber')

interface Promised {
  /** Who promises. */
  side: 'sales' | 'marketing'
  due: Due
  onHoliday: OnHoliday
}

/** What is counted for a due date: everything since the one before, or what came on the day itself. */
export type Counted = 'since-last' | 'that-day'

/** At least so many leads enter a stage by each due date. */
export interface VolumeClause extends Promised {
  kind: 'volume'
  stage: Stage
  atLeast: number
  counts: Counted
}

/** Of the leads that entered a stage by `due`, at least this share reaches another so many days later at `time`. */
export interface FollowOnClause extends Promised {
  kind: 'follow-on'
  stage: Stage
  reaches: Stage
  /** Above 0, up to 1. */
  share: number
  counts: Counted
  daysLater: number
  time: string
}

/** Of the leads that were handed over by entering a stage, at least this share is tried to reach so soon. Judged when the time is over. */
export interface ResponseClause extends Promised {
  kind: 'response'
  stage: Stage
  minutes: number
  /** Minutes of work, or all of them. */
  clock: 'working' | 'all'
  share: number
}

/** Of the leads that were returned, at least this share had so many attempts before. */
export interface AttemptsClause extends Promised {
  kind: 'attempts'
  atLeast: number
  share: number
}

/** What no source has facts of, and somebody reports for each due date. */
export interface ReportedClause extends Promised {
  kind: 'reported'
  /** In the organisation's own words. */
  name: string
  unit: 'count' | 'share'
  target: number
}

export type Clause = VolumeClause | FollowOnClause | ResponseClause | AttemptsClause | ReportedClause

export const clauseKinds = ['volume', 'follow-on', 'response', 'attempts', 'reported'] as const
export type ClauseKind = (typeof clauseKinds)[number]

/** One version of a clause. It holds from its day on, until a later version does. */
export interface ClauseVersion {
  version: number
  fromDay: string
  body: Clause
}

export interface ClauseHistory {
  id: string
  /** In the order in which they were decided, at least one. */
  versions: readonly ClauseVersion[]
  /** The last day for which it holds; null while it does. */
  endDay: string | null
}

/** What has to be reached: a number of leads, a share, or what is reported. */
export function targetOf(clause: Clause): number {
  if (clause.kind === 'volume') return clause.atLeast
  return clause.kind === 'reported' ? clause.target : clause.share
}

/** Whether what is reached is a share, which is written in percent. */
export const isShare = (clause: Clause): boolean => clause.kind !== 'volume' && (clause.kind !== 'reported' || clause.unit === 'share')

/** Which facts tell how it came out: none where it is reported. */
export function factsOf(clause: Clause): FactKind[] {
  switch (clause.kind) {
    case 'volume':
    case 'follow-on':
      return ['stage']
    case 'response':
    case 'attempts':
      return ['stage', 'activity']
    case 'reported':
      return []
  }
}

// ── What can be promised ────────────────────────────────────────────────────────────────────────────────────────────

export type ClauseField =
  | 'kind'
  | 'side'
  | 'every'
  | 'weekday'
  | 'day'
  | 'time'
  | 'onHoliday'
  | 'stage'
  | 'atLeast'
  | 'counts'
  | 'reaches'
  | 'share'
  | 'daysLater'
  | 'byTime'
  | 'minutes'
  | 'clock'
  | 'name'
  | 'unit'
  | 'target'
  | 'fromDay'

export type ClauseProblemCode =
  | 'count-out-of-range'
  | 'share-out-of-range'
  | 'bad-time'
  | 'bad-weekday'
  | 'bad-month-day'
  | 'bad-stage'
  | 'stage-not-later'
  | 'not-after-delivery'
  | 'days-out-of-range'
  | 'minutes-out-of-range'
  | 'no-name'
  | 'target-out-of-range'
  | 'bad-day'
  | 'too-far-back'
  | 'too-far-ahead'
  | 'in-the-past'

export interface ClauseProblem {
  field: ClauseField
  code: ClauseProblemCode
}

/** Highest number that can be promised; and as many days, minutes and characters. */
export const clauseLimits = { count: 100_000, daysLater: 27, minutes: 60 * 24 * 31, attempts: 50, name: 120, target: 1e9 } as const

/** How far back a new clause may begin, and ahead, in days. */
export const earliestStart = 731
export const latestStart = 366

const isCount = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most
const isPart = (value: number) => value > 0 && value <= 1

/**
 * What is wrong with a clause that somebody decided on; nothing where it can be kept and missed.
 *
 * @example clauseProblems({ ...clause, atLeast: 0 }) // [{ field: 'atLeast', code: 'count-out-of-range' }]
 */
export function clauseProblems(clause: Clause): ClauseProblem[] {
  const problems: ClauseProblem[] = []
  const check = (isRight: boolean, field: ClauseField, code: ClauseProblemCode) => {
    if (!isRight) problems.push({ field, code })
  }
  const { due } = clause
  check(isTime(due.time), 'time', 'bad-time')
  if (due.every === 'week') check(Number.isInteger(due.weekday) && due.weekday >= 0 && due.weekday <= 6, 'weekday', 'bad-weekday')
  else check(due.day === 31 || isCount(due.day, 28), 'day', 'bad-month-day')
  const isPromised = (stage: Stage) => promisedStages.includes(stage)
  switch (clause.kind) {
    case 'volume':
      check(isPromised(clause.stage), 'stage', 'bad-stage')
      check(isCount(clause.atLeast, clauseLimits.count), 'atLeast', 'count-out-of-range')
      break
    case 'follow-on': {
      const { daysLater, time } = clause
      check(isPromised(clause.stage), 'stage', 'bad-stage')
      check(stages.indexOf(clause.reaches) > stages.indexOf(clause.stage), 'reaches', 'stage-not-later')
      check(isPart(clause.share), 'share', 'share-out-of-range')
      check(isTime(time), 'byTime', 'bad-time')
      const isDays = Number.isInteger(daysLater) && daysLater >= 0 && daysLater <= clauseLimits.daysLater
      check(isDays, 'daysLater', 'days-out-of-range')
      if (isDays && isTime(time)) check(daysLater > 0 || time > due.time, 'byTime', 'not-after-delivery')
      break
    }
    case 'response':
      check(isPromised(clause.stage), 'stage', 'bad-stage')
      check(isCount(clause.minutes, clauseLimits.minutes), 'minutes', 'minutes-out-of-range')
      check(isPart(clause.share), 'share', 'share-out-of-range')
      break
    case 'attempts':
      check(isCount(clause.atLeast, clauseLimits.attempts), 'atLeast', 'count-out-of-range')
      check(isPart(clause.share), 'share', 'share-out-of-range')
      break
    case 'reported':
      check(clause.name.trim() !== '' && clause.name.length <= clauseLimits.name, 'name', 'no-name')
      if (clause.unit === 'share') check(isPart(clause.target), 'target', 'share-out-of-range')
      else check(clause.target > 0 && clause.target <= clauseLimits.target, 'target', 'target-out-of-range')
  }
  return problems
}

/**
 * What is wrong with the day from which a clause, or a change of one, is to hold. A change never begins in the past: what
 * was promised then has been judged.
 */
export function startProblem(fromDay: string, today: string, isChange: boolean): ClauseProblem | null {
  const wrong = (code: ClauseProblemCode): ClauseProblem => ({ field: 'fromDay', code })
  if (!isCalendarDay(fromDay)) return wrong('bad-day')
  const ahead = daysBetween(today, fromDay)
  if (ahead > latestStart) return wrong('too-far-ahead')
  if (isChange) return ahead < 0 ? wrong('in-the-past') : null
  return -ahead > earliestStart ? wrong('too-far-back') : null
}

// ── When it is due ──────────────────────────────────────────────────────────────────────────────────────────────────

/** One due date of a clause. Moments are milliseconds since 1970. */
export interface DueDate {
  /** The day of the schedule, before holidays: which version holds is decided by it. */
  anchorDay: string
  /** What came after `from`, up to `until`, is what the promise is about. */
  from: number
  until: number
  /** When it is due, and the day of that. Later than `until` where something has to follow. */
  dueAt: number
  dueDay: string
}

/**
 * Every due date whose day of the schedule is within these days, both included. Where holidays push several onto the same
 * moment, they are one.
 *
 * @example // every Monday by 09:00
 * dueDates(clause, usualCalendar, 'Europe/Amsterdam', '2011-12-19', '2011-12-27').map(({ dueDay }) => dueDay) // ['2011-12-19', '2011-12-26']
 */
export function dueDates(clause: Clause, calendar: WorkCalendar, timeZone: string, first: string, last: string): DueDate[] {
  const { due, onHoliday } = clause
  const days = scheduledDays(due, first, last)
  const [before = first] = days.length > 0 ? [scheduledBefore(due, days[0] as string)] : []
  const shifted = (day: string) => dueDayOf(calendar, day, onHoliday)
  let from = momentAt(shifted(before), due.time, timeZone)
  const found: DueDate[] = []
  for (const anchorDay of days) {
    const day = shifted(anchorDay)
    const until = momentAt(day, due.time, timeZone)
    const isThatDay = (clause.kind === 'volume' || clause.kind === 'follow-on') && clause.counts === 'that-day'
    const start = isThatDay ? momentAt(day, '00:00', timeZone) - 1 : from
    from = Math.max(from, until)
    const dueDay = clause.kind === 'follow-on' ? shifted(addDays(day, clause.daysLater)) : day
    const dueAt = clause.kind === 'follow-on' ? momentAt(dueDay, clause.time, timeZone) : until
    const previous = found.at(-1)
    if (previous && dueAt <= previous.dueAt) previous.until = Math.max(previous.until, until)
    else if (start < until) found.push({ anchorDay, from: start, until, dueAt, dueDay })
  }
  return found
}

/** Days of the schedule, before holidays. */
function scheduledDays(due: Due, first: string, last: string): string[] {
  const days: string[] = []
  if (due.every === 'week') {
    for (let day = addDays(first, (due.weekday - weekdayOf(first) + 7) % 7); day <= last; day = addDays(day, 7)) days.push(day)
    return days
  }
  for (let month = first.slice(0, 7); month <= last.slice(0, 7); month = monthAfter(month, 1)) {
    const day = dayIn(month, due.day)
    if (day >= first && day <= last) days.push(day)
  }
  return days
}

const scheduledBefore = (due: Due, day: string): string =>
  due.every === 'week' ? addDays(day, -7) : dayIn(monthAfter(day.slice(0, 7), -1), due.day)

/** @example dayIn('2027-02', 31) // '2027-02-28', the last */
const dayIn = (month: string, day: number): string =>
  day > 28 ? addDays(`${monthAfter(month, 1)}-01`, -1) : `${month}-${String(day).padStart(2, '0')}`

/** A due date with the version of its clause that judges it. */
export interface PlannedDue extends DueDate {
  version: ClauseVersion
}

/**
 * The due dates of a clause, each under the version that held on its day: of those that hold by then, the one that was
 * decided last.
 *
 * @param last day; nothing is due after the clause's end
 */
export function plannedDues(history: ClauseHistory, calendar: WorkCalendar, timeZone: string, first: string, last: string): PlannedDue[] {
  const until = history.endDay !== null && history.endDay < last ? history.endDay : last
  const starts = [...new Set(history.versions.map(({ fromDay }) => fromDay))].sort()
  const found: PlannedDue[] = []
  for (const [index, start] of starts.entries()) {
    const version = history.versions.findLast(({ fromDay }) => fromDay <= start)
    const next = starts[index + 1]
    const [from, to] = [start > first ? start : first, next !== undefined && addDays(next, -1) < until ? addDays(next, -1) : until]
    if (!version || from > to) continue
    for (const due of dueDates(version.body, calendar, timeZone, from, to)) {
      // A follow-up of the version before may be due at the very moment of one of this: what was promised first is judged.
      if (due.dueAt > (found.at(-1)?.dueAt ?? -Infinity)) found.push({ ...due, version })
    }
  }
  return found
}

/** The version that holds on a day; the first one before it began. */
export const versionOn = (history: ClauseHistory, day: string): ClauseVersion =>
  (history.versions.findLast(({ fromDay }) => fromDay <= day) ?? history.versions[0]) as ClauseVersion
