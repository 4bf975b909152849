/** Servers that mean harm or are broken, asked by the built Worker in the real runtime, whose `fetch` unpacks and aborts for us. */
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bareHome } from './server'
import { type BuiltWorker, startWorker } from './worker'

const megabyte = 1024 * 1024
const table = 'id,created\na,2026-02-01\n'
const bomb = gzipSync(Buffer.alloc(200 * megabyte))
const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('id;created\nä;2026-02-01\n', 'utf16le')])

let given = 0
const seen: { path: string; authorization: string | undefined }[] = []

const answers: Record<string, RequestListener> = {
  '/good': (_, response) => response.writeHead(200, { 'Content-Type': 'text/csv', ETag: '"1"' }).end(table),
  '/packed': (_, response) => response.writeHead(200, { 'Content-Type': 'text/csv', 'Content-Encoding': 'gzip' }).end(gzipSync(table)),
  '/utf16': (_, response) => response.writeHead(200, { 'Content-Type': 'text/csv' }).end(utf16),
  '/bomb': (_, response) =>
    response.writeHead(200, { 'Content-Type': 'text/csv', 'Content-Encoding': 'gzip', 'Content-Length': bomb.byteLength }).end(bomb),
  '/endless': (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/csv' })
    const part = Buffer.alloc(65_536, 'a,')
    const more = () => {
      for (let fits = true; fits && !response.destroyed; given += part.byteLength) fits = response.write(part)
    }
    response.on('drain', more)
    more()
  },
  '/short': (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/csv', 'Content-Length': 5_000 })
    response.write(table)
    setTimeout(() => response.destroy(), 50)
  },
  '/torn': (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/csv', 'Content-Encoding': 'gzip' })
    const packed = gzipSync(Buffer.from(table.repeat(1_000)))
    response.end(packed.subarray(0, packed.byteLength - 20))
  },
  '/html': (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Sign in</title>'),
  '/nothing': (_, response) => response.writeHead(204).end(),
  '/away': (_, response) => response.writeHead(302, { Location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  '/itself': (_, response) => response.writeHead(302, { Location: '/itself' }).end(),
  '/inside': (_, response) => response.writeHead(302, { Location: 'http://localhost:8787/setup' }).end(),
  '/hop': (_, response) => response.writeHead(302, { Location: '/good' }).end(),
  '/busy': (_, response) => response.writeHead(429, { 'Retry-After': new Date(Date.now() + 120_000).toUTCString() }).end(),
}

describe('a source on a server that cannot be trusted', () => {
  let worker: BuiltWorker
  let server: Server
  let host: string

  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = request.url ?? ''
      seen.push({ path, authorization: request.headers.authorization })
      const answer = answers[path]
      if (answer) answer(request, response)
      else response.writeHead(404).end()
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    worker = await startWorker(bareHome(), { allowedHosts: [host] })
  }, 240_000)

  afterAll(async () => {
    await worker?.stop()
    server?.closeAllConnections()
    server?.close()
  })

  let source: string | undefined

  /** What a test of the connection says: null where it works. */
  async function failure(url: string): Promise<string | null> {
    const layouts = [{ name: 'Leads', lead: { id: 'id', createdAt: 'created' } }]
    const settings = { timeZone: 'UTC', currency: 'EUR', dateFormat: 'iso', url, layouts }
    const secret = { headerValue: 'a-token-of-a-source-0123456789' }
    if (source) await worker.ask('PATCH', `/sources/${source}`, { settings })
    else source = (await worker.ask<{ id: string }>('POST', '/sources', { name: 'Hostile', kind: 'csv-url', settings, secret })).id
    return worker.ask('POST', `/sources/${source}/connection-tests`).then(
      () => null,
      (error: Error) => /"code":\s*"([a-z-]+)"/.exec(error.message)?.[1] ?? error.message,
    )
  }

  it.each([
    ['/good', null],
    ['/packed', null],
    ['/utf16', null],
    ['/hop', null],
    ['/short', 'truncated'],
    ['/torn', 'truncated'],
    ['/html', 'not-a-table'],
    ['/nothing', 'not-a-table'],
    ['/away', 'host-refused'],
    ['/inside', 'host-refused'],
    ['/itself', 'redirect-refused'],
    ['/busy', 'rate-limited'],
    ['/missing', 'not-found'],
  ])('%s: %s', async (path, code) => {
    expect(await failure(`http://${host}${path}`)).toBe(code)
  })

  it('unpacks no more of 200 MB than it may keep, and reads no more of what has no end', async () => {
    await failure(`http://${host}/good`)
    const before = peak(worker)
    expect(await failure(`http://${host}/bomb`)).toBe('too-large')
    expect(await failure(`http://${host}/endless`)).toBe('too-large')
    const grown = (peak(worker) - before) / megabyte
    expect(grown).toBeLessThan(100)
    expect(given / megabyte).toBeLessThan(40)
  })

  it('asks nobody by an address that is not allowed', async () => {
    const asked = seen.length
    for (const url of ['https://0x7f.1/good', 'https://2130706433/good', 'https://127.0.0.1.nip.io.localhost/good', 'https://[::1]/good'])
      expect(await failure(url)).toBe('host-refused')
    expect(seen.length).toBe(asked)
  })

  it('sent its secret to that server only, and printed nothing of it', () => {
    expect(seen.every(({ authorization }) => authorization === 'Bearer a-token-of-a-source-0123456789')).toBe(true)
    expect(worker.output()).not.toContain('a-token-of-a-source')
  })
})

/** The most memory that the runtime ever had, in bytes. */
function peak(worker: BuiltWorker): number {
  const status = readFileSync(`/proc/${worker.pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024
}
