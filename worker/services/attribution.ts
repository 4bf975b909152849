/** Which channels the wins of some months are credited to, by four models, and what marketing brought. */
import {
  AttributionCounter,
  type AttributionModel,
  type AttributionTotals,
  attributionModels,
  type ChannelCredit,
  type Conversion,
  type Credit,
  type MarketingRevenue,
  marketingRevenue,
} from '../core/attribution'
import { dayOf, monthAfter, monthsThrough } from '../core/calendar'
import { DomainError } from '../core/errors'
import { type ChannelSpend, pageOfWins, spendByChannel, type WinPlace, winKnowledge } from '../db/attribution'
import { readSettings } from '../db/settings'
import type { ServiceContext } from './context'
import { changeSettings } from './settings'

export interface AttributionQuery {
  /** Months of the wins, both included; the twelve up to the newest win's where they are left out. */
  from?: string | undefined
  to?: string | undefined
  /** All of them where it is left out. */
  model?: AttributionModel | undefined
}

/** Credit of a channel by the models that were asked for. */
export interface ChannelView {
  /** Empty where contacts name none. */
  channel: string
  models: Partial<Record<AttributionModel, Credit>>
}

export interface AttributionView {
  /** Months, `YYYY-MM`; null where no deal was ever won, and everything below is empty. */
  window: { from: string; to: string } | null
  /** Of every amount, which is in its minor units. */
  currency: string
  asOf: string | null
  channels: ChannelView[]
  totals: AttributionTotals
  months: { month: string; channels: ChannelView[]; totals: AttributionTotals }[]
  marketing: MarketingRevenue
  /** Channels that sales works by itself. */
  salesChannels: string[]
  /** Every channel that any source names. */
  knownChannels: string[]
  /** Names of sources with wins that tell of no contacts. */
  withoutTouches: string[]
  /** Amounts that no rate of their day is known for. */
  unconverted: { deals: number; spend: number }
}

export const mostMonths = 36
export const mostSalesChannels = 100
const usualMonths = 12
const pageSize = 2_000
const mostWins = 200_000

/**
 * The attribution of some months.
 *
 * @throws DomainError invalid-input for months that are reversed or more than 36, or with too many wins
 * @example (await readAttribution(context, { from: '2020-02', to: '2020-02' })).totals.cac // 1709.52
 */
export async function readAttribution(context: ServiceContext, query: AttributionQuery): Promise<AttributionView> {
  const { db, now } = context
  if (query.from !== undefined && query.to !== undefined && query.from > query.to) throw reversed()
  const [{ timeZone, currency, salesChannels }, known] = await Promise.all([readSettings(db), winKnowledge(db)])
  const withoutTouches = known.sources.filter(({ hasTouches }) => !hasTouches).map(({ name }) => name)
  const view = { currency, salesChannels, knownChannels: known.channels, withoutTouches }
  if (known.newestWin === null) {
    const empty = { window: null, asOf: null, channels: [], months: [], unconverted: { deals: 0, spend: 0 } }
    return { ...view, ...empty, totals: new AttributionCounter().totals(null), marketing: marketingRevenue([], []) }
  }
  const window = monthsOf(query, known.newestWin.slice(0, 7))
  const days = { from: `${window.from}-01`, to: `${window.to}-31` }
  const [wins, spend] = await Promise.all([allWins(context, days, currency), spendByChannel(db, days, currency)])
  const whole = new AttributionCounter()
  const byMonth = new Map(monthsThrough(window.from, window.to).map((month) => [month, new AttributionCounter()]))
  for (const win of wins) {
    whole.add(win)
    byMonth.get(win.day.slice(0, 7))?.add(win)
  }
  const models = query.model ? [query.model] : attributionModels
  const asOf = known.sources.reduce((oldest, { lastSuccessAt }) => Math.min(oldest, lastSuccessAt ?? oldest), now.getTime())
  return {
    ...view,
    window,
    asOf: dayOf(new Date(asOf), timeZone),
    channels: only(models, whole.channels(channelSums(spend))),
    totals: whole.totals(totalSpend(spend)),
    months: [...byMonth].map(([month, counter]) => {
      const own = spend.filter((row) => row.month === month)
      return { month, channels: only(models, counter.channels(channelSums(own))), totals: counter.totals(totalSpend(own)) }
    }),
    marketing: marketingRevenue(wins, salesChannels),
    unconverted: {
      deals: wins.filter((win) => win.unconverted).length,
      spend: spend.reduce((sum, row) => sum + row.unconverted, 0),
    },
  }
}

/**
 * Says which channels sales works by itself: what comes by them is not sourced by marketing. KPIs are made again.
 *
 * @param channels as the sources write them
 */
export async function setSalesChannels(context: ServiceContext, channels: readonly string[]): Promise<string[]> {
  const salesChannels = [...new Set(channels.map((channel) => channel.trim()).filter(Boolean))].sort()
  await changeSettings(context, { salesChannels })
  return salesChannels
}

function monthsOf({ from, to }: AttributionQuery, newest: string): { from: string; to: string } {
  const last = to ?? (from === undefined || from <= newest ? newest : from)
  const window = { from: from ?? monthAfter(last, 1 - usualMonths), to: last }
  if (window.from > window.to) throw reversed()
  if (monthAfter(window.from, mostMonths) <= window.to) throw wrong('from', `Use at most ${mostMonths} months.`)
  return window
}

const reversed = () => wrong('to', 'Use a month that is not before `from`.')
const wrong = (field: string, detail: string) =>
  new DomainError('invalid-input', 'Some values cannot be used.', [{ pointer: `query/${field}`, detail }])

async function allWins(
  { db }: ServiceContext,
  days: { from: string; to: string },
  currency: string,
): Promise<(Conversion & { unconverted: boolean })[]> {
  const wins: (Conversion & { unconverted: boolean })[] = []
  let after: WinPlace = ['', '', '']
  for (;;) {
    const page = await pageOfWins(db, days, currency, after, pageSize)
    wins.push(...page)
    const last = page.at(-1)
    if (!last || page.length < pageSize) return wins
    if (wins.length >= mostWins) throw new DomainError('invalid-input', 'There are too many wins in these months; choose fewer.')
    after = [last.day, last.sourceId, last.externalId]
  }
}

/** Minor units by channel; a channel is absent where nothing of its spend is known in the currency. */
function channelSums(spend: readonly ChannelSpend[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { channel, amountMinor } of spend) if (amountMinor !== null) sums.set(channel, (sums.get(channel) ?? 0) + amountMinor)
  return sums
}

function totalSpend(spend: readonly ChannelSpend[]): number | null {
  const known = spend.flatMap(({ amountMinor }) => (amountMinor === null ? [] : [amountMinor]))
  return known.length === 0 ? null : known.reduce((sum, amount) => sum + amount, 0)
}

const only = (models: readonly AttributionModel[], channels: readonly ChannelCredit[]): ChannelView[] =>
  channels.map(({ channel, models: all }) => ({ channel, models: Object.fromEntries(models.map((model) => [model, all[model]])) }))
