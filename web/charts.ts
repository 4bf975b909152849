/**
 * Draws every `<figure data-chart>` over its table: a line of points with intervals, normal ranges, events and direct
 * labels. Chart.js brings scales, layout and the line; what it has no word for is drawn by the one plugin below.
 */
import { Chart, type ChartDataset, LinearScale, LineController, LineElement, type Plugin, PointElement } from 'chart.js'
import type { LineSpec as ChartSpec } from '../worker/core/chart'

Chart.register(LineController, LineElement, LinearScale, PointElement)

/** The tokens of the style sheet as they are now: light, dark or paper. */
interface Look {
  ink: string
  ink2: string
  ink3: string
  paper: string
  band: string
  grid: string
  limit: string
  control: string
  family: string
  /** Small text, in pixels. */
  size: number
}

type LineChart = Chart<'line', { x: number; y: number | null }[]>

/** One chart with everything that its drawing needs. */
interface Drawing {
  figure: HTMLElement
  plot: HTMLElement
  spec: ChartSpec
  look: Look
  chart?: LineChart
  /** Index of the point that is read out. */
  read: number | null
}

/** Room around the outermost points, in months. */
const margin = 0.4
const narrow = 560

const drawings = [...document.querySelectorAll<HTMLElement>('figure[data-chart]')].flatMap((figure) => draw(figure) ?? [])

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawings.forEach(refresh))
addEventListener('beforeprint', () => drawings.forEach(toPaper))
addEventListener('afterprint', () => drawings.forEach(toScreen))
void document.fonts.ready.then(() => drawings.forEach(refresh))

function draw(figure: HTMLElement): Drawing | undefined {
  const plot = figure.querySelector<HTMLElement>('.plot')
  const canvas = plot?.querySelector('canvas')
  if (!plot || !canvas) return undefined
  const drawing: Drawing = { figure, plot, spec: JSON.parse(figure.dataset.chart ?? ''), look: lookOf(figure), read: null }
  drawing.chart = chartOf(drawing, canvas)
  listen(drawing)
  return drawing
}

function chartOf(drawing: Drawing, canvas: HTMLCanvasElement): LineChart {
  const { spec } = drawing
  const xs = spec.points.map(({ x }) => x)
  const ys = spec.ticks.map(({ at }) => at)
  const [first, last] = [Math.min(...xs), Math.max(...xs)]
  const isOne = spec.points.filter(({ y }) => y !== null).length === 1
  return new Chart(canvas, {
    type: 'line',
    data: { datasets: [datasetOf(drawing)] },
    plugins: [plumbLine(drawing)],
    options: {
      animation: false,
      maintainAspectRatio: false,
      events: [],
      layout: { padding: () => padding(drawing) },
      scales: {
        x: {
          type: 'linear',
          min: first - margin,
          max: isOne ? last + 3 : last + margin,
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
            font: () => font(drawing),
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
          afterBuildTicks: (axis) => {
            axis.ticks = ys.map((value) => ({ value }))
          },
          ticks: {
            padding: 8,
            color: () => drawing.look.ink3,
            font: () => font(drawing),
            callback: (value) => spec.ticks[ys.indexOf(Number(value))]?.text ?? '',
          },
        },
      },
    },
  })
}

function datasetOf(drawing: Drawing): ChartDataset<'line', { x: number; y: number | null }[]> {
  const { points } = drawing.spec
  const last = points.findLastIndex(({ y }) => y !== null)
  return {
    data: points.map(({ x, y }) => ({ x, y })),
    clip: false,
    borderWidth: 2,
    borderColor: () => drawing.look.ink,
    segment: { borderColor: ({ p1DataIndex }) => (points[p1DataIndex]?.afterGap ? 'transparent' : undefined) },
    pointBackgroundColor: () => drawing.look.ink,
    pointBorderColor: () => drawing.look.paper,
    pointBorderWidth: 2,
    pointStyle: points.map(({ signal }) => (signal ? 'rectRot' : 'circle')),
    pointRadius: points.map(({ signal }, index) => (signal ? 7 : index === last ? 6.5 : 4)),
  }
}

// ── The plugin: behind the line, then over it ───────────────────────────────────────────────────────────────────────

function plumbLine(drawing: Drawing): Plugin<'line'> {
  return {
    id: 'plumb-line',
    beforeDatasetsDraw: (chart) => {
      const pen = penOf(drawing, chart)
      drawBand(pen)
      drawPhases(pen)
      drawTarget(pen)
      drawEvents(pen)
      drawCursor(pen)
    },
    afterDatasetsDraw: (chart) => {
      const pen = penOf(drawing, chart)
      drawEnds(pen)
      drawNote(pen)
    },
  }
}

interface Pen extends Drawing {
  context: CanvasRenderingContext2D
  x: (value: number) => number
  y: (value: number) => number
  area: { left: number; right: number; top: number; bottom: number }
  width: number
  line: number
}

function penOf(drawing: Drawing, chart: Chart): Pen {
  const { x, y } = chart.scales
  const context = chart.ctx
  context.font = fontText(drawing)
  context.textBaseline = 'middle'
  return {
    ...drawing,
    context,
    area: chart.chartArea,
    width: chart.width,
    line: drawing.look.size * 1.3,
    x: (value) => x?.getPixelForValue(value) ?? 0,
    y: (value) => y?.getPixelForValue(value) ?? 0,
  }
}

/** The interval of every point: an area where neighbours have one, a stem where a point stands alone. */
function drawBand({ context, spec, look, x, y }: Pen): void {
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
function drawPhases({ context, spec, look, x, y, area }: Pen): void {
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

function drawTarget({ context, spec, look, y, area }: Pen): void {
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
function drawEvents({ context, spec, look, x, area, width, line }: Pen): void {
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
    const half = Math.max(context.measureText(event.name).width, context.measureText(event.day).width) / 2
    const middle = Math.min(Math.max(at, half), width - half)
    if (middle - half < free) continue
    free = middle + half + 8
    write(context, event.name, middle, area.top - 10 - line, 'center', look.ink)
    write(context, event.day, middle, area.top - 10, 'center', look.ink3)
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

function drawCursor({ context, spec, look, x, area, read }: Pen): void {
  const point = read === null ? undefined : spec.points[read]
  if (!point) return
  stroke(
    context,
    look.control,
    1,
    [],
    [
      [x(point.x), area.top],
      [x(point.x), area.bottom],
    ],
  )
}

/** Labels at the right edge, level with what they name; where they would overlap, the bold one keeps its place. */
function drawEnds(pen: Pen): void {
  const { context, look, y, area, width, line } = pen
  const labels = endsOf(pen).map((end) => ({ ...end, at: y(end.y) }))
  labels.sort((a, b) => Number(Boolean(b.strong)) - Number(Boolean(a.strong)))
  const taken: number[] = []
  for (const { at, strong, text, wide } of labels) {
    const level = nearestFree(at, taken, line)
    taken.push(level)
    let left = area.right + 10
    if (strong) {
      context.font = fontText(pen, 600)
      left += write(context, strong, left, level, 'left', look.ink) + context.measureText(' ').width
      context.font = fontText(pen)
    }
    const rest = [text, width < narrow ? '' : wide].filter(Boolean).join(' ')
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
function drawNote(pen: Pen): void {
  const { context, spec, look, x, y, width, line } = pen
  const { note } = spec
  const { x: at = 0, y: level = null } = (note && spec.points[note.point]) ?? {}
  if (!note || level === null || width < narrow) return
  const strong = `◆ ${note.strong}`
  context.font = fontText(pen, 600)
  const strongWidth = context.measureText(strong).width
  context.font = fontText(pen)
  const [best] = [170, 260].flatMap((room) => {
    const texts = wrapped(context, note.text, room)
    const box = { width: Math.max(strongWidth, ...texts.map((text) => context.measureText(text).width)), height: (texts.length + 1) * line }
    const spot = freeSpot(pen, box, x(at), y(level))
    return spot ? [{ ...spot, texts, width: box.width }] : []
  })
  if (!best) return
  context.font = fontText(pen, 600)
  const [side, edge] = document.dir === 'rtl' ? (['right', best.left + best.width] as const) : (['left', best.left] as const)
  write(context, strong, edge, best.top + line / 2, side, look.ink)
  context.font = fontText(pen)
  for (const [index, text] of best.texts.entries()) write(context, text, edge, best.top + (index + 1.5) * line, side, look.ink2)
}

/** The place for a box of text that is nearest to a point and clear of band, line, limits and events. */
function freeSpot(
  { spec, x, y, area }: Pen,
  box: { width: number; height: number },
  atX: number,
  atY: number,
): { left: number; top: number } | undefined {
  const levels = spec.phases.flatMap(({ low, mean, high }) => [low, mean, high]).map(y)
  const gap = 6
  const isClear = (left: number, top: number) =>
    levels.every((level) => level < top - gap || level > top + box.height + gap) &&
    spec.events.every((event) => x(event.x) < left - gap || x(event.x) > left + box.width + gap) &&
    outline(spec, x, y).every(
      ({ at, high, low }) => at < left - 30 || at > left + box.width + 30 || low < top - gap || high > top + box.height + gap,
    )
  const spots: { left: number; top: number }[] = []
  for (const left of [atX - box.width / 2, atX + 8, atX - box.width - 8]) {
    if (left < area.left || left + box.width > area.right) continue
    for (let top = area.top; top + box.height <= area.bottom - 6; top += 4) if (isClear(left, top)) spots.push({ left, top })
  }
  const distance = ({ left, top }: { left: number; top: number }) =>
    Math.abs(left + box.width / 2 - atX) + Math.abs(top + box.height / 2 - atY)
  return spots.sort((a, b) => distance(a) - distance(b))[0]
}

/** What is inked at each point, in pixels: its interval, or itself. */
function outline({ points }: ChartSpec, x: Pen['x'], y: Pen['y']): { at: number; high: number; low: number }[] {
  return points.flatMap(({ x: at, y: value, low, high }) =>
    value === null ? [] : [{ at: x(at), high: y(high ?? value), low: y(low ?? value) }],
  )
}

// ── Reading a point ─────────────────────────────────────────────────────────────────────────────────────────────────

/** By pointer, and by arrow keys; the keys' reading is spoken, too. */
function listen(drawing: Drawing): void {
  const { plot } = drawing
  plot.addEventListener('pointermove', (event) => show(drawing, nearest(drawing, event), false))
  plot.addEventListener('pointerleave', () => show(drawing, null, false))
  plot.addEventListener('focus', () => plot.matches(':focus-visible') && show(drawing, step(drawing, Infinity), true))
  plot.addEventListener('blur', () => show(drawing, null, false))
  plot.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key]
    if (event.key === 'Escape') show(drawing, null, false)
    if (move === undefined) return
    event.preventDefault()
    show(drawing, step(drawing, move), true)
  })
}

function nearest({ spec, chart, plot }: Drawing, event: PointerEvent): number | null {
  const at = event.clientX - plot.getBoundingClientRect().left
  const distance = (index: number) => Math.abs((chart?.scales.x?.getPixelForValue(spec.points[index]?.x ?? 0) ?? 0) - at)
  return measured(spec).sort((a, b) => distance(a) - distance(b))[0] ?? null
}

/** Indexes of the points that have a value. */
function measured({ points }: ChartSpec): number[] {
  return points.flatMap(({ y }, index) => (y === null ? [] : [index]))
}

function step({ spec, read }: Drawing, move: number): number | null {
  const indexes = measured(spec)
  const from = read === null ? indexes.length : indexes.indexOf(read)
  return indexes[Math.min(indexes.length - 1, Math.max(0, from + move))] ?? null
}

function show(drawing: Drawing, index: number | null, isSpoken: boolean): void {
  if (index === drawing.read && !isSpoken) return
  drawing.read = index
  const { chart, plot, spec } = drawing
  const tip = plot.querySelector<HTMLElement>('.tip')
  const status = plot.querySelector<HTMLElement>('[role="status"]')
  const point = index === null ? undefined : spec.points[index]
  if (tip) {
    tip.hidden = !point
    if (point && chart) {
      const [strong, name] = [document.createElement('b'), document.createElement('span')]
      strong.textContent = point.value
      name.textContent = point.name
      name.dir = 'auto'
      tip.replaceChildren(strong, name)
      const at = chart.scales.x?.getPixelForValue(point.x) ?? 0
      const room = chart.width - tip.offsetWidth
      tip.style.insetInlineStart = `${Math.min(Math.max(0, at + 10 > room ? at - tip.offsetWidth - 10 : at + 10), room)}px`
    }
  }
  if (status && isSpoken) status.textContent = point ? `${point.value}, ${point.name}` : ''
  chart?.draw()
}

// ── Light, dark and paper ───────────────────────────────────────────────────────────────────────────────────────────

function refresh(drawing: Drawing): void {
  drawing.look = lookOf(drawing.figure)
  drawing.chart?.update('none')
}

/** Paper has its own colours, whatever the screen's scheme is, and its own width: the style sheet stretches the image. */
function toPaper(drawing: Drawing): void {
  const { chart, figure } = drawing
  if (!chart) return
  figure.dataset.paper = ''
  chart.options.devicePixelRatio = 3
  chart.options.responsive = false
  drawing.look = lookOf(figure)
  chart.resize(760, 330)
  chart.update('none')
  chart.canvas.removeAttribute('style')
}

function toScreen(drawing: Drawing): void {
  const { chart, figure } = drawing
  if (!chart) return
  delete figure.dataset.paper
  chart.options.devicePixelRatio = window.devicePixelRatio
  chart.options.responsive = true
  chart.resize()
  refresh(drawing)
}

function lookOf(figure: HTMLElement): Look {
  const style = getComputedStyle(figure)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    ink: token('--ink'),
    ink2: token('--ink-2'),
    ink3: token('--ink-3'),
    paper: token('--paper'),
    band: token('--band'),
    grid: token('--grid'),
    limit: token('--limit'),
    control: token('--control'),
    family: style.fontFamily,
    size: Number.parseFloat(token('--fs-micro')) * Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
  }
}

// ── Text and lines ──────────────────────────────────────────────────────────────────────────────────────────────────

function font({ look }: Drawing) {
  return { family: look.family, size: look.size, lineHeight: 1.25 }
}

function fontText({ look }: Pick<Drawing, 'look'>, weight = 400): string {
  return `${weight} ${look.size}px ${look.family}`
}

/** The target is labelled like any other end. */
function endsOf({ spec }: Pick<Drawing, 'spec'>): ChartSpec['ends'] {
  return spec.target ? [...spec.ends, { y: spec.target.y, strong: '', text: spec.target.text, wide: '' }] : spec.ends
}

/** Room for the names of events above and for the labels at the right. */
function padding(drawing: Drawing): { top: number; right: number; left: number; bottom: number } {
  const { chart, spec, look } = drawing
  const context = chart?.ctx ?? document.createElement('canvas').getContext('2d')
  if (!context) return { top: 0, right: 0, left: 0, bottom: 0 }
  context.font = fontText(drawing, 600)
  const isWide = drawing.plot.clientWidth >= narrow
  const widths = endsOf(drawing).map(({ strong, text, wide }) => context.measureText(`${strong}${text} ${isWide ? wide : ''}`).width)
  return { top: spec.events.length > 0 ? look.size * 2.6 + 10 : look.size, right: Math.max(8, ...widths) + 14, left: 0, bottom: 0 }
}

/** Indexes of the points that are labelled on the axis: the last one, and backwards as many as have room, evenly. */
function labelled({ spec, look }: Drawing, width: number): number[] {
  const longest = Math.max(...spec.points.map(({ label }) => label.length))
  // Figures at both sides take their share, on a phone nearly half.
  const room = (width * (width < narrow ? 0.55 : 0.82)) / spec.points.length
  const every = Math.max(1, Math.ceil((Math.min(longest, 6) * look.size * 0.62 + 6) / room))
  const last = spec.points.length - 1
  return spec.points.map((_, index) => index).filter((index) => (last - index) % every === 0)
}

/** @returns the width of what was written */
function write(context: CanvasRenderingContext2D, text: string, x: number, y: number, align: CanvasTextAlign, color: string): number {
  context.textAlign = align
  context.fillStyle = color
  context.fillText(text, x, y)
  return context.measureText(text).width
}

function wrapped(context: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && context.measureText(`${line} ${word}`).width <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

function stroke(
  context: CanvasRenderingContext2D,
  color: string,
  width: number,
  dash: number[],
  points: readonly (readonly [number, number])[],
): void {
  context.save()
  context.beginPath()
  for (const [x, y] of points) context.lineTo(x, y)
  context.strokeStyle = color
  context.lineWidth = width
  context.setLineDash(dash)
  context.stroke()
  context.restore()
}
