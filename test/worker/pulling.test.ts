import { beforeEach, describe, expect, it, vi } from 'vitest'
import { noRows } from '../../worker/core/facts'
import type { ServiceContext } from '../../worker/services/context'
import { settleLeftBehind } from '../../worker/services/publishing'
import { cancelPull, pauseSource, resumeSource, runPulls, startPull } from '../../worker/services/pulling'
import { listPulls } from '../../worker/services/pulls'
import { changeSource, removeSource } from '../../worker/services/sources'
import { adminClient, services } from './client'
import {
  aFake,
  aLead,
  all,
  aPage,
  aSource,
  leadIds,
  leadsOf,
  minutes,
  one,
  pageByPage,
  pullsOf,
  slept,
  staged,
  start,
  tick,
} from './fake-source'

beforeEach(() => {
  slept.length = 0
})

const value = async (metric = 'lead_volume') =>
  (await one<{ value: number | null }>(`select value from observations where metric = '${metric}' and period = '2026-02'`))?.value
const sourceOf = async (id: string) =>
  one<{ state: string; trouble: string | null; success: number | null; due: number; bookmark: string | null }>(
    `select state, trouble, last_success_at as success, due_at as due, bookmark from sources where id = '${id}'`,
  )

describe('a schedule', () => {
  it('makes one pull a slot, whoever comes how often', async () => {
    await aSource()
    const fake = aFake(pageByPage('a', 'b'))
    await Promise.all([tick(fake, start), tick(fake, start), tick(fake, start)])
    await tick(fake, minutes(5))
    expect(await pullsOf('state, origin, pages, read, inserted')).toEqual([
      { state: 'done', origin: 'schedule', pages: 2, read: 2, inserted: 2 },
    ])
    expect(await leadIds()).toEqual(['a', 'b'])
    await tick(fake, minutes(60))
    expect(await pullsOf('state, inserted, unchanged')).toEqual([
      { state: 'done', inserted: 2, unchanged: 0 },
      { state: 'done', inserted: 0, unchanged: 2 },
    ])
  })

  it('makes no second pull for a slot whose first one is over, however late somebody comes', async () => {
    await aSource()
    const slow = services(start)
    const { $client } = slow.db
    let held: (() => void) | undefined
    const client = new Proxy($client, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key)
        if (key !== 'batch') return typeof member === 'function' ? member.bind(target) : member
        return async (statements: D1PreparedStatement[]) => {
          if (!held) await new Promise<void>((done) => (held = done))
          return target.batch(statements)
        }
      },
    })
    Object.defineProperty(slow.db, '$client', { value: client })
    const fake = aFake(pageByPage('a'))
    const late = tick(fake, start, { context: slow })
    await expect.poll(() => held).toBeDefined() // it has seen that the source is due
    await tick(fake, start)
    held?.()
    await late
    expect(await pullsOf()).toEqual([{ state: 'done' }])
  })

  it('makes up for no slot that nobody came in', async () => {
    await aSource()
    const fake = aFake(pageByPage('a'))
    await tick(fake, start)
    await tick(fake, minutes(10 * 60 + 7))
    expect(await pullsOf()).toHaveLength(2)
  })

  it('lets a source that is paused, being set up or uploaded to alone', async () => {
    await aSource({ state: 'paused' })
    await aSource({ state: 'draft' })
    await aSource({ everyMinutes: null })
    await tick(aFake(), start)
    expect(await pullsOf()).toEqual([])
  })

  it('gives every running pull its share of a tick, the oldest first', async () => {
    const [first, second] = [await aSource({ id: 'one' }), await aSource({ id: 'two' })]
    const fake = aFake(pageByPage(...Array.from({ length: 40 }, (_, index) => `l${index}`)))
    const limits = { pulls: 20, pages: 20, milliseconds: 60_000, mostPages: 100 }
    await tick(fake, start, { limits })
    expect(await pullsOf('source_id, state, pages')).toEqual([
      { source_id: first, state: 'running', pages: 10 },
      { source_id: second, state: 'running', pages: 10 },
    ])
    for (const at of [1, 2, 3]) await tick(fake, minutes(at), { limits })
    expect(await pullsOf('state, pages')).toEqual([
      { state: 'done', pages: 40 },
      { state: 'done', pages: 40 },
    ])
    expect(await staged()).toBe(0)
  })
})

describe('a lease', () => {
  it('is held by one; a late answer of another changes nothing', async () => {
    await aSource()
    const answers: (() => void)[] = []
    const fake = aFake(async ({ cursor }) => {
      if (cursor === null) await new Promise<void>((done) => answers.push(done))
      return pageByPage('a', 'b')({ cursor, bookmark: null, access: fake.asked[0]?.access as never }) as ReturnType<typeof aPage>
    })
    const late = tick(fake, start)
    await expect.poll(() => answers.length).toBe(1)
    await tick(fake, minutes(1)) // it is leased
    expect(fake.asked).toHaveLength(1)
    const other = tick(fake, minutes(5)) // the lease is over
    await expect.poll(() => answers.length).toBe(2)
    answers[1]?.()
    await other
    expect(await pullsOf('state, pages, fence')).toEqual([{ state: 'done', pages: 2, fence: 2 }])
    const before = await all('select * from leads')
    answers[0]?.()
    await late
    expect(await pullsOf('state, pages, fence')).toEqual([{ state: 'done', pages: 2, fence: 2 }])
    expect([await all('select * from leads'), await staged()]).toEqual([before, 0])
  })

  it('that somebody else has by now is worth nothing, while the pull still runs', async () => {
    await aSource()
    const answers: (() => void)[] = []
    const fake = aFake(async (asked) => {
      if (asked.cursor === null) await new Promise<void>((done) => answers.push(done))
      return pageByPage('a', 'b', 'c')(asked)
    })
    const late = tick(fake, start)
    await expect.poll(() => answers.length).toBe(1)
    const limits = { pulls: 1, pages: 1, milliseconds: 60_000, mostPages: 100 }
    const other = tick(fake, minutes(5), { limits })
    await expect.poll(() => answers.length).toBe(2)
    answers[1]?.()
    await other
    answers[0]?.()
    await late
    expect([await pullsOf('state, pages, read, fence'), await staged()]).toEqual([[{ state: 'running', pages: 1, read: 1, fence: 2 }], 1])
  })

  it('that ends in the middle loses no page and counts none twice', async () => {
    await aSource()
    let dies = true
    const fake = aFake((asked) => {
      if (asked.cursor === 2 && dies) throw new Error('the process is gone')
      return pageByPage('a', 'b', 'c', 'd')(asked)
    })
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    // Dies without a word: nothing of what a failed attempt would write is written.
    await tick(fake, start, { clock: () => start, sleep: () => Promise.reject(new Error('gone')) })
    logged.mockRestore()
    expect(await pullsOf('state, pages, read')).toEqual([{ state: 'running', pages: 2, read: 2 }])
    expect(await leadIds()).toEqual([])
    dies = false
    await tick(fake, minutes(3))
    expect(fake.asked.at(-1)?.cursor).toBe(2)
    await tick(fake, minutes(5))
    expect(await pullsOf('state, pages, read')).toEqual([{ state: 'done', pages: 4, read: 4 }])
    expect(await leadIds()).toEqual(['a', 'b', 'c', 'd'])
    expect(fake.asked.filter(({ cursor }) => cursor === 1)).toHaveLength(1)
    // What changed at the source since reading began may be missing, however late it was published.
    const dates = 'select last_success_at as success, (select min(as_of) from observations) as asOf from sources'
    expect(await one(dates)).toEqual({ success: start.getTime(), asOf: start.getTime() })
  })
})

describe('a pull', () => {
  it('shows nothing before its last page, and everything with it', async () => {
    await aSource()
    const seen: unknown[] = []
    const fake = aFake(async (asked) => {
      seen.push([await leadIds(), await value()])
      return pageByPage('a', 'b', 'c')(asked)
    })
    await tick(fake, start)
    expect(seen).toEqual([
      [[], undefined],
      [[], undefined],
      [[], undefined],
    ])
    expect([await leadIds(), await value()]).toEqual([['a', 'b', 'c'], 3])
    expect(await sourceOf('x')).toBeUndefined()
  })

  it('is given the bookmark of the last one that was published, until the settings say something else', async () => {
    const id = await aSource()
    const fake = aFake(pageByPage('a', 'b'))
    await tick(fake, start)
    await tick(fake, minutes(60))
    expect(fake.asked.map(({ bookmark }) => bookmark)).toEqual([null, null, 2, 2])
    await all(`update sources set settings = '{"everyMinutes":60}', settings_version = 2 where id = '${id}'`)
    await tick(fake, minutes(120))
    expect(fake.asked.at(-1)?.bookmark).toBe(2)
    await all(`update sources set settings = '{"fields":1}', settings_version = 3 where id = '${id}'`)
    await tick(fake, minutes(180))
    expect(fake.asked.at(-1)?.bookmark).toBeNull()
  })

  it('reads everything again where somebody asks for it', async () => {
    const id = await aSource()
    const fake = aFake(pageByPage('a', 'b'))
    await tick(fake, start)
    await startPull(services(minutes(1)), id, { from: 'start' })
    await tick(fake, minutes(1))
    expect(fake.asked.map(({ bookmark }) => bookmark)).toEqual([null, null, null, null])
    expect(await pullsOf('origin, state')).toEqual([
      { origin: 'schedule', state: 'done' },
      { origin: 'person', state: 'done' },
    ])
  })

  it('keeps what is newer than what it brings late', async () => {
    await aSource()
    const fake = aFake(() => aPage({ ...noRows(), lead: [aLead('a', 'new', { updatedAt: 20 })] }))
    await tick(fake, start)
    fake.answer = () => aPage({ ...noRows(), lead: [aLead('a', 'old', { updatedAt: 10 })] })
    await tick(fake, minutes(60))
    expect(await all('select channel from leads')).toEqual([{ channel: 'new' }])
  })

  it('deletes softly what a whole read did not bring, and brings it back when it comes again', async () => {
    await aSource()
    const whole = (...ids: string[]) => aFake(() => aPage(leadsOf(...ids), { complete: ['lead'] })).answer
    const fake = aFake(whole('a', 'b', 'c'))
    await tick(fake, start)
    expect(await value()).toBe(3)
    fake.answer = whole('a')
    await tick(fake, minutes(60))
    expect([await leadIds(), await value()]).toEqual([['a'], 1])
    expect(await pullsOf('inserted, updated, unchanged')).toEqual([
      { inserted: 3, updated: 0, unchanged: 0 },
      { inserted: 0, updated: 2, unchanged: 1 },
    ])
    fake.answer = whole('a', 'c')
    await tick(fake, minutes(120))
    expect([await leadIds(), await value(), await staged()]).toEqual([['a', 'c'], 2, 0])
  })

  it('deletes nothing where a row could not be read: it may be the one that is missing', async () => {
    await aSource()
    const many = Array.from({ length: 20 }, (_, index) => `l${index}`)
    const fake = aFake(() => aPage(leadsOf(...many, 'a', 'b'), { complete: ['lead'] }))
    await tick(fake, start)
    const error = { line: 0, record: 'a', column: null, value: null, code: 'missing-date', effect: 'row-not-imported' } as const
    fake.answer = () => aPage(leadsOf(...many), { complete: ['lead'], read: 21, errors: [error] })
    await tick(fake, minutes(60))
    expect([(await pullsOf()).at(-1), (await leadIds()).length]).toEqual([{ state: 'done' }, 22])
    expect((await pullsOf('notices')).at(-1)).toEqual({ notices: '[{"code":"nothing-removed","rows":1}]' })
    fake.answer = () => aPage(leadsOf(...many), { complete: ['lead'] })
    await tick(fake, minutes(120))
    expect((await leadIds()).length).toBe(20)
  })

  it('keeps facts of other sources when a whole read lacks them', async () => {
    const other = await aSource({ id: 'other', state: 'paused' })
    await all(`insert into leads (source_id, external_id, created_day, content_hash) values ('${other}', 'x', '2026-02-01', 'h')`)
    await aSource({ id: 'whole' })
    await tick(
      aFake(() => aPage(leadsOf('a'), { complete: ['lead'] })),
      start,
    )
    expect(await leadIds()).toEqual(['a', 'x'])
  })

  it.each([
    ['a whole read of a kind', { complete: ['lead' as const] }, []],
    ['a read without a bookmark', {}, ['a', 'b']],
  ])('does not believe that nothing is left after %s, unless somebody says so', async (_, more, left) => {
    const id = await aSource()
    const fake = aFake(() => aPage(leadsOf('a', 'b'), more))
    await tick(fake, start)
    fake.answer = () => aPage(noRows(), more)
    await tick(fake, minutes(60))
    expect(await pullsOf('state, error')).toEqual([
      { state: 'done', error: null },
      { state: 'failed', error: 'suspiciously-empty' },
    ])
    expect([await leadIds(), await value(), (await sourceOf(id))?.success]).toEqual([['a', 'b'], 2, start.getTime()])
    await startPull(services(minutes(61)), id, { acceptsEmpty: true })
    await tick(fake, minutes(61))
    expect((await pullsOf('state')).at(-1)).toEqual({ state: 'done' })
    expect(await leadIds()).toEqual(left)
  })

  it('names unknown stages once over all pages, and keeps bad rows with their number', async () => {
    const id = await aSource()
    const bad = (record: string) => ({
      line: 0,
      record,
      column: 'stage',
      value: 'X',
      code: 'unknown-stage' as const,
      effect: 'row-not-imported' as const,
    })
    const many = Array.from({ length: 30 }, (_, index) => `l${index}`)
    const fake = aFake(({ cursor }) =>
      aPage(leadsOf(...many.map((lead) => `${lead}-${cursor ?? 0}`)), {
        read: 31,
        errors: [bad(`r${cursor ?? 0}`)],
        notices: [{ code: 'unknown-stages', stages: [{ stage: 'X', rows: 1 }] }],
        next: cursor === null ? 1 : null,
      }),
    )
    await tick(fake, start)
    const { items } = await listPulls(services(), id)
    expect(items[0]).toMatchObject({ state: 'done', read: 62, inserted: 60, rejected: 2 })
    expect(items[0]?.notices).toMatchObject([{ code: 'unknown-stages', stages: [{ stage: 'X', rows: 2 }] }])
    expect(await all('select position, record, code from pull_errors order by 1')).toEqual([
      { position: 0, record: 'r0', code: 'unknown-stage' },
      { position: 1, record: 'r1', code: 'unknown-stage' },
    ])
  })

  it('fails over a tenth of bad rows, and publishes none of the good ones', async () => {
    await aSource()
    const errors = ['x', 'y'].map((record) => ({
      line: 0,
      record,
      column: null,
      value: null,
      code: 'missing-date' as const,
      effect: 'row-not-imported' as const,
    }))
    await tick(
      aFake(() => aPage(leadsOf('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { read: 10, errors })),
      start,
    )
    expect(await pullsOf('state, error, rejected')).toEqual([{ state: 'failed', error: 'too-many-bad-rows', rejected: 2 }])
    expect([await leadIds(), await staged()]).toEqual([[], 0])
    expect(await all('select record from pull_errors')).toHaveLength(2)
  })
})

describe('a source that goes in circles', () => {
  it.each([
    ['one page', () => 1],
    ['three pages', (cursor: number) => (cursor % 3) + 1],
  ])('of %s is noticed', async (_, after) => {
    const id = await aSource()
    await tick(
      aFake(({ cursor }) => aPage(leadsOf(`l${cursor}`), { next: after(typeof cursor === 'number' ? cursor : 0) })),
      start,
    )
    expect(await pullsOf('state, error')).toEqual([{ state: 'failed', error: 'cursor-repeats' }])
    expect([await leadIds(), await staged()]).toEqual([[], 0])
    expect((await sourceOf(id))?.state).toBe('active')
  })

  it('or never ends is stopped at the cap; one that ends exactly there is not', async () => {
    const limits = { pulls: 20, pages: 50, milliseconds: 60_000, mostPages: 5 }
    await aSource()
    await tick(aFake(pageByPage('a', 'b', 'c', 'd', 'e')), start, { limits })
    expect(await pullsOf('state, pages')).toEqual([{ state: 'done', pages: 5 }])
    await tick(aFake(pageByPage('a', 'b', 'c', 'd', 'e', 'f')), minutes(60), { limits })
    expect((await pullsOf('state, error, pages')).at(-1)).toEqual({ state: 'failed', error: 'too-many-pages', pages: 4 })
    expect(await leadIds()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

describe('somebody', () => {
  const halfWay = async () => {
    const id = await aSource()
    const fake = aFake(pageByPage('a', 'b', 'c'))
    await tick(fake, start, { limits: { pulls: 1, pages: 1, milliseconds: 60_000, mostPages: 100 } })
    expect(await staged()).toBe(1)
    return { id, fake }
  }

  it('who pauses a source ends its pull, and who resumes it begins another', async () => {
    const { id, fake } = await halfWay()
    await pauseSource(services(minutes(1)), id)
    expect([await pullsOf(), await staged()]).toEqual([[{ state: 'cancelled' }], 0])
    await tick(fake, minutes(60))
    expect(await pullsOf()).toHaveLength(1)
    await expect(startPull(services(minutes(61)), id)).rejects.toMatchObject({ code: 'source-not-active' })
    await resumeSource(services(minutes(62)), id)
    await tick(fake, minutes(62))
    expect(await pullsOf('state, origin')).toEqual([
      { state: 'cancelled', origin: 'schedule' },
      { state: 'done', origin: 'person' },
    ])
    expect(await leadIds()).toEqual(['a', 'b', 'c'])
  })

  it('who pauses it while a page is read stores nothing of that page', async () => {
    const id = await aSource()
    const fake = aFake(async (asked) => {
      if (asked.cursor === 1) await pauseSource(services(start), id)
      return pageByPage('a', 'b')(asked)
    })
    await tick(fake, start)
    expect([await pullsOf(), await staged(), await leadIds()]).toEqual([[{ state: 'cancelled' }], 0, []])
  })

  it.each(["state = 'paused'", "state = 'stopped'", 'settings_version = 2'])(
    'who sets %s while a page is read: nothing of it is stored',
    async (change) => {
      await aSource()
      const fake = aFake(async (asked) => {
        if (asked.cursor === 1) await all(`update sources set ${change}`)
        return pageByPage('a', 'b')(asked)
      })
      await tick(fake, start)
      expect([await pullsOf('state, pages'), await leadIds()]).toEqual([[{ state: 'running', pages: 1 }], []])
      await tick(fake, minutes(5))
      expect((await pullsOf('state, pages'))[0]).toEqual({ state: 'cancelled', pages: 1 })
      if (change.startsWith('state')) expect([await staged(), await pullsOf()]).toEqual([0, [{ state: 'cancelled' }]])
    },
  )

  it('who changes the settings in the middle of it has everything read by the new ones', async () => {
    const { id, fake } = await halfWay()
    await all(`update sources set settings = '{"fields":1}', settings_version = 2 where id = '${id}'`)
    await tick(fake, minutes(1))
    await tick(fake, minutes(2))
    expect(await pullsOf('state, settings_version')).toEqual([
      { state: 'cancelled', settings_version: 1 },
      { state: 'done', settings_version: 2 },
    ])
    expect(await staged()).toBe(0)
  })

  it('who deletes the source in the middle of it leaves nothing behind', async () => {
    const id = await aSource()
    const fake = aFake(async (asked) => {
      if (asked.cursor === 1) await removeSource(services(start), id)
      return pageByPage('a', 'b', 'c')(asked)
    })
    await tick(fake, start)
    const left = ['sources', 'pulls', 'staged_facts', 'leads', 'observations'].map((table) => all(`select * from ${table}`))
    expect((await Promise.all(left)).flat()).toEqual([])
  })

  it('who gives a pull up has the next slot read from where the last published one ended', async () => {
    const { id, fake } = await halfWay()
    const [pull] = await all<{ id: string }>('select id from pulls')
    await cancelPull(services(minutes(1)), id, pull?.id ?? '')
    await tick(fake, minutes(2))
    expect([await pullsOf(), await staged()]).toEqual([[{ state: 'cancelled' }], 0])
    await tick(fake, minutes(60))
    expect(await leadIds()).toEqual(['a', 'b', 'c'])
  })

  it('who asks three times at once starts one', async () => {
    const id = await aSource({ everyMinutes: 1_440, dueAt: minutes(600) })
    const context = services(start)
    const started = await Promise.all([1, 2, 3].map(() => startPull(context, id)))
    expect(new Set(started.map((pull) => pull.id)).size).toBe(1)
    expect(await pullsOf('state, origin, slot')).toEqual([{ state: 'running', origin: 'person', slot: null }])
  })

  it('does all of that over the API, with progress to see', async () => {
    const { id } = await halfWay()
    const client = await adminClient()
    const { items } = await (await client.sources[':id'].pulls.$get({ param: { id }, query: {} })).json()
    expect(items[0]).toMatchObject({ state: 'running', pages: 1, read: 1, total: 3, attempts: 0, failure: null })
    expect(items[0]?.nextAttemptAt).toBe(start.toISOString())
    const pullId = items[0]?.id ?? ''
    const cancelled = await client.sources[':id'].pulls[':pullId'].$delete({ param: { id, pullId } })
    expect(await cancelled.json()).toMatchObject({ state: 'cancelled', nextAttemptAt: null })
    expect((await client.sources[':id'].pause.$put({ param: { id } })).status).toBe(200)
    const refused = await client.sources[':id'].pulls.running.$put({ param: { id }, json: {} })
    expect([refused.status, await refused.json()]).toMatchObject([409, { type: '/problems/source-not-active' }])
    expect((await client.sources[':id'].pause.$delete({ param: { id } })).status).toBe(200)
    const running = await client.sources[':id'].pulls.running.$put({ param: { id }, json: { from: 'start' } })
    expect([running.status, await running.json()]).toMatchObject([202, { state: 'running', origin: 'person' }])
    const files = await aSource({ kind: 'csv', everyMinutes: null })
    expect((await client.sources[':id'].pulls.running.$put({ param: { id: files }, json: {} })).status).toBe(409)
    expect((await client.sources[':id'].pause.$put({ param: { id: 'nobody' } })).status).toBe(404)
  })
})

/** A context in which something happens just before a publication, the first time. */
function interrupted(context: ServiceContext, happens: () => Promise<void>) {
  let times = 0
  const client = new Proxy(context.db.$client, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      if (key !== 'batch') return typeof member === 'function' ? member.bind(target) : member
      return async (statements: D1PreparedStatement[]) => {
        if (statements.length > 15 && times++ === 0) await happens()
        return target.batch(statements)
      }
    },
  })
  Object.defineProperty(context.db, '$client', { value: client })
  return { context, times: () => times }
}

it('a publication that the database gives up shows nothing of what was read, and comes with the next tick', async () => {
  await aSource()
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
  const { context } = interrupted(services(start), () => Promise.reject(new Error('D1_ERROR: Network connection lost.')))
  const fake = aFake(pageByPage('a', 'b'))
  await tick(fake, start, { context })
  expect(logged.mock.calls.map(String)).toEqual(['{"event":"pull-interrupted","cause":"D1_ERROR: Network connection lost."}'])
  logged.mockRestore()
  expect([await leadIds(), await value(), await staged(), await pullsOf()]).toEqual([[], undefined, 2, [{ state: 'running' }]])
  await tick(fake, minutes(5))
  expect([await leadIds(), await value(), await staged(), await pullsOf()]).toEqual([['a', 'b'], 2, 0, [{ state: 'done' }]])
  expect(fake.asked).toHaveLength(2)
})

describe('two that publish at once', () => {
  /** Somebody else publishes a lead in between. */
  async function racing() {
    const other = await aSource({ id: 'other', kind: 'csv', everyMinutes: null, lastSuccessAt: start })
    return interrupted(services(start), async () => {
      await all(`insert into leads (source_id, external_id, created_day, content_hash) values ('${other}', 'u', '2026-02-09', 'h')`)
      await all('insert into fact_revision (id, revision) values (1, 1) on conflict (id) do update set revision = revision + 1')
    })
  }

  it('an upload in the middle of a publication makes it count again', async () => {
    await aSource({ id: 'pulled' })
    const { context, times } = await racing()
    const fake = aFake(pageByPage('a', 'b'))
    await runPulls(context, { connectors: { fake: fake.connector }, clock: () => start })
    expect(times()).toBeGreaterThan(1)
    expect([await leadIds(), await value()]).toEqual([['a', 'b', 'u'], 3])
  })

  it('an upload in the middle of the deletion of another source stays counted', async () => {
    const id = await aSource({ id: 'pulled' })
    await tick(aFake(pageByPage('a', 'b')), start)
    const { context, times } = await racing()
    await removeSource(context, id)
    expect(times()).toBeGreaterThan(1)
    expect([await leadIds(), await value()]).toEqual([['u'], 1])
  })

  it('and scores and analyses that a dead process left behind are made at the next tick', async () => {
    await aSource()
    await tick(aFake(pageByPage('a')), start)
    const revisions = () => all('select id, revision from fact_revision where id < 3 order by id')
    expect(await revisions()).toEqual([
      { id: 1, revision: 1 },
      { id: 2, revision: 1 },
    ])
    await all('update fact_revision set revision = 5 where id = 1')
    await all('delete from analyses')
    await settleLeftBehind(services(minutes(5)))
    expect(await revisions()).toEqual([
      { id: 1, revision: 5 },
      { id: 2, revision: 5 },
    ])
    expect((await all('select * from analyses')).length).toBeGreaterThan(0)
  })

  it('changing the name of a source disturbs nobody', async () => {
    const id = await aSource({ kind: 'fake' })
    const fake = aFake(async (asked) => {
      await changeSource(services(start), id, { name: 'Renamed' })
      return pageByPage('a', 'b')(asked)
    })
    await tick(fake, start)
    expect(await pullsOf()).toEqual([{ state: 'done' }])
  })
})
