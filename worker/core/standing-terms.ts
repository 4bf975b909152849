/**
 * Where each term of the glossary stands: rounds ask two at a time, so what is known of all ten comes from several rounds.
 * Made of published figures and of nothing else.
 *
 * Source: docs/method.md, "Definition questions"; docs/decisions/035-definitions.md.
 */
import type { Verdict } from './before-after'
import { adjustedP, falseMarks } from './multiplicity'
import type { Interval, TermAgreement } from './result'
import { type Item, type Term, terms } from './round'
import { roundsOfTerms } from './score'
import type { BaselineEvent } from './scoring-rules'
import { clamp, excludesZero, mean, total, tQuantile, twoSidedP, z95 } from './statistics'

export type DefinitionItem = Extract<Item, { kind: 'definition' }>

/** A closed round, as far as it is about terms. */
export interface TermRound {
  number: number
  /** `YYYY-MM` */
  period: string
  methodVersion: string
  /** The questions about terms that it asked. */
  items: readonly DefinitionItem[]
  /** Those that it could publish, in the order of the page. */
  terms: readonly TermAgreement[]
  /** What they gave to the score: 100·P_SM and its variance, in points². */
  measures: readonly { term: Term; value: number; variance: number }[]
  /** Variance of the mean of `measures`, whose people are the same. */
  termsVariance: number
  /** The smaller side, less one. */
  degreesOfFreedom: number
}

export interface RoundName {
  number: number
  period: string
}

/** A term as one round published it. */
export interface Measured {
  round: RoundName
  /** Null where the round does not say what it asked. */
  item: DefinitionItem | null
  agreement: TermAgreement
  /** 100·P_SM, in points. */
  value: number
  variance: number
  methodVersion: string
}

/** From one time that it was asked to the next, in points. */
export interface TermChange {
  points: number
  /** 95 %; always holds `points`. */
  interval: Interval
  /** Chance of such a difference where nothing changed, adjusted for all changes that stand beside it (Benjamini–Hochberg). */
  p: number
  verdict: Verdict
}

/**
 * What the figures allow to be said of a term, by docs/method.md, "Definition questions":
 * - `shared`: two people, one of each side, more often than not give the same answer;
 * - `rival`: mostly they do not, and each side agrees more with itself: two definitions;
 * - `unshared`: mostly they do not, and nothing says that the sides are why: no definition;
 * - `own`: each side agrees more with itself, and whether they mostly agree with each other is not clear;
 * - `open`: none of these can be told from chance.
 */
export type TermReading = 'shared' | 'rival' | 'unshared' | 'own' | 'open'

export interface StandingTerm {
  term: Term
  /** By its latest round that could publish it; null where there is none. */
  latest: Measured | null
  /** How many rounds ago that was: 0 for the round in question. */
  roundsAgo: number
  /** Too long ago to be in the index and in the score. */
  isOld: boolean
  /** Asked since then and not published: too few answers on one of the sides, or a smaller group would be given away. */
  hidden: RoundName | null
  /** The time before `latest` that it was published. */
  before: Measured | null
  /** Null where there is nothing before, or where the two cannot be compared. */
  change: TermChange | null
  /** Why there is no change although it was asked before. */
  unlike: 'other-answers' | 'method' | null
  /** Null without a measurement that has an interval. */
  reading: TermReading | null
}

/** 100·mean P_SM over the terms that count now: the pillar "Definitions" of the score. */
export interface AgreementIndex {
  value: number
  interval: Interval
  /** How many terms it is made of. */
  terms: number
  /** Numbers of the oldest and the latest round that they are from. */
  from: number
  to: number
}

/** Of the index, over the terms that both moments have and asked with the same answers. */
export interface IndexChange {
  points: number
  interval: Interval
  verdict: Verdict
  /** How many terms are compared, and how many of them were asked anew. */
  terms: number
  renewed: number
  /** The round that it is compared with. Null where each term is compared with its own first time. */
  since: RoundName | null
  /** The event before which each term is taken; null where none was chosen or nothing lies before it. */
  event: BaselineEvent | null
}

export interface Standing {
  round: RoundName
  index: AgreementIndex | null
  sinceLast: IndexChange | null
  sinceBaseline: IndexChange | null
  /** All ten: lowest agreement first, then those that no round has published, in the order of the glossary. */
  terms: StandingTerm[]
}

/**
 * How all terms stand in the last of these rounds.
 *
 * @param rounds closed ones, oldest first; the last is the one in question
 * @param event that the baseline ends before; without one, each term's first time is its baseline
 * @throws RangeError without a round
 * @example standingTerms(rounds, null).index // { value: 64.7, interval: { low: 59.6, high: 69.8 }, terms: 10, from: 8, to: 12 }
 */
export function standingTerms(rounds: readonly TermRound[], event: BaselineEvent | null): Standing {
  const last = rounds.at(-1)
  if (!last) throw new RangeError('standing terms need a round')
  const standing = judged(terms.map((term) => standingTerm(term, rounds, last)))
  const current = currentOf(standing)
  const earlier = rounds.slice(0, -1)
  const previous = earlier.findLast((_, index) => currentAt(earlier.slice(0, index + 1)).length > 0)
  const then = previous ? currentAt(earlier.slice(0, earlier.indexOf(previous) + 1)) : []
  const lastChange = indexChange(then, current)
  return {
    round: nameOf(last),
    index: indexOf(current, last),
    sinceLast: lastChange && previous ? { ...lastChange, since: nameOf(previous), event: null } : null,
    sinceBaseline: changeSinceBaseline(rounds, event, current, previous?.number ?? null),
    terms: [
      ...standing.filter((one) => one.latest !== null).sort((a, b) => (a.latest as Measured).value - (b.latest as Measured).value),
      ...standing.filter(({ latest }) => latest === null),
    ],
  }
}

const nameOf = ({ number, period }: RoundName): RoundName => ({ number, period })

// ── One term ────────────────────────────────────────────────────────────────────────────────────────────────────────

function standingTerm(term: Term, rounds: readonly TermRound[], last: RoundName): StandingTerm {
  const measured = measuredOf(term, rounds)
  const latest = measured.at(-1) ?? null
  const before = measured.at(-2) ?? null
  const asked = rounds.findLast(({ items }) => items.some((item) => item.term === term))
  const roundsAgo = latest ? last.number - latest.round.number : 0
  const unlike = latest && before ? difference(before, latest) : null
  return {
    term,
    latest,
    roundsAgo,
    isOld: roundsAgo >= roundsOfTerms,
    hidden: asked && asked.number > (latest?.round.number ?? 0) ? nameOf(asked) : null,
    before,
    change: latest && before && !unlike ? changeOf(before, latest) : null,
    unlike,
    reading: null, // settled once all terms are known
  }
}

/** Every time that a term was published, oldest first. */
function measuredOf(term: Term, rounds: readonly TermRound[]): Measured[] {
  return rounds.flatMap((round): Measured[] => {
    const agreement = round.terms.find((one) => one.term === term)
    const measure = round.measures.find((one) => one.term === term)
    if (!agreement || !measure) return []
    const item = round.items.find((one) => one.term === term) ?? null
    const { value, variance } = measure
    return [{ round: nameOf(round), item, agreement, value, variance, methodVersion: round.methodVersion }]
  })
}

/** Why two times cannot be compared. An answer keeps its id as long as it keeps its words, so the same ids are the same question. */
function difference(before: Measured, after: Measured): StandingTerm['unlike'] {
  if (before.methodVersion !== after.methodVersion) return 'method'
  const answers = ({ item }: Measured) => item && [...item.options].sort().join()
  const [was, is] = [answers(before), answers(after)]
  return was !== null && is !== null && was !== is ? 'other-answers' : null
}

function changeOf(before: Measured, after: Measured): TermChange {
  const points = after.value - before.value
  const smaller = ({ agreement }: Measured) => Math.min(agreement.nSales, agreement.nMarketing)
  const half = tQuantile(Math.max(1, Math.min(smaller(before), smaller(after)) - 1)) * Math.sqrt(before.variance + after.variance)
  // Verdict and p are settled once all changes are known.
  return { points, interval: around(points, half, -100, 100), p: twoSidedP(points, half / z95), verdict: 'normal' }
}

const around = (value: number, half: number, low: number, high: number): Interval => ({
  low: clamp(value - half, low, high),
  high: clamp(value + half, low, high),
})

/** All changes are judged together, and so is whether each side agrees more with itself: of ten terms, one would look so by chance. */
function judged(standing: readonly StandingTerm[]): StandingTerm[] {
  const changes = standing.flatMap(({ change }) => (change ? [change] : []))
  const chances = new Map(adjustedP(changes.map(({ p }) => p)).map((p, index) => [changes[index], p]))
  const divided = dividedOf(standing.flatMap(({ latest }) => (latest ? [latest.agreement] : [])))
  return standing.map((one) => {
    const p = one.change && (chances.get(one.change) as number)
    const change = one.change && {
      ...one.change,
      p: p as number,
      verdict: excludesZero(one.change.interval) && (p as number) <= falseMarks ? ('signal' as const) : ('normal' as const),
    }
    return { ...one, change, reading: readingOf(one, divided) }
  })
}

/**
 * Those of these questions on which each side agrees more with itself than with the other, beyond chance among all of them: at most
 * about one in ten of them is false.
 */
export function dividedOf<T extends Pick<TermAgreement, 'divide' | 'divideInterval'>>(agreements: readonly T[]): Set<T> {
  const known = agreements.flatMap((one) =>
    one.divide !== null && one.divideInterval ? [{ one, divide: one.divide, ends: one.divideInterval }] : [],
  )
  const chances = adjustedP(known.map(({ divide, ends }) => twoSidedP(divide, (divide - ends.low) / z95)))
  return new Set(known.flatMap(({ one, ends }, index) => (ends.low > 0 && (chances[index] as number) <= falseMarks ? [one] : [])))
}

function readingOf({ latest }: StandingTerm, divided: ReadonlySet<TermAgreement>): TermReading | null {
  if (!latest?.agreement.interval) return null
  const { low, high } = latest.agreement.interval
  if (low > 0.5) return 'shared'
  const isDivided = divided.has(latest.agreement)
  if (high < 0.5) return isDivided ? 'rival' : 'unshared'
  return isDivided ? 'own' : 'open'
}

/**
 * Whether the answer that most of one side chose is another one than most of the other side chose; false where a side's answers
 * are not counted out, and where the most chosen of one is among the most chosen of the other.
 *
 * @example leadingAnswersDiffer({ fit: 6, score: 3 }, { fit: 2, score: 9 }) // true
 * @example leadingAnswersDiffer({ fit: 6, score: 6 }, { fit: 2, score: 9 }) // false
 */
export function leadingAnswersDiffer(sales: Readonly<Record<string, number>> | null, marketing: Readonly<Record<string, number>> | null) {
  const [first, second] = [leadersOf(sales), leadersOf(marketing)]
  return first.length > 0 && second.length > 0 && first.every((option) => !second.includes(option))
}

/** The most chosen answers: several where as many chose each. */
export function leadersOf(options: Readonly<Record<string, number>> | null): string[] {
  const most = Math.max(0, ...Object.values(options ?? {}))
  return most === 0 ? [] : Object.entries(options ?? {}).flatMap(([option, count]) => (count === most ? [option] : []))
}

// ── All terms together ──────────────────────────────────────────────────────────────────────────────────────────────

const currentOf = (standing: readonly StandingTerm[]): Measured[] =>
  standing.flatMap(({ latest, isOld }) => (latest && !isOld ? [latest] : []))

/** The terms that counted in the last of these rounds. */
function currentAt(rounds: readonly TermRound[]): Measured[] {
  const last = rounds.at(-1)
  return last ? currentOf(terms.map((term) => standingTerm(term, rounds, last))) : []
}

/** As the score weighs it: terms of this round share their people, those of earlier rounds count by themselves. */
function indexOf(current: readonly Measured[], last: TermRound): AgreementIndex | null {
  const value = mean(current.map((one) => one.value))
  if (value === null) return null
  const earlier = current.filter(({ round }) => round.number !== last.number)
  const now = current.length - earlier.length
  const variance = (now ** 2 * last.termsVariance + total(earlier.map((one) => one.variance))) / current.length ** 2
  const half = tQuantile(Math.max(1, last.degreesOfFreedom)) * Math.sqrt(variance)
  const numbers = current.map(({ round }) => round.number)
  return {
    value,
    interval: around(value, half, 0, 100),
    terms: current.length,
    from: Math.min(...numbers),
    to: Math.max(...numbers),
  }
}

/** A term at two moments, alike enough to be compared. */
interface Pair {
  was: Measured
  is: Measured
  isRenewed: boolean
}

const pairsOf = (before: readonly Measured[], after: readonly Measured[]): Pair[] =>
  after.flatMap((is) => {
    const was = before.find(({ agreement }) => agreement.term === is.agreement.term)
    return was && !difference(was, is) ? [{ was, is, isRenewed: was.round.number !== is.round.number }] : []
  })

const indexChange = (before: readonly Measured[], after: readonly Measured[]) => changeOver(pairsOf(before, after))

/** Like for like: a mean over other terms would move without anybody having changed their mind. Null where nothing was asked anew. */
function changeOver(pairs: readonly Pair[]): Omit<IndexChange, 'since' | 'event'> | null {
  const renewed = pairs.filter(({ isRenewed }) => isRenewed)
  if (renewed.length === 0) return null
  const points = total(renewed.map(({ was, is }) => is.value - was.value)) / pairs.length
  const variance = total(renewed.map(({ was, is }) => is.variance + was.variance)) / pairs.length ** 2
  const people = renewed.flatMap(({ was, is }) => [was, is].flatMap(({ agreement }) => [agreement.nSales, agreement.nMarketing]))
  const interval = around(points, tQuantile(Math.max(1, Math.min(...people) - 1)) * Math.sqrt(variance), -100, 100)
  return { points, interval, verdict: excludesZero(interval) ? 'signal' : 'normal', terms: pairs.length, renewed: renewed.length }
}

/**
 * Each term against the last time before the event that was chosen, or else against its own first time. Null where that is the
 * round before, whose change is told already.
 */
function changeSinceBaseline(
  rounds: readonly TermRound[],
  event: BaselineEvent | null,
  current: readonly Measured[],
  previous: number | null,
): IndexChange | null {
  const month = event?.day.slice(0, 7) ?? ''
  const untilEvent = rounds.filter(({ period }) => period < month)
  const latestIn = (some: readonly TermRound[]) => terms.flatMap((term) => measuredOf(term, some).at(-1) ?? [])
  const firstIn = (some: readonly TermRound[]) => terms.flatMap((term) => measuredOf(term, some)[0] ?? [])
  const [ofEvent, ofStart] = [latestIn(untilEvent), firstIn(rounds)].map((before) =>
    pairsOf(before, current).filter(({ isRenewed }) => isRenewed),
  ) as [Pair[], Pair[]]
  const pairs = ofEvent.length > 0 ? ofEvent : ofStart
  if (pairs.every(({ was }) => was.round.number === previous)) return null
  const change = changeOver(pairs)
  return change && { ...change, since: null, event: ofEvent.length > 0 ? event : null }
}

// ── What can be said ────────────────────────────────────────────────────────────────────────────────────────────────

export type StandingFinding =
  /** One is shared and another is not: the most agreed and the least agreed of them. */
  | { kind: 'both'; shared: Term; lacking: Term; reading: 'rival' | 'unshared' }
  /** `rival` is also said of a term that reads `own`: each side has a meaning of its own. */
  | { kind: 'rival' | 'unshared'; term: Term }
  | { kind: 'all-shared'; terms: number }
  | { kind: 'some-shared'; shared: number; terms: number }
  | { kind: 'neutral' }

/**
 * The title: what both sides mean the same by and what they do not, of the terms that count now.
 *
 * @example standingFinding(standing.terms) // { kind: 'both', shared: 'sla', lacking: 'lead-score', reading: 'rival' }
 */
export function standingFinding(standing: readonly StandingTerm[]): StandingFinding {
  const known = standing.filter(({ reading, isOld }) => reading !== null && !isOld)
  const shared = known.filter(({ reading }) => reading === 'shared')
  const lacking = known.find(({ reading }) => reading === 'rival' || reading === 'unshared' || reading === 'own')
  if (lacking) {
    const reading = lacking.reading === 'unshared' ? 'unshared' : 'rival'
    const best = shared.at(-1) // lowest first
    return best ? { kind: 'both', shared: best.term, lacking: lacking.term, reading } : { kind: reading, term: lacking.term }
  }
  if (shared.length === 0) return { kind: 'neutral' }
  return shared.length === known.length
    ? { kind: 'all-shared', terms: known.length }
    : { kind: 'some-shared', shared: shared.length, terms: known.length }
}

export type TermChangeFinding =
  /** `event`: the last one between the two times, in a month of neither; later than it, and no more. */
  { kind: 'rose' | 'fell'; term: Term; event: string | null } | { kind: 'none' | 'neutral' }

/**
 * The term that moved most beyond chance, whichever way.
 *
 * @param events earliest first; `day` is `YYYY-MM-DD`
 */
export function termChangeFinding(
  standing: readonly StandingTerm[],
  events: readonly { day: string; name: string }[] = [],
): TermChangeFinding {
  const changes = standing.flatMap(({ term, change, before, latest, isOld }) =>
    change && before && latest && !isOld ? [{ term, ...change, from: before.round.period, to: latest.round.period }] : [],
  )
  const [most] = changes.filter(({ verdict }) => verdict === 'signal').sort((a, b) => Math.abs(b.points) - Math.abs(a.points))
  if (!most) return { kind: changes.length > 0 ? 'none' : 'neutral' }
  const event = events.findLast(({ day }) => day.slice(0, 7) > most.from && day.slice(0, 7) < most.to)
  return { kind: most.points > 0 ? 'rose' : 'fell', term: most.term, event: event?.name ?? null }
}
