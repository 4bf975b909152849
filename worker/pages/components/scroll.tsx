import type { Child } from 'hono/jsx'

/** What may be wider than the page: it scrolls by itself, by keyboard too. */
export const Scroll = (props: { label: string; children: Child }) => (
  <section class="scroll" tabindex={0} aria-label={props.label}>
    {props.children}
  </section>
)
