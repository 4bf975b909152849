import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { definitionAgreement } from '../../worker/core/definitions'

const agreement = (first: number[], second: number[]) => {
  const found = definitionAgreement(first, second)
  if (!found) throw new Error('no agreement')
  return found
}
const answers = fc.array(fc.nat(9), { minLength: 4, maxLength: 4 })

describe('agreement on a definition', () => {
  it('is the method’s example to the printed digits', () => {
    const found = agreement([6, 3, 1, 0], [2, 2, 4, 0])
    expect(found.between.toFixed(3)).toBe('0.275')
    expect(found.withinFirst?.toFixed(1)).toBe('0.4')
    expect(found.withinSecond?.toFixed(6)).toBe('0.285714')
    expect(found.divide?.toFixed(6)).toBe('0.067857')
    expect(found.morisita?.toFixed(6)).toBe('0.802083')
  })

  it('has a jackknife error a little above the method’s delta error of 0.0761', () => {
    const error = Math.sqrt(agreement([6, 3, 1, 0], [2, 2, 4, 0]).variance)
    expect(error).toBeGreaterThan(0.0761)
    expect(error).toBeLessThan(0.085)
  })

  it('is the chance that two people of two forests and pastures meet the same species', () => {
    // Σxy = 33 and n = 49, 49 in the mothur example
    const found = agreement([33, 16, 0], [1, 0, 48])
    expect(found.between).toBeCloseTo(33 / 2401, 12)
    expect(found.between.toFixed(7)).toBe('0.0137443')
  })

  it('gives the Morisita dissimilarity of abdiv’s example', () => {
    expect(1 - (agreement([0, 0, 0, 1, 2, 3, 5], [0, 0, 3, 0, 2, 1, 1]).morisita as number)).toBeCloseTo(0.299611, 6)
  })

  it('is bounded by the two Wilson limits where everybody says the same', () => {
    const found = agreement([5, 0], [8, 0])
    expect(found.between).toBe(1)
    expect(found.interval?.high).toBe(1)
    expect(found.interval?.low).toBeCloseTo(0.5655 * 0.6756, 3)
    expect(found.variance).toBeGreaterThan(0)
  })

  it('is not certain either where two definitions never meet', () => {
    const found = agreement([5, 0], [0, 5])
    expect(found.between).toBe(0)
    expect(found.interval?.low).toBe(0)
    expect(found.interval?.high).toBeGreaterThan(0.3)
    expect(found.divide).toBe(1)
  })

  it('is not certain where both sides are split in half, which the jackknife alone would claim', () => {
    const { interval } = agreement([3, 3], [3, 3])
    expect((interval?.high ?? 0) - (interval?.low ?? 0)).toBeGreaterThan(0.2)
  })

  it('is absent where a side is silent, and has no interval for one person', () => {
    expect(definitionAgreement([0, 0], [3, 1])).toBeNull()
    expect(definitionAgreement([], [])).toBeNull()
    const single = agreement([1, 0], [3, 1])
    expect([single.interval, single.withinFirst, single.divide]).toEqual([null, null, null])
  })

  it('is finite, inside its interval and blind to which side is first', () => {
    fc.assert(
      fc.property(answers, answers, (first, second) => {
        const found = definitionAgreement(first, second)
        if (!found) return
        const back = agreement(second, first)
        expect(back.between).toBeCloseTo(found.between, 12)
        expect(back.variance).toBeCloseTo(found.variance, 12)
        expect(Object.values(found).some((value) => Number.isNaN(value))).toBe(false)
        if (found.interval) {
          expect(found.interval.low).toBeLessThanOrEqual(found.between + 1e-12)
          expect(found.interval.high).toBeGreaterThanOrEqual(found.between - 1e-12)
        }
      }),
    )
  })
})
