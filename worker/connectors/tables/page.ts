/** From a table that was fetched to a page of a pull. */
import { dayOf } from '../../core/calendar'
import { type FactKind, type FactRows, factKinds, noRows } from '../../core/facts'
import type { Access, ColumnsMissing, MappedFile, MappedRow, MappingContext, Notice, PulledPage, SecretPart } from '../connector'
import type { Layout } from '../csv/layout'
import { PullFailure } from '../failure'
import type { TablePullSettings } from './settings'

/** A table needs no secret where it is public. */
export const tableSecrets: readonly SecretPart[] = [{ name: 'headerValue', optional: true }]

/**
 * The header that proves who asks. A token alone becomes a bearer token, which is what most servers mean.
 *
 * @example secretHeader({ header: 'Authorization' }, { headerValue: 'abc' }) // { Authorization: 'Bearer abc' }
 */
export function secretHeader({ header }: Pick<TablePullSettings, 'header'>, secret: Access<unknown>['secret']): Record<string, string> {
  const value = secret.headerValue?.trim()
  if (!value) return {}
  return { [header]: /^authorization$/i.test(header) && !/\s/.test(value) ? `Bearer ${value}` : value }
}

export const mappingContextOf = ({ now, reportingZone }: Pick<Access<unknown>, 'now' | 'reportingZone'>): MappingContext => ({
  reportingZone,
  today: dayOf(now, reportingZone),
})

/** The kinds of fact that a layout reads. A lead's row may tell of its steps. */
export const kindsOf = (layout: Layout): FactKind[] =>
  factKinds.filter((kind) => layout[kind] || (kind === 'stage' && (layout.lead?.entered || layout.lead?.returnedAt || layout.lead?.lostAt)))

/**
 * What was read of a table, and with its last page what is gone.
 *
 * @param last null where more pages come
 */
export function pageOf(
  file: MappedFile,
  layout: Layout,
  last: { holds: TablePullSettings['holds']; leftOut: number } | null,
): Pick<PulledPage, 'rows' | 'errors' | 'read' | 'notices' | 'complete'> {
  const { errors, read } = file
  const isWhole = last?.holds === 'everything'
  // A row with an error may be one that is stored, under an id that cannot be read.
  const kept: Notice[] = isWhole && last.leftOut > 0 ? [{ code: 'nothing-removed', rows: last.leftOut }] : []
  return {
    rows: rowsOf(file.rows),
    errors,
    read,
    notices: [...file.notices, ...kept],
    ...(isWhole && last.leftOut === 0 ? { complete: kindsOf(layout) } : {}),
  }
}

function rowsOf(mapped: readonly MappedRow[]): FactRows {
  const rows = noRows()
  for (const { lead, stages, deal, activity, spend, headcount, touch, value } of mapped) {
    if (lead) rows.lead.push(lead)
    for (const step of stages) rows.stage.push(step)
    if (deal) rows.deal.push(deal)
    if (activity) rows.activity.push(activity)
    if (spend) rows.spend.push(spend)
    if (headcount) rows.headcount.push(headcount)
    if (touch) rows.touch.push(touch)
    if (value) rows.value.push(value)
  }
  return rows
}

/** Names what is missing of the layout that fits best, and what could be it under a new name. */
export function columnsFailure({ layouts }: ColumnsMissing): PullFailure {
  const [nearest] = layouts.toSorted((a, b) => a.missing.length - b.missing.length)
  const short = (columns: readonly string[] = []) => columns.slice(0, 50).map((column) => column.slice(0, 200))
  return new PullFailure('columns-missing', { columns: short(nearest?.missing), extraColumns: short(nearest?.extra) })
}

/** A table that a person maps: more of it than is shown, so that every value of a stage column is among it. */
export function tableShown(header: readonly string[], rows: readonly (readonly string[])[]): { header: string[]; rows: string[][] } {
  const cut = (text: string) => text.trim().slice(0, 200)
  return { header: header.map(cut), rows: rows.slice(0, 1_000).map((cells) => cells.map(cut)) }
}
