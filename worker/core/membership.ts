/** Who is in which group, compared from one round to the next: numbers of people, never names. */
import type { FrozenRound } from './round'
import type { TreeNode } from './suppression'

/** The people whom a round invites, each at the node that they answer with. */
export interface Roster {
  nodes: readonly TreeNode[]
  members: readonly { personId: string; nodeId: string }[]
}

/**
 * How many people joined and left every node of the later round, everybody below it included; null for a node that the
 * earlier round did not have.
 *
 * @example
 * const nodes = [{ id: 'sales', parentId: null }]
 * membershipChange(
 *   { nodes, members: [{ personId: 'ann', nodeId: 'sales' }, { personId: 'ben', nodeId: 'sales' }] },
 *   { nodes, members: [{ personId: 'ann', nodeId: 'sales' }] },
 * ) // { sales: { joined: 0, left: 1 } }
 */
export function membershipChange(before: Roster, after: Roster): NonNullable<FrozenRound['membership']> {
  const [was, is] = [peopleByNode(before), peopleByNode(after)]
  return Object.fromEntries(
    [...is].map(([id, people]) => {
      const earlier = was.get(id)
      return [id, earlier ? { joined: people.difference(earlier).size, left: earlier.difference(people).size } : null]
    }),
  )
}

function peopleByNode({ nodes, members }: Roster): Map<string, Set<string>> {
  const parentOf = new Map(nodes.map(({ id, parentId }) => [id, parentId]))
  const people = new Map(nodes.map(({ id }) => [id, new Set<string>()]))
  for (const { personId, nodeId } of members) {
    for (let id: string | null | undefined = nodeId; id != null; id = parentOf.get(id)) people.get(id)?.add(personId)
  }
  return people
}
