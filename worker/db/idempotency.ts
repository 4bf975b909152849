/** Answers by the key that a program sent with its request: asking again has no second effect. */
import { and, eq, lte } from 'drizzle-orm'
import type { Database } from './client'
import { idempotencyKeys } from './schema'

export interface StoredAnswer {
  sourceId: string
  key: string
  /** SHA-256 of what was sent, in hex. */
  bodyHash: string
  status: number
  body: unknown
}

export const findAnswer = (db: Database, sourceId: string, key: string): Promise<StoredAnswer | undefined> =>
  db.query.idempotencyKeys.findFirst({ where: and(eq(idempotencyKeys.sourceId, sourceId), eq(idempotencyKeys.key, key)) })

/** The statement that stores an answer, for the batch that has the effect: of two requests with one key, one is carried out. */
export const storeAnswer = (db: Database, { sourceId, key, bodyHash, status, body }: StoredAnswer, at: Date): D1PreparedStatement =>
  db.$client
    .prepare('insert into idempotency_keys (source_id, key, body_hash, status, body, created_at) values (?1, ?2, ?3, ?4, ?5, ?6)')
    .bind(sourceId, key, bodyHash, status, JSON.stringify(body), at.getTime())

/** Whether a batch was given up because a request with the same key was carried out meanwhile. */
export const isAnswered = (message: string): boolean => message.includes('UNIQUE constraint failed: idempotency_keys')

/** Forgets answers that were given by then. */
export const deleteAnswers = async (db: Database, before: Date): Promise<void> => {
  await db.delete(idempotencyKeys).where(lte(idempotencyKeys.createdAt, before))
}
