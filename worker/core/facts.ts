/**
 * What connectors read: leads and what became of them, deals, activities, spend, head-count, touches, and values of the
 * organisation's own metrics; never a name, an email or a phone number of a lead. Days are of the reporting time zone,
 * amounts in minor units, moments in milliseconds since 1970.
 */

export const factKinds = ['lead', 'stage', 'deal', 'activity', 'spend', 'headcount', 'touch', 'value'] as const
export type FactKind = (typeof factKinds)[number]

export const dealStates = ['open', 'won', 'lost'] as const
export type DealState = (typeof dealStates)[number]

/** The life of a lead, in order. What a source calls them is mapped onto these. */
export const stages = ['subscriber', 'lead', 'mql', 'sal', 'sql', 'opportunity', 'customer'] as const
export type Stage = (typeof stages)[number]

/** What every fact has beside what it says. */
interface Fact {
  /** Its id in its source. */
  externalId: string
  /** When the source changed it last; null where it does not say. What is older than what is stored changes nothing. */
  updatedAt: number | null
  /** When the source said that it was deleted; null while it is there. */
  deletedAt: number | null
  /** Of everything else in it. */
  contentHash: string
}

export interface Lead extends Fact {
  createdDay: string
  /** Null where the source knows only the day. */
  createdAt: number | null
  /** Empty where the source leaves it blank: a group of its own. */
  channel: string
  leadType: string
  /** Where it stands, as the source names it. */
  stage: string | null
}

/** Something that happened to a lead on its way. One entry a visit: the first one into a stage is what counts there. */
export interface StageEvent extends Fact {
  leadId: string
  /** `entered` a stage, was `returned` by sales as not ready, or was `lost`. */
  what: 'entered' | 'returned' | 'lost'
  /** The stage that was entered, or the one that it was returned or lost from; null where the source does not say which. */
  stage: Stage | null
  day: string
  at: number | null
  /** Why it was returned or lost, as the source writes it; empty where it does not say. */
  reason: string
}

export interface Deal extends Fact {
  /** External id of a lead of the same source. */
  leadId: string | null
  customerId: string | null
  createdDay: string | null
  createdAt: number | null
  /** Null for an open deal, whose close date is a forecast. */
  closedDay: string | null
  closedAt: number | null
  state: DealState
  /** As the source names it. */
  stage: string
  amountMinor: number | null
  currency: string
  channel: string
}

export const activityKinds = ['call', 'email', 'meeting', 'message', 'other'] as const
export type ActivityKind = (typeof activityKinds)[number]

/** An attempt by a person of the organisation to reach a lead or the customer of a deal. Never an automatic message. */
export interface Activity extends Fact {
  leadId: string | null
  dealId: string | null
  kind: ActivityKind
  day: string
  at: number | null
  /** Whether somebody was reached; null where the source does not say. */
  connected: boolean | null
}

export interface Spend extends Fact {
  day: string
  channel: string
  /** `sales`, `marketing`, or empty where it is not said. */
  side: string
  /** Such as salaries, ads, tools. */
  kind: string
  /** A credit note is negative. */
  amountMinor: number
  currency: string
}

/** How many people a side has from a day on, until its next row. */
export interface Headcount extends Fact {
  day: string
  side: 'sales' | 'marketing'
  /** Full-time equivalents. */
  people: number
}

/** A contact with marketing on the way to a win: a visit, a click, an event. */
export interface Touch extends Fact {
  leadId: string | null
  customerId: string | null
  day: string
  at: number | null
  channel: string
}

/** One period of one of the organisation's own metrics, or of a KPI that no CRM has: customer feedback, say. */
export interface MetricValue extends Fact {
  metric: string
  /** `YYYY-MM-DD`, `YYYY-Www`, `YYYY-MM` or `YYYY-Qn`. */
  period: string
  value: number
  numerator: number | null
  denominator: number | null
}

export interface FactOf {
  lead: Lead
  stage: StageEvent
  deal: Deal
  activity: Activity
  spend: Spend
  headcount: Headcount
  touch: Touch
  value: MetricValue
}

/** Facts of one source by kind. */
export type FactRows = { [Kind in FactKind]: FactOf[Kind][] }

/** @example const rows = noRows(); rows.lead.push(lead) */
export const noRows = (): FactRows => ({ lead: [], stage: [], deal: [], activity: [], spend: [], headcount: [], touch: [], value: [] })

/** What one row of a table holds. A lead's row may hold several entries into stages. */
export type Facts = { [Kind in Exclude<FactKind, 'stage'>]: FactOf[Kind] | null } & { stages: StageEvent[] }

/** @example const facts: Facts = { ...noFacts, lead } */
export const noFacts: Facts = {
  lead: null,
  stages: [],
  deal: null,
  activity: null,
  spend: null,
  headcount: null,
  touch: null,
  value: null,
}

/**
 * A fact with its hash, which is of what it says: not of when the source changed it last.
 *
 * @example hashed<Spend>({ externalId: 's1', day: '2026-02-03', channel: 'ads', side: '', kind: '', amountMinor: 4700, currency: 'USD' })
 */
export function hashed<Kind extends FactOf[FactKind]>(
  fact: Omit<Kind, 'contentHash' | 'updatedAt' | 'deletedAt'> & Partial<Pick<Fact, 'updatedAt' | 'deletedAt'>>,
): Kind {
  const { updatedAt = null, deletedAt = null, ...said } = fact
  return { ...said, updatedAt, deletedAt, contentHash: contentHash(Object.values(said)) } as unknown as Kind
}

/**
 * Tells whether a fact changed since the last pull: 64 bits of a non-cryptographic hash (two lanes of multiply and
 * rotate), fast enough for 100,000 rows. It protects against no one; a changed row goes unseen once in 2⁶⁴.
 *
 * @example contentHash(['l1', '2026-02-03', null]) !== contentHash(['l1', '2026-02-03', '']) // true
 */
export function contentHash(values: readonly unknown[]): string {
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
