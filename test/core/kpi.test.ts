import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ClosedSums, type FactSums, noSums, type SpendSums, type Tally } from '../../worker/core/fact-sums'
import { freshness, observationsOf, quantile } from '../../worker/core/kpi'
import type { Observation } from '../../worker/core/metrics'

const now = { moment: new Date('2026-11-22T10:00:00Z'), day: '2026-11-22' }
const everything = { lead: now, deal: now, spend: now }
const closed = (won: number, rest: Partial<ClosedSums> = {}): ClosedSums => ({
  won,
  lost: 0,
  amounts: 0,
  revenue: 0,
  lostAmount: 0,
  newCustomers: won,
  ...rest,
})
const sumsOf = (sums: Partial<FactSums>): FactSums => ({ ...noSums, ...sums })
const cost = (total: number): SpendSums => ({ total, sales: 0, marketing: total })
const each = (...values: number[]): Tally[] => values.map((value) => ({ value, count: 1 }))

function values(observations: readonly Observation[], metric: string, window = ''): Record<string, number | null> {
  return Object.fromEntries(
    observations.filter((item) => item.metric === metric && item.window === window).map((item) => [item.period, item.value]),
  )
}

describe('a quantile', () => {
  it('interpolates between neighbours', () => {
    expect([quantile(each(4, 14, 20), 0.5), quantile(each(4, 14, 20), 0.9), quantile(each(1, 2), 0.5)]).toEqual([14, 18.8, 1.5])
  })

  it('is null for nothing and the value itself for one', () => {
    expect([quantile([], 0.5), quantile(each(7), 0.9)]).toEqual([null, 7])
  })

  it('does not depend on how equal values are grouped, and stays within them', () => {
    const days = fc.array(fc.nat(400), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(days, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const sorted = list.toSorted((a, b) => a - b)
        const grouped = [...new Set(sorted)].map((value) => ({ value, count: sorted.filter((other) => other === value).length }))
        const result = quantile(grouped, share) ?? Number.NaN
        expect(result).toBeCloseTo(quantile(each(...sorted), share) ?? Number.NaN, 9)
        expect(result).toBeGreaterThanOrEqual(sorted[0] ?? 0)
        expect(result).toBeLessThanOrEqual(sorted.at(-1) ?? 0)
      }),
    )
  })
})

describe('observations', () => {
  it('fill every month between the first and the last fact', () => {
    const sums = sumsOf({ leads: new Map([['2025-11', 10]]), closed: new Map([['2026-02', closed(3)]]) })
    const found = observationsOf(sums, everything, '2026-02-10')
    expect(values(found, 'lead_volume')).toEqual({ '2025-11': 10, '2025-12': 0, '2026-01': 0, '2026-02': 0 })
    expect(values(found, 'won_deals')).toEqual({ '2025-11': 0, '2025-12': 0, '2026-01': 0, '2026-02': 3 })
  })

  it('are null, never 0, where a ratio has no denominator', () => {
    const sums = sumsOf({ leads: new Map([['2026-01', 10]]), closed: new Map([['2026-02', closed(3)]]) })
    const found = observationsOf(sums, everything, '2026-02-10')
    expect(values(found, 'lead_conversion')).toEqual({ '2026-01': 0, '2026-02': null })
    expect(found.find(({ metric, period }) => metric === 'lead_conversion' && period === '2026-02')).toMatchObject({
      numerator: 3,
      denominator: 0,
    })
  })

  it('are missing where a kind of fact was never imported', () => {
    const found = observationsOf(sumsOf({ leads: new Map([['2026-01', 10]]) }), { lead: now }, '2026-01-20')
    expect([...new Set(found.map(({ metric }) => metric))]).toEqual(['lead_volume'])
  })

  it('have no win rate while no deal was lost, and no revenue while no deal has an amount', () => {
    const won = sumsOf({ closed: new Map([['2026-01', closed(4)]]) })
    expect(observationsOf(won, { deal: now }, '2026-01-20').map(({ metric }) => metric)).toEqual(['won_deals'])
    const both = sumsOf({ closed: new Map([['2026-01', closed(3, { lost: 1, amounts: 2, revenue: 500 })]]) })
    const found = observationsOf(both, { deal: now }, '2026-01-20')
    expect(values(found, 'win_rate')).toEqual({ '2026-01': 0.75 })
    expect(values(found, 'deal_size')).toEqual({ '2026-01': 250 })
  })

  it('keep revenue null where deals were won and none says for how much', () => {
    const sums = sumsOf({
      closed: new Map([
        ['2026-01', closed(2, { amounts: 2, revenue: 100 })],
        ['2026-02', closed(1)],
        ['2026-03', closed(0)],
      ]),
    })
    expect(values(observationsOf(sums, { deal: now }, '2026-03-20'), 'won_revenue')).toEqual({
      '2026-01': 100,
      '2026-02': null,
      '2026-03': 0,
    })
  })

  it('compare growth with whole months only, and with none that had no revenue', () => {
    const month = (revenue: number) => closed(1, { amounts: revenue > 0 ? 1 : 0, revenue, won: revenue > 0 ? 1 : 0 })
    const sums = sumsOf({
      closed: new Map([
        ['2026-07', month(100)],
        ['2026-08', month(150)],
        ['2026-09', month(0)],
        ['2026-10', month(80)],
        ['2026-11', month(60)],
      ]),
    })
    const found = observationsOf(sums, { deal: now }, '2026-11-20')
    expect(values(found, 'revenue_growth')).toEqual({ '2026-07': null, '2026-08': 0.5, '2026-09': -1, '2026-10': null, '2026-11': null })
    expect(found.filter(({ metric, provisional }) => metric === 'revenue_growth' && provisional).map(({ period }) => period)).toEqual([
      '2026-11',
    ])
  })

  it('are provisional for a month that had not ended when its data was read', () => {
    const sums = sumsOf({
      leads: new Map([
        ['2026-09', 1],
        ['2026-10', 1],
        ['2026-11', 1],
      ]),
    })
    const asOf = { moment: new Date('2026-10-31T09:00:00Z'), day: '2026-10-31' }
    const found = observationsOf(sums, { lead: asOf }, '2026-11-02')
    expect(found.map(({ period, provisional }) => [period, provisional])).toEqual([
      ['2026-09', false],
      ['2026-10', true],
      ['2026-11', true],
    ])
  })

  it('follow a cohort within its window, provisional until the data has passed it', () => {
    const sums = sumsOf({
      leads: new Map([['2026-07', 10]]),
      closed: new Map([['2026-09', closed(4)]]),
      cohorts: new Map([
        [
          '2026-07',
          [
            { value: -2, count: 1 },
            { value: 30, count: 1 },
            { value: 31, count: 1 },
            { value: 95, count: 1 },
          ],
        ],
      ]),
    })
    const at = (newest: string) =>
      observationsOf(sums, everything, newest)
        .filter(({ basis, period }) => basis === 'cohort' && period === '2026-07')
        .map(({ window, value, provisional }) => [window, value, provisional])
    expect(at('2026-09-29')).toEqual([
      ['30', 0.2, false],
      ['60', 0.3, false],
      ['90', 0.3, true],
      ['ever', 0.4, true],
    ])
    expect(at('2026-09-28')[1]).toEqual(['60', 0.3, true])
    expect(at('2026-10-29').map(([, , provisional]) => provisional)).toEqual([false, false, false, false])
  })

  it('give the acquisition cost only where there is spend and a customer', () => {
    const sums = sumsOf({
      closed: new Map([
        ['2026-01', closed(4)],
        ['2026-02', closed(0)],
        ['2026-03', closed(2)],
      ]),
      spend: new Map([
        ['2026-01', cost(1_000)],
        ['2026-02', cost(500)],
        ['2026-04', cost(700)],
      ]),
    })
    const found = observationsOf(sums, everything, '2026-04-01')
    expect(values(found, 'cac')).toEqual({ '2026-01': 250, '2026-02': null, '2026-03': null, '2026-04': null })
    expect(Object.keys(values(found, 'won_deals'))).toEqual(['2026-01', '2026-02', '2026-03'])
  })

  it('say how old the oldest of their sources is', () => {
    const older = { moment: new Date('2026-06-01T00:00:00Z'), day: '2026-06-01' }
    const sums = sumsOf({ leads: new Map([['2026-01', 1]]), closed: new Map([['2026-01', closed(1)]]) })
    const found = observationsOf(sums, { lead: now, deal: older }, '2026-01-01')
    const asOf = Object.fromEntries(found.map((item) => [item.metric, item.asOf]))
    expect([asOf.lead_volume, asOf.lead_conversion, asOf.won_deals]).toEqual([now.moment, older.moment, older.moment])
  })
})

describe('freshness', () => {
  const at = (days: number) => freshness(new Date(now.moment.getTime() - days * 86_400_000), 7, now.moment)

  it('is late after one interval and stale after two', () => {
    expect([freshness(null, 7, now.moment), at(0), at(7), at(7.01), at(14), at(14.01)]).toEqual([
      'never',
      'fresh',
      'fresh',
      'late',
      'late',
      'stale',
    ])
  })
})
