/**
 * Three numbers on one line: what sales says, what marketing says, and what the CRM says to the same question. A line has one
 * unit, and its three numbers are about one thing: a share of people who hold that something is so beside the share of leads for
 * which it is, or what each side asks for beside what was done.
 *
 * Source: docs/decisions/034-three-numbers.md.
 */
import { isHidden, sideOf } from './findings'
import type { KpiKey, Observation } from './metrics'
import type { Hidden, Interval, NumberAgreement, PublicResult } from './result'
import { roundsOfTerms } from './score'
import { wilson } from './statistics'

/** `share` is 0–1; `hours` are what a number question asks for. */
export type LineUnit = 'share' | 'hours'

export const lineKeys = ['hand-off', 'follow-up', 'quality', 'acceptance'] as const
export type LineKey = (typeof lineKeys)[number]

/** Of one side: the share of its people who agree, or the median of the numbers that they gave. */
export interface Voice {
  value: number
  /** Of shares. */
  interval: Interval | null
  /** People who answered. */
  n: number
}

/** `few`: not said by class, or of fewer than ten; `unasked`: in none of the rounds that count. */
export type Said = Voice | Hidden | { missing: 'few' | 'unasked' }

/** What both sides answered to number questions in one round. */
export interface RoundNumbers {
  number: number
  period: string
  numbers: readonly NumberAgreement[]
}

/** What people were asked, by ids of the survey's bank. */
type LineItem = 'number-first-hours' | 'hand-off-2' | 'lead-quality-1' | 'lead-quality-2'

export interface Line {
  key: LineKey
  unit: LineUnit
  itemId: LineItem
  /** The round that asked: number questions come round with their terms. */
  asked: { number: number; period: string } | null
  sales: Said
  marketing: Said
  metric: KpiKey
  /** The month of the round, or the last one before it; null where the CRM says nothing. */
  crm: { value: number; interval: Interval | null; n: number; period: string; asOf: Date; provisional: boolean } | null
}

/** `per`: how many of the metric's unit make one of the line's. */
const lines: readonly { key: LineKey; unit: LineUnit; itemId: LineItem; metric: KpiKey; per: number }[] = [
  { key: 'hand-off', unit: 'hours', itemId: 'number-first-hours', metric: 'response_time', per: 60 },
  { key: 'follow-up', unit: 'share', itemId: 'hand-off-2', metric: 'response_24h', per: 1 },
  { key: 'quality', unit: 'share', itemId: 'lead-quality-1', metric: 'sql_rate', per: 1 },
  { key: 'acceptance', unit: 'share', itemId: 'lead-quality-2', metric: 'mql_acceptance', per: 1 },
]

/** What the CRM says, by metric. */
export const threeNumbersMetrics: readonly KpiKey[] = lines.map(({ metric }) => metric)

/**
 * Made of what was published and of the KPIs' months: nothing is computed from anything finer.
 *
 * @param asked of this round and those before it, in any order: a number question counts as long as its term does in the score
 * @param observations by month, earliest first
 * @example threeNumbers(result, asked, observations)[0]
 *   // { key: 'hand-off', unit: 'hours', sales: { value: 31, n: 32, … }, marketing: { value: 20, n: 16, … }, crm: { value: 14.3, … }, … }
 */
export const threeNumbers = (
  result: Pick<PublicResult, 'nodes' | 'number' | 'period'>,
  asked: readonly RoundNumbers[],
  observations: readonly Observation[],
): Line[] =>
  lines.map(({ key, unit, itemId, metric, per }) => ({
    key,
    unit,
    itemId,
    metric,
    ...(unit === 'share' ? sharesOf(result, itemId) : mediansOf(asked, itemId, result.number)),
    crm: measuredOf(observations, { metric, per, unit, until: result.period }),
  }))

type BothSides = Pick<Line, 'asked' | 'sales' | 'marketing'>

/** Of the people who answered a statement, those who agree. */
function sharesOf(result: Pick<PublicResult, 'nodes' | 'number' | 'period'>, itemId: string): BothSides {
  const at = (side: 'sales' | 'marketing'): Said => {
    const node = sideOf(result, side)
    if (!node) return { missing: 'unasked' }
    if (isHidden(node)) return { hidden: node.hidden }
    const figure = node.items[itemId]
    if (!figure) return { missing: 'unasked' }
    if (isHidden(figure)) return figure
    if (!figure.classes) return { missing: 'few' }
    const { promoters, passives, critics } = figure.classes
    const n = promoters + passives + critics
    return n === 0 ? { missing: 'few' } : { value: promoters / n, interval: wilson(promoters, n), n }
  }
  const [sales, marketing] = [at('sales'), at('marketing')]
  const isAsked = [sales, marketing].some((one) => !('missing' in one && one.missing === 'unasked'))
  return { asked: isAsked ? { number: result.number, period: result.period } : null, sales, marketing }
}

/** The latest round that asked for a number: both medians are said, or neither is. */
function mediansOf(rounds: readonly RoundNumbers[], itemId: string, until: number): BothSides {
  const counting = rounds.filter(({ number }) => number <= until && number > until - roundsOfTerms)
  for (const { number, period, numbers } of counting.sort((a, b) => b.number - a.number)) {
    const found = numbers.find((one) => one.itemId === itemId)
    if (!found) continue
    const said = (value: number | null, n: number): Said => (value === null ? { missing: 'few' } : { value, interval: null, n })
    return {
      asked: { number, period },
      sales: said(found.medianSales, found.nSales),
      marketing: said(found.medianMarketing, found.nMarketing),
    }
  }
  return { asked: null, sales: { missing: 'unasked' }, marketing: { missing: 'unasked' } }
}

function measuredOf(
  observations: readonly Observation[],
  { metric, per, unit, until }: { metric: KpiKey; per: number; unit: LineUnit; until: string },
): Line['crm'] {
  const found = observations.findLast((one) => one.metric === metric && one.period <= until && one.value !== null)
  if (!found || found.value === null) return null
  const { value, numerator, denominator, count, period, asOf, provisional } = found
  const isShare = unit === 'share' && numerator !== null && denominator !== null
  return {
    value: value / per,
    interval: isShare ? wilson(numerator, denominator) : null,
    n: isShare ? denominator : count,
    period,
    asOf,
    provisional,
  }
}
