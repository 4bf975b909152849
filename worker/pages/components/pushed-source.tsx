import type { FactKind } from '../../core/facts'
import type { PullView } from '../../services/pulls'
import type { SourceView } from '../../services/sources'
import { CopyButton } from './copy'
import { Field, type Mistake, Mistakes } from './field'
import { Scroll } from './scroll'
import type { Values } from './source-form'
import { FreshnessMark } from './source-list'
import { Runs } from './source-runs'
import { Owner } from './source-schedule'
import type { View } from './view'

/** One row of each type, with every field that most rows have. */
const rows: readonly (Record<string, unknown> & { type: FactKind })[] = [
  { type: 'lead', id: 'L-1', createdAt: '2026-11-02T09:30:00Z', channel: 'ads', leadType: 'demo', stage: 'MQL' },
  { type: 'stage', leadId: 'L-1', what: 'entered', stage: 'mql', at: '2026-11-02T10:00:00Z' },
  {
    type: 'deal',
    id: 'D-1',
    leadId: 'L-1',
    customerId: 'C-1',
    createdAt: '2026-11-05',
    closedAt: '2026-11-20',
    state: 'won',
    amountMinor: 490000,
    currency: 'EUR',
  },
  { type: 'activity', id: 'A-1', leadId: 'L-1', kind: 'call', at: '2026-11-02T11:15:00Z', connected: true },
  { type: 'spend', id: 'S-1', day: '2026-11-01', side: 'marketing', channel: 'ads', kind: 'ads', amountMinor: 120000, currency: 'EUR' },
  { type: 'headcount', day: '2026-11-01', side: 'sales', people: 6.5 },
  { type: 'touch', id: 'T-1', leadId: 'L-1', at: '2026-10-30', channel: 'webinar' },
  { type: 'value', metric: 'customer_feedback', period: '2026-10', value: 8.4 },
]

/** A source that programs send rows to: where to, how, and what came. */
export function PushedSource(props: { view: View; source: SourceView; pulls: readonly PullView[]; origin: string }) {
  const { view, source, pulls } = props
  const t = view.t.sourceSetup
  const path = `/sources/${source.id}`
  const endpoint = `${props.origin}/api/v1/sources/${source.id}/rows`
  const example = JSON.stringify({ rows: rows.slice(0, 1) })
  return (
    <>
      <section class="sec" aria-labelledby="state-title">
        <div class="part">
          <div class="title">
            <h2 id="state-title">{t.stateTitle}</h2>
            <p>
              <FreshnessMark view={view} freshness={source.freshness} />
            </p>
            <dl class="facts">
              <div>
                <dt>{view.t.sourcesPage.lastSuccess}</dt>
                <dd>{source.lastSuccessAt ? view.f.moment(new Date(source.lastSuccessAt)) : view.t.sourcesPage.never}</dd>
              </div>
            </dl>
          </div>
          <div class="pile">
            <p>{t.push.how}</p>
            <div class="field">
              <span class="label">{t.push.endpoint}</span>
              <code class="secret" id="endpoint" dir="ltr">
                {endpoint}
              </code>
              <p class="actions">
                <CopyButton of="endpoint" label={t.push.copy} done={t.push.copied} />
                <a class="btn" href="/settings#keys">
                  {t.push.keys}
                </a>
              </p>
            </div>
            <pre class="scroll" dir="ltr" tabindex={0}>
              {`curl -X POST '${endpoint}' \\\n  -H 'Authorization: Bearer plk_…' -H 'Content-Type: application/json' \\\n  -H 'Idempotency-Key: 2026-11-02-night' \\\n  -d '${example}'`}
            </pre>
            <p class="note">{t.push.rules}</p>
          </div>
        </div>
      </section>
      <section class="sec" aria-labelledby="types-title">
        <div class="title">
          <h2 id="types-title">{t.push.types}</h2>
          <p class="what">{t.push.typesWhat}</p>
        </div>
        <Scroll label={t.push.types}>
          <table class="data">
            <thead>
              <tr>
                <th scope="col">{t.look.what}</th>
                <th scope="col">{t.push.row}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr>
                  <th scope="row">{t.factNames[row.type]}</th>
                  <td dir="ltr">
                    <code class="secret">{JSON.stringify(row)}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </section>
      <Runs view={view} source={source} pulls={pulls} title={t.push.requests} none={t.push.none} />
      <section class="sec tight">
        <p class="actions">
          <a class="btn" href={`${path}/reading`}>
            {view.t.sourcesPage.settings}
          </a>
          <a class="btn danger" href={`${path}/deletion`}>
            {view.t.sourcesPage.remove}
          </a>
        </p>
      </section>
    </>
  )
}

/** Name of such a source, and how rows are read that leave something out. */
export function PushForm(props: {
  view: View
  action: string
  cancel: string
  button: string
  values: Values
  mistakes: readonly Mistake[]
}) {
  const { view, values, mistakes } = props
  const t = view.t.sourcesPage
  return (
    <>
      <Mistakes mistakes={mistakes} title={() => t.notSaved} />
      <form class="form" method="post" action={props.action} novalidate>
        <Field name="name" label={t.sourceName} mistakes={mistakes}>
          {(control) => <input {...control} value={values.name ?? ''} maxlength={80} required dir="auto" />}
        </Field>
        <Field name="timeZone" label={t.timeZone} hint={t.timeZoneHint} mistakes={mistakes}>
          {(control) => <input {...control} value={values.timeZone ?? ''} maxlength={64} dir="ltr" autocomplete="off" />}
        </Field>
        <Field name="currency" label={t.currency} hint={view.t.sourceSetup.when.currencyHint} mistakes={mistakes} short>
          {(control) => <input {...control} value={values.currency ?? ''} maxlength={3} dir="ltr" autocomplete="off" />}
        </Field>
        <Field name="expectedEveryDays" label={t.every} hint={view.t.sourceSetup.when.expectedHint} mistakes={mistakes} short>
          {(control) => <input {...control} value={values.expectedEveryDays ?? ''} inputmode="numeric" maxlength={3} dir="ltr" />}
        </Field>
        <Owner view={view} values={values} mistakes={mistakes} />
        <div class="actions">
          <button class="btn solid" type="submit">
            {props.button}
          </button>
          <a class="btn" href={props.cancel}>
            {t.cancel}
          </a>
        </div>
      </form>
    </>
  )
}
