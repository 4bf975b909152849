/** What a stage most likely means by its name, for a person to check. */
import type { DealMeaning, LeadMeaning } from './connector'

const leadNames: readonly (readonly [RegExp, LeadMeaning])[] = [
  [/\b(returned|recycl\w*|nurtur\w*|not ready|bad timing|unqualified|disqualified|not qualified|back to marketing)\b/i, 'returned'],
  [/\b(lost|dead|junk|closed[ -]+not converted|invalid|spam)\b/i, 'lost'],
  [/\b(subscriber|subscribed|newsletter)\b/i, 'subscriber'],
  [/\b(mql|marketing[ -]*qualified\w*)\b/i, 'mql'],
  [/\b(sal|sales[ -]*accepted\w*|accepted)\b/i, 'sal'],
  [/\b(sql|sales[ -]*qualified\w*|qualified)\b/i, 'sql'],
  [/\b(opportunity|opportunities|converted)\b/i, 'opportunity'],
  [/\b(customer|client|won)\b/i, 'customer'],
  [/\b(leads?|new|open)\b/i, 'lead'],
]

/**
 * @example suggestLeadMeaning('Sales Accepted Lead') // 'sal'
 * @example suggestLeadMeaning('Phase 4') // null
 */
export const suggestLeadMeaning = (name: string): LeadMeaning | null => leadNames.find(([pattern]) => pattern.test(name))?.[1] ?? null

/** @example suggestDealMeaning('Closed Lost') // 'lost' */
export function suggestDealMeaning(name: string): DealMeaning {
  if (/\b(lost|dead|disqualified|rejected|abandoned|verloren|perdid[oa])\b/i.test(name)) return 'lost'
  return /\b(won|signed|gewonnen|ganad[oa]|ganh[oa])\b/i.test(name) ? 'won' : 'open'
}
