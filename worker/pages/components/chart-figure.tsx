import type { Child } from 'hono/jsx'
import { directionOf } from '../../i18n'
import { AsTable } from './as-table'
import type { View } from './view'

/** What `web/charts.ts` draws; the same type is declared there. Every text is ready to be printed. */
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

/**
 * A chart with its title, one sentence for those who do not see it, and its figures as a table. The table is there
 * without a script; the drawing comes with it.
 */
export function ChartFigure(props: {
  view: View
  class?: string
  title: string
  what: string
  /** The finding in one sentence. */
  label: string
  spec: ChartSpec
  /** Rows of the table. */
  children: Child
}) {
  const { t } = props.view
  return (
    <figure class={props.class} data-chart={JSON.stringify(props.spec)}>
      <div class="title">
        <h3>{props.title}</h3>
        <p class="what">{props.what}</p>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a group of a drawing and its readout is no set of form fields. */}
      <div class="plot" role="group" tabindex={0} aria-label={t.overview.trend.keys}>
        <canvas role="img" aria-label={props.label} dir={directionOf(props.view.locale)} />
        <p class="tip" aria-hidden="true" hidden />
        <p class="vh" role="status" />
      </div>
      <AsTable view={props.view} caption={props.title}>
        {props.children}
      </AsTable>
      <script type="module" src="/assets/charts.js" />
    </figure>
  )
}
