import { missingWords } from '../../core/own-words'
import type { FrozenRound, Item } from '../../core/round'
import { intlTag, type Locale, locales, type Messages } from '../../i18n'
import type { Format } from '../../i18n/format'
import { isolate } from '../../i18n/format'
import { Scroll } from './scroll'

interface Plan {
  frozen: FrozenRound
  groups: readonly { cohort: string; nodeId: string; invited: number }[]
}

/** What opening a round does, before it is done: who is asked, in which groups, and what cannot change afterwards. */
export function OpeningPlan(props: { t: Messages['roundsPage']; texts: Messages; locale: Locale; f: Format; plan: Plan }) {
  const { t, texts, f, plan } = props
  const { frozen, groups } = plan
  const nodes = new Map(frozen.nodes.map((node) => [node.id, node]))
  const nameOf = (id: string) => isolate(nodes.get(id)?.name || texts.sides.company)
  const missing = missingWords(frozen.items, locales).length
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
              <li>
                {t.frozen.questions(questionsIn(props))} <a href={`/survey/preview?lang=${props.locale}`}>{t.frozen.look}</a>
              </li>
              {missing > 0 ? (
                <li>
                  <a class="gap" href="/survey">
                    {texts.surveyPage.missing(missing)}
                  </a>
                </li>
              ) : null}
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

/** What is asked, counted by its kind. */
function questionsIn({ t, texts, locale, f, plan }: Parameters<typeof OpeningPlan>[0]): string {
  const { items, comment } = plan.frozen
  const list = (names: readonly string[]) => new Intl.ListFormat(intlTag(locale), { type: 'unit' }).format(names)
  const count = (...kinds: Item['kind'][]) => items.filter(({ kind }) => kinds.includes(kind)).length
  const [statements, cases] = [count('agreement'), count('vignette', 'number')]
  const asked = items.flatMap((item) => (item.kind === 'definition' ? [texts.terms[item.term]] : []))
  const { parts } = t.frozen
  return list([
    ...(statements > 0 ? [parts.statements(statements, f.number(statements))] : []),
    ...(count('headline') > 0 ? [parts.headline] : []),
    ...(cases > 0 ? [parts.cases(cases, f.number(cases))] : []),
    ...(comment ? [parts.comment] : []),
    ...(asked.length > 0 ? [parts.terms(list(asked))] : []),
  ])
}
