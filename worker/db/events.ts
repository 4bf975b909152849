import { asc } from 'drizzle-orm'
import type { Database } from './client'
import { events } from './schema'

/** What is drawn on time axes, earliest first, for a batch of the caller's. */
export const selectEvents = (db: Database) => db.select({ day: events.day, name: events.name }).from(events).orderBy(asc(events.day))
