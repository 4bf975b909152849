/**
 * Who gets the credit for a win: each conversion is one point, and its revenue, shared out among the contacts that the
 * customer had with marketing in the 30 days before. Shares are whole numbers over a common denominator, so that points
 * add up to customers and amounts to revenue without an error of rounding.
 */
import { daysBetween } from './calendar'
import { daysFrom, type Moment } from './lead-path'

export const attributionModels = ['first', 'last', 'linear', 'position'] as const
/** `position` gives 40 % to the first and to the last contact, and 20 % to those between. */
export type AttributionModel = (typeof attributionModels)[number]

export const isAttributionModel = (value: unknown): value is AttributionModel => attributionModels.some((model) => model === value)

/** Contacts up to so many days before a win share in it. */
export const attributionDays = 30

export interface Share {
  numerator: number
  denominator: number
}

/**
 * What the contact at a place gets, of so many in order; they add up to 1.
 *
 * Source: dbt Labs, attribution playbook.
 *
 * @param place from 0
 * @example shareOf('position', 0, 4) // { numerator: 4, denominator: 10 }
 */
export function shareOf(model: AttributionModel, place: number, of: number): Share {
  const isEnd = place === 0 || place === of - 1
  switch (model) {
    case 'first':
      return { numerator: place === 0 ? 1 : 0, denominator: 1 }
    case 'last':
      return { numerator: place === of - 1 ? 1 : 0, denominator: 1 }
    case 'linear':
      return { numerator: 1, denominator: of }
    case 'position': {
      if (of <= 2) return { numerator: 1, denominator: of }
      const between = of - 2
      return { numerator: isEnd ? 2 * between : 1, denominator: 5 * between }
    }
  }
}

export interface AttributionTouch extends Moment {
  channel: string
  /** Decides between contacts of the same moment. */
  externalId: string
}

/** A deal that was won, with what is known of the way to it. */
export interface Conversion extends Moment {
  /** The first win of its customer: only then does it count as a customer. */
  isNew: boolean
  /** Minor units of the organisation's currency; null where it is not known in it. */
  revenueMinor: number | null
  /** Every contact that is known, in any order. */
  touches: readonly AttributionTouch[]
  /** How the lead of the deal came; null where the deal has none. */
  leadChannel: string | null
  /** Of the deal itself. */
  dealChannel: string
}

/**
 * The contacts that share in a win, in order: none after it, none more than 30 days before it.
 *
 * @example touchesInTime(conversion).map(({ channel }) => channel) // ['adwords', 'direct']
 */
export function touchesInTime({ day, at, touches }: Conversion): AttributionTouch[] {
  const before = touches.filter((touch) => {
    const days = daysFrom(touch, { day, at })
    return days !== null && days >= 0 && days <= attributionDays && daysBetween(touch.day, day) >= 0
  })
  return before.toSorted(inOrder)
}

/** A contact that is known by its day only comes first of its day. */
function inOrder(a: AttributionTouch, b: AttributionTouch): number {
  if (a.day !== b.day) return a.day < b.day ? -1 : 1
  if ((a.at ?? 0) !== (b.at ?? 0)) return (a.at ?? 0) - (b.at ?? 0)
  return a.externalId < b.externalId ? -1 : 1
}

// ── Sums ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A sum of fractions, exact: whole numerators by denominator. */
export class ExactSum {
  readonly #parts = new Map<number, number>()

  add({ numerator, denominator }: Share, times = 1): void {
    this.#parts.set(denominator, (this.#parts.get(denominator) ?? 0) + numerator * times)
  }

  addAll(other: ExactSum): void {
    for (const [denominator, numerator] of other.parts()) this.add({ numerator, denominator })
  }

  /** Numerators by denominator. */
  parts(): ReadonlyMap<number, number> {
    return this.#parts
  }

  value(): number {
    let sum = 0
    for (const [denominator, numerator] of this.#parts) sum += numerator / denominator
    return sum
  }
}

export interface Credit {
  /** New customers, in parts. */
  customers: number
  /** Minor units, in parts of them; null where no win with a part in it says its amount. */
  revenueMinor: number | null
  /** Of the channel in these months, in minor units; null where nothing was spent on it. */
  spendMinor: number | null
  /** Spend a customer; null without spend or without customers. */
  cac: number | null
  /** Revenue a unit of spend; null without spend. */
  roas: number | null
}

export interface ChannelCredit {
  /** Empty where a contact names none. */
  channel: string
  models: Record<AttributionModel, Credit>
}

export interface AttributionTotals {
  /** Wins, and the customers that are new with them. */
  wins: number
  customers: number
  revenueMinor: number | null
  /** Without any contact in the days before: in no channel. */
  unattributed: { wins: number; customers: number; revenueMinor: number | null }
  /** Wins whose amount is not known in the organisation's currency. */
  withoutAmount: number
  /** Of every channel, and of what names none. */
  spendMinor: number | null
  /** Spend a new customer, and revenue a unit of spend, of all of them. */
  cac: number | null
  roas: number | null
}

/**
 * Shares wins out among channels, by all four models at once.
 *
 * @example
 * const counter = new AttributionCounter()
 * for (const conversion of conversions) counter.add(conversion)
 * counter.channels(spend) // [{ channel: 'adwords', models: { first: { customers: 1, revenueMinor: 1000, … }, … } }]
 */
export class AttributionCounter {
  readonly #customers = new Map<string, Record<AttributionModel, ExactSum>>()
  readonly #revenue = new Map<string, Record<AttributionModel, ExactSum>>()
  readonly #all = { wins: 0, customers: 0, revenue: 0, amounts: 0 }
  readonly #alone = { wins: 0, customers: 0, revenue: 0, amounts: 0 }

  add(conversion: Conversion): void {
    const touches = touchesInTime(conversion)
    const { isNew, revenueMinor } = conversion
    for (const tally of touches.length === 0 ? [this.#all, this.#alone] : [this.#all]) {
      tally.wins += 1
      tally.customers += isNew ? 1 : 0
      tally.amounts += revenueMinor === null ? 0 : 1
      tally.revenue += revenueMinor ?? 0
    }
    for (const [place, { channel }] of touches.entries()) {
      for (const model of attributionModels) {
        const share = shareOf(model, place, touches.length)
        sumsOf(this.#customers, channel)[model].add(share, isNew ? 1 : 0)
        if (revenueMinor !== null) sumsOf(this.#revenue, channel)[model].add(share, revenueMinor)
      }
    }
  }

  /**
   * Every channel with a contact or with spend, by linear customers, then by name.
   *
   * @param spend minor units by channel
   */
  channels(spend: ReadonlyMap<string, number>): ChannelCredit[] {
    const named = [...spend.keys()].filter((channel) => channel !== '') // spend of no channel is on none of them
    const all = [...new Set([...this.#customers.keys(), ...named])].map((channel) => ({
      channel,
      models: modelsOf((model) => {
        const customers = this.#customers.get(channel)?.[model].value() ?? 0
        const revenue = this.#revenue.get(channel)?.[model].value()
        const revenueMinor = revenue ?? (this.#customers.has(channel) ? null : 0)
        const spendMinor = channel === '' ? null : (spend.get(channel) ?? null)
        return { customers, revenueMinor, spendMinor, ...ratios(spendMinor, customers, revenueMinor) }
      }),
    }))
    return all.sort((a, b) => b.models.linear.customers - a.models.linear.customers || (a.channel < b.channel ? -1 : 1))
  }

  /** @param spend minor units of everything that was spent; null where nothing was */
  totals(spend: number | null): AttributionTotals {
    const [all, alone] = [this.#all, this.#alone]
    const revenueMinor = amountOf(all)
    return {
      wins: all.wins,
      customers: all.customers,
      revenueMinor,
      unattributed: { wins: alone.wins, customers: alone.customers, revenueMinor: amountOf(alone) },
      withoutAmount: all.wins - all.amounts,
      spendMinor: spend,
      ...ratios(spend, all.customers, revenueMinor),
    }
  }

  /** The exact sums behind a channel, for those who want to add them up. */
  exactly(model: AttributionModel): { customers: ExactSum; revenue: ExactSum } {
    const sums = { customers: new ExactSum(), revenue: new ExactSum() }
    for (const each of this.#customers.values()) sums.customers.addAll(each[model])
    for (const each of this.#revenue.values()) sums.revenue.addAll(each[model])
    return sums
  }
}

const modelsOf = <T>(of: (model: AttributionModel) => T): Record<AttributionModel, T> => ({
  first: of('first'),
  last: of('last'),
  linear: of('linear'),
  position: of('position'),
})

function sumsOf(sums: Map<string, Record<AttributionModel, ExactSum>>, channel: string): Record<AttributionModel, ExactSum> {
  const known = sums.get(channel) ?? modelsOf(() => new ExactSum())
  sums.set(channel, known)
  return known
}

/** No win at all is revenue of 0; wins without an amount are revenue that nobody knows. */
const amountOf = ({ wins, amounts, revenue }: { wins: number; amounts: number; revenue: number }) =>
  wins > 0 && amounts === 0 ? null : revenue

function ratios(spend: number | null, customers: number, revenue: number | null): { cac: number | null; roas: number | null } {
  const has = spend !== null && spend > 0
  return { cac: has && customers > 0 ? spend / customers : null, roas: has && revenue !== null ? revenue / spend : null }
}

/**
 * Parts of a whole as they are printed: each rounded to so many decimals, and together what the whole rounds to. What
 * rounding would lose or win goes to those that it takes most from.
 *
 * @example addingUp([1 / 3, 1 / 3, 1 / 3], 2) // [0.34, 0.33, 0.33]
 */
export function addingUp(parts: readonly number[], decimals: number): number[] {
  const scale = 10 ** decimals
  const scaled = parts.map((part) => part * scale)
  const floors = scaled.map((part) => Math.floor(part + 1e-9))
  const missing = Math.round(scaled.reduce((sum, part) => sum + part, 0)) - floors.reduce((sum, part) => sum + part, 0)
  const order = scaled
    .map((part, index) => ({ index, rest: part - (floors[index] ?? 0) }))
    .sort((a, b) => b.rest - a.rest || a.index - b.index)
  const raised = new Set(order.slice(0, missing).map(({ index }) => index))
  return floors.map((part, index) => (part + (raised.has(index) ? 1 : 0)) / scale)
}

// ── What marketing brought, and what it had a part in ───────────────────────────────────────────────────────────────

/** A part of the revenue of all wins; the share is null without any. */
export interface RevenuePart {
  wins: number
  revenueMinor: number
  share: number | null
}

export interface MarketingRevenue {
  revenueMinor: number
  wins: number
  /** Wins that marketing brought: by the channel of the lead, else the first contact, else the deal. */
  sourced: RevenuePart
  /** Wins with a contact with marketing in the 30 days before. */
  influenced: RevenuePart
}

/**
 * The channel that brought a win: the one of its lead, else of the first contact that is known, else of the deal; empty
 * where none of them says.
 *
 * @example originOf({ …, leadChannel: '', touches: [{ channel: 'Events', … }] }) // 'Events'
 */
export function originOf({ leadChannel, touches, dealChannel, day, at }: Conversion): string {
  if (leadChannel) return leadChannel
  const before = touches.filter((touch) => (daysFrom(touch, { day, at }) ?? -1) >= 0).toSorted(inOrder)
  return before.find(({ channel }) => channel !== '')?.channel ?? dealChannel
}

/**
 * Revenue that marketing sourced and influenced. A channel is marketing's unless it is one of those that sales works by
 * itself; what names no channel is nobody's.
 *
 * @param salesChannels as the sources write them; large and small letters are alike
 */
export function marketingRevenue(conversions: Iterable<Conversion>, salesChannels: readonly string[]): MarketingRevenue {
  const own = new Set(salesChannels.map((channel) => channel.toLowerCase()))
  const isMarketing = (channel: string) => channel !== '' && !own.has(channel.toLowerCase())
  const [all, sourced, influenced] = [new Part(), new Part(), new Part()]
  for (const conversion of conversions) {
    all.add(conversion)
    if (isMarketing(originOf(conversion))) sourced.add(conversion)
    if (touchesInTime(conversion).some(({ channel }) => isMarketing(channel))) influenced.add(conversion)
  }
  const { wins, revenueMinor } = all
  return { wins, revenueMinor, sourced: sourced.of(all), influenced: influenced.of(all) }
}

class Part {
  wins = 0
  revenueMinor = 0

  add({ revenueMinor }: Conversion): void {
    this.wins += 1
    this.revenueMinor += revenueMinor ?? 0
  }

  of({ revenueMinor }: Part): RevenuePart {
    return { wins: this.wins, revenueMinor: this.revenueMinor, share: revenueMinor > 0 ? this.revenueMinor / revenueMinor : null }
  }
}
