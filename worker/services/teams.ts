/** The tree of teams: to which group the answers of a person count. */
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { DomainError } from '../core/errors'
import type { Side } from '../core/round'
import {
  changedRows,
  newTeam,
  stepBack,
  type Team,
  type TeamChange,
  type TeamStep,
  TreeError,
  teamsAfter,
  teamsBefore,
} from '../core/teams'
import type { Database } from '../db/client'
import { isTreeChanged, lastPlace, listTeamRows, readTree, treeUnchanged } from '../db/people'
import { teams } from '../db/schema'
import { newId, type ServiceContext } from './context'

export interface TeamView extends Team {
  /** How many siblings stand before it. */
  position: number
  /** Its people answer through one shared link, where the organisation allows that. */
  openLink: boolean
  /** Active people in this very team. */
  people: number
  /** Active people in it and in all teams below it. */
  peopleBelow: number
}

/** The tree, parents before children, siblings in their order; archived teams are left out. */
export async function listTeams(db: Database): Promise<TeamView[]> {
  const childrenOf = Map.groupBy(await listTeamRows(db), (row) => row.parentId)
  const ordered: TeamView[] = []
  const visit = (parentId: string | null): number => {
    let sum = 0
    for (const [position, row] of (childrenOf.get(parentId) ?? []).entries()) {
      const view = { ...row, position, peopleBelow: row.people }
      ordered.push(view)
      view.peopleBelow += visit(row.id)
      sum += view.peopleBelow
    }
    return sum
  }
  visit(null)
  return ordered
}

/** @throws TreeError not-found */
export async function getTeam(db: Database, id: string): Promise<TeamView> {
  const team = (await listTeams(db)).find((team) => team.id === id)
  if (!team) throw new TreeError('not-found', 'team-unknown', {}, 'There is no such team.')
  return team
}

/**
 * Adds a team as the last of its siblings; its side is its parent's unless the parent is `other` or null.
 *
 * @throws TreeError invalid-input, duplicate
 * @example await createTeam(context, { name: 'SDR', parentId: sales.id, side: 'sales' })
 */
export async function createTeam(
  context: ServiceContext,
  input: { name: string; parentId: string | null; side?: Side | undefined },
): Promise<TeamView> {
  const id = newId(context)
  await onTree(context.db, async () => {
    const known = await readTree(context.db)
    const team = { id, ...newTeam(known.teams, input), position: lastPlace(sql`${input.parentId}`) }
    return { ...known, statements: [context.db.insert(teams).values(team)], result: null }
  })
  return getTeam(context.db, id)
}

/**
 * Renames, moves or gives a side; see `teamsAfter` for what follows from it. Rounds that were opened keep the tree that
 * they froze.
 *
 * @returns the team, and how to take the change back
 * @throws TreeError not-found, invalid-input, duplicate
 */
export async function updateTeam(context: ServiceContext, id: string, change: TeamChange): Promise<{ team: TeamView; step: TeamStep }> {
  const step = await changeTree(context.db, (before) => {
    const after = teamsAfter(before, id, change)
    return { after, result: stepBack(before, after, id) }
  })
  return { team: await getTeam(context.db, id), step }
}

/**
 * Lets the people of this very team answer through one shared link, or through personal ones, from the next round on.
 *
 * @throws TreeError not-found
 */
export async function setOpenLink(context: ServiceContext, id: string, openLink: boolean): Promise<TeamView> {
  await context.db.update(teams).set({ openLink }).where(eq(teams.id, id))
  return getTeam(context.db, id)
}

/** The teams that answer through a shared link are these and no others. */
export async function chooseOpenLinks(context: ServiceContext, ids: readonly string[]): Promise<void> {
  await context.db.update(teams).set({ openLink: sql`${teams.id} in (select value from json_each(${JSON.stringify(ids)}))` })
}

/**
 * Takes back what `updateTeam` did; what else was changed since stays.
 *
 * @throws TreeError tree-changed
 */
export async function undoTeamChange(context: ServiceContext, step: TeamStep): Promise<void> {
  await changeTree(context.db, (before) => ({ after: teamsBefore(before, step), result: null }))
}

/**
 * Takes a team without active people and without teams below it out of the tree. Its row stays: people who left it
 * refer to it.
 *
 * @throws DomainError not-found, team-not-empty
 */
export async function archiveTeam(context: ServiceContext, id: string): Promise<void> {
  const { db, now } = context
  const [archived] = await db
    .update(teams)
    .set({ archivedAt: now })
    .where(
      and(
        eq(teams.id, id),
        isNull(teams.archivedAt),
        sql`not exists (select 1 from people p where p.team_id = ${id} and p.deactivated_at is null)`,
        sql`not exists (select 1 from teams t where t.parent_id = ${id} and t.archived_at is null)`,
      ),
    )
    .returning({ id: teams.id })
  if (archived) return
  const { name, peopleBelow } = await getTeam(db, id)
  const holds = peopleBelow > 0 ? 'people' : 'teams'
  throw new DomainError('team-not-empty', `There are ${holds} in “${name}”. Move them to another team first.`)
}

/** Stores what is different about the tree afterwards. */
const changeTree = <T>(db: Database, decide: (before: Team[]) => { after: Team[]; result: T }): Promise<T> =>
  onTree(db, async () => {
    const known = await readTree(db)
    const { after, result } = decide(known.teams)
    const statements = changedRows(known.teams, after).map(({ team: { id, ...values }, position }) =>
      db
        .update(teams)
        .set({ ...values, ...(position !== undefined && { position }) })
        .where(eq(teams.id, id)),
    )
    return { ...known, statements, result }
  })

/**
 * Reads the tree, decides, and writes in one batch; again from the start when the tree was changed in between.
 *
 * @param decide reads and decides; `treeVersion` is that of what it read
 */
export async function onTree<T>(
  db: Database,
  decide: () => Promise<{ treeVersion: string; statements: BatchItem<'sqlite'>[]; result: T }>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const { treeVersion, statements, result } = await decide()
    if (statements.length === 0) return result
    try {
      await db.batch([treeUnchanged(db, treeVersion), ...statements])
      return result
    } catch (error) {
      if (attempt === 3 || !isTreeChanged(error)) throw error
    }
  }
}
