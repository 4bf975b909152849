/**
 * Signing in without passwords: a one-time link gives a session, a key gives a program its role. Only SHA-256 hashes of
 * the secrets are stored; they are 256 random bits, so a slow hash would add nothing.
 */
import { and, asc, eq, getTableColumns, gt, inArray, isNull, lt, lte, ne, or, sql } from 'drizzle-orm'
import { DomainError, type FieldError } from '../core/errors'
import { daysBefore, spentDays } from '../core/retention'
import { cleanLine, isVisible } from '../core/text'
import type { Database } from '../db/client'
import { apiKeys, contentVersion, sessions, signInLinks } from '../db/schema'
import { type Actor, newId, newSecret, type Role, type ServiceContext, sha256Hex } from './context'

const minutes = 60_000
export const signInLinkMinutes = 15
/** How long an invitation of a leader may wait for its one use, in days. */
export const leaderLinkDays = [1, 3, 7] as const
export const leaderNameLimit = 80
/**
 * How long a session lives, by role: without a request, and at all. A leader reads what was published and changes nothing, so
 * that being signed in for a month risks little and saves an administrator a link a day.
 */
const sessionLives = {
  admin: { idleMinutes: 30, hours: 12 },
  reader: { idleMinutes: 7 * 24 * 60, hours: 30 * 24 },
} as const

/**
 * A link that signs one person in once: an administrator within 15 minutes, or a leader (`reader`) within as many as are
 * said. The secret stands after `#`, where no server and no log sees it.
 *
 * @example const { url } = await createSignInLink(context, { role: 'reader', minutes: 3 * 24 * 60 })
 */
export async function createSignInLink(
  context: ServiceContext,
  link: { role: 'admin' } | { role: 'reader'; minutes: number; name?: string } = { role: 'admin' },
): Promise<{ id: string; url: string; expiresAt: Date }> {
  const secret = newSecret(context)
  const tokenHash = await sha256Hex(secret)
  const lasts = link.role === 'reader' ? link.minutes : signInLinkMinutes
  const expiresAt = new Date(context.now.getTime() + lasts * minutes)
  await context.db.batch([
    context.db.delete(signInLinks).where(lt(signInLinks.expiresAt, context.now)),
    context.db.insert(signInLinks).values({ tokenHash, role: link.role, ...('name' in link && { name: link.name }), expiresAt }),
  ])
  return { id: tokenHash, url: `${context.origin}/sign-in#${secret}`, expiresAt }
}

/**
 * Spends a sign-in link. The update decides who was first; the second use of a link is refused.
 *
 * @returns the session's secret, for the cookie, and whose it is
 * @throws DomainError sign-in-link-spent
 */
export async function startSession(context: ServiceContext, linkSecret: string): Promise<{ secret: string; role: Role }> {
  const [link] = await context.db
    .update(signInLinks)
    .set({ usedAt: context.now })
    .where(and(eq(signInLinks.tokenHash, await sha256Hex(linkSecret)), isNull(signInLinks.usedAt), gt(signInLinks.expiresAt, context.now)))
    .returning({ role: signInLinks.role, name: signInLinks.name, linkHash: signInLinks.tokenHash })
  if (!link) throw new DomainError('sign-in-link-spent', 'Ask for a new link: each one works once, and only for a while.')
  const secret = newSecret(context)
  await context.db.batch([
    context.db.delete(sessions).where(endedBefore(context.now)),
    context.db.insert(sessions).values({ tokenHash: await sha256Hex(secret), ...link, createdAt: context.now, lastSeenAt: context.now }),
  ])
  return { secret, role: link.role as Role }
}

export async function endSession(db: Database, tokenHash: string): Promise<void> {
  await db.delete(sessions).where(eq(sessions.tokenHash, tokenHash))
}

/** Who asks, and in the same trip the version of what they may ask for; null where nothing was read. */
export interface Identified {
  actor: Actor
  version: string | null
}

/** As SQL: every request of whoever is signed in asks this, and to build it anew takes a tenth of what answering does. */
async function sessionOf({ $client }: Database, tokenHash: string) {
  const asked = 'select role, created_at, last_seen_at, (select version from content_version) from sessions where token_hash = ?1'
  const [row] = await $client.prepare(asked).bind(tokenHash).raw<[role: string, createdAt: number, lastSeenAt: number, string | null]>()
  return row && { role: row[0], createdAt: new Date(row[1]), lastSeenAt: new Date(row[2]), version: row[3] }
}

const nobody: Identified = { actor: { kind: 'nobody' }, version: null }
const version = sql<string | null>`(select ${contentVersion.version} from ${contentVersion})`.as('version')

/**
 * Whose session this is. An administrator's lives 12 hours, or 30 minutes without a request, a leader's 30 days or 7; "last
 * seen" is written at most once a minute, so that reading a page does not write.
 */
export async function actorOfSession(db: Database, now: Date, secret: string): Promise<Identified> {
  const tokenHash = await sha256Hex(secret)
  const session = await sessionOf(db, tokenHash)
  if (!session) return nobody
  const { startedAfter, seenAfter } = limitsOf(session.role, now)
  if (session.createdAt < startedAfter || session.lastSeenAt < seenAfter) return nobody
  if (now.getTime() - session.lastSeenAt.getTime() > minutes) {
    await db.update(sessions).set({ lastSeenAt: now }).where(eq(sessions.tokenHash, tokenHash))
  }
  return { actor: { kind: 'session', role: session.role as Role, tokenHash }, version: session.version }
}

/** A leader's way in: an invitation that nobody used yet, or a session. */
export interface LeaderAccess {
  /** The hash of the link, for the session that it began too: whoever ends it is not too late. */
  id: string
  /** Whom it is for, as the maker of the link wrote it; who opened it, nobody knows. Empty where nothing was said. */
  name: string
  /** Of an invitation: until when it can be used. Of a session: when somebody signed in, and when they last read something. */
  state: Invited | { kind: 'signed-in'; since: Date; lastSeenAt: Date }
}

interface Invited {
  kind: 'invited'
  until: Date
}

/**
 * A link for one leader. It is given out once: only its hash is stored.
 *
 * @throws DomainError invalid-input, with a pointer for every field
 */
export async function inviteLeader(
  context: ServiceContext,
  { days, name }: { days: number; name: string },
): Promise<LeaderAccess & { state: Invited; url: string }> {
  const errors: FieldError[] = []
  const line = cleanLine(name)
  const known = isVisible(line) ? line : ''
  if (!leaderLinkDays.some((one) => one === days)) errors.push({ pointer: '#/days', detail: `Use one of: ${leaderLinkDays.join(', ')}.` })
  if (known.length > leaderNameLimit) errors.push({ pointer: '#/name', detail: `Use at most ${leaderNameLimit} characters.` })
  if (errors.length > 0) throw new DomainError('invalid-input', 'Some values cannot be used.', errors)
  const { id, url, expiresAt } = await createSignInLink(context, { role: 'reader', minutes: days * 24 * 60, name: known })
  return { id, name: known, state: { kind: 'invited', until: expiresAt }, url }
}

/** Every way in that leaders have now, invitations first. */
export async function listLeaderAccess({ db, now }: Pick<ServiceContext, 'db' | 'now'>): Promise<LeaderAccess[]> {
  const { startedAfter, seenAfter } = limitsOf('reader', now)
  const [links, signedIn] = await db.batch([
    db
      .select()
      .from(signInLinks)
      .where(and(eq(signInLinks.role, 'reader'), isNull(signInLinks.usedAt), gt(signInLinks.expiresAt, now)))
      .orderBy(asc(signInLinks.expiresAt)),
    db
      .select()
      .from(sessions)
      .where(and(eq(sessions.role, 'reader'), gt(sessions.createdAt, startedAfter), gt(sessions.lastSeenAt, seenAfter)))
      .orderBy(asc(sessions.createdAt)),
  ])
  return [
    ...links.map(({ tokenHash, name, expiresAt }): LeaderAccess => ({ id: tokenHash, name, state: { kind: 'invited', until: expiresAt } })),
    ...signedIn.map(
      ({ tokenHash, linkHash, name, createdAt, lastSeenAt }): LeaderAccess => ({
        id: linkHash ?? tokenHash,
        name,
        state: { kind: 'signed-in', since: createdAt, lastSeenAt },
      }),
    ),
  ]
}

/** Ends an invitation or a session of a leader; never an administrator's. @throws DomainError not-found */
export async function endLeaderAccess({ db }: Pick<ServiceContext, 'db'>, id: string): Promise<void> {
  const ended = await db.batch([
    db.delete(signInLinks).where(and(eq(signInLinks.tokenHash, id), eq(signInLinks.role, 'reader'))),
    db.delete(sessions).where(and(eq(sql`coalesce(${sessions.linkHash}, ${sessions.tokenHash})`, id), eq(sessions.role, 'reader'))),
  ])
  if (ended.every(({ meta }) => meta.changes === 0)) throw new DomainError('not-found', 'There is no such access, or it had ended before.')
}

/** Roles that a key may have; an administrator is always a person. */
export const keyRoles = ['importer', 'reader'] as const

/**
 * A key for a program: `plk_<id>_<secret>`, shown once, stored as a hash.
 *
 * @example const { key } = await createApiKey(context, { name: 'Nightly CRM export', role: 'importer' })
 */
export async function createApiKey(
  context: ServiceContext,
  input: { name: string; role: (typeof keyRoles)[number]; expiresAt?: Date },
): Promise<{ id: string; name: string; role: string; key: string; expiresAt: Date | null }> {
  const id = newId(context).replace(/[-_]/g, '').slice(0, 8)
  const secret = newSecret(context)
  const expiresAt = input.expiresAt ?? null
  await context.db
    .insert(apiKeys)
    .values({ id, name: input.name, role: input.role, secretHash: await sha256Hex(secret), createdAt: context.now, expiresAt })
  return { id, name: input.name, role: input.role, key: `plk_${id}_${secret}`, expiresAt }
}

export async function revokeApiKey(context: ServiceContext, id: string): Promise<void> {
  const [key] = await context.db
    .update(apiKeys)
    .set({ revokedAt: context.now })
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id })
  if (!key) throw new DomainError('not-found', 'There is no such key, or it was revoked before.')
}

const keyRe = /^plk_([A-Za-z0-9]{1,8})_([A-Za-z0-9_-]{43})$/

/** Whose key this is, or the operator when it is the deployment's own operator token. */
export async function actorOfBearer(db: Database, now: Date, bearer: string, operatorToken: string): Promise<Identified> {
  if (operatorToken.length >= 32 && (await sameSecret(bearer, operatorToken)))
    return { actor: { kind: 'key', role: 'operator', id: 'operator' }, version: null }
  const [, id, secret] = keyRe.exec(bearer) ?? []
  if (!id || !secret) return nobody
  const [key] = await db
    .select({ ...getTableColumns(apiKeys), version })
    .from(apiKeys)
    .where(eq(apiKeys.id, id))
  if (!key || key.revokedAt || (key.expiresAt && key.expiresAt <= now)) return nobody
  if ((await sha256Hex(secret)) !== key.secretHash) return nobody
  const today = now.toISOString().slice(0, 10)
  if (key.lastUsedDay !== today) await db.update(apiKeys).set({ lastUsedDay: today }).where(eq(apiKeys.id, id))
  return { actor: { kind: 'key', role: key.role as Role, id }, version: key.version }
}

/** Compares hashes, so that neither length nor content of the secret shows in the time it takes. */
async function sameSecret(left: string, right: string): Promise<boolean> {
  return (await sha256Hex(left)) === (await sha256Hex(right))
}

/**
 * Deletes sessions, sign-in links and keys that ended so long ago that nobody asks for them any more, at most so many of
 * each.
 *
 * @returns how many
 */
export async function deleteSpentCredentials({ db, now }: ServiceContext, limit: number): Promise<number> {
  const daysAgo = (kind: keyof typeof spentDays) => daysBefore(now, spentDays[kind])
  const spent = or(lte(signInLinks.expiresAt, daysAgo('signInLinks')), lte(signInLinks.usedAt, daysAgo('signInLinks')))
  const dead = or(lte(apiKeys.expiresAt, daysAgo('apiKeys')), lte(apiKeys.revokedAt, daysAgo('apiKeys')))
  const deleted = await db.batch([
    db.delete(sessions).where(
      inArray(
        sessions.tokenHash,
        db
          .select({ key: sessions.tokenHash })
          .from(sessions)
          .where(endedBefore(daysAgo('sessions')))
          .limit(limit),
      ),
    ),
    db
      .delete(signInLinks)
      .where(inArray(signInLinks.tokenHash, db.select({ key: signInLinks.tokenHash }).from(signInLinks).where(spent).limit(limit))),
    db.delete(apiKeys).where(inArray(apiKeys.id, db.select({ key: apiKeys.id }).from(apiKeys).where(dead).limit(limit))),
  ])
  return deleted.reduce((sum, { meta }) => sum + meta.changes, 0)
}

/** When a session of this role must have started, and been seen, to be alive at this moment. */
function limitsOf(role: string, now: Date): { startedAfter: Date; seenAfter: Date } {
  const { idleMinutes, hours } = role === 'reader' ? sessionLives.reader : sessionLives.admin
  return { startedAfter: new Date(now.getTime() - hours * 60 * minutes), seenAfter: new Date(now.getTime() - idleMinutes * minutes) }
}

/** Sessions that had ended by this moment. */
function endedBefore(moment: Date) {
  const ended = (role: string) => {
    const { startedAfter, seenAfter } = limitsOf(role, moment)
    return or(lte(sessions.createdAt, startedAfter), lte(sessions.lastSeenAt, seenAfter))
  }
  return or(and(eq(sessions.role, 'reader'), ended('reader')), and(ne(sessions.role, 'reader'), ended('admin')))
}
