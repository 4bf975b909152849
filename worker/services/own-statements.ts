/** Statements that the organisation writes itself. Closed rounds name them: an id is for ever, and stands for the same words. */
import { DomainError } from '../core/errors'
import { cleanTexts, onlyTranslated, statementLimit, type WordsProblem, wordsProblems } from '../core/own-words'
import type { Item, Texts, Theme } from '../core/round'
import { surveyBank } from '../core/survey-bank'
import type { OwnItem } from '../core/survey-plan'
import type { Database } from '../db/client'
import { readSettings } from '../db/settings'
import { insertInPlaceOf, insertOwnItem, insertPlan, retireOwnItem, translateOwnItem } from '../db/survey'
import { locales, negotiate } from '../i18n'
import { questionOf } from '../i18n/items'
import { newId, type ServiceContext } from './context'
import { itemView, notAskable, type OwnItemView, orOvertaken, overtaken, readSurvey, wordsDetail } from './survey'

/** Words by language, as they were typed. */
export type TypedTexts = Readonly<Record<string, string | undefined>>

export interface StatementInput {
  theme: Theme
  texts: TypedTexts
}

/**
 * Why such words cannot be asked, by language; empty where they can.
 *
 * @param except id of the statement that they replace
 */
export async function statementProblems(db: Database, typed: TypedTexts, except?: string): Promise<WordsProblem[]> {
  const [survey, { locale }] = await Promise.all([readSurvey(db), readSettings(db)])
  const own = survey.items.filter(({ id }) => id !== except).map(({ texts }) => texts)
  const ours = surveyBank.filter(({ kind }) => kind === 'agreement').map(textsOfBank)
  const rules = { languages: locales, organisation: negotiate([locale]), limit: statementLimit, others: [...own, ...ours] }
  return wordsProblems(cleanTexts(typed, locales), rules)
}

/**
 * Adds a statement; it is asked once it is chosen for the survey.
 *
 * @throws DomainError invalid-input
 */
export async function addStatement(context: ServiceContext, { theme, texts }: StatementInput): Promise<OwnItemView> {
  refuse(await statementProblems(context.db, texts))
  const item = newItem(context, theme, texts)
  await insertOwnItem(context.db, item, context.now)
  return itemView(item)
}

/**
 * Changes a statement. Where only translations are added, it stays the one it was. Anything else makes another statement
 * in its place, with an id of its own: what was answered before is about other words, and is not compared.
 *
 * @param read version that the change was made on
 * @returns the statement that holds now
 * @throws DomainError not-found, survey-overtaken, invalid-input
 */
export async function changeStatement(
  context: ServiceContext,
  id: string,
  read: number,
  { theme, texts: typed }: StatementInput,
): Promise<OwnItemView> {
  const { db, now } = context
  const { plan, items } = await readSurvey(db)
  const item = items.find((one) => one.id === id)
  if (!item) throw noSuchStatement()
  if (item.version !== read) throw overtaken()
  refuse(await statementProblems(db, typed, id))
  const texts = cleanTexts(typed, locales)
  if (staysTheSame(item, { theme, texts })) {
    const [changed] = await translateOwnItem(db, id, item.texts, texts)
    if (!changed) throw overtaken()
    return itemView({ ...item, texts })
  }
  const next = newItem(context, theme, typed)
  const replaced = { ...plan, version: plan.version + 1, items: plan.items.map((one) => (one.id === id ? { ...one, id: next.id } : one)) }
  const isAsked = plan.items.some((one) => one.id === id)
  const [added] = await db
    .batch([insertInPlaceOf(db, id, next, now), retireOwnItem(db, id, now), ...(isAsked ? [insertPlan(db, replaced, now)] : [])])
    .catch(orOvertaken)
  if (added.length === 0) throw overtaken()
  return itemView(next)
}

/** Whether a change leaves the statement the one it was, so that answers before and after can be compared. */
export const staysTheSame = (before: Pick<OwnItem, 'theme' | 'texts'>, after: { theme: Theme; texts: Texts }): boolean =>
  before.theme === after.theme && onlyTranslated(before.texts, after.texts)

/**
 * Puts a statement away. It keeps its id, and can come back as what it was.
 *
 * @throws DomainError not-found, item-asked while the survey asks it
 */
export async function putStatementAway({ db, now }: ServiceContext, id: string): Promise<void> {
  const { plan } = await readSurvey(db)
  if (plan.items.some((one) => one.id === id)) throw new DomainError('item-asked', 'Take this statement out of the survey first.')
  const [gone] = await retireOwnItem(db, id, now)
  if (!gone) throw noSuchStatement()
}

/** @throws DomainError not-found where no such statement was put away */
export async function takeStatementBack({ db }: ServiceContext, id: string): Promise<void> {
  const [back] = await retireOwnItem(db, id, null)
  if (!back) throw noSuchStatement()
}

const newItem = (context: Pick<ServiceContext, 'random'>, theme: Theme, typed: TypedTexts): OwnItem => ({
  id: `own-${newId(context)}`,
  theme,
  texts: cleanTexts(typed, locales),
})

const textsOfBank = (item: Item): Texts =>
  Object.fromEntries(locales.map((locale) => [locale, questionOf({ locale, organisation: locale }, item).text]))

const noSuchStatement = () => new DomainError('not-found', 'There is no such statement.')

function refuse(problems: readonly WordsProblem[]): void {
  if (problems.length === 0) return
  throw notAskable(problems.map((one) => ({ pointer: `#/texts/${one.language}`, detail: wordsDetail(one, statementLimit) })))
}
