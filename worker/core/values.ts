/**
 * Reads the dates and numbers of a file by what its source declares, and refuses what could be read in two ways.
 */
import { dayOf, dayText, isDay, momentOf, type WallClock } from './calendar'

export const dateFormats = ['iso', 'dd/MM/yyyy', 'MM/dd/yyyy', 'dd.MM.yyyy', 'dd-MM-yyyy', 'MM-dd-yyyy', 'yyyy/MM/dd'] as const
export type DateFormat = (typeof dateFormats)[number]

/** What is wrong with a value; the language files say how to put it right. */
export type ValueErrorCode =
  | 'invalid-date'
  | 'impossible-date'
  | 'ambiguous-date'
  | 'future-date'
  | 'invalid-number'
  | 'ambiguous-number'
  | 'number-too-large'

export type Read<T> = { value: T } | { error: ValueErrorCode }

export interface DateRules {
  format: DateFormat
  /** Of times without an offset. */
  timeZone: string
  /** Of the day that comes out. */
  reportingZone: string
  /** In the reporting time zone: facts are not later. */
  today: string
}

/**
 * The day of a date or of a date with a time, in the reporting time zone. A date without a time is a local day already
 * and passes through no time zone. Null where the cell is blank.
 *
 * @example readDay('2018-02-26 19:58:54', rules) // { value: '2018-02-26' }
 * @example readDay('2026-02-30', rules) // { error: 'impossible-date' }
 * @example readDay('01/02/2026', { ...rules, format: 'iso' }) // { error: 'ambiguous-date' }
 */
export function readDay(text: string, rules: DateRules): Read<string | null> {
  const trimmed = text.trim()
  if (trimmed === '') return { value: null }
  const [, date = '', time] = /^([^\sT]+)(?:(?:T|\s+)(.+))?$/.exec(trimmed) ?? []
  const parts = partsOf(date, rules.format)
  if (!parts) return { error: /^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}$/.test(date) ? 'ambiguous-date' : 'invalid-date' }
  const [year, month, day] = parts
  if (!isDay(year, month, day) || year < earliestYear) return { error: 'impossible-date' }
  const clock = time === undefined ? undefined : clockOf(time)
  if (time !== undefined && !clock) return { error: 'invalid-date' }
  const value = clock ? reportingDay({ year, month, day, ...clock }, clock.offset, rules) : dayText(year, month, day)
  return value > rules.today ? { error: 'future-date' } : { value }
}

/** A CRM's data is younger; an earlier year is a slip of the keyboard that would draw decades of empty months. */
const earliestYear = 1990

export interface NumberRules {
  /** Undefined: a number that could be read in two ways is refused. */
  decimal: '.' | ',' | undefined
  /** Its sign or code may stand before or after the number, no other may. */
  currency: string
}

/**
 * An amount in minor units, rounded to the nearest. Null where the cell is blank.
 *
 * @example readAmount('1,054.50', { decimal: '.', currency: 'USD' }) // { value: 105450 }
 * @example readAmount('1,234', { decimal: undefined, currency: 'USD' }) // { error: 'ambiguous-number' }
 */
export function readAmount(text: string, rules: NumberRules): Read<number | null> {
  const bare = withoutCurrency(text.trim(), rules.currency)
  if (bare === '') return { value: null }
  const decimal = rules.decimal ?? decimalOf(bare)
  if (decimal === 'either') return { error: 'ambiguous-number' }
  const [pattern, separators] = decimal === ',' ? commaDecimal : pointDecimal
  if (!pattern.test(bare)) return { error: 'invalid-number' }
  const amount = Number(bare.replace(separators, '').replace(',', '.').replace('−', '-'))
  const minor = Math.sign(amount) * Math.round(Number(`${Math.abs(amount)}e${minorDigits(rules.currency)}`))
  return Number.isSafeInteger(minor) ? { value: minor === 0 ? 0 : minor } : { error: 'number-too-large' }
}

/**
 * An amount of a vendor's JSON in minor units, rounded to the nearest. Null where it is too large to be counted exactly.
 *
 * @example minorOf(1054.505, 'USD') // 105451
 * @example minorOf(1200, 'JPY') // 1200
 */
export function minorOf(amount: number, currency: string): number | null {
  const minor = Math.sign(amount) * Math.round(Number(`${Math.abs(amount)}e${minorDigits(currency)}`))
  return Number.isSafeInteger(minor) ? (minor === 0 ? 0 : minor) : null
}

/**
 * Decimals of a currency: 2 for EUR, 0 for JPY.
 *
 * @example minorDigits('JPY') // 0
 */
export function minorDigits(currency: string): number {
  const known = digits.get(currency)
  if (known !== undefined) return known
  const found = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  digits.set(currency, found)
  return found
}

const digits = new Map<string, number>()

const isoDate = /^(\d{4})-(\d{1,2})-(\d{1,2})$/
const patterns: Record<DateFormat, { pattern: RegExp; order: readonly [year: number, month: number, day: number] }> = {
  iso: { pattern: isoDate, order: [1, 2, 3] },
  'dd/MM/yyyy': { pattern: /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, order: [3, 2, 1] },
  'MM/dd/yyyy': { pattern: /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, order: [3, 1, 2] },
  'dd.MM.yyyy': { pattern: /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/, order: [3, 2, 1] },
  'dd-MM-yyyy': { pattern: /^(\d{1,2})-(\d{1,2})-(\d{4})$/, order: [3, 2, 1] },
  'MM-dd-yyyy': { pattern: /^(\d{1,2})-(\d{1,2})-(\d{4})$/, order: [3, 1, 2] },
  'yyyy/MM/dd': { pattern: /^(\d{4})\/(\d{1,2})\/(\d{1,2})$/, order: [1, 2, 3] },
}

/** By the declared format, or by ISO 8601, which no other format can be mistaken for. */
function partsOf(date: string, format: DateFormat): [number, number, number] | undefined {
  const { pattern, order } = patterns[format]
  const declared = pattern.exec(date)
  if (declared) return [Number(declared[order[0]]), Number(declared[order[1]]), Number(declared[order[2]])]
  const iso = isoDate.exec(date)
  return iso ? [Number(iso[1]), Number(iso[2]), Number(iso[3])] : undefined
}

const clockPattern = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?:\s*([AaPp])\.?[Mm]\.?)?\s*(Z|UTC|[+-]\d{2}:?(?:\d{2})?)?$/

function clockOf(text: string): { hour: number; minute: number; second: number; offset: number | undefined } | undefined {
  const [whole, hours, minutes, seconds = '0', half, zone] = clockPattern.exec(text) ?? []
  if (whole === undefined) return undefined
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)]
  const offset = offsetOf(zone)
  const isTime =
    minute < 60 && second < 60 && (half ? hour >= 1 && hour <= 12 : hour < 24) && (offset === undefined || Math.abs(offset) <= 14 * 60)
  if (!isTime) return undefined
  if (!half) return { hour, minute, second, offset }
  return { hour: (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0), minute, second, offset }
}

/** Minutes east of UTC; undefined where the text names no zone. */
function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined
  const [, sign, hours = '0', minutes] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes || 0))
}

function reportingDay(clock: WallClock, offset: number | undefined, rules: DateRules): string {
  if (offset === undefined && rules.timeZone === rules.reportingZone) return dayText(clock.year, clock.month, clock.day)
  if (offset === undefined) return dayOf(momentOf(clock, rules.timeZone), rules.reportingZone)
  const utc = Date.UTC(clock.year, clock.month - 1, clock.day, clock.hour, clock.minute, clock.second)
  return dayOf(new Date(utc - offset * 60_000), rules.reportingZone)
}

const spaces = "\\s\\u00a0\\u202f'’"
const sign = '[-−+]?'
const pointDecimal = [new RegExp(`^${sign}(\\d+|\\d{1,3}([,${spaces}]\\d{3})+)(\\.\\d+)?$`), new RegExp(`[,${spaces}]`, 'g')] as const
const commaDecimal = [new RegExp(`^${sign}(\\d+|\\d{1,3}([.${spaces}]\\d{3})+)(,\\d+)?$`), new RegExp(`[.${spaces}]`, 'g')] as const

/** What the decimal mark must be, from the number alone. */
function decimalOf(text: string): '.' | ',' | 'either' {
  const marks = text.replace(/[^.,]/g, '')
  if (marks.length > 1 && new Set(marks).size > 1) return marks.endsWith('.') ? '.' : ','
  if (marks.length > 1) return marks[0] === ',' ? '.' : ','
  if (/^\D?[1-9]\d{0,2}[.,]\d{3}$/.test(text)) return 'either'
  return marks === ',' ? ',' : '.'
}

function withoutCurrency(text: string, currency: string): string {
  for (const mark of marksOf(currency)) {
    if (text.startsWith(mark)) return text.slice(mark.length).trim()
    if (text.endsWith(mark)) return text.slice(0, -mark.length).trim()
    if (text.startsWith(`-${mark}`)) return `-${text.slice(mark.length + 1).trim()}`
  }
  return text
}

const marks = new Map<string, readonly string[]>()

function marksOf(currency: string): readonly string[] {
  const known = marks.get(currency)
  if (known) return known
  const symbol = (currencyDisplay: 'symbol' | 'narrowSymbol') =>
    new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay }).formatToParts(0).find((part) => part.type === 'currency')
      ?.value
  const found = [currency, symbol('symbol'), symbol('narrowSymbol')].filter((mark): mark is string => mark !== undefined && mark !== '')
  marks.set(currency, found)
  return found
}
