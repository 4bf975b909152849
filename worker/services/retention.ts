/** The end of what is kept: terms that may only be shortened, and the deletion of everything whose term is over. */
import { and, isNotNull, lte, type SQL, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { DomainError } from '../core/errors'
import { commentsEndAt, daysBefore, type Retention, type RetentionTerm, retentionTerms } from '../core/retention'
import type { Database } from '../db/client'
import { deleteOldDispatches } from '../db/dispatches'
import { deleteAnswers } from '../db/idempotency'
import { erasePeople } from '../db/people'
import { clearComments, countPullErrors, deletePullErrors, resultsWithComments } from '../db/retention'
import { people } from '../db/schema'
import { readSettings, writeRetention } from '../db/settings'
import { deleteSpentCredentials } from './access'
import { type ServiceContext, scrubAfter } from './context'
import { strangerFor } from './people'
import { deleteSpentShares } from './sharing'

/** Rows of each kind that one run deletes at most; what is left waits for the next. */
export const rowsPerRun = 500
/** A result is a large row. */
const resultsPerRun = 50

/** A term that was asked for and is not to be had. */
export interface RefusedTerm {
  term: RetentionTerm
  /** The longest that it can be now. */
  most: number
}

/** Which of these terms cannot be set: a term is a whole number from 1 to what holds now. */
export function refusedTerms(current: Retention, wanted: Partial<Record<RetentionTerm, number>>): RefusedTerm[] {
  return retentionTerms
    .filter((term) => wanted[term] !== undefined)
    .filter((term) => !(Number.isInteger(wanted[term]) && Number(wanted[term]) >= 1 && Number(wanted[term]) <= current[term]))
    .map((term) => ({ term, most: current[term] }))
}

/**
 * The statements that shorten these terms, for a batch of the caller's. What is longer than what holds now is refused:
 * respondents were promised the term that they read.
 *
 * @throws DomainError invalid-input
 */
export async function shortenRetention(
  db: Database,
  change: { [T in RetentionTerm]?: number | undefined },
): Promise<BatchItem<'sqlite'>[]> {
  const wanted = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<Retention>
  if (Object.keys(wanted).length === 0) return []
  const { retention } = await readSettings(db)
  const refused = refusedTerms(retention, wanted)
  if (refused.length > 0) {
    throw new DomainError(
      'invalid-input',
      'A term can be shortened and never made longer: respondents were promised the one that holds now.',
      refused.map(({ term, most }) => ({ pointer: `#/retention/${term}`, detail: `Use a whole number from 1 to ${most}.` })),
    )
  }
  return [writeRetention(db, { ...retention, ...wanted })]
}

/** What is overdue under these terms. */
export interface Overdue {
  /** Results that still show comments. */
  results: number
  people: number
  /** Rows that imports refused. */
  importErrors: number
}

/** What the next runs would delete if these terms held. */
export async function countOverdue({ db, now }: Pick<ServiceContext, 'db' | 'now'>, retention: Retention): Promise<Overdue> {
  const [commented, [inactive], [errors]] = await db.batch([
    resultsWithComments(db, now, retention.commentMonths),
    db.select({ count: sql<number>`count(*)` }).from(people).where(isInactive(now, retention)),
    countPullErrors(db, daysBefore(now, retention.importErrorDays)),
  ])
  return {
    results: commented.filter(isOver(now, retention)).length,
    people: inactive?.count ?? 0,
    importErrors: errors?.count ?? 0,
  }
}

/** How much one run deleted. */
export interface DeletionReport extends Overdue {
  /** Sessions, sign-in links, keys and shared links that had ended. */
  credentials: number
  /** Whether a limit was met, so that there may be more to delete. */
  more: boolean
}

/**
 * Deletes what is overdue, oldest first and at most so much; the local file is rewritten afterwards if something
 * personal went. Two runs at once delete each thing once.
 */
export async function deleteOverdue(context: ServiceContext): Promise<DeletionReport> {
  const { db, now } = context
  const { retention } = await readSettings(db)
  const [commented, inactive] = await db.batch([
    resultsWithComments(db, now, retention.commentMonths),
    db.select({ id: people.id }).from(people).where(isInactive(now, retention)).orderBy(people.deactivatedAt).limit(rowsPerRun),
  ])
  const over = commented.filter(isOver(now, retention)).slice(0, resultsPerRun)
  const errors = await deletePullErrors(db, daysBefore(now, retention.importErrorDays), rowsPerRun)
  const credentials = (await deleteSpentCredentials(context, rowsPerRun)) + (await deleteSpentShares(context, rowsPerRun))
  await deleteAnswers(db, daysBefore(now, answerDays))
  await deleteOldDispatches(db, daysBefore(now, dispatchDays), rowsPerRun)
  const personal = [
    ...clearComments(
      db,
      over.map(({ roundId }) => roundId),
    ),
    ...erasePeople(
      db,
      inactive.map(({ id }) => strangerFor(context, id)),
      daysBefore(now, retention.inactivePeopleDays),
    ),
  ]
  if (personal.length > 0) await db.batch(personal as [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]])
  const report = { results: over.length, people: inactive.length, importErrors: errors, credentials }
  if (report.results + report.people + report.importErrors > 0) await scrubAfter(context)
  return { ...report, more: over.length === resultsPerRun || [report.people, errors, credentials].some((count) => count >= rowsPerRun) }
}

/** How long a program may repeat a request and be given the answer to the first. */
const answerDays = 2

/** How long it can be looked at what went out to whom; see `newsDays` and `requeueDispatch`, which never reach so far back. */
const dispatchDays = 90

const isInactive = (now: Date, { inactivePeopleDays }: Retention): SQL | undefined =>
  and(isNotNull(people.deactivatedAt), lte(people.deactivatedAt, daysBefore(now, inactivePeopleDays)))

const isOver =
  (now: Date, { commentMonths }: Retention) =>
  ({ publishedAt }: { publishedAt: Date }) =>
    commentsEndAt(publishedAt, commentMonths) <= now
