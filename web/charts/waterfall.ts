import type { ChartDataset } from 'chart.js'
import type { WaterfallSpec } from '../../worker/core/chart'
import type { Drawing, Painter } from './drawing'
import type { Look } from './look'
import { hatch, type Pen, stroke } from './pen'
import { boxOf, drawTexts, gridOf, listed, middleOf, needOf, type RowText, remembered, rowAt, rowOptions, rowSpot } from './rows'

type Row = WaterfallSpec['rows'][number]

const thickness = 14

/** From one total to another: what each row added or took; totals are ticks, as the axis may be cut. */
export function waterfall(drawing: Drawing<WaterfallSpec>): Painter {
  const { spec } = drawing
  const rows: RowText[] = spec.rows.map(({ label, detail, text, tone }) => ({
    label,
    detail,
    cells: [text],
    ink: 'ink',
    weight: tone === 'total' ? 500 : 400,
    cellInk: tone === 'gain' ? 'promoter' : tone === 'loss' ? 'critic' : 'ink',
  }))
  const context = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
  const gridAt = remembered(drawing, (width) => gridOf(context, width, drawing, rows, [''], { start: 6, end: 0 }))
  const values = spec.ticks.map(({ at }) => at)
  return {
    type: 'bar',
    options: rowOptions(drawing, gridAt, { min: Math.min(...values), max: Math.max(...values), ticks: spec.ticks, side: 'top' }),
    need: (_, width) => needOf(drawing, gridAt(width)),
    datasets: ({ width, ctx }) => [barsOf(drawing, ctx, (index) => middleOf(gridAt(width), index))],
    under: (pen) => {
      const boxes = spec.rows.map((_, index) => boxOf(pen, gridAt(pen.width), index))
      for (const [index, row] of spec.rows.entries()) {
        const box = boxes[index]
        const next = boxes[index + 1]
        if (!box) continue
        const middle = box.top + box.height / 2
        if (row.tone === 'total') drawEdges(pen, box)
        // From where this row ends to where the next one begins.
        if (next) {
          const at = pen.x(row.to)
          stroke(
            pen.context,
            pen.look.control,
            1,
            [],
            [
              [at, middle + thickness / 2],
              [at, next.top + next.height / 2 - thickness / 2],
            ],
          )
        }
      }
    },
    over: (pen) => {
      const grid = gridAt(pen.width)
      for (const [index, row] of spec.rows.entries()) {
        const { top, height } = boxOf(pen, grid, index)
        if (row.tone !== 'total') continue
        const at = pen.x(row.to)
        stroke(
          pen.context,
          pen.look.ink,
          3,
          [],
          [
            [at, top + 3],
            [at, top + height - 3],
          ],
        )
      }
      drawTexts(pen, grid, rows, [], 0)
    },
    readings: spec.rows.map(({ label, detail, text }) => ({ strong: text, text: listed([label, detail]) })),
    spot: (pen, index) => rowSpot(pen, gridAt(pen.width), index),
    nearest: (pen, { y }) => rowAt(pen, gridAt(pen.width), y),
    steps: 'rows',
  }
}

/** A line over and under a total, across the whole drawing. */
function drawEdges({ context, look, width }: Pen, { top, height }: { top: number; height: number }): void {
  for (const edge of [top, top + height]) {
    const level = Math.round(edge) - 0.5
    stroke(
      context,
      look.hair,
      1,
      [],
      [
        [0, level],
        [width, level],
      ],
    )
  }
}

function barsOf(
  { spec, look }: Drawing<WaterfallSpec>,
  context: CanvasRenderingContext2D,
  middle: (index: number) => number,
): ChartDataset<'bar'> {
  const bars = spec.rows.flatMap((row, index) => (row.tone === 'total' ? [] : { row, y: middle(index) }))
  return {
    data: bars.map(({ row, y }) => ({ x: [row.from, row.to], y })) as never,
    backgroundColor: bars.map(({ row }) => fillOf(row, look, context)),
    borderColor: bars.map(({ row }) => (row.tone === 'loss' ? look.critic : row.tone === 'noise' ? look.control : look.promoter)),
    borderWidth: bars.map(({ row }) => (row.tone === 'gain' ? 0 : 1)),
    borderSkipped: false,
    barThickness: thickness,
    minBarLength: 1,
    grouped: false,
  }
}

const fillOf = ({ tone }: Row, look: Look, context: CanvasRenderingContext2D) =>
  tone === 'loss' ? hatch(context, look.critic, look.criticTint) : tone === 'noise' ? look.passive : look.promoter
