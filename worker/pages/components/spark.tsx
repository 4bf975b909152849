import { at, type View } from './view'

/**
 * A small line of values in order of time, over a shaded normal range, with the last point marked. A missing value
 * breaks the line. Stretches to its place; strokes and the mark keep their size.
 */
export function Spark(props: {
  view: View
  label: string
  values: readonly (number | null)[]
  range?: { low: number; high: number } | null
  hollow?: boolean
}) {
  const { values, range, view } = props
  const known = [...values.filter((value) => value !== null), ...(range ? [range.low, range.high] : [])].filter(Number.isFinite)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const y = (value: number) => (high === low ? 50 : 90 - ((value - low) / (high - low)) * 80)
  // One step a value, whole numbers: the drawing is stretched to its place anyway, and this is most of its bytes.
  const steps = Math.max(1, values.length - 1)
  const x = (index: number) => (values.length < 2 ? steps : index)
  const last = values.findLastIndex((value) => value !== null)
  const end = values[last]
  return (
    <div class="spark" role="img" aria-label={props.label}>
      <svg viewBox={`0 0 ${steps} 100`} preserveAspectRatio="none" aria-hidden="true">
        {range && Number.isFinite(range.low) ? (
          <path class="range" d={`M0 ${round(y(range.high))}H${steps}V${round(y(range.low))}H0Z`} />
        ) : null}
        <path class="line" d={linePath(values.map((value, index) => (value === null ? null : [x(index), y(value)])))} />
      </svg>
      {end == null ? null : (
        <span
          class={`end${props.hollow ? ' hollow' : ''} ${at(view.sheet, (x(last) / steps) * 100)} ${view.sheet.rule(`inset-block-start:${round(y(end))}%`)}`}
        />
      )}
    </div>
  )
}

/** Lines through neighbours; where one is missing, the line starts anew. */
function linePath(points: readonly (readonly [number, number] | null)[]): string {
  return points.map((point, index) => (point ? `${points[index - 1] ? 'L' : 'M'}${round(point[0])} ${round(point[1])}` : '')).join('')
}

const round = (value: number) => Math.round(value)
