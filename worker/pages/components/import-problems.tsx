import type { Unconverted } from '../../db/kpi-sums'
import { isolate } from '../../i18n/format'
import { metricName } from '../../i18n/metric-text'
import type { ImportProblem, SourceProblem } from '../../services/import-problems'
import { failureWords } from '../../services/source-failure'
import { Clock, Warning } from './verdict'
import type { View } from './view'

/** Sources that cannot be read, or are late: the source, what that changes, and for those who may what helps. */
export function SourceProblems(props: { view: View; problems: readonly SourceProblem[]; mayOpen: boolean }) {
  const { view, problems, mayOpen } = props
  if (problems.length === 0) return null
  return (
    <ul class="issues">
      {problems.map((problem) => (
        <Issue view={view} problem={problem} mayOpen={mayOpen} />
      ))}
    </ul>
  )
}

/** The same as a part of a page, before the figures that are made of them. */
export function SourcesFirst(props: { view: View; problems: readonly SourceProblem[]; mayOpen: boolean }) {
  if (props.problems.length === 0) return null
  return (
    <section class="sec tight" aria-label={props.view.t.kpisPage.problems.title}>
      <SourceProblems {...props} />
    </section>
  )
}

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
          <Issue view={view} problem={problem} mayOpen={mayWrite} />
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

function Issue({ view, problem, mayOpen }: { view: View; problem: ImportProblem; mayOpen: boolean }) {
  const { f, t } = view
  const texts = t.kpisPage.problems
  const { affects } = problem
  const { title, what, fix, button, href } = wordsOf(view, problem)
  // What a source answers may name hosts and fields: that is for those who set it up.
  const [said, helps] = !('trouble' in problem) ? [what] : mayOpen ? [what, fix] : []
  return (
    <li>
      {problem.kind === 'unlinked' ? <Clock /> : <Warning />}
      <strong>{title}</strong>
      {mayOpen ? (
        <a class="btn" href={href}>
          {button}
        </a>
      ) : (
        <span />
      )}
      <p>
        {said} {'trouble' in problem ? texts.since(f.date(new Date(problem.trouble.since))) : null}{' '}
        {affects.length > 0
          ? texts.affects(
              affects.slice(0, named).map((key) => metricName(t, key, null)),
              affects.length - Math.min(named, affects.length),
            )
          : null}{' '}
        {!('lastSuccessAt' in problem)
          ? null
          : problem.lastSuccessAt === null
            ? t.sourceSetup.keptNothing
            : texts.last(f.date(new Date(problem.lastSuccessAt)))}{' '}
        {helps}
      </p>
    </li>
  )
}

/** `what` comes before what it changes, `fix` after it. */
function wordsOf({ t, locale }: View, problem: ImportProblem): { title: string; what: string; fix?: string; button: string; href: string } {
  const texts = t.kpisPage.problems
  const name = isolate(problem.source.name)
  const href = `/sources/${problem.source.id}`
  switch (problem.kind) {
    case 'stopped':
    case 'failing': {
      const { detail, fix } = failureWords(locale, problem.trouble)
      return { title: texts[problem.kind](name), what: detail, fix, button: texts.reconnect, href }
    }
    case 'stale':
    case 'late':
      return { title: texts.silent(name, problem.days), what: '', button: texts.look, href }
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
