/**
 * Messages that wait to be sent. One is taken at a time, with a lease and a fence, so that whoever dies on the way leaves
 * at most one of which nobody knows whether it arrived; who may still be written to is asked in the statement that takes it.
 */
import { and, asc, eq, type SQL, sql } from 'drizzle-orm'
import type { FailureCode } from '../core/delivery-failure'
import type { MessageKind } from '../core/message'
import type { Database } from './client'
import { deliveries, people } from './schema'

export interface Claimed {
  roundId: string
  personId: string
  kind: MessageKind
  /** Of this lease: what an earlier one has to say changes nothing any more. */
  fence: number
  /** This one included. */
  attempts: number
  /** What the last attempt ended with, if it failed. */
  error: string | null
  reply: string | null
  /** Null where the person was deleted. */
  person: { email: string; name: string; locale: string; isWrittenTo: boolean } | null
  /** Null where the person is not invited any more. */
  invitation: { cohort: string; generation: number; isCollected: boolean } | null
}

/** Stands where an error would: the address was corrected, and this invitation goes there whatever became of the last one. It stays until that is settled. */
export const readdressed = 'readdressed'

/** The next message that is due, or whose sender did not come back in time; of rounds that take ballots only. */
export async function claimDelivery(db: Database, now: Date, leaseMilliseconds: number): Promise<Claimed | undefined> {
  const at = now.getTime()
  // By the index, which also has their order: among 20,000 this reads a handful of rows, and is asked for each message.
  const first = (condition: SQL, order: SQL) => sql`
    select * from (select d.round_id, d.person_id, d.kind from deliveries d indexed by deliveries_due
      where ${condition} and exists (select 1 from rounds r where r.id = d.round_id and r.state = 'open' and r.closing_at is null)
      order by ${order} limit 1)`
  const [row] = await db.all<Record<string, unknown>>(sql`
    update deliveries set state = 'sending', fence = fence + 1, attempts = attempts + 1,
      leased_until = cast(${at + leaseMilliseconds} as integer)
    from (
      ${first(sql`d.state = 'sending' and d.leased_until <= ${at}`, sql`d.leased_until`)}
      union all
      ${first(sql`d.state = 'waiting' and d.due_at <= ${at}`, sql`d.due_at`)}
      limit 1) as next
    where deliveries.round_id = next.round_id and deliveries.person_id = next.person_id and deliveries.kind = next.kind
    returning deliveries.round_id as roundId, deliveries.person_id as personId, deliveries.kind as kind, fence, attempts, error, reply,
      (select json_object('email', email, 'name', name, 'locale', locale,
        'isWrittenTo', json(case when mail_stopped_at is null and deactivated_at is null then 'true' else 'false' end))
        from people where people.id = deliveries.person_id) as person,
      (select json_object('cohort', cohort, 'generation', generation,
        'isCollected', json(case when blinded_hash = zeroblob(32) then 'false' else 'true' end))
        from invitations i where i.round_id = deliveries.round_id and i.person_id = deliveries.person_id) as invitation`)
  if (!row) return undefined
  const parsed = <T>(text: unknown) => (typeof text === 'string' ? (JSON.parse(text) as T) : null)
  const claimed = { ...row, person: parsed(row.person), invitation: parsed(row.invitation) }
  return claimed as unknown as Claimed // the columns that the statement returns
}

/** What became of a message; `notBefore` of one that waits for its next attempt. */
export type Outcome = { state: 'sent' | 'failed' } | { state: 'waiting'; notBefore: Date; attempts: number }

/** @returns whether it was still ours to say */
export async function recordDelivery(
  db: Database,
  { roundId, personId, kind, fence }: Pick<Claimed, 'roundId' | 'personId' | 'kind' | 'fence'>,
  outcome: Outcome,
  failure: { code: FailureCode; reply: string | null } | null,
): Promise<boolean> {
  const changed = await db
    .update(deliveries)
    .set({
      state: outcome.state,
      leasedUntil: null,
      error:
        outcome.state === 'waiting'
          ? sql`case when error = ${readdressed} then error else ${failure?.code ?? null} end`
          : (failure?.code ?? null),
      reply: failure?.reply ?? null,
      ...(outcome.state === 'waiting' && { dueAt: outcome.notBefore, attempts: outcome.attempts }),
    })
    .where(and(ofPerson(roundId, personId), eq(deliveries.kind, kind), eq(deliveries.state, 'sending'), eq(deliveries.fence, fence)))
    .returning({ fence: deliveries.fence })
  return changed.length === 1
}

/** An invitation that failed is due now, with all its attempts before it. What it failed with stays until it is tried. */
export async function requeueInvitations(db: Database, now: Date, roundId: string, personId?: string): Promise<void> {
  await db
    .update(deliveries)
    .set({ state: 'waiting', attempts: 0, dueAt: now })
    .where(
      and(
        eq(deliveries.roundId, roundId),
        personId === undefined ? undefined : eq(deliveries.personId, personId),
        eq(deliveries.kind, 'invitation'),
        eq(deliveries.state, 'failed'),
      ),
    )
}

/** The invitation was given to the person by other means. */
export async function settleInvitation(db: Database, roundId: string, personId: string): Promise<void> {
  await db
    .update(deliveries)
    .set({ state: 'sent', leasedUntil: null, fence: sql`fence + 1`, error: null, reply: null })
    .where(and(ofPerson(roundId, personId), eq(deliveries.kind, 'invitation')))
}

/** Everything is due now that waits for a server; asked for once its settings were changed. */
export async function makeDue(db: Database, now: Date): Promise<void> {
  await db
    .update(deliveries)
    .set({ dueAt: now })
    .where(and(eq(deliveries.state, 'waiting'), sql`${deliveries.dueAt} > ${now.getTime()}`))
}

/** Invitations of a round by state. Of reminders nothing is counted: who gets one has not answered. */
export async function countInvitations(db: Database, roundId: string): Promise<{ sent: number; waiting: number; failed: number }> {
  const rows = await db
    .select({ state: deliveries.state, count: sql<number>`count(*)` })
    .from(deliveries)
    .where(and(eq(deliveries.roundId, roundId), eq(deliveries.kind, 'invitation')))
    .groupBy(deliveries.state)
  const countOf = (state: string) => rows.find((row) => row.state === state)?.count ?? 0
  return { sent: countOf('sent'), waiting: countOf('waiting') + countOf('sending'), failed: countOf('failed') }
}

/** Invitations that could not be delivered, by name. */
export function listFailedInvitations(db: Database, roundId: string, limit: number) {
  return db
    .select({ personId: people.id, name: people.name, email: people.email, error: deliveries.error, reply: deliveries.reply })
    .from(deliveries)
    .innerJoin(people, eq(people.id, deliveries.personId))
    .where(and(eq(deliveries.roundId, roundId), eq(deliveries.kind, 'invitation'), eq(deliveries.state, 'failed')))
    .orderBy(asc(people.name), asc(people.id))
    .limit(limit)
}

const ofPerson = (roundId: string, personId: string) => and(eq(deliveries.roundId, roundId), eq(deliveries.personId, personId))
