/** Writing a clause: its kind, its fields in plain words, and a second look with how the last due dates would have come out. */
import type { Context } from 'hono'
import type { AppEnv } from '../context'
import { dayOf } from '../core/calendar'
import { type Clause, clauseKinds, clauseProblems, promisedStages } from '../core/clause'
import { complianceOf } from '../core/sla'
import { cleanLine } from '../core/text'
import { readSettings } from '../db/settings'
import { messagesOf } from '../i18n'
import { formatOf } from '../i18n/format'
import { clauseName, sentenceOf, weekdayName } from '../services/clause-words'
import { type ClauseView, findClauseProblems, previewClause } from '../services/clauses'
import {
  type ClauseFieldName,
  type ClauseValues,
  clauseFields,
  clauseMistakes,
  clauseOf,
  timeUnits,
  usualClauses,
  valuesOf,
} from './components/clause-fields'
import { type Control, Field, type Mistake, Mistakes } from './components/field'
import { PromiseStrip } from './components/promise-strip'
import type { View } from './components/view'
import { showInKpis } from './kpis-frame'

export const slaPath = '/kpis/sla'

/** What was sent, by field; of a name so much that its mistake can be shown. */
export const valuesSent = (sent: (name: string) => unknown): ClauseValues =>
  Object.fromEntries(
    clauseFields.flatMap((name) => {
      const value = sent(name)
      return typeof value === 'string' ? [[name, cleanLine(value).slice(0, 200)]] : []
    }),
  )

/** The clause that was filled in, or what is wrong with it. */
export async function readClauseForm(
  c: Context<AppEnv>,
  values: ClauseValues,
  id?: string,
): Promise<{ clause: Clause; fromDay: string } | { mistakes: Mistake[] }> {
  const t = messagesOf(c.var.locale)
  const clause = clauseOf(values)
  if (!clause) return { mistakes: [{ field: 'kind', reason: t.sla.mistakes['kind-unknown'] }] }
  const fromDay = values.fromDay ?? ''
  const problems = await findClauseProblems(c.var.services, clause, fromDay, id)
  return problems.length > 0 ? { mistakes: clauseMistakes(t, problems) } : { clause, fromDay }
}

/** What the form of a new clause begins with: as of today, the usual promise of its kind. */
export async function firstValues(c: Context<AppEnv>, kind: Clause['kind']): Promise<ClauseValues> {
  const { timeZone } = await readSettings(c.var.services.db)
  return valuesOf(usualClauses[kind], dayOf(c.var.services.now, timeZone))
}

/** The kinds to choose from. */
export const KindList = ({ view: { t } }: { view: View }) => (
  <ul class="kinds">
    {clauseKinds.map((kind) => (
      <li>
        <a href={`${slaPath}/clauses/new?kind=${kind}`}>{t.sla.form.kinds[kind].name}</a>
        <span class="note">{t.sla.form.kinds[kind].what}</span>
      </li>
    ))}
  </ul>
)

/** @param changed the clause that it would be another version of */
export async function clauseFormPage(
  c: Context<AppEnv>,
  values: ClauseValues,
  changed: ClauseView | null,
  mistakes: readonly Mistake[] = [],
) {
  const { services, locale } = c.var
  const { timeZone } = await readSettings(services.db)
  const texts = messagesOf(locale)
  const t = texts.sla.form
  const title = changed ? t.change : t.add
  const base = changed ? `${slaPath}/clauses/${changed.id}` : `${slaPath}/clauses`
  const query = new URLSearchParams(Object.entries(values))
  return showInKpis(c, {
    title,
    path: `${base}/${changed ? 'change' : 'new'}?${query}`,
    tab: 'sla',
    status: mistakes.length > 0 ? 422 : 200,
    body: (view) => (
      <>
        <div class="pagehead">
          <h1>{title}</h1>
          <p class="sub">{changed ? t.changeWhat : t.kinds[kindOf(values)].what}</p>
        </div>
        <Mistakes mistakes={mistakes} title={texts.settingsPage.unusable} />
        <form class="form" method="get" action={`${base}/preview`} novalidate data-sentence={`${slaPath}/sentence`}>
          <input type="hidden" name="kind" value={values.kind ?? ''} />
          <Fields view={view} values={values} mistakes={mistakes} timeZone={timeZone} isChange={changed !== null} />
          <div class="sentence">
            <p class="hint" id="sentence-label">
              {t.sentence}
            </p>
            <output aria-labelledby="sentence-label">{sentenceIfAny(view, values)}</output>
          </div>
          <div class="actions">
            <button class="btn solid" type="submit">
              {t.preview}
            </button>
            <a class="btn" href={slaPath}>
              {t.cancel}
            </a>
          </div>
        </form>
      </>
    ),
  })
}

const kindOf = ({ kind }: ClauseValues): Clause['kind'] => clauseKinds.find((known) => known === kind) ?? 'volume'

/** The sentence of what is filled in; empty while it cannot be said. */
export function sentenceIfAny(view: Pick<View, 't' | 'f'>, values: ClauseValues): string {
  const clause = clauseOf(values)
  return clause && clauseProblems(clause).length === 0 ? sentenceOf(view, clause) : ''
}

function Fields(props: { view: View; values: ClauseValues; mistakes: readonly Mistake[]; timeZone: string; isChange: boolean }) {
  const { view, values, mistakes, timeZone, isChange } = props
  const t = view.t.sla.form
  const kind = kindOf(values)
  const select = (name: ClauseFieldName, label: string, options: readonly (readonly [string, string])[], hint?: string) => (
    <Field name={name} label={label} mistakes={mistakes} short={name !== 'counts'} {...(hint ? { hint } : {})}>
      {(control) => <Select control={control} options={options} value={values[name]} />}
    </Field>
  )
  const input = (name: ClauseFieldName, label: string, rest: Record<string, string | number>, hint?: string) => (
    <Field name={name} label={label} mistakes={mistakes} short={name !== 'name'} {...(hint ? { hint } : {})}>
      {(control) => <input {...control} value={values[name] ?? ''} {...rest} />}
    </Field>
  )
  const time = { type: 'text', inputmode: 'numeric', maxlength: 5, placeholder: '09:00' }
  const count = { type: 'text', inputmode: 'decimal', maxlength: 11 }
  const stageOptions = promisedStages.map((stage) => [stage, view.t.funnel.stages[stage]] as const)
  const whenLabel = kind === 'follow-on' ? t.whenDelivered : kind === 'response' || kind === 'attempts' ? t.whenLooked : t.when
  return (
    <>
      {select(
        'side',
        t.side,
        (['marketing', 'sales'] as const).map((side) => [side, view.t.sides[side]] as const),
      )}
      {kind === 'reported' ? input('name', t.name, { type: 'text', maxlength: 120 }) : null}
      {kind === 'reported' ? select('reportedUnit', t.reportedUnit, Object.entries(t.reportedUnits)) : null}
      {kind === 'reported' ? input('target', t.target, count) : null}
      {kind === 'volume' || kind === 'follow-on' || kind === 'response'
        ? select('stage', kind === 'response' ? t.handOff : t.stage, stageOptions)
        : null}
      {kind === 'volume' ? input('atLeast', t.atLeast, count) : null}
      {kind === 'attempts' ? input('atLeast', t.attempts, count) : null}
      {kind === 'response' ? input('amount', t.amount, count) : null}
      {kind === 'response'
        ? select(
            'unit',
            t.unit,
            timeUnits.map((unit) => [unit, t.units[unit]] as const),
          )
        : null}
      {select('when', whenLabel, whenOptions(view), kind === 'response' ? t.whenHint : undefined)}
      {input('time', t.time, time, t.timeHint(timeZone))}
      {kind === 'volume' || kind === 'follow-on' ? select('counts', t.counts, Object.entries(t.countsOptions)) : null}
      {kind === 'follow-on' ? (
        <>
          {select(
            'reaches',
            t.reaches,
            promisedStages.slice(1).map((stage) => [stage, view.t.sla.reached[stage]] as const),
          )}
          {input('daysLater', t.daysLater, { ...count, maxlength: 2 }, t.daysLaterHint)}
          {input('byTime', t.byTime, time)}
        </>
      ) : null}
      {kind === 'follow-on' || kind === 'response' || kind === 'attempts' ? input('share', t.share, count) : null}
      {select('onHoliday', t.onHoliday, Object.entries(t.onHolidays))}
      {input('fromDay', t.fromDay, { type: 'date' }, isChange ? t.fromDayChange : t.fromDayNew)}
    </>
  )
}

const Select = (props: { control: Control; options: readonly (readonly [string, string])[]; value: string | undefined }) => (
  <select {...props.control} class="pick">
    {props.options.map(([value, text]) => (
      <option value={value} selected={value === props.value}>
        {text}
      </option>
    ))}
  </select>
)

/** Every Monday to every Sunday, then the days of a month. */
function whenOptions(view: View): [string, string][] {
  const { when } = view.t.sla
  const weekdays = [1, 2, 3, 4, 5, 6, 0].map((day): [string, string] => [`week-${day}`, when.week(weekdayName(view, day))])
  const days = Array.from({ length: 28 }, (_, index): [string, string] => [`month-${index + 1}`, when.month(index + 1)])
  return [...weekdays, ...days, ['month-31', when.lastOfMonth]]
}

/** A second look: the sentence, and how the last due dates would have come out. */
export async function clausePreviewPage(c: Context<AppEnv>, values: ClauseValues, changed: ClauseView | null) {
  const read = await readClauseForm(c, values, changed?.id)
  if ('mistakes' in read) return clauseFormPage(c, values, changed, read.mistakes)
  const { services, locale } = c.var
  const [{ timeZone }, past] = await Promise.all([readSettings(services.db), previewClause(services, read.clause)])
  const texts = messagesOf(locale).sla
  const f = formatOf(locale, timeZone)
  const { kept, due } = complianceOf(past)
  const base = changed ? `${slaPath}/clauses/${changed.id}` : `${slaPath}/clauses`
  const sent = new URLSearchParams(Object.entries(values))
  return showInKpis(c, {
    title: texts.preview.title,
    path: `${base}/preview?${sent}`,
    tab: 'sla',
    body: (view) => (
      <>
        <div class="pagehead">
          <h1>{texts.preview.title}</h1>
          <p class="sub">{sentenceOf(view, read.clause)}</p>
          <p class="note">{texts.starts(`${f.day(read.fromDay)} ${read.fromDay.slice(0, 4)}`)}</p>
        </div>
        <section class="sec tight">
          <div class="title">
            <h2>
              {due > 0
                ? texts.preview.past(f.number(kept), f.number(due))
                : read.clause.kind === 'reported'
                  ? texts.preview.noneReported
                  : texts.preview.none}
            </h2>
            {due > 0 ? <p class="what">{texts.preview.what}</p> : null}
          </div>
          {past.length > 0 ? (
            <PromiseStrip
              view={view}
              id="preview"
              title={clauseName(view, read.clause)}
              heading="h3"
              clause={read.clause}
              evaluations={past}
              now={services.now}
              standing={null}
              under={null}
            />
          ) : null}
        </section>
        <form method="post" action={base}>
          {Object.entries(values).map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <div class="actions">
            <button class="btn solid" type="submit">
              {texts.form.save}
            </button>
            <a class="btn" href={`${base}/${changed ? 'change' : 'new'}?${sent}`}>
              {texts.form.back}
            </a>
          </div>
        </form>
      </>
    ),
  })
}
