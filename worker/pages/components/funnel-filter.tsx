import type { Messages } from '../../i18n'
import { blank, type FunnelView } from '../../services/funnel'
import { Field, type Mistake } from './field'

export const funnelFields = ['from', 'to', 'path', 'source', 'leadType', 'channel'] as const
export type FunnelField = (typeof funnelFields)[number]
/** As they stand in the address; empty where they are not. */
export type FunnelValues = Record<FunnelField, string>

/** What the funnel is of. A form that is got, so that every view has an address. */
export function FunnelFilter(props: {
  t: Messages['funnel']
  values: FunnelValues
  mistakes: readonly Mistake[]
  choices: { sources: FunnelView['sources']; channels: readonly string[]; leadTypes: readonly string[] }
}) {
  const { t, values, mistakes, choices } = props
  const texts = (field: 'leadType' | 'channel', options: readonly string[]) => (
    <Field name={field} label={t.fields[field]} mistakes={mistakes}>
      {(control) => (
        <select {...control} class="pick">
          <option value="">{t.all}</option>
          {withChosen(options, values[field]).map((option) => (
            <option value={option || blank} selected={(option || blank) === values[field]}>
              {option || t.none}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
  return (
    <search>
      <form class="filter" method="get" action="/kpis/funnel">
        <Field name="from" label={t.fields.from} mistakes={mistakes}>
          {(control) => <input {...control} type="date" value={values.from} />}
        </Field>
        <Field name="to" label={t.fields.to} mistakes={mistakes}>
          {(control) => <input {...control} type="date" value={values.to} />}
        </Field>
        <Field name="path" label={t.fields.path} mistakes={mistakes}>
          {(control) => (
            <select {...control} class="pick">
              {(['any', 'strict'] as const).map((path) => (
                <option value={path} selected={path === values.path}>
                  {t.paths[path]}
                </option>
              ))}
            </select>
          )}
        </Field>
        {choices.sources.length > 1 || values.source ? (
          <Field name="source" label={t.fields.source} mistakes={mistakes}>
            {(control) => (
              <select {...control} class="pick">
                <option value="">{t.all}</option>
                {choices.sources.map(({ id, name }) => (
                  <option value={id} selected={id === values.source}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        ) : null}
        {texts('leadType', choices.leadTypes)}
        {texts('channel', choices.channels)}
        <button class="btn" type="submit">
          {t.show}
        </button>
      </form>
    </search>
  )
}

/** What is filtered by stays to be seen, also where the window has none of it. */
function withChosen(options: readonly string[], value: string): readonly string[] {
  const chosen = value === blank ? '' : value
  return value === '' || options.includes(chosen) ? options : [...options, chosen]
}
