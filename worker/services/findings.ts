/**
 * What the numbers allow to be said, in one sentence each: the titles of pages, and the same for the API. Which sentence
 * follows from rules (core/findings.ts); where none holds it is the neutral name of the measure.
 */
import {
  aroundFinding,
  caseFinding,
  causeFinding,
  gapFinding,
  groupFinding,
  kpiFinding,
  promiseFinding,
  relationFinding,
  termFinding,
  titleFinding,
  trendFinding,
  weightsFinding,
} from '../core/findings'
import type { KpiRelation } from '../core/relation'
import type { Contribution, PublicResult, Score } from '../core/result'
import type { ScoreView } from '../core/score-history'
import { isJudged, type SlaFinding } from '../core/sla'
import { type StandingTerm, standingFinding } from '../core/standing-terms'
import type { Trend } from '../core/trend'
import { intlTag, type Locale, type Messages, messagesOf } from '../i18n'
import { type Format, formatOf, isolate } from '../i18n/format'
import { lowerFirst } from '../i18n/lower-first'
import type { EventComparison } from './analyses'
import { clauseName, valueText } from './clause-words'
import type { KpiCard, Overview } from './overview'

/** What a finding is about. */
export type About =
  | 'score'
  | 'cause'
  | 'weights'
  | 'trend'
  | 'sides'
  | 'definitions'
  | 'cases'
  | 'groups'
  | 'promises'
  | 'kpis'
  | 'around'
  | 'relations'

/** One sentence and the figures that it rests on, in the units of the API. */
export interface Finding {
  about: About
  /** The rule that held; `neutral` and the like where none did. */
  kind: string
  text: string
  figures: Record<string, unknown>
}

/** How a language writes words and numbers. */
export interface Words {
  locale: Locale
  t: Messages
  f: Format
}

export const wordsOf = (locale: Locale, timeZone: string): Words => ({ locale, t: messagesOf(locale), f: formatOf(locale, timeZone) })

/** Of one score: where it stands, what moved it, and whether other weights would say the same. */
export const scoreFindings = (view: ScoreView, words: Words): Finding[] => [
  titleOf(view, words),
  causeOf(view, words),
  weightsOf(view, words),
]

/** Of what one round published. */
export const resultFindings = (result: PublicResult, words: Words): Finding[] => [
  sidesOf(result, words),
  definitionsOf(result, words),
  ...casesOf(result, words),
  groupsOf(result, words),
]

/** Everything that the overview says; nothing of what is not there. Of terms: each as it was asked last. */
export const overviewFindings = ({ shown, kpis, around, relations }: Overview, words: Words): Finding[] => [
  ...(shown
    ? [
        ...scoreFindings(shown, words),
        trendOf(shown.trend, words),
        ...resultFindings(shown.result, words).filter(({ about }) => about !== 'definitions'),
        termsOf(shown.terms, words),
        promisesOf(shown.score, words),
      ]
    : []),
  kpisOf(kpis, words),
  ...(around ? [aroundOf(around, words)] : []),
  relationsOf(relations, words),
]

function titleOf({ score, sinceBaseline, sinceLast, baseline }: ScoreView, { t, f }: Words): Finding {
  const finding = titleFinding(score.value, sinceBaseline, sinceLast)
  const { heading } = t.overview
  const points = (change: { points: number } | null) => change?.points ?? null
  const figures = {
    value: score.value,
    interval: score.interval,
    baseline: baseline?.value ?? null,
    sinceBaseline: points(sinceBaseline),
    sinceLast: points(sinceLast),
  }
  const said = (text: string): Finding => ({ about: 'score', kind: finding.kind, text, figures })
  switch (finding.kind) {
    case 'since-baseline':
      return said(finding.direction === 'better' ? heading.betterThanStart(finding.points) : heading.worseThanStart(finding.points))
    case 'since-last':
      return said(finding.direction === 'better' ? heading.betterThanLast(finding.points) : heading.worseThanLast(finding.points))
    case 'first':
      return said(heading.firstScore(f.number(finding.value)))
    case 'steady':
      return said(heading.steady)
    case 'no-score':
      return said(heading.noScore)
  }
}

function causeOf({ score, sinceLast }: ScoreView, words: Words): Finding {
  const { t, f } = words
  const { heading } = t.overview
  const said = (kind: string, text: string, figures: Finding['figures'] = {}): Finding => ({ about: 'cause', kind, text, figures })
  if (score.value === null) return said('no-score', heading.present(f.percent(score.weightPresent)), { weightPresent: score.weightPresent })
  const finding = causeFinding(sinceLast)
  const points = sinceLast?.points ?? null
  if (finding.kind !== 'part') return said(finding.kind, heading[finding.kind], { points })
  const rose = finding.direction === 'rise'
  const named = (part: Contribution) => (part.clause ? heading.promise(contributionName(words, part)) : contributionName(words, part))
  const main = new Intl.ListFormat(intlTag(words.locale)).format(finding.main.map((part) => lowerFirst(named(part))))
  const sentences = [rose ? heading.rise(main) : heading.fall(main)]
  if (finding.against) {
    const against = named(finding.against)
    sentences.push(rose ? heading.tookBack(against) : heading.softened(against))
  }
  const partOf = (part: Contribution) => ({ key: part.key, points: part.points })
  return said(finding.kind, sentences.join(' '), {
    points,
    main: finding.main.map(partOf),
    against: finding.against && partOf(finding.against),
  })
}

function weightsOf({ sinceLast, changeSensitivity }: ScoreView, { t, f }: Words): Finding {
  const texts = t.findings.weights
  const finding = weightsFinding(sinceLast, changeSensitivity)
  const { kind, ...figures } = finding
  const said = (text: string): Finding => ({ about: 'weights', kind, text, figures })
  if (finding.kind === 'neutral') return said(texts.neutral)
  if (finding.kind === 'holds') return said(texts[finding.direction])
  return said(texts[finding.kind](f.signed(finding.low, 1), f.signed(finding.high, 1)))
}

/** Where the newest rounds stand to the normal range of their line. */
export function trendOf({ rounds, events }: Trend, { t, f }: Words): Finding {
  const texts = t.overview.trend
  const finding = trendFinding(rounds, (number) => {
    const round = rounds.find((candidate) => candidate.number === number)
    return events.findLast((event) => event.at <= (round?.at ?? 0))?.name ?? null
  })
  const said = (text: string, figures: Finding['figures'] = {}): Finding => ({ about: 'trend', kind: finding.kind, text, figures })
  switch (finding.kind) {
    case 'one-round':
      return said(texts.oneRound)
    case 'too-few':
      return said(texts.tooFew)
    case 'within':
      return said(texts.within)
    case 'neutral':
      return said(texts.neutral)
    case 'signal': {
      const { direction, event, number } = finding
      const sentences = texts[direction]
      return said(event ? sentences.after(isolate(event)) : sentences.since(f.number(number)), { direction, event, round: number })
    }
  }
}

function sidesOf({ gaps }: PublicResult, { t }: Words): Finding {
  const texts = t.overview.sides
  const finding = gapFinding(gaps)
  if (finding.kind !== 'divides') return { about: 'sides', kind: finding.kind, text: texts[finding.kind], figures: {} }
  const gap = gaps.find(({ theme }) => theme === finding.theme)
  return { about: 'sides', kind: finding.kind, text: texts.divides(t.themes[finding.theme]), figures: { ...gap } }
}

/** Whether both sides mean the same by the terms of a round. */
export function definitionsOf({ terms }: PublicResult, { t }: Words): Finding {
  const texts = t.findings.definitions
  const finding = termFinding(terms)
  const said = (text: string, figures: Finding['figures'] = {}): Finding => ({ about: 'definitions', kind: finding.kind, text, figures })
  if (!('term' in finding)) return said(texts[finding.kind])
  return said(texts[finding.kind](lowerFirst(t.terms[finding.term])), { ...terms.find(({ term }) => term === finding.term) })
}

/** The same of all terms that count, each as it was asked last; judged together, as there are ten of them. */
function termsOf(terms: readonly StandingTerm[], { t }: Words): Finding {
  const texts = t.findings.definitions
  const found = standingFinding(terms)
  const said = (kind: string, text: string, figures: Finding['figures'] = {}): Finding => ({ about: 'definitions', kind, text, figures })
  if (found.kind === 'all-shared') return said('shared', texts.shared)
  const [kind, lacking] =
    found.kind === 'both' ? [found.reading, found.lacking] : 'term' in found ? [found.kind, found.term] : (['neutral', null] as const)
  if (lacking === null) return said('neutral', texts.neutral)
  const measured = terms.find(({ term }) => term === lacking)?.latest
  return said(kind, texts[kind](lowerFirst(t.terms[lacking])), { ...measured?.agreement, round: measured?.round.number })
}

/** The story or number that divides the sides most; nothing where none does beyond chance. */
export function casesOf({ vignettes = [], numbers = [] }: PublicResult, { t }: Words): Finding[] {
  const found = caseFinding([...vignettes, ...numbers])
  if (!found) return []
  const question = (t.items as Record<string, unknown>)[found.itemId]
  return [{ about: 'cases', kind: 'divides', text: t.vignettes.divides(String(question ?? found.itemId)), figures: { ...found } }]
}

function groupsOf(result: PublicResult, { t }: Words): Finding {
  const texts = t.overview.groups
  const finding = groupFinding(result)
  if (finding.kind === 'neutral') return { about: 'groups', kind: finding.kind, text: texts.neutral, figures: {} }
  const { name, theme } = finding
  const node = result.nodes.find((candidate) => candidate.name === name)
  const figure = node && 'themes' in node ? node.themes[theme] : undefined
  return {
    about: 'groups',
    kind: finding.kind,
    text: texts.lowest(isolate(name), t.themes[theme]),
    figures: { group: name, theme, ...figure },
  }
}

/** The promise that a round's score says was missed most often. */
function promisesOf(score: Score, words: Words): Finding {
  const { t, f } = words
  const texts = t.findings.promises
  const finding = promiseFinding(score)
  const { kind, ...figures } = finding
  const said = (text: string): Finding => ({ about: 'promises', kind, text, figures })
  if (finding.kind === 'neutral') return said(texts.neutral)
  if (finding.kind === 'kept') return said(texts.kept(finding.clauses))
  const { clause, missed, due, period } = finding
  return said(texts.missed(t.sides[clause.side], clauseName(words, clause), f.number(missed), f.number(due), f.month(period)))
}

function kpisOf(cards: readonly KpiCard[], { t }: Words): Finding {
  const texts = t.findings.kpis
  const judged = cards.flatMap(({ metric, current, range }) =>
    current?.value != null && range ? [{ metric: metric.key, better: metric.better, value: current.value, range }] : [],
  )
  const finding = kpiFinding(judged)
  if (!('metric' in finding)) return { about: 'kpis', kind: finding.kind, text: texts[finding.kind], figures: {} }
  const { kind, ...figures } = finding
  return { about: 'kpis', kind, text: texts[kind](partName(t, finding.metric)), figures }
}

/** Of the measures before an event and after it, the one that differs most surely. */
export function aroundOf({ event, rows }: EventComparison, { t }: Words): Finding {
  const texts = t.findings.around
  const finding = aroundFinding(rows)
  const name = isolate(event.name)
  const said = (text: string, figures: Finding['figures'] = {}): Finding => ({
    about: 'around',
    kind: finding.kind,
    text,
    figures: { event, ...figures },
  })
  if (!('measure' in finding)) return said(finding.kind === 'none' ? texts.none(name) : texts.tooFew(name))
  const { kind, ...figures } = finding
  return said(texts[kind](measureName(t, finding.measure), name), figures)
}

function relationsOf(relations: readonly KpiRelation[], { t }: Words): Finding {
  const texts = t.findings.relations
  const finding = relationFinding(relations)
  const { kind, ...figures } = finding
  const said = (text: string): Finding => ({ about: 'relations', kind, text, figures })
  switch (finding.kind) {
    case 'neutral':
      return said(texts.neutral)
    case 'none':
      return said(texts.none)
    case 'too-few':
      return said(texts.tooFew(finding.periods))
    default: {
      const name = partName(t, finding.metric)
      if (finding.lag === 0) return said(texts[finding.kind](name))
      return said(finding.kind === 'with' ? texts.withLater(name, finding.lag) : texts.againstLater(name, finding.lag))
    }
  }
}

/** The name of a part of the score: a theme, a term or a KPI. Words that are nobody's of ours are kept apart. */
export const partName = (t: Messages, key: string): string =>
  (t.themes as Record<string, string>)[key] ??
  (t.terms as Record<string, string>)[key] ??
  (t.metrics.names as Record<string, string>)[key] ??
  isolate(key)

/** The same of a line of what moved a score; clauses are named by what they promise. */
export const contributionName = (
  words: Pick<Words, 't' | 'f'>,
  { key, clause }: { key: string; clause?: Contribution['clause'] | undefined },
): string => (clause ? clauseName(words, clause) : partName(words.t, key))

/** Days as they are written, once where they are the same. */
export const span = (from: string, to: string): string => (from === to ? from : `${from} – ${to}`)

/** The title of the promises. */
export function slaText(finding: SlaFinding, words: Words): string {
  const { t } = words
  const { heading } = t.sla
  switch (finding.kind) {
    case 'run': {
      const { clause, evaluations } = finding.of
      const said = heading.run[finding.run.state](t.sides[clause.side], clauseName(words, clause), finding.run.length)
      // The run ends there, and what was due since may not be judged yet.
      return heading.judged(said, words.f.day(evaluations.findLast(isJudged)?.dueDay ?? ''))
    }
    case 'missed': {
      const { clause } = finding.of
      const { value, target } = finding.last
      return heading.missed(
        t.sides[clause.side],
        clauseName(words, clause),
        valueText(words, clause, value ?? 0),
        valueText(words, clause, target),
      )
    }
    case 'all-kept':
      return heading.allKept(finding.clauses, span(words.f.day(finding.from), words.f.day(finding.to)))
    case 'nothing-judged':
      return heading.nothingJudged
    case 'none':
      return heading.none
  }
}

/** The name of what is compared before and after an event. */
export const measureName = (t: Messages, measure: string): string =>
  measure === 'score' || measure === 'people' ? t.findings.around[measure] : partName(t, measure)
