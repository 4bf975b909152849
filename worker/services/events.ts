/** Things that happened on a date ("SLA signed"): drawn on every time axis, in no figure. */
import { and, asc, eq, gt, gte, lte, or } from 'drizzle-orm'
import { DomainError } from '../core/errors'
import type { Database } from '../db/client'
import { events } from '../db/schema'
import { refreshAnalyses } from './analyses'
import { newId, type ServiceContext } from './context'

export interface EventView {
  id: string
  /** `YYYY-MM-DD` in the organisation's time zone. */
  day: string
  name: string
}

export interface EventsQuery {
  /** Days, both included. */
  from?: string | undefined
  to?: string | undefined
  cursor?: string | undefined
  limit?: number | undefined
}

const pageSize = 100
const view = { id: events.id, day: events.day, name: events.name }

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
    .select(view)
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

/** Records an event; two may share a day. */
export async function addEvent(context: ServiceContext, event: { day: string; name: string }): Promise<EventView> {
  const row = { id: newId(context), ...event }
  await context.db.insert(events).values({ ...row, createdAt: context.now })
  await refreshAnalyses(context)
  return row
}

/** @throws DomainError not-found */
export async function removeEvent(context: ServiceContext, id: string): Promise<void> {
  const [removed] = await context.db.delete(events).where(eq(events.id, id)).returning({ id: events.id })
  if (!removed) throw new DomainError('not-found', 'There is no such event, or it was deleted before.')
  await refreshAnalyses(context)
}
