/** A score over the rounds as a picture: its line with how sure it is, normal ranges, events. What the words say stands beside it. */
import { Drawing, figureWidth, type Point } from './drawing'
import type { Grey } from './png'

export interface TrendPicture {
  /** Oldest first. */
  rounds: {
    /** Place on the axis of time. */
    at: number
    value: number | null
    low: number | null
    high: number | null
    /** News, rather than what varies by chance: drawn as a diamond. */
    signal: boolean
    /** No line leads here from the round before. */
    afterGap: boolean
    /** Of figures: the round's number. */
    label: string
  }[]
  /** Normal ranges; the limits of one that is provisional are dotted. */
  phases: { from: number; to: number; mean: number; low: number; high: number; provisional: boolean }[]
  /** Where something happened on the axis of time. */
  events: number[]
  /** Figures beside the last value, in bold and in small: `66`, `±3`. */
  last: { strong: string; small: string }
}

/** Shades of what the dashboard draws with on paper. */
const shade = { ink: 22, quiet: 107, rule: 206, grid: 235, limit: 141, band: 22, paper: 255 }
const bandOpacity = 0.085
/** The ends of a line are round: one of next to no length is a dot. */
const dots = [0.1, 9] as const

/** In pixels of a picture that is shown at half its size, so that it is sharp on every screen; on a phone at less than a third. */
const size = { width: 1200, height: 560 }
const plot = { left: 94, right: 1022, top: 60, bottom: 472 }
const text = { tick: 30, tickLine: 3.6, last: 38, lastLine: 5.2, small: 30, smallLine: 3.6 }

/** @returns null where no round has a value: there is nothing to draw */
export function trendImage({ rounds, phases, events, last }: TrendPicture): Grey | null {
  const measured = rounds.filter(({ value }) => value !== null)
  const end = measured.at(-1)
  if (!end) return null
  const ticks = trendTicks({ rounds, phases })
  const [bottom, top] = [ticks[0] ?? 0, ticks.at(-1) ?? 100]
  const places = rounds.map(({ at }) => at)
  const [first, final] = [Math.min(...places), Math.max(...places)]
  const inset = 34
  const x = (at: number) =>
    final === first
      ? (plot.left + plot.right) / 2
      : plot.left + inset + ((at - first) / (final - first)) * (plot.right - plot.left - 2 * inset)
  const y = (value: number) => plot.bottom - ((value - bottom) / (top - bottom)) * (plot.bottom - plot.top)
  const drawing = new Drawing(size.width, size.height, shade.paper)

  for (const tick of ticks) {
    const level = Math.round(y(tick)) + 0.5
    drawing.line(
      [
        [plot.left, level],
        [plot.right, level],
      ],
      tick === bottom ? shade.rule : shade.grid,
      2,
    )
    const label = String(tick)
    drawing.figures(label, [plot.left - 22 - figureWidth(label, text.tick), level + text.tick / 2], text.tick, shade.quiet, text.tickLine)
  }
  for (const stretch of stretches(rounds)) {
    const sure = stretch.filter(({ low, high }) => low !== null && high !== null)
    if (sure.length < 2) continue
    const edge = (of: 'low' | 'high'): Point[] => sure.map((round) => [x(round.at), y(round[of] ?? 0)])
    drawing.area([...edge('high'), ...edge('low').toReversed()], shade.band, bandOpacity)
  }
  for (const phase of phases) {
    const [from, to] = [x(phase.from) - (phase.from === first ? inset : 0), x(phase.to) + (phase.to === final ? inset : 0)]
    const level = (value: number): Point[] => [
      [from, y(value)],
      [to, y(value)],
    ]
    drawing.line(level(phase.mean), shade.limit, 2)
    for (const limit of [phase.low, phase.high])
      if (phase.provisional) drawing.line(level(limit), shade.limit, 4, dots)
      else drawing.line(level(limit), shade.limit, 2.4, [10, 8])
  }
  for (const at of events.filter((event) => event >= first - 1 && event <= final)) plumbLine(drawing, x(at))

  for (const stretch of stretches(rounds))
    drawing.line(
      stretch.map(({ at, value }) => [x(at), y(value ?? 0)]),
      shade.ink,
      4.4,
    )
  for (const round of measured) {
    const place: Point = [x(round.at), y(round.value ?? 0)]
    if (round.signal) {
      drawing.diamond(place, 17, shade.paper)
      drawing.diamond(place, 12.5, shade.ink)
    } else {
      drawing.dot(place, 11, shade.paper)
      drawing.dot(place, 7.5, shade.ink)
    }
    // How sure a round is that has no neighbour to draw a band to.
    if (measured.length === 1 && round.low !== null && round.high !== null)
      drawing.line(
        [
          [place[0], y(round.low)],
          [place[0], y(round.high)],
        ],
        shade.ink,
        3,
      )
  }
  const every = Math.ceil(rounds.length / 7)
  for (const [index, { at, label }] of rounds.entries()) {
    if ((rounds.length - 1 - index) % every !== 0) continue
    drawing.figures(label, [x(at) - figureWidth(label, text.tick) / 2, plot.bottom + 60], text.tick, shade.quiet, text.tickLine)
  }
  const level = Math.max(plot.top + text.last / 2, Math.min(plot.bottom - 10, y(end.value ?? 0))) + text.last / 2
  drawing.figures(last.strong, [plot.right + 18, level], text.last, shade.ink, text.lastLine)
  const after = plot.right + 30 + figureWidth(last.strong, text.last)
  drawing.figures(last.small, [after, level], text.small, shade.quiet, text.smallLine)
  return drawing
}

/** A line over the whole height, with the bob at its end. */
function plumbLine(drawing: Drawing, at: number): void {
  drawing.line(
    [
      [at, plot.top - 34],
      [at, plot.bottom - 12],
    ],
    shade.ink,
    2.4,
  )
  drawing.area(
    [
      [at, plot.bottom - 16],
      [at + 8, plot.bottom - 6],
      [at, plot.bottom + 14],
      [at - 8, plot.bottom - 6],
    ],
    shade.ink,
  )
}

/** Rounds with a value that a line leads through. */
function stretches<R extends { value: number | null; afterGap: boolean }>(rounds: readonly R[]): R[][] {
  const found: R[][] = []
  let isOpen = false
  for (const round of rounds) {
    if (round.value === null) {
      isOpen = false
      continue
    }
    if (isOpen && !round.afterGap) found.at(-1)?.push(round)
    else found.push([round])
    isOpen = true
  }
  return found
}

/** Four to seven round steps that cover what is drawn, from 0 to 100. */
export function trendTicks({ rounds, phases }: Pick<TrendPicture, 'rounds' | 'phases'>): number[] {
  const values = [
    ...rounds.flatMap(({ value, low, high }) => (value === null ? [] : [value, low ?? value, high ?? value])),
    ...phases.flatMap(({ low, high }) => [low, high]),
  ]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = Math.max(0, 20 - (high - low)) / 2
  const step = [5, 10, 20].find((one) => (Math.min(100, high + room) - Math.max(0, low - room)) / one <= 6) ?? 25
  const from = Math.floor(Math.max(0, low - room) / step) * step
  const to = Math.ceil(Math.min(100, high + room) / step) * step
  return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step)
}
