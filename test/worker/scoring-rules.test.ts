import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Score } from '../../worker/core/result'
import { defaultRules, type ScoringRules } from '../../worker/core/scoring-rules'
import { database } from '../../worker/db/client'
import { findScores } from '../../worker/db/scores'
import { readRules } from '../../worker/db/scoring-rules'
import { runJobs } from '../../worker/jobs'
import { addEvent, removeEvent } from '../../worker/services/events'
import { readOverview } from '../../worker/services/overview'
import { finishRescoring, listRevisions } from '../../worker/services/scores'
import { previewRules, type RulesVersion, setRules } from '../../worker/services/scoring-rules'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { decided } from './factories'
import { closeRound, observe } from './scored-rounds'
import { changedRows, dump } from './tables'

const db = () => database(env.DB)
const weights = { perception: 0.6, definitions: 0.2, process: 0.1, performance: 0.1 }
const { weights: usual } = defaultRules

async function request<T>(method: string, query: string, body: unknown, headers?: Record<string, string>) {
  const response = await fetchWorker(`/api/v1/scoring-rules${query}`, {
    method,
    headers: { ...(headers ?? (await adminHeaders())), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
  })
  return { status: response.status, body: await response.json<T>() }
}

const patch = <T = ScoringRules>(body: unknown, query = '') => request<T>('PATCH', query, body)
const versions = async () => (await request<{ items: RulesVersion[] }>('GET', '', undefined)).body.items
const newest = () => findScores(db())
const rulesOf = (scores: readonly Score[]) => scores.map(({ number, revision, rulesVersion }) => [number, revision, rulesVersion])

describe('GET /api/v1/scoring-rules', () => {
  it('gives the defaults as version 1 while nothing was decided', async () => {
    expect(await versions()).toEqual([{ ...defaultRules, since: null }])
  })

  it('gives every version, the one that holds first and the defaults last', async () => {
    await patch({ kappa: 0.5 })
    await patch({ weights })
    const all = await versions()
    expect(all.map(({ version, kappa }) => [version, kappa])).toEqual([
      [3, 0.5],
      [2, 0.5],
      [1, 0.25],
    ])
    expect(all.map(({ weights }) => weights.perception)).toEqual([0.6, 0.4, 0.4])
    expect(all.map(({ since }) => since !== null)).toEqual([true, true, false])
  })

  it('is for those who may read scores', async () => {
    const status = async (headers: Record<string, string>) => (await request('GET', '', undefined, headers)).status
    expect([await status({}), await status(await keyHeaders('importer')), await status(await keyHeaders('reader'))]).toEqual([
      401, 403, 200,
    ])
  })
})

describe('PATCH /api/v1/scoring-rules', () => {
  it('makes version 2, under which every round is scored again, and keeps what was shown', async () => {
    const first = await closeRound(1, '2026-06')
    await closeRound(2, '2026-07')
    const { status, body } = await patch({ weights, kappa: 0 })
    expect([status, body]).toEqual([200, { ...defaultRules, version: 2, weights, kappa: 0 }])
    expect(rulesOf(await newest())).toEqual([
      [1, 2, 2],
      [2, 2, 2],
    ])
    const response = await fetchWorker(`/api/v1/rounds/${first.roundId}/scores`, { headers: await keyHeaders('reader') })
    const { items } = await response.json<{ items: (Score & { reason: string })[] }>()
    expect(items.map(({ revision, reason, rulesVersion, kappa }) => [revision, reason, rulesVersion, kappa])).toEqual([
      [2, 'rules', 2, 0],
      [1, 'first', 1, 0.25],
    ])
    const [later, now] = items
    expect(now).toMatchObject(first)
    // half of the weight has data by the defaults, four fifths by these
    expect([now?.value, later?.weightPresent]).toEqual([null, expect.closeTo(0.8, 12)])
    const [perception, definitions] = later?.pillars ?? []
    expect(later?.value).toBeCloseTo((0.6 * (perception?.value as number) + 0.2 * (definitions?.value as number)) / 0.8, 9)
  })

  it('leaves alone what is left out', async () => {
    await patch({ kappa: 0.5 })
    expect((await patch({ weights })).body).toMatchObject({ version: 3, kappa: 0.5, weights, baseline: null })
  })

  it.each([
    ['nothing', {}],
    ['the weights that hold, in another order', { weights: Object.fromEntries(Object.entries(usual).reverse()) }],
    ['everything as it is', { weights: usual, kappa: 0.25, baselineEventId: null }],
  ])('makes no version of %s', async (_, body) => {
    await closeRound(1, '2026-06')
    expect((await patch(body)).body).toEqual(defaultRules)
    expect((await dump()).scoring_rules).toEqual([])
    expect(rulesOf(await newest())).toEqual([[1, 1, 1]])
  })

  it.each([
    ['weights that do not sum to 1', { weights: { ...usual, process: 0.3 } }, '#/weights', 'Weights sum to 1; these sum to 1.1.'],
    ['a weight below 0', { weights: { ...usual, process: -0.1 } }, '#/weights/process', 'Use 0 or more.'],
    ['a weight in percent', { weights: { ...usual, process: 20 } }, '#/weights/process', 'Use at most 1.'],
    ['a missing weight', { weights: { ...usual, process: undefined } }, '#/weights/process', 'Give a share from 0 to 1.'],
    ['an unknown pillar', { weights: { ...usual, mood: 0 } }, '#/weights/mood', 'This field is not known here; remove it.'],
    ['another κ', { kappa: 0.3 }, '#/kappa', 'Use one of: 0, 0.25, 0.5.'],
    ['an unknown event', { baselineEventId: 'x' }, '#/baselineEventId', 'Use the id of an event, or null for the first six periods.'],
    ['no event', { baselineEventId: '' }, '#/baselineEventId', 'Use the id of an event, or null for the first six periods.'],
    ['another field', { goals: [] }, '#/goals', 'This field is not known here; remove it.'],
  ])('refuses %s, naming the field and what would be right', async (_, body, pointer, detail) => {
    for (const query of ['', '?dryRun=true']) {
      const refused = await patch<{ errors: unknown }>(body, query)
      expect([refused.status, refused.body.errors]).toEqual([422, [{ pointer, detail }]])
    }
    expect(await readRules(db())).toEqual(defaultRules)
  })

  it('is not for readers', async () => {
    const status = async (headers: Record<string, string>) => (await request('PATCH', '', { kappa: 0 }, headers)).status
    expect([await status({}), await status(await keyHeaders('reader')), await status(await keyHeaders('importer'))]).toEqual([
      401, 403, 403,
    ])
    expect(await readRules(db())).toEqual(defaultRules)
  })
})

describe('a dry run', () => {
  it('says what the rules and the scores would be, and writes nothing', async () => {
    await closeRound(1, '2026-06')
    await closeRound(2, '2026-07', [2, 4, 8])
    const before = await dump()
    const { status, body } = await patch<{ scores: { now: number; later: number }[] }>({ weights }, '?dryRun=true')
    const { sessions: _, sign_in_links: __, ...changed } = changedRows(before, await dump())
    expect([status, changed]).toEqual([200, {}])
    await setRules(services(), { weights })
    expect(body).toEqual({
      dryRun: true,
      rules: await readRules(db()),
      scores: (await newest()).map(({ roundId, number, period, value }) => ({ roundId, number, period, now: null, later: value })),
    })
    expect(body.scores[1]?.later).toBeGreaterThan(body.scores[0]?.later as number)
  })
})

describe('the event that the baseline ends before', () => {
  const goals = [{ metric: 'cac', target: 500, baseline: null, scale: 'linear' as const }]
  const baselineOfKpi = ([score]: readonly Score[]) => score?.pillars[3]?.parts[0]?.kpi?.baseline

  it('is kept as it was chosen: deleting or renaming it changes nothing', async () => {
    await decided(db(), { goals })
    const costs = [1000, 1000, 1000, 1000, 700, 700, 700, 600]
    for (const [index, cost] of costs.entries()) await observe(`2026-0${index + 1}`, cost)
    await closeRound(1, '2026-08')
    expect(baselineOfKpi(await newest())).toBe(1000)
    const { id } = await addEvent(services(), { day: '2026-08-12', name: 'SLA signed' })
    const { body } = await patch({ baselineEventId: id })
    expect(body.baseline).toEqual({ day: '2026-08-12', name: 'SLA signed' })
    expect(baselineOfKpi(await newest())).toBe(1000) // of seven months: their median
    await removeEvent(services(), id)
    const other = await addEvent(services(), { day: '2026-04-01', name: 'SLA signed' })
    await runJobs(services())
    expect((await patch({ kappa: 0 })).body).toMatchObject({ version: 4, baseline: { day: '2026-08-12', name: 'SLA signed' } })
    expect((await patch({ baselineEventId: other.id })).body.baseline).toEqual({ day: '2026-04-01', name: 'SLA signed' })
    expect((await patch({ baselineEventId: null })).body).toMatchObject({ version: 6, baseline: null, goals })
  })

  it('moves the baseline of a KPI', async () => {
    await decided(db(), { goals })
    for (const [index, cost] of [1000, 1000, 800, 600, 600, 600, 600].entries()) await observe(`2026-0${index + 1}`, cost)
    await closeRound(1, '2026-07')
    expect(baselineOfKpi(await newest())).toBe(700)
    const { id } = await addEvent(services(), { day: '2026-04-15', name: 'SLA signed' })
    await setRules(services(), { baselineEventId: id })
    expect(baselineOfKpi(await newest())).toBe(1000)
  })
})

describe('two changes at once', () => {
  it('both end up in the rules that hold', async () => {
    await closeRound(1, '2026-06')
    await Promise.all([setRules(services(), { weights }), setRules(services(), { kappa: 0.5 })])
    expect(await readRules(db())).toEqual({ ...defaultRules, version: 3, weights, kappa: 0.5 })
    expect((await newest()).map(({ rulesVersion, kappa }) => [rulesVersion, kappa])).toEqual([[3, 0.5]])
  })

  it('do not leave the later one with scores of the earlier one, whose scoring was still under way', async () => {
    await closeRound(1, '2026-06')
    let batches = 0
    const slow = {
      prepare: (query: string) => env.DB.prepare(query),
      batch: async (statements: D1PreparedStatement[]) => {
        const read = await env.DB.batch(statements)
        if (batches++ === 0) await env.DB.exec(takeRevision)
        return read
      },
    } as D1Database
    // after the rounds were read, somebody else stores the next revision of the score
    const takeRevision =
      'insert into scores select round_id, 2, number, period, method_version, inputs_hash, body, computed_at from scores where revision = 1'
    await setRules({ ...services(), db: database(slow) }, { weights })
    expect(rulesOf(await newest())).toEqual([[1, 3, 2]])
  })
})

describe('a change that was interrupted before the scores', () => {
  it('is finished by the next tick, once', async () => {
    await closeRound(1, '2026-06')
    await decided(db(), { weights })
    expect(rulesOf(await newest())).toEqual([[1, 1, 1]])
    for (const _ of [1, 2]) {
      await runJobs(services())
      expect(rulesOf(await newest())).toEqual([[1, 2, 2]])
    }
  })
})

describe('a round of an early version, which knows one κ', () => {
  /** Its result as early versions stored it: one variance a theme, and one covariance. */
  async function makeEarly(roundId: string) {
    const stored = JSON.parse((await env.DB.prepare('select body from results where round_id = ?').bind(roundId).first('body')) as string)
    const { uncertainty, termsVariance, themes, ...rest } = stored.inputs
    const quarter = uncertainty.find(({ kappa }: { kappa: number }) => kappa === 0.25)
    const inputs = {
      ...rest,
      themes: themes.map((theme: object, index: number) => ({ ...theme, value: 0, variance: quarter.themes[index] })),
      covariance: { perception: quarter.perception, terms: termsVariance, both: quarter.both },
    }
    await env.DB.prepare('update results set body = ? where round_id = ?')
      .bind(JSON.stringify({ ...stored, inputs }), roundId)
      .run()
  }

  it('is scored again under other weights, like a later one', async () => {
    const { roundId } = await closeRound(1, '2026-06')
    await setRules(services(), { weights })
    const [later] = await newest()
    await env.DB.exec('delete from scoring_rules')
    await env.DB.exec('delete from scores where revision = 2')
    await makeEarly(roundId)
    await setRules(services(), { weights })
    expect(await newest()).toEqual([{ ...later, inputsHash: expect.any(String) }])
  })

  it('keeps its score under another κ, and is not on the line of the overview', async () => {
    const { roundId } = await closeRound(1, '2026-06')
    await makeEarly(roundId)
    await closeRound(2, '2026-07')
    await setRules(services(), { weights })
    const before = await newest()
    expect(rulesOf(before)).toEqual([
      [1, 2, 2],
      [2, 2, 2],
    ])
    expect((await previewRules(services(), { kappa: 0.5 })).scores.map(({ later }) => later?.kappa ?? null)).toEqual([null, 0.5])
    await setRules(services(), { kappa: 0.5 })
    await runJobs(services())
    const after = await newest()
    expect(rulesOf(after)).toEqual([
      [1, 2, 2],
      [2, 3, 3],
    ])
    expect(after[0]).toEqual(before[0])
    expect((await listRevisions(db(), roundId)).map(({ reason }) => reason)).toEqual(['rules', 'first'])
    const { shown } = await readOverview(services())
    expect([shown?.history.map(({ number }) => number), shown?.otherRules, shown?.previous]).toEqual([[2], 1, null])
  })

  it('does not make every tick compute all scores again', async () => {
    const { roundId } = await closeRound(1, '2026-06')
    await makeEarly(roundId)
    await setRules(services(), { kappa: 0.5 })
    expect(rulesOf(await newest())).toEqual([[1, 1, 1]])
    let batches = 0
    const counting = {
      prepare: (query: string) => env.DB.prepare(query),
      batch: (statements: D1PreparedStatement[]) => {
        batches++
        return env.DB.batch(statements)
      },
    } as D1Database
    await finishRescoring({ ...services(), db: database(counting) })
    expect(batches).toBe(0)
  })
})
