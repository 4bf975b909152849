/**
 * Critics, passives and promoters: scores and their uncertainty.
 *
 * θ = (promoters − critics)/n lies in −1…1; the net score is 100·θ; favourability is 50·(1 + θ), so that 50 means as
 * many promoters as critics. Intervals are 95 %. Source: docs/method.md, "Scores of answers".
 */
import type { Interval } from './result'
import { clamp, total, twoSidedP, z95 } from './statistics'

/** How many people of each class. */
export interface Counts {
  critics: number
  passives: number
  promoters: number
}

export type Class = keyof Counts

/**
 * The class of an answer. Agreement (1–5): 4–5, 3, 1–2. Headline (0–10): 9–10, 7–8, 0–6. The two are never averaged:
 * somebody who answers at random scores 0 on the first and −45 on the second.
 *
 * @example classOf('agreement', 4) // 'promoters'
 */
export function classOf(kind: 'agreement' | 'headline', answer: number): Class {
  const [passive, promoter] = kind === 'agreement' ? [3, 4] : [7, 9]
  return answer >= promoter ? 'promoters' : answer >= passive ? 'passives' : 'critics'
}

export const noAnswers: Counts = { critics: 0, passives: 0, promoters: 0 }

export const size = ({ critics, passives, promoters }: Counts): number => critics + passives + promoters

/** θ; null for nobody. */
export function netShare(counts: Counts): number | null {
  const n = size(counts)
  return n === 0 ? null : (counts.promoters - counts.critics) / n
}

/** Favourability of a θ. */
export const favourability = (theta: number): number => 50 * (1 + theta)

/** What an interval and a test of change are made of: a shrunken θ, its variance per person, and people counted. */
export interface Estimate {
  /** θ̃, −1…1. Never shown: the displayed value is the raw one. */
  theta: number
  /** ṽ per person. */
  variance: number
  /** ñ, with the three pseudo-people. */
  n: number
}

/** ¾ critic, 1½ passive, ¾ promoter. */
const rocks: Counts = { critics: 0.75, passives: 1.5, promoters: 0.75 }

/**
 * Adjusted Wald after Rocks (2016): the counts plus three pseudo-answers, so that even five people who all agree have
 * an honest interval. Coverage 95.0–95.2 % on average from n = 3 to 50.
 *
 * @example estimate({ critics: 1, passives: 2, promoters: 3 }) // { theta: 0.2222, variance: 0.5617, n: 9 }
 */
export function estimate(counts: Counts, pseudo: Counts = rocks): Estimate {
  const n = size(counts) + size(pseudo)
  const critics = counts.critics + pseudo.critics
  const promoters = counts.promoters + pseudo.promoters
  const theta = (promoters - critics) / n
  return { theta, variance: (critics + promoters) / n - theta ** 2, n }
}

/** One number per person on several items: sums over the people of m, the mean of a person's −1/0/+1, and of m². */
export interface PersonMeans {
  n: number
  sum: number
  squares: number
}

/**
 * The same for a theme of `items` items, on one number per person: answers of one person are not independent. With one
 * item it is `estimate`; the pseudo-people answer several items with a correlation of ½.
 *
 * @example // [[1,1,0],[0,1,0],[-1,0,-1],[1,0,1],[0,0,-1]]: m = 2/3, 1/3, -2/3, 2/3, -1/3
 * themeEstimate({ n: 5, sum: 2 / 3, squares: 14 / 9 }, 3) // { theta: 0.0833, variance: 0.3125, n: 8 }
 */
export function themeEstimate({ n, sum, squares }: PersonMeans, items: number): Estimate {
  const people = n + size(rocks)
  const theta = sum / people
  const spread = (1 + (items - 1) / 2) / items // c_k: variance of a pseudo-person's mean, 1 for one item
  const extremes = rocks.critics + rocks.promoters
  return { theta, variance: (squares + extremes * spread) / people - theta ** 2, n: people }
}

export const standardError = ({ variance, n }: Estimate): number => Math.sqrt(Math.max(0, variance) / n)

/** 95 % interval of θ, inside −1…1. */
export function intervalOf(of: Estimate): Interval {
  const half = z95 * standardError(of)
  return { low: clamp(of.theta - half, -1, 1), high: clamp(of.theta + half, -1, 1) }
}

/**
 * "What would the score be had everyone answered?": for a team of `invited` people of whom `answered` did, with raw sum
 * Σm. Exact at full response, never beyond what the silent could still change. (Multiplying the other interval by a
 * finite-population factor covers as little as 14 %, because its centre is shrunken.)
 *
 * @example // 1 critic, 3 passives, 4 promoters of 10 invited
 * ifAllAnswered(estimate({ critics: 1, passives: 3, promoters: 4 }), { sum: 3, answered: 8, invited: 10 }) // { low: 0.138, high: 0.5 }
 */
export function ifAllAnswered(of: Estimate, { sum, answered, invited }: { sum: number; answered: number; invited: number }): Interval {
  const silent = Math.max(0, invited - answered)
  const people = answered + silent
  const centre = (sum + silent * of.theta) / people
  const half = silent === 0 ? 0 : z95 * (silent / people) * Math.sqrt(Math.max(0, of.variance) * (1 / silent + 1 / of.n))
  const [least, most] = [(sum - silent) / people, (sum + silent) / people]
  return { low: clamp(centre - half, least, most), high: clamp(centre + half, least, most) }
}

/** `difference` is of shrunken estimates, in units of θ. */
export interface Difference {
  difference: number
  standardError: number
  interval: Interval
  p: number
}

/**
 * From one round to the next, or between two groups. "No detectable change" where the interval includes 0; never "no
 * change". Taking the same people for independent ones is the careful side: unlinkable ballots leave no other.
 *
 * @example compare(estimate({ critics: 6, passives: 10, promoters: 4 }), estimate({ critics: 2, passives: 8, promoters: 10 }))
 * // { difference: 0.434783, standardError: 0.204133, interval: { low: 0.03469, high: 0.834875 }, p: 0.03318 }
 */
export function compare(from: Estimate, to: Estimate): Difference {
  const difference = to.theta - from.theta
  const error = Math.hypot(standardError(from), standardError(to))
  return {
    difference,
    standardError: error,
    interval: { low: clamp(difference - z95 * error, -2, 2), high: clamp(difference + z95 * error, -2, 2) },
    p: twoSidedP(difference, error),
  }
}

export const addCounts = (a: Counts, b: Counts, sign: 1 | -1 = 1): Counts => ({
  critics: a.critics + sign * b.critics,
  passives: a.passives + sign * b.passives,
  promoters: a.promoters + sign * b.promoters,
})

/** Σ of several groups' counts. */
export const totalCounts = (groups: readonly Counts[]): Counts => ({
  critics: total(groups.map(({ critics }) => critics)),
  passives: total(groups.map(({ passives }) => passives)),
  promoters: total(groups.map(({ promoters }) => promoters)),
})
