/**
 * When an organisation works: days of the week, hours, holidays, in its reporting time zone. Deadlines in working time are
 * counted in real minutes, so that the night in which the clocks change neither adds to a day of work nor takes from it.
 */
import { addDays, dayOf, isCalendarDay, momentOf, weekdayOf } from './calendar'

/** Of a week, from a day on. What was due before that day is judged by the hours that held then. */
export interface WorkHours {
  /** `YYYY-MM-DD`; empty for the hours that hold from the beginning. */
  fromDay: string
  /** 0 for Sunday to 6 for Saturday, in order, at least one. */
  days: readonly number[]
  /** `HH:MM`, of every one of these days; `closes` up to `24:00`. */
  opens: string
  closes: string
}

export interface Holiday {
  day: string
  name: string
}

export interface WorkCalendar {
  /** Oldest first, the first one from the beginning. */
  hours: readonly WorkHours[]
  /** By day. */
  holidays: readonly Holiday[]
}

/** Until somebody decides: Monday to Friday, nine to five, no holidays. */
export const usualCalendar: WorkCalendar = {
  hours: [{ fromDay: '', days: [1, 2, 3, 4, 5], opens: '09:00', closes: '17:00' }],
  holidays: [],
}

/** Every hour counts: for what was not promised in working hours. */
export const roundTheClock: WorkCalendar = {
  hours: [{ fromDay: '', days: [0, 1, 2, 3, 4, 5, 6], opens: '00:00', closes: '24:00' }],
  holidays: [],
}

/** More holidays than this are a mistake. */
export const mostHolidays = 500

/** As far as the next working day is looked for. */
const longestClosure = 366

const minuteMilliseconds = 60_000
const dayMilliseconds = 24 * 60 * minuteMilliseconds

/** @example minutesOf('09:30') // 570 */
export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/** Whether this is a time of a day: `00:00` to `23:59`, or `24:00` for its end. */
export const isTime = (text: string): boolean => /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(text)

/**
 * The moment of a time of a day; 24:00 is the beginning of the next.
 *
 * @example momentAt('2026-03-29', '24:00', 'Europe/Amsterdam') // Date.parse('2026-03-29T22:00:00Z')
 */
export function momentAt(day: string, time: string, timeZone: string): number {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  return momentOf({ year, month, day: date, hour: Number(time.slice(0, 2)), minute: Number(time.slice(3)), second: 0 }, timeZone).getTime()
}

/** The hours that hold on a day. */
export const hoursOn = ({ hours }: WorkCalendar, day: string): WorkHours | undefined => hours.findLast(({ fromDay }) => fromDay <= day)

/** @example holidayOn(calendar, '2026-12-25') // { day: '2026-12-25', name: 'Christmas Day' } */
export const holidayOn = ({ holidays }: WorkCalendar, day: string): Holiday | null => holidays.find((one) => one.day === day) ?? null

export const isWorkday = (calendar: WorkCalendar, day: string): boolean =>
  holidayOn(calendar, day) === null && (hoursOn(calendar, day)?.days.includes(weekdayOf(day)) ?? false)

/**
 * This day where it is worked, or else the next one that is; this day again where nobody works for a year.
 *
 * @example nextWorkday({ ...usualCalendar, holidays: [{ day: '2026-12-28', name: 'Bridge day' }] }, '2026-12-28') // '2026-12-29'
 */
export function nextWorkday(calendar: WorkCalendar, day: string): string {
  for (let later = 0; later <= longestClosure; later++) {
    const candidate = addDays(day, later)
    if (isWorkday(calendar, candidate)) return candidate
  }
  return day
}

/**
 * The working day that is so many working days later; none later is this day or the next that is worked.
 *
 * @example addWorkingDays(usualCalendar, '2026-11-27', 1) // '2026-11-30', from Friday to Monday
 */
export function addWorkingDays(calendar: WorkCalendar, day: string, days: number): string {
  let found = nextWorkday(calendar, day)
  for (let left = days; left > 0; left--) found = nextWorkday(calendar, addDays(found, 1))
  return found
}

/** What is due on a holiday: on the next working day, or on the holiday all the same. */
export type OnHoliday = 'next-workday' | 'as-is'

/** The day on which something is due that was to be due on this one. A weekend that somebody chose stays what was chosen. */
export const dueDayOf = (calendar: WorkCalendar, day: string, onHoliday: OnHoliday): string =>
  onHoliday === 'next-workday' && holidayOn(calendar, day) ? nextWorkday(calendar, day) : day

/** A day as moments, in milliseconds since 1970. */
export interface TimelineDay {
  day: string
  start: number
  end: number
  /** Equal where nobody works. */
  opens: number
  closes: number
  /** Working milliseconds of all days of the timeline before this one. */
  worked: number
}

/**
 * Day by day from one to another, both included.
 *
 * @example timelineOf(usualCalendar, 'UTC', '2026-11-27', '2026-11-30').map(({ worked }) => worked / 3_600_000) // [0, 8, 8, 8]
 */
export function timelineOf(calendar: WorkCalendar, timeZone: string, from: string, to: string): TimelineDay[] {
  const days: TimelineDay[] = []
  const closed = new Set(calendar.holidays.map(({ day }) => day))
  let worked = 0
  let start = momentAt(from, '00:00', timeZone)
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const end = momentAt(day, '24:00', timeZone)
    const hours = closed.has(day) ? undefined : hoursOn(calendar, day)
    // Most days have 24 hours, and those need no time zone.
    const at = (time: string) =>
      end - start === dayMilliseconds ? start + minutesOf(time) * minuteMilliseconds : momentAt(day, time, timeZone)
    const isOpen = hours?.days.includes(weekdayOf(day)) ?? false
    const opens = hours && isOpen ? at(hours.opens) : start
    const closes = hours && isOpen ? Math.max(opens, at(hours.closes)) : start
    days.push({ day, start, end, opens, closes, worked })
    worked += closes - opens
    start = end
  }
  return days
}

/** Working milliseconds from the beginning of the timeline to a moment within it. */
export function workedAt(timeline: readonly TimelineDay[], moment: number): number {
  const day = timeline[indexAt(timeline, moment)]
  if (!day) return 0
  return day.worked + Math.min(Math.max(0, moment - day.opens), day.closes - day.opens)
}

/**
 * When so many working minutes after a moment are over; null where the timeline ends before.
 *
 * @param minutes above 0
 */
export function afterWorking(timeline: readonly TimelineDay[], moment: number, minutes: number): number | null {
  const wanted = workedAt(timeline, moment) + minutes * minuteMilliseconds
  const day = timeline.find(({ worked, opens, closes }) => worked + (closes - opens) >= wanted)
  return day ? day.opens + (wanted - day.worked) : null
}

/**
 * The latest moment from which so many working minutes are over by `until`: what came later still has time.
 *
 * @returns the beginning of the timeline less a millisecond where there is none
 */
export function latestStart(timeline: readonly TimelineDay[], until: number, minutes: number): number {
  const wanted = workedAt(timeline, until) - minutes * minuteMilliseconds
  const first = timeline[0]
  if (!first || wanted < 0) return (first?.start ?? 0) - 1
  // No work is done in a night, so that its last moment is as early as its first.
  const day = timeline.find(({ worked, opens, closes }) => worked + (closes - opens) > wanted)
  return day ? Math.max(day.opens, day.opens + (wanted - day.worked)) : until
}

/**
 * The moment that is so many working minutes later.
 *
 * @param from milliseconds since 1970, on working time or not
 * @throws RangeError where that is not within five years
 * @example // Friday 16:00, four hours of work from nine to five: Monday 12:00
 * addWorkingMinutes(usualCalendar, 'UTC', Date.parse('2026-11-27T16:00:00Z'), 240) // Date.parse('2026-11-30T12:00:00Z')
 */
export function addWorkingMinutes(calendar: WorkCalendar, timeZone: string, from: number, minutes: number): number {
  const day = dayOf(new Date(from), timeZone)
  for (const days of [14, 90, 5 * 366]) {
    const found = afterWorking(timelineOf(calendar, timeZone, day, addDays(day, days)), from, minutes)
    if (found !== null) return found
  }
  throw new RangeError('there is not so much working time in five years')
}

/**
 * Working minutes from one moment to a later one; 0 where it is not later.
 *
 * @example workingMinutesBetween(usualCalendar, 'UTC', Date.parse('2026-11-27T16:00:00Z'), Date.parse('2026-11-30T10:00:00Z')) // 120
 */
export function workingMinutesBetween(calendar: WorkCalendar, timeZone: string, from: number, to: number): number {
  if (to <= from) return 0
  const timeline = timelineOf(calendar, timeZone, dayOf(new Date(from), timeZone), dayOf(new Date(to), timeZone))
  return (workedAt(timeline, to) - workedAt(timeline, from)) / minuteMilliseconds
}

export interface CalendarProblem {
  field: 'days' | 'opens' | 'closes' | 'fromDay' | 'holidays'
  code: 'no-days' | 'bad-time' | 'closes-first' | 'bad-day' | 'bad-holiday' | 'holiday-twice' | 'too-many'
  /** Of a holiday, from 1. */
  line?: number
}

/** What is wrong with hours that somebody decided on. */
export function hoursProblems({ fromDay, days, opens, closes }: WorkHours): CalendarProblem[] {
  const problems: CalendarProblem[] = []
  if (days.length === 0 || days.some((day) => !Number.isInteger(day) || day < 0 || day > 6))
    problems.push({ field: 'days', code: 'no-days' })
  if (!isTime(opens) || opens === '24:00') problems.push({ field: 'opens', code: 'bad-time' })
  if (!isTime(closes)) problems.push({ field: 'closes', code: 'bad-time' })
  else if (isTime(opens) && closes <= opens) problems.push({ field: 'closes', code: 'closes-first' })
  if (fromDay !== '' && !isCalendarDay(fromDay)) problems.push({ field: 'fromDay', code: 'bad-day' })
  return problems
}

/** Calendar with other hours from a day on; hours that were to begin on that day or later give way. */
export function withHours({ hours, holidays }: WorkCalendar, next: WorkHours): WorkCalendar {
  return { hours: [...hours.filter(({ fromDay }) => fromDay < next.fromDay), next], holidays }
}

function indexAt(timeline: readonly TimelineDay[], moment: number): number {
  let [low, high] = [0, timeline.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((timeline[middle]?.start ?? Infinity) <= moment) low = middle
    else high = middle - 1
  }
  return low
}
