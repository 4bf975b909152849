/**
 * Reads the dates and numbers of a file by what its source declares, and refuses what could be read in two ways.
 */
import { addDays, dayOf, dayText, isDay, momentOf, type WallClock, weekdayOf } from './calendar'

export const dateFormats = ['iso', 'dd/MM/yyyy', 'MM/dd/yyyy', 'dd.MM.yyyy', 'dd-MM-yyyy', 'MM-dd-yyyy', 'yyyy/MM/dd', 'unix'] as const
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
  | 'unknown-currency'
  | 'invalid-flag'
  | 'invalid-period'

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

/** When something happened, as exactly as its source says. */
export interface Dated {
  /** In the reporting time zone. */
  day: string
  /** Milliseconds since 1970; null where the source knows only the day. */
  at: number | null
}

/**
 * When something happened: the day in the reporting time zone, and the moment where there is a time. A date without a time is
 * a local day already and passes through no time zone. Null where the cell is blank.
 *
 * @example readMoment('2018-02-26 19:58:54', rules) // { value: { day: '2018-02-26', at: 1519671534000 } }
 * @example readMoment('2018-02-26', rules) // { value: { day: '2018-02-26', at: null } }
 * @example readMoment('2026-02-30', rules) // { error: 'impossible-date' }
 * @example readMoment('01/02/2026', { ...rules, format: 'iso' }) // { error: 'ambiguous-date' }
 */
export function readMoment(text: string, rules: DateRules): Read<Dated | null> {
  const trimmed = text.trim()
  if (trimmed === '') return { value: null }
  if (rules.format === 'unix' && /^\d{9,14}$/.test(trimmed)) return counted(trimmed, rules)
  const [, date = '', time] = /^([^\sT]+)(?:(?:T|\s+)(.+))?$/.exec(trimmed) ?? []
  const parts = partsOf(date, rules.format)
  if (!parts) return { error: /^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}$/.test(date) ? 'ambiguous-date' : 'invalid-date' }
  const [year, month, day] = parts
  if (!isDay(year, month, day) || year < earliestYear) return { error: 'impossible-date' }
  const clock = time === undefined ? undefined : clockOf(time)
  if (time !== undefined && !clock) return { error: 'invalid-date' }
  const at = clock ? momentAt({ year, month, day, ...clock }, clock.offset, rules.timeZone) : null
  const value = { day: at === null ? dayText(year, month, day) : dayOf(new Date(at), rules.reportingZone), at }
  return value.day > rules.today ? { error: 'future-date' } : { value }
}

/** Seconds since 1970, as programs count, or milliseconds where there are too many digits for seconds. */
function counted(digits: string, rules: DateRules): Read<Dated> {
  const at = digits.length > 11 ? Number(digits) : Number(digits) * 1000
  const day = dayOf(new Date(at), rules.reportingZone)
  if (Number(day.slice(0, 4)) < earliestYear) return { error: 'impossible-date' }
  return day > rules.today ? { error: 'future-date' } : { value: { day, at } }
}

/**
 * The day alone.
 *
 * @example readDay('2018-02-26 19:58:54', rules) // { value: '2018-02-26' }
 */
export function readDay(text: string, rules: DateRules): Read<string | null> {
  const read = readMoment(text, rules)
  return 'error' in read ? read : { value: read.value?.day ?? null }
}

/**
 * A day, a week, a month or a quarter that has begun. Null where the cell is blank.
 *
 * @example readPeriod('2026-W07', rules) // { value: '2026-W07' }
 * @example readPeriod('2026-Q5', rules) // { error: 'invalid-period' }
 */
export function readPeriod(text: string, rules: DateRules): Read<string | null> {
  const trimmed = text.trim().toUpperCase()
  if (trimmed === '') return { value: null }
  const [, year = '', week, quarter, month] = /^(\d{4})-(?:W(\d\d)|Q([1-4])|(\d\d))$/.exec(trimmed) ?? []
  if (year === '') {
    const read = readDay(text, rules)
    return 'error' in read && read.error === 'invalid-date' ? { error: 'invalid-period' } : read
  }
  if (Number(year) < earliestYear) return { error: 'impossible-date' }
  const first = week
    ? mondayOfWeek(Number(year), Number(week))
    : `${year}-${quarter ? String(Number(quarter) * 3 - 2).padStart(2, '0') : month}-01`
  if (first === null || (month && (Number(month) < 1 || Number(month) > 12))) return { error: 'invalid-period' }
  return first > rules.today ? { error: 'future-date' } : { value: trimmed }
}

/** Of ISO 8601: week 1 is the one with 4 January. Null where the year has no such week. */
function mondayOfWeek(year: number, week: number): string | null {
  const fourth = `${year}-01-04`
  const monday = addDays(fourth, -((weekdayOf(fourth) + 6) % 7) + (week - 1) * 7)
  return week >= 1 && addDays(monday, 3).startsWith(String(year)) ? monday : null
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
  const read = numberIn(withoutCurrency(text.trim(), rules.currency), rules.decimal)
  if ('error' in read || read.value === null) return read
  const minor = Math.sign(read.value) * Math.round(Number(`${Math.abs(read.value)}e${minorDigits(rules.currency)}`))
  return Number.isSafeInteger(minor) ? { value: minor === 0 ? 0 : minor } : { error: 'number-too-large' }
}

/**
 * A number that is no amount: people, a metric's value. Null where the cell is blank.
 *
 * @example readNumber('1.234,5', ',') // { value: 1234.5 }
 */
export function readNumber(text: string, decimal: '.' | ',' | undefined): Read<number | null> {
  const read = numberIn(text.trim(), decimal)
  if ('error' in read || read.value === null) return read
  return Math.abs(read.value) <= Number.MAX_SAFE_INTEGER ? { value: read.value === 0 ? 0 : read.value } : { error: 'number-too-large' }
}

function numberIn(bare: string, declared: '.' | ',' | undefined): Read<number | null> {
  if (bare === '') return { value: null }
  const decimal = declared ?? decimalOf(bare)
  if (decimal === 'either') return { error: 'ambiguous-number' }
  const [pattern, separators] = decimal === ',' ? commaDecimal : pointDecimal
  if (!pattern.test(bare)) return { error: 'invalid-number' }
  return { value: Number(bare.replace(separators, '').replace(',', '.').replace('−', '-')) }
}

/**
 * The code of a currency that there is. Null where the cell is blank.
 *
 * @example readCurrency(' eur ') // { value: 'EUR' }
 * @example readCurrency('Euro') // { error: 'unknown-currency' }
 */
export function readCurrency(text: string): Read<string | null> {
  const code = text.trim().toUpperCase()
  if (code === '') return { value: null }
  return isCurrency(code) ? { value: code } : { error: 'unknown-currency' }
}

/**
 * Whether this is the code of a currency that there is, as ISO 4217 writes it.
 *
 * @example isCurrency('EUR') // true
 * @example isCurrency('eur') // false
 */
export const isCurrency = (code: string): boolean => currencies.has(code)

const currencies = new Set(Intl.supportedValuesOf('currency'))

/**
 * Yes or no, in the words that exports use. Null where the cell is blank.
 *
 * @example readFlag('TRUE') // { value: true }
 */
export function readFlag(text: string): Read<boolean | null> {
  const word = text.trim().toLowerCase()
  if (word === '') return { value: null }
  if (['true', 'yes', 'y', '1', 'x', 't'].includes(word)) return { value: true }
  return ['false', 'no', 'n', '0', '-', 'f'].includes(word) ? { value: false } : { error: 'invalid-flag' }
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
  unix: { pattern: isoDate, order: [1, 2, 3] },
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

function momentAt(clock: WallClock, offset: number | undefined, timeZone: string): number {
  if (offset === undefined) return momentOf(clock, timeZone).getTime()
  return Date.UTC(clock.year, clock.month - 1, clock.day, clock.hour, clock.minute, clock.second) - offset * 60_000
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
