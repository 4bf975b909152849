/** What a round asks: the organisation's decisions about its survey, and how terms and cases take turns. */
import { type Item, isClassed, type Term, type Texts, type Theme, terms, themes } from './round'
import { type Case, caseBank, surveyBank } from './survey-bank'

/** What the organisation decided about its survey. A change holds from the next round on. */
export interface SurveyPlan {
  /** From 1, the survey that Plumbline comes with. */
  version: number
  /** Statements of the bank or of the organisation's own, and `headline`; in the order of the page. */
  items: readonly { id: string; optional?: true }[]
  /** Terms that a round asks about, in turn. */
  definitions: Turns
  /** Vignettes and numbers that a round asks, in turn. */
  cases: Turns
  /** Whether there is room for a comment. */
  comment: boolean
}

/** How many a round asks. */
export type Turns = (typeof turns)[number]
export const turns = [0, 1, 2, 'all'] as const

/** A statement that the organisation wrote itself. */
export interface OwnItem {
  /** `own-…` */
  id: string
  theme: Theme
  texts: Texts
}

/** What the organisation decided about the question of a term. */
export interface TermQuestion {
  term: Term
  /** Its own answers, without `unsure`, which comes last by itself; null for those of the bank. */
  options: readonly { id: string; texts: Texts }[] | null
  /** The option that is agreed on and written down; null where none is. */
  official: string | null
}

/** What the organisation wrote itself. */
export interface OwnWords {
  items?: readonly OwnItem[]
  terms?: readonly TermQuestion[]
}

/** The survey that Plumbline comes with: 18 questions and a comment. */
export const defaultPlan: SurveyPlan = {
  version: 1,
  items: surveyBank.flatMap((item) => (isClassed(item) ? [{ id: item.id }] : [])),
  definitions: 2,
  cases: 1,
  comment: true,
}

/**
 * The items of a round, in the order of the page and of a ballot's bytes: those of the plan in its order, then the
 * definitions, then the cases; a headline that ends the plan ends the page.
 *
 * - Definitions take turns: two a round ask each of the ten terms once in any five rounds in a row, one a round in ten.
 * - Cases take turns too: each is asked once before any is asked again, those of the round's terms first.
 *
 * Ids that nothing knows are left out: see `planProblems`.
 *
 * @param number of the round, from 1
 * @example itemsOfRound(1).slice(14).map(({ id }) => id)
 * // ['definition-sla', 'definition-lead-type', 'vignette-sla-forty-good-ones', 'headline']
 */
export function itemsOfRound(number: number, plan: SurveyPlan = defaultPlan, own: OwnWords = {}): Item[] {
  const known = statements(own)
  const planned = plan.items.flatMap(({ id, optional }): Item[] => {
    const item = known.get(id)
    return item ? [{ ...item, ...(optional && { optional }) }] : []
  })
  const last = planned.at(-1)?.kind === 'headline' ? planned.slice(-1) : []
  return [
    ...planned.slice(0, planned.length - last.length),
    ...termsOfRound(number, plan.definitions).map((term) => definitionOf(term, own)),
    ...casesOfRound(number, plan),
    ...last,
  ]
}

/** Fewest and most questions of a round that does not ask all definitions or cases. */
export const questionsOfRound = { least: 8, most: 18 } as const

/** Most statements of one theme: all of a theme weigh as much in the score as all of another. */
export const mostOfTheme = 4

/** Most questions that any round may have: a ballot stays small, and a page can be read. */
export const mostQuestions = 64

/** What is wrong with a plan, and where; nothing that the page could not say to the person who makes it. */
export type PlanProblem =
  | { code: 'too-few' | 'too-many'; questions: number; limit: number }
  /** No statement, own item or `headline` has this id. */
  | { code: 'unknown' | 'double'; id: string }
  | { code: 'theme-too-long'; theme: Theme; items: number; limit: number }
  /** Own options: fewer than two or more than nine, an id twice, or `unsure`, which comes by itself. */
  | { code: 'options'; term: Term }
  /** The agreed option is none of the term's. */
  | { code: 'official'; term: Term; official: string }

/**
 * Why a plan cannot be asked; empty where it can. From 8 to 18 questions, or more in a round that asks about all
 * definitions or cases.
 *
 * @example planProblems({ ...defaultPlan, items: [{ id: 'headline' }] })
 * // [{ code: 'too-few', questions: 4, limit: 8 }]
 */
export function planProblems(plan: SurveyPlan, own: OwnWords = {}): PlanProblem[] {
  const known = statements(own)
  const ids = plan.items.map(({ id }) => id)
  return [...new Set(ids.filter((id) => !known.has(id)))]
    .map((id): PlanProblem => ({ code: 'unknown', id }))
    .concat(
      [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))].map((id): PlanProblem => ({ code: 'double', id })),
      longThemes(plan, own),
      lengthProblems(plan, own),
      (own.terms ?? []).flatMap(termProblems),
    )
}

/**
 * How long these questions take, in seconds, without the comment: 6.5 a statement, as 15Five says of its survey (55
 * statements in about six minutes), and 10 where a story or several answers have to be read, which is a judgement: some
 * forty words, read at 240 a minute.
 *
 * @example estimatedSeconds(itemsOfRound(1)) // 127.5
 */
export function estimatedSeconds(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + (isClassed(item) ? 6.5 : 10), 0)
}

/** The statements and the headline that a plan may name, by id. */
function statements(own: OwnWords): Map<string, Item> {
  return new Map([
    ...surveyBank.filter(isClassed).map((item): [string, Item] => [item.id, item]),
    ...(own.items ?? []).map(({ id, theme, texts }): [string, Item] => [id, { id, kind: 'agreement', theme, texts }]),
  ])
}

// ── Turns ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The first of two terms a round, or of one; the second is five further on. */
const half = terms.length / 2

function termsOfRound(number: number, asked: Turns): Term[] {
  if (asked === 'all') return [...terms]
  if (asked === 0) return []
  const at = (number - 1) % (asked === 1 ? terms.length : half)
  return asked === 1 ? [terms[at] as Term] : [terms[at] as Term, terms[at + half] as Term]
}

/** Walks the bank once, and again: the rounds before this one of the walk say what is left of it. */
function casesOfRound(number: number, { definitions, cases }: SurveyPlan): Case[] {
  if (cases === 'all') return [...caseBank]
  if (cases === 0) return []
  const preferred = (round: number) => termsOfRound(round, definitions === 1 ? 1 : 2)
  const firstRound = number - ((number - 1) % caseBank.length)
  let left: Case[] = []
  let asked: Case[] = []
  for (let round = firstRound; round <= number; round++) {
    asked = []
    for (let slot = 0; slot < cases; slot++) {
      if (left.length === 0) left = [...caseBank]
      const next = nextCase(
        left.filter((one) => !asked.includes(one)),
        preferred(round),
        asked,
      )
      asked.push(next)
      left = left.filter((one) => one !== next)
    }
  }
  return asked
}

/** One of the round's terms, of a term that was not asked yet where there is one; else one of the term with the most left. */
function nextCase(left: readonly Case[], preferred: readonly Term[], asked: readonly Case[]): Case {
  const leftOf = (term: Term) => left.filter((one) => one.term === term)
  const fresh = preferred.filter((term) => asked.every((one) => one.term !== term))
  const [term] = [...fresh, ...preferred].filter((one) => leftOf(one).length > 0)
  const fullest = terms.reduce((a, b) => (leftOf(b).length > leftOf(a).length ? b : a))
  return leftOf(term ?? fullest)[0] as Case
}

/** The question of a term, with the organisation's own answers and its agreed one. */
function definitionOf(term: Term, own: OwnWords): Item {
  const base = surveyBank.find((item) => item.kind === 'definition' && item.term === term) as Item & { kind: 'definition' }
  const decided = own.terms?.find((question) => question.term === term)
  if (!decided) return base
  const { options, official } = decided
  return {
    ...base,
    ...(options && {
      options: [...options.map(({ id }) => id), 'unsure'],
      optionTexts: Object.fromEntries(options.map(({ id, texts }) => [id, texts])),
    }),
    ...(official !== null && { official }),
  }
}

// ── Problems ────────────────────────────────────────────────────────────────────────────────────────────────────────

function longThemes(plan: SurveyPlan, own: OwnWords): PlanProblem[] {
  const known = statements(own)
  const asked = plan.items.flatMap(({ id }) => known.get(id) ?? [])
  return themes.flatMap((theme): PlanProblem[] => {
    const items = asked.filter((item) => item.kind === 'agreement' && item.theme === theme).length
    return items > mostOfTheme ? [{ code: 'theme-too-long', theme, items, limit: mostOfTheme }] : []
  })
}

function lengthProblems(plan: SurveyPlan, own: OwnWords): PlanProblem[] {
  const questions = itemsOfRound(1, plan, own).length
  const { least } = questionsOfRound
  const most = plan.definitions === 'all' || plan.cases === 'all' ? mostQuestions : questionsOfRound.most
  if (questions < least) return [{ code: 'too-few', questions, limit: least }]
  return questions > most ? [{ code: 'too-many', questions, limit: most }] : []
}

/** Fewest and most answers of the organisation's own; the page and a ballot's byte take more, a reader does not. */
export const ownOptions = { least: 2, most: 9 } as const

function termProblems({ term, options, official }: TermQuestion): PlanProblem[] {
  const ids = options ? options.map(({ id }) => id) : bankOptions(term)
  const isWrong =
    options !== null &&
    (ids.length < ownOptions.least || ids.length > ownOptions.most || new Set(ids).size < ids.length || ids.includes('unsure'))
  return [
    ...(isWrong ? [{ code: 'options', term } as const] : []),
    ...(official !== null && !ids.includes(official) ? [{ code: 'official', term, official } as const] : []),
  ]
}

const bankOptions = (term: Term): string[] =>
  surveyBank.flatMap((item) => (item.kind === 'definition' && item.term === term ? item.options.slice(0, -1) : []))
