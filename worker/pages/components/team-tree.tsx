import type { Side } from '../../core/round'
import { sides, type TeamStep, teamNameLimit } from '../../core/teams'
import type { Messages } from '../../i18n'
import { isolate } from '../../i18n/format'
import type { TeamView } from '../../services/teams'
import { Field, type Mistake } from './field'
import { SideMark, teamPaths } from './people-lists'

/** The tree with what changes it: up and down among siblings, and the page of each team. One form: its buttons say which. */
export function TeamOrder(props: {
  texts: Messages
  /** Writes a number in the language of the page. */
  figure: (value: number) => string
  teams: readonly TeamView[]
  /** The minimum group size. */
  k: number
  path: string
  /** Where the hand was before the page was loaded anew. */
  focus: { id: string; on: 'up' | 'down' | 'edit' } | undefined
}) {
  return (
    <form class="tree" method="post" action={`${props.path}/order`}>
      <Siblings {...props} childrenOf={Map.groupBy(props.teams, (team) => team.parentId)} parentId={null} />
    </form>
  )
}

function Siblings(props: Parameters<typeof TeamOrder>[0] & { childrenOf: Map<string | null, TeamView[]>; parentId: string | null }) {
  const siblings = props.childrenOf.get(props.parentId) ?? []
  return (
    <ul>
      {siblings.map((team, index) => (
        <li>
          <TeamRow {...props} team={team} isFirst={index === 0} isLast={index === siblings.length - 1} />
          {props.childrenOf.has(team.id) ? <Siblings {...props} parentId={team.id} /> : null}
        </li>
      ))}
    </ul>
  )
}

function TeamRow(props: Parameters<typeof Siblings>[0] & { team: TeamView; isFirst: boolean; isLast: boolean }) {
  const { texts, k, path, focus, team, isFirst, isLast } = props
  const t = texts.peoplePage
  const name = isolate(team.name)
  // A button that has nothing to do any more leaves the focus to its neighbour.
  const on = focus?.id !== team.id ? undefined : focus.on === 'up' && isFirst ? 'down' : focus.on === 'down' && isLast ? 'up' : focus.on
  const focusOn = (control: typeof on) => (on === control ? { autofocus: true, 'aria-describedby': 'tree-notice' } : {})
  return (
    <div class="row" id={`team-${team.id}`}>
      <SideMark t={t} side={team.side} />
      <span class="name">
        <bdi>{team.name}</bdi>
        {team.peopleBelow > 0 && team.peopleBelow < k && team.parentId !== null ? <span class="note"> · {t.small}</span> : null}
      </span>
      <span class="num">
        <span aria-hidden="true">{props.figure(team.peopleBelow)}</span>
        <span class="vh">{t.headCount(team.peopleBelow)}</span>
      </span>
      <span class="actions">
        <button class="btn" type="submit" name="up" value={team.id} disabled={isFirst} {...focusOn('up')}>
          <span aria-hidden="true">↑</span>
          <span class="vh">{t.tree.up(name)}</span>
        </button>
        <button class="btn" type="submit" name="down" value={team.id} disabled={isLast} {...focusOn('down')}>
          <span aria-hidden="true">↓</span>
          <span class="vh">{t.tree.down(name)}</span>
        </button>
        <a class="btn" href={`${path}/${team.id}`} aria-label={t.tree.editOf(name)} {...focusOn('edit')}>
          {t.tree.edit}
        </a>
      </span>
    </div>
  )
}

/** No side of its own: what a form says for a team that takes over its parent's. */
const asAbove = 'above'

/** Name, place and side; for a new team and for one that is there. */
export function TeamFields(props: {
  texts: Messages
  values: { name: string; parentId: string; side: string }
  /** Teams that it may stand below, in the order of the tree. */
  parents: readonly TeamView[]
  mistakes: readonly Mistake[]
  isNew?: boolean
}) {
  const { values, parents, mistakes, isNew } = props
  const t = props.texts.peoplePage
  const paths = teamPaths(parents)
  return (
    <>
      <Field name="name" label={t.tree.name} mistakes={mistakes}>
        {(control) => (
          <input {...control} type="text" value={values.name} maxlength={teamNameLimit} required dir="auto" autocomplete="off" />
        )}
      </Field>
      <Field name="parentId" label={isNew ? t.tree.below : t.tree.moveBelow} mistakes={mistakes}>
        {(control) => (
          <select {...control} class="pick">
            <option value="">{t.tree.top}</option>
            {parents.map(({ id }) => (
              <option value={id} selected={id === values.parentId}>
                {paths.get(id)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="side" label={t.side} hint={t.tree.sideHint} mistakes={mistakes} short>
        {(control) => (
          <select {...control} class="pick">
            {isNew ? <option value="">{t.tree.sideChoose}</option> : null}
            {isNew && parents.length > 0 ? (
              <option value={asAbove} selected={values.side === asAbove}>
                {t.tree.sideAsAbove}
              </option>
            ) : null}
            {sides.map((side) => (
              <option value={side} selected={side === values.side}>
                {t.sides[side]}
              </option>
            ))}
          </select>
        )}
      </Field>
    </>
  )
}

/** What was done, how head-counts changed by it, and the way back. */
export function TreeNotice(props: {
  texts: Messages
  teams: readonly TeamView[]
  done: string | undefined
  /** Id of the team. */
  about: string | undefined
  step: TeamStep | undefined
  action: string
}) {
  const { texts, teams, done, step } = props
  const t = texts.peoplePage.tree
  const team = teams.find(({ id }) => id === props.about)
  const name = isolate(team?.name ?? '')
  if (done === 'archived') return <Said>{t.done.archived}</Said>
  if (!team || (done !== 'added' && done !== 'changed' && done !== 'undone' && done !== 'same')) return null
  if (done !== 'changed') return <Said>{t.done[done](name)}</Said>
  if (!step || step.id !== team.id) return <Said>{t.done.final(name)}</Said>
  const above = teams.find(({ id }) => id === team.parentId)
  const said = [
    step.name === undefined ? [] : [t.done.renamed(isolate(step.name), name)],
    step.place === undefined ? [] : [placeText(t, team, above, step.place)],
    step.sides.length === 0 ? [] : [t.done.sides(step.sides.length)],
  ].flat()
  const counts = step.place ? countsOf(teams, team, step.place.parentId) : []
  return (
    <div class="done" id="tree-notice" role="status">
      <p>{said.join(' ')}</p>
      {counts.length > 0 ? (
        <ul class="plain">
          {counts.map(({ name, before, after }) => (
            <li>{t.done.count(isolate(name), before, after)}</li>
          ))}
        </ul>
      ) : null}
      <form method="post" action={props.action}>
        <input type="hidden" name="step" value={JSON.stringify(step)} />
        <button class="btn" type="submit">
          {t.undo}
        </button>
      </form>
    </div>
  )
}

const Said = ({ children }: { children: string }) => (
  <p class="done" id="tree-notice" role="status">
    {children}
  </p>
)

function placeText(
  t: Messages['peoplePage']['tree'],
  team: TeamView,
  above: TeamView | undefined,
  was: { parentId: string | null },
): string {
  const name = isolate(team.name)
  if (was.parentId === team.parentId) return t.done.ordered(name, team.position + 1)
  return above ? t.done.moved(name, isolate(above.name)) : t.done.movedToTop(name)
}

/** Teams above the old and the new place that have more or fewer people by the move. */
function countsOf(teams: readonly TeamView[], team: TeamView, formerParent: string | null) {
  const now = aboveOf(teams, team.parentId)
  const then = aboveOf(teams, formerParent)
  const change = (above: TeamView, by: number) => ({ name: above.name, before: above.peopleBelow - by, after: above.peopleBelow })
  if (team.peopleBelow === 0) return []
  return [
    ...then.filter((above) => !now.includes(above)).map((above) => change(above, -team.peopleBelow)),
    ...now.filter((above) => !then.includes(above)).map((above) => change(above, team.peopleBelow)),
  ]
}

function aboveOf(teams: readonly TeamView[], id: string | null): TeamView[] {
  const found: TeamView[] = []
  for (let at = teams.find((team) => team.id === id); at; at = teams.find((team) => team.id === at?.parentId)) found.push(at)
  return found
}

/** Whose side follows from a move, for a second look before it. */
export function SidesSecondLook(props: {
  texts: Messages
  path: string
  values: { name: string; parentId: string; side: string }
  follow: readonly { name: string; from: Side; to: Side }[]
}) {
  const { texts, path, values, follow } = props
  const t = texts.peoplePage
  return (
    <form class="form" method="post" action={path}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t.team}</th>
            <th scope="col">{t.from}</th>
            <th scope="col">{t.to}</th>
          </tr>
        </thead>
        <tbody>
          {follow.map(({ name, from, to }) => (
            <tr>
              <th scope="row">
                <bdi>{name}</bdi>
              </th>
              {[from, to].map((side) => (
                <td>
                  <span class="with-mk">
                    <SideMark t={t} side={side} />
                    <span aria-hidden="true">{t.sides[side]}</span>
                  </span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {(['name', 'parentId', 'side'] as const).map((name) => (
        <input type="hidden" name={name} value={values[name]} />
      ))}
      <input type="hidden" name="confirmed" value="yes" />
      <div class="actions">
        <button class="btn solid" type="submit">
          {t.tree.followYes}
        </button>
        <a class="btn" href={path}>
          {t.cancel}
        </a>
      </div>
    </form>
  )
}
