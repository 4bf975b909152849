/**
 * What turns a vendor's data into facts. A connector is given everything it needs and touches no database.
 */
import type * as z from 'zod'
import type { TableProblemCode } from '../core/csv'
import type { Facts } from '../core/facts'
import type { ValueErrorCode } from '../core/values'

export type RowErrorCode =
  | ValueErrorCode
  | Extract<TableProblemCode, 'quote-misplaced' | 'row-too-short' | 'row-too-long' | 'character-not-allowed'>
  | 'missing-id'
  | 'id-too-long'
  | 'personal-id'
  | 'missing-date'
  | 'missing-amount'
  | 'negative-amount'
  | 'unknown-stage'
  | 'duplicate-id'
  | 'negative-duration'

/** Something wrong in one row, where a person finds it in the file. */
export interface RowError {
  line: number
  column: string | null
  /** As written, at most 200 characters; null where repeating it would store what must not be. */
  value: string | null
  code: RowErrorCode
  /** `duration-not-counted`: the deal counts, how long it took does not. */
  effect: 'row-not-imported' | 'duration-not-counted'
}

/** Worth knowing, wrong with nothing. */
export type Notice =
  | { code: 'extra-columns'; columns: string[] }
  | { code: 'unknown-stages'; stages: { stage: string; rows: number }[] }
  | { code: 'rows-without-lead'; rows: number }
  | { code: 'other-currency'; deals: number; spend: number; currency: string }

/** A row that can be imported. */
export interface MappedRow extends Facts {
  line: number
}

export interface MappedFile {
  layout: string
  /** Rows below the header, blank lines left out. */
  read: number
  rows: MappedRow[]
  errors: RowError[]
  notices: Notice[]
}

/** No layout's columns are all there. */
export interface ColumnsMissing {
  layouts: { name: string; missing: string[]; extra: string[] }[]
}

/** The table itself cannot be read. */
export interface Unreadable {
  line: number
  code: TableProblemCode
  detail: string
  facts: Record<string, string | number>
}

export type Mapped = { file: MappedFile } | { columnsMissing: ColumnsMissing } | { unreadable: Unreadable }

export interface MappingContext {
  /** Of the organisation. */
  reportingZone: string
  /** In the reporting time zone. */
  today: string
}

export interface Connector<Settings> {
  kind: string
  settings: z.ZodType<Settings>
  map(input: string, settings: Settings, context: MappingContext): Mapped
}
