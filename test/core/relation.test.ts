import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spearman } from '../../worker/core/correlation'
import { normalFrom, randomFrom } from '../../worker/core/random'
import { type Relation, relation, relations } from '../../worker/core/relation'

type Series = (number | null)[]
const seed = 'test'

/** A series in which `memory` of each value stays in the next, beside a trend. */
function autoregressive(random: () => number, length: number, memory: number, trend = 0): number[] {
  let value = normalFrom(random) / Math.sqrt(1 - memory ** 2)
  return Array.from({ length }, (_, at) => {
    value = memory * value + normalFrom(random)
    return value + trend * at
  })
}

/** 300 pairs of unrelated series of 24 periods. */
function unrelatedPairs(memory: number, trend = 0): [number[], number[]][] {
  const random = randomFrom(`${memory} ${trend}`)
  return Array.from({ length: 300 }, () => [autoregressive(random, 24, memory, trend), autoregressive(random, 24, memory, trend)])
}

/** The share of the pairs that are taken for related. */
function falseAlarms(pairs: readonly [number[], number[]][]): number {
  const found = pairs.map(([people, kpi], pair) => relation(people, kpi, { seed: `pair ${pair}`, draws: 199 }))
  return found.filter((one) => one.kind === 'measured' && one.p <= 0.05).length / pairs.length
}

/** The values so many periods later, with noise; a start of their own before. */
function followed(random: () => number, series: readonly number[], lag: number, noise = 0): number[] {
  return series.map((_, at) => (series[at - lag] ?? normalFrom(random)) + noise * normalFrom(random))
}

const people24 = autoregressive(randomFrom('people'), 24, 0.5)

describe('a relation with a KPI', () => {
  it.each([0, 1, 2, 3])('that follows the people index after %i periods is found at that lag', (lag) => {
    const kpi = followed(randomFrom('kpi'), people24, lag, 0.3).map((value) => 1_000 - 50 * value)
    const found = relation(people24, kpi, { seed })
    expect(found).toMatchObject({ kind: 'measured', periods: 24, lag })
    if (found.kind !== 'measured') return
    expect(found.rho).toBeLessThan(-0.7)
    expect(found.p).toBeLessThan(0.02)
  })

  it('is not looked for where the KPI leads', () => {
    const kpi = people24.map((_, at) => people24[at + 1] ?? 0)
    expect((relation(people24, kpi, { seed }) as { p: number }).p).toBeGreaterThan(0.05)
  })

  it('has the p of a run kept from before', () => {
    const people = [60, 62, 61, 65, 64, 60, 66, 63, 68, 67, 71, 66, 70]
    expect(relation(people, [5, ...people.slice(0, -1)], { seed: 'example' })).toEqual({
      kind: 'measured',
      periods: 13,
      lag: 1,
      rho: 1,
      p: 0.046,
    })
  })

  it('is claimed for about one in twenty of unrelated series with a memory', () => {
    const rate = falseAlarms(unrelatedPairs(0.8))
    expect(rate).toBeGreaterThanOrEqual(0.02)
    expect(rate).toBeLessThanOrEqual(0.1)
  })

  it('is claimed no more often where both series have a trend, whose levels would always agree', () => {
    const pairs = unrelatedPairs(0.3, 1)
    expect(pairs.every(([people, kpi]) => (spearman(people, kpi) as number) > 0.8)).toBe(true)
    expect(falseAlarms(pairs)).toBeLessThanOrEqual(0.1)
  })
})

describe('too little to say', () => {
  const upTo = (length: number) => people24.slice(0, length)
  const without = (series: readonly number[], gaps: readonly number[]): Series =>
    series.map((value, at) => (gaps.includes(at) ? null : value))

  it('is anything under twelve periods in which both have a value', () => {
    expect(relation(upTo(11), upTo(11), { seed })).toEqual({ kind: 'too-few', periods: 11 })
    expect(relation(upTo(12), upTo(12), { seed })).toMatchObject({ kind: 'measured', periods: 12, lag: 0, rho: 1 })
    expect(relation(without(upTo(13), [4]), without(upTo(13), [9]), { seed })).toEqual({ kind: 'too-few', periods: 11 })
    expect(relation([], [], { seed })).toEqual({ kind: 'too-few', periods: 0 })
    expect(relation([1], [null], { seed })).toEqual({ kind: 'too-few', periods: 0 })
  })

  it('is every other period missing: no change is known then', () => {
    const odd = people24.map((_, at) => at).filter((at) => at % 2 === 1)
    expect(relation(without(people24, odd), people24, { seed })).toEqual({ kind: 'too-few', periods: 12 })
  })

  it('is not a gap or two: no change is made up across them', () => {
    const gaps = [3, 9, 10]
    // across a gap the people index would jump to where it left, and the KPI would not
    const kpi = followed(randomFrom('kpi'), people24, 1).map((value, at) => value + (at > 10 ? 500 : 0))
    expect(relation(without(people24, gaps), without(kpi, gaps), { seed })).toMatchObject({ periods: 21, lag: 1, rho: 1 })
  })

  it('is a lag that gaps leave fewer than eight pairs, however well they agree', () => {
    const random = randomFrom('short')
    const people = autoregressive(random, 13, 0.5)
    // either side of the gap 5 changes; two periods later there are 3 of them on each side
    const found = relation(without(people, [6]), without(followed(random, people, 2), [6]), { seed })
    expect(found).toMatchObject({ kind: 'measured', periods: 12 })
    expect(found.kind === 'measured' && found.lag).toBeLessThan(2)
  })

  it('takes a value that is not finite for a missing one', () => {
    const with_ = (value: number | null) => people24.map((own, at) => (at === 5 || at === 20 ? value : own))
    const missing = relation(with_(null), people24, { seed })
    expect(missing).toMatchObject({ kind: 'measured', periods: 22 })
    expect(relation(with_(Number.NaN), people24, { seed })).toEqual(missing)
    expect(relation(with_(Number.POSITIVE_INFINITY), people24, { seed })).toEqual(missing)
  })

  it('is a series that never changes, or always by the same amount', () => {
    const flat = { kind: 'flat', periods: 24 }
    const steady = people24.map((_, at) => 0.1 * at) // steps of 0.1 that differ in their last bits
    for (const constant of [people24.map(() => 0.3), people24.map(() => 0), steady]) {
      expect(relation(people24, constant, { seed })).toEqual(flat)
      expect(relation(constant, people24, { seed })).toEqual(flat)
    }
  })

  it('is refused for series of different lengths', () => {
    expect(() => relation(people24, upTo(23), { seed })).toThrow(RangeError)
  })
})

describe('any two series', () => {
  const values = fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { freq: 15 }), { minLength: 24, maxLength: 24 })
  const draws = 99

  it('have a ρ from −1 to 1, a p above 0 and up to 1, and the same ones again', () => {
    fc.assert(
      fc.property(values, values, fc.string(), (people, kpi, seed) => {
        const found = relation(people, kpi, { seed, draws })
        expect(relation(people, kpi, { seed, draws })).toEqual(found)
        if (found.kind !== 'measured') return
        expect(Math.abs(found.rho)).toBeLessThanOrEqual(1 + 1e-12)
        expect(found.p).toBeGreaterThanOrEqual(1 / (draws + 1))
        expect(found.p).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('move together as much in other units, and as much the other way', () => {
    fc.assert(
      fc.property(values, values, (people, kpi) => {
        const own = relation(people, kpi, { seed, draws })
        const scaled = (by: number): Relation =>
          relation(
            people,
            kpi.map((value) => (value === null ? null : by * value + 3)),
            { seed, draws },
          )
        expect(scaled(0.07)).toEqual(own)
        expect(scaled(-400)).toEqual(own.kind === 'measured' ? { ...own, rho: 0 - own.rho } : own)
      }),
    )
  })
})

describe('several KPIs together', () => {
  const random = randomFrom('several KPIs')
  const kpis = [
    { key: 'follows', values: followed(random, people24, 1, 0.2) },
    { key: 'flat', values: people24.map(() => 7) },
    { key: 'young', values: people24.map((value, at) => (at < 20 ? null : value)) },
    ...Array.from({ length: 4 }, (_, index) => ({ key: `unrelated-${index}`, values: autoregressive(random, 24, 0.8) })),
  ]
  const found = relations(people24, kpis, { seed })

  it('are judged by what remains of their p-values when they are looked at together', () => {
    expect(found[0]).toMatchObject({ key: 'follows', kind: 'measured', lag: 1, verdict: 'moves-with' })
    for (const one of found.slice(3)) expect(one).toMatchObject({ kind: 'measured', verdict: 'no-detectable-relation' })
    const measured = found.filter((one) => one.kind === 'measured')
    const least = measured[0]?.p as number
    expect(Math.min(...measured.map(({ p }) => p))).toBe(least)
    expect(measured[0]?.adjustedP).toBeCloseTo(5 * least, 12)
  })

  it('are not marked by a p of .05 that stands among four others', () => {
    const weak = autoregressive(randomFrom('people'), 12, 0.5)
    const alone = relations(weak, [{ key: 'follows', values: weak }], { seed })
    expect(alone[0]).toMatchObject({ verdict: 'moves-with' })
    const others = Array.from({ length: 4 }, (_, index) => ({ key: `${index}`, values: autoregressive(random, 12, 0.8) }))
    const among = relations(weak, [{ key: 'follows', values: weak }, ...others], { seed })
    expect(among[0]).toMatchObject({ p: alone[0]?.kind === 'measured' ? alone[0].p : null, verdict: 'no-detectable-relation' })
  })

  it('are given no verdict where nothing was measured', () => {
    expect(found.slice(1, 3)).toEqual([
      { key: 'flat', kind: 'flat', periods: 24 },
      { key: 'young', kind: 'too-few', periods: 4 },
    ])
    expect(relations(people24, [], { seed })).toEqual([])
  })

  it('have the same p wherever they stand', () => {
    expect(relations(people24, kpis.toReversed(), { seed })).toEqual(found.toReversed())
  })
})
