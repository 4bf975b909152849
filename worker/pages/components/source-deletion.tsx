import { isolate } from '../../i18n/format'
import type { Belongings, SourceView } from '../../services/sources'
import type { View } from './view'

/** What goes with a source, before it goes: how many facts, and which KPIs are made of such facts. */
export function DeletionForm({ view, source, belongings }: { view: View; source: SourceView; belongings: Belongings }) {
  const { t } = view
  const s = t.sourcesPage
  const { facts, metrics } = belongings
  return (
    <>
      <div class="pagehead">
        <h1>{s.removeTitle(isolate(source.name))}</h1>
        <p class="sub">{facts.length === 0 ? t.sourceSetup.removeNothing : s.removeWhat}</p>
      </div>
      {facts.length > 0 ? (
        <ul class={`plain ${view.sheet.rule('margin-block-end:var(--s5)')}`}>
          {facts.map(({ kind, count }) => (
            <li>{t.sourceSetup.factCounts[kind](count, view.f.number(count))}</li>
          ))}
        </ul>
      ) : null}
      {metrics.length > 0 ? (
        <p class={`note ${view.sheet.rule('margin-block-end:var(--s5);max-inline-size:76ch')}`}>
          {t.sourceSetup.removeMetrics(metrics.map((key) => isolate(t.metrics.names[key])).join('\u00a0· '))}
        </p>
      ) : null}
      <form class="actions" method="post" action={`/sources/${source.id}/deletion`}>
        <button class="btn danger" type="submit">
          {s.removeYes}
        </button>
        <a class="btn" href={`/sources/${source.id}`}>
          {s.cancel}
        </a>
      </form>
    </>
  )
}
