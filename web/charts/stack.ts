import type { ChartDataset } from 'chart.js'
import type { StackSpec } from '../../worker/core/chart'
import { stackRow } from '../../worker/core/chart-height'
import { type Drawing, type Painter, plain, rowPixels, type Spot } from './drawing'
import type { Look } from './look'
import { fontText, hatch, type Pen, prepared, write } from './pen'
import { offset, startSide } from './rows'

type Part = StackSpec['rows'][number]['parts'][number]

const inks = { promoter: 'promoter', passive: 'passiveInk', critic: 'critic' } as const

/** Promoters, passives and critics of each row in one bar; the first one has their names. */
export function stack(drawing: Drawing<StackSpec>): Painter {
  const { spec, isRtl } = drawing
  const parts = spec.rows.flatMap((row, index) => {
    const total = row.parts.reduce((sum, { value }) => sum + value, 0) || 1
    let from = 0
    return row.parts.map((part) => {
      const own = { part, row, index, from: from / total, to: (from + part.value) / total }
      from += part.value
      return own
    })
  })
  const flow = (context: CanvasRenderingContext2D, width: number, index: number) => flowed(context, width, drawing, index, parts)
  const tops = (context: CanvasRenderingContext2D, width: number) => {
    let top = 0
    return spec.rows.map((_, index) => {
      const own = top
      top += heightOf(drawing.look, flow(context, width, index).lines)
      return { top: own, bottom: top }
    })
  }
  const bar = (pen: Pen, index: number) => (tops(pen.context, pen.width)[index]?.top ?? 0) + sizes.name * pen.look.rem
  return {
    type: 'bar',
    options: {
      ...plain,
      indexAxis: 'y',
      scales: {
        x: { type: 'linear', display: false, min: 0, max: 1, reverse: isRtl },
        y: rowPixels,
      },
    },
    need: (context, width) => tops(context, width).at(-1)?.bottom ?? 0,
    datasets: ({ ctx, width }) => {
      const rows = tops(ctx, width)
      const middle = (index: number) => (rows[index]?.top ?? 0) + (sizes.name + sizes.bar / 2) * drawing.look.rem
      return [barsOf(drawing, ctx, parts, middle)]
    },
    over: (pen) => {
      for (const [index, row] of spec.rows.entries()) {
        const top = bar(pen, index)
        drawName(pen, row, top - (sizes.name * pen.look.rem) / 2)
        const { placed } = flow(pen.context, pen.width, index)
        for (const { text, ink, weight, at, line } of placed) {
          pen.context.font = fontText(pen.look, weight)
          const level = top + (sizes.bar + 0.15 + (line + 0.5) * sizes.text) * pen.look.rem
          write(pen.context, text, offset(pen, at), level, startSide(pen), pen.look[ink])
        }
      }
    },
    readings: parts.map(({ part, row }) => ({ strong: `${part.text} ${part.name}`, text: row.label })),
    spot: (pen, reading): Spot => {
      const own = parts[reading]
      const [left, right] = [pen.x(own?.from ?? 0), pen.x(own?.to ?? 0)].sort((a, b) => a - b) as [number, number]
      const top = bar(pen, own?.index ?? 0)
      const height = sizes.bar * pen.look.rem
      return { box: { left: left - 2, top: top - 2, width: right - left + 4, height: height + 4 }, at: { x: left, y: top + height } }
    },
    nearest: (pen, { x, y }) => {
      const rows = tops(pen.context, pen.width)
      const row = rows.findIndex(({ top, bottom }) => y >= top && y < bottom)
      const found = parts.findIndex(({ index, from, to }) => {
        const ends = [pen.x(from), pen.x(to)]
        return index === row && x >= Math.min(...ends) && x <= Math.max(...ends)
      })
      return found === -1 ? null : found
    },
    steps: 'rows',
  }
}

/** In rem: the row's name, its bar, a line of text under it. */
const sizes = { name: 1.4, bar: 1.375, text: 1.05 } as const

const heightOf = ({ rem }: Look, lines: number) => Math.max(stackRow, sizes.name + sizes.bar + 0.15 + lines * sizes.text + 0.5) * rem

interface Placed {
  text: string
  ink: (typeof inks)[Part['look']] | 'ink'
  weight: number
  at: number
  line: number
}

/** Texts under a bar, each where its part begins, or on lines of their own where they would touch. */
function flowed(
  context: CanvasRenderingContext2D,
  width: number,
  { look, isRtl }: Drawing<StackSpec>,
  index: number,
  all: readonly { part: Part; index: number; from: number; to: number }[],
): { placed: Placed[]; lines: number } {
  prepared(context, look, isRtl)
  const texts = all
    .filter((one) => one.index === index)
    .map(({ part, from, to }) => {
      context.font = fontText(look, 600)
      const figure = context.measureText(part.text).width
      context.font = fontText(look)
      const name = index === 0 ? ` ${part.name}` : ''
      return { part, name, figure, width: figure + context.measureText(name).width, from: from * width, to: to * width }
    })
  const fits = texts.reduce((sum, text) => sum + text.width, 0) + (texts.length - 1) * 8 <= width
  let free = 0
  const starts = texts.map((text, order) => {
    if (!fits) return 0
    const after = texts.slice(order + 1).reduce((sum, next) => sum + next.width + 8, 0)
    // The last one ends with the bar.
    const wanted = order === texts.length - 1 ? width - text.width : text.from
    const at = Math.max(free, Math.min(wanted, width - after - text.width))
    free = at + text.width + 8
    return at
  })
  const placed = texts.flatMap(({ part, name, figure }, order): Placed[] => {
    const [at, line] = [starts[order] ?? 0, fits ? 0 : order]
    const ink = inks[part.look]
    return [
      { text: part.text, ink, weight: 600, at, line },
      { text: name, ink, weight: 400, at: at + figure, line },
    ]
  })
  return { placed, lines: fits ? 1 : texts.length }
}

function drawName(pen: Pen, { label, look: side }: StackSpec['rows'][number], level: number): void {
  const { context, look } = pen
  context.font = fontText(look, 400, look.small)
  if (side) {
    context.beginPath()
    const at = offset(pen, 5)
    if (side === 'sales') context.arc(at, level, 5, 0, Math.PI * 2)
    else
      for (const [dx, dy] of [
        [0, -6],
        [6, 0],
        [0, 6],
        [-6, 0],
      ] as const)
        context.lineTo(at + dx, level + dy)
    context.fillStyle = look[side]
    context.fill()
  }
  write(context, label, offset(pen, side ? 16 : 0), level, startSide(pen), look.ink)
}

function barsOf(
  { look }: Drawing<StackSpec>,
  context: CanvasRenderingContext2D,
  parts: readonly { part: Part; index: number; from: number; to: number }[],
  middle: (index: number) => number,
): ChartDataset<'bar'> {
  const fills = { promoter: look.promoter, passive: look.passive, critic: hatch(context, look.critic, look.criticTint) }
  const edges = { promoter: look.promoter, passive: look.passiveInk, critic: look.critic }
  return {
    data: parts.map(({ from, to, index }) => ({ x: [from, to > 0.999 ? 1 : Math.max(from, to - 0.006)], y: middle(index) })) as never,
    backgroundColor: parts.map(({ part }) => fills[part.look]),
    borderColor: parts.map(({ part }) => edges[part.look]),
    borderWidth: parts.map(({ part }) => (part.look === 'promoter' ? 0 : 1)),
    borderSkipped: false,
    barThickness: sizes.bar * look.rem,
    grouped: false,
  }
}
