/**
 * Do people judge the same leads alike? Krippendorff's α over vignettes: 1 where all judge each one the same, 0 where
 * they differ as much as if the judgements had been dealt out at random, below 0 where they differ more.
 *
 * It needs many vignettes: on a single question it is 0 by construction, whatever people say (see `definitions.ts`).
 * Source: Krippendorff, Content Analysis; docs/method.md, "Definition questions".
 */
import type { BySide } from './score-inputs'
import { total } from './statistics'

/** Two answers differ or not (`nominal`), by the people in between (`ordinal`), or by the steps in between (`interval`). */
export type Metric = 'nominal' | 'ordinal' | 'interval'

/** By vignette, how many people gave each answer, the answers in order. Not everybody need have judged every one. */
export type Judgements = readonly (readonly number[])[]

export interface VignetteAgreement {
  /** Vignettes that at least two people judged, whichever side they are of. */
  units: number
  /** α over both sides together and within each one; null under eight vignettes that two of these people judged. */
  pooled: number | null
  sales: number | null
  marketing: number | null
}

/** Vignettes below which α is not told. */
export const vignettesForAlpha = 8

/**
 * Both sides judged the same vignettes, given in the same order.
 *
 * @throws RangeError where one side has more vignettes than the other
 */
export function vignetteAgreement({ sales, marketing }: BySide<Judgements>, metric: Metric): VignetteAgreement {
  if (sales.length !== marketing.length) throw new RangeError('both sides must have the same vignettes')
  const both = sales.map((unit, u) => unit.map((count, answer) => count + (marketing[u]?.[answer] as number)))
  const enough = (units: Judgements) => (compared(units).length < vignettesForAlpha ? null : alpha(units, metric))
  return { units: compared(both).length, pooled: enough(both), sales: enough(sales), marketing: enough(marketing) }
}

/**
 * α = 1 − observed/expected disagreement. Vignettes judged by one person count for nothing. Null where no vignette has
 * two judgements, and where all judgements are the same one: then there was nothing to tell apart.
 *
 * @example alpha([[2, 0], [2, 0], [0, 2], [1, 1]], 'nominal') // 0.533333
 */
export function alpha(units: Judgements, metric: Metric): number | null {
  const used = compared(units)
  const totals = (used[0] ?? []).map((_, answer) => total(used.map((unit) => unit[answer] as number)))
  const squares = squaredDistances(totals, metric)
  const expected = disagreement(totals, squares) / (total(totals) - 1)
  const observed = total(used.map((unit) => disagreement(unit, squares) / (total(unit) - 1)))
  const value = 1 - observed / expected
  return Number.isFinite(value) ? value : null
}

/** A count that is no number stays in, and makes α absent. */
const compared = (units: Judgements): Judgements => units.filter((unit) => !(total(unit) < 2))

/** δ² of each two answers. The ordinal one is between mid-ranks: half of those at both answers, all in between. */
function squaredDistances(totals: readonly number[], metric: Metric): number[][] {
  const midRank = (answer: number) => total(totals.slice(0, answer)) + (totals[answer] as number) / 2
  const at = totals.map((_, answer) => (metric === 'ordinal' ? midRank(answer) : answer))
  return at.map((a) => at.map((b) => (metric === 'nominal' ? Number(a !== b) : (a - b) ** 2)))
}

/** Σ δ² over all ordered pairs of people. */
function disagreement(counts: readonly number[], squares: readonly (readonly number[])[]): number {
  return total(squares.flatMap((row, a) => row.map((square, b) => (counts[a] as number) * (counts[b] as number) * square)))
}
