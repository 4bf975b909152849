/** Where a pull of Salesforce stands: which object, which part of its time, after which row. */
import * as z from 'zod'
import { startOfDay } from '../../core/calendar'
import type { Json } from '../connector'
import type { CrmSettings } from '../crm'
import { PullFailure } from '../failure'
import { fieldsOf } from '../records'
import { momentValue, quotedValue } from './api'

export const objects = ['Lead', 'CampaignMember', 'Opportunity', 'Task', 'Campaign'] as const
export type ObjectName = (typeof objects)[number]

const Moments = z.partialRecord(z.enum(objects), z.number())

const Bookmark = z.object({
  /** By object: the next pull reads what was modified since. */
  modified: Moments,
})

const Cursor = z.object({
  full: z.boolean(),
  /** The org keeps a history of statuses. */
  tracked: z.boolean(),
  /** The org has several currencies. */
  currencies: z.boolean(),
  since: Moments,
  /** The newest modification that was seen, by object. */
  seen: Moments,
  /** Of `objectsOf`. */
  object: z.number(),
  from: z.number(),
  /** Where the parts of the object's time that are still to read end, the next one last; null is open. */
  ends: z.array(z.number().nullable()),
  /** The last row that was read of this part: many may have one time. */
  last: z.object({ at: z.number(), id: z.string() }).nullable(),
  /** Of the answer that goes on after it. It names rows and no session. */
  more: z.string().nullable(),
  total: z.number().nullable(),
})
export type Cursor = z.infer<typeof Cursor>

/** Rows of transactions that end late have the time at which these began. */
export const lookBackMilliseconds = 10 * 60_000
const narrowestMilliseconds = 60_000

/** What a pull reads, in order. */
export const objectsOf = ({ reads, lead }: CrmSettings): ObjectName[] => [
  ...(reads.leads && lead === 'record' ? (['Lead', 'CampaignMember'] as const) : []),
  ...(reads.deals || (reads.leads && lead === 'deal') ? (['Opportunity'] as const) : []),
  ...(reads.activities ? (['Task'] as const) : []),
  ...(reads.spend ? (['Campaign'] as const) : []),
]

/** What is asked of each object: nothing that says who somebody is. */
export function selected(object: ObjectName, settings: CrmSettings, { currencies }: Pick<Cursor, 'currencies'>): string[] {
  const fields = fieldsOf(settings)
  const ofLead = [fields.leadChannel ?? 'LeadSource', fields.leadType]
  const own: Record<ObjectName, (string | undefined)[]> = {
    Lead: ['CreatedDate', 'Status', ...ofLead, fields.returnReason, 'IsConverted', 'ConvertedDate'],
    CampaignMember: ['LeadId', 'Contact.AccountId', 'Campaign.Type', 'FirstRespondedDate'],
    Opportunity: [
      'CreatedDate',
      'StageName',
      fields.amount ?? 'Amount',
      'CloseDate',
      'AccountId',
      fields.dealChannel ?? 'LeadSource',
      fields.lostReason,
      ...(settings.lead === 'deal' ? ofLead : []),
      ...(currencies ? ['CurrencyIsoCode'] : []),
    ],
    Task: ['WhoId', 'WhatId', 'CreatedDate', 'CompletedDateTime', 'TaskSubtype', 'CallType', 'CallDisposition', 'IsClosed'],
    Campaign: ['CreatedDate', 'StartDate', 'Type', 'ActualCost', ...(currencies ? ['CurrencyIsoCode'] : [])],
  }
  return [...new Set(['Id', ...own[object], 'IsDeleted', 'SystemModstamp'])].filter((field) => field !== undefined)
}

/**
 * The query for what comes next of an object. After a row comes what is of a later time, or of the same time with a later id:
 * however many rows have one time, each comes once.
 */
export function nextQuery(object: ObjectName, settings: CrmSettings, cursor: Cursor): string {
  const { last } = cursor
  const to = cursor.ends.at(-1) ?? null
  const after = last
    ? `(SystemModstamp > ${momentValue(last.at)} OR (SystemModstamp = ${momentValue(last.at)} AND Id > ${quotedValue(last.id)}))`
    : `SystemModstamp >= ${momentValue(cursor.from)}`
  const before = to === null ? '' : ` AND SystemModstamp < ${momentValue(to)}`
  return `SELECT ${selected(object, settings, cursor).join(', ')} FROM ${object} WHERE ${after}${before} ORDER BY SystemModstamp, Id`
}

/** Where a pull begins: where the last one that was published ended. */
export function firstCursor(settings: CrmSettings, bookmark: Json | null, org: Pick<Cursor, 'tracked' | 'currencies'>): Cursor {
  const before = Bookmark.safeParse(bookmark).data
  const names = objectsOf(settings)
  const known = before && names.every((object) => before.modified[object] !== undefined) ? before : null
  const beginning = startOfDay(settings.changedSince, settings.timeZone).getTime()
  const since = Object.fromEntries(names.map((object) => [object, known?.modified[object] ?? beginning]))
  return { full: !known, ...org, since, seen: {}, total: null, ...startOf(0, settings, since) }
}

/** @throws PullFailure configuration: it is of another version of this program */
export function readCursor(cursor: Json): Cursor {
  const read = Cursor.safeParse(cursor)
  if (!read.success) throw new PullFailure('configuration', { field: 'cursor' })
  return read.data
}

function startOf(object: number, settings: CrmSettings, since: Cursor['since']) {
  const name = objectsOf(settings)[object]
  return { object, from: (name && since[name]) ?? 0, ends: [null], last: null, more: null }
}

/** The next part of the same object's time, or the next object; null after the last one. */
export function nextPart(cursor: Cursor, settings: CrmSettings): Cursor | null {
  const end = cursor.ends.at(-1)
  if (end !== undefined && end !== null) return { ...cursor, from: end, ends: cursor.ends.slice(0, -1), last: null, more: null }
  const object = cursor.object + 1
  return object < objectsOf(settings).length ? { ...cursor, ...startOf(object, settings, cursor.since) } : null
}

/** Divides what is left of a part, so that a query takes less time; null where it is narrow enough. */
export function halved(cursor: Cursor, startedAt: Date): Cursor | null {
  const from = cursor.last?.at ?? cursor.from
  const to = cursor.ends.at(-1) ?? startedAt.getTime()
  if (to - from <= narrowestMilliseconds) return null
  return { ...cursor, more: null, ends: [...cursor.ends, from + Math.floor((to - from) / 2)] }
}

/** What the next pull begins after: never later than this one began, nor than what it saw. */
export function bookmarkOf(cursor: Cursor, startedAt: Date): Json {
  const modified = Object.fromEntries(
    Object.entries(cursor.since).map(([name, since]) => {
      const object = objects.find((each) => each === name)
      const newest = object && cursor.seen[object]
      return [name, newest === undefined ? since : Math.max(since, Math.min(startedAt.getTime(), newest) - lookBackMilliseconds)]
    }),
  )
  return { modified }
}
