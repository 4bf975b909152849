/** Queries about scores and what they are made of. */
import { and, asc, desc, eq, gte, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { Score, ScoreInputs } from '../core/result'
import type { Database } from './client'
import { observations, results, rounds, scores } from './schema'

/** What a closed round gave to its score, without the rest of its result. */
export interface ScoredRound {
  roundId: string
  number: number
  period: string
  /** Hash of the round's rules, as published. */
  inputsHash: string
  people: ScoreInputs
  ballots: number | null
  invited: number
  /** Of its newest score; 0 and null where there is none yet. */
  revision: number
  scoreHash: string | null
}

/** What results of early versions gave to the score: they knew one κ only. */
interface EarlyInputs extends Pick<ScoreInputs, 'terms' | 'degreesOfFreedom' | 'missing'> {
  themes: (ScoreInputs['themes'][number] & { value: number; variance: number })[]
  covariance: { perception: number; terms: number; both: number }
}

function inputsIn(stored: ScoreInputs | EarlyInputs): ScoreInputs {
  if (!('covariance' in stored)) return stored
  const { covariance, themes, ...rest } = stored
  const uncertainty = {
    kappa: 0.25,
    themes: themes.map(({ variance }) => variance),
    perception: covariance.perception,
    both: covariance.both,
  }
  return {
    ...rest,
    themes: themes.map(({ value: _, variance: __, ...theme }) => theme),
    uncertainty: [uncertainty],
    termsVariance: covariance.terms,
  }
}

/** Oldest first. */
export function selectScoredRounds(db: Database, where?: SQL) {
  const newest = newestRevisions(db)
  return db
    .select({
      roundId: results.roundId,
      number: rounds.number,
      period: rounds.period,
      inputsHash: results.inputsHash,
      people: sql<ScoreInputs>`json_extract(${results.body}, '$.inputs')`.mapWith((text: string) => inputsIn(JSON.parse(text))),
      ballots: sql<number | null>`json_extract(${results.body}, '$.n')`,
      invited: sql<number>`json_extract(${results.body}, '$.invited')`,
      revision: sql<number>`coalesce(${scores.revision}, 0)`,
      // Under a name of its own: a batch of D1 answers by name, and the result has an `inputs_hash`, too.
      scoreHash: sql<string | null>`${scores.inputsHash}`.as('score_hash'),
    })
    .from(results)
    .innerJoin(rounds, eq(rounds.id, results.roundId))
    .leftJoin(newest, eq(newest.roundId, results.roundId))
    .leftJoin(scores, and(eq(scores.roundId, newest.roundId), eq(scores.revision, newest.revision)))
    .where(where)
    .orderBy(asc(rounds.number))
}

/** Rounds before this one, as far back as `number`. */
export const roundsFrom = (number: number, before: number): SQL | undefined => and(gte(rounds.number, number), lt(rounds.number, before))

/** Rounds whose newest score was made by other rules than these. */
export const scoredByOthers = (version: number): SQL =>
  sql`coalesce(json_extract(${scores.body}, '$.rulesVersion'), 0) <> ${version} and ${scores.body} is not null`

/** Every month of every metric; a few hundred short rows. */
export const selectValues = (db: Database) =>
  db
    .select({
      metric: observations.metric,
      period: observations.period,
      value: observations.value,
      numerator: observations.numerator,
      denominator: observations.denominator,
      provisional: observations.provisional,
    })
    .from(observations)
    .where(eq(observations.basis, 'period'))
    .orderBy(asc(observations.metric), asc(observations.period))

/**
 * The newest revision of each round's score, oldest round first, for a batch of the caller's; read with `scoreIn`.
 *
 * @param to last period, `YYYY-MM`
 */
export function selectNewestScores(db: Database, to?: string) {
  const newest = newestRevisions(db)
  return db
    .select({ body: scores.body })
    .from(scores)
    .innerJoin(newest, and(eq(newest.roundId, scores.roundId), eq(newest.revision, scores.revision)))
    .where(to === undefined ? undefined : lte(scores.period, to))
    .orderBy(asc(scores.number))
}

export const findScores = async (db: Database): Promise<Score[]> => (await selectNewestScores(db)).map(scoreIn)

/** Every revision of the score of the round with this number, newest first, for a batch of the caller's. */
export const selectRevisions = (db: Database, number: SQL) =>
  db
    .select({ body: scores.body, computedAt: scores.computedAt })
    .from(scores)
    .where(sql`${scores.number} = ${number}`)
    .orderBy(desc(scores.revision))

/** What `insertScore` stored. Scores of early versions name no rules, and do not say what each part adds. */
export const scoreIn = ({ body }: { body: unknown }): Score => {
  const stored = body as Score
  if (stored.rulesVersion) return stored
  const withoutPoints = stored.pillars.map((one) => ({ ...one, parts: one.parts.map((part) => ({ ...part, points: null })) }))
  return { ...stored, rulesVersion: 0, kappa: 0.25, pillars: withoutPoints }
}

function newestRevisions(db: Database) {
  return db
    .select({ roundId: scores.roundId, revision: sql<number>`max(${scores.revision})`.as('newest') })
    .from(scores)
    .groupBy(scores.roundId)
    .as('newest')
}
