import { describe, expect, it } from 'vitest'
import { type Clause, type ClauseHistory, clauseProblems, dueDates, plannedDues, startProblem, versionOn } from '../../worker/core/clause'
import { complianceOf, courseOf, type DueState, type Evaluation, judge, slaFinding, withoutUnknown } from '../../worker/core/sla'
import { usualCalendar, type WorkCalendar } from '../../worker/core/work-calendar'

const zone = 'Europe/Amsterdam'
const at = (text: string) => Date.parse(text)
const volume: Extract<Clause, { kind: 'volume' }> = {
  kind: 'volume',
  side: 'marketing',
  stage: 'mql',
  atLeast: 50,
  counts: 'since-last',
  due: { every: 'week', weekday: 1, time: '09:00' },
  onHoliday: 'as-is',
}
const qualified: Extract<Clause, { kind: 'follow-on' }> = {
  kind: 'follow-on',
  side: 'sales',
  stage: 'mql',
  reaches: 'sql',
  share: 0.9,
  counts: 'that-day',
  due: { every: 'week', weekday: 1, time: '24:00' },
  onHoliday: 'as-is',
  daysLater: 2,
  time: '24:00',
}
const response: Extract<Clause, { kind: 'response' }> = {
  kind: 'response',
  side: 'sales',
  stage: 'mql',
  minutes: 240,
  clock: 'working',
  share: 0.9,
  due: { every: 'week', weekday: 5, time: '17:00' },
  onHoliday: 'as-is',
}
const christmas: WorkCalendar = { ...usualCalendar, holidays: [{ day: '2011-12-26', name: 'Second Christmas day' }] }

describe('due dates', () => {
  it('of a week come at their time of the wall clock, in summer and in winter', () => {
    const dues = dueDates(volume, usualCalendar, zone, '2011-10-24', '2011-10-31')
    expect(dues.map(({ dueDay, dueAt }) => [dueDay, new Date(dueAt).toISOString()])).toEqual([
      ['2011-10-24', '2011-10-24T07:00:00.000Z'],
      ['2011-10-31', '2011-10-31T08:00:00.000Z'],
    ])
    // The week with the change has an hour more, and nothing falls between two.
    expect(dues.map(({ from, until }) => (until - from) / 3_600_000)).toEqual([168, 169])
    expect(dues[1]?.from).toBe(dues[0]?.until)
  })

  it('on a Monday that is a holiday wait for the next working day, where that was agreed', () => {
    const wait = { ...volume, onHoliday: 'next-workday' as const }
    const dues = dueDates(wait, christmas, zone, '2011-12-19', '2012-01-02')
    expect(dues.map(({ dueDay }) => dueDay)).toEqual(['2011-12-19', '2011-12-27', '2012-01-02'])
    expect(dues.map(({ anchorDay }) => anchorDay)).toEqual(['2011-12-19', '2011-12-26', '2012-01-02'])
    expect(dues[2]?.from).toBe(dues[1]?.until)
    expect(dueDates(volume, christmas, zone, '2011-12-19', '2012-01-02').map(({ dueDay }) => dueDay)).toEqual([
      '2011-12-19',
      '2011-12-26',
      '2012-01-02',
    ])
  })

  it('are one where holidays push several onto the same day', () => {
    const closed = {
      ...usualCalendar,
      holidays: Array.from({ length: 14 }, (_, index) => ({ day: `2011-12-${19 + index}`, name: '' })).slice(0, 13),
    }
    closed.holidays.push({ day: '2012-01-01', name: '' })
    const wait = { ...volume, onHoliday: 'next-workday' as const }
    const dues = dueDates(wait, closed, zone, '2011-12-12', '2012-01-09')
    expect(dues.map(({ dueDay }) => dueDay)).toEqual(['2011-12-12', '2012-01-02', '2012-01-09'])
    expect(dues[1]?.from).toBe(dues[0]?.until)
    const followed = dueDates({ ...qualified, counts: 'since-last', onHoliday: 'next-workday' }, closed, zone, '2011-12-12', '2012-01-09')
    expect(new Set(followed.map(({ dueAt }) => dueAt)).size).toBe(followed.length)
    // Both follow-ups of the 12th and the 19th wait for the 2nd: one due date over both deliveries.
    const late = { ...qualified, counts: 'since-last' as const, daysLater: 9, onHoliday: 'next-workday' as const }
    const shut = { ...usualCalendar, holidays: Array.from({ length: 12 }, (_, index) => ({ day: `2011-12-${20 + index}`, name: '' })) }
    const both = dueDates(late, shut, zone, '2011-12-12', '2011-12-19')
    expect(both.map(({ dueDay, until }) => [dueDay, new Date(until).toISOString()])).toEqual([['2012-01-02', '2011-12-19T23:00:00.000Z']])
  })

  it('of a delivery on Monday come on Wednesday at 24:00, which is where Thursday begins', () => {
    const [due] = dueDates(qualified, usualCalendar, zone, '2011-12-26', '2011-12-26')
    expect(due && { from: new Date(due.from + 1).toISOString(), until: new Date(due.until).toISOString() }).toEqual({
      from: '2011-12-25T23:00:00.000Z',
      until: '2011-12-26T23:00:00.000Z',
    })
    expect([due?.dueDay, new Date(due?.dueAt ?? 0).toISOString()]).toEqual(['2011-12-28', '2011-12-28T23:00:00.000Z'])
  })

  it('of a month come on their day, or on the last', () => {
    const monthly = (day: number) =>
      dueDates({ ...volume, due: { every: 'month', day, time: '09:00' } }, usualCalendar, zone, '2028-01-15', '2028-04-01')
    expect(monthly(31).map(({ dueDay }) => dueDay)).toEqual(['2028-01-31', '2028-02-29', '2028-03-31'])
    expect(monthly(1).map(({ dueDay }) => dueDay)).toEqual(['2028-02-01', '2028-03-01', '2028-04-01'])
    expect(new Date(monthly(1)[0]?.from ?? 0).toISOString()).toBe('2028-01-01T08:00:00.000Z')
  })

  it('are none where the last day comes first', () => expect(dueDates(volume, usualCalendar, zone, '2026-02-02', '2026-02-01')).toEqual([]))
})

describe('versions', () => {
  const history: ClauseHistory = {
    id: 'c',
    endDay: '2011-12-06',
    versions: [
      { version: 1, fromDay: '2011-11-01', body: volume },
      { version: 2, fromDay: '2011-11-22', body: { ...volume, atLeast: 60, due: { every: 'week', weekday: 2, time: '09:00' } } },
    ],
  }

  it('judge what was due while they held, and nothing after the end', () => {
    const dues = plannedDues(history, usualCalendar, zone, '2011-11-01', '2011-12-31')
    expect(dues.map(({ dueDay, version }) => [dueDay, version.version])).toEqual([
      ['2011-11-07', 1],
      ['2011-11-14', 1],
      ['2011-11-21', 1],
      ['2011-11-22', 2],
      ['2011-11-29', 2],
      ['2011-12-06', 2],
    ])
    expect([
      versionOn(history, '2011-11-21').version,
      versionOn(history, '2011-11-22').version,
      versionOn(history, '2000-01-01').version,
    ]).toEqual([1, 2, 1])
  })

  it('that were decided later win, where both hold from the same day', () => {
    const corrected = { ...history, versions: [...history.versions, { version: 3, fromDay: '2011-11-22', body: volume }] }
    expect(plannedDues(corrected, usualCalendar, zone, '2011-11-20', '2011-12-31').map(({ version }) => version.version)).toEqual([1, 3, 3])
  })

  it('follow a delivery to its end, even where another version begins in between', () => {
    const changed: ClauseHistory = {
      id: 'c',
      endDay: null,
      versions: [
        { version: 1, fromDay: '2011-11-01', body: qualified },
        { version: 2, fromDay: '2011-11-15', body: { ...qualified, share: 0.8 } },
      ],
    }
    const dues = plannedDues(changed, usualCalendar, zone, '2011-11-14', '2011-11-21')
    expect(dues.map(({ anchorDay, dueDay, version }) => [anchorDay, dueDay, version.version])).toEqual([
      ['2011-11-14', '2011-11-16', 1],
      ['2011-11-21', '2011-11-23', 2],
    ])
  })
})

describe('a due date', () => {
  const due = { dueAt: at('2011-12-26T09:00:00+01:00'), dueDay: '2011-12-26' }
  const then = { version: 1, now: due.dueAt + 1, asOf: due.dueAt }

  it.each<[string, Clause, number, number | null, DueState, number | null]>([
    ['50 of 50', volume, 50, null, 'kept', 50],
    ['36 of 50', volume, 36, null, 'missed', 36],
    ['none at all, which is a miss of a volume', volume, 0, null, 'missed', 0],
    ['exactly the share', qualified, 90, 100, 'kept', 0.9],
    ['a third of three thirds of 90 %', { ...qualified, share: 0.3 }, 3, 10, 'kept', 0.3],
    ['a hair too few', qualified, 8_999, 10_000, 'missed', 0.8999],
    ['one too few', qualified, 89, 100, 'missed', 0.89],
    ['nothing to follow up, which is no 0 %', qualified, 0, 0, 'nothing-due', null],
  ])('with %s', (_, clause, numerator, denominator, state, value) => {
    expect(judge(clause, due, { numerator, denominator }, then)).toMatchObject({ state, value, numerator, denominator })
  })

  it('is open before its time, before the data reaches it, and where nothing is known', () => {
    const counts = { numerator: 60, denominator: null }
    expect(judge(volume, due, counts, { ...then, now: due.dueAt - 1 }).state).toBe('open')
    expect(judge(volume, due, counts, { ...then, now: due.dueAt }).state).toBe('kept')
    expect(judge(volume, due, counts, { ...then, asOf: due.dueAt - 1 })).toMatchObject({ state: 'open', value: 60 })
    expect(judge(volume, due, counts, { ...then, asOf: null }).state).toBe('open')
    expect(judge(volume, due, null, then)).toMatchObject({ state: 'open', value: null, target: 50 })
  })
})

const states = (text: string) =>
  [...text].map((letter) => ({ state: ({ k: 'kept', m: 'missed', o: 'open', n: 'nothing-due' } as const)[letter] as DueState }))

describe('many due dates', () => {
  it('are kept of those that were judged, with Wilson’s interval', () => {
    expect(complianceOf(states('kkmno'))).toMatchObject({ kept: 2, due: 3, share: 2 / 3 })
    expect(complianceOf(states('kkkkkkkkkm')).interval).toEqual({ low: expect.closeTo(0.596, 3), high: expect.closeTo(0.982, 3) })
    expect(complianceOf(states('no'))).toEqual({ kept: 0, due: 0, share: null, interval: null })
  })

  it('are compared with as many before, as the design does: 8 of 10 after 8 of 10, and 7 after 5 with a run', () => {
    const volumes = courseOf(states('kmkkmkkkmkkkmkkkkkmko'.slice(0, 21)))
    expect([volumes.latest.due, volumes.before?.due, volumes.verdict]).toEqual([10, 10, 'normal'])
    const sales = courseOf(states('mmkmmkkmmkmkmkkkkkk'.replace(/k{6}$/, 'mkkkkk')))
    expect(sales.run).toMatchObject({ state: 'kept', length: 5, isLongest: true, verdict: 'signal' })
  })

  it('say of a change that it is one only beyond chance', () => {
    expect(courseOf(states('mmmmmmmmmmkkkkkkkkkk')).verdict).toBe('signal')
    expect(courseOf(states('kmkmkmkmkmkkmkkmkkmk')).verdict).toBe('normal')
    expect(courseOf(states('kkkkk'))).toMatchObject({ before: null, verdict: null, latest: { kept: 5, due: 5 } })
  })

  it('make a run a signal only where due dates before it say how rare it is', () => {
    expect(courseOf(states('kkkkkkkkkk')).run).toMatchObject({ length: 10, verdict: 'normal', isLongest: true })
    expect(courseOf(states('kkkkkmkkkk')).run).toMatchObject({ length: 4, isLongest: false, verdict: 'normal' })
    expect(courseOf(states('kkkkkkmmm')).run).toMatchObject({ state: 'missed', length: 3, verdict: 'signal' })
    expect(courseOf(states('mmmmmokok')).run).toMatchObject({ state: 'kept', length: 2 })
    expect(courseOf([]).run).toBeNull()
  })
})

describe('the title', () => {
  const of = (text: string) => {
    const evaluations = states(text).map(({ state }, index) => ({
      dueAt: index,
      dueDay: `2026-10-0${index + 1}`,
      version: 1,
      state,
      value: 46,
      numerator: 46,
      denominator: null,
      target: 50,
      asOf: 0,
    }))
    return { clause: volume, evaluations, course: courseOf(evaluations) }
  }
  it('says a run beyond chance first, then what was missed, then that all was kept', () => {
    expect(slaFinding([of('kmkmkm'), of('mmmmmkkk')])).toMatchObject({ kind: 'run', run: { length: 3 } })
    expect(slaFinding([of('km'), of('kkkm'), of('k')])).toMatchObject({ kind: 'missed', others: 1, last: { dueAt: 3 } })
    expect(slaFinding([of('mk'), of('ko')])).toEqual({ kind: 'all-kept', clauses: 2, from: '2026-10-01', to: '2026-10-02' })
    expect(slaFinding([of('o')])).toEqual({ kind: 'nothing-judged' })
    expect(slaFinding([])).toEqual({ kind: 'none' })
  })
})

describe('what can be promised', () => {
  it.each<[Clause, string[]]>([
    [volume, []],
    [{ ...volume, atLeast: 0 }, ['atLeast count-out-of-range']],
    [{ ...volume, atLeast: 1.5 }, ['atLeast count-out-of-range']],
    [{ ...volume, atLeast: Number.NaN }, ['atLeast count-out-of-range']],
    [{ ...volume, stage: 'subscriber' }, ['stage bad-stage']],
    [{ ...volume, due: { every: 'week', weekday: 7, time: '25:00' } }, ['time bad-time', 'weekday bad-weekday']],
    [{ ...volume, due: { every: 'month', day: 30, time: '09:00' } }, ['day bad-month-day']],
    [{ ...volume, due: { every: 'month', day: 0, time: '09:00' } }, ['day bad-month-day']],
    [qualified, []],
    [{ ...qualified, share: 0 }, ['share share-out-of-range']],
    [{ ...qualified, share: 1.01 }, ['share share-out-of-range']],
    [{ ...qualified, reaches: 'mql' }, ['reaches stage-not-later']],
    [{ ...qualified, daysLater: -1 }, ['daysLater days-out-of-range']],
    [{ ...qualified, daysLater: 0, time: '08:00', due: { every: 'week', weekday: 1, time: '09:00' } }, ['byTime not-after-delivery']],
    [response, []],
    [{ ...response, minutes: 0 }, ['minutes minutes-out-of-range']],
    [{ kind: 'attempts', side: 'sales', due: volume.due, onHoliday: 'as-is', atLeast: 51, share: 0.5 }, ['atLeast count-out-of-range']],
    [
      { kind: 'reported', side: 'sales', due: volume.due, onHoliday: 'as-is', name: ' ', unit: 'count', target: 0 },
      ['name no-name', 'target target-out-of-range'],
    ],
    [
      { kind: 'reported', side: 'sales', due: volume.due, onHoliday: 'as-is', name: 'x', unit: 'share', target: 2 },
      ['target share-out-of-range'],
    ],
  ])('%j', (clause, problems) => {
    expect(clauseProblems(clause).map(({ field, code }) => `${field} ${code}`)).toEqual(problems)
  })

  it.each([
    ['2026-11-27', true, undefined],
    ['2026-11-26', true, 'in-the-past'],
    ['2026-11-26', false, undefined],
    ['2024-11-01', false, 'too-far-back'],
    ['2027-12-01', false, 'too-far-ahead'],
    ['2026-02-30', false, 'bad-day'],
    ['soon', true, 'bad-day'],
  ])('from %s (a change: %s)', (fromDay, isChange, code) => expect(startProblem(fromDay, '2026-11-27', isChange)?.code).toBe(code))
})

describe('withoutUnknown', () => {
  it('keeps the count of a due date that the data has begun to reach, and of those that were judged', () => {
    const due = (dueAt: number, state: Evaluation['state'], asOf: number | null): Evaluation => ({
      dueAt,
      dueDay: '2026-11-02',
      version: 1,
      state,
      value: 0,
      numerator: 0,
      denominator: null,
      target: 45,
      asOf,
    })
    const shown = withoutUnknown([due(100, 'missed', 120), due(200, 'open', 120), due(300, 'open', 120), due(400, 'open', null)])
    expect(shown.map(({ value }) => value)).toEqual([0, 0, null, null])
  })
})
