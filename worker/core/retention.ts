/**
 * How long what is kept. An organisation may shorten a term and never lengthen it again: respondents read the terms on
 * their receipt, and what they were promised holds. See docs/decisions/012-retention.md.
 */
import { TZDate } from '@date-fns/tz'
import { addMonths } from 'date-fns'

export interface Retention {
  /** Calendar months after its publication for which a result shows comments. */
  commentMonths: number
  /** Days for which somebody who was deactivated stays in the list. */
  inactivePeopleDays: number
  /** Days for which the rows that an import refused can be looked at. */
  importErrorDays: number
}

export type RetentionTerm = keyof Retention

export const retentionTerms = ['commentMonths', 'inactivePeopleDays', 'importErrorDays'] as const satisfies readonly RetentionTerm[]

/** What holds until it is shortened, and the longest that each term can be. */
export const longestRetention: Retention = { commentMonths: 24, inactivePeopleDays: 180, importErrorDays: 90 }

/** Days after their end for which spent credentials stay; nothing needs them, so nobody sets this. */
export const spentDays = { sessions: 1, signInLinks: 1, apiKeys: 30, shares: 30 } as const

/**
 * The moment from which the comments of a result are deleted.
 *
 * @example commentsEndAt(new Date('2026-08-31T16:00:00Z'), 6).toISOString() // '2027-02-28T16:00:00.000Z'
 */
export function commentsEndAt(publishedAt: Date, commentMonths: number): Date {
  return new Date(addMonths(new TZDate(publishedAt, 'UTC'), commentMonths).getTime())
}

/**
 * The latest moment that is so many days past: what ended then or earlier is due.
 *
 * @example daysBefore(new Date('2026-11-22T12:00:00Z'), 90).toISOString() // '2026-08-24T12:00:00.000Z'
 */
export function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * 86_400_000)
}
