import { toCsv } from '../../worker/core/csv'
import { type Cell, gridOf } from './cells'
import type { Kit } from './files'

/** Saves the figures of a chart: those of its own table, so that nothing can be in the file that is not on the page. */
export function saveFigures({ handOver }: Kit, figure: HTMLElement): void {
  const table = figure.querySelector('table')
  if (!table) return
  handOver(new Blob([`\ufeff${toCsv(rowsOf(table))}`], { type: 'text/csv;charset=utf-8' }), `${figure.id}.csv`)
}

/** One header, made of all its rows; then the rows. Columns that only keep others apart are left out. */
function rowsOf(table: HTMLTableElement): (string | number | null)[][] {
  const heads = gridOf([...(table.tHead?.rows ?? [])])
  const body = gridOf([...table.tBodies].flatMap(({ rows }) => [...rows]))
  const width = Math.max(0, ...[...heads, ...body].map((row) => row.length))
  const columns = Array.from({ length: width }, (_, column) => column).filter((column) =>
    [...heads, ...body].some((row) => row[column]?.text),
  )
  const header = columns.map((column) => [...new Set(heads.map((row) => row[column]?.text ?? '').filter(Boolean))].join(' / '))
  const rows = body.map((row) => columns.map((column) => figureOf(row[column])))
  return heads.length > 0 ? [header, ...rows] : rows
}

/** The exact value where the page says it, a number where that is all that is written; else the words. */
function figureOf(cell: Cell | undefined): string | number | null {
  if (!cell) return null
  const data = cell.element.querySelectorAll('data')
  const only = data.length === 1 ? data[0]?.value : undefined
  const written = only ?? cell.text
  const plain = written.replace('−', '-')
  if (/^[+-]?\d+(\.\d+)?$/.test(plain)) return Number(plain)
  return written === '' || written === '–' ? null : written
}
