/** What connectors of CRMs share: how they read a record's values, and what they collect on a page. */
import { addDays, dayOf, isCalendarDay, momentOf, startOfDay } from '../core/calendar'
import { type FactRows, noRows } from '../core/facts'
import { minorOf } from '../core/values'
import type { Access, Notice, RowError, RowErrorCode } from './connector'
import type { CrmSettings } from './crm'
import { PullFailure } from './failure'

/** When something happened. */
export interface When {
  /** In the reporting time zone. */
  day: string
  /** Null where only the day is known. */
  at: number | null
}

export interface Zones {
  /** Of times that name no offset. */
  timeZone: string
  reportingZone: string
}

/**
 * Reads a moment or a day as CRMs write them. A day without a time is a local day and passes through no time zone.
 *
 * @returns null where there is none, undefined where it cannot be read
 * @example readWhen('2026-03-29T00:30:00Z', { timeZone: 'UTC', reportingZone: 'Europe/Berlin' }) // { day: '2026-03-29', at: 1774744200000 }
 * @example readWhen('2026-03-29', zones) // { day: '2026-03-29', at: null }
 */
export function readWhen(text: string | number | null | undefined, { timeZone, reportingZone }: Zones): When | null | undefined {
  const trimmed = String(text ?? '').trim()
  if (trimmed === '') return null
  if (/^-?\d{9,14}$/.test(trimmed)) return whenOf(Number(trimmed), reportingZone)
  if (isCalendarDay(trimmed)) return isPlausible(trimmed) ? { day: trimmed, at: null } : undefined
  const [whole, date = '', hour, minute, second = '0', fraction = '', zone] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(trimmed) ?? []
  if (whole === undefined || !isCalendarDay(date) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const milliseconds = Math.floor(Number(`0.${fraction || '0'}`) * 1000)
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number)
  const clock = { year, month, day, hour: Number(hour), minute: Number(minute), second: Number(second) }
  if (zone === undefined) return whenOf(momentOf(clock, timeZone).getTime() + milliseconds, reportingZone)
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? []
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  const utc = Date.UTC(year, month - 1, day, clock.hour, clock.minute, clock.second, milliseconds)
  return whenOf(utc - offset * 60_000, reportingZone)
}

/** @example whenOf(Date.UTC(2011, 10, 30, 23, 30), 'Europe/Amsterdam') // { day: '2011-12-01', at: 1322695800000 } */
export function whenOf(at: number, reportingZone: string): When | undefined {
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) return undefined
  const day = dayThere(at, reportingZone)
  return isPlausible(day) ? { day, at } : undefined
}

const quarterMilliseconds = 15 * 60_000
const days = new Map<string, string>()

/** Of one page thousands of moments ask for their day, and time zones differ by quarters of an hour. */
function dayThere(at: number, timeZone: string): string {
  const key = `${timeZone} ${Math.floor(at / quarterMilliseconds)}`
  const known = days.get(key)
  if (known !== undefined) return known
  const day = dayOf(new Date(at), timeZone)
  if (days.size >= 20_000) days.clear()
  days.set(key, day)
  return day
}

/** An earlier year is a slip of the keyboard that would draw decades of empty months. */
const isPlausible = (day: string) => day >= '1990-01-01' && day < '2200-01-01'

const email = /[^\s@"'<>()]+@[^\s@"'<>()]+\.[^\s@"'<>()]+/g
const phone = /\+?\d[\d\s()/.-]{7,}\d/g

/**
 * A text that a CRM says about a record, at most 200 characters. What looks like an email address or a phone number is of a
 * person and is left out.
 *
 * @example saidText('ask anna@example.com') // 'ask …'
 */
export const saidText = (text: string | number | boolean | null | undefined): string =>
  String(text ?? '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(email, '…')
    .replace(phone, '…')
    .trim()
    .slice(0, 200)

/**
 * What a CRM calls a stage, or a value that cannot be read: as written, at most 200 characters, without addresses of persons.
 * Numbers stay, which many stages have for a name.
 *
 * @example codeText('1045678901') // '1045678901'
 */
export const codeText = (text: string | null | undefined): string =>
  (text ?? '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(email, '…')
    .trim()
    .slice(0, 200)

/**
 * Fields that hold who a lead is. They are never asked for, whatever a source's settings say.
 *
 * @example isPersonalField('MobilePhone') // true
 */
export const isPersonalField = (name: string): boolean => {
  const plain = name.replace(/^.*\./, '').replace(/__c$/i, '').replaceAll('_', '').toLowerCase()
  return (
    /(first|last|full|middle)name|salutation|email|phone|mobile|street|zipcode|postalcode|birth|ipaddress|linkedin|twitter|facebook/.test(
      plain,
    ) || /^(hs)?(name|title|jobtitle|address|zip|fax|signature|photourl)$/.test(plain)
  )
}

/**
 * The fields that settings name, none of them about who a person is.
 *
 * @throws PullFailure configuration, naming the field
 */
export function fieldsOf({ fields }: CrmSettings): CrmSettings['fields'] {
  for (const name of Object.values(fields)) {
    if (name && (isPersonalField(name) || !/^[A-Za-z][A-Za-z0-9_.]*$/.test(name))) throw new PullFailure('configuration', { field: name })
  }
  return fields
}

/** Collects what one page of records becomes. */
export class Records {
  readonly rows: FactRows = noRows()
  readonly errors: RowError[] = []
  read = 0
  readonly #unknown = new Map<string, number>()
  readonly zones: Zones
  /** In the reporting time zone. */
  readonly today: string
  readonly nowAt: number
  readonly settings: CrmSettings

  constructor({ settings, reportingZone, now }: Pick<Access<CrmSettings>, 'settings' | 'reportingZone' | 'now'>) {
    this.settings = settings
    this.zones = { timeZone: settings.timeZone, reportingZone }
    this.today = dayOf(now, reportingZone)
    this.nowAt = now.getTime()
  }

  /** Keeps a record out, and says which and why. */
  fail(record: string, column: string | null, value: string | null, code: RowErrorCode): void {
    const shown = value === null ? null : codeText(value)
    this.errors.push({ line: 0, record: idOf(record), column, value: shown, code, effect: 'row-not-imported' })
  }

  /** When something happened; null where there is nothing, undefined where it cannot be read, which is said. */
  when(record: string, column: string, text: string | null | undefined): When | null | undefined {
    const when = readWhen(text, this.zones)
    if (when === undefined) this.fail(record, column, text ?? null, 'invalid-date')
    return when
  }

  /** Null where there is nothing or it cannot be read, which is said. */
  requiredWhen(record: string, column: string, text: string | null | undefined): When | null {
    const when = this.when(record, column, text)
    if (when === null) this.fail(record, column, null, 'missing-date')
    return when ?? null
  }

  /** The deal counts, how long it took does not. */
  notCounted(record: string, column: string, value: string): void {
    this.errors.push({ line: 0, record, column, value, code: 'negative-duration', effect: 'duration-not-counted' })
  }

  /** A stage that no setting maps. */
  unknownStage(stage: string): void {
    this.#unknown.set(stage, (this.#unknown.get(stage) ?? 0) + 1)
  }

  notices(): Notice[] {
    const stages = [...this.#unknown].map(([stage, rows]) => ({ stage: codeText(stage), rows }))
    return stages.length > 0 ? [{ code: 'unknown-stages', stages }] : []
  }
}

/** An id that may be shown: an address would be a person's. */
export const idOf = (id: string): string | null => (/^[A-Za-z0-9_-]{1,200}$/.test(id) ? id : null)

/**
 * An amount that a CRM writes with a point or an exponent, in minor units. Null where there is none, undefined where it cannot
 * be read.
 *
 * @example amountOf('1054.5', 'EUR') // 105450
 */
export function amountOf(amount: string | number | null | undefined, currency: string): number | null | undefined {
  const text = String(amount ?? '').trim()
  if (text === '') return null
  if (!/^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(text)) return undefined
  const minor = Math.abs(Number(text)) < 1e20 ? minorOf(Number(text), currency) : null
  return minor ?? undefined
}

/** The oldest of several ids that grow with time. @example lowestId(['1002', '977']) // '977' */
export const lowestId = (ids: readonly string[]): string | null =>
  ids.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))[0] ?? null

/**
 * Seconds until the day of a quota ends, at midnight of the account.
 *
 * @example untilMidnight(new Date('2026-10-24T22:00:00Z'), 'Europe/Berlin') // 90000: that day has 25 hours
 */
export function untilMidnight(now: Date, timeZone: string): number {
  const midnight = startOfDay(addDays(dayOf(now, timeZone), 1), timeZone)
  return Math.max(1, Math.ceil((midnight.getTime() - now.getTime()) / 1000))
}
