import { describe, expect, it } from 'vitest'
import { addEvent } from '../../worker/services/events'
import { adminClient, adminHeaders, clientWith, fetchWorker, keyHeaders, services } from './client'

const send = async (method: string, path: string, body?: string) =>
  fetchWorker(path, { method, body: body ?? null, headers: { ...(await adminHeaders()), 'Content-Type': 'application/json' } })

describe('events', () => {
  it('are recorded, listed by day and deleted', async () => {
    const client = await adminClient()
    const later = await client.events.$post({ json: { day: '2026-06-15', name: ' SLA signed ' } })
    expect(later.status).toBe(201)
    const { id, ...event } = await later.json()
    expect(event).toEqual({ day: '2026-06-15', name: 'SLA signed', scope: 'company', author: '' }) // as before there was more
    await client.events.$post({ json: { day: '2026-02-01', name: 'New CRM' } })
    const listed = await (await client.events.$get({ query: {} })).json()
    expect([listed.items.map(({ name }) => name), listed.next]).toEqual([['New CRM', 'SLA signed'], null])
    expect((await client.events[':id'].$delete({ param: { id } })).status).toBe(204)
    expect((await client.events[':id'].$delete({ param: { id } })).status).toBe(404)
    expect((await (await client.events.$get({ query: { from: '2026-02-02' } })).json()).items).toEqual([])
  })

  it('are corrected field by field, and a comparison says who said so of whom', async () => {
    const client = await adminClient()
    const { id } = await addEvent(services(), { day: '2026-06-15', name: 'SLA signed' })
    const changed = await client.events[':id'].$patch({ param: { id }, json: { author: 'Dana Reyes', scope: 'sales' } })
    const expected = { id, day: '2026-06-15', name: 'SLA signed', scope: 'sales', author: 'Dana Reyes' }
    expect([changed.status, await changed.json()]).toEqual([200, expected])
    expect((await (await client.events[':id'].comparison.$get({ param: { id } })).json()).event).toEqual(expected)
    for (const body of ['{}', '{"day":"2026-02-30"}', '{"id":"x"}', '{"name":""}']) {
      expect((await send('PATCH', `/api/v1/events/${id}`, body)).status).toBe(422)
    }
    expect((await send('PATCH', '/api/v1/events/unknown', '{"name":"x"}')).status).toBe(404)
    expect(await (await client.events[':id'].$get({ param: { id } })).json()).toEqual(expected)
  })

  it('come a page at a time, none twice and none left out, also where days are equal', async () => {
    for (const day of ['2026-03-01', '2026-03-01', '2026-03-01', '2026-04-01', '2026-04-01']) await addEvent(services(), { day, name: 'x' })
    const client = await adminClient()
    const ids: string[] = []
    let cursor: string | null | undefined
    do {
      const page = await (await client.events.$get({ query: { limit: '2', ...(cursor ? { cursor } : {}) } })).json()
      expect(page.items.length).toBeLessThanOrEqual(2)
      ids.push(...page.items.map(({ id }) => id))
      cursor = page.next
    } while (cursor)
    expect([ids.length, new Set(ids).size]).toEqual([5, 5])
  })

  it('can be read by a reader and changed only by an administrator', async () => {
    const reader = clientWith(await keyHeaders('reader'))
    expect((await reader.events.$get({ query: {} })).status).toBe(200)
    expect((await reader.events.$post({ json: { day: '2026-06-15', name: 'x' } })).status).toBe(403)
  })

  it.each([
    ['{}', '#/day'],
    ['{"day":"2026-02-30","name":"x"}', '#/day'],
    ['{"day":"15.06.2026","name":"x"}', '#/day'],
    ['{"day":20260615,"name":"x"}', '#/day'],
    ['{"day":"2026-06-15","name":" "}', '#/name'],
    [`{"day":"2026-06-15","name":"${'x'.repeat(81)}"}`, '#/name'],
    ['{"day":"2026-06-15","name":"x","scope":"finance"}', '#/scope'],
    [`{"day":"2026-06-15","name":"x","author":"${'x'.repeat(81)}"}`, '#/author'],
    ['{"day":"2026-06-15","name":"x","colour":"red"}', '#/colour'],
    ['{"day":"2026-06-15","name":"\\u0000"}', '#/name'],
  ])('refuse %s, naming the field', async (body, pointer) => {
    const response = await send('POST', '/api/v1/events', body)
    expect(response.status).toBe(422)
    expect((await response.json<{ errors: { pointer: string }[] }>()).errors.map((error) => error.pointer)).toContain(pointer)
  })

  it.each(['cursor=x', 'limit=0', 'limit=1e3', 'from=yesterday', 'page=2', 'limit=1&limit=2'])('refuse the query %s', async (query) => {
    expect((await fetchWorker(`/api/v1/events?${query}`, { headers: await adminHeaders() })).status).toBe(422)
  })
})
