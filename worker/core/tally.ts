/** Ballots counted by node: everything that publishing needs to know of them. */
import type { Answer } from './ballot'
import { type Class, type Counts, classOf, type PersonMeans, size } from './favourability'
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

/** One measure at one node: a theme, an agreement item, the headline. */
export interface Spread extends PersonMeans {
  /** People all of whose answers are of this one class. */
  alike: Counts
}

/** One measure at every node, whole subtrees. */
export type Measure = ReadonlyMap<string, Spread>

export interface Tally {
  ballots: ReadonlyMap<string, number>
  /** By theme; only themes that the round asks about. */
  themes: ReadonlyMap<Theme, Measure>
  /** Agreement items and the headline, by item id. */
  items: ReadonlyMap<string, Measure>
  /** Definition questions: people by option, in the order of the options, without the last one (`unsure`). */
  definitions: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>
}

export function tally(nodes: readonly TreeNode[], items: readonly Item[], voices: readonly Voice[]): Tally {
  const asked = [...new Set(items.flatMap((item) => (item.kind === 'agreement' ? [item.theme] : [])))]
  const position = new Map(items.map((item, index) => [item.id, index]))
  const measure = (own: readonly Item[]): Measure => measureOf(nodes, own, position, voices)
  return {
    ballots: sums(
      nodes,
      voices,
      () => 0,
      (count, { people }) => count + people,
      (a, b) => a + b,
    ),
    themes: new Map(asked.map((theme) => [theme, measure(themeItems(items, theme))])),
    items: new Map(items.flatMap((item) => (item.kind === 'definition' ? [] : [[item.id, measure([item])]]))),
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

/** How many of one person's answers are of each class: '1,0,1' is a critic, no passive, a promoter. */
type Pattern = string

function measureOf(
  nodes: readonly TreeNode[],
  own: readonly Item[],
  position: ReadonlyMap<string, number>,
  voices: readonly Voice[],
): Measure {
  const patterns = sums<Map<Pattern, number>>(
    nodes,
    voices,
    () => new Map(),
    (map, { people, answers }) => {
      const counts = countClasses(own.map((item) => classAt(item, answers[position.get(item.id) ?? -1])))
      return size(counts) === 0 ? map : add(map, `${counts.critics},${counts.passives},${counts.promoters}`, people)
    },
    (a, b) => [...b].reduce((map, [pattern, people]) => add(map, pattern, people), a),
  )
  return new Map([...patterns].map(([id, map]) => [id, spreadOf(map)]))
}

const add = (map: Map<Pattern, number>, pattern: Pattern, people: number) => map.set(pattern, (map.get(pattern) ?? 0) + people)

export function countClasses(classes: readonly (Class | null)[]): Counts {
  const counts = { critics: 0, passives: 0, promoters: 0 }
  for (const name of classes) if (name) counts[name]++
  return counts
}

/** Sums over patterns in a fixed order, so that rounding does not depend on who came first. */
function spreadOf(patterns: ReadonlyMap<Pattern, number>): Spread {
  const spread = { n: 0, sum: 0, squares: 0, alike: { critics: 0, passives: 0, promoters: 0 } }
  for (const [pattern, people] of [...patterns].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [critics = 0, passives = 0, promoters = 0] = pattern.split(',').map(Number)
    const answered = critics + passives + promoters
    const mean = (promoters - critics) / answered
    spread.n += people
    spread.sum += people * mean
    spread.squares += people * mean ** 2
    if (critics === answered) spread.alike.critics += people
    if (passives === answered) spread.alike.passives += people
    if (promoters === answered) spread.alike.promoters += people
  }
  return spread
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
