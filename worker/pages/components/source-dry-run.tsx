import { noticeText } from '../../services/pulls'
import type { DryRun } from '../../services/source-setup'
import type { SourceView } from '../../services/sources'
import { factWords } from './fact-words'
import { Scroll } from './scroll'
import { KpiTable, RowErrors } from './source-rows'
import type { View } from './view'

/** What the first pages would bring: how much of what, the first rows in words, what is wrong, and the KPIs. Nothing was written. */
export function DryRunResult({ view, source, run, currency }: { view: View; source: SourceView; run: DryRun; currency: string }) {
  const { f } = view
  const t = view.t.sourceSetup
  const s = view.t.sourcesPage
  const unknown = run.notices.find(({ code }) => code === 'unknown-stages')
  return (
    <>
      <div class="done" role="status">
        <h2>{t.look.nothingWritten}</h2>
        <p>
          {t.look.readSoFar(f.number(run.read), run.pages)}{' '}
          {run.isWhole ? t.look.whole : run.total === null ? t.look.more : t.look.moreOf(f.number(run.total))}
        </p>
        {run.counts.length > 0 ? (
          <p>{run.counts.map(({ kind, count }) => t.factCounts[kind](count, f.number(count))).join(t.comma)}</p>
        ) : null}
        {run.deleted > 0 ? <p>{t.look.deleted(run.deleted)}</p> : null}
      </div>
      {run.notices.map((notice) => (
        <p class="done" dir="auto">
          {noticeText(view.t, notice)}
        </p>
      ))}
      {unknown ? (
        <p class={`note ${view.sheet.rule('margin-block-end:var(--s5)')}`}>
          <a href={`/sources/${source.id}/mapping`}>{t.mapThem}</a>
        </p>
      ) : null}
      <section class="sec">
        <div class="title">
          <h2>{t.look.first(run.facts.length)}</h2>
          <p class="what">{t.look.firstWhat}</p>
        </div>
        {run.facts.length === 0 ? (
          <p class="note">{t.look.none}</p>
        ) : (
          <Scroll label={t.look.first(run.facts.length)}>
            <table class={`data ${view.sheet.rule('min-inline-size:40rem')}`}>
              <thead>
                <tr>
                  <th scope="col">{t.look.what}</th>
                  <th scope="col">{s.fields.id}</th>
                  <th scope="col">{s.fields.date}</th>
                  <th scope="col">{t.look.says}</th>
                </tr>
              </thead>
              <tbody>
                {run.facts.map((fact) => {
                  const words = factWords(view, fact)
                  return (
                    <tr>
                      <th scope="row">{words.kind}</th>
                      <td>
                        <bdi>{words.id}</bdi>
                      </td>
                      <td class="nowrap">
                        <bdi>{words.day}</bdi>
                      </td>
                      <td>{words.details || '–'}</td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </Scroll>
        )}
      </section>
      {run.errorCount > 0 ? (
        <section class="sec">
          <div class="title">
            <h2>{s.rowErrorsTitle}</h2>
            {run.errorCount > run.errors.length ? <p class="what">{s.rowErrorsMore(run.errors.length, run.errorCount)}</p> : null}
          </div>
          <RowErrors view={view} errors={run.errors} />
        </section>
      ) : null}
      {run.observations.length > 0 ? (
        <section class="sec">
          <div class="title">
            <h2>{s.kpiPreview}</h2>
            <p class="what">{run.isWhole ? s.kpiPreviewWhat : t.look.kpisOfSome}</p>
          </div>
          <KpiTable view={view} observations={run.observations} currency={currency} />
        </section>
      ) : null}
    </>
  )
}
