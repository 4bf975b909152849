/**
 * The rounds that a schedule is about to open: three of them are always there. Everything here may run at any moment, twice
 * and at once: it brings the rounds to what the schedule says they are.
 */
import type { BatchItem } from 'drizzle-orm/batch'
import { addDays, dayOf } from '../core/calendar'
import { periodOfSlot, type ScheduleRule, slotsFrom, type Window, windowOf } from '../core/schedule'
import type { Database } from '../db/client'
import { numberScheduled } from '../db/rounds'
import { findRefusal, insertPlanned, leaveOut, listPlanned, movePlanned, type PlannedRound, takenSlots } from '../db/schedule'
import { type LeftOutReason, readSettings, type Schedule } from '../db/settings'
import { newId, type ServiceContext } from './context'

/** As many rounds as are planned ahead. */
export const roundsAhead = 3

/**
 * Moves planned rounds to where the schedule and the time zone put them, leaves out those whose time is over, and makes the
 * next ones. Writes nothing where everything is as it should be.
 */
export async function planRounds(context: ServiceContext): Promise<void> {
  const { db } = context
  const { schedule, timeZone } = await readSettings(db)
  if (!schedule) return
  const stored = await listPlanned(db)
  const planned = stored.map((round) => ({ ...round, ...windowOf(schedule, round.slot, round.shiftedDays, timeZone) }))
  const over = planned.filter((round) => isOver(context, schedule, round))
  const missed = await Promise.all(over.map((round) => withoutRound(context, schedule, timeZone, round)))
  const made = await newRounds(context, schedule, timeZone, planned.length - over.length)
  const statements = [...moved(db, stored, planned), ...missed.flat(), ...made]
  if (statements.length === 0) return
  await db.batch([...statements, ...numberScheduled(db)] as [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]])
}

/** A day of the grid as the round that it would be. */
export interface Opening extends Window {
  slot: string
  period: string
}

/** The next openings by a rule after a moment. @example openingsAfter(rule, now, 'Europe/Berlin', 3) */
export function openingsAfter(rule: ScheduleRule, after: Date, timeZone: string, count: number): Opening[] {
  const slots = slotsFrom(rule, addDays(dayOf(after, timeZone), -1), count + 2) // the hour may be over, or skipped
  const openings = slots.map((slot) => ({ slot, period: periodOfSlot(slot), ...windowOf(rule, slot, 0, timeZone) }))
  return openings.filter(({ opensAt }) => opensAt > after).slice(0, count)
}

/** Whether nobody may open it any more. */
const isOver = ({ now }: ServiceContext, { pausedAt }: Schedule, { opensAt, closesAt }: Window) =>
  pausedAt === null ? closesAt <= now : opensAt <= now

/** Statements for those whose moments changed. */
function moved(db: Database, stored: readonly PlannedRound[], planned: readonly PlannedRound[]): BatchItem<'sqlite'>[] {
  const isSame = (one: Window, other: Window | undefined) =>
    one.opensAt.getTime() === other?.opensAt.getTime() && one.closesAt.getTime() === other.closesAt.getTime()
  const changed = planned.filter((round, index) => !isSame(round, stored[index]))
  return changed.map(({ id, opensAt, closesAt, shiftedDays }) => movePlanned(db, id, { opensAt, closesAt, shiftedDays }))
}

async function withoutRound({ db }: ServiceContext, schedule: Schedule, timeZone: string, round: PlannedRound) {
  const reason: LeftOutReason = schedule.pausedAt === null ? ((await findRefusal(db, round.id)) ?? 'missed') : 'paused'
  const { opensAt } = windowOf(schedule, round.slot, 0, timeZone)
  return leaveOut(db, { opensAt, roundId: round.id }, { day: dayOf(round.opensAt, timeZone), reason })
}

/** Statements that make rounds until there are enough, and leave out slots that nobody made a round of in time. */
async function newRounds(context: ServiceContext, schedule: Schedule, timeZone: string, there: number): Promise<BatchItem<'sqlite'>[]> {
  const { db } = context
  if (there >= roundsAhead) return []
  const since = new Date(schedule.since)
  const taken = await takenSlots(db, addDays(dayOf(since, timeZone), -1))
  const statements: BatchItem<'sqlite'>[] = []
  let missing = roundsAhead - there
  for (let after = since; missing > 0; ) {
    const [opening] = openingsAfter(schedule, after, timeZone, 1)
    if (!opening) break
    after = opening.opensAt
    if (taken.has(opening.slot) || schedule.skipped.includes(opening.slot)) continue
    if (isOver(context, schedule, opening)) {
      const reason = schedule.pausedAt === null ? 'missed' : 'paused'
      statements.push(...leaveOut(db, opening, { day: opening.slot, reason }))
    } else {
      statements.push(insertPlanned(db, schedule.version, { id: newId(context), ...opening }))
      missing--
    }
  }
  return statements
}
