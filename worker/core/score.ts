/**
 * The alignment score: four pillars, linear, so that every change splits exactly.
 *
 * Source: docs/method.md, "The score". The interval is that of the answers; KPIs are taken as fixed numbers.
 */
import type { KpiMeasure, ScoredKpis } from './performance'
import { type ClauseMeasure, missingOf, type ScoredProcess } from './process'
import {
  type AbsentPart,
  type Contribution,
  type ContributionKind,
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
import { bySide, themeValue } from './score-inputs'
import type { ScoringRules, Weights } from './scoring-rules'
import { clamp, excludesZero, total, tQuantile } from './statistics'

/** Changes with everything that could change a number: classes, intervals, weights, suppression. */
export const methodVersion = '2'

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
  kpis: ScoredKpis
  /** Clauses, and KPIs of how the sides work together; left out where nothing is promised and no such KPI has a goal. */
  process?: ScoredProcess
  rules: Pick<ScoringRules, 'version' | 'weights' | 'kappa'>
}

/** What was computed; the caller adds which revision it is and what it is a revision of. */
export type ScoreBody = Omit<Score, 'inputsHash' | 'revision' | 'ballots' | 'invited'>

/** Whether these inputs know how uncertain they are under this κ: those of early versions know it for one. */
export const canScore = ({ themes, uncertainty }: ScoreInputs, kappa: number): boolean =>
  themes.length === 0 || uncertainty.some((one) => one.kappa === kappa)

/**
 * The score of a round, 0–100, from what the round published and the KPIs as they are known now.
 *
 * @throws RangeError where the inputs cannot be scored under this κ; ask `canScore` first
 * @example // Perception 62, one term at 40, a KPI half-way from its baseline to its target (75)
 * // (0.4·62 + 0.15·40 + 0.25·75)/0.8 = 61.9, weightPresent 0.8
 */
export function alignmentScore({ round, people, earlierTerms, kpis, process, rules }: ScoreSource): ScoreBody {
  const { weights, kappa } = rules
  if (!canScore(people, kappa)) throw new RangeError(`these inputs cannot be scored with a κ of ${kappa}`)
  const terms = currentTerms(round.number, people, earlierTerms)
  const measured = [
    pillar('perception', weights, people.missing, themeParts(round, people, kappa), unpublished(people.asked?.themes, people)),
    pillar(
      'definitions',
      weights,
      people.missing === 'one-side' ? 'one-side' : 'no-terms',
      termParts(terms),
      unpublished(people.asked?.terms, people),
    ),
    pillar(
      'process',
      weights,
      process ? missingOf(process) : 'no-clauses',
      process ? [...clauseParts(process.clauses.measures), ...kpiParts(process.kpis.measures)] : [],
      process ? [...process.clauses.absent, ...process.kpis.absent] : [],
    ),
    pillar('performance', weights, kpis.missing, kpiParts(kpis.measures), kpis.absent),
  ]
  const present = total(measured.flatMap(({ value, weight }) => (value === null ? [] : [weight])))
  const isEnough = present >= weightNeeded - 1e-9
  const scored = isEnough ? measured.map((one) => withPoints(one, present)) : measured
  const value = isEnough ? weightedMean(scored) : null
  const variance = isEnough ? varianceOf(scored, present, round.number, people, { terms, kappa }) : 0
  return {
    methodVersion,
    rulesVersion: rules.version,
    kappa,
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

/** @param expected what may be absent, with the reason */
function pillar(
  name: Pillar,
  weights: Weights,
  missing: PillarMissing | null,
  parts: Part[],
  expected: readonly AbsentPart[],
): PillarScore {
  const weighted = parts.map((part) => ({ ...part, weight: 1 / parts.length, points: null }))
  const value = parts.length === 0 ? null : total(weighted.map((part) => part.weight * part.value))
  const absent = expected.filter(({ key }) => parts.every((part) => part.key !== key))
  return { pillar: name, weight: weights[name], value, missing: value === null ? (missing ?? 'no-answers') : null, parts: weighted, absent }
}

const unpublished = (asked: readonly string[] | undefined, { missing }: ScoreInputs): AbsentPart[] =>
  (asked ?? []).map((key) => ({ key, reason: missing ?? 'suppressed' }))

/** The parts of a pillar weigh the same. */
type Part = Omit<ScorePart, 'weight' | 'points'>

const withPoints = (one: PillarScore, present: number): PillarScore => ({
  ...one,
  parts: one.parts.map((part) => ({ ...part, points: (one.weight / present) * part.weight * part.value })),
})

function themeParts({ number }: ScoreSource['round'], { themes, uncertainty }: ScoreInputs, kappa: number): Part[] {
  const variances = uncertainty.find((one) => one.kappa === kappa)?.themes ?? []
  return themes.map(({ theme, ...sides }, index) => ({
    key: theme,
    value: themeValue(sides, kappa),
    from: String(number),
    variance: variances[index] as number,
    sides,
  }))
}

function termParts(terms: readonly TermMeasure[]): Part[] {
  return terms.map(({ term, value, round, variance }) => ({ key: term, value, from: String(round), variance }))
}

function kpiParts(measures: readonly KpiMeasure[]): Part[] {
  return measures.map(({ metric, score, period, ...kpi }) => ({ key: metric, value: score, from: period, variance: 0, kpi }))
}

function clauseParts(measures: readonly ClauseMeasure[]): Part[] {
  return measures.map(({ key, score, period, ...promise }) => ({
    key,
    value: score,
    from: period,
    variance: 0,
    promise: { clause: promise.clause, kept: promise.kept, due: promise.due },
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
/** Over what has a value; null where that weighs nothing. */
export function weightedMean(scored: readonly { weight: number; value: number | null }[]): number | null {
  const present = scored.filter((one): one is { weight: number; value: number } => one.value !== null)
  const weight = total(present.map((one) => one.weight))
  return weight > 0 ? total(present.map((one) => one.weight * one.value)) / weight : null
}

/** Perception and this round's terms vary together; terms of earlier rounds are other people's answers. */
function varianceOf(
  scored: readonly PillarScore[],
  present: number,
  number: number,
  { uncertainty, termsVariance }: ScoreInputs,
  { terms, kappa }: { terms: readonly TermMeasure[]; kappa: number },
): number {
  const share = (name: Pillar) => {
    const one = scored.find((candidate) => candidate.pillar === name)
    return one && one.value !== null ? one.weight / present : 0
  }
  const earlier = terms.filter(({ round }) => round !== number)
  const perception = share('perception')
  const each = terms.length === 0 ? 0 : share('definitions') / terms.length
  const now = each * (terms.length - earlier.length)
  const own = uncertainty.find((one) => one.kappa === kappa) ?? { perception: 0, both: 0 }
  return Math.max(
    0,
    perception ** 2 * own.perception +
      2 * perception * now * own.both +
      now ** 2 * termsVariance +
      each ** 2 * total(earlier.map(({ variance }) => variance)),
  )
}

function intervalAround(value: number, variance: number, degreesOfFreedom: number, low: number, high: number): Interval {
  const half = variance > 0 ? tQuantile(Math.max(1, degreesOfFreedom)) * Math.sqrt(variance) : 0
  return { low: clamp(value - half, low, high), high: clamp(value + half, low, high) }
}

/** A score that there is. */
export const hasValue = (score: Score): score is Score & { value: number } => score.value !== null

/** Whether a change from one to the other can be told: both have a value, of the same method and the same rules. */
export const isComparable = (from: Score, to: Score): boolean =>
  hasValue(from) && hasValue(to) && from.methodVersion === to.methodVersion && from.rulesVersion === to.rulesVersion

/**
 * What moved the score: pillar by pillar, part by part (themes, terms, KPIs), and of a theme side by side, down to more
 * promoters and fewer critics. Every level sums to the one above to 1e-9. So do `likeForLike`, `added` and `dropped`,
 * which say how much of the change comes from parts that only one of the scores has (Perception of a round without
 * answers, a KPI whose source is down, a term asked for the first time).
 *
 * The interval adds both variances, as if other people had answered: careful, and all that unlinkable ballots allow.
 *
 * Source: docs/method.md, "What moved it".
 *
 * @throws RangeError for two scores that cannot be compared; ask `isComparable` first
 */
export function scoreChange(from: Score, to: Score): ScoreChange {
  if (!isComparable(from, to) || !hasValue(from) || !hasValue(to)) {
    throw new RangeError('a change needs two scores that have a value, of the same method and rules')
  }
  const points = to.value - from.value
  const degreesOfFreedom = Math.max(1, Math.min(from.degreesOfFreedom, to.degreesOfFreedom))
  const interval = intervalAround(points, from.variance + to.variance, degreesOfFreedom, -100, 100)

  const [before, after] = [selected(from, to), selected(to, from)]
  const lines: Line[] = [
    ...likeForLike(before, after, to.kappa),
    ...onlyIn(to, after).map((line) => ({ ...line, kind: 'added' as const, sides: null })),
    ...onlyIn(from, before).map((line) => ({ ...line, points: -line.points, kind: 'dropped' as const, sides: null })),
  ]
  const t = tQuantile(degreesOfFreedom)
  const sumOf = (is: (line: Line) => boolean) => total(lines.filter(is).map((line) => line.points))
  return {
    from: endOf(from),
    to: endOf(to),
    points,
    interval,
    verdict: excludesZero(interval) ? 'signal' : 'normal',
    pillars: pillars
      .filter((name) => lines.some((line) => line.pillar === name))
      .map((name) => ({ pillar: name, points: sumOf((line) => line.pillar === name) })),
    contributions: lines
      .map(
        ({ variance, ...line }): Contribution => ({
          ...line,
          withinNoise: Math.abs(line.points) <= Math.max(t * Math.sqrt(variance), 1e-9),
        }),
      )
      .sort((a, b) => pillars.indexOf(a.pillar) - pillars.indexOf(b.pillar)),
    likeForLike: sumOf(({ kind }) => kind === 'like-for-like'),
    added: sumOf(({ kind }) => kind === 'added'),
    dropped: sumOf(({ kind }) => kind === 'dropped'),
  }
}

const endOf = ({ roundId, number, period, value }: Score & { value: number }) => ({ roundId, number, period, value })

interface Line extends Omit<Contribution, 'withinNoise'> {
  kind: ContributionKind
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
function selected(score: Score, other: Score): Selection {
  const keys = new Set(other.pillars.flatMap(({ pillar, parts }) => parts.map(({ key }) => `${pillar}/${key}`)))
  const found = new Map<Pillar, { weight: number; value: number; parts: ScorePart[] }>()
  for (const { pillar, weight, parts } of score.pillars) {
    const kept = parts.filter(({ key }) => keys.has(`${pillar}/${key}`))
    if (kept.length > 0) found.set(pillar, { weight, value: total(kept.map(({ value }) => value)) / kept.length, parts: kept })
  }
  const all = [...found.values()]
  return { value: weightedMean(all) ?? 0, weight: total(all.map((one) => one.weight)), pillars: found }
}

/** Both selections hold the same parts, with the same weights: the score is linear, so each line is weight × change. */
function likeForLike(before: Selection, after: Selection, kappa: number): Line[] {
  return [...after.pillars].flatMap(([pillar, now]) => {
    const then = before.pillars.get(pillar)
    const share = now.weight / after.weight / now.parts.length
    return now.parts.flatMap((part): Line[] => {
      const old = then?.parts.find(({ key }) => key === part.key)
      if (!old) return []
      const isSame = old.from === part.from && old.value === part.value
      return [
        {
          pillar,
          key: part.key,
          kind: 'like-for-like',
          ...named(part),
          points: share * (part.value - old.value),
          variance: isSame ? 0 : share ** 2 * (old.variance + part.variance),
          sides: sidesOf(old, part, share, kappa),
        },
      ]
    })
  })
}

/** Clauses are named by what they promise. */
const named = ({ promise }: { promise?: ScorePart['promise'] | undefined }): Pick<Contribution, 'clause'> =>
  promise ? { clause: promise.clause } : {}

/** Each side is half of a theme, in favourability: 50·(1 + promoters − critics). */
function sidesOf({ sides: old }: ScorePart, { sides: now }: ScorePart, share: number, kappa: number): Contribution['sides'] {
  if (!old || !now) return null
  const half = bySide((side) => {
    const [was, is] = [old, now].map(({ shares }) => shares.find((one) => one.side === side))
    const split =
      was && is ? { promoters: 25 * share * (is.promoters - was.promoters), critics: 25 * share * (was.critics - is.critics) } : null
    return { points: (share * (now[side] - old[side])) / 2, promoters: split?.promoters ?? null, critics: split?.critics ?? null }
  })
  return { ...half, distance: 50 * kappa * share * (old.distance - now.distance) }
}

/**
 * What the parts outside the selection add to the score over the selection. Within a pillar that is in the selection a
 * part counts as far as it differs from the pillar's others; in a new pillar as far as it differs from the rest.
 */
function onlyIn(score: Score, selection: Selection): Omit<Line, 'kind' | 'sides'>[] {
  const present = score.pillars.filter(({ parts }) => parts.length > 0)
  const all = total(present.map(({ weight }) => weight))
  const known = present.filter(({ pillar }) => selection.pillars.has(pillar))
  const knownValue = selection.weight > 0 ? total(known.map(({ weight, value }) => weight * (value ?? 0))) / selection.weight : 0
  return present.flatMap(({ pillar, weight, parts }) => {
    const inSelection = selection.pillars.get(pillar)
    const others = inSelection ? inSelection.value : knownValue
    const share = weight / (inSelection ? selection.weight : all) / parts.length
    const own = parts.filter((part) => !inSelection?.parts.includes(part))
    return own.map(({ key, value, variance, promise }) => ({
      pillar,
      key,
      ...named({ promise }),
      points: share * (value - others),
      variance: share ** 2 * variance,
    }))
  })
}
