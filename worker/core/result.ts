/**
 * What is published: shapes of a round's result and of the alignment score. Every figure here has passed suppression.
 * Absent values are null, never 0.
 */
import type { Clause } from './clause'
import type { NumberUnit, Side, Term, Theme } from './round'

/** 95 %, in the unit of the value it belongs to. */
export interface Interval {
  low: number
  high: number
}

/** Shown as hatched; there is no number behind it anywhere. */
export interface Hidden {
  hidden: 'too-few' | 'protects-smaller'
}

/** Answers by class; only where n is 10 or more. */
export interface ClassCounts {
  promoters: number
  passives: number
  critics: number
}

/** When all answers, or all but one, of fewer than 10 people are of one class: only which part of the scale. */
export type Band = 'very-low' | 'middle' | 'very-high'

/** A theme or an item at one node. */
export interface Figure {
  /** People who answered at least one of its items. */
  n: number
  /** Favourability 0–100 (50 = as many promoters as critics); rounded to 5 where n is under 10; null where banded. */
  value: number | null
  /** Of the mood behind the answers; made of value and n alone where classes cannot be said. */
  interval: Interval | null
  /** Of the value had all invited people answered; only where n is 10 or more. */
  ifAllAnswered: Interval | null
  band: Band | null
  classes: ClassCounts | null
  /** Of a statement or the headline, where classes are said: whether people agree with each other. Absent elsewhere, and in results of early versions. */
  within?: Within
}

/** Agreement within a group. */
export interface Within {
  /** Mean distance of an answer from the group's mean, in points of its scale (1–5, 0–10), to a hundredth. */
  averageDeviation: number
  /** It is at most a sixth of the scale's points. */
  agreement: boolean
  /** Two groups far apart rather than one; null where that is not known. */
  twoCamps: boolean | null
}

/** The headline item: a net score, −100 to 100. */
export type HeadlineFigure = Figure

/**
 * A definition question, a vignette or a number at one node: how many chose each option, or gave a number of each band (by
 * the number that it goes up from); only where n is 10 or more.
 */
export interface DefinitionFigure {
  n: number
  options: Record<string, number> | null
}

export interface NodeFigures {
  id: string
  parentId: string | null
  name: string
  side: Side
  invited: number
  /** Ballots. */
  n: number
  headline: HeadlineFigure | Hidden
  themes: Partial<Record<Theme, Figure | Hidden>>
  items: Record<string, Figure | Hidden>
  /** Items about a term, by id. */
  definitions: Record<string, DefinitionFigure | Hidden>
  /** All agreement answers of the node by class: "how people answered". */
  classes: ClassCounts | null
}

export type NodeResult = (NodeFigures | ({ id: string; parentId: string | null; name: string; side: Side } & Hidden)) & {
  /** A team in it or below it answered through one link for all: who answered, and how often, is less sure. */
  openLink?: true
}

/** Sales and marketing on one theme. */
export interface ThemeGap {
  theme: Theme
  /** Favourability, 0–100; both rounded to 5 where one side has fewer than 10 answers. */
  sales: number
  marketing: number
  /** sales − marketing, in points, with the interval of the difference. */
  gap: number
  interval: Interval
  /** Noise-corrected Wasserstein distance W*, 0–2. */
  distance: number
  /** Chance of such a gap between sides that feel alike, adjusted for all themes of the round (Benjamini–Hochberg). */
  p: number
}

/** Sales and marketing on one statement, of which both publish the classes. */
export interface StatementGap extends Omit<ThemeGap, 'theme' | 'p'> {
  itemId: string
  /** Exact chance of such a distance between sides that feel alike, adjusted for all statements of the round (Benjamini–Hochberg). */
  p: number
}

/** How the two sides define a term. */
export interface TermAgreement {
  term: Term
  itemId: string
  nSales: number
  nMarketing: number
  /** P_SM: chance that one person of each side gives the same answer, 0–1. */
  between: number
  withinSales: number | null
  withinMarketing: number | null
  /** (within sales + within marketing) / 2 − between. */
  divide: number | null
  /** Of `divide`; where it leaves out 0, the sides have definitions of their own. Absent in results of early versions. */
  divideInterval?: Interval | null
  interval: Interval | null
  /** Where one of the options is agreed on and written down. Absent where none is, and in results of early versions. */
  written?: WrittenAnswers
}

/** How many of each side chose the option that is written down; null where a side's options are not said. */
export interface WrittenAnswers {
  /** Its id. */
  option: string
  sales: WrittenShare | null
  marketing: WrittenShare | null
}

export interface WrittenShare {
  /** Of those who answered, 0–1, with Wilson's interval. */
  share: number
  interval: Interval
}

/** How the two sides judge a lead story, on the scale of `TermAgreement`. In no score. */
export type VignetteAgreement = Omit<TermAgreement, 'written'>

/**
 * How the two sides answer a definition that is a number: as `TermAgreement`, the answer being one of the published bands.
 * In no score.
 */
export interface NumberAgreement extends VignetteAgreement {
  unit: NumberUnit
  /** In whole units; null, all three, where one side has fewer than ten answers or its bands are not said. */
  medianSales: number | null
  medianMarketing: number | null
  /** Wasserstein distance of the sides' answers. Some of it is chance, more of it in small groups. */
  distance: number | null
}

export interface RoundResult {
  methodVersion: string
  inputsHash: string
  roundId: string
  number: number
  period: string
  minimumGroupSize: number
  invited: number
  /** Ballots counted; null when even the whole company is under the minimum. */
  n: number | null
  nodes: NodeResult[]
  /** Empty where one side is not published. */
  gaps: ThemeGap[]
  /** In the order of the page. Absent in results of early versions. */
  statements?: StatementGap[]
  terms: TermAgreement[]
  /** In the order of the page. Absent in results of early versions, as are `numbers`. */
  vignettes?: VignetteAgreement[]
  numbers?: NumberAgreement[]
  /** The statements of each theme, in the order of the page. Absent in results of early versions, which asked the bank's. */
  asked?: Partial<Record<Theme, string[]>>
  /** Shuffled; empty below 10 respondents or 3 commenters. */
  comments: string[]
  /** How many there was no room for; absent where there was room for all. */
  commentsLeftOut?: number
  /** Whether no group has more ballots than links were collected in it; `exceeded` are the nodes where it has. */
  audit: { passed: boolean; exceeded: string[] }
  /** What the score needs of this round and nothing finer. */
  inputs: ScoreInputs
}

/**
 * A result as everybody may read it: the page, the API, the CSV and the print-out are made of this and of nothing else.
 * `audit` is null for results from before it was looked at.
 */
export type PublicResult = Omit<RoundResult, 'inputs' | 'audit'> & { audit: RoundResult['audit'] | null }

/**
 * Of one round, kept so that late KPI rows and other rules can make a new revision of the score without any ballot.
 * Empty where one side is missing.
 */
export interface ScoreInputs {
  themes: ThemeInput[]
  /** 100·P_SM. */
  terms: { term: Term; value: number; variance: number }[]
  /** Jackknife variances, in points²: one entry for each κ that the rules may name. */
  uncertainty: {
    kappa: number
    /** Of each theme, in the order of `themes`. */
    themes: number[]
    /** Of Perception, and what it shares with the mean of this round's terms. */
    perception: number
    both: number
  }[]
  /** Of the mean of this round's terms. */
  termsVariance: number
  /** What the round asked, whether it could be published or not. Absent in results of early versions. */
  asked?: { themes: Theme[]; terms: Term[] }
  degreesOfFreedom: number
  /** Why there is no people part, where there is none. */
  missing: 'one-side' | 'no-answers' | null
}

/** A theme as both sides answered it. */
export interface ThemeInput {
  theme: Theme
  /** Favourability, 0–100. */
  sales: number
  marketing: number
  /** Noise-corrected Wasserstein distance W*, 0–2. */
  distance: number
  /** Shares of answers, of the sides whose classes are published: what a change is split by. */
  shares: SideShares[]
}

export interface SideShares {
  side: 'sales' | 'marketing'
  promoters: number
  critics: number
}

export const pillars = ['perception', 'definitions', 'process', 'performance'] as const
export type Pillar = (typeof pillars)[number]

/** Why a pillar has no value; the page turns each into what would bring it. */
export type PillarMissing =
  | 'one-side'
  | 'no-answers'
  | 'no-terms'
  | 'no-clauses'
  | 'clauses-open'
  | 'clauses-too-old'
  | 'no-kpis'
  | 'no-targets'
  | 'kpis-too-old'
  | 'no-baseline'

export interface ScorePart {
  /** `goals`, `lead-quality`, … a theme; a term; a metric key; or `clause-…`. */
  key: string
  /** 0–100. */
  value: number
  /** Of the pillar, 0–1; the parts of a pillar sum to 1. */
  weight: number
  /** The round number (terms) or period (KPIs, clauses) that it was measured in. */
  from: string
  /** Jackknife variance; 0 for KPIs and clauses, which are treated as fixed numbers. */
  variance: number
  /** Points that it adds to the score: the points of all parts sum to it. Null where there is no score. */
  points: number | null
  /** Of a theme: both sides and how far they are apart. */
  sides?: Omit<ThemeInput, 'theme'>
  /** Of a KPI: what was measured against what, and the goal score before it was clipped to 0–100. */
  kpi?: { observed: number; baseline: number; target: number; unclipped: number }
  /** Of a clause: what was promised, and how many of its due dates were kept. */
  promise?: { clause: Clause; kept: number; due: number }
}

export interface PillarScore {
  pillar: Pillar
  /** Configured, 0–1; the four sum to 1. */
  weight: number
  value: number | null
  missing: PillarMissing | null
  parts: ScorePart[]
  /** What belongs to the pillar and is not in it. Absent in scores of early versions. */
  absent?: AbsentPart[]
}

/** `suppressed`: too few answered it on one of the sides, or it would give a smaller group away. */
export interface AbsentPart {
  key: string
  reason: 'suppressed' | PillarMissing
}

export interface Score {
  methodVersion: string
  /** Version of the scoring rules: weights, κ, targets and baselines. Scores of other rules are on another line. */
  rulesVersion: number
  /** How much of the distance between the sides is taken off a theme. */
  kappa: number
  inputsHash: string
  roundId: string
  number: number
  period: string
  revision: number
  /** Null where less than two thirds of the weight is present. */
  value: number | null
  interval: Interval | null
  /** Sum of the weights of the pillars that have a value. */
  weightPresent: number
  pillars: PillarScore[]
  /** Perception and Definitions, re-weighted to 1. */
  peopleIndex: number | null
  /** Process and Performance, re-weighted to 1. */
  numbersIndex: number | null
  /** Degrees of freedom and variance of `value`, for the test of a change. */
  variance: number
  degreesOfFreedom: number
  ballots: number | null
  invited: number
}

/** What moved a side's half of a theme. Both are null where one of the scores does not say how its answers divide into classes. */
export interface SideContribution {
  points: number
  /** More promoters, and fewer critics: they sum to `points`. */
  promoters: number | null
  critics: number | null
}

/**
 * - `like-for-like`: in both scores;
 * - `added`, `dropped`: only in the later or the earlier one. Counts as far as it differs from the rest.
 */
export type ContributionKind = 'like-for-like' | 'added' | 'dropped'

/** One line of "what moved it". Lines sum exactly to the change. */
export interface Contribution {
  pillar: Pillar
  key: string
  kind: ContributionKind
  points: number
  /** Its own interval includes 0. */
  withinNoise: boolean
  /** Of a theme that is in both scores: `sales`, `marketing` and `distance` sum to `points`. */
  sides: { sales: SideContribution; marketing: SideContribution; distance: number } | null
  /** Of a clause: what was promised. */
  clause?: Clause
}

/** From one score to another. */
export interface ScoreChange {
  from: { roundId: string; number: number; period: string; value: number }
  to: { roundId: string; number: number; period: string; value: number }
  points: number
  interval: Interval
  /** `signal` where the interval excludes 0. */
  verdict: 'signal' | 'normal'
  /** By pillar: what its contributions sum to. Pillars that neither score has are left out. */
  pillars: { pillar: Pillar; points: number }[]
  contributions: Contribution[]
  /** Points that come from parts present in both, only in the new, only in the old score. */
  likeForLike: number
  added: number
  dropped: number
}
