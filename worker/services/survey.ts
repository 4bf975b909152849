/** What is asked: the survey as a whole, with the organisation's own statements and answers, and deciding it anew. */
import { DomainError, type FieldError } from '../core/errors'
import { type MissingWords, missingWords, type WordsProblem } from '../core/own-words'
import { type Item, isChoice, type Term, type Texts, type Theme, terms } from '../core/round'
import { surveyBank } from '../core/survey-bank'
import {
  defaultPlan,
  itemsOfRound,
  type OwnItem,
  type PlanProblem,
  planProblems,
  type SurveyPlan,
  type TermQuestion,
} from '../core/survey-plan'
import { type Database, isUniqueViolation } from '../db/client'
import { findRound } from '../db/rounds'
import { insertPlan, listPlans, nextRound, type StoredSurvey, type StoredTerm, selectSurvey } from '../db/survey'
import { type Locale, localeNames, locales } from '../i18n'
import { optionOf, questionOf, type Reader, type Wording } from '../i18n/items'
import type { ServiceContext } from './context'

/** What the next round is made of. */
export interface Survey {
  plan: SurveyPlan
  /** Null for the default survey, which nobody decided. */
  since: Date | null
  /** Statements of the organisation's own that can be asked. */
  items: readonly OwnItemView[]
  /** Those that were put away; each can come back. */
  retired: readonly OwnItemView[]
  /** All ten, in their order. */
  terms: readonly TermView[]
}

export interface OwnItemView extends OwnItem {
  /** One more with every translation; send it back with a change. */
  version: number
  /** Languages that it has no words in. */
  missing: readonly string[]
}

export interface TermView extends TermQuestion {
  /** 0 while it is the bank's question; send it back with a change. */
  version: number
  /** Answers that were taken out; each can come back. */
  former: readonly { id: string; texts: Texts }[]
  missing: readonly MissingWords[]
}

/** Everything that was decided about the survey, in one read. */
export const readSurvey = async (db: Database): Promise<Survey> => surveyOf(await selectSurvey(db))

/** What was decided, as it can be asked. */
export function surveyOf({ plan, since, items, terms: decided }: StoredSurvey): Survey {
  const asked = new Set(plan.items.map(({ id }) => id))
  // A statement that is asked stays one that can be, whatever happened to it at the same moment.
  const isUsed = ({ id, retiredAt }: (typeof items)[number]) => retiredAt === null || asked.has(id)
  return {
    plan,
    since,
    items: items.filter(isUsed).map(itemView),
    retired: items.filter((item) => !isUsed(item)).map(itemView),
    terms: terms.map((term) => termView(decided.find((one) => one.term === term) ?? undecided(term))),
  }
}

/** The next round that asks about each term, by the turns that they take, from this round on; none of a term that is never asked. */
export function turnsOf(survey: Survey, first: number): Map<Term, number> {
  const found = new Map<Term, number>()
  for (let number = first; number < first + terms.length; number++) {
    for (const item of itemsIn(survey, number)) {
      if (item.kind === 'definition' && !found.has(item.term)) found.set(item.term, number)
    }
  }
  return found
}

/** The survey, and the round that asks it next. */
export async function readNextSurvey(db: Database): Promise<{ survey: Survey; round: Awaited<ReturnType<typeof nextRound>> }> {
  const [survey, round] = await Promise.all([readSurvey(db), nextRound(db)])
  return { survey, round }
}

/** The questions of a round as this survey asks them, or would ask them after a change. */
export const itemsIn = (survey: Survey, number: number, plan: SurveyPlan = survey.plan): Item[] =>
  itemsOfRound(number, plan, { items: survey.items, terms: survey.terms.filter(isDecided) })

/** The theme of every statement that can be asked, by id. */
export const themesIn = ({ items }: Survey): Map<string, Theme> =>
  new Map([...surveyBank.flatMap((item) => (item.kind === 'agreement' ? [item] : [])), ...items].map(({ id, theme }) => [id, theme]))

/** Why this survey could not be asked like that; empty where it could. */
export const problemsIn = (survey: Survey, plan: SurveyPlan): PlanProblem[] =>
  planProblems(plan, { items: survey.items, terms: survey.terms.filter(isDecided) })

/** Every translation that is missing of what is asked, in the next round or in a later one. */
export function missingIn(survey: Survey, plan: SurveyPlan = survey.plan): MissingWords[] {
  return missingWords(itemsIn(survey, 1, { ...plan, definitions: plan.definitions === 0 ? 0 : 'all', cases: 0 }), locales)
}

/**
 * What a round asked, with the words in every language: ours, and the organisation's own as they were frozen.
 *
 * @throws DomainError not-found, round-not-open before it was opened
 */
export async function questionsOfRound(db: Database, roundId: string): Promise<{ items: AskedItem[]; comment: boolean }> {
  const round = await findRound(db, roundId)
  if (!round) throw new DomainError('not-found', 'There is no such round.')
  if (!round.frozen) throw new DomainError('round-not-open', 'A round has its questions once it has been opened.')
  return { items: round.frozen.items.map(withWords), comment: round.frozen.comment }
}

export type AskedItem = Item & {
  texts: Texts
  /** By option; absent where the item has none. */
  optionTexts?: Readonly<Record<string, Texts>>
}

function withWords(item: Item): AskedItem {
  const inEach = (words: (reader: Reader) => Wording): Texts =>
    Object.fromEntries(
      locales.flatMap((locale) => {
        const { text, lang } = words({ locale, organisation: locale })
        return lang === null ? [[locale, text]] : []
      }),
    )
  const texts = inEach((reader) => questionOf(reader, item))
  if (!isChoice(item)) return { ...item, texts }
  const optionTexts = item.options.map((option) => [option, inEach((reader) => optionOf(reader, item, option))] as const)
  return { ...item, texts, optionTexts: Object.fromEntries(optionTexts) }
}

export type SurveyVersion = SurveyPlan & {
  /** ISO date; null for the default survey, which nobody decided. */
  since: string | null
}

/** The survey that holds and every one before it, newest first; the last one is the default. */
export async function listSurveys(db: Database): Promise<SurveyVersion[]> {
  const decided = (await listPlans(db)).map(({ createdAt, ...plan }) => ({ ...plan, since: createdAt.toISOString() }))
  return [...decided, { ...defaultPlan, since: null }]
}

/** What can be decided at once; what is left out stays. */
export type SurveyChange = { [Field in keyof Omit<SurveyPlan, 'version'>]?: SurveyPlan[Field] | undefined }

/**
 * Decides what is asked from the next round on. What changes nothing makes no version.
 *
 * @param read version that the change was made on
 * @throws DomainError survey-overtaken where another one holds by now, invalid-input where it cannot be asked
 */
export async function changeSurvey(context: ServiceContext, read: number, change: SurveyChange): Promise<SurveyPlan> {
  const { db, now } = context
  const survey = await readSurvey(db)
  if (survey.plan.version !== read) throw overtaken()
  const decided = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const plan: SurveyPlan = { ...survey.plan, ...decided }
  const problems = problemsIn(survey, plan)
  if (problems.length > 0) throw notAskable(problems.map((problem) => fieldOf(plan, problem)))
  if (sameSurvey(plan, survey.plan)) return survey.plan
  const next = { ...plan, version: read + 1 }
  await insertPlan(db, next, now).catch(orOvertaken)
  return next
}

/** Whether two surveys ask the same. */
export const sameSurvey = (a: SurveyPlan, b: SurveyPlan): boolean => said(a) === said(b)

const said = ({ items, definitions, cases, comment }: SurveyPlan) =>
  JSON.stringify([items.map(({ id, optional }) => [id, optional === true]), definitions, cases, comment])

// ── Views ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export const itemView = ({ id, theme, texts }: OwnItem): OwnItemView => ({
  id,
  theme,
  texts,
  version: Object.keys(texts).length,
  missing: locales.filter((language) => !texts[language]),
})

export function termView({ term, version, options, official, former }: StoredTerm): TermView {
  const question = { term, options, official }
  const all = itemsOfRound(1, { ...defaultPlan, items: [], definitions: 'all', cases: 0 }, { terms: [question] })
  const asked = all.filter((item) => item.kind === 'definition' && item.term === term)
  return { ...question, version, former, missing: missingWords(asked, locales) }
}

const undecided = (term: Term): StoredTerm => ({ term, version: 0, options: null, official: null, former: [] })

const isDecided = ({ version }: TermView) => version > 0

// ── Refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const overtaken = () =>
  new DomainError('survey-overtaken', 'Somebody else changed it since you read it. Read it again, and make your change on that.')

export const notAskable = (errors: readonly FieldError[]) => new DomainError('invalid-input', 'It cannot be asked like this.', errors)

/** Of two changes of the same version, the database takes one. */
export function orOvertaken(error: unknown): never {
  throw isUniqueViolation(error) ? overtaken() : error
}

/** What would be right instead of these words. */
export function wordsDetail({ code, language }: WordsProblem, limit: number): string {
  const name = localeNames[language as Locale]
  const details = {
    missing: `Write it in ${name}: the language of the organisation stands in where another one is missing.`,
    'too-long': `Use at most ${limit} characters.`,
    unseen: 'There is nothing to see in it.',
    taken: 'Something else that is asked says the same.',
  }
  return details[code]
}

function fieldOf({ items }: SurveyPlan, problem: PlanProblem): FieldError {
  const at = (id: string) => `#/items/${items.findLastIndex((item) => item.id === id)}/id`
  switch (problem.code) {
    case 'too-few':
      return { pointer: '#/items', detail: `A round asks at least ${problem.limit} questions; this one has ${problem.questions}.` }
    case 'too-many':
      return { pointer: '#/items', detail: `A round asks at most ${problem.limit} questions; this one has ${problem.questions}.` }
    case 'unknown':
      return { pointer: at(problem.id), detail: 'There is no such statement.' }
    case 'double':
      return { pointer: at(problem.id), detail: 'Ask each statement once.' }
    case 'theme-too-long':
      return { pointer: '#/items', detail: `Ask at most ${problem.limit} statements of “${problem.theme}”; these are ${problem.items}.` }
    default:
      return { pointer: '#/definitions', detail: `The answers of “${problem.term}” cannot be asked.` }
  }
}
