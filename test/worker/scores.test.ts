import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { database } from '../../worker/db/client'
import { findScores } from '../../worker/db/scores'
import { addClause, reportClause } from '../../worker/services/clauses'
import { listRevisions, rescoreRounds } from '../../worker/services/scores'
import { clientWith, fetchWorker, keyHeaders, services } from './client'
import { decided } from './factories'
import { recorder } from './recorder'
import { closeRound, observe } from './scored-rounds'

const db = () => database(env.DB)

const goal = (target: number) => decided(db(), { goals: [{ metric: 'cac', target, baseline: 1200, scale: 'linear' }] })

const scores = async (query = '') => {
  const response = await fetchWorker(`/api/v1/scores${query}`, { headers: await keyHeaders('reader') })
  return {
    status: response.status,
    body: await response.json<{ items: Record<string, unknown>[]; next: string | null; errors?: { pointer: string }[] }>(),
  }
}

describe('the score of a round', () => {
  it('has no value without KPIs, and says what is missing', async () => {
    const score = await closeRound(1, '2026-09')
    expect([score.value, score.weightPresent]).toEqual([null, expect.closeTo(0.55, 12)])
    expect(score.pillars.map(({ missing }) => missing)).toEqual([null, null, 'no-clauses', 'no-kpis'])
  })

  it('takes the KPIs that there are when the round closes', async () => {
    await db().batch([goal(900), observe('2026-08', 1050), observe('2026-09', 600, true)])
    const score = await closeRound(1, '2026-09')
    expect(score.pillars[3]).toMatchObject({ value: 75, parts: [{ key: 'cac', from: '2026-08', kpi: { observed: 1050 } }] })
    expect(score.value).not.toBeNull()
    expect(await findScores(db())).toEqual([score])
  })

  it('counts each term from its latest round within six', async () => {
    for (let number = 1; number <= 7; number++) await closeRound(number, `2026-0${number}`)
    const [definitions] = (await findScores(db())).slice(-1).flatMap(({ pillars }) => pillars.slice(1, 2))
    expect(definitions?.parts.map(({ from }) => from)).toEqual(['7', '7', '6', '6', '5', '5', '4', '4', '3', '3'])
  })
})

describe('scoring again', () => {
  it('adds nothing where nothing changed, in one call to the database', async () => {
    await db().batch([goal(900), observe('2026-08', 1050)])
    for (const number of [1, 2, 3]) await closeRound(number, `2026-0${number + 6}`)
    const recorded = recorder()
    expect(await rescoreRounds({ db: database(recorded.database), now: new Date() })).toBe(0)
    expect(recorded.calls).toHaveLength(1)
  })

  it('adds a revision to the rounds that a late KPI row concerns, and keeps the old one', async () => {
    await db().batch([goal(900), observe('2026-05', 1200)])
    await closeRound(1, '2026-05')
    const second = await closeRound(2, '2026-07')
    await observe('2026-07', 900)
    expect(await rescoreRounds(services())).toBe(1)
    const [one, two] = await findScores(db())
    expect([one?.revision, two?.revision]).toEqual([1, 2])
    expect((two?.value ?? 0) - (second.value ?? 0)).toBeCloseTo((0.25 / 0.8) * 50, 9)
    expect(two?.inputsHash).not.toBe(second.inputsHash)
    const { results: stored } = await env.DB.prepare('select revision from scores where round_id = ?').bind(second.roundId).all()
    expect(stored.map(({ revision }) => revision)).toEqual([1, 2])
    expect(await rescoreRounds(services())).toBe(0)
  })

  it('says what each revision came of: KPIs, or outcomes of the promises alone', async () => {
    await db().batch([goal(900), observe('2026-07', 1000)])
    const { roundId } = await closeRound(1, '2026-07')
    await observe('2026-07', 900)
    await rescoreRounds(services())
    const august = services(new Date('2026-08-03T12:00:00Z'))
    const { id } = await addClause(
      august,
      {
        kind: 'reported',
        side: 'sales',
        name: 'Calls',
        unit: 'count',
        target: 5,
        due: { every: 'week', weekday: 1, time: '09:00' },
        onHoliday: 'as-is',
      },
      '2026-07-01',
    )
    await reportClause(august, id, { dueDay: '2026-07-06', numerator: 6, denominator: null })
    await rescoreRounds(services())
    expect((await listRevisions(db(), roundId)).map(({ reason }) => reason)).toEqual(['promises', 'kpis', 'first'])
  })

  it('takes a score back where its KPI is gone, without a false 0', async () => {
    await db().batch([goal(900), observe('2026-07', 1000)])
    await closeRound(1, '2026-07')
    await observe('2026-07', null)
    await rescoreRounds(services())
    expect((await findScores(db()))[0]).toMatchObject({ revision: 2, value: null, interval: null })
  })
})

describe('GET /api/v1/scores', () => {
  it('gives each score with its change and how often it was computed', async () => {
    await db().batch([goal(900), observe('2026-06', 1050)])
    await closeRound(1, '2026-06', [8, 4, 2])
    await closeRound(2, '2026-07', [2, 4, 8])
    const { status, body } = await scores('?parts=true')
    expect(status).toBe(200)
    expect(body.items.map(({ number, change, revisions }) => [number, change === null, revisions])).toEqual([
      [1, true, 1],
      [2, false, 1],
    ])
    const change = body.items[1]?.change as { points: number; contributions: { points: number }[]; from: { number: number } }
    expect(change.from.number).toBe(1)
    expect(change.contributions.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(change.points, 9)
    expect(body.next).toBeNull()
  })

  it('says of each what pages say, in the language that is asked for, with the figures behind it', async () => {
    await db().batch([goal(900), observe('2026-06', 1050)])
    for (const number of [1, 2]) await closeRound(number, `2026-0${number + 5}`, number === 1 ? [8, 4, 2] : [2, 4, 8])
    const [, second] = (await scores('?lang=th&parts=true')).body.items as unknown as {
      value: number
      baseline: unknown
      sensitivity: { equalWeights: number; kappas: { kappa: number; value: number }[] }
      changeSensitivity: { holds: string | null }
      normalRange: unknown
      pillars: { parts: { points: number; sides?: { sales: number } }[] }[]
      pillarRanges: unknown[]
      findings: { about: string; kind: string; text: string; figures: Record<string, unknown> }[]
    }[]
    expect(second?.findings.map(({ about }) => about)).toEqual(['score', 'cause', 'weights', 'trend'])
    expect(second?.findings[0]?.text).toMatch(/[\u0e00-\u0e7f]/)
    expect(second?.findings[0]?.figures).toMatchObject({ value: second?.value })
    expect(second).toMatchObject({ baseline: { kind: 'first', rounds: [1] }, normalRange: null, changeSensitivity: { holds: 'rise' } })
    expect(second?.sensitivity.kappas.find(({ kappa }) => kappa === 0.25)?.value).toBeCloseTo(second?.value ?? 0, 9)
    expect(second?.pillarRanges).toHaveLength(4)
    const points = second?.pillars.flatMap(({ parts }) => parts.map((part) => part.points)) ?? []
    expect(points.reduce((sum, one) => sum + one, 0)).toBeCloseTo(second?.value ?? 0, 9)
    expect((await scores('?lang=xx')).body.errors?.map(({ pointer }) => pointer)).toEqual(['query/lang'])
  })

  it('leaves out what scores and changes are made of, unless it is asked for', async () => {
    await db().batch([goal(900), observe('2026-06', 1050)])
    for (const number of [1, 2]) await closeRound(number, `2026-0${number + 5}`, number === 1 ? [8, 4, 2] : [2, 4, 8])
    const [[, brief], [, whole]] = [(await scores()).body.items, (await scores('?parts=true')).body.items]
    const { pillars, change, sensitivity, changeSensitivity, ...same } = whole as {
      pillars: { parts: unknown; absent?: unknown }[]
      change: { contributions: unknown }
      sensitivity: unknown
      changeSensitivity: unknown
    }
    expect([sensitivity, changeSensitivity, change.contributions, pillars[0]?.parts].every(Boolean)).toBe(true)
    expect(brief).toEqual({
      ...same,
      pillars: pillars.map(({ parts: _, absent: __, ...pillar }) => pillar),
      change: Object.fromEntries(Object.entries(change).filter(([key]) => key !== 'contributions')),
    })
    expect((await scores('?parts=all')).body.errors?.map(({ pointer }) => pointer)).toEqual(['query/parts'])
  })

  it('pages by cursor, with the change across the page', async () => {
    await db().batch([goal(900), observe('2026-02', 1050), observe('2026-04', 1050)])
    for (const number of [1, 2, 3]) await closeRound(number, `2026-0${number + 1}`, [number, 4, 6])
    const first = (await scores('?limit=2')).body
    expect([first.items.map(({ number }) => number), first.next]).toEqual([[1, 2], '2'])
    const second = (await scores(`?limit=2&cursor=${first.next}`)).body
    expect([second.items.map(({ number }) => number), second.next]).toEqual([[3], null])
    expect(second.items[0]?.change).toMatchObject({ from: { number: 2 } })
    expect((await scores('?from=2026-03&to=2026-03')).body.items.map(({ number, change }) => [number, change])).toEqual([
      [2, expect.objectContaining({ from: expect.objectContaining({ number: 1 }) })],
    ])
  })

  it('compares with the last round that has a score', async () => {
    await db().batch([goal(900), observe('2026-01', 1050), observe('2026-08', 1050)])
    await closeRound(1, '2026-01')
    await closeRound(2, '2026-05') // its KPI is too old: no score
    await closeRound(3, '2026-08')
    const { body } = await scores()
    expect(
      body.items.map(({ value, change }) => [value === null, (change as { from: { number: number } } | null)?.from.number ?? null]),
    ).toEqual([
      [false, null],
      [true, null],
      [false, 1],
    ])
  })

  it('is empty, not an error, where there is no round', async () => expect((await scores()).body).toEqual({ items: [], next: null }))

  it.each([
    ['?from=2026-09&to=2026-08', 'query/to'],
    ['?from=2026-13', 'query/from'],
    ['?from=september', 'query/from'],
    ['?limit=0', 'query/limit'],
    ['?limit=1e2', 'query/limit'],
    ['?limit=101', 'query/limit'],
    ['?cursor=x', 'query/cursor'],
    ['?basis=period', 'query/basis'],
    ['?from=2026-01&from=2026-02', 'query/from'],
  ])('refuses %s, naming the parameter', async (query, pointer) => {
    const { status, body } = await scores(query)
    expect([status, body.errors?.map((error) => error.pointer)]).toEqual([422, [pointer]])
  })

  it('is for those who may read scores', async () => {
    expect((await clientWith().scores.$get({ query: {} })).status).toBe(401)
    expect((await clientWith(await keyHeaders('importer')).scores.$get({ query: {} })).status).toBe(403)
  })
})
