/**
 * Do the people of one team see an item alike? From how many gave each answer of an ordered scale, whose points are
 * consecutive whole numbers: five counts for 1–5, eleven for 0–10.
 *
 * It says nothing of whether they are pleased, and is no part of the score: below some ten people it is mostly chance.
 * Never to be shown of a group that is too small for its counts: a deviation of 0 says that all gave the same answer.
 *
 * Source: docs/method.md, "Within one team".
 */
import { total } from './statistics'

export interface WithinTeam {
  n: number
  /** "People sit on average 0.6 points from their team's average." */
  averageDeviation: number
  agreement: boolean
  /** Worse than spread evenly, as two groups far apart are. Null where it is unknown: under ten people, or another scale. */
  twoCamps: boolean | null
}

/**
 * Null for nobody.
 *
 * @example withinTeam([5, 1, 0, 0, 5]) // { n: 11, averageDeviation: 1.900826, agreement: false, twoCamps: true }
 */
export function withinTeam(counts: readonly number[]): WithinTeam | null {
  const deviation = averageDeviation(counts)
  if (deviation === null) return null
  return {
    n: total(counts),
    averageDeviation: deviation,
    agreement: deviation <= mostInAgreement(counts.length),
    twoCamps: twoCamps(counts),
  }
}

/**
 * AD_M, the mean of |answer − mean answer|, in points of the scale (Burke, Finkelstein & Dusig 1999). Null for nobody.
 *
 * @example averageDeviation([0, 0, 1, 3, 1]) // 0.4, for the answers 4, 4, 5, 3, 4
 */
export function averageDeviation(counts: readonly number[]): number | null {
  const n = people(counts)
  if (n === null) return null
  const sum = total(counts.map((count, point) => count * point))
  // all in whole numbers up to the one division, so that a deviation at the limit is not rounded over it
  return total(counts.map((count, point) => count * Math.abs(n * point - sum))) / n ** 2
}

/** Null for nobody, and where a count is no number. */
function people(counts: readonly number[]): number | null {
  const n = total(counts)
  return n > 0 && Number.isFinite(n) ? n : null
}

/**
 * The largest average deviation that still counts as agreement, a sixth of the points: 0.83 of five, 1.83 of eleven
 * (Burke & Dunlap 2002).
 */
export const mostInAgreement = (points: number): number => points / 6

/** People below which the shape of the answers is mostly chance. */
const fewestForCamps = 10

/** A below 0 on five answers in order. */
function twoCamps(counts: readonly number[]): boolean | null {
  const bins = fiveBins(counts)
  if (!bins || total(bins) < fewestForCamps) return null
  return (vanDerEijk(bins) as number) < -rounding
}

/** Layers that cancel out to 0 may miss it by the last bit. */
const rounding = 1e-12

/**
 * 0–10 as 0–1, 2–3, 4–6, 7–8, 9–10: the same from either end, and as even as eleven points allow. With a narrower middle,
 * such as 0–2, 3–4, 5, 6–7, 8–10, people who are spread evenly over the scale would count as two camps.
 */
const binOfPoint = [0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4]

function fiveBins(counts: readonly number[]): readonly number[] | null {
  if (counts.length === 5) return counts
  if (counts.length !== binOfPoint.length) return null
  return [0, 1, 2, 3, 4].map((bin) => total(counts.filter((_, point) => binOfPoint[point] === bin)))
}

/**
 * A of van der Eijk (2001): 1 where all gave the same answer, 0 where every answer was given as often, −1 where half the
 * people sit at each end. The counts are peeled into layers, each as many people on every answer that is left; A is the
 * mean of the layers' own, weighted by their people. Null for nobody, and with fewer than three answers to choose from.
 *
 * @example vanDerEijk([30, 40, 210, 130, 530, 50, 10]) // 0.611333
 */
export function vanDerEijk(counts: readonly number[]): number | null {
  const n = people(counts)
  if (n === null || counts.length < 3) return null
  let left = counts
  let sum = 0
  while (total(left) > 0) {
    const height = Math.min(...left.filter((count) => count > 0))
    const layer = left.map((count) => count > 0)
    sum += height * filled(layer) * layerAgreement(layer)
    left = left.map((count) => Math.max(0, count - height))
  }
  return sum / n
}

const filled = (layer: readonly boolean[]): number => layer.filter(Boolean).length

/** U·(1 − (S − 1)/(K − 1)) of a layer that fills S of K answers. */
function layerAgreement(layer: readonly boolean[]): number {
  const [points, size] = [layer.length, filled(layer)]
  if (size === 1) return 1
  const { together, torn } = triplets(layer)
  if (together + torn === 0) return 0
  const unimodality = ((points - 2) * together - (points - 1) * torn) / ((points - 2) * (together + torn))
  return unimodality * (1 - (size - 1) / (points - 1))
}

/** Of all three answers in order: how often two neighbours are filled and the outer one is not, or the outer two alone. */
function triplets(layer: readonly boolean[]): { together: number; torn: number } {
  let [together, torn] = [0, 0]
  for (const [j, middle] of layer.entries()) {
    const below = filled(layer.slice(0, j))
    const above = filled(layer.slice(j + 1))
    if (!middle) torn += below * above
    else together += below * (layer.length - 1 - j - above) + (j - below) * above
  }
  return { together, torn }
}
