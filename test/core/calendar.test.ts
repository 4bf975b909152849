import { describe, expect, it } from 'vitest'
import { dayOf, isDay, isTimeZone, momentOf, monthAfter } from '../../worker/core/calendar'

const clock = (year: number, month: number, day: number, hour = 0, minute = 0) => ({ year, month, day, hour, minute, second: 0 })

describe('days of a time zone', () => {
  it.each([
    ['2011-11-30T23:30:00Z', 'Europe/Amsterdam', '2011-12-01'],
    ['2011-11-30T22:59:59Z', 'Europe/Amsterdam', '2011-11-30'],
    ['2026-01-01T00:30:00Z', 'America/Sao_Paulo', '2025-12-31'],
    ['2026-03-29T00:59:59Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-10-25T23:30:00Z', 'Europe/Berlin', '2026-10-26'],
    ['2026-10-24T22:30:00Z', 'Europe/Berlin', '2026-10-25'],
  ])('%s in %s is %s', (moment, zone, day) => {
    expect(dayOf(new Date(moment), zone)).toBe(day)
  })

  it('reads a wall clock in its zone, in summer and in winter', () => {
    expect(momentOf(clock(2026, 7, 1, 0, 30), 'Europe/Berlin').toISOString()).toBe('2026-06-30T22:30:00.000Z')
    expect(momentOf(clock(2026, 1, 1, 0, 30), 'Europe/Berlin').toISOString()).toBe('2025-12-31T23:30:00.000Z')
  })

  it('reads an hour that daylight saving skips as the next one', () => {
    expect(momentOf(clock(2026, 3, 29, 2, 30), 'Europe/Berlin').toISOString()).toBe('2026-03-29T01:30:00.000Z')
  })

  it.each(['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca'])(
    'agrees with Intl at every half hour of two years with changes of the clock in %s',
    (timeZone) => {
      const there = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
      const wrong: string[] = []
      for (let time = Date.UTC(2011, 0, 1); time < Date.UTC(2013, 0, 1); time += 30 * 60_000) {
        const moment = new Date(time)
        if (dayOf(moment, timeZone) !== there.format(moment)) wrong.push(moment.toISOString())
      }
      expect(wrong).toEqual([])
    },
  )

  it('knows which zones exist', () => {
    expect(['Asia/Bangkok', 'UTC', 'Mars/Base', ''].map(isTimeZone)).toEqual([true, true, false, false])
  })
})

describe('the calendar', () => {
  it('has 29 February in leap years only', () => {
    expect([isDay(2024, 2, 29), isDay(2026, 2, 29), isDay(1900, 2, 29), isDay(2000, 2, 29)]).toEqual([true, false, false, true])
    expect([isDay(2026, 0, 1), isDay(2026, 13, 1), isDay(2026, 4, 31), isDay(2026, 1, 0)]).toEqual([false, false, false, false])
  })

  it('counts months across years in both directions', () => {
    expect([monthAfter('2026-11', 3), monthAfter('2026-01', -1), monthAfter('2026-12', 12), monthAfter('2026-05', 0)]).toEqual([
      '2027-02',
      '2025-12',
      '2027-12',
      '2026-05',
    ])
  })
})
