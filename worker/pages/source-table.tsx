/** What the columns of a table mean that is fetched from an address: the same form as for a file that was uploaded. */
import type { Context } from 'hono'
import { mapTable } from '../connectors/csv/mapper'
import type { TableSettings } from '../connectors/csv/settings'
import { type Sample, sampleOf } from '../connectors/csv/suggest'
import type { AppEnv } from '../context'
import { dayOf } from '../core/calendar'
import { DomainError } from '../core/errors'
import { readSettings } from '../db/settings'
import { messagesOf } from '../i18n'
import { readOwner, readSourceSettings } from '../services/source-settings'
import { discover } from '../services/source-setup'
import { changeSource, type SourceView } from '../services/sources'
import { mistakesAt, wholeNumber } from './components/crm-form'
import { Field, type Mistake } from './components/field'
import { Failure } from './components/source-connect'
import { layoutOf, readingOf, readSample, suggestedValues, type Values, valuesOfLayout, withStages } from './components/source-form'
import { MappingForm } from './components/source-mapping'
import { Owner, Rhythm } from './components/source-schedule'
import { Steps } from './components/source-steps'
import type { View } from './components/view'
import { answered, path, render } from './sources-frame'

/** What of the settings of a table this form is about. */
type Told = TableSettings & { everyMinutes: number; expectedEveryDays: number; holds?: string }
const toldOf = ({ settings }: SourceView) => settings as unknown as Told

/** The columns as they are now, with what was said of them, or what their names suggest. */
export async function tableMappingPage(c: Context<AppEnv>, source: SourceView) {
  const found = await answered(() => discover(c.var.services, source.id))
  const t = messagesOf(c.var.locale)
  if ('failure' in found || !found.done.table) {
    return render(c, { title: t.sourcesPage.mapTitle, path: `${path}/${source.id}/mapping` }, (view) => (
      <>
        <div class="pagehead">
          <h1>{t.sourcesPage.mapTitle}</h1>
        </div>
        {source.state === 'draft' ? <Steps view={view} at="mapping" source={source} /> : null}
        {'failure' in found ? (
          <Failure view={view} title={t.sourceSetup.notDiscovered} failure={found.failure} />
        ) : (
          <p class="note">{t.sourceSetup.look.none}</p>
        )}
        <p class="actions">
          <a class="btn solid" href={`${path}/${source.id}/connection`}>
            {t.sourceSetup.tryAgain}
          </a>
        </p>
      </>
    ))
  }
  const { header, rows } = found.done.table
  const sample = sampleOf({ header, rows: rows.map((cells, index) => ({ line: index + 2, cells })), delimiter: ',', problems: [] })
  return show(c, source, sample, valuesOf(source, sample), [])
}

/** Saves what the columns mean, or shows the form again: to check it, or because something in it is wrong. */
export async function saveTableMapping(c: Context<AppEnv>, source: SourceView, values: Values) {
  const sample = readSample(values.sample ?? '')
  if (!sample) return c.redirect(`${path}/${source.id}/mapping`, 303)
  const input = settingsOf(source, values)
  const read = readSourceSettings(source.kind, input, { isDraft: false })
  const mistakes = [...('errors' in read ? layoutMistakes(read.errors, messagesOf(c.var.locale)) : []), ...ownerMistakes(c, values)]
  if (mistakes.length > 0 || values.action === 'check') return show(c, source, sample, withStages(values, sample), mistakes)
  await changeSource(c.var.services, source.id, { settings: input, ownerEmail: values.ownerEmail?.trim() || null })
  return c.redirect(source.state === 'draft' ? `${path}/${source.id}/dry-run` : `${path}/${source.id}?done=mapped`, 303)
}

function ownerMistakes(c: Context<AppEnv>, values: Values): Mistake[] {
  try {
    readOwner(values.ownerEmail ?? null)
    return []
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return mistakesAt(error.errors ?? [], messagesOf(c.var.locale))
  }
}

/** Errors below `layouts` belong to the columns of the one layout that the form describes. */
function layoutMistakes(errors: readonly { pointer: string; detail: string }[], t: ReturnType<typeof messagesOf>): Mistake[] {
  const { why } = t.sourcesPage
  const reasons: Record<string, string> = {
    'deal.stage': why.stage,
    'deal.closedAt': why.closedAt,
    layoutName: why.name,
    'lead.id': why.nothing,
  }
  const found = errors.flatMap(({ pointer, detail }): Mistake[] => {
    const [, layouts, _index, ...keys] = pointer.slice(2).split('/')
    if (layouts !== 'layouts') return mistakesAt([{ pointer, detail }], t)
    const field = keys.length === 0 ? 'lead.id' : keys[0] === 'name' ? 'layoutName' : keys.join('.').replace(/^stage\./, 'step.')
    if (field.endsWith('.stages')) return [{ field: field.replace(/s$/, ''), reason: why.stages }]
    return [{ field, reason: reasons[field] ?? why.column }]
  })
  return found.filter(({ field }, index) => found.findIndex((other) => other.field === field) === index)
}

/** The form's settings on top of the source's: where it is stays. */
function settingsOf(source: SourceView, values: Values): Record<string, unknown> {
  const { decimal: _decimal, ...told } = toldOf(source)
  return {
    ...told,
    ...readingOf(values),
    everyMinutes: wholeNumber(values.everyMinutes),
    ...(told.holds === undefined ? {} : { holds: values.holds ?? told.holds }),
    layouts: [layoutOf(values), ...told.layouts.slice(1)],
  }
}

/** What is set, or what the names of the columns suggest. */
function valuesOf(source: SourceView, sample: Sample): Values {
  const told = toldOf(source)
  const { timeZone, currency, everyMinutes, expectedEveryDays, holds = '' } = told
  const names = { source: source.name, layout: told.layouts[0]?.name ?? source.name, timeZone, currency }
  const own = {
    everyMinutes: String(everyMinutes),
    expectedEveryDays: String(expectedEveryDays),
    holds,
    ownerEmail: source.ownerEmail ?? '',
  }
  const [layout] = told.layouts
  if (!layout) return { ...suggestedValues(sample, names), ...own }
  const reading = { timeZone, currency, dateFormat: told.dateFormat, decimal: told.decimal ?? '' }
  return { ...withStages(valuesOfLayout(layout), sample), ...reading, ...own }
}

async function show(c: Context<AppEnv>, source: SourceView, sample: Sample, values: Values, mistakes: Mistake[]) {
  const settings = await readSettings(c.var.services.db)
  const isDraft = source.state === 'draft'
  const at = `${path}/${source.id}/mapping`
  const read = readSourceSettings(source.kind, settingsOf(source, values), { isDraft: false })
  const told = 'settings' in read ? (read.settings as Told) : null
  const [layout] = told?.layouts ?? []
  const rows = sample.rows.map((cells, index) => ({ line: index + 2, cells }))
  const context = { reportingZone: settings.timeZone, today: dayOf(c.var.services.now, settings.timeZone) }
  const firstRows = told && layout ? mapTable({ header: sample.header, rows, delimiter: ',', problems: [] }, layout, told, context) : null
  const title = messagesOf(c.var.locale).sourcesPage.mapTitle
  return render(c, { title, path: at, settings, status: mistakes.length > 0 ? 422 : 200 }, (view) => (
    <MappingForm
      view={view}
      sample={sample}
      values={values}
      mistakes={mistakes}
      firstRows={firstRows}
      action={at}
      cancel={`${path}/${source.id}`}
      isNew={false}
      pulled={{
        above: isDraft ? <Steps view={view} at="mapping" source={source} /> : null,
        fields: <PulledFields view={view} values={values} mistakes={mistakes} hasHolds={toldOf(source).holds !== undefined} />,
        button: isDraft ? view.t.sourceSetup.saveAndLook : view.t.sourcesPage.save,
      }}
    />
  ))
}

function PulledFields(props: { view: View; values: Values; mistakes: readonly Mistake[]; hasHolds: boolean }) {
  const { view, values, mistakes } = props
  const t = view.t.sourceSetup
  return (
    <fieldset>
      <legend>{t.when.often}</legend>
      <Rhythm view={view} values={values} mistakes={mistakes} />
      {props.hasHolds ? (
        <Field name="holds" label={t.holds.label} mistakes={mistakes}>
          {(control) => (
            <select {...control} class="pick">
              {(['everything', 'news'] as const).map((holds) => (
                <option value={holds} selected={values.holds === holds}>
                  {t.holds[holds]}
                </option>
              ))}
            </select>
          )}
        </Field>
      ) : null}
      <Owner view={view} values={values} mistakes={mistakes} />
    </fieldset>
  )
}
