import type { Child } from 'hono/jsx'
import { Scroll } from './scroll'
import type { View } from './view'

/**
 * The figures of a chart as a table. Open until a script folds it, so that it is there without one. `note`: how to read it;
 * `files`: with buttons that save it, which `web/charts/` brings to life.
 */
export const AsTable = (props: { view: View; caption: string; note?: string; files?: boolean; children: Child }) => (
  <div class="with-files">
    <details class="asdata" open>
      <summary>{props.view.t.overview.asTable}</summary>
      <Scroll label={props.caption}>
        <table class="data pin">
          <caption class="vh">{props.caption}</caption>
          {props.children}
        </table>
        {props.note ? <p class="note">{props.note}</p> : null}
      </Scroll>
    </details>
    {props.files ? <Files view={props.view} title={props.caption} /> : null}
  </div>
)

/** A picture and the figures of the chart around; a script makes them from what the page holds, and nothing else. */
export const Files = ({ view: { t }, title }: { view: View; title: string }) => (
  <p class="files">
    <button type="button" data-save="png" aria-label={t.charts.png(title)} hidden>
      PNG
    </button>
    <button type="button" data-save="csv" aria-label={t.charts.csv(title)} hidden>
      CSV
    </button>
  </p>
)
