/** Invitations through a real mail server, over TLS, as the built Worker sends them; and through servers as they should not be. */
import { createHash } from 'node:crypto'
import { cpSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { aListener, aMailServer, authority, type Post, signIn } from './mail-server'
import { newHome } from './server'
import { type BuiltWorker, startWorker } from './worker'

beforeAll(() => void vi.stubEnv('NODE_EXTRA_CA_CERTS', authority))
afterAll(() => void vi.unstubAllEnvs())

const secretOf = (url: string) => new URL(url).hash.slice(1).split('.')[1] ?? ''
const minutes = (n: number) => new Date(Date.now() + n * 60_000)

describe('500 invitations', () => {
  it('reach everybody with one link that works, though the mail server is killed twice on the way', { timeout: 300_000 }, async () => {
    const post = await aMailServer()
    const worker = await startWorker(newHome())
    onTestFinished(async () => {
      await Promise.all([worker.stop(), post.kill()])
    })
    const { id, links } = await anOpenRound(worker, 500)
    await setUp(worker, { port: post.port })
    await worker.ask('POST', `/rounds/${id}/deliveries`)

    // First it has taken a message and dies before it says so, then it dies between two messages.
    post.atMessage = (index) => (index === 120 ? 'die-before-answer' : index === 300 ? 'die-after-answer' : 'take')
    let lives = 1
    for (let minute = 1; minute < 120 && (await progress(worker, id)).sent < 500; minute += 1) {
      await worker.tick(minutes(minute))
      const running = post.received.length < 121 || lives > 1
      if (!running || (post.received.length >= 301 && lives === 2)) {
        await worker.tick(minutes(++minute)) // nobody is there
        await post.start()
        lives++
      }
    }
    expect([lives, await progress(worker, id)]).toMatchObject([3, { sent: 500, waiting: 0, failed: 0 }])

    // Nobody got two links; the one that died half-way was told twice the same.
    const got = Map.groupBy(post.received, ({ to }) => to)
    expect(got.size).toBe(500)
    expect(post.received.length).toBe(501)
    for (const [to, mails] of got) expect(new Set(mails.map(({ raw }) => linkIn(raw)))).toEqual(new Set([links.get(to)]))
    const twice = [...got.values()].find((mails) => mails.length > 1) ?? []
    expect(new Set(twice.map(({ raw }) => headerOf(raw, 'Message-ID'))).size).toBe(1)

    // And the link is the one that the database knows, of one invitation each.
    const stored = await worker.rows<{ hash: string }>('select hex(token_hash) as hash from invitations')
    const sent = [...got.values()].map(([mail]) =>
      createHash('sha256')
        .update(secretOf(linkIn(mail?.raw ?? '')))
        .digest('hex')
        .toUpperCase(),
    )
    expect(stored.map(({ hash }) => hash).toSorted()).toEqual(sent.toSorted())
    expect(post.connections).toBeLessThan(20)
    expect(leaks(worker.output(), post.received[7]?.raw ?? '', [...links.keys()])).toEqual([])
  })
})

describe('a mail server', () => {
  const prepared = newHome()
  let round: Awaited<ReturnType<typeof anOpenRound>>
  let worker: BuiltWorker
  /** It takes a quarter of a minute until a server that says nothing is given up: that passes while the others are tried. */
  let silence: Promise<Progress>
  const aWorker = () => {
    const home = newHome()
    cpSync(prepared, home, { recursive: true })
    return startWorker(home)
  }
  beforeAll(async () => {
    const first = await startWorker(prepared)
    round = await anOpenRound(first, 12)
    await first.stop()
    const [listener, patient] = await Promise.all([aListener(() => {}), aWorker()])
    silence = sendThrough({ port: listener.port, security: 'none' }, patient).finally(() => {
      listener.close()
      return patient.stop()
    })
    silence.catch(() => {}) // until somebody asks
  })
  beforeEach(async () => {
    worker = await aWorker()
  })
  afterEach(() => worker.stop())

  const sendThrough = async (settings: Partial<Smtp> & { port: number }, by = worker) => {
    await setUp(by, settings)
    await by.ask('POST', `/rounds/${round.id}/deliveries`)
    await by.tick(minutes(1))
    return progress(by, round.id)
  }
  const aPost = async (options?: Parameters<typeof aMailServer>[0]): Promise<Post> => {
    const post = await aMailServer(options)
    onTestFinished(() => post.kill())
    return post
  }

  it('is spoken to over STARTTLS, too', async () => {
    const post = await aPost({ secure: false })
    expect(await sendThrough({ port: post.port, security: 'starttls' })).toMatchObject({ sent: 12, trouble: null })
    expect([post.received.length, post.connections]).toEqual([12, 1])
  })

  it('gets a message that every mailbox can read', async () => {
    const post = await aPost()
    await worker.ask('PATCH', '/settings', { organisationName: 'Ácme “Q4”' })
    await sendThrough({ port: post.port, fromName: 'Umfrage: Ácme', replyTo: 'help@acme.example' })
    const raw = post.received[0]?.raw ?? ''
    expect(headerOf(raw, 'List-Unsubscribe')).toMatch(/^<http:\/\/127\.0\.0\.1:8787\/stop\/[\w-]+\.[\w-]{22}>$/)
    expect(headerOf(raw, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click')
    expect(headerOf(raw, 'Message-ID')).toMatch(/^<[\w-]{22}@acme\.example>$/)
    expect(headerOf(raw, 'Reply-To')).toBe('help@acme.example')
    expect(headerOf(raw, 'Content-Type')).toMatch(/^multipart\/alternative/)
    expect(headerOf(raw, 'From')).toMatch(/=\?UTF-8\?.*<survey@acme\.example>$/)
    expect(raw.split(/\r?\n/).filter((line) => line.length > 998)).toEqual([])
    expect(partsOf(raw).map(({ type }) => type)).toEqual(['text/plain', 'text/html'])
    for (const { text } of partsOf(raw)) expect(text).toContain('Ácme “Q4”')
  })

  it('that refuses somebody costs nobody else an invitation, and says whom and why', async () => {
    const post = await aPost({
      onRcptTo: ({ address }, _session, done) =>
        address === 'person3@acme.example'
          ? done(Object.assign(new Error(`5.1.1 <${address}>: person3 unknown`), { responseCode: 550 }))
          : done(),
    })
    const { sent, failed, failures } = await sendThrough({ port: post.port })
    expect({ sent, failed }).toEqual({ sent: 11, failed: 1 })
    expect(leaks(worker.output(), post.received[0]?.raw ?? '', [...round.links.keys()])).toEqual([])
    expect(failures).toMatchObject([{ email: 'person3@acme.example', code: 'address-refused', reply: '550 5.1.1 <…>: … unknown' }])
  })

  it('that greylists is asked again', async () => {
    const seen = new Set<string>()
    const post = await aPost({
      onRcptTo: ({ address }, _session, done) => {
        if (seen.has(address)) return done()
        seen.add(address)
        return done(Object.assign(new Error('4.7.1 Greylisted, come back later'), { responseCode: 451 }))
      },
    })
    expect(await sendThrough({ port: post.port })).toMatchObject({ sent: 0, waiting: 12, failed: 0, trouble: null })
    await worker.tick(minutes(7))
    expect(await progress(worker, round.id)).toMatchObject({ sent: 12 })
  })

  it('that does not know the password is named, and left alone for an hour', async () => {
    const post = await aPost()
    await setUp(worker, { port: post.port }, 'wrong')
    await worker.ask('POST', `/rounds/${round.id}/deliveries`)
    for (const minute of [1, 10, 30]) await worker.tick(minutes(minute))
    expect(await progress(worker, round.id)).toMatchObject({ waiting: 12, trouble: { code: 'sign-in-refused' } })
    expect(post.connections).toBe(1)
    await setUp(worker, { port: post.port })
    await worker.tick(minutes(31))
    expect(await progress(worker, round.id)).toMatchObject({ sent: 12, trouble: null })
  })

  it('that offers no encryption where it was asked for gets neither a password nor a message', async () => {
    const post = await aPost({ secure: false, disabledCommands: ['STARTTLS'], authOptional: true })
    expect(await sendThrough({ port: post.port, security: 'starttls' })).toMatchObject({ sent: 0, waiting: 12, trouble: { code: 'tls' } })
    expect(post.received).toEqual([])
  })

  it('whose certificate nobody vouches for gets nothing', async () => {
    const post = await aPost({ key: undefined, cert: undefined } as never) // smtp-server has one of its own making
    expect(await sendThrough({ port: post.port })).toMatchObject({ sent: 0, waiting: 12, trouble: { code: 'unreachable' } })
    expect(post.received).toEqual([])
  })

  it.each([
    ['is not there', null, 'unreachable'],
    ['hangs up', (socket: import('node:net').Socket) => void socket.end(), 'unreachable'],
    ['speaks HTTP', (socket: import('node:net').Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'not-a-mail-server'],
    ['takes no more', (socket: import('node:net').Socket) => void socket.end('421 Too many connections\r\n'), 'server-busy'],
  ])('that %s is named, and everything waits', async (_name, talk, code) => {
    const listener = await aListener(talk ?? (() => {}))
    if (!talk) listener.close()
    onTestFinished(() => listener.close())
    const { sent, waiting, failed, trouble } = await sendThrough({ port: listener.port, security: 'none' })
    expect({ sent, waiting, failed, code: trouble?.code }).toEqual({ sent: 0, waiting: 12, failed: 0, code })
  })

  it('that says nothing is named, and everything waits', async () => {
    const { sent, waiting, failed, trouble } = await silence
    expect({ sent, waiting, failed, code: trouble?.code }).toEqual({ sent: 0, waiting: 12, failed: 0, code: 'timed-out' })
  })

  it('answers a test in its own words', async () => {
    const post = await aPost()
    await setUp(worker, { port: post.port })
    expect(await worker.ask('POST', '/delivery/tests', { way: 'email', address: 'ann@acme.example' })).toMatchObject({
      sent: true,
      reply: expect.stringMatching(/^250 /),
    })
    expect(post.received.map(({ to }) => to)).toEqual(['ann@acme.example'])
    expect(post.received[0]?.raw).not.toContain('/s/')
    await setUp(worker, { port: post.port }, 'wrong')
    expect(await worker.ask('POST', '/delivery/tests', { way: 'email', address: 'ann@acme.example' })).toMatchObject({
      sent: false,
      code: 'sign-in-refused',
    })
  })
})

// ── The world ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Smtp {
  host: string
  port: number
  security: 'tls' | 'starttls' | 'none'
  user: string
  from: string
  fromName: string
  replyTo: string
}

const setUp = (worker: BuiltWorker, settings: Partial<Smtp> & { port: number }, password = signIn.password) => {
  const user = settings.security === 'none' ? '' : signIn.user
  const smtp = { host: 'localhost', security: 'tls', user, from: 'survey@acme.example', fromName: 'Acme', replyTo: '', ...settings }
  return worker.ask('PATCH', '/delivery', { smtp, password })
}

interface Progress {
  sent: number
  waiting: number
  failed: number
  trouble: { code: string } | null
  failures: { email: string; code: string; reply: string }[]
}

const progress = (worker: BuiltWorker, id: string) => worker.ask<Progress>('GET', `/rounds/${id}/deliveries`)

/** Half of them in sales, half in marketing. @returns the links by address, as opening answered them */
async function anOpenRound(worker: BuiltWorker, people: number): Promise<{ id: string; links: Map<string, string> }> {
  const rows = Array.from({ length: people }, (_, n) => {
    const side = n % 2 === 0 ? 'sales' : 'marketing'
    return `person${n}@acme.example,Person ${n},${side},${side},en`
  })
  await worker.ask('POST', '/people/imports?dryRun=false&mode=partial', ['email,name,team,side,locale', ...rows].join('\n'), 'text/csv')
  const { id } = await worker.ask<{ id: string }>('POST', '/rounds', { period: '2026-11' })
  const { invitations } = await worker.ask<{ invitations: { email: string; url: string }[] }>('POST', `/rounds/${id}/opening`)
  return { id, links: new Map(invitations.map(({ email, url }) => [email, url])) }
}

// ── Reading mail ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A header, unfolded. */
const headerOf = (raw: string, name: string): string => {
  const head = raw.slice(0, raw.search(/\r?\n\r?\n/))
  return (new RegExp(`^${name}:(.*(?:\\r?\\n[ \\t].*)*)`, 'im').exec(head)?.[1] ?? '').replace(/\s*\r?\n[ \t]/g, ' ').trim()
}

function partsOf(raw: string): { type: string; text: string }[] {
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1] ?? ''
  return raw
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = '', ...body] = part.replace(/^\r?\n/, '').split(/\r?\n\r?\n/)
      const type = /Content-Type: ([^;\s]+)/i.exec(head)?.[1] ?? ''
      const encoding = /Content-Transfer-Encoding: (\S+)/i.exec(head)?.[1] ?? ''
      const text = body.join('\n\n')
      const bytes =
        encoding === 'base64' ? Buffer.from(text, 'base64') : Buffer.from(encoding === 'quoted-printable' ? unquoted(text) : text, 'latin1')
      return { type, text: bytes.toString('utf8') }
    })
}

const unquoted = (text: string) =>
  text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

const linkIn = (raw: string) => /https?:\/\/\S+\/s\/\S+/.exec(partsOf(raw)[0]?.text ?? '')?.[0] ?? ''

/** Addresses, links and words of a message that were printed. */
const leaks = (output: string, raw: string, addresses: readonly string[]) =>
  [...addresses, secretOf(linkIn(raw)), 'Message-ID', signIn.password, 'how well sales'].filter((text) => output.includes(text))
