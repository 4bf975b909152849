import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { adminHeaders, fetchWorker, keyHeaders } from './client'
import { anOrganisation, postJson } from './factories'
import { publishRound } from './published-rounds'
import { recorder } from './recorder'

type Headers = Record<string, string>
/** With what making the answer takes, in calls of the database, and whether it has a style sheet of its own. */
const paths = [
  ['/overview', 2, true],
  ['/api/v1/scores', 2, false],
  ['/explore', 3, true],
  ['/explore/kpis/cac', 2, true],
] as const

/** What is answered without what only looks different: the nonce. */
const bodyOf = async (path: string, headers: Headers) =>
  (await (await fetchWorker(path, { headers })).text()).replaceAll(/nonce="[^"]*"/g, '')

/** How often the database is called for it. */
async function callsFor(path: string, headers: Headers): Promise<number> {
  const { calls, fetch } = recorder()
  expect((await fetch(path, { headers })).status).toBe(200)
  return calls.length
}

/** A row of each table that these answers are made of. */
const rows: Record<string, Record<string, unknown>> = {
  settings: { key: 'k', value: '1' },
  rounds: { id: 'r9', number: 9, period: '2026-09', state: 'closed' },
  results: { round_id: 'r9', method_version: '3', inputs_hash: 'h', body: '{}', published_at: 0 },
  scores: { round_id: 'r9', revision: 1, number: 9, period: '2026-09', method_version: '3', inputs_hash: 'h', body: '{}', computed_at: 0 },
  scoring_rules: { version: 9, body: '{}', created_at: 0 },
  analyses: { kind: 'relations', inputs_hash: 'h', body: '[]', computed_at: 0 },
  events: { id: 'e', day: '2026-01-15', name: 'New lead form', created_at: 0 },
  sources: { id: 's', kind: 'csv', name: 'Deals', settings: '{}', created_at: 0 },
  own_metrics: { key: 'own-a', name: 'A', unit: 'count', created_at: 0 },
  observations: { metric: 'cac', basis: 'period', period: '2026-01', as_of: 0 },
}
const version = () => env.DB.prepare('select version from content_version').first<string>('version')

describe.each(paths)('%s, asked again', (path, anew, isStyled) => {
  beforeEach(async () => {
    vi.setSystemTime(new Date('2026-10-20T10:00:59.999Z')) // an answer is kept for its minute
    await anOrganisation()
    await publishRound(1)
    await publishRound(2)
  })
  afterEach(() => void vi.useRealTimers())

  it('costs the trip that finds out who asks, and says the same', async () => {
    for (const headers of [await adminHeaders(), await keyHeaders('reader')]) {
      const first = await bodyOf(path, headers)
      expect(await callsFor(path, headers)).toBe(1)
      expect(await bodyOf(path, headers)).toBe(first)
    }
  })

  it('has a nonce of its own in its style sheets', async () => {
    const headers = await adminHeaders()
    const nonces = []
    for (let time = 0; time < 2; time++) {
      const response = await fetchWorker(path, { headers })
      const [, nonce = ''] = /nonce-([^']+)'/.exec(response.headers.get('Content-Security-Policy') ?? '') ?? []
      const used = [...(await response.text()).matchAll(/nonce="([^"]*)"/g)].map(([, value]) => value)
      expect(used).toEqual(isStyled ? [nonce, nonce] : [])
      nonces.push(nonce)
    }
    expect(new Set(nonces).size).toBe(2)
  })

  it('is read anew for another role, language or address', async () => {
    await fetchWorker(path, { headers: await adminHeaders() })
    const reader = await keyHeaders('reader')
    await callsFor('/api/v1/events', reader) // a key's first use of the day is written down
    expect(await callsFor(path, reader)).toBe(anew)
    expect(await callsFor(path, { ...reader, 'Accept-Language': 'ms' })).toBe(anew)
    expect(await callsFor(`${path}?lang=th`, reader)).toBe(anew)
    expect(await callsFor(path, reader)).toBe(1)
  })

  it('is read anew in the next minute', async () => {
    const headers = await adminHeaders()
    await fetchWorker(path, { headers })
    expect(await callsFor(path, headers)).toBe(1)
    vi.setSystemTime(new Date('2026-10-20T10:01:00Z'))
    expect(await callsFor(path, headers)).toBe(anew)
  })

  it('is refused where it would have been refused before', async () => {
    await fetchWorker(path, { headers: await adminHeaders() })
    expect((await fetchWorker(path, { headers: await keyHeaders('importer') })).status).toBe(403)
    expect((await fetchWorker(path)).status).toBe(path.startsWith('/api/') ? 401 : 303)
  })

  it('says what has changed meanwhile', async () => {
    const headers = await adminHeaders()
    const before = await bodyOf(path, headers)
    await publishRound(3)
    const after = await bodyOf(path, headers)
    expect(after).not.toBe(before)
    expect((await postJson('/api/v1/events', { day: '2026-01-15', name: 'New lead form' }, headers)).status).toBe(201)
    if (path === '/overview') expect(await bodyOf(path, headers)).toContain('New lead form')
    else expect(await callsFor(path, headers)).toBe(anew)
  })

  it('is made of no table that has no triggers', async () => {
    const { calls, fetch } = recorder()
    await fetch(path, { headers: await adminHeaders() })
    const read = new Set(
      calls.flat().flatMap(({ sql }) => [...sql.matchAll(/\b(?:from|join)\s+"?(\w+)"?/gi)].map(([, name]) => name ?? '')),
    )
    const { results } = await env.DB.prepare("select tbl_name, count(*) n from sqlite_master where type = 'trigger' group by 1").all()
    const watched = results.flatMap(({ tbl_name, n }) => (n === 3 ? [String(tbl_name)] : []))
    // Who asks, the version itself, and whether there is anybody, which is said until a round has closed only
    const unwatched = ['sessions', 'content_version', 'people', 'json_each', 'newest']
    expect([...read].filter((name) => !watched.includes(name) && !unwatched.includes(name))).toEqual([])
    expect(watched.toSorted()).toEqual(Object.keys(rows).toSorted())
  })
})

describe('the version of what is shown', () => {
  it.each(Object.keys(rows))('changes with every row of %s that is written, changed or deleted', async (table) => {
    const row = rows[table] ?? {}
    const names = Object.keys(row)
    const places = names.map((_, index) => `?${index + 1}`)
    const seen = [await version()]
    // `or ignore` is the statement's own way with conflicts, which holds for what its triggers write, too
    await env.DB.prepare(`insert or ignore into ${table} (${names}) values (${places})`)
      .bind(...Object.values(row))
      .run()
    seen.push(await version())
    for (const statement of [`update ${table} set ${names[0]} = ${names[0]}`, `delete from ${table}`]) {
      await env.DB.prepare(statement).run()
      seen.push(await version())
    }
    expect(new Set(seen).size).toBe(4)
  })
})

it('nothing is kept until a round has closed: what is said then is made of more', async () => {
  const headers = await adminHeaders()
  const before = await bodyOf('/overview', headers)
  await anOrganisation()
  expect(await bodyOf('/overview', headers)).not.toBe(before)
})
