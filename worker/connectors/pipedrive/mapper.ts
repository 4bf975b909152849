/** From Pipedrive's records to facts. Pure: no request, no clock. */
import { dayOf } from '../../core/calendar'
import {
  type Activity as ActivityFact,
  type ActivityKind,
  type Deal as DealFact,
  type FactRows,
  hashed,
  type Lead as LeadFact,
  noRows,
  type StageEvent,
} from '../../core/facts'
import { minorOf } from '../../core/values'
import type { Notice, RowError, RowErrorCode } from '../connector'
import type { CrmSettings } from '../crm'
import type { Activity, Deal, Lead } from './api'

/** Names of what records have ids for: stages by id, and by field its options. */
export interface Names {
  stages: Readonly<Record<string, string>>
  options: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export interface MapperContext {
  settings: CrmSettings
  names: Names
  reportingZone: string
  now: Date
}

export interface Mapped {
  rows: FactRows
  errors: RowError[]
  notices: Notice[]
}

/** Every archived lead has this stage, besides those of its labels. */
export const archived = 'archived'

/** Deals, and what they say of leads. @example mapDeals([deal], context).rows.deal[0]?.amountMinor // 105400 */
export function mapDeals(deals: readonly Deal[], context: MapperContext): Mapped {
  const mapped = new Mapping(context)
  for (const deal of deals) mapped.deal(deal)
  return mapped.result()
}

export function mapLeads(leads: readonly Lead[], context: MapperContext): Mapped {
  const mapped = new Mapping(context)
  for (const lead of leads) mapped.lead(lead)
  return mapped.result()
}

export function mapActivities(activities: readonly Activity[], context: MapperContext): Mapped {
  const mapped = new Mapping(context)
  for (const activity of activities) mapped.activity(activity)
  return mapped.result()
}

class Mapping {
  readonly #context: MapperContext
  readonly #rows = noRows()
  readonly #errors: RowError[] = []
  readonly #unknownStages = new Map<string, number>()

  constructor(context: MapperContext) {
    this.#context = context
  }

  result(): Mapped {
    const stages = [...this.#unknownStages].map(([stage, rows]) => ({ stage, rows }))
    return { rows: this.#rows, errors: this.#errors, notices: stages.length > 0 ? [{ code: 'unknown-stages', stages }] : [] }
  }

  deal(deal: Deal): undefined {
    const { settings, names } = this.#context
    const record = String(deal.id)
    const stageId = deal.stage_id == null ? '' : String(deal.stage_id)
    const meaning = settings.dealStages[stageId]
    if (meaning === 'ignored') return
    const stage = names.stages[stageId] ?? stageId
    // Its state is known without its stage, so that the deal counts; that nobody has said what the stage means is told.
    if (meaning === undefined && stageId !== '') this.#unknownStages.set(stage, (this.#unknownStages.get(stage) ?? 0) + 1)
    const state = deal.status === 'won' || deal.status === 'lost' ? deal.status : (meaning ?? 'open')
    const currency = deal.currency || settings.currency
    const fail = (column: string, code: RowErrorCode, value: unknown) => this.#fail(record, column, code, value)

    const created = this.#moment(deal.add_time)
    if (created === undefined) return fail('add_time', 'invalid-date', deal.add_time)
    const closing = state === 'won' ? (deal.won_time ?? deal.close_time) : (deal.lost_time ?? deal.close_time)
    const closed = state === 'open' ? null : this.#moment(closing ?? deal.stage_change_time)
    if (closed === undefined) return fail('close_time', 'invalid-date', closing)
    if (state !== 'open' && closed === null) return fail('close_time', 'missing-date', null)
    if ((closed ?? 0) > this.#context.now.getTime() + dayMilliseconds) return fail('close_time', 'future-date', closing)
    if (!/^[A-Z]{3}$/.test(currency)) return fail('currency', 'invalid-number', currency)
    const amountMinor = deal.value == null ? null : minorOf(deal.value, currency)
    if (deal.value != null && amountMinor === null) return fail('value', 'number-too-large', deal.value)
    if ((amountMinor ?? 0) < 0) return fail('value', 'negative-amount', deal.value)

    const updatedAt = this.#moment(deal.update_time) ?? null
    const deletedAt = deal.is_deleted || deal.status === 'deleted' ? (updatedAt ?? this.#context.now.getTime()) : null
    const isLead = settings.lead === 'deal'
    const leadId = isLead ? `deal ${deal.id}` : (deal.source_lead_id ?? null)
    this.#rows.deal.push(
      hashed<DealFact>({
        externalId: record,
        leadId,
        customerId: settings.customer === 'company' && deal.org_id != null ? String(deal.org_id) : null,
        createdDay: this.#day(created),
        createdAt: created,
        closedDay: this.#day(closed),
        closedAt: closed,
        state,
        stage,
        amountMinor,
        currency,
        channel: this.#option(deal, settings.fields.dealChannel ?? 'channel'),
        updatedAt,
        deletedAt,
      }),
    )
    if (isLead && leadId !== null && created !== null) {
      this.#rows.lead.push(
        hashed<LeadFact>({
          externalId: leadId,
          createdDay: this.#day(created) ?? '',
          createdAt: created,
          channel: this.#option(deal, settings.fields.leadChannel ?? 'channel'),
          leadType: settings.fields.leadType ? this.#option(deal, settings.fields.leadType) : '',
          stage,
          updatedAt,
          deletedAt,
        }),
      )
    }
    if (leadId !== null && state === 'lost' && closed !== null)
      this.#event(leadId, 'lost', 'opportunity', closed, deal.lost_reason ?? '', { updatedAt, deletedAt })
  }

  lead(lead: Lead): undefined {
    const { settings, names, now } = this.#context
    const created = this.#moment(lead.add_time)
    if (created === undefined) return this.#fail(lead.id, 'add_time', 'invalid-date', lead.add_time)
    if (created === null) return this.#fail(lead.id, 'add_time', 'missing-date', null)
    const updatedAt = this.#moment(lead.update_time) ?? null
    const labels = lead.label_ids ?? []
    const marks = [...labels, ...(lead.is_archived ? [archived] : [])]
    this.#rows.lead.push(
      hashed<LeadFact>({
        externalId: lead.id,
        createdDay: this.#day(created) ?? '',
        createdAt: created,
        channel: this.#option(lead, settings.fields.leadChannel ?? 'source_name'),
        leadType: settings.fields.leadType ? this.#option(lead, settings.fields.leadType) : '',
        stage: labels.map((id) => names.options.label?.[id] ?? id).join(', ') || (lead.is_archived ? archived : null),
        updatedAt,
      }),
    )
    for (const mark of marks) {
      const meaning = settings.leadStages[mark]
      const name = names.options.label?.[mark] ?? mark
      if (meaning === undefined) this.#unknownStages.set(name, (this.#unknownStages.get(name) ?? 0) + 1)
      if (meaning === undefined || meaning === 'ignored') continue
      // Pipedrive does not say since when a lead has a label. The first sight of it counts, so a later one is the older.
      const seen = { at: updatedAt ?? now.getTime(), updatedAt: -(updatedAt ?? now.getTime()) }
      const reason = meaning === 'returned' || meaning === 'lost' ? this.#reason(lead, name) : ''
      const what = meaning === 'returned' || meaning === 'lost' ? meaning : 'entered'
      this.#event(lead.id, what, what === 'entered' ? (meaning as StageEvent['stage']) : null, seen.at, reason, {
        updatedAt: seen.updatedAt,
        deletedAt: null,
      })
    }
  }

  activity(activity: Activity): undefined {
    const kind = attempts[activity.type ?? ''] ?? (internal.has(activity.type ?? '') ? undefined : 'other')
    if (!kind || (activity.deal_id == null && !activity.lead_id)) return
    const at = this.#moment(activity.marked_as_done_time ?? activity.update_time)
    const record = String(activity.id)
    if (at === undefined || at === null) return this.#fail(record, 'marked_as_done_time', 'missing-date', activity.marked_as_done_time)
    const updatedAt = this.#moment(activity.update_time) ?? null
    this.#rows.activity.push(
      hashed<ActivityFact>({
        externalId: record,
        leadId: activity.lead_id ?? (this.#context.settings.lead === 'deal' ? `deal ${activity.deal_id}` : null),
        dealId: activity.deal_id == null ? null : String(activity.deal_id),
        kind,
        day: this.#day(at) ?? '',
        at,
        connected: kind === 'meeting' ? true : null,
        updatedAt,
        deletedAt: activity.is_deleted || activity.done === false ? (updatedAt ?? at) : null,
      }),
    )
  }

  #event(
    leadId: string,
    what: StageEvent['what'],
    stage: StageEvent['stage'],
    at: number,
    reason: string,
    provenance: Pick<StageEvent, 'updatedAt' | 'deletedAt'>,
  ) {
    this.#rows.stage.push(
      hashed<StageEvent>({
        externalId: `${leadId}|${what}|${stage ?? ''}`,
        leadId,
        what,
        stage,
        day: this.#day(at) ?? '',
        at,
        reason: reason.slice(0, longestText),
        ...provenance,
      }),
    )
  }

  #reason(lead: Lead, label: string): string {
    const { returnReason } = this.#context.settings.fields
    return returnReason ? this.#option(lead, returnReason) : label === archived ? '' : label
  }

  /** A field's value in words: of a choice its label, of anything that is no word or number nothing. */
  #option(record: Lead | Deal, field: string): string {
    const custom = (record as { custom_fields?: Record<string, unknown> | null }).custom_fields
    const value = (record as Record<string, unknown>)[field] ?? custom?.[field]
    const inner = typeof value === 'object' && value !== null && 'id' in value ? value.id : value
    if (typeof inner !== 'string' && typeof inner !== 'number') return ''
    const text = this.#context.names.options[field]?.[String(inner)] ?? String(inner)
    return text.includes('@') ? '' : text.slice(0, longestText) // an address would be a person's
  }

  /** Milliseconds; null where there is none, undefined where it is none. Both versions write UTC. */
  #moment(text: string | null | undefined): number | null | undefined {
    if (text == null || text === '') return null
    const iso = text.replace(' ', 'T')
    const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`)
    return Number.isNaN(at) || at < earliest ? undefined : at
  }

  #day(at: number | null): string | null {
    return at === null ? null : dayOf(new Date(at), this.#context.reportingZone)
  }

  #fail(record: string, column: string, code: RowErrorCode, value: unknown): undefined {
    const text = value == null ? null : String(value).slice(0, longestText)
    this.#errors.push({ line: 0, record, column, value: text, code, effect: 'row-not-imported' })
  }
}

/** Pipedrive's own kinds of activity that try to reach somebody; kinds that a company made itself count as `other`. */
const attempts: Readonly<Record<string, ActivityKind>> = { call: 'call', email: 'email', meeting: 'meeting', lunch: 'meeting' }
const internal = new Set(['task', 'deadline', ''])
const longestText = 200
const dayMilliseconds = 86_400_000
const earliest = Date.UTC(1990, 0, 1)
