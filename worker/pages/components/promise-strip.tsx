import type { Child } from 'hono/jsx'
import type { StripSpec } from '../../core/chart'
import { type Clause, isShare } from '../../core/clause'
import type { Evaluation } from '../../core/sla'
import { clauseName, valueText } from '../../services/clause-words'
import { ChartFigure } from './chart-figure'
import type { View } from './view'

/** As many due dates are drawn, and on a phone the newest of them; the rest is in the table. */
const shown = 20
/** And as many rows are in the table. */
const listed = 60

/** A promise with its due dates: one bar each from zero, with the promise as it held then as a line; what is due next is dashed. */
export function PromiseStrip(props: {
  view: View
  id: string
  /** The promise as a sentence. */
  title: string
  heading: 'h2' | 'h3'
  clause: Clause
  evaluations: readonly Evaluation[]
  now: Date
  /** How it stands, beside the bars. */
  standing: Child
  under: Child
}) {
  const { view, clause, evaluations, now } = props
  const { t, f } = view
  const bars = evaluations.slice(-shown)
  const judged = bars.filter(({ state }) => state === 'kept' || state === 'missed')
  const kept = judged.filter(({ state }) => state === 'kept').length
  const name = clauseName(view, clause)
  return (
    <ChartFigure
      view={view}
      id={props.id}
      class="promise-row"
      heading={props.heading}
      title={props.title}
      what={t.sla.byDue(isShare(clause))}
      label={judged.length > 0 ? t.sla.spoken(name, f.number(kept), f.number(judged.length)) : t.sla.spokenNone(name)}
      spec={specOf(view, clause, bars, now)}
      above={props.standing}
      under={props.under}
    >
      <thead>
        <tr>
          <th scope="col">{t.sla.columns.due}</th>
          <th scope="col">{t.sla.columns.result}</th>
          <th scope="col" class="num">
            {t.sla.columns.value}
          </th>
          <th scope="col" class="num">
            {t.sla.columns.of}
          </th>
          <th scope="col" class="num">
            {t.sla.columns.target}
          </th>
        </tr>
      </thead>
      <tbody>
        {evaluations.slice(-listed).map((one) => (
          <tr>
            <th scope="row" class="nowrap">
              {dayText(view, one.dueDay)}
            </th>
            <td>{one.state === 'missed' ? <strong>{t.sla.states.missed}</strong> : t.sla.states[one.state]}</td>
            <td class="num">{one.value === null ? '–' : <Value view={view} clause={clause} value={one.value} />}</td>
            <td class="num">
              {one.numerator === null || one.denominator === null ? '–' : t.sla.countOf(f.number(one.numerator), f.number(one.denominator))}
            </td>
            <td class="num">
              <Value view={view} clause={clause} value={one.target} />
            </td>
          </tr>
        ))}
      </tbody>
    </ChartFigure>
  )
}

const dayText = ({ f }: View, day: string) => `${f.day(day)} ${day.slice(0, 4)}`

const Value = ({ view, clause, value }: { view: View; clause: Clause; value: number }) => (
  <data value={String(Number(value.toPrecision(12)))}>
    <bdi>{valueText(view, clause, value)}</bdi>
  </data>
)

function specOf(view: View, clause: Clause, bars: readonly Evaluation[], now: Date): StripSpec {
  const { t, f } = view
  const number = (value: number) => f.number(isShare(clause) ? value * 100 : value, Number.isInteger(value) || isShare(clause) ? 0 : 1)
  const last = bars.at(-1)
  return {
    kind: 'strip',
    most: Math.max(...bars.flatMap(({ value, target }) => [value ?? 0, target]), Number.EPSILON) * (isShare(clause) ? 1 : 1.04),
    bars: bars.map(({ state, value, target, dueAt, dueDay }) => {
      const isPast = dueAt <= now.getTime()
      return {
        value,
        target,
        text: state === 'open' ? (isPast ? '…' : t.sla.dueNext) : value === null ? t.sla.noData : number(value),
        label: f.day(dueDay),
        name: t.sla.readout(
          dayText(view, dueDay),
          t.sla.states[state],
          value === null ? null : t.sla.countOf(valueText(view, clause, value), valueText(view, clause, target)),
        ),
        state: state === 'open' ? (isPast ? 'unknown' : 'open') : state === 'nothing-due' ? 'nothing' : state,
      }
    }),
    target: last ? valueText(view, clause, last.target) : '',
  }
}
