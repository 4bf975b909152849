/** The cells of a table as they are seen, each in every column that it spans. */
export interface Cell {
  element: HTMLTableCellElement
  text: string
  row: number
  column: number
}

/** What stands on a line of its own, or apart from what is beside it. */
const apart = new Set(['BR', 'SMALL', 'P', 'DIV', 'LI'])

/**
 * What an element says: its visible words, or those that are only read out; nothing that is only for paper, and no button.
 *
 * @param between what keeps lines apart
 */
export function textOf(element: Element, between = ' '): string {
  const lines = ['']
  const visit = (node: Node): void => {
    if (node instanceof Text) lines[lines.length - 1] += node.data
    if (node instanceof Element && node.matches('[aria-hidden="true"], button, .btn')) return
    const isApart = node !== element && node instanceof Element && apart.has(node.tagName)
    if (isApart) lines.push('')
    for (const child of node.childNodes) visit(child)
    if (isApart) lines.push('')
  }
  visit(element)
  return lines.map(tidy).filter(Boolean).join(between)
}

/** Without the marks that keep directions apart, which no file needs. */
const tidy = (text: string) =>
  text
    .replace(/[\u2066-\u2069\u200e\u200f\u061c]/g, '')
    .replace(/\s+/g, ' ')
    .trim()

/** A grid of the rows of one part of a table: `colspan` and `rowspan` filled with the cell that spans. */
export function gridOf(rows: readonly HTMLTableRowElement[]): (Cell | undefined)[][] {
  const grid: (Cell | undefined)[][] = rows.map(() => [])
  for (const [row, { cells }] of rows.entries()) {
    let column = 0
    for (const element of cells) {
      while (grid[row]?.[column]) column += 1
      const cell = { element, text: textOf(element), row, column }
      for (let down = 0; down < element.rowSpan; down += 1) {
        for (let across = 0; across < element.colSpan; across += 1) {
          const line = grid[row + down]
          if (line) line[column + across] = cell
        }
      }
      column += element.colSpan
    }
  }
  return grid
}
