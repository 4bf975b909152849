import type { RowErrorCode } from '../../connectors/connector'
import { columnsOf } from '../../connectors/csv/layout'
import { isolate } from '../../i18n/format'
import { noticeText, type PullReport, type PullView } from '../../services/pulls'
import type { SourceOf, SourceView } from '../../services/sources'
import { Field, type Mistake } from './field'
import { Scroll } from './scroll'
import { Failure } from './source-connect'
import { FreshnessMark } from './source-list'
import { FactTable, KpiTable, RowErrors } from './source-rows'
import type { View } from './view'

/** A source of files: import one, what came so far, and how its files are read. */
export function SourceDetail(props: {
  view: View
  source: SourceOf<'csv'>
  pulls: readonly PullView[]
  origin: string
  mistakes: readonly Mistake[]
}) {
  const { view, source, pulls } = props
  const t = view.t.sourcesPage
  const path = `/sources/${source.id}`
  return (
    <>
      <section class="sec part">
        <div class="title">
          <h2>{t.uploadTitle}</h2>
          <p class="what">{t.uploadWhat}</p>
        </div>
        <div>
          <UploadForm view={view} action={`${path}/preview`} button={t.preview} mistakes={props.mistakes} />
          <details class={view.sheet.rule('margin-block-start:var(--s5)')}>
            <summary>{t.keyHint}</summary>
            <pre class={`scroll ${view.sheet.rule('margin-block-start:var(--s3)')}`} dir="ltr" tabindex={0}>
              {`curl -X POST '${props.origin}/api/v1/sources/${source.id}/pulls?dryRun=true' \\\n  -H 'Authorization: Bearer plk_…' -H 'Content-Type: text/csv' \\\n  --data-binary @export.csv`}
            </pre>
          </details>
        </div>
      </section>
      <section class="sec">
        <div class="title">
          <h2>{t.pulls}</h2>
          <p class="what">
            <FreshnessMark view={view} freshness={source.freshness} />
            {' · '}
            {t.expected(source.settings.expectedEveryDays)}
          </p>
        </div>
        {pulls.length === 0 ? <p class="note">{t.pullsNone}</p> : <Pulls view={view} path={path} pulls={pulls} />}
      </section>
      <section class="sec">
        <div class="title">
          <h2>{t.layouts}</h2>
        </div>
        <Scroll label={t.layouts}>
          <table class="data">
            <thead>
              <tr>
                <th scope="col">{t.name}</th>
                <th scope="col">{t.columnsChosen}</th>
              </tr>
            </thead>
            <tbody>
              {source.settings.layouts.map((layout) => (
                <tr>
                  <th scope="row">
                    <bdi>{layout.name}</bdi>
                  </th>
                  <td>
                    <bdi dir="ltr">{columnsOf(layout).join(', ')}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        <p class={`actions ${view.sheet.rule('margin-block-start:var(--s4)')}`}>
          <a class="btn" href={`${path}/layouts/new`}>
            {t.addLayout}
          </a>
          <a class="btn" href={`${path}/settings`}>
            {t.settings}
          </a>
        </p>
      </section>
      <section class="sec tight">
        <a class="btn danger" href={`${path}/deletion`}>
          {t.remove}
        </a>
      </section>
    </>
  )
}

/** Chooses a file; what was wrong with the last one stands beside it. */
export const UploadForm = (props: { view: View; action: string; button: string; mistakes: readonly Mistake[]; cancel?: string }) => {
  const t = props.view.t.sourcesPage
  return (
    <form class="form" method="post" action={props.action} enctype="multipart/form-data" novalidate>
      <Field name="file" label={t.sampleFile} hint={t.fileHint} mistakes={props.mistakes}>
        {(control) => <input {...control} type="file" accept=".csv,.tsv,.txt,text/csv" required />}
      </Field>
      <div class="actions">
        <button class="btn solid" type="submit">
          {props.button}
        </button>
        {props.cancel ? (
          <a class="btn" href={props.cancel}>
            {t.cancel}
          </a>
        ) : null}
      </div>
    </form>
  )
}

function Pulls({ view, path, pulls }: { view: View; path: string; pulls: readonly PullView[] }) {
  const { f } = view
  const t = view.t.sourcesPage
  const numbers = ['read', 'inserted', 'updated', 'unchanged', 'rejected'] as const
  return (
    <Scroll label={t.pulls}>
      <table class="data stack">
        <thead>
          <tr>
            <th scope="col">{t.when}</th>
            <th scope="col">{t.file}</th>
            <th scope="col">{t.outcome}</th>
            {numbers.map((name) => (
              <th scope="col" class="num">
                {t.counts[name]}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {pulls.map((pull) => (
            <tr>
              <td data-head={t.when}>{f.date(new Date(pull.startedAt))}</td>
              <td data-head={t.file}>
                <bdi>{pull.fileName ?? '–'}</bdi>
              </td>
              <td data-head={t.outcome}>{t.outcomes[pull.state]}</td>
              {numbers.map((name) => (
                <td class="num" data-head={t.counts[name]}>
                  {f.number(pull[name])}
                </td>
              ))}
              <td class="num">
                <a href={`${path}/pulls/${pull.id}`} aria-label={`${t.details}: ${f.date(new Date(pull.startedAt))}`}>
                  {t.details}
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** What a file would change, before anything is written; the button carries the file back. */
export function PullPreview(props: {
  view: View
  source: SourceOf<'csv'>
  report: PullReport
  csv: string
  fileName: string
  currency: string
}) {
  const { view, source, report } = props
  const t = view.t.sourcesPage
  const path = `/sources/${source.id}`
  return (
    <>
      <div class="pagehead">
        <h1>{t.previewTitle}</h1>
        <p class="sub">{t.previewSub(isolate(props.fileName))}</p>
      </div>
      {report.state === 'failed' ? (
        <div class="oops" role="alert">
          <h2>{t.wouldFail}</h2>
          <p>{t.tooManyBadRows(report.rejected, report.read)}</p>
        </div>
      ) : null}
      <Counts view={view} counts={report} />
      {report.notices.map((notice) => (
        <p class="done" dir="auto">
          {noticeText(view.t, notice)}
        </p>
      ))}
      <form method="post" action={`${path}/pulls`} enctype="multipart/form-data">
        <input type="hidden" name="csv" value={props.csv} />
        <input type="hidden" name="fileName" value={props.fileName} />
        <div class={`actions ${view.sheet.rule('margin-block-end:var(--s6)')}`}>
          {report.state === 'done' ? (
            <button class="btn solid" type="submit">
              {t.import}
            </button>
          ) : null}
          <a class="btn" href={path}>
            {t.again}
          </a>
        </div>
      </form>
      {report.errorCount > 0 ? (
        <section class="sec">
          <div class="title">
            <h2>{t.rowErrorsTitle}</h2>
            {report.errorCount > errorsShown ? <p class="what">{t.rowErrorsMore(errorsShown, report.errorCount)}</p> : null}
          </div>
          <RowErrors view={view} errors={report.errors.slice(0, errorsShown)} />
        </section>
      ) : null}
      {report.preview && report.preview.rows.length > 0 ? (
        <section class="sec">
          <div class="title">
            <h2>{t.firstRows}</h2>
          </div>
          <FactTable view={view} file={{ rows: report.preview.rows, errors: [] }} />
        </section>
      ) : null}
      {report.preview && report.preview.observations.length > 0 ? (
        <section class="sec">
          <div class="title">
            <h2>{t.kpiPreview}</h2>
            <p class="what">{t.kpiPreviewWhat}</p>
          </div>
          <KpiTable view={view} observations={report.preview.observations} currency={props.currency} />
        </section>
      ) : null}
    </>
  )
}

/** What a pull or an import did, and every row that it could not use. */
export function PullResult(props: {
  view: View
  source: SourceView
  pull: PullView
  errors: readonly { line: number; record: string | null; column: string | null; value: string | null; code: string }[]
  errorCount: number
}) {
  const { view, source, pull } = props
  const t = view.t.sourcesPage
  const errors = props.errors.map((error) => ({ ...error, code: error.code as RowErrorCode }))
  const started = view.f.moment(new Date(pull.startedAt))
  return (
    <>
      <div class="pagehead">
        <h1>{pull.origin === 'upload' ? t.pullTitle(isolate(pull.fileName ?? t.unnamed)) : view.t.sourceSetup.pullOf(started)}</h1>
        <p class="sub">
          <a href={`/sources/${source.id}`}>
            <bdi>{source.name}</bdi>
          </a>
          {pull.origin === 'upload' ? ` · ${started}` : null}
        </p>
      </div>
      <Outcome view={view} pull={pull} />
      {pull.read > 0 ? <Counts view={view} counts={pull} /> : null}
      {pull.notices.map((notice) => (
        <p class="done" dir="auto">
          {noticeText(view.t, notice)}{' '}
          {notice.code === 'unknown-stages' && source.kind !== 'csv' ? (
            <a href={`/sources/${source.id}/mapping`}>{view.t.sourceSetup.mapThem}</a>
          ) : null}
        </p>
      ))}
      <p class={`actions ${view.sheet.rule('margin-block-end:var(--s5)')}`}>
        <a class="btn" href={`/sources/${source.id}`}>
          {t.back}
        </a>
        {props.errorCount > 0 ? (
          <a class="btn" href={`/api/v1/sources/${source.id}/pulls/${pull.id}/errors`} download="row-errors.csv">
            {t.download}
          </a>
        ) : null}
      </p>
      <section class="sec">
        <div class="title">
          <h2>{t.rowErrorsTitle}</h2>
          <p class="what">
            {props.errorCount === 0
              ? t.rowErrorsNone
              : props.errorCount > errors.length
                ? t.rowErrorsMore(errors.length, props.errorCount)
                : null}
          </p>
        </div>
        {errors.length > 0 ? <RowErrors view={view} errors={errors} /> : null}
      </section>
    </>
  )
}

function Outcome({ view, pull }: { view: View; pull: PullView }) {
  const t = view.t.sourcesPage
  const s = view.t.sourceSetup.results
  if (pull.failure && pull.state !== 'done')
    return (
      <Failure
        view={view}
        title={pull.state === 'running' ? view.t.sourceSetup.waitingTitle : s.failed}
        failure={pull.failure}
        effect={s.kept}
      />
    )
  const isUpload = pull.origin === 'upload'
  const changes = pull.inserted + pull.updated > 0
  switch (pull.state) {
    case 'done':
      return (
        <div class="done" role="status">
          <h2>{isUpload ? (changes ? t.doneTitle : t.nothingNew) : changes ? s.done : s.same}</h2>
        </div>
      )
    case 'running':
    case 'cancelled':
      return (
        <div class="done" role="status">
          <h2>{s[pull.state]}</h2>
          <p>{s.kept}</p>
        </div>
      )
    case 'failed':
      return (
        <div class="oops" role="alert">
          <h2>{isUpload ? t.failedTitle : s.failed}</h2>
          <p>
            {pull.error === 'columns-missing' ? `${t.columnsMissing} ` : null}
            {pull.error === 'too-many-bad-rows' ? `${t.tooManyBadRows(pull.rejected, pull.read)} ` : null}
            {isUpload ? t.failedKept : s.kept}
          </p>
        </div>
      )
  }
}

/** Row errors on a page; the download has all of them. */
export const errorsShown = 100

function Counts({ view, counts }: { view: View; counts: Pick<PullReport, 'read' | 'inserted' | 'updated' | 'unchanged' | 'rejected'> }) {
  const t = view.t.sourcesPage
  return (
    <Scroll label={t.counts.read}>
      <table class={`data stack ${view.sheet.rule('min-inline-size:0;max-inline-size:40rem;margin-block-end:var(--s5)')}`}>
        <thead>
          <tr>
            {(['read', 'inserted', 'updated', 'unchanged', 'rejected'] as const).map((name) => (
              <th scope="col" class="num">
                {t.counts[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            {(['read', 'inserted', 'updated', 'unchanged', 'rejected'] as const).map((name) => (
              <td class="num" data-head={t.counts[name]}>
                <strong>{view.f.number(counts[name])}</strong>
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </Scroll>
  )
}
