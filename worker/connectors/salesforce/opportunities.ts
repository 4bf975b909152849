/** From Salesforce's opportunities to deals, and what they mean for their leads. Pure. */
import { type Deal, type DealState, hashed, type Lead } from '../../core/facts'
import { changesOf, eventsOfDeal, leadOf, type Move } from '../deal-events'
import { amountOf, codeText, fieldsOf, isCurrency, type Records, readWhen, saidText, type When } from '../records'
import type { Row } from './api'
import { checkedId, optional, required, stateOf, textOf } from './row'

/**
 * Adds an opportunity, unless its stage is unknown: then it is kept out, and said.
 *
 * @param history rows of OpportunityHistory, in whatever order
 * @param leadId of the lead that was converted to it
 */
export function mapOpportunity(row: Row, history: readonly Row[], leadId: string | null, records: Records): void {
  const id = checkedId(row, records)
  if (!id) return
  const { settings } = records
  const stage = textOf(row, 'StageName').trim()
  const meaning = settings.dealStages[stage]
  const { updatedAt, deletedAt } = stateOf(row, records)
  const moves = changesOf(
    history.flatMap((entry) => {
      const when = readWhen(textOf(entry, 'CreatedDate'), records.zones)
      const was = settings.dealStages[textOf(entry, 'StageName').trim()]
      return when && was ? [{ when, meaning: was }] : []
    }),
  )
  if (deletedAt !== null || meaning === 'ignored') {
    const created = optional(id, row, 'CreatedDate', records) ?? null
    addGone(id, { updatedAt, deletedAt: deletedAt ?? updatedAt ?? records.nowAt }, moves, created, leadId, records)
  } else if (meaning) {
    addDeal(id, row, meaning, moves, leadId, records)
  } else {
    records.unknownStage(stage)
    records.fail(id, 'StageName', stage, 'unknown-stage')
  }
}

function addDeal(id: string, row: Row, state: DealState, moves: readonly Move[], linked: string | null, records: Records): void {
  const { settings, rows } = records
  const fields = fieldsOf(settings)
  const created = optional(id, row, 'CreatedDate', records)
  const closed = state === 'open' ? null : closeOf(id, row, moves.findLast(({ meaning }) => meaning === state)?.when, records)
  const money = moneyOf(id, row, records)
  if (created === undefined || closed === undefined || !money) return
  if (closed && created && closed.day < created.day) records.notCounted(id, 'CloseDate', closed.day)
  const isLead = settings.lead === 'deal'
  const leadId = isLead ? leadOf(id) : linked
  const { updatedAt } = stateOf(row, records)
  const stage = codeText(textOf(row, 'StageName'))
  if (settings.reads.deals)
    rows.deal.push(
      hashed<Deal>({
        externalId: id,
        leadId,
        customerId: settings.customer === 'company' ? textOf(row, 'AccountId') || null : null,
        createdDay: created?.day ?? null,
        createdAt: created?.at ?? null,
        closedDay: closed?.day ?? null,
        closedAt: closed?.at ?? null,
        state,
        stage,
        ...money,
        channel: saidText(textOf(row, fields.dealChannel ?? 'LeadSource')),
        updatedAt,
      }),
    )
  if (isLead && settings.reads.leads && created)
    rows.lead.push(
      hashed<Lead>({
        externalId: leadOf(id),
        createdDay: created.day,
        createdAt: created.at,
        channel: saidText(textOf(row, fields.leadChannel ?? 'LeadSource')),
        leadType: fields.leadType ? saidText(textOf(row, fields.leadType)) : '',
        stage,
        updatedAt,
      }),
    )
  if (!leadId || !settings.reads.leads) return
  const known = moves.length === 0 && closed ? [{ when: closed, meaning: state }] : moves
  const reason = fields.lostReason ? saidText(textOf(row, fields.lostReason)) : ''
  rows.stage.push(...eventsOfDeal({ id, leadId, created, moves: known, reason, updatedAt, deletedAt: null }))
}

/** What was a deal goes, and what it meant for its lead. */
function addGone(
  id: string,
  gone: { updatedAt: number | null; deletedAt: number },
  moves: readonly Move[],
  created: When | null,
  leadId: string | null,
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
  rows.stage.push(...eventsOfDeal({ id, leadId: leadId ?? '', created, moves, reason: '', ...gone }))
}

/**
 * `CloseDate` is a local day already. Nobody moves it when a deal is won early: while it is still ahead, the day counts on which
 * the deal was moved. Undefined where the deal has to stay out.
 */
function closeOf(id: string, row: Row, moved: When | undefined, records: Records): When | undefined {
  const closed = textOf(row, 'CloseDate').trim() === '' && moved ? moved : required(id, row, 'CloseDate', records)
  if (!closed || closed.day <= records.today) return closed ?? undefined
  if (!moved) records.fail(id, 'CloseDate', closed.day, 'future-date')
  return moved
}

/** Null where the deal has to stay out. Only orgs with several currencies have `CurrencyIsoCode`. */
function moneyOf(id: string, row: Row, records: Records): { amountMinor: number | null; currency: string } | null {
  const { settings } = records
  const currency = textOf(row, 'CurrencyIsoCode').trim() || settings.currency
  const field = fieldsOf(settings).amount ?? 'Amount'
  const text = textOf(row, field)
  const amountMinor = isCurrency(currency) ? amountOf(text, currency) : undefined
  if (!isCurrency(currency)) records.fail(id, 'CurrencyIsoCode', currency, 'invalid-number')
  else if (amountMinor === undefined) records.fail(id, field, text, 'invalid-number')
  else if (amountMinor !== null && amountMinor < 0) records.fail(id, field, text, 'negative-amount')
  return amountMinor === undefined || (amountMinor ?? 0) < 0 ? null : { amountMinor, currency }
}
