import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { CsvSettingsInput } from '../../worker/connectors/csv/settings'
import { writeSettings } from '../../worker/db/settings'
import { type PullReport, pullCsv } from '../../worker/services/pulls'
import { changeSource, createSource } from '../../worker/services/sources'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'

const settings: CsvSettingsInput = {
  timeZone: 'UTC',
  currency: 'USD',
  dateFormat: 'iso',
  layouts: [
    { name: 'Leads', lead: { id: 'lead', createdAt: 'created', channel: 'channel' } },
    {
      name: 'Deals',
      deal: {
        id: 'deal',
        leadId: 'of_lead',
        closedAt: 'closed',
        stage: 'stage',
        stages: { Won: 'won', Lost: 'lost', Talking: 'open' },
        amount: 'amount',
      },
    },
    { name: 'Spend', spend: { date: 'day', amount: 'cost', channel: 'channel' } },
  ],
}

let headers: Record<string, string>
let source: string

beforeEach(async () => {
  headers = { ...(await keyHeaders('importer')), 'Content-Type': 'text/csv' }
  source = (await createSource(services(), { name: 'CRM', settings })).id
})

const post = (csv: string, dryRun = false, id = source) =>
  fetchWorker(`/api/v1/sources/${id}/pulls?dryRun=${dryRun}&fileName=export.csv`, { method: 'POST', body: csv, headers })

async function pull(csv: string, dryRun = false): Promise<PullReport> {
  const response = await post(csv, dryRun)
  expect(response.status).toBe(200)
  return response.json<PullReport>()
}

const table = (header: string, ...rows: string[]) => `${[header, ...rows].join('\n')}\n`
const leads = (...rows: string[]) => table('lead,created,channel', ...rows)
const deals = (...rows: string[]) => table('deal,of_lead,closed,stage,amount', ...rows)
const spend = (...rows: string[]) => table('day,channel,cost', ...rows)
/** Enough good rows that one bad row stays under a tenth. */
const many = Array.from({ length: 20 }, (_, index) => `L${index},2026-01-${String(index + 1).padStart(2, '0')},web`)
const manyDeals = Array.from({ length: 20 }, (_, index) => `D${index},,2026-02-10,Won,100`)

const all = async <Row>(sql: string) => (await env.DB.prepare(sql).all<Row>()).results
const count = async (name: string) => (await all<{ n: number }>(`select count(*) as n from ${name}`))[0]?.n
const value = async (metric: string, period: string) =>
  (
    await all<{ value: number | null }>(
      `select value from observations where metric = '${metric}' and period = '${period}' and basis = 'period'`,
    )
  )[0]?.value

describe('a pull', () => {
  it('inserts, then updates what changed, and leaves the rest alone', async () => {
    expect(await pull(leads('a,2026-01-05,web', 'b,2026-01-06,ads'))).toMatchObject({
      read: 2,
      inserted: 2,
      updated: 0,
      unchanged: 0,
      rejected: 0,
    })
    expect(await pull(leads('a,2026-01-05,web', 'b,2026-01-06,fair', 'c,2026-02-01,'))).toMatchObject({
      inserted: 1,
      updated: 1,
      unchanged: 1,
    })
    expect(await all('select external_id, channel from leads order by 1')).toEqual([
      { external_id: 'a', channel: 'web' },
      { external_id: 'b', channel: 'fair' },
      { external_id: 'c', channel: '' },
    ])
  })

  it('keeps the same id of two sources apart', async () => {
    const other = (await createSource(services(), { name: 'Other', settings })).id
    await pull(leads('a,2026-01-05,web'))
    expect(await (await post(leads('a,2026-01-05,web'), false, other)).json()).toMatchObject({ inserted: 1 })
    expect(await value('lead_volume', '2026-01')).toBe(2)
  })

  it('says what a dry run would do and writes nothing', async () => {
    await pull(leads('a,2026-01-05,web'))
    const report = await pull(leads('a,2026-01-05,web', 'b,2026-03-06,ads'), true)
    expect(report).toMatchObject({ pullId: null, dryRun: true, state: 'done', layout: 'Leads', read: 2, inserted: 1, unchanged: 1 })
    expect(report.preview?.rows[1]).toMatchObject({ line: 3, lead: { externalId: 'b', createdDay: '2026-03-06', channel: 'ads' } })
    const volume = report.preview?.observations
      .filter(({ metric }) => metric === 'lead_volume')
      .map(({ period, value: leads }) => [period, leads])
    expect(volume).toEqual([
      ['2026-01', 1],
      ['2026-02', 0],
      ['2026-03', 1],
    ])
    expect([await count('leads'), await count('pulls'), await count('observations')]).toEqual([1, 1, 1])
  })

  it('previews exactly what the import then gives', async () => {
    await pull(leads(...many))
    const csv = deals('d1,L0,2026-01-20,Won,100', 'd2,L1,2026-02-20,Lost,', 'd3,L2,2026-03-02,Won,50', 'd4,,,Talking,')
    const preview = await pull(csv, true)
    await pull(csv)
    const stored = await all<{ value: number | null }>(
      'select metric, basis, "window", period, value from observations order by 1, 2, 3, 4',
    )
    const shown = preview.preview?.observations.map(({ metric, basis, window, period, value: shownValue }) => ({
      metric,
      basis,
      window,
      period,
      value: shownValue,
    }))
    expect(shown?.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))).toEqual(
      stored.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    )
  })

  it('ignores a column that nobody mapped, and says so', async () => {
    const report = await pull(table('lead,created,channel,email', 'a,2026-01-05,web,ann@example.com'))
    expect(report.notices).toEqual([expect.objectContaining({ code: 'extra-columns', columns: ['email'] })])
    expect(JSON.stringify(await all('select * from leads'))).not.toContain('ann@')
  })

  it('takes semicolons, quoted line breaks and a byte order mark', async () => {
    expect(await pull('\uFEFFlead;created;channel\r\n"a";2026-01-05;"two\r\nlines"\r\nb;2026-01-06;x\r\n')).toMatchObject({
      inserted: 2,
      rejected: 0,
    })
  })

  it('imports two at the same time as if one had waited', async () => {
    const responses = await Promise.all([post(leads(...many)), post(leads(...many)), post(leads(...many))])
    const reports = await Promise.all(responses.map((response) => response.json<PullReport>()))
    expect(reports.map(({ inserted }) => inserted).sort()).toEqual([0, 0, 20])
    expect(reports.reduce((sum, { unchanged }) => sum + unchanged, 0)).toBe(40)
    expect([await count('leads'), await count('pulls')]).toEqual([20, 3])
  })
})

describe('a bad row', () => {
  it.each<[string, string, string, string, string | null]>([
    ['an impossible date', leads(...many, 'x,2026-02-30,web'), 'impossible-date', 'created', '2026-02-30'],
    ['a date that can be read in two ways', leads(...many, 'x,01/02/2026,web'), 'ambiguous-date', 'created', '01/02/2026'],
    ['a day to come', leads(...many, 'x,2999-01-01,web'), 'future-date', 'created', '2999-01-01'],
    ['no date', leads(...many, 'x,,web'), 'missing-date', 'created', ''],
    ['no id', leads(...many, ',2026-01-05,web'), 'missing-id', 'lead', ''],
    ['an email for an id', leads(...many, 'ann@example.com,2026-01-05,web'), 'personal-id', 'lead', null],
    ['an id twice with different content', leads(...many, 'L0,2026-01-09,web'), 'duplicate-id', 'lead', 'L0'],
    ['an unknown stage', deals(...manyDeals, 'x,,2026-02-11,Perhaps,1'), 'unknown-stage', 'stage', 'Perhaps'],
    ['a number that can be read in two ways', deals(...manyDeals, 'x,,2026-02-11,Won,"1,234"'), 'ambiguous-number', 'amount', '1,234'],
    ['an infinite amount', deals(...manyDeals, 'x,,2026-02-11,Won,Infinity'), 'invalid-number', 'amount', 'Infinity'],
    ['a negative amount', deals(...manyDeals, 'x,,2026-02-11,Won,-5'), 'negative-amount', 'amount', '-5'],
    ['a won deal without a close date', deals(...manyDeals, 'x,,,Won,5'), 'missing-date', 'closed', ''],
  ])('with %s is left out and named; the rest is imported', async (_, csv, code, column, text) => {
    const report = await pull(csv)
    expect(report).toMatchObject({ read: 21, inserted: 20, rejected: 1, errorCount: 1 })
    expect(report.errors).toEqual([
      {
        line: 22,
        record: null,
        column,
        value: text,
        code,
        effect: 'row-not-imported',
        detail: expect.any(String),
        fix: expect.any(String),
      },
    ])
  })

  it('with an unknown stage is listed once more as a stage to map', async () => {
    const report = await pull(deals(...manyDeals, 'x,,2026-02-11,Perhaps,1'))
    expect(report.notices).toEqual([expect.objectContaining({ code: 'unknown-stages', stages: [{ stage: 'Perhaps', rows: 1 }] })])
  })

  it('that repeats an earlier one exactly is no error', async () => {
    expect(await pull(leads('a,2026-01-05,web', 'a,2026-01-05,web'))).toMatchObject({
      read: 2,
      inserted: 1,
      unchanged: 1,
      rejected: 0,
      errors: [],
    })
  })

  it('is kept with the pull and downloaded without a formula in it', async () => {
    const { pullId } = await pull(leads(...many, 'x,=1+1,web'))
    const response = await fetchWorker(`/api/v1/sources/${source}/pulls/${pullId}/errors`, { headers: await adminHeaders() })
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const [header, row] = (await response.text()).split('\r\n')
    expect(header).toBe('line,record,column,value,code,detail,fix')
    expect(row).toMatch(/^22,,created,"?'=1\+1"?,invalid-date,/)
  })

  it('too many of them stop the pull: it is recorded as failed, and numbers and dates stay', async () => {
    await pull(leads('a,2026-01-05,web'))
    const before = await all('select * from observations')
    const success = await all('select last_success_at, last_new_data_at from sources')
    const rows = many.slice(0, 8)
    const response = await post(leads(...rows, 'x,2026-02-30,web'))
    expect([response.status, await response.json<{ type: string; detail: string }>()]).toMatchObject([
      422,
      { type: '/problems/too-many-bad-rows' },
    ])
    expect(await all('select * from observations')).toEqual(before)
    expect(await all('select last_success_at, last_new_data_at from sources')).toEqual(success)
    expect(await all('select state, error, read, inserted, rejected from pulls order by started_at desc, state desc limit 1')).toEqual([
      { state: 'failed', error: 'too-many-bad-rows', read: 9, inserted: 0, rejected: 1 },
    ])
    expect(await count('pull_errors')).toBe(1)
    expect(await pull(leads(...rows, 'x,2026-02-30,web'), true)).toMatchObject({ state: 'failed', rejected: 1 })
  })

  it('exactly a tenth of them is still imported', async () => {
    expect(await pull(leads(...many.slice(0, 9), 'x,2026-02-30,web'))).toMatchObject({ inserted: 9, rejected: 1 })
  })
})

describe('a file that cannot be read', () => {
  it.each<[string, string, string]>([
    ['nothing', '', 'invalid-input'],
    ['a header alone', 'lead,created,channel\n', 'invalid-input'],
    ['a column twice', 'lead,lead,created,channel\n1,1,2026-01-01,x\n', 'invalid-input'],
    ['a quote that is never closed', 'lead,created,channel\n"a,2026-01-01,x\n', 'invalid-input'],
    ['a renamed column', 'lead,created_on,channel\na,2026-01-01,x\n', 'columns-missing'],
  ])('%s is refused, recorded, and changes no number', async (_, csv, code) => {
    await pull(leads('a,2026-01-05,web'))
    const before = [await all('select * from observations'), await all('select last_success_at from sources')]
    const response = await post(csv)
    expect([response.status, (await response.json<{ type: string }>()).type]).toEqual([422, `/problems/${code}`])
    expect([await all('select * from observations'), await all('select last_success_at from sources')]).toEqual(before)
    expect(await all(`select error from pulls where state = 'failed'`)).toEqual([{ error: code }])
  })

  it('names for each layout which columns it misses and which are extra', async () => {
    const response = await post('lead,created_on,channel\na,2026-01-01,x\n')
    const { errors } = await response.json<{ errors: { pointer: string; detail: string }[] }>()
    expect(errors).toContainEqual({ pointer: 'layout "Leads"', detail: 'Missing: created.' })
    expect(errors).toContainEqual({ pointer: 'layout "Leads"', detail: 'Columns that are not used: created_on.' })
  })

  it.each([
    ['application/json', '{}'],
    ['text/plain', 'x'],
  ])('as %s is refused before it is read', async (type, body) => {
    const response = await fetchWorker(`/api/v1/sources/${source}/pulls?dryRun=true`, {
      method: 'POST',
      body,
      headers: { ...headers, 'Content-Type': type },
    })
    expect(response.status).toBe(415)
  })

  it('over 10 MB, or of an unknown source, is refused', async () => {
    expect((await post('x'.repeat(10 * 1024 * 1024 + 1))).status).toBe(413)
    expect((await post(leads('a,2026-01-05,web'), false, 'nowhere')).status).toBe(404)
  })
})

describe('a negative duration', () => {
  const lead = leads(...many, 'late,2026-03-10,web')
  const deal = deals(...manyDeals.map((row) => row.replace(',,', ',L0,')), 'd,late,2026-03-08,Won,70')

  it.each([
    ['leads first', [lead, deal], 'closed'],
    ['deals first', [deal, lead], 'created'],
  ])('is found whichever file came first (%s): the win counts, the duration does not', async (_, files, column) => {
    const [first, second] = [await pull(files[0] ?? ''), await pull(files[1] ?? '')]
    expect(first.errors).toEqual([])
    expect(second).toMatchObject({ rejected: 0, inserted: 21 })
    expect(second.errors).toMatchObject([{ line: 22, column, code: 'negative-duration', effect: 'duration-not-counted' }])
    expect([await value('won_deals', '2026-03'), await value('won_revenue', '2026-03'), await value('sales_cycle', '2026-03')]).toEqual([
      1,
      7_000,
      null,
    ])
  })

  it('is found within a row', async () => {
    const both: CsvSettingsInput = {
      ...settings,
      layouts: [{ name: 'Both', deal: { id: 'id', createdAt: 'from', closedAt: 'to', state: 'won' } }],
    }
    const { id } = await createSource(services(), { name: 'Both', settings: both })
    const report = await pullCsv(services(), id, 'id,from,to\na,2026-01-05,2026-01-04\nb,2026-01-05,2026-01-05\n', { dryRun: false })
    expect(report).toMatchObject({ inserted: 2, errors: [{ line: 2, column: 'to', code: 'negative-duration' }] })
    expect(await value('sales_cycle', '2026-01')).toBe(0)
  })
})

describe('what the figures are made of', () => {
  it('has the days of the reporting time zone', async () => {
    const context = services()
    for (const statement of writeSettings(context.db, { timeZone: 'Asia/Bangkok' })) await statement
    const { id } = await createSource(context, { name: 'NY', settings: { ...settings, timeZone: 'America/New_York' } })
    await pullCsv(context, id, leads('a,2026-01-31 12:00,x', 'b,2026-01-31 11:59,x', 'c,2026-01-31T23:30:00+07:00,x', 'd,2026-01-31,x'), {
      dryRun: false,
    })
    expect(await all('select external_id as id, created_day as day from leads order by 1')).toEqual([
      { id: 'a', day: '2026-02-01' },
      { id: 'b', day: '2026-01-31' },
      { id: 'c', day: '2026-01-31' },
      { id: 'd', day: '2026-01-31' },
    ])
  })

  it('leaves amounts in other currencies out and counts them', async () => {
    const { id } = await createSource(services(), { name: 'Europe', settings: { ...settings, currency: 'EUR' } })
    await pull(deals('a,,2026-01-10,Won,100'))
    const report = await pullCsv(services(), id, deals('b,,2026-01-11,Won,900', 'c,,2026-02-11,Won,900'), { dryRun: false })
    expect(report.notices).toEqual([expect.objectContaining({ code: 'other-currency', deals: 2, spend: 0, currency: 'USD' })])
    expect([await value('won_deals', '2026-01'), await value('won_revenue', '2026-01'), await value('won_revenue', '2026-02')]).toEqual([
      2,
      10_000,
      null,
    ])
  })

  it('counts a customer once, in the month of the first win', async () => {
    const { id } = await createSource(services(), {
      name: 'Accounts',
      settings: { ...settings, layouts: [{ name: 'D', deal: { id: 'deal', customerId: 'account', closedAt: 'closed', state: 'won' } }] },
    })
    await pullCsv(
      services(),
      id,
      table('deal,account,closed', '1,acme,2026-01-05', '2,acme,2026-02-05', '3,bolt,2026-02-06', '4,,2026-02-07'),
      { dryRun: false },
    )
    await pull(spend('2026-01-01,web,100', '2026-02-01,web,100', '2026-02-02,web,-20.00'))
    expect([await value('cac', '2026-01'), await value('cac', '2026-02')]).toEqual([10_000, 4_000])
  })

  it('tells equal lines of a bill apart, and knows them again', async () => {
    const bill = spend('2026-01-01,web,100', '2026-01-01,web,100', '2026-01-01,web,50')
    expect(await pull(bill)).toMatchObject({ inserted: 3 })
    expect(await pull(bill)).toMatchObject({ inserted: 0, updated: 0, unchanged: 3 })
    expect(await all('select sum(amount_minor) as total from spend')).toEqual([{ total: 25_000 }])
  })

  it('follows a deal that is won later, and a mapping that changes', async () => {
    await pull(deals('a,,,Talking,100'))
    expect(await count('observations')).toBe(0)
    await pull(deals('a,,2026-02-10,Won,100'))
    expect(await value('won_deals', '2026-02')).toBe(1)
    const [, layout] = settings.layouts
    await changeSource(services(), source, {
      settings: {
        ...settings,
        expectedEveryDays: 31,
        layouts: [{ name: 'Deals', deal: { ...layout?.deal, id: 'deal', stages: { Won: 'lost' } } }],
      },
    })
    expect(await pull(deals('a,,2026-02-10,Won,100'))).toMatchObject({ updated: 1 })
    expect([await value('won_deals', '2026-02'), await value('win_rate', '2026-02')]).toEqual([0, 0])
  })

  it('carries 20,000 rows, some with long names, in pieces that D1 takes', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `L${index},2026-0${(index % 9) + 1}-11,${'ช่องทาง'.repeat(index % 20)}`)
    expect(await pull(leads(...rows))).toMatchObject({ read: 20_000, inserted: 20_000 })
    expect(await pull(leads(...rows))).toMatchObject({ inserted: 0, updated: 0, unchanged: 20_000 })
    expect(await count('leads')).toBe(20_000)
  })
})
