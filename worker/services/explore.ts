/**
 * What was published, from the score down to a statement, over rounds and in one of them. Everything is read from stored
 * results and scores; nothing is counted again.
 */
import { monthsThrough } from '../core/calendar'
import { type Course, type CourseOptions, type CoursePoint, courseOf } from '../core/course'
import { DomainError } from '../core/errors'
import { isHidden, sideOf } from '../core/findings'
import { type Definition, isKpiKey, type MetricKey, metricOf, ownDefinition } from '../core/metrics'
import type { KpiRelation } from '../core/relation'
import type { Figure, Hidden, Interval, NodeFigures, NodeResult, Pillar, PublicResult, Score, ScorePart } from '../core/result'
import type { Item, Side } from '../core/round'
import { mayLead, type NodeChange, roundChange } from '../core/round-change'
import { onOneLine, type ScoreView, scoreView } from '../core/score-history'
import type { ScoringRules } from '../core/scoring-rules'
import { clamp, tQuantile } from '../core/statistics'
import type { TrendEvent } from '../core/trend'
import { analysisIn, selectAnalyses } from '../db/analyses'
import { selectEvents } from '../db/events'
import { type CourseRow, findChosen, type GroupPick, selectCourse, selectMonths } from '../db/explore'
import { ownMetricIn, selectOwnMetrics } from '../db/own-metrics'
import { selectAnybody } from '../db/people'
import { settings } from '../db/schema'
import { scoreIn, selectNewestScores } from '../db/scores'
import { rulesIn, selectRules } from '../db/scoring-rules'
import { type Settings, settingsIn } from '../db/settings'
import type { ServiceContext } from './context'
import { withoutInputs } from './results'

/** What an address chooses. Periods are `YYYY-MM`. */
export interface Wanted {
  from?: string | undefined
  to?: string | undefined
  /** Number of the round that the figures are read in; the latest of the period where it is left out. */
  round?: number | undefined
  /** Id of a published group of that round. */
  team?: string | undefined
  side?: Exclude<Side, 'other'> | undefined
}

export interface Explored {
  settings: Settings
  rules: ScoringRules
  events: TrendEvent[]
  /** Every closed round, oldest first. */
  rounds: CourseRow[]
  /** Those of the period. */
  range: CourseRow[]
  /** Null where no round of the period has closed. */
  chosen: Chosen | null
  /** Scores up to the end of the period, oldest first. */
  scores: Score[]
  /** The score of the chosen round; null where it has none. */
  view: ScoreView | null
  /** KPIs against the people index, over all rounds. */
  relations: KpiRelation[]
  /** Somebody can be asked. */
  hasPeople: boolean
}

export interface Chosen {
  number: number
  period: string
  closedAt: Date | null
  result: PublicResult
  items: Item[]
  /** Since the round that was opened directly before it; empty for the first one. */
  changes: NodeChange[]
  /** The group that was chosen; null for both sides together. A side may be hidden, a team never is. */
  group: NodeResult | null
}

/** `round` is not in the period; the page says so beside the field. */
export class RoundOutside extends Error {}

/**
 * Reads what the address chooses, in two trips to the database.
 *
 * @param pick whose figures the rounds are to bring, where no group is chosen
 * @param item that is looked at: without a round, the latest one that asked it is read
 * @throws DomainError not-found for a round that has not closed, and alike for a team that does not exist and one that is hidden
 * @throws RoundOutside
 */
export async function readExplored(
  { db }: ServiceContext,
  wanted: Wanted,
  { pick = null, item }: { pick?: GroupPick | null; item?: string } = {},
): Promise<Explored> {
  const { from = '', to = '9999-12', team, side } = wanted
  const [settingRows, ruleRows, events, rows, scoreRows, analysisRows, peopleRows] = await db.batch([
    db.select().from(settings),
    selectRules(db),
    selectEvents(db),
    selectCourse(db, team !== undefined ? { id: team } : side ? { side } : pick),
    selectNewestScores(db, to),
    selectAnalyses(db),
    selectAnybody(db),
  ])
  const range = rows.filter(({ period }) => period >= from && period <= to)
  const row = chosenRow(rows, range, wanted, item)
  const rules = rulesIn(ruleRows)
  const scores = scoreRows.map(scoreIn)
  const upTo = row ? scores.filter(({ number }) => number <= row.number) : []
  const isScored = row !== undefined && upTo.at(-1)?.number === row.number
  return {
    settings: settingsIn(settingRows),
    rules,
    events,
    rounds: rows,
    range,
    scores,
    view: isScored && isSome(upTo) ? scoreView(upTo, { baselineEvent: rules.baseline, events }) : null,
    relations: analysisIn(analysisRows, 'relations'),
    hasPeople: peopleRows.length > 0,
    chosen: row ? await readChosen(db, row, wanted) : null,
  }
}

const isSome = (scores: readonly Score[]): scores is readonly [Score, ...Score[]] => scores.length > 0

/** The round that the figures are read in: of a team, the latest one in which it was published. */
function chosenRow(
  rows: readonly CourseRow[],
  range: readonly CourseRow[],
  { round, team }: Wanted,
  item: string | undefined,
): CourseRow | undefined {
  if (item !== undefined && !rows.some((row) => hasAsked(row, item))) throw nothingThere()
  const isThere = ({ node }: CourseRow) => team === undefined || (node !== null && !isHidden(node))
  const asked = range.findLast((row) => isThere(row) && (item === undefined || hasAsked(row, item)))
  const row = round === undefined ? (asked ?? range.findLast(isThere)) : rows.find(({ number }) => number === round)
  if (round !== undefined && row && !range.includes(row)) throw new RoundOutside()
  if ((round !== undefined && !row) || (team !== undefined && (!row || !isThere(row)))) throw nothingThere()
  return row
}

const hasAsked = ({ asked, node }: CourseRow, item: string): boolean =>
  asked?.length ? asked.includes(item) : node !== null && !isHidden(node) && item in node.items

const nothingThere = () => new DomainError('not-found', 'There is nothing here.')

async function readChosen(db: ServiceContext['db'], row: CourseRow, { team, side }: Wanted): Promise<Chosen> {
  const found = await findChosen(db, row.roundId)
  if (!found) throw nothingThere()
  const result = withoutInputs(found.result)
  const group = team !== undefined ? result.nodes.find(({ id }) => id === team) : side ? sideOf(result, side) : undefined
  return {
    number: row.number,
    period: row.period,
    closedAt: row.closedAt,
    result,
    items: found.items,
    changes: found.earlier ? roundChange(withoutInputs(found.earlier), result, found.membership) : [],
    group: group ?? null,
  }
}

// ── Lines ───────────────────────────────────────────────────────────────────────────────────────────────────────────

type Drawn = Pick<Explored, 'rules' | 'events' | 'range' | 'rounds'> & { chosen: Chosen }

const optionsOf = ({ rules, events, range, chosen }: Drawn, limits: CourseOptions['range']): CourseOptions => ({
  range: limits,
  events,
  baselineEvent: rules.baseline,
  from: range[0]?.period ?? '',
  chosen: chosen.number,
})

const percentScale = [0, 100] as const

/** Rounds of other rules are not on the line of scores; how many of the period are left out. */
export const otherRules = ({ scores, range }: Explored): number =>
  scores.filter(({ period }) => period >= (range[0]?.period ?? '')).length -
  onOneLine(scores).filter(({ period }) => period >= (range[0]?.period ?? '')).length

/** The score, a pillar or a part of it, from round to round. */
export function scoreCourse(explored: Explored & Drawn, figureOf: (score: Score) => ScoredFigure | null): Course {
  const points = onOneLine(explored.scores).map((score): CoursePoint => {
    const { number, period } = score
    const figure = figureOf(score)
    return { number, period, value: figure?.value ?? null, interval: figure?.interval ?? null, n: null }
  })
  return courseOf(points, optionsOf(explored, percentScale))
}

export interface ScoredFigure {
  value: number | null
  interval: Interval | null
}

export const pillarOf = (score: Score, pillar: Pillar) => score.pillars.find((one) => one.pillar === pillar)

/** A part with the interval of its own variance; KPIs and clauses are fixed numbers, and have none. */
export const partFigure = ({ value, variance }: ScorePart, { degreesOfFreedom }: Score): ScoredFigure => {
  const half = tQuantile(Math.max(1, degreesOfFreedom)) * Math.sqrt(variance)
  return {
    value,
    interval: variance > 0 ? { low: clamp(value - half, 0, 100), high: clamp(value + half, 0, 100) } : null,
  }
}

/**
 * A published figure of the chosen group from round to round: of the rounds in which it was published, as a group of the
 * same id below the same parent.
 *
 * @param limits of the value: 0 to 100, or −100 to 100 for the headline
 */
export function groupCourse(
  drawn: Drawn & Pick<Explored, 'rounds'>,
  figureOf: (node: NodeFigures) => Figure | Hidden | undefined,
  limits: CourseOptions['range'] = percentScale,
): Course {
  const last = drawn.range.at(-1)?.number ?? 0
  const own = groupRows(drawn).filter(({ number }) => number <= last)
  const points: CoursePoint[] = []
  let before: { row: CourseRow; figure: Figure } | null = null
  for (const row of own) {
    const { number, period, node } = row
    const figure = node && !isHidden(node) ? figureOf(node) : undefined
    if (!figure || isHidden(figure)) continue
    const follows = before !== null && drawn.rounds.indexOf(before.row) === drawn.rounds.indexOf(row) - 1
    const moves = follows ? row.membership?.[node?.id ?? ''] : null
    const apart = before !== null && !mayLead(before.figure, figure, moves ? moves.joined + moves.left : null)
    points.push({ number, period, value: figure.value, interval: figure.interval, n: figure.n, apart })
    before = { row, figure }
  }
  return courseOf(points, optionsOf(drawn, limits))
}

/** The rounds in which the chosen group was published as the same group. */
export function groupRows({ rounds, chosen }: Pick<Drawn, 'rounds' | 'chosen'>): CourseRow[] {
  const now = rounds.find(({ number }) => number === chosen.number)?.node
  return rounds.filter(({ node }) => node !== null && !isHidden(node) && (!now || (node.id === now.id && node.parentId === now.parentId)))
}

/** What changed in a group since the round before, as far as it may be said. */
export const changeOf = ({ changes }: Chosen, id: string): NodeChange | undefined => changes.find((change) => change.id === id)

// ── KPIs ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Alignment {
  settings: Settings
  events: TrendEvent[]
  metric: Definition
  /** Of the organisation's own. */
  name: string | null
  /** Month by month: the people index of its last round, and the whole month of the KPI. */
  months: { period: string; people: number | null; kpi: number | null; provisional: boolean }[]
  /** Months in which rounds closed, oldest first. */
  periods: string[]
  /** Null where it is not compared. */
  relation: KpiRelation | null
  /** Whether the KPI has any value at all, also outside of the months. */
  hasValues: boolean
  otherRules: number
}

/**
 * The people index and one KPI over the same months, and what is known of how they go together.
 *
 * @throws DomainError not-found for a metric that does not exist
 */
export async function readAlignment(
  { db }: ServiceContext,
  key: string,
  { from = '', to = '9999-12' }: Pick<Wanted, 'from' | 'to'>,
): Promise<Alignment> {
  const [settingRows, events, scoreRows, monthRows, analysisRows, ownRows] = await db.batch([
    db.select().from(settings),
    selectEvents(db),
    selectNewestScores(db),
    selectMonths(db, key),
    selectAnalyses(db),
    selectOwnMetrics(db),
  ])
  const own = ownRows.map(ownMetricIn).find((one) => one.key === key)
  if (!isKpiKey(key) && !own) throw nothingThere()
  const scores = scoreRows.map(scoreIn)
  const history = onOneLine(scores)
  const people = new Map(history.map(({ period, peopleIndex }) => [period, peopleIndex]))
  const kpi = new Map(monthRows.map((row) => [row.period, row]))
  const inRange = (period: string) => period >= from && period <= to
  const periods = [...people.keys()]
  const [first, last] = [periods.find(inRange), periods.findLast(inRange)]
  const months = first && last ? monthsThrough(first, last) : []
  return {
    settings: settingsIn(settingRows),
    events,
    metric: own ? ownDefinition(own) : metricOf(key as Parameters<typeof metricOf>[0]),
    name: own?.name ?? null,
    months: months.map((period) => ({
      period,
      people: people.get(period) ?? null,
      kpi: kpi.get(period)?.value ?? null,
      provisional: kpi.get(period)?.provisional ?? false,
    })),
    periods,
    relation: analysisIn(analysisRows, 'relations').find((one) => one.key === (key as MetricKey)) ?? null,
    hasValues: monthRows.some(({ value }) => value !== null),
    otherRules: scores.length - history.length,
  }
}
