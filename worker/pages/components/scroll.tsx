import type { Child } from 'hono/jsx'

/** What may be wider than the page: it scrolls by itself, by keyboard too. No landmark: the section around it is one. */
export const Scroll = (props: { label: string; children: Child }) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
  <div class="scroll" role="group" tabindex={0} aria-label={props.label}>
    {props.children}
  </div>
)
