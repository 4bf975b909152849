/**
 * What moved a score, level by level, in tenths of a point that add up: every row is a whole number of tenths, the rows of
 * a level sum to the row above, and the topmost to the difference of the two scores as they are printed. The tenths that
 * rounding leaves over go to the rows that it cut most.
 */
import type { Contribution, Pillar, ScoreChange, SideContribution } from './result'
import { total } from './statistics'

/** A pillar, its themes, terms, clauses or KPIs, of a theme both sides and their distance, of a side more promoters and fewer critics. */
export interface PillarSplit {
  pillar: Pillar
  tenths: number
  parts: PartSplit[]
}

export interface PartSplit extends Pick<Contribution, 'key' | 'kind' | 'withinNoise' | 'clause'> {
  tenths: number
  /** Null for what has no sides. */
  sides:
    | { name: 'sales' | 'marketing' | 'distance'; tenths: number; classes: { name: 'promoters' | 'critics'; tenths: number }[] | null }[]
    | null
}

/**
 * @example // +2.54 points by a theme and +1.46 by another, from 64.1 to 68.1
 * splitOf(change) // [{ pillar: 'perception', tenths: 40, parts: [{ key: 'goals', tenths: 25, … }, { key: 'metrics', tenths: 15, … }] }]
 */
export function splitOf({
  from,
  to,
  pillars,
  contributions,
}: Pick<ScoreChange, 'from' | 'to' | 'pillars' | 'contributions'>): PillarSplit[] {
  const tenths = apportion(inTenths(pillars), toTenths(to.value) - toTenths(from.value))
  return pillars.map(({ pillar }, index) => {
    const own = contributions.filter((one) => one.pillar === pillar)
    const sum = tenths[index] as number
    const parts = apportion(inTenths(own), sum)
    return { pillar, tenths: sum, parts: own.map((part, at) => partSplit(part, parts[at] as number)) }
  })
}

function partSplit({ key, kind, withinNoise, sides, clause }: Contribution, tenths: number): PartSplit {
  const names = ['sales', 'marketing', 'distance'] as const
  const pointsOf = (name: (typeof names)[number]) => (name === 'distance' ? sides?.distance : sides?.[name].points) ?? 0
  const own = apportion(
    names.map((name) => pointsOf(name) * 10),
    tenths,
  )
  const rows = names.map((name, index) => {
    const sum = own[index] as number
    return { name, tenths: sum, classes: sides && name !== 'distance' ? classesOf(sides[name], sum) : null }
  })
  return { key, kind, withinNoise, tenths, sides: sides && rows, ...(clause && { clause }) }
}

function classesOf({ promoters, critics }: SideContribution, tenths: number) {
  if (promoters === null || critics === null) return null
  const [more, fewer] = apportion([promoters * 10, critics * 10], tenths)
  return [
    { name: 'promoters' as const, tenths: more as number },
    { name: 'critics' as const, tenths: fewer as number },
  ]
}

/** A row of the waterfall. */
export type WaterfallRow =
  | { kind: 'part'; pillar: Pillar; key: string; tenths: number; clause?: Contribution['clause'] }
  | { kind: 'noise'; parts: number; tenths: number }

/**
 * The parts of a change as rows, largest gain to largest loss. Parts within noise become one row, last.
 *
 * @example // −0.2 of noise beside two parts
 * waterfall(change) // [{ kind: 'part', key: 'goals', tenths: 25, … }, { kind: 'part', key: 'metrics', tenths: 15, … }, { kind: 'noise', parts: 1, tenths: -2 }]
 */
export function waterfall(change: Parameters<typeof splitOf>[0]): WaterfallRow[] {
  const parts = splitOf(change).flatMap(({ pillar, parts: own }) => own.map((part) => ({ ...part, pillar })))
  const noise = parts.filter(({ withinNoise }) => withinNoise)
  return [
    ...parts
      .filter(({ withinNoise, tenths }) => !withinNoise && tenths !== 0)
      .sort((a, b) => b.tenths - a.tenths)
      .map(({ pillar, key, tenths, clause }) => ({ kind: 'part' as const, pillar, key, tenths, ...(clause && { clause }) })),
    ...(noise.length > 0 ? [{ kind: 'noise' as const, parts: noise.length, tenths: total(noise.map(({ tenths }) => tenths)) }] : []),
  ]
}

const inTenths = (rows: readonly { points: number }[]) => rows.map(({ points }) => points * 10)

export const toTenths = (points: number): number => Math.round(points * 10) || 0 // never −0

/** Whole numbers near these that sum to `total`: what rounding down leaves goes to the largest remainders. */
export function apportion(values: readonly number[], total: number): number[] {
  const floors = values.map(Math.floor)
  const left = total - floors.reduce((sum, value) => sum + value, 0)
  const order = values.map((value, index) => ({ index, remainder: value - Math.floor(value) })).sort((a, b) => b.remainder - a.remainder)
  if (order.length === 0) return []
  const result = [...floors]
  for (let step = 0; step < Math.abs(left); step++) {
    const { index } = order[left > 0 ? step % order.length : order.length - 1 - (step % order.length)] ?? { index: 0 }
    result[index] = (result[index] ?? 0) + Math.sign(left)
  }
  return result
}
