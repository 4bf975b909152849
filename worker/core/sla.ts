/**
 * How due dates came out, and what a row of them says: kept or missed, how often, and whether a change of that is more than
 * chance.
 *
 * Source: docs/method.md, "Process".
 */
import { type Clause, type DueDate, targetOf } from './clause'
import type { Interval } from './result'
import { differenceOfShares, excludesZero, wilson } from './statistics'

/**
 * `open`: not due yet, or the data does not reach it. `nothing-due`: there was nothing to do, no lead to follow up, say,
 * which is neither kept nor missed.
 */
export type DueState = 'kept' | 'missed' | 'open' | 'nothing-due'

export interface Evaluation {
  /** Milliseconds since 1970. */
  dueAt: number
  dueDay: string
  /** Of the clause. */
  version: number
  state: DueState
  /** Leads for a volume, a share otherwise; null where there is nothing to divide by. */
  value: number | null
  numerator: number | null
  denominator: number | null
  /** As it held then. */
  target: number
  /** How far the data reaches; null where nothing is known. */
  asOf: number | null
}

/** What was counted for a due date; the denominator is null where leads are counted and not shares. */
export interface Counts {
  numerator: number
  denominator: number | null
}

/**
 * How one due date came out.
 *
 * @param counts null where nothing is known of it: no source has such facts, or nobody reported
 * @param asOf how far the data reaches: the oldest last success of the sources behind it
 * @example judge(clause, due, { numerator: 46, denominator: null }, { version: 1, now, asOf: now }).state // 'missed', of 50
 */
export function judge(
  clause: Clause,
  { dueAt, dueDay }: Pick<DueDate, 'dueAt' | 'dueDay'>,
  counts: Counts | null,
  { version, now, asOf }: { version: number; now: number; asOf: number | null },
): Evaluation {
  const target = targetOf(clause)
  const value =
    counts && (counts.denominator === null ? counts.numerator : counts.denominator === 0 ? null : counts.numerator / counts.denominator)
  const isDecided = counts !== null && now >= dueAt && asOf !== null && asOf >= dueAt
  const state: DueState = !isDecided ? 'open' : value === null ? 'nothing-due' : reaches(value, target) ? 'kept' : 'missed'
  return {
    dueAt,
    dueDay,
    version,
    state,
    value,
    numerator: counts?.numerator ?? null,
    denominator: counts?.denominator ?? null,
    target,
    asOf,
  }
}

/** 9 of 10 keep a promise of 90 %, whatever the last bit of the division says. */
const reaches = (value: number, target: number): boolean => value >= target - Math.abs(target) * 1e-9

// ── Many due dates ──────────────────────────────────────────────────────────────────────────────────────────────────

export interface Compliance {
  kept: number
  /** Kept and missed; what is open or had nothing to do is in neither. */
  due: number
  /** Null where nothing was due, never 0. */
  share: number | null
  interval: Interval | null
}

export const isJudged = ({ state }: Pick<Evaluation, 'state'>): boolean => state === 'kept' || state === 'missed'

/** @example complianceOf([{ state: 'kept' }, { state: 'missed' }, { state: 'open' }]) // { kept: 1, due: 2, share: 0.5, … } */
export function complianceOf(evaluations: readonly Pick<Evaluation, 'state'>[]): Compliance {
  const kept = evaluations.filter(({ state }) => state === 'kept').length
  const due = evaluations.filter(isJudged).length
  return { kept, due, share: due === 0 ? null : kept / due, interval: wilson(kept, due) }
}

/** As many due dates are compared with as many before. */
export const dueDatesCompared = 10
/** Fewer than this on either side are not compared. */
const fewestCompared = 3

export interface Run {
  state: 'kept' | 'missed'
  length: number
  /** No earlier run of the same kind was as long. */
  isLongest: boolean
  /** `signal` where due dates that come out as often as before would bring such a run in one of twenty cases at most. */
  verdict: 'signal' | 'normal'
}

export interface Course {
  latest: Compliance
  /** As many due dates before those; null where there are too few. */
  before: Compliance | null
  /** Of the change between the two. */
  verdict: 'signal' | 'normal' | null
  /** What the last due dates have in common; null where none was judged. */
  run: Run | null
}

/**
 * The last due dates against as many before, and the run at their end.
 *
 * @param evaluations oldest first
 */
export function courseOf(evaluations: readonly Pick<Evaluation, 'state'>[]): Course {
  const judged = evaluations.filter(isJudged)
  const half = Math.floor(judged.length / 2)
  const count = half < fewestCompared ? dueDatesCompared : Math.min(dueDatesCompared, half)
  const latest = complianceOf(judged.slice(-count))
  const before = half < fewestCompared ? null : complianceOf(judged.slice(-2 * count, -count))
  const change =
    before && differenceOfShares({ successes: before.kept, trials: before.due }, { successes: latest.kept, trials: latest.due })
  return {
    latest,
    before,
    verdict: change && (excludesZero(change.interval) ? 'signal' : 'normal'),
    run: runOf(judged.map(({ state }) => state)),
  }
}

/** Runs are said to be one from here on. */
export const shortestRun = 3
/** Fewer due dates before a run say nothing of how often it would come by chance. */
const fewestBefore = 5

function runOf(states: readonly DueState[]): Run | null {
  const state = states.at(-1)
  if (state !== 'kept' && state !== 'missed') return null
  const start = states.findLastIndex((one) => one !== state) + 1
  const length = states.length - start
  const earlier = states.slice(0, start)
  // One more of each kind: that it never happened before does not make it impossible.
  const rate = (earlier.filter((one) => one === state).length + 1) / (earlier.length + 2)
  const isUnlikely = earlier.length >= fewestBefore && length >= shortestRun && rate ** length <= 0.05
  return { state, length, isLongest: length > longestIn(earlier, state), verdict: isUnlikely ? 'signal' : 'normal' }
}

function longestIn(states: readonly DueState[], wanted: DueState): number {
  let [longest, current] = [0, 0]
  for (const state of states) {
    current = state === wanted ? current + 1 : 0
    longest = Math.max(longest, current)
  }
  return longest
}

/**
 * Due dates without the counts that nothing is known of yet: one that is open is counted from the due date before it, and as long
 * as the data does not reach there, its 0 says nothing.
 *
 * @param evaluations oldest first
 */
export function withoutUnknown(evaluations: readonly Evaluation[]): Evaluation[] {
  return evaluations.map((one, index) => {
    const from = evaluations[index - 1]?.dueAt ?? Number.NEGATIVE_INFINITY
    const isUnknown = one.state === 'open' && (one.asOf === null || one.asOf < from)
    return isUnknown ? { ...one, value: null, numerator: null, denominator: null } : one
  })
}

// ── What a page may say ─────────────────────────────────────────────────────────────────────────────────────────────

export interface ClauseCourse {
  clause: Clause
  /** Oldest first. */
  evaluations: readonly Evaluation[]
  course: Course
}

export type SlaFinding<Of extends ClauseCourse = ClauseCourse> =
  /** A run that is more than chance. */
  | { kind: 'run'; of: Of; run: Run }
  | { kind: 'missed'; of: Of; last: Evaluation; others: number }
  /** `from` and `to`: the days on which what was judged last was due; what was due since may not be judged yet. */
  | { kind: 'all-kept'; clauses: number; from: string; to: string }
  | { kind: 'nothing-judged' }
  | { kind: 'none' }

/**
 * The title of the page: a run beyond chance first, then what was missed last, then that everything was kept.
 *
 * @param clauses that hold
 */
export function slaFinding<Of extends ClauseCourse>(clauses: readonly Of[]): SlaFinding<Of> {
  if (clauses.length === 0) return { kind: 'none' }
  const runs = clauses.flatMap((of) => (of.course.run?.verdict === 'signal' ? [{ kind: 'run' as const, of, run: of.course.run }] : []))
  const [longest] = runs.sort((a, b) => b.run.length - a.run.length)
  if (longest) return longest
  const lasts = clauses.flatMap((of) => {
    const last = of.evaluations.findLast(isJudged)
    return last ? [{ of, last }] : []
  })
  if (lasts.length === 0) return { kind: 'nothing-judged' }
  const [missed, ...others] = lasts.filter(({ last }) => last.state === 'missed').sort((a, b) => b.last.dueAt - a.last.dueAt)
  if (missed) return { kind: 'missed', ...missed, others: others.length }
  const days = lasts.map(({ last }) => last.dueDay).sort()
  return { kind: 'all-kept', clauses: lasts.length, from: days[0] ?? '', to: days.at(-1) ?? '' }
}
