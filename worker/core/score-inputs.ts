/**
 * What a round gives to the score: Perception by theme, agreement by term, and how much each could be off.
 *
 * Only what is published goes in. Where a side has fewer than ten answers to a theme or term, its figures go in as
 * coarsely as they are shown, and a side that is only shown as a band goes in as if everybody were of that class:
 * otherwise the score would tell what the result hides.
 */
import { definitionAgreement } from './definitions'
import { correctedDistance, type Excess, excess, type Pair } from './distance'
import { type Class, type Counts, favourability, noAnswers, type PersonMeans, size, standardError, themeEstimate } from './favourability'
import { coarse, outward } from './figures'
import { type Covariance, jackknife, type LeftOut } from './jackknife'
import type { ScoreInputs, TermAgreement } from './result'
import type { Item, Term, Theme } from './round'
import { clamp, total, tQuantile } from './statistics'
import { classAt, countClasses, type Voice } from './tally'

/** How much of the distance between the sides is taken off a theme's level: at ½ the less content side alone would count. */
export const kappa = 1 / 4

export const sides = ['sales', 'marketing'] as const
export type ScoredSide = (typeof sides)[number]
export type BySide<T> = Record<ScoredSide, T>
type Voices = BySide<readonly Voice[]>

/** A theme that both sides publish. */
export interface ThemeSource {
  theme: Theme
  /** Positions of its items in the ballot. */
  items: readonly number[]
  /** Those of them that both sides publish: the distance is made of these. */
  compared: readonly number[]
  /** The class that stands for a side of which only a band is shown. */
  common: BySide<Class | null>
  /** Sides whose classes are published. */
  withClasses: readonly ScoredSide[]
  coarse: boolean
}

/** A definition question that both sides publish. */
export interface TermSource {
  term: Term
  itemId: string
  item: number
  /** Options that may be told apart: without `unsure`. */
  options: number
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
  const themes = source.themes.map((theme) => themePart(theme, classesIn(items, theme, voices), voices, remembered))
  const terms = source.terms.map((term) => termPart(term, voices))

  const perception = averageOf(
    themes.map(({ left }) => left),
    voices,
  )
  const agreement = averageOf(
    terms.map(({ left }) => left),
    voices,
  )
  const spread = jackknife(
    sides.map((side) =>
      voices[side].map((voice, index) => ({
        people: voice.people,
        x: perception[side][index] as number,
        y: agreement[side][index] as number,
      })),
    ),
  )
  const isCoarse = source.themes.some((theme) => theme.coarse) || source.terms.some((term) => term.small.length > 0)
  const covariance = floored(spread, {
    perception: levelVariance(source.themes, items, voices),
    terms: total(terms.map(({ unseen }) => unseen)) / Math.max(1, terms.length) ** 2,
  })
  return {
    inputs: {
      themes: themes.map(({ part }) => part),
      terms: terms.map(({ part }) => part),
      covariance: isCoarse ? coarseCovariance(covariance) : covariance,
      degreesOfFreedom: Math.max(0, smaller - 1),
      missing: themes.length + terms.length === 0 ? 'no-answers' : null,
    },
    terms: terms.map(({ agreement }) => agreement),
  }
}

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
  /** Indexes of the items that the distance is made of; all where it is left out. */
  compared?: readonly number[]
}

export interface ThemeScore {
  /** T = (F_sales + F_marketing)/2 − 50·κ·W*, in points. */
  value: number
  sales: number
  marketing: number
  /** W*, 0–2. */
  distance: number
}

/**
 * A theme's score, and what it would be without one person of each voice. Both sides weigh the same, whatever their
 * head-count. What one person takes away depends on the side and the class alone, so nothing is resampled.
 *
 * Source: docs/method.md, "The score". Null where one side has no answer.
 */
export function themeScore(
  answers: ThemeAnswers,
  penalty = kappa,
  remembered: Excess = excess(),
): (ThemeScore & { left: Left; means: BySide<PersonMeans> }) | null {
  const { classes, people } = answers
  const compared = answers.compared ?? (classes.sales[0] ?? classes.marketing[0] ?? []).map((_, item) => item)
  const means = bySide((side) => meansOf(classes[side], people[side]))
  if (means.sales.n === 0 || means.marketing.n === 0) return null
  const pairs = compared.map((item): Pair => bySide((side) => itemCounts(classes[side], people[side], item)))
  const base = pairs.map(remembered)

  const level = (of: BySide<PersonMeans>) => bySide((side) => favourability(of[side].sum / of[side].n))
  const scoreOf = ({ sales, marketing }: BySide<number>, excesses: readonly (number | null)[]) => {
    const distance = correctedDistance(excesses.filter((value) => value !== null))
    return { value: (sales + marketing) / 2 - 50 * penalty * distance, sales, marketing, distance }
  }
  const whole = scoreOf(level(means), base)
  const without = (side: ScoredSide) =>
    classes[side].map((own) => {
      const mean = personMean(own)
      if (mean === null) return whole.value
      const rest = { ...means, [side]: { n: means[side].n - 1, sum: means[side].sum - mean, squares: 0 } }
      if (rest[side].n === 0) return whole.value
      const excesses = pairs.map((pair, index) => {
        const name = own[compared[index] as number]
        return name ? remembered({ ...pair, [side]: { ...pair[side], [name]: pair[side][name] - 1 } }) : (base[index] ?? null)
      })
      return scoreOf(level(rest), excesses).value
    })
  return { ...whole, means, left: { sales: without('sales'), marketing: without('marketing') } }
}

function themePart(source: ThemeSource, answers: ThemeAnswers, voices: Voices, remembered: Excess) {
  const score = themeScore(answers, kappa, remembered)
  if (!score) throw new RangeError('a theme needs answers of both sides')
  const { left, means } = score
  const jackknifed = jackknife(
    sides.map((side) => voices[side].map(({ people }, index): LeftOut => ({ people, x: left[side][index] as number, y: 0 }))),
  )
  const variance = Math.max(jackknifed.x, levelOf(means, source.items.length))
  return {
    left,
    part: {
      theme: source.theme,
      ...(source.coarse ? coarseScore(score) : exactScore(score)),
      shares: source.withClasses.map((side) => ({ side, ...shareOf(answers.classes[side], answers.people[side]) })),
      variance: source.coarse ? wholePoints(variance) : variance,
    },
  }
}

const exactScore = ({ value, sales, marketing, distance }: ThemeScore): ThemeScore => ({ value, sales, marketing, distance })

/** Made of the figures that are shown of such a theme. */
function coarseScore(score: ThemeScore): ThemeScore {
  const [sales, marketing, distance] = [coarse(score.sales), coarse(score.marketing), coarse(score.distance, 0.1)]
  return { value: (sales + marketing) / 2 - 50 * kappa * distance, sales, marketing, distance }
}

/** The classes of a theme's items, with the common class for a side that is shown as a band. */
function classesIn(items: readonly Item[], { items: positions, compared, common }: ThemeSource, voices: Voices): ThemeAnswers {
  const classes = (side: ScoredSide) =>
    voices[side].map(({ answers }) =>
      positions.map((position) => {
        const own = classAt(items[position] as Item, answers[position])
        return own && (common[side] ?? own)
      }),
    )
  return {
    classes: bySide(classes),
    people: bySide((side) => voices[side].map((voice) => voice.people)),
    compared: compared.map((position) => positions.indexOf(position)),
  }
}

const bySide = <T>(of: (side: ScoredSide) => T): BySide<T> => ({ sales: of('sales'), marketing: of('marketing') })

function itemCounts(classes: readonly (readonly (Class | null)[])[], people: readonly number[], item: number): Counts {
  const counts = { ...noAnswers }
  for (const [index, own] of classes.entries()) {
    const name = own[item]
    if (name) counts[name] += people[index] as number
  }
  return counts
}

/** Mean of one person's −1/0/+1; null where every item was skipped. */
function personMean(own: readonly (Class | null)[]): number | null {
  const counts = countClasses(own)
  return size(counts) === 0 ? null : (counts.promoters - counts.critics) / size(counts)
}

function meansOf(classes: readonly (readonly (Class | null)[])[], people: readonly number[]): PersonMeans {
  const means = { n: 0, sum: 0, squares: 0 }
  for (const [index, own] of classes.entries()) {
    const mean = personMean(own)
    if (mean === null) continue
    const count = people[index] as number
    means.n += count
    means.sum += count * mean
    means.squares += count * mean ** 2
  }
  return means
}

/** Promoters and critics as shares of people, so that favourability is 50·(1 + promoters − critics). */
function shareOf(classes: readonly (readonly (Class | null)[])[], people: readonly number[]) {
  const shares = { n: 0, promoters: 0, critics: 0 }
  for (const [index, own] of classes.entries()) {
    const counts = countClasses(own)
    const answered = size(counts)
    if (answered === 0) continue
    const count = people[index] as number
    shares.n += count
    shares.promoters += (count * counts.promoters) / answered
    shares.critics += (count * counts.critics) / answered
  }
  return { promoters: shares.promoters / shares.n, critics: shares.critics / shares.n }
}

/** Sampling variance, in points², of the mean of the two sides' favourability, on one number per person. */
function levelOf(means: BySide<PersonMeans>, items: number): number {
  const error = (side: ScoredSide) => 50 * standardError(themeEstimate(means[side], items))
  return (error('sales') ** 2 + error('marketing') ** 2) / 4
}

/** The same over all themes at once: the floor under a jackknife that sees nothing where everybody agrees. */
function levelVariance(themes: readonly ThemeSource[], items: readonly Item[], voices: Voices): number {
  if (themes.length === 0) return 0
  const parts = themes.map((theme) => classesIn(items, theme, voices).classes)
  const means = bySide((side) =>
    meansOf(
      voices[side].map((_, index) => parts.flatMap((part) => part[side][index] ?? [])),
      voices[side].map((voice) => voice.people),
    ),
  )
  return levelOf(
    means,
    themes.reduce((sum, theme) => sum + theme.items.length, 0),
  )
}

// ── Definitions ─────────────────────────────────────────────────────────────────────────────────────────────────────

function termPart(source: TermSource, voices: Voices) {
  const chosen = (side: ScoredSide, { answers }: Voice) => {
    const answer = answers[source.item]
    return answer == null || answer >= source.options ? null : (source.common[side] ?? answer)
  }
  const counts = bySide((side) => {
    const own = new Array<number>(source.options).fill(0)
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
  const without = (side: ScoredSide) =>
    voices[side].map((voice) => {
      const option = chosen(side, voice)
      if (option === null || n[side] < 2) return 100 * agreement.between
      const share = (counts[other[side]][option] as number) / n[other[side]]
      return (100 * (agreement.between * n[side] - share)) / (n[side] - 1)
    })
  const left: Left = { sales: without('sales'), marketing: without('marketing') }
  const jackknifed = jackknife(
    sides.map((side) => voices[side].map(({ people }, index): LeftOut => ({ people, x: left[side][index] as number, y: 0 }))),
  )
  const shown = asShown(source, agreement, n)
  return {
    left,
    /** Variance that the jackknife over people does not see. */
    unseen: Math.max(0, 1e4 * agreement.variance - jackknifed.x),
    agreement: shown.agreement,
    part: { term: source.term, value: 100 * shown.agreement.between, variance: 1e4 * shown.variance },
  }
}

function asShown(
  { term, itemId, small }: TermSource,
  agreement: NonNullable<ReturnType<typeof definitionAgreement>>,
  n: BySide<number>,
): { agreement: TermAgreement; variance: number } {
  const { between, withinFirst, withinSecond, divide, variance, interval } = agreement
  const about = { term, itemId, nSales: n.sales, nMarketing: n.marketing }
  if (small.length === 0) {
    return { agreement: { ...about, between, withinSales: withinFirst, withinMarketing: withinSecond, divide, interval }, variance }
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
      interval: outward({ low: clamp(rounded - half, 0, 1), high: clamp(rounded + half, 0, 1) }, step),
    },
    variance: error ** 2,
  }
}

// ── Uncertainty ─────────────────────────────────────────────────────────────────────────────────────────────────────

function floored({ x, y, both }: Covariance, floor: { perception: number; terms: number }): ScoreInputs['covariance'] {
  return { perception: Math.max(x, floor.perception), terms: y + floor.terms, both }
}

/** Standard errors up to whole points, the correlation to a tenth. */
function coarseCovariance({ perception, terms, both }: ScoreInputs['covariance']): ScoreInputs['covariance'] {
  const correlation = both === 0 ? 0 : clamp(coarse(both / Math.sqrt(perception * terms), 0.1), -1, 1)
  const [p, t] = [wholePoints(perception), wholePoints(terms)]
  return { perception: p, terms: t, both: correlation * Math.sqrt(p * t) }
}

const wholePoints = (variance: number): number => Math.ceil(Math.sqrt(variance)) ** 2
