/**
 * The funnel of the leads that were created in a window: how many reached each stage, how many went on from it, what
 * became of the others, how long it took, and where most are held up.
 */
import { addDays, daysBetween } from './calendar'
import { type Stage, stages } from './facts'
import { daysFrom, type LeadHistory, type PathRule, pathOf } from './lead-path'
import { adjustedP, falseMarks } from './multiplicity'
import type { Interval } from './result'
import { differenceOfShares, quantile, twoSidedP, wilson, z95 } from './statistics'

/** A step with fewer leads before it is never named as the bottleneck. */
export const bottleneckMinimum = 30
/** Leads have so many days to become customers in, before a window's figures are settled. */
export const settledAfterDays = 90
export const longestWindowDays = 731

/** Days of the reporting time zone, both included. */
export interface Window {
  from: string
  to: string
}

/** @example daysIn({ from: '2026-08-01', to: '2026-08-31' }) // 31 */
export const daysIn = ({ from, to }: Window): number => daysBetween(from, to) + 1

/** The window of the same length that ends where this one begins. */
export const windowBefore = (window: Window): Window => ({
  from: addDays(window.from, -daysIn(window)),
  to: addDays(window.from, -1),
})

/** Whether leads of the window may still become customers in time. @param asOf the last day that is known */
export const isProvisional = (window: Window, asOf: string): boolean => asOf <= addDays(window.to, settledAfterDays)

/** A share with its parts; value and interval are null without a denominator. */
export interface Ratio {
  value: number | null
  numerator: number
  denominator: number
  /** Wilson's, 95 %. */
  interval: Interval | null
}

export interface Reason {
  /** As the source writes it; empty where it says none. */
  reason: string
  count: number
}

/** What became of those who reached a stage and not the next one. */
export interface Leak {
  count: number
  /** Most frequent reason first. */
  lost: { count: number; reasons: Reason[] }
  returned: { count: number; reasons: Reason[] }
  /** Neither lost nor returned, with the days since they entered the stage, where that is known. */
  open: { count: number; medianDays: number | null; p90Days: number | null; oldestDays: number | null }
}

/** Days from the first entry into the stage to the first entry into a later one, of those that went on. */
export interface TimeInStage {
  median: number | null
  p90: number | null
  movedOn: number
  /** Entered the stage, are still open and in no later one. */
  notYet: number
  /** Entered a later stage first: a negative time, which is in no average. */
  outOfOrder: number
}

export interface FunnelStage {
  stage: Stage
  /** Distinct leads that reached it. */
  count: number
  /** Of those who reached the stage before; null for the first one. */
  next: Ratio | null
  /** Of those who reached the first stage. */
  cumulative: Ratio
  /** Between the stage before and this one; null for the first one. */
  leak: Leak | null
  time: TimeInStage
}

/**
 * Counts leads one at a time, so that a window with a hundred thousand needs no more memory than its durations.
 *
 * @example
 * const counter = new FunnelCounter(['lead', 'mql', 'customer'], 'any', '2026-11-22')
 * for (const lead of leads) counter.add(lead)
 * counter.stages()[1]?.next // { value: 0.27, numerator: 2310, denominator: 8420, interval: … }
 */
export class FunnelCounter {
  readonly #through: readonly Stage[]
  readonly #rule: PathRule
  readonly #asOf: string
  /** Leads by how many stages they reached. */
  readonly #reached: number[]
  readonly #leaks: LeakCounter[]
  readonly #times: TimeCounter[]

  /**
   * @param through the stages of the funnel, in order
   * @param asOf the last day that counts
   */
  constructor(through: readonly Stage[], rule: PathRule, asOf: string) {
    this.#through = through
    this.#rule = rule
    this.#asOf = asOf
    this.#reached = [0, ...through.map(() => 0)]
    this.#leaks = through.map(() => new LeakCounter())
    this.#times = through.map(() => new TimeCounter())
  }

  /** @returns how many stages the lead reached */
  add(lead: LeadHistory): number {
    const { reached, entries, state, reason } = pathOf(lead, this.#through, this.#rule, this.#asOf)
    this.#reached[reached] = (this.#reached[reached] ?? 0) + 1
    const stage = this.#through[reached - 1]
    const since = stage && entries.get(stage)
    this.#leaks[reached]?.add(state, reason, since ? daysBetween(since.day, this.#asOf) : null)
    for (const [index, at] of this.#through.slice(0, reached).entries()) {
      const entry = entries.get(at)
      if (entry === undefined || at === 'customer') continue
      const later = stages.slice(stages.indexOf(at) + 1).flatMap((other) => (entries.has(other) ? [entries.get(other) ?? null] : []))
      if (later.length === 0) this.#times[index]?.wait(state)
      else this.#times[index]?.moveOn(later.flatMap((moment) => daysFrom(entry, moment) ?? []))
    }
    return reached
  }

  stages(): FunnelStage[] {
    const counts = this.#through.map((_, index) => sum(this.#reached.slice(index + 1)))
    return this.#through.map((stage, index) => {
      const count = counts[index] ?? 0
      return {
        stage,
        count,
        next: index === 0 ? null : ratioOf(count, counts[index - 1] ?? 0),
        cumulative: ratioOf(count, counts[0] ?? 0),
        leak: index === 0 ? null : (this.#leaks[index]?.leak() ?? null),
        time: (this.#times[index] ?? new TimeCounter()).time(),
      }
    })
  }
}

class LeakCounter {
  readonly #counts = { lost: 0, returned: 0, open: 0 }
  readonly #reasons = { lost: new Map<string, number>(), returned: new Map<string, number>() }
  readonly #ages: number[] = []

  add(state: 'lost' | 'returned' | 'open', reason: string, age: number | null): void {
    this.#counts[state] += 1
    if (state !== 'open') this.#reasons[state].set(reason, (this.#reasons[state].get(reason) ?? 0) + 1)
    else if (age !== null && age >= 0) this.#ages.push(age)
  }

  leak(): Leak {
    const { lost, returned, open } = this.#counts
    const ages = this.#ages
    return {
      count: lost + returned + open,
      lost: { count: lost, reasons: byCount(this.#reasons.lost) },
      returned: { count: returned, reasons: byCount(this.#reasons.returned) },
      open: { count: open, medianDays: quantile(ages, 0.5), p90Days: quantile(ages, 0.9), oldestDays: quantile(ages, 1) },
    }
  }
}

class TimeCounter {
  readonly #days: number[] = []
  #movedOn = 0
  #notYet = 0
  #outOfOrder = 0

  wait(state: 'lost' | 'returned' | 'open'): void {
    if (state === 'open') this.#notYet += 1
  }

  /** @param days to the first entries into later stages, where they are known */
  moveOn(days: readonly number[]): void {
    this.#movedOn += 1
    const first = Math.min(...days)
    if (first < 0) this.#outOfOrder += 1
    else if (days.length > 0) this.#days.push(first)
  }

  time(): TimeInStage {
    const days = this.#days
    const [movedOn, notYet, outOfOrder] = [this.#movedOn, this.#notYet, this.#outOfOrder]
    return { median: quantile(days, 0.5), p90: quantile(days, 0.9), movedOn, notYet, outOfOrder }
  }
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)

export function ratioOf(numerator: number, denominator: number): Ratio {
  const value = denominator === 0 ? null : numerator / denominator
  return { value, numerator, denominator, interval: wilson(numerator, denominator) }
}

const byCount = (counts: ReadonlyMap<string, number>): Reason[] =>
  [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1))

// ── Against the window before ───────────────────────────────────────────────────────────────────────────────────────

export interface Change {
  difference: number
  /** 95 %. */
  interval: Interval
}

export interface ComparedStage extends FunnelStage {
  previous: { count: number; next: Ratio | null; cumulative: Ratio }
  /** Of the share that went on from the stage before; null for the first stage, or where one window had none to go on. */
  change: Change | null
  /** Of the share of the first stage. */
  cumulativeChange: Change | null
}

/** Each stage beside the same one of the window before. */
export function compared(current: readonly FunnelStage[], previous: readonly FunnelStage[]): ComparedStage[] {
  return current.flatMap((stage, index) => {
    const before = previous[index]
    if (!before) return []
    const { count, next, cumulative } = before
    return {
      ...stage,
      previous: { count, next, cumulative },
      change: stage.next && next ? changeOf(next, stage.next) : null,
      cumulativeChange: index === 0 ? null : changeOf(cumulative, stage.cumulative),
    }
  })
}

const changeOf = (from: Ratio, to: Ratio): Change | null => differenceOfShares(sharesOf(from), sharesOf(to))
const sharesOf = ({ numerator, denominator }: Ratio) => ({ successes: numerator, trials: denominator })

// ── The bottleneck ──────────────────────────────────────────────────────────────────────────────────────────────────

export interface Bottleneck {
  /** The step from one stage to the next. */
  from: Stage
  to: Stage
  /** `fell`: since the window before, beyond chance; `lowest`: of all steps, among those whose way is settled. */
  why: 'fell' | 'lowest'
  /** What it is named for: of all who stood before the step, or of those whose way is settled. */
  share: Ratio
}

/**
 * The step that holds up most, by one rule. Steps with fewer than 30 leads before them are left out; none left, none
 * named.
 *
 * 1. Of the steps that had 30 leads in the window before, too, and whose conversion fell beyond chance, the one that fell
 *    furthest. All steps are looked at together: their p-values are adjusted (Benjamini & Hochberg) and count up to 0.10.
 * 2. Otherwise the step with the lowest share of those whose way is settled: who went on, was lost or returned. Who is
 *    still open says yet how young the leads are. Fewer than 30 settled are left out here.
 *
 * @example bottleneckOf(compared(current, previous)) // { from: 'mql', to: 'sal', why: 'fell', share: … }
 */
export function bottleneckOf(through: readonly ComparedStage[]): Bottleneck | null {
  const steps = through.flatMap((stage, index) => {
    const before = through[index - 1]
    return before && before.count >= bottleneckMinimum && stage.next && stage.leak ? [{ from: before.stage, stage, share: stage.next }] : []
  })
  const compared = steps.flatMap((step) => {
    const { change, previous } = step.stage
    return change && (previous.next?.denominator ?? 0) >= bottleneckMinimum ? [{ ...step, change }] : []
  })
  const p = adjustedP(compared.map(({ change }) => chanceOf(change)))
  const fallen = compared.filter(({ change }, index) => change.difference < 0 && (p[index] ?? 1) <= falseMarks)
  const [furthest] = fallen.toSorted((a, b) => a.change.difference - b.change.difference)
  if (furthest) return { from: furthest.from, to: furthest.stage.stage, why: 'fell', share: furthest.share }
  const settled = steps
    .map((step) => ({ ...step, share: settledShare(step.stage) }))
    .filter(({ share }) => share.denominator >= bottleneckMinimum)
  const [lowest] = settled.toSorted((a, b) => (a.share.value ?? 1) - (b.share.value ?? 1))
  return lowest ? { from: lowest.from, to: lowest.stage.stage, why: 'lowest', share: lowest.share } : null
}

const settledShare = ({ count, leak }: FunnelStage): Ratio => ratioOf(count, count + (leak ? leak.lost.count + leak.returned.count : 0))

/** The p-value that belongs to an interval: its centre is so many standard errors from 0. */
function chanceOf({ interval: { low, high } }: Change): number {
  return twoSidedP((low + high) / 2, Math.max((high - low) / (2 * z95), Number.EPSILON))
}

// ── Groups side by side ─────────────────────────────────────────────────────────────────────────────────────────────

/** How the leads of one group went through the same stages. */
export interface FunnelGroup {
  /** As the source writes it; empty where it is blank. */
  key: string
  counts: number[]
  /** Of the first stage who reached the last one. */
  conversion: Ratio
}

/** Counts leads by group: only how far they came. */
export class GroupCounter {
  readonly #length: number
  readonly #reached = new Map<string, number[]>()

  /** @param length how many stages there are */
  constructor(length: number) {
    this.#length = length
  }

  /** @param reached what `FunnelCounter.add` returned for the lead */
  add(key: string, reached: number): void {
    const counts = this.#reached.get(key) ?? Array.from({ length: this.#length }, () => 0)
    for (let index = 0; index < reached; index += 1) counts[index] = (counts[index] ?? 0) + 1
    this.#reached.set(key, counts)
  }

  /** Largest first. */
  groups(): FunnelGroup[] {
    const groups = [...this.#reached].map(([key, counts]) => ({ key, counts, conversion: ratioOf(counts.at(-1) ?? 0, counts[0] ?? 0) }))
    return groups.sort((a, b) => (b.counts[0] ?? 0) - (a.counts[0] ?? 0) || (a.key < b.key ? -1 : 1))
  }
}
