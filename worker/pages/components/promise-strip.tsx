import type { Clause } from '../../core/clause'
import { isShare } from '../../core/clause'
import type { Evaluation } from '../../core/sla'
import { clauseName, valueText } from '../../services/clause-words'
import { AsTable } from './as-table'
import { share, type View } from './view'

/** As many due dates are drawn, and so many of them on a phone; the rest is in the table. */
const shown = 20
const shownOnPhone = 12
/** Every so many bars have their day. */
const labelled = 4
/** And as many rows are in the table. */
const listed = 60

/**
 * One bar a due date from zero, with the promise as it held then as a line; what is due next is dashed. Values stand under
 * the bars.
 */
export function PromiseStrip({
  view,
  clause,
  evaluations,
  now,
}: {
  view: View
  clause: Clause
  evaluations: readonly Evaluation[]
  now: Date
}) {
  const { t, f, sheet } = view
  const bars = evaluations.slice(-shown)
  const top = Math.max(...bars.flatMap(({ value, target }) => [value ?? 0, target]), Number.EPSILON) * (isShare(clause) ? 1 : 1.04)
  const height = (value: number) => sheet.rule(`block-size:${Math.round(share(value, [0, top]) * 100) / 100}%`)
  const level = (value: number) => sheet.rule(`inset-block-end:${Math.round(share(value, [0, top]) * 100) / 100}%`)
  const place = (index: number) => (index < bars.length - shownOnPhone ? 'older' : '')
  const judged = bars.filter(({ state }) => state === 'kept' || state === 'missed')
  const kept = judged.filter(({ state }) => state === 'kept').length
  const name = clauseName(view, clause)
  const label = judged.length > 0 ? t.sla.spoken(name, f.number(kept), f.number(judged.length)) : t.sla.spokenNone(name)
  const number = (value: number) => f.number(isShare(clause) ? value * 100 : value, Number.isInteger(value) || isShare(clause) ? 0 : 1)
  return (
    <div class="promised">
      <div class="weeks" role="img" aria-label={label}>
        {bars.map(({ state, value, target, dueAt }, index) => (
          <span class={place(index)}>
            {state === 'open' ? <i class="due" /> : null}
            {value !== null && value > 0 ? <i class={`${barOf[state]} ${height(value)}`} /> : null}
            <u class={`line ${level(target)}`}>{index === bars.length - 1 ? <b>{valueText(view, clause, target)}</b> : null}</u>
            {state === 'open' && dueAt <= now.getTime() ? <i class="unknown" /> : null}
          </span>
        ))}
      </div>
      <div class="weeks under" aria-hidden="true">
        {bars.map(({ state, value, dueAt }, index) => (
          <span class={`${place(index)} ${state === 'missed' ? 'missed' : ''}`}>
            {state === 'open' ? dueAt > now.getTime() ? t.sla.dueNext : '…' : value === null ? t.sla.noData : <bdi>{number(value)}</bdi>}
          </span>
        ))}
      </div>
      <div class="weeks days" aria-hidden="true">
        {bars.map(({ dueDay }, index) => (
          <span class={`${place(index)} ${(bars.length - 1 - index) % (2 * labelled) === 0 ? '' : 'alternate'}`}>
            {(bars.length - 1 - index) % labelled === 0 ? f.day(dueDay) : ''}
          </span>
        ))}
      </div>
      <AsTable view={view} caption={name}>
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
                {`${f.day(one.dueDay)} ${one.dueDay.slice(0, 4)}`}
              </th>
              <td>{one.state === 'missed' ? <strong>{t.sla.states.missed}</strong> : t.sla.states[one.state]}</td>
              <td class="num">{one.value === null ? '–' : <bdi>{valueText(view, clause, one.value)}</bdi>}</td>
              <td class="num">
                {one.numerator === null || one.denominator === null
                  ? '–'
                  : t.sla.countOf(f.number(one.numerator), f.number(one.denominator))}
              </td>
              <td class="num">
                <bdi>{valueText(view, clause, one.target)}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </AsTable>
    </div>
  )
}

const barOf = { kept: 'ok', missed: 'no', open: 'part', 'nothing-due': 'part' } as const
