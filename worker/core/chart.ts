/**
 * What a drawing shows, as the server describes it and `web/charts/` draws it. Every text is ready to be printed; the table below
 * a drawing holds the same figures, and is the truth. Nothing may stand here that is not in that table: both are made of
 * what was published, and of nothing else.
 */
export type ChartSpec = LineSpec | WaterfallSpec | DumbbellSpec | MirroredSpec | StripSpec | FunnelSpec | StackSpec | HeatSpec

/** On an axis of values. */
export interface Tick {
  at: number
  text: string
}

/** Hue and shape together: circle for sales, diamond for marketing, square for what the CRM says. */
export type MarkLook = 'sales' | 'marketing' | 'crm' | 'now' | 'before'

/** Values over time, with how sure they are, normal ranges, targets and events. */
export interface LineSpec {
  kind: 'line'
  points: {
    /** Place on the axis of time, in periods. */
    x: number
    y: number | null
    low: number | null
    high: number | null
    /** Under the axis; the year stands under the first label that is its. */
    label: string
    year: string
    /** The readout: the value with its interval, and what it belongs to. */
    value: string
    name: string
    signal?: boolean
    /** Not yet final, or of a source that is late. */
    hollow?: boolean
    /** No line leads here from the point before. */
    afterGap?: boolean
  }[]
  ticks: Tick[]
  /** Normal ranges. */
  phases: { from: number; to: number; mean: number; low: number; high: number; provisional: boolean }[]
  /** `scope` is whom it happened to, where that is not the whole company. */
  events: { x: number; name: string; day: string; scope?: string }[]
  /** A line across, labelled at its end. */
  target: { y: number; text: string } | null
  /** At the right edge, level with `y`: what is printed in bold, and what only has room on a wide screen. */
  ends: { y: number; strong: string; text: string; wide: string }[]
  /** A sentence beside the first signal, where there is room. */
  note: { point: number; strong: string; text: string } | null
  /** Of two charts that are read together: both axes of time reach from here to there, beside figures of this many characters. */
  span?: { from: number; to: number; room?: number }
}

/** From one total to another, row by row. Totals are ticks, as the axis may be cut. */
export interface WaterfallSpec {
  kind: 'waterfall'
  ticks: Tick[]
  rows: {
    label: string
    /** In small, after the label. */
    detail: string
    from: number
    to: number
    /** The signed value at the end of the row. */
    text: string
    tone: 'gain' | 'loss' | 'noise' | 'total'
  }[]
}

/** Two or three marks on one line a row, and columns of text at its end. */
export interface DumbbellSpec {
  kind: 'dumbbell'
  ticks: Tick[]
  /** What each look stands for, named once over the first row. */
  key: { look: MarkLook; text: string }[]
  /** Heads of the columns of text. */
  columns: string[]
  rows: {
    label: string
    detail?: string
    /** The text stands beside its mark; of `now` and `before` it is only read out, as their columns print it. */
    marks: { look: MarkLook; at: number; text: string; low?: number; high?: number }[]
    /** One for each column. */
    cells: string[]
    /** Could be chance: printed in grey. */
    quiet?: boolean
    verdict?: { signal: boolean; text: string }
  }[]
}

/** What sales chose to one side of the line, what marketing chose to the other. Symmetry is agreement. */
export interface MirroredSpec {
  kind: 'mirrored'
  heads: { sales: string; marketing: string }
  /** The longest bar that there may be: 100 for shares. */
  most: number
  rows: {
    label: string
    sales: { value: number; text: string } | null
    marketing: { value: number; text: string } | null
    strong?: boolean
  }[]
}

/** One bar a due date from zero, the promise as a line. */
export interface StripSpec {
  kind: 'strip'
  /** Top of the axis. */
  most: number
  bars: {
    value: number | null
    target: number
    /** Under the bar. */
    text: string
    /** The day, under those that have room. */
    label: string
    /** The readout: what it belongs to, and how it came out. */
    name: string
    state: 'kept' | 'missed' | 'open' | 'unknown' | 'nothing'
  }[]
  /** At the end of the line. */
  target: string
}

/** Stage by stage: solid is who reached it, hatched who was lost since the one before, dashed the window before. */
export interface FunnelSpec {
  kind: 'funnel'
  /** Of the first stage. */
  most: number
  rows: {
    label: string
    detail: string
    /** Printed before the bar. */
    count: string
    reached: number
    /** Of the stage before; null for the first. */
    before: number | null
    /** Where it would stand by the window before. */
    ago: number | null
    /** Under the bar. */
    share: string
    /** Beside it. */
    lost: string[]
    verdict?: { signal: boolean; text: string }
  }[]
}

/** Promoters, passives and critics of each row, in one bar. */
export interface StackSpec {
  kind: 'stack'
  rows: {
    label: string
    look: 'sales' | 'marketing' | null
    parts: { look: 'promoter' | 'passive' | 'critic'; value: number; text: string; name: string }[]
  }[]
}

/** The table itself is the drawing: its cells are read, with their classes `heat-1` … `heat-6` and `hatch`. */
export interface HeatSpec {
  kind: 'heat'
}
