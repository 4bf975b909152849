/**
 * A year of a schedule, on a clock of ours: cron runs around every moment at which something is to happen, and at some others.
 * What happened is read from the database, and told in local time by `Intl`, which the schedule does not use.
 */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { runJobs } from '../../worker/jobs'
import { pauseSchedule, resumeSchedule, setSchedule } from '../../worker/services/schedule'
import { services } from './client'
import { anOrganisation } from './factories'

const zone = 'Europe/Berlin'
const minute = 60_000

/** The third Tuesday of thirteen months: when the round opened, reminded twice, and closed. Nothing is computed here. */
const expected = [
  ['2026-02', '2026-02-17 09:00', '2026-02-20 09:00', '2026-02-22 09:00', '2026-03-03 00:00'],
  ['2026-03', '2026-03-17 09:00', '2026-03-20 09:00', '2026-03-22 09:00', '2026-03-31 00:00'], // summer time from the 29th
  ['2026-04', '2026-04-21 09:00', '2026-04-24 09:00', '2026-04-26 09:00', '2026-05-05 00:00'],
  ['2026-05', '2026-05-19 09:00', '2026-05-22 09:00', '2026-05-24 09:00', '2026-06-02 00:00'], // paused on the 23rd: it goes on
  // 16 June: paused
  ['2026-07', '2026-07-23 10:35', '2026-07-26 09:00', '2026-07-28 09:00', '2026-08-04 00:00'], // cron was away for two days
  ['2026-08', '2026-08-18 09:00', '2026-08-21 09:00', '2026-08-23 09:00', '2026-09-01 00:00'],
  ['2026-09', '2026-09-15 09:00', '2026-09-20 11:10', '2026-09-21 09:00', '2026-09-29 00:00'], // away for both: late, and the next day
  ['2026-10', '2026-10-20 09:00', '2026-10-23 09:00', '2026-10-25 09:00', '2026-11-03 00:00'], // winter time from the 25th
  ['2026-11', '2026-11-17 09:00', '2026-11-20 09:00', '2026-11-22 09:00', '2026-12-01 00:00'],
  ['2026-12', '2026-12-15 09:00', '2026-12-18 09:00', '2026-12-20 09:00', '2026-12-29 00:00'],
  ['2027-01', '2027-01-19 09:00', '2027-01-22 09:00', '2027-01-24 09:00', '2027-02-02 00:00'],
  ['2027-02', '2027-02-16 09:00', '2027-02-19 09:00', '2027-02-21 09:00', '2027-03-02 00:00'],
  ['2027-03', '2027-03-16 09:00', '2027-03-19 09:00', '2027-03-21 09:00', '2027-03-30 00:00'], // summer time from the 28th
]

const format = new Intl.DateTimeFormat('sv-SE', {
  timeZone: zone,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const local = (at: number | null) => (at === null ? 'never' : format.format(at))

/** The moment that the wall shows this; by trying winter and summer. */
function at(wall: string): number {
  const winter = Date.parse(`${wall.replace(' ', 'T')}:00+01:00`)
  return local(winter) === wall ? winter : winter - 60 * minute
}

/** Ticks of cron: before, at and after each moment that matters, a few hundred others, and none while it is away. */
function ticks(seed: number): number[] {
  const away = [
    [at('2026-07-20 12:00'), at('2026-07-23 10:32')],
    [at('2026-09-18 08:50'), at('2026-09-20 11:07')],
  ]
  const around = ['2026-06-16 09:00', '2026-07-21 09:00', '2026-07-23 10:35', '2026-09-18 09:00', '2026-09-20 11:10', '2026-09-21 07:10']
  const moments = [...expected.flatMap(([, ...moments]) => moments), ...around].flatMap((wall) =>
    [-5, 0].map((off) => at(wall) + off * minute),
  )
  const [first, last] = [at('2026-01-21 00:00'), at('2027-03-30 00:10')]
  let state = seed
  const others = Array.from({ length: 25 }, () => {
    state = (state * 48_271) % 2_147_483_647
    return first + Math.floor(((last - first) * state) / 2_147_483_647 / (5 * minute)) * 5 * minute
  })
  const all = [...new Set([...moments, ...others])].filter(
    (tick) => tick >= first && !away.some(([from = 0, to = 0]) => tick > from && tick < to),
  )
  return all.sort((a, b) => a - b)
}

const rows = async <T>(query: string) => (await env.DB.prepare(query).all<T>()).results

/** What every round did, in local time. */
const happened = async () =>
  (
    await rows<{ period: string; opened: number; first: number; second: number; closed: number }>(`
      select period, opened_at as opened, closed_at as closed,
        (select at from notices where round_id = id and kind = 'reminder-1') as first,
        (select at from notices where round_id = id and kind = 'reminder-2') as second
      from rounds where state <> 'scheduled' order by number`)
  ).map(({ period, opened, first, second, closed }) => [period, ...[opened, first, second, closed].map(local)])

/** Every row that is ever written about a delivery, also of rounds that have closed and shredded them. */
const watchDeliveries = () =>
  env.DB.batch([
    env.DB.prepare('create table seen (round_id text, kind text, person_id text, at integer)'),
    env.DB.prepare(
      `create trigger see after insert on deliveries begin
        insert into seen values (new.round_id, new.kind, new.person_id, new.due_at); end`,
    ),
  ])

describe('thirteen monthly rounds, with the clocks changing, a pause and missed ticks', () => {
  beforeEach(async () => {
    await anOrganisation([{ name: 'Sales', side: 'sales', people: 6 }])
    await env.DB.prepare("insert into settings (key, value) values ('timeZone', json_quote(?))").bind(zone).run()
    await watchDeliveries()
    return () => env.DB.batch([env.DB.prepare('drop trigger see'), env.DB.prepare('drop table seen')])
  })

  it.each([
    ['ticks once', (tick: () => Promise<void>) => tick()],
    ['ticks twice at once', (tick: () => Promise<void>) => Promise.all([tick(), tick()])],
  ])('each opens, reminds and closes once, at the right local time, where cron %s', { timeout: 240_000 }, async (_, run) => {
    const rule = { cadence: 'monthly', firstDay: '2026-02-17', openingTime: '09:00', windowDays: 14, reminders: 2 } as const
    await setSchedule(services(new Date(at('2026-01-20 15:00'))), rule)
    const pausedAt = at('2026-05-23 12:00')
    const resumedAt = at('2026-06-20 12:00')
    let before = at('2026-01-20 15:00')
    for (const tick of ticks(20_260_217)) {
      if (before < pausedAt && tick >= pausedAt) await pauseSchedule(services(new Date(pausedAt)))
      if (before < resumedAt && tick >= resumedAt) await resumeSchedule(services(new Date(resumedAt)))
      await run(() => runJobs(services(new Date(tick))))
      const planned = await rows<{ number: number }>("select number from rounds where state = 'scheduled' order by opens_at")
      const [{ last = 0 } = {}] = await rows<{ last: number }>(
        "select coalesce(max(number), 0) as last from rounds where state <> 'scheduled'",
      )
      expect([local(tick), planned.map(({ number }) => number - last)]).toEqual([local(tick), [1, 2, 3]])
      before = tick
    }

    expect(await happened()).toEqual(expected)
    expect(
      (await rows<{ number: number }>("select number from rounds where state = 'closed' order by closed_at")).map(({ number }) => number),
    ).toEqual(Array.from({ length: 13 }, (_, index) => index + 1))
    const [left] = await rows<{ value: string }>("select value from settings where key = 'roundsLeftOut'")
    expect(JSON.parse(left?.value ?? '')).toEqual([{ day: '2026-06-16', reason: 'paused' }])
    // Six people, each written to once for each of the three, at the moment that the round says.
    const written = await rows<{ kind: string; times: number; people: number; moments: number }>(
      'select kind, count(*) as times, count(distinct person_id) as people, count(distinct at) as moments from seen group by round_id, kind',
    )
    expect(written).toHaveLength(39)
    expect(new Set(written.map(({ times, people, moments }) => `${times} ${people} ${moments}`))).toEqual(new Set(['6 6 1']))
    expect(await rows('select 1 from results group by round_id having count(*) > 1')).toEqual([])
    expect((await rows('select 1 from deliveries')).length).toBe(0)
  })
})
