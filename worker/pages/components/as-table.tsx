import type { Child } from 'hono/jsx'
import { Scroll } from './scroll'
import type { View } from './view'

/** The figures of a chart as a table. Open until a script folds it, so that it is there without one. `note`: how to read it. */
export const AsTable = ({ view: { t }, caption, note, children }: { view: View; caption: string; note?: string; children: Child }) => (
  <details class="asdata" open>
    <summary>{t.overview.asTable}</summary>
    <Scroll label={caption}>
      <table class="data">
        <caption class="vh">{caption}</caption>
        {children}
      </table>
      {note ? <p class="note">{note}</p> : null}
    </Scroll>
  </details>
)
