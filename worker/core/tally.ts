/** Ballots counted by node: everything that publishing needs to know of them. */
import type { Answer } from './ballot'
import { type Class, type Counts, classOf, noAnswers, type PersonMeans } from './favourability'
import type { Item, Theme } from './round'
import { postOrder, type TreeNode } from './suppression'

/** People of one node who answered every item alike. */
export interface Voice {
  nodeId: string
  people: number
  answers: readonly Answer[]
}

/**
 * Ballots that say the same, together, in an order that depends on nothing but what they say: whatever is computed from
 * them is the same to the last digit in whichever order they were read.
 */
export function voicesOf(
  ballots: readonly { cohort: string; answers: readonly Answer[] }[],
  nodeOfCohort: ReadonlyMap<string, string>,
): Voice[] {
  const voices = new Map<string, Voice>()
  for (const { cohort, answers } of ballots) {
    const nodeId = nodeOfCohort.get(cohort)
    if (nodeId === undefined) continue
    const key = JSON.stringify([nodeId, answers])
    const known = voices.get(key)
    if (known) known.people++
    else voices.set(key, { nodeId, people: 1, answers })
  }
  return [...voices].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, voice]) => voice)
}

/** How a person answered the items of a theme: a class an item, null where it was skipped. */
type Pattern = readonly (Class | null)[]

/** People of one node by how they answered the items of a theme; without those who skipped all of them. */
export type Patterns = readonly { answered: Pattern; people: number }[]

/** By node, whole subtrees. */
export interface Tally {
  ballots: ReadonlyMap<string, number>
  /** By theme; only themes that the round asks about. Items of a theme in the order of the page. */
  themes: ReadonlyMap<Theme, ReadonlyMap<string, Patterns>>
  /** Agreement items and the headline, by item id. */
  items: ReadonlyMap<string, ReadonlyMap<string, Counts>>
  /** Definition questions: people by option, in the order of the options, without the last one (`unsure`). */
  definitions: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>
}

export function tally(nodes: readonly TreeNode[], items: readonly Item[], voices: readonly Voice[]): Tally {
  const asked = [...new Set(items.flatMap((item) => (item.kind === 'agreement' ? [item.theme] : [])))]
  return {
    ballots: sums(
      nodes,
      voices,
      () => 0,
      (count, { people }) => count + people,
      (a, b) => a + b,
    ),
    themes: new Map(asked.map((theme) => [theme, patternsOf(nodes, items, theme, voices)])),
    items: new Map(
      items.flatMap((item, index) => (item.kind === 'definition' ? [] : [[item.id, classCounts(nodes, item, index, voices)] as const])),
    ),
    definitions: new Map(
      items.flatMap((item, index) =>
        item.kind === 'definition' ? [[item.id, optionCounts(nodes, item.options.length - 1, index, voices)]] : [],
      ),
    ),
  }
}

export const themeItems = (items: readonly Item[], theme: Theme): (Item & { kind: 'agreement' })[] =>
  items.filter((item): item is Item & { kind: 'agreement' } => item.kind === 'agreement' && item.theme === theme)

/** The class of an item's answer; null where it was skipped or has no classes. */
export function classAt(item: Item, answer: Answer | undefined): Class | null {
  return item.kind === 'definition' || answer == null ? null : classOf(item.kind, answer)
}

/** −1, 0 or 1. */
const markOf = (name: Class): number => (name === 'promoters' ? 1 : name === 'critics' ? -1 : 0)

/** People who answered at least `least` of these items of a theme (by position). */
export function peopleWho(patterns: Patterns, positions: readonly number[], least = 1): number {
  const answeredOf = (answered: Pattern) => positions.filter((position) => answered[position] != null).length
  return patterns.reduce((sum, { answered, people }) => (answeredOf(answered) >= least ? sum + people : sum), 0)
}

/** One number a person, the mean of their marks on these items, summed up over the people who answered one of them. */
export function personMeansOf(patterns: Patterns, positions: readonly number[]): PersonMeans {
  const means = { n: 0, sum: 0, squares: 0 }
  for (const { answered, people } of patterns) {
    const marks = positions.flatMap((position) => {
      const name = answered[position]
      return name ? [markOf(name)] : []
    })
    if (marks.length === 0) continue
    const mean = marks.reduce((sum, mark) => sum + mark, 0) / marks.length
    means.n += people
    means.sum += people * mean
    means.squares += people * mean ** 2
  }
  return means
}

function patternsOf(nodes: readonly TreeNode[], items: readonly Item[], theme: Theme, voices: readonly Voice[]): Map<string, Patterns> {
  const own = themeItems(items, theme).map((item) => ({ item, index: items.indexOf(item) }))
  const counted = sums<Map<string, { answered: Pattern; people: number }>>(
    nodes,
    voices,
    () => new Map(),
    (map, { people, answers }) => {
      const answered = own.map(({ item, index }) => classAt(item, answers[index]))
      return answered.every((name) => name === null) ? map : add(map, answered.join(), answered, people)
    },
    (a, b) => [...b].reduce((map, [key, { answered, people }]) => add(map, key, answered, people), a),
  )
  // In an order that depends on no ballot, so that sums over it do not either.
  const inOrder = (map: Map<string, { answered: Pattern; people: number }>) =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
  return new Map([...counted].map(([id, map]) => [id, inOrder(map)]))
}

function add(map: Map<string, { answered: Pattern; people: number }>, key: string, answered: Pattern, people: number) {
  return map.set(key, { answered, people: (map.get(key)?.people ?? 0) + people })
}

function classCounts(nodes: readonly TreeNode[], item: Item, index: number, voices: readonly Voice[]): Map<string, Counts> {
  return sums<Counts>(
    nodes,
    voices,
    () => noAnswers,
    (counts, { people, answers }) => {
      const name = classAt(item, answers[index])
      return name ? { ...counts, [name]: counts[name] + people } : counts
    },
    (a, b) => ({ critics: a.critics + b.critics, passives: a.passives + b.passives, promoters: a.promoters + b.promoters }),
  )
}

function optionCounts(nodes: readonly TreeNode[], options: number, index: number, voices: readonly Voice[]) {
  return sums<number[]>(
    nodes,
    voices,
    () => new Array<number>(options).fill(0),
    (counts, { people, answers }) => {
      const answer = answers[index]
      if (answer != null && answer < options) counts[answer] = (counts[answer] as number) + people
      return counts
    },
    (a, b) => a.map((count, option) => count + (b[option] as number)),
  )
}

/** Adds the voices up at their nodes, then every node into its parent. */
function sums<T>(
  nodes: readonly TreeNode[],
  voices: readonly Voice[],
  nothing: () => T,
  count: (sum: T, voice: Voice) => T,
  plus: (a: T, b: T) => T,
): Map<string, T> {
  const result = new Map<string, T>(nodes.map(({ id }) => [id, nothing()]))
  for (const voice of voices) {
    const sum = result.get(voice.nodeId)
    if (sum !== undefined) result.set(voice.nodeId, count(sum, voice))
  }
  const parentOf = new Map(nodes.map(({ id, parentId }) => [id, parentId]))
  for (const id of postOrder(nodes)) {
    const parent = parentOf.get(id)
    const above = parent == null ? undefined : result.get(parent)
    if (parent != null && above !== undefined) result.set(parent, plus(above, result.get(id) as T))
  }
  return result
}
