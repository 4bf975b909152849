import type { SourceKind } from '../../connectors'
import { fieldsOf } from '../../services/source-settings'
import { wholeNumber } from './crm-form'
import { Field, type Mistake } from './field'
import type { Values } from './source-form'
import type { View } from './view'

/** How a server hands out its records, as the connectors of tables call it. */
const pagings = ['none', 'next-link', 'page', 'offset', 'cursor'] as const

interface Props {
  view: View
  kind: SourceKind
  values: Values
  mistakes: readonly Mistake[]
}

/** Where a source is, for the kinds that have an address of one's own. */
export function AddressFields({ view, kind, values, mistakes }: Props) {
  const t = view.t.sourceSetup
  const has = fieldsOf(kind)
  return (
    <>
      {has.has('domain') && kind !== 'hubspot' ? (
        <Field name="domain" label={t.domain} hint={kind === 'pipedrive' ? t.domains.pipedrive : t.domains.other} mistakes={mistakes}>
          {(control) => <input {...control} value={values.domain ?? ''} maxlength={253} dir="ltr" inputmode="url" spellcheck={false} />}
        </Field>
      ) : null}
      {has.has('url') ? (
        <Field name="url" label={t.domain} hint={has.has('paging') ? t.address.jsonHint : t.address.csvHint} mistakes={mistakes}>
          {(control) => <input {...control} type="url" value={values.url ?? ''} maxlength={2000} dir="ltr" spellcheck={false} required />}
        </Field>
      ) : null}
      {has.has('recordsPath') ? (
        <Field name="recordsPath" label={t.address.records} hint={t.address.recordsHint} mistakes={mistakes}>
          {(control) => <input {...control} value={values.recordsPath ?? ''} maxlength={200} dir="ltr" spellcheck={false} />}
        </Field>
      ) : null}
      {has.has('paging') ? <PagingFields view={view} values={values} mistakes={mistakes} /> : null}
      {has.has('header') ? (
        <Field name="header" label={t.address.header} hint={t.address.headerHint} mistakes={mistakes}>
          {(control) => (
            <input {...control} value={values.header ?? ''} maxlength={100} dir="ltr" spellcheck={false} placeholder="Authorization" />
          )}
        </Field>
      ) : null}
    </>
  )
}

function PagingFields({ view, values, mistakes }: Omit<Props, 'kind'>) {
  const t = view.t.sourceSetup.address
  const by = values['paging.by'] ?? 'none'
  const isOpen = by !== 'none' || mistakes.some(({ field }) => field.startsWith('paging.'))
  const fields = ['parameter', 'pointer', 'sizeParameter', 'size'] as const
  return (
    <fieldset>
      <legend>{t.pages}</legend>
      <Field name="paging.by" label={t.by} mistakes={mistakes}>
        {(control) => (
          <select {...control} class="pick">
            {pagings.map((paging) => (
              <option value={paging} selected={paging === by}>
                {t.pagings[paging]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <details open={isOpen}>
        <summary>{t.more}</summary>
        <div class={`form ${view.sheet.rule('margin-block-start:var(--s4)')}`}>
          {fields.map((field) => (
            <Field name={`paging.${field}`} label={t.paging[field].label} hint={t.paging[field].hint} mistakes={mistakes} short>
              {(control) => <input {...control} value={values[`paging.${field}`] ?? ''} maxlength={200} dir="ltr" spellcheck={false} />}
            </Field>
          ))}
          <Field name="paging.first" label={t.paging.first.label} hint={t.paging.first.hint} mistakes={mistakes} short>
            {(control) => (
              <select {...control} class="pick">
                {['1', '0'].map((first) => (
                  <option value={first} selected={(values['paging.first'] ?? '1') === first}>
                    {first}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
      </details>
    </fieldset>
  )
}

/** What the form says of where the source is, unchecked: the schema of its kind says what is wrong with it. */
export function addressIn(kind: SourceKind, values: Values): Record<string, unknown> {
  const has = fieldsOf(kind)
  const text = (name: string) => (has.has(name) && values[name] !== undefined ? { [name]: values[name].trim() } : {})
  const domain = values.domain
    ?.trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
  return {
    ...(has.has('domain') && domain !== undefined ? { domain } : {}),
    ...text('url'),
    ...text('recordsPath'),
    ...(has.has('header') && values.header?.trim() ? { header: values.header.trim() } : {}),
    ...(has.has('paging') && values['paging.by'] !== undefined ? { paging: pagingIn(values) } : {}),
  }
}

function pagingIn(values: Values): Record<string, unknown> {
  const by = values['paging.by'] ?? 'none'
  const given = (name: string) => values[`paging.${name}`]?.trim() ?? ''
  const some = (name: string) => (given(name) === '' ? {} : { [name]: given(name) })
  const size = given('size') === '' ? {} : { size: wholeNumber(given('size')) }
  switch (by) {
    case 'next-link':
      return { by, pointer: given('pointer') }
    case 'cursor':
      return { by, pointer: given('pointer'), parameter: given('parameter') }
    case 'page':
      return { by, parameter: given('parameter'), first: wholeNumber(given('first') || '1'), ...some('sizeParameter'), ...size }
    case 'offset':
      return { by, parameter: given('parameter'), sizeParameter: given('sizeParameter'), ...size }
    default:
      return { by }
  }
}

/** The address of a source as the form shows it. */
export function addressOf(settings: object): Values {
  const texts = Object.entries(settings).flatMap(([name, value]) =>
    typeof value === 'string' && ['domain', 'url', 'header', 'recordsPath'].includes(name) ? [[name, value] as const] : [],
  )
  const paging = 'paging' in settings && typeof settings.paging === 'object' && settings.paging !== null ? settings.paging : {}
  return {
    ...Object.fromEntries(texts),
    ...Object.fromEntries(Object.entries(paging).map(([name, value]) => [`paging.${name}`, String(value)])),
  }
}
