/** Queries and statements about rounds that a schedule makes. */
import { and, asc, desc, eq, gte, isNotNull, like, type SQL, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { type OpeningRefusal, openingRefusals } from '../core/schedule'
import type { Database } from './client'
import { notices, rounds, settings } from './schema'
import type { RoundLeftOut } from './settings'

/** A round that a schedule has made and nobody has opened. */
export interface PlannedRound {
  id: string
  number: number
  period: string
  slot: string
  shiftedDays: number
  opensAt: Date
  closesAt: Date
}

/** The next one first. */
export async function listPlanned(db: Database): Promise<PlannedRound[]> {
  const { id, number, period, slot, shiftedDays, opensAt, closesAt } = rounds
  const rows = await db
    .select({ id, number, period, slot, shiftedDays, opensAt, closesAt })
    .from(rounds)
    .where(and(eq(rounds.state, 'scheduled'), isNotNull(rounds.slot)))
    .orderBy(asc(rounds.opensAt))
  return rows.flatMap((row) =>
    row.slot && row.opensAt && row.closesAt ? [{ ...row, slot: row.slot, opensAt: row.opensAt, closesAt: row.closesAt }] : [],
  )
}

/** Slots from a day on that have a round, whatever its state. */
export async function takenSlots(db: Database, from: string): Promise<Set<string | null>> {
  const rows = await db.select({ slot: rounds.slot }).from(rounds).where(gte(rounds.slot, from))
  return new Set(rows.map(({ slot }) => slot))
}

/**
 * Makes the round of a slot, unless it has one, somebody skipped it, or the schedule is another one by now.
 *
 * @param version of the schedule that the slot is of
 */
export function insertPlanned(db: Database, version: number, round: Omit<PlannedRound, 'number' | 'shiftedDays'>): BatchItem<'sqlite'> {
  return db
    .insert(rounds)
    .select(
      sql`select ${round.id}, (select coalesce(max(number), 0) + 1 from rounds), ${round.period}, 'scheduled',
        ${integer(round.opensAt)}, ${integer(round.closesAt)}, null, null, null, null, ${round.slot}, 0, null
        from settings where key = 'schedule' and json_extract(value, '$.version') = ${version}
        and not exists (select 1 from json_each(value, '$.skipped') as skipped where skipped.value = ${round.slot})`,
    )
    .onConflictDoNothing()
}

/** Moves a round that is not open to other moments. */
export const movePlanned = (db: Database, id: string, to: { opensAt: Date; closesAt: Date; shiftedDays: number }) =>
  db
    .update(rounds)
    .set(to)
    .where(and(eq(rounds.id, id), eq(rounds.state, 'scheduled')))

/**
 * A round of the schedule does not take place: the slot is dealt with, and that is remembered once, whoever else finds out.
 *
 * @param slot.opensAt when it would have opened without a shift
 * @param slot.roundId of the round that was made for it, if one was
 */
export function leaveOut(db: Database, slot: { opensAt: Date; roundId?: string }, what: RoundLeftOut): BatchItem<'sqlite'>[] {
  const opening = integer(slot.opensAt)
  const isNew = slot.roundId
    ? sql`exists (select 1 from rounds where id = ${slot.roundId} and state = 'scheduled')`
    : sql`exists (select 1 from settings where key = 'schedule' and json_extract(value, '$.since') < ${opening})`
  const entry = sql`json(${JSON.stringify(what)})`
  return [
    db
      .insert(settings)
      .select(sql`select 'roundsLeftOut', json_array(${entry}) where ${isNew}`)
      .onConflictDoUpdate({ target: settings.key, set: { value: sql`json_insert(${settings.value}, '$[#]', ${entry})` } }),
    changeSchedule(db, sql`'$.since', max(json_extract(value, '$.since'), ${opening})`),
    ...(slot.roundId ? deletePlanned(db, slot.roundId) : []),
  ]
}

/** Takes a round away that nobody has opened. */
export function deletePlanned(db: Database, roundId: string): BatchItem<'sqlite'>[] {
  const isScheduled = and(eq(rounds.id, roundId), eq(rounds.state, 'scheduled'))
  return [
    db.delete(notices).where(and(eq(notices.roundId, roundId), sql`exists (select 1 from rounds where ${isScheduled})`)),
    db.delete(rounds).where(isScheduled),
  ]
}

/** Takes all rounds away that a schedule has made and nobody has opened. */
export function deleteAllPlanned(db: Database): BatchItem<'sqlite'>[] {
  const isPlanned = and(eq(rounds.state, 'scheduled'), isNotNull(rounds.slot))
  return [
    db.delete(notices).where(sql`${notices.roundId} in (select id from rounds where ${isPlanned})`),
    db.delete(rounds).where(isPlanned),
  ]
}

/** Remembers that somebody left a slot out. */
export const skipSlot = (db: Database, slot: string): BatchItem<'sqlite'> =>
  db
    .update(settings)
    .set({ value: sql`json_insert(${settings.value}, '$.skipped[#]', ${slot})` })
    .where(eq(settings.key, 'schedule'))

/** From now on nothing opens, until somebody resumes. Paused twice, the first moment stays. */
export const setPaused = (db: Database, at: Date): BatchItem<'sqlite'> =>
  changeSchedule(db, sql`'$.pausedAt', coalesce(json_extract(value, '$.pausedAt'), ${integer(at)})`)

/** Rounds open again; what would have opened before this moment is dealt with. */
export const setResumed = (db: Database, at: Date): BatchItem<'sqlite'> =>
  changeSchedule(db, sql`'$.pausedAt', null, '$.since', max(json_extract(value, '$.since'), ${integer(at)})`)

const changeSchedule = (db: Database, changes: SQL) =>
  db
    .update(settings)
    .set({ value: sql`json_set(${settings.value}, ${changes})` })
    .where(eq(settings.key, 'schedule'))

/** Numbers are bound as floating point, and JSON would keep them so. */
const integer = (moment: Date) => sql`cast(${moment.getTime()} as integer)`

export const deleteSchedule = (db: Database): BatchItem<'sqlite'> => db.delete(settings).where(eq(settings.key, 'schedule'))

/** What a round did so far, and when. */
export async function listNotices(db: Database, roundId: string): Promise<Map<string, Date>> {
  const rows = await db.select().from(notices).where(eq(notices.roundId, roundId))
  return new Map(rows.map(({ kind, at }) => [kind, at]))
}

/** Remembers that a round did something; the first time stays. */
export const recordNotice = (db: Database, roundId: string, kind: string, at: Date) =>
  db.insert(notices).values({ roundId, kind, at }).onConflictDoNothing()

const refused = (reason: OpeningRefusal) => `refused ${reason}`

/** Remembers why a round could not be opened when it was last tried. */
export const recordRefusal = (db: Database, roundId: string, reason: OpeningRefusal, at: Date) =>
  db
    .insert(notices)
    .values({ roundId, kind: refused(reason), at })
    .onConflictDoUpdate({ target: [notices.roundId, notices.kind], set: { at } })

/** Why a round could not be opened when it was last tried; undefined where nobody has tried. */
export async function findRefusal(db: Database, roundId: string): Promise<OpeningRefusal | undefined> {
  const [row] = await db
    .select({ kind: notices.kind })
    .from(notices)
    .where(and(eq(notices.roundId, roundId), like(notices.kind, 'refused %')))
    .orderBy(desc(notices.at))
    .limit(1)
  return openingRefusals.find((reason) => row?.kind === refused(reason))
}
