import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, dayOf } from '../../worker/core/calendar'
import {
  firstDayOf,
  type Grain,
  grainOf,
  grains,
  lastDayOf,
  periodAfter,
  periodOf,
  periodsThrough,
  yearBefore,
} from '../../worker/core/periods'
import { offsetSpans } from '../../worker/core/zone-offsets'

const days = fc.integer({ min: 0, max: 20_000 }).map((offset) => addDays('1990-01-01', offset))

describe('a period', () => {
  it.each<[string, Grain, string]>([
    ['2021-01-03', 'week', '2020-W53'],
    ['2024-12-30', 'week', '2025-W01'],
    ['2026-10-05', 'week', '2026-W41'],
    ['2026-10-05', 'quarter', '2026-Q4'],
    ['2026-03-31', 'quarter', '2026-Q1'],
    ['2026-10-05', 'month', '2026-10'],
  ])('of %s by %s is %s', (day, grain, period) => {
    expect([periodOf(day, grain), grainOf(period)]).toEqual([period, grain])
  })

  it('holds every day once, and knows its neighbours', () => {
    fc.assert(
      fc.property(days, fc.constantFrom(...grains), (day, grain) => {
        const period = periodOf(day, grain)
        const [first, last] = [firstDayOf(period), lastDayOf(period)]
        expect([grainOf(period), first <= day, day <= last]).toEqual([grain, true, true])
        expect([periodOf(first, grain), periodOf(last, grain)]).toEqual([period, period])
        expect(periodAfter(period, 1)).toBe(periodOf(addDays(last, 1), grain))
        expect(periodAfter(periodAfter(period, 7), -7)).toBe(period)
        expect(periodAfter(period, 1) > period).toBe(true)
      }),
    )
  })

  it('is none of what only looks like one', () => {
    for (const text of ['2026-13', '2026-Q5', '2025-W53', '2026-02-30', '2026', '2026-W00', '', 'now'])
      expect([text, grainOf(text)]).toEqual([text, null])
  })

  it('has one a year before, or none', () => {
    expect(['2026-10', '2026-Q4', '2026-W41', '2026-10-05', '2026-W53', '2024-02-29'].map(yearBefore)).toEqual([
      '2025-10',
      '2025-Q4',
      '2025-W41',
      '2025-10-05',
      null,
      null,
    ])
  })

  it('is one of a row without a gap', () => {
    expect(periodsThrough('2025-W51', '2026-W02')).toEqual(['2025-W51', '2025-W52', '2026-W01', '2026-W02'])
    expect(periodsThrough('2026-Q2', '2026-Q1')).toEqual([])
  })
})

describe('the clocks of a zone', () => {
  it.each(['Europe/Amsterdam', 'America/Sao_Paulo', 'Africa/Casablanca', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'])(
    'say the same day as the calendar does, in %s',
    (zone) => {
      const [first, last] = [Date.UTC(2010, 0, 1), Date.UTC(2027, 0, 1)]
      const spans = offsetSpans(zone, first, last)
      fc.assert(
        fc.property(fc.integer({ min: first, max: last }), (moment) => {
          const { offset = 0 } = spans.findLast(({ from }) => from <= moment) ?? {}
          expect(new Date(moment + offset).toISOString().slice(0, 10)).toBe(dayOf(new Date(moment), zone))
        }),
        { numRuns: 300 },
      )
    },
  )
})
