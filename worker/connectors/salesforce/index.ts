import type { FactKind } from '../../core/facts'
import type { Access, ConnectionReport, Discovery, Json, PullConnector, PulledPage } from '../connector'
import { CrmSettings } from '../crm'
import { PullFailure, refusal } from '../failure'
import { Records } from '../records'
import { type Answered, LocatorGone, momentValue, type Row, SalesforceApi } from './api'
import { bookmarkOf, type Cursor, firstCursor, halved, nextPart, nextQuery, type ObjectName, objectsOf, readCursor } from './cursor'
import { mapLead } from './leads'
import { mapCampaign, mapMember } from './marketing'
import { mapOpportunity } from './opportunities'
import { momentOf, textOf } from './row'
import { dealStages, fieldsIn, leadStages } from './stages'
import { contactPrefix, mapTask } from './tasks'

/** Salesforce, as the user that an external client app runs as: client credentials against the org's own domain. */
export const salesforce: PullConnector<CrmSettings> = {
  kind: 'salesforce',
  brings: 'pulls',
  settings: CrmSettings,
  secrets: [{ name: 'clientId' }, { name: 'clientSecret' }],
  test,
  discover,
  page,
}

async function test(access: Access<CrmSettings>): Promise<ConnectionReport> {
  const api = new SalesforceApi(access)
  const { organisation, timeZone } = await orgOf(api)
  const missing: string[] = []
  for (const object of objectsOf(access.settings)) missing.push(...(await missingRight(api, object)))
  return { account: organisation, timeZone, currency: await currencyOf(api), quota: api.quota, missing }
}

async function orgOf(api: SalesforceApi): Promise<{ organisation: string | null; timeZone: string | null }> {
  const [org] = await api.rows('SELECT Name, TimeZoneSidKey FROM Organization LIMIT 1')
  return org
    ? { organisation: textOf(org, 'Name') || null, timeZone: textOf(org, 'TimeZoneSidKey') || null }
    : { organisation: null, timeZone: null }
}

/** Any other failure is one of the connection. */
async function missingRight(api: SalesforceApi, object: ObjectName): Promise<string[]> {
  const refused = await refusal(() => api.query(`SELECT Id FROM ${object} LIMIT 1`), ['forbidden'])
  return refused ? [refused.facts.scope ?? `${object}: Read`] : []
}

const hasCurrencies = async (api: SalesforceApi): Promise<boolean> =>
  !(await refusal(() => api.query('SELECT IsoCode FROM CurrencyType LIMIT 1'), ['forbidden', 'configuration', 'not-found']))

/** Null where the org has one currency only, which no query tells. */
async function currencyOf(api: SalesforceApi): Promise<string | null> {
  if (!(await hasCurrencies(api))) return null
  const [corporate] = await api.rows('SELECT IsoCode FROM CurrencyType WHERE IsCorporate = TRUE')
  return corporate ? textOf(corporate, 'IsoCode') || null : null
}

/** Whether the org keeps a history of statuses; one that has none yet is taken for one that keeps none. */
async function isTracked(api: SalesforceApi): Promise<boolean> {
  let found: Answered | null = null
  const refused = await refusal(async () => {
    found = await api.query("SELECT Id FROM LeadHistory WHERE Field = 'Status' LIMIT 1")
  }, ['forbidden'])
  return !refused && ((found as Answered | null)?.records.length ?? 0) > 0
}

async function discover(access: Access<CrmSettings>): Promise<Discovery> {
  const api = new SalesforceApi(access)
  const { timeZone } = await orgOf(api)
  const unavailable: Discovery['unavailable'] = []
  const attempt = async <T>(what: Discovery['unavailable'][number]['what'], ask: () => Promise<T>): Promise<T | null> => {
    let found: T | null = null
    const refused = await refusal(async () => {
      found = await ask()
    }, ['forbidden', 'not-found'])
    if (refused) unavailable.push({ what, why: refused.code, scope: refused.facts.scope ?? null })
    return found
  }
  const leads = await attempt('leads', async () => ({
    stages: leadStages(await api.rows('SELECT ApiName, MasterLabel, SortOrder, IsConverted FROM LeadStatus')),
    fields: fieldsIn(await api.describe('Lead')),
  }))
  const deals = await attempt('deals', async () => ({
    stages: dealStages(await api.rows('SELECT ApiName, MasterLabel, SortOrder, IsClosed, IsWon, IsActive FROM OpportunityStage')),
    fields: fieldsIn(await api.describe('Opportunity'), ['currency', 'double']),
  }))
  await attempt('activities', () => api.query('SELECT Id FROM Task LIMIT 1'))
  await attempt('spend', () => api.query('SELECT Id FROM Campaign LIMIT 1'))
  await attempt('history', () => api.query('SELECT Id FROM LeadHistory LIMIT 1'))
  return {
    timeZone,
    currency: await currencyOf(api),
    leadStages: leads?.stages ?? [],
    dealStages: deals?.stages ?? [],
    leadFields: leads?.fields ?? [],
    dealFields: deals?.fields ?? [],
    table: null,
    unavailable,
  }
}

async function page(
  access: Access<CrmSettings>,
  { cursor: given, bookmark, startedAt }: { cursor: Json | null; bookmark: Json | null; startedAt: Date },
): Promise<PulledPage> {
  const api = new SalesforceApi(access)
  const { settings } = access
  const records = new Records(access)
  const cursor = given === null ? await begin(api, settings, bookmark) : readCursor(given)
  const object = objectsOf(settings)[cursor.object]
  const { seen, next } = object ? await readPage(api, object, cursor, records, startedAt) : { seen: cursor.seen, next: null }
  return {
    rows: records.rows,
    errors: records.errors,
    read: records.read,
    notices: records.notices(),
    next,
    bookmark: next === null ? bookmarkOf({ ...cursor, seen }, startedAt) : null,
    total: cursor.total,
    cost: api.cost,
    quota: api.quota,
    ...(next === null && cursor.full ? { complete: completeKinds(settings) } : {}),
  }
}

async function begin(api: SalesforceApi, settings: CrmSettings, bookmark: Json | null): Promise<Cursor> {
  const names = objectsOf(settings)
  const cursor = firstCursor(settings, bookmark, {
    tracked: names.includes('Lead') && (await isTracked(api)),
    currencies: (names.includes('Opportunity') || names.includes('Campaign')) && (await hasCurrencies(api)),
  })
  return cursor.full ? { ...cursor, total: await countOf(api, names, cursor) } : cursor
}

/** Null where the org takes too long to count: that is no reason not to read. */
async function countOf(api: SalesforceApi, names: readonly ObjectName[], { since }: Cursor): Promise<number | null> {
  let total: number | null = 0
  const late = await refusal(async () => {
    for (const object of names) {
      const soql = `SELECT COUNT() FROM ${object} WHERE SystemModstamp >= ${momentValue(since[object] ?? 0)}`
      total = (total ?? 0) + (await api.query(soql, { all: true })).totalSize
    }
  }, ['timeout'])
  return late ? null : total
}

/** What was read whole: of these, what this pull did not bring is gone. */
const completeKinds = ({ reads, lead }: CrmSettings): FactKind[] => [
  ...(reads.leads ? (['lead', 'stage'] as const) : []),
  ...(reads.leads && lead === 'record' ? (['touch'] as const) : []),
  ...(reads.deals ? (['deal'] as const) : []),
  ...(reads.activities ? (['activity'] as const) : []),
  ...(reads.spend ? (['spend'] as const) : []),
]

async function readPage(
  api: SalesforceApi,
  object: ObjectName,
  cursor: Cursor,
  records: Records,
  startedAt: Date,
): Promise<Pick<Cursor, 'seen'> & { next: Cursor | null }> {
  const { settings } = records
  let answer: Answered
  try {
    answer = await ask(api, object, cursor, settings)
  } catch (error) {
    // The org gives up after two minutes, we do earlier: less of the time takes less.
    const narrower = error instanceof PullFailure && error.code === 'timeout' ? halved(cursor, startedAt) : null
    if (!narrower) throw error
    return { seen: cursor.seen, next: narrower }
  }
  await add(api, object, answer.records, cursor, records)
  const seen = seenIn(cursor.seen, object, answer.records, records)
  if (answer.done) return { seen, next: nextPart({ ...cursor, seen }, settings) }
  const row = answer.records.at(-1)
  const at = row && momentOf(row, 'SystemModstamp', records)
  const last = row && at != null ? { at, id: textOf(row, 'Id') } : cursor.last
  const more = answer.nextRecordsUrl ?? null
  if (more === cursor.more && last?.id === cursor.last?.id) throw new PullFailure('cursor-repeats')
  return { seen, next: { ...cursor, seen, last, more } }
}

/** What is behind `nextRecordsUrl` is kept for some time; later, the last row says where to go on. */
async function ask(api: SalesforceApi, object: ObjectName, cursor: Cursor, settings: CrmSettings): Promise<Answered> {
  if (cursor.more !== null) {
    try {
      return await api.more(cursor.more)
    } catch (error) {
      if (!(error instanceof LocatorGone)) throw error
    }
  }
  return api.query(nextQuery(object, settings, cursor), { all: true })
}

async function add(api: SalesforceApi, object: ObjectName, rows: readonly Row[], cursor: Cursor, records: Records): Promise<void> {
  records.read += rows.length
  const { settings } = records
  const ids = rows.map((row) => textOf(row, 'Id'))
  if (object === 'Campaign') for (const row of rows) mapCampaign(row, records)
  if (object === 'CampaignMember') for (const row of rows) mapMember(row, records)
  if (object === 'Lead') {
    const histories = cursor.tracked
      ? await grouped(
          api,
          ids,
          'LeadId',
          (list) => `SELECT Id, LeadId, OldValue, NewValue, CreatedDate FROM LeadHistory WHERE Field = 'Status' AND LeadId IN (${list})`,
        )
      : new Map<string, Row[]>()
    for (const row of rows) mapLead(row, histories.get(textOf(row, 'Id')) ?? [], cursor.tracked, records)
  }
  if (object === 'Opportunity') {
    const leads =
      settings.lead === 'record' && settings.reads.leads ? await leadsBy(api, 'ConvertedOpportunityId', ids) : new Map<string, string>()
    const wanted = rows.filter(
      (row) => leads.has(textOf(row, 'Id')) || settings.lead === 'deal' || textOf(row, 'CloseDate') > records.today,
    )
    const histories = await grouped(
      api,
      wanted.map((row) => textOf(row, 'Id')),
      'OpportunityId',
      (list) => `SELECT Id, OpportunityId, StageName, CreatedDate FROM OpportunityHistory WHERE OpportunityId IN (${list})`,
    )
    for (const row of rows) mapOpportunity(row, histories.get(textOf(row, 'Id')) ?? [], leads.get(textOf(row, 'Id')) ?? null, records)
  }
  if (object === 'Task') {
    const contacts = rows.map((row) => textOf(row, 'WhoId')).filter((id) => id.startsWith(contactPrefix))
    const leads =
      settings.lead === 'record' && settings.reads.leads
        ? await leadsBy(api, 'ConvertedContactId', [...new Set(contacts)])
        : new Map<string, string>()
    for (const row of rows) mapTask(row, leads, records)
  }
}

/** Of several leads that were converted to one record, the first. */
async function leadsBy(api: SalesforceApi, field: string, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await api.rowsOf(
    ids,
    (list) => `SELECT Id, ${field} FROM Lead WHERE ${field} IN (${list}) ORDER BY CreatedDate DESC, Id DESC`,
  )
  return new Map(rows.map((row) => [textOf(row, field), textOf(row, 'Id')]))
}

/** With those of deleted records. */
async function grouped(
  api: SalesforceApi,
  ids: readonly string[],
  field: string,
  soql: (list: string) => string,
): Promise<Map<string, Row[]>> {
  const groups = new Map<string, Row[]>()
  for (const row of await api.rowsOf(ids, soql, { all: true })) {
    const id = textOf(row, field)
    groups.set(id, [...(groups.get(id) ?? []), row])
  }
  return groups
}

/** The newest modification of each object, with those of a page. */
function seenIn(seen: Cursor['seen'], object: ObjectName, rows: readonly Row[], records: Records): Cursor['seen'] {
  const moments = rows.flatMap((row) => momentOf(row, 'SystemModstamp', records) ?? [])
  return moments.length === 0
    ? seen
    : { ...seen, [object]: moments.reduce((newest, at) => Math.max(newest, at), seen[object] ?? moments[0] ?? 0) }
}
