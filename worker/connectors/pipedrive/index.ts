/**
 * Pipedrive: deals and archived deals (API v2), leads and archived leads (v1, there is no other), done activities. One
 * stream after the other, each by what changed since the last pull, and archived leads, which cannot be asked for by change,
 * once a week.
 */
import * as z from 'zod'
import { startOfDay } from '../../core/calendar'
import type { Access, ConnectionReport, Discovery, Json, PullConnector, PulledPage } from '../connector'
import { CrmSettings } from '../crm'
import { PullFailure } from '../failure'
import { suggestDealMeaning, suggestLeadMeaning } from '../suggest-stage'
import {
  Activity,
  Deal,
  get,
  Lead,
  listOf,
  oldListOf,
  pageSize,
  quotaIn,
  readFields,
  readLabels,
  readMe,
  readPipelines,
  readStages,
} from './api'
import { archived, mapActivities, mapDeals, mapLeads, type Names } from './mapper'

const streams = ['deals', 'deals-deleted', 'deals-archived', 'leads', 'leads-archived', 'activities'] as const
type Stream = (typeof streams)[number]

/** Tokens of the day's budget that a page costs. */
const costs: Readonly<Record<Stream, number>> = {
  deals: 10,
  'deals-deleted': 10,
  'deals-archived': 20,
  leads: 20,
  'leads-archived': 40,
  activities: 10,
}

const CursorSchema = z.object({
  stream: z.enum(streams),
  /** Records that changed since this moment, ISO 8601. */
  since: z.string(),
  /** Of the stream's next page: the vendor's cursor, or `start` and the moment that leads are counted from. */
  page: z.string().nullable(),
  start: z.number(),
  leadsSince: z.string(),
  /** The latest change that was seen, ISO 8601. */
  seen: z.string().nullable(),
  archivedLeads: z.boolean(),
  names: z.object({ stages: z.record(z.string(), z.string()), options: z.record(z.string(), z.record(z.string(), z.string())) }),
})
type Cursor = z.infer<typeof CursorSchema>

const BookmarkSchema = z.object({ since: z.string(), archivedLeadsAt: z.string().nullable() })

/** Stages, fields and labels, which are read once a pull. */
const costOfNames = 25

/** Changes that become visible late, and clocks that differ, are within this. */
const lookBackMilliseconds = 10 * 60_000
const archivedLeadsEvery = 7 * 86_400_000

export const pipedrive: PullConnector<CrmSettings> = {
  kind: 'pipedrive',
  brings: 'pulls',
  settings: CrmSettings,
  secrets: [{ name: 'token' }],
  test,
  discover,
  page,
}

async function test(access: Access<CrmSettings>): Promise<ConnectionReport> {
  const { me, quota } = await readMe(access)
  return {
    account: me.company_name ?? null,
    timeZone: me.timezone_name ?? null,
    currency: me.default_currency ?? null,
    quota,
    missing: [], // a token may read what its user may see; there are no rights to ask for
  }
}

async function discover(access: Access<CrmSettings>): Promise<Discovery> {
  const [{ me }, stages, pipelines, fields, labels] = await Promise.all([
    readMe(access),
    readStages(access),
    readPipelines(access),
    readFields(access),
    readLabels(access),
  ])
  // Choices only: what somebody may type can be a name.
  const choices = fields
    .filter(({ field_type }) => field_type === 'enum')
    .map(({ field_code, field_name }) => ({ id: field_code, label: field_name }))
  return {
    timeZone: me.timezone_name ?? null,
    currency: me.default_currency ?? null,
    leadStages: [
      ...labels.map(({ id, name }) => ({ id, label: name, pipeline: null, suggestion: suggestLeadMeaning(name) })),
      { id: archived, label: 'Archived', pipeline: null, suggestion: 'lost' as const },
    ],
    dealStages: stages
      .toSorted((a, b) => (a.pipeline_id ?? 0) - (b.pipeline_id ?? 0) || (a.order_nr ?? 0) - (b.order_nr ?? 0))
      .map(({ id, name, pipeline_id }) => ({
        id: String(id),
        label: name,
        pipeline: pipelines.find((pipeline) => pipeline.id === pipeline_id)?.name ?? null,
        suggestion: suggestDealMeaning(name),
      })),
    leadFields: [{ id: 'source_name', label: 'Source' }, { id: 'origin', label: 'Origin' }, ...choices],
    dealFields: [{ id: 'origin', label: 'Origin' }, ...choices],
    table: null,
    unavailable: [{ what: 'spend', why: 'not-found', scope: null }],
  }
}

async function page(access: Access<CrmSettings>, at: { cursor: Json | null; bookmark: Json | null; startedAt: Date }): Promise<PulledPage> {
  const cursor = at.cursor === null ? await firstCursor(access, at) : CursorSchema.parse(at.cursor)
  const read = await readPage(access, cursor)
  const context = { settings: access.settings, names: cursor.names, reportingZone: access.reportingZone, now: access.now }
  const mapped = read.map(context)
  const seen = latest([cursor.seen, ...read.changes])
  const next = nextCursor(access.settings, { ...cursor, seen }, read)
  return {
    ...mapped,
    read: read.count,
    next: next as unknown as Json | null,
    bookmark: next === null ? bookmarkAfter(cursor, seen, at) : null,
    total: null, // Pipedrive does not count for us
    cost: costs[cursor.stream] + (at.cursor === null ? costOfNames : 0),
    quota: read.quota,
  }
}

interface ReadPage {
  count: number
  map: (context: Parameters<typeof mapDeals>[1]) => ReturnType<typeof mapDeals>
  changes: (string | null | undefined)[]
  /** Of the same stream; null after its last page. */
  next: Pick<Cursor, 'page' | 'start' | 'leadsSince'> | null
  quota: PulledPage['quota']
}

async function readPage(access: Access<CrmSettings>, cursor: Cursor): Promise<ReadPage> {
  switch (cursor.stream) {
    case 'deals':
    case 'deals-deleted':
    case 'deals-archived': {
      const query = {
        updated_since: cursor.since,
        sort_by: 'update_time',
        sort_direction: 'asc',
        include_fields: 'source_lead_id',
        ...(cursor.stream === 'deals-deleted' ? { status: 'deleted' } : {}),
      }
      const path = cursor.stream === 'deals-archived' ? '/deals/archived' : '/deals'
      return readList(access, cursor, path, query, Deal, mapDeals)
    }
    case 'activities':
      return readList(access, cursor, '/activities', { updated_since: cursor.since, done: 'true' }, Activity, mapActivities)
    case 'leads':
    case 'leads-archived':
      return readLeads(access, cursor)
  }
}

async function readList<T extends { update_time?: string | null | undefined }>(
  access: Access<CrmSettings>,
  cursor: Cursor,
  path: string,
  query: Record<string, string>,
  item: z.ZodType<T>,
  map: (records: readonly T[], context: Parameters<typeof mapDeals>[1]) => ReturnType<typeof mapDeals>,
): Promise<ReadPage> {
  const asked = { ...query, limit: pageSize, cursor: cursor.page ?? undefined }
  const { value, answer } = await get(access, 'v2', path, asked, listOf(item))
  const next = value.additional_data?.next_cursor || null
  if (next !== null && next === cursor.page) throw new PullFailure('cursor-repeats', { field: path })
  return {
    count: value.data.length,
    map: (context) => map(value.data, context),
    changes: value.data.map(({ update_time }) => update_time),
    next: next === null || value.data.length === 0 ? null : { page: next, start: 0, leadsSince: cursor.leadsSince },
    quota: quotaIn(answer),
  }
}

/**
 * Leads are paged by offset, and every lead that changes meanwhile moves all that follow. So each page begins at the last
 * change of the page before, and only within leads that changed at the same moment by offset.
 */
async function readLeads(access: Access<CrmSettings>, cursor: Cursor): Promise<ReadPage> {
  const isArchive = cursor.stream === 'leads-archived'
  const query = isArchive
    ? { start: cursor.start, limit: pageSize, sort: 'add_time' }
    : { start: cursor.start, limit: pageSize, sort: 'update_time', updated_since: cursor.leadsSince }
  const { value, answer } = await get(access, 'v1', isArchive ? '/leads/archived' : '/leads', query, oldListOf(Lead))
  const leads = value.data ?? []
  const last = leads.at(-1)?.update_time ?? null
  const moved = !isArchive && last !== null && Date.parse(last) > Date.parse(cursor.leadsSince)
  const full = leads.length >= pageSize
  return {
    count: leads.length,
    map: (context) => mapLeads(leads, context),
    changes: isArchive ? [] : leads.map(({ update_time }) => update_time),
    next: !full ? null : { page: null, start: moved ? 0 : cursor.start + leads.length, leadsSince: moved ? last : cursor.leadsSince },
    quota: quotaIn(answer),
  }
}

async function firstCursor(
  access: Access<CrmSettings>,
  { bookmark, startedAt }: { bookmark: Json | null; startedAt: Date },
): Promise<Cursor> {
  const { settings } = access
  const known = bookmark === null ? null : BookmarkSchema.parse(bookmark)
  const since = known?.since ?? startOfDay(settings.changedSince, settings.timeZone).toISOString()
  const [stream] = streamsOf(settings, true)
  if (!stream) throw new PullFailure('configuration', { field: 'reads' })
  const archivedLeadsAt = known?.archivedLeadsAt ?? null
  return {
    stream,
    since,
    page: null,
    start: 0,
    leadsSince: since,
    seen: null,
    archivedLeads: archivedLeadsAt === null || startedAt.getTime() - Date.parse(archivedLeadsAt) >= archivedLeadsEvery,
    names: await readNames(access),
  }
}

/** Names of stages and of the options of fields that are read: a few, so that they travel with the cursor. */
async function readNames(access: Access<CrmSettings>): Promise<Names> {
  const { fields } = access.settings
  const wanted = new Set(['channel', fields.leadChannel, fields.leadType, fields.dealChannel, fields.returnReason])
  const [stages, all, labels] = await Promise.all([
    readStages(access),
    readFields(access),
    access.settings.reads.leads ? readLabels(access) : Promise.resolve([]),
  ])
  const options = all
    .filter(({ field_code, options: choices }) => wanted.has(field_code) && (choices?.length ?? 0) > 0)
    .map(({ field_code, options: choices }) => [
      field_code,
      Object.fromEntries((choices ?? []).map(({ id, label }) => [String(id), label])),
    ])
  return {
    stages: Object.fromEntries(stages.map(({ id, name }) => [String(id), name])),
    options: { ...Object.fromEntries(options), label: Object.fromEntries(labels.map(({ id, name }) => [id, name])) },
  }
}

function streamsOf({ reads, lead }: CrmSettings, archivedLeads: boolean): Stream[] {
  const deals = reads.deals || lead === 'deal'
  const leads = reads.leads && lead === 'record'
  return streams.filter((stream) => {
    if (stream.startsWith('deals')) return deals
    if (stream === 'leads-archived') return leads && archivedLeads
    return stream === 'leads' ? leads : reads.activities
  })
}

function nextCursor(settings: CrmSettings, cursor: Cursor, { next }: ReadPage): Cursor | null {
  if (next) return { ...cursor, ...next }
  const order = streamsOf(settings, cursor.archivedLeads)
  const stream = order[order.indexOf(cursor.stream) + 1]
  return stream ? { ...cursor, stream, page: null, start: 0, leadsSince: cursor.since } : null
}

/** Never past the beginning of the pull, and never past what was seen. */
function bookmarkAfter(cursor: Cursor, seen: string | null, { startedAt, bookmark }: { startedAt: Date; bookmark: Json | null }): Json {
  const reached = seen === null ? Date.parse(cursor.since) : Math.min(startedAt.getTime(), Date.parse(seen)) - lookBackMilliseconds
  const before = bookmark === null ? null : BookmarkSchema.parse(bookmark).archivedLeadsAt
  return {
    since: new Date(Math.max(reached, Date.parse(cursor.since))).toISOString(),
    archivedLeadsAt: cursor.archivedLeads ? startedAt.toISOString() : before,
  }
}

function latest(moments: readonly (string | null | undefined)[]): string | null {
  const known = moments.flatMap((moment) => (moment && !Number.isNaN(Date.parse(moment)) ? [Date.parse(moment)] : []))
  return known.length === 0 ? null : new Date(known.reduce((a, b) => Math.max(a, b))).toISOString()
}
