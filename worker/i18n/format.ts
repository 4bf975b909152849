import { directionOf, intlTag, type Locale } from '.'
import { dateFormat, numberFormat } from './intl'

/** How the figures of a page are written: digits of `intlTag`, and the real minus sign. */
export interface Format {
  /** 68.14, 0 → `68`. */
  number(value: number, decimals?: number): string
  /** 4.02, 1 → `+4.0`; −0.6 → `−0.6`; 0 → `0.0`. */
  signed(value: number, decimals?: number): string
  /** 0.024, 1 → `2.4%`. */
  percent(share: number, decimals?: number): string
  /** `2026-10` → `October 2026`. */
  period(period: string): string
  /** `2026-10` → `October`. */
  month(period: string): string
  /** `2026-10` → `Oct`; with its year where asked for. */
  shortMonth(period: string, withYear?: boolean): string
  /** `2026-06-15` → `15 June`. */
  day(day: string): string
  /** `2026-12-01` → `Tuesday`. */
  weekday(day: string): string
  /** A moment, as a day of the organisation's time zone: `30 October 2026`. */
  date(moment: Date): string
  /** The same with its time: `30 October 2026 at 14:32`. */
  moment(moment: Date): string
  /** The same in the current year or the next: `Fri 30 October, 14:32`. */
  upcoming(moment: Date): string
}

/**
 * The formats of a language, dates in this time zone.
 *
 * @example formatOf('en', 'Asia/Bangkok').signed(-0.62, 1) // '−0.6'
 */
export function formatOf(locale: Locale, timeZone: string): Format {
  const tag = intlTag(locale)
  const number = (value: number, decimals = 0) => {
    const rounded = roundTo(value, decimals)
    const digits = numberFormat(tag, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(Math.abs(rounded))
    return rounded < 0 ? `−${digits}` : digits
  }
  const dates = (options: Intl.DateTimeFormatOptions) => (value: string | Date) =>
    dateFormat(tag, { timeZone: 'UTC', ...options }).format(
      typeof value === 'string' ? new Date(`${value.slice(0, 7)}-${value.slice(8) || '01'}`) : value,
    )
  return {
    number,
    signed: (value, decimals = 0) =>
      leftToRight(locale, roundTo(value, decimals) > 0 ? `+${number(value, decimals)}` : number(value, decimals)),
    percent: (share, decimals = 0) =>
      leftToRight(
        locale,
        numberFormat(tag, { style: 'percent', minimumFractionDigits: decimals, maximumFractionDigits: decimals })
          .format(share)
          // Marks of direction, which a canvas loses on paper.
          .replace(/[\u061c\u200e]/g, '')
          .replace('-', '−'),
      ),
    period: dates({ month: 'long', year: 'numeric' }),
    month: dates({ month: 'long' }),
    shortMonth: (period, withYear) => dates(withYear ? { month: 'short', year: 'numeric' } : { month: 'short' })(period),
    day: dates({ day: 'numeric', month: 'long' }),
    weekday: dates({ weekday: 'long' }),
    date: dates({ day: 'numeric', month: 'long', year: 'numeric', timeZone }),
    moment: dates({ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }),
    upcoming: dates({ weekday: 'short', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }),
  }
}

/** Keeps a sign before its digits where the text around runs from right to left. */
export const leftToRight = (locale: Locale, figure: string): string => (directionOf(locale) === 'rtl' ? `\u2066${figure}\u2069` : figure)

/** Somebody's own words inside a sentence of ours, kept apart from its direction. */
export const isolate = (text: string): string => `\u2068${text}\u2069`

/** Half away from zero, so that −0.05 and 0.05 round alike; never −0. */
export function roundTo(value: number, decimals: number): number {
  const factor = 10 ** decimals
  return (Math.sign(value) * Math.round((Math.abs(value) + Number.EPSILON) * factor)) / factor || 0
}
