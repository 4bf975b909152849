import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { CsvSettingsInput } from '../../worker/connectors/csv/settings'
import { type Locale, locales, messagesOf } from '../../worker/i18n'
import { listGoals } from '../../worker/services/goals'
import { pullCsv } from '../../worker/services/pulls'
import { createSource } from '../../worker/services/sources'
import { adminClient, adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { observe } from './scored-rounds'

const settings: CsvSettingsInput = {
  timeZone: 'UTC',
  currency: 'USD',
  dateFormat: 'iso',
  layouts: [{ name: 'Leads', lead: { id: 'id', createdAt: 'created' } }],
}
const deal = { id: 'deal', closedAt: 'closed' }

const rowsOf = async (table: string) => (await env.DB.prepare(`select count(*) as n from ${table}`).first<{ n: number }>())?.n

describe('the API of sources', () => {
  it('creates, lists by cursor, changes with a new version, and deletes', async () => {
    const client = await adminClient()
    for (const name of ['One', 'Two', 'Three']) {
      expect((await client.sources.$post({ json: { name, kind: 'csv', settings } })).status).toBe(201)
    }
    const first = await (await client.sources.$get({ query: { limit: '2' } })).json()
    const second = await (await client.sources.$get({ query: { limit: '2', cursor: first.next ?? '' } })).json()
    expect([...first.items, ...second.items].map(({ name }) => name).sort()).toEqual(['One', 'Three', 'Two'])
    expect(second.next).toBeNull()

    const id = first.items[0]?.id ?? ''
    expect(first.items[0]).toMatchObject({
      settingsVersion: 1,
      lastSuccessAt: null,
      freshness: 'never',
      settings: { expectedEveryDays: 31 },
    })
    const changed = await (
      await client.sources[':id'].$patch({ param: { id }, json: { settings: { ...settings, expectedEveryDays: 7 } } })
    ).json()
    expect(changed).toMatchObject({ settingsVersion: 2, settings: { expectedEveryDays: 7 } })
    const renamed = await (await client.sources[':id'].$patch({ param: { id }, json: { name: 'Four' } })).json()
    expect(renamed).toMatchObject({ name: 'Four', settingsVersion: 2 })

    expect((await client.sources[':id'].$delete({ param: { id }, query: { confirmed: 'true' } })).status).toBe(204)
    expect((await client.sources[':id'].$get({ param: { id } })).status).toBe(404)
    expect((await client.sources[':id'].$delete({ param: { id }, query: { confirmed: 'true' } })).status).toBe(404)
  })

  it('deletes a source with its facts, pulls and figures, and leaves the others', async () => {
    const context = services()
    const keep = await createSource(context, { name: 'Keep', settings })
    const drop = await createSource(context, { name: 'Drop', settings })
    await pullCsv(context, keep.id, 'id,created\na,2026-01-05\n', { dryRun: false })
    await expect(pullCsv(context, drop.id, 'id,created\nd,2026-02-30\n', { dryRun: false })).rejects.toThrow('1 of 1 rows')
    await pullCsv(context, drop.id, 'id,created\nb,2026-01-06\nc,2026-02-06\n', { dryRun: false })
    const client = await adminClient()
    const values = async () => {
      const { items } = await (await client.metrics[':key'].observations.$get({ param: { key: 'lead_volume' }, query: {} })).json()
      return items.map(({ period, value }) => [period, value])
    }
    expect(await values()).toEqual([
      ['2026-01', 2],
      ['2026-02', 1],
    ])
    await client.sources[':id'].$delete({ param: { id: drop.id }, query: { confirmed: 'true' } })
    expect(await values()).toEqual([['2026-01', 1]])
    expect([await rowsOf('leads'), await rowsOf('pulls'), await rowsOf('pull_errors'), await rowsOf('sources')]).toEqual([1, 1, 0, 1])
  })

  it.each<[string, unknown, string]>([
    ['an unknown zone', { ...settings, timeZone: 'Mars/Base' }, '#/settings/timeZone'],
    ['a currency that is no code', { ...settings, currency: 'euro' }, '#/settings/currency'],
    ['an unknown date format', { ...settings, dateFormat: 'yyMMdd' }, '#/settings/dateFormat'],
    ['an unknown field', { ...settings, more: 1 }, '#/settings/more'],
    ['no layout', { ...settings, layouts: [] }, '#/settings/layouts'],
    ['a layout that maps nothing', { ...settings, layouts: [{ name: 'x' }] }, '#/settings/layouts/0'],
    ['a lead without a date', { ...settings, layouts: [{ name: 'x', lead: { id: 'id' } }] }, '#/settings/layouts/0/lead/createdAt'],
    ['two layouts of one name', { ...settings, layouts: [settings.layouts[0], settings.layouts[0]] }, '#/settings/layouts'],
    ['neither a stage nor a state', { ...settings, layouts: [{ name: 'x', deal }] }, '#/settings/layouts/0/deal/stage'],
    [
      'a stage column without a meaning',
      { ...settings, layouts: [{ name: 'x', deal: { ...deal, stage: 's' } }] },
      '#/settings/layouts/0/deal/stages',
    ],
    [
      'won deals without a close date',
      { ...settings, layouts: [{ name: 'x', deal: { id: 'd', state: 'won' } }] },
      '#/settings/layouts/0/deal/closedAt',
    ],
    ['0 days', { ...settings, expectedEveryDays: 0 }, '#/settings/expectedEveryDays'],
  ])('refuses %s and names it', async (_, bad, pointer) => {
    const body = JSON.stringify({ name: 'Bad', kind: 'csv', settings: bad })
    const headers = { ...(await adminHeaders()), 'Content-Type': 'application/json' }
    const response = await fetchWorker('/api/v1/sources', { method: 'POST', body, headers })
    const problem = await response.json<{ errors: { pointer: string }[] }>()
    expect([response.status, problem.errors.map((error) => error.pointer)]).toEqual([422, expect.arrayContaining([pointer])])
    expect(await rowsOf('sources')).toBe(0)
  })

  it('deletes nothing without a confirmation', async () => {
    const { id } = await createSource(services(), { name: 'Keep', settings })
    const response = await fetchWorker(`/api/v1/sources/${id}`, { method: 'DELETE', headers: await adminHeaders() })
    expect([response.status, await rowsOf('sources')]).toEqual([422, 1])
  })

  it('lets an importer pull and see nothing', async () => {
    const { id } = await createSource(services(), { name: 'CRM', settings })
    const headers = { ...(await keyHeaders('importer')), 'Content-Type': 'text/csv' }
    const post = (run: string) =>
      fetchWorker(`/api/v1/sources/${id}/pulls?dryRun=${run}`, { method: 'POST', body: 'id,created\na,2026-01-05\n', headers })
    expect((await post('true')).status).toBe(200)
    expect((await post('maybe')).status).toBe(422)
    expect((await fetchWorker('/api/v1/sources', { headers })).status).toBe(403)
    expect(
      (await fetchWorker(`/api/v1/sources/${id}/pulls?dryRun=true`, { method: 'POST', body: 'x', headers: await keyHeaders('reader') }))
        .status,
    ).toBe(403)
  })
})

describe('the page of sources', () => {
  const get = async (path: string, locale: Locale = 'en') =>
    fetchWorker(`${path}?lang=${locale}`, { headers: { ...(await adminHeaders()), 'Sec-Fetch-Site': 'same-origin' } })
  const post = async (path: string, fields: Record<string, string | File>) => {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.append(name, value)
    return fetchWorker(path, { method: 'POST', body, headers: await adminHeaders() })
  }
  const file = (csv: string) => new File([csv], 'Deals 2026.csv', { type: 'text/csv' })
  const csv =
    'Opportunity ID,Created Date,Close Date,Stage,Amount,Source\nD1,2026-01-02,2026-02-03,Closed Won,"1,200.50",<b>web</b>\nD2,2026-01-05,,Negotiation,,ads\nD3,2026-01-06,2026-02-06,Closed Lost,10.00,ads\n'

  /** What a browser would send back: every input and select of the page's form. */
  async function fields(html: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {}
    let select = ''
    const rewriter = new HTMLRewriter()
      .on('form[action^="/sources"] input', {
        element: (input) => {
          found[input.getAttribute('name') ?? ''] = plain(input.getAttribute('value') ?? '')
        },
      })
      .on('form[action^="/sources"] select', {
        element: (element) => {
          select = plain(element.getAttribute('name') ?? '')
          found[select] = ''
        },
      })
      .on('form[action^="/sources"] option', {
        element: (option) => {
          if (option.hasAttribute('selected')) found[select] = plain(option.getAttribute('value') ?? '')
        },
      })
    await rewriter.transform(new Response(html)).text()
    return found
  }
  const plain = (text: string) =>
    text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#39;', "'").replaceAll('&amp;', '&')

  it.each(locales)('says in %s what is missing while there is no source', async (locale) => {
    const response = await get('/sources', locale)
    const html = await response.text()
    expect(response.status).toBe(200)
    expect(html).toContain(messagesOf(locale).sourcesPage.emptyWhat)
    expect(html).toContain(`lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}"`)
    expect(html).not.toMatch(/style=|undefined|\[object/)
  })

  it('leads from a sample through mapping and preview to an import', async () => {
    const sample = await post('/sources/samples', { file: file(csv) })
    const mapping = await sample.text()
    const guessed = await fields(mapping)
    expect(guessed).toMatchObject({
      name: 'Deals 2026',
      'deal.id': 'Opportunity ID',
      'deal.createdAt': 'Created Date',
      'deal.closedAt': 'Close Date',
      'deal.stage': 'Stage',
      'deal.amount': 'Amount',
      'deal.channel': 'Source',
      'stage.Closed Won': 'won',
      'stage.Closed Lost': 'lost',
      'stage.Negotiation': 'open',
      decimal: '.',
      dateFormat: 'iso',
    })
    expect(mapping).toContain('1200.50 USD')
    expect(mapping).not.toContain('<b>web</b>')

    const again = await post('/sources', { ...guessed, currency: 'nothing', action: 'save' })
    const refused = await again.text()
    expect([again.status, await fields(refused)]).toMatchObject([422, { currency: 'nothing', 'deal.id': 'Opportunity ID' }])
    expect(refused).toContain(messagesOf('en').sourcesPage.why.currency)
    expect(await rowsOf('sources')).toBe(0)

    const saved = await post('/sources', { ...guessed, action: 'save' })
    expect(saved.status).toBe(303)
    const path = (saved.headers.get('location') ?? '').split('?')[0] ?? ''
    const preview = await (await post(`${path}/preview`, { file: file(csv) })).text()
    expect(preview).toContain(messagesOf('en').sourcesPage.kpiPreview)
    expect(await rowsOf('deals')).toBe(0)

    const imported = await post(`${path}/pulls`, await fields(preview))
    expect([imported.status, await rowsOf('deals')]).toEqual([303, 3])
    const result = await (await get(imported.headers.get('location') ?? '')).text()
    expect(result).toContain(messagesOf('en').sourcesPage.doneTitle)
  })

  it('names the missing columns and keeps the page', async () => {
    const { id } = await createSource(services(), { name: 'CRM', settings })
    const response = await post(`/sources/${id}/preview`, { file: file('id,when\na,2026-01-05\n') })
    expect([response.status, await response.text()]).toEqual([
      422,
      expect.stringContaining('Missing: created. Columns that are not used: when.'),
    ])
    const nothing = await post(`/sources/${id}/preview`, {})
    expect([nothing.status, await nothing.text()]).toEqual([422, expect.stringContaining(messagesOf('en').sourcesPage.chooseFile)])
  })

  it('shows a refused import and its rows, and says that nothing changed', async () => {
    const { id } = await createSource(services(), { name: 'CRM', settings })
    const response = await post(`/sources/${id}/pulls`, { csv: 'id,created\na,2026-02-30\nb,2026-01-05\n', fileName: 'bad.csv' })
    const page = await (await get(response.headers.get('location') ?? '', 'th')).text()
    expect(page).toContain(messagesOf('th').sourcesPage.failedKept)
    expect(page).toContain(messagesOf('th').sourcesPage.rowErrors['impossible-date'].detail)
    expect(await rowsOf('leads')).toBe(0)
  })

  it('sets a goal in percent and stores a share', async () => {
    const bad = await post('/sources/goals/lead_conversion', { target: 'twelve', baseline: 'eight', scale: 'linear' })
    const back = await bad.text()
    expect([bad.status, back]).toEqual([422, expect.stringContaining('value="twelve"')])
    for (const field of ['Target', 'Baseline']) expect(back).toContain(`${field}: Use a number.`) // or the list would say the same twice
    expect((await post('/sources/goals/lead_conversion', { target: '12,5', baseline: '8', scale: 'log' })).status).toBe(303)
    expect(await listGoals(services().db)).toEqual([{ metric: 'lead_conversion', target: 0.125, baseline: 0.08, scale: 'log' }])
    expect((await post('/sources/goals/lead_conversion/removal', {})).status).toBe(303)
    expect(await listGoals(services().db)).toEqual([])
    expect((await get('/sources/goals/happiness')).status).toBe(404)
  })

  it('shows the baseline that a goal has: what was agreed, else the median of the first six months, and where it is from', async () => {
    const shown = async () => {
      const page = await (await get('/sources')).text()
      const row = page.split('<tr>').find((one) => one.includes('/sources/goals/cac"')) ?? ''
      const cell = /<td class="[^"]*" data-head="Baseline">(.*?)<\/td>/.exec(row)?.[1] ?? ''
      return cell
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim()
    }
    expect(await shown()).toBe('–')
    const goal = { target: '10', baseline: '', scale: 'linear' }
    await post('/sources/goals/cac', goal)
    expect(await shown()).toBe('the first six months')
    for (const [month, value] of [3000, 5000, 4000, 9000].entries()) await observe(`2026-0${month + 1}`, value, month === 3)
    expect(await shown()).toMatch(/^\$40(\.00)? the first six months$/)
    await post('/sources/goals/cac', { ...goal, baseline: '70' })
    expect(await shown()).toMatch(/^\$70(\.00)?$/)
  })

  it('asks before it deletes a source, and works without a script', async () => {
    const { id } = await createSource(services(), { name: 'Old <CRM>', settings })
    const question = await (await get(`/sources/${id}/deletion`)).text()
    expect(question).toContain('Old &lt;CRM&gt;')
    expect((await post(`/sources/${id}/deletion`, {})).status).toBe(303)
    expect(await rowsOf('sources')).toBe(0)
  })

  it('is for administrators only, and from our own pages only', async () => {
    expect((await fetchWorker('/sources')).headers.get('location')).toBe('/sign-in')
    const { id } = await createSource(services(), { name: 'CRM', settings })
    const headers = { ...(await adminHeaders()), Origin: 'https://evil.example' }
    expect((await fetchWorker(`/sources/${id}/deletion`, { method: 'POST', headers })).status).toBe(403)
  })
})
