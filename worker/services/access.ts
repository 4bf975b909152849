/**
 * Signing in without passwords: a one-time link gives a session, a key gives a program its role. Only SHA-256 hashes of
 * the secrets are stored; they are 256 random bits, so a slow hash would add nothing.
 */
import { and, eq, gt, inArray, isNull, lt, lte, or } from 'drizzle-orm'
import { DomainError } from '../core/errors'
import { daysBefore, spentDays } from '../core/retention'
import type { Database } from '../db/client'
import { apiKeys, sessions, signInLinks } from '../db/schema'
import { type Actor, newId, newSecret, type Role, type ServiceContext, sha256Hex } from './context'

const minutes = 60_000
export const signInLinkMinutes = 15
const sessionIdleMinutes = 30
const sessionHours = 12

/**
 * A link that signs one administrator in once, within 15 minutes. The secret stands after `#`, where no server and no
 * log sees it.
 */
export async function createSignInLink(context: ServiceContext): Promise<{ url: string; expiresAt: Date }> {
  const secret = newSecret(context)
  const expiresAt = new Date(context.now.getTime() + signInLinkMinutes * minutes)
  await context.db.batch([
    context.db.delete(signInLinks).where(lt(signInLinks.expiresAt, context.now)),
    context.db.insert(signInLinks).values({ tokenHash: await sha256Hex(secret), role: 'admin', expiresAt }),
  ])
  return { url: `${context.origin}/sign-in#${secret}`, expiresAt }
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
    .returning({ role: signInLinks.role })
  if (!link) throw new DomainError('sign-in-link-spent', 'Ask for a new link: each one works once, for 15 minutes.')
  const secret = newSecret(context)
  await context.db.batch([
    context.db
      .delete(sessions)
      .where(or(lt(sessions.createdAt, hoursAgo(context.now, sessionHours)), lt(sessions.lastSeenAt, idleSince(context.now)))),
    context.db
      .insert(sessions)
      .values({ tokenHash: await sha256Hex(secret), role: link.role, createdAt: context.now, lastSeenAt: context.now }),
  ])
  return { secret, role: link.role as Role }
}

export async function endSession(db: Database, tokenHash: string): Promise<void> {
  await db.delete(sessions).where(eq(sessions.tokenHash, tokenHash))
}

/**
 * Whose session this is. A session lives 12 hours, or 30 minutes without a request; "last seen" is written at most once
 * a minute, so that reading a page does not write.
 */
export async function actorOfSession(db: Database, now: Date, secret: string): Promise<Actor> {
  const tokenHash = await sha256Hex(secret)
  const session = await db.query.sessions.findFirst({ where: eq(sessions.tokenHash, tokenHash) })
  if (!session || session.createdAt < hoursAgo(now, sessionHours) || session.lastSeenAt < idleSince(now)) return { kind: 'nobody' }
  if (now.getTime() - session.lastSeenAt.getTime() > minutes) {
    await db.update(sessions).set({ lastSeenAt: now }).where(eq(sessions.tokenHash, tokenHash))
  }
  return { kind: 'session', role: session.role as Role, tokenHash }
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
export async function actorOfBearer(db: Database, now: Date, bearer: string, operatorToken: string): Promise<Actor> {
  if (operatorToken.length >= 32 && (await sameSecret(bearer, operatorToken))) return { kind: 'key', role: 'operator', id: 'operator' }
  const [, id, secret] = keyRe.exec(bearer) ?? []
  if (!id || !secret) return { kind: 'nobody' }
  const key = await db.query.apiKeys.findFirst({ where: eq(apiKeys.id, id) })
  if (!key || key.revokedAt || (key.expiresAt && key.expiresAt <= now)) return { kind: 'nobody' }
  if ((await sha256Hex(secret)) !== key.secretHash) return { kind: 'nobody' }
  const today = now.toISOString().slice(0, 10)
  if (key.lastUsedDay !== today) await db.update(apiKeys).set({ lastUsedDay: today }).where(eq(apiKeys.id, id))
  return { kind: 'key', role: key.role as Role, id }
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
  const ended = or(
    lte(sessions.createdAt, hoursAgo(daysAgo('sessions'), sessionHours)),
    lte(sessions.lastSeenAt, idleSince(daysAgo('sessions'))),
  )
  const spent = or(lte(signInLinks.expiresAt, daysAgo('signInLinks')), lte(signInLinks.usedAt, daysAgo('signInLinks')))
  const dead = or(lte(apiKeys.expiresAt, daysAgo('apiKeys')), lte(apiKeys.revokedAt, daysAgo('apiKeys')))
  const deleted = await db.batch([
    db.delete(sessions).where(inArray(sessions.tokenHash, db.select({ key: sessions.tokenHash }).from(sessions).where(ended).limit(limit))),
    db
      .delete(signInLinks)
      .where(inArray(signInLinks.tokenHash, db.select({ key: signInLinks.tokenHash }).from(signInLinks).where(spent).limit(limit))),
    db.delete(apiKeys).where(inArray(apiKeys.id, db.select({ key: apiKeys.id }).from(apiKeys).where(dead).limit(limit))),
  ])
  return deleted.reduce((sum, { meta }) => sum + meta.changes, 0)
}

const idleSince = (now: Date) => new Date(now.getTime() - sessionIdleMinutes * minutes)
const hoursAgo = (now: Date, hours: number) => new Date(now.getTime() - hours * 60 * minutes)
