/** Sums of facts that KPIs are made of: over what is stored, or over what will be once a change is published. */
import { type FactKind, type FactRows, factKinds } from '../core/facts'
import type { ClosedSums, Days, FactSums } from '../core/kpi'
import type { Database } from './client'
import { chunksOf, placeOf, rowsOf, tables } from './fact-tables'
import { isOlder } from './facts'

/**
 * What the sums are taken over: everything stored, with these rows put in their places (a dry run, or a file before it is
 * written), with what a pull has staged in its place, or without one source (before it is deleted).
 */
export type Change =
  | { sourceId: string; rows: FactRows }
  | { sourceId: string; staged: string; kinds: readonly FactKind[] }
  | { without: string }
  | null

/** The columns that are needed of each kind of fact. */
export type Needed = Partial<Record<FactKind, readonly string[]>>

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
    .prepare(sumsOver(factsAfter(summed, change, parameters)))
    .bind(...parameters)
    .all<SumRow>()
  return collect(results)
}

/** What the sums need of each kind. */
const summed = {
  lead: ['external_id', 'created_day'],
  deal: ['external_id', 'lead_id', 'customer_id', 'created_day', 'closed_day', 'state', 'amount_minor', 'currency'],
  spend: ['external_id', 'day', 'amount_minor', 'currency'],
} as const satisfies Needed

/**
 * Common table expressions `lead_facts`, `deal_facts`, … for the kinds that are needed: source_id and the columns, as they
 * will be after the change, without what is deleted. Pushes what it binds onto `parameters`.
 *
 * @example `with ${factsAfter({ lead: ['external_id', 'created_day'] }, null, parameters)} select count(*) from lead_facts`
 */
export function factsAfter(needed: Needed, change: Change, parameters: unknown[]): string {
  const bind = (value: unknown) => `?${parameters.push(value)}`
  const kinds = factKinds.filter((kind) => needed[kind] !== undefined)
  const isEmpty = change !== null && 'rows' in change && kinds.every((kind) => change.rows[kind].length === 0)
  // D1 refuses a parameter that no statement uses.
  const source = change && !isEmpty ? bind('without' in change ? change.without : change.sourceId) : ''
  const pull = change && 'staged' in change ? bind(change.staged) : ''
  return kinds
    .map((kind) => {
      const { name } = tables[kind]
      const columns = needed[kind] ?? []
      const stored = `select source_id, ${columns.join(', ')} from ${name} where deleted_at is null`
      if (!change) return `${kind}_facts as (${stored})`
      if ('without' in change) return `${kind}_facts as (${stored} and source_id <> ${source})`
      const cells = columns.map((column) => `given.value ->> ${placeOf(kind, column)} as ${column}`).join(', ')
      const deleted = `given.value ->> ${placeOf(kind, 'deleted_at')} as is_deleted`
      const given = 'staged' in change ? staged(kind) : spread(kind, change.rows)
      if (given === null) return `${kind}_facts as (${stored})`
      return `
        ${kind}_given as materialized (select ${source} as source_id, given.value ->> 0 as given_id, ${cells}, ${deleted} ${given}),
        ${kind}_facts as materialized (
          ${stored} and not (source_id = ${source} and external_id in (select given_id from ${kind}_given))
          union all select source_id, ${columns.join(', ')} from ${kind}_given where is_deleted is null)`
    })
    .join(',')

  function spread(kind: FactKind, rows: FactRows): string | null {
    const chunks = chunksOf(rowsOf(kind, rows))
    if (chunks.length === 0) return null
    // A compound select may have five terms only, so that chunks are picked by number instead of joined by UNION.
    const picked = `case chunk.value ${chunks.map((chunk, index) => `when ${index} then ${bind(chunk)}`).join(' ')} end`
    const numbers = JSON.stringify(chunks.map((_, index) => index))
    return `from json_each('${numbers}') as chunk join json_each(${picked}) as given`
  }

  /** Without what is older than what is stored. */
  function staged(kind: FactKind): string {
    return `from (select body as value from staged_facts where pull_id = ${pull} and kind = '${kind}') as given
      left join ${tables[kind].name} as before on before.source_id = ${source} and before.external_id = given.value ->> 0
      where not (${isOlder(`given.value ->> ${placeOf(kind, 'updated_at')}`, 'before')})`
  }
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
