/** A company of 20,000: what its administrator opens, in multiples of the cheapest thing that the database can be asked. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { listTeams } from '../../worker/services/teams'
import { adminHeaders, fetchWorker, services } from './client'

const people = 20_000
const teams = 200
/** Of a key, one after the other: a single one is shorter than a tick of the clock. */
const reads = 50
/** A page asks some ten things of the database, two of which look at everybody. */
const most = 150

describe('20,000 people in 200 teams', () => {
  it('are paged, searched and moved in small multiples of one read by key', { timeout: 120_000 }, async () => {
    await fill()
    const headers = await adminHeaders()
    const get = async (path: string) => {
      const response = await fetchWorker(path, { headers })
      const html = await response.text()
      if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
      return html
    }
    const read =
      (await timeOf(async () => {
        for (let i = 0; i < reads; i++) await env.DB.prepare('select * from people where id = ?').bind('p00777').first()
      })) / reads
    const first = await get('/people')
    expect(first).toContain('20,000')
    const next = /href="([^"]+)" rel="next"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const costs: Record<string, number> = {}
    for (const [what, path] of [
      ['the first page', '/people'],
      ['the next page', next],
      ['a name', '/people?search=Person%20123'],
      ['an address that nobody has', '/people?search=nobody%40nowhere'],
      ['a letter that everybody has', '/people?search=e'],
      ['a team', '/people?team=t7'],
      ['who wants no messages', '/people?state=mail-stopped'],
      ['one person', '/people/p00777'],
      ['the tree', '/people/teams'],
    ] as const) {
      costs[what] = (await timeOf(() => get(path))) / read
    }
    const move = async (path: string, fields: Record<string, string>) => {
      const body = new FormData()
      for (const [name, value] of Object.entries(fields)) body.append(name, value)
      expect((await fetchWorker(path, { method: 'POST', body, headers })).status).toBe(303)
    }
    costs['a move'] = (await timeOf(() => move('/people/teams/order', { down: 't7' }))) / read
    costs['a correction'] =
      (await timeOf(() => move('/people/p00777', { name: 'Ann', email: 'ann@example.com', teamId: 't9', locale: 'en' }))) / read
    expect(Object.entries(costs).filter(([, cost]) => cost > most)).toEqual([])
    expect((await listTeams(services().db)).reduce((sum, team) => sum + team.people, 0)).toBe(people)
  })
})

async function fill(): Promise<void> {
  const rows = (count: number, row: (index: number) => unknown[]) => JSON.stringify(Array.from({ length: count }, (_, index) => row(index)))
  await env.DB.batch([
    env.DB.prepare(
      `insert into teams (id, parent_id, name, side) select value ->> 0, value ->> 1, value ->> 2, 'sales' from json_each(?)`,
    ).bind(rows(teams, (i) => [`t${i}`, i === 0 ? null : `t${Math.floor(i / 10)}`, `Team ${i}`])),
    env.DB.prepare(
      `insert into people (id, email, name, locale, team_id) select value ->> 0, value ->> 1, value ->> 2, 'en', value ->> 3 from json_each(?)`,
    ).bind(rows(people, (i) => [`p${String(i).padStart(5, '0')}`, `p${i}@example.com`, `Person ${(i * 7919) % people}`, `t${i % teams}`])),
  ])
}

/** The least of five, in milliseconds; the clock moves with each answer of the database and not in between. */
async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const now = async () => {
    await env.DB.prepare('select 1').run()
    return Date.now()
  }
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    const started = await now()
    await run()
    times.push((await now()) - started)
  }
  return Math.max(1, Math.min(...times))
}
