/** Slack's interface as it answers, busy, strict and gone, from a real server on this machine. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { checkSlackToken, postToWebhook, sendSlackMessage } from '../../worker/services/slack'

interface Asked {
  method: string
  token: string | undefined
  body: string
}

let server: Server | undefined
afterEach(() => void server?.close())

/** @param answer to each request, in order of what is asked: status, headers, body */
async function aSlack(answer: (asked: Asked) => { status?: number; headers?: Record<string, string>; body: unknown }) {
  const log: Asked[] = []
  server = createServer(async (request, response) => {
    const asked = { method: request.url?.slice(1) ?? '', token: request.headers.authorization, body: await bodyOf(request) }
    log.push(asked)
    const { status = 200, headers = {}, body } = answer(asked)
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((ready) => server?.listen(0, '127.0.0.1', ready))
  const api = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  return { api, log, access: { fetch, api } }
}

const wellAnswered = ({ method }: Asked) => ({
  body:
    method === 'users.lookupByEmail'
      ? { ok: true, user: { id: 'U1' } }
      : method === 'conversations.open'
        ? { ok: true, channel: { id: 'D1' } }
        : { ok: true, ts: '1' },
})
const message = { email: 'ann+1@acme.example', text: 'Hello. https://plumb.example/s/r?lang=en#c1.secret' }

describe('a message by Slack', () => {
  it('goes to the person with the address, in a conversation of their own', async () => {
    const { access, log } = await aSlack(wellAnswered)
    expect(await sendSlackMessage(access, 'xoxb-token', message)).toEqual({ ok: true, reply: '' })
    expect(log.map(({ method }) => method)).toEqual(['users.lookupByEmail', 'conversations.open', 'chat.postMessage'])
    expect(new Set(log.map(({ token }) => token))).toEqual(new Set(['Bearer xoxb-token']))
    expect(log[0]?.body).toBe('email=ann%2B1%40acme.example')
    expect(JSON.parse(log[2]?.body ?? '')).toMatchObject({ channel: 'D1', text: message.text, unfurl_links: false })
  })

  it.each([
    ['users_not_found', { code: 'slack-unknown', scope: 'person', lasting: true }],
    ['invalid_auth', { code: 'slack-token', scope: 'server', lasting: true }],
    ['not_authed', { code: 'slack-token', scope: 'server', lasting: true }],
    ['missing_scope', { code: 'slack-token', scope: 'server', lasting: true }],
    ['fatal_error', { code: 'slack-refused', scope: 'person', lasting: false }],
  ])('that is answered with %s is told apart', async (error, failure) => {
    const { access, log } = await aSlack(() => ({ body: { ok: false, error } }))
    expect(await sendSlackMessage(access, 'xoxb-token', message)).toMatchObject({ ok: false, failure })
    expect(log).toHaveLength(1)
  })

  it('waits as long as Slack asks, whichever of its answers it is', async () => {
    for (const at of ['users.lookupByEmail', 'conversations.open', 'chat.postMessage']) {
      const { access } = await aSlack((asked) =>
        asked.method === at ? { status: 429, headers: { 'Retry-After': '90' }, body: '' } : wellAnswered(asked),
      )
      const sent = await sendSlackMessage(access, 'xoxb-token', message)
      expect([at, sent]).toEqual([
        at,
        { ok: false, failure: expect.objectContaining({ code: 'slack-busy', scope: 'server', retryAfterSeconds: 90 }) },
      ])
      server?.close()
    }
  })

  it('survives an answer that makes no sense, and none', async () => {
    const nonsense = await aSlack(() => ({ body: '<html>maintenance</html>' }))
    expect(await sendSlackMessage(nonsense.access, 'xoxb-token', message)).toMatchObject({
      failure: { code: 'slack-unreachable', lasting: false },
    })
    server?.close()
    const broken = await aSlack(() => ({ status: 503, body: 'x' }))
    expect(await checkSlackToken(broken.access, 'xoxb-token')).toMatchObject({ failure: { code: 'slack-unreachable' } })
    server?.close()
    expect(await sendSlackMessage(broken.access, 'xoxb-token', message)).toMatchObject({ failure: { code: 'slack-unreachable' } })
  })

  it('follows no redirection, which could lead anywhere', async () => {
    const elsewhere = await aSlack(() => ({ body: { ok: true } }))
    const target = server
    const { access } = await aSlack(() => ({ status: 302, headers: { Location: elsewhere.api }, body: '' }))
    expect(await sendSlackMessage(access, 'xoxb-token', message)).toMatchObject({ ok: false })
    expect(elsewhere.log).toEqual([])
    target?.close()
  })
})

describe('a channel', () => {
  it('is told, asks to wait, or is gone', async () => {
    const good = await aSlack(() => ({ body: 'ok' }))
    expect(await postToWebhook({ fetch }, `${good.api}/services/x`, 'It is open.')).toEqual({ ok: true, reply: '' })
    expect(good.log[0]?.body).toBe('{"text":"It is open."}')
    server?.close()
    const busy = await aSlack(() => ({ status: 429, headers: { 'Retry-After': '30' }, body: 'rate_limited' }))
    expect(await postToWebhook({ fetch }, busy.api, 'x')).toMatchObject({ failure: { code: 'slack-busy', retryAfterSeconds: 30 } })
    server?.close()
    const gone = await aSlack(() => ({ status: 404, body: 'no_service' }))
    expect(await postToWebhook({ fetch }, gone.api, 'x')).toMatchObject({
      failure: { code: 'slack-webhook', lasting: true, reply: '404 no_service' },
    })
  })
})

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
