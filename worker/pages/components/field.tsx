import type { Child } from 'hono/jsx'

/** What is wrong with one field of a form. */
export interface Mistake {
  field: string
  reason: string
  /** Of the field, where the reason alone would not tell it from another in the list of all mistakes. */
  label?: string
}

/** What ties an input to its label, its hint and what is wrong with it. */
export interface Control {
  id: string
  name: string
  'aria-describedby'?: string
  'aria-invalid'?: 'true'
}

/**
 * One field: label, hint, the input, and beside it why it was refused.
 *
 * @example <Field name="day" label={t.day} mistakes={mistakes}>{(control) => <input {...control} type="date" />}</Field>
 */
export function Field(props: {
  name: string
  /** Where a page has several fields of this name. */
  id?: string
  label: string
  hint?: string
  mistakes: readonly Mistake[]
  short?: boolean
  children: (control: Control) => Child
}) {
  const { name, hint } = props
  const id = props.id ?? name
  const reason = props.mistakes.find(({ field }) => field === name)?.reason
  const described = [hint && `${id}-hint`, reason && `${id}-why`].filter(Boolean).join(' ')
  const control: Control = {
    id,
    name,
    ...(described ? { 'aria-describedby': described } : {}),
    ...(reason ? { 'aria-invalid': 'true' } : {}),
  }
  return (
    <div class={['field', props.short && 'short', reason && 'bad'].filter(Boolean).join(' ')}>
      <label for={id}>{props.label}</label>
      {props.children(control)}
      {hint ? (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      {reason ? <Why id={`${id}-why`} reason={reason} /> : null}
    </div>
  )
}

/** Why a field was refused, beside it. */
export const Why = ({ id, reason }: { id: string; reason: string }) => (
  <p class="why" id={id}>
    <ErrorMark />
    {reason}
  </p>
)

/** All mistakes of a refused form on top of the page, each a link to its field. */
export const Mistakes = (props: { mistakes: readonly Mistake[]; title: (count: number) => string }) =>
  props.mistakes.length === 0 ? null : (
    <div class="oops" role="alert">
      <h2>{props.title(props.mistakes.length)}</h2>
      <ul>
        {props.mistakes.map(({ field, label, reason }) => (
          <li>
            <a href={`#${field}`}>
              {label ? `${label}: ` : ''}
              {reason}
            </a>
          </li>
        ))}
      </ul>
    </div>
  )

const ErrorMark = () => (
  <svg viewBox="0 0 16 16" aria-hidden="true">
    <circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" stroke-width="1.5" />
    <path d="M8 4v5" stroke="currentColor" stroke-width="1.5" />
    <circle cx="8" cy="11.5" r="1" fill="currentColor" />
  </svg>
)
