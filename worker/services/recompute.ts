/** KPIs made again of the facts that are there: after a change of rates, of currency or time zone, or of what KPIs count. */
import { databaseMessage } from '../db/client'
import { claimFactRevision, isHeld, readFactRevision } from '../db/facts'
import { areObservationsOld, replaceObservations } from '../db/observations'
import type { ServiceContext } from './context'
import { currentObservations } from './metrics'
import { settle } from './publishing'

const tries = 5

/**
 * Computes all observations again, and the scores and analyses that are made of them. Where a publication comes in between,
 * it has made them of the new state itself.
 */
export async function recomputeKpis(context: ServiceContext): Promise<void> {
  const { db } = context
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const revision = await readFactRevision(db)
    const { observations } = await currentObservations(context, null)
    try {
      await db.$client.batch([...claimFactRevision(db, revision), ...replaceObservations(db, observations)])
      break
    } catch (error) {
      if (!isHeld(databaseMessage(error))) throw error
    }
  }
  await settle(context)
}

/** Does what an interrupted change left behind: its facts or rules are stored, and no KPI was made of them. */
export async function finishKpis(context: ServiceContext): Promise<void> {
  if (await areObservationsOld(context.db)) await recomputeKpis(context)
}
