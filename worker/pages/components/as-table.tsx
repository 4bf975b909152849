import type { Child } from 'hono/jsx'
import type { View } from './view'

/** The figures of a chart as a table. Open until a script folds it, so that it is there without one. */
export const AsTable = ({ view: { t }, caption, children }: { view: View; caption: string; children: Child }) => (
  <details class="asdata" open>
    <summary>{t.overview.asTable}</summary>
    <section class="scroll" tabindex={0} aria-label={caption}>
      <table class="data">
        <caption class="vh">{caption}</caption>
        {children}
      </table>
    </section>
  </details>
)
