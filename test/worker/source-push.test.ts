import { expect, it } from 'vitest'
import { get, post, textAt } from './browsing'
import { fetchWorker, keyHeaders } from './client'

const values = { name: 'Our program', timeZone: 'Europe/Berlin', currency: 'EUR', expectedEveryDays: '3', ownerEmail: 'owner@acme.example' }

async function made(): Promise<string> {
  const response = await post('/sources/new/push', values)
  expect(response.status).toBe(303)
  return response.headers.get('location') ?? ''
}

const unescaped = (html: string) => html.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')

it('shows where to send rows and examples that are taken as they stand', async () => {
  const source = await made()
  const html = unescaped(await textAt(source))
  expect(html).toContain(`/api/v1${source}/rows`)
  expect(html).toContain('Idempotency-Key')
  const rows = [...html.matchAll(/<code class="secret">(\{"type".*?\})<\/code>/g)].map(
    ([, row = '']) => JSON.parse(row) as { type: string },
  )
  expect(rows.map(({ type }) => type)).toEqual(['lead', 'stage', 'deal', 'activity', 'spend', 'headcount', 'touch', 'value'])
  const sent = await fetchWorker(`/api/v1${source}/rows`, {
    method: 'POST',
    headers: { ...(await keyHeaders('importer')), 'Content-Type': 'application/json', 'Idempotency-Key': 'first' },
    body: JSON.stringify({ rows }),
  })
  expect(sent.status).toBe(200)
  const { rows: results } = await sent.json<{ rows: { status: string; errors?: unknown }[] }>()
  expect(results.map(({ status, errors }) => [status, errors])).toEqual(rows.map(() => ['inserted', undefined]))
  const after = await textAt(source)
  expect(after).toContain('A program')
  expect(after).not.toContain('Nothing was sent yet')
})

it('gives its form back with what is wrong, and keeps what was changed', async () => {
  const refused = await post('/sources/new/push', { ...values, name: '', timeZone: 'Mars', currency: 'euro' })
  expect(refused.status).toBe(422)
  const source = await made()
  const html = await (
    await post(`${source}/reading`, { ...values, timeZone: 'Mars', currency: 'EUX', expectedEveryDays: '0', ownerEmail: 'nobody' })
  ).text()
  for (const field of ['timeZone', 'currency', 'expectedEveryDays']) expect(html).toContain(`href="#${field}"`)
  const changed = await post(`${source}/reading`, { ...values, name: 'Renamed', currency: 'USD' })
  expect(changed.headers.get('location')).toBe(`${source}?done=changed`)
  expect(await textAt(`${source}/reading`)).toContain('value="Renamed"')
})

it('has no connection, no mapping and no dry run', async () => {
  const source = await made()
  for (const page of ['connection', 'mapping', 'dry-run']) expect((await get(`${source}/${page}`)).status).toBe(404)
})
