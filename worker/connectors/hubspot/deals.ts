/** From HubSpot's deals to deals, and what they mean for their leads. Pure. */
import { type Deal, type DealState, hashed, type Lead, type StageEvent } from '../../core/facts'
import type { DealMeaning } from '../connector'
import type { CrmSettings } from '../crm'
import { amountOf, codeText, fieldsOf, isCurrency, type Records, saidText, type When, whenOf } from '../records'
import type { History, HubspotRecord } from './api'
import { checkedId, type Histories, mergedIds, optional, required, stateOf } from './record'

interface Links {
  contacts: readonly string[]
  companies: readonly string[]
}

/**
 * Adds a deal, unless its stage is unknown: then it is kept out, and said.
 *
 * @param links external ids of contacts and companies that belong to it, the primary first
 */
export function mapDeal(record: HubspotRecord, history: Histories, links: Links, records: Records): void {
  if (!checkedId(record, records)) return
  const { settings } = records
  const { id, properties } = record
  const stage = properties.dealstage?.trim() ?? ''
  const meaning = settings.dealStages[stage]
  const { updatedAt, deletedAt } = stateOf(record, records)
  const moves = movesOf(history.dealstage ?? [], settings)
  for (const merged of mergedIds(record)) addGone(merged, { updatedAt, deletedAt: updatedAt ?? records.nowAt }, [], null, records)
  if (deletedAt !== null || meaning === 'ignored') {
    const created = optional(record, 'createdate', properties.createdate ?? record.createdAt, records) ?? null
    addGone(id, { updatedAt, deletedAt: deletedAt ?? updatedAt ?? records.nowAt }, moves, created, records)
  } else if (meaning) {
    addDeal(record, meaning, moves, links, records)
  } else {
    records.unknownStage(stage)
    records.fail(id, 'dealstage', stage, 'unknown-stage')
  }
}

function addDeal(record: HubspotRecord, state: DealState, moves: readonly Move[], links: Links, records: Records): void {
  const { settings, zones, rows } = records
  const { id, properties } = record
  const fields = fieldsOf(settings)
  const created = optional(record, 'createdate', properties.createdate ?? record.createdAt, records)
  const closed = state === 'open' ? null : closeOf(record, moves.findLast(({ meaning }) => meaning === state)?.at, records)
  const money = moneyOf(record, records)
  if (created === undefined || closed === undefined || !money) return
  if (closed && created && closed.day < created.day) records.notCounted(id, 'closedate', closed.day)
  const isLead = settings.lead === 'deal'
  const leadId = isLead ? leadOf(id) : (links.contacts[0] ?? null)
  const { updatedAt } = stateOf(record, records)
  const said = settings.reads.deals ? rows.deal : []
  said.push(
    hashed<Deal>({
      externalId: id,
      leadId,
      customerId: settings.customer === 'company' ? (links.companies[0] ?? null) : null,
      createdDay: created?.day ?? null,
      createdAt: created?.at ?? null,
      closedDay: closed?.day ?? null,
      closedAt: closed?.at ?? null,
      state,
      stage: codeText(properties.dealstage),
      ...money,
      channel: saidText(properties[fields.dealChannel ?? 'hs_analytics_source']),
      updatedAt,
    }),
  )
  if (isLead && settings.reads.leads && created)
    rows.lead.push(
      hashed<Lead>({
        externalId: leadOf(id),
        createdDay: created.day,
        createdAt: created.at,
        channel: saidText(properties[fields.leadChannel ?? 'hs_analytics_source']),
        leadType: fields.leadType ? saidText(properties[fields.leadType]) : '',
        stage: codeText(properties.dealstage),
        updatedAt,
      }),
    )
  if (!leadId || !settings.reads.leads) return
  const known = moves.length === 0 && closed?.at != null ? [{ at: closed.at, meaning: state }] : moves
  const reason = saidText(properties[fields.lostReason ?? 'closed_lost_reason'])
  rows.stage.push(
    ...eventsOfDeal({ id, leadId, created, moves: known, reason, reportingZone: zones.reportingZone, updatedAt, deletedAt: null }),
  )
}

/** What was a deal goes, and what it meant for its lead. */
function addGone(
  id: string,
  gone: { updatedAt: number | null; deletedAt: number },
  moves: readonly Move[],
  created: When | null,
  { rows, zones, settings }: Records,
): void {
  const empty = { leadId: null, customerId: null, createdDay: null, createdAt: null, closedDay: null, closedAt: null }
  rows.deal.push(
    hashed<Deal>({
      externalId: id,
      ...empty,
      state: 'open',
      stage: '',
      amountMinor: null,
      currency: settings.currency,
      channel: '',
      ...gone,
    }),
  )
  if (settings.lead === 'deal') {
    const said = { createdDay: created?.day ?? '', createdAt: created?.at ?? null, channel: '', leadType: '', stage: null }
    rows.lead.push(hashed<Lead>({ externalId: leadOf(id), ...said, ...gone }))
  }
  rows.stage.push(...eventsOfDeal({ id, leadId: '', created, moves, reason: '', reportingZone: zones.reportingZone, ...gone }))
}

/** Where every deal is a lead from its creation on. */
export const leadOf = (deal: string): string => `deal ${deal}`

/** Undefined where the deal has to stay out. */
function closeOf(record: HubspotRecord, movedAt: number | undefined, records: Records): When | undefined {
  const text = record.properties.closedate?.trim() || (movedAt === undefined ? '' : String(movedAt))
  const closed = required(record, 'closedate', text, records)
  if (closed && closed.day > records.today) records.fail(record.id, 'closedate', text, 'future-date')
  return closed && closed.day <= records.today ? closed : undefined
}

/** Null where the deal has to stay out. */
function moneyOf({ id, properties }: HubspotRecord, records: Records): { amountMinor: number | null; currency: string } | null {
  const { settings } = records
  const currency = properties.deal_currency_code?.trim() || settings.currency
  const field = fieldsOf(settings).amount ?? 'amount'
  const text = properties[field] ?? null
  const amountMinor = isCurrency(currency) ? amountOf(text, currency) : undefined
  if (!isCurrency(currency)) records.fail(id, 'deal_currency_code', currency, 'invalid-number')
  else if (amountMinor === undefined) records.fail(id, field, text, 'invalid-number')
  else if (amountMinor !== null && amountMinor < 0) records.fail(id, field, text, 'negative-amount')
  return amountMinor === undefined || (amountMinor ?? 0) < 0 ? null : { amountMinor, currency }
}

/** A lead's way goes on in its deals: it becomes an opportunity with the first, a customer when one is won. */
function eventsOfDeal(deal: {
  id: string
  leadId: string
  created: When | null
  moves: readonly Move[]
  reason: string
  reportingZone: string
  updatedAt: number | null
  deletedAt: number | null
}): StageEvent[] {
  const event = (what: 'entered' | 'lost', stage: 'opportunity' | 'customer', when: When | undefined, reason = '') =>
    when
      ? [
          hashed<StageEvent>({
            externalId: `deal-${deal.id}|${what === 'lost' ? 'lost' : stage}|${when.at ?? when.day}`,
            leadId: deal.leadId,
            what,
            stage,
            day: when.day,
            at: when.at,
            reason,
            updatedAt: deal.updatedAt,
            deletedAt: deal.deletedAt,
          }),
        ]
      : []
  const lastLoss = deal.moves.findLast(({ meaning }) => meaning === 'lost')
  return [
    ...event('entered', 'opportunity', deal.created ?? undefined),
    ...deal.moves.flatMap((move) => {
      if (move.meaning === 'won') return event('entered', 'customer', whenOf(move.at, deal.reportingZone))
      if (move.meaning === 'lost')
        return event('lost', 'opportunity', whenOf(move.at, deal.reportingZone), move === lastLoss ? deal.reason : '')
      return []
    }),
  ]
}

interface Move {
  at: number
  meaning: DealMeaning
}

/** Changes of what a deal's stage means, oldest first: from one lost stage to another nothing happened. */
function movesOf(history: History, { dealStages }: CrmSettings): Move[] {
  const all = history
    .flatMap(({ value, timestamp }) => {
      const at = Date.parse(timestamp)
      const meaning = dealStages[value?.trim() ?? '']
      return meaning && Number.isFinite(at) ? [{ at, meaning }] : []
    })
    .toSorted((a, b) => a.at - b.at)
  return all.filter(({ meaning }, index) => meaning !== all[index - 1]?.meaning)
}
