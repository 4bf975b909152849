/** Things that happened on a date ("SLA signed"): what is said of one, and where it stands on an axis of time. */
import { isCalendarDay } from './calendar'
import { firstDayOf, lastDayOf } from './periods'
import { cleanLine, isVisible } from './text'

/** Whom it happened to. */
export const eventScopes = ['company', 'sales', 'marketing'] as const
export type EventScope = (typeof eventScopes)[number]

/** Most characters of what happened, and of who says so. */
export const eventNameLimit = 80
export const eventAuthorLimit = 80

/** What is written of an event. */
export interface EventText {
  /** `YYYY-MM-DD` in the organisation's time zone. */
  day: string
  name: string
  /** Whom it happened to. */
  scope: EventScope
  /** Who says so, as they wrote it; empty where nobody was asked. */
  author: string
}

/** Why a field of an event cannot be taken. */
export type EventFault = { field: keyof EventText; why: 'missing' | 'too-long' | 'no-day' | 'unknown' }

/**
 * The event as it is stored, each text one clean line; and what is wrong with it.
 *
 * @example cleanEvent({ day: '2026-06-15', name: ' SLA\n signed ', scope: 'company', author: '' })
 * // { event: { name: 'SLA signed', … }, faults: [] }
 */
export function cleanEvent(input: Omit<EventText, 'scope'> & { scope: string }): { event: EventText; faults: EventFault[] } {
  const scope = eventScopes.find((one) => one === input.scope)
  const event = { day: input.day.trim(), name: cleanLine(input.name), scope: scope ?? 'company', author: cleanLine(input.author) }
  const faults: EventFault[] = []
  if (!isCalendarDay(event.day)) faults.push({ field: 'day', why: 'no-day' })
  if (!isVisible(event.name)) faults.push({ field: 'name', why: 'missing' })
  if (event.name.length > eventNameLimit) faults.push({ field: 'name', why: 'too-long' })
  if (event.author.length > eventAuthorLimit) faults.push({ field: 'author', why: 'too-long' })
  if (!scope) faults.push({ field: 'scope', why: 'unknown' })
  return { event, faults }
}

/**
 * Where a day lies among points that stand at the ends of these periods, in periods; null before the first and after the last.
 *
 * @param periods oldest first, none left out
 * @example placeAmong('2026-06-15', ['2026-05', '2026-06', '2026-07']) // 0.5, half-way from the end of May to that of June
 */
export function placeAmong(day: string, periods: readonly string[]): number | null {
  const index = periods.findIndex((period) => day <= lastDayOf(period))
  const period = periods[index]
  if (period === undefined || day < firstDayOf(period)) return null
  const [first, last] = [daysSince(firstDayOf(period)), daysSince(lastDayOf(period))]
  return index - 1 + (daysSince(day) - first + 1) / (last - first + 1)
}

const daysSince = (day: string) => Date.parse(day) / 86_400_000
