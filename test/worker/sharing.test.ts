/** Shared links: what opens, what does not, and what a guest is shown. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { sharedPath } from '../../worker/core/sharing'
import { locales } from '../../worker/i18n'
import { addAction } from '../../worker/services/actions'
import { createShare, deleteSpentShares, listShares, revokeShare } from '../../worker/services/sharing'
import { post, textAt } from './browsing'
import { adminClient, adminHeaders, clientWith, fetchWorker, keyHeaders, services } from './client'
import { anOpenRound, closeNow } from './factories'
import { closeRound } from './scored-rounds'

const remark = 'Nobody reads the leads that we send'
const dayMilliseconds = 86_400_000

/** Rounds 1 and 2 with a score each. */
async function twoRounds(): Promise<void> {
  await closeRound(1, '2026-09')
  await closeRound(2, '2026-10', [6, 4, 4])
  const interval = '{"low":56,"high":64}'
  await env.DB.prepare("update scores set body = json_set(body, '$.value', 60 + number, '$.interval', json(?))").bind(interval).run()
}

/** A closed round whose result has a comment. */
async function aCommentedRound(): Promise<string> {
  const { round } = await anOpenRound()
  await closeNow(services(), round.id)
  await env.DB.prepare("update results set body = json_set(body, '$.comments', json_array(?))").bind(remark).run()
  return round.id
}

const shareOf = async (path: string, days = 30, now = new Date()) =>
  new URL((await createShare(services(now), { path, name: 'The board', days })).url).pathname

const read = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetchWorker(path, { headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** Without what differs by request. */
const lasting = (html: string) => html.replace(/nonce="[^"]*"/g, '').replaceAll(/action="[^"]*"/g, '')

describe('a shared link', () => {
  it('opens its page without a session, without a cookie, and with no way to change anything or to go on', async () => {
    const roundId = await aCommentedRound()
    for (const path of [
      '/overview',
      '/overview?round=1',
      '/kpis',
      '/kpis/funnel',
      '/kpis/sla',
      '/kpis/attribution',
      `/rounds/${roundId}`,
    ]) {
      const at = await shareOf(path)
      const { status, headers, text } = await read(at)
      expect([path, status]).toEqual([path, 200])
      expect(headers.get('set-cookie')).toBeNull()
      expect([headers.get('x-robots-tag'), text.includes('content="noindex, nofollow"')]).toEqual(['noindex, nofollow', true])
      expect(text).toMatch(/Shared with .The board/)
      const forms = [...text.matchAll(/<form [^>]*>/g)].map(([tag]) => tag)
      expect(forms).toEqual([`<form method="get" action="${at}" class="lang">`])
      const links = [...text.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href = '']) => href)
      expect(links.filter((href) => !href.startsWith('#') && !href.startsWith('/privacy?'))).toEqual([])
      expect(text).not.toMatch(/<nav|<button[^>]*type="submit"(?![^>]*>\s*↵)/)
      expect(text).not.toContain('/sources')
    }
  })

  it('shows what the page shows: the score, its interval and its verdict', async () => {
    await twoRounds()
    const inside = await textAt('/overview?round=2')
    const outside = await read(await shareOf('/overview?round=2'))
    const title = /<h1>(.*?)<\/h1>/.exec(inside)?.[1] ?? 'none'
    expect(outside.text).toContain(`<h1>${title}</h1>`)
    const drawn = /data-chart="([^"]*)"/.exec(inside)?.[1]
    expect(drawn).toBeTruthy()
    expect(outside.text).toContain(`data-chart="${drawn}"`)
  })

  it('never shows a comment or who agreed on an action, on the page and in what it embeds, in any language', async () => {
    const roundId = await aCommentedRound()
    const action = { text: 'Call within a day', salesOwner: 'Rosalind', marketingOwner: 'Percival', dueDay: null }
    await addAction(services(), roundId, action)
    expect(await textAt(`/rounds/${roundId}`)).toContain('Rosalind')
    expect(await textAt(`/rounds/${roundId}`)).toContain(remark)
    const at = await shareOf(`/rounds/${roundId}`)
    for (const locale of locales) {
      const { status, text } = await read(`${at}?lang=${locale}`)
      expect([status, text.includes(`<html lang="${locale}"`), text.includes(remark)]).toEqual([200, true, false])
      expect([text.includes(action.text), /Rosalind|Percival/.test(text)]).toEqual([true, false])
      const embedded = [...text.matchAll(/(?:src|href)="(\/[^"#]*)"/g)].map(([, address = '']) => address)
      expect(embedded.filter((address) => !/^\/(assets|icon\.svg|privacy)/.test(address))).toEqual([])
    }
    // What the page offers to those who are signed in is not the guest's.
    expect((await fetchWorker(`/api/v1/rounds/${roundId}/result.csv`)).status).toBe(401)
  })

  it('is one and the same refusal where it has expired, was revoked, is forged, cut off, or asks for another page', async () => {
    const expired = await shareOf('/overview', 1, new Date(Date.now() - 2 * dayMilliseconds))
    const revoked = await shareOf('/kpis')
    const [row] = (await listShares(services())).filter(({ path }) => path === '/kpis')
    await revokeShare(services(), row?.id ?? '')
    const [working, other] = [await shareOf('/overview'), await shareOf('/kpis/sla')]
    const [id = '', expiry = '', signature = ''] = working.slice('/shared/'.length).split('.')
    const later = (Number.parseInt(expiry, 36) + 86_400).toString(36)
    const foreign = other.split('.').at(-1) ?? ''
    const last = signature.at(-1) === 'A' ? 'B' : 'A'
    const wrong = [
      expired,
      revoked,
      `/shared/${id}.${later}.${signature}`, // longer than it was made for
      `/shared/${id}.${expiry}.${foreign}`, // the signature of another link
      `/shared/${id}.${expiry}.${signature.slice(0, -1)}${last}`,
      `/shared/${id}.${expiry}`,
      `/shared/${id}`,
      '/shared/',
      `${working}/people`,
      `${working}/kpis`,
    ]
    const answers = await Promise.all(wrong.map((at) => read(at)))
    expect(answers.map(({ status }) => status)).toEqual(wrong.map(() => 404))
    expect(new Set(answers.map(({ text }) => lasting(text))).size).toBe(1)
    expect(answers[0]?.text).toContain('This link does not work')
    expect((await read(working)).status).toBe(200)
  })

  it('gives no right to anything else: neither its token as a key nor a session of whoever opens it', async () => {
    const at = await shareOf('/overview')
    const token = at.slice('/shared/'.length)
    expect((await read('/api/v1/scores', { Authorization: `Bearer ${token}` })).status).toBe(401)
    const asAdmin = await read(at, await adminHeaders())
    expect(lasting(asAdmin.text)).toBe(lasting((await read(at)).text))
    expect((await fetchWorker(at, { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin' } })).status).toBe(405)
  })

  it('follows the latest round, or stays with its own', async () => {
    await twoRounds()
    const [latest, second] = [await shareOf('/overview'), await shareOf('/overview?round=2')]
    await closeRound(3, '2026-11')
    expect((await read(latest)).text).toContain('November 2026')
    const title = /<title>(.*?)<\/title>/.exec((await read(second)).text)?.[1]
    expect(title).toContain('October 2026')
  })
})

describe('what can be shared', () => {
  it('is a page of published figures and nothing else', () => {
    const good = {
      '/overview?round=3&lang=th#trend': '/overview?round=3',
      '/kpis/metrics/win_rate?grain=month': '/kpis/metrics/win_rate?grain=month',
      '/explore/themes/lead-quality?from=1': '/explore/themes/lead-quality?from=1',
      '/rounds/abc/comparison?with=def': '/rounds/abc/comparison?with=def',
    }
    for (const [given, path] of Object.entries(good)) expect(sharedPath(given)?.path).toBe(path)
    const bad = [
      '',
      'overview',
      '//evil.example/overview',
      '/\\evil.example',
      'https://evil.example/overview',
      '/people',
      '/settings',
      '/rounds',
    ]
    const more = [
      '/rounds/1/outbox',
      '/kpis/../people',
      '/kpis/setup',
      '/kpis/metrics/win_rate.csv',
      '/api/v1/scores',
      `/kpis?${'a'.repeat(700)}`,
    ]
    for (const path of [...bad, ...more]) expect([path, sharedPath(path)]).toEqual([path, undefined])
  })
})

describe('links', () => {
  it('are made on their page, shown once, listed, and end where somebody says so', async () => {
    await twoRounds()
    expect(await textAt('/overview')).toContain('href="/settings/sharing?path=%2Foverview#new"')
    expect(await textAt('/settings/sharing?path=%2Foverview%3Fround%3D2')).toContain('<option value="/overview?round=2" selected="">')
    expect(await textAt('/settings/sharing?path=%2Fpeople')).not.toContain('/people?')
    const made = await (await post('/settings/sharing', { path: '/overview?round=2', name: '<b>Board</b>', days: '7' })).text()
    const url = /id="new-link"[^>]*>\s*([^\s<]+)/.exec(made)?.[1] ?? ''
    expect((await read(new URL(url).pathname)).status).toBe(200)
    const listed = await textAt('/settings/sharing')
    expect(listed).toContain('&lt;b&gt;Board&lt;/b&gt;')
    expect(listed).not.toContain(new URL(url).pathname.split('.').at(-1))
    const action = /\/settings\/sharing\/[\w-]+\/revocation/.exec(listed)?.[0] ?? ''
    expect((await post(action, {})).status).toBe(303)
    expect((await post(action, {})).status).toBe(303)
    expect((await read(new URL(url).pathname)).status).toBe(404)
  })

  it('come back filled in where they are refused', async () => {
    const response = await post('/settings/sharing', { path: '/people', name: ' ', days: '91' })
    const text = await response.text()
    expect(response.status).toBe(422)
    for (const field of ['path', 'name', 'days']) expect(text).toContain(`id="${field}-why"`)
    expect(text).toContain('value="91"')
    const gone = await post('/settings/sharing', { path: '/rounds/unknown', name: 'Board', days: '30' })
    expect([gone.status, (await gone.text()).includes('id="path-why"')]).toEqual([422, true])
  })

  it('can be made, listed and ended by the API, by administrators only', async () => {
    const client = await adminClient()
    const answer = await client.shares.$post({ json: { path: '/kpis?grain=week&lang=ar', name: 'Board' } })
    const made = await answer.json()
    if (!('url' in made)) throw new Error('not made')
    expect([answer.status, made.path]).toEqual([201, '/kpis?grain=week'])
    const list = await client.shares.$get()
    expect(JSON.stringify(await list.json())).not.toContain('/shared/')
    expect((await client.shares[':id'].$delete({ param: { id: made.id } })).status).toBe(204)
    expect((await client.shares[':id'].$delete({ param: { id: made.id } })).status).toBe(404)
    const refused = await client.shares.$post({ json: { path: '/people', name: '', days: 0.5 } })
    expect([refused.status, ((await refused.json()) as { errors?: unknown[] }).errors?.length]).toEqual([422, 3])
    const reader = clientWith(await keyHeaders('reader'))
    expect((await reader.shares.$get()).status).toBe(403)
    expect((await fetchWorker('/settings/sharing', { headers: await keyHeaders('reader') })).status).toBe(403)
  })

  it('leave the list 30 days after their end', async () => {
    await shareOf('/kpis', 1, new Date(Date.now() - 40 * dayMilliseconds))
    await shareOf('/kpis', 1, new Date(Date.now() - 20 * dayMilliseconds))
    expect(await deleteSpentShares(services(), 10)).toBe(1)
    expect(await listShares(services())).toHaveLength(1)
  })
})
