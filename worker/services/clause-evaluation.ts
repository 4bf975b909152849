/**
 * How the due dates of clauses came out, from the facts as they are: computed again after each publication, when something
 * falls due, and when a clause or the work calendar changes. What is too old to be computed again stays as it was judged.
 */
import { addDays, dayOf } from '../core/calendar'
import { canonicalJson } from '../core/canonical-json'
import { type Clause, type ClauseHistory, factsOf, type PlannedDue, plannedDues } from '../core/clause'
import type { FactKind } from '../core/facts'
import { type Counts, type Evaluation, judge } from '../core/sla'
import { latestStart, roundTheClock, type TimelineDay, timelineOf, type WorkCalendar } from '../core/work-calendar'
import {
  type CountedClause,
  type CountedDue,
  countsIn,
  type FirstDays,
  firstDaysIn,
  selectCounts,
  selectFirstDays,
} from '../db/clause-counts'
import {
  clausesIn,
  evaluationsIn,
  holdFactRevision,
  replaceEvaluations,
  type StoredClause,
  selectClauses,
  selectEvaluations,
  selectReports,
  writeStamp,
} from '../db/clauses'
import { type Database, databaseMessage } from '../db/client'
import { factsBySource, isHeld } from '../db/facts'
import { factRevision, settings as settingsTable } from '../db/schema'
import { type Settings, settingsIn } from '../db/settings'
import { refreshAnalyses } from './analyses'
import { type ServiceContext, sha256Hex } from './context'
import { rescoreRounds } from './scores'

/** Due dates older than this many days are not computed again. */
const horizonDays = 731
/** As far ahead as the next due date of a monthly clause can be, holidays included. */
const aheadDays = 92
const attempts = 4

/** Everything that evaluations are made of, beside the facts themselves. */
export interface Reading {
  clauses: StoredClause[]
  evaluations: Map<string, Evaluation[]>
  reports: Awaited<ReturnType<typeof selectReports>>
  settings: Settings
  calendar: WorkCalendar
  timeZone: string
  revision: number
  /** What the stored evaluations were made of. */
  stamp: string | null
}

const stampKey = 'clausesEvaluated'

export async function readClauses(db: Database): Promise<Reading> {
  const [clauseRows, evaluationRows, reports, settingRows, revisionRows] = await db.batch([
    selectClauses(db),
    selectEvaluations(db),
    selectReports(db),
    db.select().from(settingsTable),
    db.select({ revision: factRevision.revision }).from(factRevision),
  ])
  const settings = settingsIn(settingRows)
  const stamp = settingRows.find(({ key }) => key === stampKey)?.value
  return {
    clauses: clausesIn(clauseRows),
    evaluations: evaluationsIn(evaluationRows),
    reports,
    settings,
    calendar: settings.workCalendar,
    timeZone: settings.timeZone,
    revision: revisionRows[0]?.revision ?? 0,
    stamp: typeof stamp === 'string' ? stamp : null,
  }
}

/**
 * Computes every due date again, and stores what came out. Facts that are published meanwhile make it begin again, so that
 * no older count is stored over a newer one. One query where there is no clause.
 *
 * @returns whether anything came out differently than it was stored
 */
export async function evaluateClauses(context: Pick<ServiceContext, 'db' | 'now'>): Promise<boolean> {
  for (let left = attempts; ; left--) {
    const reading = await readClauses(context.db)
    if (reading.clauses.length === 0) return false
    try {
      return await evaluateOnce(context, reading)
    } catch (error) {
      if (isHeld(databaseMessage(error)) && left > 1) continue
      throw error
    }
  }
}

/** Evaluates, and computes scores and comparisons again where that changed anything. */
export async function evaluateAndScore(context: Pick<ServiceContext, 'db' | 'now'>): Promise<void> {
  if (!(await evaluateClauses(context))) return
  await rescoreRounds(context)
  await refreshAnalyses(context)
}

/** What cron does: evaluates where something fell due since, or something was published or decided and not evaluated. */
export async function evaluateDueClauses(context: Pick<ServiceContext, 'db' | 'now'>): Promise<void> {
  const reading = await readClauses(context.db)
  if (reading.clauses.length === 0) return
  const today = dayOf(context.now, reading.timeZone)
  const isDue = ({ id, endDay }: StoredClause) =>
    (endDay === null || endDay >= today) && (reading.evaluations.get(id)?.at(-1)?.dueAt ?? 0) <= context.now.getTime()
  if (reading.stamp === (await stampOf(reading)) && !reading.clauses.some(isDue)) return
  await evaluateAndScore(context)
}

const stampOf = ({ clauses, reports, calendar, timeZone, revision }: Reading): Promise<string> =>
  sha256Hex(JSON.stringify({ clauses, reports, calendar, timeZone, revision }))

async function evaluateOnce({ db, now }: Pick<ServiceContext, 'db' | 'now'>, reading: Reading): Promise<boolean> {
  const known = await readKnown(db)
  const today = dayOf(now, reading.timeZone)
  const first = addDays(today, -horizonDays)
  const found = await evaluationsOf({ db, now }, reading, known, reading.clauses, first)
  const statements: D1PreparedStatement[] = []
  let isNew = false
  for (const { id } of reading.clauses) {
    const rows = found.get(id) ?? []
    const stored = reading.evaluations.get(id) ?? []
    // What is older than the horizon stays; without any due date within it, only what is due ahead is taken back.
    const from = rows[0]?.dueAt ?? Date.parse(first)
    const replaced = stored.filter(({ dueAt }) => dueAt >= from)
    if (canonicalJson(replaced.map(withoutReach)) !== canonicalJson(rows.map(withoutReach))) isNew = true
    if (canonicalJson(replaced) !== canonicalJson(rows)) statements.push(...replaceEvaluations(db, id, from, rows))
  }
  await db.$client.batch([holdFactRevision(db, reading.revision), ...statements, writeStamp(db, stampKey, await stampOf(reading))])
  return isNew
}

/** That the data reaches further is no news of what was decided already. */
const withoutReach = ({ asOf: _, ...rest }: Evaluation) => rest

/** Which facts there are, how far they reach, and since when. */
export interface Known {
  sources: Awaited<ReturnType<typeof factsBySource>>
  firstDays: FirstDays
}

export async function readKnown(db: Database): Promise<Known> {
  const [sources, firstRow] = await db.batch([factsBySource(db), selectFirstDays(db)])
  return { sources, firstDays: firstDaysIn(firstRow) }
}

/** How far the data behind a clause reaches: the oldest last success of the sources that hold its facts; null where none does. */
export function reachOf(clause: Clause, { sources }: Known): number | null {
  const behind = factsOf(clause).map((kind) => sources.filter((source) => holdsFor(clause, kind, source)))
  if (behind.length === 0 || behind.some((holders) => holders.length === 0)) return null
  const moments = behind.flat().map(({ lastSuccessAt }) => lastSuccessAt)
  return moments.some((moment) => moment === null) ? null : Math.min(...moments.map(Number))
}

/** Whether a clause is judged by facts of this source. */
export const isBehind = (source: Known['sources'][number], clause: Clause): boolean =>
  factsOf(clause).some((kind) => holdsFor(clause, kind, source))

const holdsFor = (clause: Clause, kind: FactKind, { holds }: Known['sources'][number]): boolean =>
  holds.some((one) => one === kind || (kind === 'stage' && isStageToo(one, clause)))

/** Leads and deals say of some stages that they were entered, see db/clause-counts.ts. */
function isStageToo(kind: FactKind, clause: Clause): boolean {
  if (clause.kind === 'reported' || clause.kind === 'attempts') return false
  if (kind === 'lead') return clause.stage === 'lead'
  return kind === 'deal' && (clause.kind === 'follow-on' || clause.stage === 'opportunity' || clause.stage === 'customer')
}

/** The first day that the facts of a clause are known of; null where there is none. Nothing is judged by what nobody recorded. */
function beginningOf(clause: Clause, { firstDays }: Known): string | null {
  if (clause.kind === 'reported') return ''
  if (clause.kind === 'attempts') return firstDays.activity
  const day = firstDays[clause.stage]
  if (clause.kind !== 'response' || day === null) return day
  return firstDays.activity === null ? null : day > firstDays.activity ? day : firstDays.activity
}

/**
 * The due dates of these clauses from a day on, up to the next one of each. Reads facts and writes nothing.
 *
 * @returns by clause, oldest first
 */
export async function evaluationsOf(
  { db, now }: Pick<ServiceContext, 'db' | 'now'>,
  { calendar, timeZone, reports }: Pick<Reading, 'calendar' | 'timeZone' | 'reports'>,
  known: Known,
  clauses: readonly ClauseHistory[],
  first: string,
): Promise<Map<string, Evaluation[]>> {
  const today = dayOf(now, timeZone)
  const timelines = timelinesOf(calendar, timeZone, addDays(first, -aheadDays), addDays(today, aheadDays + 31))
  const planned = clauses.map((history) => ({
    history,
    dues: untilNext(plannedDues(history, calendar, timeZone, first, addDays(today, aheadDays)), now),
  }))
  const questions = planned.flatMap(({ history, dues }) =>
    history.versions.flatMap((version) => {
      const { body } = version
      if (body.kind === 'reported') return []
      const own = dues.filter((due) => due.version === version)
      return own.length > 0 && beginningOf(body, known) !== null
        ? [{ version, clause: body, own, counted: countedDues(body, own, timelines(body)) }]
        : []
    }),
  )
  const answers =
    questions.length > 0
      ? await db.$client.batch(
          questions.map(({ clause, counted }) => selectCounts(db, clause, counted, within(timelines(clause), counted))),
        )
      : []
  const counts = new Map<PlannedDue, Counts>()
  for (const [index, { clause, own, counted }] of questions.entries()) {
    for (const [at, count] of countsIn(answers[index]?.results ?? [], clause, counted).entries()) {
      const due = own[at]
      if (due) counts.set(due, count)
    }
  }
  const result = new Map<string, Evaluation[]>()
  for (const { history, dues } of planned) {
    const own = reports.filter(({ clauseId }) => clauseId === history.id)
    const judged = dues.flatMap((due) => {
      const { body, version } = due.version
      if (body.kind === 'reported') {
        const report = own.find(({ dueDay }) => dueDay === due.dueDay)
        // Who reports before the time is over says how it came out all the same.
        const asOf = report ? Math.max(report.reportedAt.getTime(), due.dueAt) : null
        return [judge(body, due, report ?? null, { version, now: now.getTime(), asOf })]
      }
      const beginning = beginningOf(body, known)
      const isKnown = beginning !== null && dayOf(new Date(due.from + 1), timeZone) >= beginning
      if (beginning !== null && !isKnown && due.dueAt <= now.getTime()) return []
      const asOf = reachOf(body, known)
      return [judge(body, due, asOf !== null && isKnown ? (counts.get(due) ?? null) : null, { version, now: now.getTime(), asOf })]
    })
    result.set(history.id, judged)
  }
  return result
}

/** Everything that was due, and the one that is due next. */
function untilNext(dues: readonly PlannedDue[], now: Date): PlannedDue[] {
  const next = dues.findIndex(({ dueAt }) => dueAt > now.getTime())
  return next < 0 ? [...dues] : dues.slice(0, next + 1)
}

/** Responses are judged when their time is over: what was handed over so early that it is, and was not at the due date before. */
export function countedDues(clause: CountedClause, dues: readonly PlannedDue[], timeline: readonly TimelineDay[]): CountedDue[] {
  if (clause.kind !== 'response') return [...dues]
  const { minutes } = clause
  return dues.map(({ from, until, dueAt }) => ({
    from: latestStart(timeline, from, minutes),
    until: latestStart(timeline, until, minutes),
    dueAt,
  }))
}

/** Day by day by the work calendar, or by all hours for clauses that count those. */
export function timelinesOf(
  calendar: WorkCalendar,
  timeZone: string,
  from: string,
  to: string,
): (clause: Clause) => readonly TimelineDay[] {
  const working = timelineOf(calendar, timeZone, from, to)
  let all: readonly TimelineDay[] | null = null
  return (clause) => {
    if (clause.kind !== 'response' || clause.clock === 'working') return working
    all ??= timelineOf(roundTheClock, timeZone, from, to)
    return all
  }
}

/** The days that these due dates are about, and all after them, on which something may have followed. */
export function within(timeline: readonly TimelineDay[], dues: readonly CountedDue[]): readonly TimelineDay[] {
  const from = dues[0]?.from ?? 0
  return timeline.slice(Math.max(0, timeline.findIndex(({ end }) => end > from) - 1))
}
