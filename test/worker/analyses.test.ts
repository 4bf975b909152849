import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { monthAfter } from '../../worker/core/calendar'
import type { Score } from '../../worker/core/result'
import { methodVersion } from '../../worker/core/score'
import { database } from '../../worker/db/client'
import { observations, rounds, scores } from '../../worker/db/schema'
import { runJobs } from '../../worker/jobs'
import { refreshAnalyses } from '../../worker/services/analyses'
import { addEvent } from '../../worker/services/events'
import { fetchWorker, keyHeaders, services } from './client'
import { recorder } from './recorder'

const db = () => database(env.DB)
const monthOf = (index: number) => monthAfter('2025-01', index)

/** A score for each of these people indexes, month by month. */
async function scored(indexes: readonly number[], of: Partial<Score> = {}) {
  for (const [index, peopleIndex] of indexes.entries()) {
    const [roundId, number, period] = [`r${index + 1}`, index + 1, monthOf(index)]
    const score = {
      ...{ methodVersion, rulesVersion: 1, kappa: 0.25, inputsHash: '', roundId, number, period, revision: 1, value: peopleIndex - 2 },
      ...{ interval: null, weightPresent: 0.8, pillars: [], peopleIndex, numbersIndex: null, variance: 1, degreesOfFreedom: 9 },
      ...{ ballots: 40, invited: 50, ...of },
    } satisfies Score
    await db().batch([
      db().insert(rounds).values({ id: roundId, number, period, state: 'closed' }),
      db()
        .insert(scores)
        .values({ ...{ roundId, revision: 1, number, period, methodVersion, inputsHash: '' }, body: score, computedAt: new Date() }),
    ])
  }
}

async function observed(metric: string, values: readonly (number | null)[], provisional = false) {
  const [first, ...others] = values.map((value, index) =>
    db()
      .insert(observations)
      .values({ metric, basis: 'period', period: monthOf(index), value, provisional, asOf: new Date() }),
  )
  if (first) await db().batch([first, ...others])
}

const people = [60, 62, 61, 65, 64, 60, 66, 63, 68, 67, 71, 66, 70, 69, 74, 70, 75, 73, 78, 74, 79, 76]

async function read<T>(path: string, role: 'reader' | 'importer' = 'reader') {
  const response = await fetchWorker(path, { headers: await keyHeaders(role) })
  return { status: response.status, body: await response.json<T>() }
}
type Relations = { items: { key: string; kind: string; lag?: number; rho?: number; verdict?: string; periods: number }[] }
type Comparison = {
  event: { name: string }
  rows: { measure: string; before: { n: number; mean: number }; difference: number; verdict: string }[]
}

describe('what moves with the people index', () => {
  it('is found with its lag, among others that do not', async () => {
    await scored(people)
    await observed('win_rate', [0.2, ...people.slice(0, -1).map((value) => value / 100)])
    await observed(
      'cac',
      people.map((_, index) => 1000 + ((index * 7919) % 97)),
    )
    await refreshAnalyses(services())
    const { items } = (await read<Relations>('/api/v1/relations')).body
    expect(items.map(({ key }) => key).sort()).toEqual(['cac', 'win_rate'])
    expect(items.find(({ key }) => key === 'win_rate')).toMatchObject({ kind: 'measured', lag: 1, rho: 1, verdict: 'moves-with' })
    expect(items.find(({ key }) => key === 'cac')).toMatchObject({ verdict: 'no-detectable-relation' })
  })

  it('has no coefficient under twelve months, and none of a month that is still running', async () => {
    await scored(people.slice(0, 12))
    await observed('win_rate', people.slice(0, 11))
    await observed('cac', people.slice(0, 12), true)
    await refreshAnalyses(services())
    expect((await read<Relations>('/api/v1/relations')).body.items).toEqual([{ key: 'win_rate', kind: 'too-few', periods: 11 }])
  })

  it('is empty without rounds, and not for everybody', async () => {
    await observed('win_rate', people)
    await refreshAnalyses(services())
    expect((await read<Relations>('/api/v1/relations')).body).toEqual({ items: [], next: null })
    expect((await fetchWorker('/api/v1/relations')).status).toBe(401)
    expect((await read('/api/v1/relations', 'importer')).status).toBe(403)
  })
})

describe('before an event and after it', () => {
  it('compares score, people index and KPIs, as soon as the event is there', async () => {
    await scored([50, 51, 50, 49, 50, 51, 70, 60, 61, 60, 59, 60, 61])
    await observed('cac', [100, 101, 100, 99, 100, 101, 100, 99, 101, 100, 100, 99, 101])
    const { id } = await addEvent(services(), { day: '2025-07-14', name: 'SLA signed' })
    const { body } = await read<Comparison>(`/api/v1/events/${id}/comparison`)
    expect(body.event.name).toBe('SLA signed')
    expect(body.rows.map(({ measure, before, verdict }) => [measure, before.n, verdict])).toEqual([
      ['score', 6, 'signal'],
      ['people', 6, 'signal'],
      ['cac', 6, 'normal'],
    ])
    expect(body.rows[0]?.difference).toBeCloseTo(60 + 1 / 6 - (50 + 1 / 6), 9)
  })

  it('has no row where a side has fewer than three months, and is not found for an event that is none', async () => {
    await scored([50, 51, 50, 49])
    const { id } = await addEvent(services(), { day: '2025-03-14', name: 'Early' })
    expect((await read<Comparison>(`/api/v1/events/${id}/comparison`)).body.rows).toEqual([])
    expect((await read('/api/v1/events/nothing/comparison')).status).toBe(404)
  })

  it('keeps scores of other rules out', async () => {
    await scored([50, 51, 50, 49, 50, 51, 70, 60, 61, 60])
    await db()
      .update(scores)
      .set({ body: { ...((await db().query.scores.findFirst())?.body as object), rulesVersion: 7, number: 1, peopleIndex: 5, value: 5 } })
      .where(eq(scores.number, 1))
    const { id } = await addEvent(services(), { day: '2025-07-14', name: 'SLA signed' })
    const { rows } = (await read<Comparison>(`/api/v1/events/${id}/comparison`)).body
    expect(rows.find(({ measure }) => measure === 'people')?.before).toMatchObject({ n: 5 })
  })
})

describe('computing it again', () => {
  it('happens where something changed, by the job too, and costs one call where nothing did', async () => {
    await scored(people.slice(0, 4))
    await refreshAnalyses(services())
    const recorded = recorder()
    await refreshAnalyses({ db: database(recorded.database), now: new Date() })
    expect(recorded.calls).toHaveLength(1)
    await observed('win_rate', people.slice(0, 4))
    await runJobs(services())
    expect((await read<Relations>('/api/v1/relations')).body.items).toHaveLength(1)
  })
})
