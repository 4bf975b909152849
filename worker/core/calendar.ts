/**
 * Days and months of the reporting time zone, as text: a day is `YYYY-MM-DD`, a month `YYYY-MM`. workerd has no Temporal.
 */
import { TZDate } from '@date-fns/tz'

export const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/**
 * Whether this names a day that there is.
 *
 * @example isCalendarDay('2026-02-30') // false
 */
export const isCalendarDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && new Date(text).toJSON()?.slice(0, 10) === text

/** A moment on somebody's wall clock, before it is known where. */
export interface WallClock {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

/**
 * The day that a moment falls on in a time zone.
 *
 * @example dayOf(new Date('2011-11-30T23:30:00Z'), 'Europe/Amsterdam') // '2011-12-01'
 */
export function dayOf(moment: Date, timeZone: string): string {
  const there = new TZDate(moment, timeZone)
  return dayText(there.getFullYear(), there.getMonth() + 1, there.getDate())
}

/**
 * The moment that a wall clock shows in a time zone; an hour that daylight saving skips is read as the next one.
 *
 * @example momentOf({ year: 2026, month: 7, day: 1, hour: 0, minute: 30, second: 0 }, 'Europe/Berlin').toISOString()
 * // '2026-06-30T22:30:00.000Z'
 */
export function momentOf(clock: WallClock, timeZone: string): Date {
  return new Date(new TZDate(clock.year, clock.month - 1, clock.day, clock.hour, clock.minute, clock.second, timeZone).getTime())
}

/** Whether the calendar has this day: 29 February only in leap years. */
export function isDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/** @example dayText(2026, 2, 3) // '2026-02-03' */
export function dayText(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/**
 * The month so many months later, or earlier.
 *
 * @example monthAfter('2026-11', 3) // '2027-02'
 */
export function monthAfter(month: string, months: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const index = year * 12 + number - 1 + months
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`
}

/**
 * Every month from one to another, both included; none where the last comes first.
 *
 * @example monthsThrough('2026-11', '2027-01') // ['2026-11', '2026-12', '2027-01']
 */
export function monthsThrough(first: string, last: string): string[] {
  const months: string[] = []
  for (let month = first; month <= last; month = monthAfter(month, 1)) months.push(month)
  return months
}
