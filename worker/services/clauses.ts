/** Clauses of the SLA: decided in versions, ended, taken back, reported on, and told with how they came out. */
import { eq, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { addDays, dayOf } from '../core/calendar'
import {
  type Clause,
  type ClauseHistory,
  type ClauseProblem,
  type ClauseProblemCode,
  clauseProblems,
  plannedDues,
  startProblem,
  versionOn,
} from '../core/clause'
import { DomainError, type FieldError } from '../core/errors'
import { type Course, courseOf, type Evaluation, isJudged } from '../core/sla'
import { hoursProblems, mostHolidays, type WorkCalendar, type WorkHours, withHours } from '../core/work-calendar'
import { forgetClause, listClauses, type StoredClause } from '../db/clauses'
import { type Database, isUniqueViolation } from '../db/client'
import { clauseReports, clauses } from '../db/schema'
import { readSettings, writeSettings } from '../db/settings'
import { messagesOf } from '../i18n'
import { refreshAnalyses } from './analyses'
import { evaluateClauses, evaluationsOf, type Reading, readClauses, readKnown } from './clause-evaluation'
import { newId, type ServiceContext } from './context'
import { rescoreRounds } from './scores'

export interface ClauseView {
  id: string
  state: 'planned' | 'holds' | 'ended'
  /** The version that holds, or did last, or will. */
  clause: Clause
  version: number
  /** Since when some version of it holds, and the last day. */
  fromDay: string
  endDay: string | null
  /** In the order in which they were decided. */
  versions: ClauseHistory['versions']
  /** Whether the last decision can still be taken back, and what that would leave. */
  takeBack: 'version' | 'clause' | null
  /** Oldest first, with the one that is due next. */
  evaluations: Evaluation[]
  course: Course
}

/** More clauses than this are no agreement. */
export const mostClauses = 20
/** What was decided can be taken back for a day, or until something was judged by it. */
const takeBackMilliseconds = 24 * 60 * 60_000

/** Every clause, those that hold first, in the order in which they were decided. */
export async function listClauseViews({ db, now }: Pick<ServiceContext, 'db' | 'now'>): Promise<ClauseView[]> {
  return viewsIn(await readClauses(db), now)
}

const order = { holds: 0, planned: 1, ended: 2 } as const

/** What `readClauses` read. */
export function viewsIn(
  { clauses: stored, evaluations, timeZone }: Pick<Reading, 'clauses' | 'evaluations' | 'timeZone'>,
  now: Date,
): ClauseView[] {
  const today = dayOf(now, timeZone)
  return stored
    .map((clause) => viewOf(clause, evaluations.get(clause.id) ?? [], today, now))
    .sort((a, b) => order[a.state] - order[b.state])
}

function viewOf(stored: StoredClause, evaluations: Evaluation[], today: string, now: Date): ClauseView {
  const { id, versions, endDay } = stored
  const fromDay = versions.map((one) => one.fromDay).sort()[0] ?? ''
  const state = endDay !== null && endDay < today ? 'ended' : fromDay > today ? 'planned' : 'holds'
  const { version, body } = versionOn(stored, state === 'ended' ? (endDay ?? today) : today)
  return {
    id,
    state,
    clause: body,
    version,
    fromDay,
    endDay,
    versions,
    takeBack: canTakeBack(stored, evaluations, now) ? (versions.length > 1 ? 'version' : 'clause') : null,
    evaluations,
    course: courseOf(evaluations),
  }
}

function canTakeBack({ versions, changedAt }: StoredClause, evaluations: readonly Evaluation[], now: Date): boolean {
  const newest = versions.at(-1)?.version
  const isUsed = evaluations.some((one) => one.version === newest && isJudged(one))
  return !isUsed || now.getTime() - changedAt.getTime() < takeBackMilliseconds
}

/** @throws DomainError not-found */
export async function getClause(context: Pick<ServiceContext, 'db' | 'now'>, id: string): Promise<ClauseView> {
  const found = (await listClauseViews(context)).find((one) => one.id === id)
  if (!found) throw noSuchClause()
  return found
}

const noSuchClause = () => new DomainError('not-found', 'There is no such clause.')

// ── Deciding ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What is wrong with a clause and the day that it is to hold from. @param id of the clause that it would change */
export async function findClauseProblems(
  { db, now }: Pick<ServiceContext, 'db' | 'now'>,
  clause: Clause,
  fromDay: string,
  id?: string,
): Promise<ClauseProblem[]> {
  const { timeZone } = await readSettings(db)
  const start = startProblem(fromDay, dayOf(now, timeZone), id !== undefined)
  return [...clauseProblems(clause), ...(start ? [start] : [])]
}

/**
 * Adds a clause. Due dates since its day are judged at once, from the facts that there are.
 *
 * @param fromDay up to two years back
 * @throws DomainError invalid-input
 * @example await addClause(context, { kind: 'volume', side: 'marketing', stage: 'mql', atLeast: 50, … }, '2026-06-15')
 */
export async function addClause(context: ServiceContext, clause: Clause, fromDay: string): Promise<ClauseView> {
  await refuseProblems(context, clause, fromDay)
  const { db, now } = context
  if ((await listClauses(db)).length >= mostClauses) {
    throw new DomainError('invalid-input', `There are ${mostClauses} clauses already. End or change one of them.`)
  }
  const id = newId(context)
  await db.insert(clauses).values({ id, version: 1, fromDay, endDay: null, body: clause, createdAt: now })
  await evaluateAgain(context)
  return getClause(context, id)
}

/**
 * Decides that a clause is another one from a day on. What was due before stays judged by the version that held then. What
 * changes nothing makes no version.
 *
 * @param fromDay today or later
 * @throws DomainError not-found, invalid-input, or clause-ended
 */
export async function changeClause(context: ServiceContext, id: string, clause: Clause, fromDay: string): Promise<ClauseView> {
  await refuseProblems(context, clause, fromDay, id)
  const { db, now } = context
  const stored = await storedClause(db, id)
  if (stored.endDay !== null)
    throw new DomainError('clause-ended', 'This clause has an end. Take the end back first, or add another clause.')
  const newest = stored.versions.at(-1)
  if (newest && JSON.stringify(newest.body) === JSON.stringify(clause) && newest.fromDay === fromDay) return getClause(context, id)
  try {
    await db.insert(clauses).values({ id, version: (newest?.version ?? 0) + 1, fromDay, endDay: null, body: clause, createdAt: now })
  } catch (error) {
    if (isUniqueViolation(error)) throw new DomainError('clause-changed', 'Somebody else changed this clause meanwhile. Look at it again.')
    throw error
  }
  await evaluateAgain(context)
  return getClause(context, id)
}

/**
 * Ends a clause today: what is due later is promised no more, and what was judged stays. Ending it again changes nothing.
 *
 * @throws DomainError not-found
 */
export async function endClause(context: ServiceContext, id: string): Promise<ClauseView> {
  const { db, now } = context
  const [stored, { timeZone }] = await Promise.all([storedClause(db, id), readSettings(db)])
  if (stored.endDay === null) await writeEnd(db, id, dayOf(now, timeZone))
  await evaluateAgain(context)
  return getClause(context, id)
}

/** Takes the end of a clause back: it holds on as if it had never ended. @throws DomainError not-found */
export async function resumeClause(context: ServiceContext, id: string): Promise<ClauseView> {
  await storedClause(context.db, id)
  await writeEnd(context.db, id, null)
  await evaluateAgain(context)
  return getClause(context, id)
}

/** Of its last version: that is where the end of a clause is kept. */
const writeEnd = (db: Database, id: string, endDay: string | null) =>
  db
    .update(clauses)
    .set({ endDay })
    .where(sql`${clauses.id} = ${id} and ${clauses.version} = (select max(version) from clauses where id = ${id})`)

/**
 * Takes the last decision on a clause back: its change, or the clause itself where there was none.
 *
 * @throws DomainError not-found, or clause-judged once something was judged by it and a day has passed
 */
export async function takeBackClause(context: ServiceContext, id: string): Promise<'version' | 'clause'> {
  const { db } = context
  const { takeBack, versions } = await getClause(context, id)
  if (!takeBack) throw new DomainError('clause-judged', 'Due dates have been judged by this. End the clause, or change it from today on.')
  const newest = versions.at(-1)?.version ?? 0
  if (takeBack === 'clause') await db.batch(forgetClause(db, id))
  else await db.delete(clauses).where(sql`${clauses.id} = ${id} and ${clauses.version} = ${newest}`)
  await evaluateAgain(context)
  return takeBack
}

async function storedClause(db: Database, id: string): Promise<StoredClause> {
  const found = (await listClauses(db)).find((one) => one.id === id)
  if (!found) throw noSuchClause()
  return found
}

/** A decision changes scores even where no due date comes out differently: what belongs to Process is another by then. */
async function evaluateAgain(context: ServiceContext): Promise<void> {
  await evaluateClauses(context)
  await rescoreRounds(context)
  await refreshAnalyses(context)
}

/** Where each field is in the body of a request. */
const pointers: Partial<Record<ClauseProblem['field'], string>> = {
  every: '#/clause/due/every',
  weekday: '#/clause/due/weekday',
  day: '#/clause/due/day',
  time: '#/clause/due/time',
  byTime: '#/clause/time',
  fromDay: '#/fromDay',
}

async function refuseProblems(context: ServiceContext, clause: Clause, fromDay: string, id?: string): Promise<void> {
  const problems = await findClauseProblems(context, clause, fromDay, id)
  if (problems.length === 0) return
  const words = messagesOf('en').sla.mistakes
  const errors = problems.map(({ field, code }): FieldError => ({ pointer: pointers[field] ?? `#/clause/${field}`, detail: words[code] }))
  throw new DomainError('invalid-input', 'This cannot be promised.', errors)
}

export type { ClauseProblemCode }

/** As many due dates are shown before somebody decides. */
const previewed = 12

/**
 * How the last due dates would have come out, oldest first, had this been promised all along. Writes nothing.
 *
 * @returns none where no source has the facts, or it is reported
 */
export async function previewClause({ db, now }: Pick<ServiceContext, 'db' | 'now'>, clause: Clause): Promise<Evaluation[]> {
  const [reading, known] = await Promise.all([readClauses(db), readKnown(db)])
  const back = clause.due.every === 'week' ? 7 * (previewed + 8) : 31 * (previewed + 2)
  const first = addDays(dayOf(now, reading.timeZone), -back)
  const history: ClauseHistory = { id: '', versions: [{ version: 1, fromDay: first, body: clause }], endDay: null }
  const found = await evaluationsOf({ db, now }, { ...reading, reports: [] }, known, [history], first)
  return (found.get('') ?? []).filter(({ state }) => state !== 'open').slice(-previewed)
}

// ── Reports ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ClauseReport {
  /** On which it was due, `YYYY-MM-DD`. */
  dueDay: string
  numerator: number
  /** Of shares only. */
  denominator?: number | null | undefined
}

/**
 * Stores how a due date came out, in place of an earlier report of it, and judges it.
 *
 * @throws DomainError not-found, or invalid-input for a clause that facts tell of, and for a day on which nothing is due
 */
export async function reportClause(context: ServiceContext, id: string, report: ClauseReport): Promise<Evaluation> {
  const { db, now } = context
  const [stored, { timeZone, workCalendar }] = await Promise.all([storedClause(db, id), readSettings(db)])
  const { dueDay, numerator, denominator = null } = report
  const refuse = (pointer: string, detail: string) => new DomainError('invalid-input', 'This cannot be reported.', [{ pointer, detail }])
  const { body } = versionOn(stored, dueDay)
  if (body.kind !== 'reported') throw refuse('path/id', 'This clause is judged from the facts; nothing is reported of it.')
  if (dueDay > dayOf(now, timeZone)) throw refuse('#/dueDay', 'Report it when it is due.')
  const due = plannedDues(stored, workCalendar, timeZone, addDays(dueDay, -31), dueDay).find((one) => one.dueDay === dueDay)
  if (!due) throw refuse('#/dueDay', 'Nothing is due on this day by this clause.')
  if (body.unit === 'share' && denominator === null) throw refuse('#/denominator', 'Say of how many: it is a share.')
  if (body.unit === 'share' && numerator > Number(denominator)) throw refuse('#/numerator', 'Use at most the denominator.')
  if (body.unit === 'count' && denominator !== null) throw refuse('#/denominator', 'Leave it out: it is a number and no share.')
  await db
    .insert(clauseReports)
    .values({ clauseId: id, dueDay, numerator, denominator, reportedAt: now })
    .onConflictDoUpdate({ target: [clauseReports.clauseId, clauseReports.dueDay], set: { numerator, denominator, reportedAt: now } })
  await evaluateAgain(context)
  const { evaluations } = await getClause(context, id)
  const found = evaluations.find((one) => one.dueDay === dueDay)
  if (!found) throw refuse('#/dueDay', 'This is too long ago.')
  return found
}

// ── The work calendar ───────────────────────────────────────────────────────────────────────────────────────────────

export const readCalendar = async (db: Database): Promise<WorkCalendar> => (await readSettings(db)).workCalendar

/**
 * Other hours from a day on, or other holidays. Holidays have days of their own, so that a list can be replaced at any time.
 *
 * @throws DomainError invalid-input
 */
export async function setCalendar(
  context: ServiceContext,
  { hours, holidays }: { hours?: WorkHours | undefined; holidays?: WorkCalendar['holidays'] | undefined },
): Promise<WorkCalendar> {
  const { db } = context
  const errors: FieldError[] = []
  const words = messagesOf('en').sla.calendar.mistakes
  for (const { field, code } of hours ? hoursProblems(hours) : []) errors.push({ pointer: `#/hours/${field}`, detail: words[code] })
  const days = new Set<string>()
  for (const [index, { day }] of (holidays ?? []).entries()) {
    if (days.has(day)) errors.push({ pointer: `#/holidays/${index}`, detail: words['holiday-twice'] })
    days.add(day)
  }
  if ((holidays?.length ?? 0) > mostHolidays) errors.push({ pointer: '#/holidays', detail: words['too-many'] })
  if (errors.length > 0) throw new DomainError('invalid-input', 'The work calendar cannot be like this.', errors)
  const known = await readCalendar(db)
  const timed = hours ? withHours(known, hours) : known
  const workCalendar = { ...timed, holidays: holidays ? holidays.toSorted((a, b) => (a.day < b.day ? -1 : 1)) : timed.holidays }
  await db.batch(writeSettings(db, { workCalendar }) as [BatchItem<'sqlite'>])
  await evaluateAgain(context)
  return workCalendar
}

/** Whether any clause was ever decided. */
export const hasClauses = async (db: Database): Promise<boolean> =>
  (await db.select({ id: clauses.id }).from(clauses).where(eq(clauses.version, 1)).limit(1)).length > 0
