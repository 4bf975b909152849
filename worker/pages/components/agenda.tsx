import { metricText } from '../../i18n/metric-text'
import type { Finding } from '../../services/findings'
import type { Overview, ShownRound } from '../../services/overview'
import { metricPath, termPath, themePath } from './drill'
import type { View } from './view'

type Subject = 'sides' | 'definitions' | 'promises' | 'kpis'

interface Point {
  subject: Subject
  text: string
  /** Where it is looked into. */
  to: string
  /** The figures behind it. */
  detail: string
}

/** What to talk about next: of each kind the one finding that is beyond chance, with its figures and the way to it. */
export function Agenda(props: { view: View; overview: Overview; shown: ShownRound; said: readonly Finding[] }) {
  const { view } = props
  const texts = view.t.overview.agenda
  const points = pointsOf(props)
  if (points.length === 0) return null
  return (
    <section class="agenda" aria-label={texts.title}>
      <h2>{texts.title}</h2>
      <ul>
        {points.map(({ subject, text, to, detail }) => (
          <li>
            <small>{texts.labels[subject]}</small>
            <a href={to}>{text}</a>
            {detail ? <p class="note">{detail}</p> : null}
          </li>
        ))}
      </ul>
    </section>
  )
}

function pointsOf({ view, overview, shown, said }: Parameters<typeof Agenda>[0]): Point[] {
  const found = (subject: Subject, ...kinds: string[]) => said.find(({ about, kind }) => about === subject && kinds.includes(kind))
  return [
    ...themePoint(view, shown, found('sides', 'divides')),
    ...termPoint(view, shown, found('definitions', 'rival', 'unshared')),
    ...promisePoint(view, found('promises', 'missed')),
    ...kpiPoint(view, overview, found('kpis', 'worse')),
  ]
}

function themePoint({ t, f }: View, { result }: ShownRound, finding: Finding | undefined): Point[] {
  const gap = result.gaps.find(({ theme }) => theme === finding?.figures.theme)
  if (!finding || !gap) return []
  const detail = t.overview.agenda.sides(f.number(gap.sales), f.number(gap.marketing))
  return [{ subject: 'sides', text: finding.text, to: themePath(gap.theme, result.number), detail }]
}

function termPoint({ t, f }: View, { terms }: ShownRound, finding: Finding | undefined): Point[] {
  const measured = terms.find(({ term }) => term === finding?.figures.term)?.latest
  if (!finding || !measured?.agreement.interval) return []
  const { term, between, interval } = measured.agreement
  const range = t.roundsPage.range(f.percent(interval.low), f.percent(interval.high))
  const detail = t.overview.agenda.term(f.percent(between), range, f.number(measured.round.number))
  return [{ subject: 'definitions', text: finding.text, to: termPath(term), detail }]
}

function promisePoint({ t }: View, finding: Finding | undefined): Point[] {
  if (!finding) return []
  const { key, others } = finding.figures as { key: string; others: number }
  return [{ subject: 'promises', text: finding.text, to: `/kpis/sla#${key}`, detail: others > 0 ? t.overview.agenda.others(others) : '' }]
}

function kpiPoint({ t, locale }: View, { kpis, settings }: Overview, finding: Finding | undefined): Point[] {
  const card = kpis.find(({ metric }) => metric.key === finding?.figures.metric)
  if (!finding || card?.current?.value == null || !card.range) return []
  const text = (value: number) => metricText(locale, card.metric, value, settings.currency)
  const detail = t.overview.agenda.kpi(text(card.current.value), text(card.range.low), text(card.range.high))
  return [{ subject: 'kpis', text: finding.text, to: metricPath(card.metric.key), detail }]
}
