/** Changing what holds for the whole organisation, with everything that follows from it. */
import type { BatchItem } from 'drizzle-orm/batch'
import { moveDays } from '../db/days'
import { nextFactRevision } from '../db/facts'
import { readSettings, type Settings, writeSettings } from '../db/settings'
import type { ServiceContext } from './context'
import { planRounds } from './planning'
import { recomputeKpis } from './recompute'

/** What KPIs are made by. */
const ofKpis = [
  'timeZone',
  'currency',
  'cacLagMonths',
  'handOff',
  'attemptsExpected',
  'salesChannels',
] as const satisfies readonly (keyof Settings)[]

/**
 * Stores these settings, and what `others` say, at once. A new time zone puts facts whose moment is known onto its days; KPIs
 * and scores are made again where the change concerns them.
 *
 * @example await changeSettings(context, { timeZone: 'Europe/Berlin' })
 */
export async function changeSettings(
  context: ServiceContext,
  change: Partial<Omit<Settings, 'retention'>>,
  others: readonly BatchItem<'sqlite'>[] = [],
): Promise<void> {
  const { db } = context
  const before = await readSettings(db)
  const concerned = ofKpis.filter((key) => change[key] !== undefined && JSON.stringify(change[key]) !== JSON.stringify(before[key]))
  const moved = change.timeZone !== undefined && concerned.includes('timeZone') ? await moveDays(db, change.timeZone) : []
  const writes = [...others, ...writeSettings(db, change), ...moved, ...(concerned.length > 0 ? [nextFactRevision(db)] : [])]
  const [first, ...rest] = writes
  if (first) await db.batch([first, ...rest])
  await planRounds(context) // nine o'clock is nine o'clock in another time zone too
  if (concerned.length > 0) await recomputeKpis(context)
}
