/** Sums of facts that KPIs are made of: over what is stored, or over what will be once a change is published. */

import { attributionDays } from '../core/attribution'
import type { Evidence, FactSums } from '../core/fact-sums'
import type { FactKind } from '../core/facts'
import type { Slice } from '../core/metrics'
import type { Grain } from '../core/periods'
import type { Database } from './client'
import { type Change, factsAfter, type Needed } from './fact-sums'
import { collectEvidence, collectSums, type EvidenceRow, type SumRow } from './kpi-rows'
import { amountIn } from './money'

/** Which of the sums are made. */
export const sumParts = ['sales', 'marketing', 'spend', 'stages', 'handOffs', 'heads', 'values'] as const
export type SumPart = (typeof sumParts)[number]

export interface SumsQuery {
  /** The organisation's; amounts in others are converted, or left out and counted. */
  currency: string
  grain: Grain
  /** Null for the whole. */
  slice: Slice | null
  parts: readonly SumPart[]
  /** Kinds of which there is any fact: what needs others is not asked for. */
  kinds: readonly FactKind[]
  /** Days, both included; null for everything. */
  window: { from: string; to: string } | null
  lagMonths: number
  handOff: 'mql' | 'sal'
  /** As many attempts are enough. */
  attempts: number
  /** Channels that sales works by itself. */
  salesChannels: readonly string[]
}

export interface Sums {
  /** By group of the slice; of the whole under the empty text. */
  groups: ReadonlyMap<string, FactSums>
  /** What there is outside the window; undefined where there is none. */
  evidence: Evidence | undefined
  /** Of any lead, closed deal, entry into a stage, activity or spend; empty where there is none. */
  newestDay: string
  /** Left out of sums of money because no rate of their day is known. */
  unconverted: Unconverted[]
}

export interface Unconverted {
  currency: string
  deals: number
  spend: number
}

/**
 * Sums of facts by period, and by group where they are sliced: one batch of a statement for each part.
 *
 * @example await sumFacts(db, { currency: 'EUR', grain: 'month', slice: null, parts: sumParts, kinds: ['lead'], window: null, lagMonths: 0, handOff: 'mql', attempts: 5 })
 */
export async function sumFacts(db: Database, query: SumsQuery, change: Change = null): Promise<Sums> {
  const asked = statements.filter(({ part, needs }) => query.parts.includes(part) && needs.some((kind) => query.kinds.includes(kind)))
  const prepared = asked.map(({ needed, text }) => prepare(db, needed(query), change, (bind) => text(query, bind)))
  const evidence = query.window ? asked.flatMap(({ evidence: about }) => (about ? [about] : [])) : []
  const found = evidence.map(({ needed, text }) => prepare(db, needed, change, () => text(query)))
  if (prepared.length === 0) return { groups: new Map(), evidence: undefined, newestDay: '', unconverted: [] }
  const answers = await db.$client.batch<SumRow | EvidenceRow>([...prepared, ...found])
  const sums = collectSums(
    answers.slice(0, prepared.length).flatMap(({ results }) => results as SumRow[]),
    query.grain,
  )
  if (!query.window) return { ...sums, evidence: undefined }
  const known = collectEvidence(answers.slice(prepared.length).flatMap(({ results }) => results as EvidenceRow[]))
  return { ...sums, evidence: known.evidence, newestDay: known.newestDay }
}

/** What the sums of everything stored leave out, without making them. */
export async function countUnconverted(db: Database, currency: string): Promise<Unconverted[]> {
  const { results } = await db.$client
    .prepare(
      `select currency, sum(is_deal) as deals, sum(not is_deal) as spend from (
         select currency, 1 as is_deal from deals where deleted_at is null and state in ('won', 'lost') and closed_day is not null
           and amount_minor is not null and ${amountIn('deals', 'closed_day', currency)} is null
         union all
         select currency, 0 from spend where deleted_at is null and ${amountIn('spend', 'day', currency)} is null)
       group by currency order by currency`,
    )
    .all<Unconverted>()
  return results
}

type Bind = (value: unknown) => string

/** A statement over these facts: further tables after a comma, and what is selected. D1 refuses a parameter that no statement uses, so that each binds its own. */
function prepare(db: Database, needed: Needed, change: Change, text: (bind: Bind) => string): D1PreparedStatement {
  const parameters: unknown[] = []
  const facts = factsAfter(needed, change, parameters)
  const body = text((value) => `?${parameters.push(value)}`)
  return db.$client.prepare(`with ${facts}${body}`).bind(...parameters)
}

interface Statement {
  part: SumPart
  /** Of which at least one has to be there. */
  needs: readonly FactKind[]
  needed(query: SumsQuery): Needed
  text(query: SumsQuery, bind: Bind): string
  evidence?: { needed: Needed; text(query: SumsQuery): string }
}

/** A compound select may have five terms only. */
const statements: readonly Statement[] = [
  {
    part: 'sales',
    needs: ['lead', 'deal'],
    needed: () => ({
      lead: ['external_id', 'created_day', 'channel', 'lead_type'],
      deal: ['external_id', 'lead_id', 'customer_id', 'created_day', 'closed_day', 'state', 'amount_minor', 'currency', 'channel'],
    }),
    text: ({ grain, slice, currency, window }, bind) => {
      const inside = insideOf(window, bind)
      return `,
        closed as materialized (
          select deal.state, deal.currency, deal.closed_day, deal.amount_minor, ${amountIn('deal', 'closed_day', currency)} as amount,
            deal.source_id, deal.lead_id, lead.created_day as lead_day, ${dealGroup(slice)} as slice, ${leadGroup(slice, 'lead')} as lead_slice,
            julianday(deal.closed_day) - julianday(coalesce(deal.created_day, lead.created_day)) as days,
            julianday(deal.closed_day) - julianday(lead.created_day) as lead_days,
            row_number() over (partition by deal.source_id, deal.state, coalesce(deal.customer_id, 'deal ' || deal.external_id)
              order by deal.closed_day, deal.external_id) as nth
          from deal_facts as deal
          left join lead_facts as lead on lead.source_id = deal.source_id and lead.external_id = deal.lead_id
          where deal.state in ('won', 'lost')),
        first_wins as (
          select lead_day, lead_slice, min(lead_days) as days from closed
          where state = 'won' and lead_day is not null group by source_id, lead_id)
        select 'lead' as what, ${leadGroup(slice, 'lead_facts')} as slice, ${periodOf(grain, 'created_day')} as period, null as k, count(*) as a, null as b,
            null as c, null as d, null as e, null as f, null as g, null as h, null as i, max(created_day) as newest
          from lead_facts where ${inside('created_day')} group by 2, 3
        union all
        select 'closed', slice, ${periodOf(grain, 'closed_day')}, currency, count(*) filter (where state = 'won'), count(*) filter (where state = 'lost'),
            count(amount) filter (where state = 'won'), sum(amount) filter (where state = 'won'), sum(amount) filter (where state = 'lost'),
            count(*) filter (where state = 'won' and nth = 1), count(amount_minor) - count(amount), null, null, max(closed_day)
          from closed where ${inside('closed_day')} group by 2, 3, 4
        union all
        select 'cycle', slice, ${periodOf(grain, 'closed_day')}, days, count(*), null, null, null, null, null, null, null, null, null
          from closed where state = 'won' and days >= 0 and ${inside('closed_day')} group by 2, 3, 4
        union all
        select 'leadCycle', slice, ${periodOf(grain, 'closed_day')}, lead_days, count(*), null, null, null, null, null, null, null, null, null
          from closed where state = 'won' and lead_days >= 0 and ${inside('closed_day')} group by 2, 3, 4
        union all
        select 'cohort', lead_slice, ${periodOf(grain, 'lead_day')}, days, count(*), null, null, null, null, null, null, null, null, null
          from first_wins where ${inside('lead_day')} group by 2, 3, 4
        order by 1, 2, 3, 4`
    },
    evidence: {
      needed: {
        lead: ['external_id', 'created_day'],
        deal: ['lead_id', 'created_day', 'closed_day', 'state', 'amount_minor', 'currency'],
      },
      text: ({ currency }) => `,
        won as (select deal.*, lead.created_day as lead_day from deal_facts as deal
          left join lead_facts as lead on lead.source_id = deal.source_id and lead.external_id = deal.lead_id where state = 'won')
        select 'leads' as what, min(created_day) as first, max(created_day) as last, 1 as holds from lead_facts
        union all select 'closed', min(closed_day), max(closed_day), 1 from deal_facts where state in ('won', 'lost')
        union all select 'lost', null, null, exists (select 1 from deal_facts where state = 'lost')
        union all select 'amounts', null, null, exists (select 1 from deal_facts as deal where state = 'won' and ${amountIn('deal', 'closed_day', currency)} is not null)
        union all select kind.value, null, null, exists (select 1 from won where case kind.value
            when 'links' then lead_day is not null when 'cycles' then closed_day >= coalesce(created_day, lead_day) else closed_day >= lead_day end)
          from json_each('["links","cycles","leadCycles"]') as kind`,
    },
  },
  {
    part: 'marketing',
    needs: ['deal'],
    needed: () => ({
      lead: ['external_id', 'channel'],
      deal: ['external_id', 'lead_id', 'customer_id', 'closed_day', 'closed_at', 'state', 'amount_minor', 'currency', 'channel'],
      touch: ['external_id', 'lead_id', 'customer_id', 'day', 'at', 'channel'],
    }),
    text: ({ grain, currency, window, salesChannels }, bind) => {
      const inside = insideOf(window, bind)
      const own = `(select value from json_each(${bind(JSON.stringify(salesChannels.map((channel) => channel.toLowerCase())))}))`
      const isMarketing = (channel: string) => `(${channel} <> '' and lower(${channel}) not in ${own})`
      // As core/attribution.ts says it of one win; joined rather than looked up, as what is about to be stored has no index.
      return `,
        wins as materialized (
          select deal.source_id, deal.external_id, deal.lead_id, deal.customer_id, deal.closed_day, deal.closed_at, deal.channel,
            ${amountIn('deal', 'closed_day', currency)} as amount, nullif(lead.channel, '') as lead_channel
          from deal_facts as deal
          left join lead_facts as lead on lead.source_id = deal.source_id and lead.external_id = deal.lead_id
          where deal.state = 'won' and ${inside('deal.closed_day')}),
        met as (
          ${(['lead_id', 'customer_id'] as const)
            .map(
              (id) => `
          select win.source_id, win.external_id, win.closed_day, win.closed_at, touch.day, touch.at, touch.channel, touch.external_id as touch_id
          from wins as win join touch_facts as touch on touch.source_id = win.source_id and touch.${id} = win.${id}
          where touch.channel <> '' and touch.day <= win.closed_day and coalesce(touch.at <= win.closed_at, 1)`,
            )
            .join(' union all ')}),
        firsts as materialized (
          select source_id, external_id, channel, min(day || printf('%015d', coalesce(at, 0)) || touch_id) as place from met group by 1, 2),
        parts as materialized (
          select source_id, external_id from met
          where ${isMarketing('channel')} and coalesce(at >= closed_at - ${attributionDays * 86_400_000}, day >= date(closed_day, '-${attributionDays} days'))
          group by 1, 2),
        origins as (
          select wins.closed_day, wins.amount, coalesce(wins.lead_channel, firsts.channel, wins.channel) as origin, parts.external_id is not null as is_part
          from wins
          left join firsts on firsts.source_id = wins.source_id and firsts.external_id = wins.external_id
          left join parts on parts.source_id = wins.source_id and parts.external_id = wins.external_id)
        select 'marketing' as what, '' as slice, ${periodOf(grain, 'closed_day')} as period, null as k, coalesce(sum(amount), 0) as a,
          coalesce(sum(amount) filter (where ${isMarketing('origin')}), 0) as b, coalesce(sum(amount) filter (where is_part), 0) as c,
          count(*) filter (where origin <> '') as d
        from origins group by 3 order by 3`
    },
    evidence: {
      needed: { lead: ['external_id', 'channel'], deal: ['lead_id', 'state', 'channel'], touch: ['channel'] },
      text: () => `
        select 'origins' as what, null as first, null as last,
          exists (select 1 from deal_facts as deal left join lead_facts as lead on lead.source_id = deal.source_id and lead.external_id = deal.lead_id
            where deal.state = 'won' and (deal.channel <> '' or lead.channel <> ''))
          or (exists (select 1 from deal_facts where state = 'won') and exists (select 1 from touch_facts where channel <> '')) as holds`,
    },
  },
  {
    part: 'spend',
    needs: ['spend'],
    needed: () => ({ spend: ['day', 'channel', 'side', 'amount_minor', 'currency'] }),
    text: ({ grain, slice, currency, window, lagMonths }, bind) => {
      const inside = insideOf(window, bind)
      const later = `date(substr(day, 1, 7) || '-01', '+${Math.trunc(lagMonths)} months')`
      return `,
        costs as materialized (
          select day, ${later} as later, side, currency, ${slice === 'channel' ? 'channel' : slice === 'source' ? 'source_id' : "''"} as slice,
            ${amountIn('spend_facts', 'day', currency)} as amount
          from spend_facts)
        select 'spend' as what, slice, ${periodOf(grain, 'day')} as period, currency as k, sum(amount) as a, sum(amount) filter (where side = 'sales') as b,
            sum(amount) filter (where side = 'marketing') as c, count(*) - count(amount) as d, null as e, null as f, null as g, null as h, null as i, max(day) as newest
          from costs where ${inside('day')} group by 2, 3, 4
        union all
        select 'lagged', slice, ${periodOf(grain, 'later')}, null, sum(amount), null, null, null, null, null, null, null, null, null
          from costs where ${inside('later')} group by 2, 3`
    },
    evidence: {
      needed: { spend: ['day'] },
      text: () => `
        select 'spend' as what, min(day) as first, max(day) as last, 1 as holds from spend_facts`,
    },
  },
  {
    part: 'stages',
    needs: ['stage'],
    needed: () => ({
      lead: ['external_id', 'channel', 'lead_type'],
      stage: ['lead_id', 'what', 'stage', 'day'],
      deal: ['lead_id', 'created_day', 'closed_day'],
    }),
    text: ({ grain, slice, window }, bind) => {
      const inside = insideOf(window, bind)
      const step = (what: string, day: string, next: string) => `
        select '${what}' as what, slice, ${periodOf(grain, day)} as period, null as k, count(*) as a, count(*) filter (where ${next} >= ${day}) as b,
          null as c, null as d, null as e, null as f, null as g, null as h, null as i, max(${day}) as newest
        from paths where ${inside(day)} group by 2, 3`
      return `,
        ${entries},
        paths as materialized (
          select ${leadGroup(slice, 'lead')} as slice,
            min(day) filter (where stage = 'mql') as mql, min(day) filter (where stage = 'sal') as sal, min(day) filter (where stage = 'sql') as sql,
            max(day) filter (where stage in ('sal', 'sql', 'opportunity', 'customer')) as to_sal,
            max(day) filter (where stage in ('sql', 'opportunity', 'customer')) as to_sql,
            max(day) filter (where stage in ('opportunity', 'customer')) as to_opportunity
          from entries join lead_facts as lead on lead.source_id = entries.source_id and lead.external_id = entries.lead_id
          group by entries.source_id, entries.lead_id)
        ${step('mql', 'mql', 'to_sal')} union all ${step('sal', 'sal', 'to_sql')} union all ${step('sql', 'sql', 'to_opportunity')}`
    },
    evidence: {
      needed: {
        lead: ['external_id'],
        stage: ['lead_id', 'what', 'stage', 'day'],
        deal: ['lead_id', 'created_day', 'closed_day'],
      },
      text: () => `,
        ${entries}
        select case stage when 'customer' then 'opportunity' else stage end as what, min(day) as first, max(day) as last, 1 as holds
        from entries join lead_facts as lead on lead.source_id = entries.source_id and lead.external_id = entries.lead_id group by 1`,
    },
  },
  {
    part: 'handOffs',
    needs: ['stage'],
    needed: () => ({
      lead: ['external_id', 'channel', 'lead_type'],
      stage: ['lead_id', 'what', 'stage', 'day', 'at'],
      activity: ['lead_id', 'deal_id', 'day', 'at', 'connected'],
      deal: ['external_id', 'lead_id'],
    }),
    text: ({ grain, slice, window, handOff, attempts }, bind) => {
      const inside = insideOf(window, bind)
      const within = (minutes: number) => `count(*) filter (where wait <= ${minutes * 60_000})`
      return `,
        ${handedOver(handOff, leadGroup(slice, 'lead'))},
        returned as (
          select distinct handed.source_id, handed.lead_id from handed join stage_facts as back
            on back.source_id = handed.source_id and back.lead_id = handed.lead_id and back.what = 'returned' and ${isSince('back')}),
        tried as materialized (
          select activity.source_id, coalesce(activity.lead_id, deal.lead_id) as lead_id, activity.day, activity.at, activity.connected
          from activity_facts as activity
          left join deal_facts as deal on activity.lead_id is null and deal.source_id = activity.source_id and deal.external_id = activity.deal_id),
        tries as (
          select handed.source_id, handed.lead_id, tried.connected, tried.at - handed.at as wait,
            row_number() over (partition by handed.source_id, handed.lead_id order by tried.day, tried.at) as nth
          from tried join handed on tried.source_id = handed.source_id and tried.lead_id = handed.lead_id and ${isSince('tried')}),
        answered as (
          select source_id, lead_id, count(*) as tries, min(nth) filter (where connected = 1) as reached, max(wait) filter (where nth = 1) as wait
          from tries group by 1, 2),
        outcomes as materialized (
          select handed.day, handed.slice, returned.lead_id is not null as is_returned, coalesce(tries, 0) as tries, reached, wait
          from handed left join answered using (source_id, lead_id) left join returned using (source_id, lead_id)
          where ${inside('handed.day')})
        select 'handed' as what, slice, ${periodOf(grain, 'day')} as period, null as k, count(*) as a, sum(is_returned) as b, count(*) filter (where tries > 0) as c,
            count(*) filter (where tries > 0 and wait is null) as d, ${within(5)} as e, ${within(60)} as f, ${within(240)} as g, ${within(1_440)} as h,
            count(*) filter (where reached is not null or tries >= ${Math.trunc(attempts)}) as i, max(day) as newest
          from outcomes group by 2, 3
        union all
        select 'answer', slice, ${periodOf(grain, 'day')}, wait / 60000, count(*), null, null, null, null, null, null, null, null, null
          from outcomes where wait is not null group by 2, 3, 4
        union all
        select 'attempt', slice, ${periodOf(grain, 'day')}, coalesce(reached, tries), count(*), null, null, null, null, null, null, null, null, null
          from outcomes group by 2, 3, 4
        union all
        select 'activity', '', '', null, 0, null, null, null, null, null, null, null, null, max(day) from activity_facts
        order by 1, 2, 3, 4`
    },
    evidence: {
      needed: { lead: ['external_id'], stage: ['lead_id', 'what', 'stage', 'day', 'at'], activity: ['day'] },
      text: ({ handOff }) => `,
        ${handedOver(handOff, "''")}
        select 'handed' as what, min(day) as first, max(day) as last, 1 as holds from handed
        union all select 'activity', min(day), max(day), 1 from activity_facts
        union all select 'returned', null, null, exists (select 1 from handed join stage_facts as back
          on back.source_id = handed.source_id and back.lead_id = handed.lead_id and back.what = 'returned' and ${isSince('back')})`,
    },
  },
  {
    part: 'heads',
    needs: ['headcount'],
    needed: () => ({ headcount: ['external_id', 'day', 'side', 'people'] }),
    text: () => `
      select 'head' as what, source_id as slice, day as period, side as k, people as a from headcount_facts order by day, external_id`,
  },
  {
    part: 'values',
    needs: ['value'],
    needed: () => ({ value: ['external_id', 'metric', 'period', 'value', 'numerator', 'denominator', 'updated_at'] }),
    text: ({ grain }) => `
      select 'value' as what, metric as slice, period, null as k, value as a, numerator as b, denominator as c from value_facts
      where (metric glob 'own-*' or metric = 'customer_feedback') and period glob '${periodShapes[grain]}' order by coalesce(updated_at, 0), external_id`,
  },
]

// ── SQL ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const digit = '[0-9]'
const year = digit.repeat(4)
const periodShapes: Readonly<Record<Grain, string>> = {
  day: `${year}-${digit}${digit}-${digit}${digit}`,
  week: `${year}-W${digit}${digit}`,
  month: `${year}-${digit}${digit}`,
  quarter: `${year}-Q${digit}`,
}

/** The period of a column of days. */
function periodOf(grain: Grain, day: string): string {
  switch (grain) {
    case 'day':
      return day
    case 'week':
      return `strftime('%G-W%V', ${day})`
    case 'month':
      return `substr(${day}, 1, 7)`
    case 'quarter':
      return `substr(${day}, 1, 4) || '-Q' || ((substr(${day}, 6, 2) + 2) / 3)`
  }
}

/** A condition that holds for days of the window; false for a day that is not there. */
function insideOf(window: SumsQuery['window'], bind: Bind): (day: string) => string {
  if (!window) return (day) => `${day} is not null`
  const [from, to] = [bind(window.from), bind(window.to)]
  return (day) => `${day} between ${from} and ${to}`
}

function leadGroup(slice: Slice | null, lead: string): string {
  if (slice === null) return "''"
  return slice === 'source' ? `${lead}.source_id` : `${lead}.${slice === 'channel' ? 'channel' : 'lead_type'}`
}

/** A deal is of its own channel, or else of its lead's; blank is a group. */
function dealGroup(slice: Slice | null): string {
  if (slice === null) return "''"
  if (slice === 'source') return 'deal.source_id'
  return slice === 'channel' ? "coalesce(nullif(deal.channel, ''), lead.channel, '')" : "coalesce(lead.lead_type, '')"
}

/** Entries into stages. A deal makes its lead an opportunity, whether or not the source says so of the lead. */
const entries = `
  entries as materialized (
    select source_id, lead_id, stage, day from stage_facts where what = 'entered' and stage in ('mql', 'sal', 'sql', 'opportunity', 'customer')
    union all
    select source_id, lead_id, 'opportunity', coalesce(created_day, closed_day) from deal_facts
      where lead_id is not null and coalesce(created_day, closed_day) is not null)`

/** Leads that were handed over, at their first entry into the stage that is the hand-off. */
const handedOver = (handOff: 'mql' | 'sal', group: string) => `
  handed as materialized (
    select source_id, lead_id, day, at, slice from (
      select stage.source_id, stage.lead_id, stage.day, stage.at, ${group} as slice,
        row_number() over (partition by stage.source_id, stage.lead_id order by stage.day, stage.at nulls last) as nth
      from stage_facts as stage
      join lead_facts as lead on lead.source_id = stage.source_id and lead.external_id = stage.lead_id
      where stage.what = 'entered' and stage.stage = '${handOff}')
    where nth = 1)`

/** By the clock where both say it, else by the day. */
const isSince = (other: string) =>
  `(case when ${other}.at is null or handed.at is null then ${other}.day >= handed.day else ${other}.at >= handed.at end)`
