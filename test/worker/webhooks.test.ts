/** What other systems are told: once a result is published, signed, again until it arrived, and never anything else. */

import { env } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { rounds } from '../../worker/db/schema'
import type { Problem } from '../../worker/problem'
import type { ServiceContext } from '../../worker/services/context'
import { addWebhook, listWebhooks, retryMessage, runWebhooks } from '../../worker/services/webhooks'
import { formAt, get, post, textAt } from './browsing'
import { adminClient, clientWith, fetchWorker, keyHeaders, services } from './client'
import { closeRound } from './scored-rounds'

const url = 'https://hooks.acme.example/plumbline'
const minute = 60_000

/** Of this machine, of a network, without TLS, with a password, on another port, or none at all. */
const badAddresses = [
  '',
  'hooks',
  'http://hooks.acme.example/',
  'https://127.0.0.1/',
  'https://10.0.0.5/',
  'https://[::1]/',
  'https://2130706433/',
  'https://localhost/',
  'https://db.internal/',
  'https://a:b@hooks.acme.example/',
  'https://hooks.acme.example:8443/',
  'file:///etc/passwd',
  `https://hooks.acme.example/${'a'.repeat(500)}`,
]

interface Request {
  url: string
  headers: Headers
  body: string
  redirect: string | undefined
}

/** A receiver that answers with these, one after the other, and then with 204. */
function receiver(...answers: (number | Error)[]) {
  const requests: Request[] = []
  const fake = async (asked: RequestInfo | URL, init?: RequestInit) => {
    requests.push({ url: String(asked), headers: new Headers(init?.headers), body: String(init?.body), redirect: init?.redirect })
    const answer = answers.shift() ?? 204
    if (answer instanceof Error) throw answer
    return new Response(answer === 204 ? null : 'what it says', {
      status: answer,
      headers: answer === 302 ? { Location: 'https://other.example/' } : {},
    })
  }
  const at = (now: Date): ServiceContext => ({ ...services(now), fetch: fake as typeof fetch })
  return { requests, at }
}

/** A webhook, and a round that closed after it was set up. */
async function aClosing() {
  const { id, secret } = await addWebhook(services(new Date(Date.now() - minute)), url)
  await closeRound(1, '2026-10')
  await services()
    .db.update(rounds)
    .set({ closedAt: new Date('2026-10-25T16:00:00Z') })
  return { id, secret }
}

/** As the libraries of receivers do it, by another implementation. */
const isSignedWith = (secret: string, { headers, body }: Request) => {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const content = `${headers.get('webhook-id')}.${headers.get('webhook-timestamp')}.${body}`
  return headers.get('webhook-signature') === `v1,${createHmac('sha256', key).update(content).digest('base64')}`
}

describe('a round that closes', () => {
  it('is told once to each webhook, signed, with what was published and nothing else', async () => {
    const { secret } = await aClosing()
    await env.DB.prepare("update results set body = json_set(body, '$.comments', json_array('a remark'))").run()
    const { requests, at } = receiver()
    const now = new Date()
    const [first, second] = await Promise.all([runWebhooks(at(now)), runWebhooks(at(now))])
    await runWebhooks(at(new Date(now.getTime() + 60 * minute)))
    expect([first + second, requests.length]).toEqual([1, 1])
    const [request] = requests as [Request]
    expect(isSignedWith(secret, request)).toBe(true)
    expect(isSignedWith(secret, { ...request, body: request.body.replace('"number":1', '"number":2') })).toBe(false)
    expect(request.headers.get('webhook-timestamp')).toBe(String(Math.floor(now.getTime() / 1000)))
    const told = JSON.parse(request.body)
    expect(told).toMatchObject({ type: 'round.closed', timestamp: '2026-10-25T16:00:00.000Z' })
    expect(Object.keys(told.data).sort()).toEqual(['links', 'participation', 'round', 'score'])
    expect(told.data.round).toMatchObject({ number: 1, period: '2026-10' })
    expect(Object.keys(told.data.score).sort()).toEqual(['interval', 'revision', 'sinceBaseline', 'sinceLast', 'value'])
    expect(told.data.links.overview).toBe('http://127.0.0.1:8787/overview?round=1')
    expect(request.body).not.toContain('remark')
    const [hook] = await listWebhooks(services())
    expect(hook?.messages.map(({ state, attempts, error }) => [state, attempts, error])).toEqual([['sent', 1, null]])
  })

  it('is not told where it was published before, is old, has not closed, or belongs to the sample', async () => {
    const { requests, at } = receiver()
    await closeRound(1, '2026-09')
    await addWebhook(services(new Date(Date.now() + minute)), url)
    await services().db.insert(rounds).values({ id: 'next', number: 3, period: '2026-11', state: 'scheduled' })
    expect(await runWebhooks(at(new Date(Date.now() + 2 * minute)))).toBe(0)
    await env.DB.prepare('update webhooks set created_at = 0').run()
    await env.DB.prepare('insert into settings (key, value) values (?, ?)')
      .bind('sample', JSON.stringify({ state: 'loaded', step: 9, startedAt: 0, claimedAt: null }))
      .run()
    expect(await runWebhooks(at(new Date()))).toBe(0)
    await env.DB.prepare("delete from settings where key = 'sample'").run()
    expect(await runWebhooks(at(new Date(Date.now() + 8 * 24 * 60 * minute)))).toBe(0)
    expect(requests).toEqual([])
    expect(await runWebhooks(at(new Date()))).toBe(1)
  })

  it('is told again under the same id, over a day; then it waits until somebody sends it again', async () => {
    const { id } = await aClosing()
    const answers = [503, new TypeError('no network'), 302, 404, 500, 500, 500, 500]
    const { requests, at } = receiver(...answers)
    const start = Date.now()
    let minutes = 0
    for (const wait of [0, 1, 5, 30, 120, 300, 480, 504]) {
      if (wait > 0) expect(await runWebhooks(at(new Date(start + (minutes + wait - 0.5) * minute)))).toBe(0) // too early
      minutes += wait
      expect(await runWebhooks(at(new Date(start + minutes * minute)))).toBe(0)
    }
    expect([requests.length, minutes, new Set(requests.map(({ headers }) => headers.get('webhook-id'))).size]).toEqual([8, 1440, 1])
    expect(requests.every(({ url: asked, redirect }) => asked === url && redirect === 'manual')).toBe(true)
    expect(await runWebhooks(at(new Date(start + 3000 * minute)))).toBe(0)
    const page = await textAt('/settings/webhooks')
    expect(page).toContain('Did not arrive')
    expect(page).toContain('The receiver answered 500.')
    expect(page).not.toContain('what it says')
    const action = /\/settings\/webhooks\/[^/"]+\/messages\/[^/"]+\/retry/.exec(page)?.[0] ?? ''
    expect((await post(action, {})).status).toBe(303)
    expect(await runWebhooks(at(new Date(Date.now() + minute)))).toBe(1)
    expect(await retryMessage(services(), id, 'unknown').catch((error) => error.code)).toBe('not-found')
  })

  it('is not told any more where the receiver says 410, or its address may not be asked any more', async () => {
    await aClosing()
    const gone = receiver(410)
    await runWebhooks(gone.at(new Date()))
    expect((await listWebhooks(services()))[0]?.messages[0]).toMatchObject({ state: 'failed', error: 'status-410' })
    await env.DB.prepare("update webhooks set url = 'https://localhost/x'").run()
    await env.DB.prepare("update dispatches set state = 'waiting'").run()
    const local = receiver()
    await runWebhooks(local.at(new Date()))
    expect([local.requests, (await listWebhooks(services()))[0]?.messages[0]?.error]).toEqual([[], 'host-refused'])
  })

  it('is told again where whoever told it died on the way, and by one of those who find that', async () => {
    await aClosing()
    const { requests, at } = receiver()
    const late = new Date(Date.now() + 30 * minute)
    await runWebhooks(receiver(500).at(new Date()))
    await env.DB.prepare("update dispatches set state = 'sending', leased_until = ?, fence = 7")
      .bind(Date.now() + 10 * minute)
      .run()
    expect(await runWebhooks(at(new Date()))).toBe(0)
    const sent = await Promise.all([runWebhooks(at(late)), runWebhooks(at(late))])
    expect([sent[0] + sent[1], requests.length]).toEqual([1, 1])
  })
})

describe('the page of webhooks', () => {
  it('takes an address, shows its secret once, and stores it sealed', async () => {
    const made = await (await post('/settings/webhooks', { url })).text()
    const secret = /whsec_[\w+/=]+/.exec(made)?.[0] ?? 'none'
    expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32)
    const page = await textAt('/settings/webhooks')
    expect(page).toContain(url)
    expect(page).not.toContain('whsec_')
    const { results } = await env.DB.prepare('select * from webhooks').all()
    expect(JSON.stringify(results)).not.toContain(secret.slice('whsec_'.length))
    const action = /\/settings\/webhooks\/[\w-]+\/removal/.exec(page)?.[0] ?? ''
    expect([(await post(action, {})).status, (await post(action, {})).status]).toEqual([303, 303])
    expect(await listWebhooks(services())).toEqual([])
  })

  it('refuses addresses of this machine, of a network, without TLS and with a password, and keeps what was typed', async () => {
    for (const address of badAddresses) {
      const response = await post('/settings/webhooks', { url: address })
      const text = await response.text()
      expect([address, response.status, text.includes('id="url-why"')]).toEqual([address, 422, true])
      if (address) expect(text).toContain(`value="${address}"`)
    }
    expect(await listWebhooks(services())).toEqual([])
    for (let index = 0; index < 5; index++) await addWebhook(services(), `${url}/${index}`)
    expect((await post('/settings/webhooks', { url })).status).toBe(422)
    expect(await formAt('/settings/webhooks')).not.toHaveProperty('url')
  })

  it('is for administrators', async () => {
    expect((await get('/settings/webhooks')).status).toBe(200)
    const reader = await keyHeaders('reader')
    expect((await fetchWorker('/settings/webhooks', { headers: reader })).status).toBe(403)
    expect((await fetchWorker('/settings/webhooks', { method: 'POST', headers: reader })).status).toBe(403)
  })
})

describe('webhooks over the API', () => {
  it('are added with a secret that is shown once, listed, and deleted', async () => {
    const client = await adminClient()
    const answer = await client.webhooks.$post({ json: { url: ` ${url} ` } })
    const { secret, ...made } = await answer.json()
    expect([answer.status, made.url, Buffer.from(secret.slice('whsec_'.length), 'base64').length]).toEqual([201, url, 32])
    const list = await (await client.webhooks.$get()).text()
    expect(JSON.parse(list)).toEqual({ items: [made], next: null })
    expect(list).not.toMatch(/whsec_|v1\./)
    expect(await textAt('/settings/webhooks')).toContain(`id="webhook-${made.id}"`)
    const remove = async () => (await client.webhooks[':id'].$delete({ param: { id: made.id } })).status as number
    expect([await remove(), await remove(), await listWebhooks(services())]).toEqual([204, 404, []])
  })

  it('are refused by name where the address cannot be asked, and where there are five', async () => {
    const client = await adminClient()
    const refusalOf = async (json: object) => {
      const answer = await client.webhooks.$post({ json: json as { url: string } })
      const { errors } = (await answer.json()) as unknown as Problem
      return [answer.status as number, errors?.map(({ pointer }) => pointer), errors?.every(({ detail }) => detail.length > 10)]
    }
    for (const address of badAddresses) expect([address, ...(await refusalOf({ url: address }))]).toEqual([address, 422, ['#/url'], true])
    for (const json of [{}, { url: null }, { url: 7 }]) expect(await refusalOf(json)).toEqual([422, ['#/url'], true])
    expect(await refusalOf({ url, secret: 'whsec_AAAA' })).toEqual([422, ['#/secret'], true])
    expect(await listWebhooks(services())).toEqual([])
    for (let index = 0; index < 5; index++) await addWebhook(services(), `${url}/${index}`)
    expect(await refusalOf({ url })).toEqual([422, ['#/url'], true])
  })

  it('are tested, signed, with what became of it', async () => {
    const client = await adminClient()
    const { id, secret } = await addWebhook(services(), url)
    const { requests, at } = receiver(204, 302, new TypeError('no network'))
    const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(at(new Date()).fetch)
    const tested = async (param: { id: string }) => (await client.webhooks[':id'].tests.$post({ param })).json()
    expect([await tested({ id }), await tested({ id }), await tested({ id })]).toEqual([
      { sent: true, code: null, status: 204 },
      { sent: false, code: 'redirected', status: 302 },
      { sent: false, code: 'unreachable', status: null },
    ])
    expect(await tested({ id: 'unknown' })).toMatchObject({ status: 404 })
    fetching.mockRestore()
    expect(requests.map((request) => [request.url, isSignedWith(secret, request)])).toEqual(Array(3).fill([url, true]))
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({ type: 'webhook.test', data: {} })
  })

  it('list what they were told as the page does, and send what failed again, each its own', async () => {
    const client = await adminClient()
    const { id } = await aClosing()
    const other = await addWebhook(services(), `${url}/other`)
    await runWebhooks(receiver(410).at(new Date()))
    const listed = async (param: { id: string }) => (await client.webhooks[':id'].messages.$get({ param })).json()
    const { items } = await listed({ id })
    const [message] = items
    expect(items).toEqual([
      {
        id: expect.stringMatching(/^msg_/),
        roundId: expect.any(String),
        state: 'failed',
        code: 'status',
        status: 410,
        attempts: 1,
        createdAt: expect.any(String),
        dueAt: null,
        sentAt: null,
      },
    ])
    expect([await listed(other), await listed({ id: 'unknown' })]).toMatchObject([{ items: [], next: null }, { status: 404 }])
    const again = (of: string) =>
      client.webhooks[':id'].messages[':messageId'].attempts.$post({ param: { id: of, messageId: message?.id ?? '' } })
    expect((await again(other.id)).status).toBe(404)
    const queued = await again(id)
    expect([queued.status, await queued.json()]).toMatchObject([202, { id: message?.id, state: 'waiting', attempts: 0 }])
    expect((await again(id)).status).toBe(404)
    expect(await runWebhooks(receiver().at(new Date(Date.now() + minute)))).toBe(1)
    expect((await listed({ id })).items[0]).toMatchObject({ state: 'sent', code: null, status: null, sentAt: expect.any(String) })
  })

  it('are for administrators', async () => {
    const reader = clientWith(await keyHeaders('reader'))
    expect([(await reader.webhooks.$get()).status, (await reader.webhooks.$post({ json: { url } })).status as number]).toEqual([403, 403])
  })
})
