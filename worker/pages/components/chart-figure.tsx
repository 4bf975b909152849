import type { Child } from 'hono/jsx'
import type { ChartSpec } from '../../core/chart'
import { directionOf } from '../../i18n'
import { AsTable } from './as-table'
import type { View } from './view'

/**
 * A chart with its title, one sentence for those who do not see it, and its figures as a table. The table is there
 * without a script; the drawing comes with it, as do its picture and its figures as a file.
 *
 * @example
 * <ChartFigure view={view} id="trend" class="c8" title="The score rose" what="0 to 100, by round" label="The score rose from 56 to 68." spec={spec}>
 *   <thead>…</thead><tbody>…</tbody>
 * </ChartFigure>
 */
export function ChartFigure(props: {
  view: View
  /** Unique on the page: its anchor, and the name of its files. */
  id: string
  class?: string
  /** `h2` where it is a section of its own. */
  heading?: 'h2' | 'h3'
  /** The finding; the measure where there is none. */
  title: string
  /** The measure: unit, scale, period, where a cut axis begins. */
  what: string
  /** The finding in one sentence. */
  label: string
  spec: ChartSpec
  /** What the drawing does not show. */
  note?: string | null
  /** Beside the title: a verdict, say. */
  beside?: Child
  /** Between the title and the drawing: the figures that matter most. */
  above?: Child
  /** Under the note: what can be done with this chart, "Add an event" say. */
  under?: Child
  /** How the table is to be read. */
  tableNote?: string
  /** Head and body of the table. */
  children: Child
}) {
  const { t } = props.view
  const Heading = props.heading ?? 'h3'
  return (
    <figure id={props.id} class={props.class} data-chart={JSON.stringify(props.spec)}>
      <div class="title">
        <Heading>{props.title}</Heading>
        {props.beside}
        <p class="what">{props.what}</p>
      </div>
      {props.above}
      {/* biome-ignore lint/a11y/useSemanticElements: a group of a drawing and its readout is no set of form fields. */}
      <div class="plot" role="group" tabindex={0} aria-label={t.overview.trend.keys}>
        <canvas role="img" aria-label={props.label} dir={directionOf(props.view.locale)} />
        <p class="tip" aria-hidden="true" hidden />
        <p class="vh" role="status" />
      </div>
      {props.note ? <p class="note">{props.note}</p> : null}
      <AsTable view={props.view} caption={props.title} {...(props.tableNote ? { note: props.tableNote } : {})}>
        {props.children}
      </AsTable>
      {props.under}
      <script type="module" src="/assets/charts.js" />
    </figure>
  )
}
