import { rhythms } from './crm-form'
import { Field, type Mistake } from './field'
import type { Values } from './source-form'
import type { View } from './view'

interface Props {
  view: View
  values: Values
  mistakes: readonly Mistake[]
}

/** How often a source is pulled; a rhythm that a program chose is among the choices. */
export function Rhythm({ view, values, mistakes }: Props) {
  const t = view.t.sourceSetup.when
  const every = Number(values.everyMinutes)
  const isUsual = rhythms.some((minutes) => minutes === every) || !Number.isInteger(every) || every <= 0
  const choices = isUsual ? rhythms : [every, ...rhythms].toSorted((a, b) => a - b)
  return (
    <Field name="everyMinutes" label={t.every} mistakes={mistakes} short>
      {(control) => (
        <select {...control} class="pick">
          {choices.map((minutes) => (
            <option value={String(minutes)} selected={String(minutes) === values.everyMinutes}>
              {t.minutes(minutes)}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** Who is told when the source stops working. */
export const Owner = ({ view, values, mistakes }: Props) => {
  const t = view.t.sourceSetup.when
  return (
    <Field name="ownerEmail" label={t.owner} hint={t.ownerHint} mistakes={mistakes}>
      {(control) => <input {...control} type="email" value={values.ownerEmail ?? ''} maxlength={254} dir="ltr" autocomplete="email" />}
    </Field>
  )
}
