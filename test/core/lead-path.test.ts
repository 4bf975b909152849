import { describe, expect, it } from 'vitest'
import type { Stage } from '../../worker/core/facts'
import { daysFrom, type LeadHistory, pathOf } from '../../worker/core/lead-path'

const all: Stage[] = ['lead', 'mql', 'sal', 'sql', 'opportunity', 'customer']

type Told = LeadHistory['events'][number]
const told = (what: Told['what'], stage: Stage | null, when: string, reason = ''): Told => {
  const [day = '', time] = when.split(' ')
  return { what, stage, day, at: time ? Date.parse(`${day}T${time}:00Z`) : null, reason }
}
const entered = (stage: Stage, when: string) => told('entered', stage, when)
const aLead = (events: Told[] = [], deals: LeadHistory['deals'] = [], day = '2026-03-02'): LeadHistory => ({
  created: { day, at: null },
  events,
  deals,
})
const aDeal = (state: 'open' | 'won' | 'lost', createdDay: string | null, closedDay: string | null = null) => {
  return { state, createdDay, createdAt: null, closedDay, closedAt: null }
}

/** In every order that they can be told in. */
function* orders<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield []
  for (const [index, item] of items.entries()) for (const rest of orders(items.toSpliced(index, 1))) yield [item, ...rest]
}

describe('how far a lead came', () => {
  it('is lead by its row alone, opportunity by a deal and customer by a won one', () => {
    expect(pathOf(aLead(), all, 'any').reached).toBe(1)
    expect(pathOf(aLead([], [aDeal('open', '2026-03-09')]), all, 'any').reached).toBe(5)
    expect(pathOf(aLead([], [aDeal('lost', '2026-03-09', '2026-04-01')]), all, 'any').reached).toBe(5)
    expect(pathOf(aLead([], [aDeal('won', '2026-03-09', '2026-04-01')]), all, 'any').reached).toBe(6)
    // A source that knows wins only: the deal was an opportunity, nobody knows when.
    const { reached, entries } = pathOf(aLead([], [aDeal('won', null, '2026-04-01')]), all, 'any')
    expect([reached, entries.get('opportunity'), entries.get('customer')]).toEqual([6, null, { day: '2026-04-01', at: null }])
  })

  it('is subscriber where the source says so, and lead only once it says that, too', () => {
    const through: Stage[] = ['subscriber', ...all]
    expect(pathOf(aLead([entered('subscriber', '2026-03-02')]), through, 'any').reached).toBe(1)
    expect(pathOf(aLead([entered('subscriber', '2026-03-02'), entered('lead', '2026-03-05')]), through, 'any').reached).toBe(2)
    expect(pathOf(aLead(), through, 'any').reached).toBe(2)
    expect(pathOf(aLead(), through, 'strict').reached).toBe(0)
  })

  it('skips stages on any path and not on the strict one', () => {
    const skipping = aLead([entered('mql', '2026-03-03'), entered('sql', '2026-03-05')])
    expect([pathOf(skipping, all, 'any').reached, pathOf(skipping, all, 'strict').reached]).toEqual([4, 2])
    // A stage that the funnel leaves out is none to skip.
    const without = all.filter((stage) => stage !== 'sal')
    expect(pathOf(skipping, without, 'strict').reached).toBe(3)
  })

  it('is the same in whatever order the source tells it', () => {
    const events = [
      entered('sql', '2026-03-06 10:00'),
      entered('mql', '2026-03-03 09:00'),
      entered('sal', '2026-03-04'),
      entered('mql', '2026-03-20'),
    ]
    const first = pathOf(aLead(events), all, 'strict')
    expect(first.reached).toBe(4)
    for (const order of orders(events)) {
      for (const rule of ['any', 'strict'] as const) expect(pathOf(aLead(order), all, rule)).toMatchObject({ reached: 4, state: 'open' })
      expect(pathOf(aLead(order), all, 'any').entries.get('mql')).toEqual(events[1] && { day: '2026-03-03', at: events[1].at })
    }
  })

  it('is in order at the same moment, and on the same day where one is known by the day only', () => {
    expect(pathOf(aLead([entered('mql', '2026-03-03 09:00'), entered('sal', '2026-03-03 09:00')]), all, 'strict').reached).toBe(3)
    expect(pathOf(aLead([entered('mql', '2026-03-03 09:00'), entered('sal', '2026-03-03')]), all, 'strict').reached).toBe(3)
    expect(pathOf(aLead([entered('mql', '2026-03-03 09:00'), entered('sal', '2026-03-03 08:59')]), all, 'strict').reached).toBe(2)
    // It came back the right way round.
    const again = [entered('sal', '2026-03-01'), entered('mql', '2026-03-03'), entered('sal', '2026-03-07')]
    expect(pathOf(aLead(again), all, 'strict').reached).toBe(3)
  })

  it('knows nothing of what came after a day', () => {
    const lead = aLead([entered('mql', '2026-03-03'), entered('sal', '2026-03-10')], [aDeal('won', '2026-03-12', '2026-04-20')])
    expect(
      ['2026-03-02', '2026-03-03', '2026-03-11', '2026-03-12', '2026-04-20'].map((day) => pathOf(lead, all, 'any', day).reached),
    ).toEqual([1, 2, 3, 5, 6])
  })
})

describe('how a lead stands', () => {
  const stateOf = (events: Told[], deals: LeadHistory['deals'] = []) => {
    const { state, reason } = pathOf(aLead(events, deals), all, 'any')
    return [state, reason]
  }

  it('is open until it is lost or returned, and again once it comes back', () => {
    const [mql, back] = [entered('mql', '2026-03-03'), told('returned', 'mql', '2026-03-09', 'No budget')]
    expect(stateOf([mql])).toEqual(['open', ''])
    expect(stateOf([mql, back])).toEqual(['returned', 'No budget'])
    expect(stateOf([mql, back, entered('mql', '2026-05-01')])).toEqual(['open', ''])
    expect(stateOf([mql, back, entered('mql', '2026-05-01'), told('lost', null, '2026-06-01')])).toEqual(['lost', ''])
  })

  it('is not reopened by the entry that the return itself makes', () => {
    const back = told('returned', 'sal', '2026-03-09 10:00', 'No budget')
    for (const order of orders([entered('mql', '2026-03-03 09:00'), back, entered('lead', '2026-03-09 10:00')]))
      expect(stateOf(order)).toEqual(['returned', 'No budget'])
    expect(stateOf([back, entered('mql', '2026-03-09')])).toEqual(['returned', 'No budget'])
    expect(stateOf([back, entered('mql', '2026-03-09 10:01')])).toEqual(['open', ''])
  })

  it('is lost with all of its deals, for the reason that one of two accounts gives', () => {
    const lost = aDeal('lost', '2026-03-09', '2026-04-01')
    expect(stateOf([], [lost])).toEqual(['lost', ''])
    expect(stateOf([], [lost, aDeal('open', '2026-03-20')])).toEqual(['open', ''])
    expect(stateOf([told('lost', 'opportunity', '2026-04-01 16:00', 'Price')], [lost])).toEqual(['lost', 'Price'])
  })
})

describe('days between two moments', () => {
  it('are exact where both are known, whole where one is not, and below 0 where they are the wrong way round', () => {
    const at = (text: string) => ({ day: text.slice(0, 10), at: Date.parse(text) })
    expect(daysFrom(at('2026-03-01T12:00:00Z'), at('2026-03-03T00:00:00Z'))).toBe(1.5)
    expect(daysFrom({ day: '2026-03-01', at: null }, at('2026-03-03T23:00:00Z'))).toBe(2)
    expect(daysFrom(at('2026-03-03T00:00:00Z'), at('2026-03-01T12:00:00Z'))).toBe(-1.5)
    expect(daysFrom(null, at('2026-03-01T12:00:00Z'))).toBeNull()
  })

  it('count hours, not nights, across the end of summer time', () => {
    const [before, after] = [Date.parse('2011-10-29T12:00:00+02:00'), Date.parse('2011-10-31T12:00:00+01:00')]
    expect(daysFrom({ day: '2011-10-29', at: before }, { day: '2011-10-31', at: after })).toBeCloseTo(49 / 24, 10)
  })
})
