/** Records of any server that answers with JSON over HTTPS. */
import * as z from 'zod'
import { contentHash, factKinds } from '../../core/facts'
import type { Access, Json, PullConnector, PulledPage } from '../connector'
import { isAddress } from '../csv/cells'
import { columnsOf, type Layout, requiredColumnsOf } from '../csv/layout'
import { mapTable } from '../csv/mapper'
import { PullFailure } from '../failure'
import { ask } from '../http'
import { columnsFailure, mappingContextOf, pageOf, secretHeader, tableSecrets, tableShown } from '../tables/page'
import { cellsOf, type Document, isRecord, readDocument, valueAt } from './document'
import { nextPosition, type Position, pageAddress } from './paging'
import { JsonSettings } from './settings'

const mostBytes = 5 * 1024 * 1024
const mostRecords = 200_000
const mostColumns = 200

/** What is kept between two pages. */
const Cursor = z.object({
  position: z.union([z.object({ url: z.string() }), z.object({ number: z.number() }), z.object({ cursor: z.string() })]),
  /** Records so far, and those that had an error. */
  records: z.number(),
  leftOut: z.number(),
  /** Of the last page: a server that does not understand the paging answers with the same one for ever. */
  hash: z.string(),
  layouts: z.array(z.string()),
  /** Columns of those layouts that a record had. */
  seen: z.array(z.string()),
})
type Cursor = z.infer<typeof Cursor>

const atTheStart: Omit<Cursor, 'position'> = { records: 0, leftOut: 0, hash: '', layouts: [], seen: [] }

export const json: PullConnector<JsonSettings> = {
  kind: 'json',
  brings: 'pulls',
  settings: JsonSettings,
  secrets: tableSecrets,

  async test(access) {
    await fetchPage(access, null)
    return { account: null, timeZone: null, currency: null, quota: null, missing: [] }
  },

  async discover(access) {
    const { records } = await fetchPage(access, null)
    const { header, rows } = tableOf(records, access.settings)
    const table = tableShown(header, rows)
    return { timeZone: null, currency: null, leadStages: [], dealStages: [], leadFields: [], dealFields: [], table, unavailable: [] }
  },

  async page(access, { cursor }) {
    const { settings } = access
    const { position, ...before } = cursor === null ? { ...atTheStart, position: null } : Cursor.parse(cursor)
    const { records, document, at } = await fetchPage(access, position)
    const hash = contentHash([records])
    if (records.length > 0 && hash === before.hash) throw new PullFailure('cursor-repeats')
    const total = before.records + records.length
    if (total > mostRecords) throw new PullFailure('too-large', { field: 'records' })
    const next = nextPosition(settings.paging, { document, records: records.length, at, position })
    const mapped = mapRecords(access, records, before.records)
    const state: Omit<Cursor, 'position'> = {
      records: total,
      leftOut: before.leftOut + (mapped ? mapped.file.read - mapped.file.rows.length : 0),
      hash,
      layouts: [...new Set([...before.layouts, ...(mapped ? [mapped.layout.name] : [])])],
      seen: [...new Set([...before.seen, ...(mapped?.seen ?? [])])],
    }
    const used = settings.layouts.filter(({ name }) => state.layouts.includes(name))
    if (next === null) assertAllSeen(used, state.seen, mapped?.header ?? [])
    return {
      ...pageOfKinds(access, mapped, used, next === null ? state.leftOut : null),
      next: next === null ? null : ({ position: next, ...state } satisfies Cursor as Json),
      bookmark: null,
      total: next === null ? total : null,
      cost: 1,
      quota: null,
    }
  },
}

/** The page's rows; with the last one, what is gone of all kinds that any page brought. */
function pageOfKinds(
  { settings }: Access<JsonSettings>,
  mapped: MappedRecords | undefined,
  used: readonly Layout[],
  leftOut: number | null,
): Pick<PulledPage, 'rows' | 'errors' | 'read' | 'notices' | 'complete'> {
  // A list that is empty says that all of it is gone; whether that is believed is for the pipeline to say.
  const layouts = used.length > 0 ? used : settings.layouts
  const layout: Layout = Object.assign({ name: '' }, ...layouts)
  const file = mapped?.file ?? { layout: '', read: 0, rows: [], errors: [], notices: [] }
  return pageOf(file, layout, leftOut === null ? null : { holds: settings.holds, leftOut })
}

/** @throws PullFailure unexpected-shape where there is no list of records */
async function fetchPage(
  access: Access<JsonSettings>,
  position: Position | null,
): Promise<{ records: { [key: string]: Document }[]; document: Document; at: string }> {
  const { settings, secret } = access
  const at = pageAddress(settings, position)
  const answer = await ask(access, {
    url: at,
    headers: { Accept: 'application/json', ...secretHeader(settings, secret) },
    maxBytes: mostBytes,
  })
  const document = readDocument(answer)
  const found = valueAt(document, settings.recordsPath)
  const field = settings.recordsPath || '/'
  if (!Array.isArray(found)) throw new PullFailure('unexpected-shape', { status: answer.status, field })
  const records = found.filter(isRecord)
  if (records.length < found.length) {
    const index = found.findIndex((item) => !isRecord(item))
    throw new PullFailure('unexpected-shape', { status: answer.status, field: `${settings.recordsPath}/${index}` })
  }
  return { records, document, at }
}

/** Fields of all records as columns, those that are mapped first: no more than a table may have. */
function tableOf(
  records: readonly { [key: string]: Document }[],
  { decimal, layouts }: JsonSettings,
): { header: string[]; rows: string[][] } {
  const cells = records.map((record) => cellsOf(record, decimal))
  const mapped = new Set(layouts.flatMap(columnsOf))
  const found = new Set(cells.flatMap((record) => [...record.keys()]))
  const header = [...found].filter((name) => mapped.has(name))
  for (const name of found) if (header.length < mostColumns && !mapped.has(name)) header.push(name)
  return { header, rows: cells.map((record) => header.map((name) => record.get(name) ?? '')) }
}

interface MappedRecords {
  layout: Layout
  file: ReturnType<typeof mapTable>
  header: string[]
  seen: string[]
}

/**
 * Records leave out what they have no value for, so a field that no record of one page has is no missing column yet; one that
 * a fact cannot do without is.
 */
function mapRecords(
  access: Access<JsonSettings>,
  records: readonly { [key: string]: Document }[],
  before: number,
): MappedRecords | undefined {
  if (records.length === 0) return undefined
  const { settings } = access
  const { header, rows } = tableOf(records, settings)
  const has = (column: string) => header.includes(column)
  const presence = (layout: Layout) => columnsOf(layout).filter(has).length
  const [layout] = settings.layouts.filter((each) => requiredColumnsOf(each).every(has)).toSorted((a, b) => presence(b) - presence(a))
  if (!layout) throw missing(settings.layouts, requiredColumnsOf, header)
  const table = { header, rows: rows.map((cells) => ({ line: 0, cells })), delimiter: ',', problems: [] }
  const id = factKinds.flatMap((kind) => idOf(layout, kind)).find(has)
  const names = (index: number) => {
    const value = id === undefined ? '' : (rows[index]?.[header.indexOf(id)] ?? '').trim()
    return value === '' || isAddress(value) ? `${settings.recordsPath}/${before + index}` : value
  }
  const file = mapTable(table, layout, settings, mappingContextOf(access), names)
  return { layout, file, header, seen: columnsOf(layout).filter(has) }
}

function idOf(layout: Layout, kind: (typeof factKinds)[number]): string[] {
  const columns = layout[kind]
  return columns && 'id' in columns && columns.id ? [columns.id] : []
}

function assertAllSeen(used: readonly Layout[], seen: readonly string[], header: readonly string[]): void {
  if (used.some((layout) => columnsOf(layout).some((column) => !seen.includes(column)))) throw missing(used, columnsOf, header, seen)
}

function missing(
  layouts: readonly Layout[],
  needed: (layout: Layout) => string[],
  header: readonly string[],
  seen: readonly string[] = header,
) {
  return columnsFailure({
    layouts: layouts.map((layout) => ({
      name: layout.name,
      missing: needed(layout).filter((column) => !seen.includes(column)),
      extra: header.filter((column) => !columnsOf(layout).includes(column)),
    })),
  })
}
