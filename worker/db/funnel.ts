/** Leads with what happened to them, and what can be chosen from, for the funnel. */
import { type Stage, stages } from '../core/facts'
import type { Window } from '../core/funnel'
import type { LeadHistory } from '../core/lead-path'
import type { Database } from './client'
import { factsAfter } from './fact-sums'
import { settings } from './schema'
import { settingsIn } from './settings'

export interface FunnelFilter {
  /** Id of a source. */
  source?: string | undefined
  leadType?: string | undefined
  channel?: string | undefined
}

export interface FunnelLead extends LeadHistory {
  sourceId: string
  externalId: string
  channel: string
  leadType: string
}

const needed = {
  lead: ['external_id', 'created_day', 'created_at', 'channel', 'lead_type'],
  stage: ['lead_id', 'what', 'stage', 'day', 'at', 'reason'],
  deal: ['lead_id', 'created_day', 'created_at', 'closed_day', 'closed_at', 'state'],
} as const

/** Where a page ends: day, source and id of its last lead. */
export type LeadPlace = readonly [createdDay: string, sourceId: string, externalId: string]

/**
 * The leads created in a window, with their events and deals, a page at a time by day, source and id.
 *
 * @param after the last lead of the page before
 */
export async function pageOfLeads(
  db: Database,
  window: Window,
  filter: FunnelFilter,
  after: LeadPlace,
  limit: number,
): Promise<FunnelLead[]> {
  const parameters: unknown[] = [window.from, window.to, ...after, limit]
  const conditions = [
    ['source_id', filter.source],
    ['lead_type', filter.leadType],
    ['channel', filter.channel],
  ].flatMap(([column, value]) => (value === undefined ? [] : [`and ${column} = ?${parameters.push(value)}`]))
  const { results } = await db.$client
    .prepare(
      // The page is taken first: a sort of the whole would look up the events of every lead of the window for each page.
      `with ${factsAfter(needed, null, parameters)},
       page as materialized (
         select source_id, external_id, created_day, created_at, channel, lead_type from lead_facts
         where created_day between ?1 and ?2 and (created_day, source_id, external_id) > (?3, ?4, ?5) ${conditions.join(' ')}
         order by created_day, source_id, external_id limit ?6)
       select l.source_id as sourceId, l.external_id as externalId, l.created_day as createdDay, l.created_at as createdAt,
         l.channel as channel, l.lead_type as leadType,
         (select json_group_array(json_array(s.what, s.stage, s.day, s.at, s.reason)) from stage_facts as s
          where s.source_id = l.source_id and s.lead_id = l.external_id) as events,
         (select json_group_array(json_array(d.created_day, d.created_at, d.closed_day, d.closed_at, d.state)) from deal_facts as d
          where d.source_id = l.source_id and d.lead_id = l.external_id) as deals
       from page as l order by 3, 1, 2`,
    )
    .bind(...parameters)
    .all<LeadRow>()
  return results.map(({ sourceId, externalId, createdDay, createdAt, channel, leadType, events, deals }) => ({
    sourceId,
    externalId,
    channel,
    leadType,
    created: { day: createdDay, at: createdAt },
    events: (JSON.parse(events) as EventCells[]).map(([what, stage, day, at, reason]) => ({ what, stage, day, at, reason })),
    deals: (JSON.parse(deals) as DealCells[]).map(([day, at, closedDay, closedAt, state]) => {
      return { createdDay: day, createdAt: at, closedDay, closedAt, state }
    }),
  }))
}

type Event = LeadHistory['events'][number]
type Deal = LeadHistory['deals'][number]
type EventCells = [Event['what'], Event['stage'], Event['day'], Event['at'], Event['reason']]
type DealCells = [Deal['createdDay'], Deal['createdAt'], Deal['closedDay'], Deal['closedAt'], Deal['state']]

interface LeadRow {
  sourceId: string
  externalId: string
  createdDay: string
  createdAt: number | null
  channel: string
  leadType: string
  events: string
  deals: string
}

export interface FunnelChoices {
  channels: string[]
  leadTypes: string[]
}

/** Channels and lead types of the leads of a window, at most 200 of each. */
export async function funnelChoices(db: Database, { from, to }: Window): Promise<FunnelChoices> {
  const [channels, leadTypes] = await db.$client.batch<{ value: string }>(
    ['channel', 'lead_type'].map((column) =>
      db.$client
        .prepare(
          `select distinct ${column} as value from leads where deleted_at is null and created_day between ?1 and ?2 order by 1 limit 200`,
        )
        .bind(from, to),
    ),
  )
  return {
    channels: (channels?.results ?? []).map(({ value }) => value),
    leadTypes: (leadTypes?.results ?? []).map(({ value }) => value),
  }
}

/** What sources know of leads altogether. */
export interface FunnelKnowledge {
  /** Of the organisation. */
  timeZone: string
  /** Of any lead; null where there is none. */
  newestLead: string | null
  /** Stages that some source tells an entry into, in order. Leads and deals tell of their own. */
  stages: Stage[]
  /** Sources with leads, oldest first. */
  sources: { id: string; name: string; lastSuccessAt: number | null; hasHistory: boolean }[]
}

export async function funnelKnowledge(db: Database): Promise<FunnelKnowledge> {
  const entered = stages.map(
    (stage) => `exists (select 1 from stage_events where what = 'entered' and stage = '${stage}' and deleted_at is null) as "${stage}"`,
  )
  const [settingRows, told, sources] = await db.batch([
    db.select().from(settings),
    db.get<{ newestLead: string | null } & Record<Stage | 'hasLeads' | 'hasDeals', number>>(
      `select (select max(created_day) from leads where deleted_at is null) as newestLead,
         exists (select 1 from leads where deleted_at is null) as hasLeads,
         exists (select 1 from deals where lead_id is not null and deleted_at is null) as hasDeals, ${entered.join(', ')}`,
    ),
    db.all<{ id: string; name: string; lastSuccessAt: number | null; hasHistory: number }>(
      `select id, name, last_success_at as lastSuccessAt,
         exists (select 1 from stage_events where source_id = sources.id and deleted_at is null) as hasHistory
       from sources where exists (select 1 from leads where source_id = sources.id and deleted_at is null) order by created_at, id`,
    ),
  ])
  const isTold = (stage: Stage) =>
    told[stage] === 1 ||
    (stage === 'lead' && told.hasLeads === 1) ||
    ((stage === 'opportunity' || stage === 'customer') && told.hasDeals === 1)
  return {
    timeZone: settingsIn(settingRows).timeZone,
    newestLead: told.newestLead,
    stages: stages.filter(isTold),
    sources: sources.map(({ hasHistory, ...source }) => ({ ...source, hasHistory: hasHistory === 1 })),
  }
}
