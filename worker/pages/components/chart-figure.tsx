import type { Child } from 'hono/jsx'
import type { ChartSpec } from '../../core/chart'
import { plotHeight } from '../../core/chart-height'
import { directionOf } from '../../i18n'
import { AsTable, Files } from './as-table'
import { Scroll } from './scroll'
import type { View } from './view'

/**
 * A chart with its title, one sentence for those who do not see it, and its figures as a table. The table is there
 * without a script; the drawing comes with it, as do its picture and its figures as a file. Of a heat map, the table is the
 * drawing.
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
  /** Of a heat map: a class of the sheet that gives its columns room. */
  tableClass?: string
  /** How the table is to be read. */
  tableNote?: string
  /** Head and body of the table. */
  children: Child
}) {
  const Heading = props.heading ?? 'h3'
  const isTable = props.spec.kind === 'heat'
  return (
    <figure id={props.id} class={props.class} data-chart={JSON.stringify(props.spec)}>
      <div class="title">
        <Heading>{props.title}</Heading>
        {props.beside}
        <p class="what">{props.what}</p>
      </div>
      {props.above}
      {isTable ? (
        <Scroll label={props.title}>
          <table class={`heat ${props.tableClass ?? ''}`}>
            <caption class="vh">{props.label}</caption>
            {props.children}
          </table>
        </Scroll>
      ) : (
        <Plot view={props.view} label={props.label} spec={props.spec} />
      )}
      {isTable ? props.under : null}
      {props.note ? <p class={isTable ? 'note shared' : 'note'}>{props.note}</p> : null}
      {isTable ? (
        <Files view={props.view} title={props.title} />
      ) : (
        <AsTable view={props.view} caption={props.title} files {...(props.tableNote ? { note: props.tableNote } : {})}>
          {props.children}
        </AsTable>
      )}
      {isTable ? null : props.under}
      <script type="module" src="/assets/charts.js" />
    </figure>
  )
}

/** The room of the drawing, which has its final height before there is one. */
function Plot({ view, label, spec }: { view: View; label: string; spec: ChartSpec }) {
  const { wide, narrow } = plotHeight(spec)
  return (
    <div class="drawing">
      {/* biome-ignore lint/a11y/useSemanticElements: a group of a drawing and its readout is no set of form fields. */}
      <div
        class={`plot ${view.sheet.rule(`--wide:${wide}rem;--narrow:${narrow}rem`)}`}
        role="group"
        tabindex={0}
        aria-label={view.t.charts.keys}
      >
        <canvas role="img" aria-label={label} dir={directionOf(view.locale)} />
        <p class="tip" aria-hidden="true" hidden />
        <p class="vh" role="status" />
      </div>
    </div>
  )
}
