import type { ChartSpec } from '../../core/chart'
import type { Kappa } from '../../core/scoring-rules'
import { sensitivity as sensitivityOf } from '../../core/sensitivity'
import type { ShownRound } from '../../services/overview'
import { Files } from './as-table'
import { Columns } from './columns'
import { Scroll } from './scroll'
import { shownChange, type View } from './view'

interface Row {
  name: string
  score: number | null
  /** What it would have been in the round before; null where that cannot be said. */
  before: number | null | undefined
}

/** How much of the score, and of its last change, hangs on choices that could have been made otherwise. */
export function WeightsFigure({ view, shown, title }: { view: View; shown: ShownRound; title: string }) {
  const { t, f } = view
  const { score, previous, sensitivity: now, changeSensitivity } = shown
  if (score.value === null || !now) return null
  const { weights, pillars, trend } = t.overview
  const before = changeSensitivity && previous ? sensitivityOf(previous) : null
  const without = now.without.flatMap(({ value }) => value ?? [])
  const rows: Row[] = [
    { name: weights.asDecided, score: score.value, before: previous?.value },
    { name: weights.equalRow, score: now.equalWeights, before: before?.equalWeights },
    ...now.without.map(({ pillar, value }, index) => ({
      name: weights.withoutRow(pillars.names[pillar]),
      score: value,
      before: before?.without[index]?.value,
    })),
    ...now.kappas.map(({ kappa, value }, index) => ({
      name: `${t.scoring.distanceShort}: ${t.scoring.distances[kappa as Kappa]}`,
      score: value,
      before: before?.kappas[index]?.value,
    })),
  ]
  return (
    <figure id="weights" class={shown.terms.length > 0 ? 'c7' : 'c12'} data-chart={JSON.stringify({ kind: 'heat' } satisfies ChartSpec)}>
      <div class="title">
        <h2>{title}</h2>
        <p class="what">
          {weights.equal(f.number(now.equalWeights, 1), f.number(score.value, 1))}{' '}
          {without.length > 0 ? weights.without(f.number(Math.min(...without), 1), f.number(Math.max(...without), 1)) : null}
        </p>
      </div>
      <div class="unprinted">
        <Scroll label={title}>
          <table class="data pin">
            <thead>
              <tr>
                <Columns of={weights.choice} figures={[trend.score, before !== null && weights.change]} />
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, score: value, before: was }) => (
                <tr>
                  <th scope="row">{name}</th>
                  <td class="num">{value === null ? '–' : <bdi>{f.number(value, 1)}</bdi>}</td>
                  {before ? (
                    <td class="num">{value === null || was == null ? '–' : <bdi>{f.signed(shownChange(was, value), 1)}</bdi>}</td>
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
