import type { Child } from 'hono/jsx'

/** A part of a page of forms: what it is about at the side, its contents beside it. */
export const Part = (props: { id: string; title: string; what: string; children: Child }) => (
  <section class="sec tight" id={props.id} aria-labelledby={`${props.id}-title`}>
    <div class="part">
      <div class="title">
        <h2 id={`${props.id}-title`}>{props.title}</h2>
        <p class="what">{props.what}</p>
      </div>
      <div class="pile">{props.children}</div>
    </div>
  </section>
)
