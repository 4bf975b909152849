/** One published figure from round to round: its line, what is normal for it, and what may be said of its change. */
import { againstBaseline, type Baseline, baselineOf } from './baseline'
import { baselineRounds, baselineWindow, type Verdict } from './before-after'
import { controlChart } from './control-chart'
import type { Interval } from './result'
import type { BaselineEvent } from './scoring-rules'
import { type Trend, type TrendEvent, type TrendMark, trendOf } from './trend'

/** A figure as one round published it. */
export interface CoursePoint {
  number: number
  /** `YYYY-MM` */
  period: string
  /** Null where the round said nothing of it, or only a band. */
  value: number | null
  interval: Interval | null
  /** Answers behind it; null where that is not said of it. */
  n: number | null
  /** No line leads here: the two groups differ by one or two people, or nobody knows by how many. */
  apart?: boolean
}

export interface Course {
  points: (CoursePoint & TrendMark)[]
  phases: Trend['phases']
  events: Trend['events']
  /** Of the round that the figures are read in; null where it has no value, or nothing to compare with. */
  sinceStart: Since | null
  /** To the round that the figures are read in, from the one before that has a value; null where one of them has none. */
  step: Step | null
}

/** A step is a signal where it is longer than steps of the baseline are, by the limit of moving ranges. */
export interface Step {
  from: number
  to: number
  /** Null while there are too few rounds. */
  verdict: Verdict | null
}

/** Against the mean of the rounds before the event of the baseline, or of the first six. */
export interface Since {
  baseline: Baseline
  points: number
  /** Against the normal range of the baseline; null while there are too few rounds. */
  verdict: Verdict | null
}

export interface CourseOptions {
  /** Of the value. */
  range: readonly [number, number]
  events: readonly TrendEvent[]
  baselineEvent: BaselineEvent | null
  /** First month that is drawn: what is normal is made of all rounds, whatever is drawn of them. */
  from: string
  /** Of the round whose figures are read. */
  chosen: number
}

/** Under this many answers a figure is rounded, and one person moves it further than a normal range is wide. */
const judgedFrom = 10

/**
 * The course of a figure. A normal range is made where every round of it has ten answers or more, so that it says nothing
 * of single people; where a figure has no n of its own (a pillar), always.
 *
 * @param points oldest first, up to the last month that is drawn
 */
export function courseOf(points: readonly CoursePoint[], { range, events, baselineEvent, from, chosen }: CourseOptions): Course {
  const isJudged = points.every(({ value, n }) => value === null || n === null || n >= judgedFrom)
  const trend = trendOf(points, events, range)
  const marks = trend.rounds.map((mark, index) => {
    const point = points[index] as CoursePoint
    const judged = isJudged ? {} : { verdict: null, mean: null, low: null, high: null }
    return { ...point, ...mark, ...judged, afterGap: mark.afterGap || point.apart === true }
  })
  const shown = marks.filter(({ period }) => period >= from)
  const first = shown[0]?.at ?? 0
  const upTo = points.filter(({ number }) => number <= chosen)
  return {
    points: shown,
    phases: isJudged ? trend.phases.filter(({ to }) => to >= first).map((phase) => ({ ...phase, from: Math.max(first, phase.from) })) : [],
    events: trend.events.filter(({ at }) => at > first - 1),
    sinceStart: isJudged ? sinceStart(upTo, range, baselineEvent) : null,
    step: isJudged ? stepOf(upTo, baselineEvent) : null,
  }
}

function sinceStart(points: readonly CoursePoint[], range: readonly [number, number], event: BaselineEvent | null): Since | null {
  const now = points.at(-1)
  const baseline = baselineOf(points, event)
  if (!baseline || now?.value == null) return null
  const against = againstBaseline(points, range, baseline.event)
  return { baseline, points: now.value - baseline.value, verdict: against?.verdict ?? null }
}

function stepOf(points: readonly CoursePoint[], event: BaselineEvent | null): Step | null {
  const present = points.filter((point): point is CoursePoint & { value: number } => point.value !== null)
  const [before, now] = present.slice(-2)
  if (points.at(-1)?.value == null || !before || !now) return null
  const window = baselineWindow(present, event)
  const isKnown = window.length >= baselineRounds && present.length > window.length
  const limit = isKnown ? controlChart(window.map(({ value }) => value)).phases[0]?.rangeLimit : null
  const verdict = limit == null ? null : Math.abs(now.value - before.value) > limit ? 'signal' : 'normal'
  return { from: before.value, to: now.value, verdict }
}
