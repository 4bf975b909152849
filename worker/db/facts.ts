/**
 * Leads, deals and spend. Rows travel as JSON arrays in one bound parameter and are spread by `json_each`: twenty
 * statements carry 100,000 rows where one parameter a value would need thousands. Drizzle cannot put raw SQL with
 * parameters into a batch, so these are plain D1 statements.
 */
import type { Deal, Lead, Spend } from '../core/facts'
import type { ClosedSums, Days, FactSums } from '../core/kpi'
import type { FactKind } from '../core/metrics'
import type { Database } from './client'

/** Facts of one source, new or changed, that are about to be written. */
export interface FactRows {
  lead: Lead[]
  deal: Deal[]
  spend: Spend[]
}

/**
 * What the sums are taken over: everything stored, with these rows put in their places (a dry run, or a pull before it
 * writes), or without one source (before it is deleted).
 */
export type Change = { sourceId: string; rows: FactRows } | { without: string } | null

/**
 * Which of a source's rows are new and which say something else than what is stored.
 *
 * @returns indexes into the lists that were given
 */
export async function compareFacts(
  db: Database,
  sourceId: string,
  rows: FactRows,
): Promise<Record<FactKind, { added: Set<number>; changed: Set<number> }>> {
  const chunked = factKinds.flatMap((kind) =>
    chunksOf(rows[kind].map((fact, index) => [fact.externalId, fact.contentHash, index])).map((chunk) => ({ kind, chunk })),
  )
  const found = { lead: emptySets(), deal: emptySets(), spend: emptySets() }
  if (chunked.length === 0) return found
  const answers = await db.$client.batch<{ added: string; changed: string }>(
    chunked.map(({ kind, chunk }) => db.$client.prepare(comparison(tables[kind].name)).bind(sourceId, chunk)),
  )
  for (const [index, { results }] of answers.entries()) {
    const kind = chunked[index]?.kind
    const [row] = results
    if (!kind || !row) continue
    for (const at of JSON.parse(row.added) as number[]) found[kind].added.add(at)
    for (const at of JSON.parse(row.changed) as number[]) found[kind].changed.add(at)
  }
  return found
}

/** A deal that closed before its lead was created, found by what is stored on the other side of the link. */
export interface StoredLink {
  /** Index into the list that was given. */
  index: number
  dealId: string
}

/**
 * Rows of a source whose link to a stored lead or deal has a negative duration.
 *
 * @param deals that have no creation date of their own: [lead's external id, close day]
 * @param leads [external id, creation day]
 */
export async function negativeLinks(
  db: Database,
  sourceId: string,
  deals: readonly (readonly [leadId: string, closedDay: string])[],
  leads: readonly (readonly [externalId: string, createdDay: string])[],
): Promise<{ deals: StoredLink[]; leads: StoredLink[] }> {
  const dealChunks = chunksOf(deals.map(([leadId, closedDay], index) => [leadId, closedDay, index]))
  const leadChunks = chunksOf(leads.map(([externalId, createdDay], index) => [externalId, createdDay, index]))
  if (dealChunks.length + leadChunks.length === 0) return { deals: [], leads: [] }
  const answers = await db.$client.batch<StoredLink>([
    ...dealChunks.map((chunk) => db.$client.prepare(dealsBeforeLeads).bind(sourceId, chunk)),
    ...leadChunks.map((chunk) => db.$client.prepare(leadsAfterDeals).bind(sourceId, chunk)),
  ])
  return {
    deals: answers.slice(0, dealChunks.length).flatMap(({ results }) => results),
    leads: answers.slice(dealChunks.length).flatMap(({ results }) => results),
  }
}

/** The statements that insert or replace these rows, for a batch of the caller's. */
export function writeFacts(db: Database, sourceId: string, rows: FactRows): D1PreparedStatement[] {
  return factKinds.flatMap((kind) => chunksOf(valuesOf(kind, rows)).map((chunk) => db.$client.prepare(upsert(kind)).bind(sourceId, chunk)))
}

/** The statements that delete all facts of a source. */
export function deleteFacts(db: Database, sourceId: string): D1PreparedStatement[] {
  return factKinds.map((kind) => db.$client.prepare(`delete from ${tables[kind].name} where source_id = ?1`).bind(sourceId))
}

export interface Sums {
  sums: FactSums
  /** Of any lead, closed deal or spend; empty where there is none. */
  newestDay: string
  /** Left out of sums of money because of their currency. */
  otherCurrency: { deals: number; spend: number }
}

/**
 * Monthly sums of all facts, in one query.
 *
 * @param currency the organisation's; amounts in others are left out and counted
 */
export async function sumFacts(db: Database, currency: string, change: Change = null): Promise<Sums> {
  const parameters: unknown[] = [currency]
  const { results } = await db.$client
    .prepare(sumsOver(factsAfter(change, parameters)))
    .bind(...parameters)
    .all<SumRow>()
  return collect(results)
}

/** Which kinds of fact each source holds. */
export async function factsBySource(
  db: Database,
): Promise<{ id: string; lastSuccessAt: number | null; expectedEveryDays: number; holds: FactKind[] }[]> {
  const { results } = await db.$client
    .prepare(
      `select id, last_success_at as lastSuccessAt, expected_every_days as expectedEveryDays,
         exists (select 1 from leads where source_id = sources.id) as lead,
         exists (select 1 from deals where source_id = sources.id) as deal,
         exists (select 1 from spend where source_id = sources.id) as spend
       from sources order by created_at, id`,
    )
    .all<{ id: string; lastSuccessAt: number | null; expectedEveryDays: number } & Record<FactKind, number>>()
  return results.map(({ id, lastSuccessAt, expectedEveryDays, ...has }) => ({
    id,
    lastSuccessAt,
    expectedEveryDays,
    holds: factKinds.filter((kind) => has[kind] === 1),
  }))
}

const factKinds = ['lead', 'deal', 'spend'] as const satisfies readonly FactKind[]

const tables = {
  lead: { name: 'leads', columns: ['external_id', 'created_day', 'channel', 'lead_type', 'stage', 'content_hash'] },
  deal: {
    name: 'deals',
    columns: [
      'external_id',
      'lead_id',
      'customer_id',
      'created_day',
      'closed_day',
      'state',
      'stage',
      'amount_minor',
      'currency',
      'channel',
      'content_hash',
    ],
  },
  spend: { name: 'spend', columns: ['external_id', 'day', 'channel', 'side', 'kind', 'amount_minor', 'currency', 'content_hash'] },
} as const

/** What the sums need of each kind. */
const summed = {
  lead: ['external_id', 'created_day'],
  deal: ['external_id', 'lead_id', 'customer_id', 'created_day', 'closed_day', 'state', 'amount_minor', 'currency'],
  spend: ['external_id', 'day', 'amount_minor', 'currency'],
} as const satisfies Record<FactKind, readonly string[]>

const placeOf = (kind: FactKind, column: string) => (tables[kind].columns as readonly string[]).indexOf(column)

type Cell = string | number | null

const leadValues = (fact: Lead): Cell[] => [fact.externalId, fact.createdDay, fact.channel, fact.leadType, fact.stage]
const dealValues = (fact: Deal): Cell[] => [
  fact.externalId,
  fact.leadId,
  fact.customerId,
  fact.createdDay,
  fact.closedDay,
  fact.state,
  fact.stage,
  fact.amountMinor,
  fact.currency,
  fact.channel,
]
const spendValues = (fact: Spend): Cell[] => [
  fact.externalId,
  fact.day,
  fact.channel,
  fact.side,
  fact.kind,
  fact.amountMinor,
  fact.currency,
]

const factValues = (fact: Lead | Deal | Spend): Cell[] =>
  'state' in fact ? dealValues(fact) : 'day' in fact ? spendValues(fact) : leadValues(fact)

const valuesOf = (kind: FactKind, rows: FactRows): Cell[][] => rows[kind].map((fact) => [...factValues(fact), fact.contentHash])

const emptySets = () => ({ added: new Set<number>(), changed: new Set<number>() })

/** A bound value may have 2 MB; a UTF-16 unit takes at most three bytes of UTF-8. */
const chunkUnits = 600_000

/** JSON arrays of at most so many rows that each fits a bound parameter. */
function chunksOf(rows: readonly (readonly Cell[])[]): string[] {
  const chunks: string[] = []
  let parts: string[] = []
  let units = 0
  for (const row of rows) {
    const text = JSON.stringify(row)
    if (units + text.length > chunkUnits && parts.length > 0) {
      chunks.push(`[${parts.join(',')}]`)
      parts = []
      units = 0
    }
    parts.push(text)
    units += text.length + 1
  }
  if (parts.length > 0) chunks.push(`[${parts.join(',')}]`)
  return chunks
}

const comparison = (table: string) => `
  select json_group_array(given.value ->> 2) filter (where stored.external_id is null) as added,
    json_group_array(given.value ->> 2) filter (where stored.content_hash <> given.value ->> 1 or stored.deleted_at is not null) as changed
  from json_each(?2) as given
  left join ${table} as stored on stored.source_id = ?1 and stored.external_id = given.value ->> 0`

/** CROSS JOIN keeps the order of the loops: the other way round, the list would be parsed again for every stored row. */
const dealsBeforeLeads = `
  select given.value ->> 2 as "index", '' as dealId
  from json_each(?2) as given
  cross join leads on leads.source_id = ?1 and leads.external_id = given.value ->> 0
  where given.value ->> 1 < leads.created_day`

const leadsAfterDeals = `
  select given.value ->> 2 as "index", deals.external_id as dealId
  from json_each(?2) as given
  cross join deals on deals.source_id = ?1 and deals.lead_id = given.value ->> 0
  where deals.created_day is null and deals.closed_day < given.value ->> 1`

function upsert(kind: FactKind): string {
  const { name, columns } = tables[kind]
  const changeable = columns.filter((column) => column !== 'external_id')
  return `
    insert into ${name} (source_id, ${columns.join(', ')})
    select ?1, ${columns.map((_, index) => `given.value ->> ${index}`).join(', ')} from json_each(?2) as given where true
    on conflict (source_id, external_id) do update set deleted_at = null, ${changeable.map((column) => `${column} = excluded.${column}`).join(', ')}`
}

/**
 * Common table expressions `lead_facts`, `deal_facts` and `spend_facts`: the tables as they will be after the change.
 * Pushes what it binds onto `parameters`.
 */
function factsAfter(change: Change, parameters: unknown[]): string {
  const bind = (value: unknown) => `?${parameters.push(value)}`
  const isEmpty = change !== null && 'rows' in change && factKinds.every((kind) => change.rows[kind].length === 0)
  // D1 refuses a parameter that no statement uses.
  const source = change && !isEmpty ? bind('without' in change ? change.without : change.sourceId) : ''
  return factKinds
    .map((kind) => {
      const { name } = tables[kind]
      const columns = summed[kind]
      const stored = `select source_id, ${columns.join(', ')} from ${name} where deleted_at is null`
      if (!change) return `${kind}_facts as (${stored})`
      if ('without' in change) return `${kind}_facts as (${stored} and source_id <> ${source})`
      const chunks = chunksOf(valuesOf(kind, change.rows))
      if (chunks.length === 0) return `${kind}_facts as (${stored})`
      // A compound select may have five terms only, so that chunks are picked by number instead of joined by UNION.
      const picked = `case chunk.value ${chunks.map((chunk, index) => `when ${index} then ${bind(chunk)}`).join(' ')} end`
      const numbers = JSON.stringify(chunks.map((_, index) => index))
      const cells = columns.map((column) => `given.value ->> ${placeOf(kind, column)} as ${column}`).join(', ')
      return `
        ${kind}_given as materialized (select ${source} as source_id, ${cells} from json_each('${numbers}') as chunk join json_each(${picked}) as given),
        ${kind}_facts as materialized (
          ${stored} and not (source_id = ${source} and external_id in (select external_id from ${kind}_given))
          union all select * from ${kind}_given)`
    })
    .join(',')
}

interface SumRow {
  what: 'lead' | 'closed' | 'cycle' | 'cohort' | 'spend'
  month: string
  a: number
  b: number | null
  c: number | null
  d: number | null
  e: number | null
  f: number | null
  newest: string | null
}

const sumsOver = (facts: string) => `
  with ${facts},
  won as materialized (
    select deal.source_id, deal.lead_id, deal.closed_day, deal.amount_minor, deal.currency, lead.created_day as lead_day,
      coalesce(deal.customer_id, 'deal ' || deal.external_id) as customer,
      julianday(deal.closed_day) - julianday(coalesce(deal.created_day, lead.created_day)) as days
    from deal_facts as deal
    left join lead_facts as lead on lead.source_id = deal.source_id and lead.external_id = deal.lead_id
    where deal.state = 'won'),
  first_wins as (
    select lead_day, min(julianday(closed_day) - julianday(lead_day)) as days
    from won where lead_day is not null group by source_id, lead_id),
  closed as (
    select closed_day, 1 as won, currency, amount_minor, row_number() over (partition by source_id, customer order by closed_day) as nth from won
    union all
    select closed_day, 0, null, null, null from deal_facts where state = 'lost')
  select 'lead' as what, substr(created_day, 1, 7) as month, count(*) as a, null as b, null as c, null as d, null as e, null as f, max(created_day) as newest
    from lead_facts group by 2
  union all
  select 'closed', substr(closed_day, 1, 7), sum(won), sum(1 - won), count(amount_minor) filter (where currency = ?1),
    sum(amount_minor) filter (where currency = ?1), count(*) filter (where nth = 1), count(amount_minor) filter (where currency <> ?1), max(closed_day)
    from closed group by 2
  union all
  select 'cycle', substr(closed_day, 1, 7), days, count(*), null, null, null, null, null from won where days >= 0 group by 2, 3
  union all
  select 'cohort', substr(lead_day, 1, 7), days, count(*), null, null, null, null, null from first_wins group by 2, 3
  union all
  select 'spend', substr(day, 1, 7), sum(amount_minor) filter (where currency = ?1), count(*) filter (where currency <> ?1), null, null, null, null, max(day)
    from spend_facts group by 2
  order by 1, 2, 3`

function collect(rows: readonly SumRow[]): Sums {
  const leads = new Map<string, number>()
  const closed = new Map<string, ClosedSums>()
  const spend = new Map<string, number>()
  const cycles = new Map<string, Days[]>()
  const cohorts = new Map<string, Days[]>()
  const otherCurrency = { deals: 0, spend: 0 }
  let newestDay = ''
  for (const { what, month, a, b, c, d, e, f, newest } of rows) {
    if (newest && newest > newestDay) newestDay = newest
    if (what === 'lead') leads.set(month, a)
    if (what === 'cycle') listOf(cycles, month).push({ days: a, count: b ?? 0 })
    if (what === 'cohort') listOf(cohorts, month).push({ days: a, count: b ?? 0 })
    if (what === 'closed') {
      closed.set(month, { won: a, lost: b ?? 0, amounts: c ?? 0, revenue: d ?? 0, newCustomers: e ?? 0 })
      otherCurrency.deals += f ?? 0
    }
    if (what === 'spend') {
      spend.set(month, a ?? 0)
      otherCurrency.spend += b ?? 0
    }
  }
  return { sums: { leads, closed, spend, cycles, cohorts }, newestDay, otherCurrency }
}

function listOf(lists: Map<string, Days[]>, month: string): Days[] {
  const list = lists.get(month) ?? []
  lists.set(month, list)
  return list
}
