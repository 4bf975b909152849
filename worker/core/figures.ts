/**
 * How much of a measure may be said at a node: hidden, a band, a coarse figure or all of it.
 *
 * - Suppression runs again on the people who answered this very measure, within the nodes that are published.
 * - Under ten people a value is rounded to 5, without classes, and its interval is made of that rounded value alone.
 *   Where they (or all but one) are of one class, only that part of the scale is said, and values are hidden until no
 *   subtraction of those that are left gives such a group's away.
 * - Classes need ten people in every group that subtraction can make of them; where they are not said, neither is the
 *   interval that they could be worked out from.
 * - A theme says what its items say together and nothing else, so that a theme without its items tells nothing of those
 *   who answered only one of them.
 */
import {
  type Class,
  type Counts,
  type Estimate,
  estimate,
  ifAllAnswered,
  intervalOf,
  netShare,
  noAnswers,
  size,
  themeEstimate,
  totalCounts,
} from './favourability'
import type { Band, Figure, Hidden, Interval } from './result'
import { total } from './statistics'
import { protect, restrict, settle, type TreeNode } from './suppression'
import { type Patterns, peopleWho, personMeansOf } from './tally'

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

/** Of an agreement item or the headline. `keep` as in `protect`. */
export function disclose(
  nodes: readonly TreeNode[],
  k: number,
  counts: ReadonlyMap<string, Counts>,
  keep: ReadonlySet<string>,
): Disclosure {
  const of = (id: string): readonly number[] => classesOf(counts.get(id) ?? noAnswers)
  const people = new Map(nodes.map(({ id }) => [id, total(of(id))]))
  const n = (id: string) => people.get(id) ?? 0
  const status = protect(nodes, people, k, keep)
  const shown = restrict(nodes, (id) => status.get(id) === 'published')
  const isBand = (id: string) => isUnanimous(n(id), of(id))
  const valued = settle(
    shown,
    n,
    (id) => !isBand(id),
    keep,
    (id, inside) => {
      const rest = of(id).map((count, name) => count - total(inside.map((part) => of(part)[name] as number)))
      return isUnanimous(total(rest), rest)
    },
  )
  const exact = new Set([...valued].filter((id) => n(id) >= exactFrom))
  const hidden = new Map(unpublished(status))
  for (const { id } of shown) if (!valued.has(id) && !isBand(id)) hidden.set(id, { hidden: 'protects-smaller' })
  return { hidden, exact, broken: breakdown(shown, exact, people, keep) }
}

/** Of a definition question, which says nothing but how many chose each option. */
export function discloseOptions(
  nodes: readonly TreeNode[],
  k: number,
  options: ReadonlyMap<string, readonly number[]>,
  keep: ReadonlySet<string>,
): Disclosure {
  const people = new Map([...options].map(([id, counts]) => [id, total(counts)]))
  const status = protect(nodes, people, k, keep)
  const shown = restrict(nodes, (id) => status.get(id) === 'published')
  const broken = breakdown(shown, new Set(shown.flatMap(({ id }) => ((people.get(id) ?? 0) >= exactFrom ? [id] : []))), people, keep)
  return { hidden: unpublished(status), exact: broken, broken }
}

const unpublished = (status: ReturnType<typeof protect>) =>
  new Map([...status].flatMap(([id, state]) => (state === 'published' ? [] : [[id, { hidden: state }]])))

/** Those of `exact` that leave ten people, or none, in every difference. */
function breakdown(nodes: readonly TreeNode[], exact: ReadonlySet<string>, people: ReadonlyMap<string, number>, keep: ReadonlySet<string>) {
  const candidates = restrict(nodes, (id) => exact.has(id))
  const status = protect(candidates, people, exactFrom, keep)
  return new Set(candidates.flatMap(({ id }) => (status.get(id) === 'published' ? [id] : [])))
}

/**
 * Nodes whose spread over several items may be said: every item broken down, and in every difference at least k people,
 * or none, who answered more than one item. What two answers of one person have in common is theirs alone.
 */
export function openSpreads(
  nodes: readonly TreeNode[],
  k: number,
  items: readonly Disclosure[],
  patterns: ReadonlyMap<string, Patterns>,
  keep: ReadonlySet<string>,
): Set<string> {
  const complete = restrict(nodes, (id) => items.every(({ broken }) => broken.has(id)))
  const all = items.map((_, position) => position)
  const status = protect(complete, new Map(complete.map(({ id }) => [id, peopleWho(patterns.get(id) ?? [], all, 2)])), k, keep)
  return new Set(complete.flatMap(({ id }) => (status.get(id) === 'published' ? [id] : [])))
}

/** Fewer than ten who all, or all but one, chose the same. */
export function isUnanimous(n: number, alike: readonly number[]): boolean {
  return n > 0 && n < exactFrom && alike.some((people) => people >= n - 1)
}

export const classesOf = ({ critics, passives, promoters }: Counts): number[] => [critics, passives, promoters]

/** The class that all, or all but one, of fewer than ten people are of. */
export function commonClass(counts: Counts): Class | null {
  if (!isUnanimous(size(counts), classesOf(counts))) return null
  const names = ['critics', 'passives', 'promoters'] as const
  return names.reduce((a, b) => (counts[b] > counts[a] ? b : a))
}

const bands = { critics: 'very-low', passives: 'middle', promoters: 'very-high' } as const satisfies Record<Class, Band>

/** 0–100 for favourability, −100…100 for the headline. */
export type Scale = 'favourability' | 'net'
const onScale = (scale: Scale, theta: number) => (scale === 'net' ? 100 * theta : 50 * (1 + theta))
const offScale = (scale: Scale, value: number) => (scale === 'net' ? value / 100 : value / 50 - 1)

/** What may be said of an item at a node. */
export function itemFigure(
  id: string,
  counts: Counts,
  disclosure: Disclosure,
  { scale, invited }: { scale: Scale; invited: number },
): Figure | Hidden {
  const hidden = disclosure.hidden.get(id)
  if (hidden) return hidden
  const n = size(counts)
  const common = commonClass(counts)
  if (common) return bandFigure(n, common)
  const theta = netShare(counts) as number
  if (!disclosure.exact.has(id)) return coarseFigure(scale, theta, n)
  // The interval of a single item gives its classes away, and with them those of a smaller sibling.
  const isOpen = disclosure.broken.has(id)
  return exactFigure({ scale, theta, n, invited, of: isOpen ? estimate(counts) : null, classes: isOpen ? { ...counts } : null })
}

/** An item as it is shown at a node, for what is made of several. */
export interface ItemPart {
  /** Among the items of its theme. */
  position: number
  counts: Counts
  figure: Figure | Hidden
  /** Whether its value is exact. */
  exact: boolean
}

export const shownParts = (parts: readonly ItemPart[]) => parts.filter(({ figure }) => !('hidden' in figure))

/**
 * What may be said of a theme at a node: its items that are shown there, put together. An item of which only a band is
 * shown goes in as if everybody were of that class.
 */
export function themeFigure(
  parts: readonly ItemPart[],
  patterns: Patterns,
  { spread, invited }: { spread: boolean; invited: number },
): Figure | Hidden {
  const shown = shownParts(parts)
  const [first] = shown
  if (!first)
    return {
      hidden: parts.some(({ figure }) => 'hidden' in figure && figure.hidden === 'protects-smaller') ? 'protects-smaller' : 'too-few',
    }
  if (shown.length === 1) return first.figure
  const positions = shown.map(({ position }) => position)
  const n = peopleWho(patterns, positions)
  const common = sharedClass(shown)
  if (common) return bandFigure(n, common)
  const theta = netShare(totalCounts(shown.map(asShown))) as number
  if (shown.some(({ exact }) => !exact)) return coarseFigure('favourability', theta, n)
  const classes = shown.map(({ figure }) => ('hidden' in figure ? null : figure.classes)).filter((counts) => counts !== null)
  return exactFigure({
    scale: 'favourability',
    theta,
    n,
    invited,
    of: spread ? spreadOf(patterns, positions, theta) : null,
    classes: classes.length === shown.length ? totalCounts(classes) : null,
  })
}

/** The class that stands for all of these items, where each is shown as the same band. */
export function sharedClass(parts: readonly ItemPart[]): Class | null {
  const common = parts.map(({ counts }) => commonClass(counts))
  return common.every((name) => name === common[0]) ? (common[0] ?? null) : null
}

/** Its counts, all of one class where that is all that is shown. */
function asShown({ counts }: ItemPart): Counts {
  const common = commonClass(counts)
  return common ? { ...noAnswers, [common]: size(counts) } : counts
}

/** About θ as it is shown, so that it says nothing of the mean of the people's own means. */
export function spreadOf(patterns: Patterns, positions: readonly number[], theta: number): Estimate {
  const { n, squares } = personMeansOf(patterns, positions)
  return themeEstimate({ n, sum: theta * n, squares }, positions.length)
}

const bandFigure = (n: number, common: Class): Figure => ({
  n,
  value: null,
  interval: null,
  ifAllAnswered: null,
  band: bands[common],
  classes: null,
})

function coarseFigure(scale: Scale, theta: number, n: number): Figure {
  const value = coarse(onScale(scale, theta))
  const interval = outward(scaled(scale, intervalOf(coarseEstimate(offScale(scale, value), n))), 1)
  return { n, value, interval, ifAllAnswered: null, band: null, classes: null }
}

/** `of` is null where the spread behind the value cannot be said. */
function exactFigure(about: {
  scale: Scale
  theta: number
  n: number
  invited: number
  of: Estimate | null
  classes: Counts | null
}): Figure {
  const { scale, theta, n, invited, of, classes } = about
  return {
    n,
    value: onScale(scale, theta),
    interval: scaled(scale, intervalOf(of ?? coarseEstimate(theta, n))),
    ifAllAnswered: of && scaled(scale, ifAllAnswered(of, { sum: theta * n, answered: n, invited })),
    band: null,
    classes,
  }
}

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
