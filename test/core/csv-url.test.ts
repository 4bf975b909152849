import { describe, expect, it } from 'vitest'
import { csvUrl } from '../../worker/connectors/csv-url'
import { tableAddress } from '../../worker/connectors/csv-url/address'
import type { PullFailure } from '../../worker/connectors/failure'
import { TablePullSettings } from '../../worker/connectors/tables/settings'
import { Kept, pull } from './pulled'
import { accessTo, aServer, type Reply } from './table-server'

const settingsOf = (more: object = {}) =>
  TablePullSettings.parse({
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    dateFormat: 'iso',
    url: 'https://files.example.com/leads.csv',
    layouts: [{ name: 'Leads', lead: { id: 'id', createdAt: 'created', channel: 'origin' } }],
    ...more,
  })

const csv =
  (body: string, headers: Record<string, string> = {}) =>
  () => ({ body, headers })
const leads = (...rows: string[]) => ['id,created,origin', ...rows, ''].join('\n')

async function failureOf(reply: () => Reply, more: object = {}): Promise<{ code: string } & PullFailure['facts']> {
  const { fetch } = aServer(reply)
  const failure = await pull(csvUrl, accessTo(fetch, settingsOf(more)), new Kept()).then(
    () => null,
    (error: PullFailure) => error,
  )
  if (!failure) throw new Error('nothing was refused')
  return { code: failure.code, ...failure.facts }
}

describe('links of Google Sheets', () => {
  const id = 'https://docs.google.com/spreadsheets/d/1AbC-x_9'
  it.each([
    [`${id}/edit?usp=sharing`, `${id}/export?format=csv`],
    [`${id}/edit#gid=42`, `${id}/export?format=csv&gid=42`],
    [`${id}/edit?gid=42#gid=42`, `${id}/export?format=csv&gid=42`],
    [id, `${id}/export?format=csv`],
    ['https://docs.google.com/spreadsheets/u/0/d/1AbC-x_9/edit?gid=7', `${id}/export?format=csv&gid=7`],
    [`${id}/export?format=xlsx&gid=3`, `${id}/export?format=csv&gid=3`],
    [`${id}/gviz/tq?tqx=out:csv&sheet=Leads`, `${id}/gviz/tq?tqx=out:csv&sheet=Leads`],
    [
      'https://docs.google.com/spreadsheets/d/e/2PACX-1/pubhtml?gid=5&single=true',
      'https://docs.google.com/spreadsheets/d/e/2PACX-1/pub?output=csv&gid=5&single=true',
    ],
    ['https://docs.google.com/spreadsheets/d/e/2PACX-1/pub?output=csv', 'https://docs.google.com/spreadsheets/d/e/2PACX-1/pub?output=csv'],
    ['https://docs.google.com/document/d/1AbC/edit', 'https://docs.google.com/document/d/1AbC/edit'],
    ['https://docs.google.com.evil.example/spreadsheets/d/1AbC/edit', 'https://docs.google.com.evil.example/spreadsheets/d/1AbC/edit'],
  ])('%s is asked at %s', (link, address) => {
    expect(tableAddress(link)).toBe(address)
  })
})

describe('a table at an address', () => {
  it('is read whole, and what is gone from it is gone', async () => {
    const { fetch } = aServer(csv(leads('a,2026-02-01,web', 'b,2026-02-02,ads')), csv(leads('b,2026-02-02,fair', 'c,2026-02-03,')))
    const kept = new Kept()
    const first = await pull(csvUrl, accessTo(fetch, settingsOf()), kept)
    expect(first).toMatchObject({ pages: 1, read: 2, total: 2, errors: [], last: { complete: ['lead'], whole: true } })
    await pull(csvUrl, accessTo(fetch, settingsOf()), kept)
    expect(kept.live('lead')).toMatchObject({ b: { channel: 'fair' }, c: { createdDay: '2026-02-03' } })
    expect(Object.keys(kept.live('lead'))).toEqual(['b', 'c'])
  })

  it('keeps what is gone where the file holds only news', async () => {
    const { fetch } = aServer(csv(leads('a,2026-02-01,web')), csv(leads('b,2026-02-02,ads')))
    const kept = new Kept()
    for (let times = 0; times < 2; times += 1) await pull(csvUrl, accessTo(fetch, settingsOf({ holds: 'news' })), kept)
    expect(Object.keys(kept.live('lead'))).toEqual(['a', 'b'])
  })

  it('keeps what is gone while rows have errors, and says so: one of them may be it', async () => {
    const { fetch } = aServer(csv(leads('a,2026-02-01,web', 'b,2026-02-02,ads')), csv(leads('a,2026-02-01,web', 'b,2026-02-30,ads')))
    const kept = new Kept()
    await pull(csvUrl, accessTo(fetch, settingsOf()), kept)
    const second = await pull(csvUrl, accessTo(fetch, settingsOf()), kept)
    expect(second.notices).toEqual([{ code: 'nothing-removed', rows: 1 }])
    expect(second.errors).toMatchObject([{ line: 3, code: 'impossible-date' }])
    expect(Object.keys(kept.live('lead'))).toEqual(['a', 'b'])
  })

  it('brings nothing where the server says that nothing changed', async () => {
    const { fetch, asked } = aServer(csv(leads('a,2026-02-01,web'), { ETag: 'W/"7"' }), () => ({ body: '', status: 304 }))
    const kept = new Kept()
    await pull(csvUrl, accessTo(fetch, settingsOf()), kept)
    const second = await pull(csvUrl, accessTo(fetch, settingsOf()), kept)
    expect(asked.map(({ headers }) => headers.get('if-none-match'))).toEqual([null, 'W/"7"'])
    expect(second).toMatchObject({ read: 0, came: { lead: 0 }, last: { next: null } })
    expect(second.last.complete).toBeUndefined()
    expect(Object.keys(kept.live('lead'))).toEqual(['a'])
    expect(kept.bookmark).toMatchObject({ etag: 'W/"7"' })
  })

  it('brings nothing where the same bytes come without an ETag, and everything under another reporting zone', async () => {
    const { fetch } = aServer(csv(leads('a,2026-02-01 23:30,web')))
    const kept = new Kept()
    await pull(csvUrl, accessTo(fetch, settingsOf()), kept)
    expect((await pull(csvUrl, accessTo(fetch, settingsOf()), kept)).read).toBe(0)
    expect((await pull(csvUrl, accessTo(fetch, settingsOf(), { reportingZone: 'Asia/Bangkok' }), kept)).read).toBe(1)
    expect(kept.live('lead')).toMatchObject({ a: { createdDay: '2026-02-02' } })
  })

  it('is read again while one of its days is still to come', async () => {
    const { fetch } = aServer(csv(leads('a,2026-02-01,web', 'b,2026-11-23,web')))
    const kept = new Kept()
    await pull(csvUrl, accessTo(fetch, settingsOf()), kept)
    expect(Object.keys(kept.live('lead'))).toEqual(['a'])
    await pull(csvUrl, accessTo(fetch, settingsOf(), { now: new Date('2026-11-23T12:00:00Z') }), kept)
    expect(Object.keys(kept.live('lead'))).toEqual(['a', 'b'])
  })

  it.each<[string, Uint8Array<ArrayBuffer>, string]>([
    ['UTF-16 with a byte order mark', utf16('id;created;origin\nä;2026-02-01;เว็บ\n'), 'text/csv'],
    ['UTF-8 with a byte order mark and tabs', bytesOf('\uFEFFid\tcreated\torigin\nä\t2026-02-01\tเว็บ\n'), 'text/plain; charset=utf-8'],
    ['no content type', bytesOf('id,created,origin\nä,2026-02-01,เว็บ\n'), ''],
    ['application/octet-stream', bytesOf('id,created,origin\nä,2026-02-01,เว็บ\n'), 'application/octet-stream'],
    ['the encoding that the server declares', windows874(), 'text/csv; charset=windows-874'],
  ])('is read from %s', async (_, body, type) => {
    const { fetch } = aServer(() => ({ body, type }))
    const kept = new Kept()
    await pull(csvUrl, accessTo(fetch, settingsOf()), kept)
    expect(Object.values(kept.live('lead')).map(({ channel }) => channel)).toEqual(['เว็บ'])
  })

  it('is read with decimal commas and currencies of its rows', async () => {
    const { fetch } = aServer(csv('deal;closed;sum;cur\n1;2026-02-01;"1.234,50";EUR\n2;2026-02-01;12,5;CHF\n3;2026-02-01;1;XQX\n'))
    const deal = { id: 'deal', closedAt: 'closed', state: 'won', amount: 'sum', currency: 'cur' }
    const kept = new Kept()
    const { errors } = await pull(csvUrl, accessTo(fetch, settingsOf({ decimal: ',', layouts: [{ name: 'Deals', deal }] })), kept)
    expect(kept.live('deal')).toMatchObject({ 1: { amountMinor: 123450, currency: 'EUR' }, 2: { amountMinor: 1250, currency: 'CHF' } })
    expect(errors).toMatchObject([{ line: 4, column: 'cur', value: 'XQX', code: 'unknown-currency' }])
  })

  it('sends the secret in the header that is chosen, and to nobody that it is sent on to', async () => {
    const redirect = () =>
      new Response(null, { status: 307, headers: { Location: 'https://doc-0s.sheets.googleusercontent.com/export/x' } })
    const { fetch, asked, urls } = aServer(redirect, csv(leads('a,2026-02-01,web')))
    await pull(csvUrl, accessTo(fetch, settingsOf(), { secret: { headerValue: 'tok3n' } }), new Kept())
    expect(urls()).toEqual(['https://files.example.com/leads.csv', 'https://doc-0s.sheets.googleusercontent.com/export/x'])
    expect(asked.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer tok3n', null])
    const own = aServer(csv(leads('a,2026-02-01,web')))
    await pull(csvUrl, accessTo(own.fetch, settingsOf({ header: 'X-Api-Key' }), { secret: { headerValue: 'Basic abc' } }), new Kept())
    expect(own.asked[0]?.headers.get('x-api-key')).toBe('Basic abc')
  })

  it('shows its columns and rows to whoever maps them', async () => {
    const { fetch } = aServer(csv(leads('a,2026-02-01,web')))
    expect((await csvUrl.discover(accessTo(fetch, settingsOf()))).table).toEqual({
      header: ['id', 'created', 'origin'],
      rows: [['a', '2026-02-01', 'web']],
    })
  })

  it('that is empty below its header brings nothing and says that all is gone', async () => {
    const { fetch } = aServer(csv('id,created,origin\n'))
    expect((await pull(csvUrl, accessTo(fetch, settingsOf()), new Kept())).last).toMatchObject({ read: 0, complete: ['lead'] })
  })
})

describe('what is no table', () => {
  it.each<[string, () => Reply, object]>([
    [
      'a sign-in page with status 200',
      () => ({ body: '<!DOCTYPE html><html>Sign in</html>', type: 'text/html; charset=utf-8' }),
      { code: 'not-a-table', reply: 'HTML' },
    ],
    ['HTML that says it is CSV', () => ({ body: '\n <html><body>oops' }), { code: 'not-a-table', reply: 'HTML' }],
    ['JSON that says nothing of itself', () => ({ body: '[{"id":1}]', type: 'text/plain' }), { code: 'not-a-table' }],
    ['JSON', () => ({ body: '{}', type: 'application/json' }), { code: 'not-a-table', reply: 'application/json' }],
    [
      'a workbook',
      () => ({ body: new Uint8Array([0x50, 0x4b, 3, 4, 20, 0, 0, 0]), type: 'application/octet-stream' }),
      { code: 'not-a-table' },
    ],
    [
      'a workbook that says it is one',
      () => ({ body: 'PK', type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' }),
      { code: 'not-a-table' },
    ],
    ['no content', () => ({ body: '', status: 204 }), { code: 'not-a-table', reply: '204 No Content' }],
    ['nothing', () => ({ body: '' }), { code: 'not-a-table', reply: 'nothing' }],
    ['a header that names a column twice', csv('id,id\n1,2\n'), { code: 'not-a-table', field: 'header-duplicate' }],
    ['a quote that is never closed', csv('id,created,origin\n"a,2026-02-01,web\n'), { code: 'not-a-table', field: 'quote-unterminated' }],
    ['201 columns', csv(`${Array.from({ length: 201 }, (_, index) => `c${index}`)}\n`), { code: 'too-large', field: 'too-many-columns' }],
    ['a cell of more than 10 KB', csv(leads(`a,2026-02-01,${'x'.repeat(10_241)}`)), { code: 'too-large', field: 'cell-too-long' }],
    ['more than 10 MB', csv('x'.repeat(10 * 1024 * 1024 + 1)), { code: 'too-large' }],
    [
      'more than 100,000 rows',
      csv(`id,created,origin\n${'a,2026-02-01,\n'.repeat(100_001)}`),
      { code: 'too-large', field: 'too-many-rows' },
    ],
    [
      'a mapped column under another name',
      csv('id,created,source\na,2026-02-01,web\n'),
      { code: 'columns-missing', columns: ['origin'], extraColumns: ['source'] },
    ],
  ])('%s', async (_, reply, expected) => {
    expect(await failureOf(reply)).toMatchObject(expected)
  })

  it('is a sheet that is not published', async () => {
    const url = 'https://docs.google.com/spreadsheets/d/1AbC/edit'
    const page = () => ({ body: '<html>Sign in</html>', type: 'text/html' })
    expect(await failureOf(page, { url })).toMatchObject({ code: 'not-a-table', field: 'not-published' })
  })
})

describe('the settings', () => {
  it.each([
    ['no address', { url: '' }],
    ['http', { url: 'http://example.com/x.csv' }],
    ['a password in the address', { url: 'https://user:secret@example.com/x.csv' }],
    ['a script', { url: 'javascript:alert(1)' }],
    ['a header with a line break', { header: 'X-Key\r\nHost' }],
    ['a header that is about the connection', { header: 'Host' }],
    ['a field that is not known', { more: 1 }],
    ['15 minutes made 5', { everyMinutes: 5 }],
  ])('refuse %s', (_, more) => {
    expect(() => settingsOf(more)).toThrow()
  })
})

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text))
}

function utf16(text: string): Uint8Array<ArrayBuffer> {
  const units = Uint16Array.from([0xfeff, ...Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))])
  return new Uint8Array(units.buffer)
}

function windows874(): Uint8Array<ArrayBuffer> {
  const thai = [...'เว็บ'].map((letter) => letter.charCodeAt(0) - 0x0e00 + 0xa0)
  return new Uint8Array([...bytesOf('id,created,origin\na,2026-02-01,'), ...thai])
}
