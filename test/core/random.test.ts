import { describe, expect, it } from 'vitest'
import { normalFrom, randomFrom, shuffledWith } from '../../worker/core/random'
import { normalCdf } from '../../worker/core/statistics'

const sequence = (seed: string, length: number) => Array.from({ length }, randomFrom(seed))

/** How far counts are from being equal: χ² with one degree of freedom less than there are counts. */
function unevenness(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

describe('random numbers', () => {
  it('are these ones, on every machine', () => {
    expect(sequence('a', 3)).toEqual([0.5756878280080855, 0.0016750013455748558, 0.45728895580396056])
    expect(sequence('', 2)).toEqual([0.9082544140983373, 0.4855374770704657])
  })

  it('repeat with their seed and differ between seeds, however alike', () => {
    expect(sequence('round 7', 50)).toEqual(sequence('round 7', 50))
    const seeds = Array.from({ length: 1_000 }, (_, index) => `round ${index}`)
    expect(new Set(seeds.map((seed) => randomFrom(seed)())).size).toBe(1_000)
  })

  it('make standard normal ones', () => {
    const random = randomFrom('bell')
    const values = Array.from({ length: 40_000 }, () => normalFrom(random))
    for (const quantile of [0.05, 0.25, 0.5, 0.9, 0.975]) {
      const below = values.filter((value) => normalCdf(value) < quantile).length / values.length
      expect(Math.abs(below - quantile)).toBeLessThan(0.01)
    }
  })

  it('fill 0 to 1 evenly, along a sequence and across neighbouring seeds, without reaching 1', () => {
    const along = sequence('even', 20_000)
    const across = Array.from({ length: 20_000 }, (_, index) => randomFrom(`round ${index}`)())
    for (const values of [along, across]) {
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
      const counts = new Array<number>(20).fill(0)
      for (const value of values) counts[Math.floor(value * 20)] = (counts[Math.floor(value * 20)] as number) + 1
      expect(unevenness(counts)).toBeLessThan(43.8) // 99.9 % with 19 degrees of freedom
    }
  })
})

describe('a shuffle', () => {
  it('gives every order of the items as often', () => {
    const random = randomFrom('orders')
    const orders = new Map<string, number>()
    for (let i = 0; i < 24_000; i++) {
      const order = shuffledWith(random, 'abcd'.split('')).join('')
      orders.set(order, (orders.get(order) ?? 0) + 1)
    }
    expect(orders.size).toBe(24)
    expect(unevenness([...orders.values()])).toBeLessThan(49.7) // 99.9 % with 23 degrees of freedom
  })

  it('repeats with its seed and leaves the items alone', () => {
    const items = [1, 2, 3, 4, 5]
    expect(shuffledWith(randomFrom('a'), items)).toEqual([4, 5, 2, 1, 3])
    expect(items).toEqual([1, 2, 3, 4, 5])
  })

  it('of nothing is nothing, and of one item that item', () => {
    expect([shuffledWith(randomFrom('a'), []), shuffledWith(randomFrom('a'), ['x'])]).toEqual([[], ['x']])
  })
})
