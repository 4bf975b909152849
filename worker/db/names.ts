import { eq, inArray, isNull, or } from 'drizzle-orm'
import type { Database } from './client'
import { invitations, people } from './schema'

/** Names of everybody who is active, and of those who were invited to this round and left since. */
export async function listNames(db: Database, roundId: string): Promise<string[]> {
  const invited = db.select({ id: invitations.personId }).from(invitations).where(eq(invitations.roundId, roundId))
  const rows = await db
    .select({ name: people.name })
    .from(people)
    .where(or(isNull(people.deactivatedAt), inArray(people.id, invited)))
  return rows.map(({ name }) => name)
}
