/**
 * Which nodes of a tree may be published, so that no subtraction of published totals isolates a few people.
 *
 * Every person is in exactly one leaf, or directly in an inner node. What can be worked out from published totals are
 * sums of whole atoms, an atom being a published node without its nearest published descendants: so every atom must
 * hold nobody or at least k people.
 */
import { total } from './statistics'

export interface TreeNode {
  id: string
  parentId: string | null
}

/** `too-few`: under the threshold itself; `protects-smaller`: hidden because it would give a smaller group away. */
export type Publication = 'published' | 'too-few' | 'protects-smaller'

/**
 * Primary suppression (under k), then, from the leaves up, hides the smallest published descendants of a node until
 * the node's own atom is empty or at least k. Ties go to the smaller id, so that the outcome never depends on order.
 *
 * A node that `keep` names is not hidden for others: where nothing else is left to hide, the node above gives way. The
 * comparison of the sides is worth more than the figure of the company.
 *
 * Source: docs/method.md, "Privacy". `n` counts people in the whole subtree; a node without a count has none.
 *
 * @example // Company 9 = Sales 6 + Marketing 3: only the company
 * protect([{ id: 'c', parentId: null }, { id: 's', parentId: 'c' }, { id: 'm', parentId: 'c' }], new Map([['c', 9], ['s', 6], ['m', 3]]), 5)
 * // Map { c → published, s → protects-smaller, m → too-few }
 */
export function protect(
  nodes: readonly TreeNode[],
  n: ReadonlyMap<string, number>,
  k: number,
  keep: ReadonlySet<string> = nobody,
): Map<string, Publication> {
  const count = (id: string) => n.get(id) ?? 0
  const enough = (id: string) => count(id) >= k && count(id) > 0
  const shown = settle(nodes, count, enough, keep, (id, inside) => {
    const rest = count(id) - total(inside.map(count))
    return rest !== 0 && rest < k
  })
  return new Map(nodes.map(({ id }) => [id, shown.has(id) ? 'published' : enough(id) ? 'protects-smaller' : 'too-few']))
}

const nobody: ReadonlySet<string> = new Set()

/**
 * Takes nodes out of those that `start` names until `tells` holds of no atom: from the leaves up, the smallest
 * descendants of a node first, and the node itself where all that are left must be kept.
 *
 * @param tells whether the atom that a node leaves of its nearest shown descendants would tell too much
 */
export function settle(
  nodes: readonly TreeNode[],
  count: (id: string) => number,
  start: (id: string) => boolean,
  keep: ReadonlySet<string>,
  tells: (id: string, inside: readonly string[]) => boolean,
): Set<string> {
  const children = childrenOf(nodes)
  const shown = new Set(nodes.flatMap(({ id }) => (start(id) ? [id] : [])))
  const isShown = (id: string) => shown.has(id)
  for (const id of postOrder(nodes)) {
    if (!isShown(id)) continue
    let inside = nearest(id, children, isShown)
    while (tells(id, inside)) {
      const spare = inside.filter((one) => !keep.has(one))
      const smallest = spare.length > 0 ? spare.reduce((a, b) => (count(b) < count(a) || (count(b) === count(a) && b < a) ? b : a)) : id
      shown.delete(smallest)
      if (smallest === id) break
      inside = nearest(id, children, isShown)
    }
  }
  return shown
}

/** The nodes that `keep` names, each below its nearest kept ancestor; in the same order. */
export function restrict<T extends TreeNode>(nodes: readonly T[], keep: (id: string) => boolean): T[] {
  const parentOf = new Map(nodes.map(({ id, parentId }) => [id, parentId]))
  const keptAbove = (id: string | null): string | null => (id === null || keep(id) ? id : keptAbove(parentOf.get(id) ?? null))
  return nodes.filter(({ id }) => keep(id)).map((node) => ({ ...node, parentId: keptAbove(node.parentId) }))
}

/** Children by parent; a parent that is not among the nodes counts as none. */
export function childrenOf(nodes: readonly TreeNode[]): Map<string | null, string[]> {
  const known = new Set(nodes.map(({ id }) => id))
  const children = new Map<string | null, string[]>()
  for (const { id, parentId } of nodes) {
    const parent = parentId !== null && known.has(parentId) ? parentId : null
    children.set(parent, [...(children.get(parent) ?? []), id])
  }
  return children
}

/** Every node after all that is below it. */
export function postOrder(nodes: readonly TreeNode[]): string[] {
  const children = childrenOf(nodes)
  const order: string[] = []
  const waiting = [...(children.get(null) ?? [])]
  while (waiting.length > 0) {
    const id = waiting.pop() as string
    order.push(id)
    waiting.push(...(children.get(id) ?? []))
  }
  return order.reverse()
}

/** The closest nodes below `id`, on each path down, that `isPublished` names. */
export function nearest(
  id: string,
  children: ReadonlyMap<string | null, readonly string[]>,
  isPublished: (id: string) => boolean,
): string[] {
  return (children.get(id) ?? []).flatMap((child) => (isPublished(child) ? [child] : nearest(child, children, isPublished)))
}
