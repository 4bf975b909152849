/** What is computed ahead of its being read. */
import { eq } from 'drizzle-orm'
import type { AroundRow } from '../core/around-event'
import type { KpiRelation } from '../core/relation'
import type { Database } from './client'
import { analyses } from './schema'

export interface Analyses {
  relations: KpiRelation[]
  'around-events': { eventId: string; day: string; name: string; rows: AroundRow[] }[]
}

export type AnalysisKind = keyof Analyses

/** All of them, for a batch of the caller's; read with `analysisIn`. */
export const selectAnalyses = (db: Database) =>
  db.select({ kind: analyses.kind, inputsHash: analyses.inputsHash, body: analyses.body }).from(analyses)

/** Empty where it was not computed yet. */
export const analysisIn = <K extends AnalysisKind>(rows: readonly { kind: string; body: unknown }[], kind: K): Analyses[K] =>
  (rows.find((row) => row.kind === kind)?.body ?? []) as Analyses[K]

export async function readAnalysis<K extends AnalysisKind>(db: Database, kind: K): Promise<Analyses[K]> {
  const rows = await db.select({ kind: analyses.kind, body: analyses.body }).from(analyses).where(eq(analyses.kind, kind))
  return analysisIn(rows, kind)
}

export function replaceAnalysis(
  db: Database,
  { kind, ...set }: { kind: AnalysisKind; inputsHash: string; body: Analyses[AnalysisKind]; computedAt: Date },
) {
  return db
    .insert(analyses)
    .values({ kind, ...set })
    .onConflictDoUpdate({ target: analyses.kind, set })
}
