import { roundsOfTerms } from '../../core/score'
import type { ShownRound } from '../../services/overview'
import { termPath } from './drill'
import { NumCell } from './num'
import { Scroll } from './scroll'
import type { View } from './view'

/** As many terms are shown: the others are on their own page. */
const shownTerms = 5

/**
 * The terms that both sides share least, each as it was asked last. Nothing where none can be compared.
 *
 * @param closed how many rounds had closed by then
 */
export function DefinitionsFigure(props: { view: View; shown: ShownRound; closed: number; title: string }) {
  const { view, shown, title } = props
  const { t, f } = view
  const { terms } = shown
  if (terms.length === 0) return null
  const rounds = Math.min(roundsOfTerms, props.closed)
  return (
    <figure class={shown.sensitivity ? 'c5' : 'c12'}>
      <div class="title">
        <h2>{title}</h2>
        <p class="what">
          {t.overview.definitions} {rounds > 1 ? t.overview.lately(f.number(rounds)) : null} {t.overview.leastFirst}
        </p>
      </div>
      <Scroll label={title}>
        <table class="data pin">
          <thead>
            <tr>
              <th scope="col">{t.roundsPage.term}</th>
              {[t.roundsPage.across, t.overview.trend.low, t.overview.trend.high, t.overview.round].map((column) => (
                <th scope="col" class="num">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {terms.slice(0, shownTerms).map(({ term, latest }) => (
              <tr>
                <th scope="row">
                  <a href={termPath(term)}>{t.terms[term]}</a>
                </th>
                {[latest?.agreement.between, latest?.agreement.interval?.low, latest?.agreement.interval?.high].map((share) => (
                  <NumCell view={view} value={share} as="percent" decimals={0} />
                ))}
                <NumCell view={view} value={latest?.round.number} decimals={0} />
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {terms.length > shownTerms ? (
        <p class="note shared unprinted">
          <a href="/definitions">{t.overview.allTerms}</a>
        </p>
      ) : null}
    </figure>
  )
}
