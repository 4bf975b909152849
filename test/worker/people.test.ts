import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { rounds } from '../../worker/db/schema'
import { writeSettings } from '../../worker/db/settings'
import { importPeople, invitees, type PeopleImportReport } from '../../worker/services/people'
import { listTeams } from '../../worker/services/teams'
import { adminClient, adminHeaders, clientWith, fetchWorker, keyHeaders, services } from './client'

const header = 'email,name,team,side,locale'
const crowd = [
  'ann@example.com,Ann,Sales / SDR,sales,en',
  'bo@example.com,Bo,Sales / SDR,sales,th',
  'cy@example.com,Cy,Sales / AE,sales,',
  'di@example.com,Di,Marketing,marketing,ar',
]
const file = (...rows: string[]) => `\uFEFF${[header, ...rows].join('\r\n')}\r\n`

let headers: Record<string, string>
beforeEach(async () => {
  headers = await adminHeaders()
})

const post = (body: BodyInit, query = 'dryRun=false&mode=partial', type = 'text/csv') =>
  fetchWorker(`/api/v1/people/imports?${query}`, { method: 'POST', body, headers: { ...headers, 'Content-Type': type } })
const send = (method: string, path: string, body?: unknown) =>
  fetchWorker(`/api/v1${path}`, {
    method,
    ...(body === undefined
      ? { headers }
      : { headers: { ...headers, 'Content-Type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
const report = async (response: Response | Promise<Response>) => (await response).json<PeopleImportReport>()
const load = (csv: string, mode: 'partial' | 'full' = 'partial') => importPeople(services(), csv, { dryRun: false, mode })
const everything = async () => [
  await env.DB.prepare('select * from people order by email')
    .all()
    .then(({ results }) => results),
  await env.DB.prepare('select * from teams order by id')
    .all()
    .then(({ results }) => results),
]
const personId = async (email: string) => (await invitees(services().db)).find((person) => person.email === email)?.personId ?? ''

describe('importing people', () => {
  it('adds people and teams, and the same file again changes nothing', async () => {
    const first = await report(post(file(...crowd)))
    expect(first).toMatchObject({ dryRun: false, mode: 'partial', read: 4, unchanged: 0, errors: [], refusal: null })
    expect(first.added.map(({ email, locale }) => [email, locale])).toEqual([
      ['ann@example.com', 'en'],
      ['bo@example.com', 'th'],
      ['cy@example.com', 'en'],
      ['di@example.com', 'ar'],
    ])
    expect((await listTeams(services().db)).map(({ name, side, people, peopleBelow }) => [name, side, people, peopleBelow])).toEqual([
      ['Marketing', 'marketing', 1, 1],
      ['Sales', 'sales', 0, 3],
      ['AE', 'sales', 1, 1],
      ['SDR', 'sales', 2, 2],
    ])
    const before = await everything()
    const second = await report(post(file(...crowd)))
    expect([second.unchanged, second.added, second.changed, second.moved, second.teamsAdded]).toEqual([4, [], [], [], []])
    expect(await everything()).toEqual(before)
  })

  it('writes nothing in a dry run, which says the same as the import', async () => {
    await load(file(...crowd))
    const before = await everything()
    const changed = file(crowd[0] ?? '', 'bo@example.com,Bob,Sales / AE,sales,en', 'ed@example.com,Ed,Ops,other,en')
    const rehearsal = await report(post(changed, 'dryRun=true&mode=full'))
    expect(await everything()).toEqual(before)
    expect(rehearsal.deactivated.map(({ name }) => name)).toEqual(['Cy', 'Di'])
    expect(await report(post(changed, 'dryRun=false&mode=full'))).toEqual({ ...rehearsal, dryRun: false })
    expect((await invitees(services().db)).map(({ name }) => name)).toEqual(['Ann', 'Bob', 'Ed'])
  })

  it('brings somebody back who was deactivated, as the same person', async () => {
    await load(file(...crowd))
    const id = await personId('di@example.com')
    await load(file(...crowd.slice(0, 3)), 'full')
    expect((await load(file(...crowd))).reactivated).toEqual([{ email: 'di@example.com', name: 'Di', team: 'Marketing' }])
    expect(await personId('di@example.com')).toBe(id)
  })

  it('uses the organisation’s language where a row has none', async () => {
    const { db } = services()
    await Promise.all(writeSettings(db, { locale: 'ms' }))
    expect((await load(file('ann@example.com,Ann,Sales,sales,'))).added[0]?.locale).toBe('ms')
  })

  it('reads UTF-16 and Windows-1252, semicolons and tabs', async () => {
    const text = file('zoe@example.com,Zoë,Sales,sales,en').replaceAll(',', '\t')
    const utf16 = new Uint8Array([...text].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]))
    expect((await report(post(utf16))).added[0]?.name).toBe('Zoë')
    const latin = new Uint8Array([...text.slice(1).replaceAll('\t', ';').replace('zoe@', 'zoe2@')].map((c) => c.charCodeAt(0)))
    expect((await report(post(latin))).added[0]?.name).toBe('Zoë')
  })

  it('keeps names of other scripts and names that look like formulas as they are', async () => {
    const names = ['สมชาย ใจดี', 'فاطمة الزهراء', '=1+1', '@SUM(A1)']
    await load(file(...names.map((name, i) => `p${i}@example.com,${name},Sales,sales,en`)))
    const { items } = await send('GET', '/people').then((response) => response.json<{ items: { name: string }[] }>())
    expect(items.map(({ name }) => name).sort()).toEqual([...names].sort())
  })

  it('imports the rest where one row in ten is bad', async () => {
    const rows = Array.from({ length: 9 }, (_, i) => `p${i}@example.com,P${i},Sales,sales,en`)
    const { errors, added } = await report(post(file(...rows, 'nobody,Nobody,Sales,sales,en')))
    expect(errors).toMatchObject([{ line: 11, column: 'email', value: 'nobody', code: 'email-invalid' }])
    expect(added).toHaveLength(9)
    expect(await invitees(services().db)).toHaveLength(9)
  })

  it('imports nothing above that, and names the rows', async () => {
    const bad = file(...crowd, 'nobody,Nobody,Sales,sales,en')
    const response = await post(bad)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ type: '/problems/too-many-bad-rows', errors: [{ pointer: 'line 6, column "email"' }] })
    expect(await everything()).toEqual([[], []])
    expect(await report(post(bad, 'dryRun=true&mode=partial'))).toMatchObject({
      refusal: { code: 'too-many-bad-rows' },
      errors: [{ line: 6 }],
    })
  })

  it('refuses to deactivate everybody', async () => {
    await load(file(...crowd))
    const wrong = file('new@example.com,New,Sales,sales,en')
    expect(await report(post(wrong, 'dryRun=true&mode=full'))).toMatchObject({ refusal: { code: 'everybody-missing' } })
    const response = await post(wrong, 'dryRun=false&mode=full')
    expect([response.status, (await response.json<{ type: string }>()).type]).toEqual([422, '/problems/everybody-missing'])
    expect(await invitees(services().db)).toHaveLength(4)
  })

  it.each([
    ['another content type', '{}', 'dryRun=true&mode=full', 'application/json', 415, 'unsupported-media-type'],
    ['no content type worth the name', file(...crowd), 'dryRun=true&mode=full', 'text/csvx', 415, 'unsupported-media-type'],
    ['an empty body', '', 'dryRun=true&mode=full', 'text/csv', 422, 'invalid-input'],
    ['no word on the dry run', file(...crowd), 'mode=full', 'text/csv', 422, 'invalid-input'],
    ['no mode', file(...crowd), 'dryRun=true', 'text/csv', 422, 'invalid-input'],
    ['an unknown mode', file(...crowd), 'dryRun=true&mode=all', 'text/csv', 422, 'invalid-input'],
    ['a made-up parameter', file(...crowd), 'dryRun=true&mode=full&force=true', 'text/csv', 422, 'invalid-input'],
    ['a parameter twice', file(...crowd), 'dryRun=true&dryRun=false&mode=full', 'text/csv', 422, 'invalid-input'],
    ['missing columns', 'email,name\na@b.co,A', 'dryRun=true&mode=full', 'text/csv', 422, 'columns-missing'],
    ['a quote that is never closed', `${header}\na@b.co,"A`, 'dryRun=true&mode=full', 'text/csv', 422, 'invalid-input'],
    ['a body over its limit', 'x'.repeat(10 * 1024 * 1024 + 1), 'dryRun=true&mode=full', 'text/csv', 413, 'too-large'],
  ])('refuses %s and changes nothing', async (_, body, query, type, status, code) => {
    const response = await post(body, query, type)
    expect([response.status, (await response.json<{ type: string }>()).type]).toEqual([status, `/problems/${code}`])
    expect(await everything()).toEqual([[], []])
  })

  it('is for administrators', async () => {
    for (const role of ['importer', 'reader'] as const) {
      const key = { ...(await keyHeaders(role)), 'Content-Type': 'text/csv' }
      const init = { method: 'POST', body: file(...crowd), headers: key }
      expect((await fetchWorker('/api/v1/people/imports?dryRun=true&mode=full', init)).status).toBe(403)
    }
    expect((await clientWith().people.$get({ query: {} })).status).toBe(401)
  })

  it('takes 20,000 people, in Thai, in one request and in seconds', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `p${i}@example.com,พนักงานขายหมายเลข ${i},ฝ่ายขาย / ทีม ${i % 50},sales,th`)
    const start = Date.now()
    const { added } = await report(post(file(...rows)))
    expect(added).toHaveLength(20_000)
    expect(await invitees(services().db)).toHaveLength(20_000)
    expect(Date.now() - start).toBeLessThan(10_000)
  })

  it('makes each team once when two imports run at the same time', async () => {
    const [one, two] = crowd.map((row) => row.split(',').slice(1).join(','))
    await Promise.all([load(file(`x@example.com,${one}`)), load(file(`y@example.com,${two}`))])
    expect((await listTeams(services().db)).map(({ name, peopleBelow }) => [name, peopleBelow])).toEqual([
      ['Sales', 2],
      ['SDR', 2],
    ])
  })

  it('says when a round is open, and leaves that round as it is', async () => {
    await load(file(...crowd))
    const { db } = services()
    await db.insert(rounds).values({ id: 'r1', number: 7, period: '2026-10', state: 'open', frozen: { invited: 4 } })
    const { notices } = await load(file('ann@example.com,Ann,Marketing,marketing,en'))
    expect(notices).toMatchObject([{ code: 'round-open', facts: { number: 7 } }])
    expect((await db.query.rounds.findFirst())?.frozen).toEqual({ invited: 4 })
  })
})

describe('people', () => {
  beforeEach(() => load(file(...crowd)))

  it('come by name, a page at a time, none twice and none left out', async () => {
    await load(file(...Array.from({ length: 7 }, (_, i) => `twin${i}@example.com,Twin,Sales,sales,en`)))
    const client = await adminClient()
    const emails: string[] = []
    let cursor: string | null | undefined
    do {
      const page = await (await client.people.$get({ query: { limit: '3', ...(cursor ? { cursor } : {}) } })).json()
      expect([page.items.length <= 3, page.total]).toEqual([true, 11])
      emails.push(...page.items.map(({ email }) => email))
      cursor = page.next
    } while (cursor)
    expect(emails.slice(0, 4)).toEqual(['ann@example.com', 'bo@example.com', 'cy@example.com', 'di@example.com'])
    expect(new Set(emails).size).toBe(11)
  })

  it.each([
    ['search=ANN', ['Ann']],
    ['search=example.com&limit=2', ['Ann', 'Bo']],
    ['search=%25', []],
    ['search=o%40ex', ['Bo']],
    ['search=_', []],
    ['state=deactivated', []],
  ])('are found by %s', async (query, names) => {
    const { items } = await send('GET', `/people?${query}`).then((response) => response.json<{ items: { name: string }[] }>())
    expect(items.map(({ name }) => name)).toEqual(names)
  })

  it('are found whatever the case, in scripts that SQLite does not fold too', async () => {
    await load(file(...['Éric Östlund', 'Şebnem ÇELİK', 'สมชาย ใจดี', 'فاطمة'].map((name, i) => `x${i}@example.com,${name},Sales,sales,en`)))
    const found = async (search: string) => {
      const response = await send('GET', `/people?search=${encodeURIComponent(search)}`)
      return (await response.json<{ items: { name: string }[] }>()).items.map(({ name }) => name)
    }
    for (const search of ['éric östlund', 'ÉRIC', 'e\u0301ric', 'östl', 'Östlund'])
      expect([search, await found(search)]).toEqual([search, ['Éric Östlund']])
    for (const search of ['şebnem', 'Ş', 'çel']) expect([search, await found(search)]).toEqual([search, ['Şebnem ÇELİK']])
    expect(await found('ใจดี')).toEqual(['สมชาย ใจดี'])
    expect(await found(`${'ด'.repeat(99)}`)).toEqual([])
  })

  it('are found by team, with the teams below it', async () => {
    const sales = (await listTeams(services().db)).find(({ name }) => name === 'Sales')
    const { items } = await send('GET', `/people?teamId=${sales?.id}`).then((response) => response.json<{ items: { name: string }[] }>())
    expect(items.map(({ name }) => name)).toEqual(['Ann', 'Bo', 'Cy'])
  })

  it('change name, language and team', async () => {
    const marketing = (await listTeams(services().db)).find(({ name }) => name === 'Marketing')
    const response = await send('PATCH', `/people/${await personId('ann@example.com')}`, {
      name: ' Anne\u202e  Lee ',
      locale: 'ms',
      teamId: marketing?.id,
    })
    expect(await response.json()).toMatchObject({ name: 'Anne Lee', locale: 'ms', teamId: marketing?.id, deactivatedAt: null })
  })

  it('are added one at a time, in the organisation’s language where nothing is said', async () => {
    const teamId = (await listTeams(services().db)).find(({ name }) => name === 'Marketing')?.id
    const response = await send('POST', '/people', { email: ' Zoe@Bücher.Example', name: 'Zoe\u0308\nLee', teamId })
    expect(response.status).toBe(201)
    const added = await response.json<{ id: string }>()
    const zoe = { email: 'zoe@xn--bcher-kva.example', name: 'Zoë Lee', locale: 'en', teamId, deactivatedAt: null, mailStoppedAt: null }
    expect(added).toEqual({ id: added.id, ...zoe })
    expect(await (await send('GET', `/people/${added.id}`)).json()).toEqual(added)
    expect((await invitees(services().db)).map(({ name }) => name)).toContain('Zoë Lee')
  })

  it.each([
    ['{}', ['#/email', '#/name', '#/teamId']],
    ['{"email":"","name":"X","teamId":"sales"}', ['#/email']],
    ['{"email":"x@example.com\\u0000","name":"X","teamId":"sales"}', ['#/email']],
    ['{"email":"x@example.com\\nBcc: y@example.com","name":"X","teamId":"sales"}', ['#/email']],
    ['{"email":"X <x@example.com>","name":"\\u200b","teamId":"sales"}', ['#/email', '#/name']],
    [`{"email":"${'x'.repeat(65)}@example.com","name":"X","teamId":"sales"}`, ['#/email']],
    ['{"email":"x@example.com","name":"X","teamId":"nowhere"}', ['#/teamId']],
    ['{"email":"x@example.com","name":"X","teamId":null}', ['#/teamId']],
    ['{"email":"x@example.com","name":"X","teamId":"sales","locale":"fr"}', ['#/locale']],
    ['{"email":"x@example.com","name":"X","teamId":"sales","active":false}', ['#/active']],
  ])('are not added by %s, naming every field', async (body, expected) => {
    const before = await everything()
    const teamId = (await listTeams(services().db))[0]?.id ?? ''
    const response = await send('POST', '/people', body.replace('"sales"', `"${teamId}"`))
    expect(response.status).toBe(422)
    const { errors } = await response.json<{ errors: { pointer: string; detail: string }[] }>()
    expect(errors.map(({ pointer }) => pointer)).toEqual(expected)
    expect(await everything()).toEqual(before)
  })

  it('have an address each: a second one is told who has it, however it is written', async () => {
    const [team] = await listTeams(services().db)
    const [ann, bo] = [await personId('ann@example.com'), await personId('bo@example.com')]
    const taken = { type: '/problems/duplicate', errors: [{ pointer: '#/email', detail: expect.stringContaining(ann) }] }
    const added = await send('POST', '/people', { email: 'ANN@example.com', name: 'Ann Too', teamId: team?.id })
    expect([added.status, await added.json()]).toEqual([409, expect.objectContaining(taken)])
    const changed = await send('PATCH', `/people/${bo}`, { email: 'Ann@Example.com', name: 'Bob' })
    expect([changed.status, await changed.json()]).toEqual([409, expect.objectContaining(taken)])
    expect((await invitees(services().db)).map(({ name }) => name)).toEqual(['Ann', 'Bo', 'Cy', 'Di'])
    const twins = [1, 2].map(() => send('POST', '/people', { email: 'twin@example.com', name: 'Twin', teamId: team?.id }))
    expect((await Promise.all(twins)).map(({ status }) => status).sort()).toEqual([201, 409])
  })

  it('who asked not to be written to can be listed, and nobody else can lift it', async () => {
    const id = await personId('bo@example.com')
    await env.DB.prepare('update people set mail_stopped_at = 1764547200000 where id = ?').bind(id).run()
    const list = await (await send('GET', '/people?state=mail-stopped')).json()
    expect(list).toMatchObject({ items: [{ name: 'Bo', mailStoppedAt: '2025-12-01T00:00:00.000Z' }], total: 1 })
    expect((await send('PATCH', `/people/${id}`, { mailStoppedAt: null })).status).toBe(422)
    await send('PATCH', `/people/${id}`, { email: 'bob@example.com' })
    expect(await (await send('GET', `/people/${id}`)).json()).toMatchObject({ mailStoppedAt: '2025-12-01T00:00:00.000Z' })
  })

  it('and teams are described with what each field is for', async () => {
    const { paths } = await (await send('GET', '/openapi.json')).json<{ paths: Record<string, Record<string, { summary?: string }>> }>()
    const mine = Object.entries(paths).filter(([path]) => /^\/(people|teams)/.test(path))
    const routes = mine.flatMap(([path, methods]) => Object.entries(methods).map(([method, { summary }]) => [method, path, summary]))
    expect(routes.length).toBe(10)
    expect(routes.filter(([, , summary]) => !summary)).toEqual([])
    expect(JSON.stringify(paths['/people/{id}'])).toContain('ends the link of the open round')
  })

  it('are not paged on from somebody who was deleted, which is said', async () => {
    const { next } = await (await send('GET', '/people?limit=1')).json<{ next: string }>()
    await send('DELETE', `/people/${next}`)
    const response = await send('GET', `/people?limit=1&cursor=${next}`)
    expect([response.status, await response.json()]).toEqual([
      422,
      expect.objectContaining({ errors: [expect.objectContaining({ pointer: 'query/cursor' })] }),
    ])
  })

  it('leave the next rounds when they are made inactive, can be asked for, and come back', async () => {
    const id = await personId('ann@example.com')
    const [first, second] = [
      await send('PATCH', `/people/${id}`, { active: false }),
      await send('PATCH', `/people/${id}`, { active: false }),
    ]
    const { deactivatedAt } = await first.json<{ deactivatedAt: string }>()
    expect(await second.json()).toMatchObject({ name: 'Ann', deactivatedAt }) // the term counts from the first time
    expect((await invitees(services().db)).map(({ name }) => name)).toEqual(['Bo', 'Cy', 'Di'])
    expect(await (await send('GET', '/people?state=deactivated')).json()).toMatchObject({ items: [{ name: 'Ann' }], total: 1 })
    expect(await (await send('PATCH', `/people/${id}`, { active: true })).json()).toMatchObject({ deactivatedAt: null })
    expect(await invitees(services().db)).toHaveLength(4)
  })

  it('come back to no team that was archived', async () => {
    const id = await personId('di@example.com')
    const team = (await listTeams(services().db)).find(({ name }) => name === 'Marketing')?.id
    await send('PATCH', `/people/${id}`, { active: false })
    expect((await send('DELETE', `/teams/${team}`)).status).toBe(204)
    expect((await send('PATCH', `/people/${id}`, { active: true })).status).toBe(422)
    const other = (await listTeams(services().db))[0]?.id
    expect((await send('PATCH', `/people/${id}`, { active: true, teamId: other })).status).toBe(200)
  })

  it('are gone when they are deleted', async () => {
    const id = await personId('ann@example.com')
    expect((await send('DELETE', `/people/${id}`)).status).toBe(204)
    expect((await send('DELETE', `/people/${id}`)).status).toBe(404)
    expect(await (await send('GET', '/people?state=deactivated')).json()).toMatchObject({ items: [], total: 0 })
    expect(await (await send('GET', '/people')).json()).toMatchObject({ total: 3 })
  })

  it.each([
    ['{"name":""}', '#/name'],
    ['{"name":"\\u200b"}', '#/name'],
    ['{"name":7}', '#/name'],
    ['{"active":"no"}', '#/active'],
    ['{"locale":"fr"}', '#/locale'],
    ['{"teamId":"nowhere"}', '#/teamId'],
    ['{"teamId":null}', '#/teamId'],
    ['{"email":"x@example.com\\r\\nBcc: y@example.com"}', '#/email'],
    ['{"email":"Ann <x@example.com>"}', '#/email'],
    ['{"__proto__":{}}', '#/__proto__'],
    ['{"name":"a","name":"b"}', '#/name'],
    ['{"name":"\\ud800"}', '#/name'],
  ])('refuse the change %s, naming the field', async (body, pointer) => {
    const before = await everything()
    const response = await send('PATCH', `/people/${await personId('ann@example.com')}`, body)
    expect(response.status).toBe(422)
    expect((await response.json<{ errors: { pointer: string }[] }>()).errors.map((error) => error.pointer)).toContain(pointer)
    expect(await everything()).toEqual(before)
  })

  it.each(['limit=0', 'limit=501', 'limit=x', 'page=2', 'state=all', 'cursor=a%20b', `search=${'x'.repeat(101)}`, 'limit=1&limit=2'])(
    'refuse the query %s',
    async (query) => expect((await send('GET', `/people?${query}`)).status).toBe(422),
  )

  it('answer 404 to an unknown id', async () => {
    expect((await send('PATCH', '/people/nobody', { name: 'x' })).status).toBe(404)
    expect((await send('PATCH', '/people/nobody', {})).status).toBe(404)
    expect((await send('DELETE', '/people/nobody')).status).toBe(404)
  })
})
