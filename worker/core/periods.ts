/**
 * Periods of the reporting time zone as text that sorts by time: a day `2026-10-05`, an ISO week `2026-W41` (Monday to
 * Sunday, in the year of its Thursday), a month `2026-10`, a quarter `2026-Q4`.
 */
import { addDays, daysBetween, isCalendarDay, monthAfter, weekdayOf } from './calendar'

export const grains = ['day', 'week', 'month', 'quarter'] as const
export type Grain = (typeof grains)[number]

/**
 * The grain that a period is written in; null where it is no period.
 *
 * @example grainOf('2026-W41') // 'week'
 * @example grainOf('2025-W53') // null: 2025 has 52 weeks
 */
export function grainOf(period: string): Grain | null {
  if (isCalendarDay(period)) return 'day'
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(period)) return 'month'
  if (/^\d{4}-Q[1-4]$/.test(period)) return 'quarter'
  if (/^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$/.test(period)) return periodOf(firstDayOf(period), 'week') === period ? 'week' : null
  return null
}

/** The period of a grain that a day lies in. @example periodOf('2021-01-03', 'week') // '2020-W53' */
export function periodOf(day: string, grain: Grain): string {
  switch (grain) {
    case 'day':
      return day
    case 'week': {
      const thursday = addDays(day, 3 - ((weekdayOf(day) + 6) % 7))
      const year = thursday.slice(0, 4)
      return `${year}-W${two(Math.floor(daysBetween(`${year}-01-01`, thursday) / 7) + 1)}`
    }
    case 'month':
      return day.slice(0, 7)
    case 'quarter':
      return `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`
  }
}

/** @example firstDayOf('2026-W41') // '2026-10-05' */
export function firstDayOf(period: string): string {
  const [year = '', rest = ''] = [period.slice(0, 4), period.slice(5)]
  if (rest.startsWith('Q')) return `${year}-${two(Number(rest.slice(1)) * 3 - 2)}-01`
  if (rest.startsWith('W')) {
    const fourth = `${year}-01-04` // always in week 1
    return addDays(fourth, (Number(rest.slice(1)) - 1) * 7 - ((weekdayOf(fourth) + 6) % 7))
  }
  return rest.length === 2 ? `${period}-01` : period
}

/** @example lastDayOf('2026-Q1') // '2026-03-31' */
export const lastDayOf = (period: string): string => addDays(firstDayOf(periodAfter(period, 1)), -1)

/**
 * The period so many periods later, or earlier, of the same grain.
 *
 * @example periodAfter('2026-Q4', 1) // '2027-Q1'
 */
export function periodAfter(period: string, count: number): string {
  const rest = period.slice(5)
  if (rest.startsWith('Q')) return periodOf(`${monthAfter(firstDayOf(period).slice(0, 7), count * 3)}-01`, 'quarter')
  if (rest.startsWith('W')) return periodOf(addDays(firstDayOf(period), count * 7), 'week')
  return rest.length === 2 ? monthAfter(period, count) : addDays(period, count)
}

/**
 * The same period of the year before: by date, by the number of its week, by month or quarter. Null where the year before has
 * none (29 February, week 53).
 *
 * @example yearBefore('2026-W53') // null
 */
export function yearBefore(period: string): string | null {
  const before = `${String(Number(period.slice(0, 4)) - 1).padStart(4, '0')}${period.slice(4)}`
  return grainOf(before) === null ? null : before
}

/** Every period from one to another of the same grain, both included; none where the last comes first. */
export function periodsThrough(first: string, last: string): string[] {
  const periods: string[] = []
  for (let period = first; period <= last; period = periodAfter(period, 1)) periods.push(period)
  return periods
}

const two = (number: number) => String(number).padStart(2, '0')
