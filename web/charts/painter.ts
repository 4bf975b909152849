import { BarController, BarElement, Chart, LinearScale, LineController, LineElement, type Plugin, PointElement } from 'chart.js'
import type { ChartSpec } from '../../worker/core/chart'
import type { Chart as Both, Drawing, Painter } from './drawing'
import { dumbbell } from './dumbbell'
import { funnel } from './funnel'
import { line } from './line'
import { mirrored } from './mirrored'
import { frame, penOf, prepared, stroke } from './pen'
import { stack } from './stack'
import { strip } from './strip'
import { waterfall } from './waterfall'

Chart.register(LineController, BarController, LineElement, BarElement, PointElement, LinearScale)

/** Who draws this kind; nobody draws a table that is its own drawing. */
export function painterOf(drawing: Drawing): Painter | undefined {
  const { spec } = drawing
  if (is(drawing, spec, 'line')) return line(drawing)
  if (is(drawing, spec, 'dumbbell')) return dumbbell(drawing)
  if (is(drawing, spec, 'mirrored')) return mirrored(drawing)
  if (is(drawing, spec, 'waterfall')) return waterfall(drawing)
  if (is(drawing, spec, 'stack')) return stack(drawing)
  if (is(drawing, spec, 'strip')) return strip(drawing)
  if (is(drawing, spec, 'funnel')) return funnel(drawing)
  return undefined
}

/** The kind of its description is the kind of a drawing. */
function is<Kind extends ChartSpec['kind']>(
  _drawing: Drawing,
  spec: ChartSpec,
  kind: Kind,
): _drawing is Drawing<Extract<ChartSpec, { kind: Kind }>> {
  return spec.kind === kind
}

/**
 * Draws on a canvas, which follows the size of its parent unless one is given.
 *
 * @param read the reading that is shown, as its index
 */
export function chartOn(
  canvas: HTMLCanvasElement,
  drawing: Drawing,
  painter: Painter,
  read: () => number | null,
  fixed?: { ratio: number; width: number; height: number },
): Both {
  const plugin: Plugin<'line' | 'bar'> = {
    id: 'plumbline',
    beforeUpdate: (chart) => {
      prepared(chart.ctx, drawing.look, drawing.isRtl)
      chart.data.datasets = painter.datasets(chart) as typeof chart.data.datasets
    },
    beforeDatasetsDraw: (chart) => {
      const pen = penOf(chart, drawing.look, drawing.isRtl)
      painter.under?.(pen)
      const index = read()
      const spot = index === null ? undefined : painter.spot(pen, index)
      if (!spot?.hasPlumb) return
      stroke(
        pen.context,
        pen.look.control,
        1,
        [],
        [
          [spot.at.x, pen.area.top],
          [spot.at.x, pen.area.bottom],
        ],
      )
    },
    afterDatasetsDraw: (chart) => {
      const pen = penOf(chart, drawing.look, drawing.isRtl)
      painter.over?.(pen)
      const index = read()
      if (index !== null) frame(pen.context, pen.look.control, painter.spot(pen, index).box)
    },
  }
  return new Chart<'line' | 'bar'>(canvas, {
    type: painter.type,
    data: { datasets: [] },
    options: { ...painter.options, ...(fixed ? { responsive: false, devicePixelRatio: fixed.ratio } : {}) },
    plugins: [plugin],
  })
}
