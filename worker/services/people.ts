/** People and the tree of teams: who can be invited, and to which group their answers count. */
import { asc, isNull, sql } from 'drizzle-orm'
import type { Side } from '../core/round'
import type { Database } from '../db/client'
import { people, teams } from '../db/schema'

export interface TeamView {
  id: string
  parentId: string | null
  name: string
  side: Side
  /** Active people in this very team, and in it with all teams below it. */
  people: number
  peopleBelow: number
}

/** The tree, parents before children, siblings by position and name; archived teams are left out. */
export async function listTeams(db: Database): Promise<TeamView[]> {
  const rows = await db
    .select({
      id: teams.id,
      parentId: teams.parentId,
      name: teams.name,
      side: teams.side,
      people: sql<number>`(select count(*) from ${people} where ${people.teamId} = ${teams.id} and ${people.deactivatedAt} is null)`,
    })
    .from(teams)
    .where(isNull(teams.archivedAt))
    .orderBy(asc(teams.position), asc(teams.name))
  return inTreeOrder(rows)
}

/** Everybody who would be invited to a round that opens now. */
export async function invitees(db: Database): Promise<{ personId: string; email: string; name: string; locale: string; teamId: string }[]> {
  return db
    .select({ personId: people.id, email: people.email, name: people.name, locale: people.locale, teamId: people.teamId })
    .from(people)
    .where(isNull(people.deactivatedAt))
    .orderBy(asc(people.email))
}

function inTreeOrder(rows: readonly Omit<TeamView, 'peopleBelow'>[]): TeamView[] {
  const ordered: TeamView[] = []
  const visit = (parentId: string | null): number => {
    let sum = 0
    for (const row of rows) {
      if (row.parentId !== parentId) continue
      const view = { ...row, peopleBelow: row.people }
      ordered.push(view)
      view.peopleBelow += visit(row.id)
      sum += view.peopleBelow
    }
    return sum
  }
  visit(null)
  return ordered
}
