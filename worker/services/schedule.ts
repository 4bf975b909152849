/**
 * The schedule: rounds that open, remind and close by themselves. Nothing here opens a round but `openNow` and
 * `openExtra`; the rest decides what cron will do.
 */

import { and, eq, lte } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { addDays, dayOf, daysBetween } from '../core/calendar'
import { DomainError } from '../core/errors'
import {
  endOfDay,
  type OpeningRefusal,
  possibleShifts,
  type RuleMistake,
  ruleMistakes,
  type ScheduleRule,
  usualRule,
  windowOf,
} from '../core/schedule'
import type { Database } from '../db/client'
import { findRound, numberScheduled, type Round } from '../db/rounds'
import {
  deleteAllPlanned,
  deletePlanned,
  deleteSchedule,
  findRefusal,
  listPlanned,
  movePlanned,
  type PlannedRound,
  setPaused,
  setResumed,
  skipSlot,
} from '../db/schedule'
import { heartbeats, rounds } from '../db/schema'
import { type RoundLeftOut, readSettings, type Schedule, type Settings, writeSettings } from '../db/settings'
import type { ServiceContext } from './context'
import { writeToInvited } from './due'
import { type Opening, openingsAfter, planRounds, roundsAhead } from './planning'
import { createRound, getRound, type Invitation, noSuchRound, notScheduled, openRound, type RoundView } from './rounds'

export interface ScheduleView {
  rule: ScheduleRule | null
  /** Since when nothing opens; null while rounds do, or without a schedule. */
  pausedAt: string | null
  next: UpcomingRound[]
  /** Rounds that did not take place, oldest first. */
  leftOut: RoundLeftOut[]
  /** When cron ran last; null where it never has. */
  lastRunAt: string | null
  /** Cron has not run for so long that nothing opens, reminds or closes by itself. */
  isStopped: boolean
}

export interface UpcomingRound {
  id: string
  number: number
  period: string
  slot: string
  opensAt: string
  closesAt: string
  shiftedDays: number
  /** Why it has not been opened though it is due; null where it is not due, or nobody has tried. */
  refusal: OpeningRefusal | null
  /** Days that it may be shifted by, from its slot: those that keep it in the future and apart from its neighbours. */
  shifts: number[]
}

/** A run of cron older than this means that it has stopped. */
export const heartbeatMinutes = 30

export async function getSchedule(context: ServiceContext): Promise<ScheduleView> {
  const { db, now } = context
  const [settings, planned, open, heartbeat] = await Promise.all([
    readSettings(db),
    listPlanned(db),
    findOpen(db),
    db.query.heartbeats.findFirst({ where: eq(heartbeats.job, 'tick') }),
  ])
  const { schedule } = settings
  const at = heartbeat?.at ?? null
  const due = planned.find(({ opensAt }) => opensAt <= now)
  const refusal = due && (await findRefusal(db, due.id))
  return {
    rule: schedule && ruleOf(schedule),
    pausedAt: schedule?.pausedAt ? new Date(schedule.pausedAt).toISOString() : null,
    next: planned.map(({ opensAt, closesAt, ...round }) => ({
      ...round,
      opensAt: opensAt.toISOString(),
      closesAt: closesAt.toISOString(),
      refusal: (round.id === due?.id && refusal) || null,
      shifts: schedule ? shiftsOf(context, { settings, schedule, planned, open }, round) : [],
    })),
    leftOut: settings.roundsLeftOut,
    lastRunAt: at?.toISOString() ?? null,
    isStopped: at === null || now.getTime() - at.getTime() > heartbeatMinutes * 60_000,
  }
}

/** What a rule would do: which rounds go, and which come. */
export interface SchedulePreview {
  rule: ScheduleRule
  gone: PlannedRound[]
  next: Opening[]
}

/**
 * What `setSchedule` would do.
 *
 * @throws DomainError invalid-input
 */
export async function previewSchedule(context: ServiceContext, rule: ScheduleRule): Promise<SchedulePreview> {
  const { db, now } = context
  const { timeZone } = await readSettings(db)
  const mistakes = await findMistakes(context, rule)
  if (mistakes.length > 0) {
    throw new DomainError(
      'invalid-input',
      'This schedule cannot be kept.',
      mistakes.map(({ field, code }) => ({ pointer: `#/${field}`, detail: mistakeDetail[code] })),
    )
  }
  return { rule, gone: await listPlanned(db), next: openingsAfter(rule, now, timeZone, roundsAhead) }
}

/** What is wrong with a rule, for a form to say beside its fields. */
export async function findMistakes({ db, now }: ServiceContext, rule: ScheduleRule): Promise<RuleMistake[]> {
  const { timeZone } = await readSettings(db)
  const mistakes = ruleMistakes(rule, dayOf(now, timeZone))
  if (mistakes.length > 0) return mistakes
  const closesAt = (await findOpen(db))?.closesAt
  const [first] = openingsAfter(rule, now, timeZone, 1)
  return closesAt && first && first.opensAt <= closesAt ? [{ field: 'firstDay', code: 'still-open' }] : []
}

/**
 * Decides the schedule. The rounds that the one before has planned are replaced, shifts and what was skipped are forgotten;
 * the open round goes on as it was told to those invited. A paused schedule stays paused.
 *
 * @throws DomainError invalid-input
 */
export async function setSchedule(context: ServiceContext, rule: ScheduleRule): Promise<ScheduleView> {
  const { db, now } = context
  await previewSchedule(context, rule)
  const { schedule: before } = await readSettings(db)
  const schedule: Schedule = {
    ...ruleOf(rule),
    version: (before?.version ?? 0) + 1,
    since: now.getTime(),
    pausedAt: before?.pausedAt ?? null,
    skipped: [],
  }
  await db.batch([...deleteAllPlanned(db), ...writeSettings(db, { schedule })] as Batch)
  await planRounds(context)
  return getSchedule(context)
}

/** From here on somebody opens each round. Planned ones go; the open one closes on its day. */
export async function removeSchedule({ db }: ServiceContext): Promise<void> {
  await db.batch([...deleteAllPlanned(db), deleteSchedule(db), ...numberScheduled(db)] as Batch)
}

/** @throws DomainError not-found where there is no schedule */
export async function pauseSchedule(context: ServiceContext): Promise<ScheduleView> {
  await needSchedule(context)
  await context.db.batch([setPaused(context.db, context.now)] as Batch)
  return getSchedule(context)
}

/**
 * Rounds open again. Those that would have opened meanwhile are left out, and not opened late.
 *
 * @throws DomainError not-found where there is no schedule
 */
export async function resumeSchedule(context: ServiceContext): Promise<ScheduleView> {
  await needSchedule(context)
  await planRounds(context)
  await context.db.batch([setResumed(context.db, context.now)] as Batch)
  return getSchedule(context)
}

/**
 * Moves one of the next rounds away from its day.
 *
 * @param days from −14 to 14, counted from its day by the schedule; 0 puts it back
 * @throws DomainError not-found, round-not-scheduled, invalid-input
 */
export async function shiftRound(context: ServiceContext, roundId: string, days: number): Promise<RoundView> {
  const { db } = context
  const round = await getScheduled(db, roundId)
  const settings = await readSettings(db)
  const { schedule, timeZone } = settings
  if (!round.slot || !schedule) throw notShiftable('Only a round of the schedule can be shifted.')
  const [planned, open] = await Promise.all([listPlanned(db), findOpen(db)])
  const shifts = shiftsOf(context, { settings, schedule, planned, open }, { id: roundId, slot: round.slot })
  if (!shifts.includes(days)) throw notShiftable(shiftsDetail(shifts))
  await db.batch([movePlanned(db, roundId, { ...windowOf(schedule, round.slot, days, timeZone), shiftedDays: days })] as Batch)
  return getRound(db, roundId)
}

/**
 * Leaves out a round that nobody has opened; one of the schedule is followed by another.
 *
 * @throws DomainError not-found, round-not-scheduled
 */
export async function skipRound(context: ServiceContext, roundId: string): Promise<void> {
  const { db } = context
  const { slot } = await getScheduled(db, roundId)
  await db.batch([...(slot ? [skipSlot(db, slot)] : []), ...deletePlanned(db, roundId), ...numberScheduled(db)] as Batch)
  await planRounds(context)
}

/**
 * Opens a scheduled round now. The next one of the schedule is moved to today for it, and takes ballots as long as it would
 * have; those after it stay where they are.
 *
 * @returns the personal links
 * @throws DomainError invalid-input where it is not the next one, or would still be open when the one after it opens; and what `openRound` throws
 */
export async function openNow(context: ServiceContext, roundId: string): Promise<{ round: RoundView; invitations: Invitation[] }> {
  const { db, now } = context
  const { schedule, timeZone } = await readSettings(db)
  const planned = await listPlanned(db)
  const at = planned.findIndex(({ id }) => id === roundId)
  const own = planned[at]
  if (!own || !schedule) {
    await keepOpen(context, roundId)
    return openRound(context, roundId)
  }
  if (own.opensAt <= now) return openRound(context, roundId)
  if (at > 0) throw new DomainError('invalid-input', 'Skip the rounds before it, or open them first.')
  const days = daysBetween(own.slot, dayOf(now, timeZone))
  const { closesAt } = windowOf(schedule, own.slot, days, timeZone)
  const after = planned[at + 1]?.opensAt
  if (after && closesAt >= after) throw new DomainError('invalid-input', 'The round after it would open before this one closes.')
  await db.batch([movePlanned(db, roundId, { opensAt: now, closesAt, shiftedDays: days })] as Batch)
  try {
    return await openRound(context, roundId)
  } catch (error) {
    await db.batch([movePlanned(db, roundId, own)] as Batch) // of a round that somebody else has opened, nothing
    throw error
  }
}

/**
 * A round outside the schedule, opened now. It takes the next number, and those that are scheduled move up by one.
 *
 * @param input.period `YYYY-MM`; this month
 * @param input.closesAt as long as rounds of the schedule take, or the day before the next one opens
 * @throws DomainError invalid-input, another-round-open, too-few-people, too-many-groups, ballots-unavailable
 */
export async function openExtra(context: ServiceContext, input: { period?: string; closesAt?: Date }): Promise<RoundView> {
  const { db, now } = context
  const { timeZone } = await readSettings(db)
  const closesAt = input.closesAt ?? endOfDay(await usualLastDay(context), timeZone)
  const period = input.period ?? dayOf(now, timeZone).slice(0, 7)
  const { id } = await createRound(context, { period, closesAt })
  try {
    await openRound(context, id)
  } catch (error) {
    await db.batch([...deletePlanned(db, id), ...numberScheduled(db)] as Batch)
    throw error
  }
  await writeToInvited(context)
  return getRound(db, id)
}

/** The last day of a round that opens today, `YYYY-MM-DD`: as long as usual, and over before the next one opens. */
export async function usualLastDay({ db, now }: ServiceContext): Promise<string> {
  const { schedule, timeZone } = await readSettings(db)
  const usual = addDays(dayOf(now, timeZone), (schedule ?? usualRule).windowDays - 1)
  const next = (await listPlanned(db)).find(({ opensAt }) => opensAt > now)
  const before = next && addDays(dayOf(next.opensAt, timeZone), -1)
  return before && before < usual ? before : usual
}

// ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

type Batch = [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]]

const ruleOf = ({ cadence, firstDay, openingTime, windowDays, reminders }: ScheduleRule): ScheduleRule => ({
  cadence,
  firstDay,
  openingTime,
  windowDays,
  reminders,
})

const findOpen = (db: Database) => db.query.rounds.findFirst({ where: eq(rounds.state, 'open'), columns: { id: true, closesAt: true } })

async function needSchedule({ db }: ServiceContext): Promise<void> {
  if (!(await readSettings(db)).schedule) throw new DomainError('not-found', 'There is no schedule.')
}

/** @throws DomainError not-found, round-not-scheduled */
async function getScheduled(db: Database, roundId: string): Promise<Round> {
  const round = await findRound(db, roundId)
  if (!round) throw noSuchRound()
  if (round.state !== 'scheduled') throw notScheduled()
  return round
}

interface Neighbours {
  settings: Pick<Settings, 'timeZone'>
  schedule: Schedule
  planned: readonly PlannedRound[]
  open: { closesAt: Date | null } | undefined
}

/** It opens in the future, after the one before has closed, and closes before the next one opens. */
function shiftsOf(
  { now }: ServiceContext,
  { settings, schedule, planned, open }: Neighbours,
  { id, slot }: { id: string; slot: string },
): number[] {
  const at = planned.findIndex((round) => round.id === id)
  const earlier = [now, open?.closesAt, planned[at - 1]?.closesAt].filter((moment) => moment instanceof Date)
  const after = new Date(Math.max(...earlier.map((moment) => moment.getTime())))
  const nextSlot = () => openingsAfter(schedule, windowOf(schedule, slot, 0, settings.timeZone).opensAt, settings.timeZone, 1)[0]
  const before = (planned[at + 1] ?? nextSlot())?.opensAt ?? new Date(8.64e15)
  return possibleShifts(schedule, slot, settings.timeZone, { after, before })
}

/** A round whose last day passed before somebody opened it gets another, or it would close at once. */
async function keepOpen(context: ServiceContext, roundId: string): Promise<void> {
  const { db, now } = context
  const isOver = and(eq(rounds.id, roundId), eq(rounds.state, 'scheduled'), lte(rounds.closesAt, now))
  if (!(await db.query.rounds.findFirst({ where: isOver, columns: { id: true } }))) return
  const { timeZone } = await readSettings(db)
  const closesAt = endOfDay(await usualLastDay(context), timeZone)
  await db.update(rounds).set({ closesAt }).where(isOver)
}

const notShiftable = (detail: string) =>
  new DomainError('invalid-input', 'The round cannot be moved there.', [{ pointer: '#/shiftedDays', detail }])

const shiftsDetail = (shifts: readonly number[]): string =>
  shifts.length === 0
    ? 'It has no room between the rounds before and after it. Shorten the window, or shift those.'
    : `Use ${shifts.at(0)} to ${shifts.at(-1)}: it opens in the future, after the round before has closed, and closes before the next one opens.`

const mistakeDetail: Record<RuleMistake['code'], string> = {
  unknown: 'Use weekly, fortnightly, monthly or quarterly.',
  'no-day': 'Use a day such as 2026-12-01.',
  'too-far': 'Use a day within a year.',
  'no-time': 'Use a time such as 09:00.',
  'no-number': 'Use a whole number: at least 1 day, and 0, 1 or 2 reminders.',
  'too-long': 'Use fewer days: it must have closed before the next one opens. A week has 7, a fortnight 14, anything longer 28.',
  'still-open': 'Use a day after the last one of the round that is open.',
}
