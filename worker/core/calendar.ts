/**
 * Days and months of the reporting time zone, as text: a day is `YYYY-MM-DD`, a month `YYYY-MM`. workerd has no Temporal.
 */
import { TZDate, tzOffset } from '@date-fns/tz'

const minuteMilliseconds = 60_000
const dayMilliseconds = 24 * 60 * minuteMilliseconds

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
  const time = moment.getTime()
  if (time >= firstQuick && time < lastQuick) return new Date(time + offsetAt(timeZone, time)).toISOString().slice(0, 10)
  const there = new TZDate(moment, timeZone)
  return dayText(there.getFullYear(), there.getMonth() + 1, there.getDate())
}

/** Years that facts are of: offsets in them are whole minutes, and a zone changes its own at most once a day. */
const firstQuick = Date.UTC(1980)
const lastQuick = Date.UTC(2100)

/**
 * Milliseconds that a zone is ahead of UTC at a moment. Asking the calendar costs microseconds, too much for each of 100,000
 * rows: what a day begins and ends with is remembered, and asked again only where the two differ.
 */
function offsetAt(timeZone: string, time: number): number {
  if (time < firstQuick || time >= lastQuick) return askedOffset(timeZone, time)
  const day = Math.floor(time / dayMilliseconds)
  const first = offsetOfDay(timeZone, day)
  return first === offsetOfDay(timeZone, day + 1) ? first : askedOffset(timeZone, time)
}

const askedOffset = (timeZone: string, time: number) => Math.round(tzOffset(timeZone, new Date(time)) * minuteMilliseconds)

const offsets = new Map<string, Map<number, number>>()

/** At its first moment in UTC. */
function offsetOfDay(timeZone: string, day: number): number {
  const known = offsets.get(timeZone)?.get(day)
  if (known !== undefined) return known
  const found = askedOffset(timeZone, day * dayMilliseconds)
  const days = offsets.get(timeZone) ?? new Map<number, number>()
  if (offsets.size >= rememberedZones) offsets.clear()
  offsets.set(timeZone, days.set(day, found))
  return found
}

const rememberedZones = 20

/**
 * The moment that a wall clock shows in a time zone. Of an hour that comes twice, the first; an hour that daylight saving
 * skips is read as the next one. `TZDate` would decide the former by the time zone of the machine.
 *
 * @example momentOf({ year: 2026, month: 7, day: 1, hour: 0, minute: 30, second: 0 }, 'Europe/Berlin').toISOString()
 * // '2026-06-30T22:30:00.000Z'
 */
export function momentOf(clock: WallClock, timeZone: string): Date {
  const wall = Date.UTC(clock.year, clock.month - 1, clock.day, clock.hour, clock.minute, clock.second)
  const before = offsetAt(timeZone, wall - dayMilliseconds)
  const after = offsetAt(timeZone, wall + dayMilliseconds)
  if (before === after && offsetAt(timeZone, wall - before) === before) return new Date(wall - before)
  const candidates = [before, after].map((offset) => ({ time: wall - offset, offset }))
  const shown = candidates.filter(({ time, offset }) => offsetAt(timeZone, time) === offset)
  return new Date(Math.min(...(shown.length > 0 ? shown : [{ time: wall - before }]).map(({ time }) => time)))
}

/**
 * The moment that a day begins at in a time zone.
 *
 * @example startOfDay('2026-07-01', 'Europe/Berlin').toISOString() // '2026-06-30T22:00:00.000Z'
 */
export function startOfDay(text: string, timeZone: string): Date {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number)
  return momentOf({ year, month, day, hour: 0, minute: 0, second: 0 }, timeZone)
}

/**
 * The day so many days later, or earlier.
 *
 * @example addDays('2028-02-28', 2) // '2028-03-01'
 */
export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMilliseconds).toISOString().slice(0, 10)

/** How many days the second is later. @example daysBetween('2026-12-01', '2026-12-15') // 14 */
export const daysBetween = (first: string, second: string): number => Math.round((Date.parse(second) - Date.parse(first)) / dayMilliseconds)

/** 0 for Sunday to 6 for Saturday. @example weekdayOf('2026-12-01') // 2 */
export const weekdayOf = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay()

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
