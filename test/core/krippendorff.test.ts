import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alpha, type Metric, vignetteAgreement, vignettesForAlpha } from '../../worker/core/krippendorff'

/** From a row a rater, `*` where one did not judge; values from 1. */
function judgements(values: number, ...raters: string[]): number[][] {
  const rows = raters.map((row) => row.trim().split(/\s+/))
  return (rows[0] as string[]).map((_, unit) =>
    Array.from({ length: values }, (_, value) => rows.filter((row) => row[unit] === String(value + 1)).length),
  )
}

const threeCoders = judgements(4, '* * * * * 3 4 1 2 1 1 3 3 * 3', '1 * 2 1 3 3 4 3 * * * * * * *', '* * 2 1 3 4 4 * 2 1 1 3 3 * 4')
const fourObservers = judgements(
  5,
  '1 2 3 3 2 1 4 1 2 * * *',
  '1 2 3 3 2 2 4 1 2 5 * 3',
  '* 3 3 3 2 3 4 2 2 5 1 *',
  '1 2 3 3 2 4 4 1 2 5 1 *',
)

/** A unit a word, a digit for how many gave each answer. */
const units = (words: string): number[][] => words.split(' ').map((word) => [...word].map(Number))

const metrics = ['nominal', 'ordinal', 'interval'] as const satisfies Metric[]
const someUnits = fc.array(fc.array(fc.nat(4), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 12 })

describe('Krippendorff’s alpha', () => {
  it.each([
    ['nominal', '0.691358'],
    ['interval', '0.810845'],
  ] as const)('of three coders is the published %s one', (metric, expected) => {
    expect(alpha(threeCoders, metric)?.toFixed(6)).toBe(expected)
  })

  it.each([
    ['nominal', '0.743'],
    ['ordinal', '0.815'],
    ['interval', '0.849'],
  ] as const)('of four observers and twelve units is the published %s one', (metric, expected) => {
    expect(alpha(fourObservers, metric)?.toFixed(3)).toBe(expected)
  })

  it('is what pairs of judgements one by one give', () => {
    fc.assert(
      fc.property(someUnits, fc.constantFrom(...metrics), (given, metric) => {
        const people = given.map((unit) => unit.flatMap((count, value) => new Array<number>(count).fill(value)))
        const paired = people.filter((judged) => judged.length > 1)
        const all = paired.flat()
        const apart = (a: number, b: number) => {
          if (metric === 'nominal') return a === b ? 0 : 1
          if (metric === 'interval') return (a - b) ** 2
          const [low, high] = [Math.min(a, b), Math.max(a, b)]
          const between = all.filter((value) => value >= low && value <= high).length
          return (between - all.filter((value) => value === low || value === high).length / (low === high ? 1 : 2)) ** 2
        }
        const meanOverPairs = (judged: readonly number[]) => {
          const pairs = judged.flatMap((a, i) => judged.flatMap((b, j) => (i === j ? [] : [apart(a, b)])))
          return pairs.reduce((sum, square) => sum + square, 0) / pairs.length
        }
        const observed = paired.reduce((sum, judged) => sum + judged.length * meanOverPairs(judged), 0) / all.length
        const expected = meanOverPairs(all)
        const found = alpha(given, metric)
        if (expected > 0) expect(found).toBeCloseTo(1 - observed / expected, 10)
        else expect(found).toBeNull()
      }),
    )
  })

  it('is 1 where all judge each one alike, and 0 on a single one whatever they say', () => {
    for (const metric of metrics) {
      expect(alpha(units('300 020 009'), metric)).toBe(1)
      expect(alpha(units('91'), metric)).toBeCloseTo(0, 12)
      expect(alpha(units('55'), metric)).toBeCloseTo(0, 12)
    }
  })

  it('does not change with vignettes that one person judged, or with an answer that nobody gave', () => {
    const alone = [...threeCoders, [0, 0, 0, 1], [0, 0, 0, 0]]
    const wider = threeCoders.map((unit) => [...unit, 0])
    for (const metric of metrics)
      expect([alpha(alone, metric), alpha(wider, metric)]).toEqual(new Array(2).fill(alpha(threeCoders, metric)))
  })

  it.each([
    ['nobody', '00 00'],
    ['one person a vignette', '10 01'],
    ['the same judgement of everything', '40 30'],
  ])('is absent for %s', (_, digits) => {
    for (const metric of metrics) expect(alpha(units(digits), metric)).toBeNull()
  })

  it('is absent for no vignette', () => expect(alpha([], 'nominal')).toBeNull())

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is absent where %d people judged', (count) => {
    for (const metric of metrics) expect(alpha([...units('20 12 03'), [count, 1]], metric)).toBeNull()
  })
})

describe('agreement on vignettes', () => {
  const alike = units('30 03 30 03 30 03 30 03')
  const opposite = units('03 30 03 30 03 30 03 30')

  it('finds two sides of one mind each, and none between them', () => {
    const found = vignetteAgreement({ sales: alike, marketing: opposite }, 'nominal')
    expect([found.units, found.sales, found.marketing]).toEqual([8, 1, 1])
    expect(found.pooled).toBe(alpha(new Array(8).fill([3, 3]), 'nominal'))
    expect(found.pooled).toBeLessThan(0)
  })

  it('measures as it is told to', () => {
    const sales = fourObservers
    const marketing = sales.map((unit) => unit.map(() => 0))
    for (const metric of metrics) expect(vignetteAgreement({ sales, marketing }, metric).pooled).toBe(alpha(fourObservers, metric))
  })

  it('is not told under eight vignettes, and says how many there are', () => {
    expect(vignettesForAlpha).toBe(8)
    const found = vignetteAgreement({ sales: alike.slice(1), marketing: alike.slice(1) }, 'nominal')
    expect(found).toEqual({ units: 7, pooled: null, sales: null, marketing: null })
  })

  it('counts vignettes that two people judged, one of each side being enough for both together', () => {
    const one = units('10 01 10 01 10 01 10 01')
    expect(vignetteAgreement({ sales: one, marketing: one }, 'nominal')).toEqual({ units: 8, pooled: 1, sales: null, marketing: null })
    const silent = one.with(0, [0, 0])
    expect(vignetteAgreement({ sales: silent, marketing: one }, 'nominal').units).toBe(7)
  })

  it('is told of one side alone where the other judged too few', () => {
    const fewer = alike.with(0, [1, 0])
    expect(vignetteAgreement({ sales: alike, marketing: fewer }, 'nominal')).toEqual({ units: 8, pooled: 1, sales: 1, marketing: null })
  })

  it('says nothing of both together where one has other answers to choose from', () => {
    const wider = alike.map((unit) => [...unit, 0])
    expect(vignetteAgreement({ sales: wider, marketing: alike }, 'nominal').pooled).toBeNull()
  })

  it('refuses sides that judged different vignettes', () => {
    expect(() => vignetteAgreement({ sales: alike, marketing: alike.slice(1) }, 'nominal')).toThrow(RangeError)
  })
})
