import type { ChartSpec } from '../../core/chart'
import type { Pillar } from '../../core/result'
import type { Kappa } from '../../core/scoring-rules'
import type { ShownRound } from '../../services/overview'
import { Files } from './as-table'
import { Columns } from './columns'
import { Scroll } from './scroll'
import { shownChange, type View } from './view'

interface Row {
  name: string
  score: number | null
  /** How its pillar moved, for the row of a pillar; null where that cannot be said. */
  change?: number | null
}

/** How much of the score, and of its last change, hangs on choices that could have been made otherwise. */
export function WeightsFigure({ view, shown, title }: { view: View; shown: ShownRound; title: string }) {
  const { t, f } = view
  const { score, sensitivity, changeSensitivity } = shown
  if (score.value === null || !sensitivity) return null
  const { weights, pillars, trend } = t.overview
  /** As the tile of the pillar prints it. */
  const movedOf = (of: Pillar) => {
    const previous = shown.courses.find(({ pillar }) => pillar === of)?.previous ?? null
    const value = score.pillars.find(({ pillar }) => pillar === of)?.value ?? null
    const isCompared = changeSensitivity?.pillars.some(({ pillar }) => pillar === of)
    return isCompared && previous !== null && value !== null ? shownChange(previous, value) : null
  }
  const without = sensitivity.without.flatMap(({ value }) => value ?? [])
  const rows: Row[] = [
    { name: weights.asDecided, score: score.value },
    { name: weights.equalRow, score: sensitivity.equalWeights },
    ...sensitivity.without.map(({ pillar, value }) => ({
      name: weights.withoutRow(pillars.names[pillar]),
      score: value,
      change: movedOf(pillar),
    })),
    ...sensitivity.kappas.map(({ kappa, value }) => ({
      name: `${t.scoring.distanceShort}: ${t.scoring.distances[kappa as Kappa]}`,
      score: value,
    })),
  ]
  return (
    <figure id="weights" class={shown.terms.length > 0 ? 'c7' : 'c12'} data-chart={JSON.stringify({ kind: 'heat' } satisfies ChartSpec)}>
      <div class="title">
        <h2>{title}</h2>
        <p class="what">
          {weights.equal(f.number(sensitivity.equalWeights, 1), f.number(score.value, 1))}{' '}
          {without.length > 0 ? weights.without(f.number(Math.min(...without), 1), f.number(Math.max(...without), 1)) : null}
        </p>
      </div>
      <div class="unprinted">
        <Scroll label={title}>
          <table class="data pin">
            <thead>
              <tr>
                <Columns of={weights.choice} figures={[trend.score, changeSensitivity !== null && weights.change]} />
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, score: value, change }) => (
                <tr>
                  <th scope="row">{name}</th>
                  <td class="num">{value === null ? '–' : <bdi>{f.number(value, 1)}</bdi>}</td>
                  {changeSensitivity ? (
                    <td class="num">{change === undefined ? null : change === null ? '–' : <bdi>{f.signed(change, 1)}</bdi>}</td>
                  ) : null}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        <Files view={view} title={title} />
      </div>
    </figure>
  )
}
