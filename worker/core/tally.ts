/** Ballots counted by node: everything that publishing needs to know of them. */
import { type Answer, rangeOf } from './ballot'
import { addCounts, type Class, type Counts, classOf, noAnswers, type PersonMeans } from './favourability'
import { countedAs, countedBy, type Item, isChoice, isClassed, isTermItem, type TermItem, type Theme } from './round'
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
  /** Of the same and of numbers, people by answer: every point of the scale, from its first. */
  answers: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>
  /** Items about a term: people by option, without `unsure`, or by band; in the order of `countedBy`. */
  definitions: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>
}

export function tally(nodes: readonly TreeNode[], items: readonly Item[], voices: readonly Voice[]): Tally {
  const asked = [...new Set(items.flatMap((item) => (item.kind === 'agreement' ? [item.theme] : [])))]
  const themes = new Map(asked.map((theme) => [theme, patternsOf(nodes, items, theme, voices)]))
  const countsOf = (item: Item, index: number) =>
    item.kind === 'agreement'
      ? countsIn(themes.get(item.theme) as ReadonlyMap<string, Patterns>, themeItems(items, item.theme).indexOf(item))
      : classCounts(nodes, item, index, voices)
  return {
    ballots: sums(
      nodes,
      voices,
      () => 0,
      (count, { people }) => count + people,
      (a, b) => a + b,
    ),
    themes,
    items: new Map(items.flatMap((item, index) => (isClassed(item) ? [[item.id, countsOf(item, index)] as const] : []))),
    answers: new Map(
      items.flatMap((item, index) => (isChoice(item) ? [] : [[item.id, answerCounts(nodes, index, voices, rangeOf(item))] as const])),
    ),
    definitions: new Map(
      items.flatMap((item, index) => (isTermItem(item) ? [[item.id, optionCounts(nodes, item, index, voices)] as const] : [])),
    ),
  }
}

export const themeItems = (items: readonly Item[], theme: Theme): (Item & { kind: 'agreement' })[] =>
  items.filter((item): item is Item & { kind: 'agreement' } => item.kind === 'agreement' && item.theme === theme)

/** The class of an item's answer; null where it was skipped or has no classes. */
export function classAt(item: Item, answer: Answer | undefined): Class | null {
  return isClassed(item) && answer != null ? classOf(item.kind, answer) : null
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
    let marks = 0
    let given = 0
    for (const position of positions) {
      const name = answered[position]
      if (!name) continue
      marks += markOf(name)
      given++
    }
    if (given === 0) continue
    const mean = marks / given
    means.n += people
    means.sum += people * mean
    means.squares += people * mean ** 2
  }
  return means
}

/** One of `Patterns` while it is counted. */
interface Counted {
  answered: Pattern
  people: number
}

function patternsOf(nodes: readonly TreeNode[], items: readonly Item[], theme: Theme, voices: readonly Voice[]): Map<string, Patterns> {
  const own = themeItems(items, theme).map((item) => ({ item, index: items.indexOf(item) }))
  const counted = sums<Map<number, Counted>>(
    nodes,
    voices,
    () => new Map(),
    (map, { people, answers }) => add(map, { answered: own.map(({ item, index }) => classAt(item, answers[index])), people }),
    (map, below) => [...below.values()].reduce(add, map),
  )
  // In an order that depends on no ballot, so that sums over it do not either.
  const inOrder = (map: Map<number, Counted>) => [...map].sort(([a], [b]) => a - b).map(([, entry]) => entry)
  return new Map([...counted].map(([id, map]) => [id, inOrder(map)]))
}

function add(map: Map<number, Counted>, { answered, people }: Counted): Map<number, Counted> {
  const code = codeOf(answered)
  if (code === 0) return map // skipped them all
  const known = map.get(code)
  if (known) known.people += people
  else map.set(code, { answered, people })
  return map
}

/** A digit an item, the first in front: 0 where it was skipped, then by class. */
function codeOf(answered: Pattern): number {
  let code = 0
  for (const name of answered) code = 4 * code + (name === null ? 0 : 2 + markOf(name))
  return code
}

/** One item of a theme, by node: many people, few patterns. */
function countsIn(patterns: ReadonlyMap<string, Patterns>, position: number): Map<string, Counts> {
  const counts = (of: Patterns): Counts => {
    const sum = { ...noAnswers }
    for (const { answered, people } of of) {
      const name = answered[position]
      if (name) sum[name] += people
    }
    return sum
  }
  return new Map([...patterns].map(([id, of]) => [id, counts(of)]))
}

function classCounts(nodes: readonly TreeNode[], item: Item, index: number, voices: readonly Voice[]): Map<string, Counts> {
  return sums<Counts>(
    nodes,
    voices,
    () => ({ ...noAnswers }),
    (counts, { people, answers }) => {
      const name = classAt(item, answers[index])
      if (name) counts[name] += people
      return counts
    },
    addCounts,
  )
}

function optionCounts(nodes: readonly TreeNode[], item: TermItem, index: number, voices: readonly Voice[]) {
  return placeCounts(nodes, voices, countedBy(item).length, ({ answers }) => countedAs(item, answers[index]))
}

function answerCounts(nodes: readonly TreeNode[], index: number, voices: readonly Voice[], { first, last }: ReturnType<typeof rangeOf>) {
  return placeCounts(nodes, voices, last - first + 1, ({ answers }) => {
    const answer = answers[index]
    return answer == null ? null : answer - first
  })
}

/** People by one of several places; null counts nowhere. */
function placeCounts(nodes: readonly TreeNode[], voices: readonly Voice[], places: number, placeOf: (voice: Voice) => number | null) {
  return sums<number[]>(
    nodes,
    voices,
    () => new Array<number>(places).fill(0),
    (counts, voice) => {
      const place = placeOf(voice)
      if (place !== null) counts[place] = (counts[place] as number) + voice.people
      return counts
    },
    (a, b) => a.map((count, place) => count + (b[place] as number)),
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
