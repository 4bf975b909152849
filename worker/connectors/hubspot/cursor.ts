/** Where a pull of HubSpot stands: which stream, which part of its time, after which record. */
import * as z from 'zod'
import { startOfDay } from '../../core/calendar'
import type { Json } from '../connector'
import type { CrmSettings } from '../crm'
import { PullFailure } from '../failure'
import { limits, type ObjectType, objectTypes } from './api'

export type Stream = { what: 'modified' | 'archived'; type: ObjectType } | { what: 'spend' }

const Moments = z.partialRecord(z.enum(objectTypes), z.number())

const Bookmark = z.object({
  /** By type: the next pull reads what was modified since. */
  modified: Moments,
  /** When deleted records and spend were read last. */
  sweptAt: z.number(),
})

const Cursor = z.object({
  full: z.boolean(),
  sweeps: z.boolean(),
  sweptAt: z.number(),
  /** What was read before this pull, by type. */
  since: Moments,
  /** The newest modification that was seen, by type. */
  seen: Moments,
  /** Of `streamsOf`. */
  stream: z.number(),
  from: z.number(),
  /** Where the parts of the stream's time that are still to read end, the next one last; null is open. */
  ends: z.array(z.number().nullable()),
  /** The last record that was read of this part. */
  afterId: z.string().nullable(),
  /** The vendor's own, of lists. */
  after: z.string().nullable(),
  total: z.number().nullable(),
})
export type Cursor = z.infer<typeof Cursor>

/** Search shows new records some moments late. */
export const lookBackMilliseconds = 10 * 60_000
/** Reading deleted records and spend takes a request for every hundred or for every campaign. */
const sweepEveryMilliseconds = 20 * 3_600_000
/** Of a window that is not divided any further; ids lead through it however many records it has. */
const narrowestMilliseconds = 1000

/** What a pull reads, in order. */
export function streamsOf(settings: CrmSettings, { full, sweeps }: Pick<Cursor, 'full' | 'sweeps'>): Stream[] {
  const types = typesOf(settings)
  return [
    ...types.map((type) => ({ what: 'modified', type }) as const),
    // What is gone after a pull that read everything is not brought by it.
    ...(sweeps && !full ? types.map((type) => ({ what: 'archived', type }) as const) : []),
    ...(sweeps && settings.reads.spend ? [{ what: 'spend' } as const] : []),
  ]
}

/** Contacts are read where they are the leads. */
export const typesOf = ({ reads, lead }: CrmSettings): ObjectType[] => [
  ...(reads.leads && lead === 'record' ? (['contacts'] as const) : []),
  ...(reads.deals || (reads.leads && lead === 'deal') ? (['deals'] as const) : []),
  ...(reads.activities ? (['calls', 'tasks', 'meetings'] as const) : []),
]

/** Where a pull begins: where the last one that was published ended. */
export function firstCursor(settings: CrmSettings, bookmark: Json | null, startedAt: Date): Cursor {
  const before = Bookmark.safeParse(bookmark).data
  const types = typesOf(settings)
  const known = before && types.every((type) => before.modified[type] !== undefined) ? before : null
  const beginning = startOfDay(settings.changedSince, settings.timeZone).getTime()
  const run = {
    full: !known,
    sweeps: !known || startedAt.getTime() - known.sweptAt >= sweepEveryMilliseconds,
    since: Object.fromEntries(types.map((type) => [type, known?.modified[type] ?? beginning])),
  }
  return { ...run, sweptAt: known?.sweptAt ?? beginning, seen: {}, total: null, ...startOf(0, settings, run) }
}

/** @throws PullFailure configuration: it is of another version of this program */
export function readCursor(cursor: Json): Cursor {
  const read = Cursor.safeParse(cursor)
  if (!read.success) throw new PullFailure('configuration', { field: 'cursor' })
  return read.data
}

/** The beginning of the next stream; null after the last one. */
export function nextStream(cursor: Cursor, settings: CrmSettings): Cursor | null {
  const stream = cursor.stream + 1
  return stream < streamsOf(settings, cursor).length ? { ...cursor, ...startOf(stream, settings, cursor) } : null
}

function startOf(stream: number, settings: CrmSettings, cursor: Pick<Cursor, 'full' | 'sweeps' | 'since'>) {
  const next = streamsOf(settings, cursor)[stream]
  const from = next?.what === 'modified' ? (cursor.since[next.type] ?? 0) : 0
  return { stream, from, ends: next?.what === 'modified' ? [null] : [], afterId: null, after: null }
}

/**
 * Divides the window that a cursor stands in, so that a search finds fewer records; null where it is narrow enough.
 * The last window has no end: what is modified while it is being read moves there, and is read there.
 */
export function halved(cursor: Cursor, startedAt: Date): Cursor | null {
  if (cursor.afterId !== null) return null
  const to = cursor.ends.at(-1) ?? startedAt.getTime()
  if (to - cursor.from <= narrowestMilliseconds) return null
  return { ...cursor, ends: [...cursor.ends, cursor.from + Math.floor((to - cursor.from) / 2)] }
}

/** The next window of the same stream, or the next stream. */
export function nextWindow(cursor: Cursor, settings: CrmSettings): Cursor | null {
  const end = cursor.ends.at(-1)
  if (end === undefined || end === null) return nextStream(cursor, settings)
  return { ...cursor, from: end, ends: cursor.ends.slice(0, -1), afterId: null }
}

/** Whether a search may have found more than it says. */
export const isCapped = (total: number): boolean => total >= limits.results

/**
 * What the next pull begins after: never later than this one began, nor than what it saw. Where it saw nothing it begins where
 * this one did.
 */
export function bookmarkOf(cursor: Cursor, startedAt: Date): Json {
  const modified = Object.fromEntries(
    Object.entries(cursor.since).map(([type, since]) => {
      const seen = objectTypes.find((each) => each === type)
      const newest = seen && cursor.seen[seen]
      return [type, newest === undefined ? since : Math.max(since, Math.min(startedAt.getTime(), newest) - lookBackMilliseconds)]
    }),
  )
  return { modified, sweptAt: cursor.sweeps ? startedAt.getTime() : cursor.sweptAt }
}
