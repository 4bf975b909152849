import { noticeText, type PullView } from '../../services/pulls'
import { failureWords } from '../../services/source-failure'
import { setUpOf } from '../../services/source-settings'
import type { SourceView } from '../../services/sources'
import { Scroll } from './scroll'
import type { View } from './view'

/** The last pulls: what was read, what it changed, and why one failed. */
export function Runs(props: { view: View; source: SourceView; pulls: readonly PullView[]; title: string; none: string }) {
  const { view, source, pulls } = props
  const { f } = view
  const t = view.t.sourceSetup
  const s = view.t.sourcesPage
  const numbers = ['read', 'inserted', 'updated', 'unchanged', 'rejected'] as const
  const headOf = (name: (typeof numbers)[number]) => (name === 'read' ? t.recordsRead : s.counts[name])
  const last = pulls.find(({ state }) => state === 'done')
  const unknown = last?.notices.find(({ code }) => code === 'unknown-stages')
  return (
    <section class="sec" aria-labelledby="pulls-title">
      <div class="title">
        <h2 id="pulls-title">{props.title}</h2>
        <p class="what">{s.expected(source.settings.expectedEveryDays)}</p>
      </div>
      {unknown && setUpOf(source.kind) === 'crm' ? (
        <p class="done" dir="auto">
          {noticeText(view.t, unknown)} <a href={`/sources/${source.id}/mapping`}>{t.mapThem}</a>
        </p>
      ) : null}
      {pulls.length === 0 ? (
        <p class="note">{props.none}</p>
      ) : (
        <Scroll label={props.title}>
          <table class="data stack">
            <thead>
              <tr>
                <th scope="col">{s.when}</th>
                <th scope="col">{t.askedBy}</th>
                <th scope="col">{s.outcome}</th>
                {numbers.map((name) => (
                  <th scope="col" class="num">
                    {headOf(name)}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {pulls.map((pull) => (
                <tr>
                  <td class="nowrap" data-head={s.when}>
                    {f.moment(new Date(pull.startedAt))}
                  </td>
                  <td data-head={t.askedBy}>{t.origins[pull.origin]}</td>
                  <td data-head={s.outcome}>
                    {t.outcomes[pull.state]}
                    {pull.failure ? <p class="note">{failureWords(view.locale, pull.failure).detail}</p> : null}
                  </td>
                  {numbers.map((name) => (
                    <td class="num" data-head={headOf(name)}>
                      {f.number(pull[name])}
                    </td>
                  ))}
                  <td class="num">
                    <a href={`/sources/${source.id}/pulls/${pull.id}`} aria-label={`${s.details}: ${f.moment(new Date(pull.startedAt))}`}>
                      {s.details}
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  )
}
