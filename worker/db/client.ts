import { DrizzleQueryError } from 'drizzle-orm'
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'
import * as schema from './schema'

export type Database = DrizzleD1Database<typeof schema> & { $client: D1Database }

/** The organisation's database, for one request. */
export const database = (d1: D1Database): Database => drizzle(d1, { schema })

/** D1 returns a blob as an array of numbers, drizzle as whatever D1 returned: always a Uint8Array from here on. */
export function toBytes(value: Uint8Array | ArrayBuffer | number[]): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(value)
}

/** Whether a single query or a batch failed because a row with that key was already there. */
export function isUniqueViolation(error: unknown): boolean {
  return /UNIQUE constraint failed/.test(databaseMessage(error))
}

/**
 * What the database said, and nothing else; its words name tables, columns and codes. Words of other errors may repeat
 * what was sent, answers and names among it, and are left out: a `DrizzleQueryError` lists the bound parameters, a
 * `D1_TYPE_ERROR` quotes one, a syntax error the text.
 *
 * @example databaseMessage(error) // 'D1_ERROR: Network connection lost.'
 */
export function databaseMessage(error: unknown): string {
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  if (!(cause instanceof Error)) return 'unknown'
  if (cause.message.startsWith('D1_ERROR: ')) return cause.message
  return cause.message.startsWith('D1_TYPE_ERROR: ') ? 'D1_TYPE_ERROR' : cause.name
}
