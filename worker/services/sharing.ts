/** Links that open one page, read-only, for whoever has them. A row alone opens nothing: the link is signed; a link without its row opens nothing either. */
import { and, count, desc, eq, gt, inArray, isNull, lte, or } from 'drizzle-orm'
import { DomainError } from '../core/errors'
import { daysBefore, spentDays } from '../core/retention'
import { checkedShare, claimText, mostShares, readToken, type ShareInput, sharedPath } from '../core/sharing'
import { results, rounds, shares } from '../db/schema'
import { newId, type ServiceContext } from './context'
import { isSigned, signatureOf } from './signing'

const purpose = 'share'
const dayMilliseconds = 86_400_000

export type ShareState = 'working' | 'expired' | 'revoked'

export interface ShareView {
  id: string
  path: string
  name: string
  state: ShareState
  createdAt: Date
  expiresAt: Date
}

/**
 * A link to one page. It is given out once: what is stored does not make it again to look at.
 *
 * @throws DomainError invalid-input, with a pointer for every field; too many links that work are named at the page's
 * @example const { url } = await createShare(context, { path: '/overview', name: 'Board', days: 30 })
 */
export async function createShare(context: ServiceContext, input: ShareInput): Promise<ShareView & { url: string }> {
  const { db, now, origin } = context
  const { page, path, name, days } = checkedShare(input)
  if (!(await isThere(context, page, path)))
    throw refusal('There is no such result to share: a round has one once it has closed and was counted.')
  const [working] = await db.select({ n: count() }).from(shares).where(works(now))
  if ((working?.n ?? 0) >= mostShares) throw refusal(`Revoke a link first: at most ${mostShares} work at the same time.`)
  const id = newId(context)
  // Whole seconds: the link and the row say the same.
  const expires = Math.floor(now.getTime() / 1000) + (days * dayMilliseconds) / 1000
  const expiresAt = new Date(expires * 1000)
  const claim = claimText({ id, expires })
  await db.insert(shares).values({ id, path, name, createdAt: now, expiresAt })
  const url = `${origin}/shared/${claim}.${await signatureOf(context, purpose, claim)}`
  return { id, path, name, state: 'working', createdAt: now, expiresAt, url }
}

/** All links, the newest first. */
export async function listShares({ db, now }: Pick<ServiceContext, 'db' | 'now'>): Promise<ShareView[]> {
  const rows = await db.select().from(shares).orderBy(desc(shares.createdAt), shares.id)
  return rows.map(({ revokedAt, ...row }) => ({ ...row, state: revokedAt ? 'revoked' : row.expiresAt <= now ? 'expired' : 'working' }))
}

/** @throws DomainError not-found where it does not work any more */
export async function revokeShare({ db, now }: ServiceContext, id: string): Promise<void> {
  const [share] = await db
    .update(shares)
    .set({ revokedAt: now })
    .where(and(eq(shares.id, id), works(now)))
    .returning({ id: shares.id })
  if (!share) throw new DomainError('not-found', 'There is no such link, or it had ended before.')
}

/** What a link opens now; undefined where it opens nothing, for whichever reason. */
export async function openShare(context: ServiceContext, token: string): Promise<ShareView | undefined> {
  const { db, now } = context
  const read = readToken(token)
  if (!read || read.claim.expires * 1000 <= now.getTime()) return undefined
  // Before the database is asked: made-up links cost it nothing.
  if (!(await isSigned(context, purpose, claimText(read.claim), read.signature))) return undefined
  const [share] = await db
    .select()
    .from(shares)
    .where(and(eq(shares.id, read.claim.id), works(now)))
  return share && sharedPath(share.path) ? { ...share, state: 'working' } : undefined
}

/** Deletes links that ended so long ago that nobody asks for them any more. @returns how many */
export async function deleteSpentShares({ db, now }: ServiceContext, limit: number): Promise<number> {
  const since = daysBefore(now, spentDays.shares)
  const spent = or(lte(shares.expiresAt, since), lte(shares.revokedAt, since))
  const { meta } = await db.delete(shares).where(inArray(shares.id, db.select({ id: shares.id }).from(shares).where(spent).limit(limit)))
  return meta.changes
}

/** Whether a page of one round shows a result. Every other page says itself that there is nothing yet. */
async function isThere({ db }: ServiceContext, page: string, path: string): Promise<boolean> {
  const { pathname, searchParams } = new URL(path, 'https://plumbline.invalid')
  const published = db.select({ id: results.roundId }).from(results)
  const number = page === 'overview' ? searchParams.get('round') : null
  const id = page === 'round' || page === 'comparison' ? (pathname.split('/')[2] ?? '') : null
  const asked = id !== null ? eq(rounds.id, id) : number ? eq(rounds.number, Number(number)) : undefined
  if (!asked) return true
  const found = await db
    .select({ id: rounds.id })
    .from(rounds)
    .where(and(asked, inArray(rounds.id, published)))
  return found.length > 0
}

const works = (now: Date) => and(isNull(shares.revokedAt), gt(shares.expiresAt, now))

const refusal = (detail: string) => new DomainError('invalid-input', 'Some values cannot be used.', [{ pointer: '#/path', detail }])
