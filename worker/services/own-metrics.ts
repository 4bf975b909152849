/** KPIs that the organisation brings itself: a name, a unit and a direction; sources report their values. */
import { DomainError } from '../core/errors'
import { type Better, isOwnKey, type OwnMetric, type Unit } from '../core/metrics'
import { nextFactRevision } from '../db/facts'
import { deleteOwnMetric, findOwnMetric, insertOwnMetric, updateOwnMetric } from '../db/own-metrics'
import type { ServiceContext } from './context'
import { listGoals, removeGoal } from './goals'
import { recomputeKpis } from './recompute'

/** As many as a page of KPIs can show. */
export const mostOwnMetrics = 100

export interface NewMetric {
  key: string
  name: string
  unit: Unit
  better: Better
}

/**
 * @throws DomainError invalid-input for a key that is none or is taken, or one metric too many
 * @example await addOwnMetric(context, { key: 'own-nps', name: 'Customer NPS', unit: 'points', better: 'higher' })
 */
export async function addOwnMetric({ db, now }: ServiceContext, { key, ...metric }: NewMetric): Promise<OwnMetric> {
  if (!isOwnKey(key)) throw refused('key', 'Use own- and small letters, digits and hyphens, such as own-nps; at most 64 characters.')
  const own: OwnMetric = { key, ...metric }
  if (await insertOwnMetric(db, own, now, mostOwnMetrics)) return own
  const taken = await findOwnMetric(db, key)
  throw refused(
    'key',
    taken ? 'There is a metric with this key already.' : `There are ${mostOwnMetrics} own metrics already; delete one first.`,
  )
}

/** A new name, unit or direction; values stay as they were reported. @throws DomainError not-found */
export async function changeOwnMetric({ db }: ServiceContext, key: string, change: Partial<Omit<NewMetric, 'key'>>): Promise<OwnMetric> {
  const own = isOwnKey(key) ? await findOwnMetric(db, key) : undefined
  if (!own) throw unknown()
  if (Object.keys(change).length === 0) return own
  return (await updateOwnMetric(db, own.key, change)) ?? Promise.reject(unknown())
}

/** Deletes it with its goal and every value that was reported for it. @throws DomainError not-found */
export async function removeOwnMetric(context: ServiceContext, key: string): Promise<void> {
  const { db } = context
  const own = isOwnKey(key) ? await findOwnMetric(db, key) : undefined
  if (!own) throw unknown()
  if ((await listGoals(db)).some(({ metric }) => metric === own.key)) await removeGoal(context, own.key)
  await db.batch([nextFactRevision(db), ...deleteOwnMetric(db, own.key)])
  await recomputeKpis(context)
}

const unknown = () => new DomainError('not-found', 'There is no such metric.')
const refused = (field: string, detail: string) =>
  new DomainError('invalid-input', 'Some values cannot be used.', [{ pointer: `#/${field}`, detail }])
