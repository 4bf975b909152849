import { describe, expect, it } from 'vitest'
import { createSignInLink, startSession } from '../../worker/services/access'
import { adminHeaders, fetchUrl, fetchWorker, keyHeaders, services } from './client'

const json = { 'Content-Type': 'application/json' }
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetchWorker(path, { method: 'POST', body, headers: { ...json, ...headers } })

describe('signing in', () => {
  it('spends a one-time link once and opens the settings', async () => {
    const { url } = await createSignInLink(services())
    const token = new URL(url).hash.slice(1)
    const first = await post('/api/v1/sessions', JSON.stringify({ token }))
    expect(first.status).toBe(201)
    const cookie = first.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^sid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    const second = await post('/api/v1/sessions', JSON.stringify({ token }))
    expect(second.status).toBe(403)
    expect(await second.json()).toMatchObject({ type: '/problems/sign-in-link-spent' })
    const settings = await fetchWorker('/api/v1/settings', { headers: { Cookie: cookie.split(';')[0] ?? '' } })
    expect(await settings.json()).toMatchObject({ minimumGroupSize: 5, sample: false })
  })

  it('refuses a link after 15 minutes', async () => {
    const { url } = await createSignInLink(services(new Date(Date.now() - 16 * 60_000)))
    await expect(startSession(services(), new URL(url).hash.slice(1))).rejects.toThrow('new link')
  })

  it('forgets a session after 30 idle minutes', async () => {
    const past = services(new Date(Date.now() - 31 * 60_000))
    const { url } = await createSignInLink(past)
    const { secret } = await startSession(past, new URL(url).hash.slice(1))
    expect((await fetchWorker('/api/v1/settings', { headers: { Cookie: `sid=${secret}` } })).status).toBe(401)
  })

  it('sends pages without a session to the sign-in page', async () => {
    const response = await fetchWorker('/overview')
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sign-in'])
  })
})

describe('what is refused before a route sees it', () => {
  it.each([
    ['another site by Sec-Fetch-Site', { 'Sec-Fetch-Site': 'cross-site' }, 403, 'cross-site'],
    ['another origin', { Origin: 'https://evil.example' }, 403, 'cross-site'],
    ['the wrong content type', { 'Content-Type': 'text/plain' }, 415, 'unsupported-media-type'],
  ])('%s', async (_, headers, status, code) => {
    const response = await post('/api/v1/sessions', '{}', headers)
    expect([response.status, (await response.json<{ type: string }>()).type]).toEqual([status, `/problems/${code}`])
  })

  it('a session without Origin or Sec-Fetch-Site', async () => {
    const { Cookie = '' } = await adminHeaders()
    expect((await fetchWorker('/api/v1/settings', { method: 'PATCH', body: '{}', headers: { ...json, Cookie } })).status).toBe(403)
  })

  it.each([
    ['{"token":1}', '#/token'],
    ['{}', '#/token'],
    ['{"token":"x","more":1}', '#/more'],
    ['{"token":"a","token":"b"}', '#/token'],
    ['{"token":"x","__proto__":{"admin":true}}', '#/__proto__'],
    ['{"token":"\\u0000"}', '#/token'],
    ['{"token":"\\ud800"}', '#/token'],
  ])('%s, naming the field', async (body, pointer) => {
    const response = await post('/api/v1/sessions', body)
    expect(response.status).toBe(422)
    expect((await response.json<{ errors: { pointer: string }[] }>()).errors.map((error) => error.pointer)).toContain(pointer)
  })

  it.each(['{', '', 'null,', '{"token":"x",}'])('broken JSON %j', async (body) => {
    expect((await post('/api/v1/sessions', body)).status).toBe(400)
  })

  it('nothing, where a GET names a content type and has no body', async () => {
    expect((await fetchWorker('/api/v1/settings', { headers: { ...json, ...(await adminHeaders()) } })).status).toBe(200)
  })

  it('a body over its limit', async () => {
    expect((await post('/api/v1/sessions', `{"token":"${'x'.repeat(70_000)}"}`)).status).toBe(413)
  })

  it('a host that is not configured, also with a session', async () => {
    const response = await fetchUrl('http://192.168.1.7:8787/overview', { headers: await adminHeaders() })
    expect(await response.json()).toMatchObject({ status: 403, type: '/problems/host-not-allowed' })
  })
})

describe('what does not exist', () => {
  it('is 404 on the API, as a problem', async () => {
    const response = await fetchWorker('/api/v1/nowhere', { headers: await adminHeaders() })
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  })

  it('is 405 for another method, with the ones that are allowed', async () => {
    const response = await fetchWorker('/api/v1/settings', { method: 'PUT', headers: await adminHeaders() })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, PATCH'])
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })
})

describe('headers', () => {
  it.each(['/healthz', '/sign-in', '/api/v1/settings', '/nowhere'])('are strict on %s', async (path) => {
    const { headers } = await fetchWorker(path)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('strict-transport-security')).toContain('max-age=31536000')
  })
})

describe('keys', () => {
  it('let an importer import and nothing else', async () => {
    const headers = await keyHeaders('importer')
    expect((await fetchWorker('/api/v1/settings', { headers })).status).toBe(403)
  })

  it('answer 401 when they are made up', async () => {
    const headers = { Authorization: `Bearer plk_abc_${'x'.repeat(43)}` }
    expect((await fetchWorker('/api/v1/settings', { headers })).status).toBe(401)
  })
})
