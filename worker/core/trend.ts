/** The score over time: where each round and event stands on the axis, which rounds are news, where the line breaks. */

import { baselineRounds, type Verdict } from './before-after'
import { type ControlChart, controlChart, type Phase } from './control-chart'
import type { EventScope } from './event'
import { median } from './statistics'

export interface TrendRound {
  number: number
  /** `YYYY-MM` */
  period: string
  value: number | null
}

export interface TrendEvent {
  /** `YYYY-MM-DD` */
  day: string
  name: string
  scope?: EventScope
}

export interface TrendMark extends TrendRound {
  /** Months since year 0 at which the round's period ends; rounds of one month share it out. */
  at: number
  /** Null while there are too few rounds for a normal range. */
  verdict: Verdict | null
  mean: number | null
  low: number | null
  high: number | null
  /** A round is missing before this one: no line leads here. */
  afterGap: boolean
}

/** A stretch of rounds with one normal range. */
export interface TrendPhase {
  from: number
  to: number
  mean: number
  low: number
  high: number
  provisional: boolean
}

export interface Trend {
  rounds: TrendMark[]
  phases: TrendPhase[]
  events: (TrendEvent & { at: number })[]
}

/**
 * The trend of these rounds, oldest first. An event starts a new normal range once six rounds lie on each side of it;
 * until then the range of the six or more rounds before it is kept, so that what follows is judged by what was.
 *
 * @param range of the value, for limits that stay inside it
 */
export function trendOf(rounds: readonly TrendRound[], events: readonly TrendEvent[], range: readonly [number, number]): Trend {
  const at = positions(rounds)
  const placed = events.map((event) => ({ ...event, at: eventPosition(event.day) }))
  const first = at[0] ?? 0
  const last = at.at(-1) ?? 0
  const stretches = stretchesOf(
    rounds.map(({ value }) => value),
    at,
    placed.map((event) => event.at),
  )
  const charts = stretches.map((stretch) =>
    controlChart(
      rounds.slice(stretch.start, stretch.end).map(({ value }) => value),
      [],
      { clamp: range, ...(stretch.freezeAt ? { freezeAt: stretch.freezeAt } : {}) },
    ),
  )
  const points = charts.flatMap(({ points }) => points)
  for (const [index, chart] of charts.entries()) {
    const step = stepFrom(charts[index - 1], chart)
    if (step) points[(stretches[index]?.start ?? 0) + step.index] = step.point
  }
  const usualStep = median(at.slice(1).map((position, index) => position - (at[index] ?? position)))
  return {
    rounds: rounds.map((round, index) => {
      const point = points[index]
      return {
        ...round,
        at: at[index] ?? 0,
        verdict: round.value === null || point?.centre == null ? null : point.signal ? 'signal' : 'normal',
        mean: point?.centre ?? null,
        low: point?.low ?? null,
        high: point?.high ?? null,
        afterGap: index > 0 && (at[index] ?? 0) - (at[index - 1] ?? 0) > 1.5 * (usualStep ?? Number.POSITIVE_INFINITY),
      }
    }),
    phases: charts.flatMap((chart, index) => phaseView(chart, at, stretches[index])),
    events: placed.filter((event) => event.at > first - 1 && event.at <= last),
  }
}

/** Months since year 0 of the end of a `YYYY-MM`. */
export function monthIndex(period: string): number {
  return Number(period.slice(0, 4)) * 12 + Number(period.slice(5, 7))
}

/** Where a day lies between the ends of its month and the one before. */
function eventPosition(day: string): number {
  const days = new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate()
  return monthIndex(day) - 1 + Number(day.slice(8, 10)) / days
}

function positions(rounds: readonly TrendRound[]): number[] {
  return rounds.map(({ period }, index) => {
    const sameMonth = rounds.filter((round) => round.period === period).length
    const later = rounds.slice(index + 1).filter((round) => round.period === period).length
    return monthIndex(period) - later / sameMonth
  })
}

interface Stretch {
  start: number
  end: number
  /** Points that the limits are fixed by, where an event has no six rounds behind it yet. */
  freezeAt: number | null
}

function stretchesOf(values: readonly (number | null)[], at: readonly number[], events: readonly number[]): Stretch[] {
  const counted = (start: number, end: number) => values.slice(start, end).filter((value) => value !== null).length
  const cuts = [...new Set(events.map((event) => at.findIndex((position) => position >= event)))]
    .filter((cut) => cut > 0)
    .sort((a, b) => a - b)
  const stretches: Stretch[] = [{ start: 0, end: values.length, freezeAt: null }]
  for (const cut of cuts) {
    const open = stretches.at(-1)
    if (!open || open.freezeAt || counted(open.start, cut) < baselineRounds) continue
    if (counted(cut, values.length) < baselineRounds) open.freezeAt = counted(open.start, cut)
    else {
      open.end = cut
      stretches.push({ start: cut, end: values.length, freezeAt: null })
    }
  }
  return stretches
}

/**
 * A new range whose mean lies outside the one before is itself the news, though nothing is unusual within it: its first
 * round outside the old range stays a signal, judged by that range.
 */
function stepFrom(before: ControlChart | undefined, after: ControlChart): { index: number; point: ControlChart['points'][number] } | null {
  const old = before?.points.at(-1)
  const mean = after.phases[0]?.centre
  if (old?.low == null || old.high === null || mean == null) return null
  const { low, high, centre } = old
  if (mean >= low && mean <= high) return null
  const index = after.points.findIndex(({ value }) => value !== null && (mean > high ? value > high : value < low))
  const point = after.points[index]
  return point ? { index, point: { ...point, low, high, centre, signal: 'limit' } } : null
}

function phaseView({ phases }: ControlChart, at: readonly number[], stretch: Stretch | undefined): TrendPhase[] {
  const [phase] = phases
  if (!stretch || !phase || !hasLimits(phase)) return []
  const { centre, low, high, state } = phase
  const provisional = state === 'provisional' || (stretch.freezeAt ?? Infinity) < 12
  return [{ from: at[stretch.start] ?? 0, to: at[stretch.end - 1] ?? 0, mean: centre, low, high, provisional }]
}

const hasLimits = (phase: Phase): phase is Phase & { centre: number; low: number; high: number } => phase.centre !== null
