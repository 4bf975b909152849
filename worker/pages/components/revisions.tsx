import type { Revision } from '../../services/scores'
import { halfWidth, shownChange, type View } from './view'

/** That a score was computed again, why, and every value that was shown; nothing of a score that was computed once. */
export function Revisions({ view, revisions }: { view: View; revisions: readonly Revision[] }) {
  const { t, f } = view
  const [newest] = revisions
  if (!newest || revisions.length === 1) return null
  const texts = t.overview.score
  const dayOf = ({ computedAt }: Revision) => f.date(new Date(computedAt))
  return (
    <details class="revisions">
      <summary>{texts.again(dayOf(newest), texts.reasons[newest.reason])}</summary>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{texts.computed}</th>
            <th scope="col" class="num">
              {t.overview.trend.score}
            </th>
            <th scope="col" class="num">
              {t.roundsPage.gap}
            </th>
          </tr>
        </thead>
        <tbody>
          {revisions.map((one, index) => {
            const before = revisions[index + 1]?.value ?? null
            return (
              <tr>
                <th scope="row">
                  {dayOf(one)}
                  <p class="note">{[texts.reasons[one.reason], texts.rules(f.number(one.rulesVersion))].join(t.funnel.comma)}</p>
                </th>
                <td class="num">
                  {one.value === null ? '–' : <bdi>{f.number(one.value, 1)}</bdi>}
                  {one.interval ? (
                    <p class="note">
                      <bdi>±{f.number(halfWidth(one), 1)}</bdi>
                    </p>
                  ) : null}
                </td>
                <td class="num">
                  {one.value === null || before === null ? '–' : <bdi>{f.signed(shownChange(before, one.value), 1)}</bdi>}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </details>
  )
}
