/** Setting a source up: does the connection work, what is there, and what would its first rows be. Nothing is written. */
import type { Access, ConnectionReport, Discovery, Notice, PullConnector, PulledPage } from '../connectors/connector'
import { PullFailure } from '../connectors/failure'
import { mergedNotices } from '../connectors/notices'
import { DomainError } from '../core/errors'
import { type FactKind, type FactOf, type FactRows, factKinds, noRows } from '../core/facts'
import { isOwnKey, metricOf } from '../core/metrics'
import { findSource } from '../db/sources'
import { messagesOf } from '../i18n'
import type { ServiceContext } from './context'
import { currentObservations, type ObservationView, observationView } from './metrics'
import { noticeText, type RowErrorView, withWords } from './pulls'
import { accessOf, isPulledKind, pullConnectorOf } from './source-access'
import { UnreadableSourceError } from './source-failure'
import { withAnyLayout } from './source-settings'
import { unknownSource } from './sources'

/**
 * Asks the source for as little as shows that the connection works.
 *
 * @throws DomainError not-found, source-not-pulled; UnreadableSourceError
 */
export async function testConnection(context: ServiceContext, sourceId: string): Promise<ConnectionReport> {
  const { connector, access } = await pulledSource(context, sourceId)
  return asked(() => connector.test(access))
}

/**
 * What can be mapped at the source: its stages, with what their names suggest, and its fields; or the columns of a table.
 *
 * @throws DomainError not-found, source-not-pulled; UnreadableSourceError
 */
export async function discover(context: ServiceContext, sourceId: string): Promise<Discovery> {
  const { connector, access } = await pulledSource(context, sourceId)
  return asked(() => connector.discover(access))
}

/** A fact with its kind, for a list of several kinds. */
export type AnyFact = { [Kind in FactKind]: { kind: Kind; fact: FactOf[Kind] } }[FactKind]

export interface DryRun {
  /** Pages and records that were looked at. */
  pages: number
  read: number
  /** Records that there are in all, where the source says so. */
  total: number | null
  /** Whether that was all of it. */
  isWhole: boolean
  counts: { kind: FactKind; count: number }[]
  /** Read as gone at the source. */
  deleted: number
  /** Of every kind that there is, 20 together. */
  facts: AnyFact[]
  /** At most 100. */
  errors: RowErrorView[]
  errorCount: number
  notices: (Notice & { detail: string })[]
  /** KPIs of the last six months as they would be with these rows. */
  observations: ObservationView[]
}

const rowsWanted = 20
const mostPages = 3
const errorsShown = 100
const monthsShown = 6

/**
 * Reads the first pages as the first pull would, and says what would become of them. Writes nothing and keeps nothing.
 *
 * @throws DomainError not-found, source-not-pulled; UnreadableSourceError
 * @example const { counts, facts } = await dryRun(context, source.id) // counts: [{ kind: 'lead', count: 84 }], 20 facts
 */
export async function dryRun(context: ServiceContext, sourceId: string): Promise<DryRun> {
  const { connector, access } = await pulledSource(context, sourceId)
  const pages = await asked(() => firstPages(connector, access))
  const rows = together(pages.map((page) => page.rows))
  const there = present(rows)
  const brought = factKinds.filter((kind) => there[kind].length > 0)
  const { observations, otherCurrency } = await currentObservations(context, { sourceId, rows })
  const about = observations.filter(({ metric }) =>
    (isOwnKey(metric) ? ['value' as const] : metricOf(metric).facts).some((kind) => brought.includes(kind)),
  )
  const months = [...new Set(about.map(({ period }) => period))].sort().slice(-monthsShown)
  const errors = pages.flatMap((page) => page.errors)
  const currencies: Notice[] =
    otherCurrency.deals + otherCurrency.spend > 0 ? [{ code: 'other-currency', ...otherCurrency, currency: access.currency }] : []
  return {
    pages: pages.length,
    read: pages.reduce((sum, { read }) => sum + read, 0),
    total: pages.at(-1)?.total ?? null,
    isWhole: pages.at(-1)?.next === null,
    counts: brought.map((kind) => ({ kind, count: there[kind].length })),
    deleted: factKinds.reduce((sum, kind) => sum + rows[kind].length - there[kind].length, 0),
    facts: mixed(there, rowsWanted),
    errors: errors.slice(0, errorsShown).map(withWords),
    errorCount: errors.length,
    notices: [
      ...mergedNotices(
        [],
        pages.flatMap((page) => page.notices),
      ),
      ...currencies,
    ].map((notice) => ({
      ...notice,
      detail: noticeText(messagesOf('en'), notice),
    })),
    observations: about.filter(({ period }) => months.includes(period)).map(observationView),
  }
}

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

interface PulledSource {
  connector: PullConnector<unknown>
  access: Access<unknown>
}

/**
 * What is asked, and with what. Of a draft, the settings may lack what only the answer can say.
 *
 * @throws DomainError not-found, source-source-not-pulled; UnreadableSourceError where its secret does not open
 */
async function pulledSource(context: ServiceContext, sourceId: string): Promise<PulledSource> {
  const row = await findSource(context.db, sourceId)
  if (!row) throw unknownSource()
  if (!isPulledKind(row.kind)) throw new DomainError('source-not-pulled', 'Nothing is fetched from this source: its rows are sent to it.')
  return asked(async () => {
    const connector = pullConnectorOf(row.kind)
    const access = await accessOf(context, { ...row, settings: withAnyLayout(row.settings) }, connector)
    return { connector, access: { ...access, settings: row.settings } }
  })
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw error instanceof PullFailure ? new UnreadableSourceError(error) : error
  }
}

async function firstPages(connector: PullConnector<unknown>, access: Access<unknown>): Promise<PulledPage[]> {
  const pages: PulledPage[] = []
  let cursor: PulledPage['next'] = null
  do {
    const page: PulledPage = await connector.page(access, { cursor, bookmark: null, startedAt: access.now })
    pages.push(page)
    cursor = page.next
  } while (cursor !== null && pages.length < mostPages && countOf(pages) < rowsWanted)
  return pages
}

const countOf = (pages: readonly PulledPage[]) =>
  pages.reduce((sum, { rows }) => sum + factKinds.reduce((own, kind) => own + rows[kind].length, 0), 0)

// ── Telling ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Of a fact that was read twice, the later reading holds. */
function together(pages: readonly FactRows[]): FactRows {
  const rows = noRows()
  const once = <Kind extends FactKind>(kind: Kind) => {
    rows[kind] = [...new Map(pages.flatMap((page) => page[kind]).map((fact) => [fact.externalId, fact])).values()] as FactRows[Kind]
  }
  factKinds.forEach(once)
  return rows
}

/** Without what is gone at the source. */
function present(rows: FactRows): FactRows {
  const there = noRows()
  const keep = <Kind extends FactKind>(kind: Kind) => {
    there[kind] = (rows[kind] as FactOf[Kind][]).filter(({ deletedAt }) => deletedAt === null) as FactRows[Kind]
  }
  factKinds.forEach(keep)
  return there
}

/** So many facts, of every kind in turn: a page of 500 leads must not hide the deals. */
function mixed(rows: FactRows, limit: number): AnyFact[] {
  const facts: AnyFact[] = []
  const longest = Math.max(...factKinds.map((kind) => rows[kind].length))
  for (let index = 0; index < longest && facts.length < limit; index += 1) {
    for (const kind of factKinds) {
      const fact = rows[kind][index]
      if (fact && facts.length < limit) facts.push({ kind, fact } as AnyFact)
    }
  }
  return facts.toSorted((a, b) => factKinds.indexOf(a.kind) - factKinds.indexOf(b.kind))
}
