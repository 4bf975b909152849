/** From Salesforce's opportunities to deals. Pure. */
import { addDeal } from '../deals'
import { fieldsOf, type Records } from '../records'
import type { Row } from './api'
import { checkedId, stateOf, textOf } from './row'

/**
 * Adds an opportunity. Its `CloseDate` is a local day and passes through no time zone; only orgs with several currencies have
 * `CurrencyIsoCode`.
 *
 * @param history rows of OpportunityHistory, in whatever order
 * @param leadId of the lead that was converted to it
 */
export function mapOpportunity(row: Row, history: readonly Row[], leadId: string | null, records: Records): void {
  const id = checkedId(row, records)
  if (!id) return
  const fields = fieldsOf(records.settings)
  const named = (field: string) => ({ field, text: textOf(row, field) })
  addDeal(
    {
      id,
      stage: named('StageName'),
      created: named('CreatedDate'),
      closed: named('CloseDate'),
      amount: named(fields.amount ?? 'Amount'),
      currency: named('CurrencyIsoCode'),
      history: history.map((entry) => ({ stage: textOf(entry, 'StageName'), at: textOf(entry, 'CreatedDate') })),
      leadId,
      companyId: textOf(row, 'AccountId') || null,
      channel: textOf(row, fields.dealChannel ?? 'LeadSource'),
      leadChannel: textOf(row, fields.leadChannel ?? 'LeadSource'),
      leadType: fields.leadType && textOf(row, fields.leadType),
      lostReason: fields.lostReason && textOf(row, fields.lostReason),
      ...stateOf(row, records),
    },
    records,
  )
}
