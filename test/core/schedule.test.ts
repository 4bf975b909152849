import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, daysBetween, momentOf, weekdayOf } from '../../worker/core/calendar'
import {
  cadences,
  countReminders,
  longestWindow,
  nextReminder,
  type OpenWindow,
  placeInMonth,
  possibleShifts,
  reminderDays,
  ruleMistakes,
  type ScheduleRule,
  slotsFrom,
  usualRule,
  windowOf,
} from '../../worker/core/schedule'

const zones = Intl.supportedValuesOf('timeZone')
const aZone = fc.constantFrom(...zones)
const aDay = fc.integer({ min: 0, max: 5000 }).map((days) => addDays('2024-01-01', days))
const aTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`)
const aRule: fc.Arbitrary<ScheduleRule> = fc
  .record({ cadence: fc.constantFrom(...cadences), firstDay: aDay, openingTime: aTime, share: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ share, ...rule }) => ({ ...rule, windowDays: 1 + Math.round(share * (longestWindow[rule.cadence] - 1)), reminders: 2 }))

const formats = new Map<string, Intl.DateTimeFormat>()

/** What a clock on the wall shows, by another implementation than ours: `2026-03-29 02:30`. */
function wallClock(moment: Date, timeZone: string): string {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  formats.set(timeZone, format)
  return format.format(moment)
}

const hour = 3_600_000

/** By trying the moments around: it shows what was asked for, or nothing does and the clock has jumped; nothing earlier does. */
function isRight(zone: string, day: string, time: string): void {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  const moment = momentOf({ year, month, day: date, hour: hours, minute: minutes, second: 0 }, zone)
  const asked = `${day} ${time}`
  if (wallClock(moment, zone) !== asked) {
    for (let at = -3 * hour; at <= 3 * hour; at += hour / 4) expect(wallClock(new Date(moment.getTime() + at), zone)).not.toBe(asked)
    expect(wallClock(moment, zone) > asked).toBe(true)
    expect(wallClock(new Date(moment.getTime() - 2 * hour), zone) < asked).toBe(true)
  }
  for (const back of [0.5, 1, 2, 3]) expect(wallClock(new Date(moment.getTime() - back * hour), zone)).not.toBe(asked)
}

/** Clocks change there at midnight, at one, two, three and, by half an hour, at two. */
const changingZones = [
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Santiago',
  'America/Havana',
  'America/St_Johns',
  'Atlantic/Azores',
  'Asia/Beirut',
  'Australia/Sydney',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
]

/** Days of two years on which noon is not 24 hours after noon. */
function daysOfChange(zone: string): string[] {
  const days = Array.from({ length: 730 }, (_, index) => addDays('2026-01-01', index))
  const offset = (day: string) =>
    Date.parse(`${wallClock(new Date(`${day}T12:00:00Z`), zone).replace(' ', 'T')}:00Z`) - Date.parse(`${day}T12:00:00Z`)
  const changed = days.filter((day) => offset(day) !== offset(addDays(day, -1)))
  return changed.flatMap((day) => {
    const around = [addDays(day, -1), day]
    const start = (of: string) => Date.parse(`${of}T00:00:00Z`) - offset(addDays(of, -1))
    return around.filter(
      (of) =>
        Array.from({ length: 96 }, (_, quarter) => wallClock(new Date(start(of) + quarter * (hour / 4)), zone)).at(-1) !== `${of} 23:45`,
    )
  })
}

describe('the days of a schedule', () => {
  const slots = (cadence: ScheduleRule['cadence'], firstDay: string, count: number) => slotsFrom({ cadence, firstDay }, firstDay, count)

  it('are a fixed number of weeks apart, or keep the weekday and its place in the month', () => {
    expect(slots('weekly', '2026-12-28', 3)).toEqual(['2026-12-28', '2027-01-04', '2027-01-11'])
    expect(slots('fortnightly', '2028-02-22', 2)).toEqual(['2028-02-22', '2028-03-07'])
    expect(slots('monthly', '2026-12-01', 4)).toEqual(['2026-12-01', '2027-01-05', '2027-02-02', '2027-03-02'])
    expect(slots('quarterly', '2026-11-10', 3)).toEqual(['2026-11-10', '2027-02-09', '2027-05-11'])
  })

  it('are the last of their weekday where the first is after the 28th, also in a February with 29 days', () => {
    expect(slots('monthly', '2027-12-31', 4)).toEqual(['2027-12-31', '2028-01-28', '2028-02-25', '2028-03-31'])
    expect(slots('monthly', '2028-02-29', 3)).toEqual(['2028-02-29', '2028-03-28', '2028-04-25'])
    expect([placeInMonth('2027-12-31'), placeInMonth('2027-12-28'), placeInMonth('2027-12-01')]).toEqual([5, 4, 1])
  })

  it('are the same, wherever one begins to look, and one a month', () => {
    fc.assert(
      fc.property(fc.constantFrom(...cadences), aDay, fc.integer({ min: 0, max: 60 }), (cadence, firstDay, from) => {
        const grid = slotsFrom({ cadence, firstDay }, firstDay, 64)
        expect(grid[0]).toBe(firstDay)
        expect(slotsFrom({ cadence, firstDay }, grid[from] ?? '', 4)).toEqual(grid.slice(from, from + 4))
        expect(slotsFrom({ cadence, firstDay }, addDays(grid[from] ?? '', 1), 1)).toEqual(grid.slice(from + 1, from + 2))
        expect(new Set(grid.map(weekdayOf)).size).toBe(1)
        if (cadence === 'monthly') expect(new Set(grid.map((day) => day.slice(0, 7))).size).toBe(64)
      }),
    )
  })

  it('begin with the first, however early one looks', () => {
    expect(slotsFrom({ cadence: 'monthly', firstDay: '2027-03-02' }, '2020-01-01', 1)).toEqual(['2027-03-02'])
  })
})

describe('when a round opens and closes', () => {
  it.each([
    ['before the clocks go back', '2026-10-24', 'Europe/Berlin', '2026-10-24T07:00:00.000Z', '2026-11-06T22:59:59.000Z'],
    ['after it', '2026-10-26', 'Europe/Berlin', '2026-10-26T08:00:00.000Z', '2026-11-08T22:59:59.000Z'],
    ['across the clocks going forward', '2026-03-03', 'America/New_York', '2026-03-03T14:00:00.000Z', '2026-03-17T03:59:59.000Z'],
    ['where there is no summer time', '2026-03-03', 'Asia/Bangkok', '2026-03-03T02:00:00.000Z', '2026-03-16T16:59:59.000Z'],
  ])('keeps the wall clock %s', (_, slot, zone, opens, closes) => {
    const window = windowOf(usualRule, slot, 0, zone)
    expect([window.opensAt.toISOString(), window.closesAt.toISOString()]).toEqual([opens, closes])
  })

  it('reads a time that is skipped as an hour later, and of one that comes twice the first, whatever zone the machine is in', () => {
    const opens = (slot: string, openingTime: string, zone: string) =>
      windowOf({ ...usualRule, openingTime }, slot, 0, zone).opensAt.toISOString()
    expect(opens('2026-03-29', '02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z') // 03:30
    expect(opens('2026-04-24', '00:15', 'Africa/Cairo')).toBe('2026-04-23T22:15:00.000Z') // 01:15
    expect(opens('2026-10-04', '02:15', 'Australia/Lord_Howe')).toBe('2026-10-03T15:45:00.000Z') // half an hour: 02:45
    expect(opens('2026-10-25', '02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z')
    expect(opens('2026-11-01', '01:30', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z')
    expect(opens('2026-04-05', '01:45', 'Australia/Lord_Howe')).toBe('2026-04-04T14:45:00.000Z')
  })

  it('shows the wall clock that was asked for, in every time zone', () => {
    fc.assert(fc.property(aZone, aDay, aTime, isRight), { numRuns: 2000 })
  })

  it('shows it, or the next that exists, or the first of two, on every day on which some clock changes', () => {
    let days = 0
    for (const zone of changingZones) {
      for (const day of daysOfChange(zone)) {
        days++
        for (let minute = 0; minute < 24 * 60; minute += 15) {
          isRight(zone, day, `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`)
        }
      }
    }
    expect(days).toBe(4 * changingZones.length)
  })

  it('opens no slot twice, keeps the order, and has closed before the next one opens, in every time zone', () => {
    fc.assert(
      fc.property(aRule, aZone, fc.integer({ min: 0, max: 30 }), (rule, zone, skipped) => {
        const slots = slotsFrom(rule, addDays(rule.firstDay, skipped), 15)
        const windows = slots.map((slot) => windowOf(rule, slot, 0, zone))
        expect(new Set(slots).size).toBe(15)
        for (const [index, { opensAt, closesAt }] of windows.entries()) {
          expect(opensAt < closesAt).toBe(true)
          const next = windows[index + 1]
          if (next) expect(closesAt < next.opensAt).toBe(true)
        }
      }),
    )
  })

  it('can be shifted by two weeks at the most, never across its neighbours', () => {
    const rule = { ...usualRule, windowDays: 14 }
    const bounds = { after: new Date('2026-11-28T00:00:00Z'), before: new Date('2026-12-20T09:00:00Z') }
    expect(possibleShifts(rule, '2026-12-01', 'UTC', bounds)).toEqual([-3, -2, -1, 0, 1, 2, 3, 4, 5])
    const wide = { after: new Date(0), before: new Date('2030-01-01') }
    expect(possibleShifts(rule, '2026-12-01', 'UTC', wide)).toHaveLength(29)
  })
})

describe('reminders', () => {
  it.each([
    [1, []],
    [2, []],
    [3, [1]],
    [4, [2]],
    [5, [2, 3]],
    [6, [3, 4]],
    [7, [3, 5]],
    [14, [3, 5]],
    [21, [5, 8]],
    [28, [6, 10]],
  ])('of a window of %i days come after %j', (days, expected) => {
    expect(reminderDays(days, 2)).toEqual(expected)
    expect(reminderDays(days, 1)).toEqual(expected.slice(0, 1))
    expect(reminderDays(days, 0)).toEqual([])
  })

  const rule = { openingTime: '09:00', reminders: 2 }
  const at = (text: string) => new Date(text)
  const closesAt = at('2026-10-31T22:59:59Z')
  const berlin = (openedAt: string) => ({ openedAt: at(openedAt), closesAt, timeZone: 'Europe/Berlin' })

  /** All of them, in local time, if each goes out when it is due. */
  function inTime(own: Pick<ScheduleRule, 'openingTime' | 'reminders'>, open: OpenWindow): string[] {
    let sent: [Date, ...Date[]] = [open.openedAt]
    for (let due = nextReminder(own, open, sent, open.openedAt); due; due = nextReminder(own, open, sent, due)) sent = [...sent, due]
    return sent.slice(1).map((moment) => wallClock(moment, open.timeZone))
  }

  it('come at the hour of the opening, across the clocks going back', () => {
    expect(inTime(rule, berlin('2026-10-22T07:03:00Z'))).toEqual(['2026-10-25 09:00', '2026-10-27 09:00'])
  })

  it('are scaled to what is left of a round that opened late', () => {
    expect(inTime(rule, berlin('2026-10-28T20:00:00Z'))).toEqual(['2026-10-30 09:00'])
    expect(countReminders(rule, berlin('2026-10-28T20:00:00Z'))).toBe(1)
  })

  it('that were missed come late, one at a time, on different days, and none on the last day', () => {
    const open = berlin('2026-10-17T07:00:00Z')
    const invited = open.openedAt
    const now = at('2026-10-26T12:00:00Z')
    expect(nextReminder(rule, open, [invited], now)).toEqual(at('2026-10-20T07:00:00Z'))
    expect(nextReminder(rule, open, [invited, now], now)).toEqual(at('2026-10-27T08:00:00Z'))
    expect(nextReminder(rule, open, [invited, now, now], now)).toBeNull()
    expect(nextReminder(rule, open, [invited], at('2026-10-30T22:30:00Z'))).toEqual(at('2026-10-20T07:00:00Z'))
    expect(nextReminder(rule, open, [invited], at('2026-10-30T23:30:00Z'))).toBeNull()
    expect(nextReminder(rule, open, [invited, at('2026-10-30T10:00:00Z')], at('2026-10-30T10:05:00Z'))).toBeNull()
  })

  it('keep their hour, leave the last day alone and are in order, in every time zone', () => {
    fc.assert(
      fc.property(aRule, aZone, (own, timeZone) => {
        const { opensAt, closesAt } = windowOf(own, own.firstDay, 0, timeZone)
        const days = reminderDays(own.windowDays, 2)
        const shown = inTime(own, { openedAt: opensAt, closesAt, timeZone })
        expect(shown.map((moment) => daysBetween(own.firstDay, moment.slice(0, 10)))).toEqual(days)
        for (const [index, moment] of shown.entries()) {
          const asked = `${addDays(own.firstDay, days[index] ?? 0)} ${own.openingTime}`
          if (moment !== asked) isRight(timeZone, asked.slice(0, 10), own.openingTime)
        }
      }),
    )
  })
})

describe('a rule', () => {
  const rule: ScheduleRule = { ...usualRule, firstDay: '2026-12-01' }
  it.each([
    ['the usual one', {}, []],
    ['a first day long ago', { firstDay: '2024-02-29' }, []],
    ['a window that would reach the next round', { cadence: 'weekly', windowDays: 8 }, ['windowDays too-long']],
    ['a window as long as the fortnight', { cadence: 'fortnightly', windowDays: 14 }, []],
    ['five weeks', { windowDays: 35 }, ['windowDays too-long']],
    ['no day', { windowDays: 0 }, ['windowDays no-number']],
    ['half a day', { windowDays: 1.5 }, ['windowDays no-number']],
    ['a day that the calendar does not have', { firstDay: '2027-02-29' }, ['firstDay no-day']],
    ['a day in two years', { firstDay: '2028-12-01' }, ['firstDay too-far']],
    ['25 o’clock', { openingTime: '25:00' }, ['openingTime no-time']],
    ['three reminders', { reminders: 3 }, ['reminders no-number']],
    ['a cadence that is none', { cadence: 'daily' as 'weekly' }, ['cadence unknown']],
  ] satisfies [string, Partial<ScheduleRule>, string[]][])('with %s', (_, change, expected) => {
    expect(ruleMistakes({ ...rule, ...change }, '2026-11-27').map(({ field, code }) => `${field} ${code}`)).toEqual(expected)
  })
})
