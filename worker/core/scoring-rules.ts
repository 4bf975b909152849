/**
 * What an organisation decides about its score: weights, how much distance between the sides costs, targets, and the
 * event that the baseline ends before. Every change is a new version, and a line shows scores of one version only.
 */
import type { GoalScale } from './goal'
import { type Pillar, pillars } from './result'

export type Weights = Readonly<Record<Pillar, number>>

/** What a KPI should reach, in the unit of its value. Without a goal a KPI is shown and is in no score. */
export interface MetricGoal {
  metric: string
  target: number
  /** Null: the median of the baseline window. */
  baseline: number | null
  scale: GoalScale
}

/** κ: 0 takes nothing off for distance; at ½ a theme is what the less content side says of it. */
export const kappas = [0, 0.25, 0.5] as const
export type Kappa = (typeof kappas)[number]

export interface ScoringRules {
  /** 1 until something is decided. */
  version: number
  weights: Weights
  kappa: Kappa
  /** By metric, in the order of their keys. */
  goals: readonly MetricGoal[]
  /** The event that the baseline ends before, as it was when it was chosen; null: the first six periods. */
  baseline: BaselineEvent | null
}

export interface BaselineEvent {
  /** `YYYY-MM-DD` */
  day: string
  name: string
}

export const defaultWeights: Weights = { perception: 0.4, definitions: 0.15, process: 0.2, performance: 0.25 }

export const defaultRules: ScoringRules = { version: 1, weights: defaultWeights, kappa: 0.25, goals: [], baseline: null }

/**
 * What is wrong with these weights, by pillar; `all` where they do not sum to 1.
 *
 * @example weightProblems({ perception: 0.5, definitions: 0.3, process: 0.2, performance: 0.25 }) // [{ field: 'all', sum: 1.25 }]
 */
export function weightProblems(weights: Weights): { field: Pillar | 'all'; sum: number }[] {
  const sum = Number(pillars.reduce((total, pillar) => total + weights[pillar], 0).toFixed(9))
  const wrong = pillars.filter((pillar) => !(weights[pillar] >= 0 && weights[pillar] <= 1))
  if (wrong.length > 0) return wrong.map((field) => ({ field, sum }))
  return sum === 1 ? [] : [{ field: 'all', sum }]
}
