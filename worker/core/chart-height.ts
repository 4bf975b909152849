import type { ChartSpec, DumbbellSpec, FunnelSpec, MirroredSpec, WaterfallSpec } from './chart'

/**
 * How tall a drawing is, before it is drawn: its room stands on the page from the start, so that nothing moves when a script
 * draws. The server guesses from the number of letters how often a label wraps; the script measures, and where a guess was too
 * low, the plot grows by that line. Everything is in rem.
 */

/** Under this width of its own, a drawing wraps more, leaves out what is beside the point, and puts verdicts below. */
export const narrowBelow = 30

export interface PlotHeight {
  wide: number
  narrow: number
}

/** What a row holds, in lines of text. */
export interface RowLines {
  label: number
  /** In small, under the label. */
  detail?: number
  /** A verdict under the label, on a narrow drawing. */
  verdict?: boolean
}

export const lineHeight = { label: 1.15, detail: 1, verdict: 1.6 } as const

type RowSpec = WaterfallSpec | DumbbellSpec | MirroredSpec

/** What a row measures at least, and what is above and under all of them: keys and heads of columns, the axis. */
const rowLeast = { waterfall: 1.75, dumbbell: 2.1, mirrored: 1.55 } as const
const air = 0.5

export function rowHeight(spec: RowSpec, lines: RowLines, isStacked: boolean): number {
  const text = lines.label * lineHeight.label + (lines.detail ?? 0) * lineHeight.detail + (lines.verdict ? lineHeight.verdict : 0)
  return isStacked ? text + trackHeight(spec) + air : Math.max(leastOf(spec), text + air)
}

/** Of a track under its label; three marks need room for the number of the middle one. */
export const trackHeight = (spec: RowSpec): number => leastOf(spec) - (hasThird(spec) ? 0 : 0.35)

/**
 * Whether labels stand over their tracks: on a narrow drawing, where beside long labels or columns of text there would be no
 * room for a track.
 */
export const isStacked = (spec: RowSpec, isNarrow: boolean): boolean =>
  spec.kind === 'dumbbell' &&
  isNarrow &&
  (columnsWidth(spec) > 5 || spec.rows.some(({ label, marks }) => marks.length > 2 || lettersOf(label).length > 36))

/** Of the texts at the end, with what keeps them apart, in rem. */
const columnsWidth = ({ columns, rows }: DumbbellSpec): number =>
  columns.reduce((sum, head, column) => {
    const longest = Math.max(...[head, ...rows.map(({ cells }) => cells[column] ?? '')].map((text) => lettersOf(text).length))
    return sum + longest * letter + 0.9
  }, 0)

/** Width of a letter, about. */
const letter = 0.42

/** A third mark has its number over it. */
const leastOf = (spec: RowSpec): number => (hasThird(spec) ? 2.75 : rowLeast[spec.kind])

const hasThird = (spec: RowSpec): boolean => spec.kind === 'dumbbell' && spec.rows.some(({ marks }) => marks.length > 2)

/**
 * Above and under the rows of a chart: heads of columns, and what marks stand for, in a line each where those names are long; the
 * axis.
 *
 * @example frameOf({ kind: 'mirrored', … }, false) // { head: 1.6, foot: 0.25, keyLines: 0 }
 */
export function frameOf(spec: RowSpec, isNarrow: boolean): { head: number; foot: number; keyLines: number } {
  if (spec.kind !== 'dumbbell') return { head: 1.6, foot: 0.25, keyLines: 0 }
  if (spec.key.length === 0) return { head: spec.columns.length > 0 ? 1.6 : 0.25, foot: 1.6, keyLines: 0 }
  const width = spec.key.reduce((sum, { text }) => sum + lettersOf(text).length * letter + 0.8, 0)
  const keyLines = width > (isNarrow ? 21 : 28) - columnsWidth(spec) ? spec.key.length : 1
  return { head: 1.6 + (keyLines - 1) * keyLine, foot: 1.6, keyLines }
}

export const keyLine = 1.1

/**
 * The room of a drawing.
 *
 * @returns rem, on a wide and on a narrow figure; nothing for a table that is its own drawing
 * @example plotHeight({ kind: 'stack', rows: [sales, marketing] }) // { wide: 8.4, narrow: 8.4 }
 */
export function plotHeight(spec: ChartSpec): PlotHeight {
  if (spec.kind === 'heat') return { wide: 0, narrow: 0 }
  if (spec.kind === 'line') return { wide: 22, narrow: 19 }
  if (spec.kind === 'strip') return { wide: stripHeight, narrow: stripHeight }
  if (spec.kind === 'stack') return both(() => spec.rows.length * stackRow + stackNames)
  if (spec.kind === 'funnel') return both((isNarrow) => spec.rows.reduce((sum, row) => sum + funnelGuess(row, isNarrow), 0))
  return both((isNarrow) => {
    const { head, foot } = frameOf(spec, isNarrow)
    return spec.rows.reduce((sum, row) => sum + rowHeight(spec, guess(spec, row, isNarrow), isStacked(spec, isNarrow)), head + foot)
  })
}

const stripHeight = 9
export const stackRow = 4
/** The names of the classes, under the first bar, may take a second line. */
const stackNames = 1

const both = (height: (isNarrow: boolean) => number): PlotHeight => ({ wide: hundredths(height(false)), narrow: hundredths(height(true)) })

const hundredths = (value: number) => Math.ceil(value * 100) / 100

function guess(spec: RowSpec, row: { label: string; detail?: string; verdict?: unknown }, isNarrow: boolean): RowLines {
  const beside = isNarrow ? 18 : spec.kind === 'mirrored' ? 34 : 28
  const room = spec.kind === 'dumbbell' && isStacked(spec, isNarrow) ? Math.max(15, Math.floor((21 - columnsWidth(spec)) / letter)) : beside
  const whole = row.detail ? `${row.label} ${row.detail}` : row.label
  return {
    label: linesOf(isNarrow ? row.label : whole, room),
    detail: isNarrow && row.detail ? linesOf(row.detail, room) : 0,
    verdict: isNarrow && row.verdict !== undefined,
  }
}

/** Rows of the funnel, in rem: a bar with its share under it, beside or between the texts. */
export const funnelRow = { bar: 1.75, air: 1.5, share: 1.1, text: 1.15, head: 1.35, verdict: 1.6 } as const

export function funnelHeight(
  lines: { label: number; detail: number; share: number; lost: number; verdict: boolean },
  isNarrow: boolean,
): number {
  const { bar, share, text, head, verdict, air: around } = funnelRow
  const name = lines.label * head + lines.detail * lineHeight.detail
  const middle = bar + 0.25 + lines.share * share + (lines.verdict ? verdict : 0)
  const lost = lines.lost * text
  return around + (isNarrow ? name + 0.4 + middle + (lost > 0 ? 0.3 : 0) + lost : Math.max(name, middle, lost))
}

function funnelGuess(row: FunnelSpec['rows'][number], isNarrow: boolean): number {
  const [label, room] = isNarrow ? [36, 50] : [22, 36]
  return funnelHeight(
    {
      label: linesOf(row.label, label),
      detail: row.detail ? linesOf(row.detail, label) : 0,
      share: row.share ? linesOf(row.share, isNarrow ? 50 : 60) : 0,
      lost: row.lost.reduce((sum, text) => sum + linesOf(text, room), 0),
      verdict: row.verdict !== undefined,
    },
    isNarrow,
  )
}

/** Marks over and under letters take no room. */
const lettersOf = (text: string) => text.replace(/[\p{M}\p{Cf}]/gu, '')

/** Lines that a text takes where so many letters fit. */
function linesOf(text: string, room: number): number {
  let lines = 1
  let used = 0
  for (const word of lettersOf(text).split(/\s+/)) {
    const rest = used === 0 ? word.length : used + 1 + word.length
    if (rest <= room) used = rest
    else {
      lines += (used > 0 ? 1 : 0) + Math.floor(Math.max(0, word.length - 1) / room)
      used = ((word.length - 1) % room) + 1
    }
  }
  return lines
}
