import type { Child } from 'hono/jsx'
import type { ChartSpec } from '../../core/chart'
import { directionOf } from '../../i18n'
import { AsTable } from './as-table'
import type { View } from './view'

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
  /** What the drawing does not show. */
  note?: string | null
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
      {props.note ? <p class="note">{props.note}</p> : null}
      <AsTable view={props.view} caption={props.title}>
        {props.children}
      </AsTable>
      <script type="module" src="/assets/charts.js" />
    </figure>
  )
}
