import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { baselineWindow, beforeAfter, phasesAround } from '../../worker/core/before-after'
import { monthAfter } from '../../worker/core/calendar'

const months = (from: string, count: number) => Array.from({ length: count }, (_, index) => monthAfter(from, index))
/** Each period with its place. */
const placed = (periods: string[]) => periods.map((period, at) => ({ period, at }))
const places = (of: readonly { at: number }[]) => of.map(({ at }) => at)
const around = (periods: string[], day: string) => {
  const { before, after } = phasesAround(placed(periods), day)
  return { before: places(before), after: places(after) }
}
const baseline = (periods: string[], event: { day: string } | null) => places(baselineWindow(placed(periods), event))
const named = (periods: string[], indexes: number[]) => indexes.map((index) => periods[index])

describe('the phases around an event', () => {
  const periods = months('2025-10', 6) // to 2026-03

  it('leave out the month in which it fell', () => {
    const { before, after } = around(periods, '2026-01-12')
    expect(named(periods, before)).toEqual(['2025-10', '2025-11', '2025-12'])
    expect(named(periods, after)).toEqual(['2026-02', '2026-03'])
  })

  it('begin with the month whose first day it fell on', () => {
    const { before, after } = around(periods, '2026-01-01')
    expect(named(periods, before)).toEqual(['2025-10', '2025-11', '2025-12'])
    expect(named(periods, after)).toEqual(['2026-01', '2026-02', '2026-03'])
    expect(around(periods, '2026-01-31').after).toEqual([4, 5])
  })

  it('are at most the twelve periods nearest to it', () => {
    const years = months('2023-01', 40)
    const { before, after } = around(years, '2024-09-15')
    expect(named(years, before)).toEqual(months('2023-09', 12))
    expect(named(years, after)).toEqual(months('2024-10', 12))
  })

  it('are empty on a side without periods', () => {
    expect(around(periods, '2025-01-15')).toEqual({ before: [], after: [0, 1, 2, 3, 4, 5] })
    expect(around(periods, '2026-03-15')).toEqual({ before: [0, 1, 2, 3, 4], after: [] })
    expect(around([], '2026-03-15')).toEqual({ before: [], after: [] })
  })
})

describe('the baseline', () => {
  it('is the up to twelve periods before the event', () => {
    const periods = months('2025-01', 20)
    expect(named(periods, baseline(periods, { day: '2026-03-10' }))).toEqual(months('2025-03', 12))
    expect(baseline(periods, { day: '2025-03-10' })).toEqual([0, 1])
    expect(baseline(periods, { day: '2025-01-10' })).toEqual([])
  })

  it('is the first six periods without an event, and does not move as more come', () => {
    for (const count of [6, 7, 30]) expect(baseline(months('2025-01', count), null)).toEqual([0, 1, 2, 3, 4, 5])
    expect([baseline(months('2025-01', 2), null), baseline([], null)]).toEqual([[0, 1], []])
  })
})

describe('before and after', () => {
  it('are compared by their means', () => {
    const found = beforeAfter([50, 52, 51, 49], [56, 58, 55, 63])
    expect(found).toMatchObject({
      before: { n: 4, mean: 50.5, median: 50.5 },
      after: { n: 4, mean: 58, median: 57 },
      difference: 7.5,
      verdict: 'signal',
    })
    expect(beforeAfter([56, 58, 55, 63], [50, 52, 51, 49])).toMatchObject({ difference: -7.5, p: found?.p, verdict: 'signal' })
  })

  it('of four periods each cannot go below 2 in 70', () => {
    expect(beforeAfter([1, 2, 3, 4], [1_001, 1_002, 1_003, 1_004])).toMatchObject({ p: 2 / 70, leastP: 2 / 70, verdict: 'signal' })
    fc.assert(
      fc.property(phase(4, 4), phase(4, 4), (before, after) => {
        expect(beforeAfter(before, after)?.p).toBeGreaterThanOrEqual(2 / 70)
      }),
    )
  })

  it('of three periods each are never a signal', () => {
    expect(beforeAfter([1, 2, 3], [1_001, 1_002, 1_003])).toMatchObject({ p: 0.1, leastP: 0.1, verdict: 'normal' })
    expect(beforeAfter([1, 2, 3], [1_001, 1_002, 1_003, 1_004])).toMatchObject({ p: 1 / 35, leastP: 1 / 35, verdict: 'signal' })
  })

  it('have the p that SciPy enumerates, over 11,440 and over 2.7 million ways', () => {
    const mice = beforeAfter([94, 197, 16, 38, 99, 141, 23], [52, 104, 146, 10, 51, 30, 40, 27, 46])
    expect(mice?.p).toBeCloseTo(0.2783216783216783, 14)
    const year = beforeAfter(
      [50.2, 52.1, 49.7, 51.3, 50.8, 48.9, 52.6, 50.1, 49.5, 51.9, 50.6, 51.1],
      [52.4, 51.7, 53.3, 50.9, 52.8, 51.2, 54.1, 52.2, 50.4, 53.6, 51.5, 52.9],
    )
    expect(year?.p).toBeCloseTo(0.0041099699869386235, 14)
    expect(year?.leastP).toBeCloseTo(2 / 2_704_156, 18)
  })

  it('have the p of counting every relabeling one by one', () => {
    fc.assert(
      fc.property(phase(3, 6), phase(3, 6), (before, after) => {
        expect(beforeAfter(before, after)?.p).toBeCloseTo(enumeratedP(before, after), 12)
      }),
      { numRuns: 200 },
    )
  })

  it('have a p above 0 and up to 1, whichever comes first and whatever the unit', () => {
    fc.assert(
      fc.property(phase(3, 12), phase(3, 12), (before, after) => {
        const found = beforeAfter(before, after)
        expect(found?.p).toBeGreaterThanOrEqual((found?.leastP as number) - 1e-15)
        expect(found?.p).toBeLessThanOrEqual(1)
        expect(beforeAfter(after, before)?.p).toBe(found?.p)
        const inCents = (values: number[]) => values.map((value) => 100 * value + 7)
        expect(beforeAfter(inCents(before), inCents(after))?.p).toBe(found?.p)
      }),
    )
  })

  it('that are all the same, or have the same mean, are as far apart as any', () => {
    expect(beforeAfter([0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1])).toMatchObject({ p: 1, verdict: 'normal' })
    expect(beforeAfter([0, 0, 0], [0, 0, 0])).toMatchObject({ difference: 0, p: 1 })
    expect(beforeAfter([0.1, 0.2, 0.3], [0.3, 0.2, 0.1])).toMatchObject({ p: 1 })
    expect(beforeAfter([0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2], [0.3, 0.3, 0.3])).toMatchObject({ p: 1 })
  })

  it('are not compared with fewer than three values on a side', () => {
    expect([beforeAfter([], []), beforeAfter([1, 2], [1, 2, 3]), beforeAfter([1, 2, 3], [4])]).toEqual([null, null, null])
  })

  it('refuse a value that is not finite and more than twelve periods', () => {
    expect(() => beforeAfter([1, 2, Number.NaN], [1, 2, 3])).toThrow(RangeError)
    expect(() => beforeAfter([1], [Number.POSITIVE_INFINITY])).toThrow(RangeError)
    expect(() => beforeAfter(new Array<number>(13).fill(1), [1, 2, 3])).toThrow(RangeError)
  })
})

/** Values with a decimal: many ties, and sums that round differently in another order. */
function phase(minLength: number, maxLength: number) {
  return fc.array(
    fc.integer({ min: -30, max: 60 }).map((tenths) => tenths / 10),
    { minLength, maxLength },
  )
}

function enumeratedP(before: readonly number[], after: readonly number[]): number {
  const all = [...before, ...after]
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const observed = Math.abs(mean(after) - mean(before))
  let [ways, asFar] = [0, 0]
  for (let mask = 0; mask < 2 ** all.length; mask++) {
    const labeled = all.filter((_, index) => mask & (1 << index))
    if (labeled.length !== before.length) continue
    ways++
    if (Math.abs(mean(all.filter((_, index) => !(mask & (1 << index)))) - mean(labeled)) >= observed - 1e-9) asFar++
  }
  return asFar / ways
}
