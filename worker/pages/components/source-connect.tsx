import type { SourceKind } from '../../connectors'
import type { ConnectionReport } from '../../connectors/connector'
import type { PullFailure } from '../../connectors/failure'
import { isolate } from '../../i18n/format'
import { failureWords } from '../../services/source-failure'
import { connectorOf } from '../../services/source-settings'
import type { SourceView } from '../../services/sources'
import { Field, type Mistake, Mistakes } from './field'
import { AddressFields } from './source-address'
import type { Values } from './source-form'
import { Warning } from './verdict'
import type { View } from './view'

/** Name, address and secret of a source. A secret is never shown again: of a stored one, its last four characters are. */
export function ConnectionForm(props: {
  view: View
  kind: SourceKind
  /** Null for one that is not there yet. */
  source: SourceView | null
  values: Values
  mistakes: readonly Mistake[]
  button: string
}) {
  const { view, kind, source, values, mistakes } = props
  const t = view.t.sourceSetup
  const { secrets } = connectorOf(kind)
  const stored = source?.secretHint ?? null
  const how: Record<string, string> = t.how
  return (
    <>
      <Mistakes mistakes={mistakes} title={() => view.t.sourcesPage.notSaved} />
      <form
        class="form"
        method="post"
        action={source ? `/sources/${source.id}/connection` : `/sources/new/${kind}`}
        autocomplete="off"
        novalidate
      >
        {how[kind] ? <p class="note">{how[kind]}</p> : null}
        <Field name="name" label={view.t.sourcesPage.sourceName} mistakes={mistakes}>
          {(control) => <input {...control} value={values.name ?? ''} maxlength={80} required dir="auto" />}
        </Field>
        <AddressFields view={view} kind={kind} values={values} mistakes={mistakes} />
        {secrets.map(({ name, optional }) => (
          <Field
            name={`secret.${name}`}
            label={optional ? t.optional(t.secrets[name]) : t.secrets[name]}
            hint={stored === null ? t.secretNote : t.secretKept(stored)}
            mistakes={mistakes}
          >
            {(control) => (
              <input
                {...control}
                type="password"
                maxlength={4096}
                autocomplete="new-password"
                spellcheck={false}
                dir="ltr"
                required={!optional && stored === null}
              />
            )}
          </Field>
        ))}
        <div class="actions">
          <button class="btn solid" type="submit">
            {props.button}
          </button>
          <a class="btn" href={source ? `/sources/${source.id}` : '/sources/new'}>
            {view.t.sourcesPage.cancel}
          </a>
        </div>
      </form>
    </>
  )
}

/** What answered, as the vendor names it, and what the key may not read with what that is for. */
export function Report({ view, report }: { view: View; report: ConnectionReport }) {
  const { f } = view
  const t = view.t.sourceSetup
  const facts: [string, string | null][] = [
    [t.report.account, report.account],
    [t.report.timeZone, report.timeZone],
    [t.report.currency, report.currency],
    [t.report.quota, report.quota ? t.report.used(f.number(report.quota.used), f.number(report.quota.limit)) : null],
  ]
  return (
    <>
      <div class="done" role="status">
        <h2>{t.report.works}</h2>
        <dl class="facts">
          {facts.map(([label, value]) => (
            <div>
              <dt>{label}</dt>
              <dd>
                <bdi>{value ?? t.report.unknown}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      </div>
      {report.missing.length > 0 ? (
        <div class="oops">
          <h2>{t.report.missing}</h2>
          <p>{t.report.missingWhat}</p>
          <ul>
            {report.missing.map((right) => (
              <li>
                <code dir="ltr">{right}</code>
                {t.report.rightFor(t.rights[purposeOfRight(right)])}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </>
  )
}

/** What a right is for, by the vendor's name of it. */
function purposeOfRight(right: string): 'leads' | 'deals' | 'activities' | 'spend' | 'history' | 'other' {
  if (/histor/i.test(right)) return 'history'
  if (/campaign|spend|budget|cost/i.test(right)) return 'spend'
  if (/deal|opportunit/i.test(right)) return 'deals'
  if (/call|task|activit|meeting|engagement|email/i.test(right)) return 'activities'
  return /contact|lead/i.test(right) ? 'leads' : 'other'
}

/** Why it could not be read, what that means, and what to do: in that order. */
export function Failure(props: { view: View; title: string; failure: Pick<PullFailure, 'code' | 'facts'>; effect?: string }) {
  const { view, failure } = props
  const { detail, fix } = failureWords(view.locale, failure)
  const { correlationId, reply } = failure.facts
  return (
    <div class="oops" role="alert">
      <h2 class="with-mk">
        <Warning />
        {props.title}
      </h2>
      <p dir="auto">{detail}</p>
      {props.effect ? <p>{props.effect}</p> : null}
      <p>{fix}</p>
      {reply && !/^[[{]/.test(reply) ? <p class="note">{view.t.pulling.replied(isolate(reply))}</p> : null}
      {correlationId ? <p class="note">{view.t.pulling.correlation(isolate(correlationId))}</p> : null}
    </div>
  )
}
