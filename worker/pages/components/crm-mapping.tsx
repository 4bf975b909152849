import { type Discovery, dealMeanings, leadMeanings } from '../../connectors/connector'
import type { CrmSettings } from '../../connectors/crm'
import { failureWords } from '../../services/source-failure'
import { dealFields, type FormStage, leadFields, type MappedKind, stageInput, stagesOf, streams, unmapped } from './crm-form'
import { Field, type Mistake, Mistakes, Why } from './field'
import { Part } from './part'
import { Scroll } from './scroll'
import type { Values } from './source-form'
import { Owner, Rhythm } from './source-schedule'
import type { View } from './view'

interface Props {
  view: View
  settings: CrmSettings
  /** Null where the source could not be asked: then the form has what is set. */
  discovery: Discovery | null
  values: Values
  mistakes: readonly Mistake[]
}

/** What the stages and fields of a CRM mean here, what is read, and how often. */
export function CrmMapping(props: Props & { action: string; cancel: string; isNew: boolean }) {
  const { view, values, mistakes } = props
  const t = view.t.sourceSetup
  const s = view.t.sourcesPage
  return (
    <form method="post" action={props.action} novalidate>
      <Mistakes mistakes={mistakes} title={() => s.notSaved} />
      <Part id="stages-of-leads" title={t.leadStages} what={t.leadStagesWhat}>
        <Stages {...props} kind="lead" />
      </Part>
      <Part id="stages-of-deals" title={t.dealStages} what={t.dealStagesWhat}>
        <Stages {...props} kind="deal" />
      </Part>
      <Part id="read" title={t.reads.title} what={t.reads.what}>
        <Reads {...props} />
      </Part>
      <Part id="fields-used" title={t.fields.title} what={t.fields.what}>
        <Fields {...props} />
      </Part>
      <Part id="meaning" title={t.meaning.title} what={t.meaning.what}>
        <div class="form">
          <Choice view={view} name="lead" legend={t.meaning.lead} choices={t.meaning.leads} value={values.lead ?? 'record'} />
          <Choice
            view={view}
            name="customer"
            legend={t.meaning.customer}
            choices={t.meaning.customers}
            value={values.customer ?? 'company'}
          />
        </div>
      </Part>
      <Part id="when" title={t.when.title} what={t.when.what}>
        <Schedule {...props} />
      </Part>
      <p class="actions sec tight">
        <button class="btn solid" type="submit">
          {props.isNew ? t.saveAndLook : s.save}
        </button>
        <a class="btn" href={props.cancel}>
          {s.cancel}
        </a>
      </p>
    </form>
  )
}

/** Every stage with what it means. One that nobody has said anything about stays in the list and says so. */
function Stages({ view, settings, discovery, values, kind }: Props & { kind: MappedKind }) {
  const t = view.t.sourceSetup
  const stages = stagesOf(kind, discovery, settings)
  if (stages.length === 0) return <p class="note">{t.noStages}</p>
  const open = unmapped(kind, stages, values)
  const title = kind === 'lead' ? t.leadStages : t.dealStages
  const hasPipelines = new Set(stages.map(({ pipeline }) => pipeline)).size > 1
  return (
    <>
      {open.length > 0 ? (
        <p class="done" role="status">
          {t.unmapped(open.length)}
        </p>
      ) : null}
      <Scroll label={title}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">{t.stage}</th>
              {hasPipelines ? <th scope="col">{t.pipeline}</th> : null}
              <th scope="col">{t.means}</th>
            </tr>
          </thead>
          <tbody>
            {stages.map((stage) => (
              <StageRow
                view={view}
                kind={kind}
                stage={stage}
                value={values[stageInput(kind, stage.id)] ?? ''}
                hasPipelines={hasPipelines}
              />
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  )
}

function StageRow(props: { view: View; kind: MappedKind; stage: FormStage; value: string; hasPipelines: boolean }) {
  const { view, kind, stage } = props
  const t = view.t.sourceSetup
  const name = stageInput(kind, stage.id)
  const options: readonly (readonly [string, string])[] =
    kind === 'lead'
      ? leadMeanings.map((meaning) => [meaning, view.t.sourcesPage.leadMeanings[meaning]])
      : dealMeanings.map((meaning) => [meaning, t.dealMeanings[meaning]])
  return (
    <tr>
      <th scope="row">
        <label for={name}>
          <bdi>{stage.label}</bdi>
        </label>
        {stage.isGone ? <p class="note">{t.gone}</p> : null}
      </th>
      {props.hasPipelines ? (
        <td>
          <bdi>{stage.pipeline ?? '–'}</bdi>
        </td>
      ) : null}
      <td>
        <select class="pick" id={name} name={name}>
          <option value="">{t.chooseMeaning}</option>
          {options.map(([value, label]) => (
            <option value={value} selected={props.value === value}>
              {label}
            </option>
          ))}
        </select>
      </td>
    </tr>
  )
}

/** Why something cannot be read: the source has none of it, or it could not be had. */
function whyNot(view: View, { why, scope }: Discovery['unavailable'][number]): string {
  const t = view.t.sourceSetup.reads
  if (why === 'not-found') return t.hasNone
  return t.unavailable(failureWords(view.locale, { code: why, facts: scope ? { scope } : {} }).detail)
}

function Reads({ view, discovery, values, mistakes }: Props) {
  const t = view.t.sourceSetup
  const why = mistakes.find(({ field }) => field === 'reads.leads')?.reason
  return (
    <fieldset class="choices" aria-describedby={why ? 'reads-why' : undefined}>
      <legend class="vh">{t.reads.title}</legend>
      {streams.map((stream) => {
        const refused = discovery?.unavailable.find(({ what }) => what === stream)
        return (
          <div>
            <label class="check">
              <input type="checkbox" id={`reads.${stream}`} name={`reads.${stream}`} checked={values[`reads.${stream}`] === 'on'} />
              <span>
                {t.reads.streams[stream]}
                {refused ? <span class="note"> {whyNot(view, refused)}</span> : null}
              </span>
            </label>
          </div>
        )
      })}
      {why ? <Why id="reads-why" reason={why} /> : null}
    </fieldset>
  )
}

/** Fields by what they mean. A list where the CRM could be asked, else the field's own name. */
function Fields({ view, discovery, values, mistakes }: Props) {
  const t = view.t.sourceSetup
  const groups = [
    [leadFields, discovery?.leadFields],
    [dealFields, discovery?.dealFields],
  ] as const
  return (
    <div class={view.sheet.rule('display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,14rem),1fr));gap:var(--s4)')}>
      {groups.flatMap(([fields, found]) =>
        fields.map((field) => {
          const name = `fields.${field}`
          const value = values[name] ?? ''
          const known = found?.some(({ id }) => id === value)
          return (
            <Field name={name} label={t.fields.names[field]} mistakes={mistakes}>
              {(control) =>
                found ? (
                  <select {...control} class="pick">
                    <option value="">{t.fields.usual}</option>
                    {found.map(({ id, label }) => (
                      <option value={id} selected={id === value}>
                        {label}
                      </option>
                    ))}
                    {value && !known ? (
                      <option value={value} selected>
                        {value}
                      </option>
                    ) : null}
                  </select>
                ) : (
                  <input {...control} value={value} maxlength={200} dir="ltr" placeholder={t.fields.usual} />
                )
              }
            </Field>
          )
        }),
      )}
    </div>
  )
}

const Choice = (props: { view: View; name: string; legend: string; choices: Record<string, string>; value: string }) => (
  <fieldset>
    <legend>{props.legend}</legend>
    {Object.entries(props.choices).map(([value, label]) => (
      <label class="check">
        <input type="radio" name={props.name} value={value} checked={props.value === value} />
        {label}
      </label>
    ))}
  </fieldset>
)

function Schedule({ view, values, mistakes }: Props) {
  const t = view.t.sourceSetup
  const s = view.t.sourcesPage
  return (
    <div class="form">
      <Field name="changedSince" label={t.when.since} hint={t.when.sinceHint} mistakes={mistakes} short>
        {(control) => <input {...control} type="date" value={values.changedSince ?? ''} required />}
      </Field>
      <Rhythm view={view} values={values} mistakes={mistakes} />
      <Field name="expectedEveryDays" label={s.every} hint={t.when.expectedHint} mistakes={mistakes} short>
        {(control) => <input {...control} value={values.expectedEveryDays ?? ''} inputmode="numeric" maxlength={3} dir="ltr" />}
      </Field>
      <Field name="quotaShare" label={t.when.share} hint={t.when.shareHint} mistakes={mistakes} short>
        {(control) => <input {...control} value={values.quotaShare ?? ''} inputmode="numeric" maxlength={2} dir="ltr" />}
      </Field>
      <Field name="timeZone" label={s.timeZone} hint={s.timeZoneHint} mistakes={mistakes}>
        {(control) => <input {...control} value={values.timeZone ?? ''} maxlength={64} dir="ltr" autocomplete="off" />}
      </Field>
      <Field name="currency" label={s.currency} hint={t.when.currencyHint} mistakes={mistakes} short>
        {(control) => <input {...control} value={values.currency ?? ''} maxlength={3} dir="ltr" autocomplete="off" />}
      </Field>
      <Owner view={view} values={values} mistakes={mistakes} />
    </div>
  )
}
