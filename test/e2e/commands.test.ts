import { chmodSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { bareHome, databaseFiles, emptyHome, freePort, newHome, run, type Server, signIn, startServer } from './server'
import { type Traces, vote } from './voter'

describe('a running server', () => {
  let server: Server
  beforeAll(async () => {
    server = await startServer(bareHome())
  })
  afterAll(() => server.stop())

  it('prints where to go, one a line', () => {
    expect(server.output()).toContain(`Dashboard: ${server.url}/\nSign in: ${server.url}/sign-in#`)
    expect(server.output()).not.toContain('Survey:')
  })

  it('made secrets that only their owner can read', () => {
    const file = join(server.home, '.dev.vars')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const text = readFileSync(file, 'utf8')
    expect(Buffer.from(/^KEK="(.+)"$/m.exec(text)?.[1] ?? '', 'base64')).toHaveLength(32)
    expect(/^OPERATOR_TOKEN="(.+)"$/m.exec(text)?.[1]).toMatch(/^[\w-]{43}$/)
    for (const database of databaseFiles(server.home)) expect(statSync(database).mode & 0o077).toBe(0)
  })

  it('lets its sign-in link in once', async () => {
    const headers = await signIn(server)
    expect((await fetch(`${server.url}/api/v1/settings`, { headers })).status).toBe(200)
    await expect(signIn(server)).rejects.toThrow('sign-in-link-spent')
  })

  const doors = [
    '/cdn-cgi/explorer',
    '/cdn-cgi/explorer/api/d1/database',
    '/cdn-cgi/local/explorer',
    '/cdn-cgi/local/explorer/api',
    '/cdn-cgi/local/platform-proxy',
    '/cdn-cgi/local/scheduled',
    '/cdn-cgi/local/email',
    '/cdn-cgi/local/r2/public',
    '/cdn-cgi/handler/scheduled',
    '/cdn-cgi/mf/scheduled',
    '/cdn-cgi/mf/reload',
    '/__scheduled',
  ]

  it.each(doors)('answers %s itself, with 404', async (path) => {
    const { port, host } = new URL(server.url)
    for (const headers of [
      {},
      { Host: `localhost:${port}` },
      { Host: 'localhost' },
      { Host: host, 'MF-Original-URL': `http://localhost${path}`, 'MF-Op': 'GET', 'MF-Op-Target': '0' },
      { Host: host, 'MF-Route-Override': 'plumbline', 'MF-CF-Blob': '{}', 'X-Forwarded-Proto': 'https' },
    ]) {
      for (const method of ['GET', 'POST']) {
        const answer = await ask(server.url + path, { method, headers })
        expect([answer.status, answer.headers['content-type']]).toEqual([404, 'application/problem+json'])
        expect(JSON.parse(answer.body.toString())).toMatchObject({ type: '/problems/not-found' })
      }
    }
  })

  it('believes no header about the address that was asked for', async () => {
    const spoofed = { Host: 'evil.example', 'MF-Original-URL': `${server.url}/sign-in`, 'X-Forwarded-Host': 'localhost' }
    for (const path of ['/sign-in', '/cdn-cgi/local/explorer']) {
      expect((await ask(server.url + path, { headers: spoofed })).status).toBe(403)
    }
  })

  it.runIf(process.platform === 'linux')('keeps the simulator’s own sockets closed', async () => {
    const { runtime } = JSON.parse(readFileSync(join(server.home, '.wrangler', 'state', 'plumbline.json'), 'utf8'))
    const sockets = listening(runtime.pid)
    expect(sockets.map(({ address }) => address)).toEqual(sockets.map(() => '127.0.0.1'))
    const others = sockets.filter(({ port }) => `http://127.0.0.1:${port}` !== server.url)
    expect(others).toHaveLength(1)
    for (const { port } of others) {
      for (const override of ['edge', 'plumbline', 'core:entry']) {
        const headers = { 'MF-Route-Override': override, 'MF-Original-URL': `${server.url}/sign-in` }
        expect((await ask(`http://127.0.0.1:${port}/sign-in`, { headers })).status).toBe(404)
      }
      expect((await ask(`http://127.0.0.1:${port}/cdn-cgi/local/explorer`, {})).status).toBe(404)
      const proxied = await ask(`http://127.0.0.1:${port}/cdn-cgi/local/platform-proxy`, {
        headers: { 'MF-Op': 'GET', 'MF-Op-Target': '1' },
      })
      expect(proxied.status).toBeGreaterThanOrEqual(400)
    }
  })

  it('cannot be reached from another machine', async () => {
    const address = Object.values(networkInterfaces())
      .flatMap((entries) => entries ?? [])
      .find((entry) => !entry.internal && entry.family === 'IPv4')
    if (address) await expect(ask(`http://${address.address}:${new URL(server.url).port}/`, {})).rejects.toThrow('ECONNREFUSED')
  })

  it('serves assets with their headers, compressed, and once', async () => {
    const plain = await ask(`${server.url}/assets/sign-in.js`, {})
    expect(plain.status).toBe(200)
    expect(plain.headers['content-security-policy']).toContain("default-src 'none'")
    const packed = await ask(`${server.url}/assets/sign-in.js`, { headers: { 'Accept-Encoding': 'gzip, br' } })
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(packed.body)).toEqual(plain.body)
    const again = await ask(`${server.url}/assets/sign-in.js`, { headers: { 'If-None-Match': packed.headers.etag ?? '' } })
    expect([again.status, again.body.length]).toEqual([304, 0])
  })

  it('ticks', async () => {
    const heartbeat = async () => JSON.parse((await ask(`${server.url}/readyz`, {})).body.toString()).heartbeatAgeSeconds as number | null
    await expect.poll(heartbeat).not.toBeNull()
  })

  it('is the only one on its database', async () => {
    const second = await run('serve', ['--port', String(await freePort())], server.home)
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining(`already runs on this database, at ${server.url}`) })
    expect(second.output).not.toContain('    at ')
    const reset = await run('reset', ['--yes'], server.home)
    expect(reset).toMatchObject({ code: 1, output: expect.stringContaining('Stop it first') })
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })
})

describe('starting', () => {
  it('names a taken port and how to choose another', async () => {
    const port = await freePort()
    const other = createServer().listen(port, '127.0.0.1')
    onTestFinished(() => void other.close())
    const { code, output } = await run('serve', ['--port', String(port)], bareHome())
    expect({ code, output }).toEqual({ code: 1, output: `Port ${port} is taken. Choose another: npm start -- --port ${port + 1}\n` })
  })

  it.each([['--port', '0'], ['--port', '70000'], ['--port=abc'], ['--prot', '1']])('refuses %s %s', async (...args) => {
    const { code, output } = await run('serve', args.filter(Boolean), bareHome())
    expect(code).toBe(1)
    expect(output).toMatch(/^.+npm start -- --port 8788\n$/)
  })

  it('makes secrets private again that were not', async () => {
    const home = bareHome()
    const first = await startServer(home)
    await first.stop()
    const file = join(home, '.dev.vars')
    const secrets = readFileSync(file, 'utf8')
    chmodSync(file, 0o644)
    const second = await startServer(home)
    await second.stop()
    expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([0o600, secrets])
  })

  it('keeps the list of migrations where wrangler looks for it', async () => {
    const server = await startServer(bareHome())
    await server.stop()
    const [file = ''] = databaseFiles(server.home)
    const database = new DatabaseSync(file)
    const names = database
      .prepare('select name from d1_migrations order by id')
      .all()
      .map(({ name }) => name)
    database.close()
    expect(names).toEqual(
      readdirSync('migrations')
        .filter((name) => name.endsWith('.sql'))
        .sort(),
    )
  })
})

describe('stopping', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('leaves with 0 on %s, and takes its runtime along', async (signal) => {
    const server = await startServer(await emptyHome())
    process.kill(-(server.child.pid as number), signal) // the whole group, as Ctrl-C does
    const { code, output } = await server.stop(signal)
    expect([code, output]).toEqual([0, server.output()])
    expect(output).not.toMatch(/error| {4}at /i)
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
    expect(databaseFiles(server.home).map((path) => basename(path))).toEqual([expect.stringMatching(/\.sqlite$/)])
  })

  it('loses nothing when it is killed', async () => {
    const home = await emptyHome()
    const first = await startServer(home)
    const headers = await signIn(first)
    await fetch(`${first.url}/api/v1/events`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ day: '2026-11-01', name: 'SLA signed' }),
    })
    process.kill(-(first.child.pid as number), 'SIGKILL')
    await first.stop('SIGKILL')
    const second = await startServer(home, Number(new URL(first.url).port))
    const events = await fetch(`${second.url}/api/v1/events`, { headers })
    expect(JSON.stringify(await events.json())).toContain('SLA signed')
    expect((await second.stop()).code).toBe(0)
  })

  it('ends a runtime whose server was killed, so that the next start has the port', async () => {
    const home = await emptyHome()
    const first = await startServer(home)
    const { pid } = JSON.parse(readFileSync(join(home, '.wrangler', 'state', 'plumbline.json'), 'utf8'))
    process.kill(pid, 'SIGKILL')
    expect((await first.stop()).code).toBe(1)
    const second = await startServer(home, Number(new URL(first.url).port))
    expect((await second.stop()).code).toBe(0)
  })

  it('leaves no ballot of a closed round in any file', async () => {
    const server = await startServer(await emptyHome())
    const { roundId, traces, comment } = await aRoundWithBallots(server)
    const beforeClosing = bytesOf(server.home)
    expect(found(traces, beforeClosing)).toEqual({ tokens: 8, answers: 8, blindedHashes: 8 }) // they were there to be found
    expect(beforeClosing.includes(comment)).toBe(true)
    await api(server, 'POST', `/api/v1/rounds/${roundId}/closure`)
    await server.stop()
    const afterwards = bytesOf(server.home)
    expect(found(traces, afterwards)).toEqual({ tokens: 0, answers: 0, blindedHashes: 0 })
    expect(afterwards.includes(comment)).toBe(false)
  })

  it('leaves none at the next stop either, when the server was killed after closing', async () => {
    const server = await startServer(await emptyHome())
    const { roundId, traces, comment } = await aRoundWithBallots(server)
    await api(server, 'POST', `/api/v1/rounds/${roundId}/closure`)
    process.kill(-(server.child.pid as number), 'SIGKILL')
    await server.stop('SIGKILL')
    const next = await startServer(server.home)
    const running = bytesOf(server.home)
    expect([found(traces, running), running.includes(comment)]).toEqual([{ tokens: 0, answers: 0, blindedHashes: 0 }, false])
    await next.stop()
  })
})

describe('reset', () => {
  it('asks first, and takes nothing but yes for it', async () => {
    const home = await emptyHome()
    for (const answer of ['', 'no\n', 'y\n']) {
      const { code, output } = await run('reset', [], home, answer)
      expect([code, output]).toEqual([1, expect.stringContaining('Nothing was deleted.')])
      expect(databaseFiles(home)).toHaveLength(1)
    }
    expect((await run('reset', [], home, 'yes\n')).code).toBe(0)
    expect(databaseFiles(home)).toEqual([])
  })

  it('keeps the secrets', async () => {
    const home = await emptyHome()
    expect((await run('reset', ['--yes'], home)).code).toBe(0)
    expect(readdirSync(home)).toContain('.dev.vars')
    expect((await run('reset', ['--yes'], newHome())).code).toBe(0) // nothing there is no failure
  })
})

interface Answer {
  status: number
  headers: Record<string, string | undefined>
  body: Buffer
}

/** Like fetch, but any header can be sent, and nothing is unpacked. */
function ask(url: string, options: { method?: string; headers?: Record<string, string> }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers as Answer['headers'], body: Buffer.concat(chunks) }),
      )
    })
      .on('error', reject)
      .end()
  })
}

/** The addresses that a process listens on, from Linux's own tables. */
function listening(pid: number): { address: string; port: number }[] {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return []
      }
    }),
  )
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === '0A' && own.has(columns[9] ?? ''))
      .map((columns) => {
        const [address = '', port = ''] = columns[1]?.split(':') ?? []
        return { address: address === '0100007F' ? '127.0.0.1' : address, port: Number.parseInt(port, 16) }
      }),
  )
}

async function api<T>(server: Server, method: string, path: string, body?: string, type = 'application/json'): Promise<T> {
  const headers = { ...(await session(server)), ...(body ? { 'Content-Type': type } : {}) }
  const response = await fetch(server.url + path, { method, headers, ...(body ? { body } : {}) })
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}

const sessions = new WeakMap<Server, Promise<Record<string, string>>>()
const session = (server: Server) => sessions.get(server) ?? sessions.set(server, signIn(server)).get(server)

/** Six people each in Sales and Marketing; all of Sales answer and two of Marketing, too few for their words to be published. */
async function aRoundWithBallots(server: Server): Promise<{ roundId: string; traces: Traces[]; comment: string }> {
  const people = ['sales', 'marketing'].flatMap((side) =>
    [1, 2, 3, 4, 5, 6].map((n) => `${side}${n}@acme.example,${side} ${n},${side},${side},en`),
  )
  await api(
    server,
    'POST',
    '/api/v1/people/imports?dryRun=false&mode=partial',
    ['email,name,team,side,locale', ...people].join('\n'),
    'text/csv',
  )
  const { id: roundId } = await api<{ id: string }>(server, 'POST', '/api/v1/rounds', JSON.stringify({ period: '2026-11' }))
  const { invitations } = await api<{ invitations: { email: string; url: string }[] }>(server, 'POST', `/api/v1/rounds/${roundId}/opening`)
  const comment = 'Nobody else would say it in these words.'
  const voters = invitations.filter(({ email }) => email.startsWith('sales') || /^marketing[12]@/.test(email))
  const traces: Traces[] = []
  for (const { email, url } of voters) traces.push(await vote(url, email.startsWith('marketing1') ? comment : null))
  return { roundId, traces, comment }
}

/** Everything that the server keeps, except what it was given to keep: secrets. */
const bytesOf = (home: string) => Buffer.concat(databaseFiles(home).map((path) => readFileSync(path)))

const found = (traces: Traces[], bytes: Buffer) => ({
  tokens: traces.filter(({ token }) => bytes.includes(Buffer.from(token))).length,
  answers: traces.filter(({ answers }) => bytes.includes(Buffer.from(answers))).length,
  blindedHashes: traces.filter(({ blindedHash }) => bytes.includes(Buffer.from(blindedHash))).length,
})
