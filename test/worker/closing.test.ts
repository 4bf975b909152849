import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { Answer } from '../../worker/core/ballot'
import type { Figure, Hidden, NodeFigures, NodeResult } from '../../worker/core/result'
import { type Item, isChoice, themes } from '../../worker/core/round'
import { database } from '../../worker/db/client'
import { runJobs } from '../../worker/jobs'
import { getRound } from '../../worker/services/rounds'
import { adminClient, adminHeaders, fetchWorker, services } from './client'
import { anOpenRound, answer, cast, closeNow, collect, type OpenRound, openAnother, sameAnswers } from './factories'

const rowsOf = async (table: string) => (await env.DB.prepare(`select count(*) as n from ${table}`).first<{ n: number }>())?.n
const closure = async (id: string) => fetchWorker(`/api/v1/rounds/${id}/closure`, { method: 'POST', headers: await adminHeaders() })
const shown = (node: NodeResult | undefined): NodeFigures => {
  if (!node || 'hidden' in node) throw new Error('This node is not published.')
  return node
}
const answerAll = ({ invitations, items }: OpenRound, agreement = 4) =>
  Promise.all(invitations.map(({ url }) => answer(url, sameAnswers(items, agreement))))

describe('a round of 40 people, answered by 40 real clients', () => {
  it('publishes the themes, the headline and the intervals of the method', async () => {
    const round = await anOpenRound([
      { name: 'Sales', side: 'sales', people: 20 },
      { name: 'Marketing', side: 'marketing', people: 20 },
    ])
    const given: { side: string; answers: Answer[] }[] = round.invitations.map(({ email }, index) => ({
      side: email.replace(/\d.*/, ''),
      answers: round.items.map((item, position) => madeUp(item, index * 31 + position * 17)),
    }))
    for (const [index, { url }] of round.invitations.entries()) await answer(url, given[index]?.answers ?? [])

    const response = await closure(round.round.id)
    expect(response.status).toBe(201)
    const client = await adminClient()
    const result = await (await client.rounds[':id'].result.$get({ param: { id: round.round.id }, query: {} })).json()
    expect([result.n, result.invited, result.nodes.map(({ id }) => id)]).toEqual([40, 40, ['company', 'sales', 'marketing']])

    for (const [id, side] of [
      ['company', null],
      ['sales', 'sales'],
      ['marketing', 'marketing'],
    ] as const) {
      const node = shown(result.nodes.find((candidate) => candidate.id === id) as NodeResult)
      const here = given.filter((ballot) => side === null || ballot.side === side).map(({ answers }) => answers)
      const headline = personMeans(
        here,
        positions(round.items, (item) => item.kind === 'headline'),
        [7, 9],
      )
      expectFigure(node.headline, byTheMethod(headline, 1), (theta) => 100 * theta)
      for (const theme of themes) {
        const own = positions(round.items, (item) => item.kind === 'agreement' && item.theme === theme)
        const pooled = own.flatMap((index) => personMeans(here, [index], [3, 4])) // each item counts as it was answered
        const by = byTheMethod(personMeans(here, own, [3, 4]), own.length, pooled)
        expectFigure(node.themes[theme], by, (theta) => 50 * (1 + theta))
      }
      expect(node.n).toBe(here.length)
    }
  })
})

describe('closing a round', () => {
  it('leaves no ballot, comment, invitation or private key in any table', async () => {
    const round = await anOpenRound()
    const sealed = await Promise.all(round.invitations.slice(0, 7).map(({ url }) => answer(url, sameAnswers(round.items, 4), 'Mine.')))
    const { round: view, already } = await closeNow(services(), round.round.id)
    expect([view.state, view.closedAt !== null, already]).toEqual(['closed', true, false])
    expect([await rowsOf('ballot_slots'), await rowsOf('comment_slots'), await rowsOf('invitations')]).toEqual([0, 0, 0])
    expect([await rowsOf('cohorts'), await rowsOf('cohorts where private_key is not null')]).toEqual([2, 0])
    const everything = await dump()
    for (const ballot of sealed) {
      expect(everything).not.toContain(ballot.signature.toHex())
      expect(everything).not.toContain(await hashOf(ballot.message))
    }
    for (const { personId } of round.invitations) expect(everything.split(personId)).toHaveLength(3) // in `people` and in `roster`, once each
  })

  it('publishes once and answers the same again', async () => {
    const round = await anOpenRound()
    await answerAll(round)
    const [first, second] = [await closure(round.round.id), await closure(round.round.id)]
    expect([first.status, second.status]).toEqual([201, 200])
    const [published, again] = [await first.json<Closed>(), await second.json<Closed>()]
    expect([published.already, again.already]).toEqual([false, true])
    expect({ ...again, already: false }).toEqual(published)
    expect(published.result).not.toHaveProperty('inputs')
    expect([await rowsOf('results'), await rowsOf('scores')]).toEqual([1, 1])
  })

  it('publishes once when it is asked for five times at once', async () => {
    const round = await anOpenRound()
    await answerAll(round)
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => closeNow(services(), round.round.id)))
    expect(outcomes.map(({ already }) => already).sort()).toEqual([false, true, true, true, true])
    for (const { result } of outcomes) expect(result).toEqual(outcomes[0]?.result)
    expect([outcomes[0]?.result.n, await rowsOf('results'), await rowsOf('scores')]).toEqual([12, 1, 1])
  })

  it('counts every ballot that was acknowledged while it closed, and no other', async () => {
    const round = await anOpenRound([
      { name: 'Sales', side: 'sales', people: 12 },
      { name: 'Marketing', side: 'marketing', people: 12 },
    ])
    const sealed = await Promise.all(round.invitations.map(({ url }) => collect(url)))
    const casts = (from: number, to: number) => sealed.slice(from, to).map((ballot) => cast(ballot, sameAnswers(round.items, 4)))
    const before = await Promise.all(casts(0, 8))
    const racing = casts(8, 16)
    const closing = closeNow(services(), round.round.id)
    const late = casts(16, 24)
    const responses = [...before, ...(await Promise.all([...racing, ...late]))]
    const { result } = await closing
    const acknowledged = responses.filter(({ status }) => status === 201)
    expect(result.n).toBe(acknowledged.length)
    for (const response of responses.filter(({ status }) => status !== 201)) {
      expect(await response.json()).toMatchObject({ status: 409, type: '/problems/round-closed' })
    }
  })

  it('takes no ballot between the count and its publication', async () => {
    const round = await anOpenRound()
    const [late = '', ...others] = round.invitations.map(({ url }) => url)
    for (const url of others) await answer(url, sameAnswers(round.items, 4))
    const sealed = await collect(late)
    const answers: number[] = []
    const slow = {
      prepare: (query: string) => env.DB.prepare(query),
      batch: async (statements: D1PreparedStatement[]) => {
        answers.push((await cast(sealed, sameAnswers(round.items, 1))).status)
        return env.DB.batch(statements)
      },
    } as unknown as D1Database
    const { result } = await closeNow({ ...services(), db: database(slow) }, round.round.id)
    expect(result.n).toBe(others.length)
    expect(new Set(answers)).toEqual(new Set([409]))
  })

  it('goes on where a crash stopped it, with every ballot', async () => {
    const round = await anOpenRound()
    await answerAll(round)
    await env.DB.prepare("create trigger crash before update of closed_at on rounds begin select raise(abort, 'power cut'); end").run()
    await expect(closeNow(services(), round.round.id)).rejects.toThrow('power cut')
    expect([await rowsOf('results'), await rowsOf('scores'), await rowsOf('ballot_slots where token <> zeroblob(32)')]).toEqual([0, 0, 12])
    expect(await rowsOf("rounds where state = 'open' and closing_at is not null")).toBe(1)
    await env.DB.prepare('drop trigger crash').run()
    const { result, already } = await closeNow(services(), round.round.id)
    expect([result.n, already, await rowsOf('ballot_slots')]).toEqual([12, false, 0])
  })

  it('is begun by cron once the last day is over, and never where there is none', async () => {
    await anOpenRound()
    const at = (moment: number) => services(new Date(moment))
    await runJobs(at(Date.now() + 1e11))
    expect(await rowsOf("rounds where state = 'open' and closing_at is null")).toBe(1)
    const last = Date.now() + 1e9
    await env.DB.prepare('update rounds set closes_at = ?').bind(last).run()
    await runJobs(at(last - 1))
    expect(await rowsOf("rounds where state = 'open' and closing_at is null")).toBe(1)
    await runJobs(at(last))
    expect([await rowsOf("rounds where state = 'closed'"), await rowsOf('results')]).toEqual([1, 1])
  })

  it('is finished by cron where a crash stopped it', async () => {
    const round = await anOpenRound()
    await answerAll(round)
    await env.DB.prepare("create trigger crash before update of closed_at on rounds begin select raise(abort, 'power cut'); end").run()
    await expect(closeNow(services(), round.round.id)).rejects.toThrow('power cut')
    expect((await getRound(services().db, round.round.id)).countsAt).not.toBeNull()
    await env.DB.prepare('drop trigger crash').run()
    await runJobs(services())
    await runJobs(services())
    const { result, already } = await closeNow(services(), round.round.id)
    expect([result.n, already, await rowsOf('results'), await rowsOf('scores')]).toEqual([12, true, 1, 1])
  })

  it('has the local file rewritten once, after publishing, and is not undone where that fails', async () => {
    const round = await anOpenRound()
    const silent = vi.spyOn(console, 'error').mockImplementation(() => {})
    const seen: (number | undefined)[] = []
    const scrub = async () => {
      seen.push(await rowsOf('results'), await rowsOf('ballot_slots'))
      throw new Error('The disk says no.')
    }
    const closings = await Promise.all(Array.from({ length: 3 }, () => closeNow({ ...services(), scrub }, round.round.id)))
    expect(closings.map(({ already }) => already).toSorted()).toEqual([false, true, true])
    expect(seen).toEqual([1, 0])
    expect(silent.mock.calls).toEqual([['{"event":"scrub-failed"}']])
    silent.mockRestore()
  })

  it('publishes the company alone where Marketing’s 3 could be had by subtraction', async () => {
    const round = await anOpenRound([
      { name: 'Sales', side: 'sales', people: 6 },
      { name: 'Marketing', side: 'marketing', people: 3 },
    ])
    for (const [index, { url }] of round.invitations.entries()) await answer(url, sameAnswers(round.items, 1 + (index % 5)))
    const { result, score } = await closeNow(services(), round.round.id)
    expect(result.nodes.filter((node) => !('hidden' in node)).map(({ id, name }) => [id, name])).toEqual([['company', 'Acme']])
    expect([result.n, result.gaps, result.terms, score.value]).toEqual([9, [], [], null])
  })

  it('says nothing of a group that fewer than five answered', async () => {
    const round = await anOpenRound()
    const sales = round.invitations.filter(({ email }) => email.startsWith('sales'))
    for (const { url } of sales.slice(0, 4)) await answer(url, sameAnswers(round.items, 5))
    const { result, round: view } = await closeNow(services(), round.round.id)
    expect([result.n, view.answered, result.comments]).toEqual([null, null, []])
    expect(result.nodes.map((node) => 'hidden' in node && node.hidden)).toEqual(['too-few', 'too-few', 'too-few'])
  })

  it('publishes nothing and closes where nobody answered', async () => {
    const round = await anOpenRound()
    const { result, score, round: view } = await closeNow(services(), round.round.id)
    expect([result.n, score.value, view.state, await rowsOf('ballot_slots')]).toEqual([null, null, 'closed', 0])
  })

  it('publishes comments in an order that is not that of their casting', async () => {
    const round = await anOpenRound([
      { name: 'Sales', side: 'sales', people: 12 },
      { name: 'Marketing', side: 'marketing', people: 12 },
    ])
    const written = round.invitations.map((_, index) => `Comment ${String(index).padStart(2, '0')}`)
    for (const [index, { url }] of round.invitations.entries()) await answer(url, sameAnswers(round.items, 4), written[index] as string)
    const { result } = await closeNow(services(), round.round.id)
    expect(result.comments.toSorted()).toEqual(written)
    expect(result.comments).not.toEqual(written)
  })

  it('makes room for the next round', async () => {
    const first = await anOpenRound()
    await closeNow(services(), first.round.id)
    const second = await openAnother()
    expect([second.round.number, second.round.state]).toEqual([2, 'open'])
    await answerAll(second)
    expect((await closeNow(services(), second.round.id)).result.n).toBe(12)
  })

  it('is refused before the opening, and its result is not there before it', async () => {
    const round = await anOpenRound()
    const headers = await adminHeaders()
    const early = await fetchWorker(`/api/v1/rounds/${round.round.id}/result`, { headers })
    expect(await early.json()).toMatchObject({ status: 409, type: '/problems/round-not-closed' })
    await env.DB.prepare("update rounds set state = 'scheduled'").run()
    expect(await (await closure(round.round.id)).json()).toMatchObject({ status: 409, type: '/problems/round-not-open' })
    expect(await rowsOf('ballot_slots')).toBe(12)
  })

  it('hashes the rules into the result and no ballot', async () => {
    const round = await anOpenRound()
    const before = await env.DB.prepare('select * from rounds').first()
    await answerAll(round)
    const { result } = await closeNow(services(), round.round.id)
    expect(result.inputsHash).toMatch(/^[0-9a-f]{64}$/)
    // The same round without a single ballot has the same hash: nobody can try out ballots against it.
    await env.DB.batch([
      env.DB.prepare('delete from results'),
      env.DB.prepare('delete from scores'),
      env.DB.prepare("update rounds set state = 'open', closed_at = null, closing_at = null"),
    ])
    expect(before?.state).toBe('open')
    expect((await closeNow(services(), round.round.id)).result.inputsHash).toBe(result.inputsHash)
  })
})

interface Closed {
  already: boolean
  round: unknown
  result: Record<string, unknown>
  score: unknown
}

/** An answer that looks random and is the same in every run; about one in nine is left out. */
function madeUp(item: Item, seed: number): Answer {
  const value = Math.abs(Math.round(Math.sin(seed + 1) * 10_000))
  if (isChoice(item)) return value % item.options.length
  if (value % 9 === 0) return null
  return item.kind === 'agreement' ? 1 + (value % 5) : value % 11
}

const positions = (items: readonly Item[], of: (item: Item) => boolean) => items.flatMap((item, index) => (of(item) ? [index] : []))

/** Each person's mean of −1, 0 and +1 over those of the answers that they gave. */
function personMeans(ballots: readonly Answer[][], at: readonly number[], [passive, promoter]: readonly [number, number]): number[] {
  return ballots.flatMap((answers) => {
    const given = at.map((index) => answers[index]).filter((value) => value !== null && value !== undefined)
    const sum = given.reduce((total: number, value) => total + (value >= promoter ? 1 : value >= passive ? 0 : -1), 0)
    return given.length > 0 ? [sum / given.length] : []
  })
}

/** docs/method.md, "Scores of answers", written down a second time: the value of all answers, the spread of what people mean. */
function byTheMethod(means: readonly number[], items: number, answers = means) {
  const n = means.length + 3
  const value = answers.reduce((total, answer) => total + answer, 0) / answers.length
  const theta = (value * means.length) / n
  const spread = (1 + (items - 1) / 2) / items
  const variance = (means.reduce((total, mean) => total + mean ** 2, 0) + 1.5 * spread) / n - theta ** 2
  const half = 1.959963984540054 * Math.sqrt(variance / n)
  return { n: means.length, value, low: Math.max(-1, theta - half), high: Math.min(1, theta + half) }
}

function expectFigure(figure: Figure | Hidden | undefined, by: ReturnType<typeof byTheMethod>, scale: (theta: number) => number) {
  if (!figure || 'hidden' in figure) throw new Error('This figure is not published.')
  expect(figure.n).toBe(by.n)
  expect(figure.value).toBeCloseTo(scale(by.value), 9)
  expect(figure.interval?.low).toBeCloseTo(scale(by.low), 9)
  expect(figure.interval?.high).toBeCloseTo(scale(by.high), 9)
}

const hashOf = async (message: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest('SHA-256', message)).toHex()

/** Every row of every table as text, blobs in hex. */
async function dump(): Promise<string> {
  const { results } = await env.DB.prepare("select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\'").all<{
    name: string
  }>()
  const rows = await Promise.all(results.map(async ({ name }) => (await env.DB.prepare(`select * from "${name}"`).all()).results))
  return JSON.stringify(rows, (_, value) => (Array.isArray(value) && typeof value[0] === 'number' ? Uint8Array.from(value).toHex() : value))
}
