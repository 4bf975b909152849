/** The alignment score: computed when a round closes, and again when its KPIs change. No ballot is needed for either. */
import type { BatchItem } from 'drizzle-orm/batch'
import { canonicalJson } from '../core/canonical-json'
import { kpiMeasures } from '../core/performance'
import type { RoundResult, Score, ScoreChange } from '../core/result'
import {
  alignmentScore,
  defaultWeights,
  hasValue,
  methodVersion,
  roundsOfTerms,
  type ScoreSource,
  scoreChange,
  type TermMeasure,
} from '../core/score'
import type { Database } from '../db/client'
import { scores } from '../db/schema'
import {
  findScoreBefore,
  findScores,
  type Kpis,
  roundsFrom,
  type ScoredRound,
  type ScoreRange,
  selectGoals,
  selectScoredRounds,
  selectValues,
} from '../db/scores'
import { type ServiceContext, sha256Hex } from './context'

/**
 * The first score of a round that is being published: its own result, the terms of the rounds before and the KPIs as
 * they stand. Writes nothing.
 */
export async function scoreOf({ db }: Pick<ServiceContext, 'db'>, result: RoundResult): Promise<Score> {
  const [before, goals, values] = await db.batch([
    selectScoredRounds(db, roundsFrom(result.number - roundsOfTerms + 1, result.number)),
    selectGoals(db),
    selectValues(db),
  ])
  const round = { ...result, people: result.inputs, ballots: result.n, revision: 0, scoreHash: null }
  return (await score(round, before, { goals, values })).score
}

/** The statement that stores a score, for a batch of the caller's. A revision that is there already stays. */
export function insertScore({ db, now }: Pick<ServiceContext, 'db' | 'now'>, score: Score): BatchItem<'sqlite'> {
  const { roundId, revision, number, period, methodVersion, inputsHash } = score
  return db
    .insert(scores)
    .values({ roundId, revision, number, period, methodVersion, inputsHash, body: score, computedAt: now })
    .onConflictDoNothing()
}

/**
 * Adds a revision to every round whose score is made of something else by now: late KPI rows, a new target. Two calls
 * to the database whatever there is to do, one where nothing changed.
 *
 * @returns how many revisions were added
 */
export async function rescoreRounds(context: Pick<ServiceContext, 'db' | 'now'>): Promise<number> {
  const { db } = context
  const [rounds, goals, values] = await db.batch([selectScoredRounds(db), selectGoals(db), selectValues(db)])
  const revised: BatchItem<'sqlite'>[] = []
  for (const round of rounds) {
    const { score: now, hash } = await score(round, rounds, { goals, values })
    if (hash !== round.scoreHash) revised.push(insertScore(context, now))
  }
  const [first, ...others] = revised
  if (first) await db.batch([first, ...others])
  return revised.length
}

/** The newest revision of each round's score in a range of periods, oldest first. */
export async function listScores(db: Database, range: { from?: string; to?: string } = {}): Promise<Score[]> {
  return findScores(db, range)
}

export interface ListedScore extends Score {
  /** From the last round before that has a score; null where there is none, or this one has none. */
  change: ScoreChange | null
  /** How often it was computed: 1 unless KPI rows came late. */
  revisions: number
}

/** One page of scores, oldest first, each with its change; `next` is the number of the last round, or null at the end. */
export async function pageOfScores(
  db: Database,
  { limit, ...range }: ScoreRange & { limit: number },
): Promise<{ items: ListedScore[]; next: number | null }> {
  const found = await findScores(db, { ...range, limit: limit + 1 })
  const page = found.slice(0, limit)
  let before = page[0] ? await findScoreBefore(db, page[0].number) : undefined
  const items = page.map((score) => {
    const change = before && hasValue(before) && hasValue(score) ? scoreChange(before, score) : null
    if (hasValue(score)) before = score
    return { ...score, change, revisions: score.revision }
  })
  return { items, next: found.length > limit ? (page.at(-1)?.number ?? null) : null }
}

/** The score of a round as a new revision, with the hash that tells whether it is one. */
async function score(round: ScoredRound, others: readonly ScoredRound[], kpis: Kpis): Promise<{ score: Score; hash: string }> {
  const { roundId, number, period, people, ballots, invited } = round
  const source: ScoreSource = {
    round: { roundId, number, period },
    people,
    earlierTerms: earlierTerms(number, others),
    kpis: kpiMeasures(kpis.goals, kpis.values, period),
    weights: defaultWeights,
  }
  const hash = await sha256Hex(canonicalJson({ methodVersion, rules: round.inputsHash, source }))
  return { score: { ...alignmentScore(source), inputsHash: hash, revision: round.revision + 1, ballots, invited }, hash }
}

function earlierTerms(number: number, others: readonly ScoredRound[]): TermMeasure[] {
  return others
    .filter((other) => other.number < number && other.number > number - roundsOfTerms)
    .flatMap((other) => other.people.terms.map((term) => ({ ...term, round: other.number })))
}
