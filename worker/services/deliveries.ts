/** Messages to people about a round: who still has to be written to. */
import { sql } from 'drizzle-orm'
import { deliveries } from '../db/schema'
import type { ServiceContext } from './context'

export type DeliveryKind = 'invitation' | 'reminder-1' | 'reminder-2'

/**
 * One message for everybody who is invited, has not collected a ballot and did not ask to be left alone. Asked again it
 * adds nobody twice; of a round that is not open, nobody.
 */
export async function queueDeliveries({ db, now }: ServiceContext, roundId: string, kind: DeliveryKind): Promise<void> {
  await db
    .insert(deliveries)
    .select(
      sql`select i.round_id, i.person_id, ${kind}, 'waiting', 0, cast(${now.getTime()} as integer), null, 0, null, null
        from invitations i
        join rounds r on r.id = i.round_id and r.state = 'open' and r.closing_at is null
        join people p on p.id = i.person_id and p.mail_stopped_at is null and p.deactivated_at is null
        where i.round_id = ${roundId} and i.blinded_hash = zeroblob(32)`,
    )
    .onConflictDoNothing()
}
