/**
 * How much a score, and its change, hang on choices that could have been made otherwise: the weights and κ.
 *
 * The score is linear, so nothing is simulated: under any weights whatever, the change lies between the smallest and the
 * largest change of a pillar.
 *
 * Source: docs/method.md, "Would other weights tell another story?".
 */
import { type Pillar, pillars, type Score } from './result'
import { weightedMean } from './score'
import { themeValue } from './score-inputs'
import { kappas } from './scoring-rules'
import { total } from './statistics'

export interface Sensitivity {
  /** The score with the same weight for every pillar that is there. */
  equalWeights: number
  /** Without one of its pillars; null where that leaves none. */
  without: { pillar: Pillar; value: number | null }[]
  /** With each κ, as far as the score says how both sides answered. */
  kappas: { kappa: number; value: number }[]
}

/**
 * Null where there is no score.
 *
 * @example // Perception 62, Definitions 40, Performance 75
 * sensitivity(score)?.equalWeights // 59
 */
export function sensitivity(score: Score): Sensitivity | null {
  if (score.value === null) return null
  const present = presentIn(score)
  const perception = score.pillars.find(({ pillar }) => pillar === 'perception')
  const sides = perception?.parts.map((part) => part.sides) ?? []
  const withKappa = (kappa: number) =>
    present.map((one) =>
      one.pillar === 'perception'
        ? { ...one, value: total(sides.map((of) => themeValue(of as NonNullable<typeof of>, kappa))) / sides.length }
        : one,
    )
  return {
    equalWeights: total(present.map(({ value }) => value)) / present.length,
    without: present.map(({ pillar }) => ({ pillar, value: weightedMean(present.filter((one) => one.pillar !== pillar)) })),
    kappas:
      sides.length > 0 && sides.every((of) => of !== undefined)
        ? kappas.map((kappa) => ({ kappa, value: weightedMean(withKappa(kappa)) as number }))
        : [],
  }
}

export interface ChangeSensitivity {
  /** Least and largest change that any weights could make of these pillars. */
  low: number
  high: number
  /** Every pillar moved the same way, if at all: so does the score under any weights. */
  holds: 'rise' | 'fall' | null
  pillars: { pillar: Pillar; points: number }[]
}

/**
 * Of two scores of the same rules; null where one has a pillar that the other lacks: part of the change is then no change of
 * any pillar.
 *
 * @example // Perception +6, Definitions +20, Performance −4
 * changeSensitivity(from, to) // { low: -4, high: 20, holds: null, … }
 */
export function changeSensitivity(from: Score, to: Score): ChangeSensitivity | null {
  const [before, after] = [presentIn(from), presentIn(to)]
  if (after.length === 0 || before.map(({ pillar }) => pillar).join() !== after.map(({ pillar }) => pillar).join()) return null
  const moved = after.map(({ pillar, value }, index) => ({ pillar, points: value - (before[index] as Present).value }))
  const points = moved.map((one) => one.points)
  const [low, high] = [Math.min(...points), Math.max(...points)]
  return { low, high, holds: low >= 0 && high > 0 ? 'rise' : high <= 0 && low < 0 ? 'fall' : null, pillars: moved }
}

interface Present {
  pillar: Pillar
  weight: number
  value: number
}

/** In the order of `pillars`. */
const presentIn = (score: Score): Present[] =>
  pillars.flatMap((name) => {
    const one = score.pillars.find(({ pillar }) => pillar === name)
    return one && one.value !== null && one.weight > 0 ? [{ pillar: name, weight: one.weight, value: one.value }] : []
  })
