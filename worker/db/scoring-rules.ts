/** Versions of the scoring rules: added, never changed. */
import { desc } from 'drizzle-orm'
import { defaultRules, type ScoringRules } from '../core/scoring-rules'
import type { Database } from './client'
import { scoringRules } from './schema'

/** The rules that hold, for a batch of the caller's: no row while the defaults do. */
export const selectRules = (db: Database) =>
  db
    .select({ version: scoringRules.version, body: scoringRules.body, createdAt: scoringRules.createdAt })
    .from(scoringRules)
    .orderBy(desc(scoringRules.version))
    .limit(1)

/** What `selectRules` read. */
export const rulesIn = ([row]: readonly { version: number; body: unknown }[]): ScoringRules =>
  row ? { ...(row.body as Omit<ScoringRules, 'version'>), version: row.version } : defaultRules

/** The rules that hold. */
export const readRules = async (db: Database): Promise<ScoringRules> => rulesIn(await selectRules(db))

/** Every version that was decided, newest first. */
export async function listRules(db: Database): Promise<(ScoringRules & { createdAt: Date })[]> {
  const rows = await db.select().from(scoringRules).orderBy(desc(scoringRules.version))
  return rows.map((row) => ({ ...rulesIn([row]), createdAt: row.createdAt }))
}

/** The statement that adds a version; it fails where that version is there already. */
export function insertRules(db: Database, { version, ...body }: ScoringRules, now: Date) {
  return db.insert(scoringRules).values({ version, body, createdAt: now })
}
