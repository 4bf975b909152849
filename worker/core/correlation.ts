/**
 * Whether two series rise and fall together, by the order of their values alone.
 *
 * Source: docs/method.md, "Does alignment move with a KPI?".
 */

/**
 * Spearman's ρ, −1…1: the correlation of the mid-ranks, so that ties are neither for nor against.
 *
 * @param x as long as `y`
 * @returns null for fewer than 3 pairs, or where one side is constant and has no order
 * @throws RangeError for series of different lengths and for NaN, which has no rank
 * @example spearman([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]) // -0.5407380704358752
 */
export function spearman(x: readonly number[], y: readonly number[]): number | null {
  if (x.length !== y.length) throw new RangeError('the two series must be equally long')
  if ([...x, ...y].some(Number.isNaN)) throw new RangeError('NaN has no rank')
  return x.length < 3 ? null : rankCorrelation(midRanks(x), midRanks(y))
}

/**
 * 1 for the least value; equal values share the mean of their ranks.
 *
 * @example midRanks([30, 10, 30]) // [2.5, 1, 2.5]
 */
export function midRanks(values: readonly number[]): number[] {
  return values.map((value) => {
    let below = 0
    let equal = 0
    for (const other of values) {
      if (other < value) below++
      else if (other === value) equal++
    }
    return below + (equal + 1) / 2
  })
}

/** Correlation of two series of mid-ranks; null where one is constant. */
export function rankCorrelation(x: readonly number[], y: readonly number[]): number | null {
  const middle = (x.length + 1) / 2 // the mean of mid-ranks, whatever the ties
  let xx = 0
  let yy = 0
  let xy = 0
  for (let index = 0; index < x.length; index++) {
    const dx = (x[index] as number) - middle
    const dy = (y[index] as number) - middle
    xx += dx * dx
    yy += dy * dy
    xy += dx * dy
  }
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy)
}
