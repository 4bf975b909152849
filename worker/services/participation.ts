/** How a round is going while it is open: who was asked and how many answered, never what. */
import { protect } from '../core/suppression'
import type { Database } from '../db/client'
import { countCast, findRound } from '../db/rounds'

export interface Participation {
  cohort: string
  nodeId: string
  group: string
  invited: number
  /** Null where the count would say something about fewer people than the minimum group size. */
  answered: number | null
}

/**
 * How many were invited and how many cast a ballot, by cohort, while the round is open; nothing otherwise. A count is
 * left out where it, or what the other counts leave of the total, stands for fewer people than the minimum group size.
 */
export async function participation(db: Database, roundId: string): Promise<Participation[]> {
  const round = await findRound(db, roundId)
  if (round?.state !== 'open' || !round.frozen) return []
  const { minimumGroupSize, nodes } = round.frozen
  const counts = await countCast(db, roundId)
  const groupOf = new Map(nodes.map((node) => [node.id, node.name]))
  const shown = releasable(counts, minimumGroupSize)
  return counts.map(({ cohort, nodeId, invited, cast }) => ({
    cohort,
    nodeId,
    group: groupOf.get(nodeId) ?? '',
    invited,
    answered: shown.has(cohort) ? cast : null,
  }))
}

/** Cohorts whose count may be shown beside the total; a count of 0 names nobody. */
function releasable(counts: readonly { cohort: string; cast: number }[], k: number): Set<string> {
  const total = { id: '', parentId: null }
  const n = new Map([['', counts.reduce((sum, { cast }) => sum + cast, 0)], ...counts.map(({ cohort, cast }) => [cohort, cast] as const)])
  const verdict = protect([total, ...counts.map(({ cohort }) => ({ id: cohort, parentId: total.id }))], n, k)
  return new Set(counts.filter(({ cohort, cast }) => cast === 0 || verdict.get(cohort) === 'published').map(({ cohort }) => cohort))
}
