import type { ChartDataset } from 'chart.js'
import type { LineSpec } from '../../worker/core/chart'
import { type Chart, type Drawing, type Options, type Painter, plain } from './drawing'
import type { Look } from './look'
import { font, fontText, type Pen, prepared, shortened, stroke, wrapped, write } from './pen'

/** Room around the outermost points, in periods. */
const margin = 0.4

/** Without room for what is only said on wide drawings. */
const isTight = (width: number, { rem }: Look) => width < 35 * rem

/** Values over time with intervals, normal ranges, targets and events; time runs from left to right on every page. */
export function line(drawing: Drawing<LineSpec>): Painter {
  const { spec } = drawing
  /** Indexes of the points that have a value. */
  const measured = spec.points.flatMap(({ y }, index) => (y === null ? [] : [index]))
  const pointOf = (reading: number) => spec.points[measured[reading] ?? -1]
  return {
    type: 'line',
    options: optionsOf(drawing),
    datasets: () => [datasetOf(drawing)],
    under: (pen) => {
      drawBand(spec, pen)
      drawPhases(spec, pen)
      drawTarget(spec, pen)
      drawEvents(spec, pen)
    },
    over: (pen) => {
      drawEnds(spec, pen)
      drawNote(spec, pen)
    },
    readings: measured.map((index) => ({ strong: spec.points[index]?.value ?? '', text: spec.points[index]?.name ?? '' })),
    spot: (pen, reading) => {
      const at = pen.x(pointOf(reading)?.x ?? 0)
      const level = pen.y(pointOf(reading)?.y ?? 0)
      return { box: { left: at - 9, top: level - 9, width: 18, height: 18 }, at: { x: at, y: pen.area.top }, hasPlumb: true }
    },
    nearest: (pen, { x }) => {
      const distance = (reading: number) => Math.abs(pen.x(pointOf(reading)?.x ?? 0) - x)
      return measured.map((_, reading) => reading).sort((a, b) => distance(a) - distance(b))[0] ?? null
    },
    steps: 'time',
  }
}

function optionsOf(drawing: Drawing<LineSpec>): Options {
  const { spec } = drawing
  const xs = spec.points.map(({ x }) => x)
  const ys = spec.ticks.map(({ at }) => at)
  const from = spec.span?.from ?? Math.min(...xs)
  const to = spec.span?.to ?? Math.max(...xs)
  return {
    ...plain,
    layout: { padding: ({ chart }) => padding(drawing, chart) },
    scales: {
      x: {
        type: 'linear',
        min: from - margin,
        max: loneOf(spec) ? to + 3 : to + margin,
        border: { display: false },
        grid: { display: false },
        afterBuildTicks: (axis) => {
          axis.ticks = labelled(drawing, axis.chart.width).map((index) => ({ value: xs[index] ?? 0 }))
        },
        ticks: {
          autoSkip: false,
          maxRotation: 0,
          padding: 8,
          color: () => drawing.look.ink3,
          font: () => font(drawing.look),
          callback: (value, index, ticks) => {
            const point = spec.points[xs.indexOf(Number(value))]
            const before = spec.points[xs.indexOf(ticks[index - 1]?.value ?? Number.NaN)]
            return point && point.year !== before?.year ? [point.label, point.year] : (point?.label ?? '')
          },
        },
      },
      y: {
        type: 'linear',
        min: Math.min(...ys),
        max: Math.max(...ys),
        border: { display: false },
        grid: { color: () => drawing.look.grid, drawTicks: false },
        // Two charts that are read together begin and end at the same place, whatever their figures are as long as.
        afterFit: (axis) => {
          if (spec.span) axis.width = Math.max(axis.width, drawing.look.size * ((spec.span.room ?? 0) * 0.62 + 1))
        },
        afterBuildTicks: (axis) => {
          axis.ticks = ys.map((value) => ({ value }))
        },
        ticks: {
          padding: 8,
          color: () => drawing.look.ink3,
          font: () => font(drawing.look),
          callback: (value) => spec.ticks[ys.indexOf(Number(value))]?.text ?? '',
        },
      },
    },
  }
}

/** The only point that has a value: what is said of it stands beside it. */
function loneOf({ span, points }: LineSpec): LineSpec['points'][number] | undefined {
  const [lone, ...others] = points.filter(({ y }) => y !== null)
  return span || others.length > 0 ? undefined : lone
}

function datasetOf({ spec: { points }, look }: Drawing<LineSpec>): ChartDataset<'line'> {
  const last = points.findLastIndex(({ y }) => y !== null)
  return {
    data: points.map(({ x, y }) => ({ x, y })) as { x: number; y: number }[],
    clip: false,
    borderWidth: 2,
    borderColor: look.ink,
    segment: { borderColor: ({ p1DataIndex }) => (points[p1DataIndex]?.afterGap ? 'transparent' : undefined) },
    pointBackgroundColor: points.map(({ hollow }) => (hollow ? look.paper : look.ink)),
    pointBorderColor: points.map(({ hollow }) => (hollow ? look.ink : look.paper)),
    pointBorderWidth: 2,
    pointStyle: points.map(({ signal }) => (signal ? 'rectRot' : 'circle')),
    pointRadius: points.map(({ signal, hollow }, index) => (signal ? 7 : index === last ? 6.5 : hollow ? 4.5 : 4)),
  }
}

/** The interval of every point: an area where neighbours have one, a stem where a point stands alone. */
function drawBand(spec: LineSpec, { context, look, x, y }: Pen): void {
  const known = spec.points.map((point) =>
    point.low === null || point.high === null ? null : { ...point, low: point.low, high: point.high },
  )
  const runs: NonNullable<(typeof known)[number]>[][] = []
  known.forEach((point, index) => {
    if (!point) return
    if (known[index - 1] && !point.afterGap) runs.at(-1)?.push(point)
    else runs.push([point])
  })
  for (const run of runs) {
    const [only] = run
    if (run.length === 1 && only) {
      stroke(
        context,
        look.control,
        2,
        [],
        [
          [x(only.x), y(only.low)],
          [x(only.x), y(only.high)],
        ],
      )
      continue
    }
    context.beginPath()
    for (const { x: at, high } of run) context.lineTo(x(at), y(high))
    for (const { x: at, low } of run.toReversed()) context.lineTo(x(at), y(low))
    context.closePath()
    context.fillStyle = look.band
    context.fill()
  }
}

/** Normal ranges: limits dashed, dotted while provisional, around a thin mean. */
function drawPhases(spec: LineSpec, { context, look, x, y, area }: Pen): void {
  for (const [index, phase] of spec.phases.entries()) {
    const from = index === 0 ? area.left : x(phase.from - margin)
    const to = index === spec.phases.length - 1 ? area.right : x(phase.to + margin)
    for (const [value, dash] of [
      [phase.mean, []],
      [phase.low, phase.provisional ? [1.5, 3] : [4, 3]],
      [phase.high, phase.provisional ? [1.5, 3] : [4, 3]],
    ] as const) {
      stroke(
        context,
        look.limit,
        1,
        [...dash],
        [
          [from, y(value)],
          [to, y(value)],
        ],
      )
    }
  }
}

function drawTarget(spec: LineSpec, { context, look, y, area }: Pen): void {
  if (!spec.target) return
  stroke(
    context,
    look.ink,
    1,
    [],
    [
      [area.left, y(spec.target.y)],
      [area.right, y(spec.target.y)],
    ],
  )
}

/** The plumb line: what happened, with its name on top, where it does not run into the one before. */
function drawEvents(spec: LineSpec, { context, look, x, area, width, line }: Pen): void {
  let free = -Infinity
  for (const event of spec.events) {
    const at = Math.round(x(event.x)) + 0.5
    stroke(
      context,
      look.ink,
      1,
      [],
      [
        [at, area.top - 4],
        [at, area.bottom - 8],
      ],
    )
    bob(context, look.ink, at, area.bottom + 4)
    const most = width * 0.6
    const name = shortened(context, event.name, most)
    const day = shortened(context, event.scope ? `${event.day} · ${event.scope}` : event.day, most)
    const half = Math.max(context.measureText(name).width, context.measureText(day).width) / 2
    const middle = Math.min(Math.max(at, half), width - half)
    if (middle - half < free) continue
    free = middle + half + 8
    write(context, name, middle, area.top - 10 - line, 'center', look.ink)
    write(context, day, middle, area.top - 10, 'center', look.ink3)
  }
}

function bob(context: CanvasRenderingContext2D, color: string, at: number, bottom: number): void {
  context.beginPath()
  for (const [dx, dy] of [
    [0, -14],
    [4, -9],
    [0, 0],
    [-4, -9],
  ] as const) {
    context.lineTo(at + dx, bottom + dy)
  }
  context.closePath()
  context.fillStyle = color
  context.fill()
}

/**
 * Labels at the right edge, level with what they name: the bold one first, then the target, then limits, the nearest first. One that
 * gives way is led to its line; a limit that would have to go further than half a line has none, as it would name another line.
 */
function drawEnds(spec: LineSpec, pen: Pen): void {
  const { context, look, x, y, area, line } = pen
  const lone = loneOf(spec)
  const labels = endsOf(spec).map((end) => ({ ...end, at: y(end.y) }))
  const own = labels.find(({ strong }) => strong)
  const rank = ({ at, strong, isTarget }: (typeof labels)[number]) => (strong ? -2 : isTarget ? -1 : Math.abs(at - (own?.at ?? 0)))
  labels.sort((a, b) => rank(a) - rank(b))
  const taken: number[] = []
  for (const { at, strong, isTarget, text, wide } of labels) {
    const level = nearestFree(at, taken, line)
    const moved = Math.abs(level - at)
    if (!strong && !isTarget && moved > line / 2) continue
    taken.push(level)
    let left = (lone && strong ? x(lone.x) : area.right) + 10
    if (moved > 1) {
      stroke(
        context,
        look.control,
        1,
        [],
        [
          [area.right + 1, at],
          [left - 2, level],
        ],
      )
    }
    if (strong) {
      context.font = fontText(look, 600)
      left += write(context, strong, left, level, 'left', look.ink) + context.measureText(' ').width
      context.font = fontText(look)
    }
    const rest = [text, isTight(pen.width, look) && !lone ? '' : wide].filter(Boolean).join(' ')
    if (rest) write(context, rest, left, level, 'left', strong ? look.ink2 : look.ink3)
  }
}

/** The level nearest to this one that is a line away from all that are taken. */
function nearestFree(level: number, taken: readonly number[], line: number): number {
  const isFree = (candidate: number) => taken.every((other) => Math.abs(other - candidate) >= line - 0.01)
  const candidates = [level, ...taken.flatMap((other) => [other - line, other + line])].filter(isFree)
  return candidates.sort((a, b) => Math.abs(a - level) - Math.abs(b - level))[0] ?? level
}

/** One sentence beside the first signal: under the band, or over it, where it touches nothing that is drawn. */
function drawNote(spec: LineSpec, pen: Pen): void {
  const { context, look, x, y, line, isRtl } = pen
  const { note } = spec
  const { x: at = 0, y: level = null } = (note && spec.points[note.point]) ?? {}
  if (!note || level === null || isTight(pen.width, look)) return
  const strong = `◆ ${note.strong}`
  context.font = fontText(look, 600)
  const strongWidth = context.measureText(strong).width
  context.font = fontText(look)
  const [best] = [170, 130, 260].flatMap((room) => {
    const texts = wrapped(context, note.text, room)
    const box = { width: Math.max(strongWidth, ...texts.map((text) => context.measureText(text).width)), height: (texts.length + 1) * line }
    const spot = freeSpot(spec, pen, box, x(at), y(level))
    return spot ? [{ ...spot, texts, width: box.width }] : []
  })
  if (!best) return
  context.font = fontText(look, 600)
  const [side, edge] = isRtl ? (['right', best.left + best.width] as const) : (['left', best.left] as const)
  write(context, strong, edge, best.top + line / 2, side, look.ink)
  context.font = fontText(look)
  for (const [index, text] of best.texts.entries()) write(context, text, edge, best.top + (index + 1.5) * line, side, look.ink2)
}

/** The place for a box of text that is nearest to a point and clear of band, line, limits and events. */
function freeSpot(
  spec: LineSpec,
  { x, y, area }: Pen,
  box: { width: number; height: number },
  atX: number,
  atY: number,
): { left: number; top: number } | undefined {
  const levels = spec.phases.flatMap(({ low, mean, high }) => [low, mean, high]).map(y)
  const inked = outline(spec, x, y)
  const gap = 4
  const isClear = (left: number, top: number) =>
    levels.every((level) => level < top - gap || level > top + box.height + gap) &&
    spec.events.every((event) => x(event.x) < left - gap || x(event.x) > left + box.width + gap) &&
    inked.every(({ at, high, low }) => at < left - 30 || at > left + box.width + 30 || low < top - gap || high > top + box.height + gap)
  const spots: { left: number; top: number }[] = []
  for (const left of [atX - box.width / 2, atX + 8, atX - box.width - 8]) {
    if (left < area.left || left + box.width > area.right) continue
    for (let top = area.top; top + box.height <= area.bottom - 2; top += 2) if (isClear(left, top)) spots.push({ left, top })
  }
  const distance = ({ left, top }: { left: number; top: number }) =>
    Math.abs(left + box.width / 2 - atX) + Math.abs(top + box.height / 2 - atY)
  return spots.sort((a, b) => distance(a) - distance(b))[0]
}

/** What is inked at each point, in pixels: its interval, or itself. */
function outline({ points }: LineSpec, x: Pen['x'], y: Pen['y']): { at: number; high: number; low: number }[] {
  return points.flatMap(({ x: at, y: value, low, high }) =>
    value === null ? [] : [{ at: x(at), high: y(high ?? value), low: y(low ?? value) }],
  )
}

/** The target is labelled like any other end. */
function endsOf({ ends, target }: LineSpec): (LineSpec['ends'][number] & { isTarget?: true })[] {
  return target ? [...ends, { y: target.y, strong: '', text: target.text, wide: '', isTarget: true }] : ends
}

/** Room for the names of events above and for the labels at the right. */
function padding(
  { spec, look, isRtl }: Drawing<LineSpec>,
  chart: Pick<Chart, 'ctx' | 'width'>,
): { top: number; right: number; left: number; bottom: number } {
  const context = prepared(chart.ctx, look, isRtl)
  context.font = fontText(look, 600)
  const hasWide = !isTight(chart.width, look)
  const widths = endsOf(spec).flatMap(({ strong, text, wide }) =>
    strong && loneOf(spec) ? [] : context.measureText(`${strong}${text} ${hasWide ? wide : ''}`).width,
  )
  const shared = spec.span ? look.size * (hasWide ? gutters.wide : gutters.end) : 8
  return { top: spec.events.length > 0 ? look.size * 2.6 + 10 : look.size, right: Math.max(shared, ...widths) + 14, left: 0, bottom: 0 }
}

/** Beside two charts on one axis of time, in sizes of their type: room for an amount of money, and for one with its month. */
const gutters = { end: 5, wide: 11.5 }

/** Indexes of the points that are labelled on the axis: the last one, and backwards as many as have room, evenly. */
function labelled({ spec, look }: Drawing<LineSpec>, width: number): number[] {
  const longest = Math.max(...spec.points.map(({ label }) => label.length))
  // Figures at both sides take their share, on a phone nearly half; an axis that begins before its points leaves them the rest.
  const [first = 0, end = 0] = [spec.points[0]?.x, spec.points.at(-1)?.x]
  const used = spec.span ? (end - first + 1) / (spec.span.to - spec.span.from + 1) : 1
  const room = (width * (isTight(width, look) ? 0.55 : spec.span ? 0.66 : 0.82) * used) / spec.points.length
  const every = Math.max(1, Math.ceil((Math.min(longest, 6) * look.size * 0.62 + 6) / room))
  const last = spec.points.length - 1
  return spec.points.map((_, index) => index).filter((index) => (last - index) % every === 0)
}
