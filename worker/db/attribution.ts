/** Won deals with every contact on the way to them, and spend by channel, for attribution. */
import type { Conversion } from '../core/attribution'
import type { Database } from './client'
import { factsAfter } from './fact-sums'
import { amountIn } from './money'

/** Days of the reporting time zone, both included. */
interface Days {
  from: string
  to: string
}

export interface Win extends Conversion {
  sourceId: string
  externalId: string
  /** It has an amount, in a currency that no rate of its day is known for. */
  unconverted: boolean
}

const needed = {
  lead: ['external_id', 'channel'],
  deal: ['external_id', 'lead_id', 'customer_id', 'closed_day', 'closed_at', 'state', 'amount_minor', 'currency', 'channel'],
  touch: ['external_id', 'lead_id', 'customer_id', 'day', 'at', 'channel'],
} as const

/** Where a page ends: day, source and id of its last deal. */
export type WinPlace = readonly [closedDay: string, sourceId: string, externalId: string]

/**
 * The deals won in these days, a page at a time by day, source and id. A contact belongs to a deal of its own source that has
 * its lead or its customer.
 *
 * @param currency the organisation's
 * @param after the last deal of the page before
 */
export async function pageOfWins(db: Database, { from, to }: Days, currency: string, after: WinPlace, limit: number): Promise<Win[]> {
  const parameters: unknown[] = [from, to, ...after, limit]
  const { results } = await db.$client
    .prepare(
      `with ${factsAfter(needed, null, parameters)},
       page as materialized (
         select * from deal_facts
         where state = 'won' and closed_day between ?1 and ?2 and (closed_day, source_id, external_id) > (?3, ?4, ?5)
         order by closed_day, source_id, external_id limit ?6),
       firsts as materialized (
         select source_id, external_id, row_number() over (partition by source_id, customer_id order by closed_day, external_id) as nth
         from deal_facts where state = 'won' and customer_id is not null)
       select win.source_id as sourceId, win.external_id as externalId, win.closed_day as closedDay, win.closed_at as closedAt,
         coalesce(firsts.nth, 1) as nth, win.amount_minor as given, ${amountIn('win', 'closed_day', currency)} as amount,
         win.channel as dealChannel, lead.channel as leadChannel,
         (select json_group_array(json_array(touch.external_id, touch.day, touch.at, touch.channel)) from touch_facts as touch
          where (touch.source_id = win.source_id and touch.lead_id = win.lead_id)
            or (touch.source_id = win.source_id and touch.customer_id = win.customer_id)) as touches
       from page as win
       left join firsts on firsts.source_id = win.source_id and firsts.external_id = win.external_id
       left join lead_facts as lead on lead.source_id = win.source_id and lead.external_id = win.lead_id
       order by 3, 1, 2`,
    )
    .bind(...parameters)
    .all<WinRow>()
  return results.map(({ sourceId, externalId, closedDay, closedAt, nth, given, amount, dealChannel, leadChannel, touches }) => ({
    sourceId,
    externalId,
    day: closedDay,
    at: closedAt,
    isNew: nth === 1,
    revenueMinor: amount,
    unconverted: given !== null && amount === null,
    leadChannel,
    dealChannel,
    touches: (JSON.parse(touches) as TouchCells[]).map(([id, day, at, channel]) => ({ externalId: id, day, at, channel })),
  }))
}

interface WinRow {
  sourceId: string
  externalId: string
  closedDay: string
  closedAt: number | null
  nth: number
  given: number | null
  amount: number | null
  dealChannel: string
  leadChannel: string | null
  touches: string
}

type TouchCells = [externalId: string, day: string, at: number | null, channel: string]

export interface ChannelSpend {
  /** `YYYY-MM` */
  month: string
  channel: string
  /** Minor units of the organisation's currency; null where none of it could be converted. */
  amountMinor: number | null
  /** Rows whose currency has no rate of their day. */
  unconverted: number
}

/** What was spent in these days, by month and channel. */
export async function spendByChannel(db: Database, { from, to }: Days, currency: string): Promise<ChannelSpend[]> {
  const parameters: unknown[] = [from, to]
  const { results } = await db.$client
    .prepare(
      `with ${factsAfter({ spend: ['day', 'channel', 'amount_minor', 'currency'] }, null, parameters)},
       costs as (
         select substr(day, 1, 7) as cost_month, channel as cost_channel, ${amountIn('spend_facts', 'day', currency)} as amount
         from spend_facts where day between ?1 and ?2)
       select cost_month as month, cost_channel as channel, sum(amount) as amountMinor, count(*) - count(amount) as unconverted
       from costs group by 1, 2 order by 1, 2`,
    )
    .bind(...parameters)
    .all<ChannelSpend>()
  return results
}

/** What sources know of wins altogether. */
export interface WinKnowledge {
  /** Of any won deal; null where there is none. */
  newestWin: string | null
  /** Sources with won deals, oldest first. */
  sources: { name: string; lastSuccessAt: number | null; hasTouches: boolean }[]
  /** Of leads, deals and contacts, in the order of their names; at most 200. */
  channels: string[]
}

export async function winKnowledge(db: Database): Promise<WinKnowledge> {
  const [newest, sources, channels] = await db.$client.batch<Record<string, string | number | null>>([
    db.$client.prepare(`select max(closed_day) as day from deals where state = 'won' and deleted_at is null`),
    db.$client.prepare(
      `select name, last_success_at as lastSuccessAt,
         exists (select 1 from touches where source_id = sources.id and deleted_at is null) as hasTouches
       from sources where exists (select 1 from deals where source_id = sources.id and state = 'won' and deleted_at is null)
       order by created_at, id`,
    ),
    db.$client.prepare(
      `select channel from leads where deleted_at is null and channel <> '' union select channel from deals where deleted_at is null and channel <> ''
       union select channel from touches where deleted_at is null and channel <> '' order by 1 limit 200`,
    ),
  ])
  const day = newest?.results[0]?.day
  return {
    newestWin: typeof day === 'string' ? day : null,
    sources: (sources?.results ?? []).map(({ name, lastSuccessAt, hasTouches }) => ({
      name: String(name),
      lastSuccessAt: typeof lastSuccessAt === 'number' ? lastSuccessAt : null,
      hasTouches: hasTouches === 1,
    })),
    channels: (channels?.results ?? []).map(({ channel }) => String(channel)),
  }
}
