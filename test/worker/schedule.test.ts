/** The schedule as people and programs decide it, and what cron makes of it where something is in the way. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readSettings } from '../../worker/db/settings'
import { runJobs } from '../../worker/jobs'
import { readReminders } from '../../worker/services/due'
import { createRound, listRounds, openRound } from '../../worker/services/rounds'
import {
  getSchedule,
  openExtra,
  openNow,
  pauseSchedule,
  resumeSchedule,
  setSchedule,
  shiftRound,
  skipRound,
} from '../../worker/services/schedule'
import { adminClient, adminHeaders, fetchWorker, services } from './client'
import { anOrganisation, twoSides } from './factories'

const rule = { cadence: 'monthly', firstDay: '2026-12-01', openingTime: '09:00', windowDays: 14, reminders: 2 } as const
const at = (text: string) => services(new Date(text))
const now = '2026-11-27T12:00:00Z'
const oneTeam = [{ name: 'Sales', side: 'sales', people: 6 }] as const

// What asks the API, or a page, is there on the same day.
beforeEach(() => void vi.setSystemTime(new Date(now)))
afterEach(() => void vi.useRealTimers())

const rows = async <T>(query: string) => (await env.DB.prepare(query).all<T>()).results
const planned = () => rows<{ number: number; slot: string }>("select number, slot from rounds where state = 'scheduled' order by number")
const slots = async () => (await planned()).map(({ number, slot }) => `${number} ${slot}`)
const queued = async () =>
  (await rows<{ kind: string; n: number }>('select kind, count(*) as n from deliveries group by kind')).map(({ kind, n }) => `${kind} ${n}`)
const states = async () =>
  (await listRounds(services().db))
    .filter(({ state }) => state !== 'scheduled')
    .map(({ number, period, state }) => `${number} ${period} ${state}`)
const leftOut = async () => (await readSettings(services().db)).roundsLeftOut.map(({ day, reason }) => `${day} ${reason}`)
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code: string; errors?: { pointer: string }[] }) =>
      [error.code, ...(error.errors ?? []).map(({ pointer }) => pointer)].join(' '),
  )

describe('a schedule', () => {
  it('has the next three rounds from the moment that it is decided', async () => {
    const { next, pausedAt } = await setSchedule(at(now), rule)
    expect([pausedAt, next.map(({ number, period, opensAt, closesAt }) => [number, period, opensAt, closesAt])]).toEqual([
      null,
      [
        [1, '2026-12', '2026-12-01T09:00:00.000Z', '2026-12-14T23:59:59.000Z'],
        [2, '2027-01', '2027-01-05T09:00:00.000Z', '2027-01-18T23:59:59.000Z'],
        [3, '2027-02', '2027-02-02T09:00:00.000Z', '2027-02-15T23:59:59.000Z'],
      ],
    ])
    expect((await setSchedule(at('2026-12-01T09:00:00Z'), rule)).next[0]?.slot).toBe('2027-01-05')
  })

  it('is replaced by the next one, and the rounds with it', async () => {
    await setSchedule(at(now), rule)
    const [first] = (await getSchedule(at(now))).next
    await shiftRound(at(now), first?.id ?? '', 3)
    await setSchedule(at(now), { ...rule, cadence: 'weekly', windowDays: 5, openingTime: '13:30' })
    expect(await slots()).toEqual(['1 2026-12-01', '2 2026-12-08', '3 2026-12-15'])
    expect((await getSchedule(at(now))).next[0]).toMatchObject({ shiftedDays: 0, opensAt: '2026-12-01T13:30:00.000Z' })
  })

  it('moves with the clock of the organisation', async () => {
    await setSchedule(at(now), rule)
    const response = await (await adminClient()).settings.$patch({ json: { timeZone: 'Asia/Bangkok' } })
    expect([response.status, Object.keys(await response.json()).includes('schedule')]).toEqual([200, false])
    expect((await getSchedule(at(now))).next.map(({ opensAt }) => opensAt)).toEqual([
      '2026-12-01T02:00:00.000Z',
      '2027-01-05T02:00:00.000Z',
      '2027-02-02T02:00:00.000Z',
    ])
  })

  it('leaves out what somebody skipped, and the round that comes after moves up', async () => {
    await setSchedule(at(now), rule)
    const { next } = await getSchedule(at(now))
    await skipRound(at(now), next[1]?.id ?? '')
    expect(await slots()).toEqual(['1 2026-12-01', '2 2027-02-02', '3 2027-03-02'])
    await runJobs(at('2026-11-28T00:00:00Z'))
    expect(await slots()).toEqual(['1 2026-12-01', '2 2027-02-02', '3 2027-03-02'])
    expect(await outcome(skipRound(at(now), next[1]?.id ?? ''))).toBe('not-found')
  })

  it('opens nothing while it is paused, nor later what it had not opened by then', async () => {
    await anOrganisation(oneTeam)
    await setSchedule(at(now), rule)
    await pauseSchedule(at(now))
    await runJobs(at('2026-12-01T09:00:00Z'))
    expect([await states(), await slots(), await leftOut()]).toEqual([
      [],
      ['1 2027-01-05', '2 2027-02-02', '3 2027-03-02'],
      ['2026-12-01 paused'],
    ])
    await resumeSchedule(at('2027-01-06T00:00:00Z')) // no tick has seen that the next one was missed
    await runJobs(at('2027-01-06T00:05:00Z'))
    expect([await states(), await slots(), await leftOut()]).toEqual([
      [],
      ['1 2027-02-02', '2 2027-03-02', '3 2027-04-06'],
      ['2026-12-01 paused', '2027-01-05 paused'],
    ])
    await runJobs(at('2027-02-02T09:00:00Z'))
    expect(await states()).toEqual(['1 2027-02 open'])
  })

  it('says which rounds nobody opened in time, also those that it had not made yet', async () => {
    await anOrganisation(oneTeam)
    await setSchedule(at(now), { ...rule, cadence: 'weekly', windowDays: 2 })
    await Promise.all([runJobs(at('2027-01-01T00:00:00Z')), runJobs(at('2027-01-01T00:00:00Z'))])
    await runJobs(at('2027-01-01T00:05:00Z'))
    const missed = ['01', '08', '15', '22', '29'].map((day) => `2026-12-${day} missed`)
    expect([await states(), await leftOut(), await slots()]).toEqual([[], missed, ['1 2027-01-05', '2 2027-01-12', '3 2027-01-19']])
  })

  it('opens late what can still be opened, and closes it on its day', async () => {
    await anOrganisation(oneTeam)
    await setSchedule(at(now), rule)
    await runJobs(at('2026-12-13T12:00:00Z'))
    expect(await states()).toEqual(['1 2026-12 open'])
    expect(await queued()).toEqual(['invitation 6'])
    await runJobs(at('2026-12-14T23:55:00Z'))
    expect(await queued()).toEqual(['invitation 6'])
    await runJobs(at('2026-12-15T00:00:00Z'))
    expect(await states()).toEqual(['1 2026-12 closed'])
  })

  it.each([
    [
      'too-few-people',
      () => anOrganisation([{ name: 'Sales', side: 'sales', people: 4 }]),
      () => anOrganisation([{ name: 'More', side: 'sales', people: 4 }]),
    ],
    [
      'another-round-open',
      async () => {
        await anOrganisation(oneTeam)
        await openRound(at(now), (await createRound(at(now), { period: '2026-11' })).id)
      },
      () => env.DB.prepare("update rounds set closes_at = 1 where state = 'open'").run(),
    ],
  ])('keeps why it could not open a round (%s), and opens it once that is mended', async (reason, hinder, mend) => {
    await hinder()
    await setSchedule(at(now), rule)
    const before = await states()
    await runJobs(at('2026-12-01T09:00:00Z'))
    await runJobs(at('2026-12-01T09:05:00Z'))
    expect([
      await states(),
      (await rows<{ kind: string }>("select kind from notices where kind like 'refused%'")).map(({ kind }) => kind),
    ]).toEqual([before, [`refused ${reason}`]])
    await mend()
    await runJobs(at('2026-12-01T09:10:00Z'))
    expect((await states())[0]).toMatch(/2026-12 open$/)
  })

  it('leaves a round out that could not be opened until its time was over, with the reason', async () => {
    await anOrganisation([{ name: 'Sales', side: 'sales', people: 4 }])
    await setSchedule(at(now), rule)
    await runJobs(at('2026-12-03T09:00:00Z'))
    await runJobs(at('2026-12-15T00:00:00Z'))
    expect([await leftOut(), await slots()]).toEqual([['2026-12-01 too-few-people'], ['1 2027-01-05', '2 2027-02-02', '3 2027-03-02']])
    expect(await rows('select 1 from notices')).toEqual([])
  })

  it('writes to nobody of a sample', async () => {
    await anOrganisation(oneTeam)
    await env.DB.prepare(`insert into settings values ('sample', '{"state":"loaded","step":16,"startedAt":1,"claimedAt":null}')`).run()
    await setSchedule(at(now), rule)
    for (const tick of ['2026-12-01T09:00:00Z', '2026-12-05T09:00:00Z']) await runJobs(at(tick))
    expect([await states(), await queued()]).toEqual([['1 2026-12 open'], []])
  })
})

describe('opening and skipping a round at once', () => {
  it('leaves no invitation of a round that is gone', async () => {
    await anOrganisation(oneTeam)
    const [first] = (await setSchedule(at(now), rule)).next
    const skipping = at('2026-12-01T09:00:00Z')
    const { random } = skipping
    // The first thing that opening draws is for the keys: meanwhile somebody skips it.
    let skip: Promise<void> | undefined
    skipping.random = (length) => {
      skip ??= skipRound(at('2026-12-01T09:00:00Z'), first?.id ?? '')
      return random(length)
    }
    const opened = await outcome(openRound(skipping, first?.id ?? ''))
    await skip
    const left = async (table: string) => (await rows(`select 1 from ${table}`)).length
    expect(skip).toBeDefined()
    if (opened === 'done') expect(await states()).toEqual(['1 2026-12 open'])
    else expect([opened, await states(), await left('invitations'), await left('cohorts')]).toEqual(['not-found', [], 0, 0])
  })
})

describe('shifting a round', () => {
  const three = async () => (await setSchedule(at(now), rule)).next.map(({ id }) => id)

  it('moves it by up to two weeks, and says by how much', async () => {
    const [first = '', second = ''] = await three()
    expect(await shiftRound(at(now), second, 14)).toMatchObject({
      opensAt: '2027-01-19T09:00:00.000Z',
      closesAt: '2027-02-01T23:59:59.000Z',
      shiftedDays: 14,
      period: '2027-01',
    })
    expect(await shiftRound(at(now), first, 7)).toMatchObject({ opensAt: '2026-12-08T09:00:00.000Z' })
    expect(await shiftRound(at(now), first, 0)).toMatchObject({ opensAt: '2026-12-01T09:00:00.000Z' })
    await runJobs(at('2026-11-28T00:00:00Z'))
    expect((await getSchedule(at(now))).next[1]).toMatchObject({ shiftedDays: 14, opensAt: '2027-01-19T09:00:00.000Z' })
  })

  it.each([
    ['into the past', 0, -4],
    ['by more than two weeks', 1, 15],
    ['into the round after it', 0, 14, [1, -14]],
    ['into the round before it', 1, -14, [0, 14]],
  ] as const)('is refused %s', async (_, which, days, other?: readonly [number, number]) => {
    const ids = await three()
    if (other) await shiftRound(at(now), ids[other[0]] ?? '', other[1])
    expect(await outcome(shiftRound(at(now), ids[which] ?? '', days))).toBe('invalid-input #/shiftedDays')
  })

  it('is refused while it is open, and of a round that somebody made by hand', async () => {
    await anOrganisation(oneTeam)
    const [first = ''] = await three()
    await runJobs(at('2026-12-01T09:00:00Z'))
    expect(await outcome(shiftRound(at('2026-12-02T09:00:00Z'), first, 1))).toBe('round-not-scheduled')
    const { id } = await createRound(at('2026-12-02T09:00:00Z'), { period: '2026-12', closesAt: new Date('2026-12-20T00:00:00Z') })
    expect(await outcome(shiftRound(at('2026-12-02T09:00:00Z'), id, 1))).toBe('invalid-input #/shiftedDays')
  })
})

describe('a round outside the schedule', () => {
  it('opens now with the next number, invites, and those that are scheduled move up', async () => {
    await anOrganisation(oneTeam)
    await setSchedule(at('2026-11-02T12:00:00Z'), rule)
    const round = await openExtra(at('2026-11-02T12:00:00Z'), {})
    expect(round).toMatchObject({ number: 1, period: '2026-11', state: 'open', slot: null, closesAt: '2026-11-15T23:59:59.000Z' })
    expect([await slots(), await queued()]).toEqual([['2 2026-12-01', '3 2027-01-05', '4 2027-02-02'], ['invitation 6']])
    expect(await outcome(openExtra(at('2026-11-02T12:00:00Z'), {}))).toBe('another-round-open')
    expect(await slots()).toEqual(['2 2026-12-01', '3 2027-01-05', '4 2027-02-02'])
    await runJobs(at('2026-11-16T00:00:00Z'))
    expect(await states()).toEqual(['1 2026-11 closed'])
  })

  it('has closed before the next one opens', async () => {
    await anOrganisation(oneTeam)
    await setSchedule(at(now), rule)
    expect(await outcome(openExtra(at(now), { closesAt: new Date('2026-12-01T09:00:00Z') }))).toBe('invalid-input #/closesAt')
    expect(await openExtra(at(now), {})).toMatchObject({ closesAt: '2026-11-30T23:59:59.000Z' })
  })

  it('leaves nothing behind where it cannot be opened', async () => {
    await anOrganisation([{ name: 'Sales', side: 'sales', people: 4 }])
    await setSchedule(at(now), rule)
    expect([await outcome(openExtra(at(now), {})), await slots()]).toEqual([
      'too-few-people',
      ['1 2026-12-01', '2 2027-01-05', '3 2027-02-02'],
    ])
  })
})

describe('a round that waited for somebody until its last day was over', () => {
  it('gets another one when it is opened, and does not close at once', async () => {
    await anOrganisation(oneTeam)
    const { id } = await createRound(at('2026-11-02T12:00:00Z'), { period: '2026-11', closesAt: new Date('2026-11-20T23:59:59Z') })
    expect((await openNow(at(now), id)).round.closesAt).toBe('2026-12-10T23:59:59.000Z')
    await runJobs(at(now))
    expect(await states()).toEqual(['1 2026-11 open'])
  })
})

describe('opening the next round early', () => {
  it('moves it to today, with its window, and leaves the others alone', async () => {
    await anOrganisation(oneTeam)
    const [first, second] = (await setSchedule(at(now), rule)).next
    expect(await outcome(openNow(at(now), second?.id ?? ''))).toBe('invalid-input')
    const { round } = await openNow(at(now), first?.id ?? '')
    expect(round).toMatchObject({ number: 1, state: 'open', slot: '2026-12-01', shiftedDays: -4, closesAt: '2026-12-10T23:59:59.000Z' })
    await runJobs(at('2026-12-01T09:00:00Z'))
    expect([await states(), await slots()]).toEqual([['1 2026-12 open'], ['2 2027-01-05', '3 2027-02-02', '4 2027-03-02']])
  })

  it('leaves it where it was if it cannot be opened', async () => {
    await anOrganisation([{ name: 'Sales', side: 'sales', people: 4 }])
    const [first] = (await setSchedule(at(now), rule)).next
    expect(await outcome(openNow(at(now), first?.id ?? ''))).toBe('too-few-people')
    expect((await getSchedule(at(now))).next[0]).toMatchObject({ opensAt: '2026-12-01T09:00:00.000Z', shiftedDays: 0 })
  })
})

describe('while a round is open', () => {
  it('reminds only those who have not collected a ballot, and tells when, not how many', async () => {
    await anOrganisation(twoSides)
    const [first] = (await setSchedule(at(now), rule)).next
    await runJobs(at('2026-12-01T09:00:00Z'))
    const { invitations, round } = await (async () => ({
      round: first?.id ?? '',
      invitations: await rows<{ id: string }>('select person_id as id from invitations'),
    }))()
    expect(await readReminders(at('2026-12-01T10:00:00Z'), round)).toEqual({ sent: [], next: new Date('2026-12-04T09:00:00Z'), planned: 2 })
    await env.DB.prepare(
      "update invitations set blinded_hash = x'0100000000000000000000000000000000000000000000000000000000000000' where person_id = ?",
    )
      .bind(invitations[0]?.id)
      .run()
    await runJobs(at('2026-12-04T09:00:00Z'))
    expect(await queued()).toEqual(['invitation 12', 'reminder-1 11'])
    const response = await fetchWorker(`/api/v1/rounds/${round}`, { headers: await adminHeaders() })
    const { reminders } = await response.json<{ reminders: unknown }>()
    expect(reminders).toEqual({ sent: ['2026-12-04T09:00:00.000Z'], next: expect.anything(), planned: 2 })
  })
})

describe('the schedule over the API', () => {
  it('is none, is set, previewed, paused, resumed and removed', async () => {
    const client = await adminClient()
    expect(await (await client.schedule.$get()).json()).toMatchObject({
      rule: null,
      pausedAt: null,
      next: [],
      leftOut: [],
      isStopped: true,
    })
    const firstDay = '2026-12-01'
    const dry = await client.schedule.$put({ query: { dryRun: 'true' }, json: { cadence: 'monthly', firstDay } })
    expect([dry.status, await dry.json()]).toMatchObject([200, { dryRun: true, rule: { ...rule, firstDay }, gone: [], next: [{}, {}, {}] }])
    expect(await planned()).toEqual([])
    const set = await client.schedule.$put({ query: {}, json: { cadence: 'monthly', firstDay } })
    expect([set.status, await planned()]).toMatchObject([200, [{}, {}, {}]])
    expect(await (await client.schedule.pause.$put()).json()).toMatchObject({ pausedAt: expect.any(String) })
    expect(await (await client.schedule.pause.$delete()).json()).toMatchObject({ pausedAt: null })
    const { next } = (await (await client.schedule.$get()).json()) as { next: { id: string; shifts: number[] }[] }
    const last = next[2]
    const shifted = await client.rounds[':id'].$patch({ param: { id: last?.id ?? '' }, json: { shiftedDays: last?.shifts.at(-1) ?? 0 } })
    expect([shifted.status, await shifted.json()]).toMatchObject([200, { shiftedDays: last?.shifts.at(-1) }])
    expect((await client.rounds[':id'].$delete({ param: { id: last?.id ?? '' } })).status).toBe(204)
    expect((await client.schedule.$delete()).status).toBe(204)
    expect([await planned(), (await client.schedule.pause.$put()).status]).toEqual([[], 404])
  })

  it.each([
    [['#/cadence', '#/firstDay'], {}],
    [['#/cadence'], { ...rule, cadence: 'daily' }],
    [['#/firstDay'], { ...rule, firstDay: '2027-02-29' }],
    [['#/firstDay'], { ...rule, firstDay: '2099-01-01' }],
    [['#/openingTime'], { ...rule, openingTime: '24:00' }],
    [['#/windowDays'], { ...rule, windowDays: 29 }],
    [['#/windowDays'], { ...rule, cadence: 'weekly', windowDays: 8 }],
    [['#/reminders'], { ...rule, reminders: 3 }],
    [['#/timeZone'], { ...rule, timeZone: 'UTC' }],
  ])('names %j', async (pointers, body) => {
    const response = await fetchWorker('/api/v1/schedule', {
      method: 'PUT',
      body: JSON.stringify(body),
      headers: { ...(await adminHeaders()), 'Content-Type': 'application/json' },
    })
    const { errors } = await response.json<{ errors: { pointer: string }[] }>()
    expect([response.status, errors.map(({ pointer }) => pointer)]).toEqual([422, pointers])
    expect(await planned()).toEqual([])
  })

  it('opens a round at once', async () => {
    await anOrganisation(oneTeam)
    const response = await (await adminClient()).rounds.$post({ json: { immediate: true } })
    expect([response.status, await response.json()]).toMatchObject([
      201,
      { state: 'open', number: 1, closesAt: expect.stringMatching(/T23:59:59/) },
    ])
  })
})
