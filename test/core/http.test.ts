import { gzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { PullFailure } from '../../worker/connectors/failure'
import { type Asked, ask, hostAllowed, patienceMilliseconds, retryAfter } from '../../worker/connectors/http'
import { accessTo, aServer, type Reply } from './table-server'

const refused = (address: string, allowed: readonly string[] = []) => {
  try {
    hostAllowed(address, allowed)
    return null
  } catch (error) {
    return error instanceof PullFailure ? error.code : error
  }
}

describe('an address that may be asked', () => {
  it.each([
    'https://example.com/leads.csv',
    'https://example.com:443/leads.csv',
    'https://EXAMPLE.com./x',
    'https://xn--mnchen-3ya.de/x',
    'https://münchen.de/x',
    'https://1.example.com/',
    'https://internal.example.com/',
    'https://docs.google.com/spreadsheets/d/1/export?format=csv',
  ])('%s', (address) => {
    expect(refused(address)).toBeNull()
  })
})

describe('an address that may not be asked', () => {
  it.each([
    ['plain HTTP', 'http://example.com/x'],
    ['another scheme', 'ftp://example.com/x'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:text/csv,id'],
    ['no address', 'leads.csv'],
    ['another port', 'https://example.com:8443/x'],
    ['port 80 over TLS', 'https://example.com:80/x'],
    ['a user', 'https://user@example.com/x'],
    ['a user and a password', 'https://user:password@example.com/x'],
    ['a user that looks like a host', 'https://example.com@127.0.0.1/x'],
    ['loopback', 'https://127.0.0.1/x'],
    ['all of loopback', 'https://127.8.9.10/x'],
    ['loopback as one number', 'https://2130706433/x'],
    ['loopback in hexadecimal', 'https://0x7f000001/x'],
    ['loopback in parts', 'https://0x7f.1/x'],
    ['loopback in octal', 'https://0177.0.0.1/x'],
    ['loopback cut short', 'https://127.1/x'],
    ['loopback in full-width digits', 'https://１２７.０.０.１/x'],
    ['loopback with ideographic dots', 'https://127。0。0。1/x'],
    ['loopback with a dot at its end', 'https://127.0.0.1./x'],
    ['any address', 'https://0.0.0.0/x'],
    ['zero', 'https://0/x'],
    ['a private network', 'https://10.0.0.1/x'],
    ['the address of metadata', 'https://169.254.169.254/latest/meta-data/'],
    ['a public address too: names only', 'https://93.184.216.34/x'],
    ['IPv6 loopback', 'https://[::1]/x'],
    ['IPv6 any', 'https://[::]/x'],
    ['IPv4 in IPv6', 'https://[::ffff:127.0.0.1]/x'],
    ['IPv4 in IPv6 in hexadecimal', 'https://[::ffff:7f00:1]/x'],
    ['NAT64', 'https://[64:ff9b::7f00:1]/x'],
    ['a unique local address', 'https://[fd00::1]/x'],
    ['localhost', 'https://localhost/x'],
    ['localhost with a dot', 'https://localhost./x'],
    ['LOCALHOST', 'https://LOCALHOST/x'],
    ['a name below localhost', 'https://db.localhost/x'],
    ['a name in full width', 'https://ｌｏｃａｌｈｏｓｔ/x'],
    ['a bare name', 'https://intranet/x'],
    ['metadata by name', 'https://metadata.google.internal/x'],
    ['.internal with a dot', 'https://db.internal./x'],
    ['.local', 'https://printer.local/x'],
    ['.home.arpa', 'https://nas.home.arpa/x'],
    ['.lan', 'https://nas.lan/x'],
    ['.test', 'https://shop.test/x'],
    ['.onion', 'https://abc.onion/x'],
    ['a name that ends in a number', 'https://example.0x1/x'],
    ['a backslash', 'https:\\\\127.0.0.1\\x'],
    ['a tab inside', 'https://127.0.\t0.1/x'],
    ['percent signs', 'https://%31%32%37.0.0.1/x'],
  ])('%s', (_, address) => {
    expect(refused(address)).toBe('host-refused')
  })

  it('is asked where whoever serves this machine says so, with that port only', () => {
    const allowed = ['127.0.0.1:4141', 'localhost:8080', '[::1]:9']
    expect(
      ['http://127.0.0.1:4141/x', 'http://localhost:8080/x', 'http://[::1]:9/', 'https://127.0.0.1:4141/x'].map((address) =>
        refused(address, allowed),
      ),
    ).toEqual([null, null, null, null])
    expect(
      ['http://127.0.0.1:4142/x', 'http://127.0.0.1/x', 'http://localhost/x', 'ftp://127.0.0.1:4141/x'].map((address) =>
        refused(address, allowed),
      ),
    ).toEqual(Array(4).fill('host-refused'))
  })

  it('does not become allowed by a user name in front of an allowed host', () => {
    expect(refused('http://user:password@127.0.0.1:4141/x', ['127.0.0.1:4141'])).toBe('host-refused')
  })
})

async function asking(asked: Partial<Asked> & { url?: string }, ...replies: (() => Reply)[]) {
  const server = aServer(...replies)
  const result = await ask(accessTo(server.fetch, {}), { url: 'https://example.com/a', ...asked }).then(
    (answer) => ({ answer, failure: null }),
    (failure: unknown) => ({ answer: null, failure: failure instanceof PullFailure ? failure : null }),
  )
  return { ...result, ...server }
}

const to =
  (location: string, status = 302) =>
  () =>
    new Response(null, { status, headers: { Location: location } })
const done = () => ({ body: 'ok' })

describe('a redirect', () => {
  it('on the same host is followed, with what proves who asks', async () => {
    const { answer, asked } = await asking({ headers: { Authorization: 'Bearer k' } }, to('/b'), to('https://example.com/c', 307), done)
    expect(answer?.text).toBe('ok')
    expect(asked.map(({ url, headers }) => [url, headers.get('authorization')])).toEqual([
      ['https://example.com/a', 'Bearer k'],
      ['https://example.com/b', 'Bearer k'],
      ['https://example.com/c', 'Bearer k'],
    ])
  })

  it('to a host that is named is followed without it', async () => {
    const { asked } = await asking(
      { headers: { Authorization: 'Bearer k', Cookie: 'c' }, redirectHosts: ['.files.example'] },
      to('https://a.files.example/b'),
      done,
    )
    expect(asked.map(({ headers }) => [headers.get('authorization'), headers.get('cookie')])).toEqual([
      ['Bearer k', 'c'],
      [null, null],
    ])
  })

  it('away and back again does not bring it back', async () => {
    const { asked } = await asking(
      { headers: { Authorization: 'Bearer k' }, redirectHosts: ['b.example', 'example.com'] },
      to('https://b.example/'),
      to('https://example.com/c'),
      done,
    )
    expect(asked.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer k', null, null])
  })

  it.each([
    ['to another host', 'https://evil.example/', 'redirect-refused'],
    ['to a host that ends like one that is named', 'https://evilfiles.example/', 'redirect-refused'],
    ['to a private address', 'https://169.254.169.254/latest', 'host-refused'],
    ['to loopback by a number', 'https://2130706433/', 'host-refused'],
    ['to localhost', 'http://localhost:8787/setup', 'host-refused'],
    ['to plain HTTP on the same host', 'http://example.com/a', 'host-refused'],
    ['to another port', 'https://example.com:8080/a', 'host-refused'],
    ['with a password', 'https://u:p@example.com/a', 'host-refused'],
    ['to a script', 'javascript:alert(1)', 'host-refused'],
    ['to nowhere', '', 'redirect-refused'],
  ])('%s is refused, and nobody there is asked', async (_, location, code) => {
    const { failure, asked } = await asking(
      { redirectHosts: ['.files.example'] },
      location === '' ? () => new Response(null, { status: 302 }) : to(location),
      done,
    )
    expect([failure?.code, asked.length]).toEqual([code, 1])
  })

  it('is followed three times and not four', async () => {
    expect((await asking({}, to('/b'), to('/c'), to('/d'), done)).answer?.text).toBe('ok')
    const { failure, asked } = await asking({}, to('/b'), to('/c'), to('/d'), to('/e'), done)
    expect([failure?.code, asked.length]).toEqual(['redirect-refused', 4])
  })

  it('in a circle ends', async () => {
    expect((await asking({}, to('/a'))).failure?.code).toBe('redirect-refused')
  })

  it('of a request that sends something stays that request, and on its host', async () => {
    const { asked } = await asking({ json: { a: 1 } }, to('/b', 307), done)
    expect(asked.map(({ method }) => method)).toEqual(['POST', 'POST'])
    const other = await asking({ form: { client_secret: 's' }, redirectHosts: ['b.example'] }, to('https://b.example/', 307), done)
    expect([other.failure?.code, other.asked.length]).toEqual(['redirect-refused', 1])
  })
})

/** A body that comes in parts of 64 KB, as often as it is asked for. */
function bodyOf(parts: number | 'endless', pulled: { count: number }): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      pulled.count += 1
      controller.enqueue(new Uint8Array(65_536).fill(97))
      if (parts !== 'endless' && pulled.count >= parts) controller.close()
    },
  })
}

describe('a body', () => {
  it('without an end is cut off at the limit, and the connection given up', async () => {
    const pulled = { count: 0 }
    const { failure } = await asking({ maxBytes: 1024 * 1024 }, () => new Response(bodyOf('endless', pulled)))
    expect(failure?.code).toBe('too-large')
    expect(pulled.count).toBeLessThan(20)
  })

  it('that unpacks to 200 MB is stopped while it grows', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024))
    expect(bomb.byteLength).toBeLessThan(210_000)
    let unpacked = 0
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform(part, controller) {
        unpacked += part.byteLength
        controller.enqueue(part)
      },
    })
    const packed = new Response(new Uint8Array(bomb)).body
    const body = packed
      ?.pipeThrough(new DecompressionStream('gzip') as unknown as TransformStream<Uint8Array, Uint8Array>)
      .pipeThrough(count)
    const { failure } = await asking(
      {},
      () => new Response(body ?? null, { headers: { 'Content-Encoding': 'gzip', 'Content-Length': String(bomb.byteLength) } }),
    )
    expect(failure?.code).toBe('too-large')
    expect(unpacked).toBeLessThan(12 * 1024 * 1024)
  })

  it('that is shorter than it says is cut off', async () => {
    const { failure } = await asking({}, () => new Response('id,crea', { headers: { 'Content-Length': '5000' } }))
    expect(failure?.code).toBe('truncated')
  })

  it('that breaks off is cut off', async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new TypeError('terminated')) })
    expect((await asking({}, () => new Response(broken))).failure?.code).toBe('truncated')
  })

  it('of an answer with an error is limited too', async () => {
    const pulled = { count: 0 }
    const { failure } = await asking({ maxBytes: 65_536 }, () => new Response(bodyOf('endless', pulled), { status: 500 }))
    expect([failure?.code, pulled.count < 5]).toEqual(['too-large', true])
  })

  it('that takes longer than 20 seconds is given up', async () => {
    const timeouts = vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
      expect(milliseconds).toBe(patienceMilliseconds)
      const controller = new AbortController()
      setTimeout(() => controller.abort(new DOMException('late', 'TimeoutError')), 20)
      return controller.signal
    })
    const never = ((_: RequestInfo | URL, init?: RequestInit) =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))) as typeof fetch
    const failure = await ask(accessTo(never, {}), { url: 'https://example.com/' }).catch((error: PullFailure) => error)
    expect(failure).toMatchObject({ code: 'timeout', facts: { host: 'example.com' } })
    timeouts.mockRestore()
  })
})

describe('a status', () => {
  it.each([
    [400, 'configuration', 'person'],
    [401, 'unauthorised', 'person'],
    [403, 'forbidden', 'person'],
    [404, 'not-found', 'person'],
    [408, 'unavailable', 'soon'],
    [410, 'not-found', 'person'],
    [423, 'unavailable', 'soon'],
    [429, 'rate-limited', 'soon'],
    [500, 'unavailable', 'soon'],
    [503, 'unavailable', 'soon'],
    [524, 'unavailable', 'soon'],
  ])('%i is %s', async (status, code, remedy) => {
    const { failure } = await asking({}, () => ({ body: 'no', status }))
    expect([failure?.code, failure?.remedy, failure?.facts.status]).toEqual([code, remedy, status])
  })

  it('of an error is told with what the server said, without addresses and keys', async () => {
    const said = 'Key pat-eu1-0123456789abcdef0123456789 of ann@example.com\n is not valid'
    const { failure } = await asking({}, () => ({ body: said, type: 'text/plain', status: 400 }))
    expect(failure?.facts.reply).toBe('Key … of … is not valid')
    expect((await asking({}, () => ({ body: '<html>secret</html>', status: 500 }))).failure?.facts.reply).toBeUndefined()
  })

  it.each([
    ['seconds', '120', 120],
    ['a date', 'Sun, 22 Nov 2026 12:02:00 GMT', 120],
    ['a date that is over', 'Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['a day', '86400', 86_400],
    ['nothing that can be read', 'soon', null],
    ['less than nothing', '-5', null],
    ['more digits than there is time', '99999999999999', null],
  ])('with Retry-After as %s', async (_, text, seconds) => {
    const now = new Date('2026-11-22T12:00:00Z')
    expect(retryAfter(new Headers({ 'Retry-After': text }), now)).toBe(seconds)
    const { failure } = await asking({}, () => ({ body: '', status: 429, headers: { 'Retry-After': text } }))
    expect(failure?.waitSeconds).toBe(seconds)
  })
})

describe('what is sent', () => {
  it('has no referrer and no cookies, and is never followed by the runtime itself', async () => {
    const { asked } = await asking({}, done)
    expect([asked[0]?.redirect, asked[0]?.headers.get('referer'), asked[0]?.headers.get('cookie')]).toEqual(['manual', null, null])
  })

  it('that no header may hold is a mistake in the settings, and repeats nothing of it', async () => {
    const { failure } = await asking({ headers: { Authorization: 'Bearer a\r\nHost: evil' } }, done)
    expect([failure?.code, JSON.stringify(failure?.facts)]).toEqual([
      'configuration',
      JSON.stringify({ host: 'example.com', field: 'header' }),
    ])
  })
})
