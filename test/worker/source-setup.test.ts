import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { UnreadableSourceError } from '../../worker/services/source-failure'
import { dryRun } from '../../worker/services/source-setup'
import { createSource } from '../../worker/services/sources'
import { type FakePipedrive, fakePipedrive, refusal } from '../fakes/pipedrive'
import { everything, formAt, get, post, textAt } from './browsing'
import { adminClient, adminHeaders, fetchWorker, keyHeaders, services } from './client'

const token = 'pipedrive-token-of-somebody-1234'

let vendor: FakePipedrive
beforeEach(() => {
  vendor = fakePipedrive({
    deals: [
      {
        id: 1,
        status: 'won',
        value: 100,
        currency: 'EUR',
        stage_id: 1,
        org_id: 7,
        add_time: '2026-01-05T10:00:00Z',
        update_time: '2026-02-01T10:00:00Z',
        won_time: '2026-02-01T10:00:00Z',
        close_time: '2026-02-01T10:00:00Z',
      },
      {
        id: 2,
        status: 'lost',
        value: 50,
        currency: 'EUR',
        stage_id: 9,
        org_id: 8,
        add_time: '2026-01-06T10:00:00Z',
        update_time: '2026-02-02T10:00:00Z',
        lost_time: '2026-02-02T10:00:00Z',
        close_time: '2026-02-02T10:00:00Z',
      },
    ],
    leads: [
      { id: 'l1', label_ids: ['a'], add_time: '2026-01-02T10:00:00Z', update_time: '2026-01-03T10:00:00Z' },
      { id: 'l2', label_ids: ['b'], add_time: '2026-01-02T11:00:00Z', update_time: '2026-01-03T11:00:00Z' },
    ],
    labels: [
      { id: 'a', name: 'MQL' },
      { id: 'b', name: 'Hot' },
    ],
  })
  vendor.token = token
  vi.spyOn(globalThis, 'fetch').mockImplementation((...asked) => vendor.fetch(...asked))
})
afterEach(() => vi.restoreAllMocks())

const crm = {
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  changedSince: '2025-11-01',
  reads: { leads: true, deals: true, activities: true, spend: false },
}

async function made(secret = token) {
  const source = await createSource(services(), { name: 'Pipedrive', kind: 'pipedrive', settings: crm, secret: { token: secret } })
  return source.id
}

describe('the API of a source that is pulled', () => {
  it('creates a draft whose secret nobody sees again, tests it, discovers, looks and starts', async () => {
    const client = await adminClient()
    const created = await client.sources.$post({
      json: { name: 'Pipedrive', kind: 'pipedrive', settings: crm, secret: { token }, ownerEmail: 'Owner@Acme.example' },
    })
    expect(created.status).toBe(201)
    const source = await created.json()
    expect(source).toMatchObject({ kind: 'pipedrive', state: 'draft', secretHint: '1234', ownerEmail: 'owner@acme.example', dueAt: null })
    const param = { id: source.id }
    const report = await (await client.sources[':id']['connection-tests'].$post({ param })).json()
    expect(report).toMatchObject({ account: 'Acme', timeZone: 'Europe/Berlin', currency: 'EUR' })
    const found = await (await client.sources[':id'].discovery.$get({ param })).json()
    expect(found.leadStages.map(({ label, suggestion }) => [label, suggestion])).toContainEqual(['Hot', null])
    const before = await everything()
    const run = await (await client.sources[':id']['dry-runs'].$post({ param })).json()
    expect(run.counts).toContainEqual({ kind: 'deal', count: 2 })
    expect(await everything()).toBe(before)
    const started = await (await client.sources[':id'].$patch({ param, json: { state: 'active' } })).json()
    expect(started.state).toBe('active')
    expect(started.dueAt).not.toBeNull()

    const listed = await (await client.sources.$get({ query: {} })).text()
    const rows = await everything()
    for (const text of [JSON.stringify([source, report, found, run, started]), listed, rows]) expect(text).not.toContain(token)
  })

  it('names what is wrong with settings, secret and owner', async () => {
    const response = await fetchWorker('/api/v1/sources', {
      method: 'POST',
      headers: { ...(await adminHeaders()), 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'x', kind: 'pipedrive', settings: { ...crm, timeZone: 'Mars', more: 1 }, secret: { clientId: 'x' } }),
    })
    expect(response.status).toBe(422)
    const { errors } = await response.json<{ errors: { pointer: string }[] }>()
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
      '#/secret/clientId',
      '#/secret/token',
      '#/settings/more',
      '#/settings/timeZone',
    ])
  })

  it('says why a source cannot be read and what helps', async () => {
    const id = await made('another-token-entirely')
    const response = await fetchWorker(`/api/v1/sources/${id}/connection-tests`, { method: 'POST', headers: await adminHeaders() })
    expect(response.status).toBe(502)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    const problem = await response.json<Record<string, string>>()
    expect(problem).toMatchObject({ type: '/problems/source-unreadable', code: 'unauthorised' })
    expect(problem.detail).toBeTruthy()
    expect(problem.fix).toBeTruthy()
    expect(JSON.stringify(problem)).not.toContain('another-token')
  })

  it.each(['connection-tests', 'dry-runs', 'discovery'])('keeps %s from an importer', async (path) => {
    const method = path === 'discovery' ? 'GET' : 'POST'
    const response = await fetchWorker(`/api/v1/sources/${await made()}/${path}`, { method, headers: await keyHeaders('importer') })
    expect(response.status).toBe(403)
    expect(vendor.requests).toEqual([])
  })

  it('keeps the secret when something else changes, and replaces it when one is given', async () => {
    const id = await made()
    const client = await adminClient()
    const renamed = await (await client.sources[':id'].$patch({ param: { id }, json: { name: 'CRM', ownerEmail: null } })).json()
    expect(renamed).toMatchObject({ name: 'CRM', secretHint: '1234', ownerEmail: null })
    await expect(dryRun(services(), id)).resolves.toBeTruthy()
    const rotated = await (
      await client.sources[':id'].$patch({ param: { id }, json: { secret: { token: 'a-brand-new-token-9876' } } })
    ).json()
    expect(rotated.secretHint).toBe('9876')
    await expect(dryRun(services(), id)).rejects.toThrow(UnreadableSourceError)
    vendor.token = 'a-brand-new-token-9876'
    await expect(dryRun(services(), id)).resolves.toBeTruthy()
  })

  it('takes no file for a source that is pulled', async () => {
    const response = await fetchWorker(`/api/v1/sources/${await made()}/pulls?dryRun=false`, {
      method: 'POST',
      headers: { ...(await adminHeaders()), 'Content-Type': 'text/csv' },
      body: 'id,created\n1,2026-01-01\n',
    })
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ type: '/problems/source-not-uploaded' })
  })

  it('keeps the rhythm in step with the settings', async () => {
    const id = await made()
    const client = await adminClient()
    await client.sources[':id'].$patch({ param: { id }, json: { settings: { ...crm, everyMinutes: 240, expectedEveryDays: 3 } } })
    const row = await env.DB.prepare('select every_minutes, expected_every_days from sources where id = ?').bind(id).first()
    expect(row).toEqual({ every_minutes: 240, expected_every_days: 3 })
  })
})

describe('a dry run', () => {
  it('names stages without a meaning with how many records are in them', async () => {
    const { notices, facts, isWhole } = await dryRun(services(), await made())
    expect(isWhole).toBe(false)
    expect(facts.length).toBeLessThanOrEqual(20)
    expect(JSON.stringify(notices)).toMatch(/unknown-stages/)
  })

  it('reads three pages at most', async () => {
    vendor.deals.length = 0
    vendor.leads.length = 0
    await dryRun(services(), await made())
    expect(vendor.requests.filter((path) => /^\/(api\/v2\/(deals|activities)|v1\/leads)([/?]|$)/.test(path))).toHaveLength(3)
  })

  it('shows what the KPIs would be', async () => {
    const { observations } = await dryRun(services(new Date('2026-03-15T12:00:00Z')), await made())
    const won = observations.find(({ metric, period }) => metric === 'won_deals' && period === '2026-02')
    expect(won?.value).toBe(1)
  })
})

describe('the set-up in the browser', () => {
  it('leads from a choice of kinds to figures', async () => {
    expect(await textAt('/sources/new')).toContain('href="/sources/new/pipedrive"')
    expect(await textAt('/sources/new/pipedrive')).toContain('name="secret.token"')
    expect((await textAt('/sources/new/push')).replaceAll(/[\u2066-\u2069]/g, '')).toContain('<h1>Add a source: Push</h1>')
    const made = await post('/sources/new/pipedrive', { name: 'CRM of Acme', domain: '', 'secret.token': token })
    expect(made.status).toBe(303)
    const connection = made.headers.get('location') ?? ''
    expect(connection).toMatch(/^\/sources\/[\w-]{22}\/connection$/)
    const source = connection.replace('/connection', '')
    const connected = await textAt(connection)
    expect(connected).toContain('The connection works')
    expect(connected).toContain('Europe/Berlin')
    expect(connected).not.toContain(token)

    const form = await formAt(`${source}/mapping`)
    expect(form).toMatchObject({ 'leadStage.a': 'mql', 'leadStage.b': '', timeZone: 'Europe/Berlin', currency: 'EUR' })
    const mapped = await post(`${source}/mapping`, { ...form, changedSince: '2025-11-01', ownerEmail: 'owner@acme.example' })
    expect(mapped.headers.get('location')).toBe(`${source}/dry-run`)

    const before = await everything()
    const look = await (await post(`${source}/dry-run`, {})).text()
    expect(look).toContain('Nothing was written')
    expect(look).toContain('Won')
    expect(await everything()).toBe(before)

    const started = await post(`${source}/start`, {})
    expect(started.headers.get('location')).toBe(`${source}?done=started`)
    await vi.waitFor(async () => expect(await textAt(source)).toContain('Published'), { timeout: 10_000, interval: 200 })
    const page = await textAt(source)
    expect(page).toContain('Hot')
    expect(page).toContain(`${source}/mapping`)
    expect(await everything()).not.toContain(token)
    expect(page).not.toContain(token)
    const won = await env.DB.prepare("select value from observations where metric = 'won_deals' and period = '2026-02'").first<number>(
      'value',
    )
    expect(won).toBe(1)
  })

  it('gives a form with mistakes back filled in, but for the secret', async () => {
    const response = await post('/sources/new/pipedrive', { name: '', domain: 'acme.pipedrive.com', 'secret.token': token })
    expect(response.status).toBe(422)
    const html = await response.text()
    expect(html).toContain('value="acme.pipedrive.com"')
    expect(html).not.toContain(token)
    expect(html).toContain('href="#name"')
    const without = await (await post('/sources/new/salesforce', { name: 'CRM', domain: 'acme.my.salesforce.com' })).text()
    expect(without.match(/(?<=<a href="#secret\.\w+">)[^:<]+(?=: )/g)).toEqual(['Client id', 'Client secret'])
  })

  it('names each mistake of the mapping beside its field and keeps what was chosen', async () => {
    const id = await made()
    const form = await formAt(`/sources/${id}/mapping`)
    const { 'reads.leads': _l, 'reads.deals': _d, 'reads.activities': _a, ...rest } = form
    const refused = await post(`/sources/${id}/mapping`, {
      ...rest,
      'leadStage.b': 'sql',
      timeZone: 'Mars/Base',
      quotaShare: '99',
      changedSince: '',
      ownerEmail: 'nobody',
    })
    expect(refused.status).toBe(422)
    const html = await refused.text()
    for (const field of ['timeZone', 'quotaShare', 'changedSince', 'reads.leads']) expect(html).toContain(`href="#${field}"`)
    expect(html).toMatch(/name="leadStage.b".*?value="sql" selected/s)
    expect(html).toContain('value="Mars/Base"')
  })

  it('shows a refused key with what to do, and goes on when a new one works', async () => {
    const id = await made()
    await post(`/sources/${id}/start`, {})
    await vi.waitFor(async () => expect(await textAt(`/sources/${id}`)).toContain('Published'), { timeout: 10_000, interval: 200 })
    vendor.token = 'the-new-token-of-acme-5678'
    await post(`/sources/${id}/pull`, {})
    await vi.waitFor(async () => expect(await textAt(`/sources/${id}`)).toContain('It has stopped'), { timeout: 10_000, interval: 200 })
    const stopped = await textAt(`/sources/${id}`)
    expect(stopped).toContain('Make a new key')
    expect(stopped).toContain('name="secret.token"')
    const wrong = await post(`/sources/${id}/connection`, { name: 'CRM', domain: '', 'secret.token': 'wrong-again-0000' })
    expect(wrong.headers.get('location')).toBe(`/sources/${id}/connection`)
    expect(await textAt(`/sources/${id}/connection`)).toContain('does not work yet')
    const right = await post(`/sources/${id}/connection`, { name: 'CRM', domain: '', 'secret.token': 'the-new-token-of-acme-5678' })
    expect(right.headers.get('location')).toBe(`/sources/${id}?done=resumed`)
    await vi.waitFor(async () => expect(await textAt(`/sources/${id}`)).not.toContain('It has stopped'), { timeout: 10_000, interval: 200 })
  })

  it('pauses, resumes, and says so', async () => {
    const id = await made()
    await post(`/sources/${id}/start`, {})
    expect((await post(`/sources/${id}/pause`, {})).headers.get('location')).toBe(`/sources/${id}?done=paused`)
    expect(await textAt(`/sources/${id}`)).toContain('Nothing is read while it is paused')
    await post(`/sources/${id}/resume`, {})
    expect(await textAt(`/sources/${id}`)).not.toContain('Nothing is read while it is paused')
  })

  it('says how many facts go with a source and which KPIs are made of such', async () => {
    const id = await made()
    await post(`/sources/${id}/start`, {})
    await vi.waitFor(async () => expect(await textAt(`/sources/${id}`)).toContain('Published'), { timeout: 10_000, interval: 200 })
    const html = await textAt(`/sources/${id}/deletion`)
    expect(html).toContain('2 deals')
    expect(html).toContain('Revenue won')
    expect((await post(`/sources/${id}/deletion`, {})).status).toBe(303)
    expect((await get(`/sources/${id}`)).status).toBe(404)
  })

  it.each([
    ['stopped', 'forbidden', { scope: 'crm.objects.deals.read' }, ['crm.objects.deals.read', 'Give the key this right', 'Try again now']],
    ['stopped', 'configuration', { field: 'old_stage' }, ['old_stage', 'Look through the settings']],
    ['active', 'timeout', {}, ['2 pulls in a row have failed', 'It is tried again on', 'stay until new ones are there']],
    ['active', 'suspiciously-empty', { field: 'deal' }, ['there are no deals any more', 'It is true that nothing is left']],
  ] as const)('says of a %s source (%s) what is wrong, what stays and what helps', async (state, code, facts, said) => {
    const id = await made()
    const trouble = { code, facts, since: '2026-11-20T08:00:00Z', retryAt: state === 'active' ? '2026-11-28T08:00:00Z' : null, times: 2 }
    await env.DB.prepare('update sources set state = ?1, trouble = ?2, last_success_at = ?3 where id = ?4')
      .bind(state, JSON.stringify(trouble), Date.parse('2026-11-19T08:00:00Z'), id)
      .run()
    const html = await textAt(`/sources/${id}`)
    for (const text of said) expect(html).toContain(text)
    expect(html).toContain('19 November 2026')
    expect(await textAt('/sources')).toContain(state === 'stopped' ? 'Stopped' : 'Fails')
  })

  it('says until when a pull waits, and how far it has come', async () => {
    const id = await made()
    await env.DB.prepare("update sources set state = 'active' where id = ?1").bind(id).run()
    await env.DB.prepare(
      `insert into pulls (id, source_id, state, origin, started_at, due_at, read, pages, total, detail)
       values ('waiting-pull', ?1, 'running', 'schedule', ?2, ?3, 1500, 3, 6000, ?4)`,
    )
      .bind(id, Date.parse('2026-11-27T08:00:00Z'), Date.parse('2026-11-28T07:30:00Z'), JSON.stringify({ code: 'quota-spent', facts: {} }))
      .run()
    const html = await textAt(`/sources/${id}`)
    for (const text of [
      '1,500 of 6,000 records, 3 pages',
      '28 November 2026',
      'daily quota',
      'value="1500" max="6000"',
      'Give this pull up',
    ])
      expect(html).toContain(text)
    expect((await post(`/sources/${id}/pulls/waiting-pull/cancellation`, {})).headers.get('location')).toBe(`/sources/${id}?done=cancelled`)
    expect(await textAt(`/sources/${id}`)).toContain('Given up')
  })

  it('keeps the mapping usable while the source cannot be asked', async () => {
    const id = await made()
    vendor.failures.push(...Array.from({ length: 20 }, () => () => refusal(503, 'down')))
    const html = await textAt(`/sources/${id}/mapping`)
    expect(html).toContain('could not be read just now')
    expect(html).toContain('name="changedSince"')
  })

  it('is there in Arabic, from right to left', async () => {
    const id = await made()
    for (const path of [
      '/sources/new',
      '/sources/new/pipedrive',
      `/sources/${id}`,
      `/sources/${id}/connection`,
      `/sources/${id}/mapping`,
      `/sources/${id}/dry-run`,
    ]) {
      const html = await textAt(`${path}?lang=ar`)
      expect([path, html.includes('dir="rtl"')]).toEqual([path, true])
      expect([path, /undefined|\[object|\bNaN\b/.exec(html)?.[0]]).toEqual([path, undefined])
    }
  })
})
