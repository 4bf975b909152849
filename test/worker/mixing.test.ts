import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import worker from '../../worker'
import type { RoundResult } from '../../worker/core/result'
import { database } from '../../worker/db/client'
import { equip, mixerOf } from '../../worker/equipment'
import { locales } from '../../worker/i18n'
import { runJobs } from '../../worker/jobs'
import { takeArrivals } from '../../worker/jobs/arrivals'
import { castBallot, issueBallot } from '../../worker/services/ballots'
import { closeRound } from '../../worker/services/closing'
import { type BallotMixer, contextOf, type ServiceContext } from '../../worker/services/context'
import { countsAt, letWait, storeWaiting } from '../../worker/services/mixing'
import { createRound, getRound } from '../../worker/services/rounds'
import { adminHeaders, fetchWorker, origin, services } from './client'
import {
  anOpenRound,
  anOrganisation,
  ballotOf,
  blindFor,
  cast,
  closeNow,
  collect,
  type OpenRound,
  openAnother,
  partsOf,
  type SealedBallot,
  sameAnswers,
} from './factories'
import { changedRows, dump } from './tables'

const minutes = 30
const count = async (where: string) => (await env.DB.prepare(`select count(*) as n from ${where}`).first<{ n: number }>())?.n
const castBallots = 'ballot_slots where token <> zeroblob(32)'
const writtenComments = "comment_slots where substr(body, 1, 1) <> x'00'"
const later = (moment: Date, elapsed: number) => new Date(moment.getTime() + elapsed * 60_000)

/** What was sent to the queue: a stand-in whose time the test decides on. */
interface Waiting {
  body: string
  delaySeconds: number
}

/** A deployment with `BALLOT_DELAY`, and everything that it sent to its queue. */
function cloud() {
  const waiting: Waiting[] = []
  const queue = {
    send: async (body: string, { delaySeconds = 0 }: QueueSendOptions = {}) => void waiting.push({ body, delaySeconds }),
  }
  const bindings = { ...env, BALLOT_DELAY: String(minutes), BALLOT_QUEUE: queue } as unknown as Env
  const mixer: BallotMixer = { minutes, send: async (body, delaySeconds) => void waiting.push({ body, delaySeconds }) }
  const context = (now = new Date()): ServiceContext => contextOf({ db: database(env.DB), kek: env.KEK, mixer }, now, origin)
  return { waiting, bindings, context }
}

const postTo = (bindings: Env, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  worker.fetch(
    new Request(`${origin}${path}`, {
      method: 'POST',
      headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }) as Parameters<typeof worker.fetch>[0],
    bindings,
    createExecutionContext(),
  ) as Promise<Response>

async function aMixedRound(of: ReturnType<typeof cloud>, specs?: Parameters<typeof anOrganisation>[0]): Promise<OpenRound> {
  await anOrganisation(specs)
  return openAnother(of.context())
}

const collectAll = ({ invitations }: OpenRound) => Promise.all(invitations.map(({ url }) => collect(url)))

const castWith = (
  context: ServiceContext,
  round: OpenRound,
  { roundId, cohort, message, signature }: SealedBallot,
  comment: string | null = null,
) => castBallot(context, { roundId, cohort, message, signature, answers: sameAnswers(round.items, 4), comment })

/** Has the Worker's own handler take these messages, as the queue would. */
async function deliver(bodies: readonly string[], bindings: Env = env) {
  const batch = createMessageBatch<unknown>(
    'ballots',
    bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body })),
  )
  const context = createExecutionContext()
  await worker.queue(batch, bindings)
  return getQueueResult(batch, context)
}

/** Every line that is logged from here to the end of the test. */
function logLines(): string[] {
  const lines: string[] = []
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    const spy = vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => void lines.push(parts.map(String).join(' ')))
    onTestFinished(() => spy.mockRestore())
  }
  return lines
}

const refusal = async (response: Response) => {
  const { status, type } = await response.json<{ status: number; type: string }>()
  return [status, type.replace('/problems/', '')]
}

describe('a ballot that waits', () => {
  it('changes no row of any table at the moment it is cast', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    const sealed = await collect(round.invitations[0]?.url as string)
    const before = await dump()
    const response = await postTo(here.bindings, '/api/v1/ballots', ballotOf(sealed, sameAnswers(round.items, 4), 'More coffee.'))
    expect([response.status, await response.json()]).toEqual([202, { stored: false }])
    expect(changedRows(before, await dump())).toEqual({})
    expect(here.waiting).toHaveLength(1)
    await deliver(here.waiting.map(({ body }) => body))
    expect(changedRows(before, await dump())).toEqual({ ballot_slots: 1, comment_slots: 1 })
  })

  it('is sealed, and as long with a comment as without', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    const [one, other] = await collectAll(round)
    await castWith(here.context(), round, one as SealedBallot, 'It will all end in tears.')
    await castWith(here.context(), round, other as SealedBallot)
    const [first = '', second = ''] = here.waiting.map(({ body }) => body)
    expect(first).toMatch(/^v1\.[\w-]{16}\.[\w-]+$/)
    expect(first.length).toBe(second.length)
    const bytes = new TextDecoder('latin1').decode(Uint8Array.fromBase64(first.split('.')[2] ?? '', { alphabet: 'base64url' }))
    for (const told of [round.round.id, 'tears']) expect(bytes + first).not.toContain(told)
    const stranger = { ...here.context(), kek: btoa('x'.repeat(32)) }
    await expect(storeWaiting(stranger, first)).rejects.toThrow()
    expect(await count(castBallots)).toBe(0)
  })

  it('waits any time up to the longest, evenly', async () => {
    const here = cloud()
    const ballot = { roundId: 'r', cohort: 'c1', token: new Uint8Array(32), answers: new Uint8Array(22), comment: null }
    for (let times = 0; times < 2000; times++) await letWait(here.context(), minutes, ballot)
    const tenths = Array.from({ length: 10 }, () => 0)
    for (const { delaySeconds } of here.waiting) {
      expect(Number.isInteger(delaySeconds) && delaySeconds >= 0 && delaySeconds <= minutes * 60).toBe(true)
      const tenth = Math.min(9, Math.floor(delaySeconds / (minutes * 6)))
      tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    const chiSquared = tenths.reduce((sum, found) => sum + (found - 200) ** 2 / 200, 0)
    expect(chiSquared).toBeLessThan(33.7) // 9 degrees of freedom, p = 0.0001
  })

  it('counts once, cast twice and delivered three times', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    const sealed = await collect(round.invitations[0]?.url as string)
    const first = await castWith(here.context(), round, sealed, 'Once.')
    const again = await castWith(here.context(), round, sealed, 'Once.')
    expect([first, again]).toEqual([
      { stored: false, waits: true },
      { stored: false, waits: true },
    ])
    const [one = '', other = ''] = here.waiting.map(({ body }) => body)
    expect(one).not.toBe(other)
    expect((await deliver([one, other])).explicitAcks).toHaveLength(2)
    expect((await deliver([one])).explicitAcks).toHaveLength(1)
    expect([await count(castBallots), await count(writtenComments)]).toEqual([1, 1])
    expect(await castWith(here.context(), round, sealed, 'Once.')).toEqual({ stored: false, waits: false })
    expect(here.waiting).toHaveLength(2)
  })

  it('is refused like any other before it would wait', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    const sealed = await collect(round.invitations[0]?.url as string)
    const body = ballotOf(sealed, sameAnswers(round.items, 4))
    const post = async (change: object) => refusal(await postTo(here.bindings, '/api/v1/ballots', { ...body, ...change }))
    expect(await post({ signature: btoa('x'.repeat(384)).replaceAll('+', '-') })).toEqual([403, 'ballot-signature'])
    expect(await post({ answers: body.answers.slice(1) })).toEqual([422, 'ballot-invalid'])
    expect(await post({ cohort: 'c9' })).toEqual([422, 'ballot-invalid'])
    await env.DB.prepare(`update ballot_slots set token = randomblob(32) where cohort = '${sealed.cohort}'`).run()
    expect(await post({})).toEqual([409, 'ballot-box-full'])
    expect(here.waiting).toEqual([])
  })

  it('is not lost when the queue does not take it', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    const sealed = await collect(round.invitations[0]?.url as string)
    const body = ballotOf(sealed, sameAnswers(round.items, 4))
    const broken = { send: () => Promise.reject(new Error(`Queue cannot take ${JSON.stringify(body)}`)) }
    const before = await dump()
    const lines = logLines()
    const refused = await postTo({ ...here.bindings, BALLOT_QUEUE: broken } as unknown as Env, '/api/v1/ballots', body)
    expect(await refusal(refused)).toEqual([503, 'ballots-unavailable'])
    expect([lines, changedRows(before, await dump())]).toEqual([[], {}])
    expect((await postTo(here.bindings, '/api/v1/ballots', body)).status).toBe(202)
  })

  it('is delivered again when the database fails, and the others of its batch are not', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    for (const sealed of (await collectAll(round)).slice(0, 6)) await castWith(here.context(), round, sealed, 'Said in confidence.')
    let batches = 0
    const flaky = {
      prepare: (query: string) => env.DB.prepare(query),
      batch: (statements: D1PreparedStatement[]) =>
        ++batches === 3 ? Promise.reject(new Error('D1_ERROR: Network connection lost.')) : env.DB.batch(statements),
    } as unknown as D1Database
    const lines = logLines()
    const result = await deliver(
      here.waiting.map(({ body }) => body),
      { ...env, DB: flaky },
    )
    expect([result.explicitAcks.length, result.retryMessages.length, await count(castBallots)]).toEqual([5, 1, 5])
    expect(lines).toEqual(['{"event":"ballot-not-stored","cause":"D1_ERROR: Network connection lost."}'])
  })

  it('is stored in an order that is not that of its batch', async () => {
    const here = cloud()
    const round = await aMixedRound(here, [{ name: 'Sales', side: 'sales', people: 12 }])
    for (const sealed of await collectAll(round)) await castWith(here.context(), round, sealed)
    const handled: string[] = []
    const messages = here.waiting.map(({ body }, index) => ({ body, ack: () => void handled.push(String(index)), retry: () => {} }))
    await takeArrivals(here.context(), messages as unknown as Message[])
    expect(handled.toSorted((one, other) => Number(one) - Number(other))).toEqual(messages.map((_, index) => String(index)))
    expect(handled).not.toEqual(messages.map((_, index) => String(index)))
    expect(await count(castBallots)).toBe(12)
  })

  it('comes out of the local queue by itself after its delay, not in the order in which it went in', async () => {
    const { BALLOT_QUEUE } = env as unknown as { BALLOT_QUEUE: Queue }
    const delays = [4, 1]
    // The deployment's own mixer on the real queue; only the drawn delay is another, so that the test need not wait.
    const hurried = {
      send: (body: string, options: QueueSendOptions) => BALLOT_QUEUE.send(body, { ...options, delaySeconds: delays.shift() as number }),
    }
    const context = equip({ ...env, BALLOT_DELAY: '1', BALLOT_QUEUE: hurried } as unknown as Env, new Date(), origin)
    await anOrganisation()
    const round = await openAnother(context)
    const [slow, quick] = await collectAll(round)
    await castWith(context, round, slow as SealedBallot, 'Went in first.')
    await castWith(context, round, quick as SealedBallot, 'Went in last.')
    expect(await count(castBallots)).toBe(0)
    const comments = async () =>
      (await env.DB.prepare(`select cast(rtrim(body, x'00') as text) as text from ${writtenComments}`).all<{ text: string }>()).results.map(
        ({ text }) => text.replaceAll('\0', ''),
      )
    await vi.waitFor(async () => expect(await comments()).toEqual(['Went in last.']), { timeout: 3500, interval: 50 })
    await vi.waitFor(async () => expect(await count(castBallots)).toBe(2), { timeout: 8000, interval: 100 })
    expect((await comments()).toSorted()).toEqual(['Went in first.', 'Went in last.'])
  })
})

describe('closing a round whose ballots wait', () => {
  it('counts those that were cast before it, and refuses those that come after it', async () => {
    const here = cloud()
    const opened = new Date()
    const round = await aMixedRound(here)
    const id = round.round.id
    const [tooLate, ...sealed] = await collectAll(round)
    for (const ballot of sealed) await castWith(here.context(), round, ballot, 'Counted.')
    await deliver(here.waiting.slice(0, 4).map(({ body }) => body))

    const closing = later(opened, 60)
    const due = later(closing, minutes + 2)
    const first = await closeRound(here.context(closing), id)
    expect(first).toMatchObject({ countsAt: due.toISOString(), result: null, already: false })
    expect(first.round).toMatchObject({ state: 'open', countsAt: due.toISOString(), closedAt: null, mixMinutes: minutes })
    const response = await postTo(here.bindings, '/api/v1/ballots', ballotOf(tooLate as SealedBallot, sameAnswers(round.items, 4)))
    expect(await refusal(response)).toEqual([409, 'round-closed'])
    expect(await refusal(await cast(tooLate as SealedBallot, sameAnswers(round.items, 4)))).toEqual([409, 'round-closed'])

    // Pressing again, and cron before its time, change nothing; least of all the time.
    await closeRound(here.context(later(closing, 5)), id)
    await runJobs(here.context(later(due, -0.01)))
    expect([await count('results'), await count(castBallots)]).toEqual([0, 4])
    await deliver(here.waiting.slice(4, 9).map(({ body }) => body))
    expect(await count(castBallots)).toBe(9)
    await deliver(here.waiting.slice(9).map(({ body }) => body))

    await runJobs(here.context(due))
    const { result, already } = await closeNow(here.context(later(due, 1)), id)
    expect([result.n, already, result.audit]).toEqual([11, true, { passed: true, exceeded: [] }])
    expect(result.comments).toHaveLength(11)
    expect([await count('ballot_slots'), await count('comment_slots'), await count('invitations')]).toEqual([0, 0, 0])
    expect(await getRound(here.context().db, id)).toMatchObject({ state: 'closed', countsAt: null, closedAt: due.toISOString() })
  })

  it('answers 202 with the time, and shows it in four languages', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    const headers = await adminHeaders()
    const path = `/api/v1/rounds/${round.round.id}/closure`
    const ask = await (await fetchWorker(`/rounds/${round.round.id}/closure`, { headers })).text()
    expect(ask).toContain('32 minutes after you close')
    const response = await postTo(here.bindings, path, undefined, headers)
    expect(response.status).toBe(202)
    const body = await response.json<{ countsAt: string; round: { countsAt: string } }>()
    expect(Object.keys(body).toSorted()).toEqual(['countsAt', 'round'])
    expect(body.round.countsAt).toBe(body.countsAt)
    expect(Date.parse(body.countsAt) - Date.now()).toBeGreaterThan((minutes + 1) * 60_000)
    for (const locale of locales) {
      const page = await (await fetchWorker(`/rounds/${round.round.id}?lang=${locale}`, { headers })).text()
      expect(page).toContain('role="status"')
      expect(page).not.toContain('/closure"')
      expect((await fetchWorker(`/rounds?lang=${locale}`, { headers })).status).toBe(200)
    }
    const page = await (await fetchWorker(`/rounds/${round.round.id}`, { headers })).text()
    expect(page).toContain('takes no more ballots')
    expect(page).toMatch(/counted on \d+ \w+ \d{4} at \d\d:\d\d/)
    expect(page).toContain('up to 30 minutes')
    const confirm = await fetchWorker(`/rounds/${round.round.id}/closure`, { headers })
    expect([confirm.status, confirm.headers.get('location')]).toEqual([303, `/rounds/${round.round.id}`])
  })

  it('drops what arrives after the count, and tells nobody what it was', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    const [late, ...sealed] = await collectAll(round)
    for (const ballot of sealed) await castWith(here.context(), round, ballot)
    const inTime = here.waiting.map(({ body }) => body)
    await castWith(here.context(), round, late as SealedBallot, 'I was held up.')
    const lateBody = here.waiting.at(-1)?.body as string
    await deliver(inTime)
    const closing = new Date()
    await closeRound(here.context(closing), round.round.id)
    await runJobs(here.context(later(closing, minutes + 2)))
    const before = await dump()
    const lines = logLines()
    const result = await deliver([lateBody])
    expect([result.explicitAcks.length, result.retryMessages, lines]).toEqual([1, [], ['{"event":"ballot-too-late"}']])
    expect(changedRows(before, await dump())).toEqual({})
  })

  it('counts again when a ballot arrives between the count and its publication', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    const sealed = await collectAll(round)
    for (const ballot of sealed) await castWith(here.context(), round, ballot, 'Heard.')
    const bodies = here.waiting.map(({ body }) => body)
    await deliver(bodies.slice(0, 10))
    const closing = new Date()
    await closeRound(here.context(closing), round.round.id)
    let batches = 0
    const slow = {
      prepare: (query: string) => env.DB.prepare(query),
      batch: async (statements: D1PreparedStatement[]) => {
        // The first batch reads, the second would publish what was read.
        batches += 1
        if (batches === 2) await deliver(bodies.slice(10, 11))
        if (batches === 4) await deliver(bodies.slice(11))
        return env.DB.batch(statements)
      },
    } as unknown as D1Database
    const { result } = await closeNow({ ...here.context(later(closing, minutes + 2)), db: database(slow) }, round.round.id)
    expect([result.n, result.comments.length, await count('results'), await count('scores')]).toEqual([12, 12, 1, 1])
  })

  it('waits as long as its round has frozen, whatever the deployment says by then', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    const sealed = await collect(round.invitations[0]?.url as string)
    const longer = { ...here.context(), mixer: { minutes: 720, send: async (_: string, delay: number) => void delays.push(delay) } }
    const delays: number[] = []
    for (let times = 0; times < 20; times++) await castWith(longer, round, sealed)
    expect(Math.max(...delays)).toBeLessThanOrEqual(minutes * 60)
    const now = new Date()
    expect(await closeRound(services(now), round.round.id)).toMatchObject({ countsAt: countsAt(now, minutes).toISOString() })
  })
})

describe('BALLOT_DELAY', () => {
  it('does not change a round that was opened without it', async () => {
    const here = cloud()
    const round = await anOpenRound()
    const sealed = await collect(round.invitations[0]?.url as string)
    expect(await castWith(here.context(), round, sealed)).toEqual({ stored: true, waits: false })
    expect(here.waiting).toEqual([])
    expect((await closeNow(here.context(), round.round.id)).round).toMatchObject({ state: 'closed', mixMinutes: null })
  })

  it('cannot be taken from a round that was opened with it: its ballots are not stored at once', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    const sealed = await collect(round.invitations[0]?.url as string)
    const before = await dump()
    expect(await refusal(await cast(sealed, sameAnswers(round.items, 4)))).toEqual([503, 'ballots-unavailable'])
    expect(changedRows(before, await dump())).toEqual({})
    expect(await (await fetchWorker('/readyz')).json()).toMatchObject({ status: 'ballot-delay-invalid' })
    expect(await castWith(here.context(), round, sealed)).toEqual({ stored: false, waits: true })
    await closeRound(services(), round.round.id)
    expect((await fetchWorker('/readyz')).status).toBe(200)
  })

  it('is a number of minutes from 1 to 720 and has a queue, or is empty; anything else is unusable', () => {
    const queue = { send: async () => {} } as unknown as Queue
    const known = (BALLOT_DELAY: string, BALLOT_QUEUE?: Queue) =>
      mixerOf({ ...env, BALLOT_DELAY, BALLOT_QUEUE } as unknown as Parameters<typeof mixerOf>[0])
    for (const delay of ['1', '60', '720']) expect(known(delay, queue)).toMatchObject({ minutes: Number(delay) })
    for (const delay of ['0', '721', '-5', '1.5', '1e2', 'soon', ' 30', '0x10']) expect(known(delay, queue)).toBe('unusable')
    expect([known('', queue), known(''), known('30')]).toEqual([null, null, 'unusable'])
  })

  it('that cannot be followed stops the survey and says so, before anything is collected', async () => {
    const here = cloud()
    const wrong = { ...here.bindings, BALLOT_DELAY: '721' }
    const get = async (path: string, headers = {}) =>
      (await worker.fetch(
        new Request(`${origin}${path}`, { headers }) as Parameters<typeof worker.fetch>[0],
        wrong,
        createExecutionContext(),
      )) as Response
    const lines = logLines()
    const ready = await get('/readyz')
    expect([ready.status, await ready.json()]).toMatchObject([503, { status: 'ballot-delay-invalid' }])
    expect((await get('/healthz')).status).toBe(200)

    const round = await anOpenRound()
    const { request } = await blindFor(round.invitations[0]?.url as string)
    const sealed = await collect(round.invitations[1]?.url as string)
    const before = await dump()
    expect(await refusal(await postTo(wrong, '/api/v1/issuances', request))).toEqual([503, 'ballots-unavailable'])
    expect(await refusal(await postTo(wrong, '/api/v1/ballots', ballotOf(sealed, sameAnswers(round.items, 4))))).toEqual([
      503,
      'ballots-unavailable',
    ])
    expect(changedRows(before, await dump())).toEqual({})

    await closeNow(services(), round.round.id)
    const { id } = await createRound(services(), { period: '2026-12' })
    const headers = await adminHeaders()
    expect(await refusal(await postTo(wrong, `/api/v1/rounds/${id}/opening`, undefined, headers))).toEqual([503, 'ballots-unavailable'])
    const page = await (await get(`/rounds/${id}`, headers)).text()
    expect(page).toContain('BALLOT_DELAY is set')
    expect(page).not.toContain('/opening"')
    expect(lines).toEqual([])
    await worker.scheduled({ cron: '*/5 * * * *', scheduledTime: Date.now(), noRetry: () => {} }, wrong)
    expect(lines).toEqual(['{"event":"ballot-delay-invalid"}'])
  })
})

describe('the audit that is published with a result', () => {
  it('names the groups that hold more ballots than links were used in them, and their parents', async () => {
    const round = await anOpenRound()
    const sealed = await collectAll(round)
    const cohort = partsOf(round.invitations[0]?.url as string).cohort
    const [forged, ...others] = sealed.filter((ballot) => ballot.cohort === cohort)
    for (const ballot of [forged as SealedBallot, ...others, ...sealed.filter((ballot) => ballot.cohort !== cohort)]) {
      expect((await cast(ballot, sameAnswers(round.items, 4))).status).toBe(201)
    }
    // Whoever has the signing key needs no invitation: what they sign leaves no link that was used.
    await env.DB.prepare(
      'update invitations set blinded_hash = zeroblob(32) where token_hash = (select token_hash from invitations where cohort = ? limit 1)',
    )
      .bind(cohort)
      .run()
    const { result } = await closeNow(services(), round.round.id)
    const [{ node_id: nodeId } = { node_id: '' }] = (
      await env.DB.prepare('select node_id from cohorts where cohort = ?').bind(cohort).all<{ node_id: string }>()
    ).results
    expect(result.audit.passed).toBe(false)
    expect(result.audit.exceeded).toContain(nodeId)
    const other = ['sales', 'marketing'].find((id) => id !== nodeId)
    expect(result.audit.exceeded).not.toContain(other)
    const stored = await env.DB.prepare('select body from results').first<{ body: string }>()
    expect((JSON.parse(stored?.body ?? '{}') as RoundResult).audit).toEqual(result.audit)
  })

  it('passes where every ballot has its link, and where some links have no ballot', async () => {
    const round = await anOpenRound()
    const sealed = await collectAll(round)
    for (const ballot of sealed.slice(2)) await cast(ballot, sameAnswers(round.items, 4))
    expect((await closeNow(services(), round.round.id)).result.audit).toEqual({ passed: true, exceeded: [] })
  })
})

describe('log lines', () => {
  it('of collecting, casting and storing say nothing of the request, whatever goes wrong', async () => {
    const here = cloud()
    const round = await aMixedRound(here)
    const [url = ''] = round.invitations.map((invitation) => invitation.url)
    const { request, message } = await blindFor(url)
    const sealed = await collect(round.invitations[1]?.url as string)
    const comment = 'A comment that nobody may log.'
    await castWith(here.context(), round, sealed, comment)
    const lines = logLines()
    for (const table of ['invitations', 'ballot_slots', 'comment_slots']) {
      await env.DB.prepare(
        `create trigger fail_${table} before update on ${table} begin select raise(abort, 'the disk is full'); end`,
      ).run()
    }
    expect((await postTo(here.bindings, '/api/v1/issuances', request)).status).toBe(500)
    expect((await deliver(here.waiting.map(({ body }) => body))).retryMessages).toHaveLength(1)
    expect((await deliver(['v1.AAAA.AAAA', 'nonsense'])).retryMessages).toHaveLength(2)
    await env.DB.prepare('drop table ballot_slots').run()
    expect((await postTo(here.bindings, '/api/v1/ballots', ballotOf(sealed, sameAnswers(round.items, 4), comment))).status).toBe(500)
    await env.DB.prepare('alter table rounds rename to away').run()
    expect((await postTo(here.bindings, '/api/v1/issuances', request)).status).toBe(500)
    expect(lines).toHaveLength(6)
    const secrets = [
      round.round.id,
      request.invitation,
      request.blindedMessage,
      comment,
      ...[message, sealed.message, sealed.signature].flatMap((bytes) => [
        bytes.toHex(),
        bytes.toBase64({ alphabet: 'base64url' }),
        bytes.join(),
      ]),
      here.waiting[0]?.body as string,
    ]
    for (const secret of secrets) expect(lines.join('\n')).not.toContain(secret)
    expect(lines.join('\n')).not.toMatch(/"c\d+"|127\.0\.0\.1|params/)
  })

  it('of a box that is full name no round', async () => {
    const round = await anOpenRound()
    const { roundId, cohort, invitation } = partsOf(round.invitations[0]?.url as string)
    const sealed = await collect(round.invitations[0]?.url as string)
    await env.DB.prepare('update ballot_slots set token = randomblob(32)').run()
    const lines = logLines()
    expect((await cast(sealed, sameAnswers(round.items, 4))).status).toBe(409)
    expect(lines).toEqual(['{"event":"ballot-box-full"}'])
    await expect(issueBallot(services(), { roundId, cohort, invitation, blindedMessage: new Uint8Array(384).fill(1) })).rejects.toThrow()
    expect(lines).toHaveLength(1)
  })
})
