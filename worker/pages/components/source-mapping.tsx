import type { Child } from 'hono/jsx'
import { leadMeanings, type MappedFile } from '../../connectors/connector'
import type { Sample } from '../../connectors/csv/suggest'
import { dealStates } from '../../core/facts'
import { dateFormats } from '../../core/values'
import { Field, type Mistake, Mistakes } from './field'
import { Scroll } from './scroll'
import { fieldLabel, inputName, type Kind, kindName, mappable, otherKinds, usualKinds, type Values } from './source-form'
import { FactTable } from './source-rows'
import type { View } from './view'

interface Props {
  view: View
  sample: Sample
  values: Values
  mistakes: readonly Mistake[]
  /** How the sample's rows come out under these values; null while the form has mistakes. */
  firstRows: MappedFile | null
  action: string
  cancel: string
  /** A new source has a name and says how values are written; a further kind of file only says what it holds. */
  isNew: boolean
  /** A table that is fetched: it has its name already, and says how often it is, in fields of its own. */
  pulled?: { above: Child; fields: Child; button: string } | undefined
}

/** What the columns of a sample mean: everything guessed is filled in and shown as it would be read. */
export function MappingForm(props: Props) {
  const { view, sample, values, mistakes, isNew, pulled } = props
  const t = view.t.sourcesPage
  const top = view.sheet.rule('align-content:start')
  return (
    <>
      <div class="pagehead">
        <h1>{t.mapTitle}</h1>
        <p class="sub">{t.mapSub(sample.header.length, sample.rowCount)}</p>
      </div>
      {pulled?.above}
      <Mistakes mistakes={mistakes} title={() => t.notSaved} />
      <form method="post" action={props.action} novalidate>
        <input type="hidden" name="sample" value={JSON.stringify(sample)} />
        <section class="sec">
          <div class="cols">
            <div class={`c4 form ${top}`}>
              {isNew ? (
                <Field name="name" label={t.sourceName} mistakes={mistakes}>
                  {(control) => <input {...control} value={values.name ?? ''} maxlength={80} required dir="auto" />}
                </Field>
              ) : null}
              <Field name="layoutName" label={t.layoutName} hint={t.layoutHint} mistakes={mistakes}>
                {(control) => <input {...control} value={values.layoutName ?? ''} maxlength={80} required dir="auto" />}
              </Field>
              {isNew || pulled ? <ReadingFields view={view} values={values} mistakes={mistakes} /> : null}
              {pulled?.fields}
            </div>
            <div class={`c8 form ${top}`}>
              {usualKinds.map((kind) => (
                <KindFields {...props} kind={kind} />
              ))}
              <OtherKinds {...props} />
            </div>
          </div>
        </section>
        <section class="sec">
          <div class="title">
            <h2>{t.firstRows}</h2>
          </div>
          {props.firstRows ? <FactTable view={view} file={props.firstRows} /> : <RawRows view={view} sample={sample} />}
          <p class={`actions ${view.sheet.rule('margin-block-start:var(--s5)')}`}>
            <button class="btn solid" type="submit" name="action" value="save">
              {pulled ? pulled.button : isNew ? t.create : t.saveLayout}
            </button>
            <button class="btn" type="submit" name="action" value="check">
              {t.check}
            </button>
            <a class="btn" href={props.cancel}>
              {t.cancel}
            </a>
          </p>
        </section>
      </form>
    </>
  )
}

/** Time zone, currency, dates, decimals and rhythm of a source. */
export function ReadingFields({ view, values, mistakes }: { view: View; values: Values; mistakes: readonly Mistake[] }) {
  const t = view.t.sourcesPage
  const decimals = [
    ['', t.decimalNone],
    ['.', t.decimalPoint],
    [',', t.decimalComma],
  ] as const
  return (
    <fieldset>
      <legend>{t.reading}</legend>
      <Field name="timeZone" label={t.timeZone} hint={t.timeZoneHint} mistakes={mistakes}>
        {(control) => <input {...control} value={values.timeZone ?? ''} maxlength={64} dir="ltr" autocomplete="off" />}
      </Field>
      <Field name="currency" label={t.currency} hint={t.currencyHint} mistakes={mistakes} short>
        {(control) => <input {...control} value={values.currency ?? ''} maxlength={3} dir="ltr" autocomplete="off" />}
      </Field>
      <Field name="dateFormat" label={t.dateFormat} mistakes={mistakes} short>
        {(control) => (
          <select {...control} class="pick">
            {dateFormats.map((format) => (
              <option value={format} selected={values.dateFormat === format}>
                {format === 'iso' ? t.iso : format}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="decimal" label={t.decimal} mistakes={mistakes}>
        {(control) => (
          <select {...control} class="pick">
            {decimals.map(([value, label]) => (
              <option value={value} selected={(values.decimal ?? '') === value}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="expectedEveryDays" label={t.every} mistakes={mistakes} short>
        {(control) => <input {...control} value={values.expectedEveryDays ?? ''} inputmode="numeric" maxlength={3} dir="ltr" />}
      </Field>
    </fieldset>
  )
}

/** Folded away where nothing of them was found. */
function OtherKinds(props: Props) {
  const { view, values, mistakes } = props
  const isUsed = otherKinds.some((kind) =>
    mappable[kind].some((field) => values[inputName(kind, field)] || mistakes.some((mistake) => mistake.field === inputName(kind, field))),
  )
  return (
    <details open={isUsed}>
      <summary>{view.t.sourcesPage.moreKindsTitle}</summary>
      <div class="form">
        {otherKinds.map((kind) => (
          <KindFields {...props} kind={kind} />
        ))}
      </div>
    </details>
  )
}

function KindFields({ view, sample, values, mistakes, kind }: Props & { kind: Kind }) {
  const t = view.t.sourcesPage
  const whats = { lead: t.leadWhat, deal: t.dealWhat, spend: t.spendWhat }
  const what = kind === 'lead' || kind === 'deal' || kind === 'spend' ? whats[kind] : t.moreKinds[kind].what
  return (
    <fieldset>
      <legend>{kindName(t, kind)}</legend>
      <p class="note">{what}</p>
      <div class={view.sheet.rule('display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,14rem),1fr));gap:var(--s4)')}>
        {mappable[kind].map((field) => {
          const name = inputName(kind, field)
          return (
            <Field name={name} label={fieldLabel(t, kind, field)} mistakes={mistakes}>
              {(control) => (
                <select {...control} class="pick" dir="auto">
                  <option value="">{t.none}</option>
                  {sample.header
                    .filter((column) => column !== '')
                    .map((column) => (
                      <option value={column} selected={values[name] === column}>
                        {column}
                      </option>
                    ))}
                </select>
              )}
            </Field>
          )
        })}
        {kind === 'deal' ? (
          <Field name="deal.state" label={t.everyRow} hint={t.everyRowHint} mistakes={mistakes}>
            {(control) => <StateSelect control={control} t={t} none={t.byStage} value={values['deal.state'] ?? ''} />}
          </Field>
        ) : null}
      </div>
      {kind === 'deal' ? <DealStages view={view} sample={sample} values={values} /> : null}
      {kind === 'stage' ? <LeadStages view={view} sample={sample} values={values} /> : null}
    </fieldset>
  )
}

type StagesProps = Pick<Props, 'view' | 'sample' | 'values'>

function DealStages({ view, sample, values }: StagesProps) {
  const t = view.t.sourcesPage
  const stages = sample.values[values['deal.stage'] ?? ''] ?? []
  return (
    <Meanings view={view} stages={stages} idPrefix="stage">
      {(stage, id) => (
        <StateSelect control={{ id, name: `stage.${stage}` }} t={t} none={t.stageLeaveOut} value={values[`stage.${stage}`] ?? ''} />
      )}
    </Meanings>
  )
}

function LeadStages({ view, sample, values }: StagesProps) {
  const t = view.t.sourcesPage
  const stages = sample.values[values['step.stage'] ?? ''] ?? []
  return (
    <Meanings view={view} stages={stages} idPrefix="meaning">
      {(stage, id) => (
        <select class="pick" id={id} name={`meaning.${stage}`}>
          <option value="">{t.stageLeaveOut}</option>
          {leadMeanings.map((meaning) => (
            <option value={meaning} selected={values[`meaning.${stage}`] === meaning}>
              {t.leadMeanings[meaning]}
            </option>
          ))}
        </select>
      )}
    </Meanings>
  )
}

/** Every value of a stage column with what it means. */
function Meanings(props: { view: View; stages: readonly string[]; idPrefix: string; children: (stage: string, id: string) => unknown }) {
  const t = props.view.t.sourcesPage
  if (props.stages.length === 0) return null
  return (
    <div>
      <p class="label">
        <strong>{t.stageValues}</strong>
      </p>
      <p class="note">{props.idPrefix === 'stage' ? t.stageValuesWhat : t.leadStagesWhat}</p>
      <Scroll label={t.stageValues}>
        <table class="data">
          <tbody>
            {props.stages.map((stage, index) => (
              <tr>
                <th scope="row">
                  <label for={`${props.idPrefix}-${index}`}>
                    <bdi>{stage}</bdi>
                  </label>
                </th>
                <td>{props.children(stage, `${props.idPrefix}-${index}`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </div>
  )
}

const StateSelect = (props: { control: { id: string; name: string }; t: View['t']['sourcesPage']; none: string; value: string }) => (
  <select class="pick" {...props.control}>
    <option value="">{props.none}</option>
    {dealStates.map((state) => (
      <option value={state} selected={props.value === state}>
        {props.t.dealStates[state]}
      </option>
    ))}
  </select>
)

/** The sample as it is, while it cannot be read yet. */
const RawRows = ({ view, sample }: { view: View; sample: Sample }) => (
  <Scroll label={view.t.sourcesPage.firstRows}>
    <table class="data">
      <thead>
        <tr>
          {sample.header.map((column) => (
            <th scope="col">
              <bdi>{column}</bdi>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sample.rows.map((cells) => (
          <tr>
            {cells.map((cell) => (
              <td>
                <bdi>{cell}</bdi>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </Scroll>
)
