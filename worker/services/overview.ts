/** Everything the overview shows, as one object read in one trip to the database. */
import { and, asc, desc, eq, gt, inArray, or, sql } from 'drizzle-orm'
import { againstBaseline } from '../core/baseline'
import type { Verdict } from '../core/before-after'
import { monthAfter } from '../core/calendar'
import { DomainError } from '../core/errors'
import { freshness } from '../core/kpi'
import { type Definition, type Freshness, type Goal, type MetricKey, metrics, type Observation, ownDefinition } from '../core/metrics'
import { baselineOfMetric } from '../core/performance'
import type { KpiRelation } from '../core/relation'
import type { PublicResult, RoundResult, Score } from '../core/result'
import type { FrozenRound } from '../core/round'
import { roundsOfTerms } from '../core/score'
import { onOneLine, type ScoreView, scoreView } from '../core/score-history'
import type { BaselineEvent, ScoringRules } from '../core/scoring-rules'
import { type StandingTerm, standingTerms, type TermRound } from '../core/standing-terms'
import { type Line, type RoundNumbers, threeNumbers, threeNumbersMetrics } from '../core/three-numbers'
import type { TrendEvent } from '../core/trend'
import { type Analyses, analysisIn, selectAnalyses } from '../db/analyses'
import type { Database } from '../db/client'
import { selectTermRounds } from '../db/definitions'
import { selectEvents } from '../db/events'
import { ownMetricIn, selectOwnMetrics } from '../db/own-metrics'
import { selectAnybody } from '../db/people'
import { listSummaries, type RoundSummary, selectNumbers } from '../db/rounds'
import { observations, results, rounds, scoringRules, settings, sources } from '../db/schema'
import { scoreIn, selectNewestScores, selectRevisions } from '../db/scores'
import { rulesIn, selectRules } from '../db/scoring-rules'
import { type Settings, settingsIn } from '../db/settings'
import type { EventComparison } from './analyses'
import type { ServiceContext } from './context'
import { goalsIn } from './goals'
import { isUnread, type SourceProblem, sourceProblems } from './import-problems'
import { answeredSoFar } from './participation'
import { withoutInputs } from './results'
import { type Revision, revisionsIn } from './scores'

export interface Overview {
  settings: Settings
  rules: ScoringRules
  /** Closed rounds, newest first. */
  rounds: { number: number; period: string }[]
  /** Until a round has closed: the one that is open now, or the next one; `answered` is null where the count is not said. */
  next: {
    state: 'open' | 'scheduled'
    number: number
    period: string
    closesAt: Date | null
    invited: number | null
    answered: number | null
  } | null
  hasPeople: boolean
  hasSources: boolean
  /** Sources that cannot be read; what they brought before stays. */
  failing: SourceProblem[]
  /** Null until a round has closed. */
  shown: ShownRound | null
  kpis: KpiCard[]
  /** Before and after the event of the baseline, or the last one; of the latest round only. */
  around: EventComparison | null
  /** KPIs against the people index; of the latest round only. */
  relations: KpiRelation[]
}

export interface ShownRound extends ScoreView {
  closedAt: Date | null
  result: PublicResult
  /** Teams that answered with a larger group, and have no figures of their own. */
  merged: FrozenRound['merged']
  /** Each term that counts in its score, as it was asked last: the least shared first. */
  terms: StandingTerm[]
  /** What each side and the CRM say to the same question. */
  lines: Line[]
  /** Scores up to this round by the method and the rules of its own, oldest first: what the trend is drawn from. */
  history: Score[]
  /** How many rounds are not on that line, since their scores cannot be computed by the same rules. */
  otherRules: number
  /** Every revision of its score, newest first. */
  revisions: Revision[]
}

export interface KpiCard {
  metric: Definition
  /** Of the organisation's own. */
  name: string | null
  goal: Goal | null
  /** The month of the round, or the last one before it that has a value. */
  current: Observation | null
  /** Month by month up to the current one, gaps as null. */
  series: { period: string; value: number | null }[]
  /** The agreed one, or that of the whole months of the baseline window. */
  baseline: number | null
  range: { verdict: Verdict; low: number; high: number } | null
  freshness: Freshness
  /** How old the data of the current month is. */
  days: number
}

/** Shown with or without a goal: what most companies agree on first. */
export const usualKpis: readonly MetricKey[] = ['lead_conversion', 'cac', 'sales_cycle', 'revenue_growth']
const monthsShown = 18
/** Other metrics are on other pages, and their months are most of the rows. */
const isShownAnyway = inArray(observations.metric, [...usualKpis, ...threeNumbersMetrics])
const hasGoal = sql`${observations.metric} in (select goal.value ->> 'metric' from ${scoringRules} r, json_each(r.body, '$.goals') goal)`
const selectShown = (db: Database) =>
  db
    .select()
    .from(observations)
    .where(and(eq(observations.basis, 'period'), or(isShownAnyway, hasGoal)))
    .orderBy(asc(observations.period))
/** The number of the latest closed round that published something. */
const newestResult = sql`(select max(r.number) from results join rounds r on r.id = results.round_id)`

/**
 * The overview of a closed round; of the latest one without a number.
 *
 * @throws DomainError not-found where no closed round has this number
 */
export async function readOverview({ db, now }: ServiceContext, number?: number): Promise<Overview> {
  const published = db
    .select({ body: results.body, closedAt: rounds.closedAt, merged: sql<string | null>`json_extract(${rounds.frozen}, '$.merged')` })
    .from(results)
    .innerJoin(rounds, eq(rounds.id, results.roundId))
    .orderBy(desc(rounds.number))
    .limit(1)
  const [
    settingRows,
    roundRows,
    resultRows,
    scoreRows,
    eventRows,
    ruleRows,
    observationRows,
    sourceRows,
    peopleRows,
    analysisRows,
    revisionRows,
    ownRows,
    termRounds,
    numberRows,
  ] = await db.batch([
    db.select().from(settings),
    db.select({ number: rounds.number, period: rounds.period, state: rounds.state }).from(rounds).orderBy(desc(rounds.number)).limit(1000),
    number === undefined ? published : published.where(eq(rounds.number, number)),
    selectNewestScores(db),
    selectEvents(db),
    selectRules(db),
    selectShown(db),
    db
      .select({
        id: sources.id,
        name: sources.name,
        expectedEveryDays: sources.expectedEveryDays,
        lastSuccessAt: sql<number | null>`${sources.lastSuccessAt}`,
        state: sources.state,
        trouble: sources.trouble,
      })
      .from(sources),
    selectAnybody(db),
    selectAnalyses(db),
    selectRevisions(db, number === undefined ? sql`(select max(number) from scores)` : sql`${number}`),
    selectOwnMetrics(db),
    selectTermRounds(db).where(gt(rounds.number, sql`${number ?? newestResult} - ${roundsOfTerms}`)),
    selectNumbers(db, roundsOfTerms, number),
  ])
  const [row] = resultRows
  if (!row && number !== undefined) throw new DomainError('not-found', 'No closed round has this number.')
  const result = row ? publishedResult(row.body) : null
  const rules = rulesIn(ruleRows)
  const history = scoreRows.map(scoreIn).filter((score) => result && score.number <= result.number)
  const isLatest = result !== null && roundRows.every(({ state, number: other }) => state !== 'closed' || other <= result.number)
  return {
    rules,
    settings: settingsIn(settingRows),
    rounds: roundRows.filter(({ state }) => state === 'closed').map(({ number, period }) => ({ number, period })),
    next: result ? null : nextRound(await listSummaries(db, { limit: 1000 })),
    hasPeople: peopleRows.length > 0,
    hasSources: sourceRows.length > 0,
    failing: sourceProblems(sourceRows, now).filter(isUnread),
    shown:
      row && result
        ? shownRound(result, row, history, {
            events: eventRows,
            baseline: rules.baseline,
            revisions: revisionsIn(revisionRows),
            terms: termRounds.filter((round) => round.number <= result.number),
            numbers: numberRows,
            observations: observationRows as Observation[],
          })
        : null,
    around: isLatest ? chosenEvent(analysisIn(analysisRows, 'around-events'), rules.baseline) : null,
    relations: isLatest ? analysisIn(analysisRows, 'relations') : [],
    kpis: kpiCards({ rules, observed: observationRows, own: ownRows, sources: sourceRows }, result?.period ?? '9999-12', now),
  }
}

function shownRound(
  result: PublicResult,
  { closedAt, merged }: { closedAt: Date | null; merged: string | null },
  scored: Score[],
  {
    events: eventRows,
    baseline,
    revisions,
    terms,
    numbers,
    observations,
  }: {
    events: readonly TrendEvent[]
    baseline: BaselineEvent | null
    revisions: Revision[]
    terms: TermRound[]
    numbers: RoundNumbers[]
    observations: Observation[]
  },
): ShownRound | null {
  if (!isSome(scored) || scored.at(-1)?.number !== result.number) return null
  const history = onOneLine(scored)
  return {
    ...scoreView(scored, { baselineEvent: baseline, events: eventRows }),
    closedAt,
    result,
    merged: JSON.parse(merged ?? '[]'),
    terms: standingTerms(terms, null).terms.filter(({ latest, isOld }) => latest && !isOld),
    lines: threeNumbers(result, numbers, observations),
    history,
    otherRules: scored.length - history.length,
    revisions,
  }
}

const isSome = (scored: readonly Score[]): scored is readonly [Score, ...Score[]] => scored.length > 0

/** The event that the baseline ends before, or else the last one with something to compare, or else the last one. */
export function chosenEvent(compared: Analyses['around-events'], baseline: BaselineEvent | null): EventComparison | null {
  const own = compared.find(({ day, name }) => day === baseline?.day && name === baseline.name)
  const found = own ?? compared.findLast(({ rows }) => rows.length > 0) ?? compared.at(-1)
  return found ? { event: { id: found.eventId, day: found.day, name: found.name }, rows: found.rows } : null
}

function nextRound(roundRows: RoundSummary[]): Overview['next'] {
  const round = roundRows.find(({ state }) => state === 'open') ?? roundRows.findLast(({ state }) => state === 'scheduled')
  if (!round || round.state === 'closed') return null
  const { state, number, period, closesAt, invited } = round
  return { state, number, period, closesAt, invited, answered: answeredSoFar(round) }
}

function kpiCards(
  read: {
    rules: ScoringRules
    observed: Awaited<ReturnType<typeof selectShown>>
    own: Awaited<ReturnType<typeof selectOwnMetrics>>
    sources: readonly { expectedEveryDays: number }[]
  },
  until: string,
  now: Date,
): KpiCard[] {
  const goals = goalsIn(read.rules)
  const own = read.own.map(ownMetricIn)
  const everyDays = Math.min(...read.sources.map(({ expectedEveryDays }) => expectedEveryDays))
  const known = [...metrics, ...own.map(ownDefinition)]
  const shown: Definition[] = known.filter(({ key }) => usualKpis.includes(key) || goals.some(({ metric }) => metric === key))
  return shown
    .sort((a, b) => order(a.key) - order(b.key))
    .map((definition) => {
      const { key } = definition
      const known = (read.observed as Observation[]).filter(({ metric, period }) => metric === key && period <= until)
      const current = known.findLast(({ value }) => value !== null) ?? null
      const goal = goals.find(({ metric }) => metric === key) ?? null
      const series = current ? monthly(known, current.period) : []
      const whole = known.flatMap(({ period, value, provisional }) => (value === null || provisional ? [] : [{ period, value }]))
      return {
        metric: definition,
        name: own.find((one) => one.key === key)?.name ?? null,
        goal,
        current,
        series,
        baseline: goal?.baseline ?? baselineOfMetric(whole, read.rules.baseline),
        range: againstBaseline(known, [-Infinity, Infinity], read.rules.baseline),
        freshness: freshness(current?.asOf ?? null, everyDays, now),
        days: current ? Math.floor((now.getTime() - current.asOf.getTime()) / 86_400_000) : 0,
      }
    })
}

/** The cards of the KPIs alone, as they stood in any month. */
export async function readKpiCards({ db, now }: ServiceContext): Promise<{ cardsUntil: (month: string) => KpiCard[]; currency: string }> {
  const [settingRows, ruleRows, observed, own, sourceRows] = await db.batch([
    db.select().from(settings),
    selectRules(db),
    selectShown(db),
    selectOwnMetrics(db),
    db.select({ expectedEveryDays: sources.expectedEveryDays }).from(sources),
  ])
  const read = { rules: rulesIn(ruleRows), observed, own, sources: sourceRows }
  return { cardsUntil: (month) => kpiCards(read, month, now), currency: settingsIn(settingRows).currency }
}

const order = (key: MetricKey) => (usualKpis.includes(key) ? usualKpis.indexOf(key) : usualKpis.length)

/** Every month up to this one, at most 18; a month without a value is a gap. */
function monthly(known: readonly Observation[], until: string): KpiCard['series'] {
  const first = known[0]?.period ?? until
  const months = Array.from({ length: monthsShown }, (_, back) => monthAfter(until, back - monthsShown + 1)).filter(
    (month) => month >= first,
  )
  return months.map((period) => ({ period, value: known.find((observation) => observation.period === period)?.value ?? null }))
}

/** Written once by `publish` when the round closed, and never since. */
const publishedResult = (body: unknown) => withoutInputs(body as RoundResult)
