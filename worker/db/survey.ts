/** What the organisation decided about its survey. Versions are added and never changed. */
import { and, asc, desc, eq, isNull, sql } from 'drizzle-orm'
import type { Term, Texts, Theme } from '../core/round'
import { defaultPlan, type OwnItem, type SurveyPlan } from '../core/survey-plan'
import type { Database } from './client'
import { ownItems, rounds, surveys, termQuestions } from './schema'

/** A term's question as it is stored: with the answers that were taken out, so that they can come back as what they were. */
export interface StoredTerm {
  term: Term
  /** 0 until something is decided, one more with every change. */
  version: number
  options: readonly { id: string; texts: Texts }[] | null
  official: string | null
  former: readonly { id: string; texts: Texts }[]
}

export type StoredItem = OwnItem & { retiredAt: Date | null }

/** Everything that was decided; `since` is null for the default survey, which nobody decided. */
export interface StoredSurvey {
  plan: SurveyPlan
  since: Date | null
  items: StoredItem[]
  terms: StoredTerm[]
}

/** The statements that read it, for a batch of the caller's; read with `surveyIn`. */
export const surveyStatements = (db: Database) =>
  [
    db.select().from(surveys).orderBy(desc(surveys.version)).limit(1),
    db.select().from(ownItems).orderBy(asc(ownItems.createdAt), asc(ownItems.id)),
    db.select().from(termQuestions),
  ] as const

type SurveyRows = readonly [(typeof surveys.$inferSelect)[], (typeof ownItems.$inferSelect)[], (typeof termQuestions.$inferSelect)[]]

export const surveyIn = ([plans, items, terms]: SurveyRows): StoredSurvey => ({
  plan: planIn(plans[0]),
  since: plans[0]?.createdAt ?? null,
  items: items.map(({ id, theme, texts, retiredAt }) => ({ id, theme: theme as Theme, texts, retiredAt })),
  terms: terms.map(({ term, body }) => ({ ...(body as Omit<StoredTerm, 'term'>), term: term as Term })),
})

/** The same in one read. */
export const selectSurvey = async (db: Database): Promise<StoredSurvey> => surveyIn(await db.batch(surveyStatements(db)))

/** Every version that was decided, newest first. */
export async function listPlans(db: Database): Promise<(SurveyPlan & { createdAt: Date })[]> {
  const rows = await db.select().from(surveys).orderBy(desc(surveys.version))
  return rows.map((row) => ({ ...planIn(row), createdAt: row.createdAt }))
}

/** The statement that adds a version; it fails where that version is there already. */
export function insertPlan(db: Database, { version, ...body }: SurveyPlan, now: Date) {
  return db.insert(surveys).values({ version, body, createdAt: now })
}

export function insertOwnItem(db: Database, { id, theme, texts }: OwnItem, now: Date) {
  return db.insert(ownItems).values({ id, theme, texts, createdAt: now })
}

/** The statement that adds an item in the place of another, and nothing where that one was retired meanwhile. */
export function insertInPlaceOf(db: Database, replaced: string, { id, theme, texts }: OwnItem, now: Date) {
  const values = db
    .select({
      id: sql<string>`${id}`.as('id'),
      theme: sql<string>`${theme}`.as('theme'),
      texts: sql<Record<string, string>>`${JSON.stringify(texts)}`.as('texts'),
      createdAt: sql<Date>`${now.getTime()}`.as('created_at'),
      retiredAt: sql<Date | null>`null`.as('retired_at'),
    })
    .from(ownItems)
    .where(isInUse(replaced))
  return db.insert(ownItems).select(values).returning({ id: ownItems.id })
}

/** The statement that gives an item these words, where it still has those. */
export function translateOwnItem(db: Database, id: string, was: Texts, texts: Texts) {
  return db
    .update(ownItems)
    .set({ texts })
    .where(and(isInUse(id), eq(ownItems.texts, was as Record<string, string>)))
    .returning({ id: ownItems.id })
}

/** The statement that puts an item away, or takes it back; returns nothing where that was done before. */
export function retireOwnItem(db: Database, id: string, at: Date | null) {
  const before = at === null ? sql`${ownItems.retiredAt} is not null` : isNull(ownItems.retiredAt)
  return db
    .update(ownItems)
    .set({ retiredAt: at })
    .where(and(eq(ownItems.id, id), before))
    .returning({ id: ownItems.id })
}

/** The statement that stores a term's question in place of the version before it; returns nothing where that is another by now. */
export function replaceTerm(db: Database, { term, ...body }: StoredTerm, now: Date) {
  const version = sql`json_extract(${termQuestions.body}, '$.version')`
  return db
    .insert(termQuestions)
    .values({ term, body, updatedAt: now })
    .onConflictDoUpdate({ target: termQuestions.term, set: { body, updatedAt: now }, setWhere: sql`${version} = ${body.version - 1}` })
    .returning({ term: termQuestions.term })
}

/** The round that a change holds from: the first that is scheduled, or the one after the last. */
export async function nextRound(db: Database): Promise<{ number: number; opensAt: Date | null; period: string | null }> {
  const scheduled = await db.query.rounds.findFirst({
    where: eq(rounds.state, 'scheduled'),
    orderBy: asc(rounds.number),
    columns: { number: true, opensAt: true, period: true },
  })
  if (scheduled) return scheduled
  const [last] = await db.select({ number: sql<number>`coalesce(max(${rounds.number}), 0)` }).from(rounds)
  return { number: (last?.number ?? 0) + 1, opensAt: null, period: null }
}

const isInUse = (id: string) => and(eq(ownItems.id, id), isNull(ownItems.retiredAt))

const planIn = (row: { version: number; body: unknown } | undefined): SurveyPlan =>
  row ? { ...(row.body as Omit<SurveyPlan, 'version'>), version: row.version } : defaultPlan
