/** Things that happened on a date ("SLA signed"): drawn on every time axis, in no figure. */
import { and, asc, eq, gt, gte, lte, or } from 'drizzle-orm'
import { DomainError } from '../core/errors'
import { cleanEvent, type EventFault, type EventText, eventAuthorLimit, eventNameLimit } from '../core/event'
import type { Database } from '../db/client'
import { eventColumns } from '../db/events'
import { events } from '../db/schema'
import { refreshAnalyses } from './analyses'
import { newId, type ServiceContext } from './context'

export interface EventView extends EventText {
  id: string
}

export interface EventsQuery {
  /** Days, both included. */
  from?: string | undefined
  to?: string | undefined
  cursor?: string | undefined
  limit?: number | undefined
}

const pageSize = 100

/**
 * Events by day, earliest first, a page at a time.
 *
 * @returns `next`, the cursor of the following page, or null
 * @example await listEvents(db, { from: '2026-01-01' })
 */
export async function listEvents(db: Database, query: EventsQuery = {}): Promise<{ items: EventView[]; next: string | null }> {
  const limit = query.limit ?? pageSize
  const [day = '', id = ''] = query.cursor?.split('~') ?? []
  const rows = await db
    .select(eventColumns)
    .from(events)
    .where(
      and(
        query.from ? gte(events.day, query.from) : undefined,
        query.to ? lte(events.day, query.to) : undefined,
        query.cursor ? or(gt(events.day, day), and(eq(events.day, day), gt(events.id, id))) : undefined,
      ),
    )
    .orderBy(asc(events.day), asc(events.id))
    .limit(limit + 1)
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last ? `${last.day}~${last.id}` : null }
}

/** @throws DomainError not-found */
export async function getEvent(db: Database, id: string): Promise<EventView> {
  const [event] = await db.select(eventColumns).from(events).where(eq(events.id, id))
  if (!event) throw new DomainError('not-found', 'There is no such event.')
  return event
}

/**
 * Records an event; two may share a day.
 *
 * @throws DomainError invalid-input
 * @example await addEvent(context, { day: '2026-06-15', name: 'SLA signed', scope: 'company', author: 'Dana Reyes, RevOps' })
 */
export async function addEvent(
  context: ServiceContext,
  { day, name, scope = 'company', author = '' }: Pick<EventText, 'day' | 'name'> & Partial<EventText>,
): Promise<EventView> {
  const row = { id: newId(context), ...checked({ day, name, scope, author }) }
  await context.db.insert(events).values({ ...row, createdAt: context.now })
  await refreshAnalyses(context)
  return row
}

/**
 * Corrects an event. What was decided by it stays as it was decided: the baseline of the score keeps the day that it was given.
 *
 * @throws DomainError not-found, invalid-input
 */
export async function changeEvent(
  context: ServiceContext,
  id: string,
  change: { [K in keyof EventText]?: EventText[K] | undefined },
): Promise<EventView> {
  const { id: _, ...known } = await getEvent(context.db, id)
  const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<EventText>
  const [changed] = await context.db
    .update(events)
    .set(checked({ ...known, ...said }))
    .where(eq(events.id, id))
    .returning(eventColumns)
  if (!changed) throw new DomainError('not-found', 'There is no such event.')
  await refreshAnalyses(context)
  return changed
}

/** @throws DomainError not-found */
export async function removeEvent(context: ServiceContext, id: string): Promise<void> {
  const [removed] = await context.db.delete(events).where(eq(events.id, id)).returning({ id: events.id })
  if (!removed) throw new DomainError('not-found', 'There is no such event, or it was deleted before.')
  await refreshAnalyses(context)
}

function checked(input: EventText): EventText {
  const { event, faults } = cleanEvent(input)
  if (faults.length === 0) return event
  throw new DomainError(
    'invalid-input',
    'Some values cannot be used.',
    faults.map(({ field, why }) => ({ pointer: `#/${field}`, detail: hints[why](field) })),
  )
}

const hints: Record<EventFault['why'], (field: EventFault['field']) => string> = {
  missing: () => 'Say what happened.',
  'too-long': (field) => `Use at most ${field === 'name' ? eventNameLimit : eventAuthorLimit} characters.`,
  'no-day': () => 'Use a day such as 2026-06-15.',
  unknown: () => 'Use company, sales or marketing.',
}
