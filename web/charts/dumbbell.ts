import type { ChartDataset } from 'chart.js'
import type { DumbbellSpec, MarkLook } from '../../worker/core/chart'
import { keyLine, trackHeight } from '../../worker/core/chart-height'
import type { Drawing, Painter } from './drawing'
import type { Look } from './look'
import { fontText, type Pen, prepared, stroke, write } from './pen'
import {
  boxOf,
  drawTexts,
  type Grid,
  gridOf,
  listed,
  middleOf,
  needOf,
  offset,
  type RowText,
  remembered,
  rowAt,
  rowOptions,
  rowSpot,
} from './rows'

const inkOf: Readonly<Record<MarkLook, keyof Look & ('sales' | 'marketing' | 'ink' | 'control')>> = {
  sales: 'sales',
  marketing: 'marketing',
  crm: 'ink',
  now: 'ink',
  before: 'control',
}

/** Two or three marks on one line a row, the gap as a line between them; figures stand outside the marks. */
export function dumbbell(drawing: Drawing<DumbbellSpec>): Painter {
  const { spec } = drawing
  const rows: RowText[] = spec.rows.map(({ label, detail, cells, quiet, verdict }) => ({
    label,
    detail,
    cells,
    verdict,
    ink: quiet ? 'ink3' : 'ink',
  }))
  const context = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
  const gridAt = remembered(drawing, (width) => gridOf(context, width, drawing, rows, spec.columns, roomOf(drawing, context)))
  const values = spec.ticks.map(({ at }) => at)
  return {
    type: 'line',
    options: rowOptions(drawing, gridAt, {
      min: Math.min(...values),
      max: Math.max(...values),
      ticks: spec.ticks,
      side: 'bottom',
    }),
    need: (_, width) => needOf(drawing, gridAt(width)),
    datasets: ({ width }) => [marksOf(drawing, (index) => middleOf(gridAt(width), index))],
    under: (pen) => {
      const grid = gridAt(pen.width)
      const { context, look, width } = pen
      context.fillStyle = look.paper
      for (const [index, { marks }] of spec.rows.entries()) {
        const middle = pen.y(middleOf(grid, index))
        // The grid stands under the label of its row, not behind it.
        const { top } = boxOf(pen, grid, index)
        if (grid.isStacked) context.fillRect(0, top, width, middle - top - (trackHeight(spec) * look.rem) / 2)
        drawLinks(pen, marks, middle)
      }
    },
    over: (pen) => {
      const grid = gridAt(pen.width)
      const level = (grid.frame.head - 0.8) * pen.look.rem - 2
      for (const [index, { marks }] of spec.rows.entries()) {
        drawFigures(pen, marks, pen.y(middleOf(grid, index)))
      }
      drawKey(pen, spec, grid, level)
      drawTexts(pen, grid, rows, spec.columns, level)
    },
    readings: spec.rows.map((row) => ({
      strong: row.label,
      text: listed([
        ...row.marks.map(({ look, text }) => (text ? `${spec.key.find((key) => key.look === look)?.text ?? ''} ${text}`.trim() : '')),
        ...row.cells.map((cell, column) => `${spec.columns[column] ?? ''} ${cell}`.trim()),
        row.verdict?.text ?? '',
      ]),
    })),
    spot: (pen, index) => rowSpot(pen, gridAt(pen.width), index),
    nearest: (pen, { y }) => rowAt(pen, gridAt(pen.width), y),
    steps: 'rows',
  }
}

type Mark = DumbbellSpec['rows'][number]['marks'][number]

/** What is printed beside a mark: two points in time have columns for it. */
const figureOf = ({ look, text }: Mark) => (look === 'now' || look === 'before' ? '' : text)

/** Room for the widest figure beside the track, as a mark may stand at its edge. */
function roomOf({ spec, look, isRtl }: Drawing<DumbbellSpec>, context: CanvasRenderingContext2D): { start: number; end: number } {
  prepared(context, look, isRtl)
  context.font = fontText(look, 500)
  const widest = Math.max(
    0,
    ...spec.rows.flatMap(({ marks }) => marks.map((mark) => (figureOf(mark) ? context.measureText(figureOf(mark)).width + 12 : 0))),
  )
  return { start: Math.max(10, widest), end: Math.max(10, widest) }
}

function marksOf({ spec, look }: Drawing<DumbbellSpec>, middle: (index: number) => number): ChartDataset<'line'> {
  const marks = spec.rows.flatMap((row, index) => row.marks.map((mark) => ({ ...mark, y: middle(index) })))
  // The one before is behind the one of now.
  marks.sort((a, b) => Number(b.look === 'before') - Number(a.look === 'before'))
  return {
    data: marks.map(({ at, y }) => ({ x: at, y })),
    showLine: false,
    clip: false,
    pointStyle: marks.map((mark) => (mark.look === 'marketing' ? 'rectRot' : mark.look === 'crm' ? 'rect' : 'circle')),
    pointRadius: marks.map((mark) => (mark.look === 'marketing' ? 7.5 : mark.look === 'crm' ? 7 : mark.look === 'before' ? 4.5 : 6.5)),
    pointBackgroundColor: marks.map((mark) => (mark.look === 'before' ? look.paper : look[inkOf[mark.look]])),
    pointBorderColor: marks.map((mark) => (mark.look === 'before' ? look.control : look.paper)),
    pointBorderWidth: 2,
  }
}

/** From the outermost mark to the other; intervals are thin lines with ends. */
function drawLinks({ context, look, x }: Pen, marks: readonly Mark[], middle: number): void {
  const places = marks.map(({ at }) => x(at))
  if (places.length > 1) {
    stroke(
      context,
      look.rule,
      3,
      [],
      [
        [Math.min(...places), middle],
        [Math.max(...places), middle],
      ],
    )
  }
  const intervals = marks.flatMap(({ low, high }) => (low === undefined || high === undefined ? [] : { low, high }))
  const isCrossing = intervals.some((one, index) =>
    intervals.some((other, each) => each < index && one.low < other.high && other.low < one.high),
  )
  for (const [index, mark] of marks.entries()) {
    if (mark.low === undefined || mark.high === undefined) continue
    // Intervals that overlap are told apart by their level.
    const level = middle + (isCrossing ? (index - (marks.length - 1) / 2) * 4 : 0)
    const color = look[inkOf[mark.look]]
    stroke(
      context,
      color,
      1.5,
      [],
      [
        [x(mark.low), level],
        [x(mark.high), level],
      ],
    )
    for (const end of [mark.low, mark.high]) {
      stroke(
        context,
        color,
        1.5,
        [],
        [
          [x(end), level - 3],
          [x(end), level + 3],
        ],
      )
    }
  }
}

/** The outer two outside their marks, one between them above its own. */
function drawFigures({ context, look, x, line }: Pen, marks: readonly Mark[], middle: number): void {
  const placed = marks
    .map((mark) => ({ ...mark, text: figureOf(mark), place: x(mark.at), left: x(mark.low ?? mark.at), right: x(mark.high ?? mark.at) }))
    .sort((a, b) => a.place - b.place)
  const left = Math.min(...placed.flatMap((mark) => [mark.place - 6, mark.left, mark.right])) - 5
  const right = Math.max(...placed.flatMap((mark) => [mark.place + 6, mark.left, mark.right])) + 5
  context.font = fontText(look, 500)
  for (const [index, { text, look: kind, place }] of placed.entries()) {
    if (!text) continue
    const color = kind === 'before' ? look.ink3 : look[inkOf[kind]]
    if (index === placed.length - 1) write(context, text, right, middle, 'left', color)
    else if (index === 0) write(context, text, left, middle, 'right', color)
    else write(context, text, place, middle - line * 0.95, 'center', color)
  }
}

/** What the marks stand for, over those of the first row that has them, if any has: moved apart where they would touch, or in a line each. */
function drawKey(pen: Pen, { key, rows }: DumbbellSpec, { frame, headsFrom }: Grid, level: number): void {
  const { context, look, x } = pen
  context.font = fontText(look, 500)
  const names = key
    .flatMap(({ look: kind, text }) => {
      const at = rows.flatMap(({ marks }) => marks).find((mark) => mark.look === kind)?.at
      return at === undefined ? [] : { kind, text, half: context.measureText(text).width / 2, place: x(at) }
    })
    .sort((a, b) => a.place - b.place)
  const edges = [offset(pen, 0), offset(pen, headsFrom)].sort((a, b) => a - b) as [number, number]
  const isStacked = frame.keyLines > 1
  for (const line of isStacked ? names.map((name) => [name]) : [names]) spread(line, ...edges)
  for (const [index, { kind, text, place }] of names.entries()) {
    const up = isStacked ? (names.length - 1 - index) * keyLine * look.rem : 0
    write(context, text, place, level - up, 'center', kind === 'before' ? look.ink3 : look[inkOf[kind]])
  }
}

/** Moves labels on a line apart, at least a space from each other, and keeps them between two edges. */
export function spread(labels: { place: number; half: number }[], from: number, to: number): void {
  const space = 10
  for (let round = 0; round < 8; round += 1) {
    for (const [index, label] of labels.entries()) {
      const before = labels[index - 1]
      if (!before) continue
      const overlap = before.place + before.half + space - (label.place - label.half)
      if (overlap <= 0) continue
      before.place -= overlap / 2
      label.place += overlap / 2
    }
    for (const label of labels) label.place = Math.min(Math.max(label.place, from + label.half), to - label.half)
  }
}
