import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, weekdayOf } from '../../worker/core/calendar'
import {
  addWorkingDays,
  addWorkingMinutes,
  afterWorking,
  dueDayOf,
  hoursProblems,
  isWorkday,
  latestStart,
  momentAt,
  nextWorkday,
  timelineOf,
  usualCalendar,
  type WorkCalendar,
  withHours,
  workedAt,
  workingMinutesBetween,
} from '../../worker/core/work-calendar'

const zone = 'Europe/Amsterdam'
const at = (text: string) => Date.parse(text)
const hour = 60
const holidays: WorkCalendar = {
  ...usualCalendar,
  holidays: [
    { day: '2011-12-26', name: 'Second Christmas day' },
    { day: '2011-12-27', name: 'Bridge day' },
  ],
}
const allDay: WorkCalendar = { hours: [{ fromDay: '', days: [0, 1, 2, 3, 4, 5, 6], opens: '00:00', closes: '24:00' }], holidays: [] }

describe('working days', () => {
  it('leave out weekends and holidays', () => {
    expect(['2011-12-23', '2011-12-24', '2011-12-26', '2011-12-28'].map((day) => isWorkday(holidays, day))).toEqual([
      true,
      false,
      false,
      true,
    ])
    expect(nextWorkday(holidays, '2011-12-24')).toBe('2011-12-28')
    expect(addWorkingDays(holidays, '2011-12-23', 2)).toBe('2011-12-29')
    expect(addWorkingDays(holidays, '2011-12-24', 0)).toBe('2011-12-28')
  })

  it('move what is due on a holiday, where a clause says so, and never a weekend that somebody chose', () => {
    expect(dueDayOf(holidays, '2011-12-26', 'next-workday')).toBe('2011-12-28')
    expect(dueDayOf(holidays, '2011-12-26', 'as-is')).toBe('2011-12-26')
    expect(dueDayOf(holidays, '2011-12-24', 'next-workday')).toBe('2011-12-24')
  })

  it('stay where they are where nobody works for a year', () => {
    const never = {
      ...usualCalendar,
      holidays: Array.from({ length: 400 }, (_, index) => ({ day: addDays('2026-01-01', index), name: '' })),
    }
    expect(nextWorkday(never, '2026-01-01')).toBe('2026-01-01')
  })
})

describe('working hours', () => {
  it.each([
    ['within a day', '2026-11-27T10:00:00Z', 2 * hour, '2026-11-27T12:00:00Z'],
    ['over a night', '2026-11-26T16:00:00Z', 4 * hour, '2026-11-27T12:00:00Z'],
    ['over a weekend', '2026-11-27T16:00:00Z', 4 * hour, '2026-11-30T12:00:00Z'],
    ['from a Saturday', '2026-11-28T12:00:00Z', 30, '2026-11-30T09:30:00Z'],
    ['to the end of a day, which is not yet the next morning', '2026-11-27T15:00:00Z', 2 * hour, '2026-11-27T17:00:00Z'],
    ['from before the day begins', '2026-11-27T03:00:00Z', hour, '2026-11-27T10:00:00Z'],
    ['over six weeks', '2026-11-27T09:00:00Z', 30 * 8 * hour, '2027-01-07T17:00:00Z'],
  ])('are counted %s', (_, from, minutes, to) => {
    expect(new Date(addWorkingMinutes(usualCalendar, 'UTC', at(from), minutes)).toISOString()).toBe(new Date(to).toISOString())
  })

  it('skip holidays', () => {
    expect(addWorkingMinutes(holidays, zone, at('2011-12-23T16:00:00+01:00'), 2 * hour)).toBe(at('2011-12-28T10:00:00+01:00'))
  })

  it('follow the wall clock over a change of the clocks', () => {
    // Friday 16:00 in summer time to Monday 10:00 in winter time
    expect(addWorkingMinutes(usualCalendar, zone, at('2011-10-28T16:00:00+02:00'), 2 * hour)).toBe(at('2011-10-31T10:00:00+01:00'))
  })

  it('count the hours that a day really has, where people work through it', () => {
    expect(workingMinutesBetween(allDay, zone, momentAt('2011-10-30', '00:00', zone), momentAt('2011-10-30', '24:00', zone))).toBe(
      25 * hour,
    )
    expect(workingMinutesBetween(allDay, zone, momentAt('2012-03-25', '00:00', zone), momentAt('2012-03-25', '24:00', zone))).toBe(
      23 * hour,
    )
  })

  it('are those that held on each day', () => {
    const longer = withHours(usualCalendar, { fromDay: '2026-12-01', days: [1, 2, 3, 4, 5, 6], opens: '08:00', closes: '20:00' })
    expect(workingMinutesBetween(longer, 'UTC', at('2026-11-30T00:00:00Z'), at('2026-12-02T00:00:00Z'))).toBe(20 * hour)
    expect([isWorkday(longer, '2026-11-28'), isWorkday(longer, '2026-12-05')]).toEqual([false, true])
    const again = withHours(longer, { fromDay: '2026-11-01', days: [1], opens: '08:00', closes: '09:00' })
    expect(again.hours.map(({ fromDay }) => fromDay)).toEqual(['', '2026-11-01'])
  })

  it('cannot be had where there are none', () => {
    const never = { hours: [{ fromDay: '', days: [], opens: '09:00', closes: '17:00' }], holidays: [] }
    expect(() => addWorkingMinutes(never, 'UTC', at('2026-11-27T10:00:00Z'), 60)).toThrow(RangeError)
    expect(workingMinutesBetween(usualCalendar, 'UTC', at('2026-11-27T12:00:00Z'), at('2026-11-27T10:00:00Z'))).toBe(0)
  })

  it('say the same forwards and backwards, whatever the moment, the calendar and the time zone', () => {
    const zones = fc.constantFrom('UTC', zone, 'America/New_York', 'Asia/Bangkok', 'Australia/Lord_Howe')
    const calendars = fc.constantFrom(usualCalendar, holidays, allDay)
    fc.assert(
      fc.property(
        zones,
        calendars,
        fc.integer({ min: 0, max: 40 * 24 * 60 }),
        fc.integer({ min: 1, max: 60 * hour }),
        (timeZone, calendar, offset, minutes) => {
          const timeline = timelineOf(calendar, timeZone, '2011-10-01', '2012-01-31')
          const start = (timeline[0]?.start ?? 0) + offset * 60_000
          const due = afterWorking(timeline, start, minutes)
          if (due === null) throw new Error('the timeline is too short')
          expect(workedAt(timeline, due) - workedAt(timeline, start)).toBe(minutes * 60_000)
          // What had to be done by then may have begun as late as this, and not a moment later.
          const latest = latestStart(timeline, due, minutes)
          expect(latest).toBeGreaterThanOrEqual(start)
          expect(afterWorking(timeline, latest, minutes) ?? Infinity).toBeLessThanOrEqual(due)
          expect(afterWorking(timeline, latest + 1, minutes) ?? Infinity).toBeGreaterThan(due)
        },
      ),
    )
  })
})

describe('a timeline', () => {
  it('has every day once, each beginning where the one before ends', () => {
    const days = timelineOf(usualCalendar, zone, '2011-10-28', '2011-11-02')
    expect(days.map(({ day }) => day)).toEqual(['2011-10-28', '2011-10-29', '2011-10-30', '2011-10-31', '2011-11-01', '2011-11-02'])
    expect(days.slice(1).every(({ start }, index) => start === days[index]?.end)).toBe(true)
    expect(days.map(({ start, end }) => (end - start) / 3_600_000)).toEqual([24, 24, 25, 24, 24, 24])
    expect(days.filter(({ opens, closes }) => opens < closes).map(({ day }) => weekdayOf(day))).toEqual([5, 1, 2, 3])
  })
})

describe('hours that somebody decides on', () => {
  const hours = { fromDay: '', days: [1], opens: '09:00', closes: '17:00' }
  it.each([
    [hours, []],
    [{ ...hours, closes: '24:00' }, []],
    [{ ...hours, days: [] }, [['days', 'no-days']]],
    [{ ...hours, days: [7] }, [['days', 'no-days']]],
    [{ ...hours, opens: '9:00' }, [['opens', 'bad-time']]],
    [
      { ...hours, opens: '24:00' },
      [
        ['opens', 'bad-time'],
        ['closes', 'closes-first'],
      ],
    ],
    [{ ...hours, closes: '25:00' }, [['closes', 'bad-time']]],
    [{ ...hours, closes: '09:00' }, [['closes', 'closes-first']]],
    [{ ...hours, fromDay: '2026-02-30' }, [['fromDay', 'bad-day']]],
  ] as const)('are told what is wrong with them: %j', (given, problems) => {
    expect(hoursProblems(given).map(({ field, code }) => [field, code])).toEqual(problems)
  })
})
