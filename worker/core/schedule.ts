/**
 * When rounds open, remind and close: days and wall clocks of the organisation's time zone, made into moments last, so that
 * 09:00 stays 09:00 when the clocks change. An hour that is skipped is read as the next, of one that comes twice the first
 * counts (`momentOf`).
 *
 * Days follow a fixed grid from the first: nothing that happens to one round moves another. Weekly and fortnightly count in
 * weeks; monthly and quarterly keep the weekday and its place in the month ("the first Tuesday"), because KPIs are of months
 * and a grid of four weeks would put two rounds into one of them. A day after the 28th is "the last": every month has one.
 */
import { addDays, dayOf, daysBetween, dayText, isDay, momentOf, monthAfter, weekdayOf } from './calendar'

export const cadences = ['weekly', 'fortnightly', 'monthly', 'quarterly'] as const
export type Cadence = (typeof cadences)[number]

/** What somebody decided. */
export interface ScheduleRule {
  cadence: Cadence
  /** `YYYY-MM-DD`; what the grid is counted from, itself on it. */
  firstDay: string
  /** `HH:MM` of the organisation's time zone. */
  openingTime: string
  /** Days that a round takes ballots: the day that it opens is the first, the last one ends at midnight. */
  windowDays: number
  /** At the most: 0, 1 or 2. */
  reminders: number
}

export const usualRule: Omit<ScheduleRule, 'firstDay'> = { cadence: 'monthly', openingTime: '09:00', windowDays: 14, reminders: 2 }

/** Why a round that is due could not be opened; the codes of `openRound`. */
export const openingRefusals = ['too-few-people', 'too-many-groups', 'another-round-open', 'ballots-unavailable'] as const
export type OpeningRefusal = (typeof openingRefusals)[number]

/** As many days as a round may be moved away from its day. */
export const longestShift = 14

/** As many as fit before the next round opens; four weeks where it is further away. */
export const longestWindow: Readonly<Record<Cadence, number>> = { weekly: 7, fortnightly: 14, monthly: 28, quarterly: 28 }

/**
 * Days of the grid from a day on, itself included if it is one.
 *
 * @example slotsFrom({ cadence: 'monthly', firstDay: '2026-12-01' }, '2026-12-02', 2) // ['2027-01-05', '2027-02-02']
 * @example slotsFrom({ cadence: 'monthly', firstDay: '2026-12-31' }, '2027-02-01', 1) // ['2027-02-25'], the last Thursday
 */
export function slotsFrom(rule: Pick<ScheduleRule, 'cadence' | 'firstDay'>, from: string, count: number): string[] {
  const slots: string[] = []
  for (let index = Math.max(0, indexNear(rule, from)); slots.length < count; index++) {
    const slot = slotAt(rule, index)
    if (slot >= from) slots.push(slot)
  }
  return slots
}

/** Which of the weekdays of its month a day is: 1 to 4, or 5 for "the last". @example placeInMonth('2026-12-01') // 1 */
export const placeInMonth = (day: string): number => (Number(day.slice(8)) > 28 ? 5 : Math.ceil(Number(day.slice(8)) / 7))

/** When the round of a slot opens and closes, its shift included. */
export interface Window {
  opensAt: Date
  closesAt: Date
}

/**
 * @example windowOf({ ...usualRule, firstDay: '2026-12-01' }, '2026-12-01', 0, 'Europe/Berlin')
 * // opens 2026-12-01T08:00:00Z, closes 2026-12-14T22:59:59Z
 */
export function windowOf(
  { openingTime, windowDays }: Pick<ScheduleRule, 'openingTime' | 'windowDays'>,
  slot: string,
  shiftedDays: number,
  timeZone: string,
): Window {
  const day = addDays(slot, shiftedDays)
  return { opensAt: wallMoment(day, openingTime, timeZone), closesAt: endOfDay(addDays(day, windowDays - 1), timeZone) }
}

/** The last second of a day, which is when a round closes: the day that people are told is still theirs. */
export const endOfDay = (day: string, timeZone: string): Date => wallMoment(day, '23:59:59', timeZone)

/** The month that a round of the grid stands for: of its slot, however far it is shifted. */
export const periodOfSlot = (slot: string): string => slot.slice(0, 7)

/**
 * On which days after its opening an open round reminds. Three and five days fit two weeks: two emails early on, and quiet
 * after that. Longer windows stretch them, shorter ones leave the last day alone, and the shortest need none.
 *
 * @param windowDays from the day it opens to its last, both counted
 * @example reminderDays(14, 2) // [3, 5]
 * @example reminderDays(28, 2) // [6, 10]
 * @example reminderDays(3, 2) // [1]
 */
export function reminderDays(windowDays: number, most: number): number[] {
  return daysToRemind(windowDays).slice(0, most)
}

/** What decides about an open round's reminders. `openedAt` is when it really did: a round that opened late reminds later. */
export interface OpenWindow {
  openedAt: Date
  closesAt: Date
  timeZone: string
}

/** Days on which an open round reminds, if nothing is late; at the hour of openings. */
function daysOfReminders({ reminders }: Pick<ScheduleRule, 'reminders'>, { openedAt, closesAt, timeZone }: OpenWindow): string[] {
  const [first, last] = [dayOf(openedAt, timeZone), dayOf(closesAt, timeZone)]
  return reminderDays(daysBetween(first, last) + 1, reminders).map((days) => addDays(first, days))
}

/** How many reminders an open round has, if none is missed. */
export const countReminders = (rule: Pick<ScheduleRule, 'reminders'>, open: OpenWindow): number => daysOfReminders(rule, open).length

/** In the last day of a round nobody is reminded any more. */
const quietMilliseconds = 24 * 60 * 60_000
/** Between two emails of a round. Less than the 23 hours of a day on which the clocks go forward. */
const apartMilliseconds = 20 * 60 * 60_000

/**
 * When the next reminder is to go out, perhaps in the past; null where there is none any more. One that was missed goes out
 * late, and the one after it on a later day at the usual hour: two never come within a day, and none on the last.
 *
 * @param sent when the invitation went out, and each reminder since
 * @example nextReminder(rule, { openedAt, closesAt, timeZone }, [openedAt], now) // 09:00 on the third day
 */
export function nextReminder(
  rule: Pick<ScheduleRule, 'openingTime' | 'reminders'>,
  open: OpenWindow,
  sent: readonly [Date, ...Date[]],
  now: Date,
): Date | null {
  let day = daysOfReminders(rule, open)[sent.length - 1]
  if (!day) return null
  const earliest = (sent.at(-1) as Date).getTime() + apartMilliseconds
  const momentThen = (on: string) => wallMoment(on, rule.openingTime, open.timeZone)
  while (momentThen(day).getTime() < earliest) day = addDays(day, 1)
  const due = momentThen(day)
  return Math.max(due.getTime(), now.getTime()) <= open.closesAt.getTime() - quietMilliseconds ? due : null
}

/**
 * The shifts of a round, in days, that keep it in the future and between its neighbours.
 *
 * @param bounds the moment after which it must open and the one before which it must close
 */
export function possibleShifts(
  rule: Pick<ScheduleRule, 'openingTime' | 'windowDays'>,
  slot: string,
  timeZone: string,
  bounds: { after: Date; before: Date },
): number[] {
  return Array.from({ length: 2 * longestShift + 1 }, (_, index) => index - longestShift).filter((days) => {
    const { opensAt, closesAt } = windowOf(rule, slot, days, timeZone)
    return opensAt > bounds.after && closesAt < bounds.before
  })
}

/** A field that cannot be used, and why. */
export interface RuleMistake {
  field: keyof ScheduleRule
  code: 'unknown' | 'no-day' | 'too-far' | 'no-time' | 'no-number' | 'too-long' | 'still-open'
}

/** Days that the first one may lie ahead. Behind, as far as one likes: a grid is kept while other things change. */
const farthestDays = 366

/**
 * What is wrong with a rule.
 *
 * @param today in the organisation's time zone
 * @example ruleMistakes({ ...usualRule, cadence: 'weekly', firstDay: '2026-12-01' }, '2026-11-27') // [{ field: 'windowDays', code: 'too-long' }]
 */
export function ruleMistakes(rule: ScheduleRule, today: string): RuleMistake[] {
  const { cadence, firstDay, openingTime, windowDays, reminders } = rule
  const [year = 0, month = 0, day = 0] = firstDay.split('-').map(Number)
  const dayExists = /^20\d\d-\d\d-\d\d$/.test(firstDay) && isDay(year, month, day)
  const known = cadences.includes(cadence)
  const days = Number.isInteger(windowDays) && windowDays >= 1
  const checks: [boolean, RuleMistake][] = [
    [known, { field: 'cadence', code: 'unknown' }],
    [dayExists, { field: 'firstDay', code: 'no-day' }],
    [!dayExists || daysBetween(today, firstDay) <= farthestDays, { field: 'firstDay', code: 'too-far' }],
    [/^([01]\d|2[0-3]):[0-5]\d$/.test(openingTime), { field: 'openingTime', code: 'no-time' }],
    [days, { field: 'windowDays', code: 'no-number' }],
    [!days || !known || windowDays <= longestWindow[cadence], { field: 'windowDays', code: 'too-long' }],
    [Number.isInteger(reminders) && reminders >= 0 && reminders <= 2, { field: 'reminders', code: 'no-number' }],
  ]
  return checks.flatMap(([isRight, mistake]) => (isRight ? [] : [mistake]))
}

function daysToRemind(windowDays: number): number[] {
  if (windowDays <= 2) return []
  if (windowDays <= 4) return [Math.floor(windowDays / 2)]
  if (windowDays <= 6) return [windowDays - 3, windowDays - 2]
  if (windowDays <= 14) return [3, 5]
  return [3, 5].map((days) => Math.round((days * windowDays) / 14))
}

const wallMoment = (day: string, time: string, timeZone: string): Date => {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number)
  return momentOf({ year, month, day: date, hour, minute, second }, timeZone)
}

const weeksOf: Partial<Record<Cadence, number>> = { weekly: 1, fortnightly: 2 }
const monthsOf = (cadence: Cadence) => (cadence === 'quarterly' ? 3 : 1)

function slotAt({ cadence, firstDay }: Pick<ScheduleRule, 'cadence' | 'firstDay'>, index: number): string {
  const weeks = weeksOf[cadence]
  if (weeks) return addDays(firstDay, 7 * weeks * index)
  return weekdayInMonth(monthAfter(firstDay.slice(0, 7), monthsOf(cadence) * index), weekdayOf(firstDay), placeInMonth(firstDay))
}

/** An index whose slot is not after the day. */
function indexNear({ cadence, firstDay }: Pick<ScheduleRule, 'cadence' | 'firstDay'>, day: string): number {
  const weeks = weeksOf[cadence]
  if (weeks) return Math.floor(daysBetween(firstDay, day) / (7 * weeks))
  const months = 12 * (Number(day.slice(0, 4)) - Number(firstDay.slice(0, 4))) + Number(day.slice(5, 7)) - Number(firstDay.slice(5, 7))
  return Math.floor(months / monthsOf(cadence)) - 1
}

/** @param place 1 to 4, or 5 for the last */
function weekdayInMonth(month: string, weekday: number, place: number): string {
  const [year = 0, number = 0] = month.split('-').map(Number)
  if (place === 5) {
    const last = addDays(`${monthAfter(month, 1)}-01`, -1)
    return addDays(last, -((weekdayOf(last) - weekday + 7) % 7))
  }
  const first = dayText(year, number, 1)
  return addDays(first, ((weekday - weekdayOf(first) + 7) % 7) + 7 * (place - 1))
}
