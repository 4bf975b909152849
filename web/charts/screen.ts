/** The charts of a page: each `<figure data-chart>` is drawn over its table, on the screen and on paper, and can be read and saved. */
import { plotHeight } from '../../worker/core/chart-height'
import type { Chart, Drawing, Painter } from './drawing'
import { offerFiles } from './files'
import { lookOf } from './look'
import { chartOn, painterOf } from './painter'
import { isNarrow } from './pen'
import { listen } from './readout'

export interface Shown extends Drawing {
  figure: HTMLElement
  plot: HTMLElement
  painter: Painter
  chart: Chart
  /** Index of what is read out. */
  read: number | null
}

export function start(): void {
  const isRtl = document.documentElement.dir === 'rtl'
  const shown = [...document.querySelectorAll<HTMLElement>('figure[data-chart]')].flatMap((figure) => {
    const drawing: Drawing = { spec: JSON.parse(figure.dataset.chart ?? ''), look: lookOf(figure), isRtl }
    offerFiles(figure, drawing)
    return draw(figure, drawing) ?? []
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => shown.forEach(refresh))
  addEventListener('beforeprint', () => shown.forEach(toPaper))
  addEventListener('afterprint', () => shown.forEach(toScreen))
  void document.fonts.ready.then(() => shown.forEach(refresh))
}

function draw(figure: HTMLElement, drawing: Drawing): Shown | undefined {
  const plot = figure.querySelector<HTMLElement>('.plot')
  const canvas = plot?.querySelector('canvas')
  const painter = painterOf(drawing)
  if (!plot || !canvas || !painter) return undefined
  const shown = Object.assign(drawing, { figure, plot, painter, read: null }) as Drawing as Shown
  makeRoom(shown)
  shown.chart = chartOn(canvas, shown, painter, () => shown.read)
  new ResizeObserver(() => makeRoom(shown)).observe(figure)
  plot.dataset.drawn = ''
  listen(shown)
  return shown
}

/** Where texts wrap more often than was foreseen, the plot grows by that. */
function makeRoom({ plot, painter, chart }: Shown): void {
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
  shown.look = lookOf(figure, 'paper')
  const width = paperWidth(figure)
  const height = plotHeight(spec)[isNarrow(width, shown.look) ? 'narrow' : 'wide'] * shown.look.rem
  chart.options.devicePixelRatio = 3
  chart.options.responsive = false
  shown.plot.style.blockSize = ''
  chart.resize(width, Math.max(spec.kind === 'line' ? 330 : height, painter.need?.(chart.ctx, width) ?? 0))
  chart.update('none')
  chart.canvas.removeAttribute('style')
}

/** Of a page across, in the pixels that text of the usual size is drawn with; figures take their columns of twelve. */
function paperWidth(figure: HTMLElement): number {
  let width = 1140
  for (let element: HTMLElement | null = figure; element; element = element.parentElement) {
    const columns = /(?:^|\s)c(\d+)(?:\s|$)/.exec(element.className)?.[1]
    if (columns) width *= Number(columns) / 12
  }
  return Math.round(width)
}

function toScreen(shown: Shown): void {
  const { chart } = shown
  chart.options.devicePixelRatio = window.devicePixelRatio
  chart.options.responsive = true
  chart.resize()
  refresh(shown)
}
