import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { commentBytes } from '../../worker/core/ballot'
import { finalize, fromBase64Url, toBase64Url } from '../../worker/core/blind-rsa'
import { bindInvitation, storeBallot } from '../../worker/db/ballots'
import { database } from '../../worker/db/client'
import { castBallot, issueBallot } from '../../worker/services/ballots'
import { closeRound } from '../../worker/services/closing'
import { adminHeaders, fetchWorker, services } from './client'
import {
  anOpenRound,
  answer,
  ballotOf,
  blindFor,
  cast,
  collect,
  type OpenRound,
  openAnother,
  partsOf,
  postJson,
  random,
  sameAnswers,
  twoSides,
} from './factories'

const problemOf = async (response: Response) => {
  const { status, type, errors } = await response.json<{ status: number; type: string; errors?: { pointer: string }[] }>()
  return [status, type.replace('/problems/', ''), ...(errors ?? []).map((error) => error.pointer)]
}
const count = async (where: string) => (await env.DB.prepare(`select count(*) as n from ${where}`).first<{ n: number }>())?.n
const castBallots = 'ballot_slots where token <> zeroblob(32)'
const collected = 'invitations where blinded_hash <> zeroblob(32)'
const urlOf = (round: OpenRound, index = 0) => round.invitations[index]?.url as string

describe('collecting a ballot', () => {
  it('gives a signature that verifies, and the same one for the same blinded message', async () => {
    const round = await anOpenRound()
    const { request } = await blindFor(urlOf(round))
    const [first, again] = [await postJson('/api/v1/issuances', request), await postJson('/api/v1/issuances', request)]
    expect([first.status, again.status]).toEqual([201, 201])
    expect(await first.json()).toEqual(await again.json())
    expect(await count(collected)).toBe(1)
  })

  it('signs one of 40 different messages that arrive at once', async () => {
    const round = await anOpenRound()
    const requests = await Promise.all(Array.from({ length: 40 }, async () => (await blindFor(urlOf(round))).request))
    const responses = await Promise.all(requests.map((request) => postJson('/api/v1/issuances', request)))
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(1)
    const refused = responses.filter(({ status }) => status !== 201)
    for (const response of refused) expect(await problemOf(response)).toEqual([409, 'invitation-used'])
    expect(await count(collected)).toBe(1)
  })

  it('refuses without consuming the invitation', async () => {
    const round = await anOpenRound()
    const { request, key } = await blindFor(urlOf(round))
    const other = request.cohort === 'c1' ? 'c2' : 'c1'
    const refused = [
      [{ ...request, cohort: other }, 422, 'ballot-invalid', '#/cohort'],
      [{ ...request, cohort: 'c99' }, 422, 'ballot-invalid', '#/cohort'],
      [{ ...request, invitation: 'x'.repeat(43) }, 404, 'invitation-unknown'],
      [{ ...request, roundId: 'nowhere' }, 404, 'not-found'],
      [{ ...request, blindedMessage: toBase64Url(random(383)) }, 422, 'ballot-invalid', '#/blindedMessage'],
      [{ ...request, blindedMessage: toBase64Url(random(385)) }, 422, 'ballot-invalid', '#/blindedMessage'],
      [{ ...request, blindedMessage: toBase64Url(new Uint8Array(384)) }, 422, 'ballot-invalid', '#/blindedMessage'],
      [{ ...request, blindedMessage: key.n }, 422, 'ballot-invalid', '#/blindedMessage'],
      [{ ...request, blindedMessage: toBase64Url(new Uint8Array(384).fill(255)) }, 422, 'ballot-invalid', '#/blindedMessage'],
    ] as const
    for (const [body, ...expected] of refused) expect(await problemOf(await postJson('/api/v1/issuances', body))).toEqual(expected)
    expect(await count(collected)).toBe(0)
    expect((await postJson('/api/v1/issuances', request)).status).toBe(201)
  })

  it('does not open a key that was moved to another cohort', async () => {
    const round = await anOpenRound()
    const { request } = await blindFor(urlOf(round))
    await env.DB.prepare('update cohorts set private_key = (select private_key from cohorts where cohort <> ?1) where cohort = ?1')
      .bind(request.cohort)
      .run()
    const silent = vi.spyOn(console, 'error').mockImplementation(() => {})
    expect((await postJson('/api/v1/issuances', request)).status).toBe(500)
    silent.mockRestore()
    expect(await count(collected)).toBe(0)
  })

  it.each([
    [['#/roundId', '#/cohort', '#/invitation', '#/blindedMessage'], '{}'],
    [['#/roundId', '#/invitation', '#/blindedMessage'], '{"roundId":1,"cohort":"c1","invitation":null,"blindedMessage":[]}'],
    [['#/cohort', '#/invitation', '#/blindedMessage'], '{"roundId":"r","cohort":"first","invitation":"short","blindedMessage":"*"}'],
    [['#/who'], `{"roundId":"r","cohort":"c1","invitation":"${'x'.repeat(43)}","blindedMessage":"AAAA","who":"me"}`],
    [['#/roundId'], '{"roundId":"r","roundId":"s"}'],
    [['#/roundId'], '{"roundId":"\\u0000"}'],
    [['#/cohort'], '{"cohort":"\\ud800"}'],
    [['#/__proto__'], '{"__proto__":{"cohort":"c1"}}'],
  ])('names %j', async (pointers, body) => {
    const response = await fetchWorker('/api/v1/issuances', { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
    expect(await problemOf(response)).toEqual([422, 'invalid-input', ...pointers])
  })
})

describe('casting a ballot', () => {
  it('stores one of 40 copies that arrive at once', async () => {
    const round = await anOpenRound()
    const sealed = await collect(urlOf(round))
    const responses = await Promise.all(Array.from({ length: 40 }, () => cast(sealed, sameAnswers(round.items, 4), 'Once.')))
    const bodies = await Promise.all(responses.map(async (response) => [response.status, await response.json()]))
    expect(bodies.filter(([status]) => status === 201)).toEqual([[201, { stored: true }]])
    expect(bodies.filter(([status]) => status === 200)).toHaveLength(39)
    expect([await count(castBallots), await count("comment_slots where substr(body, 1, 1) <> x'00'")]).toEqual([1, 1])
  })

  it('keeps the first answers when the same ballot comes with others', async () => {
    const round = await anOpenRound()
    const sealed = await answer(urlOf(round), sameAnswers(round.items, 4))
    expect(await (await cast(sealed, sameAnswers(round.items, 1), 'Too late.')).json()).toEqual({ stored: false })
    const row = await env.DB.prepare(`select hex(answers) as answers from ${castBallots}`).first()
    expect(row).toEqual({
      answers: Uint8Array.from(sameAnswers(round.items, 4) as number[])
        .toHex()
        .toUpperCase(),
    })
    expect(await count("comment_slots where substr(body, 1, 1) <> x'00'")).toBe(0)
  })

  it('refuses what is not a ballot of this round and group, and stores nothing', async () => {
    const round = await anOpenRound()
    const sealed = await collect(urlOf(round))
    const body = ballotOf(sealed, sameAnswers(round.items, 4))
    const flipped = Uint8Array.from(sealed.signature)
    flipped[9] = (flipped[9] as number) ^ 1
    const moved = Uint8Array.from(sealed.message)
    moved[0] = (moved[0] as number) ^ 1
    const other = sealed.cohort === 'c1' ? 'c2' : 'c1'
    const renamed = new TextDecoder('latin1').decode(sealed.message).replace(`|${sealed.cohort}|`, `|${other}|`)
    const forOther = Uint8Array.from(renamed, (character) => character.charCodeAt(0))
    const refused = [
      [{ ...body, signature: toBase64Url(flipped) }, 403, 'ballot-signature'],
      [{ ...body, signature: toBase64Url(random(384)) }, 403, 'ballot-signature'],
      [{ ...body, message: toBase64Url(moved) }, 403, 'ballot-signature'],
      [{ ...body, signature: toBase64Url(sealed.signature.subarray(1)) }, 422, 'ballot-invalid', '#/signature'],
      [{ ...body, message: toBase64Url(sealed.message.subarray(1)) }, 422, 'ballot-invalid', '#/message'],
      [{ ...body, cohort: other }, 422, 'ballot-invalid', '#/message'],
      [{ ...body, cohort: 'c99' }, 422, 'ballot-invalid', '#/cohort'],
      [{ ...body, roundId: 'nowhere' }, 404, 'not-found'],
      [{ ...body, cohort: other, message: toBase64Url(Uint8Array.from(forOther)) }, 403, 'ballot-signature'],
      [{ ...body, answers: body.answers.slice(1) }, 422, 'ballot-invalid', '#/answers'],
      [{ ...body, answers: [...body.answers, 1] }, 422, 'ballot-invalid', '#/answers'],
      [{ ...body, answers: body.answers.with(3, 6).with(5, 0) }, 422, 'ballot-invalid', '#/answers/3', '#/answers/5'],
      [{ ...body, comment: 'é'.repeat(401) }, 422, 'ballot-invalid', '#/comment'],
    ] as const
    for (const [changed, ...expected] of refused) expect(await problemOf(await postJson('/api/v1/ballots', changed))).toEqual(expected)
    expect(await count(castBallots)).toBe(0)
    expect((await postJson('/api/v1/ballots', body)).status).toBe(201)
  })

  it('counts a ballot for its own round only', async () => {
    const first = await anOpenRound()
    const sealed = await collect(urlOf(first))
    await env.DB.prepare("update rounds set state = 'closed'").run()
    const second = await openAnother()
    const foreign = { ...ballotOf(sealed, sameAnswers(second.items, 4)), roundId: second.round.id }
    expect(await problemOf(await postJson('/api/v1/ballots', foreign))).toEqual([422, 'ballot-invalid', '#/message'])
  })

  it('keeps comments of up to 800 bytes whole, trimmed, in a slot of their own', async () => {
    const round = await anOpenRound()
    const long = 'ü'.repeat(commentBytes / 2)
    await answer(urlOf(round, 0), sameAnswers(round.items, 4), `  ${long}\n`)
    await answer(urlOf(round, 1), sameAnswers(round.items, 4), '   ')
    const rows = await env.DB.prepare("select hex(body) as body from comment_slots where substr(body, 1, 1) <> x'00'").all<{
      body: string
    }>()
    expect(rows.results.map((row) => new TextDecoder().decode(Uint8Array.fromHex(row.body)))).toEqual([long])
  })

  it('leaves an item out, and takes 0 for an answer', async () => {
    const round = await anOpenRound()
    const answers = sameAnswers(round.items, 3, 0).with(0, null)
    await answer(urlOf(round), answers)
    const row = await env.DB.prepare(`select hex(answers) as answers from ${castBallots}`).first<{ answers: string }>()
    const stored = Uint8Array.fromHex(row?.answers ?? '')
    expect([stored[0], stored[1], stored[round.items.findIndex(({ kind }) => kind === 'headline')]]).toEqual([255, 3, 0])
  })

  it('never holds more ballots than invitations, even of a stolen key', async () => {
    const round = await anOpenRound(twoSides)
    const cohort = partsOf(urlOf(round)).cohort
    const insiders = round.invitations.filter((invitation) => invitation.cohort === cohort)
    const sealed = await Promise.all(insiders.map(({ url }) => collect(url)))
    await env.DB.prepare('update invitations set blinded_hash = zeroblob(32)').run()
    const extra = await collect(urlOf(round))
    const responses = await Promise.all([...sealed, extra].map((ballot) => cast(ballot, sameAnswers(round.items, 4), 'A comment.')))
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(insiders.length)
    const refused = responses.find(({ status }) => status !== 201) as Response
    expect(await problemOf(refused)).toEqual([409, 'ballot-box-full'])
    expect(await count("comment_slots where substr(body, 1, 1) <> x'00'")).toBe(insiders.length)
  })

  it('fills random slots', async () => {
    const round = await anOpenRound([{ name: 'Sales', side: 'sales', people: 20 }])
    for (const { url } of round.invitations.slice(0, 8)) await answer(url, sameAnswers(round.items, 4))
    const { results } = await env.DB.prepare(`select slot from ${castBallots} order by slot`).all<{ slot: number }>()
    expect(results.map(({ slot }) => slot)).not.toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(results).toHaveLength(8)
  })

  it.each([
    [['#/roundId', '#/cohort', '#/message', '#/signature', '#/answers', '#/comment'], {}],
    [['#/answers/0'], { answers: ['4'] }],
    [['#/answers/0', '#/answers/1', '#/answers/2', '#/answers/3'], { answers: [4.5, -1, 300, true] }],
    [['#/answers'], { answers: { 0: 4 } }],
    [['#/comment'], { comment: 7 }],
    [['#/comment'], { comment: 'x'.repeat(4001) }],
    [['#/comment'], { comment: 'a\u0000b' }],
    [['#/message'], { message: 'not base64url!' }],
    [['#/personId'], { personId: 'p1' }],
  ])('names %j', async (pointers, change) => {
    const whole = { roundId: 'r', cohort: 'c1', message: 'AAAA', signature: 'AAAA', answers: [], comment: null }
    const body = Object.keys(change).length === 0 ? {} : { ...whole, ...change }
    expect(await problemOf(await postJson('/api/v1/ballots', body))).toEqual([422, 'invalid-input', ...pointers])
  })

  it('refuses a body over 16 KB, which a member of staff may send', async () => {
    const big = { name: 'x'.repeat(17_000) }
    expect((await postJson('/api/v1/ballots', big)).status).toBe(413)
    expect((await postJson('/api/v1/issuances', big)).status).toBe(413)
    expect((await postJson('/api/v1/teams', big, await adminHeaders())).status).toBe(422)
  })
})

describe('a round that takes no ballots', () => {
  it('says so before it opens, while it closes and after', async () => {
    const round = await anOpenRound()
    const { request } = await blindFor(urlOf(round, 1))
    const sealed = await collect(urlOf(round))
    const attempts = async () => [
      await problemOf(await postJson('/api/v1/issuances', request)),
      await problemOf(await cast(sealed, sameAnswers(round.items, 4))),
    ]
    await env.DB.prepare("update rounds set state = 'scheduled'").run()
    expect(await attempts()).toEqual(Array(2).fill([409, 'round-not-open']))
    await env.DB.prepare("update rounds set state = 'open', closing_at = 1").run()
    expect(await attempts()).toEqual(Array(2).fill([409, 'round-closed']))
    expect([await count(castBallots), await count(collected)]).toEqual([0, 1])
    await closeRound(services(), round.round.id)
    expect(await attempts()).toEqual(Array(2).fill([409, 'round-closed']))
  })

  it('is noticed by the statements that write, when it closed after they had looked', async () => {
    const round = await anOpenRound()
    const { db } = services()
    const { roundId, cohort, invitation } = partsOf(urlOf(round))
    const tokenHash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(invitation)))
    await env.DB.prepare('update rounds set closing_at = 1').run()
    expect(await bindInvitation(db, { roundId, cohort, tokenHash, blindedHash: random(32) })).toEqual({ bound: false, open: false })
    const answers = new Uint8Array(round.items.length)
    expect(
      await storeBallot(db, { roundId, cohort, token: random(32), answers, comment: new Uint8Array(commentBytes).fill(65), draws: [0, 0] }),
    ).toEqual({
      cast: false,
      known: false,
      open: false,
    })
    expect([await count(castBallots), await count(collected), await count("comment_slots where substr(body, 1, 1) <> x'00'")]).toEqual([
      0, 0, 0,
    ])
  })
})

it('takes two calls of the database to collect a ballot and two to cast it', async () => {
  const round = await anOpenRound()
  const { request, key, message, inverse } = await blindFor(urlOf(round))
  const counter = countingCalls(env.DB)
  const context = { ...services(), db: database(counter.database) }
  const { blindSignature } = await issueBallot(context, { ...request, blindedMessage: fromBase64Url(request.blindedMessage) })
  expect(counter.calls()).toBe(2)
  const signature = await finalize(key, message, blindSignature, inverse)
  const ballot = { roundId: request.roundId, cohort: request.cohort, message, signature }
  await castBallot(context, { ...ballot, answers: sameAnswers(round.items, 4), comment: 'Two.' })
  expect(counter.calls()).toBe(4)
})

/** The database, and how often it was called: a batch is one call. */
function countingCalls(real: D1Database): { database: D1Database; calls: () => number } {
  let calls = 0
  const originals = new WeakMap<object, D1PreparedStatement>()
  const count = <T>(result: T): T => {
    calls++
    return result
  }
  const counted = (statement: D1PreparedStatement): D1PreparedStatement => {
    const twin = {
      bind: (...values: unknown[]) => counted(statement.bind(...values)),
      all: () => count(statement.all()),
      run: () => count(statement.run()),
      raw: () => count(statement.raw()),
    } as unknown as D1PreparedStatement
    originals.set(twin, statement)
    return twin
  }
  const twin = {
    prepare: (query: string) => counted(real.prepare(query)),
    batch: (list: D1PreparedStatement[]) => count(real.batch(list.map((statement) => originals.get(statement) ?? statement))),
  }
  return { database: twin as unknown as D1Database, calls: () => calls }
}
