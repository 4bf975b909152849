import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { correctedDistance, distance, excess, nullOf } from '../../worker/core/distance'
import type { Counts } from '../../worker/core/favourability'

const counts = (critics: number, passives: number, promoters: number): Counts => ({ critics, passives, promoters })
const someCounts = fc
  .tuple(fc.nat(12), fc.nat(12), fc.nat(12))
  .filter((of) => of.some((count) => count > 0))
  .map((of) => counts(...of))
const size = (of: Counts) => of.critics + of.passives + of.promoters

const sales = counts(4, 3, 3)
const marketing = counts(1, 2, 5)

describe('distance between the sides', () => {
  it('is the method’s example to the printed digits', () => {
    const chance = nullOf(sales, marketing)
    expect(distance(sales, marketing)?.toFixed(6)).toBe('0.600000')
    expect(chance?.mean.toFixed(6)).toBe('0.378034')
    expect(chance?.meanSquare.toFixed(6)).toBe('0.186832')
    expect(chance?.p.toFixed(6)).toBe('0.179350')
    expect(chance?.pGap.toFixed(6)).toBe('0.173043')
    expect(chance?.outcomes).toBe(33)
    expect(correctedDistance([excess()({ sales, marketing }) as number]).toFixed(6)).toBe('0.416135')
  })

  it('sees a torn team beside a lukewarm one, where the gap is 0', () => {
    expect(distance(counts(5, 0, 5), counts(0, 10, 0))).toBe(1)
  })

  it('would be 0.43 at 5 and 5 for identical teams, if chance were not taken off', () => {
    expect(nullOf(counts(2, 1, 2), counts(2, 1, 2))?.mean).toBeGreaterThan(0.4)
    expect(correctedDistance([excess()({ sales: counts(2, 1, 2), marketing: counts(2, 1, 2) }) as number])).toBe(0)
  })

  it('is absent where a side is silent', () => {
    expect([distance(counts(0, 0, 0), sales), nullOf(sales, counts(0, 0, 0))]).toEqual([null, null])
    expect(correctedDistance([])).toBe(0)
  })

  it('stays when the sides change places, and is at least the gap', () => {
    fc.assert(
      fc.property(someCounts, someCounts, (a, b) => {
        const w = distance(a, b) as number
        expect(distance(b, a)).toBe(w)
        expect(nullOf(b, a)?.meanSquare).toBeCloseTo(nullOf(a, b)?.meanSquare as number, 10)
        const gap = (a.promoters - a.critics) / size(a) - (b.promoters - b.critics) / size(b)
        expect(w).toBeGreaterThanOrEqual(Math.abs(gap) - 1e-12)
      }),
    )
  })

  it('has a p above 0 and up to 1', () => {
    fc.assert(
      fc.property(someCounts, someCounts, (a, b) => {
        const chance = nullOf(a, b)
        for (const p of [chance?.p, chance?.pGap]) {
          expect(p).toBeGreaterThan(0)
          expect(p).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('has the chance mean square that a closed form gives where nobody is passive', () => {
    // W = 2·|x|, and x has the variance of a hypergeometric share
    const [critics, promoters, n] = [7, 13, 8]
    const all = critics + promoters
    const share = critics / all
    const variance = (share * (1 - share) * all ** 2) / (n * (all - n) * (all - 1))
    expect(nullOf(counts(3, 0, 5), counts(4, 0, 8))?.meanSquare).toBeCloseTo(4 * variance, 12)
  })

  it('counts the same outcomes one by one', () => {
    // every way to deal 9 labelled people to a group of 4
    const pool = [-1, -1, 0, 0, 0, 1, 1, 1, 1]
    let [ways, sum] = [0, 0]
    for (let mask = 0; mask < 512; mask++) {
      const inside = pool.filter((_, index) => mask & (1 << index))
      if (inside.length !== 4) continue
      const outside = pool.filter((_, index) => !(mask & (1 << index)))
      const share = (of: number[], value: number) => of.filter((x) => x === value).length / of.length
      sum += (Math.abs(share(inside, -1) - share(outside, -1)) + Math.abs(share(inside, 1) - share(outside, 1))) ** 2
      ways++
    }
    expect(nullOf(counts(1, 1, 2), counts(1, 2, 2))?.meanSquare).toBeCloseTo(sum / ways, 12)
  })

  it('takes off the very chance that is summed beside it, to the last digit', () => {
    const remembered = excess()
    fc.assert(
      fc.property(someCounts, someCounts, (a, b) => {
        const all = (distance(a, b) as number) ** 2 - (nullOf(a, b)?.meanSquare as number)
        expect([remembered({ sales: a, marketing: b }), remembered({ sales: a, marketing: b })]).toEqual([all, all])
      }),
    )
    expect(remembered({ sales: counts(0, 0, 0), marketing })).toBeNull()
  })

  it('stays feasible and finite for 20,000 respondents', () => {
    const started = performance.now()
    const chance = nullOf(counts(3_000, 3_000, 4_000), counts(2_000, 4_000, 4_000))
    expect(chance?.p).toBeGreaterThan(0)
    expect(chance?.p).toBeLessThan(1e-15)
    // two normal variables with these deviations and this correlation
    const [x, y, r] = [Math.sqrt(0.25 * 0.75) / 70.71, Math.sqrt(0.4 * 0.6) / 70.71, -Math.sqrt((0.25 * 0.4) / (0.75 * 0.6))]
    const cross = (2 / Math.PI) * x * y * (Math.sqrt(1 - r * r) + r * Math.asin(r))
    expect((chance?.meanSquare ?? 0) / (x * x + y * y + 2 * cross)).toBeCloseTo(1, 3)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})
