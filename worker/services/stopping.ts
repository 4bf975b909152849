/**
 * The link with which somebody ends messages to themselves: whose it is, and a code that only this deployment can make. It
 * is no ballot link, says nothing of answers and takes nobody the right to answer.
 */
import { eq } from 'drizzle-orm'
import { people } from '../db/schema'
import type { ServiceContext } from './context'
import { isSigned, signatureOf } from './signing'

export interface Stopped {
  locale: string
  isStopped: boolean
}

/** @example await stopLinkFor(context, person.id) // 'https://…/stop/<id>.<code>' */
export async function stopLinkFor(context: Pick<ServiceContext, 'kek' | 'origin'>, personId: string): Promise<string> {
  return `${context.origin}/stop/${personId}.${await keyedHash(context, 'stop', personId)}`
}

/** Whom a link belongs to and whether they are written to; undefined where it is no link of ours, or the person is gone. */
export async function findStop(context: ServiceContext, token: string): Promise<Stopped | undefined> {
  const personId = await holderOf(context, token)
  const person = personId && (await context.db.query.people.findFirst({ where: eq(people.id, personId) }))
  return person ? { locale: person.locale, isStopped: person.mailStoppedAt !== null } : undefined
}

/** Ends messages, or begins them again; as often as it is asked for. */
export async function setStop(context: ServiceContext, token: string, stop: boolean): Promise<Stopped | undefined> {
  const before = await findStop(context, token)
  const personId = await holderOf(context, token)
  if (!before || !personId) return undefined
  if (before.isStopped !== stop) {
    await context.db
      .update(people)
      .set({ mailStoppedAt: stop ? context.now : null })
      .where(eq(people.id, personId))
  }
  return { ...before, isStopped: stop }
}

/**
 * A code of this deployment for a text: 128 bits of a signature.
 *
 * @param purpose two codes of one text for two purposes have nothing in common
 */
export const keyedHash = (context: Pick<ServiceContext, 'kek'>, purpose: string, text: string): Promise<string> =>
  signatureOf(context, purpose, text, 16)

async function holderOf(context: ServiceContext, token: string): Promise<string | undefined> {
  const [, personId = '', code = ''] = /^([\w-]{1,64})\.([\w-]{22})$/.exec(token) ?? []
  return (await isSigned(context, 'stop', personId, code, 16)) ? personId : undefined
}
