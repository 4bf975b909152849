/**
 * What a connector reads: leads, deals and spend, without a name, an email or a phone number. Days are of the reporting
 * time zone, amounts in minor units.
 */

export const dealStates = ['open', 'won', 'lost'] as const
export type DealState = (typeof dealStates)[number]

export interface Lead {
  externalId: string
  createdDay: string
  /** Empty where the source leaves it blank: a group of its own. */
  channel: string
  leadType: string
  stage: string | null
  contentHash: string
}

export interface Deal {
  externalId: string
  /** External id of a lead of the same source. */
  leadId: string | null
  customerId: string | null
  createdDay: string | null
  /** Null for an open deal, whose close date is a forecast. */
  closedDay: string | null
  state: DealState
  /** As the source names it. */
  stage: string
  amountMinor: number | null
  currency: string
  channel: string
  contentHash: string
}

export interface Spend {
  externalId: string
  day: string
  channel: string
  side: string
  kind: string
  amountMinor: number
  currency: string
  contentHash: string
}

/** What one row of a source holds. */
export interface Facts {
  lead: Lead | null
  deal: Deal | null
  spend: Spend | null
}

/** A fact with its hash, which is of everything else in it. */
export function hashed<Fact extends Lead | Deal | Spend>(fact: Omit<Fact, 'contentHash'>): Fact {
  return { ...fact, contentHash: contentHash(Object.values(fact)) } as Fact
}

/**
 * Tells whether a fact changed since the last pull: 64 bits of a non-cryptographic hash (two lanes of multiply and
 * rotate), fast enough for 100,000 rows. It protects against no one; a changed row goes unseen once in 2⁶⁴.
 *
 * @example contentHash(['l1', '2026-02-03', null]) !== contentHash(['l1', '2026-02-03', '']) // true
 */
export function contentHash(values: readonly (string | number | null)[]): string {
  const text = JSON.stringify(values)
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 0x9e3779b1)
    low = Math.imul(low ^ code, 0x5f356495)
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  return hex(high) + hex(low)
}

const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0')
