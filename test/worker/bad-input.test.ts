import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { api } from '../../worker/app'
import type { Problem } from '../../worker/problem'
import { adminHeaders, fetchWorker } from './client'

/** What a careless or hostile client could send to any endpoint that takes a body. */
const bodies: [string, string, string][] = [
  ['nothing that is JSON', 'application/json', '{'],
  ['a list', 'application/json', '[]'],
  ['null', 'application/json', 'null'],
  ['a number', 'application/json', '1e999'],
  ['an unknown field', 'application/json', '{"surprise":1}'],
  ['a duplicate field', 'application/json', '{"name":"a","name":"b"}'],
  ['__proto__', 'application/json', '{"__proto__":{"role":"admin"}}'],
  ['a NUL', 'application/json', '{"name":"a\\u0000b"}'],
  ['a lone surrogate', 'application/json', '{"name":"\\ud800"}'],
  ['deep nesting', 'application/json', '['.repeat(200) + ']'.repeat(200)],
  ['another content type', 'application/xml', '<name/>'],
  ['a form', 'application/x-www-form-urlencoded', 'name=a'],
  ['too much', 'application/json', `{"name":"${'x'.repeat(70_000)}"}`],
]

const writing = [
  ...new Map(
    api.routes
      .filter(({ method }) => ['POST', 'PUT', 'PATCH'].includes(method))
      .map(({ method, path }) => [`${method} ${path}`, { method, path }]),
  ).entries(),
]

describe('bad bodies on every endpoint that writes', () => {
  let headers: Record<string, string>
  beforeEach(async () => {
    headers = await adminHeaders()
  })

  it.each(writing)('%s answers each with a 4xx problem, changes nothing and logs nothing', async (_, { method, path }) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const before = await contents()
    for (const [what, type, body] of bodies) {
      const url = `/api/v1${path.replaceAll(/:\w+/g, 'unknown')}`
      const response = await fetchWorker(url, { method, body, headers: { ...headers, 'Content-Type': type } })
      const answer = await response.json<Problem>().catch(() => undefined)
      expect([what, Math.floor(response.status / 100), response.headers.get('content-type')]).toEqual([what, 4, 'application/problem+json'])
      expect([what, answer?.status, answer?.title]).toEqual([what, response.status, expect.any(String)])
    }
    expect(await contents()).toEqual(before)
    expect(logged.mock.calls).toEqual([])
    logged.mockRestore()
  })
})

describe('bad queries on every list', () => {
  const lists = ['/people', '/rounds', '/events', '/sources', '/scores', '/metrics/cac/observations']

  it.each(lists)('%s names the parameter', async (path) => {
    const headers = await adminHeaders()
    for (const query of ['surprise=1', 'limit=0', 'limit=1e3', 'limit=0x1f', 'limit=x', 'limit=1&limit=2', 'cursor=%00']) {
      const response = await fetchWorker(`/api/v1${path}?${query}`, { headers })
      const { errors } = await response.json<Problem>()
      const name = `query/${query.split('=')[0]}`
      expect([path, query, response.status, errors?.map(({ pointer }) => pointer)]).toEqual([path, query, 422, [name]])
    }
  })

  it.each(['/scores', '/metrics/cac/observations', '/events'])('%s refuses a reversed or impossible range', async (path) => {
    const headers = await adminHeaders()
    const [later, earlier] = path === '/events' ? ['2026-10-01', '2026-09-01'] : ['2026-10', '2026-09']
    for (const query of [`from=${later}&to=${earlier}`, 'from=2026-13', 'to=yesterday']) {
      expect([query, (await fetchWorker(`/api/v1${path}?${query}`, { headers })).status]).toEqual([query, 422])
    }
  })
})

/** Every row of every table that a request could have changed. */
async function contents(): Promise<Record<string, unknown>> {
  const { results } = await env.DB.prepare(
    "select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like '_cf%' and name not in ('d1_migrations', 'sessions')",
  ).all<{ name: string }>()
  const rows = await env.DB.batch(results.map(({ name }) => env.DB.prepare(`select * from "${name}"`)))
  return Object.fromEntries(results.map(({ name }, index) => [name, rows[index]?.results]))
}
