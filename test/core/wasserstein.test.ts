import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wasserstein } from '../../worker/core/wasserstein'

const someNumbers = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 20 })
const repeated = (values: readonly number[], times: readonly number[]) =>
  values.flatMap((value, index) => new Array<number>(times[index] as number).fill(value))

describe('the Wasserstein-1 distance of two samples', () => {
  it.each([
    ['of two samples', [0, 1, 3], [5, 6, 8], 5],
    ['of weighted values', repeated([0, 1], [3, 1]), repeated([0, 1], [2, 2]), 0.25],
    ['of fractions', repeated([3.4, 3.9, 7.5, 7.8], [14, 9, 31, 72]), repeated([4.5, 1.4], [32, 35]), 4.0781331438],
  ])('%s is the one of SciPy’s documentation', (_, a, b, expected) => expect(wasserstein(a, b)).toBeCloseTo(expected, 10))

  it('is the mean step between ranks where both are as many', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 })), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(pairs, (given) => {
        const sorted = ([0, 1] as const).map((side) => given.map((pair) => pair[side]).sort((x, y) => x - y)) as [number[], number[]]
        const steps = sorted[0].map((value, rank) => Math.abs(value - (sorted[1][rank] as number)))
        expect(wasserstein(...sorted)).toBeCloseTo(steps.reduce((sum, step) => sum + step, 0) / given.length, 10)
      }),
    )
  })

  it('stays when the samples change places, grows with the unit and is at least the gap between the means', () => {
    const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length
    fc.assert(
      fc.property(someNumbers, someNumbers, (a, b) => {
        const distance = wasserstein(a, b) as number
        expect(wasserstein(b, a)).toBe(distance)
        const inMinutes = [a, b].map((hours) => hours.map((value) => 60 * value)) as [number[], number[]]
        expect(wasserstein(...inMinutes)).toBeCloseTo(60 * distance, 6)
        expect(distance).toBeGreaterThanOrEqual(Math.abs(mean(a) - mean(b)) - 1e-9)
      }),
    )
  })

  it('is exactly 0 between a sample and itself, in any order and size', () => {
    fc.assert(
      fc.property(someNumbers, (a) => {
        expect(wasserstein(a, [...a, ...a, ...a].reverse())).toBe(0)
      }),
    )
    expect(wasserstein([7], [7])).toBe(0)
  })

  it('is absent where one sample is empty', () => expect([wasserstein([], [1]), wasserstein([1], [])]).toEqual([null, null]))

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %d by name', (value) => {
    expect(() => wasserstein([1, value], [2])).toThrow(new RangeError(`a distance needs finite numbers, not ${value}`))
    expect(() => wasserstein([], [value])).toThrow(RangeError)
  })
})
