/** Messages to people about a round: who still has to be written to, and the writing itself. */
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { codeOf, type Failure, type FailureCode, mostAttempts, waitMinutes } from '../core/delivery-failure'
import type { Channel } from '../core/delivery-settings'
import { readEmail } from '../core/email'
import { DomainError } from '../core/errors'
import type { MessageKind } from '../core/message'
import type { Database } from '../db/client'
import {
  type Claimed,
  claimDelivery,
  countInvitations,
  listFailedInvitations,
  type Outcome,
  readdressed,
  recordDelivery,
  requeueInvitations,
  settleInvitation,
} from '../db/deliveries'
import { findRound } from '../db/rounds'
import { recordNotice } from '../db/schedule'
import { deliveries, invitations, notices, people, rounds } from '../db/schema'
import { readSettings } from '../db/settings'
import type { ServiceContext } from './context'
import {
  channelsOf,
  clearTrouble,
  isAhead,
  noteTrouble,
  openSecret,
  readDelivery,
  type StoredDelivery,
  type Trouble,
  type Troubles,
} from './delivery-settings'
import { linkSecret, linkTo, renewInvitation } from './links'
import { announcementOf, type Message, messageFor, openMessages, type RoundMessages } from './messages'
import { postToWebhook, sendSlackMessage } from './slack'
import { type MailSession, openMailSession, type Sent } from './smtp'

export type DeliveryKind = MessageKind

/**
 * One message for everybody who is invited and did not ask to be left alone; a reminder only for those of them who have not
 * collected a ballot. Of an invitation that is not known: how many there are is shown, and would tell; who has collected one
 * is not written to all the same. Asked again it adds nobody twice; of a round that is not open, nobody.
 */
export async function queueDeliveries({ db, now }: ServiceContext, roundId: string, kind: DeliveryKind): Promise<void> {
  await db
    .insert(deliveries)
    .select(
      sql`select i.round_id, i.person_id, ${kind}, 'waiting', 0, cast(${now.getTime()} as integer), null, 0, null, null
        from invitations i
        join rounds r on r.id = i.round_id and r.state = 'open' and r.closing_at is null
        join people p on p.id = i.person_id and p.mail_stopped_at is null and p.deactivated_at is null
        where i.round_id = ${roundId} and (${kind} = 'invitation' or i.blinded_hash = zeroblob(32))`,
    )
    .onConflictDoNothing()
}

/** The links of a round are handed over by somebody, so no invitation is sent by itself. Reminders follow when they are due. */
export async function inviteByHand({ db, now }: ServiceContext, roundId: string): Promise<void> {
  await recordNotice(db, roundId, 'invitation', now)
}

/** Messages that one run sends at the most: it asks the database twice for each, and D1 answers a thousand. */
const mostPerRun = 400
/** Longer than the longest that one message can take. */
const leaseMilliseconds = 4 * 60_000
/** Some servers end a connection after so many messages. */
const mostPerConnection = 50

/** How messages leave, for tests to bring their own. */
export interface Ways {
  mail: typeof openMailSession
  fetch: typeof fetch
}

const realWays: Ways = { mail: openMailSession, fetch: (...asked) => fetch(...asked) }

/**
 * Sends what is due: one message after the other, each taken with a lease, sent, and recorded. Where the other side cannot
 * be used it stops and comes back later. A message of which nobody knows whether it arrived is sent again, with the same
 * link and the same Message-ID.
 *
 * @returns how many were sent, for a log that names nobody
 */
export async function runDeliveries(context: ServiceContext, ways: Ways = realWays): Promise<{ sent: number }> {
  const { db, now, origin } = context
  const [{ delivery, troubles }, { sample }] = await Promise.all([readDelivery(db), readSettings(db)])
  if (sample) return { sent: 0 } // nobody of it exists
  await announceOpening(context, delivery, troubles.webhook, ways)
  const [first] = channelsOf(delivery)
  if (!first || isAhead(troubles[first], now)) return { sent: 0 }
  if (origin === '') {
    await noteTrouble(context, first, { ...refusal('no-public-address'), scope: 'server' }, troubles[first])
    return { sent: 0 }
  }
  const run = new Run(context, delivery, troubles, ways)
  try {
    while (run.taken < mostPerRun) {
      const claimed = await claimDelivery(db, now, leaseMilliseconds)
      if (!claimed || !(await run.deliver(claimed))) break
    }
  } finally {
    run.close()
  }
  return { sent: run.sent }
}

export interface DeliveryProgress {
  /** Invitations: sent or no longer needed, not sent yet, could not be delivered. */
  sent: number
  waiting: number
  failed: number
  /** Why nothing is sent at the moment; null where that is not so. */
  trouble: Trouble | null
  /** Whether there is a way to send anything. */
  channels: Channel[]
  failures: { personId: string; name: string; email: string; code: FailureCode; reply: string | null }[]
}

/** How many failures are listed: who has more has one reason for all of them. */
const mostFailures = 200

/**
 * How far the invitations of an open round are, and whom they could not reach; null for another round. Nothing is said of
 * reminders: who gets one has not answered.
 */
export async function deliveryProgress(db: Database, roundId: string): Promise<DeliveryProgress | null> {
  const [round, counts, failed, { delivery, troubles }] = await Promise.all([
    findRound(db, roundId),
    countInvitations(db, roundId),
    listFailedInvitations(db, roundId, mostFailures),
    readDelivery(db),
  ])
  if (round?.state !== 'open') return null
  const failures = failed.map(({ error, ...row }) => ({ ...row, code: codeOf(error) ?? ('connection-lost' as const) }))
  const [first] = channelsOf(delivery)
  return { ...counts, trouble: (first && troubles[first]) ?? null, channels: channelsOf(delivery), failures }
}

/** Failed invitations of a round are due again: one person's, or everybody's. The link stays unless the address has changed. */
export async function retryInvitations({ db, now }: ServiceContext, roundId: string, personId?: string): Promise<void> {
  await requeueInvitations(db, now, roundId, personId)
}

/**
 * A new link for somebody who cannot be reached, to be given to them by other means; the old one ends. Whether the person
 * has answered is not said: then this link does not work, and looks like any other.
 *
 * @throws DomainError not-found where nobody like that is invited, or the round takes no ballots
 */
export async function handOverLink(context: ServiceContext, roundId: string, personId: string): Promise<string> {
  const { db } = context
  const [shared, person, invitation] = await Promise.all([
    openMessages(context, roundId),
    db.query.people.findFirst({ where: eq(people.id, personId), columns: { locale: true } }),
    db.query.invitations.findFirst({
      where: and(eq(invitations.roundId, roundId), eq(invitations.personId, personId)),
      columns: { cohort: true, generation: true },
    }),
  ])
  if (!shared || shared.round.closingAt || !invitation) throw new DomainError('not-found', 'Nobody like that is invited to an open round.')
  const link = await renewInvitation(context, roundId, personId)
  await settleInvitation(db, roundId, personId)
  if (link) return link
  const secret = await linkSecret(shared.key, personId, invitation.generation + 1)
  return linkTo(context, {
    roundId,
    locale: person?.locale ?? 'en',
    cohort: invitation.cohort,
    secret,
    fingerprint: shared.fingerprint,
  })
}

// ── One run ─────────────────────────────────────────────────────────────────────────────────────────────────────────

class Run {
  taken = 0
  sent = 0
  readonly #rounds = new Map<string, RoundMessages | undefined>()
  #mail: { session: MailSession; messages: number } | undefined
  readonly #context: ServiceContext
  readonly #delivery: StoredDelivery
  readonly #troubles: Troubles
  readonly #ways: Ways

  constructor(context: ServiceContext, delivery: StoredDelivery, troubles: Troubles, ways: Ways) {
    this.#context = context
    this.#delivery = delivery
    this.#troubles = { ...troubles }
    this.#ways = ways
  }

  /** @returns whether to go on with the next one */
  async deliver(claimed: Claimed): Promise<boolean> {
    this.taken++
    const { db } = this.#context
    const settled = this.#withoutSending(claimed) ?? (await this.#send(claimed))
    await recordDelivery(db, claimed, settled.outcome, settled.failure)
    return settled.goesOn
  }

  close(): void {
    this.#mail?.session.close()
    this.#mail = undefined
  }

  /** What becomes of a message that is not to be sent: not wanted, not needed, or tried too often already. */
  #withoutSending({ person, invitation, attempts, ...claimed }: Claimed): Settled | undefined {
    if (!person?.isWrittenTo || !invitation) return done
    if (invitation.isCollected && !isReaddressed(claimed)) return this.#asIfNotAnswered(claimed)
    return attempts > mostAttempts ? failed(refusal('connection-lost')) : undefined
  }

  /**
   * An invitation that was refused and is tried again must not tell, by arriving this time, that its person has answered:
   * it is refused again. Where the address was corrected since, it arrives, with a link that does not work.
   */
  #asIfNotAnswered({ kind, error, reply }: Pick<Claimed, 'kind' | 'error' | 'reply'>): Settled {
    const code = codeOf(error)
    return kind === 'invitation' && code && lastingOfPerson.has(code) ? failed({ ...refusal(code), reply }) : done
  }

  async #send(claimed: Claimed): Promise<Settled> {
    const { now } = this.#context
    const message = await this.#message(claimed)
    if (!message) return failed(refusal('no-link'))
    const [first, second] = channelsOf(this.#delivery)
    const result = await this.#by(first, message, claimed)
    if (result.ok) return this.#sentBy(first)
    if (result.failure.scope === 'server') {
      await this.#note(first, result.failure)
      return { ...this.#later(result.failure, claimed), goesOn: false }
    }
    if (!result.failure.lasting || !second) return this.#later(result.failure, claimed)
    // The other way, as long as somebody can be reached by it: of what both say, the first says more.
    if (isAhead(this.#troubles[second], now)) return this.#untilUsable(second, result.failure, claimed)
    const other = await this.#by(second, message, claimed)
    if (other.ok) return this.#sentBy(second)
    if (other.failure.scope === 'person') return this.#later(other.failure.lasting ? result.failure : other.failure, claimed)
    await this.#note(second, other.failure)
    return this.#untilUsable(second, result.failure, claimed)
  }

  async #message({ roundId, personId, kind, person, invitation }: Claimed): Promise<Message | undefined> {
    if (!this.#rounds.has(roundId)) this.#rounds.set(roundId, await openMessages(this.#context, roundId))
    const shared = this.#rounds.get(roundId)
    if (!shared || !person || !invitation) return undefined
    return messageFor(this.#context, shared, kind, { personId, ...person, ...invitation })
  }

  async #sentBy(channel: Channel | undefined): Promise<Settled> {
    this.sent++
    if (channel && this.#troubles[channel]) {
      await clearTrouble(this.#context.db, channel)
      delete this.#troubles[channel]
    }
    return done
  }

  async #note(channel: Channel | undefined, failure: Failure): Promise<void> {
    this.close()
    if (channel) this.#troubles[channel] = await noteTrouble(this.#context, channel, failure, this.#troubles[channel])
  }

  /** Waits for the other way, or fails as the first one did where somebody has to repair it. */
  #untilUsable(channel: Channel, failure: Failure, { attempts }: Claimed): Settled {
    const retryAt = this.#troubles[channel]?.retryAt
    if (!retryAt) return failed(failure)
    return { outcome: { state: 'waiting', notBefore: new Date(retryAt), attempts: attempts - 1 }, failure, goesOn: true }
  }

  #later(failure: Failure, { attempts }: Claimed): Settled {
    const { now, random } = this.#context
    if (failure.untouched) return { outcome: { state: 'waiting', notBefore: now, attempts: attempts - 1 }, failure, goesOn: true }
    if ((failure.scope === 'person' && failure.lasting) || attempts >= mostAttempts) return failed(failure)
    const jitter = (random(1)[0] ?? 0) * 100
    const notBefore = new Date(now.getTime() + waitMinutes(attempts, failure.retryAfterSeconds) * 60_000 + jitter)
    return { outcome: { state: 'waiting', notBefore, attempts }, failure, goesOn: true }
  }

  #by(channel: Channel | undefined, message: Message, claimed: Claimed): Promise<Sent> {
    return channel === 'slack' ? this.#bySlack(message, claimed) : this.#byMail(message, claimed)
  }

  async #byMail(message: Message, { person }: Claimed): Promise<Sent> {
    const { smtp } = this.#delivery
    const address = readEmail(person?.email ?? '')
    if (!smtp || !address) return { ok: false, failure: refusal('address-malformed') }
    if (this.#mail && this.#mail.messages >= mostPerConnection) this.close()
    if (!this.#mail) {
      const session = await this.#ways.mail({ ...smtp, password: await openSecret(this.#context, this.#delivery, 'password') })
      if ('code' in session) return { ok: false, failure: session }
      this.#mail = { session, messages: 0 }
    }
    this.#mail.messages++
    return this.#mail.session.send({
      ...message,
      to: { name: person?.name ?? '', address },
      messageId: `${message.id}@${smtp.from.slice(smtp.from.lastIndexOf('@') + 1)}`,
      date: this.#context.now,
    })
  }

  async #bySlack(message: Message, { person }: Claimed): Promise<Sent> {
    const token = await openSecret(this.#context, this.#delivery, 'slackToken')
    return sendSlackMessage({ fetch: this.#ways.fetch }, token, { email: person?.email ?? '', text: message.chat })
  }
}

const lastingOfPerson: ReadonlySet<FailureCode> = new Set(['address-refused', 'address-malformed', 'message-refused', 'slack-unknown'])

const isReaddressed = ({ kind, error }: Pick<Claimed, 'kind' | 'error'>) => kind === 'invitation' && error === readdressed

/** What is recorded of a message, and whether the run goes on with the next one. */
interface Settled {
  outcome: Outcome
  failure: Failure | null
  goesOn: boolean
}

const done: Settled = { outcome: { state: 'sent' }, failure: null, goesOn: true }
const failed = (failure: Failure): Settled => ({ outcome: { state: 'failed' }, failure, goesOn: true })

const refusal = (code: FailureCode): Failure => ({ code, scope: 'person', lasting: true, reply: null })

// ── The channel ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** A round that opened longer ago is no news. */
const newsMilliseconds = 24 * 3_600_000

/** Tells the channel of the webhook, once a round, that it opened. The notice is the claim; it is given back where Slack took nothing. */
async function announceOpening(context: ServiceContext, delivery: StoredDelivery, trouble: Trouble | undefined, ways: Ways): Promise<void> {
  const { db, now } = context
  if (!delivery.sealed.slackWebhook || isAhead(trouble, now)) return
  const [open] = await db
    .select({ id: rounds.id })
    .from(rounds)
    .where(and(eq(rounds.state, 'open'), isNull(rounds.closingAt), gt(rounds.openedAt, new Date(now.getTime() - newsMilliseconds))))
  const shared = open && (await openMessages(context, open.id))
  if (!shared) return
  const notice = { roundId: shared.round.id, kind: 'announcement' }
  const claimed = await db
    .insert(notices)
    .values({ ...notice, at: now })
    .onConflictDoNothing()
    .returning({ kind: notices.kind })
  if (claimed.length === 0) return
  const said = await postToWebhook(ways, await openSecret(context, delivery, 'slackWebhook'), announcementOf(shared))
  if (said.ok) {
    if (trouble) await clearTrouble(db, 'webhook')
    return
  }
  if (said.failure.code !== 'timed-out') {
    await db.delete(notices).where(and(eq(notices.roundId, notice.roundId), eq(notices.kind, notice.kind)))
  }
  await noteTrouble(context, 'webhook', said.failure, trouble)
}
