import type { Messages } from '.'
import type { Format } from './format'

/**
 * A period of any grain as people say it.
 *
 * @param f of UTC: days are texts without a zone
 * @example periodText(t, f, '2026-W41') // 'Week 41, 2026'
 */
export function periodText({ kpisPage: t }: Messages, f: Format, period: string): string {
  const [year, rest] = [period.slice(0, 4), period.slice(5)]
  if (rest.startsWith('Q')) return t.quarter(rest.slice(1), year)
  if (rest.startsWith('W')) return t.week(String(Number(rest.slice(1))), year)
  return rest.length === 2 ? f.period(period) : f.date(new Date(`${period}T00:00:00Z`))
}

/** The same below an axis, without its year. */
export function shortPeriod({ kpisPage: t }: Messages, f: Format, period: string): string {
  const rest = period.slice(5)
  if (rest.startsWith('Q')) return t.shortQuarter(rest.slice(1))
  if (rest.startsWith('W')) return t.shortWeek(String(Number(rest.slice(1))))
  return rest.length === 2 ? f.shortMonth(period) : f.day(period)
}
