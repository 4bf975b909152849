import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { DomainError } from '../../worker/core/errors'
import { people, settings } from '../../worker/db/schema'
import { messagesOf } from '../../worker/i18n'
import { currentLink, renewInvitation } from '../../worker/services/links'
import { participation } from '../../worker/services/participation'
import { createRound, mostGroups, openRound, type RoundKeys } from '../../worker/services/rounds'
import { adminClient, adminHeaders, fetchWorker, services } from './client'
import {
  anOpenRound,
  anOrganisation,
  answer,
  blindFor,
  collect,
  partsOf,
  postJson,
  sameAnswers,
  type TeamSpec,
  twoSides,
} from './factories'

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: DomainError) => error.code,
  )
const rowsOf = async (table: string) => (await env.DB.prepare(`select count(*) as n from ${table}`).first<{ n: number }>())?.n

describe('scheduling a round', () => {
  it('numbers rounds one after the other and shows them newest first, a page at a time', async () => {
    const client = await adminClient()
    for (const period of ['2026-09', '2026-10', '2026-11']) {
      expect((await client.rounds.$post({ json: { period } })).status).toBe(201)
    }
    const first = await (await client.rounds.$get({ query: { limit: '2' } })).json()
    expect(first.items.map(({ number, period, state }) => [number, period, state])).toEqual([
      [3, '2026-11', 'scheduled'],
      [2, '2026-10', 'scheduled'],
    ])
    const second = await (await client.rounds.$get({ query: { limit: '2', cursor: first.next as string } })).json()
    expect([second.items.map(({ number }) => number), second.next]).toEqual([[1], null])
  })

  it('shows nothing of a scheduled round that opening decides', async () => {
    const client = await adminClient()
    const created = await (await client.rounds.$post({ json: { period: '2026-11', closesAt: '2099-01-31T16:00:00Z' } })).json()
    expect(created).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      number: 1,
      period: '2026-11',
      state: 'scheduled',
      opensAt: null,
      closesAt: '2099-01-31T16:00:00.000Z',
      openedAt: null,
      closedAt: null,
      slot: null,
      shiftedDays: 0,
      countsAt: null,
      mixMinutes: null,
      minimumGroupSize: null,
      invited: null,
      answered: null,
    })
  })

  it.each([
    ['#/period', {}],
    ['#/period', { period: '2026-13' }],
    ['#/period', { period: 202611 }],
    ['#/closesAt', { period: '2026-11', closesAt: 'tomorrow' }],
    ['#/closesAt', { period: '2026-11', closesAt: '2020-01-01T00:00:00Z' }],
    ['#/number', { period: '2026-11', number: 7 }],
  ])('names %s of %j', async (pointer, body) => {
    const response = await postJson('/api/v1/rounds', body, await adminHeaders())
    const { errors } = await response.json<{ errors: { pointer: string }[] }>()
    expect([response.status, errors.map((error) => error.pointer)]).toEqual([422, [pointer]])
    expect(await rowsOf('rounds')).toBe(0)
  })

  it.each([
    ['query/limit', 'limit=0'],
    ['query/limit', 'limit=many'],
    ['query/cursor', 'cursor=x'],
    ['query/state', 'state=open'],
    ['query/limit', 'limit=1&limit=2'],
  ])('names %s of ?%s', async (pointer, query) => {
    const response = await fetchWorker(`/api/v1/rounds?${query}`, { headers: await adminHeaders() })
    const { errors } = await response.json<{ errors: { pointer: string }[] }>()
    expect([response.status, errors.map((error) => error.pointer)]).toEqual([422, [pointer]])
  })

  it('answers 404 to a round that does not exist, on every path', async () => {
    const headers = await adminHeaders()
    for (const path of ['', '/keys', '/result']) {
      expect([path, (await fetchWorker(`/api/v1/rounds/nowhere${path}`, { headers })).status]).toEqual([path, 404])
    }
    for (const path of ['/opening', '/closure']) {
      expect([path, (await fetchWorker(`/api/v1/rounds/nowhere${path}`, { method: 'POST', headers })).status]).toEqual([path, 404])
    }
    expect((await fetchWorker(`/api/v1/rounds/${'x'.repeat(65)}`, { headers })).status).toBe(422)
  })
})

describe('opening a round', () => {
  it('freezes rules, makes a key a cohort, an invitation a person, a slot an invitation', async () => {
    await anOrganisation([...twoSides, { name: 'SDR', side: 'sales', people: 5, parent: 'Sales' }])
    const client = await adminClient()
    const { id } = await (await client.rounds.$post({ json: { period: '2026-11' } })).json()
    const response = await client.rounds[':id'].opening.$post({ param: { id } })
    expect(response.status).toBe(201)
    const { round, invitations } = await response.json()
    expect(round).toMatchObject({ state: 'open', minimumGroupSize: 5, invited: 17, answered: 0, openedAt: expect.any(String) })
    expect(invitations).toHaveLength(17)
    expect(invitations[0]?.url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:8787/s/${id}\\?lang=en#c\\d\\.[\\w-]{43}\\.[0-9a-f]{32}$`))
    expect(new Set(invitations.map(({ url }) => url)).size).toBe(17)
    expect([await rowsOf('cohorts'), await rowsOf('invitations'), await rowsOf('ballot_slots'), await rowsOf('comment_slots')]).toEqual([
      3, 17, 17, 17,
    ])
    const widths = await env.DB.prepare('select distinct length(answers) as answers, length(token) as token from ballot_slots').all()
    expect(widths.results).toEqual([{ answers: 18, token: 32 }])
    const perCohort = await env.DB.prepare(
      `select c.invited, (select count(*) from invitations i where i.cohort = c.cohort) as links,
        (select count(*) from ballot_slots s where s.cohort = c.cohort) as slots from cohorts c order by c.cohort`,
    ).all<{ invited: number; links: number; slots: number }>()
    for (const { invited, links, slots } of perCohort.results) expect([links, slots]).toEqual([invited, invited])
  })

  it('stores no secret of a link and no private key in the clear', async () => {
    const { invitations } = await anOpenRound()
    const dump = JSON.stringify([
      (await env.DB.prepare('select hex(token_hash) as h from invitations').all()).results,
      (await env.DB.prepare('select * from cohorts').all()).results,
    ])
    for (const { url } of invitations) expect(dump).not.toContain(partsOf(url).invitation)
    const { results } = await env.DB.prepare('select private_key, public_key from cohorts').all<{
      private_key: string
      public_key: string
    }>()
    const hex = (text = '') => Uint8Array.fromBase64(text, { alphabet: 'base64url' }).toHex()
    for (const row of results) {
      expect(row.private_key).toMatch(/^v1\.[\w-]{16}\.[\w-]{2000,}$/)
      // a private key in the clear holds its modulus
      expect(hex(row.private_key.split('.')[2])).not.toContain(hex(row.public_key))
    }
  })

  it('puts invitations in an order that is not the roster’s', async () => {
    const { invitations } = await anOpenRound([{ name: 'Sales', side: 'sales', people: 30 }])
    const { results } = await env.DB.prepare('select person_id from invitations').all<{ person_id: string }>()
    expect(results.map((row) => row.person_id)).not.toEqual(invitations.map(({ personId }) => personId))
  })

  it('stores texts of no item', async () => {
    const { round } = await anOpenRound()
    const row = await env.DB.prepare('select frozen from rounds where id = ?').bind(round.id).first<{ frozen: string }>()
    const { items } = JSON.parse(row?.frozen ?? '') as { items: Record<string, unknown>[] }
    const keys = new Set(items.flatMap((item) => Object.keys(item)))
    expect([...keys].sort()).toEqual(['id', 'kind', 'options', 'term', 'theme'])
  })

  it('happens once when it is asked for five times at once', async () => {
    await anOrganisation()
    const { id } = await createRound(services(), { period: '2026-11' })
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => codeOf(openRound(services(), id))))
    expect(outcomes.sort()).toEqual(['no error', ...Array(4).fill('round-not-scheduled')])
    expect([await rowsOf('cohorts'), await rowsOf('invitations'), await rowsOf('ballot_slots')]).toEqual([2, 12, 12])
    expect(await codeOf(openRound(services(), id))).toBe('round-not-scheduled')
  })

  it('opens one of two rounds that are opened at once, and leaves the other scheduled', async () => {
    await anOrganisation()
    const [first, second] = [await createRound(services(), { period: '2026-10' }), await createRound(services(), { period: '2026-11' })]
    const outcomes = await Promise.all([first, second].map(({ id }) => codeOf(openRound(services(), id))))
    expect(outcomes.sort()).toEqual(['another-round-open', 'no error'])
    expect([
      await rowsOf("rounds where state = 'open'"),
      await rowsOf("rounds where state = 'scheduled'"),
      await rowsOf('cohorts'),
    ]).toEqual([1, 1, 2])
  })

  it('says how many people are missing', async () => {
    await anOrganisation([{ name: 'Sales', side: 'sales', people: 4 }])
    const { id } = await createRound(services(), { period: '2026-11' })
    const response = await fetchWorker(`/api/v1/rounds/${id}/opening`, { method: 'POST', headers: await adminHeaders() })
    const problem = await response.json<{ type: string; detail: string }>()
    expect([response.status, problem.type]).toEqual([422, '/problems/too-few-people'])
    expect(problem.detail).toMatch(/^4 .*\b5 /)
    expect([await rowsOf('cohorts'), await rowsOf("rounds where state = 'scheduled'")]).toEqual([0, 1])
  })

  it('is refused with more groups than a result can hold, on the page too', async () => {
    const sides = ['sales', 'marketing'] as const
    await anOrganisation(
      Array.from({ length: mostGroups }, (_, index) => ({
        name: `Team${index}`,
        side: sides[index % 2] as (typeof sides)[number],
        people: 5,
      })),
    )
    const { id } = await createRound(services(), { period: '2026-11' })
    const headers = await adminHeaders()
    const response = await fetchWorker(`/api/v1/rounds/${id}/opening`, { method: 'POST', headers })
    const problem = await response.json<{ type: string; detail: string }>()
    expect([response.status, problem.type]).toEqual([422, '/problems/too-many-groups'])
    expect(problem.detail).toContain('Put small teams together')
    const page = await (await fetchWorker(`/rounds/${id}`, { headers })).text()
    expect(page).toContain(messagesOf('en').roundsPage.tooManyGroups('200'))
  })

  it('lets teams that are too small answer with the next larger group', async () => {
    const { invitations } = await anOpenRound([
      { name: 'Sales', side: 'sales', people: 6 },
      { name: 'Marketing', side: 'marketing', people: 3 },
    ])
    expect(new Set(invitations.map(({ cohort }) => cohort))).toEqual(new Set(['c1']))
    expect(invitations).toHaveLength(9)
  })

  it('invites nobody who has left', async () => {
    await anOrganisation()
    const context = services()
    await context.db.update(people).set({ deactivatedAt: context.now })
    const { id } = await createRound(context, { period: '2026-11' })
    expect(await codeOf(openRound(context, id))).toBe('too-few-people')
  })

  it('holds the minimum group size of its opening', async () => {
    const { round } = await anOpenRound()
    const context = services()
    await context.db.insert(settings).values({ key: 'minimumGroupSize', value: 3 })
    const client = await adminClient()
    expect(await (await client.rounds[':id'].$get({ param: { id: round.id } })).json()).toMatchObject({ minimumGroupSize: 5 })
  })
})

describe('the keys of a round', () => {
  it('are the same bytes for everybody, for ever, and name no person', async () => {
    const { round, invitations, items } = await anOpenRound()
    const path = `/api/v1/rounds/${round.id}/keys`
    const [nobody, admin] = [await fetchWorker(path), await fetchWorker(path, { headers: await adminHeaders() })]
    expect([nobody.status, nobody.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
    const text = await nobody.text()
    expect(await admin.text()).toBe(text)
    expect(text).not.toContain('acme.example')
    const keys = JSON.parse(text) as RoundKeys
    expect(keys).toMatchObject({ roundId: round.id, minimumGroupSize: 5 })
    expect(keys.keys.map(({ cohort, group, invited, e }) => [cohort, group, invited, e])).toEqual([
      ['c1', 'Sales', 6, 'AQAB'],
      ['c2', 'Marketing', 6, 'AQAB'],
    ])
    const unchanged = await fetchWorker(path, { headers: { 'If-None-Match': nobody.headers.get('etag') ?? '' } })
    expect(unchanged.status).toBe(304)
    await answer(invitations[0]?.url ?? '', sameAnswers(items, 4))
    expect(await (await fetchWorker(path)).text()).toBe(text)
  })

  it('carry the SHA-256 of the key that they name', async () => {
    const { round } = await anOpenRound()
    const { keys, fingerprint } = await (await fetchWorker(`/api/v1/rounds/${round.id}/keys`)).json<RoundKeys>()
    for (const key of keys) {
      const imported = await crypto.subtle.importKey(
        'jwk',
        { kty: 'RSA', n: key.n, e: key.e },
        { name: 'RSA-PSS', hash: 'SHA-384' },
        true,
        ['verify'],
      )
      const spki = (await crypto.subtle.exportKey('spki', imported)) as ArrayBuffer
      expect(key.fingerprint).toBe(new Uint8Array(await crypto.subtle.digest('SHA-256', spki)).toHex())
    }
    const all = new TextEncoder().encode(keys.map((key) => key.fingerprint).join('\n'))
    expect(fingerprint).toBe(new Uint8Array(await crypto.subtle.digest('SHA-256', all)).toHex())
  })

  it('are not there before the round opens', async () => {
    await anOrganisation()
    const { id } = await createRound(services(), { period: '2026-11' })
    expect(await (await fetchWorker(`/api/v1/rounds/${id}/keys`)).json()).toMatchObject({ status: 409, type: '/problems/round-not-open' })
  })
})

describe('participation', () => {
  const teams: TeamSpec[] = [
    { name: 'Sales', side: 'sales', people: 7 },
    { name: 'Marketing', side: 'marketing', people: 7 },
  ]
  const shownAfter = async (sales: number, marketing: number) => {
    const { round, invitations, items } = await anOpenRound(teams)
    const by = (name: string) => invitations.filter(({ email }) => email.startsWith(name))
    for (const { url } of [...by('sales').slice(0, sales), ...by('marketing').slice(0, marketing)]) await answer(url, sameAnswers(items, 4))
    const client = await adminClient()
    const view = await (await client.rounds[':id'].$get({ param: { id: round.id } })).json()
    return [view.answered, ...view.participation.map(({ group, invited, answered }) => `${group} ${answered} of ${invited}`)]
  }

  it.each([
    [0, 0, [0, 'Acme 0 of 14', 'Sales 0 of 7', 'Marketing 0 of 7']],
    [2, 0, [null, 'Acme null of 14', 'Sales null of 7', 'Marketing 0 of 7']],
    [5, 0, [5, 'Acme 5 of 14', 'Sales 5 of 7', 'Marketing 0 of 7']],
    [5, 2, [7, 'Acme 7 of 14', 'Sales null of 7', 'Marketing null of 7']],
    [5, 6, [11, 'Acme 11 of 14', 'Sales 5 of 7', 'Marketing 6 of 7']],
  ])('of %i and %i people shows %j', async (sales, marketing, expected) => {
    expect(await shownAfter(sales, marketing)).toEqual(expected)
  })

  it('is shown for whole groups, of the nodes that would have a result now', async () => {
    const { round, invitations, items } = await anOpenRound([
      { name: 'Sales', side: 'sales', people: 5 },
      { name: 'Field', side: 'sales', people: 6, parent: 'Sales' },
      { name: 'Marketing', side: 'marketing', people: 6 },
    ])
    const links = invitations.filter(({ group }) => group !== 'Sales')
    for (const { url } of [...links, ...invitations.filter(({ group }) => group === 'Sales').slice(0, 2)]) {
      await answer(url, sameAnswers(items, 4))
    }
    const shown = await participation(services().db, round.id)
    expect(shown.map(({ nodeId, parentId, side, invited, answered }) => [nodeId, parentId, side, invited, answered])).toEqual([
      ['company', null, 'other', 17, 14],
      ['sales', 'company', 'sales', 11, 8],
      ['field', 'sales', 'sales', 6, null], // 8 − 6 would be the two
      ['marketing', 'company', 'marketing', 6, 6],
    ])
  })

  it('is nothing where no round is open', async () => {
    await anOrganisation()
    const { id } = await createRound(services(), { period: '2026-11' })
    expect(await participation(services().db, id)).toEqual([])
    expect(await participation(services().db, 'nowhere')).toEqual([])
  })
})

describe('a new link', () => {
  let round: Awaited<ReturnType<typeof anOpenRound>>
  beforeEach(async () => {
    round = await anOpenRound()
  })

  it('replaces the old one while no ballot was collected', async () => {
    const [person] = round.invitations
    const url = await renewInvitation(services(), round.round.id, person?.personId ?? '')
    expect(url).toMatch(/#c\d\.[\w-]{43}\.[0-9a-f]{32}$/)
    await expect(collect(person?.url ?? '')).rejects.toThrow('invitation-unknown')
    await answer(url ?? '', sameAnswers(round.items, 4))
    expect(await rowsOf('invitations')).toBe(12)
  })

  it('is one at a time: of two that are asked for at once, the one that works is the one that is told', async () => {
    const { personId = '' } = round.invitations[0] ?? {}
    const links = await Promise.all([0, 1, 2].map(() => renewInvitation(services(), round.round.id, personId)))
    const told = new Set(links.filter((link) => link !== null))
    expect(await currentLink(services(), round.round.id, personId)).toBe([...told].at(-1))
    expect(told.size).toBe(1)
  })

  it('is not what asking for the present one makes', async () => {
    const [person] = round.invitations
    for (const _ of [1, 2]) expect(await currentLink(services(), round.round.id, person?.personId ?? '')).toBe(person?.url)
    await answer(person?.url ?? '', sameAnswers(round.items, 4))
    expect(await currentLink(services(), round.round.id, person?.personId ?? '')).toBeNull()
  })

  it('is refused after a ballot was collected, to strangers, and once the round has closed', async () => {
    const [person, other] = round.invitations
    const { request } = await blindFor(person?.url ?? '')
    expect((await postJson('/api/v1/issuances', request)).status).toBe(201)
    expect(await renewInvitation(services(), round.round.id, person?.personId ?? '')).toBeNull()
    expect(await renewInvitation(services(), round.round.id, 'stranger')).toBeNull()
    await env.DB.prepare('update rounds set closing_at = 1').run()
    expect(await renewInvitation(services(), round.round.id, other?.personId ?? '')).toBeNull()
  })
})
