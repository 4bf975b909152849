import type { Chart as AnyChart, ChartDataset, ChartOptions } from 'chart.js'
import type { ChartSpec } from '../../worker/core/chart'
import type { Look } from './look'
import type { Box, Pen } from './pen'

/** What a kind of drawing is made from; its look changes with the screen's scheme, and for paper. */
export interface Drawing<Spec extends ChartSpec = ChartSpec> {
  spec: Spec
  look: Look
  isRtl: boolean
}

/** What is said of one mark, row or bar. */
export interface Reading {
  strong: string
  text: string
}

/** Where that is: what is framed, and beside which point the reading is shown. */
export interface Spot {
  box: Box
  at: { x: number; y: number }
  /** A line across the whole height leads to it. */
  hasPlumb?: boolean
}

/** Lines and bars are all that is taken of the library. */
export type Chart = AnyChart<'line' | 'bar'>
export type Options = ChartOptions<'line' | 'bar'>
export type Dataset = ChartDataset<'line'> | ChartDataset<'bar'>

/** How one kind is drawn: Chart.js brings scales, lines and bars; what it has no word for is drawn before and after them. */
export interface Painter {
  type: 'line' | 'bar'
  options: Options
  /** Height that it needs at this width, in pixels, where that depends on how its texts wrap. */
  need?: (context: CanvasRenderingContext2D, width: number) => number
  /** Called before every layout. */
  datasets: (chart: Chart) => Dataset[]
  under?: (pen: Pen) => void
  over?: (pen: Pen) => void
  readings: readonly Reading[]
  spot: (pen: Pen, index: number) => Spot
  /** The reading nearest to a point of the drawing. */
  nearest: (pen: Pen, at: { x: number; y: number }) => number | null
  /** The first reading that is drawn at this width, where older ones are left out. */
  first?: (width: number) => number
  /** Rows are stepped through downwards, whatever the direction of the page is; time runs from left to right. */
  steps: 'rows' | 'time'
}

/** What no drawing has: legends, tooltips of the library's own, motion. */
export const plain = { animation: false, maintainAspectRatio: false, events: [] } as const satisfies Options

/** The axis of rows, in pixels: each row has the height that its texts need. */
export const rowPixels = {
  type: 'linear',
  display: false,
  offset: false,
  bounds: 'data',
  reverse: true,
  afterDataLimits: (axis) => {
    axis.min = 0
    axis.max = axis.chart.height
  },
} as const satisfies NonNullable<Options['scales']>[string]
