/** What would have been sent, where nothing is set up that sends: for an administrator to look at, or to hand over. */
import { and, asc, eq, sql } from 'drizzle-orm'
import { DomainError } from '../core/errors'
import type { Composed, MessageKind } from '../core/message'
import { invitations, people } from '../db/schema'
import type { Locale } from '../i18n'
import type { ServiceContext } from './context'
import { channelsOf, readDelivery } from './delivery-settings'
import { exampleMessage, type Message, messageFor, openMessages, type RoundMessages } from './messages'
import { type Mail, rawMessage } from './smtp'

export interface Outbox {
  /** Everybody who is invited by a link of their own, by name: answered or not, so that the list says nothing of it. */
  people: { personId: string; name: string; email: string }[]
  /** Of the last person, where there are more. */
  next: string | null
  /** Of what reminders there are: to whom they go would tell who has not answered. */
  reminders: { kind: MessageKind; message: Composed }[]
}

const pageSize = 100

/**
 * @param after the person that the last page ended with
 * @throws DomainError not-found where no round like that is open, or messages are sent
 */
export async function readOutbox(context: ServiceContext, roundId: string, after: string | undefined, locale: Locale): Promise<Outbox> {
  const shared = await openOutbox(context, roundId)
  const rows = await context.db
    .select({ personId: people.id, name: people.name, email: people.email })
    .from(invitations)
    .innerJoin(people, eq(people.id, invitations.personId))
    .where(
      and(
        eq(invitations.roundId, roundId),
        after === undefined ? undefined : sql`(${people.name}, ${people.id}) > (select name, id from people where id = ${after})`,
      ),
    )
    .orderBy(asc(people.name), asc(people.id))
    .limit(pageSize + 1)
  // A link to more is only where there is more.
  if (after !== undefined && rows.length === 0) throw noSuchMessage()
  const shown = rows.slice(0, pageSize)
  const kinds = ['reminder-1', 'reminder-2'] as const
  return {
    people: shown,
    next: rows.length > pageSize ? (shown.at(-1)?.personId ?? null) : null,
    reminders: kinds.map((kind) => ({ kind, message: exampleMessage(context, shared, kind, locale) })),
  }
}

export interface OutboxMessage extends Message {
  to: { name: string; address: string }
}

/** Somebody's invitation. @throws DomainError not-found */
export async function readOutboxMessage(context: ServiceContext, roundId: string, personId: string): Promise<OutboxMessage> {
  const shared = await openOutbox(context, roundId)
  const [row] = await context.db
    .select({
      personId: people.id,
      name: people.name,
      email: people.email,
      locale: people.locale,
      cohort: invitations.cohort,
      generation: invitations.generation,
    })
    .from(invitations)
    .innerJoin(people, eq(people.id, invitations.personId))
    .where(and(eq(invitations.roundId, roundId), eq(invitations.personId, personId)))
  if (!row) throw noSuchMessage()
  return { ...(await messageFor(context, shared, 'invitation', row)), to: { name: row.name, address: row.email } }
}

/** The same as a file that mail programs open. */
export function outboxFile({ now }: ServiceContext, message: OutboxMessage): Promise<Uint8Array> {
  const domain = 'plumbline.invalid' // nobody has said who sends
  const mail: Mail = { ...message, messageId: `${message.id}@${domain}`, date: now }
  return rawMessage(mail, { from: `survey@${domain}`, fromName: '', replyTo: '' })
}

async function openOutbox(context: ServiceContext, roundId: string): Promise<RoundMessages> {
  const [shared, { delivery }] = await Promise.all([openMessages(context, roundId), readDelivery(context.db)])
  if (!shared || channelsOf(delivery).length > 0) throw noSuchMessage()
  return shared
}

const noSuchMessage = () => new DomainError('not-found', 'There is no such message.')
