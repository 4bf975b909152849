/**
 * The alignment score: four pillars, linear, so that every change splits exactly.
 *
 * Source: docs/method.md, "The score". The interval is that of the answers; KPIs are taken as fixed numbers.
 */
import type { KpiMeasure } from './performance'
import {
  type Contribution,
  type Interval,
  type Pillar,
  type PillarMissing,
  type PillarScore,
  pillars,
  type Score,
  type ScoreChange,
  type ScoreInputs,
  type ScorePart,
} from './result'
import type { Term } from './round'
import { clamp, total, tQuantile } from './statistics'

/** Changes with everything that could change a number: classes, intervals, weights, suppression. */
export const methodVersion = '2'

export type Weights = Readonly<Record<Pillar, number>>

export const defaultWeights: Weights = { perception: 0.4, definitions: 0.15, process: 0.2, performance: 0.25 }

/** Less of the weight than this is no score. */
export const weightNeeded = 2 / 3

/** A term counts with its latest round among this many, the current one included. */
export const roundsOfTerms = 6

/** A term as some round measured it: 100·P_SM, in points. */
export interface TermMeasure {
  term: Term
  /** Number of the round. */
  round: number
  value: number
  variance: number
}

export interface ScoreSource {
  round: { roundId: string; number: number; period: string }
  people: ScoreInputs
  /** Of earlier rounds; those too old or asked again since are left out. */
  earlierTerms: readonly TermMeasure[]
  /** KPIs that have a value, a baseline and a target, or why there are none. */
  kpis: { measures: readonly KpiMeasure[]; missing: PillarMissing | null }
  weights?: Weights
}

/** What was computed; the caller adds which revision it is and what it is a revision of. */
export type ScoreBody = Omit<Score, 'inputsHash' | 'revision' | 'ballots' | 'invited'>

/**
 * The score of a round, 0–100, from what the round published and the KPIs as they are known now.
 *
 * @example // Perception 62, one term at 40, a KPI half-way from its baseline to its target (75)
 * // (0.4·62 + 0.15·40 + 0.25·75)/0.8 = 61.9, weightPresent 0.8
 */
export function alignmentScore({ round, people, earlierTerms, kpis, weights = defaultWeights }: ScoreSource): ScoreBody {
  const terms = currentTerms(round.number, people, earlierTerms)
  const scored: PillarScore[] = [
    pillar('perception', weights, people.missing, perceptionParts(round, people)),
    pillar('definitions', weights, people.missing === 'one-side' ? 'one-side' : 'no-terms', termParts(terms)),
    pillar('process', weights, 'no-clauses', []),
    pillar('performance', weights, kpis.missing, kpiParts(kpis.measures)),
  ]
  const present = total(scored.flatMap(({ value, weight }) => (value === null ? [] : [weight])))
  const isEnough = present >= weightNeeded - 1e-9
  const value = isEnough ? weightedMean(scored) : null
  const variance = isEnough ? varianceOf(scored, present, round.number, people, terms) : 0
  return {
    methodVersion,
    roundId: round.roundId,
    number: round.number,
    period: round.period,
    value,
    interval: value === null ? null : intervalAround(value, variance, people.degreesOfFreedom, 0, 100),
    weightPresent: present,
    pillars: scored,
    peopleIndex: weightedMean(scored.filter(({ pillar }) => pillar === 'perception' || pillar === 'definitions')),
    numbersIndex: weightedMean(scored.filter(({ pillar }) => pillar === 'process' || pillar === 'performance')),
    variance,
    degreesOfFreedom: people.degreesOfFreedom,
  }
}

function pillar(name: Pillar, weights: Weights, missing: PillarMissing | null, parts: ScorePart[]): PillarScore {
  const value = parts.length === 0 ? null : total(parts.map((part) => part.weight * part.value))
  return { pillar: name, weight: weights[name], value, missing: value === null ? (missing ?? 'no-answers') : null, parts }
}

function perceptionParts({ number }: ScoreSource['round'], { themes }: ScoreInputs): ScorePart[] {
  return themes.map(({ theme, value, variance }) => ({ key: theme, value, weight: 1 / themes.length, from: String(number), variance }))
}

function termParts(terms: readonly TermMeasure[]): ScorePart[] {
  return terms.map(({ term, value, round, variance }) => ({ key: term, value, weight: 1 / terms.length, from: String(round), variance }))
}

function kpiParts(measures: readonly KpiMeasure[]): ScorePart[] {
  return measures.map(({ metric, score, period, ...kpi }) => ({
    key: metric,
    value: score,
    weight: 1 / measures.length,
    from: period,
    variance: 0,
    kpi,
  }))
}

/** Each term once, from its latest round within the window, this round's first. */
function currentTerms(number: number, { terms }: ScoreInputs, earlier: readonly TermMeasure[]): TermMeasure[] {
  const usable = [
    ...terms.map((term) => ({ ...term, round: number })),
    ...earlier.filter(({ round }) => round < number && round > number - roundsOfTerms).sort((a, b) => b.round - a.round),
  ]
  return usable.filter(({ term }, index) => usable.findIndex((other) => other.term === term) === index)
}

/** Null where no pillar has a value. */
function weightedMean(scored: readonly PillarScore[]): number | null {
  const present = scored.filter((one): one is PillarScore & { value: number } => one.value !== null)
  const weight = total(present.map((one) => one.weight))
  return weight > 0 ? total(present.map((one) => one.weight * one.value)) / weight : null
}

/** Perception and this round's terms vary together; terms of earlier rounds are other people's answers. */
function varianceOf(
  scored: readonly PillarScore[],
  present: number,
  number: number,
  people: ScoreInputs,
  terms: readonly TermMeasure[],
): number {
  const share = (name: Pillar) => {
    const one = scored.find((candidate) => candidate.pillar === name)
    return one && one.value !== null ? one.weight / present : 0
  }
  const earlier = terms.filter(({ round }) => round !== number)
  const perception = share('perception')
  const each = terms.length === 0 ? 0 : share('definitions') / terms.length
  const now = each * (terms.length - earlier.length)
  const { covariance } = people
  return Math.max(
    0,
    perception ** 2 * covariance.perception +
      2 * perception * now * covariance.both +
      now ** 2 * covariance.terms +
      each ** 2 * total(earlier.map(({ variance }) => variance)),
  )
}

function intervalAround(value: number, variance: number, degreesOfFreedom: number, low: number, high: number): Interval {
  const half = variance > 0 ? tQuantile(Math.max(1, degreesOfFreedom)) * Math.sqrt(variance) : 0
  return { low: clamp(value - half, low, high), high: clamp(value + half, low, high) }
}

/** A score that there is. */
export const hasValue = (score: Score): score is Score & { value: number } => score.value !== null

/**
 * What moved the score, part by part: themes, terms, KPIs. Contributions sum to the change to 1e-9; so do
 * `likeForLike`, `added` and `dropped`, which say how much of it comes from parts that only one of the scores has
 * (Perception of a round without answers, a KPI whose source is down, a term asked for the first time).
 *
 * The interval adds both variances, as if other people had answered: careful, and all that unlinkable ballots allow.
 *
 * @throws RangeError where one of them has no value; ask `hasValue` first
 */
export function scoreChange(from: Score, to: Score): ScoreChange {
  if (!hasValue(from) || !hasValue(to)) throw new RangeError('a change needs two scores that have a value')
  const points = to.value - from.value
  const degreesOfFreedom = Math.max(1, Math.min(from.degreesOfFreedom, to.degreesOfFreedom))
  const interval = intervalAround(points, from.variance + to.variance, degreesOfFreedom, -100, 100)

  const [before, after] = [shared(from, to), shared(to, from)]
  const lines = [
    ...likeForLike(before, after),
    ...onlyIn(to, after).map((line) => ({ ...line, kind: 'added' as const })),
    ...onlyIn(from, before).map((line) => ({ ...line, points: -line.points, kind: 'dropped' as const })),
  ]
  const t = tQuantile(degreesOfFreedom)
  const sumOf = (kind: Line['kind']) => total(lines.filter((line) => line.kind === kind).map((line) => line.points))
  return {
    from: endOf(from),
    to: endOf(to),
    points,
    interval,
    verdict: interval.low > 0 || interval.high < 0 ? 'signal' : 'normal',
    contributions: lines
      .map(
        ({ pillar, key, points, variance }): Contribution => ({
          pillar,
          key,
          points,
          withinNoise: Math.abs(points) <= Math.max(t * Math.sqrt(variance), 1e-9),
        }),
      )
      .sort((a, b) => pillars.indexOf(a.pillar) - pillars.indexOf(b.pillar)),
    likeForLike: sumOf('like-for-like'),
    added: sumOf('added'),
    dropped: sumOf('dropped'),
  }
}

const endOf = ({ roundId, number, period, value }: Score & { value: number }) => ({ roundId, number, period, value })

interface Line {
  kind: 'like-for-like' | 'added' | 'dropped'
  pillar: Pillar
  key: string
  points: number
  /** Of `points`. */
  variance: number
}

/** The score over some of its parts alone. */
interface Selection {
  value: number
  /** Sum of the weights of its pillars. */
  weight: number
  pillars: Map<Pillar, { weight: number; value: number; parts: ScorePart[] }>
}

/** `score` over the parts that `other` has too; parts of a pillar weigh the same. */
function shared(score: Score, other: Score): Selection {
  const keys = new Set(other.pillars.flatMap(({ pillar, parts }) => parts.map(({ key }) => `${pillar}/${key}`)))
  const selected = new Map<Pillar, { weight: number; value: number; parts: ScorePart[] }>()
  for (const { pillar, weight, parts } of score.pillars) {
    const kept = parts.filter(({ key }) => keys.has(`${pillar}/${key}`))
    if (kept.length > 0) selected.set(pillar, { weight, value: total(kept.map(({ value }) => value)) / kept.length, parts: kept })
  }
  const weight = total([...selected.values()].map((one) => one.weight))
  const value = weight > 0 ? total([...selected.values()].map((one) => one.weight * one.value)) / weight : 0
  return { value, weight, pillars: selected }
}

/** Bennet's split: with unchanged weights it is weight × change. */
function likeForLike(before: Selection, after: Selection): Line[] {
  return [...after.pillars].flatMap(([pillar, now]) => {
    const then = before.pillars.get(pillar)
    if (!then) return []
    const [w0, w1] = [then.weight / before.weight / then.parts.length, now.weight / after.weight / now.parts.length]
    return now.parts.flatMap((part): Line[] => {
      const old = then.parts.find(({ key }) => key === part.key)
      if (!old) return []
      const isSame = old.from === part.from && old.value === part.value
      const points = ((w0 + w1) / 2) * (part.value - old.value) + ((old.value + part.value) / 2) * (w1 - w0)
      const variance = isSame ? 0 : ((w0 + w1) / 2) ** 2 * (old.variance + part.variance)
      return [{ kind: 'like-for-like', pillar, key: part.key, points, variance }]
    })
  })
}

/**
 * What the parts outside the selection add to the score over the selection. Within a pillar that is in the selection a
 * part counts as far as it differs from the pillar's others; in a new pillar as far as it differs from the rest.
 */
function onlyIn(score: Score, selection: Selection): Omit<Line, 'kind'>[] {
  const present = score.pillars.filter(({ parts }) => parts.length > 0)
  const all = total(present.map(({ weight }) => weight))
  const known = present.filter(({ pillar }) => selection.pillars.has(pillar))
  const knownValue = selection.weight > 0 ? total(known.map(({ weight, value }) => weight * (value ?? 0))) / selection.weight : 0
  return present.flatMap(({ pillar, weight, parts }) => {
    const inSelection = selection.pillars.get(pillar)
    const others = inSelection ? inSelection.value : knownValue
    const share = weight / (inSelection ? selection.weight : all) / parts.length
    const own = parts.filter((part) => !inSelection?.parts.includes(part))
    return own.map(({ key, value, variance }) => ({ pillar, key, points: share * (value - others), variance: share ** 2 * variance }))
  })
}
