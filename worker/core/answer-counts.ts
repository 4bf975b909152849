/** How many gave each answer of a scale, by node: what agreement within a team is made of, and nothing else. */
import { rangeOf } from './ballot'
import type { Item } from './round'
import { subtreesOf, type TreeNode } from './suppression'
import type { Voice } from './tally'

/** By item, of statements and the headline; whole subtrees, one count for each point of the scale. */
export type AnswerCounts = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>

export function answerCounts(nodes: readonly TreeNode[], items: readonly Item[], voices: readonly Voice[]): AnswerCounts {
  const below = subtreesOf(nodes)
  return new Map(
    items.flatMap((item, index) => {
      if (item.kind === 'definition') return []
      const { first, last } = rangeOf(item)
      const own = new Map<string, number[]>()
      for (const { nodeId, people, answers } of voices) {
        const answer = answers[index]
        if (answer == null) continue
        const counts = own.get(nodeId) ?? new Array<number>(last - first + 1).fill(0)
        counts[answer - first] = (counts[answer - first] as number) + people
        own.set(nodeId, counts)
      }
      const sumOf = (ids: Iterable<string>) =>
        Array.from({ length: last - first + 1 }, (_, point) => [...ids].reduce((sum, id) => sum + (own.get(id)?.[point] ?? 0), 0))
      return [[item.id, new Map(nodes.map(({ id }) => [id, sumOf(below.get(id) ?? [])]))] as const]
    }),
  )
}
