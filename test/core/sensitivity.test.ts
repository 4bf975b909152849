import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Pillar, pillars, type Score, type ScorePart } from '../../worker/core/result'
import { changeSensitivity, sensitivity } from '../../worker/core/sensitivity'

const weights = [0.4, 0.15, 0.2, 0.25]

/** A score of these pillar values; Perception is one theme of two sides that are so far apart. */
function scoreOf(values: readonly (number | null)[], distance = 0): Score {
  const scored = values.map((value, index) => {
    const pillar = pillars[index] as Pillar
    const level = (value ?? 0) + 12.5 * distance
    const part: ScorePart = { key: 'goals', value: value ?? 0, weight: 1, from: '1', variance: 1, points: null }
    const sides = { sales: level, marketing: level, distance, shares: [] }
    const parts = value === null ? [] : [pillar === 'perception' ? { ...part, sides } : part]
    return { pillar, weight: weights[index] as number, value, missing: value === null ? ('no-kpis' as const) : null, parts }
  })
  const present = scored.filter(({ value }) => value !== null)
  const weight = present.reduce((sum, one) => sum + one.weight, 0)
  const value = present.length === 0 ? null : present.reduce((sum, one) => sum + one.weight * (one.value ?? 0), 0) / weight
  return {
    ...{ methodVersion: '2', rulesVersion: 1, kappa: 0.25, inputsHash: '', roundId: 'r', number: 1, period: '2026-09', revision: 1 },
    ...{ value, interval: null, weightPresent: weight, pillars: scored, peopleIndex: null, numbersIndex: null, variance: 1 },
    ...{ degreesOfFreedom: 9, ballots: 40, invited: 50 },
  }
}

describe('a score under other choices', () => {
  it('is shown with equal weights, without each pillar and with each κ', () => {
    const found = sensitivity(scoreOf([62, 40, null, 75], 0.4))
    expect(found?.equalWeights).toBeCloseTo(59, 12)
    expect(found?.without).toEqual([
      { pillar: 'perception', value: expect.closeTo((0.15 * 40 + 0.25 * 75) / 0.4, 12) },
      { pillar: 'definitions', value: expect.closeTo((0.4 * 62 + 0.25 * 75) / 0.65, 12) },
      { pillar: 'performance', value: expect.closeTo((0.4 * 62 + 0.15 * 40) / 0.55, 12) },
    ])
    const [none, quarter, half] = found?.kappas.map(({ value }) => value) ?? []
    expect(quarter).toBeCloseTo((0.4 * 62 + 0.15 * 40 + 0.25 * 75) / 0.8, 12)
    expect([none, half]).toEqual([expect.closeTo((quarter ?? 0) + 2.5, 12), expect.closeTo((quarter ?? 0) - 2.5, 12)])
  })

  it('is nothing where there is none, and has no pillar to leave out where there is one', () => {
    expect(sensitivity(scoreOf([null, null, null, null]))).toBeNull()
    expect(sensitivity(scoreOf([62, null, null, null]))?.without).toEqual([{ pillar: 'perception', value: null }])
    expect(sensitivity(scoreOf([null, 40, 50, 75]))?.kappas).toEqual([]) // no side says how far apart they are
  })

  it('says nothing about κ where a score of an early version does not say how the sides answered', () => {
    const early = scoreOf([62, 40, null, 75])
    for (const { parts } of early.pillars) for (const part of parts) delete part.sides
    expect(sensitivity(early)?.kappas).toEqual([])
  })
})

describe('a change under other weights', () => {
  it('holds for any where every pillar moved the same way', () => {
    expect(changeSensitivity(scoreOf([60, 40, 80, null]), scoreOf([66, 60, 80, null]))).toMatchObject({ low: 0, high: 20, holds: 'rise' })
    expect(changeSensitivity(scoreOf([60, 40, null, 80]), scoreOf([50, 40, null, 79]))?.holds).toBe('fall')
    expect(changeSensitivity(scoreOf([60, 40, 80, null]), scoreOf([66, 60, 76, null]))).toMatchObject({ low: -4, high: 20, holds: null })
    expect(changeSensitivity(scoreOf([60, 40, null, null]), scoreOf([60, 40, null, null]))?.holds).toBeNull()
  })

  it('is nothing where one score has a pillar that the other lacks', () => {
    expect(changeSensitivity(scoreOf([60, 40, 80, null]), scoreOf([66, 60, 80, 70]))).toBeNull()
    expect(changeSensitivity(scoreOf([60, null, null, null]), scoreOf([null, null, null, 70]))).toBeNull()
  })

  it('is never beyond what it says, whatever the weights', () => {
    const values = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 4, maxLength: 4 })
    const any = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(values, values, any, (from, to, of) => {
        const { low = 0, high = 0 } = changeSensitivity(scoreOf(from), scoreOf(to)) ?? {}
        const sum = of.reduce((all, weight) => all + weight, 0)
        const change = of.reduce((all, weight, index) => all + (weight / sum) * ((to[index] ?? 0) - (from[index] ?? 0)), 0)
        expect(change).toBeGreaterThanOrEqual(low - 1e-9)
        expect(change).toBeLessThanOrEqual(high + 1e-9)
      }),
    )
  })
})
