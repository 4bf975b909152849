/**
 * XmR: which points of a series are news, judged by how much it moves from one period to the next.
 *
 * Source: Wheeler, Understanding Variation; docs/method.md, "Signal and noise over time". Only Wheeler's three rules:
 * all eight of Nelson's raise a false alarm in one of five stable series.
 */

/** One declared stretch of the series: a change of the process, not of the figures, starts a new one. */
export interface Phase {
  /** Index of its first value. */
  start: number
  /** Points with a value. */
  n: number
  /** `none` under 6 points, `provisional` from 6 to 11, `fixed` from 12: then later points no longer move the limits. */
  state: 'none' | 'provisional' | 'fixed'
  centre: number | null
  low: number | null
  high: number | null
  /** A larger step than this between neighbours is news too. */
  rangeLimit: number | null
}

/** `limit`: outside; `near-limit`: 3 of 4 nearer to one limit than to the centre; `run`: 8 in a row on one side. */
export type Signal = 'limit' | 'near-limit' | 'run'

export interface ChartPoint {
  value: number | null
  phase: number
  low: number | null
  centre: number | null
  high: number | null
  signal: Signal | null
}

export interface ControlChart {
  points: ChartPoint[]
  phases: Phase[]
}

/** A series that never moves has limits at its mean, which sums in another order may miss by the last bit. */
const rounding = 1e-9
const biasOfRange = 2 / Math.sqrt(Math.PI) // d2 of two values
const spreadOfRange = 0.8525024664 // d3 of two values
const limitFactor = 3 / biasOfRange
const rangeFactor = 1 + (3 * spreadOfRange) / biasOfRange

/**
 * Limits per phase and the signal of each point, where it has one. `phases` are the indexes at which a new phase
 * starts (a declared event); missing values are skipped over and break no run. Limits come from the first `freezeAt`
 * points of a phase. With `clamp`, limits are shown inside that range; signals are judged before.
 *
 * @example controlChart([10.5, 11.2, 9.2, 10.1, 10.4, 10.5]).phases[0] // { centre: 10.3167, low: 8.189, high: 12.444, … }
 */
export function controlChart(
  values: readonly (number | null)[],
  phases: readonly number[] = [],
  { clamp, freezeAt = 12 }: { clamp?: readonly [number, number]; freezeAt?: number } = {},
): ControlChart {
  const starts = [...new Set([0, ...phases.filter((start) => start > 0 && start < values.length)])].sort((a, b) => a - b)
  const chart: ControlChart = { points: [], phases: [] }
  for (const [index, start] of starts.entries()) {
    const own = values.slice(start, starts[index + 1])
    const natural = limits(own, start, freezeAt)
    const signals = signalsOf(own, natural)
    const phase = { ...natural, low: inside(natural.low, clamp), high: inside(natural.high, clamp) }
    chart.phases.push(phase)
    chart.points.push(
      ...own.map((value, at) => ({
        value,
        phase: index,
        low: phase.low,
        centre: phase.centre,
        high: phase.high,
        signal: signals[at] ?? null,
      })),
    )
  }
  return chart
}

const inside = (limit: number | null, range: readonly [number, number] | undefined) =>
  limit === null || !range ? limit : Math.min(range[1], Math.max(range[0], limit))

function limits(values: readonly (number | null)[], start: number, freezeAt: number): Phase {
  const present = values.filter((value): value is number => value !== null && Number.isFinite(value))
  const n = present.length
  if (n < 6) return { start, n, state: 'none', centre: null, low: null, high: null, rangeLimit: null }
  const used = present.slice(0, freezeAt)
  const centre = mean(used)
  const range = mean(used.slice(1).map((value, index) => Math.abs(value - (used[index] as number))))
  return {
    start,
    n,
    state: n < 12 ? 'provisional' : 'fixed',
    centre,
    low: centre - limitFactor * range,
    high: centre + limitFactor * range,
    rangeLimit: rangeFactor * range,
  }
}

/** The signal at the point where it shows first; the strongest where several do. */
function signalsOf(values: readonly (number | null)[], { centre, low, high }: Phase): (Signal | null)[] {
  if (centre === null || low === null || high === null) return values.map(() => null)
  const seen: number[] = []
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null
    seen.push(value)
    if (value < low - rounding || value > high + rounding) return 'limit'
    const isNear = (side: number) => (x: number) => side * (x - centre) > (side > 0 ? high - centre : centre - low) / 2
    for (const side of [1, -1]) {
      if (isNear(side)(value) && seen.slice(-4).filter(isNear(side)).length >= 3) return 'near-limit'
    }
    const run = seen.slice(-8)
    if (run.length === 8 && (run.every((x) => x > centre) || run.every((x) => x < centre))) return 'run'
    return null
  })
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
