import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  againstGuessing,
  definitionAgreement,
  multiSelectAgreement,
  numericDefinition,
  writtenAgreement,
} from '../../worker/core/definitions'

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

  it('tells two rival definitions from none: the divide has an interval', () => {
    const rivals = agreement([12, 1, 0, 0], [0, 2, 11, 0])
    expect(rivals.divideInterval?.low).toBeGreaterThan(0)
    const nobodyAgrees = agreement([4, 3, 3, 3], [3, 3, 4, 3])
    expect(nobodyAgrees.between).toBeLessThan(0.3)
    expect(nobodyAgrees.divideInterval?.low).toBeLessThan(0)
    expect(nobodyAgrees.divideInterval?.high).toBeGreaterThan(0)
  })

  it('is careful with a divide of few people, and of sides that are of one mind', () => {
    expect(agreement([5, 0], [0, 5]).divideInterval).toEqual({ low: expect.closeTo(2 * 0.5655 ** 2 - 1, 3), high: 1 })
    expect(agreement([12, 0], [0, 12]).divideInterval?.low).toBeGreaterThan(0)
    expect(agreement([12, 0], [12, 0]).divideInterval).toEqual({ low: expect.closeTo(-0.4257, 3), high: expect.closeTo(0.4257, 3) })
    expect(agreement([5, 5], [5, 5]).divideInterval?.high).toBeGreaterThan(0)
    expect(agreement([2, 0], [0, 2]).divideInterval).toBeNull()
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

describe('an agreement against guessing', () => {
  it('is the method’s example to the printed digits', () => {
    expect(againstGuessing(agreement([6, 3, 1, 0], [2, 2, 4, 0]).between, 4)?.toFixed(6)).toBe('0.033333')
  })

  it('is 1 where all agree, 0 where the sides might have guessed, and below 0 where they never meet', () => {
    expect([againstGuessing(1, 5), againstGuessing(0.2, 5), againstGuessing(0, 5)]).toEqual([1, 0, expect.closeTo(-0.25, 12)])
  })

  it.each([1, 0, Number.NaN])('is absent for %d options', (options) => expect(againstGuessing(1, options)).toBeNull())
})

describe('agreement with the written definition', () => {
  it('is the share of one side that chose it, with Wilson’s interval', () => {
    const found = writtenAgreement([100, 81, 82], 1)
    expect(found?.share).toBe(81 / 263)
    expect([found?.interval.low.toFixed(4), found?.interval.high.toFixed(4)]).toEqual(['0.2553', '0.3662'])
  })

  it('is not certain where everybody or nobody chose it', () => {
    expect(writtenAgreement([8, 0], 0)).toEqual({ share: 1, interval: { low: expect.closeTo(0.6756, 4), high: 1 } })
    expect(writtenAgreement([8, 0], 1)).toEqual({ share: 0, interval: { low: 0, high: expect.closeTo(0.3244, 4) } })
  })

  it('is absent where nobody answered, and where no option is the official one', () => {
    expect([writtenAgreement([0, 0], 0), writtenAgreement([], 0), writtenAgreement([3, 1], 2), writtenAgreement([3, 1], -1)]).toEqual(
      new Array(4).fill(null),
    )
    expect(writtenAgreement([Number.NaN, 1], 1)).toBeNull()
  })
})

describe('a definition that is a number', () => {
  it('is as far apart as the answers lie, in their own unit, beside the medians', () => {
    expect(numericDefinition([0, 1, 3], [5, 6, 8])).toEqual({ distance: 5, medianSales: 1, medianMarketing: 6 })
    expect(numericDefinition([50, 60, 60, 80], [70, 80, 80])).toEqual({
      distance: expect.closeTo(14.1667, 4),
      medianSales: 60,
      medianMarketing: 80,
    })
  })

  it('tells a torn side from one in the middle, where the medians are the same', () => {
    expect(numericDefinition([1, 5, 9], [5, 5, 5])).toEqual({ distance: expect.closeTo(8 / 3, 12), medianSales: 5, medianMarketing: 5 })
  })

  it('is absent where a side is silent, and 0 apart for two people who say the same', () => {
    expect([numericDefinition([], [1]), numericDefinition([1], []), numericDefinition([], [])]).toEqual([null, null, null])
    expect(numericDefinition([7], [7])).toEqual({ distance: 0, medianSales: 7, medianMarketing: 7 })
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    expect(() => numericDefinition([1, value], [2])).toThrow(RangeError)
    expect(() => numericDefinition([1], [value])).toThrow(RangeError)
  })
})

describe('agreement where several options may be chosen', () => {
  it('is the chance, option by option, that both chose it or both left it out', () => {
    expect(multiSelectAgreement({ people: 4, chosen: [4, 2, 0] }, { people: 5, chosen: [4, 5, 0] })).toEqual({
      options: [expect.closeTo(0.8, 12), 0.5, 1],
      index: expect.closeTo(0.766667, 6),
    })
  })

  it('is what every pair of two people gives', () => {
    const people = fc.array(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(people, people, (first, second) => {
        const choices = (of: boolean[][]) => ({
          people: of.length,
          chosen: [0, 1, 2].map((option) => of.filter((who) => who[option]).length),
        })
        const pairs = first.flatMap((a) => second.map((b) => a.filter((choice, option) => choice === b[option]).length / 3))
        const expected = pairs.reduce((sum, share) => sum + share, 0) / pairs.length
        expect(multiSelectAgreement(choices(first), choices(second))?.index).toBeCloseTo(expected, 12)
      }),
    )
  })

  it('is 1 for two sides who all choose the same, and 0 for opposites', () => {
    const [a, b] = [
      { people: 3, chosen: [3, 0] },
      { people: 5, chosen: [5, 0] },
    ]
    expect(multiSelectAgreement(a, b)).toEqual({ options: [1, 1], index: 1 })
    expect(multiSelectAgreement(a, { people: 5, chosen: [0, 5] })).toEqual({ options: [0, 0], index: 0 })
  })

  it('is absent where a side is silent, and without options', () => {
    const [silent, some] = [
      { people: 0, chosen: [0, 0] },
      { people: 2, chosen: [1, 2] },
    ]
    expect([multiSelectAgreement(silent, some), multiSelectAgreement(some, silent)]).toEqual([null, null])
    expect(multiSelectAgreement({ people: 2, chosen: [] }, { people: 2, chosen: [] })).toBeNull()
    expect(multiSelectAgreement({ people: Number.NaN, chosen: [1, 1] }, some)).toBeNull()
  })
})
