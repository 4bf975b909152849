import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Clause } from '../../worker/core/clause'
import { database } from '../../worker/db/client'
import { leads, settings } from '../../worker/db/schema'
import { evaluateClauses, evaluateDueClauses, readClauses, readKnown } from '../../worker/services/clause-evaluation'
import {
  addClause,
  changeClause,
  endClause,
  getClause,
  listClauseViews,
  previewClause,
  resumeClause,
  setCalendar,
  takeBackClause,
  viewsIn,
} from '../../worker/services/clauses'
import { listOverdue } from '../../worker/services/overdue'
import { aSource, attempt, byWednesday, entered, fiveAttempts, inFourHours, mondays, reported, returned, store } from './clause-facts'
import { services } from './client'
import { recorder } from './recorder'

const db = () => database(env.DB)
/** A Thursday in November; Mondays are the 2nd, 9th, 16th and 23rd. */
const thursday = '2026-11-26T12:00:00Z'
const context = (now = thursday) => services(new Date(now))

/** Due day, state, and what was counted, of one clause. */
const came = async (id: string, now = thursday) =>
  (await getClause(context(now), id)).evaluations.map(({ dueDay, state, numerator, denominator }) => [
    dueDay,
    state,
    numerator,
    denominator,
  ])

const add = async (clause: Clause, fromDay = '2026-11-01') => (await addClause(context(), clause, fromDay)).id

beforeEach(() => aSource(thursday))

describe('a volume', () => {
  beforeEach(() =>
    store({
      stage: [
        entered('a', 'mql', '2026-10-26T10:00:00+01:00'), // after Monday 09:00: counts for the next
        entered('b', 'mql', '2026-11-02T08:59:00+01:00'),
        entered('c', 'mql', '2026-11-02T09:00:01+01:00'),
        entered('d', 'mql', '2026-11-09'), // only the day is known
        entered('e', 'mql', '2026-11-12T10:00:00+01:00'),
        entered('old', 'mql', '2026-10-20T10:00:00+01:00'),
        entered('old', 'mql', '2026-11-13T10:00:00+01:00', 'old-again'), // a second entry counts no more
        entered('skipped', 'sql', '2026-11-13T10:00:00+01:00'), // was never an MQL
      ],
    }),
  )

  it('counts first entries since the due date before, and is open until the next', async () => {
    expect(await came(await add(mondays))).toEqual([
      ['2026-11-02', 'kept', 2, null],
      ['2026-11-09', 'kept', 2, null],
      ['2026-11-16', 'missed', 1, null],
      ['2026-11-23', 'missed', 0, null],
      ['2026-11-30', 'open', 0, null],
    ])
  })

  it('counts those of the day alone, where that was promised', async () => {
    expect((await came(await add({ ...mondays, atLeast: 1, counts: 'that-day' }))).map(([, state, count]) => [state, count])).toEqual([
      ['kept', 1],
      ['kept', 1],
      ['missed', 0],
      ['missed', 0],
      ['open', 0],
    ])
  })

  it('leaves out leads that were deleted', async () => {
    await db().insert(leads).values({ sourceId: 'crm', externalId: 'c', createdDay: '2026-11-02', contentHash: '', deletedAt: new Date() })
    expect((await came(await add(mondays)))[1]).toEqual(['2026-11-09', 'missed', 1, null])
  })

  it('keeps leads of different sources apart', async () => {
    await aSource(thursday, 'other')
    await store({ stage: [entered('c', 'mql', '2026-11-04T10:00:00+01:00')] }, 'other')
    expect((await came(await add(mondays)))[1]).toEqual(['2026-11-09', 'kept', 3, null])
  })

  it('judges nothing by what came before anything was recorded', async () => {
    const id = await add(mondays, '2026-09-01')
    expect((await came(id))[0]).toEqual(['2026-11-02', 'kept', 2, null])
  })

  it('stays open where the data does not reach the due date, and is judged when it does', async () => {
    await aSource('2026-11-23T07:59:00Z')
    const id = await add(mondays)
    expect((await came(id)).slice(-2).map(([day, state]) => [day, state])).toEqual([
      ['2026-11-23', 'open'],
      ['2026-11-30', 'open'],
    ])
    await aSource('2026-11-23T08:00:00Z')
    expect(await evaluateClauses(context())).toBe(true)
    expect((await came(id)).at(-2)?.slice(0, 2)).toEqual(['2026-11-23', 'missed'])
    expect(await evaluateClauses(context())).toBe(false)
  })

  it('is judged again when data comes late, out of order or is corrected', async () => {
    const id = await add(mondays)
    await store({ stage: [entered('late', 'mql', '2026-11-10T10:00:00+01:00')] })
    expect(await evaluateClauses(context())).toBe(true)
    expect((await came(id))[2]).toEqual(['2026-11-16', 'kept', 2, null])
    await store({ stage: [entered('late', 'mql', '2026-11-17T10:00:00+01:00')] })
    await evaluateClauses(context())
    expect((await came(id)).slice(2, 4)).toEqual([
      ['2026-11-16', 'missed', 1, null],
      ['2026-11-23', 'missed', 1, null],
    ])
  })
})

describe('a follow-on', () => {
  it('is of each delivery, whoever got further has got there, and no delivery is nothing due', async () => {
    await store({
      stage: [
        entered('a', 'mql', '2026-10-28T10:00:00+01:00'),
        entered('a', 'sql', '2026-11-04T17:59:00+01:00'),
        entered('b', 'mql', '2026-10-28T10:00:00+01:00'),
        entered('b', 'sql', '2026-11-04T18:00:01+01:00'),
        entered('c', 'mql', '2026-11-03T10:00:00+01:00'),
        entered('c', 'opportunity', '2026-11-11'), // only the day is known: in time
        entered('d', 'mql', '2026-11-12T10:00:00+01:00'),
        entered('first', 'mql', '2026-10-20'),
      ],
    })
    expect(await came(await add(byWednesday))).toEqual([
      ['2026-11-04', 'kept', 1, 2],
      ['2026-11-11', 'kept', 1, 1],
      ['2026-11-18', 'missed', 0, 1],
      ['2026-11-25', 'nothing-due', 0, 0],
      ['2026-12-02', 'open', 0, 0],
    ])
  })
})

describe('a response', () => {
  const four = async (stage: Parameters<typeof store>[0]['stage'], activity: Parameters<typeof store>[0]['activity']) => {
    await store({
      stage: [entered('first', 'mql', '2026-10-01'), ...(stage ?? [])],
      activity: [attempt('first', '2026-10-01'), ...(activity ?? [])],
    })
    return came(await add(inFourHours))
  }

  it('counts working hours over a weekend, and is judged when the time is over', async () => {
    const found = await four(
      [
        entered('quick', 'mql', '2026-11-05T10:00:00+01:00'),
        entered('friday', 'mql', '2026-11-06T16:00:00+01:00'), // until Monday 12:00, when it is looked at
        entered('late', 'mql', '2026-11-06T16:00:00+01:00'),
        entered('monday', 'mql', '2026-11-09T09:30:00+01:00'), // until Monday 13:30: of the next week
      ],
      [
        attempt('quick', '2026-11-05T14:00:00+01:00'),
        attempt('friday', '2026-11-09T12:00:00+01:00'),
        attempt('late', '2026-11-05T12:00:00+01:00'), // before it was handed over
        attempt('late', '2026-11-09T12:00:01+01:00'),
        attempt('monday', '2026-11-09T13:00:00+01:00'),
      ],
    )
    expect(found.slice(0, 4)).toEqual([
      ['2026-11-02', 'nothing-due', 0, 0],
      ['2026-11-09', 'missed', 2, 3],
      ['2026-11-16', 'kept', 1, 1],
      ['2026-11-23', 'nothing-due', 0, 0],
    ])
  })

  it('takes what is only known by its day for in time on that day and the next morning, and not later', async () => {
    const found = await four(
      [entered('a', 'mql', '2026-11-03'), entered('b', 'mql', '2026-11-03'), entered('c', 'mql', '2026-11-03')],
      [attempt('a', '2026-11-03'), attempt('b', '2026-11-04T13:00:00+01:00'), attempt('c', '2026-11-05')],
    )
    expect(found[1]).toEqual(['2026-11-09', 'missed', 2, 3])
  })

  it('counts an attempt at the deal of a lead', async () => {
    await store({ stage: [entered('first', 'mql', '2026-10-01'), entered('a', 'mql', '2026-11-05T10:00:00+01:00')] })
    await env.DB.prepare(
      `insert into deals (source_id, external_id, lead_id, state, currency, content_hash) values ('crm', 'd', 'a', 'open', 'EUR', '')`,
    ).run()
    await env.DB.prepare(
      `insert into activities (source_id, external_id, deal_id, kind, day, at, content_hash)
       values ('crm', 'x', 'd', 'call', '2026-11-05', ${Date.parse('2026-11-05T11:00:00+01:00')}, ''), ('crm', 'y', null, 'call', '2026-10-01', null, '')`,
    ).run()
    expect((await came(await add(inFourHours)))[1]).toEqual(['2026-11-09', 'kept', 1, 1])
  })

  it('counts every hour, where that was promised', async () => {
    await store({
      stage: [entered('first', 'mql', '2026-10-01'), entered('a', 'mql', '2026-11-06T16:00:00+01:00')],
      activity: [attempt('first', '2026-10-01'), attempt('a', '2026-11-06T20:00:01+01:00')],
    })
    expect((await came(await add({ ...inFourHours, clock: 'all' })))[1]).toEqual(['2026-11-09', 'missed', 0, 1])
    expect((await came(await add({ ...inFourHours, clock: 'all', minutes: 241 })))[1]).toEqual(['2026-11-09', 'kept', 1, 1])
  })

  it('is open, and no miss, where no source has attempts', async () => {
    await store({ stage: [entered('a', 'mql', '2026-10-01'), entered('b', 'mql', '2026-11-06T16:00:00+01:00')] })
    expect((await came(await add(inFourHours))).map(([, state]) => state)).toEqual(['open', 'open', 'open', 'open', 'open'])
  })

  it('is worked over holidays as the calendar says', async () => {
    await store({
      stage: [entered('first', 'mql', '2026-10-01'), entered('a', 'mql', '2026-11-05T16:00:00+01:00')],
      activity: [attempt('first', '2026-10-01'), attempt('a', '2026-11-09T11:59:00+01:00')],
    })
    const id = await add(inFourHours)
    expect((await came(id))[1]).toEqual(['2026-11-09', 'missed', 0, 1])
    await setCalendar(context(), { holidays: [{ day: '2026-11-06', name: 'Bridge day' }] })
    expect((await came(id))[1]).toEqual(['2026-11-09', 'kept', 1, 1])
  })
})

describe('attempts before a return', () => {
  it('are counted up to the first return', async () => {
    await store({
      stage: [
        entered('a', 'mql', '2026-10-01'),
        returned('a', '2026-11-10T10:00:00+01:00'),
        returned('b', '2026-11-10T10:00:00+01:00'),
        returned('c', '2026-10-31T23:59:00+01:00'),
      ],
      activity: [
        attempt('a', '2026-10-03'),
        attempt('a', '2026-11-10T09:00:00+01:00'),
        attempt('b', '2026-11-09T09:00:00+01:00'),
        attempt('b', '2026-11-10T10:00:01+01:00'),
        attempt('c', '2026-09-01'),
      ],
    })
    const id = await add(fiveAttempts, '2026-10-01')
    expect(await came(id)).toEqual([
      ['2026-10-31', 'missed', 0, 1],
      ['2026-11-30', 'open', 1, 2],
    ])
  })
})

describe('versions of a clause', () => {
  beforeEach(() =>
    store({ stage: [entered('z', 'mql', '2026-10-20'), entered('a', 'mql', '2026-11-10'), entered('b', 'mql', '2026-11-24')] }),
  )

  it('judge what was due while they held', async () => {
    const id = await add(mondays)
    await changeClause(context(), id, { ...mondays, atLeast: 1 }, '2026-11-26')
    const later = context('2026-12-08T12:00:00Z')
    await aSource('2026-12-08T12:00:00Z')
    await evaluateClauses(later)
    const { evaluations, version, versions } = await getClause(later, id)
    expect(evaluations.slice(-4).map(({ dueDay, state, target, version: by }) => [dueDay, state, target, by])).toEqual([
      ['2026-11-23', 'missed', 2, 1],
      ['2026-11-30', 'kept', 1, 2],
      ['2026-12-07', 'missed', 1, 2],
      ['2026-12-14', 'open', 1, 2],
    ])
    expect([version, versions.length]).toEqual([2, 2])
  })

  it('cannot begin in the past once something was promised', async () => {
    const id = await add(mondays)
    const change = changeClause(context(), id, { ...mondays, atLeast: 1 }, '2026-11-25')
    await expect(change).rejects.toMatchObject({ code: 'invalid-input', errors: [{ pointer: '#/fromDay' }] })
  })

  it('that change nothing are none', async () => {
    const id = await add(mondays, '2026-11-26')
    await changeClause(context(), id, mondays, '2026-11-26')
    expect((await getClause(context(), id)).versions).toHaveLength(1)
  })

  it('can be taken back for a day, or until something was judged by them', async () => {
    const id = await add(mondays)
    await changeClause(context(), id, { ...mondays, atLeast: 1 }, '2026-11-26')
    expect(await takeBackClause(context(), id)).toBe('version')
    expect((await getClause(context(), id)).clause).toEqual(mondays)
    const nextWeek = '2026-12-03T12:00:00Z'
    expect((await getClause(context(nextWeek), id)).takeBack).toBeNull()
    await expect(takeBackClause(context(nextWeek), id)).rejects.toMatchObject({ code: 'clause-judged' })
    expect(await takeBackClause(context(), id)).toBe('clause')
    expect(await listClauseViews(context())).toEqual([])
    expect(await env.DB.prepare('select count(*) as n from evaluations').first<number>('n')).toBe(0)
  })

  it('end with today, keep what was judged, and hold on when the end is taken back', async () => {
    const id = await add(mondays)
    expect(await endClause(context(), id)).toMatchObject({ state: 'holds', endDay: '2026-11-26' })
    expect((await came(id)).map(([day]) => day)).toEqual(['2026-11-02', '2026-11-09', '2026-11-16', '2026-11-23'])
    await expect(changeClause(context(), id, mondays, '2026-12-01')).rejects.toMatchObject({ code: 'clause-ended' })
    expect((await getClause(context('2026-11-27T12:00:00Z'), id)).state).toBe('ended')
    expect((await resumeClause(context(), id)).endDay).toBeNull()
    expect((await came(id)).at(-1)?.slice(0, 2)).toEqual(['2026-11-30', 'open'])
  })

  it('of two changes at once make one, and say so', async () => {
    const id = await add(mondays)
    const settled = await Promise.allSettled([1, 3].map((atLeast) => changeClause(context(), id, { ...mondays, atLeast }, '2026-11-26')))
    const refused = settled.filter(({ status }) => status === 'rejected')
    const { versions } = await getClause(context(), id)
    expect(versions.length + refused.length).toBe(3)
  })
})

describe('when it is evaluated', () => {
  it('costs one trip to the database where nothing is promised', async () => {
    const recorded = recorder()
    expect(await evaluateClauses({ db: database(recorded.database), now: new Date() })).toBe(false)
    expect(recorded.calls).toHaveLength(1)
  })

  it('follows a publication, and again once something falls due', async () => {
    await store({ stage: [entered('z', 'mql', '2026-10-20')] })
    const id = await add(mondays)
    await store({ stage: [entered('a', 'mql', '2026-11-18'), entered('b', 'mql', '2026-11-18')] })
    await evaluateDueClauses(context()) // the stamp says that facts were published since
    expect((await came(id)).at(-2)?.slice(0, 3)).toEqual(['2026-11-23', 'kept', 2])
    const recorded = recorder()
    await evaluateDueClauses({ db: database(recorded.database), now: new Date(thursday) })
    expect(recorded.calls).toHaveLength(1)
    await evaluateDueClauses(context('2026-11-30T12:00:00Z'))
    expect((await came(id)).slice(-2).map(([day, state]) => [day, state])).toEqual([
      ['2026-11-30', 'open'], // the data does not reach it
      ['2026-12-07', 'open'],
    ])
  })

  it('begins again where facts are published meanwhile, so that no older count is stored', async () => {
    await store({ stage: [entered('z', 'mql', '2026-10-20')] })
    const id = await add(mondays)
    const stale = context()
    const original = stale.db.$client.batch.bind(stale.db.$client)
    let isFirst = true
    const slow = new Proxy(stale.db.$client, {
      get: (target, name) => {
        if (name !== 'batch') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name)
        return async (statements: D1PreparedStatement[]) => {
          if (statements.length > 2 && isFirst) {
            isFirst = false
            await store({ stage: [entered('a', 'mql', '2026-11-18'), entered('b', 'mql', '2026-11-18')] })
          }
          return original(statements)
        }
      },
    })
    await store({ stage: [entered('y', 'mql', '2026-11-04')] })
    await evaluateClauses({ db: database(slow), now: new Date(thursday) })
    expect(isFirst).toBe(false)
    expect((await came(id)).at(-2)?.slice(0, 3)).toEqual(['2026-11-23', 'kept', 2])
  })

  it('looks back two years and keeps what is older', async () => {
    await store({ stage: [entered('z', 'mql', '2024-11-20')] })
    const id = await add(mondays, '2024-11-26')
    await env.DB.prepare(
      `insert into evaluations (clause_id, due_at, due_day, version, state, value, numerator, denominator, target, as_of)
       values (?1, 1000, '1970-01-01', 1, 'kept', 9, 9, null, 2, 1000)`,
    )
      .bind(id)
      .run()
    await evaluateClauses(context())
    const found = await came(id)
    expect(found[0]).toEqual(['1970-01-01', 'kept', 9, null])
    expect(found).toHaveLength(106)
  })
})

describe('a preview', () => {
  it('tells how the last twelve due dates would have come out, and stores nothing', async () => {
    await store({ stage: [entered('z', 'mql', '2026-01-01'), entered('a', 'mql', '2026-11-18'), entered('b', 'mql', '2026-11-18')] })
    const past = await previewClause(context(), mondays)
    expect(past).toHaveLength(12)
    expect(past.at(-1)).toMatchObject({ dueDay: '2026-11-23', state: 'kept', numerator: 2 })
    expect(await previewClause(context(), { ...mondays, due: { every: 'month', day: 1, time: '09:00' } })).toHaveLength(10)
    expect(await previewClause(context(), reported)).toEqual([])
    expect((await readClauses(db())).clauses).toEqual([])
  })

  it('has nothing to tell without facts', async () => expect(await previewClause(context(), inFourHours)).toEqual([]))
})

describe('what is overdue', () => {
  const overdue = async (now = thursday) => {
    const reading = await readClauses(db())
    return listOverdue(context(now), viewsIn(reading, new Date(now)), reading, await readKnown(db()))
  }

  it('is each lead that nobody tried to reach in time and that was not returned, by its id, since when', async () => {
    await store({
      stage: [
        entered('first', 'mql', '2026-10-01'),
        entered('waits', 'mql', '2026-11-20T16:00:00+01:00'),
        entered('tried', 'mql', '2026-11-20T16:00:00+01:00'),
        entered('back', 'mql', '2026-11-20T16:00:00+01:00'),
        returned('back', '2026-11-21'),
        entered('fresh', 'mql', '2026-11-26T10:00:00+01:00'),
        entered('ancient', 'mql', '2026-07-01'),
      ],
      activity: [attempt('first', '2026-10-01'), attempt('tried', '2026-11-25')],
    })
    await add(inFourHours)
    const [found] = await overdue()
    expect(found?.total).toBe(1)
    expect(found?.leads).toEqual([
      { sourceId: 'crm', source: 'Source crm', leadId: 'waits', since: Date.parse('2026-11-23T12:00:00+01:00') },
    ])
  })

  it('is no less because nothing came since: the 90 days end where the data does', async () => {
    await store({
      stage: [entered('first', 'mql', '2026-10-01'), entered('waits', 'mql', '2026-11-20T16:00:00+01:00')],
      activity: [attempt('first', '2026-10-01')],
    })
    await add(inFourHours)
    expect((await overdue('2027-06-03T12:00:00Z'))[0]?.leads.map(({ leadId }) => leadId)).toEqual(['waits'])
  })

  it('is what did not get further by its deadline', async () => {
    await store({
      stage: [
        entered('first', 'mql', '2026-08-01'),
        entered('stuck', 'mql', '2026-11-12T10:00:00+01:00'),
        entered('late', 'mql', '2026-11-12T10:00:00+01:00'),
        entered('late', 'customer', '2026-11-24'),
        entered('next', 'mql', '2026-11-24T10:00:00+01:00'),
      ],
    })
    await add(byWednesday)
    const [found] = await overdue()
    expect(found?.leads.map(({ leadId, since }) => [leadId, since])).toEqual([['stuck', Date.parse('2026-11-18T18:00:00+01:00')]])
  })

  it('is a report that nobody made', async () => {
    await add(reported, '2026-11-10')
    const [found] = await overdue()
    expect(found?.unreported.map(({ dueDay }) => dueDay)).toEqual(['2026-11-13', '2026-11-20'])
  })

  it('is nothing where nothing is promised', async () => expect(await overdue()).toEqual([]))
})

describe('the work calendar', () => {
  it('moves due dates, and judges what was due before by the hours that held then', async () => {
    await store({ stage: [entered('z', 'mql', '2026-10-20'), entered('a', 'mql', '2026-11-16T12:00:00+01:00')] })
    const id = await add({ ...mondays, atLeast: 1, onHoliday: 'next-workday' })
    expect((await came(id))[2]).toEqual(['2026-11-16', 'missed', 0, null])
    await setCalendar(context(), { holidays: [{ day: '2026-11-16', name: 'Holiday' }] })
    expect((await came(id))[2]).toEqual(['2026-11-17', 'kept', 1, null])
    expect((await came(id)).map(([day]) => day)).not.toContain('2026-11-16')
  })

  it('of another time zone is followed by the next tick', async () => {
    await store({ stage: [entered('z', 'mql', '2026-10-20')] })
    const id = await add(mondays)
    await db().update(settings).set({ value: 'Asia/Bangkok' })
    await evaluateDueClauses(context())
    expect(new Date((await getClause(context(), id)).evaluations.at(-1)?.dueAt ?? 0).toISOString()).toBe('2026-11-30T02:00:00.000Z')
  })
})
