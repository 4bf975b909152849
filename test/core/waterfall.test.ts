import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SideContribution } from '../../worker/core/result'
import { apportion, splitOf, toTenths, waterfall } from '../../worker/core/waterfall'
import { printedGap } from '../split'
import { aChange, part } from './changes'

describe('what moved it', () => {
  it('lists gains, then losses, then the noise in one row', () => {
    const rows = waterfall(aChange([part('a', -0.6), part('b', 0.2, true), part('c', 2.5), part('d', -0.1, true), part('e', 0.4)]))
    expect(rows.map((row) => [row.kind === 'part' ? row.key : `${row.parts} noise`, row.tenths])).toEqual([
      ['c', 25],
      ['e', 4],
      ['a', -6],
      ['2 noise', 1],
    ])
  })

  it('sums to the difference of the scores as they are printed, whatever is rounded', () => {
    const parts = fc.array(fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.boolean()), { minLength: 1, maxLength: 25 })
    fc.assert(
      fc.property(parts, fc.double({ min: 0, max: 100, noNaN: true }), (contributions, from) => {
        const change = aChange(
          contributions.map(([points, noise], index) => part(`p${index}`, points, noise)),
          from,
        )
        const rows = waterfall(change)
        if (rows.length === 0) return
        expect(rows.reduce((sum, { tenths }) => sum + tenths, 0)).toBe(toTenths(change.to.value) - toTenths(change.from.value))
      }),
    )
  })

  it('rounds each row by less than a tenth where the rows allow it', () => {
    expect(apportion([25.4, 4.3, -6.2], 24)).toEqual([26, 4, -6])
    expect(apportion([1.2, 1.2, 1.2], 4)).toEqual([2, 1, 1])
    expect(apportion([], 0)).toEqual([])
  })

  it('splits pillars into parts, parts into sides, and sides into classes, so that the tenths of every level add up', () => {
    const of = fc.double({ min: -6, max: 6, noNaN: true })
    const side = fc.tuple(of, of, fc.boolean()).map(
      ([promoters, critics, said]): SideContribution => ({
        points: promoters + critics,
        promoters: said ? promoters : null,
        critics: said ? critics : null,
      }),
    )
    const theme = fc.record({ sales: side, marketing: side, distance: of })
    fc.assert(
      fc.property(
        fc.array(theme, { minLength: 1, maxLength: 7 }),
        fc.array(of, { maxLength: 6 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (themes, kpis, from) => {
          const contributions = [
            ...themes.map((sides, index) => ({
              ...part(`t${index}`, sides.sales.points + sides.marketing.points + sides.distance),
              sides,
            })),
            ...kpis.map((points, index) => ({ ...part(`k${index}`, points), pillar: 'performance' as const })),
          ]
          const change = aChange(contributions, from)
          expect(printedGap(change)).toBe(0)
          const exact = splitOf(change).flatMap(({ parts }) => parts.map(({ tenths }) => tenths / 10))
          for (const [index, { points }] of contributions.entries()) expect(Math.abs((exact[index] ?? 99) - points)).toBeLessThan(0.5)
        },
      ),
    )
  })
})
