/** Teams that answer through one shared link: who they are in a round, and which parts of a result they make less sure. */
import type { FrozenRound, ReportingNode } from './round'

/** Seconds over which the ballots that are collected through one link are counted, as wrangler.toml says it. */
export const openLinkPeriod = 60

/** A team whose people answer through one link, as a round froze it. */
export interface SharedLink {
  teamId: string
  name: string
  /** Of the reporting tree: the group that its answers are in. */
  nodeId: string
  /** Invited people of this very team: as many ballots can be collected with its link. */
  people: number
}

/**
 * The links that stand for more than one person, in the order of the teams; a team without invited people has none.
 *
 * @param chosen ids of the teams that are to have one
 */
export function sharedLinks(
  teams: readonly { id: string; name: string }[],
  chosen: ReadonlySet<string>,
  invited: readonly { teamId: string; nodeId: string }[],
): SharedLink[] {
  const members = Map.groupBy(invited, ({ teamId }) => teamId)
  return teams.flatMap(({ id, name }) => {
    const people = chosen.has(id) ? (members.get(id) ?? []) : []
    const [first] = people
    return first ? [{ teamId: id, name, nodeId: first.nodeId, people: people.length }] : []
  })
}

/**
 * The nodes with such a team in them or below them: whoever had the link could answer there, and more than once.
 *
 * @example openLinkNodes(frozen).has(node.id)
 */
export function openLinkNodes({ nodes, openLinks = [] }: Pick<FrozenRound, 'nodes' | 'openLinks'>): Set<string> {
  const parentOf = new Map(nodes.map(({ id, parentId }: ReportingNode) => [id, parentId]))
  const marked = new Set<string>()
  for (const { nodeId } of openLinks) {
    for (let id: string | null = nodeId; id !== null; id = parentOf.get(id) ?? null) marked.add(id)
  }
  return marked
}
