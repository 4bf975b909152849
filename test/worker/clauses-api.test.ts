import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { addDays, dayOf, weekdayOf } from '../../worker/core/calendar'
import { database } from '../../worker/db/client'
import { observations, scoringRules } from '../../worker/db/schema'
import { findScores } from '../../worker/db/scores'
import { addClause, takeBackClause } from '../../worker/services/clauses'
import { settle } from '../../worker/services/publishing'
import { rescoreRounds } from '../../worker/services/scores'
import { aSource, byWednesday, entered, mondays, reported, store, zone } from './clause-facts'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { decided } from './factories'
import { closeRound, observe } from './scored-rounds'

const today = dayOf(new Date(), zone)
const lastFriday = addDays(today, -((weekdayOf(today) + 2) % 7 || 7))
let admin: Record<string, string>

beforeEach(async () => {
  admin = await adminHeaders()
  await aSource(new Date().toISOString())
})

const ask = async (method: string, path: string, body?: unknown, headers = admin) => {
  const response = await fetchWorker(`/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, each looked at by its test
  return { status: response.status, body: await response.json<any>() }
}
const pointers = ({ body }: { body: { errors?: { pointer: string }[] } }) => body.errors?.map(({ pointer }) => pointer)

describe('/api/v1/clauses', () => {
  it('adds, lists, changes, ends, resumes and takes back', async () => {
    const added = await ask('POST', '/clauses', { clause: mondays, fromDay: addDays(today, -30) })
    expect(added.status).toBe(201)
    const { id } = added.body
    expect(added.body).toMatchObject({
      state: 'holds',
      sentence: 'Marketing delivers at least 2 MQLs every Monday by 09:00.',
      name: '2 MQLs every Monday',
    })
    expect(added.body.evaluations.at(-1)).toMatchObject({ state: 'open', target: 2, dueAt: expect.stringMatching(/Z$/) })
    const changed = await ask('PATCH', `/clauses/${id}`, { clause: { ...mondays, atLeast: 3 }, fromDay: addDays(today, 1) })
    expect(changed.body.versions.map(({ body }: { body: { atLeast: number } }) => body.atLeast)).toEqual([2, 3])
    expect((await ask('DELETE', `/clauses/${id}/versions/last`)).body).toEqual({ takenBack: 'version' })
    expect((await ask('DELETE', `/clauses/${id}`)).body).toMatchObject({ endDay: today })
    expect((await ask('PATCH', `/clauses/${id}`, { clause: mondays, fromDay: today })).body.type).toMatch(/clause-ended$/)
    expect((await ask('PATCH', `/clauses/${id}`, { endDay: null })).body.endDay).toBeNull()
    const thai = await ask('GET', '/clauses?lang=th', undefined, await keyHeaders('reader'))
    expect(thai.body.items[0].sentence).toMatch(/[\u0e00-\u0e7f]/)
    expect((await ask('DELETE', `/clauses/${id}/versions/last`)).body).toEqual({ takenBack: 'clause' })
    expect((await ask('GET', '/clauses')).body).toEqual({ items: [] })
  })

  it.each([
    ['nothing', {}, ['#/clause', '#/fromDay']],
    ['an unknown kind', { clause: { ...mondays, kind: 'luck' }, fromDay: today }, ['#/clause/kind']],
    ['an unknown field', { clause: { ...mondays, people: ['x'] }, fromDay: today }, ['#/clause/people']],
    ['a target of 0', { clause: { ...mondays, atLeast: 0 }, fromDay: today }, ['#/clause/atLeast']],
    ['a share of 0', { clause: { ...byWednesday, share: 0 }, fromDay: today }, ['#/clause/share']],
    ['a share in percent', { clause: { ...byWednesday, share: 90 }, fromDay: today }, ['#/clause/share']],
    [
      'a day that no month has',
      { clause: { ...mondays, due: { every: 'month', day: 32, time: '09:00' } }, fromDay: today },
      ['#/clause/due/day'],
    ],
    ['a time that no day has', { clause: { ...mondays, due: { ...mondays.due, time: '24:01' } }, fromDay: today }, ['#/clause/due/time']],
    ['an eighth weekday', { clause: { ...mondays, due: { ...mondays.due, weekday: 7 } }, fromDay: today }, ['#/clause/due/weekday']],
    ['a deadline before the delivery', { clause: { ...byWednesday, daysLater: 0, time: '08:00' }, fromDay: today }, ['#/clause/time']],
    ['a stage that comes first', { clause: { ...byWednesday, reaches: 'lead' }, fromDay: today }, ['#/clause/reaches']],
    ['three years ago', { clause: mondays, fromDay: addDays(today, -1100) }, ['#/fromDay']],
    ['in two years', { clause: mondays, fromDay: addDays(today, 700) }, ['#/fromDay']],
    ['a day that there is not', { clause: mondays, fromDay: '2026-02-30' }, ['#/fromDay']],
    ['a name of 200 letters', { clause: { ...reported, name: 'x'.repeat(200) }, fromDay: today }, ['#/clause/name']],
  ])('refuses %s, naming the field', async (_, body, where) => {
    const refused = await ask('POST', '/clauses', body)
    expect([refused.status, pointers(refused)]).toEqual([422, where])
  })

  it('refuses a twenty-first clause', async () => {
    await env.DB.batch(
      Array.from({ length: 20 }, (_, index) =>
        env.DB.prepare(`insert into clauses (id, version, from_day, body, created_at) values (?1, 1, '2099-01-01', ?2, 0)`).bind(
          `c${index}`,
          JSON.stringify(mondays),
        ),
      ),
    )
    expect((await ask('POST', '/clauses', { clause: mondays, fromDay: today })).status).toBe(422)
  })

  it('knows no other clause', async () => {
    for (const [method, path, body] of [
      ['GET', '/clauses/nobody', undefined],
      ['PATCH', '/clauses/nobody', { clause: mondays, fromDay: today }],
      ['DELETE', '/clauses/nobody', undefined],
      ['DELETE', '/clauses/nobody/versions/last', undefined],
      ['POST', '/clauses/nobody/reports', { dueDay: today, numerator: 1 }],
    ] as const) {
      expect([method, path, (await ask(method, path, body)).status]).toEqual([method, path, 404])
    }
  })
})

describe('reports of a clause', () => {
  const aReported = async (clause = reported) => (await ask('POST', '/clauses', { clause, fromDay: addDays(today, -30) })).body.id

  it('judge a due date, and again when they are corrected', async () => {
    const id = await aReported()
    const importer = await keyHeaders('importer')
    const send = (numerator: number) => ask('POST', `/clauses/${id}/reports`, { dueDay: lastFriday, numerator }, importer)
    expect((await send(2)).body).toMatchObject({ dueDay: lastFriday, state: 'missed', value: 2, target: 3 })
    expect((await send(3)).body).toMatchObject({ state: 'kept' })
    expect((await ask('GET', `/clauses/${id}`)).body.course.latest).toMatchObject({ kept: 1, due: 1 })
  })

  it('are of shares, too', async () => {
    const id = await aReported({ ...reported, unit: 'share', target: 0.8 })
    const send = (body: object) => ask('POST', `/clauses/${id}/reports`, { dueDay: lastFriday, ...body })
    expect((await send({ numerator: 4, denominator: 5 })).body).toMatchObject({ state: 'kept', value: 0.8 })
    expect(pointers(await send({ numerator: 4 }))).toEqual(['#/denominator'])
    expect(pointers(await send({ numerator: 6, denominator: 5 }))).toEqual(['#/numerator'])
    expect(pointers(await send({ numerator: 0, denominator: 0 }))).toEqual(['#/denominator'])
  })

  it.each([
    ['a day on which nothing is due', { dueDay: addDays(lastFriday, -1), numerator: 1 }, '#/dueDay'],
    ['a day to come', { dueDay: addDays(lastFriday, 14), numerator: 1 }, '#/dueDay'],
    ['fewer than none', { dueDay: lastFriday, numerator: -1 }, '#/numerator'],
    ['a denominator of a number', { dueDay: lastFriday, numerator: 1, denominator: 2 }, '#/denominator'],
  ])('refuse %s', async (_, body, pointer) => {
    const refused = await ask('POST', `/clauses/${await aReported()}/reports`, body)
    expect([refused.status, pointers(refused)]).toEqual([422, [pointer]])
  })

  it('are of nothing that the facts tell', async () => {
    const id = (await ask('POST', '/clauses', { clause: mondays, fromDay: addDays(today, -30) })).body.id
    expect(pointers(await ask('POST', `/clauses/${id}/reports`, { dueDay: today, numerator: 9 }))).toEqual(['path/id'])
  })
})

describe('/api/v1/work-calendar', () => {
  it('is Monday to Friday until somebody decides, and keeps what held before', async () => {
    expect((await ask('GET', '/work-calendar')).body).toEqual({
      hours: [{ fromDay: '', days: [1, 2, 3, 4, 5], opens: '09:00', closes: '17:00' }],
      holidays: [],
    })
    const hours = { fromDay: '2026-12-01', days: [0, 1, 2, 3, 4], opens: '08:00', closes: '16:00' }
    const holidays = [
      { day: '2027-01-01', name: 'New Year' },
      { day: '2026-12-25', name: 'Christmas Day' },
    ]
    expect((await ask('PUT', '/work-calendar', { hours, holidays })).body).toMatchObject({
      hours: [{ fromDay: '' }, hours],
      holidays: [{ day: '2026-12-25' }, {}],
    })
    expect((await ask('GET', '/settings')).body.workCalendar).toBeUndefined()
  })

  it.each([
    [{ hours: { fromDay: '', days: [], opens: '09:00', closes: '17:00' } }, ['#/hours/days']],
    [{ hours: { fromDay: '', days: [1], opens: '17:00', closes: '09:00' } }, ['#/hours/closes']],
    [{ holidays: [{ day: '2026-02-30', name: '' }] }, ['#/holidays/0/day']],
    [
      {
        holidays: [
          { day: '2026-12-25', name: 'a' },
          { day: '2026-12-25', name: 'b' },
        ],
      },
      ['#/holidays/1'],
    ],
    [{ week: 5 }, ['#/week']],
  ])('refuses %j', async (body, where) => {
    const refused = await ask('PUT', '/work-calendar', body)
    expect([refused.status, pointers(refused)]).toEqual([422, where])
  })
})

describe('the Process pillar', () => {
  const november = services(new Date('2026-11-26T12:00:00Z'))

  beforeEach(async () => {
    await aSource('2026-11-26T12:00:00Z')
    const leads = ['2026-09-28', '2026-10-01', '2026-10-06', '2026-10-13', '2026-10-14'].map((day, index) =>
      entered(`l${index}`, 'mql', day),
    )
    await store({ stage: [entered('first', 'mql', '2026-09-01'), ...leads] })
    await database(env.DB).batch([
      decided(database(env.DB), { goals: [{ metric: 'cac', target: 900, baseline: 1200, scale: 'linear' }] }),
      observe('2026-10', 1050),
    ])
  })

  it('is empty, and the score made of the same, where nothing is promised', async () => {
    const before = await closeRound(1, '2026-10')
    expect(before.pillars[2]).toMatchObject({ value: null, missing: 'no-clauses' })
    expect(await rescoreRounds(november)).toBe(0)
  })

  it('is the share of the month’s due dates that was kept, once a clause is decided, and goes when it is taken back', async () => {
    const before = await closeRound(1, '2026-10')
    // Mondays of October by 09:00: the 5th 2 (28 September counts for that day), the 12th 1, the 19th 2, the 26th none
    const { id } = await addClause(november, { ...mondays, atLeast: 1 }, '2026-09-15')
    const [score] = await findScores(database(env.DB))
    expect(score?.revision).toBe(2)
    expect(score?.pillars[2]?.parts.map(({ promise, value, from }) => [promise?.kept, promise?.due, value, from])).toEqual([
      [3, 4, 75, '2026-10'],
    ])
    expect(score?.value).not.toBeCloseTo(before.value ?? 0, 3)
    expect(score?.weightPresent).toBeCloseTo(1, 12)
    expect(score?.numbersIndex).toBeCloseTo((0.2 * 75 + 0.25 * 75) / 0.45, 9)
    const overview = await (await fetchWorker('/overview', { headers: admin })).text()
    expect(overview).toContain(`<a href="/kpis/sla#clause-${id}">1 MQL every Monday</a>: 3 of 4`)
    await takeBackClause(november, id)
    const [again] = await findScores(database(env.DB))
    expect([again?.revision, again?.inputsHash, again?.value]).toEqual([3, before.inputsHash, before.value])
  })

  it('gets a revision when facts come late', async () => {
    await closeRound(1, '2026-10')
    await addClause(november, { ...mondays, atLeast: 1 }, '2026-09-15')
    await store({ stage: [entered('late', 'mql', '2026-10-21')] })
    await settle(november)
    const [score] = await findScores(database(env.DB))
    expect([score?.revision, score?.pillars[2]?.value]).toEqual([3, 100])
  })

  it('takes lead acceptance in, where it has a target, and leaves it out of Performance', async () => {
    const db = database(env.DB)
    const goal = { metric: 'mql_acceptance', target: 0.8, baseline: 0.6, scale: 'linear' as const }
    await db.delete(scoringRules)
    await db.batch([
      decided(db, { goals: [goal] }),
      db.insert(observations).values({ metric: goal.metric, basis: 'period', period: '2026-10', value: 0.7, asOf: new Date() }),
    ])
    const { pillars } = await closeRound(1, '2026-10')
    expect(pillars[2]).toMatchObject({ value: expect.closeTo(75, 9), missing: null, parts: [{ key: 'mql_acceptance', from: '2026-10' }] })
    expect(pillars[3]).toMatchObject({ value: null, missing: 'no-targets', parts: [] })
  })

  it('says why a clause is not in it', async () => {
    await closeRound(1, '2026-10')
    await addClause(november, mondays, '2026-10-27')
    const [score] = await findScores(database(env.DB))
    expect(score?.pillars[2]).toMatchObject({ value: null, missing: 'clauses-open', absent: [{ reason: 'clauses-open' }] })
  })
})
