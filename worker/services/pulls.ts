/**
 * One run of a source: read, map, compare with what is stored, and write facts, KPIs and the record of the run in one
 * batch. A pull that fails changes no number and no date.
 */

import { connectors } from '../connectors'
import type { ColumnsMissing, MappedFile, MappedRow, Notice, RowError, Unreadable } from '../connectors/connector'
import type { CsvSettings } from '../connectors/csv/settings'
import { dayOf } from '../core/calendar'
import { toCsv } from '../core/csv'
import { DomainError, type FieldError } from '../core/errors'
import { type FactKind, type FactOf, type FactRows, factKinds, noRows } from '../core/facts'
import type { Observation } from '../core/metrics'
import { hasTooManyBadRows } from '../core/pulling'
import { compareFacts, negativeLinks, writeFacts } from '../db/facts'
import {
  findPull,
  findSource,
  insertPull,
  insertPullErrors,
  listPullErrors,
  type NewPull,
  type PullRow,
  pageOfPulls,
  type SourceRow,
} from '../db/sources'
import { type Messages, messagesOf } from '../i18n'
import { isolate } from '../i18n/format'
import { newId, type ServiceContext } from './context'
import { currentObservations, type ObservationView, type OtherCurrency, observationView } from './metrics'
import { isCommitted, lookAtFacts, publish, type Seen, settle, untilPublished } from './publishing'
import { type FailureDetail, failureOf } from './pull-state'
import { unknownSource } from './sources'

export interface RowErrorView extends RowError {
  record: string | null
  /** In English; pages say it in the reader's language by `code`. */
  detail: string
  fix: string
}

export interface PullReport {
  /** Null for a dry run, which leaves no trace. */
  pullId: string | null
  dryRun: boolean
  /** `failed` only for a dry run: the pull itself would be refused. */
  state: 'done' | 'failed'
  layout: string
  /** Rows below the header; inserted + updated + unchanged + rejected. */
  read: number
  inserted: number
  updated: number
  unchanged: number
  rejected: number
  /** At most 1,000; all of them are in the download. */
  errors: RowErrorView[]
  errorCount: number
  notices: (Notice & { detail: string })[]
  /** A dry run's first 20 mapped rows and the KPIs of the last six months as they would be; null otherwise. */
  preview: { rows: MappedRow[]; observations: ObservationView[] } | null
}

/** No layout fits the file's header; says which columns each one misses. */
export class ColumnsMissingError extends DomainError {
  readonly layouts: ColumnsMissing['layouts']

  constructor({ layouts }: ColumnsMissing) {
    const t = messagesOf('en').sourcesPage
    const errors = layouts.flatMap(({ name, missing, extra }): FieldError[] => [
      { pointer: `layout "${name}"`, detail: t.missingColumns(missing.join(', ')) },
      ...(extra.length > 0 ? [{ pointer: `layout "${name}"`, detail: t.extraColumns(extra.join(', ')) }] : []),
    ])
    super('columns-missing', t.columnsMissing, errors)
    this.layouts = layouts
  }
}

/** The file is no table. */
export class UnreadableError extends DomainError {
  readonly problem: Unreadable

  constructor(problem: Unreadable) {
    super('invalid-input', problem.detail, [{ pointer: `line ${problem.line}`, detail: problem.detail }])
    this.problem = problem
  }
}

/**
 * Imports a file. Rows with errors are left out and kept with the pull; over 10 % of them, nothing is imported. The same
 * file again changes nothing.
 *
 * @throws DomainError not-found, source-not-uploaded (no source of files), columns-missing, invalid-input (no table), too-many-bad-rows (the pull is recorded as failed)
 * @example const report = await pullCsv(context, source.id, 'id,created\nL1,2026-02-03\n', { dryRun: true })
 */
export async function pullCsv(
  context: ServiceContext,
  sourceId: string,
  csv: string,
  options: { dryRun: boolean; fileName?: string },
): Promise<PullReport> {
  return untilPublished(() => pullOnce(context, sourceId, csv, options))
}

/** What a notice says, in a language. */
export function noticeText({ sourcesPage: t }: Messages, notice: Notice): string {
  switch (notice.code) {
    case 'extra-columns':
      return t.extraColumns(notice.columns.join(', '))
    case 'unknown-stages':
      return t.unknownStages(notice.stages.map(({ stage, rows }) => t.stageRows(stage, rows)).join(', '))
    case 'rows-without-lead':
      return t.rowsWithoutLead(notice.rows)
    case 'rows-unlinked':
      return t.rowsUnlinked(notice.rows)
    case 'nothing-removed':
      return t.nothingRemoved(notice.rows)
    case 'other-currency': {
      const named = (notice.currencies ?? []).map(({ currency, deals, spend }) => isolate(`${currency}: ${deals + spend}`))
      return [t.otherCurrency(notice.deals + notice.spend, notice.currency), ...(named.length > 0 ? [named.join(', ')] : [])].join(' ')
    }
  }
}

/** Pulls of a source, newest first. */
export async function listPulls(
  context: ServiceContext,
  sourceId: string,
  page: { cursor?: string | undefined; limit?: number | undefined } = {},
): Promise<{ items: PullView[]; next: string | null }> {
  if (!(await findSource(context.db, sourceId))) throw unknownSource()
  const { rows, next } = await pageOfPulls(context.db, sourceId, { cursor: page.cursor, limit: page.limit ?? 50 })
  return { items: rows.map(pullView), next }
}

/** @throws DomainError not-found */
export async function getPull(context: ServiceContext, sourceId: string, pullId: string): Promise<PullView> {
  const row = await findPull(context.db, sourceId, pullId)
  if (!row) throw new DomainError('not-found', 'There is no such pull.')
  return pullView(row)
}

/**
 * The row errors of a pull as CSV, safe to open in a spreadsheet.
 *
 * @throws DomainError not-found
 */
export async function pullErrorsCsv(context: ServiceContext, sourceId: string, pullId: string): Promise<string> {
  await getPull(context, sourceId, pullId)
  const rows = await listPullErrors(context.db, pullId)
  return toCsv([
    ['line', 'record', 'column', 'value', 'code', 'detail', 'fix'],
    // Records of a CRM have an id and no line.
    ...rows.map(({ line, record, column, value, code, detail, fix }) => [line || null, record, column, value, code, detail, fix]),
  ])
}

export interface PullView {
  id: string
  state: 'running' | 'done' | 'failed' | 'cancelled'
  /** Who asked for it: somebody with a file, a program, the schedule, or somebody who did not want to wait for it. */
  origin: 'upload' | 'push' | 'schedule' | 'person'
  layout: string | null
  fileName: string | null
  startedAt: string
  finishedAt: string | null
  read: number
  inserted: number
  updated: number
  unchanged: number
  rejected: number
  /** Pages that were read, and the records that the source says there are. */
  pages: number
  total: number | null
  /** Code of the problem that stopped it. */
  error: string | null
  /** What is known of that problem, or of the one for which a running pull waits. */
  failure: FailureDetail | null
  /** Attempts that failed at the page that is next. */
  attempts: number
  /** When a running pull goes on; null for one that is over. */
  nextAttemptAt: string | null
  notices: (Notice & { detail: string })[]
}

export function pullView(row: PullRow): PullView {
  const { id, state, origin, layout, fileName, read, inserted, updated, unchanged, rejected, pages, total, error, attempts } = row
  const notices = storedNotices(row).map((notice) => ({ ...notice, detail: noticeText(messagesOf('en'), notice) }))
  return {
    id,
    state,
    origin,
    layout,
    fileName,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    read,
    inserted,
    updated,
    unchanged,
    rejected,
    pages,
    total,
    error,
    failure: failureOf(row),
    attempts,
    nextAttemptAt: state === 'running' ? (row.dueAt?.toISOString() ?? null) : null,
    notices,
  }
}

export const storedNotices = ({ notices }: Pick<PullRow, 'notices'>): Notice[] => (notices ?? []) as Notice[]

/** How many records these errors kept out. */
export const rejectedIn = (errors: readonly RowError[]): number =>
  new Set(errors.flatMap(({ effect, record, line }) => (effect === 'row-not-imported' ? [record ?? `line ${line}`] : []))).size

const errorsInReport = 1_000
const rowsInPreview = 20
const monthsInPreview = 6

/** Undefined when another pull was recorded in between: what was read may no longer be true. */
async function pullOnce(
  context: ServiceContext,
  sourceId: string,
  csv: string,
  options: { dryRun: boolean; fileName?: string },
): Promise<PullReport | undefined> {
  const { db } = context
  const [source, seen] = await Promise.all([findSource(db, sourceId), lookAtFacts(context)])
  if (!source) throw unknownSource()
  if (source.kind !== connectors.csv.kind) {
    throw new DomainError(
      'source-not-uploaded',
      'The rows of this source come by themselves or are sent to it. Upload to a source of CSV files.',
    )
  }
  const { settings } = seen
  const run: Run = { context, source, seen, options }
  const mapped = connectors.csv.map(csv, source.settings as CsvSettings, {
    reportingZone: settings.timeZone,
    today: dayOf(context.now, settings.timeZone),
  })
  if ('unreadable' in mapped) return fail(run, new UnreadableError(mapped.unreadable))
  if ('columnsMissing' in mapped) return fail(run, new ColumnsMissingError(mapped.columnsMissing))
  const { file } = mapped
  const all = factRows(file.rows)
  const [difference, linked] = await Promise.all([compareFacts(db, sourceId, all.rows), linkErrors(run, file)])
  const errors = [...file.errors, ...linked].toSorted((a, b) => a.line - b.line)
  const counts = countsOf(file, all, difference)
  const failed = hasTooManyBadRows({ ...counts, isWhole: true })
  const report: PullReport = {
    pullId: null,
    dryRun: options.dryRun,
    state: failed ? 'failed' : 'done',
    layout: file.layout,
    ...counts,
    errors: errors.slice(0, errorsInReport).map(withWords),
    errorCount: errors.length,
    notices: [],
    preview: null,
  }
  if (failed && !options.dryRun) return fail(run, tooManyBadRows(counts), { file, counts, errors })

  const changedRows = pick(all.rows, difference)
  const change = { sourceId, rows: changedRows }
  const { observations, otherCurrency } = await currentObservations(context, change, settings)
  report.notices = noticesOf(file, otherCurrency, settings.currency)
  if (options.dryRun) {
    const months = monthsToShow(observations, changedRows)
    const recent = failed ? [] : observations.filter(({ period }) => months.includes(period))
    return { ...report, preview: { rows: file.rows.slice(0, rowsInPreview), observations: recent.map(observationView) } }
  }

  const hasNews = counts.inserted + counts.updated > 0
  const pullId = newId(context)
  const published = await publish(context, {
    seen,
    change,
    observations,
    record: [
      insertPull(db, { ...recordOf(run, pullId), layout: file.layout, ...counts }),
      ...insertPullErrors(db, pullId, errors.map(withWords)),
    ],
    facts: writeFacts(db, sourceId, changedRows),
    success: { sourceId, at: context.now, hasNews },
  })
  if (!published) return undefined
  await settle(context)
  return { ...report, pullId }
}

/** The last months of what the file is about: a bill of this month must not push older deals out of sight. */
function monthsToShow(observations: readonly Observation[], rows: FactRows): string[] {
  const isBill = rows.lead.length + rows.deal.length === 0 && rows.spend.length > 0
  const about = observations.filter(({ metric }) => isBill === /^(cac|spend_)/.test(metric) && !metric.startsWith('headcount_'))
  return [...new Set(about.map(({ period }) => period))].sort().slice(-monthsInPreview)
}

interface Run {
  context: ServiceContext
  source: SourceRow
  seen: Seen
  options: { dryRun: boolean; fileName?: string }
}

type Counts = Pick<PullReport, 'read' | 'inserted' | 'updated' | 'unchanged' | 'rejected'>

/** Records that a pull failed, and why; a dry run only says it. */
async function fail(run: Run, error: DomainError, read?: { file: MappedFile; counts: Counts; errors: RowError[] }): Promise<undefined> {
  if (run.options.dryRun) throw error
  const { db } = run.context
  const pullId = newId(run.context)
  const nothing = { inserted: 0, updated: 0, unchanged: 0 }
  const written = await isCommitted(run.context, [
    insertPull(db, {
      ...recordOf(run, pullId),
      state: 'failed',
      error: error.code,
      ...(read ? { layout: read.file.layout, ...read.counts, ...nothing } : {}),
    }),
    ...(read ? insertPullErrors(db, pullId, read.errors.map(withWords)) : []),
  ])
  if (!written) return undefined
  throw error
}

function recordOf({ context, source, options }: Run, id: string): NewPull {
  return {
    id,
    sourceId: source.id,
    state: 'done',
    origin: 'upload',
    layout: null,
    fileName: options.fileName?.slice(0, 200) ?? null,
    startedAt: context.now,
    finishedAt: context.now,
    read: 0,
    inserted: 0,
    updated: 0,
    unchanged: 0,
    rejected: 0,
    error: null,
    settingsVersion: source.settingsVersion,
  }
}

interface AllFacts {
  rows: FactRows
  /** Index of each fact's row in the file. */
  from: Record<FactKind, number[]>
}

function factRows(rows: readonly MappedRow[]): AllFacts {
  const all: AllFacts = {
    rows: noRows(),
    from: { lead: [], stage: [], deal: [], activity: [], spend: [], headcount: [], touch: [], value: [] },
  }
  const add = <Kind extends FactKind>(kind: Kind, fact: FactOf[Kind] | null, index: number) => {
    if (!fact) return
    const rowsOfKind: FactOf[Kind][] = all.rows[kind]
    rowsOfKind.push(fact)
    all.from[kind].push(index)
  }
  for (const [index, row] of rows.entries()) {
    for (const kind of factKinds) if (kind !== 'stage') add(kind, row[kind], index)
    for (const event of row.stages) add('stage', event, index)
  }
  return all
}

type Difference = Awaited<ReturnType<typeof compareFacts>>

/** A row is inserted when anything in it is new, else updated when anything changed. */
function countsOf(file: MappedFile, all: AllFacts, difference: Difference): Counts {
  const rowsOf = (which: 'added' | 'changed') =>
    new Set(factKinds.flatMap((kind) => [...difference[kind][which]].map((index) => all.from[kind][index])))
  const added = rowsOf('added')
  const inserted = added.size
  const updated = [...rowsOf('changed')].filter((row) => !added.has(row)).length
  return { read: file.read, inserted, updated, unchanged: file.rows.length - inserted - updated, rejected: file.read - file.rows.length }
}

function pick(rows: FactRows, difference: Difference): FactRows {
  const news = <Fact>(kind: FactKind, facts: Fact[]) =>
    facts.filter((_, index) => difference[kind].added.has(index) || difference[kind].changed.has(index))
  return Object.fromEntries(factKinds.map((kind) => [kind, news<unknown>(kind, rows[kind])])) as unknown as FactRows
}

/** Negative durations that only show together with what is stored, whichever file came first. */
async function linkErrors({ context, source }: Run, file: MappedFile): Promise<RowError[]> {
  const settings = source.settings as CsvSettings
  const layout = settings.layouts.find(({ name }) => name === file.layout)
  const ownLeads = new Set(file.rows.flatMap(({ lead }) => (lead ? [lead.externalId] : [])))
  const ownDeals = new Set(file.rows.flatMap(({ deal }) => (deal ? [deal.externalId] : [])))
  const deals = file.rows.flatMap(({ line, deal }) =>
    deal?.leadId && deal.closedDay && !deal.createdDay && !ownLeads.has(deal.leadId)
      ? [{ line, leadId: deal.leadId, closedDay: deal.closedDay }]
      : [],
  )
  const leads = file.rows.flatMap(({ line, lead }) => (lead ? [{ line, externalId: lead.externalId, createdDay: lead.createdDay }] : []))
  const found = await negativeLinks(
    context.db,
    source.id,
    deals.map(({ leadId, closedDay }) => [leadId, closedDay]),
    leads.map(({ externalId, createdDay }) => [externalId, createdDay]),
  )
  const negative = (line: number | undefined, column: string | undefined, value: string | undefined): RowError[] =>
    line === undefined
      ? []
      : [{ line, column: column ?? null, value: value ?? null, code: 'negative-duration', effect: 'duration-not-counted' }]
  return [
    ...found.deals.flatMap(({ index }) => negative(deals[index]?.line, layout?.deal?.closedAt, deals[index]?.closedDay)),
    ...found.leads
      .filter(({ dealId }) => !ownDeals.has(dealId))
      .flatMap(({ index }) => negative(leads[index]?.line, layout?.lead?.createdAt, leads[index]?.createdDay)),
  ]
}

export function withWords(error: RowError): RowErrorView {
  return { ...error, record: error.record ?? null, ...messagesOf('en').sourcesPage.rowErrors[error.code] }
}

function noticesOf(file: MappedFile, otherCurrency: OtherCurrency, currency: string): PullReport['notices'] {
  const others: Notice[] = otherCurrency.deals + otherCurrency.spend > 0 ? [{ code: 'other-currency', ...otherCurrency, currency }] : []
  return [...file.notices, ...others].map((notice) => ({ ...notice, detail: noticeText(messagesOf('en'), notice) }))
}

function tooManyBadRows({ read, rejected }: Counts): DomainError {
  return new DomainError('too-many-bad-rows', messagesOf('en').sourcesPage.tooManyBadRows(rejected, read))
}
