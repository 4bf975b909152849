/** Who was invited with a personal link. Never looks at whether a link was used: what is printed must not tell. */
import { and, asc, count, eq, sql } from 'drizzle-orm'
import type { Database } from './client'
import { teamsBelow } from './people'
import { invitations, people } from './schema'

/** A page of those who were invited, by name, and how many there are in all. Somebody who was deleted since is in none. */
export async function findInvited(db: Database, query: { roundId: string; teamId?: string | undefined; offset: number; limit: number }) {
  const wanted = and(
    eq(invitations.roundId, query.roundId),
    query.teamId ? sql`${people.teamId} in (${teamsBelow(query.teamId)})` : undefined,
  )
  const [rows, counted] = await db.batch([
    db
      .select({ personId: people.id, name: people.name })
      .from(invitations)
      .innerJoin(people, eq(people.id, invitations.personId))
      .where(wanted)
      .orderBy(asc(people.name), asc(people.id))
      .limit(query.limit)
      .offset(query.offset),
    db.select({ total: count() }).from(invitations).innerJoin(people, eq(people.id, invitations.personId)).where(wanted),
  ])
  return { rows, total: counted[0]?.total ?? 0 }
}

/** What the links of these people are derived from, by name. */
export const findHolders = (db: Database, roundId: string, personIds: readonly string[]) =>
  db
    .select({
      personId: people.id,
      name: people.name,
      locale: people.locale,
      cohort: invitations.cohort,
      generation: invitations.generation,
    })
    .from(invitations)
    .innerJoin(people, eq(people.id, invitations.personId))
    .where(and(eq(invitations.roundId, roundId), sql`${people.id} in (select value from json_each(${JSON.stringify(personIds)}))`))
    .orderBy(asc(people.name), asc(people.id))
