/**
 * Shared links of teams and the ballots that were collected with them. Each rule is one statement, like those of
 * `ballots.ts`; nothing here has a person, a device, a time or an order.
 */
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { roundIsOpen } from './ballots'
import type { Database } from './client'
import { openIssuances, openLinks, rounds, teams } from './schema'

type Bytes = Uint8Array<ArrayBuffer>

/** Ids of the teams that are to have a shared link. */
export async function findOpenLinkTeams(db: Database): Promise<Set<string>> {
  const rows = await db
    .select({ id: teams.id })
    .from(teams)
    .where(and(eq(teams.openLink, true), isNull(teams.archivedAt)))
  return new Set(rows.map(({ id }) => id))
}

/** The links of an open round, without their secrets: those are derived. */
export const listOpenLinkRows = (db: Database, roundId: string) =>
  db
    .select({ teamId: openLinks.teamId, cohort: openLinks.cohort, generation: openLinks.generation })
    .from(openLinks)
    .where(eq(openLinks.roundId, roundId))
    .orderBy(asc(openLinks.teamId))

/**
 * Takes one of a team's places for this blinded message, drawn at random among those that are left; a message that has
 * one keeps it. A place is 32 bytes before and after, so that taking it rewrites a cell in place and tells no order.
 *
 * @param key.draw a random number, 0 ≤ draw < 2³²: which free place. Drawn by the caller, so that a test can fix it
 * @returns whether it has one now; else the link was ended, the round closed, or (`full`) no place is left
 */
export async function bindOpenIssuance(
  db: Database,
  key: { roundId: string; teamId: string; cohort: string; tokenHash: Bytes; blindedHash: Bytes; draw: number },
): Promise<'bound' | 'full' | 'ended' | 'closed'> {
  const here = sql`round_id = ${key.roundId} and team_id = ${key.teamId}`
  const free = sql`from open_issuances where ${here} and blinded_hash = zeroblob(32)`
  const link = sql`exists (select 1 from open_links where ${here} and cohort = ${key.cohort} and token_hash = ${key.tokenHash})`
  const [taken, [state]] = await db.batch([
    db
      .update(openIssuances)
      .set({ blindedHash: key.blindedHash })
      .where(
        sql`${here} and slot = coalesce(
            (select slot from open_issuances where ${here} and blinded_hash = ${key.blindedHash}),
            (select slot ${free} order by slot limit 1 offset cast(${key.draw} as integer) % max(1, (select count(*) ${free}))))
          and ${link} and ${roundIsOpen(key.roundId)}`,
      )
      .returning({ teamId: openIssuances.teamId }),
    db
      .select({ open: sql<number>`${roundIsOpen(key.roundId)}`, link: sql<number>`${link}` })
      .from(rounds)
      .where(eq(rounds.id, key.roundId)),
  ])
  if (taken.length === 1) return 'bound'
  if (state?.open !== 1) return 'closed'
  return state.link === 1 ? 'full' : 'ended'
}

/** Another secret for a team's link, where it is still of generation `from`: the one before ends, its places stay taken. */
export async function replaceOpenToken(
  db: Database,
  key: { roundId: string; teamId: string; tokenHash: Bytes; from: number },
): Promise<boolean> {
  const replaced = await db
    .update(openLinks)
    .set({ tokenHash: key.tokenHash, generation: key.from + 1 })
    .where(
      and(
        eq(openLinks.roundId, key.roundId),
        eq(openLinks.teamId, key.teamId),
        eq(openLinks.generation, key.from),
        roundIsOpen(key.roundId),
      ),
    )
    .returning({ teamId: openLinks.teamId })
  return replaced.length === 1
}
