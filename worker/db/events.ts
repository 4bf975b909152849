import { asc } from 'drizzle-orm'
import type { Database } from './client'
import { events } from './schema'

/** What is shown of an event. */
export const eventColumns = { id: events.id, day: events.day, name: events.name, scope: events.scope, author: events.author }

/** What is drawn on time axes, earliest first, for a batch of the caller's. */
export const selectEvents = (db: Database) => db.select(eventColumns).from(events).orderBy(asc(events.day), asc(events.id))
