import { describe, expect, it } from 'vitest'
import type { PullFailure } from '../../worker/connectors/failure'
import { json } from '../../worker/connectors/json'
import { cellsOf, type Document, readDocument, valueAt } from '../../worker/connectors/json/document'
import { JsonSettings } from '../../worker/connectors/json/settings'
import { Kept, pull } from './pulled'
import { accessTo, aServer, type Reply } from './table-server'

const settingsOf = (more: object = {}) =>
  JsonSettings.parse({
    timeZone: 'UTC',
    currency: 'EUR',
    dateFormat: 'iso',
    url: 'https://api.example.com/v1/leads?state=all',
    recordsPath: '/data',
    layouts: [{ name: 'Leads', lead: { id: 'id', createdAt: 'created', channel: 'origin.name' } }],
    ...more,
  })

const answer =
  (value: unknown, headers: Record<string, string> = {}) =>
  (): Reply => ({ body: JSON.stringify(value), type: 'application/json', headers })
const lead = (id: string | number, more: object = {}) => ({ id, created: '2026-02-01', origin: { name: 'web' }, ...more })
const manyLeads = (from: number, count: number) => Array.from({ length: count }, (_, index) => lead(`L${from + index}`))

async function failureOf(settings: object, ...replies: (() => Reply)[]): Promise<{ code: string } & PullFailure['facts']> {
  const { fetch } = aServer(...replies)
  const failure = await pull(json, accessTo(fetch, settingsOf(settings)), new Kept(), { mostPages: 20 }).then(
    () => null,
    (error: PullFailure) => error,
  )
  if (!failure) throw new Error('nothing was refused')
  return { code: failure.code, ...failure.facts }
}

describe('records of a JSON document', () => {
  it('become facts, with nested fields by dotted names', async () => {
    const { fetch, urls, asked } = aServer(answer({ data: [lead(7), lead('b', { origin: null })] }))
    const kept = new Kept()
    const pulled = await pull(json, accessTo(fetch, settingsOf(), { secret: { headerValue: 'k' } }), kept)
    expect(pulled).toMatchObject({ pages: 1, read: 2, total: 2, errors: [], last: { complete: ['lead'], bookmark: null } })
    expect(kept.live('lead')).toMatchObject({ 7: { channel: 'web' }, b: { channel: '' } })
    expect(urls()).toEqual(['https://api.example.com/v1/leads?state=all'])
    expect(asked[0]?.headers.get('authorization')).toBe('Bearer k')
  })

  it('that have an error are named by their id or their place', async () => {
    const { fetch } = aServer(answer({ data: [lead('a', { created: '2026-02-30' }), lead(''), lead('ann@example.com'), lead('d')] }))
    const { errors } = await pull(json, accessTo(fetch, settingsOf()), new Kept())
    expect(errors.map(({ line, record, column, code, value }) => [line, record, column, code, value])).toEqual([
      [0, 'a', 'created', 'impossible-date', '2026-02-30'],
      [0, '/data/1', 'id', 'missing-id', ''],
      [0, '/data/2', 'id', 'personal-id', null],
    ])
  })

  it('may leave out what they have no value for, as long as one of them has it', async () => {
    const { fetch } = aServer(answer({ data: [{ id: 'a', created: '2026-02-01' }, lead('b')] }))
    expect((await pull(json, accessTo(fetch, settingsOf()), new Kept())).read).toBe(2)
  })
})

describe('paging', () => {
  it('follows a link, relative or not', async () => {
    const { fetch, urls, asked } = aServer(
      answer({ data: manyLeads(0, 2), links: { next: '/v1/leads?after=2' } }),
      answer({ data: manyLeads(2, 2), links: { next: 'https://api.example.com/v1/leads?after=4' } }),
      answer({ data: manyLeads(4, 1), links: { next: null } }),
    )
    const kept = new Kept()
    const settings = settingsOf({ paging: { by: 'next-link', pointer: '/links/next' } })
    expect(await pull(json, accessTo(fetch, settings, { secret: { headerValue: 'k' } }), kept)).toMatchObject({
      pages: 3,
      read: 5,
      total: 5,
    })
    expect(urls()).toEqual([
      'https://api.example.com/v1/leads?state=all',
      'https://api.example.com/v1/leads?after=2',
      'https://api.example.com/v1/leads?after=4',
    ])
    expect(asked.every(({ headers }) => headers.get('authorization') === 'Bearer k')).toBe(true)
    expect(Object.keys(kept.live('lead'))).toHaveLength(5)
  })

  it.each([
    [
      'numbered pages',
      { by: 'page', parameter: 'page', sizeParameter: 'per_page', size: 2 },
      ['page=1&per_page=2', 'page=2&per_page=2'],
      [2, 1],
    ],
    ['numbered pages from 0 without a size', { by: 'page', parameter: 'p', first: 0 }, ['p=0', 'p=1', 'p=2'], [2, 2, 0]],
    [
      'an offset',
      { by: 'offset', parameter: 'start', sizeParameter: 'limit', size: 2 },
      ['start=0&limit=2', 'start=2&limit=2', 'start=4&limit=2'],
      [2, 2, 0],
    ],
  ])('counts by %s', async (_, paging, queries, sizes) => {
    const { fetch, urls } = aServer(...sizes.map((size, index) => answer({ data: manyLeads(index * 10, size) })))
    await pull(json, accessTo(fetch, settingsOf({ paging })), new Kept())
    expect(urls()).toEqual(queries.map((query) => `https://api.example.com/v1/leads?state=all&${query}`))
  })

  it('sends the cursor that it was given, a long number too', async () => {
    const { fetch, urls } = aServer(
      () => ({ body: `{"data":${JSON.stringify(manyLeads(0, 1))},"meta":{"next":"a b&c"}}`, type: 'application/json' }),
      answer({ data: manyLeads(1, 1), meta: {} }),
    )
    await pull(json, accessTo(fetch, settingsOf({ paging: { by: 'cursor', pointer: '/meta/next', parameter: 'cursor' } })), new Kept())
    expect(urls()[1]).toBe('https://api.example.com/v1/leads?state=all&cursor=a+b%26c')
  })

  it('stops at a server that gives the same page for ever', async () => {
    const paging = { by: 'page', parameter: 'page' }
    expect(await failureOf({ paging }, answer({ data: manyLeads(0, 2) }))).toEqual({ code: 'cursor-repeats' })
  })

  it('does not follow a link to another host, port or scheme', async () => {
    const paging = { by: 'next-link', pointer: '/next' }
    for (const next of ['https://evil.example/x', 'https://api.example.com:8443/x', 'http://api.example.com/x', 'https://169.254.169.254/'])
      expect((await failureOf({ paging }, answer({ data: manyLeads(0, 1), next }))).code).toBe('redirect-refused')
    expect((await failureOf({ paging }, answer({ data: manyLeads(0, 1), next: { href: '/x' } }))).code).toBe('unexpected-shape')
  })
})

describe('what cannot be read', () => {
  it.each<[string, object, () => Reply, object]>([
    ['HTML with status 200', {}, () => ({ body: '<html>Sign in</html>', type: 'text/html' }), { code: 'not-json', reply: 'HTML' }],
    ['JSON that ends early', {}, () => ({ body: '{"data":[{"id":"a"', type: 'application/json' }), { code: 'truncated' }],
    ['no content', {}, () => ({ body: '', status: 204 }), { code: 'not-json' }],
    ['a list that is somewhere else', {}, answer({ items: [] }), { code: 'unexpected-shape', field: '/data' }],
    ['null instead of a list', {}, answer({ data: null }), { code: 'unexpected-shape', field: '/data' }],
    ['a list of numbers', {}, answer({ data: [lead('a'), 7] }), { code: 'unexpected-shape', field: '/data/1' }],
    [
      'more than 5 MB',
      {},
      () => ({ body: `{"data":["${'x'.repeat(5 * 1024 * 1024)}"]}`, type: 'application/json' }),
      { code: 'too-large' },
    ],
    [
      'a record without what a lead needs',
      {},
      answer({ data: [{ id: 'a', made: '2026-02-01' }] }),
      { code: 'columns-missing', columns: ['created'], extraColumns: ['made'] },
    ],
    [
      'a field that no record has any more',
      {},
      answer({ data: [lead('a', { origin: { title: 'web' } })] }),
      { code: 'columns-missing', columns: ['origin.name'], extraColumns: ['origin.title'] },
    ],
    ['a path through __proto__', { recordsPath: '/__proto__' }, answer({}), { code: 'unexpected-shape' }],
    ['401', {}, () => ({ body: '{}', status: 401 }), { code: 'unauthorised' }],
  ])('%s', async (_, settings, reply, expected) => {
    expect(await failureOf(settings, reply)).toMatchObject(expected)
  })

  it('an optional field that only a later page has is there', async () => {
    const paging = { by: 'page', parameter: 'page', size: 1 }
    const { fetch } = aServer(answer({ data: [{ id: 'a', created: '2026-02-01' }] }), answer({ data: [lead('b')] }), answer({ data: [] }))
    expect((await pull(json, accessTo(fetch, settingsOf({ paging })), new Kept())).read).toBe(2)
  })
})

describe('values', () => {
  const read = (text: string, decimal?: '.' | ',') => {
    const document = readDocument({ status: 200, headers: new Headers(), bytes: new Uint8Array(), text })
    return Object.fromEntries(cellsOf(document as { [key: string]: Document }, decimal))
  }

  it('are text, numbers as written, yes, no, or nothing', () => {
    expect(read('{"a":"","b":null,"c":0,"d":false,"e":" x ","f":-1.50e2,"g":["p",{"q":1}],"h":{}}')).toEqual({
      a: '',
      b: '',
      c: '0',
      d: 'false',
      e: ' x ',
      f: '-150',
      'g.0': 'p',
      'g.1.q': '1',
    })
  })

  it('of numbers are read in one way whatever the decimal mark is', () => {
    expect([read('{"a":1.234}').a, read('{"a":1.234}', ',').a, read('{"a":1.234}', '.').a]).toEqual(['1.2340', '1,234', '1.234'])
  })

  it('under names that mean something to JavaScript are ignored, and change no object', () => {
    expect(read('{"__proto__":{"admin":true},"constructor":{"x":1},"id":"a"}')).toEqual({ id: 'a' })
    expect((Object.create({}) as { admin?: boolean }).admin).toBeUndefined()
    expect(valueAt({ a: 1 } as never, '/constructor/name')).toBeUndefined()
  })

  it.each([
    ['', { '': 1, a: [2] }],
    ['/a/0', 2],
    ['/a/00', undefined],
    ['/a/-', undefined],
    ['/', 1],
    ['/b/c', undefined],
  ])('at the pointer “%s”', (pointer, expected) => {
    expect(valueAt({ '': 1, a: [2] } as never, pointer)).toEqual(expected)
  })

  it('pointers escape slashes and tildes', () => {
    expect(valueAt({ 'a/b': { 'c~d': 'x' } }, '/a~1b/c~0d')).toBe('x')
  })
})

describe('the settings', () => {
  it.each([
    ['a pointer without a slash', { recordsPath: 'data' }],
    ['a pointer with a bad escape', { recordsPath: '/a~2' }],
    ['an unknown paging', { paging: { by: 'guess' } }],
    ['a parameter with an ampersand', { paging: { by: 'page', parameter: 'a&b' } }],
    ['the parameter of a size without the size', { paging: { by: 'page', parameter: 'p', sizeParameter: 'n' } }],
  ])('refuse %s', (_, more) => {
    expect(() => settingsOf(more)).toThrow()
  })
})
