import type { LineSpec } from '../../core/chart'
import type { Score } from '../../core/result'
import { type Action, authorize } from '../../services/authorize'
import type { Actor } from '../../services/context'
import type { Words } from '../../services/findings'
import type { Sheet } from '../layout'

/** What every part of a page draws with. */
export interface View extends Words {
  sheet: Sheet
  /** Who reads it; absent on pages that say the same to everybody. */
  actor?: Actor
}

/** Whether whoever reads this may do something: what somebody cannot do is not offered. */
export const mayDo = ({ actor }: Pick<View, 'actor'>, action: Action): boolean => actor !== undefined && authorize(actor, action)

/** The difference of two scores as they are printed, so that a reader can check it. */
export const shownChange = (from: number, to: number): number => (Math.round(to * 10) - Math.round(from * 10)) / 10

/** What is said under the title of a line, and where its axis starts if not at the end of its scale. */
export const whatFrom = ({ t }: Pick<View, 't'>, what: string, [first]: LineSpec['ticks'], least: number): string =>
  first && Number.isFinite(least) && first.at > least ? `${what} ${t.explore.line.starts(first.text)}` : what

/** A difference of shares: in points, not in percent of anything. */
export const pointsText = ({ t, f }: Pick<View, 't' | 'f'>, share: number): string =>
  `${f.number(100 * share)} ${t.overview.kpis.pointUnit}`

/** Of a group under ten a figure comes in steps of 5: a change from or to such a step has no decimal to show. */
export const changeDecimals = ({ from, to }: { from: number; to: number }): number => (from % 5 === 0 || to % 5 === 0 ? 0 : 1)

/** How far two whole figures are apart as they are printed; the exact distance where they are printed alike. */
export const shownGap = (a: number, b: number): number => Math.abs(Math.round(a) - Math.round(b)) || Math.abs(a - b)

export const halfWidth = ({ interval }: Pick<Score, 'interval'>): number => (interval ? (interval.high - interval.low) / 2 : 0)

/** The class that puts a mark at this percentage of its track, from the side where reading starts. */
export const at = (sheet: Sheet, percent: number): string => sheet.rule(`inset-inline-start:${percentText(percent)}`)

/** The class that lets a bar cover this stretch of its track, in percent. */
export const span = (sheet: Sheet, from: number, to: number): string =>
  sheet.rule(`inset-inline-start:${percentText(Math.min(from, to))};inline-size:${percentText(Math.abs(to - from))}`)

const percentText = (percent: number) => `${Math.round(percent * 100) / 100}%`

/** Where a value lies on a scale, in percent. */
export const share = (value: number, [low, high]: readonly [number, number]): number => ((value - low) / (high - low)) * 100

/**
 * Round steps that cover these values with four to six ticks.
 *
 * @example ticksFor(49.2, 72.3, [0, 100]) // [45, 50, 55, 60, 65, 70, 75]
 */
export function ticksFor(low: number, high: number, [least, most]: readonly [number, number] = [-Infinity, Infinity]): number[] {
  const span = Math.max(high - low, Number.EPSILON)
  const power = 10 ** Math.floor(Math.log10(span / 4))
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => span / (factor * power) <= 6) ?? 10)
  const from = Math.max(least, Math.floor(low / step) * step)
  const to = Math.min(most, Math.ceil(high / step) * step)
  const count = Math.max(1, Math.round((to - from) / step))
  return Array.from({ length: count + 1 }, (_, index) => Math.round((from + index * step) * 1e6) / 1e6)
}
