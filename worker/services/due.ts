/**
 * What cron does about rounds that are due: opens them, invites, reminds. Missed runs are caught up by the next; two at once
 * do everything once. Closing is in closing.ts.
 */
import { and, eq, isNotNull, isNull } from 'drizzle-orm'
import { DomainError } from '../core/errors'
import { countReminders, nextReminder, type OpeningRefusal, openingRefusals, usualRule } from '../core/schedule'
import type { Database } from '../db/client'
import { listNotices, listPlanned, recordNotice, recordRefusal } from '../db/schedule'
import { rounds } from '../db/schema'
import { readSettings, type Settings } from '../db/settings'
import type { ServiceContext } from './context'
import { queueDeliveries } from './deliveries'
import { planRounds } from './planning'
import { openRound } from './rounds'

/**
 * Opens the round that is due, if one is. Where that is refused, the reason is kept for the page of rounds, and the next run
 * tries again until the round's time is over.
 */
export async function openDueRound(context: ServiceContext): Promise<void> {
  const { db, now } = context
  const { schedule, sample } = await readSettings(db)
  if (!schedule || schedule.pausedAt !== null || sample?.state === 'loading') return
  const due = (await listPlanned(db)).find(({ opensAt, closesAt }) => opensAt <= now && closesAt > now)
  if (!due) return
  try {
    await openRound(context, due.id)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    const reason = refusalOf(error)
    if (reason) await recordRefusal(db, due.id, reason, now) // otherwise another run was faster
  }
  await planRounds(context)
}

/**
 * Queues the invitations of the open round, and each reminder when it is due. Queuing adds nobody twice, so the note that it
 * was done comes after it: a run that dies between the two is repeated by the next. Nobody of the sample is written to.
 */
export async function writeToInvited(context: ServiceContext): Promise<void> {
  const { db, now } = context
  const settings = await readSettings(db)
  if (settings.sample) return
  const round = await findTaking(db)
  if (!round?.openedAt || round.linkKey === null) return
  const { sent, next } = remindersOf(settings, round, await listNotices(db, round.id), now)
  if (sent === null) return note(context, round.id, 'invitation')
  if (next && next <= now) await note(context, round.id, sent.length === 0 ? 'reminder-1' : 'reminder-2')
}

/** What an open round has sent and will send. Says nothing of to how many: that would tell how many have not answered. */
export interface Reminders {
  /** When each reminder went out; null before the invitations did. */
  sent: Date[] | null
  /** When the next one is due; null where there is none. */
  next: Date | null
  /** How many there are in all, at the most. */
  planned: number
}

/** @returns null where the round is not open, or has no last day to remind before */
export async function readReminders({ db, now }: ServiceContext, roundId: string): Promise<Reminders | null> {
  const [settings, round, notices] = await Promise.all([readSettings(db), findTaking(db), listNotices(db, roundId)])
  return round?.id === roundId && round.openedAt && round.closesAt && !settings.sample ? remindersOf(settings, round, notices, now) : null
}

/** Why this kind of refusal can be mended and tried again; undefined for any other. */
export const refusalOf = (error: unknown): OpeningRefusal | undefined =>
  error instanceof DomainError ? openingRefusals.find((code) => code === error.code) : undefined

/** The round that takes ballots. */
const findTaking = (db: Database) =>
  db.query.rounds.findFirst({ where: and(eq(rounds.state, 'open'), isNull(rounds.closingAt), isNotNull(rounds.openedAt)) })

function remindersOf(
  { schedule, timeZone }: Pick<Settings, 'schedule' | 'timeZone'>,
  { openedAt, closesAt }: { openedAt: Date | null; closesAt: Date | null },
  notices: ReadonlyMap<string, Date>,
  now: Date,
): Reminders {
  const invited = notices.get('invitation')
  const sent = ['reminder-1', 'reminder-2'].flatMap((kind) => notices.get(kind) ?? [])
  if (!openedAt || !closesAt) return { sent: invited ? sent : null, next: null, planned: 0 }
  const rule = schedule ?? usualRule
  const open = { openedAt, closesAt, timeZone }
  return {
    sent: invited ? sent : null,
    next: nextReminder(rule, open, [invited ?? now, ...sent], now),
    planned: Math.max(countReminders(rule, open), sent.length),
  }
}

async function note(context: ServiceContext, roundId: string, kind: 'invitation' | 'reminder-1' | 'reminder-2'): Promise<void> {
  await queueDeliveries(context, roundId, kind)
  await recordNotice(context.db, roundId, kind, context.now)
}
