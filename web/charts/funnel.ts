import type { ChartDataset } from 'chart.js'
import type { FunnelSpec } from '../../worker/core/chart'
import { funnelHeight, funnelRow, lineHeight } from '../../worker/core/chart-height'
import { type Drawing, type Painter, plain, rowPixels } from './drawing'
import { fontText, hatch, isNarrow, type Pen, prepared, stroke, wrapped, write } from './pen'
import { drawVerdict, endSide, listed, offset, startSide } from './rows'

type Row = FunnelSpec['rows'][number]

interface Laid {
  top: number
  height: number
  label: string[]
  detail: string[]
  share: string[]
  lost: string[]
  /** Where the bar begins, under the row's own top. */
  bar: number
  /** Where what was lost is written. */
  aside: number
}

interface Layout {
  rows: Laid[]
  /** Offsets from the side where reading starts. */
  count: number
  track: { start: number; end: number }
  lost: number
  height: number
}

/** Stage by stage: solid is who reached it, hatched who was lost since the one before, dashed the window before. */
export function funnel(drawing: Drawing<FunnelSpec>): Painter {
  const { spec, isRtl } = drawing
  const context = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
  let last: { width: number; look: Drawing['look']; layout: Layout } | undefined
  const at = (width: number): Layout => {
    if (last?.width !== width || last.look !== drawing.look) last = { width, look: drawing.look, layout: layoutOf(context, width, drawing) }
    return last.layout
  }
  const barMiddle = (row: Laid | undefined) => (row ? row.top + row.bar + (funnelRow.bar * drawing.look.rem) / 2 : 0)
  return {
    type: 'bar',
    options: {
      ...plain,
      indexAxis: 'y',
      layout: {
        padding: ({ chart }) => {
          const { track } = at(chart.width)
          const [start, end] = [track.start, chart.width - track.end]
          return { left: isRtl ? end : start, right: isRtl ? start : end, top: 0, bottom: 0 }
        },
      },
      scales: {
        x: { type: 'linear', display: false, min: 0, max: spec.most || 1, reverse: isRtl },
        y: rowPixels,
      },
    },
    need: (_, width) => at(width).height,
    datasets: ({ ctx, width }) => barsOf(drawing, ctx, (index) => barMiddle(at(width).rows[index])),
    over: (pen) => {
      for (const [index, row] of spec.rows.entries()) drawRow(pen, row, at(pen.width), index)
    },
    readings: spec.rows.map(({ label, count, share, lost, verdict }) => ({
      strong: `${label}: ${count}`,
      text: listed([share, verdict?.text ?? '', ...lost]),
    })),
    spot: (pen, index) => {
      const { rows, track } = at(pen.width)
      const { top = 0, height = 0 } = rows[index] ?? {}
      return {
        box: { left: 0, top: top + 1, width: pen.width, height: height - 2 },
        at: { x: offset(pen, track.start), y: top + height },
      }
    },
    nearest: (pen, { y }) => {
      const index = at(pen.width).rows.findIndex(({ top, height }) => y >= top && y < top + height)
      return index === -1 ? null : index
    },
    steps: 'rows',
  }
}

function layoutOf(context: CanvasRenderingContext2D, width: number, { spec, look, isRtl }: Drawing<FunnelSpec>): Layout {
  prepared(context, look, isRtl)
  const isTight = isNarrow(width, look)
  const { rem } = look
  context.font = fontText(look, 500, countSize(look.rem))
  const counts = Math.max(...spec.rows.map(({ count }) => context.measureText(count).width))
  const hasLost = spec.rows.some(({ lost }) => lost.length > 0)
  const lostWidth = isTight ? width : hasLost ? Math.min(15 * rem, width * 0.3) : 0
  const labelWidth = isTight ? width - counts - 16 : Math.min(11.5 * rem, width * 0.24)
  const count = isTight ? width : labelWidth + 16 + counts
  const track = isTight ? { start: 0, end: width } : { start: count + 16, end: width - (lostWidth > 0 ? lostWidth + 24 : 0) }
  let top = 0
  const rows = spec.rows.map((row) => {
    context.font = fontText(look, 500, nameSize(rem))
    const label = wrapped(context, row.label, labelWidth)
    context.font = fontText(look)
    const detail = row.detail ? wrapped(context, row.detail, labelWidth) : []
    const share = row.share ? wrapped(context, row.share, track.end - track.start) : []
    context.font = fontText(look, 500, look.small)
    const lost = row.lost.flatMap((text) => wrapped(context, text, lostWidth))
    const lines = { label: label.length, detail: detail.length, share: share.length, lost: lost.length, verdict: row.verdict !== undefined }
    const edge = (funnelRow.air / 2) * rem
    const name = (label.length * funnelRow.head + detail.length * lineHeight.detail) * rem
    const bar = edge + (isTight ? name + 0.4 * rem : 0)
    const middle = (funnelRow.bar + 0.25 + share.length * funnelRow.share + (row.verdict ? funnelRow.verdict : 0)) * rem
    const own: Laid = {
      top,
      height: funnelHeight(lines, isTight) * rem,
      label,
      detail,
      share,
      lost,
      bar,
      aside: isTight ? bar + middle + 0.3 * rem : edge,
    }
    top += own.height
    return own
  })
  return { rows, count, track, lost: isTight ? 0 : width - lostWidth, height: top }
}

const countSize = (rem: number) => 1.0625 * rem
const nameSize = (rem: number) => 0.9375 * rem

function barsOf(
  { spec, look }: Drawing<FunnelSpec>,
  context: CanvasRenderingContext2D,
  middle: (index: number) => number,
): ChartDataset<'bar'>[] {
  const shared = { barThickness: funnelRow.bar * look.rem, grouped: false, borderSkipped: false } as const
  const leaks = spec.rows.flatMap(({ before, reached }, index) => (before === null || before <= reached ? [] : { before, reached, index }))
  return [
    { ...shared, data: spec.rows.map(({ reached }, index) => ({ x: [0, reached], y: middle(index) })) as never, backgroundColor: look.ink },
    {
      ...shared,
      data: leaks.map(({ before, reached, index }) => ({ x: [reached, before], y: middle(index) })) as never,
      backgroundColor: hatch(context, look.rule, look.paper, 1),
      borderColor: look.rule,
      borderWidth: 1,
    },
  ]
}

function drawRow(pen: Pen, row: Row, layout: Layout, index: number): void {
  const { context, look, x } = pen
  const { rem } = look
  const laid = layout.rows[index]
  if (!laid) return
  const { top, bar } = laid
  if (index > 0) {
    const edge = Math.round(top) + 0.5
    stroke(
      context,
      look.hair,
      1,
      [],
      [
        [0, edge],
        [pen.width, edge],
      ],
    )
  }
  let level = top + (funnelRow.air / 2) * rem
  context.font = fontText(look, 500, countSize(rem))
  write(context, row.count, offset(pen, layout.count), level + (pen.isNarrow ? 0.65 : funnelRow.bar / 2) * rem, endSide(pen), look.ink)
  context.font = fontText(look, 500, nameSize(rem))
  level = lines(pen, laid.label, 0, level, funnelRow.head, look.ink)
  context.font = fontText(look)
  lines(pen, laid.detail, 0, level, lineHeight.detail, look.ink3)
  const under = top + bar + funnelRow.bar * rem
  if (row.ago !== null) {
    const at = Math.round(x(row.ago)) + 0.5
    for (const [color, weight, dash] of [
      [look.paper, 3, []],
      [look.ink2, 1, [3, 2]],
    ] as const) {
      stroke(context, color, weight, dash, [
        [at, top + bar - 3],
        [at, under + 3],
      ])
    }
  }
  const below = lines(pen, laid.share, layout.track.start, under + 0.25 * rem, funnelRow.share, look.ink2)
  if (row.verdict) drawVerdict(pen, row.verdict, layout.track.start, below + (funnelRow.verdict / 2 + 0.1) * rem)
  level = top + laid.aside
  for (const [order, text] of laid.lost.entries()) {
    context.font = fontText(look, order === 0 ? 500 : 400, look.small)
    level = lines(pen, [text], layout.lost, level, funnelRow.text, order === 0 ? look.ink : look.ink2)
  }
}

/** @returns the level under the last line */
function lines(pen: Pen, texts: readonly string[], from: number, top: number, height: number, color: string): number {
  let level = top
  for (const text of texts) {
    write(pen.context, text, offset(pen, from), level + (height * pen.look.rem) / 2, startSide(pen), color)
    level += height * pen.look.rem
  }
  return level
}
