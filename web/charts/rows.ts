import type { DumbbellSpec, MirroredSpec, Tick, WaterfallSpec } from '../../worker/core/chart'
import { frameOf, isStacked, lineHeight, rowHeight, trackHeight } from '../../worker/core/chart-height'
import { type Drawing, type Options, plain, type Spot } from './drawing'
import type { Look } from './look'
import { type Box, font, fontText, isNarrow, type Pen, prepared, wrapped, write } from './pen'

/** What is written in a row beside its track. */
export interface RowText {
  label: string
  /** In small: behind the label, or on a line of its own where there is no room. */
  detail?: string | undefined
  cells: readonly string[]
  verdict?: { signal: boolean; text: string } | undefined
  ink: 'ink' | 'ink2' | 'ink3'
  weight?: number
  /** Of the cells, where it is another. */
  cellInk?: 'ink' | 'promoter' | 'critic'
}

interface Run {
  text: string
  isDetail: boolean
}

/** Where everything of a chart of rows is; offsets are pixels from the side where reading starts. */
export interface Grid {
  /** Where columns of text end. */
  columns: readonly number[]
  /** Where verdicts start; null where they are under the labels. */
  verdicts: number | null
  track: { start: number; end: number }
  /** Where what is over the rows must leave room for heads of columns. */
  headsFrom: number
  /** `middle`: of the track, from the row's own top. */
  rows: readonly { top: number; height: number; middle: number; lines: readonly (readonly Run[])[] }[]
  /** Whether labels stand over their tracks. */
  isStacked: boolean
  /** Of all rows. */
  height: number
  /** Above and under them, in rem. */
  frame: ReturnType<typeof frameOf>
}

type RowSpec = WaterfallSpec | DumbbellSpec | MirroredSpec

const gap = 14

/** Lays rows out: labels wrap into their column, the track takes what texts leave. `room`: beside the track, for figures of marks. */
export function gridOf(
  context: CanvasRenderingContext2D,
  width: number,
  { spec, look, isRtl }: Drawing<RowSpec>,
  rows: readonly RowText[],
  heads: readonly string[],
  room: { start: number; end: number },
): Grid {
  prepared(context, look, isRtl)
  const isTight = isNarrow(width, look)
  const stacked = isStacked(spec, isTight)
  const small = look.small
  const measure = (text: string, weight = 400, pixels = look.size) => {
    context.font = fontText(look, weight, pixels)
    return context.measureText(text).width
  }
  const columnWidths = heads.map((head, index) =>
    Math.max(measure(head), ...rows.map(({ cells }) => measure(cells[index] ?? '', 600, small))),
  )
  const verdicts = rows.flatMap(({ verdict }) => verdict ?? [])
  const verdictWidth = verdicts.length > 0 ? Math.max(...verdicts.map(({ text }) => measure(text, 500) + pill.room)) + 2 : 0
  const hasColumn = verdictWidth > 0 && !isTight
  const natural = Math.max(
    ...rows.map(({ label, detail, weight }) => {
      const [name, more] = [measure(label, weight, small), detail ? measure(` ${detail}`) : 0]
      return isTight ? Math.max(name, more) : name + more
    }),
  )
  const ends = columnWidths.reduce((sum, each) => sum + each + gap, 0) + (hasColumn ? verdictWidth + gap : 0)
  const most = stacked ? width - ends : width * (isTight ? 0.37 : hasColumn ? 0.3 : 0.4)
  // Charts of mirrored bars stand below each other, and share their line.
  const labels = Math.ceil(spec.kind === 'mirrored' ? most : Math.min(natural, most)) + 1
  const track = stacked
    ? { start: room.start, end: width - room.end }
    : { start: labels + (isTight ? 8 : gap) + room.start, end: width - ends - room.end }
  let column = width - ends
  const columns = columnWidths.map((each) => {
    column += gap + each
    return column
  })
  let height = 0
  const laid = rows.map((row) => {
    const lines = linesOf(context, look, row, labels, isTight)
    const names = lines.filter((line) => !line.every(({ isDetail }) => isDetail)).length
    const counts = { label: names, detail: lines.length - names, verdict: isTight && row.verdict !== undefined }
    const tall = rowHeight(spec, counts, stacked) * look.rem
    const middle = stacked ? tall - (trackHeight(spec) / 2 + 0.25) * look.rem : tall / 2
    const own = { top: height, height: tall, middle, lines }
    height += own.height
    return own
  })
  return {
    columns,
    verdicts: hasColumn ? column + gap : null,
    track,
    headsFrom: width - ends,
    rows: laid,
    isStacked: stacked,
    height,
    frame: frameOf(spec, isTight),
  }
}

/** The label in as many lines as it needs; the detail behind it where it fits there. */
function linesOf(context: CanvasRenderingContext2D, look: Look, row: RowText, width: number, isTight: boolean): Run[][] {
  context.font = fontText(look, row.weight, look.small)
  const names = wrapped(context, row.label, width)
  const lines: Run[][] = names.map((text) => [{ text, isDetail: false }])
  if (!row.detail) return lines
  const used = context.measureText(names.at(-1) ?? '').width
  context.font = fontText(look)
  if (!isTight && used + context.measureText(` ${row.detail}`).width <= width) {
    lines.at(-1)?.push({ text: ` ${row.detail}`, isDetail: true })
    return lines
  }
  return [...lines, ...wrapped(context, row.detail, width).map((text) => [{ text, isDetail: true }])]
}

/** What rows need in all, with what is above and under them. */
export const needOf = ({ look }: Drawing<RowSpec>, { height, frame }: Grid): number => height + (frame.head + frame.foot) * look.rem

/** Scales of rows: values across, mirrored where the page is read from the right; rows down, as shares of their height. */
export function rowOptions(
  drawing: Drawing<RowSpec>,
  gridAt: (width: number) => Grid,
  scale: { min: number; max: number; ticks: readonly Tick[]; side: 'top' | 'bottom' | null },
): Options {
  const { isRtl } = drawing
  return {
    ...plain,
    indexAxis: 'y',
    layout: {
      padding: ({ chart }) => {
        const { track, frame } = gridAt(chart.width)
        const { head, foot } = frame
        const [start, end] = [track.start, chart.width - track.end]
        return {
          left: isRtl ? end : start,
          right: isRtl ? start : end,
          top: scale.side === 'top' ? 0 : head * drawing.look.rem,
          bottom: scale.side === 'bottom' ? 0 : foot * drawing.look.rem,
        }
      },
    },
    scales: {
      x: {
        type: 'linear',
        min: scale.min,
        max: scale.max,
        reverse: isRtl,
        position: scale.side ?? 'bottom',
        border: { display: false },
        grid: { display: scale.side !== null, color: () => drawing.look.grid, drawTicks: false },
        afterBuildTicks: (axis) => {
          axis.ticks = scale.ticks.map(({ at }) => ({ value: at }))
        },
        afterFit: (axis) => {
          const { head, foot } = gridAt(axis.chart.width).frame
          axis.height = scale.side === null ? 0 : (scale.side === 'top' ? head : foot) * drawing.look.rem
        },
        ticks: {
          display: scale.side !== null,
          autoSkip: false,
          maxRotation: 0,
          padding: 6,
          color: () => drawing.look.ink3,
          font: () => font(drawing.look),
          callback(value, index, shown) {
            const text = scale.ticks.find(({ at }) => at === Number(value))?.text ?? ''
            return index % stepOf(drawing, scale.ticks, gridAt(this.chart.width).track, shown.length) === 0 ? text : ''
          },
        },
      },
      y: { type: 'linear', display: false, min: 0, max: 1, offset: false, reverse: true, grid: { display: false } },
    },
  }
}

/** Every so many ticks are labelled, so that their labels do not touch. */
function stepOf({ look }: Drawing, ticks: readonly Tick[], track: Grid['track'], count: number): number {
  const longest = Math.max(...ticks.map(({ text }) => text.length)) * look.size * 0.62 + 8
  return Math.max(1, Math.ceil((longest * Math.max(1, count - 1)) / Math.max(1, track.end - track.start)))
}

/** One layout for each width and look, as every part of a drawing asks for it. */
export function remembered(drawing: Drawing, lay: (width: number) => Grid): (width: number) => Grid {
  let last: { width: number; look: Look; grid: Grid } | undefined
  return (width) => {
    if (last?.width !== width || last.look !== drawing.look) last = { width, look: drawing.look, grid: lay(width) }
    return last.grid
  }
}

/** Where the middle of a row is on the scale of rows. */
export const middleOf = (grid: Grid, index: number): number => {
  const row = grid.rows[index]
  return row ? (row.top + row.middle) / grid.height : 0
}

export const boxOf = (pen: Pen, grid: Grid, index: number): Box => {
  const row = grid.rows[index]
  const [top, bottom] = [pen.y((row?.top ?? 0) / grid.height), pen.y(((row?.top ?? 0) + (row?.height ?? 0)) / grid.height)]
  return { left: 0, top, width: pen.width, height: bottom - top }
}

/** Of rows, the reading is shown at the start of the track, under the row. */
export function rowSpot(pen: Pen, grid: Grid, index: number): Spot {
  const box = boxOf(pen, grid, index)
  return { box, at: { x: offset(pen, grid.track.start), y: box.top + box.height } }
}

export const rowAt = (pen: Pen, grid: Grid, y: number): number | null => {
  const index = grid.rows.findIndex((_, each) => {
    const { top, height } = boxOf(pen, grid, each)
    return y >= top && y < top + height
  })
  return index === -1 ? null : index
}

export const offset = ({ isRtl, width }: Pen, fromStart: number): number => (isRtl ? width - fromStart : fromStart)
export const startSide = ({ isRtl }: Pen) => (isRtl ? 'right' : 'left')
export const endSide = ({ isRtl }: Pen) => (isRtl ? 'left' : 'right')

/** Labels, columns and verdicts of all rows, and the heads of the columns. */
export function drawTexts(pen: Pen, grid: Grid, rows: readonly RowText[], heads: readonly string[], level: number): void {
  const { context, look } = pen
  context.font = fontText(look)
  for (const [index, head] of heads.entries()) write(context, head, offset(pen, grid.columns[index] ?? 0), level, endSide(pen), look.ink3)
  for (const [index, row] of rows.entries()) {
    const box = boxOf(pen, grid, index)
    const lines = grid.rows[index]?.lines ?? []
    const middle = grid.isStacked ? box.top + (lineHeight.label / 2 + 0.25) * look.rem : box.top + box.height / 2
    drawLabel(pen, lines, row, box.top, grid.isStacked ? null : box.height)
    context.font = fontText(look, row.ink === 'ink3' ? 400 : 500, look.small)
    for (const [column, cell] of row.cells.entries()) {
      write(context, cell, offset(pen, grid.columns[column] ?? 0), middle, endSide(pen), look[row.cellInk ?? row.ink])
    }
    if (row.verdict && grid.verdicts !== null) drawVerdict(pen, row.verdict, grid.verdicts, middle)
  }
}

/** @param within the height in whose middle it stands; null at the top of its row */
function drawLabel(pen: Pen, lines: readonly (readonly Run[])[], row: RowText, from: number, within: number | null): void {
  const { context, look } = pen
  const heights = lines.map((line) => (line.every(({ isDetail }) => isDetail) ? lineHeight.detail : lineHeight.label) * look.rem)
  const below = row.verdict && pen.isNarrow ? lineHeight.verdict * look.rem : 0
  const height = heights.reduce((sum, each) => sum + each, 0) + below
  let top = within === null ? from + 0.25 * look.rem : from + (within - height) / 2
  for (const [index, line] of lines.entries()) {
    const tall = heights[index] ?? 0
    let start = 0
    for (const { text, isDetail } of line) {
      context.font = isDetail ? fontText(look) : fontText(look, row.weight, look.small)
      start += write(
        context,
        text,
        offset(pen, start),
        top + tall / 2,
        startSide(pen),
        isDetail ? look.ink3 : look[row.ink === 'ink2' ? 'ink2' : 'ink'],
      )
    }
    top += tall
  }
  if (row.verdict && pen.isNarrow) drawVerdict(pen, row.verdict, 0, top + below / 2)
}

const pill = { height: 20, mark: 20, room: 29 }

/** Filled with a diamond for a signal; outlined with a wave for what could be chance. */
export function drawVerdict(pen: Pen, { signal, text }: { signal: boolean; text: string }, start: number, middle: number): number {
  const { context, look, isRtl } = pen
  context.font = fontText(look, 500)
  const width = context.measureText(text).width + pill.room
  const left = isRtl ? offset(pen, start) - width : offset(pen, start)
  context.beginPath()
  context.roundRect(Math.round(left) + 0.5, Math.round(middle - pill.height / 2) + 0.5, Math.round(width), pill.height, pill.height / 2)
  context.lineWidth = 1
  context.fillStyle = signal ? look.ink : look.paper
  context.strokeStyle = signal ? look.ink : look.control
  context.fill()
  context.stroke()
  const mark = isRtl ? left + width - 11 : left + 11
  context.beginPath()
  if (signal) {
    for (const [dx, dy] of [
      [0, -4],
      [4, 0],
      [0, 4],
      [-4, 0],
    ] as const) {
      context.lineTo(mark + dx, middle + dy)
    }
    context.fillStyle = look.onInk
    context.fill()
  } else {
    context.moveTo(mark - 5, middle + 1)
    context.bezierCurveTo(mark - 3, middle - 5, mark - 1, middle - 3, mark, middle)
    context.bezierCurveTo(mark + 1, middle + 3, mark + 3, middle + 5, mark + 5, middle - 1)
    context.strokeStyle = look.ink2
    context.lineWidth = 1.25
    context.stroke()
  }
  write(context, text, isRtl ? left + width - pill.mark : left + pill.mark, middle + 0.5, startSide(pen), signal ? look.onInk : look.ink2)
  return width
}

/** Several texts as the page's language lists them. */
export const listed = (parts: readonly string[]): string => {
  list ??= new Intl.ListFormat(document.documentElement.lang || 'en', { type: 'unit', style: 'short' })
  return list.format(parts.filter(Boolean))
}

/** Making one takes longer than what it does for a chart. */
let list: Intl.ListFormat | undefined
