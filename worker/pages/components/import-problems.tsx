import type { Unconverted } from '../../db/kpi-sums'
import { isolate } from '../../i18n/format'
import { metricName } from '../../i18n/metric-text'
import type { ImportProblem } from '../../services/import-problems'
import { failureWords } from '../../services/source-failure'
import { Clock, Warning } from './verdict'
import type { View } from './view'

/** As many are listed; a source that brings nothing but trouble must not fill the page. */
const shown = 8
const named = 3

/**
 * What keeps figures from being whole: the source, what it changes, and for those who may the way to put it right.
 *
 * @param props.view whose days are of the organisation's time zone
 */
export function ImportProblems(props: {
  view: View
  problems: readonly ImportProblem[]
  unconverted: readonly Unconverted[]
  mayWrite: boolean
  wide: boolean
}) {
  const { view, problems, unconverted, mayWrite } = props
  const texts = view.t.kpisPage.problems
  const needs = problems.filter(({ kind }) => kind !== 'late' && kind !== 'unlinked').length + (unconverted.length > 0 ? 1 : 0)
  const count = problems.length + unconverted.length
  return (
    <div class={props.wide ? 'c12' : 'c4'}>
      <div class="title">
        <h2>{texts.title}</h2>
        <p class="what">{needs > 0 ? texts.needs(needs) : count > 0 ? texts.noticed : texts.none}</p>
      </div>
      <ul class="issues">
        {problems.slice(0, shown).map((problem) => (
          <Issue view={view} problem={problem} mayWrite={mayWrite} />
        ))}
        {unconverted.length > 0 ? (
          <li>
            <Warning />
            <strong>{texts.currency(unconverted.map(({ currency }) => isolate(currency)))}</strong>
            {mayWrite ? (
              <a class="btn" href="/kpis/setup#rates">
                {view.t.kpisPage.addRates}
              </a>
            ) : (
              <span />
            )}
            <p>{unconvertedText(view, unconverted)}</p>
          </li>
        ) : null}
      </ul>
    </div>
  )
}

/** What is in no sum of money. */
export function unconvertedText({ t, f }: View, unconverted: readonly Unconverted[]): string {
  const total = (what: 'deals' | 'spend') => unconverted.reduce((sum, row) => sum + row[what], 0)
  const currencies = unconverted
    .map(({ currency, deals, spend }) => `${isolate(currency)}: ${f.number(deals + spend)}`)
    .join(t.sourceSetup.comma)
  return t.kpisPage.unconverted(total('deals'), total('spend'), currencies)
}

function Issue({ view, problem, mayWrite }: { view: View; problem: ImportProblem; mayWrite: boolean }) {
  const { f, t } = view
  const texts = t.kpisPage.problems
  const { affects } = problem
  const { title, what, button, href } = wordsOf(view, problem)
  return (
    <li>
      {problem.kind === 'unlinked' ? <Clock /> : <Warning />}
      <strong>{title}</strong>
      {mayWrite ? (
        <a class="btn" href={href}>
          {button}
        </a>
      ) : (
        <span />
      )}
      <p>
        {what}{' '}
        {affects.length > 0
          ? texts.affects(
              affects.slice(0, named).map((key) => metricName(t, key, null)),
              affects.length - Math.min(named, affects.length),
            )
          : null}{' '}
        {'lastSuccessAt' in problem && problem.lastSuccessAt !== null ? texts.last(f.date(new Date(problem.lastSuccessAt))) : null}
      </p>
    </li>
  )
}

function wordsOf({ t, f, locale }: View, problem: ImportProblem): { title: string; what: string; button: string; href: string } {
  const texts = t.kpisPage.problems
  const name = isolate(problem.source.name)
  const href = `/sources/${problem.source.id}`
  switch (problem.kind) {
    case 'stopped':
    case 'failing': {
      const { detail, fix } = failureWords(locale, problem.trouble)
      return { title: texts[problem.kind](name), what: `${detail} ${fix}`, button: texts.reconnect, href }
    }
    case 'stale':
    case 'late':
      return { title: texts.silent(name, f.date(new Date(problem.lastSuccessAt))), what: '', button: texts.look, href }
    case 'unmapped': {
      const stages = problem.stages.slice(0, named).map(isolate)
      const what = texts.unmappedWhat(stages, problem.stages.length - stages.length)
      return { title: texts.unmapped(problem.rows, name), what, button: texts.map, href: problem.isPulled ? `${href}/mapping` : href }
    }
    case 'rejected':
      return {
        title: texts.rejected(problem.rows, problem.of, name),
        what: texts.rejectedWhat,
        button: texts.rows,
        href: `${href}/pulls/${problem.pullId}`,
      }
    case 'unlinked':
      return { title: texts.unlinked(problem.rows, name), what: texts.unlinkedWhat, button: texts.look, href }
  }
}
