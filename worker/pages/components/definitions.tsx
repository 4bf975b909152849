import type { PublicResult } from '../../core/result'
import { Scroll } from './scroll'
import { Range } from './verdict'
import type { View } from './view'

/** The terms that this round asked about: how often both sides mean the same. Nothing where they cannot be compared. */
export function DefinitionsFigure({ view, result, title }: { view: View; result: PublicResult; title: string }) {
  const { t, f } = view
  if (result.terms.length === 0) return null
  return (
    <figure class="c5">
      <div class="title">
        <h2>{title}</h2>
        <p class="what">{t.overview.definitions}</p>
      </div>
      <Scroll label={title}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">{t.roundsPage.term}</th>
              <th scope="col" class="num">
                {t.roundsPage.across}
              </th>
              <th scope="col" class="num">
                {t.overview.trend.interval}
              </th>
            </tr>
          </thead>
          <tbody>
            {result.terms.map(({ term, between, interval }) => (
              <tr>
                <th scope="row">{t.terms[term]}</th>
                <td class="num">
                  <bdi>{f.percent(between)}</bdi>
                </td>
                <td class="num">
                  <Range t={t} ends={interval} write={(value) => f.percent(value)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </figure>
  )
}
