/** How messages leave: settings and sealed secrets, what is wrong with the other side right now, and a test message. */
import { eq, inArray, sql } from 'drizzle-orm'
import { codeOf, type Failure, type FailureCode, troubleMinutes } from '../core/delivery-failure'
import {
  type Channel,
  type DeliverySettings,
  defaultDelivery,
  pointersOf,
  type SecretName,
  type SmtpField,
  secretNames,
  secretProblem,
  smtpFields,
  smtpProblems,
} from '../core/delivery-settings'
import { DomainError, type FieldError } from '../core/errors'
import type { Database } from '../db/client'
import { makeDue } from '../db/deliveries'
import { settings } from '../db/schema'
import type { ServiceContext } from './context'
import { seal, unseal } from './sealing'

/** What is shown of it: never a secret, only whether there is one. */
export interface DeliveryView extends DeliverySettings {
  has: Record<SecretName, boolean>
  /** Ways to a person that are set up, in the order in which they are tried. */
  channels: Channel[]
  troubles: Troubles
}

/** A side that messages are handed to. */
export type Side = Channel | 'webhook'
export type Troubles = Partial<Record<Side, Trouble>>

/** Why a side is not used at the moment, and since when. */
export interface Trouble {
  code: FailureCode
  reply: string | null
  /** ISO dates; `retryAt` is null where somebody has to change the settings first. */
  since: string
  retryAt: string | null
  /** Times in a row. */
  times: number
}

/** Secrets stay sealed in it. */
export interface StoredDelivery extends DeliverySettings {
  sealed: Partial<Record<SecretName, string>>
}

const key = 'delivery'
const sides = ['email', 'slack', 'webhook'] as const satisfies readonly Side[]
const troubleKey = (side: Side) => `delivery-trouble-${side}`

export async function readDelivery(db: Database): Promise<{ delivery: StoredDelivery; troubles: Troubles }> {
  const rows = await db
    .select()
    .from(settings)
    .where(inArray(settings.key, [key, ...sides.map(troubleKey)]))
  const storedAs = (name: string) => rows.find((row) => row.key === name)?.value
  const stored = storedAs(key) as Partial<StoredDelivery> | undefined
  const troubles = sides.flatMap((side) => {
    const trouble = storedAs(troubleKey(side)) as Trouble | undefined
    return trouble && codeOf(trouble.code) ? [[side, trouble] as const] : []
  })
  return { delivery: { ...defaultDelivery, sealed: {}, ...stored }, troubles: Object.fromEntries(troubles) }
}

export async function getDelivery(db: Database): Promise<DeliveryView> {
  const { delivery, troubles } = await readDelivery(db)
  const { first, smtp, sealed } = delivery
  const has = Object.fromEntries(secretNames.map((name) => [name, sealed[name] !== undefined])) as Record<SecretName, boolean>
  return { first, smtp, has, channels: channelsOf(delivery), troubles }
}

/** Ways to a person that are set up, in the order in which they are tried. */
export function channelsOf({ first, smtp, sealed }: StoredDelivery): Channel[] {
  const ready: Channel[] = [...(smtp ? (['email'] as const) : []), ...(sealed.slackToken ? (['slack'] as const) : [])]
  return ready.toSorted((a, b) => Number(b === first) - Number(a === first))
}

export interface DeliveryChange {
  first?: Channel | undefined
  /** As somebody typed it; null takes the mail server out. */
  smtp?: Readonly<Record<SmtpField, string>> | null | undefined
  /** Null forgets a secret; what is not named stays. */
  secrets?: Partial<Record<SecretName, string | null>> | undefined
}

/**
 * Stores what was changed. What waited for the other side is due at once.
 *
 * @throws DomainError invalid-input, with a pointer for every field
 */
export async function changeDelivery(context: ServiceContext, change: DeliveryChange): Promise<void> {
  const { db, now } = context
  const { delivery } = await readDelivery(db)
  const errors: FieldError[] = []
  const next: StoredDelivery = { ...delivery, sealed: { ...delivery.sealed }, ...(change.first && { first: change.first }) }
  if (change.smtp !== undefined) {
    const { smtp, problems } = smtpProblems(change.smtp ?? none, context)
    errors.push(...pointersOf(problems))
    next.smtp = smtp
  }
  for (const name of secretNames) {
    const value = change.secrets?.[name]
    if (value === undefined) continue
    if (value === null || value === '') delete next.sealed[name]
    else if (secretProblem(name, value)) errors.push({ pointer: `#/${name}`, detail: secretDetails[name] })
    else next.sealed[name] = await seal(context, purposeOf(name), new Uint8Array(new TextEncoder().encode(value)))
  }
  if (errors.length > 0) throw new DomainError('invalid-input', 'Some values cannot be used.', errors)
  if (!next.smtp) delete next.sealed.password
  await db.batch([write(db, key, next), db.delete(settings).where(inArray(settings.key, sides.map(troubleKey)))])
  await makeDue(db, now)
}

/** A secret in the clear; empty where there is none. */
export async function openSecret({ kek }: Pick<ServiceContext, 'kek'>, { sealed }: StoredDelivery, name: SecretName): Promise<string> {
  const value = sealed[name]
  return value === undefined ? '' : new TextDecoder().decode(await unseal(kek, purposeOf(name), value))
}

/** Remembers that a side cannot be used now, and when it is tried again. */
export async function noteTrouble(
  { db, now }: ServiceContext,
  side: Side,
  failure: Failure,
  before: Trouble | undefined,
): Promise<Trouble> {
  const times = (before?.times ?? 0) + 1
  const retryAt = waitsForSomebody(failure) ? null : new Date(now.getTime() + troubleMinutes(times, failure) * 60_000).toISOString()
  const { code, reply } = failure
  const trouble: Trouble = { code, reply, since: before?.since ?? now.toISOString(), retryAt, times }
  await write(db, troubleKey(side), trouble)
  return trouble
}

export async function clearTrouble(db: Database, side: Side): Promise<void> {
  await db.delete(settings).where(eq(settings.key, troubleKey(side)))
}

/** Whether a side is to be left alone for now. */
export const isAhead = (trouble: Trouble | undefined, now: Date): boolean =>
  trouble !== undefined && (trouble.retryAt === null || new Date(trouble.retryAt) > now)

/** A token that Slack does not know will not be known later: nothing is asked of Slack until somebody changes it. */
const waitsForSomebody = ({ code }: Failure) => code === 'slack-token' || code === 'slack-webhook'

const none = Object.fromEntries(smtpFields.map((field) => [field, ''])) as Record<SmtpField, string>

const secretDetails: Readonly<Record<SecretName, string>> = {
  password: 'Use at most 500 characters, and no line breaks.',
  slackToken: 'Use a bot token, which begins with xoxb-.',
  slackWebhook: 'Use the address of an incoming webhook, which begins with https://hooks.slack.com/services/.',
}

const purposeOf = (name: SecretName) => `delivery|${name}`

const write = (db: Database, name: string, value: unknown) =>
  db
    .insert(settings)
    .values({ key: name, value })
    .onConflictDoUpdate({ target: settings.key, set: { value: sql`excluded.value` } })
