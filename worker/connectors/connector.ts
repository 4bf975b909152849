/**
 * What turns a vendor's data into facts. A connector is given everything it needs and touches no database.
 */
import type * as z from 'zod'
import type { TableProblemCode } from '../core/csv'
import { dealStates, type FactKind, type FactRows, type Facts, stages } from '../core/facts'
import type { ValueErrorCode } from '../core/values'
import type { FailureCode } from './failure'

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
  | 'negative-number'
  | 'missing-value'
  | 'unknown-side'
  | 'unknown-metric'
  | 'invalid-field'

/** Something wrong in one row, where a person finds it in the file. */
export interface RowError {
  /** 0 where the source has records and no lines. */
  line: number
  /** Its id in the source, where that is known. */
  record?: string | null
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
  /** Activities and touches that name neither a lead nor a deal or customer. */
  | { code: 'rows-unlinked'; rows: number }
  /** Rows have errors, so that what is gone from the table is kept: it may be one of them. */
  | { code: 'nothing-removed'; rows: number }
  /** Amounts that no exchange rate of their day is known for, by their currency; `currency` is the organisation's. */
  | {
      code: 'other-currency'
      deals: number
      spend: number
      currency: string
      currencies?: { currency: string; deals: number; spend: number }[]
    }

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

/** What a kind of source is: how its settings are checked, and how its rows come. */
export interface Connector<Settings> {
  kind: string
  settings: z.ZodType<Settings>
  /** The parts of its secret, in the order of the form; none where nothing is secret. */
  secrets: readonly SecretPart[]
}

export interface SecretPart {
  /** Key of the secret, and of its label in the language files. */
  name: 'token' | 'clientId' | 'clientSecret' | 'headerValue'
  /** Whether a source works without it. */
  optional?: boolean
}

/** Rows come in files that somebody uploads. */
export interface FileConnector<Settings> extends Connector<Settings> {
  brings: 'files'
  map(input: string, settings: Settings, context: MappingContext): Mapped
}

/** Programs of the organisation send rows when they have some. */
export interface PushConnector<Settings> extends Connector<Settings> {
  brings: 'pushes'
}

/**
 * Rows are fetched, on a schedule or when somebody asks. A connector is given `fetch` and the time, touches no database, and
 * keeps nothing between two pages but the cursor that it returns.
 */
export interface PullConnector<Settings> extends Connector<Settings> {
  brings: 'pulls'
  /**
   * Asks for as little as shows that the connection works.
   *
   * @throws PullFailure
   */
  test(access: Access<Settings>): Promise<ConnectionReport>
  /**
   * What can be mapped: stages, fields, what the key may read.
   *
   * @throws PullFailure
   */
  discover(access: Access<Settings>): Promise<Discovery>
  /**
   * Reads one page. The first page of a pull has no cursor and may have the bookmark of the last pull that was published.
   * The same cursor may be asked for again after a failure and must bring the same records, or newer versions of them.
   *
   * @throws PullFailure
   */
  page(access: Access<Settings>, at: { cursor: Json | null; bookmark: Json | null; startedAt: Date }): Promise<PulledPage>
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** All that a connector has of the world. */
export interface Access<Settings> {
  fetch: typeof fetch
  now: Date
  settings: Settings
  secret: Readonly<Partial<Record<SecretPart['name'], string>>>
  /** Of the organisation. */
  reportingZone: string
  currency: string
  /** Hosts (`host:port`) of this machine that may be asked over plain HTTP: for whoever serves this machine only. */
  allowedHosts: readonly string[]
}

export interface PulledPage {
  rows: FactRows
  errors: RowError[]
  /** Records that were looked at, whether or not they became facts. */
  read: number
  notices: Notice[]
  /** Of the next page; null after the last one. */
  next: Json | null
  /** With the last page: what the next pull begins after. It is stored when what was read is published. */
  bookmark: Json | null
  /** Records that there are in all, where the source says so. */
  total: number | null
  /** What the page cost of the vendor's quota, in the vendor's unit (mostly requests). */
  cost: number
  /** Where the vendor says how its quota stands. */
  quota: { used: number; limit: number } | null
  /** Whether facts of these kinds that this pull does not bring are gone at the source: it was read whole. */
  complete?: readonly FactKind[]
  /** Everything was read although there is a bookmark: a tenth of bad rows is then too many, as it is in a first pull. */
  whole?: true
}

export interface ConnectionReport {
  /** Who or what answered, as the vendor names it: a portal id, an organisation. No person. */
  account: string | null
  timeZone: string | null
  currency: string | null
  quota: { used: number; limit: number } | null
  /** What the key may not read though the settings want it, by the vendor's name of the right. */
  missing: string[]
}

/** What a stage of a source can mean for leads: a stage of ours, sent back by sales, lost, or nothing. */
export const leadMeanings = [...stages, 'returned', 'lost', 'ignored'] as const
export type LeadMeaning = (typeof leadMeanings)[number]
export const dealMeanings = [...dealStates, 'ignored'] as const
export type DealMeaning = (typeof dealMeanings)[number]

export interface DiscoveredStage {
  /** As settings and records name it. */
  id: string
  label: string
  /** Of several pipelines, which. */
  pipeline: string | null
  /** What its name or its vendor's marks suggest; null where somebody has to say. */
  suggestion: LeadMeaning | DealMeaning | null
}

export interface Discovery {
  timeZone: string | null
  currency: string | null
  /** In the vendor's order. */
  leadStages: DiscoveredStage[]
  dealStages: DiscoveredStage[]
  /** Fields that can be the channel, the lead type, the reason of a return and so on. */
  leadFields: { id: string; label: string }[]
  dealFields: { id: string; label: string }[]
  /** Columns of a table, where the source is one, and its first rows. */
  table: { header: string[]; rows: string[][] } | null
  /** What cannot be read, and why, by the name that the settings use. */
  unavailable: { what: 'leads' | 'deals' | 'activities' | 'spend' | 'history'; why: FailureCode; scope: string | null }[]
}
