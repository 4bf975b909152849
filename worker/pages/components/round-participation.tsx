/** Who was asked and how many answered so far, by group, in the order of the tree. */
import type { FrozenRound } from '../../core/round'
import type { Messages } from '../../i18n'
import { type Format, isolate } from '../../i18n/format'
import type { Participation } from '../../services/participation'
import { Scroll } from './scroll'

type Texts = Messages['roundsPage']

export function ParticipationTable(props: {
  t: Texts
  texts: Messages
  f: Format
  groups: readonly Participation[]
  /** Teams that answer with a larger group, and have no row. */
  merged: FrozenRound['merged']
  minimum: number | null
}) {
  const { t, texts, f, groups } = props
  const nameOf = (id: string) => isolate(groups.find(({ nodeId }) => nodeId === id)?.group || texts.sides.company)
  const parentOf = new Map(groups.map(({ nodeId, parentId }) => [nodeId, parentId]))
  const depthOf = (id: string | null | undefined): number => (id == null ? -1 : 1 + depthOf(parentOf.get(id)))
  return (
    <>
      <Scroll label={t.takePart}>
        <table class="data turnout">
          <thead>
            <tr>
              <th scope="col">{t.group}</th>
              <th scope="col" class="num">
                {t.columns.invited}
              </th>
              <th scope="col" class="num">
                {t.columns.answered}
              </th>
            </tr>
          </thead>
          <tbody>
            {groups.map(({ nodeId, group, invited, answered }) => (
              <tr>
                <th scope="row">
                  <span class={`below-${Math.min(4, depthOf(nodeId))}`}>
                    <bdi>{group || texts.sides.company}</bdi>
                  </span>
                </th>
                <td class="num">{f.number(invited)}</td>
                <Answered t={t} f={f} answered={answered} />
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {props.merged.map(({ name, nodeId }) => (
        <p class="note">{t.mergedInto(isolate(name), nameOf(nodeId))}</p>
      ))}
      {groups.some(({ answered }) => answered === null) ? <p class="note">{t.hiddenCount(f.number(props.minimum ?? 0))}</p> : null}
    </>
  )
}

/** A count, or in words that it is not said. `head`: that of its column, where rows are stacked on a phone. */
export const Answered = ({ t, f, answered, head }: { t: Texts; f: Format; answered: number | null; head?: string }) =>
  answered === null ? (
    <td class="num hatch" data-head={head}>
      <span class="paper">{t.notShown}</span>
    </td>
  ) : (
    <td class="num" data-head={head}>
      {f.number(answered)}
    </td>
  )
