/** The cells of a table as they are seen, each in every column that it spans. */
export interface Cell {
  element: HTMLTableCellElement
  text: string
  row: number
  column: number
}

/** What a cell says: its visible words, or those that are only read out; and nothing that is only for paper. */
export function textOf(element: Element, between = ' '): string {
  const parts: string[] = []
  const visit = (node: Node): void => {
    if (node instanceof Element && node.getAttribute('aria-hidden') === 'true') return
    if (node instanceof Text) parts.push(node.data)
    for (const child of node.childNodes) visit(child)
  }
  visit(element)
  return tidy(
    parts
      .map((part) => part.trim())
      .filter(Boolean)
      .join(between),
  )
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
