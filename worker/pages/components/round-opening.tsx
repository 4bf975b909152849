import type { FrozenRound } from '../../core/round'
import type { Messages } from '../../i18n'
import type { Format } from '../../i18n/format'
import { isolate } from '../../i18n/format'
import { Scroll } from './scroll'

interface Plan {
  frozen: FrozenRound
  groups: readonly { cohort: string; nodeId: string; invited: number }[]
}

/** What opening a round does, before it is done: who is asked, in which groups, and what cannot change afterwards. */
export function OpeningPlan({ t, texts, f, plan }: { t: Messages['roundsPage']; texts: Messages; f: Format; plan: Plan }) {
  const { frozen, groups } = plan
  const nodes = new Map(frozen.nodes.map((node) => [node.id, node]))
  const nameOf = (id: string) => isolate(nodes.get(id)?.name || texts.sides.company)
  const statements = frozen.items.filter(({ kind }) => kind === 'agreement').length
  const asked = frozen.items.flatMap((item) => (item.kind === 'definition' ? [texts.terms[item.term]] : []))
  return (
    <>
      <section class="sec tight">
        <div class="title">
          <h2>{t.invites(frozen.invited, groups.length)}</h2>
          <p class="what">{t.invitesWhat}</p>
        </div>
        <Scroll label={t.group}>
          <table class="data">
            <thead>
              <tr>
                <th scope="col">{t.group}</th>
                <th scope="col">{t.side}</th>
                <th scope="col" class="num">
                  {t.columns.invited}
                </th>
              </tr>
            </thead>
            <tbody>
              {groups.map(({ nodeId, invited }) => (
                <tr>
                  <th scope="row">
                    <bdi>{nodes.get(nodeId)?.name || texts.sides.company}</bdi>
                  </th>
                  <td>{texts.sides[nodes.get(nodeId)?.side ?? 'other']}</td>
                  <td class="num">{f.number(invited)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </section>
      <section class="sec tight">
        <div class="cols">
          <div class="c6">
            <div class="title">
              <h2>{t.mergedTitle}</h2>
            </div>
            {frozen.merged.length === 0 ? (
              <p class="note">{t.mergedNone}</p>
            ) : (
              <ul class="plain">
                {frozen.merged.map(({ name, nodeId }) => (
                  <li>{t.mergedInto(isolate(name), nameOf(nodeId))}</li>
                ))}
              </ul>
            )}
            {frozen.openLinks ? (
              <>
                <div class="title">
                  <h2>{texts.openLinks.opening}</h2>
                  <p class="what">{texts.openLinks.openingWhat}</p>
                </div>
                <ul class="plain">
                  {frozen.openLinks.map(({ name, people }) => (
                    <li>
                      <bdi>{name}</bdi> ({f.number(people)})
                    </li>
                  ))}
                </ul>
              </>
            ) : null}
            {frozen.notAsked.length === 0 ? null : (
              <>
                <div class="title">
                  <h2>{t.notAskedTitle}</h2>
                  <p class="what">{t.notAskedWhat}</p>
                </div>
                <ul class="plain">
                  {frozen.notAsked.map(({ name, people }) => (
                    <li>
                      <bdi>{name}</bdi> ({f.number(people)})
                    </li>
                  ))}
                </ul>
              </>
            )}
          </div>
          <div class="c6">
            <div class="title">
              <h2>{t.frozenTitle}</h2>
            </div>
            <ul class="plain">
              <li>{t.frozen.tree}</li>
              <li>{t.frozen.questions(f.number(statements), asked.join(', '))}</li>
              <li>
                {t.frozen.minimum(f.number(frozen.minimumGroupSize))} <a href="/settings#minimumGroupSize">{t.changeMinimum}</a>
              </li>
              <li>{t.frozen.method(frozen.methodVersion)}</li>
            </ul>
          </div>
        </div>
      </section>
    </>
  )
}
