import { describe, expect, it } from 'vitest'
import { aroundEvent, type Observed } from '../../worker/core/around-event'

const months = (values: (number | null)[]): Observed[] =>
  values.map((value, index) => ({ period: `2026-${String(index + 1).padStart(2, '0')}`, value }))

describe('before an event and after it', () => {
  it('compares each measure over its own periods, without the month of the event', () => {
    const [row] = aroundEvent('2026-05-14', [{ measure: 'cac', values: months([10, 11, 10, 11, 99, 20, 21, 20, 21]) }])
    expect(row).toMatchObject({
      measure: 'cac',
      before: { n: 4, mean: 10.5 },
      after: { n: 4, mean: 20.5 },
      difference: 10,
      verdict: 'signal',
    })
    expect(row?.p).toBeCloseTo(2 / 70, 12)
    expect(row?.pooled).toBeNull()
  })

  it('leaves out what has too few values, is missing or is not finite', () => {
    const series = (values: (number | null)[]) => aroundEvent('2026-04-01', [{ measure: 'cac', values: months(values) }])
    expect(series([1, 2, null, 4, 5, 6])).toEqual([])
    expect(series([1, 2, Number.POSITIVE_INFINITY, 4, 5, 6])).toEqual([])
    expect(series([1, 2, 3, 4, 5, 6])).toHaveLength(1)
    expect(aroundEvent('2026-04-01', [{ measure: 'cac', values: [] }])).toEqual([])
  })

  it('puts the records of a share together, and takes nothing for a share that is none', () => {
    const rates = (numerators: number[]) =>
      numerators.map((numerator, index) => ({
        period: `2026-0${index + 1}`,
        value: numerator / 70,
        numerator,
        denominator: 70,
      }))
    const [row] = aroundEvent('2026-04-01', [{ measure: 'win_rate', values: rates([10, 10, 10, 15, 15, 15]) }])
    expect(row?.pooled?.difference).toBeCloseTo(5 / 70, 12)
    expect(row?.pooled?.interval.low).toBeLessThan(0.02)
    expect([row?.p, row?.verdict]).toEqual([0.1, 'normal'])
    const few = [1, 1, 1, 1, 1, 2, 2, 2, 2, 2].map((numerator, index) => ({
      ...{ period: `2026-${String(index + 1).padStart(2, '0')}`, value: numerator / 9, numerator, denominator: 9 },
    }))
    const [doubtful] = aroundEvent('2026-06-01', [{ measure: 'win_rate', values: few }])
    expect([(doubtful?.p ?? 1) < 0.05, doubtful?.verdict]).toEqual([true, 'normal']) // 5 of 45 and 10 of 45 could be chance
    const [period] = aroundEvent('2026-04-01', [{ measure: 'lead_conversion', values: rates([10, 80, 10, 15, 15, 15]) }])
    expect(period?.pooled).toBeNull()
    expect(period?.before.n).toBe(3)
  })
})
