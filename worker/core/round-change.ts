/**
 * What changed in a group from one round to the next, made of the two published figures and of nothing else: it tells
 * nobody more than both results side by side do. What the two populations do not allow is left out, with its reason.
 *
 * Source: docs/method.md, "Privacy", point 7; docs/decisions/013-change-between-rounds.md.
 */
import type { Verdict } from './before-after'
import { isHidden } from './findings'
import { adjustedP, falseMarks } from './multiplicity'
import type { Figure, Hidden, Interval, NodeFigures, PublicResult } from './result'
import { type FrozenRound, type Side, type Theme, themes } from './round'
import { clamp, excludesZero, twoSidedP, z95 } from './statistics'
import { surveyBank } from './survey-bank'

/** One measure, in points of its own scale: 0–100, or −100 to 100 for the headline. */
export interface FigureChange {
  from: number
  to: number
  /** to − from. */
  points: number
  /** 95 %, of the difference; always holds `points`. */
  interval: Interval
  /** Chance of such a difference where nothing changed, adjusted for every change of the two rounds that is shown (Benjamini–Hochberg). */
  p: number
  /**
   * `signal` where the interval excludes 0 and the change stands up among all that are shown (false discoveries under 10 %).
   * Otherwise no change can be detected, which is not to say that there is none.
   */
  verdict: Verdict
}

/**
 * Why a change is not shown:
 * - `not-published`: in one of the two rounds there is no value (a band at most), or other statements make the theme up;
 * - `membership`: one or two people joined, left, or answered more or fewer, in a group of fewer than 10;
 * - `rounds-apart`: nobody knows who joined or left since, in a group of fewer than 10;
 * - `method`: the two rounds were counted by different versions of the method;
 * - `reorganised`: it is another group by now, of the other side or with teams that were elsewhere.
 */
export interface Unshown {
  hidden: 'not-published' | 'membership' | 'rounds-apart' | 'method' | 'reorganised'
}

export const isUnshown = (change: object): change is Unshown => 'hidden' in change

export interface GroupChange {
  /** People who joined or left: nobody, fewer than the minimum group size, at least as many, or nobody knows. */
  population: 'same' | 'few' | 'many' | 'unknown'
  /** How many; null unless `many`. */
  moved: number | null
  headline: FigureChange | Unshown
  themes: Partial<Record<Theme, FigureChange | Unshown>>
  items: Record<string, FigureChange | Unshown>
}

export type NodeChange = { id: string; parentId: string | null; name: string; side: Side } & (GroupChange | Unshown)

/**
 * The change of every group of the later round, in the order of its result.
 *
 * The interval of a difference is that of two independent groups: around the difference of the two shrunken values, with
 * the root of the sum of squares of the two published half-widths. (The same people answer again; taking them for others
 * is the careful side, and unlinkable ballots leave no other.) So many measures are compared that some would look like
 * news by chance alone: their verdicts are given together.
 *
 * @param membership of the later round where `before` is the round directly before it; undefined for rounds apart
 * @example
 * // 6, 10, 4 and then 2, 8, 10 critics, passives, promoters: 45 [31.3, 60.0] and 70 [53.4, 81.3]
 * // → { from: 45, to: 70, points: 25, interval: { low: 1.7, high: 41.7 }, p: 0.033, verdict: 'signal' } where it is the only one
 */
export function roundChange(before: PublicResult, after: PublicResult, membership: FrozenRound['membership']): NodeChange[] {
  const earlier = new Map(before.nodes.map((node) => [node.id, node]))
  const k = Math.max(before.minimumGroupSize, after.minimumGroupSize)
  const statementsOf = (theme: Theme) => [...askedIn(before, theme), ...askedIn(after, theme)]
  const changes = after.nodes.map((node): NodeChange => {
    const { id, parentId, name, side } = node
    const about = { id, parentId, name, side }
    const was = earlier.get(id)
    if (!was || isHidden(was) || isHidden(node)) return { ...about, hidden: 'not-published' }
    if (!isSameGroup(before, after, id)) return { ...about, hidden: 'reorganised' }
    if (before.methodVersion !== after.methodVersion) return { ...about, hidden: 'method' }
    const { joined, left } = membership?.[id] ?? { joined: null, left: null }
    const moved = joined === null ? null : joined + left
    return { ...about, ...(refusal(was, node, moved) ?? groupChange(was, node, moved, k, statementsOf)) }
  })
  return judgedTogether(changes)
}

/**
 * Of the same side, and no team that both rounds know has moved into it or out of it. Where it stands in the tree says
 * nothing about who is in it, and a team that is new or gone is people who joined or left.
 */
function isSameGroup(before: PublicResult, after: PublicResult, id: string): boolean {
  const [was, is] = [before, after].map(({ nodes }) => new Map(nodes.map((node) => [node.id, node])))
  if (!was || !is || was.get(id)?.side !== is.get(id)?.side) return false
  return after.nodes.every((node) => !was.has(node.id) || isBelow(was, node.id, id) === isBelow(is, node.id, id))
}

function isBelow(nodes: ReadonlyMap<string, { parentId: string | null }>, id: string, above: string): boolean {
  for (let at: string | null | undefined = id; at != null; at = nodes.get(at)?.parentId) if (at === above) return true
  return false
}

function judgedTogether(changes: readonly NodeChange[]): NodeChange[] {
  const shown = changes.flatMap(measuresOf)
  const adjusted = new Map(adjustedP(shown.map(({ p }) => p)).map((p, index) => [shown[index], p]))
  const judged = <T extends FigureChange | Unshown>(change: T): T => {
    if (isUnshown(change)) return change
    const p = adjusted.get(change) as number
    return { ...change, p, verdict: excludesZero(change.interval) && p <= falseMarks ? 'signal' : 'normal' }
  }
  const each = <T extends Readonly<Record<string, FigureChange | Unshown>>>(of: T) =>
    Object.fromEntries(Object.entries(of).map(([key, change]) => [key, judged(change)])) as T
  return changes.map((node) =>
    isUnshown(node) ? node : { ...node, headline: judged(node.headline), themes: each(node.themes), items: each(node.items) },
  )
}

const measuresOf = (node: NodeChange): FigureChange[] =>
  isUnshown(node)
    ? []
    : [node.headline, ...Object.values(node.themes), ...Object.values(node.items)].filter(
        (change): change is FigureChange => !isUnshown(change),
      )

/** Under this many, one or two people are enough to make a change about them. */
const manyFrom = 10

/**
 * Why nothing may be said of a change of a group, or of the people who answered one measure of it; null where it may.
 *
 * @param moved people who joined or left; null where nobody knows
 * @example refusal({ n: 8 }, { n: 9 }, 0) // { hidden: 'membership' }
 */
export function refusal(from: { n: number }, to: { n: number }, moved: number | null): Unshown | null {
  if (Math.min(from.n, to.n) >= manyFrom) return null
  if (isOneOrTwo(moved) || isOneOrTwo(Math.abs(to.n - from.n))) return { hidden: 'membership' }
  return moved === null ? { hidden: 'rounds-apart' } : null
}

/**
 * Whether a line may lead from one published figure of a group to the next: not where one or two people make the
 * difference in a group of fewer than ten, and not where nobody knows.
 *
 * @param moved people who joined or left since; null where nobody knows
 * @example mayLead({ n: 8 }, { n: 9 }, 1) // false
 */
export const mayLead = (from: { n: number }, to: { n: number }, moved: number | null): boolean => refusal(from, to, moved) === null

const isOneOrTwo = (people: number | null) => people === 1 || people === 2

function groupChange(
  from: NodeFigures,
  to: NodeFigures,
  moved: number | null,
  k: number,
  statementsOf: (theme: Theme) => readonly string[],
): GroupChange {
  const change = (scale: Scale, was: Figure | Hidden | undefined, is: Figure | Hidden | undefined): FigureChange | Unshown => {
    if (!was || !is || isHidden(was) || isHidden(is)) return { hidden: 'not-published' }
    return refusal(was, is, moved) ?? figureChange(scale, was, is) ?? { hidden: 'not-published' }
  }
  const asked = themes.filter((theme) => to.themes[theme])
  return {
    ...populationOf(moved, k),
    headline: change(net, from.headline, to.headline),
    themes: Object.fromEntries(
      asked.map((theme) => [
        theme,
        sameStatements(statementsOf(theme), from, to)
          ? change(favourability, from.themes[theme], to.themes[theme])
          : { hidden: 'not-published' },
      ]),
    ),
    items: Object.fromEntries(Object.keys(to.items).map((id) => [id, change(favourability, from.items[id], to.items[id])])),
  }
}

function populationOf(moved: number | null, k: number): Pick<GroupChange, 'population' | 'moved'> {
  if (moved === null) return { population: 'unknown', moved: null }
  if (moved === 0) return { population: 'same', moved: null }
  return moved < k ? { population: 'few', moved: null } : { population: 'many', moved }
}

/** A theme is made of its published statements: only the same ones can be compared. */
function sameStatements(statements: readonly string[], from: NodeFigures, to: NodeFigures): boolean {
  const published = ({ items }: NodeFigures, id: string) => items[id] !== undefined && !isHidden(items[id])
  return statements.every((id) => published(from, id) === published(to, id))
}

/** Early results do not say what they asked: it was all of the bank. */
const askedIn = ({ asked }: PublicResult, theme: Theme): readonly string[] =>
  asked ? (asked[theme] ?? []) : surveyBank.flatMap((item) => (item.kind === 'agreement' && item.theme === theme ? [item.id] : []))

interface Scale {
  /** As many promoters as critics. */
  middle: number
  /** From the middle to the end. */
  half: number
}
const favourability: Scale = { middle: 50, half: 50 }
const net: Scale = { middle: 0, half: 100 }

/** Null where one of them is a band. */
function figureChange(scale: Scale, was: Figure, is: Figure): FigureChange | null {
  const [from, to] = [measured(scale, was), measured(scale, is)]
  if (!from || !to) return null
  const points = to.value - from.value
  const difference = to.centre - from.centre
  const half = Math.hypot(from.halfWidth, to.halfWidth)
  const most = 2 * scale.half
  // The raw difference of two rounds far apart can be just outside what the shrunken one leaves open: it belongs in.
  const interval = {
    low: clamp(Math.min(difference - half, points), -most, most),
    high: clamp(Math.max(difference + half, points), -most, most),
  }
  // Both of these are settled once all changes are known.
  return { from: from.value, to: to.value, points, interval, p: twoSidedP(difference, half / z95), verdict: 'normal' }
}

/** The pseudo-people that an interval's centre is shrunken by; see `estimate` in favourability.ts. */
const pseudoPeople = 3

/** The end of an interval that is further from its centre: the nearer one may have been cut off by the end of the scale. */
function measured({ middle }: Scale, { n, value, interval }: Figure): { value: number; centre: number; halfWidth: number } | null {
  if (value === null || interval === null) return null
  const centre = middle + ((value - middle) * n) / (n + pseudoPeople)
  return { value, centre, halfWidth: Math.max(centre - interval.low, interval.high - centre) }
}
