import type { Child } from 'hono/jsx'
import type { Slice } from '../../core/metrics'
import type { Grain } from '../../core/periods'
import { Field, type Mistake } from './field'
import type { View } from './view'

export interface Option {
  value: string
  label: string
}

/** What is shown, chosen by a form whose answer is an address. */
export const Filter = (props: { view: View; action: string; children: Child }) => (
  <form class="filter" method="get" action={props.action} aria-label={props.view.t.kpisPage.filter}>
    {props.children}
    <button class="btn" type="submit">
      {props.view.t.kpisPage.show}
    </button>
  </form>
)

/** One choice of the filter. */
export const Choice = (props: {
  name: string
  label: string
  options: readonly Option[]
  chosen: string
  mistakes?: readonly Mistake[]
}) => (
  <Field name={props.name} label={props.label} mistakes={props.mistakes ?? []} short>
    {(control) => (
      <select {...control} class="pick">
        {props.options.map(({ value, label }) => (
          <option value={value} selected={value === props.chosen}>
            {label}
          </option>
        ))}
      </select>
    )}
  </Field>
)

/** Which slice the groups on offer are of: a group that was chosen under another one is not meant any more. */
export const GroupsOf = ({ by }: { by: string | undefined }) => (by ? <input type="hidden" name="of" value={by} /> : null)

/** A day that names the period it lies in. */
export const DayField = (props: { name: string; label: string; value: string; mistakes: readonly Mistake[] }) => (
  <Field name={props.name} label={props.label} mistakes={props.mistakes} short>
    {(control) => <input {...control} type="date" value={props.value} min="1990-01-01" max="2199-12-31" />}
  </Field>
)

export const grainOptions = ({ t }: View, grains: readonly Grain[]): Option[] =>
  grains.map((grain) => ({ value: grain, label: t.kpisPage.grains[grain] }))

export const sliceOptions = ({ t }: View, slices: readonly Slice[]): Option[] => [
  { value: '', label: t.kpisPage.whole },
  ...slices.map((slice) => ({ value: slice, label: t.kpisPage.slices[slice] })),
]

/** Groups of a slice. An address cannot tell an empty choice from none: a blank group has a name of its own. */
export const groupOptions = ({ t }: View, groups: readonly { value: string; name: string }[]): Option[] => [
  { value: '', label: t.kpisPage.allGroups },
  ...groups.map(({ value, name }) => ({ value: value === '' ? blankGroup : value, label: name === '' ? t.kpisPage.blank : name })),
]

export const blankGroup = '-'

/** The group that an address names; undefined where it names none. */
export const groupIn = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : value === blankGroup ? '' : value
