import { narrowBelow } from '../../worker/core/chart-height'
import type { Chart } from './drawing'
import type { Look } from './look'

/** What everything is drawn with, in CSS pixels. */
export interface Pen {
  context: CanvasRenderingContext2D
  look: Look
  isRtl: boolean
  isNarrow: boolean
  width: number
  height: number
  /** What the scales span. */
  area: { left: number; right: number; top: number; bottom: number }
  x: (value: number) => number
  y: (value: number) => number
  /** Height of a line of small text. */
  line: number
}

export function penOf(chart: Chart, look: Look, isRtl: boolean): Pen {
  const { x, y } = chart.scales
  const context = prepared(chart.ctx, look, isRtl)
  return {
    context,
    look,
    isRtl,
    isNarrow: isNarrow(chart.width, look),
    width: chart.width,
    height: chart.height,
    area: chart.chartArea,
    x: (value) => x?.getPixelForValue(value) ?? 0,
    y: (value) => y?.getPixelForValue(value) ?? 0,
    line: look.size * 1.3,
  }
}

/** A context that writes as the page reads. */
export function prepared(context: CanvasRenderingContext2D, look: Look, isRtl: boolean): CanvasRenderingContext2D {
  context.direction = isRtl ? 'rtl' : 'ltr'
  context.textBaseline = 'middle'
  context.font = fontText(look)
  return context
}

export const isNarrow = (width: number, { rem }: Look): boolean => width < narrowBelow * rem

/** As Chart.js wants it. */
export const font = ({ family, size }: Look) => ({ family, size, lineHeight: 1.25 })

export const fontText = ({ family, size }: Look, weight = 400, pixels = size): string => `${weight} ${pixels}px ${family}`

/** @returns the width of what was written */
export function write(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  align: 'left' | 'right' | 'center',
  color: string,
): number {
  context.textAlign = align
  context.fillStyle = color
  context.fillText(text, x, y)
  return context.measureText(text).width
}

/** Lines of at most this width, broken between words, and inside those that are longer: Thai has no spaces. */
export function wrapped(context: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines: string[] = []
  const fits = (line: string) => context.measureText(line).width <= width
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && fits(`${line} ${word}`)) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(...(fits(word) ? [word] : broken(word, fits)))
  }
  return lines
}

function broken(word: string, fits: (line: string) => boolean): string[] {
  const lines = ['']
  for (const { segment } of new Intl.Segmenter(document.documentElement.lang, { granularity: 'word' }).segment(word)) {
    for (const part of fits(segment) ? [segment] : [...new Intl.Segmenter().segment(segment)].map((letter) => letter.segment)) {
      const line = lines.at(-1) ?? ''
      if (line === '' || fits(line + part)) lines[lines.length - 1] = line + part
      else lines.push(part)
    }
  }
  return lines
}

/** A text that is too long for its room, with an ellipsis. */
export function shortened(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text
  let length = text.length
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length -= 1
  // Half of a pair of code units, or the end of an isolated name, would not be written as what it is.
  return `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…${text.startsWith('\u2068') ? '\u2069' : ''}`
}

export function stroke(
  context: CanvasRenderingContext2D,
  color: string,
  width: number,
  dash: readonly number[],
  points: readonly (readonly [number, number])[],
): void {
  context.save()
  context.beginPath()
  for (const [x, y] of points) context.lineTo(x, y)
  context.strokeStyle = color
  context.lineWidth = width
  context.setLineDash([...dash])
  context.stroke()
  context.restore()
}

export function frame(context: CanvasRenderingContext2D, color: string, box: Box, dash: readonly number[] = []): void {
  context.save()
  context.strokeStyle = color
  context.lineWidth = 1
  context.setLineDash([...dash])
  context.strokeRect(Math.round(box.left) + 0.5, Math.round(box.top) + 0.5, Math.round(box.width) - 1, Math.round(box.height) - 1)
  context.restore()
}

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

const patterns = new Map<string, CanvasPattern | null>()

/** Diagonal lines, sharp on any screen and on paper. */
export function hatch(context: CanvasRenderingContext2D, ink: string, ground: string, weight = 2): CanvasPattern | string {
  const name = `${ink} ${ground} ${weight}`
  if (!patterns.has(name)) patterns.set(name, patternOf(context, ink, ground, weight))
  return patterns.get(name) ?? ink
}

function patternOf(context: CanvasRenderingContext2D, ink: string, ground: string, weight: number): CanvasPattern | null {
  const [size, scale] = [7, 4]
  const tile = document.createElement('canvas')
  tile.width = tile.height = size * scale
  const pen = tile.getContext('2d')
  if (!pen) return null
  pen.scale(scale, scale)
  pen.fillStyle = ground
  pen.fillRect(0, 0, size, size)
  for (const shift of [-size, 0, size]) {
    stroke(
      pen,
      ink,
      weight,
      [],
      [
        [shift - 2, size + 2],
        [shift + size + 2, -2],
      ],
    )
  }
  const pattern = context.createPattern(tile, 'repeat')
  pattern?.setTransform(new DOMMatrix().scale(1 / scale))
  return pattern
}
