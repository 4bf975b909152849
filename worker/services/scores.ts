/** The alignment score: computed when a round closes, and again when its KPIs or the rules change. No ballot is needed for it. */
import { sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { canonicalJson } from '../core/canonical-json'
import { kpiMeasures, type MetricValue } from '../core/performance'
import { clauseKey, clauseMeasures, hasProcess, processMetrics, type ScoredClause } from '../core/process'
import type { RoundResult, Score } from '../core/result'
import { alignmentScore, canScore, methodVersion, roundsOfTerms, type ScoreSource, type TermMeasure } from '../core/score'
import { type ScoreView, scoreView } from '../core/score-history'
import type { ScoringRules } from '../core/scoring-rules'
import { scoredIn, selectClauseMonths, selectClauses } from '../db/clauses'
import type { Database } from '../db/client'
import { selectEvents } from '../db/events'
import { scores } from '../db/schema'
import {
  findScores,
  roundsFrom,
  type ScoredRound,
  scoredByOthers,
  scoreIn,
  selectNewestScores,
  selectRevisions,
  selectScoredRounds,
  selectValues,
} from '../db/scores'
import { readRules, rulesIn, selectRules } from '../db/scoring-rules'
import { type ServiceContext, sha256Hex } from './context'
import { noSuchRound } from './rounds'

/**
 * The first score of a round that is being published: its own result, the terms of the rounds before, and clauses and KPIs
 * as they stand. Writes nothing.
 */
export async function scoreOf({ db }: Pick<ServiceContext, 'db'>, result: RoundResult): Promise<Score> {
  const [before, rules, ...facts] = await db.batch([
    selectScoredRounds(db, roundsFrom(result.number - roundsOfTerms + 1, result.number)),
    selectRules(db),
    ...selectFacts(db),
  ])
  const round = { ...result, people: result.inputs, ballots: result.n, revision: 0, scoreHash: null }
  return (await score(round, before, { rules: rulesIn(rules), ...factsIn(facts) })).score
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
 * Adds a revision to every round whose score is made of something else by now: late facts, other clauses, other rules. Two calls
 * to the database whatever there is to do, one where nothing changed.
 *
 * @returns how many revisions were added
 */
export async function rescoreRounds(context: Pick<ServiceContext, 'db' | 'now'>): Promise<number> {
  const { db } = context
  const [rounds, rules, ...facts] = await db.batch([selectScoredRounds(db), selectRules(db), ...selectFacts(db)])
  const revised = (await scoreAll(rounds, { rules: rulesIn(rules), ...factsIn(facts) }))
    .filter(({ round, hash }) => hash !== round.scoreHash)
    .map(({ score: now }) => insertScore(context, now))
  const [first, ...others] = revised
  if (first) await db.batch([first, ...others])
  return revised.length
}

/** Goes on where the change of the rules was interrupted before the scores were computed again. */
export async function finishRescoring(context: Pick<ServiceContext, 'db' | 'now'>): Promise<void> {
  const { version, kappa } = await readRules(context.db)
  const behind = await selectScoredRounds(context.db, scoredByOthers(version))
  if (behind.some(({ people }) => canScore(people, kappa))) await rescoreRounds(context)
}

export interface ScoreComparison {
  now: Score
  /** Null where the round cannot be scored under these rules. */
  later: Score | null
}

/** The newest score of each round, and what it would be under these rules; oldest first. Writes nothing. */
export async function scoresUnder(db: Database, rules: ScoringRules): Promise<ScoreComparison[]> {
  const [rounds, ...facts] = await db.batch([selectScoredRounds(db), ...selectFacts(db)])
  const [scored, under] = await Promise.all([findScores(db), scoreAll(rounds, { rules, ...factsIn(facts) })])
  return scored.map((now) => ({ now, later: under.find(({ round }) => round.roundId === now.roundId)?.score ?? null }))
}

/** Rounds that cannot be scored under these rules keep the score that they have. */
const scoreAll = (rounds: readonly ScoredRound[], made: Made) =>
  Promise.all(
    rounds
      .filter(({ people }) => canScore(people, made.rules.kappa))
      .map(async (round) => ({ round, ...(await score(round, rounds, made)) })),
  )

export interface ScoreRange {
  /** Periods, `YYYY-MM`, both included. */
  from?: string | undefined
  to?: string | undefined
  /** Only rounds after this number. */
  after?: number | undefined
}

/**
 * One page of scores, oldest first, each as it is told, and how often it was computed: once unless KPI rows came late or
 * the rules changed. `next` is the number of the last round, or null at the end.
 */
export async function pageOfScores(
  db: Database,
  { limit, from, to, after = 0 }: ScoreRange & { limit: number },
): Promise<{ items: { view: ScoreView; revisions: number }[]; next: number | null }> {
  const [scoreRows, ruleRows, events] = await db.batch([selectNewestScores(db, to), selectRules(db), selectEvents(db)])
  const scored = scoreRows.map(scoreIn)
  const { baseline: baselineEvent } = rulesIn(ruleRows)
  const wanted = scored.flatMap((score, index) => ((from === undefined || score.period >= from) && score.number > after ? [index] : []))
  const items = wanted.slice(0, limit).map((index) => {
    const view = scoreView(scored.slice(0, index + 1) as [Score, ...Score[]], { baselineEvent, events })
    return { view, revisions: view.score.revision }
  })
  return { items, next: wanted.length > limit ? (items.at(-1)?.view.score.number ?? null) : null }
}

/** Why a score was computed again: other rules, another method, KPIs that came, changed or went, or other outcomes of the promises alone. */
export type RevisionReason = 'first' | 'rules' | 'method' | 'kpis' | 'promises'

export interface Revision extends Score {
  /** ISO date. */
  computedAt: string
  reason: RevisionReason
}

/**
 * Every revision of a round's score, newest first: what was shown once stays to be seen.
 *
 * @throws DomainError not-found where the round has no score
 */
export async function listRevisions(db: Database, roundId: string): Promise<Revision[]> {
  const rows = await selectRevisions(db, sql`(select number from rounds where id = ${roundId})`)
  if (rows.length === 0) throw noSuchRound()
  return revisionsIn(rows)
}

/** What `selectRevisions` read, with why each was made. */
export const revisionsIn = (rows: readonly { body: unknown; computedAt: Date }[]): Revision[] =>
  rows.map((row, index) => {
    const [score, before] = [scoreIn(row), rows[index + 1]]
    return { ...score, computedAt: row.computedAt.toISOString(), reason: reasonOf(before && scoreIn(before), score) }
  })

function reasonOf(before: Score | undefined, score: Score): RevisionReason {
  if (!before) return 'first'
  if (before.methodVersion !== score.methodVersion) return 'method'
  if (before.rulesVersion !== score.rulesVersion) return 'rules'
  return kpisIn(before) === kpisIn(score) ? 'promises' : 'kpis'
}

/** What a score says of KPIs, and nothing of what else moves their weight. */
const kpisIn = ({ pillars }: Score): string =>
  canonicalJson(
    pillars
      .filter(({ pillar }) => pillar === 'process' || pillar === 'performance')
      .map(({ parts, absent = [] }) => ({
        parts: parts.flatMap(({ key, from, value, kpi }) => (kpi ? [{ key, from, value, kpi }] : [])),
        absent: absent.filter(({ key }) => !key.startsWith(clauseKey(''))).map(({ key }) => key),
      })),
  )

/** What every score is made by and of, beside its round. */
interface Made {
  rules: ScoringRules
  values: readonly MetricValue[]
  clauses: readonly ScoredClause[]
}

/** What the facts say, for a batch of the caller's; read with `factsIn`. */
const selectFacts = (db: Database) => [selectValues(db), selectClauses(db), selectClauseMonths(db)] as const

type FactsRead = readonly [
  Awaited<ReturnType<typeof selectValues>>,
  Awaited<ReturnType<typeof selectClauses>>,
  Awaited<ReturnType<typeof selectClauseMonths>>,
]

const factsIn = ([values, clauses, months]: FactsRead): Omit<Made, 'rules'> => ({ values, clauses: scoredIn(clauses, months) })

/** The score of a round as a new revision, with the hash that tells whether it is one. */
async function score(
  round: ScoredRound,
  others: readonly ScoredRound[],
  { rules, values, clauses }: Made,
): Promise<{ score: Score; hash: string }> {
  const { roundId, number, period, people, ballots, invited } = round
  const isOfProcess = ({ metric }: { metric: string }) => processMetrics.includes(metric)
  const process = {
    clauses: clauseMeasures(clauses, period),
    kpis: kpiMeasures({ ...rules, goals: rules.goals.filter(isOfProcess) }, values, period),
  }
  const source: ScoreSource = {
    round: { roundId, number, period },
    people,
    earlierTerms: earlierTerms(number, others),
    kpis: kpiMeasures({ ...rules, goals: rules.goals.filter((goal) => !isOfProcess(goal)) }, values, period),
    // Left out where there is none: what scores are made of stays the same for whoever promises nothing.
    ...(hasProcess(process) && { process }),
    rules,
  }
  const hash = await sha256Hex(canonicalJson({ methodVersion, rules: round.inputsHash, source }))
  return { score: { ...alignmentScore(source), inputsHash: hash, revision: round.revision + 1, ballots, invited }, hash }
}

function earlierTerms(number: number, others: readonly ScoredRound[]): TermMeasure[] {
  return others
    .filter((other) => other.number < number && other.number > number - roundsOfTerms)
    .flatMap((other) => other.people.terms.map((term) => ({ ...term, round: other.number })))
}
