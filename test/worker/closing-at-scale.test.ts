/** Rounds too large for a test to answer one person at a time, and closings that die. See docs/performance.md. */

import { env } from 'cloudflare:workers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { encodeComment } from '../../worker/core/ballot'
import { itemsOfRound } from '../../worker/core/survey-plan'
import { readBallotBox, storeBallot } from '../../worker/db/ballots'
import { database } from '../../worker/db/client'
import { closeRound } from '../../worker/services/closing'
import { type FilledRound, roundId, statementsOf } from '../filled-round'
import { services } from './client'
import { closeNow } from './factories'

const db = database(env.DB)
const small: FilledRound = { seed: 'small', teams: { sales: 3, marketing: 3, other: 2 }, peopleInTeam: 38, commentOf: 3 }
const everybody = 8 * 38

describe('a round of 20,000 in 40 teams', () => {
  // Again where somebody else had the processor while it closed: what takes too long takes too long each time.
  it('is published whole in a small multiple of the time of reading it, and leaves nothing', { timeout: 120_000, retry: 2 }, async () => {
    await fill({ seed: 'large', teams: { sales: 18, marketing: 18, other: 4 }, peopleInTeam: 500, commentOf: 7 })
    const reading = Math.min(await timeOf(readBox), await timeOf(readBox), await timeOf(readBox))
    const closing = await timeOf(() => closeNow(services(), roundId))
    const { result } = await closeNow(services(), roundId)
    expect(result.nodes.filter((node) => !('hidden' in node))).toHaveLength(43)
    expect([result.n, result.gaps.length, result.audit.passed]).toEqual([20_000, 7, true])
    expect(result.comments.filter((text) => text.includes('leads, and ••• calls')).length).toBeGreaterThan(2500)
    expect(await leftOver()).toEqual([0, 0, 0, 0])
    expect(closing / reading).toBeLessThan(30)
  })
})

describe('reading a round', () => {
  it('is the same in pieces of any size, with the whole of each comment', async () => {
    await fill(small)
    await env.DB.prepare('update comment_slots set body = zeroblob(800)').run()
    await env.DB.prepare("update comment_slots set body = cast(printf('%.800c', 'x') as blob) where slot in (2, 30)").run()
    await env.DB.prepare("update comment_slots set body = cast(printf('%.799c', 'y') || x'00' as blob) where slot in (5, 38)").run()
    const whole = await readBox()
    expect([whole.ballots.length, whole.issued.get('c8')]).toEqual([everybody, 38])
    expect(whole.comments.map(({ body }) => body.length)).toEqual(new Array(8).fill([800, 799, 800, 799]).flat())
    for (const [ballots, comments] of [
      [13, 1],
      [38, 5],
      [everybody, 32],
      [everybody - 1, 31],
    ] as const) {
      expect(await readBallotBox(db, roundId, { ballots, comments })).toEqual(whole)
    }
  })
})

describe('a closing', () => {
  it('counts again when a ballot arrives between the reading of ballots and that of comments', async () => {
    await fill(small)
    await env.DB.prepare("update ballot_slots set token = zeroblob(32) where cohort = 'c1' and slot = 1").run()
    await env.DB.prepare("update comment_slots set body = zeroblob(800) where cohort = 'c1' and slot = 1").run()
    const late = {
      roundId,
      cohort: 'c1',
      token: new Uint8Array(32).fill(7),
      answers: new Uint8Array(itemsOfRound(1).length).fill(1),
      hasWaited: true,
    }
    const body = encodeComment('I was held up.') ?? null
    let reads = 0
    const slow = watched(async (sql, run) => {
      if (/^select .* from "(ballot|comment)_slots"/.test(sql) && ++reads === 2) {
        expect(await storeBallot(db, { ...late, comment: body, draws: [0, 0] })).toMatchObject({ cast: true })
      }
      return run()
    })
    const { result } = await closeNow({ ...services(), db: database(slow) }, roundId)
    expect([reads, result.n]).toEqual([4, everybody])
    expect(result.comments).toContain('I was held up.')
  })

  it('that dies at any call of the database, before it or before its answer, is closed again to the same bytes', {
    timeout: 120_000,
  }, async () => {
    await fill(small)
    await closeNow(services(), roundId)
    const whole = await stored()
    expect(JSON.parse(whole.result).n).toBe(everybody)

    const silent = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => silent.mockRestore())
    let deaths = 0
    for (const moment of ['before', 'after'] as const) {
      for (let last = 0; ; last++) {
        await fill(small)
        const closed = await closeRound({ ...services(), db: database(dyingAt(last, moment)) }, roundId).catch(() => null)
        if (closed) break
        deaths++
        // All or nothing: no part of a count is anywhere.
        expect([
          [everybody, everybody, 0, 0],
          [0, 0, 1, 1],
        ]).toContainEqual([...(await leftOver()).slice(0, 2), await count('results'), await count('scores')])
        await closeNow(services(), roundId)
        expect(await stored()).toEqual(whole)
        expect(await leftOver()).toEqual([0, 0, 0, 0])
      }
    }
    expect(deaths).toBeGreaterThan(20)
  })
})

async function fill(round: FilledRound): Promise<void> {
  await env.DB.batch(['scores', 'results', 'cohorts', 'rounds', 'people', 'teams'].map((table) => env.DB.prepare(`delete from ${table}`)))
  for (const { sql, json } of statementsOf(round)) await env.DB.prepare(sql).bind(json).run()
}

const readBox = () => readBallotBox(db, roundId)

/** In milliseconds; the clock moves with each answer of the database and not in between. */
async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const now = async () => {
    await env.DB.prepare('select 1').run()
    return Date.now()
  }
  const started = await now()
  await run()
  return (await now()) - started
}

const count = async (table: string) => (await env.DB.prepare(`select count(*) as n from ${table}`).first<{ n: number }>())?.n ?? -1
const leftOver = () => Promise.all(['ballot_slots', 'invitations', 'comment_slots', 'cohorts where private_key is not null'].map(count))
const stored = async () => ({
  result: (await env.DB.prepare('select body from results').first<string>('body')) ?? '',
  score: (await env.DB.prepare('select body from scores').first<string>('body')) ?? '',
})

/** The database as of a process that dies at this call, from 0: before it is made, or with its answer on the way. */
function dyingAt(last: number, moment: 'before' | 'after'): D1Database {
  let calls = 0
  return watched(async (_, run) => {
    const left = last - calls++
    if (left < 0 || (left === 0 && moment === 'before')) throw new Error('killed')
    const answer = await run()
    if (left === 0) throw new Error('killed')
    return answer
  })
}

/** The database with somebody at each of its calls, who makes it or not. `sql` of a batch is that of all its statements. */
function watched(at: <T>(sql: string, run: () => Promise<T>) => Promise<T>): D1Database {
  const insides = new Map<object, { sql: string; real: D1PreparedStatement }>()
  const twinOf = (sql: string, real: D1PreparedStatement): D1PreparedStatement => {
    const twin = {
      bind: (...values: unknown[]) => twinOf(sql, real.bind(...values)),
      all: () => at(sql, () => real.all()),
      run: () => at(sql, () => real.run()),
      raw: () => at(sql, () => real.raw()),
    } as unknown as D1PreparedStatement
    insides.set(twin, { sql, real })
    return twin
  }
  return {
    prepare: (sql: string) => twinOf(sql, env.DB.prepare(sql)),
    batch: (statements: D1PreparedStatement[]) => {
      const asked = statements.map((statement) => insides.get(statement) as { sql: string; real: D1PreparedStatement })
      return at(asked.map(({ sql }) => sql).join('; '), () => env.DB.batch(asked.map(({ real }) => real)))
    },
  } as unknown as D1Database
}
