import type { FactKind } from '../../core/facts'
import type { Access, ConnectionReport, Discovery, Json, PullConnector, PulledPage } from '../connector'
import { CrmSettings } from '../crm'
import { PullFailure, refusal } from '../failure'
import { isPersonalField, Records, readWhen } from '../records'
import { mapActivity } from './activities'
import { HubspotApi, type HubspotRecord, modifiedField, nextOf, type ObjectType, type Property, scopes } from './api'
import { historyOf, propertiesOf } from './asked'
import { mapCampaign } from './campaigns'
import { mapContact } from './contacts'
import {
  bookmarkOf,
  type Cursor,
  firstCursor,
  halved,
  isCapped,
  lookBackMilliseconds,
  nextStream,
  nextWindow,
  readCursor,
  type Stream,
  streamsOf,
  typesOf,
} from './cursor'
import { mapDeal } from './deals'
import { dealStages, leadStages } from './stages'

/** HubSpot, by a service key or the token of a private app. */
export const hubspot: PullConnector<CrmSettings> = {
  kind: 'hubspot',
  brings: 'pulls',
  settings: CrmSettings,
  secrets: [{ name: 'token' }],
  test,
  discover,
  page,
}

async function test(access: Access<CrmSettings>): Promise<ConnectionReport> {
  const api = new HubspotApi(access)
  const { portalId, timeZone, companyCurrency } = await api.details()
  const quota = await api.quota()
  const { reads, customer } = access.settings
  const missing: string[] = []
  const wanted = [...typesOf(access.settings), ...(reads.deals && customer === 'company' ? (['companies'] as const) : [])]
  for (const type of wanted) missing.push(...(await missingScope(() => api.probe(type), scopes[type])))
  if (reads.spend) missing.push(...(await missingScope(() => api.campaigns(null, 1), scopes.campaigns)))
  return { account: portalId, timeZone: timeZone ?? null, currency: companyCurrency ?? null, quota, missing: [...new Set(missing)] }
}

/** Any other failure is one of the connection. */
async function missingScope(ask: () => Promise<unknown>, usual: string): Promise<string[]> {
  const refused = await refusal(ask, ['forbidden'])
  return refused ? [refused.facts.scope ?? usual] : []
}

async function discover(access: Access<CrmSettings>): Promise<Discovery> {
  const api = new HubspotApi(access)
  const { timeZone, companyCurrency } = await api.details()
  const unavailable: Discovery['unavailable'] = []
  const attempt = async <T>(what: 'leads' | 'deals' | 'activities' | 'spend', ask: () => Promise<T>): Promise<T | null> => {
    let found: T | null = null
    const refused = await refusal(async () => {
      found = await ask()
    }, ['forbidden', 'not-found'])
    if (refused) unavailable.push({ what, why: refused.code, scope: refused.facts.scope ?? null })
    return found
  }
  const lead = await attempt('leads', async () => ({
    stages: leadStages(await api.property('contacts', 'lifecyclestage'), await optional(() => api.property('contacts', 'hs_lead_status'))),
    fields: await api.properties('contacts'),
  }))
  const deal = await attempt('deals', async () => ({
    stages: dealStages(await api.dealPipelines()),
    fields: await api.properties('deals'),
  }))
  await attempt('activities', () => api.probe('calls'))
  await attempt('spend', () => api.campaigns(null, 1))
  return {
    timeZone: timeZone ?? null,
    currency: companyCurrency ?? null,
    leadStages: lead?.stages ?? [],
    dealStages: deal?.stages ?? [],
    leadFields: fieldsIn(lead?.fields ?? [], ['enumeration', 'bool']),
    dealFields: fieldsIn(deal?.fields ?? [], ['enumeration', 'bool', 'number'], ['closed_lost_reason']),
    table: null,
    unavailable,
  }
}

/** Accounts may have deleted their lead statuses. */
async function optional<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof PullFailure && error.code === 'not-found') return null
    throw error
  }
}

/** Of a fixed set of values, so that no field that people write into becomes a channel. */
const fieldsIn = (properties: readonly Property[], types: readonly string[], also: readonly string[] = []) =>
  properties
    .filter(({ name, type, hidden, archived }) => !hidden && !archived && (types.includes(type ?? '') || also.includes(name)))
    .filter(({ name }) => !isPersonalField(name))
    .map(({ name, label }) => ({ id: name, label: label ?? name }))

async function page(
  access: Access<CrmSettings>,
  { cursor: given, bookmark, startedAt }: { cursor: Json | null; bookmark: Json | null; startedAt: Date },
): Promise<PulledPage> {
  const api = new HubspotApi(access)
  const { settings } = access
  const records = new Records(access)
  const cursor = given === null ? firstCursor(settings, bookmark, startedAt) : readCursor(given)
  const isFirst = given === null
  const quota = isFirst ? await api.quota() : null
  if (isFirst && cursor.full) {
    let total = 0
    for (const type of typesOf(settings)) total += await api.count(type, cursor.since[type] ?? 0)
    cursor.total = total
  }
  const stream = streamsOf(settings, cursor)[cursor.stream]
  const { seen, next } =
    stream?.what === 'modified'
      ? await readModified(api, stream.type, cursor, records, startedAt)
      : { seen: cursor.seen, next: stream ? await readList(api, stream, cursor, records) : null }
  return {
    rows: records.rows,
    errors: records.errors,
    read: records.read,
    notices: records.notices(),
    next,
    bookmark: next === null ? bookmarkOf({ ...cursor, seen }, startedAt) : null,
    total: cursor.total,
    cost: api.cost,
    quota,
    ...(next === null ? { complete: completeKinds(settings, cursor) } : {}),
  }
}

/** What was read whole: of these, what this pull did not bring is gone. */
function completeKinds({ reads, lead }: CrmSettings, { full, sweeps }: Cursor): FactKind[] {
  return [
    ...(full && reads.leads ? (['lead'] as const) : []),
    ...(full && reads.leads && lead === 'record' ? (['touch'] as const) : []),
    ...(full && reads.deals ? (['deal'] as const) : []),
    ...(full && (reads.leads || reads.deals) ? (['stage'] as const) : []),
    ...(full && reads.activities ? (['activity'] as const) : []),
    ...(sweeps && reads.spend ? (['spend'] as const) : []),
  ]
}

/** So that the first page of a large account has something to show, and a page still takes few requests. */
const halvingsPerPage = 8

async function readModified(
  api: HubspotApi,
  type: ObjectType,
  given: Cursor,
  records: Records,
  startedAt: Date,
): Promise<Pick<Cursor, 'seen'> & { next: Cursor | null }> {
  const { settings } = records
  const ask = ({ from, ends, afterId }: Cursor) =>
    api.search(type, { from, to: ends.at(-1) ?? null, afterId }, propertiesOf(type, settings))
  let cursor = given
  let found = await ask(cursor)
  for (let halvings = 1; isCapped(found.total); halvings += 1) {
    const narrower = halved(cursor, startedAt)
    if (!narrower) break
    if (halvings > halvingsPerPage) return { seen: given.seen, next: narrower }
    cursor = narrower
    found = await ask(cursor)
  }
  const { total, results } = found
  const lastId = results.at(-1)?.id
  if (lastId === undefined && total > 0) throw new PullFailure('unexpected-shape', { field: 'results' })
  if (lastId !== undefined && cursor.afterId !== null && !isLater(lastId, cursor.afterId)) throw new PullFailure('cursor-repeats')
  await add(api, type, results, records, false)
  const seen = seenIn(given.seen, type, results, records)
  const isWhole = lastId === undefined || total <= results.length
  return { seen, next: isWhole ? nextWindow({ ...cursor, seen }, settings) : { ...cursor, seen, afterId: lastId } }
}

const readList = (api: HubspotApi, stream: Exclude<Stream, { what: 'modified' }>, cursor: Cursor, records: Records) =>
  stream.what === 'archived' ? readArchived(api, stream.type, cursor, records) : readSpend(api, cursor, records)

async function readArchived(api: HubspotApi, type: ObjectType, cursor: Cursor, records: Records): Promise<Cursor | null> {
  const { results, paging } = await api.archived(type, propertiesOf(type, records.settings), cursor.after)
  const since = cursor.sweptAt - lookBackMilliseconds
  const news = results.filter(({ archivedAt }) => (readWhen(archivedAt, records.zones)?.at ?? since) >= since)
  const stamped = news.map((record) => ({ ...record, archivedAt: record.archivedAt ?? new Date(records.nowAt).toISOString() }))
  await add(api, type, stamped, records, true)
  return afterPage(nextOf(paging), cursor, records.settings)
}

async function readSpend(api: HubspotApi, cursor: Cursor, records: Records): Promise<Cursor | null> {
  const { results, paging } = await api.campaigns(cursor.after)
  for (const campaign of results) {
    records.read += 1
    mapCampaign(campaign, await api.budget(campaign.id), records)
  }
  return afterPage(nextOf(paging), cursor, records.settings)
}

/** @throws PullFailure cursor-repeats */
function afterPage(after: string | null, cursor: Cursor, settings: CrmSettings): Cursor | null {
  if (after === null) return nextStream(cursor, settings)
  if (after === cursor.after) throw new PullFailure('cursor-repeats')
  return { ...cursor, after }
}

async function add(api: HubspotApi, type: ObjectType, found: readonly HubspotRecord[], records: Records, archived: boolean): Promise<void> {
  records.read += found.length
  if (found.length === 0) return
  const { settings } = records
  const ids = found.map(({ id }) => id)
  const names = historyOf(type, settings)
  const histories = names.length > 0 ? await api.history(type, ids, names, archived) : new Map()
  const linked = (to: 'contacts' | 'companies' | 'deals', wanted: boolean) =>
    wanted && !archived ? api.links(type, to, ids) : new Map<string, string[]>()
  if (type === 'contacts') for (const record of found) mapContact(record, histories.get(record.id) ?? {}, records)
  if (type === 'deals') {
    const contacts = await linked('contacts', settings.reads.leads && settings.lead === 'record')
    const companies = await linked('companies', settings.customer === 'company')
    for (const record of found) {
      const links = { contacts: contacts.get(record.id) ?? [], companies: companies.get(record.id) ?? [] }
      mapDeal(record, histories.get(record.id) ?? {}, links, records)
    }
  }
  if (type === 'calls' || type === 'tasks' || type === 'meetings') {
    const contacts = await linked('contacts', settings.reads.leads && settings.lead === 'record')
    const deals = await linked('deals', settings.reads.deals || settings.lead === 'deal')
    for (const record of found)
      mapActivity(type, record, { contacts: contacts.get(record.id) ?? [], deals: deals.get(record.id) ?? [] }, records)
  }
}

/** The newest modification of each type, with those of a page. */
function seenIn(seen: Cursor['seen'], type: ObjectType, found: readonly HubspotRecord[], { zones }: Records): Cursor['seen'] {
  const moments = found.flatMap(({ properties, updatedAt }) => readWhen(properties[modifiedField(type)] || updatedAt, zones)?.at ?? [])
  const before = seen[type]
  return moments.length === 0 ? seen : { ...seen, [type]: moments.reduce((newest, at) => Math.max(newest, at), before ?? moments[0] ?? 0) }
}

/** Ids are numbers that grow with time, longer than numbers here may be. */
const isLater = (a: string, b: string) => a.length > b.length || (a.length === b.length && a > b)
