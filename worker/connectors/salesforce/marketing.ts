/** From Salesforce's campaigns to spend, and from their members to touches. Pure. */
import { hashed, type Spend, type Touch } from '../../core/facts'
import { isCurrency } from '../../core/values'
import { amountOf, type Records, saidText } from '../records'
import type { Row } from './api'
import { checkedId, stateOf, textOf } from './row'

/** Adds what a campaign cost. Salesforce keeps one amount and no day for it: it counts on the day that the campaign began. */
export function mapCampaign(row: Row, records: Records): void {
  const id = checkedId(row, records)
  if (!id) return
  const started = records.when(id, 'StartDate', textOf(row, 'StartDate'))
  const when = started === null ? records.requiredWhen(id, 'CreatedDate', textOf(row, 'CreatedDate')) : started
  if (!when) return
  const currency = textOf(row, 'CurrencyIsoCode').trim() || records.settings.currency
  const amountMinor = isCurrency(currency) ? amountOf(textOf(row, 'ActualCost'), currency) : undefined
  if (amountMinor === undefined) {
    const field = isCurrency(currency) ? 'ActualCost' : 'CurrencyIsoCode'
    records.fail(id, field, textOf(row, field), 'invalid-number')
    return
  }
  const { updatedAt, deletedAt } = stateOf(row, records)
  // Without a cost, one that it had before is gone.
  const gone = amountMinor === null ? (updatedAt ?? records.nowAt) : null
  const said = { channel: saidText(textOf(row, 'Type')), side: 'marketing', kind: 'campaign', amountMinor: amountMinor ?? 0, currency }
  records.rows.spend.push(hashed<Spend>({ externalId: id, day: when.day, ...said, updatedAt, deletedAt: deletedAt ?? gone }))
}

/** Adds a response to a campaign. Who was only sent something was not met. */
export function mapMember(row: Row, records: Records): void {
  const id = checkedId(row, records)
  const responded = id && records.when(id, 'FirstRespondedDate', textOf(row, 'FirstRespondedDate'))
  if (!id || responded === undefined) return
  const leadId = textOf(row, 'LeadId') || null
  const customerId = (records.settings.customer === 'company' && textOf(row, 'Contact.AccountId')) || null
  const { updatedAt, deletedAt } = stateOf(row, records)
  const isTouch = responded !== null && responded !== '' && (leadId !== null || customerId !== null)
  const { day, at } = isTouch ? responded : { day: records.today, at: null }
  const gone = isTouch ? null : (updatedAt ?? records.nowAt)
  const channel = saidText(textOf(row, 'Campaign.Type'))
  records.rows.touch.push(hashed<Touch>({ externalId: id, leadId, customerId, day, at, channel, updatedAt, deletedAt: deletedAt ?? gone }))
}
