import type { BatchItem } from 'drizzle-orm/batch'
import type { RoundResult, Score } from '../core/result'
import type { Database } from '../db/client'
import { scores } from '../db/schema'
import type { ServiceContext } from './context'

export async function scoreOf(ctx: ServiceContext, result: RoundResult): Promise<Score> {
  throw new Error(`not yet: ${ctx.origin} ${result.roundId}`)
}

export function insertScore(ctx: ServiceContext, score: Score): BatchItem<'sqlite'> {
  const { roundId, revision, number, period, methodVersion, inputsHash } = score
  return ctx.db
    .insert(scores)
    .values({ roundId, revision, number, period, methodVersion, inputsHash, body: score, computedAt: ctx.now })
    .onConflictDoNothing()
}

export async function rescoreRounds(ctx: ServiceContext): Promise<number> {
  throw new Error(`not yet: ${ctx.origin}`)
}

export async function listScores(db: Database, range: { from?: string; to?: string } = {}): Promise<Score[]> {
  throw new Error(`not yet: ${typeof db} ${range.from}`)
}
