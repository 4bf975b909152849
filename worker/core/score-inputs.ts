/**
 * What a round gives to the score: Perception by theme, agreement by term, and how much each could be off.
 *
 * Only what is published goes in. Where a side has fewer than ten answers to a theme or term, its figures go in as
 * coarsely as they are shown, and a side that is only shown as a band goes in as if everybody were of that class:
 * otherwise the score would tell what the result hides.
 */
import { definitionAgreement } from './definitions'
import { correctedDistance, type Excess, excess, type Pair } from './distance'
import {
  addCounts,
  type Class,
  type Counts,
  favourability,
  netShare,
  noAnswers,
  size,
  standardError,
  themeEstimate,
  totalCounts,
} from './favourability'
import { coarse, coarseEstimate, outward } from './figures'
import { type Covariance, jackknife, type LeftOut } from './jackknife'
import type { ScoreInputs, SideShares, TermAgreement, ThemeInput } from './result'
import { countedAs, countedBy, type Item, type TermItem, type Theme } from './round'
import { kappas } from './scoring-rules'
import { clamp, total, tQuantile } from './statistics'
import { classAt, type Patterns, personMeansOf, type Voice } from './tally'

export const sides = ['sales', 'marketing'] as const
export type ScoredSide = (typeof sides)[number]
export type BySide<T> = Record<ScoredSide, T>
export const bySide = <T>(of: (side: ScoredSide) => T): BySide<T> => ({ sales: of('sales'), marketing: of('marketing') })
type Voices = BySide<readonly Voice[]>

/** A theme that both sides publish. */
export interface ThemeSource {
  theme: Theme
  /** Positions in the ballot of its items that both sides publish: they are all that the theme is made of here. */
  items: readonly number[]
  /** By item, the class that stands for a side of which only a band is shown. */
  common: BySide<readonly (Class | null)[]>
  /** Sides whose value can be split into the classes that are published. */
  withClasses: readonly ScoredSide[]
  /** One of its values is shown rounded, or as a band. */
  coarse: boolean
  /** How far people of each side are apart may be said. */
  open: boolean
}

/** An item about a term that both sides publish. */
export interface TermSource {
  item: TermItem
  /** In the ballot. */
  position: number
  /** The option that stands for a small side that all, or all but one, chose. */
  common: BySide<number | null>
  /** Sides with fewer than ten answers. */
  small: readonly ScoredSide[]
}

/** @example scoreInputs({ items, voices, themes: [], terms: [] }).inputs.missing // 'no-answers' */
export function scoreInputs(source: {
  items: readonly Item[]
  voices: Voices
  themes: readonly ThemeSource[]
  terms: readonly TermSource[]
}): { inputs: ScoreInputs; terms: TermAgreement[] } {
  const { items, voices } = source
  const people = (side: ScoredSide) => total(voices[side].map((voice) => voice.people))
  const smaller = Math.min(people('sales'), people('marketing'))
  const remembered = excess()
  const answered = source.themes.map((theme) => classesIn(items, theme, voices))
  const themes = source.themes.map((theme, index) => themePart(theme, answered[index] as ThemeAnswers, remembered))
  const terms = source.terms.map((term) => termPart(term, voices))

  const isCoarse = source.themes.some((theme) => theme.coarse || !theme.open) || source.terms.some((term) => term.small.length > 0)
  const step = isCoarse ? 1 : 0.1
  const agreement = averageOf(
    terms.map(({ left }) => left),
    voices,
  )
  const unseen = total(terms.map((term) => term.unseen)) / Math.max(1, terms.length) ** 2
  const floor = levelVariance(
    answered.map(({ classes }) => classes),
    bySide((side) => voices[side].map((voice) => voice.people)),
    total(source.themes.map((theme) => theme.items.length)),
  )
  const spreads = kappas.map((kappa) => {
    const perception = averageOf(
      themes.map(({ score }) => without(score, kappa)),
      voices,
    )
    return { kappa, ...spreadOf(perception, agreement, voices) }
  })
  const termsVariance = (spreads[0]?.y ?? 0) + unseen
  return {
    inputs: {
      themes: themes.map(({ part }) => part),
      terms: terms.map(({ part }) => part),
      uncertainty: spreads.map(({ kappa, x, both }, index) => ({
        kappa,
        themes: themes.map(({ variances }) => variances[index] as number),
        ...shared(Math.max(x, floor), termsVariance, both, step),
      })),
      termsVariance: roundedUp(termsVariance, step),
      degreesOfFreedom: Math.max(0, smaller - 1),
      missing: themes.length + terms.length === 0 ? 'no-answers' : null,
    },
    terms: terms.map(({ agreement: shown }) => shown),
  }
}

/** Variance of the mean of the themes, of the mean of the terms, and what they share: people answered both. */
const spreadOf = (perception: Left, agreement: Left, voices: Voices): Covariance =>
  jackknife(
    sides.map((side) =>
      voices[side].map(({ people }, index) => ({ people, x: perception[side][index] as number, y: agreement[side][index] as number })),
    ),
  )

/** What a statistic would be without one person of each voice, by side and in the order of the voices. */
type Left = BySide<number[]>

function averageOf(parts: readonly Left[], voices: Voices): Left {
  const average = (side: ScoredSide) =>
    voices[side].map((_, index) => (parts.length === 0 ? 0 : total(parts.map((part) => part[side][index] as number)) / parts.length))
  return { sales: average('sales'), marketing: average('marketing') }
}

// ── Perception ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** One theme as the two sides answered it. */
export interface ThemeAnswers {
  /** For each voice, its class on each item of the theme; null where skipped. */
  classes: BySide<readonly (readonly (Class | null)[])[]>
  /** How many people each voice stands for. */
  people: BySide<readonly number[]>
}

export interface ThemeScore {
  /** Favourability, 0–100. */
  sales: number
  marketing: number
  /** W*, 0–2. */
  distance: number
  /** Level and distance without one person of each voice. */
  left: BySide<{ level: number; distance: number }[]>
}

/**
 * T = (F_sales + F_marketing)/2 − 50·κ·W*, in points, 0–100.
 *
 * @example themeValue({ sales: 45, marketing: 75, distance: 0.416135 }, 0.25) // 54.7983
 */
export const themeValue = ({ sales, marketing, distance }: Pick<ThemeScore, 'sales' | 'marketing' | 'distance'>, kappa: number): number =>
  penalised((sales + marketing) / 2, distance, kappa)

const penalised = (level: number, distance: number, kappa: number) => level - 50 * kappa * distance

/** T of a theme without one person of each voice. */
export const without = ({ left }: ThemeScore, kappa: number): Left =>
  bySide((side) => left[side].map(({ level, distance }) => penalised(level, distance, kappa)))

/**
 * A theme as both sides see it, and what it would be without one person of each voice. Both sides weigh the same, whatever
 * their head-count; within a side every answer does. What one person takes away depends on the side and the class alone,
 * so nothing is resampled.
 *
 * Source: docs/method.md, "One theme". Null where one side has no answer.
 */
export function themeScore({ classes, people }: ThemeAnswers, remembered: Excess = excess()): ThemeScore | null {
  const items = (classes.sales[0] ?? classes.marketing[0] ?? []).map((_, item) => item)
  const pairs = items.map((item): Pair => bySide((side) => itemCounts(classes[side], people[side], item)))
  const answers = bySide((side) => totalCounts(pairs.map((pair) => pair[side])))
  if (size(answers.sales) === 0 || size(answers.marketing) === 0) return null
  const base = pairs.map(remembered)

  const distanceOf = (excesses: readonly (number | null)[]) => correctedDistance(excesses.filter((value) => value !== null))
  const [sales, marketing] = [levelOf(answers.sales), levelOf(answers.marketing)]
  const whole = { level: (sales + marketing) / 2, distance: distanceOf(base) }
  const leftWithout = (side: ScoredSide, own: readonly (Class | null)[]) => {
    const rest = { ...answers, [side]: addCounts(answers[side], countClasses(own), -1) }
    if (size(rest[side]) === 0) return whole
    const excesses = pairs.map((pair, item) => {
      const name = own[item]
      return name ? remembered({ ...pair, [side]: { ...pair[side], [name]: pair[side][name] - 1 } }) : (base[item] ?? null)
    })
    return { level: (levelOf(rest.sales) + levelOf(rest.marketing)) / 2, distance: distanceOf(excesses) }
  }
  const leftOf = (side: ScoredSide) => {
    const known = new Map<string, typeof whole>() // many people, few ways to answer a theme
    return classes[side].map((own) => {
      const pattern = own.join()
      const left = known.get(pattern) ?? leftWithout(side, own)
      known.set(pattern, left)
      return left
    })
  }
  return { sales, marketing, distance: whole.distance, left: bySide(leftOf) }
}

const levelOf = (counts: Counts): number => favourability(netShare(counts) as number)

function countClasses(classes: readonly (Class | null)[]): Counts {
  const counts = { ...noAnswers }
  for (const name of classes) if (name) counts[name]++
  return counts
}

function themePart(source: ThemeSource, answers: ThemeAnswers, remembered: Excess) {
  const { classes, people } = answers
  const score = themeScore(answers, remembered)
  if (!score) throw new RangeError('a theme needs answers of both sides')
  const floor = levelVariance([classes], people, source.items.length)
  const step = source.coarse || !source.open ? 1 : 0.1
  const { sales, marketing, distance } = source.coarse ? coarseScore(score, answers) : score
  const part: ThemeInput = {
    theme: source.theme,
    sales,
    marketing,
    distance,
    shares: source.withClasses.map((side) => ({ side, ...shareOf(classes[side], people[side]) })),
  }
  return {
    score,
    part,
    /** By κ. */
    variances: kappas.map((kappa) => roundedUp(Math.max(varianceOf(without(score, kappa), people), floor), step)),
  }
}

const varianceOf = (left: Left, people: BySide<readonly number[]>): number =>
  jackknife(sides.map((side) => left[side].map((x, index): LeftOut => ({ people: people[side][index] as number, x, y: 0 })))).x

/**
 * Made of the figures that are shown of such a theme: the distance is that of the two rounded levels, less what chance
 * would make of it at the most. The true one would tell how a side of fewer than ten splits into classes.
 */
function coarseScore(score: ThemeScore, { classes, people }: ThemeAnswers): Omit<ThemeScore, 'left'> {
  const [sales, marketing] = [coarse(score.sales), coarse(score.marketing)]
  const chance = (side: ScoredSide, level: number) => {
    const n = total(people[side].filter((_, voice) => classes[side][voice]?.some((name) => name !== null)))
    return standardError(coarseEstimate(level / 50 - 1, n)) ** 2
  }
  const excess = ((sales - marketing) / 50) ** 2 - chance('sales', sales) - chance('marketing', marketing)
  return { sales, marketing, distance: coarse(correctedDistance([excess]), 0.1) }
}

/** The classes of a theme's items, with the common class for an item that a side shows as a band. */
function classesIn(items: readonly Item[], { items: positions, common }: ThemeSource, voices: Voices): ThemeAnswers {
  const classes = (side: ScoredSide) =>
    voices[side].map(({ answers }) =>
      positions.map((position, index) => {
        const own = classAt(items[position] as Item, answers[position])
        return own && (common[side][index] ?? own)
      }),
    )
  return { classes: bySide(classes), people: bySide((side) => voices[side].map((voice) => voice.people)) }
}

function itemCounts(classes: readonly (readonly (Class | null)[])[], people: readonly number[], item: number): Counts {
  const counts = { ...noAnswers }
  for (const [index, own] of classes.entries()) {
    const name = own[item]
    if (name) counts[name] += people[index] as number
  }
  return counts
}

/** Promoters and critics as shares of answers, so that favourability is 50·(1 + promoters − critics). */
function shareOf(classes: readonly (readonly (Class | null)[])[], people: readonly number[]): Omit<SideShares, 'side'> {
  const counts = totalCounts((classes[0] ?? []).map((_, item) => itemCounts(classes, people, item)))
  return { promoters: counts.promoters / size(counts), critics: counts.critics / size(counts) }
}

/**
 * Sampling variance, in points², of the mean of the two sides' favourability over these themes, on one number per
 * person: the floor under a jackknife that sees nothing where everybody agrees.
 */
function levelVariance(themes: readonly ThemeAnswers['classes'][], people: BySide<readonly number[]>, items: number): number {
  if (themes.length === 0) return 0
  const error = (side: ScoredSide) => {
    const answers: Patterns = people[side].map((count, voice) => ({
      answered: themes.flatMap((classes) => classes[side][voice] ?? []),
      people: count,
    }))
    const positions = (answers[0]?.answered ?? []).map((_, position) => position)
    return 50 * standardError(themeEstimate(personMeansOf(answers, positions), items))
  }
  return (error('sales') ** 2 + error('marketing') ** 2) / 4
}

// ── Definitions ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** What both sides say of an item that is in no score: a vignette or a number. */
export const termAgreement = (source: TermSource, voices: Voices): TermAgreement => termPart(source, voices).agreement

function termPart(source: TermSource, voices: Voices) {
  const chosen = (side: ScoredSide, { answers }: Voice) => {
    const option = countedAs(source.item, answers[source.position])
    return option === null ? null : (source.common[side] ?? option)
  }
  const counts = bySide((side) => {
    const own = countedBy(source.item).map(() => 0)
    for (const voice of voices[side]) {
      const option = chosen(side, voice)
      if (option !== null) own[option] = (own[option] as number) + voice.people
    }
    return own
  })
  const agreement = definitionAgreement(counts.sales, counts.marketing)
  if (!agreement) throw new RangeError('a term needs answers of both sides')
  const n = bySide((side) => total(counts[side]))
  const other = { sales: 'marketing', marketing: 'sales' } as const
  const leftOf = (side: ScoredSide) =>
    voices[side].map((voice) => {
      const option = chosen(side, voice)
      if (option === null || n[side] < 2) return 100 * agreement.between
      const share = (counts[other[side]][option] as number) / n[other[side]]
      return (100 * (agreement.between * n[side] - share)) / (n[side] - 1)
    })
  const left: Left = bySide(leftOf)
  const seen = varianceOf(
    left,
    bySide((side) => voices[side].map(({ people }) => people)),
  )
  const shown = asShown(source, agreement, n)
  return {
    left,
    /** Variance that the jackknife over people does not see. */
    unseen: Math.max(0, 1e4 * agreement.variance - seen),
    agreement: shown.agreement,
    part: { term: source.item.term, value: 100 * shown.agreement.between, variance: 1e4 * shown.variance },
  }
}

function asShown(
  { item, small }: TermSource,
  agreement: NonNullable<ReturnType<typeof definitionAgreement>>,
  n: BySide<number>,
): { agreement: TermAgreement; variance: number } {
  const { between, withinFirst, withinSecond, divide, divideInterval, variance, interval } = agreement
  const about = { term: item.term, itemId: item.id, nSales: n.sales, nMarketing: n.marketing }
  if (small.length === 0) {
    return {
      agreement: { ...about, between, withinSales: withinFirst, withinMarketing: withinSecond, divide, divideInterval, interval },
      variance,
    }
  }
  const step = 0.05
  const rounded = coarse(between, step)
  const error = Math.ceil(Math.sqrt(variance) / step) * step
  const half = error * tQuantile(Math.max(1, Math.min(n.sales, n.marketing) - 1))
  return {
    agreement: {
      ...about,
      between: rounded,
      withinSales: small.includes('sales') ? null : withinFirst,
      withinMarketing: small.includes('marketing') ? null : withinSecond,
      divide: null,
      divideInterval: null,
      interval: outward({ low: clamp(rounded - half, 0, 1), high: clamp(rounded + half, 0, 1) }, step),
    },
    variance: error ** 2,
  }
}

// ── Uncertainty ─────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Standard errors up to whole steps, in points, the correlation to a tenth. To the last digit they would be a riddle with
 * one solution: each way to answer enters with a weight of its own, and the sum gives away how many chose which.
 */
function shared(perception: number, terms: number, both: number, step: number): { perception: number; both: number } {
  const correlation = both === 0 ? 0 : clamp(coarse(both / Math.sqrt(perception * terms), 0.1), -1, 1)
  const [p, t] = [roundedUp(perception, step), roundedUp(terms, step)]
  return { perception: p, both: correlation * Math.sqrt(p * t) }
}

/** A variance in points² whose root is a whole number of steps. */
const roundedUp = (variance: number, step: number): number => (Math.ceil(Math.sqrt(variance) / step) * step) ** 2
