/** What remains of many small chances when they are looked at together. */

/**
 * Step-up p-values of Benjamini and Hochberg, in the order given: marking those up to 0.10 keeps the expected share of
 * false marks at one in ten, however many arrows a page shows.
 *
 * Source: Benjamini & Hochberg 1995.
 *
 * @example adjustedP([0.01, 0.04, 0.03]) // [0.03, 0.04, 0.04]
 */
export function adjustedP(p: readonly number[]): number[] {
  const order = p.map((_, index) => index).sort((a, b) => (p[b] as number) - (p[a] as number))
  const adjusted = new Array<number>(p.length)
  let least = 1
  for (const [position, index] of order.entries()) {
    least = Math.min(least, ((p[index] as number) * p.length) / (p.length - position))
    adjusted[index] = least
  }
  return adjusted
}

/** Marked together below this adjusted p. */
export const falseMarks = 0.1
