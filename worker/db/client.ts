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
 * What D1 said, and nothing else. `DrizzleQueryError.message` repeats the bound parameters, which may be answers or
 * names: never log it.
 */
export function databaseMessage(error: unknown): string {
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  return cause instanceof Error ? cause.message : 'unknown database error'
}
