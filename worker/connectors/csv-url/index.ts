/** A table at an address: a CSV file that somebody's program writes, or a tab of Google Sheets. */
import * as z from 'zod'
import { noRows } from '../../core/facts'
import type { PullConnector, PulledPage } from '../connector'
import { layoutFor, mapTable, missingColumns } from '../csv/mapper'
import { columnsFailure, mappingContextOf, pageOf, tableSecrets, tableShown } from '../tables/page'
import { TablePullSettings } from '../tables/settings'
import { fetchTable, type Known } from './fetched'

const Bookmark = z.object({ etag: z.string().nullable(), hash: z.string(), zone: z.string() })

export const csvUrl: PullConnector<TablePullSettings> = {
  kind: 'csv-url',
  brings: 'pulls',
  settings: TablePullSettings,
  secrets: tableSecrets,

  async test(access) {
    await fetchTable(access, null)
    return { account: null, timeZone: null, currency: null, quota: null, missing: [] }
  },

  async discover(access) {
    const fetched = await fetchTable(access, null)
    const table = fetched.unchanged
      ? null
      : tableShown(
          fetched.table.header,
          fetched.table.rows.map(({ cells }) => cells),
        )
    return { timeZone: null, currency: null, leadStages: [], dealStages: [], leadFields: [], dealFields: [], table, unavailable: [] }
  },

  /** The whole table is one page: 10 MB and 100,000 rows at most. */
  async page(access, { bookmark }) {
    const before = Bookmark.safeParse(bookmark).data
    // Days are of the reporting time zone: under another one, the same table says something else.
    const known: Known | null = before && before.zone === access.reportingZone ? before : null
    const fetched = await fetchTable(access, known)
    const found = { ...fetched.known, zone: access.reportingZone }
    if (fetched.unchanged) return { ...nothing, rows: noRows(), bookmark: found }
    const { table } = fetched
    const layout = layoutFor(table.header, access.settings.layouts)
    if (!layout) throw columnsFailure(missingColumns(table.header, access.settings.layouts))
    const file = mapTable(table, layout, access.settings, mappingContextOf(access))
    const leftOut = file.read - file.rows.length
    // A day that was still to come is one that comes: then the same table is read again.
    const waits = file.errors.some(({ code }) => code === 'future-date')
    const page = pageOf(file, layout, { holds: access.settings.holds, leftOut })
    return { ...nothing, ...page, total: file.read, bookmark: waits ? null : found, whole: true }
  },
}

const nothing: Omit<PulledPage, 'rows'> = {
  errors: [],
  read: 0,
  notices: [],
  next: null,
  bookmark: null,
  total: null,
  cost: 1,
  quota: null,
}
