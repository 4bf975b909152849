import { type SQL, sql } from 'drizzle-orm'

/** So many zeros, as text: what stands in place of a text before its row is deleted, since SQLite leaves the bytes of a row in its page. */
export const zeros = (length: SQL): SQL => sql`substr(hex(zeroblob(${length})), 1, ${length})`
