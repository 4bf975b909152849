/**
 * Two closed rounds beside each other, whether or not they follow one another, made of what both published and of nothing
 * else. Who joined and left is known of neighbours alone: for others every group is treated as if it could be one person.
 *
 * Source: docs/decisions/036-comparing-rounds.md.
 */
import type { Verdict } from './before-after'
import { isHidden, sideOf } from './findings'
import { adjustedP, falseMarks } from './multiplicity'
import { type Interval, type Pillar, type PublicResult, pillars, type Score, type ScoreChange, type TermAgreement } from './result'
import type { FrozenRound, Side, Term } from './round'
import { type NodeChange, refusal, roundChange, type Unshown } from './round-change'
import { hasValue, isComparable, scoreChange } from './score'
import { clamp, excludesZero, twoSidedP, z95 } from './statistics'

export interface RoundComparison {
  from: ComparedRound
  to: ComparedRound
  /** One was opened directly after the other: then it is known how many people joined and left. */
  neighbours: boolean
  score: ComparedScore
  /** Every group of the later round, in the order of its result; see `roundChange`. */
  nodes: NodeChange[]
  /** Groups that both rounds publish. */
  participation: ComparedGroup[]
  /** Terms that both rounds asked about and could publish. */
  terms: TermChange[]
}

export interface ComparedRound {
  roundId: string
  number: number
  /** `YYYY-MM`. */
  period: string
}

/** Of the newest revision of both scores. `change` is null where there is none, for the reason in `missing`. */
export interface ComparedScore {
  /** 0–100, each null where its round has no score. */
  from: { value: number | null; interval: Interval | null }
  to: { value: number | null; interval: Interval | null }
  change: ScoreChange | null
  missing: 'no-score' | 'method' | 'rules' | null
  /** Values then and now, 0–100; only of scores that can be compared, and of pillars that one of them has. */
  pillars: ComparedPillar[]
}

export interface ComparedPillar {
  pillar: Pillar
  from: number | null
  to: number | null
  /** What it adds to the change of the score, in points. */
  points: number
  /** How many of its parts moved by more than chance, of how many. */
  beyond: number
  parts: number
}

export interface ComparedGroup {
  id: string
  name: string
  side: Side
  from: { n: number; invited: number }
  to: { n: number; invited: number }
}

/** The chance that one person of each side gives the same answer, then and now, as shares of 1. */
export type TermChange = { term: Term; itemId: string } & (
  | { from: number; to: number; difference: number; interval: Interval; p: number; verdict: Verdict }
  | Unshown
)

/** A closed round as it goes into a comparison. `score` is undefined where it has none. */
export interface Closed {
  result: PublicResult
  score: Score | undefined
}

/**
 * What differs between two rounds, the earlier one first.
 *
 * @param membership of the later round where the two are neighbours; undefined for rounds apart
 * @example
 * // a team of 8 in two rounds three months apart
 * compareRounds(july, october, undefined).nodes // [{ id: 'brand', name: 'Brand', hidden: 'rounds-apart' }, …]
 */
export function compareRounds(from: Closed, to: Closed, neighbours: boolean, membership: FrozenRound['membership']): RoundComparison {
  const known = neighbours ? membership : undefined
  return {
    from: aboutRound(from),
    to: aboutRound(to),
    neighbours,
    score: comparedScore(from.score, to.score),
    nodes: roundChange(from.result, to.result, known),
    participation: comparedGroups(from.result, to.result),
    terms: termChanges(from.result, to.result, known),
  }
}

const aboutRound = ({ result: { roundId, number, period } }: Closed): ComparedRound => ({ roundId, number, period })

function comparedScore(from: Score | undefined, to: Score | undefined): ComparedScore {
  const shown = (score: Score | undefined) => ({ value: score?.value ?? null, interval: score?.interval ?? null })
  const ends = { from: shown(from), to: shown(to) }
  const without = (missing: ComparedScore['missing']): ComparedScore => ({ ...ends, change: null, missing, pillars: [] })
  if (!from || !to || !hasValue(from) || !hasValue(to)) return without('no-score')
  if (from.methodVersion !== to.methodVersion) return without('method')
  if (!isComparable(from, to)) return without('rules')
  const change = scoreChange(from, to)
  const valueIn = (score: Score, name: Pillar) => score.pillars.find(({ pillar }) => pillar === name)?.value ?? null
  const moved = pillars.flatMap((pillar): ComparedPillar[] => {
    const points = change.pillars.find((one) => one.pillar === pillar)?.points
    if (points === undefined) return []
    const parts = change.contributions.filter((one) => one.pillar === pillar)
    const beyond = parts.filter(({ withinNoise }) => !withinNoise).length
    return [{ pillar, from: valueIn(from, pillar), to: valueIn(to, pillar), points, beyond, parts: parts.length }]
  })
  return { ...ends, change, missing: null, pillars: moved }
}

/** Published counts and no differences of them: who of a group answered twice is nobody's to know. */
function comparedGroups(from: PublicResult, to: PublicResult): ComparedGroup[] {
  const earlier = new Map(from.nodes.map((node) => [node.id, node]))
  return to.nodes.flatMap((node) => {
    const was = earlier.get(node.id)
    if (!was || isHidden(was) || isHidden(node)) return []
    const { id, name, side } = node
    return [{ id, name, side, from: { n: was.n, invited: was.invited }, to: { n: node.n, invited: node.invited } }]
  })
}

function termChanges(from: PublicResult, to: PublicResult, membership: FrozenRound['membership']): TermChange[] {
  const changes = to.terms.flatMap((now) => {
    const then = from.terms.find(({ itemId }) => itemId === now.itemId)
    return then ? [{ term: now.term, itemId: now.itemId, ...termChange(then, now) }] : []
  })
  const shown = changes.flatMap((change) => ('hidden' in change ? [] : [change]))
  const adjusted = adjustedP(shown.map(({ p }) => p))
  return changes.map((change) => {
    if ('hidden' in change) return change
    const p = adjusted[shown.indexOf(change)] as number
    return { ...change, p, verdict: excludesZero(change.interval) && p <= falseMarks ? 'signal' : 'normal' }
  })

  function termChange(then: TermAgreement, now: TermAgreement) {
    if (from.methodVersion !== to.methodVersion) return { hidden: 'method' as const }
    const refused =
      refusal({ n: then.nSales }, { n: now.nSales }, movedIn('sales')) ??
      refusal({ n: then.nMarketing }, { n: now.nMarketing }, movedIn('marketing'))
    if (refused) return refused
    return differenceOf(then, now) ?? { hidden: 'not-published' as const }
  }

  function movedIn(side: 'sales' | 'marketing'): number | null {
    const moved = membership?.[sideOf(to, side)?.id ?? '']
    return moved ? moved.joined + moved.left : null
  }
}

/** Around the difference, with the root of the sum of squares of the two published half-widths. */
function differenceOf(then: TermAgreement, now: TermAgreement) {
  if (!then.interval || !now.interval) return null
  const difference = now.between - then.between
  const half = Math.hypot(widerHalf(then.between, then.interval), widerHalf(now.between, now.interval))
  const interval = { low: clamp(difference - half, -1, 1), high: clamp(difference + half, -1, 1) }
  const p = half > 0 ? twoSidedP(difference, half / z95) : Number(difference === 0)
  // The verdict is settled once all terms are known.
  return { from: then.between, to: now.between, difference, interval, p, verdict: 'normal' as Verdict }
}

/** The nearer end may have been cut off by the end of the scale. */
const widerHalf = (value: number, { low, high }: Interval): number => Math.max(value - low, high - value)
