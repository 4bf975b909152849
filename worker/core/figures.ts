/**
 * How much of a measure may be said at a node: hidden, a band, a coarse figure or all of it.
 *
 * - Suppression runs again on the people who answered this very measure, within the nodes that are published.
 * - Under ten people a value is rounded to 5, without classes, and its interval is made of that rounded value alone.
 *   Where they (or all but one) are of one class, only that part of the scale is said.
 * - A node of ten or more is treated as coarse where subtracting its exact parts would leave such a group of fewer than
 *   ten who all say the same.
 * - Classes need ten people in every group that subtraction can make of them; where they are not said, neither is the
 *   interval that they could be worked out from.
 */
import { type Class, type Counts, type Estimate, estimate, ifAllAnswered, intervalOf, themeEstimate } from './favourability'
import type { Band, Figure, Hidden, Interval } from './result'
import { childrenOf, nearest, postOrder, protect, restrict, type TreeNode } from './suppression'
import type { Measure, Spread } from './tally'

/** People from which a figure is said exactly. */
export const exactFrom = 10

/** What may be said of one measure. */
export interface Disclosure {
  hidden: ReadonlyMap<string, Hidden>
  /** Nodes whose value may be exact. */
  exact: ReadonlySet<string>
  /** Nodes whose breakdown (classes, options) may be said. */
  broken: ReadonlySet<string>
}

/**
 * Decides for every node of a tree. `count` and `uniform` tell of a node how many answered, and how many of them at
 * least chose one and the same thing, for each thing.
 */
export function disclose(
  nodes: readonly TreeNode[],
  k: number,
  counts: ReadonlyMap<string, number>,
  uniform: (id: string) => readonly number[] = () => [],
): Disclosure {
  const status = protect(nodes, counts, k)
  const shown = restrict(nodes, (id) => status.get(id) === 'published')
  const exact = exactNodes(shown, counts, uniform)
  const breakdown = protect(
    restrict(shown, (id) => exact.has(id)),
    counts,
    exactFrom,
  )
  return {
    hidden: new Map([...status].flatMap(([id, state]) => (state === 'published' ? [] : [[id, { hidden: state }]]))),
    exact,
    broken: new Set([...exact].filter((id) => breakdown.get(id) === 'published')),
  }
}

function exactNodes(
  nodes: readonly TreeNode[],
  counts: ReadonlyMap<string, number>,
  uniform: (id: string) => readonly number[],
): Set<string> {
  const children = childrenOf(nodes)
  const count = (id: string) => counts.get(id) ?? 0
  const exact = new Set<string>()
  for (const id of postOrder(nodes)) {
    const parts = nearest(id, children, (below) => exact.has(below))
    const rest = parts.reduce((sum, part) => sum - count(part), count(id))
    const alike = uniform(id).map((people, index) => parts.reduce((sum, part) => sum - (uniform(part)[index] ?? 0), people))
    if (count(id) >= exactFrom && !isUnanimous(rest, alike)) exact.add(id)
  }
  return exact
}

/** Fewer than ten who all, or all but one, chose the same. */
export function isUnanimous(n: number, alike: readonly number[]): boolean {
  return n > 0 && n < exactFrom && alike.some((people) => people >= n - 1)
}

export const classesOf = ({ critics, passives, promoters }: Counts): number[] => [critics, passives, promoters]

/** The class that all, or all but one, of fewer than ten people are of. */
export function commonClass({ n, alike }: Spread): Class | null {
  if (!isUnanimous(n, classesOf(alike))) return null
  const names = ['critics', 'passives', 'promoters'] as const
  return names.reduce((a, b) => (alike[b] > alike[a] ? b : a))
}

const bands = { critics: 'very-low', passives: 'middle', promoters: 'very-high' } as const satisfies Record<Class, Band>

/** 0–100 for favourability, −100…100 for the headline. */
export type Scale = 'favourability' | 'net'
const onScale = (scale: Scale, theta: number) => (scale === 'net' ? 100 * theta : 50 * (1 + theta))
const offScale = (scale: Scale, value: number) => (scale === 'net' ? value / 100 : value / 50 - 1)

/** What may be said of a measure at a node. `items` is how many it has; `classes` what may be said of them. */
export function figureAt(
  id: string,
  measure: Measure,
  disclosure: Disclosure,
  about: { scale: Scale; items: number; invited: number; classes: Counts | null },
): Figure | Hidden {
  const hidden = disclosure.hidden.get(id)
  const spread = measure.get(id)
  if (hidden || !spread) return hidden ?? { hidden: 'too-few' }
  const { scale, items, invited, classes } = about
  const { n, sum } = spread
  const common = commonClass(spread)
  if (common) return { n, value: null, interval: null, ifAllAnswered: null, band: bands[common], classes: null }
  if (!disclosure.exact.has(id)) {
    const value = coarse(onScale(scale, sum / n))
    const interval = outward(scaled(scale, intervalOf(coarseEstimate(offScale(scale, value), n))), 1)
    return { n, value, interval, ifAllAnswered: null, band: null, classes: null }
  }
  // The interval of a single item gives its classes away, and with them those of a smaller sibling.
  const isOpen = items > 1 || disclosure.broken.has(id)
  const of = isOpen ? estimateOf(spread, items) : coarseEstimate(sum / n, n)
  return {
    n,
    value: onScale(scale, sum / n),
    interval: scaled(scale, intervalOf(of)),
    ifAllAnswered: isOpen ? scaled(scale, ifAllAnswered(of, { sum, answered: n, invited })) : null,
    band: null,
    classes,
  }
}

export const estimateOf = (spread: Spread, items: number): Estimate => (items === 1 ? estimate(spread.alike) : themeEstimate(spread, items))

/**
 * The widest estimate that θ and n leave open: nobody in the middle. The true one would tell how many are, which is not
 * said under ten people or where it would give a smaller group away.
 */
export function coarseEstimate(theta: number, n: number): Estimate {
  return themeEstimate({ n, sum: theta * n, squares: n }, 1)
}

const scaled = (scale: Scale, { low, high }: Interval): Interval => ({ low: onScale(scale, low), high: onScale(scale, high) })

/**
 * To the nearest whole step.
 *
 * @example coarse(62.4) // 60
 */
export const coarse = (value: number, step = 5): number => steps(Math.round(value / step), step)

/** The interval's ends on whole steps, never narrower. */
export const outward = ({ low, high }: Interval, step: number): Interval => ({
  low: steps(Math.floor(low / step + rounding), step),
  high: steps(Math.ceil(high / step - rounding), step),
})

const rounding = 1e-9

/** Never −0, never 0.30000000000000004. */
const steps = (count: number, step: number): number => Number((count * step).toFixed(9)) + 0
