/** The answers of each term's question: the bank's or the organisation's own, and which of them is agreed on. */
import type { FieldError } from '../core/errors'
import { answerLimit, answersOfTerm, cleanTexts, onlyTranslated, type WordsProblem, wordsProblems } from '../core/own-words'
import type { Item, Term, Texts } from '../core/round'
import { definitionOptions, surveyBank } from '../core/survey-bank'
import type { TermQuestion } from '../core/survey-plan'
import { readSettings } from '../db/settings'
import { replaceTerm, type StoredTerm } from '../db/survey'
import { type Locale, locales, negotiate } from '../i18n'
import { optionOf } from '../i18n/items'
import { newId, type ServiceContext } from './context'
import type { TypedTexts } from './own-statements'
import { notAskable, overtaken, readSurvey, type TermView, termView, wordsDetail } from './survey'

/** One of ours or one that was there before, by its id; or new words. The words of a known one may be left out. */
export interface AnswerInput {
  id?: string | undefined
  texts?: TypedTexts | undefined
}

export interface TermInput {
  /** In the order of the page, without "not sure", which comes last by itself; null for the bank's. */
  options: readonly AnswerInput[] | null
  /** Id of the one that is agreed on, or its place among `options`, from 0; null where none is. */
  official: string | number | null
}

/**
 * - `few`, `many`: fewer than two answers, more than seven;
 * - `official`: the agreed answer is none of them;
 * - `unknown`: an id that this term never had;
 * - `twice`: the same answer again;
 * - `words`: what is wrong with its words in one language.
 */
export type TermProblem =
  | { code: 'few' | 'many'; limit: number }
  | { code: 'official' }
  | { code: 'unknown' | 'twice'; at: number }
  | { code: 'words'; at: number; words: WordsProblem }

/** The question of a term as a change would make it, and what is wrong with it. */
export async function planTerm(
  context: Pick<ServiceContext, 'db' | 'random'>,
  term: Term,
  input: TermInput,
): Promise<{ before: TermView; after: TermQuestion; problems: TermProblem[] }> {
  const [survey, { locale }] = await Promise.all([readSurvey(context.db), readSettings(context.db)])
  const before = survey.terms.find((one) => one.term === term) as TermView
  const answers = input.options?.map((answer) => answerOf(context, before, answer)) ?? null
  const ids = answers ? answers.map(({ id }) => id) : bankAnswers(term)
  const official = typeof input.official === 'number' ? (ids[input.official] ?? '') : input.official
  return {
    before,
    after: { term, options: answers && ids.join() === bankAnswers(term).join() ? null : answers, official },
    problems: [
      ...(input.options ?? []).flatMap(({ id }, at) => (id === undefined || isKnown(before, id) ? [] : [{ code: 'unknown', at } as const])),
      ...(answers ? answerProblems(before, answers, negotiate([locale])) : []),
      ...(official !== null && !ids.includes(official) ? [{ code: 'official' } as const] : []),
    ],
  }
}

/**
 * Decides the answers of a term's question, from the next round on that asks it. An answer keeps its id for ever: one
 * that is taken out can come back, other words are another answer, and a translation alone makes no other one.
 *
 * @param read version that the change was made on
 * @throws DomainError survey-overtaken, invalid-input
 */
export async function changeTerm(context: ServiceContext, term: Term, read: number, input: TermInput): Promise<TermView> {
  const { before, after, problems } = await planTerm(context, term, input)
  if (before.version !== read) throw overtaken()
  if (problems.length > 0) throw notAskable(problems.map(fieldOf))
  const next: StoredTerm = { ...after, version: read + 1, former: formerAnswers(before, after) }
  const [stored] = await replaceTerm(context.db, next, context.now)
  if (!stored) throw overtaken()
  return termView(next)
}

/** Our answers to a term's question, without "not sure". */
export const bankAnswers = (term: Term): string[] => definitionOptions[term].slice(0, -1)

/** The bank's question of a term. */
export const bankQuestion = (term: Term) =>
  surveyBank.find((item) => item.kind === 'definition' && item.term === term) as Item & { kind: 'definition' }

type Answer = { id: string; texts: Texts }

function answerOf(context: Pick<ServiceContext, 'random'>, before: TermView, { id, texts }: AnswerInput): Answer {
  if (id !== undefined && bankAnswers(before.term).includes(id)) return { id, texts: {} }
  const known = ownAnswers(before)
  const named = known.find((one) => one.id === id)
  const words = texts ? cleanTexts(texts, locales) : (named?.texts ?? {})
  if (id !== undefined && !named) return { id, texts: words } // refused
  const same = [...(named ? [named] : []), ...known].find((one) => onlyTranslated(one.texts, words))
  return { id: same?.id ?? `own-${newId(context)}`, texts: words }
}

const isKnown = (before: TermView, id: string) => bankAnswers(before.term).includes(id) || ownAnswers(before).some((one) => one.id === id)

const ownAnswers = ({ term, options, former }: TermView): Answer[] =>
  [...(options ?? []), ...former].filter(({ id }) => !bankAnswers(term).includes(id))

function formerAnswers(before: TermView, { options }: TermQuestion): Answer[] {
  const kept = new Set(options?.map(({ id }) => id))
  return ownAnswers(before).filter(({ id }) => !kept.has(id))
}

function answerProblems(before: TermView, answers: readonly Answer[], organisation: Locale): TermProblem[] {
  const { term } = before
  const { least, most } = answersOfTerm
  const isOurs = ({ id }: Answer) => bankAnswers(term).includes(id)
  const wordsOf = (answer: Answer) => (isOurs(answer) ? textsOfBank(term, answer.id) : answer.texts)
  return [
    ...(answers.length < least ? [{ code: 'few', limit: least } as const] : []),
    ...(answers.length > most ? [{ code: 'many', limit: most } as const] : []),
    ...answers.flatMap((answer, at): TermProblem[] => {
      const earlier = answers.slice(0, at)
      if (earlier.some(({ id }) => id === answer.id)) return [{ code: 'twice', at }]
      if (isOurs(answer)) return []
      const others = [...earlier, ...answers.slice(at + 1).filter(isOurs)].map(wordsOf)
      const rules = { languages: locales, organisation, limit: answerLimit, others: [...others, textsOfBank(term, 'unsure')] }
      return wordsProblems(answer.texts, rules).map((words) => ({ code: 'words', at, words }))
    }),
  ]
}

const textsOfBank = (term: Term, option: string): Texts =>
  Object.fromEntries(locales.map((locale) => [locale, optionOf({ locale, organisation: locale }, bankQuestion(term), option).text]))

function fieldOf(problem: TermProblem): FieldError {
  switch (problem.code) {
    case 'few':
      return { pointer: '#/options', detail: `Give at least ${problem.limit} answers.` }
    case 'many':
      return { pointer: '#/options', detail: `Give at most ${problem.limit} answers.` }
    case 'official':
      return { pointer: '#/official', detail: 'Use an answer of this question, or null where none is agreed.' }
    case 'unknown':
      return { pointer: `#/options/${problem.at}/id`, detail: 'This question never had such an answer. Leave the id out for a new one.' }
    case 'twice':
      return { pointer: `#/options/${problem.at}`, detail: 'Give each answer once.' }
    case 'words':
      return { pointer: `#/options/${problem.at}/texts/${problem.words.language}`, detail: wordsDetail(problem.words, answerLimit) }
  }
}
