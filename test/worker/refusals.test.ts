/** Every no of the two endpoints that respondents use: which problem it is, and that it leaves no trace in the database. */
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { fromBase64Url, toBase64Url } from '../../worker/core/blind-rsa'
import type { Problem } from '../../worker/problem'
import { closeRound } from '../../worker/services/closing'
import { listOpenLinks, renewOpenLink } from '../../worker/services/open-links'
import { fetchWorker, services } from './client'
import {
  anOpenRound,
  anOrganisation,
  answer,
  ballotOf,
  blindFor,
  collect,
  type OpenRound,
  openAnother,
  random,
  type SealedBallot,
  sameAnswers,
  twoSides,
  withOpenLinks,
} from './factories'
import { changedRows, dump } from './tables'

/** What is sent, as text or as a value that becomes JSON; and how it is refused: status, type, pointers. */
type Attempt = { body: unknown; type?: string | null; round?: string; is: readonly [status: number, type: string, ...pointers: string[]] }
type Attempts = Record<string, Attempt>

const issuances = '/api/v1/issuances'
const ballots = '/api/v1/ballots'

/** `is` as it was, for every attempt; the rows of no table changed. */
async function refuseAll(path: string, attempts: Attempts): Promise<void> {
  const outcomes: Record<string, unknown> = {}
  const details = new Map<string, string>()
  for (const [name, { body, type = 'application/json', round }] of Object.entries(attempts)) {
    if (round) await env.DB.prepare(`update rounds set ${round}`).run()
    const before = await dump()
    const response = await fetchWorker(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: type === null ? {} : { 'Content-Type': type },
    })
    expect([name, changedRows(before, await dump())]).toEqual([name, {}])
    expect([name, response.headers.get('content-type')]).toEqual([name, 'application/problem+json'])
    const problem = await response.json<Problem>()
    outcomes[name] = [response.status, problem.type.replace('/problems/', ''), ...(problem.errors ?? []).map(({ pointer }) => pointer)]
    expect([name, problem.status, problem.title, problem.detail ?? '']).toEqual([
      name,
      response.status,
      expect.stringMatching(/\w/),
      expect.anything(),
    ])
    details.set(name, [problem.title, problem.detail, ...(problem.errors ?? []).map(({ detail }) => detail)].join(' '))
    if (round) await env.DB.prepare("update rounds set state = 'open', closing_at = null").run()
  }
  expect(outcomes).toEqual(Object.fromEntries(Object.entries(attempts).map(([name, { is }]) => [name, is])))
  // Clear words, and never those that were sent.
  for (const [name, words] of details) {
    expect([name, words.length > 15]).toEqual([name, true])
    const sent = JSON.stringify(attempts[name]?.body).match(/[\w-]{12,}/g) ?? []
    expect([name, sent.filter((value) => words.includes(value))]).toEqual([name, []])
  }
}

/** The link of one of those invited in a cohort. */
const linkIn = (round: OpenRound, cohort: string, voter = 0) =>
  round.invitations.filter((invitation) => invitation.cohort === cohort)[voter]?.url as string
const changed = (bytes: Uint8Array, at: number) => toBase64Url(Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte)))
const neither = ['#/roundId', '#/cohort'] as const

/** What is refused on either endpoint before anybody looks at a round. */
const unreadable = (body: Record<string, unknown>): Attempts => ({
  'no content type': { body: JSON.stringify(body), type: 'text/plain', is: [415, 'unsupported-media-type'] },
  'a form': { body: 'roundId=r&cohort=c1', type: 'application/x-www-form-urlencoded', is: [415, 'unsupported-media-type'] },
  'another charset': { body, type: 'application/json; charset=utf-16', is: [415, 'unsupported-media-type'] },
  'half a body': { body: JSON.stringify(body).slice(0, -7), is: [400, 'malformed'] },
  'a body with a comment': { body: `/* hello */${JSON.stringify(body)}`, is: [400, 'malformed'] },
  'a body over 16 KB': { body: { ...body, padding: 'x'.repeat(17_000) }, is: [413, 'too-large'] },
  'an unknown field': { body: { ...body, personId: 'p1' }, is: [422, 'invalid-input', '#/personId'] },
  'the same field twice': { body: JSON.stringify(body).replace('{', '{"roundId":"r",'), is: [422, 'invalid-input', '#/roundId'] },
  'a field named __proto__': {
    body: JSON.stringify(body).replace('{', '{"__proto__":{"cohort":"c1"},'),
    is: [422, 'invalid-input', '#/__proto__'],
  },
  'a field named constructor': {
    body: { ...body, constructor: { prototype: 1 } },
    is: [422, 'invalid-input', '#/constructor', '#/constructor/prototype'],
  },
  'a NUL': { body: { ...body, cohort: 'c1\0' }, is: [422, 'invalid-input', '#/cohort'] },
  'half a character': { body: JSON.stringify({ ...body, roundId: '\ud800' }), is: [422, 'invalid-input', '#/roundId'] },
  'numbers for texts': { body: { ...body, roundId: 1, cohort: 1 }, is: [422, 'invalid-input', ...neither] },
  'texts that are too long': { body: { ...body, roundId: 'r'.repeat(65), cohort: 'c1000000000' }, is: [422, 'invalid-input', ...neither] },
})

const notOpen = (body: unknown): Attempts => ({
  'before the round opens': { body, round: "state = 'scheduled'", is: [409, 'round-not-open'] },
  'while the round closes': { body, round: 'closing_at = 1', is: [409, 'round-closed'] },
  'after it closed': { body, round: "state = 'closed', closing_at = 1", is: [409, 'round-closed'] },
})

describe('a request to collect a ballot', () => {
  it('is refused with its own problem and changes nothing', async () => {
    const open = await anOpenRound()
    const { request, key } = await blindFor(linkIn(open, 'c1'))
    const insider = await blindFor(linkIn(open, 'c2'))
    const used = await blindFor(linkIn(open, 'c1', 1))
    await collect(linkIn(open, 'c1', 1))
    const modulus = fromBase64Url(key.n)
    await refuseAll(issuances, {
      ...unreadable(request),
      ...notOpen(request),
      'an unknown round': { body: { ...request, roundId: 'nowhere' }, is: [404, 'not-found'] },
      'an unknown invitation': { body: { ...request, invitation: toBase64Url(random(32)) }, is: [404, 'invitation-unknown'] },
      'an invitation of another form': { body: { ...request, invitation: 'short' }, is: [422, 'invalid-input', '#/invitation'] },
      'the cohort of others': { body: { ...request, cohort: 'c2' }, is: [422, 'ballot-invalid', '#/cohort'] },
      'the invitation of others': { body: { ...request, invitation: insider.request.invitation }, is: [422, 'ballot-invalid', '#/cohort'] },
      'a cohort that is none': { body: { ...request, cohort: 'c99' }, is: [422, 'ballot-invalid', '#/cohort'] },
      'a second message of the same invitation': { body: used.request, is: [409, 'invitation-used'] },
      'bytes that are no base64url': { body: { ...request, blindedMessage: 'a+b/' }, is: [422, 'invalid-input', '#/blindedMessage'] },
      'base64url of an impossible length': {
        body: { ...request, blindedMessage: 'AAAAA' },
        is: [422, 'invalid-input', '#/blindedMessage'],
      },
      'no bytes': { body: { ...request, blindedMessage: '' }, is: [422, 'invalid-input', '#/blindedMessage'] },
      'a blinded message of 0': {
        body: { ...request, blindedMessage: toBase64Url(new Uint8Array(384)) },
        is: [422, 'ballot-invalid', '#/blindedMessage'],
      },
      'a blinded message as large as the modulus': {
        body: { ...request, blindedMessage: key.n },
        is: [422, 'ballot-invalid', '#/blindedMessage'],
      },
      'a larger one': {
        body: { ...request, blindedMessage: toBase64Url(modulus.fill(255, 0, 1).fill(255, 300)) },
        is: [422, 'ballot-invalid', '#/blindedMessage'],
      },
      'a shorter one': { body: { ...request, blindedMessage: toBase64Url(random(383)) }, is: [422, 'ballot-invalid', '#/blindedMessage'] },
      'a longer one': {
        body: { ...request, blindedMessage: toBase64Url(Uint8Array.of(0, ...random(384))) },
        is: [422, 'ballot-invalid', '#/blindedMessage'],
      },
    })
    expect((await post(issuances, request)).status).toBe(201) // it can still be collected
  })

  it('is refused for the invitation of a round before', async () => {
    const first = await anOpenRound()
    const { request } = await blindFor(linkIn(first, 'c1'))
    await env.DB.prepare("update rounds set state = 'closed', closing_at = 1").run() // not counted: its invitations are still there
    const second = await openAnother()
    const foreign = await blindFor(linkIn(second, 'c1'))
    await refuseAll(issuances, {
      'with the key of its own round': { body: { ...request, roundId: second.round.id }, is: [404, 'invitation-unknown'] },
      'with the key of this round': { body: { ...foreign.request, invitation: request.invitation }, is: [404, 'invitation-unknown'] },
      'in its own round': { body: request, is: [409, 'round-closed'] },
    })
  })
})

describe('a request to collect a ballot with a team’s link', () => {
  it('is refused with its own problem and changes nothing', async () => {
    await anOrganisation([...twoSides, { name: 'Kiosk', side: 'sales', people: 1, parent: 'Sales' }])
    await withOpenLinks('kiosk')
    const open = await openAnother()
    const [ended] = await listOpenLinks(services(), open.round.id)
    const early = await blindFor(ended?.url ?? '')
    const { url } = await renewOpenLink(services(), open.round.id, 'kiosk')
    const { request } = await blindFor(url)
    await refuseAll(issuances, {
      ...notOpen(request),
      'a link that was ended': { body: early.request, is: [404, 'invitation-unknown'] },
      'the cohort of others': {
        body: { ...request, cohort: request.cohort === 'c1' ? 'c2' : 'c1' },
        is: [422, 'ballot-invalid', '#/cohort'],
      },
      'a shorter message': {
        body: { ...request, blindedMessage: toBase64Url(random(383)) },
        is: [422, 'ballot-invalid', '#/blindedMessage'],
      },
    })
    expect((await post(issuances, request)).status).toBe(201) // it can still be collected
    await refuseAll(issuances, {
      'one more than there are people': { body: (await blindFor(url)).request, is: [409, 'team-link-full'] },
    })
  })
})

describe('a ballot', () => {
  it('is refused with its own problem and changes nothing', async () => {
    const open = await anOpenRound()
    const sealed = await collect(linkIn(open, 'c1'))
    const body = ballotOf(sealed, sameAnswers(open.items, 4), 'A comment.')
    const others = await collect(linkIn(open, 'c2'))
    const headline = open.items.findIndex(({ kind }) => kind === 'headline')
    const definition = open.items.findIndex(({ kind }) => kind === 'definition')
    await refuseAll(ballots, {
      ...unreadable(body),
      ...notOpen(body),
      'an unknown round': { body: { ...body, roundId: 'nowhere' }, is: [404, 'not-found'] },
      'a cohort that is none': { body: { ...body, cohort: 'c99' }, is: [422, 'ballot-invalid', '#/cohort'] },
      'the cohort of others': { body: { ...body, cohort: 'c2' }, is: [422, 'ballot-invalid', '#/message'] },
      'a message for another cohort': {
        body: { ...body, cohort: 'c2', message: toBase64Url(renamed(sealed, 'c2')) },
        is: [403, 'ballot-signature'],
      },
      'a message that names another round': {
        body: { ...body, message: changed(sealed.message, 36) },
        is: [422, 'ballot-invalid', '#/message'],
      },
      'a shorter message': {
        body: { ...body, message: toBase64Url(sealed.message.subarray(1)) },
        is: [422, 'ballot-invalid', '#/message'],
      },
      'another prefix': { body: { ...body, message: changed(sealed.message, 0) }, is: [403, 'ballot-signature'] },
      'another nonce': { body: { ...body, message: changed(sealed.message, sealed.message.length - 1) }, is: [403, 'ballot-signature'] },
      'a changed signature': { body: { ...body, signature: changed(sealed.signature, 383) }, is: [403, 'ballot-signature'] },
      'the signature of others': { body: { ...body, signature: toBase64Url(others.signature) }, is: [403, 'ballot-signature'] },
      'a signature of 0': { body: { ...body, signature: toBase64Url(new Uint8Array(384)) }, is: [403, 'ballot-signature'] },
      'a signature over the modulus': {
        body: { ...body, signature: toBase64Url(new Uint8Array(384).fill(255)) },
        is: [403, 'ballot-signature'],
      },
      'a shorter signature': {
        body: { ...body, signature: toBase64Url(sealed.signature.subarray(1)) },
        is: [422, 'ballot-invalid', '#/signature'],
      },
      'a signature that is no base64url': { body: { ...body, signature: '=' }, is: [422, 'invalid-input', '#/signature'] },
      'no answers': { body: { ...body, answers: [] }, is: [422, 'ballot-invalid', '#/answers'] },
      'an answer too few': { body: { ...body, answers: body.answers.slice(1) }, is: [422, 'ballot-invalid', '#/answers'] },
      'an answer too many': { body: { ...body, answers: [...body.answers, null] }, is: [422, 'ballot-invalid', '#/answers'] },
      'far too many answers': { body: { ...body, answers: Array(201).fill(1) }, is: [422, 'invalid-input', '#/answers'] },
      'an agreement of 0 and one of 6': {
        body: { ...body, answers: body.answers.with(0, 0).with(1, 6) },
        is: [422, 'ballot-invalid', '#/answers/0', '#/answers/1'],
      },
      'a headline of 11': {
        body: { ...body, answers: body.answers.with(headline, 11) },
        is: [422, 'ballot-invalid', `#/answers/${headline}`],
      },
      'an option that is none': {
        body: { ...body, answers: body.answers.with(definition, 50) },
        is: [422, 'ballot-invalid', `#/answers/${definition}`],
      },
      'the byte of a skipped answer': { body: { ...body, answers: body.answers.with(2, 255) }, is: [422, 'invalid-input', '#/answers/2'] },
      'half an answer': { body: { ...body, answers: body.answers.with(2, 3.5) }, is: [422, 'invalid-input', '#/answers/2'] },
      'a comment over 800 bytes': { body: { ...body, comment: 'é'.repeat(401) }, is: [422, 'ballot-invalid', '#/comment'] },
      'a comment of half a character': { body: JSON.stringify({ ...body, comment: 'a\ud800' }), is: [422, 'invalid-input', '#/comment'] },
      'a comment that is a list': { body: { ...body, comment: ['a'] }, is: [422, 'invalid-input', '#/comment'] },
    })
    expect((await post(ballots, body)).status).toBe(201) // it can still be cast
  })

  it('is refused in another round, and where the box is full', async () => {
    const first = await anOpenRound()
    const early = await collect(linkIn(first, 'c1'))
    await closeRound(services(), first.round.id)
    const second = await openAnother()
    const insiders = second.invitations.filter(({ cohort }) => cohort === 'c1')
    const extra = await collect(insiders[0]?.url as string)
    await env.DB.prepare('update invitations set blinded_hash = zeroblob(32)').run()
    for (const { url } of insiders) await answer(url, sameAnswers(second.items, 4)) // so that there is room for a comment
    const silent = vi.spyOn(console, 'error').mockImplementation(() => {})
    const body = ballotOf(early, sameAnswers(first.items, 4))
    await refuseAll(ballots, {
      'of a round that closed': { body, is: [409, 'round-closed'] },
      'of an earlier round': { body: { ...body, roundId: second.round.id }, is: [422, 'ballot-invalid', '#/message'] },
      'over the number of invitations': { body: ballotOf(extra, sameAnswers(second.items, 4), 'Too many.'), is: [409, 'ballot-box-full'] },
    })
    silent.mockRestore()
  })
})

const post = (path: string, body: unknown) =>
  fetchWorker(path, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } })

/** The message with another cohort's name in its middle. */
const renamed = ({ message, cohort }: SealedBallot, other: string) =>
  Uint8Array.from(new TextDecoder('latin1').decode(message).replace(`|${cohort}|`, `|${other}|`), (character) => character.charCodeAt(0))
