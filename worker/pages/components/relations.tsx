import { type KpiRelation, leastPeriods } from '../../core/relation'
import { partName } from '../../services/findings'
import { Columns } from './columns'
import { Scroll } from './scroll'
import { Chance, Verdict } from './verdict'
import type { View } from './view'

/** What moves with the people index, KPI by KPI; never what drives what. */
export function Relations(props: {
  view: View
  relations: readonly KpiRelation[]
  title: string
  /** Where a KPI is looked at beside the people index. */
  link: (key: string) => string
}) {
  const { view, relations, title } = props
  const { t, f } = view
  const texts = t.overview.relations
  return (
    <section class="sec tight part wide-table">
      <div class="title">
        <h2>{title}</h2>
        <p class="what">{texts.what}</p>
        <p class="what">{texts.note}</p>
      </div>
      <Scroll label={title}>
        <table class="data pin stack">
          <thead>
            <tr>
              <Columns
                of={texts.kpi}
                figures={[texts.months, texts.lag, texts.rho, t.roundsPage.chance]}
                last={t.roundsPage.changes.finding}
              />
            </tr>
          </thead>
          <tbody>
            {relations.map((one) => (
              <tr>
                <th scope="row">
                  <a href={props.link(one.key)}>{partName(t, one.key)}</a>
                </th>
                <td class="num" data-head={texts.months}>
                  {f.number(one.periods)}
                </td>
                {one.kind === 'measured' ? (
                  <>
                    <td class="num" data-head={texts.lag}>
                      {f.number(one.lag)}
                    </td>
                    <td class="num" data-head={texts.rho}>
                      <bdi>{f.signed(one.rho, 2)}</bdi>
                    </td>
                    <td class="num" data-head={t.roundsPage.chance}>
                      <Chance f={f} p={one.adjustedP} />
                    </td>
                  </>
                ) : (
                  [1, 2, 3].map(() => <td class="num none">–</td>)
                )}
                <td data-head={t.roundsPage.changes.finding}>
                  <Finding view={view} relation={one} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}

function Finding({ view, relation }: { view: View; relation: KpiRelation }) {
  const { t, f } = view
  const texts = t.overview.relations
  if (relation.kind !== 'measured') {
    if (relation.kind === 'flat') return <>{texts.flat}</>
    return <>{relation.periods < leastPeriods ? texts.tooFew(f.number(relation.periods), f.number(leastPeriods)) : texts.gaps}</>
  }
  if (relation.verdict === 'no-detectable-relation') return <Verdict view={view} verdict="normal" text={texts.none} />
  return <Verdict view={view} verdict="signal" text={relation.rho > 0 ? texts.with : texts.against} />
}
