import type { ChartDataset } from 'chart.js'
import type { MirroredSpec } from '../../worker/core/chart'
import type { Drawing, Painter } from './drawing'
import { fontText, type Pen, prepared, stroke, write } from './pen'
import {
  boxOf,
  drawTexts,
  endSide,
  gridOf,
  listed,
  middleOf,
  needOf,
  type RowText,
  remembered,
  rowAt,
  rowOptions,
  rowSpot,
  startSide,
} from './rows'

/** What sales chose to one side of the line, what marketing chose to the other. */
export function mirrored(drawing: Drawing<MirroredSpec>): Painter {
  const { spec } = drawing
  const rows: RowText[] = spec.rows.map(({ label, strong }) => ({ label, cells: [], ink: strong ? 'ink' : 'ink2' }))
  const context = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
  const gridAt = remembered(drawing, (width) => gridOf(context, width, drawing, rows, [], roomOf(drawing, context)))
  return {
    type: 'bar',
    options: rowOptions(drawing, gridAt, { min: -spec.most, max: spec.most, ticks: [], side: null }),
    need: (_, width) => needOf(drawing, gridAt(width)),
    datasets: ({ width }) => barsOf(drawing, (index) => middleOf(gridAt(width), index)),
    over: (pen) => {
      const grid = gridAt(pen.width)
      drawTexts(pen, grid, rows, [], 0)
      for (const [index, row] of spec.rows.entries()) {
        const { top, height } = boxOf(pen, grid, index)
        drawFigures(pen, row, top + height / 2)
      }
      drawAxis(pen, spec, grid.frame.head)
    },
    readings: spec.rows.map(({ label, sales, marketing }) => ({
      strong: label,
      text: listed([`${spec.heads.sales} ${sales?.text ?? '–'}`, `${spec.heads.marketing} ${marketing?.text ?? '–'}`]),
    })),
    spot: (pen, index) => rowSpot(pen, gridAt(pen.width), index),
    nearest: (pen, { y }) => rowAt(pen, gridAt(pen.width), y),
    steps: 'rows',
  }
}

/** For the widest share that there is, so that the lines of all such charts are at one place. */
function roomOf({ look, isRtl }: Drawing<MirroredSpec>, context: CanvasRenderingContext2D): { start: number; end: number } {
  const room = prepared(context, look, isRtl).measureText('100').width + 8
  return { start: room, end: room }
}

function barsOf({ spec, look }: Drawing<MirroredSpec>, middle: (index: number) => number): ChartDataset<'bar'>[] {
  return (['sales', 'marketing'] as const).map((side) => ({
    data: spec.rows.flatMap((row, index) => {
      const value = row[side]?.value
      if (!value) return []
      const x = side === 'sales' ? [-value, 0] : [0, value]
      return { x: x as [number, number], y: middle(index) }
    }) as never,
    backgroundColor: look[side],
    barThickness: 12,
    grouped: false,
  }))
}

function drawFigures(pen: Pen, { sales, marketing }: MirroredSpec['rows'][number], middle: number): void {
  const { context, look, x, isRtl } = pen
  context.font = fontText(look)
  const out = isRtl ? -6 : 6
  write(context, sales?.text ?? '–', x(-(sales?.value ?? 0)) - out, middle, endSide(pen), look.ink)
  write(context, marketing?.text ?? '–', x(marketing?.value ?? 0) + out, middle, startSide(pen), look.ink)
}

function drawAxis(pen: Pen, spec: MirroredSpec, head: number): void {
  const { context, look, x, area, isRtl } = pen
  const at = Math.round(x(0)) + 0.5
  stroke(
    context,
    look.ink,
    1,
    [],
    [
      [at, area.top - 6],
      [at, area.bottom],
    ],
  )
  context.font = fontText(look, 500)
  const level = (head * look.rem) / 2 - 2
  const out = isRtl ? -7 : 7
  write(context, spec.heads.sales, at - out, level, endSide(pen), look.sales)
  write(context, spec.heads.marketing, at + out, level, startSide(pen), look.marketing)
}
