import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { getSource } from '../../worker/services/sources'
import { everything, formAt, post, textAt } from './browsing'
import { services } from './client'

const csv = `deal_id,created,closed,stage,amount,channel
1,2026-01-05,2026-02-03,Won,100.50,ads
2,2026-01-06,2026-02-04,Lost,50.00,web
3,2026-01-07,,Talking,70.00,web
`
const key = 'a-key-for-the-header-4321'

/** What answers at each address; everything else does not. */
let answers: Record<string, (headers: Headers) => Response>
beforeEach(() => {
  answers = { 'https://files.example.com/deals.csv': () => new Response(csv, { headers: { 'Content-Type': 'text/csv' } }) }
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const answer = answers[String(input)]
    return answer ? answer(new Headers(init?.headers)) : new Response('no such file', { status: 404 })
  })
})
afterEach(() => vi.restoreAllMocks())

async function connect(kind: string, values: Record<string, string>): Promise<string> {
  const made = await post(`/sources/new/${kind}`, { name: 'Deals', header: '', 'secret.headerValue': '', ...values })
  expect(made.status).toBe(303)
  return (made.headers.get('location') ?? '').replace('/connection', '')
}
const published = (source: string) =>
  vi.waitFor(async () => expect(await textAt(source)).toContain('Published'), { timeout: 10_000, interval: 200 })

it('leads from the address of a table to figures', async () => {
  const source = await connect('csv-url', { url: 'https://files.example.com/deals.csv' })
  expect(await textAt(`${source}/connection`)).toContain('The connection works')
  const form = await formAt(`${source}/mapping`)
  expect(form).toMatchObject({ 'deal.id': 'deal_id', 'deal.amount': 'amount', 'stage.Won': 'won', 'stage.Lost': 'lost', dateFormat: 'iso' })
  const mapped = await post(`${source}/mapping`, { ...form, currency: 'EUR', everyMinutes: '240', action: 'save' })
  expect(mapped.headers.get('location')).toBe(`${source}/dry-run`)
  const before = await everything()
  const look = await (await post(`${source}/dry-run`, {})).text()
  expect(look).toContain('That is all there is')
  expect(look).toContain('100.50 EUR')
  expect(await everything()).toBe(before)
  await post(`${source}/start`, {})
  await published(source)
  expect(await env.DB.prepare('select count(*) as n from deals').first<number>('n')).toBe(3)
  // What was said comes back as it was said.
  expect(await formAt(`${source}/mapping`)).toMatchObject({ ...form, currency: 'EUR', everyMinutes: '240' })
})

it('names each column that is missing beside its field', async () => {
  const source = await connect('csv-url', { url: 'https://files.example.com/deals.csv' })
  const form = await formAt(`${source}/mapping`)
  const refused = await post(`${source}/mapping`, { ...form, 'deal.closedAt': '', timeZone: 'Mars', ownerEmail: 'nobody', action: 'save' })
  expect(refused.status).toBe(422)
  const html = await refused.text()
  for (const field of ['deal.closedAt', 'timeZone', 'ownerEmail']) expect(html).toContain(`href="#${field}"`)
})

it('starts nothing whose columns nobody has said the meaning of', async () => {
  const source = await connect('csv-url', { url: 'https://files.example.com/deals.csv' })
  const started = await post(`${source}/start`, {})
  expect(started.headers.get('location')).toBe(`${source}/mapping`)
  expect((await getSource(services(), source.replace('/sources/', ''))).state).toBe('draft')
})

it('says that a sheet is not published instead of reading its page', async () => {
  answers['https://docs.google.com/spreadsheets/d/abc/export?format=csv'] = () =>
    new Response('<!doctype html><title>Sign in</title>', { headers: { 'Content-Type': 'text/html' } })
  const source = await connect('csv-url', { url: 'https://docs.google.com/spreadsheets/d/abc/edit' })
  for (const page of ['connection', 'mapping']) expect(await textAt(`${source}/${page}`)).toContain('The sheet is not published')
})

it.each(['http://files.example.com/deals.csv', 'https://ann:secret@files.example.com/deals.csv', 'not an address'])(
  'refuses %s beside the field',
  async (url) => {
    const refused = await post('/sources/new/csv-url', { name: 'Deals', url, header: '', 'secret.headerValue': key })
    expect(refused.status).toBe(422)
    const html = await refused.text()
    expect(html).toContain('href="#url"')
    expect(html).not.toContain(key)
  },
)

it('reads JSON page by page with a key in a header', async () => {
  const records = JSON.parse(
    '[{"deal_id":"1","closed":"2026-02-03","amount":"100.50"},{"deal_id":"2","closed":"2026-02-04","amount":"50"}]',
  )
  const page = (index: number) => (headers: Headers) =>
    headers.get('X-Api-Key') === key
      ? Response.json({
          data: { items: records.slice(index, index + 1) },
          next: index === 0 ? 'https://api.example.com/deals?after=1' : null,
        })
      : new Response('{}', { status: 401 })
  answers['https://api.example.com/deals'] = page(0)
  answers['https://api.example.com/deals?after=1'] = page(1)
  const source = await connect('json', {
    url: 'https://api.example.com/deals',
    header: 'X-Api-Key',
    'secret.headerValue': key,
    recordsPath: '/data/items',
    'paging.by': 'next-link',
    'paging.pointer': '/next',
  })
  expect(await formAt(`${source}/connection`)).toMatchObject({
    'paging.by': 'next-link',
    'paging.pointer': '/next',
    'secret.headerValue': '',
  })
  const form = await formAt(`${source}/mapping`)
  await post(`${source}/mapping`, {
    ...form,
    'deal.id': 'deal_id',
    'deal.closedAt': 'closed',
    'deal.amount': 'amount',
    'deal.state': 'won',
    action: 'save',
  })
  await post(`${source}/start`, {})
  await published(source)
  expect(await env.DB.prepare("select count(*) as n from deals where state = 'won'").first<number>('n')).toBe(2)
  expect(await everything()).not.toContain(key)
})
