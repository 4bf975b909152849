import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { locales } from '../../worker/i18n'
import { createSignInLink, deleteSpentCredentials, endLeaderAccess, listLeaderAccess, startSession } from '../../worker/services/access'
import { get, post, textAt } from './browsing'
import { adminHeaders, fetchWorker, origin, services } from './client'
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
    for (const locale of locales) expect(await textAt(`/settings/leaders?lang=${locale}`)).not.toMatch(/style=|undefined|NaN|\[object/)
    const ways = await listLeaderAccess(services())
    expect(ways.map(({ state }) => state.kind)).toEqual(['invited', 'signed-in'])
    for (const { id } of ways) expect((await post(`/settings/leaders/${id}/end`, {})).status).toBe(303)
    expect([await reads(leader), await listLeaderAccess(services())]).toEqual([false, []])

    const admin = await adminHeaders()
    const { results } = await env.DB.prepare("select token_hash as id from sessions where role = 'admin'").all<{ id: string }>()
    for (const { id } of results) await endLeaderAccess(services(), id)
    expect((await fetchWorker('/settings', { headers: admin })).status).toBe(200)
    expect((await get('/settings/leaders')).status).toBe(200)
  })
})
