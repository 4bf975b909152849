/**
 * Tells other systems that a round has closed, with what it published: signed by Standard Webhooks, so that a receiver can
 * check with any of its libraries who says so. Nothing is said while a round is open: a message for each ballot would tell when
 * somebody answered.
 */
import { and, asc, count, eq, gt, gte, inArray, sql } from 'drizzle-orm'
import { hostAllowed } from '../connectors/http'
import { DomainError } from '../core/errors'
import { daysBefore } from '../core/retention'
import { mostWebhooks, secretText, signedContent, type WebhookFailure, webhookWait } from '../core/webhook'
import {
  claimDispatch,
  type Dispatch,
  deleteDispatchesTo,
  listDispatches,
  queueDispatches,
  recordDispatch,
  requeueDispatch,
  topicOf,
} from '../db/dispatches'
import { dispatches, results, rounds, webhooks } from '../db/schema'
import { readSettings } from '../db/settings'
import { newId, type ServiceContext } from './context'
import { readOverview } from './overview'
import { seal, unseal } from './sealing'

const patience = 15_000
/** Longer than the longest that one run can take. */
const leaseMilliseconds = 10 * 60_000
/** Messages of one run at the most; the others follow with the next. */
const mostPerRun = 20
/** A result that was published longer ago is no news: a webhook is not told what was before it. */
const newsDays = 7
const secretBytes = 32
const longestAddress = 500

export interface WebhookView {
  id: string
  url: string
  createdAt: Date
  /** Newest first. */
  messages: Pick<Dispatch, 'id' | 'state' | 'error' | 'attempts' | 'dueAt' | 'createdAt' | 'sentAt' | 'topic'>[]
}

/**
 * @returns the secret as well, which is shown once
 * @throws DomainError invalid-input where the address cannot be asked, or there are five
 */
export async function addWebhook(context: ServiceContext, address: string): Promise<Omit<WebhookView, 'messages'> & { secret: string }> {
  const { db, now } = context
  const url = usableAddress(context, address.trim())
  const [known] = await db.select({ n: count() }).from(webhooks)
  if ((known?.n ?? 0) >= mostWebhooks) throw refusal(`Delete a webhook first: there are ${mostWebhooks} at the most.`)
  const [id, secret] = [newId(context), context.random(secretBytes)]
  await db.insert(webhooks).values({ id, url, sealed: await seal(context, purposeOf(id), secret), createdAt: now })
  return { id, url, createdAt: now, secret: secretText(secret) }
}

/** Each with its latest messages. */
export async function listWebhooks({ db }: Pick<ServiceContext, 'db'>): Promise<WebhookView[]> {
  const [rows, messages] = await Promise.all([
    db.select().from(webhooks).orderBy(asc(webhooks.createdAt), webhooks.id),
    listDispatches(db, 'webhook', 200),
  ])
  return rows.map(({ id, url, createdAt }) => ({
    id,
    url,
    createdAt,
    messages: messages.filter(({ target }) => target === id).slice(0, 5),
  }))
}

/** @throws DomainError not-found */
export async function getWebhook(context: Pick<ServiceContext, 'db'>, id: string): Promise<WebhookView> {
  const found = (await listWebhooks(context)).find((webhook) => webhook.id === id)
  if (!found) throw noSuchWebhook()
  return found
}

/** @throws DomainError not-found */
export async function removeWebhook({ db }: ServiceContext, id: string): Promise<void> {
  const [[gone]] = await db.batch([
    db.delete(webhooks).where(eq(webhooks.id, id)).returning({ id: webhooks.id }),
    deleteDispatchesTo(db, 'webhook', [id]),
  ])
  if (!gone) throw noSuchWebhook()
}

/** What became of one request. */
export type Told = { ok: true; status: number } | { ok: false; code: WebhookFailure; status: number | null }

/** @throws DomainError not-found */
export async function testWebhook(context: ServiceContext, id: string): Promise<Told> {
  const [webhook] = await context.db.select().from(webhooks).where(eq(webhooks.id, id))
  if (!webhook) throw noSuchWebhook()
  return tell(context, webhook, newId(context), { type: 'webhook.test', timestamp: context.now.toISOString(), data: {} })
}

/** A message that failed is sent again with the next run. @throws DomainError not-found where it did not fail */
export async function retryMessage({ db, now }: ServiceContext, webhookId: string, id: string): Promise<Dispatch> {
  const queued = await requeueDispatch(db, { kind: 'webhook', id, target: webhookId }, now)
  if (!queued) throw new DomainError('not-found', 'No message with this id has failed.')
  return queued
}

/**
 * Queues what has been published since, and sends what is due. A receiver that was told and did not say so is told again, under
 * the same `webhook-id`.
 *
 * @returns how many arrived
 */
export async function runWebhooks(context: ServiceContext): Promise<number> {
  const { db, now } = context
  const { sample } = await readSettings(db)
  if (sample) return 0 // none of it happened
  await queueNews(context)
  let sent = 0
  for (let taken = 0; taken < mostPerRun; taken += 1) {
    const message = await claimDispatch(db, 'webhook', now, leaseMilliseconds)
    if (!message) break
    const [webhook] = await db.select().from(webhooks).where(eq(webhooks.id, message.target))
    const payload = webhook && (await roundClosed(context, topicOf(message.topic).roundId ?? ''))
    if (!payload) {
      await recordDispatch(db, message, { state: 'failed', error: 'unreachable' })
      continue
    }
    const told = await tell(context, webhook, message.id, payload)
    if (told.ok) sent += Number(await recordDispatch(db, message, { state: 'sent', at: now }))
    else await recordFailure(context, message, told)
  }
  return sent
}

async function recordFailure({ db, now }: ServiceContext, message: Dispatch, told: Extract<Told, { ok: false }>): Promise<void> {
  const error = told.code === 'status' ? `status-${told.status}` : told.code
  const wait = webhookWait(message.attempts)
  // 410: the receiver wants no more of it. An address that may not be asked will not be asked later either.
  if (wait === null || told.status === 410 || told.code === 'host-refused') await recordDispatch(db, message, { state: 'failed', error })
  else {
    const dueAt = new Date(now.getTime() + wait * 60_000)
    await recordDispatch(db, message, { state: 'waiting', error, dueAt, attempts: message.attempts })
  }
}

/** A message for each webhook and each result that was published after it was set up. */
async function queueNews(context: ServiceContext): Promise<void> {
  const { db, now } = context
  const news = await db
    .select({ roundId: results.roundId, webhookId: webhooks.id })
    .from(results)
    .innerJoin(webhooks, gte(results.publishedAt, webhooks.createdAt))
    .where(
      and(
        gt(results.publishedAt, daysBefore(now, newsDays)),
        sql`not exists (select 1 from ${dispatches} d where d.kind = 'webhook' and d.topic = 'round:' || ${results.roundId} and d.target = ${webhooks.id})`,
      ),
    )
  if (news.length === 0) return
  await queueDispatches(
    db,
    news.map(({ roundId, webhookId }) => ({
      id: `msg_${newId(context)}`,
      kind: 'webhook' as const,
      topic: `round:${roundId}`,
      target: webhookId,
      dueAt: now,
      createdAt: now,
    })),
  )
}

/** What everybody who is signed in can read of the round, in numbers; null where it has no result any more. */
async function roundClosed(context: ServiceContext, roundId: string) {
  const { db, origin } = context
  const [round] = await db
    .select({ number: rounds.number, closedAt: rounds.closedAt })
    .from(rounds)
    .where(and(eq(rounds.id, roundId), inArray(rounds.id, db.select({ id: results.roundId }).from(results))))
  if (!round) return null
  const { shown } = await readOverview(context, round.number)
  if (!shown) return null
  const { result, score, sinceLast, sinceBaseline } = shown
  return {
    type: 'round.closed',
    timestamp: (round.closedAt ?? context.now).toISOString(),
    data: {
      round: { id: roundId, number: result.number, period: result.period, closedAt: round.closedAt?.toISOString() ?? null },
      score: {
        value: score.value,
        interval: score.interval,
        sinceLast: sinceLast && { points: sinceLast.points, interval: sinceLast.interval, verdict: sinceLast.verdict },
        sinceBaseline: sinceBaseline && { points: sinceBaseline.points, verdict: sinceBaseline.verdict },
        revision: score.revision,
      },
      participation: { invited: result.invited, answered: result.n },
      links: origin === '' ? null : { overview: `${origin}/overview?round=${result.number}`, result: `${origin}/rounds/${roundId}` },
    },
  }
}

/** Sends one message. No redirect is followed, and nothing of the answer but its status is read. */
async function tell(
  context: ServiceContext,
  webhook: { id: string; url: string; sealed: string },
  messageId: string,
  payload: object,
): Promise<Told> {
  const failed = (code: WebhookFailure, status: number | null = null): Told => ({ ok: false, code, status })
  try {
    hostAllowed(webhook.url, context.allowedHosts)
  } catch {
    return failed('host-refused')
  }
  const body = JSON.stringify(payload)
  const seconds = Math.floor(context.now.getTime() / 1000)
  const secret = await unseal(context.kek, purposeOf(webhook.id), webhook.sealed)
  const signal = AbortSignal.timeout(patience)
  try {
    const response = await context.fetch(webhook.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'Plumbline',
        'webhook-id': messageId,
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,${await signatureOf(secret, signedContent(messageId, seconds, body))}`,
      },
      body,
      redirect: 'manual',
      signal,
    })
    await response.body?.cancel().catch(() => undefined)
    if (response.status >= 300 && response.status < 400) return failed('redirected', response.status)
    return response.ok ? { ok: true, status: response.status } : failed('status', response.status)
  } catch {
    return failed(signal.aborted ? 'timed-out' : 'unreachable')
  }
}

/** HMAC-SHA-256, base64. */
async function signatureOf(secret: ArrayBuffer, content: string): Promise<string> {
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(content))).toBase64()
}

function usableAddress({ allowedHosts }: ServiceContext, address: string): string {
  if (address.length > longestAddress) throw refusal(`Use at most ${longestAddress} characters.`)
  try {
    return hostAllowed(address, allowedHosts).href
  } catch {
    throw refusal('Use an https address of a public host, without a password and on the usual port.')
  }
}

const refusal = (detail: string) => new DomainError('invalid-input', 'Some values cannot be used.', [{ pointer: '#/url', detail }])
const noSuchWebhook = () => new DomainError('not-found', 'There is no such webhook.')
const purposeOf = (id: string) => `webhook|${id}`
