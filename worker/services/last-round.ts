/** What somebody's group said the last time, and what was done about it: for the last page of the survey. */
import { isHidden } from '../core/findings'
import type { NodeFigures, NodeResult, PublicResult } from '../core/result'
import type { ReportingNode } from '../core/round'
import { type GroupChange, isUnshown, type NodeChange } from '../core/round-change'
import type { Database } from '../db/client'
import { findClosedBefore, listCohorts, type Round } from '../db/rounds'
import { type ActionView, listActions } from './actions'
import { getResultAndChanges } from './results'

type Published = NodeFigures & Pick<NodeResult, 'openLink'>

export interface LastRound {
  roundId: string
  number: number
  period: string
  minimumGroupSize: number
  /** The group's own node of that result, or the nearest above it that was published; null where none was. */
  node: Published | null
  /** Whether `node` is the group's own. */
  own: boolean
  /** Of `node`, since the round before that one; null where nothing of it can be told, or there was none. */
  change: GroupChange | null
  actions: ActionView[]
}

/**
 * What was published of the latest round that closed before this one opened, for the people of one cohort: made of that
 * result and of nothing else, so it is as safe to show as the result is. A cohort that the round does not have is told what
 * the whole company said.
 *
 * @param cohort of this round, as `c1`; teams may have been elsewhere the last time
 * @returns undefined for a first round
 */
export async function lastRoundOf(db: Database, round: Round, cohort: string | undefined): Promise<LastRound | undefined> {
  const before = await findClosedBefore(db, round.id)
  if (!before) return undefined
  const [cohorts, { result, changes }, actions] = await Promise.all([
    listCohorts(db, round.id),
    getResultAndChanges(db, before),
    listActions(db, before),
  ])
  const nodes = round.frozen?.nodes ?? []
  const own = cohorts.find((candidate) => candidate.cohort === cohort)?.nodeId ?? nodes[0]?.id
  const node = own === undefined ? null : nearestPublished(nodes, own, result)
  const { number, period, minimumGroupSize } = result
  return {
    roundId: before,
    number,
    period,
    minimumGroupSize,
    node,
    own: node?.id === own,
    change: told(changes.nodes.find(({ id }) => id === node?.id)),
    actions,
  }
}

/** Upwards in this round's tree; the top of the last round's may have had another name in it. */
function nearestPublished(nodes: readonly ReportingNode[], from: string, result: PublicResult): Published | null {
  const published = (id: string) => result.nodes.find((node): node is Published => node.id === id && !isHidden(node))
  for (let id: string | null | undefined = from; id; id = nodes.find((node) => node.id === id)?.parentId) {
    const found = published(id)
    if (found) return found
  }
  return result.nodes.find((node): node is Published => node.parentId === null && !isHidden(node)) ?? null
}

const told = (change: NodeChange | undefined): GroupChange | null => (change && !isUnshown(change) ? change : null)
