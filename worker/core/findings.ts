/**
 * From numbers to what a page's titles may say. Only rules: the sentences are in the language files, and where no rule
 * holds the title is the neutral name of the measure.
 */
import type { AroundRow } from './around-event'
import type { Change } from './baseline'
import { baselineRounds, type Verdict } from './before-after'
import type { Clause } from './clause'
import { falseMarks } from './multiplicity'
import type { KpiRelation } from './relation'
import type {
  Contribution,
  Figure,
  Hidden,
  Interval,
  NodeFigures,
  NodeResult,
  RoundResult,
  Score,
  ScoreChange,
  TermAgreement,
  ThemeGap,
  VignetteAgreement,
} from './result'
import type { Side, Term, Theme } from './round'
import type { ChangeSensitivity } from './sensitivity'
import { dividedOf } from './standing-terms'
import { excludesZero } from './statistics'

// ── Titles ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export type TitleFinding =
  | { kind: 'since-baseline' | 'since-last'; direction: 'better' | 'worse'; points: number }
  | { kind: 'steady' }
  | { kind: 'first'; value: number }
  | { kind: 'no-score' }

/**
 * The title of the overview. A direction is named only where its change is a signal and shows in whole points.
 *
 * @example titleFinding(68.1, { points: 11.9, verdict: 'signal' }, null) // { kind: 'since-baseline', direction: 'better', points: 12 }
 */
export function titleFinding(value: number | null, sinceBaseline: Change | null, sinceLast: Change | null): TitleFinding {
  if (value === null) return { kind: 'no-score' }
  for (const [kind, change] of [
    ['since-baseline', sinceBaseline],
    ['since-last', sinceLast],
  ] as const) {
    const points = Math.round(Math.abs(change?.points ?? 0))
    if (change?.verdict === 'signal' && points > 0) return { kind, direction: change.points > 0 ? 'better' : 'worse', points }
  }
  if (!sinceBaseline && !sinceLast) return { kind: 'first', value }
  return { kind: 'steady' }
}

export type CauseFinding =
  | { kind: 'part'; direction: 'rise' | 'fall'; main: readonly Contribution[]; against: Contribution | null }
  | { kind: 'noise' | 'several' | 'still' | 'first' }

/**
 * What the last change came mostly from: the part beyond noise, or the two, that make at least half of what went its way,
 * and the largest that went against it. A part is not named where another that is not prints the same points. `noise`: at
 * least half of the change is noise; `several`: it takes more than two parts; `still`: under half a point.
 */
export function causeFinding(change: ScoreChange | null): CauseFinding {
  if (!change) return { kind: 'first' }
  if (Math.abs(change.points) < 0.5) return { kind: 'still' }
  const sign = Math.sign(change.points)
  const sum = (parts: readonly Contribution[]) => parts.reduce((total, { points }) => total + points * sign, 0)
  if (sum(change.contributions.filter(({ withinNoise }) => withinNoise)) >= Math.abs(change.points) / 2) return { kind: 'noise' }
  const half = sum(change.contributions.filter(({ points }) => points * sign > 0)) / 2
  const real = change.contributions.filter(({ withinNoise }) => !withinNoise).sort((a, b) => (b.points - a.points) * sign)
  const count = [1, 2].find(
    (first) => sum(real.slice(0, first)) >= half && real[first]?.points.toFixed(1) !== real[first - 1]?.points.toFixed(1),
  )
  if (!count) return { kind: 'several' }
  const against = real.at(-1)
  return {
    kind: 'part',
    direction: sign > 0 ? 'rise' : 'fall',
    main: real.slice(0, count),
    against: against && against.points * sign < 0 ? against : null,
  }
}

export type TrendFinding =
  | { kind: 'one-round' }
  | { kind: 'too-few' }
  | { kind: 'signal'; direction: 'above' | 'below'; number: number; event: string | null }
  | { kind: 'within' }
  | { kind: 'neutral' }

/** A round of the trend, as the rules of the control chart judged it. */
export interface TrendPoint {
  number: number
  value: number | null
  verdict: Verdict | null
  /** Of the normal range that the round was judged by. */
  mean: number | null
}

/**
 * The title of the trend: the first signal of the newest run of signals, and the last event before it.
 *
 * @param points oldest first
 * @param eventBefore name of the latest event in the time of this round or before, for the round with this number
 */
export function trendFinding(points: readonly TrendPoint[], eventBefore: (number: number) => string | null): TrendFinding {
  const measured = points.filter(({ value }) => value !== null)
  if (measured.length <= 1) return { kind: 'one-round' }
  if (measured.length < 3) return { kind: 'too-few' }
  const signals = measured.filter(({ verdict }) => verdict === 'signal')
  const newest = signals.at(-1)
  if (newest?.value != null && newest.mean !== null) {
    const above = newest.value > newest.mean
    const sameWay = signals.filter(({ value, mean }) => value !== null && mean !== null && value > mean === above)
    const first = sameWay[0] ?? newest
    return { kind: 'signal', direction: above ? 'above' : 'below', number: first.number, event: eventBefore(first.number) }
  }
  return measured.filter(({ verdict }) => verdict !== null).length >= baselineRounds ? { kind: 'within' } : { kind: 'neutral' }
}

export type GapFinding = { kind: 'divides'; theme: Theme } | { kind: 'none' } | { kind: 'neutral' }

/** Beyond chance: its interval excludes 0, and it stands up among all themes of the round (false discoveries under 10 %). */
export const isBeyondChance = ({ interval, p }: Pick<ThemeGap, 'interval' | 'p'>): boolean => excludesZero(interval) && p <= falseMarks

/** Themes with the widest gap between the sides first. */
export const byGap = (gaps: readonly ThemeGap[]): ThemeGap[] => [...gaps].sort((a, b) => Math.abs(b.gap) - Math.abs(a.gap))

/** The theme that divides the sides most, if any gap is beyond chance. */
export function gapFinding(gaps: readonly ThemeGap[]): GapFinding {
  const [widest] = byGap(gaps.filter(isBeyondChance))
  if (widest) return { kind: 'divides', theme: widest.theme }
  return gaps.length > 0 ? { kind: 'none' } : { kind: 'neutral' }
}

export type GroupFinding = { kind: 'lowest'; name: string; theme: Theme } | { kind: 'neutral' }

/**
 * The team and theme with the lowest figure of all teams, where its interval lies below the company's own figure.
 * Needs two published teams under the sides: "lowest of one" says nothing.
 */
export function groupFinding(result: Pick<RoundResult, 'nodes'>): GroupFinding {
  const company = companyOf(result)
  if (!company || isHidden(company)) return { kind: 'neutral' }
  const teams = teamsOf(result).filter((node) => !isHidden(node)) as NodeFigures[]
  if (teams.length < 2) return { kind: 'neutral' }
  const cells = teams.flatMap(({ name, themes }) =>
    (Object.entries(themes) as [Theme, Figure | Hidden][]).flatMap(([theme, figure]) =>
      isHidden(figure) || figure.value === null ? [] : [{ name, theme, value: figure.value, interval: figure.interval }],
    ),
  )
  const [lowest, second] = cells.sort((a, b) => a.value - b.value)
  if (!lowest || lowest.value === second?.value) return { kind: 'neutral' }
  const whole = company.themes[lowest.theme]
  if (!whole || isHidden(whole) || whole.value === null || !lowest.interval || lowest.interval.high >= whole.value)
    return { kind: 'neutral' }
  return { kind: 'lowest', name: lowest.name, theme: lowest.theme }
}

export type TermFinding =
  /** Two people, one of each side, more often than not mean different things: `rival` where each side has a definition of its own. */
  { kind: 'rival' | 'unshared'; term: Term; between: number; interval: Interval } | { kind: 'shared' } | { kind: 'neutral' }

/**
 * The term that both sides share least, where its interval lies below one half; whether they share all of them, where
 * every interval lies above.
 */
export function termFinding(terms: readonly TermAgreement[]): TermFinding {
  const known = terms.filter((one): one is TermAgreement & { interval: Interval } => one.interval !== null)
  const [least] = known.filter(({ interval }) => interval.high < 0.5).sort((a, b) => a.between - b.between)
  if (least) {
    const { term, between, interval, divideInterval } = least
    return { kind: divideInterval && divideInterval.low > 0 ? 'rival' : 'unshared', term, between, interval }
  }
  return terms.length > 0 && terms.every(({ interval }) => interval && interval.low > 0.5) ? { kind: 'shared' } : { kind: 'neutral' }
}

/**
 * The vignette or number on which each side has a judgement of its own, the furthest apart; null where none is beyond
 * chance. A round may ask all of them, so they are judged together: at most about one such finding in ten is false.
 */
export function caseFinding(cases: readonly VignetteAgreement[]): VignetteAgreement | null {
  return [...dividedOf(cases)].sort((a, b) => (b.divide as number) - (a.divide as number))[0] ?? null
}

/** A KPI as it stands to its normal range. */
export interface JudgedKpi {
  metric: string
  better: 'higher' | 'lower' | null
  value: number
  range: { verdict: Verdict; low: number; high: number }
}

export type KpiFinding =
  | { kind: 'worse' | 'better'; metric: string; value: number; low: number; high: number }
  | { kind: 'within' | 'neutral' }

/** The KPI that got worse by more than its usual ups and downs; failing that, one that got better. The furthest off first. */
export function kpiFinding(kpis: readonly JudgedKpi[]): KpiFinding {
  const judged = kpis.flatMap(({ metric, better, value, range: { verdict, low, high } }) => {
    const steps = (value - (low + high) / 2) / Math.max((high - low) / 2, Number.MIN_VALUE)
    return verdict === 'signal' && better ? [{ metric, value, low, high, gain: better === 'higher' ? steps : -steps }] : []
  })
  const [worst] = judged.filter(({ gain }) => gain < 0).sort((a, b) => a.gain - b.gain)
  const [best] = judged.filter(({ gain }) => gain > 0).sort((a, b) => b.gain - a.gain)
  const found = worst ?? best
  if (!found) return { kind: kpis.length > 0 ? 'within' : 'neutral' }
  const { gain, ...figures } = found
  return { kind: gain < 0 ? 'worse' : 'better', ...figures }
}

export type PromiseFinding =
  /** `key` is that of its part of the score; `others` were missed in their months, too. */
  | { kind: 'missed'; key: string; clause: Clause; missed: number; due: number; period: string; others: number }
  | { kind: 'kept'; clauses: number }
  | { kind: 'neutral' }

/**
 * The promise that was missed most often, of those that a round's score is made of: the month of the round, or the last one
 * before it that was judged. Of two that were missed alike, the one that was decided first.
 *
 * @example promiseFinding(score) // { kind: 'missed', missed: 1, due: 4, period: '2026-10', others: 1, … }
 */
export function promiseFinding({ pillars }: Pick<Score, 'pillars'>): PromiseFinding {
  const judged = pillars.flatMap(({ parts }) => parts.flatMap(({ key, from, promise }) => (promise ? [{ key, from, ...promise }] : [])))
  const missed = judged.filter(({ kept, due }) => kept < due).sort((a, b) => a.kept / a.due - b.kept / b.due)
  const [worst] = missed
  if (!worst) return judged.length > 0 ? { kind: 'kept', clauses: judged.length } : { kind: 'neutral' }
  const { key, clause, kept, due, from } = worst
  return { kind: 'missed', key, clause, missed: due - kept, due, period: from, others: missed.length - 1 }
}

export type WeightsFinding =
  | { kind: 'holds'; direction: 'rise' | 'fall'; low: number; high: number }
  | { kind: 'depends' | 'noise'; low: number; high: number }
  | { kind: 'neutral' }

/** Whether the last change would be told under any weights. Of a change within noise nothing more is said. */
export function weightsFinding(change: ScoreChange | null, under: ChangeSensitivity | null): WeightsFinding {
  if (!change || !under) return { kind: 'neutral' }
  const { low, high, holds } = under
  if (change.verdict === 'normal') return { kind: 'noise', low, high }
  return holds ? { kind: 'holds', direction: holds, low, high } : { kind: 'depends', low, high }
}

export type AroundFinding =
  | { kind: 'higher' | 'lower'; measure: string; before: number; after: number; p: number }
  | { kind: 'none' | 'too-few' }

/** The measure that differs most surely after an event. */
export function aroundFinding(rows: readonly AroundRow[]): AroundFinding {
  const [found] = rows.filter(({ verdict }) => verdict === 'signal').sort((a, b) => a.p - b.p)
  if (!found) return { kind: rows.length > 0 ? 'none' : 'too-few' }
  const { measure, before, after, difference, p } = found
  return { kind: difference > 0 ? 'higher' : 'lower', measure, before: before.mean, after: after.mean, p }
}

export type RelationFinding =
  /** Together, or one up where the other goes down, after so many periods. */
  | { kind: 'with' | 'against'; metric: string; lag: number; rho: number; periods: number }
  | { kind: 'none' | 'too-few'; periods: number }
  | { kind: 'neutral' }

/** The KPI that most surely moves with the people index; never one that drives it, or is driven. */
export function relationFinding(relations: readonly KpiRelation[]): RelationFinding {
  const periods = Math.max(0, ...relations.map((one) => one.periods))
  const measured = relations.filter((one) => one.kind === 'measured')
  const [found] = measured.filter(({ verdict }) => verdict === 'moves-with').sort((a, b) => a.p - b.p)
  if (found) {
    const { key, lag, rho } = found
    return { kind: rho > 0 ? 'with' : 'against', metric: key, lag, rho, periods: found.periods }
  }
  if (measured.length > 0) return { kind: 'none', periods }
  return relations.length > 0 ? { kind: 'too-few', periods } : { kind: 'neutral' }
}

// ── The tree of a result ────────────────────────────────────────────────────────────────────────────────────────────

export const isHidden = (figure: object): figure is Hidden => 'hidden' in figure

/** The node above all others. */
export const companyOf = ({ nodes }: Pick<RoundResult, 'nodes'>): NodeResult | undefined => nodes.find(({ parentId }) => parentId === null)

/** The topmost node of a side: itself of the side, under a parent that is not. */
export function sideOf({ nodes }: Pick<RoundResult, 'nodes'>, side: Exclude<Side, 'other'>): NodeResult | undefined {
  const sideById = new Map(nodes.map((node) => [node.id, node.side]))
  return nodes.find((node) => node.side === side && (node.parentId === null || sideById.get(node.parentId) !== side))
}

/** How many nodes of the tree stand above this one. */
export function depthOf(result: Pick<RoundResult, 'nodes'>, nodeId: string): number {
  const parentId = result.nodes.find(({ id }) => id === nodeId)?.parentId
  return parentId == null ? 0 : 1 + depthOf(result, parentId)
}

/** Everything below the company and the two sides. */
export function teamsOf(result: Pick<RoundResult, 'nodes'>): NodeResult[] {
  const above = new Set([companyOf(result)?.id, sideOf(result, 'sales')?.id, sideOf(result, 'marketing')?.id])
  return result.nodes.filter(({ id }) => !above.has(id))
}
