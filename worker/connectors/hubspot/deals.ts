/** From HubSpot's deals to deals, and what they mean for their leads. Pure. */
import { type Deal, type DealState, hashed, type Lead } from '../../core/facts'
import { changesOf, eventsOfDeal, leadOf, type Move } from '../deal-events'
import { amountOf, codeText, fieldsOf, isCurrency, type Records, readWhen, saidText, type When } from '../records'
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
  const moves = movesOf(history.dealstage ?? [], records)
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
  const { settings, rows } = records
  const { id, properties } = record
  const fields = fieldsOf(settings)
  const created = optional(record, 'createdate', properties.createdate ?? record.createdAt, records)
  const closed = state === 'open' ? null : closeOf(record, moves.findLast(({ meaning }) => meaning === state)?.when, records)
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
  const known = moves.length === 0 && closed ? [{ when: closed, meaning: state }] : moves
  const reason = saidText(properties[fields.lostReason ?? 'closed_lost_reason'])
  rows.stage.push(...eventsOfDeal({ id, leadId, created, moves: known, reason, updatedAt, deletedAt: null }))
}

/** What was a deal goes, and what it meant for its lead. */
function addGone(
  id: string,
  gone: { updatedAt: number | null; deletedAt: number },
  moves: readonly Move[],
  created: When | null,
  { rows, settings }: Records,
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
  rows.stage.push(...eventsOfDeal({ id, leadId: '', created, moves, reason: '', ...gone }))
}

/**
 * When a deal was closed: on the day that somebody planned, unless that is still ahead; then, or where there is none, when it
 * was moved. Undefined where the deal has to stay out.
 */
function closeOf(record: HubspotRecord, moved: When | undefined, records: Records): When | undefined {
  const text = record.properties.closedate?.trim() ?? ''
  if (text === '' && moved) return moved
  const closed = required(record, 'closedate', text, records)
  if (!closed || closed.day <= records.today) return closed ?? undefined
  if (!moved) records.fail(record.id, 'closedate', text, 'future-date')
  return moved
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

/** Changes of what a deal's stage means, oldest first. */
const movesOf = (history: History, { settings, zones }: Records): Move[] =>
  changesOf(
    history.flatMap(({ value, timestamp }) => {
      const when = readWhen(timestamp, zones)
      const meaning = settings.dealStages[value?.trim() ?? '']
      return meaning && when ? [{ when, meaning }] : []
    }),
  )
