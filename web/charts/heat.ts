import { type Cell, gridOf, textOf } from './cells'
import type { Kit } from './files'
import type { Look } from './look'
import type { Box } from './pen'

/** The drawing of a table whose cells are coloured: on a page it is the table itself, in a picture it is drawn from it. */
export function heat(kit: Kit, context: CanvasRenderingContext2D, table: HTMLTableElement, look: Look, isRtl: boolean, width: number) {
  const heads = gridOf([...(table.tHead?.rows ?? [])])
  const body = gridOf([...table.tBodies].flatMap(({ rows }) => [...rows]))
  const rows = [...heads, ...body]
  const columns = columnsOf(kit, context, rows, look, width)
  const lines = (cell: Cell) => linesOf(kit, context, cell, look, spanOf(cell, columns).width)
  let top = 0
  const heights = rows.map((row, index) => {
    const tallest = Math.max(
      1,
      ...row.flatMap((cell) => (cell && cell.row === index - (index < heads.length ? 0 : heads.length) ? lines(cell).length : [])),
    )
    const height = Math.max(index < heads.length ? 0 : 34, tallest * look.size * 1.3 + 10)
    const own = { top, height }
    top += height + 2
    return own
  })
  const draw = (left: number, down: number) => {
    for (const [index, row] of rows.entries()) {
      for (const cell of new Set(row)) {
        const { top: from, height } = heights[index] ?? { top: 0, height: 0 }
        if (!cell?.text) continue
        const span = spanOf(cell, columns)
        const start = isRtl ? width - span.left - span.width : span.left
        drawCell(kit, context, cell, { left: left + start, top: down + from, width: span.width, height }, lines(cell), look, isRtl)
      }
    }
  }
  return { height: top, draw }
}

interface Column {
  left: number
  width: number
}

/** Names take what they need, up to a fourth; columns of figures share the rest. */
function columnsOf(
  { fontText }: Kit,
  context: CanvasRenderingContext2D,
  rows: readonly (Cell | undefined)[][],
  look: Look,
  width: number,
): Column[] {
  context.font = fontText(look, 400, look.small)
  const count = Math.max(0, ...rows.map((row) => row.length))
  const isGap = (column: number) => column > 0 && rows.every((row) => !row[column]?.text)
  const names = Math.min(width / 4, Math.max(0, ...rows.map((row) => context.measureText(row[0]?.text ?? '').width)) + 12)
  const gaps = Array.from({ length: count }, (_, column) => column).filter(isGap).length
  const each = (width - names - gaps * 10) / Math.max(1, count - 1 - gaps)
  let left = 0
  return Array.from({ length: count }, (_, column) => {
    const own = { left, width: column === 0 ? names : isGap(column) ? 10 : each }
    left += own.width
    return own
  })
}

function spanOf({ column, element }: Cell, columns: readonly Column[]): Column {
  const spanned = columns.slice(column, column + element.colSpan)
  return { left: spanned[0]?.left ?? 0, width: spanned.reduce((sum, { width }) => sum + width, 0) }
}

const isHatched = ({ element }: Cell) => element.classList.contains('hatch')

/** Of a hidden cell, the word that paper has for it; else what it says. */
const wordsOf = (cell: Cell): string[] =>
  isHatched(cell) ? [cell.element.querySelector('.on-paper')?.textContent?.trim() ?? cell.text] : textOf(cell.element, '\n').split('\n')

function linesOf(kit: Kit, context: CanvasRenderingContext2D, cell: Cell, look: Look, width: number): string[] {
  context.font = fontOf(kit, cell, look)
  return wordsOf(cell).flatMap((line) => kit.wrapped(context, line, width - 8))
}

const fontOf = ({ fontText }: Kit, { element, column }: Cell, look: Look) =>
  fontText(look, element.classList.contains('tot') || element.classList.contains('grp') ? 600 : 400, column === 0 ? look.small : look.size)

function drawCell(
  kit: Kit,
  context: CanvasRenderingContext2D,
  cell: Cell,
  box: Box,
  lines: readonly string[],
  look: Look,
  isRtl: boolean,
): void {
  const { hatch, stroke, write } = kit
  const { classList } = cell.element
  const step = [1, 2, 3, 4, 5, 6].find((each) => classList.contains(`heat-${each}`)) as 1 | 2 | 3 | 4 | 5 | 6 | undefined
  const fill = isHatched(cell) ? hatch(context, look.rule, look.paper, 1) : step ? look[`heat${step}`] : undefined
  if (fill) {
    context.fillStyle = fill
    context.fillRect(box.left + 1, box.top, box.width - 2, box.height)
  }
  const isName = cell.column === 0 || classList.contains('grp')
  const end = isRtl ? box.left + box.width - 2 : box.left + 2
  if (classList.contains('grp')) {
    const level = box.top + box.height - 1
    stroke(
      context,
      look.control,
      1,
      [],
      [
        [box.left + 1, level],
        [box.left + box.width - 1, level],
      ],
    )
  }
  context.font = fontOf(kit, cell, look)
  const height = look.size * 1.3
  const first = box.top + box.height / 2 - ((lines.length - 1) * height) / 2
  for (const [index, line] of lines.entries()) {
    const level = first + index * height
    if (isHatched(cell)) {
      const half = context.measureText(line).width / 2 + 3
      context.fillStyle = look.paper
      context.fillRect(box.left + box.width / 2 - half, level - height / 2, half * 2, height)
    }
    const color = cell.element.tagName === 'TH' && !isName ? look.ink2 : isHatched(cell) ? look.ink3 : look.ink
    write(context, line, isName ? end : box.left + box.width / 2, level, isName ? (isRtl ? 'right' : 'left') : 'center', color)
  }
}
