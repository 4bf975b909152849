import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { locales } from '../../worker/i18n'
import type { Problem } from '../../worker/problem'
import { createSignInLink, deleteSpentCredentials, endLeaderAccess, listLeaderAccess, startSession } from '../../worker/services/access'
import { get, post, textAt } from './browsing'
import { adminClient, adminHeaders, clientWith, fetchWorker, keyHeaders, origin, services } from './client'
import { postJson } from './factories'

const minute = 60_000
const day = 24 * 60 * minute
const ago = (milliseconds: number) => services(new Date(Date.now() - milliseconds))

/** A leader who signed in then, and has not read anything since. */
async function aLeader(since = 0): Promise<{ headers: Record<string, string> }> {
  const { url } = await createSignInLink(ago(since), { role: 'reader', minutes: 60 })
  const { secret } = await startSession(ago(since), new URL(url).hash.slice(1))
  return { headers: { Cookie: `sid=${secret}`, Origin: origin } }
}
const reads = async ({ headers }: { headers: Record<string, string> }) => (await fetchWorker('/overview', { headers })).status === 200

describe('inviting a leader', () => {
  it('makes a link that is shown once, and signs one person in to read', async () => {
    const html = await (await post('/settings/leaders', { days: '3' })).text()
    const token = /\/sign-in#([\w-]{43})/.exec(html)?.[1] ?? ''
    expect(await textAt('/settings/leaders')).not.toContain(token)
    const signedIn = await postJson('/api/v1/sessions', { token })
    expect([signedIn.status, await signedIn.json()]).toEqual([201, { next: '/overview' }])
    expect((await postJson('/api/v1/sessions', { token })).status).toBe(403)
    const headers = { Cookie: signedIn.headers.get('set-cookie')?.split(';')[0] ?? '', Origin: origin }
    const overview = await (await fetchWorker('/overview', { headers })).text()
    expect(overview).toContain('action="/settings/session/end"')
    expect(overview).not.toMatch(/href="\/(settings|people|first-steps)"/)
    for (const path of ['/settings', '/settings/leaders', '/people', '/first-steps']) {
      expect([path, (await fetchWorker(path, { headers })).status]).toEqual([path, 403])
    }
    expect((await fetchWorker('/settings/leaders', { method: 'POST', headers, body: new URLSearchParams({ days: '7' }) })).status).toBe(403)
  })

  it.each(['', '30', '1.5', 'x'])('makes none for %j days', async (days) => {
    expect((await post('/settings/leaders', { days })).status).toBe(422)
    expect(await listLeaderAccess(services())).toEqual([])
  })

  it('keeps whom the link is for, as it was written and harmless to show, until the access ends', async () => {
    const made = await (await post('/settings/leaders', { days: '3', name: ' <b>Zo\u00eb</b>\u202e,\n the board ' })).text()
    const listed = '<th scope="row"><bdi>&lt;b&gt;Zo\u00eb&lt;/b&gt;, the board</bdi></th><td>'
    expect(await textAt('/settings/leaders')).toContain(`${listed}Link, not opened yet`)
    const token = /\/sign-in#([\w-]{43})/.exec(made)?.[1] ?? ''
    const headers = { Cookie: `sid=${(await startSession(services(), token)).secret}`, Origin: origin }
    expect(await textAt('/settings/leaders')).toContain(`${listed}Signed in`)
    expect(await (await fetchWorker('/overview', { headers })).text()).not.toContain('the board')
    const [way] = await listLeaderAccess(services())
    await endLeaderAccess(services(), way?.id ?? '')
    for (const table of ['sessions', 'sign_in_links']) {
      const { results } = await env.DB.prepare(`select * from ${table}`).all()
      expect([table, JSON.stringify(results).includes('the board')]).toEqual([table, false])
    }
  })

  it('need not say whom it is for, and comes back filled in where that is too long', async () => {
    expect((await post('/settings/leaders', { days: '3', name: ' \u200b ' })).status).toBe(200)
    expect(await textAt('/settings/leaders')).toContain('<th scope="row">Not said</th>')
    const refused = await post('/settings/leaders', { days: '7', name: 'x'.repeat(81) })
    const text = await refused.text()
    expect([refused.status, text.includes('id="name-why"'), text.includes('id="days-why"')]).toEqual([422, true, false])
    expect(text).toContain(`value="${'x'.repeat(81)}"`)
    expect(text).toContain('<option value="7" selected="">')
    expect(await listLeaderAccess(services())).toHaveLength(1)
  })

  it('makes links that end when they said they would', async () => {
    const { url } = await createSignInLink(ago(3 * day + minute), { role: 'reader', minutes: 3 * 24 * 60 })
    await expect(startSession(services(), new URL(url).hash.slice(1))).rejects.toThrow('new link')
  })
})

describe('the session of a leader', () => {
  it.each([
    [6 * day, true],
    [8 * day, false],
  ])('that nothing was read in for %i ms lives: %s', async (idle, lives) => {
    const leader = await aLeader(idle)
    expect(await reads(leader)).toBe(lives)
  })

  it('ends after 30 days, however much was read', async () => {
    const leader = await aLeader(31 * day)
    await env.DB.prepare('update sessions set last_seen_at = ?').bind(Date.now()).run()
    expect(await reads(leader)).toBe(false)
    await deleteSpentCredentials(services(new Date(Date.now() + 2 * day)), 100)
    expect(await env.DB.prepare('select count(*) as n from sessions').first('n')).toBe(0)
  })

  it('outlives an administrator’s, which is swept meanwhile', async () => {
    const leader = await aLeader(2 * day)
    await adminHeaders() // signing in sweeps what has ended
    expect(await reads(leader)).toBe(true)
  })

  it('is listed and ended by an administrator, whose own cannot be ended so', async () => {
    const leader = await aLeader()
    await createSignInLink(services(), { role: 'reader', minutes: 60 })
    for (const locale of locales) expect(await textAt(`/settings/leaders?lang=${locale}`)).not.toMatch(/style=|undefined|\bNaN\b|\[object/)
    const ways = await listLeaderAccess(services())
    expect(ways.map(({ state }) => state.kind)).toEqual(['invited', 'signed-in'])
    for (const { id } of ways) expect((await post(`/settings/leaders/${id}/end`, {})).status).toBe(303)
    expect([await reads(leader), await listLeaderAccess(services())]).toEqual([false, []])

    const admin = await adminHeaders()
    const { results } = await env.DB.prepare("select token_hash as id from sessions where role = 'admin'").all<{ id: string }>()
    expect(results.length).toBeGreaterThan(0)
    for (const { id } of results) await expect(endLeaderAccess(services(), id)).rejects.toThrow('no such access')
    expect((await fetchWorker('/settings', { headers: admin })).status).toBe(200)
    expect((await get('/settings/leaders')).status).toBe(200)
  })
})

describe('leaders over the API', () => {
  it('are let in by a link that is shown once, listed with whom it is for, and shut out', async () => {
    const client = await adminClient()
    const answer = await client.leaders.$post({ json: { days: 3, name: ' Ann Lee, board ' } })
    const { url, ...invited } = await answer.json()
    expect([answer.status, invited]).toEqual([
      201,
      { id: expect.any(String), name: 'Ann Lee, board', state: 'invited', until: expect.any(String), sinceDay: null, lastReadDay: null },
    ])
    const list = async () => (await client.leaders.$get()).text()
    expect(JSON.parse(await list())).toEqual({ items: [invited], next: null })
    const token = new URL(url).hash.slice(1)
    const { secret } = await startSession(services(), token)
    const today = new Date().toISOString().slice(0, 10)
    const session = { ...invited, state: 'signed-in', until: null, sinceDay: today, lastReadDay: today }
    expect(JSON.parse(await list())).toEqual({ items: [session], next: null })
    expect(await list()).not.toMatch(new RegExp(`${token}|${secret}|T\\d\\d:`))
    const leader = { headers: { Cookie: `sid=${secret}`, Origin: origin } }
    expect((await fetchWorker('/api/v1/leaders', leader)).status).toBe(403)
    const end = async (id: string) => (await client.leaders[':id'].$delete({ param: { id } })).status as number
    expect([await reads(leader), await end(invited.id), await reads(leader)]).toEqual([true, 204, false])
    expect(await end(invited.id)).toBe(404)
    const { results } = await env.DB.prepare("select token_hash as id from sessions where role = 'admin'").all<{ id: string }>()
    expect(await end(results[0]?.id ?? '')).toBe(404)
  })

  it.each<[object, string[]]>([
    [{}, ['#/days']],
    [{ days: 2 }, ['#/days']],
    [{ days: '3', name: null }, ['#/days', '#/name']],
    [{ days: 3, name: 'x'.repeat(81) }, ['#/name']],
    [{ days: 3, role: 'admin' }, ['#/role']],
  ])('refuse %j by name', async (json, pointers) => {
    const client = await adminClient()
    const refused = await client.leaders.$post({ json: json as { days: 3 } })
    const problem = (await refused.json()) as unknown as Problem
    expect([refused.status as number, problem.errors?.map(({ pointer }) => pointer)]).toEqual([422, pointers])
    expect(await listLeaderAccess(services())).toEqual([])
  })

  it('are for administrators', async () => {
    const reader = clientWith(await keyHeaders('reader'))
    expect([(await reader.leaders.$get()).status, (await reader.leaders.$post({ json: { days: 3 } })).status as number]).toEqual([403, 403])
  })
})
