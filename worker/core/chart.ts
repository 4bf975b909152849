/** A line of points over time as the server describes it and `web/charts.ts` draws it. Every text is ready to be printed. */
export interface ChartSpec {
  points: {
    /** Place on the axis of time, in months. */
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
    signal: boolean
    /** No line leads here from the point before. */
    afterGap: boolean
  }[]
  ticks: { y: number; text: string }[]
  /** Normal ranges. */
  phases: { from: number; to: number; mean: number; low: number; high: number; provisional: boolean }[]
  events: { x: number; name: string; day: string }[]
  /** A line across, labelled at its end. */
  target: { y: number; text: string } | null
  /** At the right edge, level with `y`: what is printed in bold, and what only has room on a wide screen. */
  ends: { y: number; strong: string; text: string; wide: string }[]
  /** A sentence beside the first signal, where there is room. */
  note: { point: number; strong: string; text: string } | null
}
