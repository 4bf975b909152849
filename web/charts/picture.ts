import { textOf } from './cells'
import type { Drawing } from './drawing'
import type { Kit } from './files'
import { heat } from './heat'
import type { Look } from './look'

const margin = 24
const scale = 2

/** Saves a chart as a picture: in the light look, whatever the screen's, with title, measure, notes and where it is from. */
export async function savePicture(kit: Kit, figure: HTMLElement, { spec, isRtl }: Drawing): Promise<void> {
  const { lookOf, prepared, fontText, write, handOver } = kit
  const look = lookOf(figure, 'picture')
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d')
  if (!context) return
  const width = Math.min(960, Math.max(560, Math.round(figure.clientWidth)))
  const drawn = spec.kind === 'heat' ? table(kit, context, figure, look, isRtl, width) : chart(kit, { spec, look, isRtl }, width)
  if (!drawn) return
  prepared(context, look, isRtl)
  const above = [
    ...texts(kit, context, look, figure, '.title :is(h2, h3)', { size: 17, weight: 600, ink: 'ink', width }),
    ...texts(kit, context, look, figure, '.title .what', { size: 13, weight: 400, ink: 'ink3', width }),
  ]
  const below = [
    ...texts(kit, context, look, figure, ':scope > .note', { size: 12, weight: 400, ink: 'ink3', width }),
    ...lines(kit, context, look, source(), { size: 12, weight: 400, ink: 'ink3', width }),
  ]
  const height = (parts: readonly Line[]) => parts.reduce((sum, { size }) => sum + size * 1.5, 0)
  canvas.width = (width + 2 * margin) * scale
  canvas.height = Math.ceil(3 * margin + height(above) + drawn.height + 16 + height(below)) * scale
  context.scale(scale, scale)
  context.fillStyle = look.paper
  context.fillRect(0, 0, canvas.width, canvas.height)
  prepared(context, look, isRtl)
  const start = isRtl ? margin + width : margin
  let top = margin
  const print = (parts: readonly Line[]) => {
    for (const { text, size, weight, ink } of parts) {
      context.font = fontText(look, weight, size)
      write(context, text, start, top + size * 0.75, isRtl ? 'right' : 'left', look[ink])
      top += size * 1.5
    }
  }
  print(above)
  top += margin * 0.75
  drawn.draw(context, top)
  top += drawn.height + 16
  print(below)
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'))
  if (blob) handOver(blob, `${figure.id}.png`)
}

interface Drawn {
  height: number
  draw: (context: CanvasRenderingContext2D, top: number) => void
}

function chart({ painterOf, plotHeight, isNarrow, chartOn }: Kit, drawing: Drawing, width: number): Drawn | undefined {
  const painter = painterOf(drawing)
  const own = document.createElement('canvas')
  const measure = own.getContext('2d')
  if (!painter || !measure) return undefined
  const planned = plotHeight(drawing.spec)[isNarrow(width, drawing.look) ? 'narrow' : 'wide'] * drawing.look.rem
  const height = Math.ceil(Math.max(planned, painter.need?.(measure, width) ?? 0))
  own.width = width
  own.height = height
  const made = chartOn(own, drawing, painter, () => null, { ratio: scale, width, height })
  return {
    height,
    draw: (context, top) => {
      context.drawImage(own, margin, top, width, height)
      made.destroy()
    },
  }
}

function table(
  kit: Kit,
  context: CanvasRenderingContext2D,
  figure: HTMLElement,
  look: Look,
  isRtl: boolean,
  width: number,
): Drawn | undefined {
  const found = figure.querySelector('table')
  if (!found) return undefined
  const { height, draw } = heat(kit, kit.prepared(context, look, isRtl), found, look, isRtl, width)
  return { height, draw: (_, top) => draw(margin, top) }
}

interface Line {
  text: string
  size: number
  weight: number
  ink: 'ink' | 'ink3'
}

function texts(
  kit: Kit,
  context: CanvasRenderingContext2D,
  look: Look,
  figure: HTMLElement,
  selector: string,
  style: Omit<Line, 'text'> & { width: number },
) {
  return [...figure.querySelectorAll(selector)].flatMap((element) => lines(kit, context, look, textOf(element), style))
}

function lines(
  { fontText, wrapped }: Kit,
  context: CanvasRenderingContext2D,
  look: Look,
  text: string,
  { width, ...style }: Omit<Line, 'text'> & { width: number },
): Line[] {
  context.font = fontText(look, style.weight, style.size)
  return text === '' ? [] : wrapped(context, text, width).map((part) => ({ text: part, ...style }))
}

/** Whose figures these are, of when, and whether they are real, as the page says it. */
function source(): string {
  const found = document.querySelectorAll('.pagehead .side, .top .sample, .top .brand')
  return [...new Set([...found].map((element) => textOf(element, ' · ')).filter(Boolean))].join(' · ')
}
