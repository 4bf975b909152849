import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adjustedP } from '../../worker/core/multiplicity'
import {
  differenceOfShares,
  erfc,
  mean,
  median,
  normalCdf,
  quantile,
  tQuantile,
  twoSidedP,
  wilson,
  z95,
} from '../../worker/core/statistics'

/** An independent implementation; it has no types. */
const { jStat } = createRequire(import.meta.url)('jstat') as {
  jStat: {
    erfc: (x: number) => number
    normal: { cdf: (x: number, mean: number, sd: number) => number; inv: (p: number, mean: number, sd: number) => number }
    studentt: { inv: (p: number, df: number) => number }
  }
}

describe('distributions', () => {
  it('agree with jStat on the normal distribution, also far out', () => {
    for (let x = -6; x <= 6; x += 0.37) expect(normalCdf(x)).toBeCloseTo(jStat.normal.cdf(x, 0, 1), 10)
    expect(z95).toBeCloseTo(jStat.normal.inv(0.975, 0, 1), 8)
  })

  it('keep their relative precision in the tail', () => {
    expect(erfc(1)).toBeCloseTo(0.15729920705028513, 14)
    expect(erfc(2.5) / 0.00040695201744495897 - 1).toBeCloseTo(0, 12)
    expect(erfc(5) / 1.5374597944280349e-12 - 1).toBeCloseTo(0, 10)
    expect(erfc(-1) + erfc(1)).toBeCloseTo(2, 14)
  })

  it('give the quantiles of t that the method prints', () => {
    expect([4, 9, 19, 29].map((df) => tQuantile(df).toFixed(6))).toEqual(['2.776445', '2.262157', '2.093024', '2.045230'])
  })

  it('agree with jStat on t from 1 to 200 degrees of freedom', () => {
    for (let df = 1; df <= 200; df++) expect(tQuantile(df)).toBeCloseTo(jStat.studentt.inv(0.975, df), 6)
  })

  it('refuse t without a degree of freedom', () => {
    expect(() => tQuantile(0)).toThrow(RangeError)
    expect(() => tQuantile(Number.NaN)).toThrow(RangeError)
  })

  it('never give a p of 0', () => {
    fc.assert(
      fc.property(fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: 1e-6, max: 1, noNaN: true }), (difference, error) => {
        const p = twoSidedP(difference, error)
        expect(p).toBeGreaterThan(0)
        expect(p).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('wilson', () => {
  it.each([
    [81, 263, '0.2553', '0.3662'],
    [15, 148, '0.0624', '0.1605'],
  ])('of %i in %i', (successes, trials, low, high) => {
    const interval = wilson(successes, trials)
    expect([interval?.low.toFixed(4), interval?.high.toFixed(4)]).toEqual([low, high])
  })

  it('has no interval without a trial', () => expect(wilson(0, 0)).toBeNull())
})

describe('the difference of two shares', () => {
  it('has the interval of Agresti and Caffo', () => {
    const found = differenceOfShares({ successes: 30, trials: 200 }, { successes: 45, trials: 210 })
    expect(100 * (((found?.interval.low ?? 0) + (found?.interval.high ?? 0)) / 2)).toBeCloseTo(6.35, 2)
    expect([100 * (found?.interval.low ?? 0), 100 * (found?.interval.high ?? 0)].map((end) => end.toFixed(2))).toEqual(['-1.10', '13.80'])
    expect(found?.difference).toBeCloseTo(45 / 210 - 30 / 200, 12)
  })

  it('is never certain, and absent without a trial', () => {
    const certain = differenceOfShares({ successes: 0, trials: 5 }, { successes: 5, trials: 5 })
    expect([certain?.difference, certain?.interval.high]).toEqual([1, expect.closeTo(1, 1)])
    expect(certain?.interval.low).toBeLessThan(1)
    expect(differenceOfShares({ successes: 0, trials: 0 }, { successes: 1, trials: 2 })).toBeNull()
  })
})

describe('order statistics', () => {
  it('interpolate between neighbours', () => {
    expect(quantile([4, 1, 3, 2], 0.9)).toBeCloseTo(3.7, 12)
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), quantile([7], 0.25)]).toEqual([2, 2.5, 7])
  })

  it('are null for nothing', () => expect([median([]), mean([])]).toEqual([null, null]))
})

describe('many tests at once', () => {
  it('gives the adjusted values of Benjamini and Hochberg 1995', () => {
    const p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1]
    const expected = [
      0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.063857, 0.063857, 0.0645, 0.0765, 0.486, 0.581182, 0.714875, 0.753231, 0.813214, 1,
    ]
    for (const [index, value] of adjustedP(p).entries()) expect(value).toBeCloseTo(expected[index] as number, 6)
    expect(adjustedP(p).filter((value) => value <= 0.05)).toHaveLength(4)
  })

  it('follows its values wherever they stand', () => {
    expect(adjustedP([0.04, 0.01, 0.03])).toEqual([0.04, 0.03, 0.04])
    expect(adjustedP([])).toEqual([])
  })
})
