/** From HubSpot's campaigns to spend. Pure. */
import { hashed, type Spend } from '../../core/facts'
import { isCurrency } from '../../core/values'
import { amountOf, type Records, readWhen } from '../records'
import type { Budget, HubspotRecord } from './api'
import { checkedId } from './record'

/**
 * Adds what a campaign cost. HubSpot keeps no day for it, only when somebody entered it: that day, moved into the campaign's
 * time where it lies outside.
 */
export function mapCampaign(record: HubspotRecord, budget: Budget, records: Records): void {
  const { settings, zones } = records
  const { id, properties } = record
  if (!checkedId(record, records)) return
  const currency = (budget.currencyCode ?? properties.hs_currency_code)?.trim() || settings.currency
  if (!isCurrency(currency)) {
    records.fail(id, 'currencyCode', currency, 'invalid-number')
    return
  }
  const first = readWhen(properties.hs_start_date, zones)?.day
  const last = readWhen(properties.hs_end_date, zones)?.day
  const entered = (text: string | number | null | undefined) => readWhen(text, zones)?.day ?? readWhen(record.createdAt, zones)?.day
  const within = (day: string) => (first && day < first ? first : last && day > last && (!first || last >= first) ? last : day)
  let rest = amountOf(budget.spendTotal, currency) ?? 0
  const add = (externalId: string, amountMinor: number, at: string | number | null | undefined, updatedAt: number | null) => {
    const day = entered(at)
    if (!day) {
      records.fail(id, 'createdAt', null, 'missing-date')
      return
    }
    const said = { channel: '', side: 'marketing', kind: 'campaign', amountMinor, currency }
    records.rows.spend.push(hashed<Spend>({ externalId, day: within(day), ...said, updatedAt }))
  }
  for (const item of budget.spendItems ?? []) {
    const amount = amountOf(item.amount, currency)
    if (amount === undefined) records.fail(id, 'amount', String(item.amount), 'invalid-number')
    if (amount === undefined || amount === null) continue
    rest -= amount
    if (amount !== 0) add(`${id}|${item.id}`, amount, item.createdAt, readWhen(item.updatedAt, zones)?.at ?? null)
  }
  // Ad networks report into the total without an item.
  if (rest !== 0 && budget.spendTotal != null) add(`${id}|rest`, rest, first ?? record.createdAt, null)
}
