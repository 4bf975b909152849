/** What was agreed to do about a round's findings. Overwritten before it is deleted: it names people, and SQLite leaves the bytes of a row. */
import { and, asc, eq, type SQL, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { AgreedAction } from '../core/agreed-action'
import type { Database } from './client'
import { zeros } from './overwrite'
import { agreedActions } from './schema'

export interface ActionRow extends AgreedAction {
  id: string
  /** The day on which it was done, `YYYY-MM-DD` in the organisation's time zone; null while it is not. */
  doneDay: string | null
}

const { id, text, salesOwner, marketingOwner, dueDay, doneDay } = agreedActions
const row = { id, text, salesOwner, marketingOwner, dueDay, doneDay }

/** In the order in which they were agreed. */
export const selectActions = (db: Database, roundId: string): Promise<ActionRow[]> =>
  db.select(row).from(agreedActions).where(eq(agreedActions.roundId, roundId)).orderBy(asc(agreedActions.createdAt), asc(agreedActions.id))

/** Adds it, where the round has fewer than `most`. @returns whether it was added */
export async function insertAction(
  db: Database,
  action: AgreedAction & { id: string; roundId: string; createdAt: Date },
  most: number,
): Promise<boolean> {
  const { id, roundId, text, salesOwner, marketingOwner, dueDay, createdAt } = action
  const added = await db
    .insert(agreedActions)
    .select(
      sql`select ${id}, ${roundId}, ${text}, ${salesOwner}, ${marketingOwner}, ${dueDay}, null, ${createdAt.getTime()}
        where (select count(*) from actions where round_id = ${roundId}) < ${most}`,
    )
    .returning({ id: agreedActions.id })
  return added.length === 1
}

/** @returns the row as it is now, undefined where there is none */
export async function updateAction(
  db: Database,
  key: { roundId: string; id: string },
  values: Partial<AgreedAction> & { doneDay?: string | null | SQL },
): Promise<ActionRow | undefined> {
  const [changed] = await db.update(agreedActions).set(values).where(isIt(key)).returning(row)
  return changed
}

/** @returns whether there was one */
export async function deleteAction(db: Database, key: { roundId: string; id: string }): Promise<boolean> {
  const blank = (column: SQL) => zeros(sql`length(cast(${column} as blob))`)
  const [, gone] = await db.batch([
    db
      .update(agreedActions)
      .set({ text: blank(sql`text`), salesOwner: blank(sql`sales_owner`), marketingOwner: blank(sql`marketing_owner`) })
      .where(isIt(key)),
    db.delete(agreedActions).where(isIt(key)).returning({ id: agreedActions.id }),
  ] satisfies [BatchItem<'sqlite'>, BatchItem<'sqlite'>])
  return gone.length === 1
}

const isIt = ({ roundId, id }: { roundId: string; id: string }) => and(eq(agreedActions.roundId, roundId), eq(agreedActions.id, id))
