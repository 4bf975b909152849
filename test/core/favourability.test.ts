import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Counts,
  classOf,
  compare,
  estimate,
  favourability,
  ifAllAnswered,
  intervalOf,
  netShare,
  type PersonMeans,
  standardError,
  themeEstimate,
} from '../../worker/core/favourability'

const counts = ([critics, passives, promoters]: readonly number[]): Counts => ({
  critics: critics as number,
  passives: passives as number,
  promoters: promoters as number,
})
const none = counts([0, 0, 0])
const anyCounts = fc.tuple(fc.nat(40), fc.nat(40), fc.nat(40)).map(counts)
const size = (of: Counts) => of.critics + of.passives + of.promoters
const digits = (values: readonly number[], places = 6) => values.map((value) => Number(value.toFixed(places)) + 0)

describe('classes', () => {
  it('cut agreement at 4–5, 3 and 1–2', () => {
    expect([1, 2, 3, 4, 5].map((answer) => classOf('agreement', answer))).toEqual([
      'critics',
      'critics',
      'passives',
      'promoters',
      'promoters',
    ])
  })

  it('cut the headline at 9–10, 7–8 and 0–6', () => {
    expect([0, 6, 7, 8, 9, 10].map((answer) => classOf('headline', answer))).toEqual([
      'critics',
      'critics',
      'passives',
      'passives',
      'promoters',
      'promoters',
    ])
  })
})

describe('the raw score', () => {
  it.each([
    [[1, 2, 3], 1 / 3, 5 / 9, 0.304],
    [[1, 0, 1], 0, 1, Math.SQRT1_2],
    [[0, 1, 1], 0.5, 0.25, 0.354],
    [[1, 1, 1], 0, 2 / 3, 0.471],
  ])('of %j with no pseudo-answers has the published variance and error', (of, theta, variance, error) => {
    const raw = estimate(counts(of), none)
    expect(netShare(counts(of))).toBeCloseTo(theta, 12)
    expect(raw.theta).toBeCloseTo(theta, 12)
    expect(raw.variance).toBeCloseTo(variance, 12)
    expect(standardError(raw)).toBeCloseTo(error, 3)
  })

  it('has the published Wald interval of 10, 10, 9, 7, 5, 0', () => {
    const raw = estimate(counts([2, 1, 3]), none)
    expect(100 * raw.theta).toBeCloseTo(16.667, 3)
    expect(1.96 * 100 * standardError(raw)).toBeCloseTo(71.817, 3) // published with z = 1.96
  })

  it.each([
    ['no pseudo-answers', [0, 0, 0], -0.1184, -0.0058],
    ['Agresti and Min’s', [0.5, 1, 0.5], -0.1182, -0.0045],
  ])('of (16,139,6) has the textbook interval with %s', (_, pseudo, low, high) => {
    const { low: found, high: top } = intervalOf(estimate(counts([16, 139, 6]), counts(pseudo)))
    expect(digits([found, top], 4)).toEqual([low, high])
  })

  it('is absent for nobody', () => expect(netShare(none)).toBeNull())
})

describe('the interval of an item', () => {
  it.each([
    [[1, 2, 3], 0.222222, 0.249828, -0.267433, 0.711877],
    [[0, 0, 5], 0.625, 0.22964, 0.174915, 1],
    [[0, 0, 3], 0.5, 0.288675, -0.065793, 1],
    [[2, 3, 5], 0.230769, 0.21494, -0.190506, 0.652045],
    [[0, 5, 0], 0, 0.153093, -0.300057, 0.300057],
    [[25, 35, 40], 0.145631, 0.077861, -0.006974, 0.298236],
    [[16, 139, 6], -0.060976, 0.029173, -0.118154, -0.003798],
  ])('of %j is the method’s', (of, theta, error, low, high) => {
    const found = estimate(counts(of))
    const interval = intervalOf(found)
    expect(digits([found.theta, standardError(found), interval.low, interval.high])).toEqual([theta, error, low, high])
  })

  it('contains the raw score of every group of 2 to 150', () => {
    let outside = 0
    for (let n = 2; n <= 150; n++) {
      for (let critics = 0; critics <= n; critics++) {
        for (let promoters = 0; promoters <= n - critics; promoters++) {
          const of = { critics, passives: n - critics - promoters, promoters }
          const { low, high } = intervalOf(estimate(of))
          const theta = (promoters - critics) / n
          if (theta < low || theta > high) outside++
        }
      }
    }
    expect(outside).toBe(0)
    expect(intervalOf(estimate({ critics: 0, passives: 0, promoters: 1 })).high).toBeLessThan(1) // alone with one person
  })

  it('is never less favourable when a critic becomes a promoter', () => {
    fc.assert(
      fc.property(anyCounts, (of) => {
        fc.pre(of.critics > 0)
        const better = { ...of, critics: of.critics - 1, promoters: of.promoters + 1 }
        expect(favourability(netShare(better) as number)).toBeGreaterThan(favourability(netShare(of) as number))
      }),
    )
  })
})

describe('the interval of a theme', () => {
  const people = [
    [1, 1, 0],
    [0, 1, 0],
    [-1, 0, -1],
    [1, 0, 1],
    [0, 0, -1],
  ]
  const means = people.map((answers) => answers.reduce((a, b) => a + b, 0) / answers.length)
  const sums: PersonMeans = { n: 5, sum: means.reduce((a, b) => a + b, 0), squares: means.reduce((a, b) => a + b * b, 0) }

  it('is made of one number a person', () => {
    const found = themeEstimate(sums, 3)
    const { low, high } = intervalOf(found)
    expect(digits([found.theta, found.variance, standardError(found), low, high])).toEqual([
      0.083333, 0.3125, 0.197642, -0.304039, 0.470705,
    ])
    expect([favourability(low).toFixed(2), favourability(high).toFixed(2)]).toEqual(['34.80', '73.54'])
  })

  it('is the item’s with a single item', () => {
    fc.assert(
      fc.property(anyCounts, (of) => {
        const one = themeEstimate({ n: size(of), sum: of.promoters - of.critics, squares: of.promoters + of.critics }, 1)
        const item = estimate(of)
        expect([one.theta, one.n]).toEqual([item.theta, item.n])
        expect(one.variance).toBeCloseTo(item.variance, 12)
      }),
    )
  })
})

describe('had everyone answered', () => {
  const of = counts([1, 3, 4])
  const asked = (invited: number) => ifAllAnswered(estimate(of), { sum: 3, answered: 8, invited })

  it('stops at what the silent could still change', () => expect(digits([asked(10).low, asked(10).high])).toEqual([0.137982, 0.5]))
  it('is exact at full response', () => expect(asked(8)).toEqual({ low: 0.375, high: 0.375 }))
  it('is the other interval for a crowd', () => expect(digits([asked(1e9).low, asked(1e9).high])).toEqual([-0.151989, 0.697444]))
  it('has its centre where the method says', () => expect((3 + 2 * estimate(of).theta) / 10).toBeCloseTo(0.354545, 6))
})

describe('a change', () => {
  it.each([
    [[4, 3, 3], [2, 4, 4], 0.230769, 0.303972, -0.365004, 0.826543, 0.447745],
    [[6, 10, 4], [2, 8, 10], 0.434783, 0.204133, 0.03469, 0.834875, 0.03318],
    [[30, 40, 30], [20, 40, 40], 0.194175, 0.105962, -0.013506, 0.401856, 0.066877],
  ])('from %j to %j', (from, to, difference, error, low, high, p) => {
    const found = compare(estimate(counts(from)), estimate(counts(to)))
    expect(digits([found.difference, found.standardError, found.interval.low, found.interval.high, found.p])).toEqual([
      difference,
      error,
      low,
      high,
      p,
    ])
  })

  it('turned around is the same with the other sign', () => {
    fc.assert(
      fc.property(anyCounts, anyCounts, (a, b) => {
        const [there, back] = [compare(estimate(a), estimate(b)), compare(estimate(b), estimate(a))]
        expect(there.difference).toBe(0 - back.difference)
        expect(there.p).toBe(back.p)
        expect(there.p).toBeGreaterThan(0)
        expect(there.p).toBeLessThanOrEqual(1)
      }),
    )
  })
})
