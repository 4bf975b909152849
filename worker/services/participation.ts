/** How a round is going while it is open: who was asked and how many answered, never what. */

import { publishedNodes } from '../core/publish'
import { subtreeCounts } from '../core/reporting-tree'
import type { Side } from '../core/round'
import type { Database } from '../db/client'
import { findSummary, type RoundSummary } from '../db/rounds'

/** A node of the frozen tree, everybody below it included. */
export interface Participation {
  nodeId: string
  parentId: string | null
  group: string
  side: Side
  invited: number
  /** Null where the count would say something about fewer people than the minimum group size. */
  answered: number | null
}

/**
 * How many were invited and how many cast a ballot, by node of the frozen tree, while the round is open; nothing
 * otherwise. The same nodes have a count here as will have a result if nobody else answers, so that both together tell
 * no more than the result alone; a count of 0 is shown, for it is about nobody's answers.
 */
export async function participation(db: Database, roundId: string): Promise<Participation[]> {
  const summary = await findSummary(db, roundId)
  return summary ? participationOf(summary) : []
}

/** The same of a round that was read already. */
export function participationOf({ open }: Pick<RoundSummary, 'open'>): Participation[] {
  if (!open) return []
  const { frozen, cohorts } = open
  const below = (count: 'invited' | 'cast') => subtreeCounts(frozen.nodes, new Map(cohorts.map((cohort) => [cohort.nodeId, cohort[count]])))
  const [invited, cast] = [below('invited'), below('cast')]
  const status = publishedNodes(frozen, cast)
  return frozen.nodes.map(({ id, parentId, name, side }) => {
    const answered = cast.get(id) ?? 0
    const isShown = answered === 0 || status.get(id) === 'published'
    return { nodeId: id, parentId, group: name, side, invited: invited.get(id) ?? 0, answered: isShown ? answered : null }
  })
}

/** Ballots of an open round so far; null where that is not said, or where no round is open. */
export const answeredSoFar = (summary: Pick<RoundSummary, 'open'>): number | null =>
  participationOf(summary).find(({ parentId }) => parentId === null)?.answered ?? null
