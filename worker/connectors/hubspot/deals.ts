/** From HubSpot's deals to deals. Pure. */
import { addDeal, addGoneDeal } from '../deals'
import { fieldsOf, type Records } from '../records'
import type { HubspotRecord } from './api'
import { checkedId, type Histories, mergedIds, stateOf } from './record'

/**
 * Adds a deal, and says that those are gone which were merged into it.
 *
 * @param links external ids of contacts and companies that belong to it, the primary first
 */
export function mapDeal(
  record: HubspotRecord,
  history: Histories,
  links: { contacts: readonly string[]; companies: readonly string[] },
  records: Records,
): void {
  if (!checkedId(record, records)) return
  const { id, properties } = record
  const fields = fieldsOf(records.settings)
  const { updatedAt, deletedAt } = stateOf(record, records)
  const amount = fields.amount ?? 'amount'
  for (const merged of mergedIds(record)) addGoneDeal(merged, { updatedAt, deletedAt: updatedAt ?? records.nowAt }, records)
  addDeal(
    {
      id,
      stage: { field: 'dealstage', text: properties.dealstage },
      created: { field: 'createdate', text: properties.createdate ?? record.createdAt },
      closed: { field: 'closedate', text: properties.closedate },
      amount: { field: amount, text: properties[amount] },
      currency: { field: 'deal_currency_code', text: properties.deal_currency_code },
      history: (history.dealstage ?? []).map(({ value, timestamp }) => ({ stage: value, at: timestamp })),
      leadId: links.contacts[0] ?? null,
      companyId: links.companies[0] ?? null,
      channel: properties[fields.dealChannel ?? 'hs_analytics_source'],
      leadChannel: properties[fields.leadChannel ?? 'hs_analytics_source'],
      leadType: fields.leadType && properties[fields.leadType],
      lostReason: properties[fields.lostReason ?? 'closed_lost_reason'],
      updatedAt,
      deletedAt,
    },
    records,
  )
}
