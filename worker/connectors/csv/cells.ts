/** One row after another: cells by column, read by what the source declares, and what is wrong with them. */
import type { FactKind, FactOf } from '../../core/facts'
import {
  type Dated,
  type DateRules,
  type Read,
  readAmount,
  readCurrency,
  readFlag,
  readMoment,
  readNumber,
  readPeriod,
} from '../../core/values'
import type { MappingContext, RowError, RowErrorCode } from '../connector'
import type { TableSettings } from './settings'

/** When a fact was changed or deleted at its source. */
export type Provenance = Pick<FactOf[FactKind], 'updatedAt' | 'deletedAt'>

const longestText = 200
const rememberedDates = 10_000

export class Cells {
  readonly errors: RowError[] = []
  /** Of amounts that name none. */
  readonly currency: string
  readonly #decimal: '.' | ',' | undefined
  readonly #rules: DateRules
  readonly #index: ReadonlyMap<string, number>
  readonly #dates = new Map<string, Read<Dated | null>>()
  #line = 0
  #record: string | null = null
  #cells: readonly string[] = []
  #failed = false

  constructor(header: readonly string[], settings: TableSettings, context: MappingContext) {
    this.currency = settings.currency
    this.#decimal = settings.decimal
    this.#rules = {
      format: settings.dateFormat,
      timeZone: settings.timeZone,
      reportingZone: context.reportingZone,
      today: context.today,
    }
    this.#index = new Map(header.map((name, index) => [name, index]))
  }

  /** Turns to the next row. */
  next(line: number, cells: readonly string[], record: string | null): void {
    this.#line = line
    this.#cells = cells
    this.#record = record
    this.#failed = false
  }

  /** Whether the row has an error that keeps it out. */
  get failed(): boolean {
    return this.#failed
  }

  /** At most 200 characters, and none that is an address of a person. */
  text(column: string | undefined): string {
    if (column === undefined) return ''
    const raw = this.raw(column)
    const text = raw.includes('@') ? raw.replace(address, '…') : raw
    return text.length > longestText ? text.slice(0, longestText) : text
  }

  id(column: string): string {
    const id = this.raw(column)
    if (id === '') this.fail(column, 'missing-id')
    return this.#checkedId(column, id)
  }

  /** An id of another record, or of this one where a table has none. */
  reference(column: string | undefined): string | null {
    const id = column === undefined ? '' : this.raw(column)
    return id === '' || column === undefined ? null : this.#checkedId(column, id)
  }

  /** An address would be a person's: it is neither stored as an id nor repeated in the error. */
  #checkedId(column: string, id: string): string {
    if (isAddress(id)) this.fail(column, 'personal-id')
    else if (id.length > longestText) this.fail(column, 'id-too-long')
    return id
  }

  date(column: string | undefined): Dated | null {
    if (column === undefined) return null
    const text = this.raw(column)
    return text === '' ? null : (this.#value(column, this.#readDate(text)) ?? null)
  }

  /** An error where there is none. */
  requiredDate(column: string | undefined): Dated {
    const date = this.date(column)
    if (date) return date
    if (column !== undefined && this.raw(column) === '') this.fail(column, 'missing-date')
    return noDate
  }

  /** A file has few dates, many times each. */
  #readDate(text: string): Read<Dated | null> {
    const known = this.#dates.get(text)
    if (known) return known
    const read = readMoment(text, this.#rules)
    if (this.#dates.size < rememberedDates) this.#dates.set(text, read)
    return read
  }

  period(column: string): string {
    const read = this.#value(column, readPeriod(this.raw(column), this.#rules))
    if (read === null) this.fail(column, 'missing-date')
    return read ?? ''
  }

  amount(column: string | undefined, currency: string, range: 'positive' | 'any'): number | null {
    if (column === undefined) return null
    const amount = this.#value(column, readAmount(this.raw(column), { decimal: this.#decimal, currency }))
    if (range === 'positive' && amount && amount < 0) this.fail(column, 'negative-amount')
    return amount ?? null
  }

  /** The source's own where there is no column, or nothing in it. */
  currencyIn(column: string | undefined): string {
    return (column === undefined ? null : this.#value(column, readCurrency(this.raw(column)))) ?? this.currency
  }

  number(column: string | undefined): number | null {
    return column === undefined ? null : (this.#value(column, readNumber(this.raw(column), this.#decimal)) ?? null)
  }

  flag(column: string | undefined): boolean | null {
    return column === undefined ? null : (this.#value(column, readFlag(this.raw(column))) ?? null)
  }

  /** A deletion is marked by its date, or by a yes: then its moment is that of the last change, which is as good as any. */
  provenance({ updatedAt, deleted }: { updatedAt?: string | undefined; deleted?: string | undefined }): Provenance {
    if (updatedAt === undefined && deleted === undefined) return neverChanged
    const changed = this.date(updatedAt)
    const changedAt = changed ? momentOfDated(changed) : null
    if (deleted === undefined || this.raw(deleted) === '') return { updatedAt: changedAt, deletedAt: null }
    const flag = readFlag(this.raw(deleted))
    if ('value' in flag) return { updatedAt: changedAt, deletedAt: flag.value ? (changedAt ?? Date.parse(this.#rules.today)) : null }
    const date = this.#readDate(this.raw(deleted))
    if ('value' in date && date.value) return { updatedAt: changedAt, deletedAt: momentOfDated(date.value) }
    this.fail(deleted, 'invalid-flag')
    return neverChanged
  }

  raw(column: string): string {
    return (this.#cells[this.#index.get(column) ?? -1] ?? '').trim()
  }

  /** Notes what is wrong; the row is left out. */
  fail(column: string | undefined, code: RowErrorCode): undefined {
    this.#failed = true
    const value = column === undefined || code === 'personal-id' ? null : this.raw(column).slice(0, 200)
    const record = this.#record !== null && !isAddress(this.#record) ? { record: this.#record.slice(0, 200) } : {}
    this.errors.push({ line: this.#line, ...record, column: column ?? null, value, code, effect: 'row-not-imported' })
  }

  #value<T>(column: string, read: Read<T>): T | undefined {
    return 'error' in read ? this.fail(column, read.error) : read.value
  }
}

/** Where an error has been noted. */
const noDate: Dated = { day: '', at: null }
const neverChanged: Provenance = { updatedAt: null, deletedAt: null }

/** A day counts from its first moment, as UTC has it: versions of a row are only compared with each other. */
const momentOfDated = ({ day, at }: Dated) => at ?? Date.parse(day)

const address = /[^\s@]+@[^\s@]+\.[^\s@]+/g

/** @example isAddress('ann@example.com') // true */
export const isAddress = (text: string): boolean => text.includes('@') && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text)
