/** From Pipedrive's records to facts. Pure: no request, no clock. */
import {
  type Activity as ActivityFact,
  type ActivityKind,
  type Deal as DealFact,
  hashed,
  type Lead as LeadFact,
  type StageEvent,
} from '../../core/facts'
import { isCurrency } from '../../core/values'
import type { Access } from '../connector'
import type { CrmSettings } from '../crm'
import { leadOf } from '../deals'
import { amountOf, Records, saidText, type When } from '../records'
import type { Activity, Deal, Lead } from './api'

/** Names of what records have ids for: stages by id, and by field its options. */
export interface Names {
  stages: Readonly<Record<string, string>>
  options: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export type MapperContext = Pick<Access<CrmSettings>, 'settings' | 'reportingZone' | 'now'> & { names: Names }

export type Mapped = Pick<Records, 'rows' | 'errors'> & { notices: ReturnType<Records['notices']> }

/** Every archived lead has this stage, besides those of its labels. */
export const archived = 'archived'

/** Deals, and what they say of leads. @example mapDeals([deal], context).rows.deal[0]?.amountMinor // 105400 */
export const mapDeals = (deals: readonly Deal[], context: MapperContext): Mapped => mapped(deals, context, addDeal)
export const mapLeads = (leads: readonly Lead[], context: MapperContext): Mapped => mapped(leads, context, addLead)
export const mapActivities = (activities: readonly Activity[], context: MapperContext): Mapped => mapped(activities, context, addActivity)

function mapped<T>(items: readonly T[], context: MapperContext, add: (item: T, records: Records, names: Names) => void): Mapped {
  // Both versions of the API write UTC, and the older one does not say so.
  const records = new Records({ ...context, settings: { ...context.settings, timeZone: 'UTC' } })
  for (const item of items) add(item, records, context.names)
  return { rows: records.rows, errors: records.errors, notices: records.notices() }
}

function addDeal(deal: Deal, records: Records, names: Names): void {
  const { settings, rows } = records
  const id = String(deal.id)
  const stageId = deal.stage_id == null ? '' : String(deal.stage_id)
  const meaning = settings.dealStages[stageId]
  if (meaning === 'ignored') return
  const stage = saidText(names.stages[stageId] ?? stageId)
  // Its state is known without its stage, so that the deal counts; that nobody has said what the stage means is told.
  if (meaning === undefined && stageId !== '') records.unknownStage(names.stages[stageId] ?? stageId)
  const state = deal.status === 'won' || deal.status === 'lost' ? deal.status : (meaning ?? 'open')
  const created = records.when(id, 'add_time', deal.add_time)
  const closed = state === 'open' ? null : closeOf(deal, state, records)
  const money = moneyOf(deal, records)
  if (created === undefined || closed === undefined || !money) return

  const updatedAt = updateOf(id, deal, records)
  const deletedAt = deal.is_deleted || deal.status === 'deleted' ? (updatedAt ?? records.nowAt) : null
  const isLead = settings.lead === 'deal'
  const leadId = isLead ? leadOf(id) : (deal.source_lead_id ?? null)
  rows.deal.push(
    hashed<DealFact>({
      externalId: id,
      leadId,
      customerId: settings.customer === 'company' && deal.org_id != null ? String(deal.org_id) : null,
      createdDay: created?.day ?? null,
      createdAt: created?.at ?? null,
      closedDay: closed?.day ?? null,
      closedAt: closed?.at ?? null,
      state,
      stage,
      ...money,
      channel: optionOf(deal, settings.fields.dealChannel ?? 'channel', names),
      updatedAt,
      deletedAt,
    }),
  )
  if (isLead && created) {
    rows.lead.push(
      hashed<LeadFact>({
        externalId: leadOf(id),
        createdDay: created.day,
        createdAt: created.at,
        channel: optionOf(deal, settings.fields.leadChannel ?? 'channel', names),
        leadType: settings.fields.leadType ? optionOf(deal, settings.fields.leadType, names) : '',
        stage,
        updatedAt,
        deletedAt,
      }),
    )
  }
  if (leadId !== null && state === 'lost' && closed)
    rows.stage.push(eventOf(leadId, 'lost', 'opportunity', closed, saidText(deal.lost_reason), { updatedAt, deletedAt }))
}

/** Undefined where the deal has to stay out. */
function closeOf(deal: Deal, state: 'won' | 'lost', records: Records): When | undefined {
  const id = String(deal.id)
  const text = (state === 'won' ? deal.won_time : deal.lost_time) ?? deal.close_time ?? deal.stage_change_time
  const closed = records.requiredWhen(id, 'close_time', text)
  if (closed && (closed.at ?? 0) > records.nowAt + dayMilliseconds) {
    records.fail(id, 'close_time', text ?? null, 'future-date')
    return undefined
  }
  return closed ?? undefined
}

/** Null where the deal has to stay out. */
function moneyOf(deal: Deal, records: Records): Pick<DealFact, 'amountMinor' | 'currency'> | null {
  const currency = deal.currency || records.settings.currency
  const amountMinor = isCurrency(currency) ? amountOf(deal.value, currency) : null
  const fail = (column: string, value: unknown, code: 'invalid-number' | 'number-too-large' | 'negative-amount') =>
    records.fail(String(deal.id), column, String(value), code)
  if (!isCurrency(currency)) fail('currency', currency, 'invalid-number')
  else if (amountMinor === undefined) fail('value', deal.value, 'number-too-large')
  else if ((amountMinor ?? 0) < 0) fail('value', deal.value, 'negative-amount')
  else return { amountMinor, currency }
  return null
}

function addLead(lead: Lead, records: Records, names: Names): void {
  const { settings, rows } = records
  const created = records.requiredWhen(lead.id, 'add_time', lead.add_time)
  if (!created) return
  const updatedAt = updateOf(lead.id, lead, records)
  const labels = lead.label_ids ?? []
  const nameOf = (mark: string) => names.options.label?.[mark] ?? mark
  rows.lead.push(
    hashed<LeadFact>({
      externalId: lead.id,
      createdDay: created.day,
      createdAt: created.at,
      channel: optionOf(lead, settings.fields.leadChannel ?? 'source_name', names),
      leadType: settings.fields.leadType ? optionOf(lead, settings.fields.leadType, names) : '',
      stage: saidText(labels.map(nameOf).join(', ')) || (lead.is_archived ? archived : null),
      updatedAt,
    }),
  )
  for (const mark of [...labels, ...(lead.is_archived ? [archived] : [])]) {
    const meaning = settings.leadStages[mark]
    if (meaning === undefined) records.unknownStage(nameOf(mark))
    if (meaning === undefined || meaning === 'ignored') continue
    const seen = records.when(lead.id, 'update_time', lead.update_time) ?? created
    // Pipedrive does not say since when a lead has a label. The first sight of it counts, so a later one is the older.
    const provenance = { updatedAt: -(seen.at ?? 0), deletedAt: null }
    if (meaning === 'returned' || meaning === 'lost')
      rows.stage.push(eventOf(lead.id, meaning, null, seen, reasonOf(lead, mark, nameOf(mark), settings, names), provenance))
    else rows.stage.push(eventOf(lead.id, 'entered', meaning, seen, '', provenance))
  }
}

function reasonOf(lead: Lead, mark: string, name: string, { fields }: CrmSettings, names: Names): string {
  if (fields.returnReason) return optionOf(lead, fields.returnReason, names)
  return mark === archived ? '' : saidText(name)
}

function addActivity(activity: Activity, records: Records): void {
  const kind = attempts[activity.type ?? ''] ?? (internal.has(activity.type ?? '') ? undefined : 'other')
  if (!kind || (activity.deal_id == null && !activity.lead_id)) return
  const id = String(activity.id)
  const done = records.requiredWhen(id, 'marked_as_done_time', activity.marked_as_done_time ?? activity.update_time)
  if (!done) return
  const updatedAt = updateOf(id, activity, records)
  records.rows.activity.push(
    hashed<ActivityFact>({
      externalId: id,
      leadId: activity.lead_id ?? (records.settings.lead === 'deal' ? leadOf(String(activity.deal_id)) : null),
      dealId: activity.deal_id == null ? null : String(activity.deal_id),
      kind,
      day: done.day,
      at: done.at,
      connected: kind === 'meeting' ? true : null,
      updatedAt,
      deletedAt: activity.is_deleted || activity.done === false ? (updatedAt ?? done.at) : null,
    }),
  )
}

const eventOf = (
  leadId: string,
  what: StageEvent['what'],
  stage: StageEvent['stage'],
  { day, at }: When,
  reason: string,
  provenance: Pick<StageEvent, 'updatedAt' | 'deletedAt'>,
): StageEvent => hashed<StageEvent>({ externalId: `${leadId}|${what}|${stage ?? ''}`, leadId, what, stage, day, at, reason, ...provenance })

const updateOf = (id: string, { update_time }: { update_time?: string | null | undefined }, records: Records): number | null =>
  records.when(id, 'update_time', update_time)?.at ?? null

/** A field's value in words: of a choice its label, of anything that is no word or number nothing. */
function optionOf(record: Lead | Deal, field: string, names: Names): string {
  const known: Readonly<Record<string, unknown>> = record
  const custom = known.custom_fields as Readonly<Record<string, unknown>> | null | undefined
  const value = known[field] ?? custom?.[field]
  const inner = typeof value === 'object' && value !== null && 'id' in value ? value.id : value
  if (typeof inner !== 'string' && typeof inner !== 'number') return ''
  return saidText(names.options[field]?.[String(inner)] ?? inner)
}

/** Pipedrive's own kinds of activity that try to reach somebody; kinds that a company made itself count as `other`. */
const attempts: Readonly<Record<string, ActivityKind>> = { call: 'call', email: 'email', meeting: 'meeting', lunch: 'meeting' }
const internal = new Set(['task', 'deadline', ''])
const dayMilliseconds = 86_400_000
