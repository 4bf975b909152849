import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { DumbbellSpec } from '../../worker/core/chart'
import { parseTable } from '../../worker/core/csv'
import { publish } from '../../worker/core/publish'
import { themes } from '../../worker/core/round'
import { isUnshown } from '../../worker/core/round-change'
import { alignmentScore } from '../../worker/core/score'
import { database } from '../../worker/db/client'
import { observations, results, rounds } from '../../worker/db/schema'
import { locales, messagesOf } from '../../worker/i18n'
import { formatOf } from '../../worker/i18n/format'
import type { Comparison } from '../../worker/services/comparison'
import { insertScore } from '../../worker/services/scores'
import { classes, inputOf, silent, type TeamOfPeople } from '../core/rounds'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { recorder } from './recorder'

const db = () => database(env.DB)
const keys = [...themes, 'headline']
const hostile = '<img src=x onerror=alert(1)>'

/**
 * Three rounds that were opened one after the other, without a ballot: two sides, of which Brand is a team of 8, Web one of
 * 10, and Two one that did not answer.
 */
async function threeRounds() {
  const opened = [1, 2, 3].map((number) => ({ number, period: `2026-0${number}`, at: new Date(Date.UTC(2026, number - 1, 3)) }))
  for (const { number, period, at } of opened) {
    const teams: TeamOfPeople[] = [
      { id: 'sales', side: 'sales', people: classes(keys, 15 - 5 * number, 4, 5 * number) },
      { id: 'marketing', side: 'marketing', people: [] },
      { id: 'brand', side: 'marketing', parentId: 'marketing', people: classes(keys, 4 - number, 3, 1 + number) },
      { id: 'web', side: 'marketing', parentId: 'marketing', people: classes(keys, 4, 3, 5) },
      { id: 'two', side: 'marketing', parentId: 'marketing', people: Array.from({ length: 5 }, () => silent) },
    ]
    const input = inputOf(teams, { number, comments: ['One remark.', 'Another remark.', `A third ${hostile}.`] })
    const names = new Map([['web', hostile]])
    const nodes = input.frozen.nodes.map((node) => ({ ...node, name: names.get(node.id) ?? node.name }))
    // Everybody stayed: what is unknown of rounds apart is known of neighbours.
    const membership = Object.fromEntries(nodes.map(({ id }) => [id, { joined: 0, left: 0 }]))
    const frozen = { ...input.frozen, nodes, ...(number > 1 && { membership }) }
    const result = { ...publish({ ...input, frozen }), period }
    await db().batch([
      db()
        .insert(rounds)
        .values({ id: result.roundId, number, period, state: 'closed', openedAt: at, closedAt: new Date(at.getTime() + 864e5), frozen }),
      db().insert(results).values({ roundId: result.roundId, methodVersion: '2', inputsHash: 'hash', body: result, publishedAt: at }),
    ])
    const source = { round: result, people: result.inputs, earlierTerms: [], kpis: { measures: [], missing: null, absent: [] } }
    const weights = { perception: 1, definitions: 0, process: 0, performance: 0 }
    const score = alignmentScore({ ...source, rules: { version: 1, weights, kappa: 0.25 } })
    await insertScore(services(), { ...score, inputsHash: 'hash', revision: 1, ballots: result.n, invited: result.invited })
  }
  await db().insert(rounds).values({ id: 'r4', number: 4, period: '2026-04', state: 'scheduled' })
}

let headers: Record<string, string>
beforeEach(async () => {
  await threeRounds()
  headers = await adminHeaders()
})
const get = async (path: string, as = headers) => {
  const response = await fetchWorker(path, { headers: as })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}
const compared = async (id: string, query = '') => JSON.parse((await get(`/api/v1/rounds/${id}/comparison${query}`)).text) as Comparison
const nodeIn = ({ nodes }: Comparison, id: string) => nodes.find((node) => node.id === id)

describe('two rounds beside each other', () => {
  it('say of a team of 8 what neighbours allow, and of rounds apart nothing: in API, file and page', async () => {
    expect(nodeIn(await compared('r3'), 'brand')).toMatchObject({ population: 'same' })
    const apart = await compared('r3', '?with=r1')
    expect([apart.neighbours, apart.from.number, apart.to.number]).toEqual([false, 1, 3])
    const brand = nodeIn(apart, 'brand')
    expect(Object.keys(brand ?? {}).sort()).toEqual(['hidden', 'id', 'name', 'parentId', 'side'])
    expect(brand).toMatchObject({ hidden: 'rounds-apart' })
    // Of those of ten and more the two results say it all by themselves.
    expect(nodeIn(apart, 'sales')).toMatchObject({ population: 'unknown', themes: { goals: { verdict: 'signal' } } })

    const file = parseTable((await get('/api/v1/rounds/r3/comparison.csv?with=r1')).text)
    const about = (group: string) =>
      file.rows
        .map(({ cells }) => Object.fromEntries(file.header.map((name, index) => [name, cells[index] ?? ''])))
        .filter((row) => row.group_id === group)
    expect(about('brand').map(({ kind }) => kind)).toEqual(['group', 'participation'])
    expect(
      about('brand')
        .flatMap(({ before, now, change }) => [before, now, change])
        .join(''),
    ).toBe('')
    expect(about('sales').map(({ kind }) => kind)).toContain('item')

    const { text } = await get('/rounds/r3/comparison?with=r1')
    expect(text).toContain('Nobody knows who joined and left meanwhile')
    expect(text).not.toContain('<option value="brand"')
  })

  it('are in the order in which they were opened, whichever was asked first', async () => {
    expect(await compared('r1', '?with=r3')).toEqual(await compared('r3', '?with=r1'))
  })

  it('have the score split into parts that sum to its change', async () => {
    const { score } = await compared('r3', '?with=r1')
    expect(score.missing).toBeNull()
    const { change } = score
    expect(change?.contributions.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(change?.points ?? Number.NaN, 9)
    expect(score.pillars.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(change?.points ?? Number.NaN, 9)
    // As it is printed: the difference of what is printed beside it.
    const { text } = await get('/rounds/r3/comparison?with=r1')
    const [, from, to, moved] =
      /<th scope="row">Perception<\/th>(?:<td class="num"[^>]*><data value="([^"]*)">.*?<\/td>)(?:<td class="num"[^>]*><data value="([^"]*)">.*?<\/td>)<td class="num"[^>]*><bdi>([^<]*)</s.exec(
        text,
      ) ?? []
    expect(moved).toBe(formatOf('en', 'UTC').signed(Number(to) - Number(from), 1))
  })

  it('have no change of a score that was computed by other rules', async () => {
    await env.DB.prepare("update scores set body = json_set(body, '$.rulesVersion', 9) where round_id = 'r1'").run()
    const { score } = await compared('r3', '?with=r1')
    expect([score.change, score.missing, score.pillars]).toEqual([null, 'rules', []])
    expect((await get('/rounds/r3/comparison?with=r1')).text).toContain('computed by different rules')
  })

  it('have the KPIs as they stood at each of the two: the last month with a value up to it', async () => {
    const months = ['2025-12', '2026-01', '2026-02', '2026-03', '2026-04']
    await db()
      .insert(observations)
      .values(
        [90, null, 110, 120, 999].map((value, index) => ({
          ...{ metric: 'cac', basis: 'period' as const, period: months[index] as string, value, asOf: new Date() },
        })),
      )
    const { kpis } = await compared('r3', '?with=r1')
    expect(kpis).toEqual([{ metric: 'cac', from: { value: 90, period: '2025-12' }, to: { value: 120, period: '2026-03' }, range: null }])
    expect((await get('/rounds/r3/comparison?with=r1')).text).toMatch(/id="kpis">.*Dec 2025.*Mar 2026/s)
  })

  it('are read in six trips to the database', async () => {
    const { calls, fetch } = recorder()
    expect((await fetch('/rounds/r3/comparison', { headers })).status).toBe(200)
    expect(calls).toHaveLength(6)
  })

  it('say above the changes of a group what the chance beside each of them is', async () => {
    const { text } = await get('/rounds/r3/comparison?with=r2')
    expect(text.slice(text.indexOf('id="group"'), text.indexOf('id="participation"'))).toContain('Chance is how often')
  })

  it('print both values of a theme in its chart, and who took part as the tree that they are of', async () => {
    const { text } = await get('/rounds/r3/comparison?with=r2')
    const specs = [...text.matchAll(/data-chart="([^"]*)"/g)].map(([, spec = '']) => JSON.parse(spec.replaceAll('&quot;', '"')))
    const { columns, rows } = specs.find(({ kind }) => kind === 'dumbbell') as DumbbellSpec
    const { before, now, change } = messagesOf('en').roundsPage.changes
    expect(columns).toEqual([before, now, change])
    for (const { marks, cells } of rows) expect(cells.slice(0, 2)).toEqual(marks.map(({ at }) => String(Math.round(at))))
    const tookPart = text.slice(text.indexOf('id="participation"'), text.indexOf('id="terms"'))
    expect(tookPart).toMatch(/below-1"><span class="with-mk"><i class="mk m"[^>]*><\/i><strong><bdi>marketing</)
    expect(tookPart).toMatch(/below-2"><span class="with-mk"><i class="mk m"[^>]*><\/i><strong><bdi>brand</)
  })

  it('are shown in four languages, names as they were written', async () => {
    for (const locale of locales) {
      for (const path of ['/rounds/r3', '/rounds/r3/comparison?with=r1', '/rounds']) {
        const { status, text } = await get(`${path}${path.includes('?') ? '&' : '?'}lang=${locale}`)
        expect([path, status, /style=|undefined|\[object|\bNaN\b|<img src=x/.test(text)]).toEqual([path, 200, false])
      }
    }
  })
})

describe('what cannot be compared', () => {
  it.each([
    ['?with=nowhere', 404],
    ['?with=r3', 422],
    ['?with=r4', 422],
    ['?wiht=r1', 422],
  ])('answers %s to a program with %i', async (query, status) => {
    const answer = await get(`/api/v1/rounds/r3/comparison${query}`)
    expect([answer.status, answer.type?.split(';')[0]]).toEqual([status, 'application/problem+json'])
    expect((await get(`/api/v1/rounds/r3/comparison.csv${query}`)).status).toBe(status)
  })

  it('answers on the page with the form as it was sent and the reason', async () => {
    expect((await get('/rounds/r3/comparison?with=nowhere')).status).toBe(404)
    for (const [other, reason] of [
      ['r3', 'this is the same one'],
      ['r4', 'this one has no result yet'],
    ] as const) {
      const { status, text } = await get(`/rounds/r3/comparison?with=${other}`)
      expect(status).toBe(422)
      expect(text).toMatch(new RegExp(`<option value="${other}" selected="">`))
      expect(text).toMatch(new RegExp(`id="with-why">.*${reason}`, 's'))
    }
  })

  it('says of the first round that there is nothing before it', async () => {
    expect((await get('/api/v1/rounds/r1/comparison')).status).toBe(422)
    const { status, text } = await get('/rounds/r1/comparison')
    expect([status, text.includes('Nothing to compare with yet')]).toEqual([200, true])
  })

  it('answers the id of a hidden group like one that there is not', async () => {
    const result = JSON.parse((await get('/api/v1/rounds/r3/result')).text)
    const hidden = result.nodes.filter((node: object) => isUnshown(node)).map(({ id }: { id: string }) => id)
    expect(hidden.length).toBeGreaterThan(0)
    for (const path of ['/rounds/r3?team=', '/rounds/r3/comparison?with=r1&team=']) {
      const withoutIds = (text: string) => text.replace(/nonce="[^"]*"/g, '')
      const unknown = await get(`${path}nowhere`)
      expect(unknown.status).toBe(404)
      for (const id of hidden) {
        const answer = await get(`${path}${id}`)
        expect([answer.status, withoutIds(answer.text)]).toEqual([404, withoutIds(unknown.text)])
      }
    }
    // Nor one that both rounds show and no change is said of.
    expect((await get('/rounds/r3/comparison?with=r1&team=brand')).status).toBe(404)
  })
})

describe('comments', () => {
  it('are for those who may read them, and are nowhere else: page, API and file', async () => {
    const reader = await keyHeaders('reader')
    const guest = await keyHeaders('reader')
    await env.DB.prepare(
      "update api_keys set role = 'guest' where id = (select id from api_keys order by created_at desc, rowid desc limit 1)",
    ).run()
    for (const path of ['/rounds/r3', '/api/v1/rounds/r3/result', '/api/v1/rounds/r3/result.csv']) {
      const [seen, unseen] = [await get(path, reader), await get(path, guest)]
      expect([path, seen.status, seen.text.includes('One remark.')]).toEqual([path, 200, true])
      expect([path, unseen.status, unseen.text.includes('remark')]).toEqual([path, 200, false])
    }
  })
})
