import { describe, expect, it } from 'vitest'
import { api } from '../../worker/app'
import { type Action, actions, authorize } from '../../worker/services/authorize'
import type { Actor, Role } from '../../worker/services/context'
import { adminHeaders, fetchWorker, keyHeaders, origin } from './client'

/** Routes that ask for no right: an employee's own, the keys everybody compares, and signing in and out. */
const open = new Set([
  'POST /sessions',
  'DELETE /sessions',
  'POST /issuances',
  'POST /ballots',
  'GET /rounds/:id/keys',
  'GET /rounds/:id/names',
])

interface GuardedRoute {
  method: string
  path: string
  action: Action | undefined
}

/** Every route of the API with the action that its `allow` names, read off the router itself. */
const routes: GuardedRoute[] = [
  ...api.routes
    .filter(({ method }) => method !== 'ALL')
    .reduce((found, { method, path, handler }) => {
      const key = `${method} ${path}`
      const action = 'action' in handler ? (handler.action as Action) : found.get(key)?.action
      return found.set(key, { method, path, action })
    }, new Map<string, GuardedRoute>())
    .values(),
]

const send = ({ method, path }: GuardedRoute, headers: Record<string, string>) => {
  const body = method === 'GET' || method === 'DELETE' ? null : '{}'
  return fetchWorker(`/api/v1${path.replaceAll(/:\w+/g, 'unknown')}`, {
    method,
    body,
    headers: { Origin: origin, ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers },
  })
}

describe('the authorisation table', () => {
  it('covers every route of the API', () => {
    expect(routes.length).toBeGreaterThan(20)
    const unguarded = routes.filter(({ action }) => !action).map(({ method, path }) => `${method} ${path}`)
    expect(unguarded.filter((route) => !open.has(route))).toEqual([])
  })

  it('denies by default', () => {
    const nobody: Actor = { kind: 'nobody' }
    expect(actions.filter((action) => authorize(nobody, action))).toEqual([])
    const importer: Actor = { kind: 'key', role: 'importer', id: 'k' }
    expect(actions.filter((action) => authorize(importer, action))).toEqual(['pulls:write'])
  })

  it('answers 401 to nobody on every guarded route', async () => {
    for (const route of routes.filter(({ action }) => action)) {
      expect([route.method, route.path, (await send(route, {})).status]).toEqual([route.method, route.path, 401])
    }
  })

  it.each(['importer', 'reader', 'admin'] as const)('lets %s do what the table says and nothing else', async (role) => {
    for (const route of routes.filter(({ action }) => action)) {
      const headers = role === 'admin' ? await adminHeaders() : await keyHeaders(role)
      const may = authorize({ kind: 'key', role: role as Role, id: 'k' }, route.action as Action)
      const { status } = await send(route, headers)
      expect([route.method, route.path, status === 403]).toEqual([route.method, route.path, !may])
    }
  })

  it('gives the API description to those who are signed in', async () => {
    expect((await fetchWorker('/api/v1/openapi.json')).status).toBe(401)
    const response = await fetchWorker('/api/v1/openapi.json', { headers: await adminHeaders() })
    const document = await response.json<{ openapi: string; paths: Record<string, unknown> }>()
    expect(document.openapi).toMatch(/^3\.1/)
    const described = new Set(Object.keys(document.paths))
    const paths = routes.map(({ path }) => path.replaceAll(/:(\w+)/g, '{$1}'))
    expect(paths.filter((path) => !described.has(path))).toEqual([])
  })
})
