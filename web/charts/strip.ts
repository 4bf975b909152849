import type { ChartDataset } from 'chart.js'
import type { StripSpec } from '../../worker/core/chart'
import { type Drawing, type Painter, plain } from './drawing'
import { fontText, frame, hatch, isNarrow, type Pen, prepared, shortened, stroke, write } from './pen'

type Bar = StripSpec['bars'][number]

/** As many bars stay on a phone: the newest. */
const newest = 12

/** One bar a due date from zero, the promise as it held then as a line; time runs from left to right on every page. */
export function strip(drawing: Drawing<StripSpec>): Painter {
  const { spec } = drawing
  const shown = (width: number) => Math.max(0, isNarrow(width, drawing.look) ? spec.bars.length - newest : 0)
  const barAt = (pen: Pen, index: number) => {
    const half = (pen.x(1) - pen.x(0)) / 2
    return { left: pen.x(index) - half + gap / 2, width: 2 * half - gap }
  }
  return {
    type: 'bar',
    options: {
      ...plain,
      layout: {
        padding: ({ chart }) => {
          const { rem } = drawing.look
          return { left: 0, right: labelRoom(drawing, chart.ctx), top: 0.6 * rem, bottom: 2.6 * rem }
        },
      },
      scales: {
        x: {
          type: 'linear',
          display: false,
          offset: false,
          bounds: 'data',
          max: spec.bars.length - 0.5,
          afterDataLimits: (axis) => {
            axis.min = shown(axis.chart.width) - 0.5
            axis.max = spec.bars.length - 0.5
          },
        },
        y: { type: 'linear', display: false, min: 0, max: spec.most || 1 },
      },
    },
    datasets: ({ ctx, width }) => [barsOf(drawing, ctx, shown(width), width - labelRoom(drawing, ctx))],
    under: ({ context, look, area }) => {
      const level = Math.round(area.bottom) + 0.5
      stroke(
        context,
        look.control,
        1,
        [],
        [
          [area.left, level],
          [area.right, level],
        ],
      )
    },
    over: (pen) => {
      const { context, look, area } = pen
      const from = shown(pen.width)
      for (const [index, bar] of spec.bars.entries()) {
        if (index < from) continue
        const { left, width } = barAt(pen, index)
        if (bar.state === 'open' || bar.state === 'unknown')
          frame(context, look.control, { left, top: area.top, width, height: area.bottom - area.top }, [3, 2])
        drawPromise(pen, bar, left, width)
      }
      drawFigures(pen, spec, from, barAt)
      const last = spec.bars.at(-1)
      context.font = fontText(look, 500)
      if (last) write(context, shortened(context, spec.target, 7 * look.rem + 1), area.right + 8, pen.y(last.target), 'left', look.ink)
    },
    readings: spec.bars.map(({ text, name }) => ({ strong: text, text: name })),
    spot: (pen, index) => {
      const { left, width } = barAt(pen, Math.max(index, shown(pen.width)))
      return {
        box: { left: left - 2, top: pen.area.top - 2, width: width + 4, height: pen.area.bottom - pen.area.top + 4 },
        at: { x: left + width / 2, y: pen.area.bottom },
      }
    },
    nearest: (pen, { x }) => {
      const share = (x - pen.area.left) / (pen.area.right - pen.area.left)
      const index = shown(pen.width) + Math.floor(share * (spec.bars.length - shown(pen.width)))
      return spec.bars.length === 0 ? null : Math.min(spec.bars.length - 1, Math.max(shown(pen.width), index))
    },
    first: shown,
    steps: 'time',
  }
}

const gap = 3

/** For the promise, at the end of its line: the same for shares and most counts, as strips stand below each other. */
function labelRoom({ spec, look, isRtl }: Drawing<StripSpec>, context: CanvasRenderingContext2D): number {
  prepared(context, look, isRtl)
  context.font = fontText(look, 500)
  return Math.max(2.25 * look.rem, Math.min(context.measureText(spec.target).width, 7 * look.rem)) + 12
}

function barsOf({ spec, look }: Drawing<StripSpec>, context: CanvasRenderingContext2D, from: number, width: number): ChartDataset<'bar'> {
  const bars = spec.bars.map((bar, index) => ({ ...bar, index })).filter(({ index, value }) => index >= from && value !== null && value > 0)
  const fill = ({ state }: Bar) =>
    state === 'kept' ? look.promoter : state === 'missed' ? hatch(context, look.critic, look.criticTint) : look.hair
  return {
    data: bars.map(({ index, value }) => ({ x: index, y: value ?? 0 })) as never,
    backgroundColor: bars.map(fill),
    borderColor: bars.map(({ state }) => (state === 'missed' ? look.critic : look.control)),
    borderWidth: bars.map(({ state }) => (state === 'missed' ? 1 : 0)),
    borderSkipped: false,
    barThickness: Math.max(2, width / Math.max(1, spec.bars.length - from) - gap),
    grouped: false,
  }
}

/** A line over the bar, with paper around it, so that it is seen on the bar as well. */
function drawPromise({ context, look, y }: Pen, { target }: Bar, left: number, width: number): void {
  const level = y(target)
  for (const [color, weight] of [
    [look.paper, 4],
    [look.ink, 1.5],
  ] as const) {
    stroke(
      context,
      color,
      weight,
      [],
      [
        [left - gap / 2, level],
        [left + width + gap / 2, level],
      ],
    )
  }
}

/** Values under the bars and days under those; what has no room is left out, never the newest and never a miss. */
function drawFigures(
  pen: Pen,
  { bars }: StripSpec,
  from: number,
  barAt: (pen: Pen, index: number) => { left: number; width: number },
): void {
  const { context, look, area } = pen
  const middle = (index: number) => barAt(pen, index).left + barAt(pen, index).width / 2
  const order = bars
    .map((_, index) => index)
    .filter((index) => index >= from)
    .reverse()
  const level = area.bottom + 0.75 * look.rem
  context.font = fontText(look)
  const taken: [number, number][] = []
  const put = (index: number, text: string, weight: number, color: string, row: number, room: [number, number][], space: number) => {
    context.font = fontText(look, weight)
    const half = context.measureText(text).width / 2
    // The newest may reach into the room of the promise's label, never beyond the drawing.
    const at = Math.min(Math.max(middle(index), half), pen.width - half)
    if (room.some(([left, right]) => at + half + space > left && at - half - space < right)) return
    room.push([at - half, at + half])
    write(context, text, at, row, 'center', color)
  }
  const isMiss = (index: number) => bars[index]?.state === 'missed'
  for (const index of [...order.slice(0, 1), ...order.slice(1).filter(isMiss), ...order.slice(1).filter((each) => !isMiss(each))]) {
    const { text = '' } = bars[index] ?? {}
    put(index, text, isMiss(index) ? 600 : 400, isMiss(index) ? look.critic : look.ink2, level, taken, 1)
  }
  const days: [number, number][] = []
  for (const index of order) put(index, bars[index]?.label ?? '', 400, look.ink3, level + 1.15 * look.rem, days, 8)
}
