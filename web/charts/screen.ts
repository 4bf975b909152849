/** The charts of a page: each `<figure data-chart>` is drawn over its table, on the screen and on paper, and can be read and saved. */
import { plotHeight } from '../../worker/core/chart-height'
import type { Chart, Drawing, Painter } from './drawing'
import { offerFiles } from './files'
import { lookOf } from './look'
import { chartOn, painterOf } from './painter'
import { isNarrow } from './pen'
import { listen } from './readout'

/** A plot as high as its texts need, before there is a chart on it. */
interface Room extends Drawing {
  figure: HTMLElement
  plot: HTMLElement
  painter: Painter
  /** Index of what is read out. */
  read: number | null
  isOnPaper: boolean
}

export interface Shown extends Room {
  chart: Chart
}

export async function start(): Promise<void> {
  const isRtl = document.documentElement.dir === 'rtl'
  const waiting = [...document.querySelectorAll<HTMLElement>('figure[data-chart]')]
  const shown: Shown[] = []
  let begun: (() => void) | undefined
  const begin = (figure: HTMLElement) => {
    const drawing: Drawing = { spec: JSON.parse(figure.dataset.chart ?? ''), look: lookOf(figure), isRtl }
    offerFiles(figure, drawing)
    const room = roomFor(figure, drawing)
    begun = () => {
      begun = undefined
      if (room) shown.push(draw(room))
    }
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => shown.forEach(refresh))
  addEventListener('beforeprint', () => {
    begun?.()
    for (const figure of waiting.splice(0)) {
      begin(figure)
      begun?.()
    }
    shown.forEach(toPaper)
  })
  addEventListener('afterprint', () => shown.forEach(toScreen))
  // One at a time and each in two parts, so that a slow phone can scroll in between.
  while (waiting.length > 0) {
    await aPause()
    const figure = waiting.shift()
    if (figure) begin(figure)
    await aPause()
    begun?.()
  }
}

const aPause = () => new Promise((resolve) => setTimeout(resolve))

/** Undefined where the table is the drawing. */
function roomFor(figure: HTMLElement, drawing: Drawing): Room | undefined {
  const plot = figure.querySelector<HTMLElement>('.plot')
  const painter = painterOf(drawing)
  if (!plot || !painter) return undefined
  const room = Object.assign(drawing, { figure, plot, painter, read: null, isOnPaper: false })
  makeRoom(room)
  return room
}

function draw(room: Room): Shown {
  const { figure, plot, painter } = room
  const canvas = plot.querySelector('canvas') as HTMLCanvasElement
  const shown = Object.assign(room, { chart: chartOn(canvas, room, painter, () => room.read) })
  new ResizeObserver(() => makeRoom(shown)).observe(figure)
  plot.dataset.drawn = ''
  listen(shown)
  return shown
}

/** Where texts wrap more often than was foreseen, the plot grows by that. */
function makeRoom({ plot, painter, chart, isOnPaper }: Room & { chart?: Chart }): void {
  if (isOnPaper) return
  const context = (chart?.ctx ?? document.createElement('canvas').getContext('2d')) as CanvasRenderingContext2D
  const need = Math.ceil(painter.need?.(context, plot.clientWidth) ?? 0)
  plot.style.blockSize = ''
  if (need > plot.clientHeight) plot.style.blockSize = `${need}px`
}

function refresh(shown: Shown): void {
  shown.look = lookOf(shown.figure)
  makeRoom(shown)
  shown.chart.update('none')
}

/** Paper has its own colours, whatever the screen's scheme is, and its own width: the style sheet stretches the image to it. */
function toPaper(shown: Shown): void {
  const { chart, figure, painter, spec } = shown
  shown.isOnPaper = true
  shown.look = lookOf(figure, 'paper')
  const width = paperWidth(figure)
  const height = plotHeight(spec)[isNarrow(width, shown.look) ? 'narrow' : 'wide'] * shown.look.rem
  chart.options.devicePixelRatio = 3
  chart.options.responsive = false
  shown.plot.style.blockSize = ''
  // Chart.js keeps to what the screen's column would allow.
  chart.canvas.style.maxInlineSize = 'none'
  chart.resize(width, Math.max(spec.kind === 'line' ? Math.min(360, width * 0.43) : height, painter.need?.(chart.ctx, width) ?? 0))
  chart.update('none')
  chart.canvas.removeAttribute('style')
  // Where its column is wider than that after all, it does not grow with it.
  chart.canvas.style.maxInlineSize = `${width * page.scale}px`
}

/** Across, in the pixels that a chart is drawn with; and how much smaller those are on paper, A4 across. */
const page = { width: 1280, scale: 1032 / 1280 } as const

/**
 * In the pixels that text of the usual size is drawn with, of which a page has so many across. Paper is laid out as a wide
 * screen is: there, a figure's share is measured; on a phone, it is told by its columns of twelve.
 */
function paperWidth(figure: HTMLElement): number {
  const main = figure.closest('main') ?? document.body
  if (matchMedia('(min-width: 62.01rem)').matches)
    return Math.round((page.width * figure.clientWidth) / (main.clientWidth - 2 * inset(main)))
  let width: number = page.width
  for (let element: HTMLElement | null = figure; element; element = element.parentElement) {
    const columns = /(?:^|\s)c(\d+)(?:\s|$)/.exec(element.className)?.[1]
    if (columns) width *= Number(columns) / 12
  }
  return Math.round(width)
}

const inset = (element: Element) => Number.parseFloat(getComputedStyle(element).paddingInlineStart) || 0

function toScreen(shown: Shown): void {
  const { chart } = shown
  shown.isOnPaper = false
  chart.options.devicePixelRatio = window.devicePixelRatio
  chart.options.responsive = true
  chart.canvas.removeAttribute('style')
  chart.resize()
  refresh(shown)
}
