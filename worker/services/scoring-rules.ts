/** Deciding how the score is made: a new version of the rules, and every score again under it. */
import { eq } from 'drizzle-orm'
import { DomainError, type FieldError } from '../core/errors'
import { defaultRules, type Kappa, type ScoringRules, type Weights, weightProblems } from '../core/scoring-rules'
import { type Database, isUniqueViolation } from '../db/client'
import { events } from '../db/schema'
import { insertRules, listRules, readRules } from '../db/scoring-rules'
import { refreshAnalyses } from './analyses'
import type { ServiceContext } from './context'
import { finishRescoring, rescoreRounds, type ScoreComparison, scoresUnder } from './scores'

/** What can be decided at once; what is left out stays. */
export interface RulesChange {
  weights?: Weights | undefined
  kappa?: Kappa | undefined
  /** The event that the baseline ends before; null for the first six periods. */
  baselineEventId?: string | null | undefined
}

export interface RulesVersion extends ScoringRules {
  /** ISO date; null for the defaults, which nobody decided. */
  since: string | null
}

/** The rules that hold and every version before them, newest first; the last one is that of the defaults. */
export async function listVersions(db: Database): Promise<RulesVersion[]> {
  const decided = (await listRules(db)).map(({ createdAt, ...rules }) => ({ ...rules, since: createdAt.toISOString() }))
  return [...decided, { ...defaultRules, since: null }]
}

/**
 * Decides weights, κ and the baseline. Every score that can be computed under the new rules gets a new revision; the old
 * ones stay. What changes nothing makes no version.
 *
 * @throws DomainError invalid-input for weights that do not sum to 1, or an event that does not exist
 */
export async function setRules(context: ServiceContext, input: RulesChange): Promise<ScoringRules> {
  return changeRules(context, await changeOf(context.db, input))
}

/**
 * What the rules would be, and the newest score of each round as it is and as it would be under them; oldest first.
 * Writes nothing.
 *
 * @throws DomainError as `setRules`
 */
export async function previewRules(
  context: ServiceContext,
  input: RulesChange,
): Promise<{ rules: ScoringRules; scores: ScoreComparison[] }> {
  const change = await changeOf(context.db, input)
  const now = await readRules(context.db)
  const rules = { ...change(now), version: now.version + 1 }
  return { rules, scores: await scoresUnder(context.db, rules) }
}

type Change = (rules: ScoringRules) => ScoringRules

/** How often a version that somebody else took meanwhile is tried again. */
const tries = 5

/** Adds a version and scores again. Of two changes at once, the later one is made on top of the other. */
export async function changeRules(context: Pick<ServiceContext, 'db' | 'now'>, change: Change): Promise<ScoringRules> {
  for (let left = tries; ; left--) {
    const rules = await readRules(context.db)
    const changed = change(rules)
    if (JSON.stringify(changed) === JSON.stringify(rules)) return rules
    const next = { ...changed, version: rules.version + 1 }
    try {
      await insertRules(context.db, next, context.now)
    } catch (error) {
      if (isUniqueViolation(error) && left > 1) continue
      throw error
    }
    await rescoreRounds(context)
    await finishRescoring(context) // where a scoring by the rules before was under way, and stored its revision first
    await refreshAnalyses(context)
    return next
  }
}

async function changeOf(db: Database, { weights, kappa, baselineEventId }: RulesChange): Promise<Change> {
  const errors = weights ? problemsOf(weights) : []
  const event =
    baselineEventId == null
      ? null
      : await db.query.events.findFirst({ where: eq(events.id, baselineEventId), columns: { day: true, name: true } })
  if (event === undefined)
    errors.push({ pointer: '#/baselineEventId', detail: 'Use the id of an event, or null for the first six periods.' })
  if (errors.length > 0) throw new DomainError('invalid-input', 'The score cannot be made like this.', errors)
  return (rules) => ({
    ...rules,
    ...(weights && { weights }),
    ...(kappa !== undefined && { kappa }),
    ...(baselineEventId !== undefined && { baseline: event ?? null }),
  })
}

const problemsOf = (weights: Weights): FieldError[] =>
  weightProblems(weights).map(({ field, sum }) =>
    field === 'all'
      ? { pointer: '#/weights', detail: `Weights sum to 1; these sum to ${sum}.` }
      : { pointer: `#/weights/${field}`, detail: 'Use a share from 0 to 1.' },
  )
