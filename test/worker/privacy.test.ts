/** Attacks on the running Worker from outside: what whoever may ask, read a log or hold the file learns of an open round. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Answer, ballotMessage } from '../../worker/core/ballot'
import { blind, finalize, fromBase64Url, toBase64Url } from '../../worker/core/blind-rsa'
import type { Item } from '../../worker/core/round'
import { closeRound } from '../../worker/services/closing'
import { queueDeliveries } from '../../worker/services/deliveries'
import { changeDelivery } from '../../worker/services/delivery-settings'
import { addEvent } from '../../worker/services/events'
import { signBlinded } from '../../worker/services/issuer-keys'
import { pullCsv } from '../../worker/services/pulls'
import { createRound } from '../../worker/services/rounds'
import { createSource } from '../../worker/services/sources'
import { identity } from '../identity'
import { adminHeaders, fetchWorker, keyHeaders, origin, services } from './client'
import {
  anOpenRound,
  answer,
  ballotOf,
  blindFor,
  cast,
  collect,
  type OpenRound,
  openAnother,
  random,
  type SealedBallot,
  sameAnswers,
  type TeamSpec,
} from './factories'
import { differences, type Ids, poll, textOf, type Viewers } from './poll'
import { type Recorder, recorder } from './recorder'
import { changedRows, dump, remember, tableNames } from './tables'

const aMailServer = {
  host: 'smtp.acme.example',
  port: '465',
  security: 'tls',
  user: '',
  from: 'survey@acme.example',
  fromName: '',
  replyTo: '',
}

const operator = { Authorization: `Bearer ${env.OPERATOR_TOKEN}` }

describe('before a round closes, no answer of the Worker depends on what people said', () => {
  // Every answer is compared with that of another world in which the same moment passes.
  beforeEach(() => void vi.setSystemTime(new Date('2026-10-20T10:00:00Z')))
  afterEach(() => void vi.useRealTimers())

  it('whatever is polled, by whomever, whether all praise or all complain', async () => {
    const { open, ids, viewers } = await aWorld()
    const sealed = await collectAll(open)
    const rewind = await remember()
    const world = async (say: (item: Item, voter: number) => Answer, comment: string | null) => {
      await rewind()
      for (const [voter, ballot] of sealed.entries()) {
        const response = await cast(
          ballot,
          open.items.map((item) => say(item, voter)),
          comment,
        )
        expect(response.status).toBe(201)
      }
      return poll(ids, viewers, ['nobody', 'admin'])
    }
    const praise = await world((item) => (item.kind === 'agreement' ? 5 : item.kind === 'headline' ? 10 : 0), 'All is well.')
    const complaint = await world((item, voter) => (item.kind === 'agreement' ? (voter % 3 ? 1 : null) : 1), null)
    expect(differences(praise, complaint)).toEqual([])

    // It was worth comparing: the pages and the API answered, and once closed they differ.
    expect(praise[`admin GET /api/v1/rounds/${open.round.id}`]).toContain('"answered":14')
    expect(praise[`admin GET /rounds/${open.round.id}`]).toMatch(/^200\n/)
    expect(praise[`nobody GET /s/${open.round.id}`]).toMatch(/^200\n/)
    await closeRound(services(), open.round.id)
    const closed = await poll(ids, { admin: viewers.admin as Record<string, string> })
    expect(Object.keys(closed).filter((request) => closed[request] !== complaint[request]).length).toBeGreaterThan(5)
  }, 240_000)

  it('nor on who answered, nor, below the minimum group size, on how many; nor while the round waits to be counted', async () => {
    const open = await anOpenRound(teams)
    const ids = { rounds: [open.round.id], sources: [], pulls: [], metrics: [], people: [], teams: [] }
    const admin = await adminHeaders()
    const inSales = open.invitations.filter(({ cohort }) => cohort === 'c1')
    await changeDelivery(services(), { smtp: aMailServer })
    await queueDeliveries(services(), open.round.id, 'invitation')
    const rewind = await remember()
    const world = async (voters: { url: string }[], agreement = 4, then = 'select 1') => {
      await rewind()
      await Promise.all(voters.map(({ url }) => answer(url, sameAnswers(open.items, agreement), agreement === 1 ? 'A complaint.' : null)))
      await queueDeliveries(services(), open.round.id, 'reminder-1') // to whoever did not answer
      await env.DB.exec(then)
      return poll(ids, { admin })
    }
    const one = await world(inSales.slice(0, 1))
    expect(differences(one, await world(inSales.slice(1, 5)))).toEqual([])
    expect(differences(await world(inSales.slice(0, 6)), await world(inSales.slice(2, 8)))).toEqual([])
    const closing = 'update rounds set closing_at = opened_at + 1' // stopped, not counted yet
    expect(differences(await world(inSales, 5, closing), await world(inSales, 1, closing))).toEqual([])
  }, 240_000)
})

describe('collecting and casting', () => {
  it('answers as long and asks the database for the same, whatever somebody says', async () => {
    const open = await anOpenRound()
    const said: [Answer[], string | null][] = [
      [sameAnswers(open.items, 5, 10, 0), null],
      [sameAnswers(open.items, 1, 0, 1), null],
      [open.items.map(() => null), null],
      [sameAnswers(open.items, 3), '.'],
      [sameAnswers(open.items, 3), 'ü'.repeat(400)],
      [sameAnswers(open.items, 3), '   '],
    ]
    const collected = []
    const castings = []
    for (const [voter, [answers, comment]] of said.entries()) {
      const { key, message, inverse, request } = await blindFor(urlOf(open, voter))
      const collecting = recorder()
      const issued = await collecting.fetch('/api/v1/issuances', posted(request))
      const { blindSignature } = await issued.clone().json<{ blindSignature: string }>()
      collected.push({ calls: collecting.calls, answer: (await textOf(issued)).replace(/"[\w-]{512}"/, '"512 characters"') })

      const signature = await finalize(key, message, fromBase64Url(blindSignature), inverse)
      const casting = recorder()
      const body = ballotOf({ ...request, message, signature }, answers, comment)
      castings.push({ answer: await textOf(await casting.fetch('/api/v1/ballots', posted(body))), calls: casting.calls })
    }
    for (const other of collected) expect(other).toEqual(collected[0])
    for (const other of castings) expect(other).toEqual(castings[0])
    expect([collected[0]?.calls.length, castings[0]?.calls.length]).toEqual([2, 2])
    expect([collected[0]?.answer, castings[0]?.answer]).toEqual([expect.stringMatching(/^201\n/), expect.stringMatching(/^201\n/)])
  })

  it('change one invitation, and one slot of each kind, and nothing else in the database', async () => {
    const open = await anOpenRound()
    const before = await dump()
    const sealed = await collect(urlOf(open))
    const collected = await dump()
    expect(changedRows(before, collected)).toEqual({ invitations: 1 })
    await cast(sealed, sameAnswers(open.items, 4), 'A comment.')
    const full = await dump()
    expect(changedRows(collected, full)).toEqual({ ballot_slots: 1, comment_slots: 1 })
    await cast(sealed, sameAnswers(open.items, 1), 'Another comment.')
    expect(await dump()).toEqual(full)
  })

  it('never fill more slots than people were invited, whoever signed the ballots', async () => {
    const open = await anOpenRound()
    const forged = await Promise.all(Array.from({ length: 60 }, () => forge(open.round.id, 'c1')))
    const before = await dump()
    const silent = vi.spyOn(console, 'error').mockImplementation(() => {})
    const responses = await Promise.all(forged.map((ballot, index) => cast(ballot, sameAnswers(open.items, 5), `Comment ${index}`)))
    silent.mockRestore()
    const answers = await Promise.all(responses.map(async (response) => [response.status, (await response.json<{ type?: string }>()).type]))
    expect(answers.filter(([status]) => status === 201)).toHaveLength(6)
    expect(answers.filter(([status]) => status !== 201)).toEqual(Array(54).fill([409, '/problems/ballot-box-full']))
    expect(changedRows(before, await dump())).toEqual({ ballot_slots: 6, comment_slots: 6 })
  })

  it('reads nobody’s session, key or name, even where they are sent along', async () => {
    const open = await anOpenRound()
    const identity = { ...(await adminHeaders()), ...(await keyHeaders('reader')) }
    const { request, key, message, inverse } = await blindFor(urlOf(open))
    const asked = recorder()
    const path = `/api/v1/rounds/${open.round.id}/keys`
    for (const page of [`/s/${open.round.id}`, path, '/s/unknown']) {
      expect((await asked.fetch(page, { headers: identity })).headers.getSetCookie()).toEqual([])
    }
    const issued = await asked.fetch('/api/v1/issuances', posted(request, identity))
    const { blindSignature } = await issued.json<{ blindSignature: string }>()
    const signature = await finalize(key, message, fromBase64Url(blindSignature), inverse)
    const ballot = ballotOf({ ...request, message, signature }, sameAnswers(open.items, 4), 'Mine.')
    const stored = await asked.fetch('/api/v1/ballots', posted(ballot, identity))
    expect([issued.status, stored.status, stored.headers.getSetCookie()]).toEqual([201, 201, []])
    expect([...tablesIn(asked.calls.flat().map(({ sql }) => sql))].sort()).toEqual([
      'ballot_slots',
      'cohorts',
      'comment_slots',
      'invitations',
      'open_links',
      'rounds',
      'settings',
    ])
  })
})

describe('the keys of a round', () => {
  it('are answered with the same bytes and headers to everybody, before, between and after ballots', async () => {
    const open = await anOpenRound()
    const path = `/api/v1/rounds/${open.round.id}/keys`
    const first = await fetchWorker(path)
    const etag = first.headers.get('etag') as string
    const plain = await textOf(first)
    const askers: Record<string, string>[] = [
      await adminHeaders(),
      await keyHeaders('reader'),
      await keyHeaders('importer'),
      operator,
      { 'Accept-Language': 'ar', 'User-Agent': 'Somebody/1.0', Cookie: 'lang=th; other=1', DNT: '1' },
      { Origin: 'https://elsewhere.example', Referer: 'https://elsewhere.example/', 'Sec-Fetch-Site': 'cross-site' },
      { Accept: 'text/html', 'CF-Connecting-IP': '203.0.113.7', 'X-Forwarded-For': '203.0.113.7' },
      { 'If-None-Match': '"another"' },
    ]
    const asEverybody = async () => {
      for (const headers of askers) expect(await textOf(await fetchWorker(path, { headers }))).toBe(plain)
      const head = await fetchWorker(path, { method: 'HEAD' })
      expect(await textOf(head)).toBe(plain.slice(0, plain.indexOf('\n\n') + 2))
      for (const headers of [{}, askers[0]]) {
        const unchanged = await fetchWorker(path, { headers: { ...headers, 'If-None-Match': etag } })
        expect([unchanged.status, unchanged.headers.get('etag'), await unchanged.text()]).toEqual([304, etag, ''])
      }
    }
    expect(plain).toMatch(/^200\n/)
    expect([first.headers.get('vary'), first.headers.get('set-cookie')]).toEqual([null, null])
    expect([await textOf(await fetchWorker(`${path}?lang=ar`)), await textOf(await fetchWorker(`${path}?me=1`))]).toEqual([plain, plain])
    await asEverybody()
    await answer(urlOf(open), sameAnswers(open.items, 4), 'A comment.')
    await asEverybody()
    await closeRound(services(), open.round.id)
    await asEverybody()
  })
})

describe('the log', () => {
  it('holds nothing of a request that collects or casts a ballot: good, refused or broken', async () => {
    const lines: string[] = []
    const spies = (['log', 'info', 'warn', 'error', 'debug', 'trace'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation((...values) => void lines.push(values.map(String).join(' '))),
    )
    onTestFinished(() => spies.forEach((spy) => void spy.mockRestore()))
    const open = await anOpenRound()
    const { request, key, message, inverse } = await blindFor(urlOf(open))
    const sent = { ...identity, Origin: origin }
    const collecting = (fetch: Recorder['fetch'], body: object = request) =>
      fetch('/api/v1/issuances?telltale=query-of-somebody', posted(body, sent))
    const issued = await collecting(fetchWorker)
    const { blindSignature } = await issued.json<{ blindSignature: string }>()
    const signature = await finalize(key, message, fromBase64Url(blindSignature), inverse)
    const comment = 'Tell-tale comment, with a {name} and a % sign: "quoted".'
    const ballot = ballotOf({ ...request, message, signature }, sameAnswers(open.items, 4).with(1, 1).with(5, 2), comment)
    const casting = (fetch: Recorder['fetch'], body: object | string = ballot) =>
      fetch('/api/v1/ballots?telltale=query-of-somebody', posted(body, sent))

    // Broken first: nothing has been stored yet that would end a request early.
    const broken: number[] = []
    for (const words of failures) {
      for (const call of [0, 1]) {
        const failing = recorder((at, values) => (at === call ? words(values) : undefined))
        broken.push((await casting(failing.fetch)).status)
        const alsoFailing = recorder((at, values) => (at === call ? words(values) : undefined))
        broken.push((await collecting(alsoFailing.fetch)).status)
      }
    }
    expect(broken).toEqual(Array(4 * failures.length).fill(500))
    expect(lines).toHaveLength(broken.length)

    expect((await casting(fetchWorker)).status).toBe(201)
    expect((await casting(fetchWorker)).status).toBe(200)
    const refused = [
      await collecting(fetchWorker, { ...request, cohort: 'c99' }),
      await collecting(fetchWorker, { ...request, invitation: 'TellTaleInvitationTellTaleInvitationTellTal' }),
      await collecting(fetchWorker, { ...request, blindedMessage: toBase64Url(random(384)) }),
      await collecting(fetchWorker, { ...request, tellTaleField: 'TellTaleValue' }),
      await casting(fetchWorker, { ...ballot, signature: toBase64Url(random(384)) }),
      await casting(fetchWorker, { ...ballot, comment: `${comment}\ud800` }),
      await casting(fetchWorker, { ...ballot, comment: comment.repeat(500) }),
      await casting(fetchWorker, JSON.stringify(ballot).slice(0, -9)),
    ]
    for (const response of refused) expect(Math.floor(response.status / 100)).toBe(4)
    const forged = await Promise.all(Array.from({ length: 7 }, () => forge(open.round.id, 'c1')))
    for (const sealed of forged) await casting(fetchWorker, ballotOf(sealed, sameAnswers(open.items, 4), comment))

    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event)
    expect(new Set(events)).toEqual(new Set(['failure', 'ballot-box-full']))
    const digests = await Promise.all([request.invitation, message, fromBase64Url(request.blindedMessage)].map(sha256))
    const said = [...Object.values(sent), ...Object.values(request), ...Object.values(ballot), 'telltale=query-of-somebody', blindSignature]
    const bytes = [message, signature, Uint8Array.from(ballot.answers as number[]), ...digests]
    expect(
      traces(lines, [...said.map(String), ...bytes.flatMap((value) => [value.toHex(), value.toHex().toUpperCase(), value.join(',')])]),
    ).toEqual([])
  })
})

describe('the database', () => {
  const holding = ['ballot_slots', 'comment_slots', 'invitations', 'open_issuances']

  it('has no column, index or trigger that ties a ballot to a person, a time or an order', async () => {
    const shapes = Object.fromEntries(
      await Promise.all(
        holding.map(async (table) => [table, (await rows(`pragma table_info("${table}")`)).map(({ name, type }) => `${name} ${type}`)]),
      ),
    )
    expect(shapes).toEqual({
      ballot_slots: ['round_id TEXT', 'cohort TEXT', 'slot INTEGER', 'token BLOB', 'answers BLOB'],
      comment_slots: ['round_id TEXT', 'cohort TEXT', 'slot INTEGER', 'body BLOB'],
      invitations: ['token_hash BLOB', 'round_id TEXT', 'cohort TEXT', 'person_id TEXT', 'blinded_hash BLOB', 'generation INTEGER'],
      open_issuances: ['round_id TEXT', 'team_id TEXT', 'slot INTEGER', 'blinded_hash BLOB'],
    })
    const { results: list } = await env.DB.prepare('pragma table_list').all<{ name: string; wr: number; strict: number }>()
    expect(list.filter(({ name }) => holding.includes(name)).map(({ wr, strict }) => [wr, strict])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ])
    const others = await rows("select type, name, tbl_name, sql from sqlite_master where type in ('index', 'trigger', 'view')")
    // A trigger may replace the version of what leaders read by another random value, and nothing of this is a respondent's.
    const read = [
      'settings',
      'rounds',
      'results',
      'scores',
      'scoring_rules',
      'analyses',
      'events',
      'sources',
      'own_metrics',
      'observations',
    ]
    const replaced = 'BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END'
    for (const { type, tbl_name, sql } of others.filter(({ type }) => type !== 'index')) {
      expect([type, read.includes(String(tbl_name))]).toEqual(['trigger', true])
      expect(String(sql)).toMatch(/^CREATE TRIGGER `\w+` AFTER (INSERT|UPDATE|DELETE) ON `\w+` BEGIN/)
      expect(String(sql).slice(String(sql).indexOf('BEGIN'))).toBe(replaced)
    }
    expect(others.filter(({ tbl_name }) => holding.includes(String(tbl_name))).map(({ name, sql }) => [name, sql])).toEqual([
      ['invitations_round_id', expect.stringContaining('(`round_id`,`person_id`)')],
    ])
    for (const table of holding) expect(await rows(`pragma foreign_key_list("${table}")`)).toEqual([])
  })

  it('has no other table that could', async () => {
    const columns = new Map<string, string[]>()
    for (const table of await tableNames()) {
      for (const { name, type } of await rows(`pragma table_info("${table}")`)) {
        if (type === 'BLOB' || name === 'person_id') columns.set(table, [...(columns.get(table) ?? []), String(name)])
      }
    }
    expect(Object.fromEntries(columns)).toEqual({
      ballot_slots: ['token', 'answers'],
      comment_slots: ['body'],
      deliveries: ['person_id'], // who was written to; gone when the round closes
      invitations: ['token_hash', 'person_id', 'blinded_hash'],
      open_issuances: ['blinded_hash'],
      open_links: ['token_hash'],
      roster: ['person_id'],
    })
    expect(await rows("select sql from sqlite_master where sql like '%autoincrement%' and name <> 'd1_migrations'")).toEqual([])
  })
})

const teams: TeamSpec[] = [
  { name: 'Sales', side: 'sales', people: 7 },
  { name: 'Development', side: 'sales', people: 2, parent: 'Sales' },
  { name: 'Marketing', side: 'marketing', people: 7 },
]

/** An organisation with a closed round, an open one, a planned one, figures, and everybody who can look at it. */
async function aWorld(): Promise<{ open: OpenRound; ids: Ids; viewers: Viewers }> {
  const first = await anOpenRound(teams)
  await Promise.all(first.invitations.map(({ url }, voter) => answer(url, sameAnswers(first.items, 1 + (voter % 5)), `Comment ${voter}`)))
  await closeRound(services(), first.round.id)
  vi.setSystemTime(new Date('2026-11-20T10:00:00Z'))
  const open = await openAnother()
  const planned = await createRound(services(), { period: '2026-12', closesAt: new Date('2027-01-01T00:00:00Z') })
  const source = await createSource(services(), {
    name: 'CRM',
    settings: {
      timeZone: 'UTC',
      currency: 'USD',
      dateFormat: 'iso',
      layouts: [{ name: 'Leads', lead: { id: 'id', createdAt: 'created' } }],
    },
  })
  const pull = await pullCsv(services(), source.id, 'id,created\nL1,2026-10-01\nL2,2026-10-02\n', { dryRun: false })
  await addEvent(services(), { day: '2026-10-01', name: 'SLA signed' })
  return {
    open,
    ids: {
      rounds: [first.round.id, open.round.id, planned.id],
      sources: [source.id],
      pulls: [pull.pullId ?? ''],
      metrics: ['cac'],
      people: open.invitations.map(({ personId }) => personId),
      teams: teams.map(({ name }) => name.toLowerCase()),
    },
    viewers: {
      nobody: {},
      admin: await adminHeaders(),
      reader: await keyHeaders('reader'),
    },
  }
}

const urlOf = (open: OpenRound, voter = 0) => open.invitations[voter]?.url as string

const posted = (body: object | string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'Content-Type': 'application/json', ...headers },
})

const rows = async (sql: string) => (await env.DB.prepare(sql).all<Record<string, unknown>>()).results

/** Names of the tables that statements read or write. */
const tablesIn = (statements: readonly string[]) =>
  new Set(statements.flatMap((sql) => [...sql.matchAll(/\b(?:from|join|update|into)\s+"?(\w+)"?/gi)].map(([, table]) => table as string)))

/** Ways in which a database can fail, and what the error says of the values that it was given. */
const failures: ((values: readonly unknown[]) => Error)[] = [
  () => new Error('D1_ERROR: Network connection lost.'),
  (values) => new Error(`D1_TYPE_ERROR: Type 'object' not supported for value '${values.join()}'`), // D1's own way
  (values) => new TypeError(`Cannot read properties of ${values.map(String).join()}`),
  (values) => new SyntaxError(`Unexpected token in JSON: ${JSON.stringify(values)}`),
]

/** Pieces of 8 or more characters of these texts that stand in the lines. */
function traces(lines: readonly string[], texts: readonly string[]): string[] {
  const log = lines.join('\n')
  const pieces = texts.flatMap((text) => Array.from({ length: Math.max(0, text.length - 7) }, (_, at) => text.slice(at, at + 8)))
  return [...new Set(pieces)].filter((piece) => log.includes(piece)).slice(0, 20)
}

const sha256 = async (data: Uint8Array<ArrayBuffer> | string) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', typeof data === 'string' ? new TextEncoder().encode(data) : data))

/** A ballot that nobody was invited to cast, signed with the key of a cohort as a dishonest operator could. */
async function forge(roundId: string, cohort: string): Promise<SealedBallot> {
  const [stored] = await rows(
    `select public_key as n, fingerprint, private_key as privateKey from cohorts where cohort = '${cohort}' and private_key is not null`,
  )
  const { n, fingerprint, privateKey } = stored as Record<string, string>
  const key = { n: n as string, e: 'AQAB' }
  const message = ballotMessage(roundId, cohort, random)
  const { blinded, inverse } = await blind(key, message, random)
  const issuer = { roundId, cohort, fingerprint: fingerprint as string, privateKey: privateKey as string }
  const signature = await finalize(key, message, await signBlinded(env.KEK, issuer, blinded), inverse)
  return { roundId, cohort, message, signature }
}

const collectAll = (open: OpenRound) => Promise.all(open.invitations.slice(0, 14).map(({ url }) => collect(url)))
