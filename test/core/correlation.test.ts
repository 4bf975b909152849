import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { midRanks, spearman } from '../../worker/core/correlation'

/** An independent implementation; it has no types. */
const { jStat } = createRequire(import.meta.url)('jstat') as { jStat: { spearmancoeff: (x: number[], y: number[]) => number } }

/** Few different values, so that ties are common. */
const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })), { minLength: 3, maxLength: 30 })
const sides = (of: [number, number][]) => [of.map(([x]) => x), of.map(([, y]) => y)] as const

describe('rank correlation', () => {
  it('is the published one of intelligence and hours of television', () => {
    const rho = spearman([106, 100, 86, 101, 99, 103, 97, 113, 112, 110], [7, 27, 2, 50, 28, 29, 20, 12, 6, 17])
    expect(rho?.toFixed(8)).toBe('-0.17575758')
  })

  it('gives ties the middle of their ranks', () => {
    expect(midRanks([12, 2, 1, 12, 2])).toEqual([4.5, 2.5, 1, 4.5, 2.5])
    expect(spearman([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])?.toFixed(7)).toBe('-0.5407381')
  })

  it('agrees with jStat, ties or none', () => {
    fc.assert(
      fc.property(pairs, (of) => {
        const [x, y] = sides(of)
        const rho = spearman(x, y)
        if (rho === null) expect(Math.min(new Set(x).size, new Set(y).size)).toBe(1)
        else expect(rho).toBeCloseTo(jStat.spearmancoeff(x, y), 10)
      }),
    )
  })

  it('asks for the order only, and turns its sign with one side', () => {
    fc.assert(
      fc.property(pairs, (of) => {
        const [x, y] = sides(of)
        const rho = spearman(x, y)
        const stretched = x.map((value) => Math.exp(value))
        expect(spearman(stretched, y)).toBe(rho)
        const turned = y.map((value) => -value)
        expect(spearman(x, turned)).toBe(rho === null ? null : 0 - rho)
      }),
    )
  })

  it('is 1 and −1 at its ends', () => {
    expect([spearman([1, 2, 3], [5, 6, 60]), spearman([1, 2, 3], [6, 5, -60])]).toEqual([1, -1])
  })

  it('is absent for fewer than three pairs and where one side is constant', () => {
    expect([spearman([], []), spearman([1, 2], [1, 2]), spearman([1, 2, 3], [4, 4, 4])]).toEqual([null, null, null])
  })

  it('takes infinity for the last in order, and refuses NaN and series of different lengths', () => {
    expect(spearman([1, 2, Number.POSITIVE_INFINITY], [1, 2, 3])).toBe(1)
    expect(() => spearman([1, 2, Number.NaN], [1, 2, 3])).toThrow(RangeError)
    expect(() => spearman([1, 2, 3], [1, 2, 3, 4])).toThrow(RangeError)
  })
})
