/** The few functions of probability that the scores stand on. No randomness, no approximation beyond the last digits. */
import type { Interval } from './result'

/** Two-sided 95 % of a normal distribution. */
export const z95 = 1.959963984540054

/**
 * 1 − erf(x): a power series near 0, a continued fraction in the tail; good to about 1e-15.
 *
 * @example erfc(1) // 0.15729920705028513
 */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x)
  if (x < 2.5) {
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (-x * x) / n
      sum += term / (2 * n + 1)
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = x
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction)
}

/** Chance of a standard normal value up to x. */
export const normalCdf = (x: number): number => erfc(-x / Math.SQRT2) / 2

/** Two-sided chance of a difference at least this far from 0; never 0 itself, however far. */
export const twoSidedP = (difference: number, standardError: number): number =>
  difference === 0 ? 1 : Math.max(Number.MIN_VALUE, erfc(Math.abs(difference) / (standardError * Math.SQRT2)))

// biome-ignore format: a table of 30 reads best in rows of five
const t975 = [
  12.706204736, 4.302652730, 3.182446305, 2.776445105, 2.570581836,
  2.446911851, 2.364624252, 2.306004135, 2.262157163, 2.228138852,
  2.200985160, 2.178812830, 2.160368656, 2.144786688, 2.131449546,
  2.119905299, 2.109815578, 2.100922040, 2.093024054, 2.085963447,
  2.079613845, 2.073873068, 2.068657610, 2.063898562, 2.059538553,
  2.055529439, 2.051830516, 2.048407142, 2.045229642, 2.042272456,
]

/**
 * How many standard errors hold 95 % of Student's t with `df` degrees of freedom: a table to 30, then the expansion of
 * Cornish and Fisher (Abramowitz & Stegun 26.7.5).
 *
 * @example tQuantile(4) // 2.776445105
 */
export function tQuantile(df: number): number {
  const tabulated = t975[df - 1]
  if (tabulated !== undefined) return tabulated
  if (!(df > 30)) throw new RangeError('degrees of freedom must be a whole number of at least 1')
  const z = z95
  return (
    z +
    (z ** 3 + z) / (4 * df) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * df ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * df ** 3) +
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / (92160 * df ** 4)
  )
}

/**
 * 95 % interval of a share by Wilson's score; null without any trial.
 *
 * @example wilson(81, 263) // { low: 0.2553, high: 0.3662 }
 */
export function wilson(successes: number, trials: number): Interval | null {
  if (!(trials > 0)) return null
  const share = successes / trials
  const shrink = 1 + z95 ** 2 / trials
  const centre = (share + z95 ** 2 / (2 * trials)) / shrink
  const half = (z95 * Math.sqrt((share * (1 - share)) / trials + z95 ** 2 / (4 * trials ** 2))) / shrink
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}

/**
 * How far a share rose from one group to another, with its 95 % interval: Wald's after one success and one failure are
 * added to each group (Agresti & Caffo 2000). Null where a group has no trial.
 *
 * @example differenceOfShares({ successes: 30, trials: 200 }, { successes: 45, trials: 210 })
 * // { difference: 0.064286, interval: { low: -0.011, high: 0.138 } }
 */
export function differenceOfShares(from: Share, to: Share): { difference: number; interval: Interval } | null {
  if (!(from.trials > 0 && to.trials > 0)) return null
  const adjusted = ({ successes, trials }: Share) => ({ share: (successes + 1) / (trials + 2), n: trials + 2 })
  const [a, b] = [adjusted(from), adjusted(to)]
  const half = z95 * Math.sqrt((a.share * (1 - a.share)) / a.n + (b.share * (1 - b.share)) / b.n)
  const centre = b.share - a.share
  return {
    difference: to.successes / to.trials - from.successes / from.trials,
    interval: { low: clamp(centre - half, -1, 1), high: clamp(centre + half, -1, 1) },
  }
}

export interface Share {
  successes: number
  trials: number
}

/** The value that the interval is of can be told from 0. */
export const excludesZero = ({ low, high }: Interval): boolean => low > 0 || high < 0

/** Null for no values. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : total(values) / values.length
}

export const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/**
 * The value below which a share `q` of the values lies, interpolated between neighbours (R's type 7); null for none.
 *
 * @example quantile([1, 2, 3, 4], 0.9) // 3.7
 */
export function quantile(values: readonly number[], q: number): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const below = sorted[Math.floor(at)] as number
  const above = sorted[Math.ceil(at)] as number
  return below + (above - below) * (at - Math.floor(at))
}

export const median = (values: readonly number[]): number | null => quantile(values, 0.5)

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
