import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { averageDeviation, mostInAgreement, vanDerEijk, withinTeam } from '../../worker/core/within-team'

/** How many gave each point of the scale from `low` to `high`. */
const countsOf = (answers: readonly number[], low: number, high: number) =>
  Array.from({ length: high - low + 1 }, (_, point) => answers.filter((answer) => answer === low + point).length)
const five = (...answers: number[]) => countsOf(answers, 1, 5)
const eleven = (...answers: number[]) => countsOf(answers, 0, 10)
const reversed = <T>(of: readonly T[]) => [...of].reverse()

const anyCounts = (points: number) =>
  fc.array(fc.nat(12), { minLength: points, maxLength: points }).filter((counts) => counts.some((count) => count > 0))

describe('the average deviation', () => {
  it.each([
    ['4, 4, 5, 3, 4 of 1–5', five(4, 4, 5, 3, 4), 0.4],
    ['8, 9, 7, 8, 10, 6 of 0–10', eleven(8, 9, 7, 8, 10, 6), 1],
    ['1, 1, 5, 5, 5, 1 of 1–5', five(1, 1, 5, 5, 5, 1), 2],
  ])('of %s is the published one', (_, counts, expected) => expect(averageDeviation(counts)).toBeCloseTo(expected, 12))

  it('is what the answers one by one give', () => {
    const answers = fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(answers, (given) => {
        const mean = given.reduce((sum, x) => sum + x, 0) / given.length
        const expected = given.reduce((sum, x) => sum + Math.abs(x - mean), 0) / given.length
        expect(averageDeviation(eleven(...given))).toBeCloseTo(expected, 10)
      }),
    )
  })

  it('is agreement up to 0.83 points of five and 1.83 of eleven', () => {
    expect([mostInAgreement(5).toFixed(2), mostInAgreement(11).toFixed(2)]).toEqual(['0.83', '1.83'])
    expect(withinTeam(five(4, 4, 5, 3, 4))?.agreement).toBe(true)
    expect(withinTeam(five(1, 1, 5, 5, 5, 1))?.agreement).toBe(false)
    // 1.0 point is agreement on the longer scale only
    expect(withinTeam(eleven(8, 9, 7, 8, 10, 6))?.agreement).toBe(true)
    expect(withinTeam(five(1, 3))).toMatchObject({ averageDeviation: 1, agreement: false })
  })

  it('is still agreement exactly at the limit', () => {
    // a mean of 3 and ten steps off it by twelve people: 5/6
    const counts = [0, 5, 2, 5, 0]
    expect(withinTeam(counts)).toMatchObject({ averageDeviation: 5 / 6, agreement: true })
  })
})

describe('van der Eijk’s agreement', () => {
  it('is the example of the R package agrmt', () => {
    const agreement = vanDerEijk([30, 40, 210, 130, 530, 50, 10]) as number
    expect(agreement.toFixed(7)).toBe('0.6113333')
    expect(((1 - agreement) / 2).toFixed(7)).toBe('0.1943333') // polarisation
  })

  it.each([
    ['halves at the ends', [10, 0, 0, 0, 10], -1],
    ['an even spread', [5, 5, 5, 5, 5], 0],
    ['a minority at the other end', [8, 0, 0, 0, 2], 0.2],
    ['a bell', [1, 2, 4, 2, 1], 0.35],
    ['one answer', [0, 0, 0, 7, 0], 1],
  ])('of %s: %j is %d', (_, counts, expected) => expect(vanDerEijk(counts)).toBeCloseTo(expected, 12))

  it('is in −1…1, the same from either end and for twice the people', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 11 }).chain(anyCounts), (counts) => {
        const agreement = vanDerEijk(counts) as number
        expect(Math.abs(agreement)).toBeLessThanOrEqual(1 + 1e-12)
        expect(vanDerEijk(reversed(counts))).toBeCloseTo(agreement, 12)
        expect(vanDerEijk(counts.map((count) => 2 * count))).toBeCloseTo(agreement, 12)
      }),
    )
  })

  it('is absent with fewer than three answers to choose from', () => expect(vanDerEijk([3, 4])).toBeNull())
})

describe('two camps', () => {
  const camps = (counts: readonly number[]) => withinTeam(counts)?.twoCamps

  it('are halves at the ends, not a spread, a bell or a small minority', () => {
    expect(camps([10, 0, 0, 0, 10])).toBe(true)
    for (const counts of [
      [5, 5, 5, 5, 5],
      [1, 2, 4, 2, 1],
      [8, 0, 0, 0, 2],
    ])
      expect(camps(counts)).toBe(false)
  })

  it('are unknown under ten people, not absent', () => {
    expect(camps([5, 0, 0, 0, 4])).toBeNull()
    expect(camps([5, 0, 0, 0, 5])).toBe(true)
    expect(camps(eleven(0, 0, 0, 0, 0, 10, 10, 10, 10))).toBeNull()
  })

  it('are seen on 0–10 as well, where the two ends of a bin are one', () => {
    expect(camps(eleven(0, 1, 0, 1, 0, 10, 9, 10, 9, 10))).toBe(true)
    expect(camps(eleven(2, 3, 2, 3, 2, 3, 2, 3, 2, 3))).toBe(false)
  })

  it('are not made of people spread evenly over 0–10', () => {
    expect(camps(new Array(11).fill(1))).toBe(false)
    expect(camps([3, 2, 1, 2, 3])).toBe(true) // the same people, with a narrower middle
  })

  it('cut 0–10 between 1 and 2, 3 and 4, 6 and 7, 8 and 9', () => {
    const half = (a: number, b: number) => camps(eleven(...new Array(6).fill(a), ...new Array(6).fill(b)))
    // halves are two camps from three bins apart
    expect([half(1, 7), half(2, 7)]).toEqual([true, false])
    expect([half(3, 10), half(4, 10)]).toEqual([true, false])
    expect([half(0, 7), half(0, 6)]).toEqual([true, false])
    expect([half(3, 9), half(3, 8)]).toEqual([true, false])
  })

  it('are not claimed where layers that cancel out miss 0 by the last bit', () => {
    expect(vanDerEijk([0, 5, 1, 3, 5])).not.toBe(0)
    expect(vanDerEijk([0, 5, 1, 3, 5])).toBeCloseTo(0, 15)
    expect(camps([0, 5, 1, 3, 5])).toBe(false)
  })

  it('are the same from either end, on both scales', () => {
    fc.assert(
      fc.property(fc.oneof(anyCounts(5), anyCounts(11)), (counts) => {
        expect(camps(reversed(counts))).toBe(camps(counts))
      }),
    )
  })

  it('are unknown on a scale of neither five nor eleven points', () => expect(camps([10, 0, 0, 0, 0, 0, 10])).toBeNull())
})

describe('within a team', () => {
  it('says all of it at once', () => {
    const found = withinTeam([5, 1, 0, 0, 5])
    expect(found).toEqual({ n: 11, averageDeviation: expect.closeTo(1.900826, 6), agreement: false, twoCamps: true })
  })

  it.each([
    ['nobody', [0, 0, 0, 0, 0]],
    ['no scale', []],
    ['a count that is no number', [1, Number.NaN, 2, 0, 0]],
    ['an endless count', [1, Number.POSITIVE_INFINITY, 2, 0, 0]],
  ])('is absent for %s', (_, counts) => {
    expect([withinTeam(counts), averageDeviation(counts), vanDerEijk(counts)]).toEqual([null, null, null])
  })

  it('is full agreement of one person, and of many who say the same', () => {
    expect(withinTeam([0, 1, 0, 0, 0])).toEqual({ n: 1, averageDeviation: 0, agreement: true, twoCamps: null })
    expect(withinTeam([0, 40, 0, 0, 0])).toEqual({ n: 40, averageDeviation: 0, agreement: true, twoCamps: false })
  })
})
