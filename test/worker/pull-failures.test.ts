import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type FailureCode, PullFailure } from '../../worker/connectors/failure'
import { ask } from '../../worker/connectors/http'
import { noRows } from '../../worker/core/facts'
import { startPull } from '../../worker/services/pulling'
import { getPull, listPulls } from '../../worker/services/pulls'
import { sealSecretOf } from '../../worker/services/source-access'
import { services } from './client'
import { aFake, all, aPage, aSource, leadIds, leadsOf, minutes, one, pageByPage, pullsOf, slept, staged, start, tick } from './fake-source'

beforeEach(() => {
  slept.length = 0
})

const sourceOf = async (id: string) => {
  const row = await one<{ state: string; trouble: string | null; success: number | null; due: number }>(
    `select state, trouble, last_success_at as success, due_at as due from sources where id = '${id}'`,
  )
  return { ...row, trouble: row?.trouble ? (JSON.parse(row.trouble) as Record<string, unknown>) : null }
}
const failing =
  (code: FailureCode, options: { waitSeconds?: number | null } = {}): (() => never) =>
  () => {
    throw new PullFailure(code, { status: 429 }, options)
  }
const dueOf = async () => (await one<{ due: number | null }>("select due_at as due from pulls where state = 'running'"))?.due

/** A page that a server answers: through the same requests that every connector makes. */
const answered = (...responses: (() => Response)[]) => {
  const fake = aFake(async ({ access, cursor }) => {
    const asked = { ...access, fetch: async () => responses.shift()?.() ?? new Response('{}') } as typeof access
    await ask(asked, { url: 'https://crm.example.com/leads' })
    return pageByPage('a', 'b')({ access, cursor, bookmark: null })
  })
  return fake
}

describe('a failure that waiting helps', () => {
  it('is waited for in its turn, with a pause that is random and grows', async () => {
    await aSource()
    const fake = answered(
      () => new Response('', { status: 500 }),
      () => new Response('', { status: 503 }),
    )
    await tick(fake, start)
    expect([await pullsOf('state, pages, attempts'), await leadIds()]).toEqual([[{ state: 'done', pages: 2, attempts: 0 }], ['a', 'b']])
    expect(slept).toEqual([500, 1000])
  })

  it('is waited for as long as the server asks', async () => {
    await aSource()
    await tick(
      answered(() => new Response('', { status: 429, headers: { 'Retry-After': '7' } })),
      start,
    )
    expect(slept).toEqual([7500])
    expect(await pullsOf()).toEqual([{ state: 'done' }])
  })

  it.each([
    ['seconds', '120'],
    ['a date', new Date(start.getTime() + 120_000).toUTCString()],
  ])('ends the turn where that is long: %s', async (_, retryAfter) => {
    await aSource()
    const fake = answered(() => new Response('', { status: 429, headers: { 'Retry-After': retryAfter } }))
    await tick(fake, start)
    expect(slept).toEqual([])
    expect(await pullsOf('state, attempts, leased_until')).toEqual([{ state: 'running', attempts: 1, leased_until: null }])
    const due = await dueOf()
    expect(due).toBeGreaterThanOrEqual(start.getTime() + 120_000)
    expect(due).toBeLessThan(minutes(5).getTime())
    await tick(fake, minutes(1))
    expect(fake.asked).toHaveLength(1)
    await tick(fake, minutes(5))
    expect(await pullsOf()).toEqual([{ state: 'done' }])
  })

  it('of a day is waited for without counting as an attempt, and is shown', async () => {
    const id = await aSource()
    const fake = answered(...Array.from({ length: 3 }, () => () => new Response('', { status: 429, headers: { 'Retry-After': '86400' } })))
    for (const day of [0, 1, 2]) {
      await tick(fake, minutes(day * 1_441))
      const [pull] = (await listPulls(services(), id)).items
      expect(pull).toMatchObject({ state: 'running', attempts: 0, failure: { code: 'rate-limited', facts: { status: 429 } } })
      expect(Date.parse(pull?.nextAttemptAt ?? '')).toBeGreaterThan(minutes(day * 1_441 + 1_440).getTime() - 1)
    }
    expect(await pullsOf()).toHaveLength(1)
    await tick(fake, minutes(3 * 1_441))
    expect(await pullsOf()).toEqual([{ state: 'done' }])
  })

  it('of a year is not believed: it is asked again within two days, and given up after a week of that', async () => {
    const id = await aSource()
    const fake = aFake(failing('rate-limited', { waitSeconds: 31_536_000 }))
    for (let hour = 0; hour < 190; hour += 1) await tick(fake, minutes(hour * 60))
    expect(await pullsOf('state, error')).toMatchObject([{ state: 'failed', error: 'rate-limited' }, { state: 'running' }])
    expect(fake.asked).toHaveLength(9)
    expect((await sourceOf(id)).trouble).toMatchObject({ code: 'rate-limited', times: 1 })
  })

  it.each(['unavailable', 'timeout', 'truncated', 'not-json', 'unexpected-shape'] as const)(
    'is given up after eight attempts at one page: %s',
    async (code) => {
      const id = await aSource()
      const fake = aFake(({ cursor }) => (cursor === 1 ? failing(code)() : aPage(leadsOf('a'), { next: 1 })))
      for (let at = 0; at < 60; at += 1) await tick(fake, minutes(at))
      expect(fake.asked).toHaveLength(9)
      expect(await pullsOf('state, error, pages')).toEqual([{ state: 'failed', error: code, pages: 1 }])
      expect([await leadIds(), await staged()]).toEqual([[], 0])
      expect(await sourceOf(id)).toMatchObject({ state: 'active', trouble: { code, times: 1 }, success: null })
    },
  )

  it('counts attempts at one page, not at all of them', async () => {
    await aSource()
    const failed = new Set<unknown>()
    const ids = Array.from({ length: 30 }, (_, index) => `l${index}`)
    const fake = aFake((asked) => {
      if (failed.has(asked.cursor)) return pageByPage(...ids)(asked)
      failed.add(asked.cursor)
      return failing('unavailable')()
    })
    await tick(fake, start)
    expect([await pullsOf(), (await leadIds()).length]).toEqual([[{ state: 'done' }], 30])
  })

  it('of a connector that did not expect what came is one of them, and says nothing of what came', async () => {
    await aSource()
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const fake = aFake(() => {
      throw new TypeError('Cannot read ann@example.com')
    })
    for (let at = 0; at < 60; at += 1) await tick(fake, minutes(at))
    expect(await pullsOf('state, error, detail')).toEqual([
      { state: 'failed', error: 'unexpected-shape', detail: JSON.stringify({ code: 'unexpected-shape', facts: {} }) },
    ])
    expect(new Set(logged.mock.calls.map(String))).toEqual(new Set(['{"event":"connector-failed","error":"TypeError"}']))
    logged.mockRestore()
  })
})

describe('a failure that somebody has to mend', () => {
  it.each([
    [401, 'unauthorised'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [400, 'configuration'],
  ])('stops the source at once: %i', async (status, code) => {
    const id = await aSource()
    const fake = answered(() => new Response('{"message":"no"}', { status }))
    await tick(fake, start)
    expect(slept).toEqual([])
    expect(fake.asked).toHaveLength(1)
    expect(await sourceOf(id)).toMatchObject({ state: 'stopped', trouble: { code, retryAt: null, times: 1, facts: { status } } })
    await tick(fake, minutes(600))
    expect(await pullsOf('state, error')).toEqual([{ state: 'failed', error: code }])
    // Somebody mended it and says so.
    await startPull(services(minutes(601)), id)
    await tick(fake, minutes(601))
    expect(await sourceOf(id)).toMatchObject({ state: 'active', trouble: null, success: minutes(601).getTime() })
  })

  it('is a secret that was sealed under another key', async () => {
    const id = await aSource()
    const sealed = await sealSecretOf(services(), id, { token: 'pat-secret' })
    await all(`update sources set sealed = '${sealed}' where id = '${id}'`)
    const fake = aFake(pageByPage('a'))
    await tick(fake, start)
    expect(fake.asked[0]?.access.secret).toEqual({ token: 'pat-secret' })
    const other = { ...services(minutes(60)), kek: 'T3RoZXIga2V5IGZvciB0ZXN0cyBvbmx5ISwgMzIgYnl0ZXM=' }
    await tick(fake, minutes(60), { context: { ...other, kek: btoa('x'.repeat(32)) } })
    expect(await sourceOf(id)).toMatchObject({ state: 'stopped', trouble: { code: 'unauthorised' }, success: start.getTime() })
    expect(JSON.stringify(await all('select * from pulls'))).not.toContain('pat-secret')
  })

  it('is a kind of source that this version does not know', async () => {
    const id = await aSource({ kind: 'from-the-future' })
    await tick(aFake(), start)
    expect(await sourceOf(id)).toMatchObject({ state: 'stopped', trouble: { code: 'configuration', facts: { field: 'kind' } } })
  })
})

describe('the quota of a vendor', () => {
  const quotaPages =
    (quota: { used: number; limit: number }, cost: number): Parameters<typeof aFake>[0] =>
    ({ cursor }) => {
      const at = typeof cursor === 'number' ? cursor : 0
      return aPage(leadsOf(`l${at}`), { next: at < 5 ? at + 1 : null, quota, cost })
    }

  it('is spent up to the share of the source, and read on tomorrow', async () => {
    await aSource({ settings: { quotaShare: 0.1 } })
    await all("insert into settings (key, value) values ('timeZone', '\"Asia/Bangkok\"')")
    const fake = aFake(quotaPages({ used: 0, limit: 100 }, 4))
    await tick(fake, start) // 17:00 in Bangkok
    expect(fake.asked).toHaveLength(3) // 12 of 100 are more than a tenth
    const [pull] = (await listPulls(services(), (await one<{ id: string }>('select id from sources'))?.id ?? '')).items
    expect(pull).toMatchObject({ state: 'running', pages: 3, attempts: 0, failure: { code: 'quota-spent' } })
    expect(await dueOf()).toBeGreaterThanOrEqual(Date.parse('2026-03-02T17:00:00Z'))
    expect(await dueOf()).toBeLessThan(Date.parse('2026-03-02T17:02:00Z'))
    await tick(fake, new Date('2026-03-02T17:05:00Z'))
    expect(fake.asked).toHaveLength(6) // what was spent yesterday does not count today
    await tick(fake, new Date('2026-03-03T17:05:00Z'))
    expect((await pullsOf('state, pages, cost'))[0]).toEqual({ state: 'done', pages: 6, cost: 24 })
  })

  it('is left to others from four fifths on, whoever spent it', async () => {
    await aSource()
    const fake = aFake(quotaPages({ used: 81, limit: 100 }, 1))
    await tick(fake, start)
    expect(fake.asked).toHaveLength(1)
    expect(await dueOf()).toBeGreaterThanOrEqual(Date.parse('2026-03-03T00:00:00Z'))
  })

  it('counts what earlier pulls of the day cost', async () => {
    await aSource({ settings: { quotaShare: 0.2 }, everyMinutes: 60 })
    const fake = aFake(quotaPages({ used: 0, limit: 100 }, 2)) // 12 a pull
    await tick(fake, start)
    await tick(fake, minutes(60))
    expect(await pullsOf('state, pages')).toEqual([
      { state: 'done', pages: 6 },
      { state: 'running', pages: 5 }, // 12 + 10 are more than 20
    ])
  })

  it('that the vendor says is spent is waited for until tomorrow', async () => {
    const id = await aSource()
    await tick(aFake(failing('quota-spent')), start)
    expect(await dueOf()).toBeGreaterThanOrEqual(Date.parse('2026-03-03T00:00:00Z'))
    expect((await listPulls(services(), id)).items[0]).toMatchObject({ attempts: 0, failure: { code: 'quota-spent' } })
  })
})

describe('a source that fails', () => {
  it('is left alone for longer after the third failed pull, six hours at most, and works again with the first that does not', async () => {
    const id = await aSource({ everyMinutes: 15 })
    const fake = aFake(failing('cursor-repeats'))
    const pauses: number[] = []
    let now = start
    for (let times = 1; times <= 9; times += 1) {
      await tick(fake, now)
      expect((await sourceOf(id)).trouble).toMatchObject({ times, since: start.toISOString() })
      const { due, trouble } = await sourceOf(id)
      expect(trouble?.retryAt).toBe(new Date(due ?? 0).toISOString())
      pauses.push(((due ?? 0) - now.getTime()) / 60_000)
      now = new Date(due ?? 0)
    }
    expect(pauses).toEqual([15, 15, 30, 60, 120, 240, 360, 360, 360])
    fake.answer = pageByPage('a')
    await tick(fake, now)
    expect(await sourceOf(id)).toMatchObject({ state: 'active', trouble: null, success: now.getTime() })
  })

  it('changes no number that was published, and no date', async () => {
    const id = await aSource()
    const fake = aFake(pageByPage('a', 'b'))
    await tick(fake, start)
    const published = () =>
      Promise.all(
        ['leads', 'observations', 'scores', 'analyses']
          .map((table) => all(`select * from ${table}`))
          .concat(all('select last_success_at, last_new_data_at, bookmark from sources')),
      )
    const before = await published()
    const codes = ['unavailable', 'unauthorised', 'cursor-repeats', 'suspiciously-empty', 'too-many-pages', 'columns-missing'] as const
    for (const [index, code] of codes.entries()) {
      await all(`update sources set state = 'active' where id = '${id}'`)
      fake.answer = ({ cursor }) => (cursor === null ? aPage(leadsOf('new'), { next: 1 }) : failing(code)())
      for (let at = 0; at < 12; at += 1) await tick(fake, minutes(600 + index * 2_000 + at * 30))
    }
    await all(`update sources set state = 'active' where id = '${id}'`)
    fake.answer = () => aPage(noRows(), { complete: ['lead'] })
    await tick(fake, minutes(20_000))
    expect((await pullsOf('state, error')).filter(({ state }) => state === 'failed').length).toBeGreaterThan(codes.length)
    expect(await published()).toEqual(before)
    const { items } = await listPulls(services(), id)
    expect(await getPull(services(), id, items[0]?.id ?? '')).toMatchObject({ state: 'failed', error: 'suspiciously-empty' })
  })
})
