import type { Side } from '../../core/round'
import { type PeopleState, peopleStates } from '../../db/people'
import { isLocale, localeNames, type Messages } from '../../i18n'
import type { listPeople, PersonView } from '../../services/people'
import type { TeamView } from '../../services/teams'
import type { Sheet } from '../layout'
import { EmailAddress } from './email-address'
import { Scroll } from './scroll'

export interface PeopleListQuery {
  search: string
  /** People of this team and of the teams below it. */
  teamId: string | undefined
  state: PeopleState
  cursor: string | undefined
}

type Texts = Messages['peoplePage']

/** The mark of a side: shape and colour, and its name for those who see neither. */
export const SideMark = ({ t, side }: { t: Texts; side: Side }) => (
  <>
    <i class={`mk ${{ sales: 's', marketing: 'm', other: 'o' }[side]}`} title={t.sides[side]} />
    <span class="vh">{t.sides[side]}: </span>
  </>
)

/** The tree with head-counts; each team is a link that narrows the list to it. `k` is the minimum group size. */
export function TeamTree(props: {
  t: Texts
  /** Writes a number in the language of the page. */
  figure: (value: number) => string
  sheet: Sheet
  teams: readonly TeamView[]
  k: number
  chosen: string | undefined
}) {
  const { t, teams } = props
  return (
    <nav class="c4" aria-labelledby="teams-title">
      <div class="title">
        <h2 id="teams-title">{t.teams}</h2>
        <p class="what">{t.teamsWhat(props.k)}</p>
        <p class={props.sheet.rule('margin-block-start:var(--s3)')}>
          <a class="btn" href="/people/teams">
            {t.tree.title}
          </a>
        </p>
      </div>
      <Branch {...props} childrenOf={Map.groupBy(teams, (team) => team.parentId)} parentId={null} />
    </nav>
  )
}

function Branch(props: Parameters<typeof TeamTree>[0] & { childrenOf: Map<string | null, TeamView[]>; parentId: string | null }) {
  const { t, sheet, k, chosen, childrenOf, parentId } = props
  const row = sheet.rule(
    'display:flex;align-items:baseline;gap:var(--s3);padding-block:var(--s2);border-block-end:1px solid var(--hair);font-size:var(--fs-small)',
  )
  return (
    <ul class={parentId === null ? undefined : sheet.rule('padding-inline-start:var(--s5)')}>
      {(childrenOf.get(parentId) ?? []).map((team) => (
        <li>
          <div class={row}>
            <SideMark t={t} side={team.side} />
            <span class={sheet.rule('flex:1;min-inline-size:0;overflow-wrap:anywhere')}>
              <a
                href={`/people?team=${team.id}`}
                aria-current={team.id === chosen ? 'true' : undefined}
                class={team.id === chosen ? sheet.rule('font-weight:var(--w-semi)') : undefined}
              >
                <bdi>{team.name}</bdi>
              </a>
              {team.peopleBelow > 0 && team.peopleBelow < k && parentId !== null ? <span class="note"> · {t.small}</span> : null}
            </span>
            <span class="num">
              <span aria-hidden="true">{props.figure(team.peopleBelow)}</span>
              <span class="vh">{t.headCount(team.peopleBelow)}</span>
            </span>
          </div>
          {childrenOf.has(team.id) ? <Branch {...props} parentId={team.id} /> : null}
        </li>
      ))}
    </ul>
  )
}

/** Everybody who matches, a page at a time, with the search above. */
export function PeopleList(props: {
  t: Texts
  removal: Messages['retention']['person']
  sheet: Sheet
  teams: readonly TeamView[]
  query: PeopleListQuery
  page: Awaited<ReturnType<typeof listPeople>>
}) {
  const { t, removal, sheet, teams, query, page } = props
  const team = teams.find(({ id }) => id === query.teamId)
  const pathOf = teamPaths(teams)
  return (
    <section class="c8" aria-labelledby="list-title">
      <div class="title">
        <h2 id="list-title">{team ? t.listOf(`\u2068${team.name}\u2069`) : t.list}</h2>
        <p class="what" role="status">
          {t.found(page.total)}
          {team ? (
            <>
              {' · '}
              <a href={hrefOf({ ...query, teamId: undefined, cursor: undefined })}>{t.showAll}</a>
            </>
          ) : null}
        </p>
      </div>
      <search>
        <form class={`actions ${sheet.rule('align-items:end;margin-block-end:var(--s4)')}`} method="get" action="/people">
          {query.teamId ? <input type="hidden" name="team" value={query.teamId} /> : null}
          <div class={`field ${sheet.rule('flex:1 1 14rem;inline-size:auto')}`}>
            <label for="search">{t.search}</label>
            <input id="search" name="search" type="search" value={query.search} maxlength={100} autocomplete="off" dir="auto" />
          </div>
          <div class={`field ${sheet.rule('inline-size:auto')}`}>
            <label for="state">{t.state}</label>
            <select id="state" name="state" class="pick" data-submit>
              {peopleStates.map((state) => (
                <option value={state} selected={state === query.state}>
                  {t.states[state]}
                </option>
              ))}
            </select>
          </div>
          <button class={`btn ${sheet.rule('min-block-size:2.5rem')}`} type="submit">
            {t.searchGo}
          </button>
        </form>
      </search>
      {page.items.length === 0 ? (
        <Nobody t={t} query={query} />
      ) : (
        <Scroll label={t.list}>
          <table class={`data stack ${sheet.rule('--head:6rem')}`} aria-labelledby="list-title">
            <thead>
              <tr>
                <th scope="col">{t.name}</th>
                <th scope="col">{t.email}</th>
                <th scope="col">{t.team}</th>
                <th scope="col">{t.language}</th>
                <th scope="col">
                  <span class="vh">{removal.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {page.items.map((person) => (
                <PersonRow t={t} removal={removal} person={person} team={pathOf.get(person.teamId) ?? ''} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {query.cursor || page.next ? (
        <nav class={`actions ${sheet.rule('margin-block-start:var(--s4)')}`} aria-label={t.list}>
          {query.cursor ? (
            <a class="btn" href={hrefOf({ ...query, cursor: undefined })}>
              {t.first}
            </a>
          ) : null}
          {page.next ? (
            <a class="btn" href={hrefOf({ ...query, cursor: page.next })} rel="next">
              {t.next}
            </a>
          ) : null}
        </nav>
      ) : null}
    </section>
  )
}

/** Why the list is empty, and what to do about it. */
function Nobody({ t, query }: { t: Texts; query: PeopleListQuery }) {
  const isNarrowed = query.search !== '' || query.teamId !== undefined
  return (
    <div class="state small">
      <strong>{query.search ? t.foundNone : query.state === 'active' ? t.noneInTeam : t.noneInState[query.state]}</strong>
      <p class="actions">
        {isNarrowed ? <a href={hrefOf({ ...query, search: '', teamId: undefined, cursor: undefined })}>{t.showAll}</a> : null}
        {query.state === 'active' ? (
          <a href={query.teamId ? `/people/new?team=${query.teamId}` : '/people/new'}>{t.person.addTitle}</a>
        ) : (
          <a href={hrefOf({ ...query, state: 'active', cursor: undefined })}>{t.showActive}</a>
        )}
      </p>
    </div>
  )
}

const PersonRow = (props: { t: Texts; removal: Messages['retention']['person']; person: PersonView; team: string }) => {
  const { t, removal, person, team } = props
  return (
    <tr>
      <th scope="row">
        <a href={`/people/${person.id}`}>
          <bdi>{person.name}</bdi>
        </a>
      </th>
      <td data-head={t.email}>
        <EmailAddress email={person.email} />
        {person.mailStoppedAt ? <span class="note"> · {t.mailStopped}</span> : null}
      </td>
      <td data-head={t.team}>
        <bdi>{team}</bdi>
      </td>
      <td data-head={t.language}>
        {isLocale(person.locale) ? <span lang={person.locale}>{localeNames[person.locale]}</span> : person.locale}
      </td>
      <td class="nowrap">
        <a href={`/people/${person.id}/deletion`} aria-label={removal.removeOf(`\u2068${person.name}\u2069`)}>
          {removal.remove}
        </a>
      </td>
    </tr>
  )
}

/** Names from the top down, by the id of the team: `Sales / SDR`. */
export function teamPaths(teams: readonly TeamView[]): Map<string, string> {
  const paths = new Map<string, string>()
  for (const { id, parentId, name } of teams) {
    const above = parentId === null ? undefined : paths.get(parentId)
    paths.set(id, above === undefined ? name : `${above} / ${name}`)
  }
  return paths
}

function hrefOf({ search, teamId, state, cursor }: PeopleListQuery): string {
  const query = new URLSearchParams({
    ...(search ? { search } : {}),
    ...(teamId ? { team: teamId } : {}),
    ...(state === 'active' ? {} : { state }),
    ...(cursor ? { cursor } : {}),
  })
  return query.size > 0 ? `/people?${query}` : '/people'
}
