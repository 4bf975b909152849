import { describe, expect, it } from 'vitest'
import { json } from '../../worker/connectors/json'
import { JsonSettings } from '../../worker/connectors/json/settings'
import { resumeSource, runPulls } from '../../worker/services/pulling'
import { activateSource, createSource } from '../../worker/services/sources'
import { accessTo, aServer, type Reply } from '../core/table-server'
import { adminClient, services } from './client'
import { all, leadIds, minutes, one, pullsOf, staged, start } from './fake-source'

const layouts = [{ name: 'Leads', lead: { id: 'id', createdAt: 'created', channel: 'origin' } }]
const settings = { timeZone: 'UTC', currency: 'EUR', dateFormat: 'iso' as const, url: 'https://files.example.com/leads.csv', layouts }

/** A sheet whose content the test changes. */
function aSheet(first: Reply) {
  let reply = first
  const { fetch, asked } = aServer(() => reply)
  return {
    fetch,
    asked,
    set: (next: Reply) => {
      reply = next
    },
  }
}

const csv = (...rows: string[]): Reply => ({ body: ['id,created,origin', ...rows, ''].join('\n') })
const some = ['a,2026-02-01,web', 'b,2026-02-02,ads', 'c,2026-02-03,web']

async function aTable(sheet: { fetch: typeof fetch }, more: object = {}): Promise<string> {
  const context = { ...services(start), fetch: sheet.fetch }
  const { id } = await createSource(context, { name: 'Sheet', kind: 'csv-url', settings: { ...settings, ...more } })
  if ((await one<{ state: string }>(`select state from sources where id = '${id}'`))?.state === 'draft') await activateSource(context, id)
  return id
}

const tick = (sheet: { fetch: typeof fetch }, hours: number) => {
  const now = minutes(hours * 60)
  return runPulls({ ...services(now), fetch: sheet.fetch }, { clock: () => now, random: () => 0.5, sleep: async () => undefined })
}

const volume = async () =>
  (await one<{ value: number; asOf: number }>(
    `select value, as_of as asOf from observations where metric = 'lead_volume' and period = '2026-02'`,
  )) ?? null
const at = (hours: number) => minutes(hours * 60).getTime()

describe('a sheet at an address', () => {
  it('is read, read again where it changed, and what is gone from it is gone', async () => {
    const sheet = aSheet(csv(...some))
    await aTable(sheet)
    await tick(sheet, 1)
    expect([await leadIds(), await volume()]).toEqual([['a', 'b', 'c'], { value: 3, asOf: at(1) }])
    await tick(sheet, 2)
    expect(await volume()).toEqual({ value: 3, asOf: at(2) })
    sheet.set(csv('a,2026-02-01,fair', 'd,2026-02-04,web'))
    await tick(sheet, 3)
    expect([await leadIds(), await volume(), await staged()]).toEqual([['a', 'd'], { value: 2, asOf: at(3) }, 0])
    expect(await pullsOf('state, read, inserted, updated, unchanged')).toEqual([
      { state: 'done', read: 3, inserted: 3, updated: 0, unchanged: 0 },
      { state: 'done', read: 0, inserted: 0, updated: 0, unchanged: 0 },
      { state: 'done', read: 2, inserted: 1, updated: 3, unchanged: 0 },
    ])
  })

  it.each<[string, Reply, string]>([
    ['a renamed column', { body: 'id,created,source\na,2026-02-01,web\n' }, 'columns-missing'],
    ['two columns of one name', { body: 'id,created,origin,id\na,2026-02-01,web,a\n' }, 'not-a-table'],
    ['HTML with status 200', { body: '<!doctype html><p>Sign in', type: 'text/html' }, 'not-a-table'],
    ['a quote that is never closed', { body: 'id,created,origin\n"a,2026-02-01,web\n' }, 'not-a-table'],
    ['most rows wrong', csv('a,01/02/2026,web', 'b,2026-02-02,ads'), 'too-many-bad-rows'],
    ['no row any more', csv(), 'suspiciously-empty'],
    ['a refused key', { body: 'no', status: 401 }, 'unauthorised'],
  ])('with %s changes no number and no date, and says why', async (_, reply, code) => {
    const sheet = aSheet(csv(...some))
    await aTable(sheet)
    await tick(sheet, 1)
    sheet.set(reply)
    await tick(sheet, 2)
    expect([await leadIds(), await volume(), await staged()]).toEqual([['a', 'b', 'c'], { value: 3, asOf: at(1) }, 0])
    expect((await pullsOf('state, error')).at(-1)).toEqual({ state: 'failed', error: code })
  })

  it('goes on after somebody put it right', async () => {
    const sheet = aSheet(csv(...some))
    const id = await aTable(sheet)
    await tick(sheet, 1)
    sheet.set({ body: 'id,created,source\na,2026-02-01,web\n' })
    await tick(sheet, 2)
    expect(await one('select state from sources')).toEqual({ state: 'stopped' })
    sheet.set(csv(...some, 'd,2026-02-04,web'))
    await resumeSource(services(minutes(150)), id)
    await tick(sheet, 3)
    expect(await volume()).toEqual({ value: 4, asOf: at(2.5) }) // when it was resumed
  })

  it('with a few bad rows imports the others, names them and removes nothing', async () => {
    const many = Array.from({ length: 30 }, (_, index) => `L${index},2026-02-01,web`)
    const sheet = aSheet(csv(...many))
    await aTable(sheet)
    await tick(sheet, 1)
    sheet.set(csv(...many.slice(2), 'x,2026-02-30,web', 'ann@example.com,2026-02-01,web'))
    await tick(sheet, 2)
    expect(await leadIds()).toHaveLength(30)
    expect(await all('select line, value, code from pull_errors order by line')).toEqual([
      { line: 30, value: '2026-02-30', code: 'impossible-date' },
      { line: 31, value: null, code: 'personal-id' },
    ])
    expect((await pullsOf('rejected, notices')).at(-1)).toEqual({
      rejected: 2,
      notices: JSON.stringify([{ code: 'nothing-removed', rows: 2 }]),
    })
  })

  it('keeps amounts of other currencies apart, and says how many there are', async () => {
    await (await adminClient()).settings.$patch({ json: { timeZone: 'UTC', currency: 'EUR' } })
    const deal = { id: 'id', closedAt: 'closed', state: 'won' as const, amount: 'sum', currency: 'code' }
    const sheet = aSheet({ body: 'id;closed;sum;code\n1;2026-02-01;"1.000,50";EUR\n2;2026-02-02;2000;JPY\n3;2026-02-03;7,5;\n' })
    await aTable(sheet, { decimal: ',', layouts: [{ name: 'Deals', deal }] })
    await tick(sheet, 1)
    expect(await all('select amount_minor as minor, currency from deals order by external_id')).toEqual([
      { minor: 100_050, currency: 'EUR' },
      { minor: 2_000, currency: 'JPY' },
      { minor: 750, currency: 'EUR' },
    ])
    expect(await one(`select value from observations where metric = 'won_revenue' and period = '2026-02'`)).toEqual({ value: 100_800 })
    expect((await pullsOf('notices'))[0]?.notices).toContain('other-currency')
  })
})

describe('JSON in the real runtime', () => {
  it('keeps every digit of a number', async () => {
    const { fetch } = aServer(() => ({
      body: '[{"id":9007199254740993,"created":"2026-02-01"},{"id":1e3,"created":"2026-02-01"}]',
      type: 'application/json',
    }))
    const access = accessTo(
      fetch,
      JsonSettings.parse({ ...settings, layouts: [{ name: 'Leads', lead: { id: 'id', createdAt: 'created' } }] }),
    )
    const { rows } = await json.page(access, { cursor: null, bookmark: null, startedAt: start })
    expect(rows.lead.map(({ externalId }) => externalId)).toEqual(['9007199254740993', '1000'])
  })

  it('is staged page by page and published whole', async () => {
    const pages = [['a', 'b'], ['c', 'd'], ['e']].map((ids) => ids.map((id) => ({ id, created: '2026-02-01', origin: 'web' })))
    const { fetch, urls } = aServer(...pages.map((data) => () => ({ body: JSON.stringify({ data }), type: 'application/json' })))
    const paging = { by: 'page', parameter: 'page', sizeParameter: 'size', size: 2 }
    const context = { ...services(start), fetch }
    const url = 'https://api.example.com/leads'
    const { id } = await createSource(context, {
      name: 'API',
      kind: 'json',
      settings: { ...settings, url, recordsPath: '/data', paging },
    } as never)
    if ((await one<{ state: string }>('select state from sources'))?.state === 'draft') await activateSource(context, id)
    await tick({ fetch }, 1)
    expect([await leadIds(), urls()]).toEqual([['a', 'b', 'c', 'd', 'e'], [1, 2, 3].map((page) => `${url}?page=${page}&size=2`)])
    expect(await pullsOf('state, pages, read')).toEqual([{ state: 'done', pages: 3, read: 5 }])
  })
})
