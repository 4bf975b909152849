/** What the terms mean to both sides, over all rounds that asked about them: everything of the page, in one trip to the database. */
import { DomainError } from '../core/errors'
import { isHidden } from '../core/findings'
import type { NumberAgreement, PublicResult, VignetteAgreement, WrittenShare } from '../core/result'
import type { Term, TermItem } from '../core/round'
import { type BySide, bySide } from '../core/score-inputs'
import {
  type AgreementIndex,
  dividedOf,
  type IndexChange,
  leadingAnswersDiffer,
  type RoundName,
  type StandingTerm,
  standingFinding,
  standingTerms,
  termChangeFinding,
} from '../core/standing-terms'
import { type StoryAgreement, standingRounds, storyAgreement } from '../core/stories'
import { type SideNode, selectComing, selectSides, selectTermRounds } from '../db/definitions'
import { selectEvents } from '../db/events'
import { selectAnybody } from '../db/people'
import { settings } from '../db/schema'
import { rulesIn, selectRules } from '../db/scoring-rules'
import { type Settings, settingsIn } from '../db/settings'
import { surveyIn, surveyStatements } from '../db/survey'
import { isolate } from '../i18n/format'
import { lowerFirst } from '../i18n/lower-first'
import type { ServiceContext } from './context'
import type { Words } from './findings'
import { surveyOf, turnsOf } from './survey'

/** Why a side's answers are not said: too few, to protect a smaller group, or nothing but the index is said of fewer than ten. */
export type Unsaid = 'too-few' | 'protects-smaller' | 'under-ten' | 'long-ago'

/** What one side chose, by option; or why that is not said. */
export type SideAnswers = { n: number; options: Record<string, number> } | { unsaid: Unsaid }

export const isSaid = (answers: SideAnswers): answers is Exclude<SideAnswers, { unsaid: Unsaid }> => 'options' in answers

export interface ShownTerm extends StandingTerm {
  /** Null where the term has not been published. */
  answers: BySide<SideAnswers> | null
  /** Both sides lead with another answer, and agree more within themselves than with each other, beyond chance. */
  leadersDiffer: boolean
  /** Where one of the answers is agreed on: its id, and how many of each side chose it. */
  written: { option: string; sales: WrittenShare | null; marketing: WrittenShare | null } | null
  /** The round that asks next; `isOpen` where it takes answers now. Null for a term that the survey never asks. */
  next: { number: number; isOpen: boolean } | null
}

/** A story or number as its latest round published it. */
export interface ShownCase<Agreement extends VignetteAgreement = VignetteAgreement> {
  item: TermItem
  round: RoundName
  agreement: Agreement
  answers: BySide<SideAnswers>
  /** Each side judges in a way of its own, beyond chance among all that are shown. */
  isDivided: boolean
}

export interface ShownDefinitions {
  id: string
  round: RoundName
  closedAt: Date | null
  minimumGroupSize: number
  /** Ballots of each side; null where they are not said. */
  ballots: BySide<number | null>
  index: AgreementIndex | null
  sinceLast: IndexChange | null
  sinceBaseline: IndexChange | null
  terms: ShownTerm[]
  /** The furthest apart first. */
  stories: ShownCase[]
  /** A round asked for a story, whether it could be published or not. */
  askedStories: boolean
  numbers: ShownCase<NumberAgreement>[]
  /** Over the latest answers to each story. */
  alike: StoryAgreement
}

export interface Definitions {
  settings: Settings
  /** Closed rounds, newest first. */
  rounds: RoundName[]
  /** The round that takes answers now or opens next. */
  next: (RoundName & { state: 'open' | 'scheduled'; opensAt: Date | null; closesAt: Date | null }) | null
  /** Earliest first. */
  events: readonly { day: string; name: string }[]
  /** When each term is asked next. */
  turns: ReadonlyMap<Term, { number: number; isOpen: boolean }>
  /** Somebody can be asked. */
  hasPeople: boolean
  /** Null until a round has closed. */
  shown: ShownDefinitions | null
}

/**
 * The terms as they stood when a round closed; the latest one without a number.
 *
 * @throws DomainError not-found where no closed round has this number
 */
export async function readDefinitions({ db }: Pick<ServiceContext, 'db'>, number?: number): Promise<Definitions> {
  const [settingRows, ruleRows, termRounds, sides, coming, events, peopleRows, ...surveyRows] = await db.batch([
    db.select().from(settings),
    selectRules(db),
    selectTermRounds(db),
    selectSides(db, number, standingRounds),
    selectComing(db),
    selectEvents(db),
    selectAnybody(db),
    ...surveyStatements(db),
  ])
  const upTo = termRounds.filter((round) => number === undefined || round.number <= number)
  const last = upTo.at(-1)
  if (number !== undefined && last?.number !== number) throw new DomainError('not-found', 'No closed round has this number.')
  const newest = Math.max(0, ...termRounds.map((round) => round.number))
  const turns = turnsFrom(coming, surveyOf(surveyIn(surveyRows)), newest)
  return {
    settings: settingsIn(settingRows),
    rounds: termRounds.map((round) => ({ number: round.number, period: round.period })).reverse(),
    next: nextOf(coming),
    events,
    turns,
    hasPeople: peopleRows.length > 0,
    shown: last ? shownOf(upTo, last, sides, rulesIn(ruleRows).baseline, last.number === newest ? turns : new Map()) : null,
  }
}

type TermRoundRow = Awaited<ReturnType<typeof selectTermRounds>>[number]
type SidesRow = Awaited<ReturnType<typeof selectSides>>[number]
type ComingRow = Awaited<ReturnType<typeof selectComing>>[number]

function nextOf(coming: readonly ComingRow[]): Definitions['next'] {
  const round = coming.find(({ state }) => state === 'open') ?? coming[0]
  if (!round) return null
  const { number, period, opensAt, closesAt } = round
  return { state: round.state === 'open' ? 'open' : 'scheduled', number, period, opensAt, closesAt }
}

/** An open round has its questions already; what the survey says holds from the one after it. */
function turnsFrom(coming: readonly ComingRow[], survey: Parameters<typeof turnsOf>[0], newest: number): Definitions['turns'] {
  const open = coming.find(({ state }) => state === 'open')
  const first = coming.find(({ state }) => state === 'scheduled')?.number ?? (open?.number ?? newest) + 1
  const later = [...turnsOf(survey, first)].map(([term, number]) => [term, { number, isOpen: false }] as const)
  const now = (open?.asks ?? []).map(({ term }) => [term, { number: open?.number ?? 0, isOpen: true }] as const)
  return new Map<Term, { number: number; isOpen: boolean }>([...later, ...now])
}

function shownOf(
  upTo: readonly TermRoundRow[],
  last: TermRoundRow,
  sides: readonly SidesRow[],
  baseline: Parameters<typeof standingTerms>[1],
  turns: Definitions['turns'],
): ShownDefinitions {
  const standing = standingTerms(upTo, baseline)
  const now = sides.find(({ number }) => number === last.number)
  const stories = casesOf(sides, ({ vignettes }) => vignettes)
  const numbers = casesOf(sides, (round) => round.numbers)
  const divided = dividedOf([...stories, ...numbers].map(({ agreement }): VignetteAgreement => agreement))
  const ranked = <T extends ShownCase>(cases: T[]) =>
    cases
      .map((one) => ({ ...one, isDivided: divided.has(one.agreement) }))
      .sort((a, b) => (b.agreement.divide ?? -2) - (a.agreement.divide ?? -2))
  return {
    id: last.id,
    round: standing.round,
    closedAt: last.closedAt,
    minimumGroupSize: last.minimumGroupSize,
    ballots: bySide((side) => {
      const node = now && sideNode(now.nodes, side)
      return node && !isHidden(node) ? node.n : null
    }),
    index: standing.index,
    sinceLast: standing.sinceLast,
    sinceBaseline: standing.sinceBaseline,
    terms: standing.terms.map((one) => shownTerm(one, sides, turns.get(one.term) ?? null)),
    stories: ranked(stories),
    askedStories: sides.some(({ cases }) => cases.some(({ kind }) => kind === 'vignette')),
    numbers: ranked(numbers),
    alike: storyAgreement(sides.map(({ number, nodes }) => ({ number, nodes: nodes as PublicResult['nodes'] }))),
  }
}

function shownTerm(one: StandingTerm, sides: readonly SidesRow[], next: ShownTerm['next']): ShownTerm {
  const { latest, reading } = one
  const answers = latest && answersIn(sides, latest.round.number, latest.agreement.itemId)
  const optionsOf = (side: SideAnswers | undefined) => (side && isSaid(side) ? side.options : null)
  return {
    ...one,
    answers,
    leadersDiffer:
      (reading === 'rival' || reading === 'own') && leadingAnswersDiffer(optionsOf(answers?.sales), optionsOf(answers?.marketing)),
    written: latest?.agreement.written ?? null,
    next,
  }
}

/** The topmost group of a side. Groups of neither side are not among these, which leaves the topmost of each without a parent of its side. */
const sideNode = (nodes: readonly SideNode[], side: 'sales' | 'marketing'): SideNode | undefined => {
  const own = new Set(nodes.flatMap((node) => (node.side === side ? [node.id] : [])))
  return nodes.find((node) => node.side === side && (node.parentId === null || !own.has(node.parentId)))
}

function answersIn(rounds: readonly SidesRow[], number: number, itemId: string): BySide<SideAnswers> {
  const round = rounds.find((one) => one.number === number)
  return bySide((side): SideAnswers => {
    if (!round) return { unsaid: 'long-ago' }
    const node = sideNode(round.nodes, side)
    if (!node || isHidden(node)) return { unsaid: node?.hidden ?? 'too-few' }
    const figure = node.definitions[itemId]
    if (!figure || isHidden(figure)) return { unsaid: figure?.hidden ?? 'too-few' }
    return figure.options ? { n: figure.n, options: figure.options } : { unsaid: 'under-ten' }
  })
}

/** Each story or number by its latest round, newest rounds first. */
function casesOf<Agreement extends VignetteAgreement>(
  rounds: readonly SidesRow[],
  agreementsOf: (round: SidesRow) => readonly Agreement[],
): ShownCase<Agreement>[] {
  const seen = new Set<string>()
  return rounds.flatMap((round) =>
    agreementsOf(round).flatMap((agreement): ShownCase<Agreement>[] => {
      const item = round.cases.find(({ id }) => id === agreement.itemId)
      if (!item || seen.has(agreement.itemId)) return []
      seen.add(agreement.itemId)
      const { number, period } = round
      return [{ item, agreement, round: { number, period }, answers: answersIn(rounds, number, agreement.itemId), isDivided: false }]
    }),
  )
}

// ── What can be said ────────────────────────────────────────────────────────────────────────────────────────────────

/** The title of the page; the same for the API. */
export function definitionsText({ terms }: Pick<ShownDefinitions, 'terms'>, { t, f }: Words): string {
  const texts = t.definitionsPage.heading
  const finding = standingFinding(terms)
  const name = (term: Term) => lowerFirst(t.terms[term])
  switch (finding.kind) {
    case 'both':
      return texts.both(name(finding.shared), name(finding.lacking))
    case 'rival':
    case 'unshared':
      return t.findings.definitions[finding.kind](name(finding.term))
    case 'all-shared':
      return texts.allShared(finding.terms)
    case 'some-shared':
      return texts.someShared(f.number(finding.shared), f.number(finding.terms))
    case 'neutral':
      return t.findings.definitions.neutral
  }
}

/** The title of the figure with all terms. */
export function termChangesText(
  { terms }: Pick<ShownDefinitions, 'terms'>,
  events: Definitions['events'],
  { t }: Pick<Words, 't'>,
): string {
  const texts = t.definitionsPage.changes
  const finding = termChangeFinding(terms, events)
  if (!('term' in finding)) return texts[finding.kind]
  const name = t.terms[finding.term]
  const said = texts[finding.kind](name)
  return finding.event === null ? said : texts.after(said, isolate(finding.event))
}
