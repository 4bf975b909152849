/** Two closed rounds beside each other: what page, file and API say of them. */
import { DomainError } from '../core/errors'
import type { PublicResult } from '../core/result'
import type { FrozenRound } from '../core/round'
import { compareRounds, type RoundComparison } from '../core/round-comparison'
import { findComparable, listOpened } from '../db/rounds'
import type { ServiceContext } from './context'
import { type KpiCard, readKpiCards } from './overview'
import { withoutInputs } from './results'
import { noSuchRound } from './rounds'

export interface Comparison extends RoundComparison {
  /** As they stood at each round; only those that had a value at both. */
  kpis: KpiComparison[]
}

export interface KpiComparison {
  metric: string
  /** The last month with a value up to that of the round, `YYYY-MM`. */
  from: { value: number; period: string }
  to: { value: number; period: string }
  /** Where the later value stands to its normal range; null while that has too few months. */
  range: { verdict: 'signal' | 'normal'; low: number; high: number } | null
}

/** Why these two cannot be compared. */
export type NoPair = 'same' | 'not-closed' | 'first'

export type Pair = { from: string; to: string; neighbours: boolean } | { refused: NoPair }

/** A round that has been opened, oldest first. */
type Opened = Awaited<ReturnType<typeof listOpened>>[number]

/**
 * The two rounds in the order in which they were opened; without `withId`, this one and the one before.
 *
 * @throws DomainError not-found, round-not-closed (of the round itself)
 */
export function pairOf(opened: readonly Opened[], roundId: string, withId?: string): Pair {
  const place = (id: string) => opened.findIndex((round) => round.id === id)
  const own = opened[place(roundId)]
  if (!own) throw noSuchRound()
  if (!isPublished(own)) throw new DomainError('round-not-closed', 'There is a result once the round has closed, and none before.')
  const other = withId === undefined ? opened.slice(0, place(roundId)).findLast(isPublished) : opened[place(withId)]
  if (!other) {
    if (withId !== undefined) throw noSuchRound()
    return { refused: 'first' }
  }
  if (other.id === own.id) return { refused: 'same' }
  if (!isPublished(other)) return { refused: 'not-closed' }
  const [from, to] = place(other.id) < place(own.id) ? [other, own] : [own, other]
  return { from: from.id, to: to.id, neighbours: place(to.id) === place(from.id) + 1 }
}

const isPublished = ({ state, published }: Opened) => state === 'closed' && published

/** With what a page needs to name it. */
interface ForPage extends Comparison {
  /** Of the later round. */
  result: PublicResult
  items: FrozenRound['items']
  cards: KpiCard[]
  currency: string
}

/** Everything that is said of a pair. */
export async function comparePair(context: ServiceContext, { from, to, neighbours }: Exclude<Pair, { refused: NoPair }>): Promise<ForPage> {
  const [rows, { cardsUntil, currency }] = await Promise.all([findComparable(context.db, [from, to]), readKpiCards(context)])
  const [before, after] = [from, to].map((id) => rows.find((row) => row.id === id))
  if (!before || !after) throw noSuchRound()
  const closed = ({ body, score }: typeof before) => ({ result: withoutInputs(body), score })
  const [earlier, later] = [closed(before), closed(after)]
  const cards = cardsUntil(later.result.period)
  return {
    ...compareRounds(earlier, later, neighbours, after.frozen.membership),
    kpis: kpisThenAndNow(cardsUntil(earlier.result.period), cards),
    result: later.result,
    items: after.frozen.items,
    cards,
    currency,
  }
}

/**
 * The comparison for a program: as `comparePair`, with what cannot be compared as a problem.
 *
 * @throws DomainError not-found, round-not-closed, invalid-input
 */
export async function getComparison(context: ServiceContext, roundId: string, withId?: string): Promise<Comparison> {
  const pair = pairOf(await listOpened(context.db), roundId, withId)
  if ('refused' in pair) {
    const detail = refusals[pair.refused]
    throw new DomainError('invalid-input', detail, [{ pointer: 'query/with', detail }])
  }
  const { result: _, items: __, cards: ___, currency: ____, ...comparison } = await comparePair(context, pair)
  return comparison
}

const refusals: Readonly<Record<NoPair, string>> = {
  same: 'Name another round: this is the same one.',
  'not-closed': 'Name a round that has closed: this one has no result yet.',
  first: 'No round has closed before this one: name another with `with`.',
}

const kpisThenAndNow = (then: readonly KpiCard[], now: readonly KpiCard[]): KpiComparison[] =>
  now.flatMap(({ metric: { key }, current, range }) => {
    const was = then.find(({ metric }) => metric.key === key)?.current
    if (was?.value == null || current?.value == null) return []
    const from = { value: was.value, period: was.period }
    return [{ metric: key, from, to: { value: current.value, period: current.period }, range }]
  })
