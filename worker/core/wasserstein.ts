/** How far apart two samples of numbers lie. Source: docs/method.md, "Between sales and marketing". */

/**
 * Wasserstein-1: how far a value of one sample has to move on average to turn it into the other one, in the unit of the
 * values; the area between the two cumulative shares. The samples may differ in size. Null where one has no value.
 *
 * @throws RangeError for a value that is not finite
 * @example wasserstein([0, 1, 3], [5, 6, 8]) // 5
 */
export function wasserstein(a: readonly number[], b: readonly number[]): number | null {
  for (const value of [...a, ...b]) if (!Number.isFinite(value)) throw new RangeError(`a distance needs finite numbers, not ${value}`)
  if (a.length === 0 || b.length === 0) return null
  // in whole steps, so that two equal samples are exactly 0 apart
  const steps = [...a.map((value) => ({ value, step: b.length })), ...b.map((value) => ({ value, step: -a.length }))]
  steps.sort((x, y) => x.value - y.value)
  let [gap, area] = [0, 0]
  for (const [index, { value, step }] of steps.entries()) {
    gap += step
    area += Math.abs(gap) * ((steps[index + 1]?.value ?? value) - value)
  }
  return area / (a.length * b.length)
}
