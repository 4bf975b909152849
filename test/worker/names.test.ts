import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { findNames, inFilter } from '../../worker/core/names'
import { people, rounds } from '../../worker/db/schema'
import { createRound } from '../../worker/services/rounds'
import { adminHeaders, fetchWorker, services } from './client'
import { anOpenRound, anOrganisation, answer, sameAnswers, twoSides } from './factories'

const namesOf = async (roundId: string, headers: Record<string, string> = {}) => {
  const response = await fetchWorker(`/api/v1/rounds/${roundId}/names`, { headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const found = (answer: string, text: string) => {
  const filter = Uint8Array.fromBase64(JSON.parse(answer).filter)
  return findNames(text, (key) => inFilter(filter, key)).map(({ start, end }) => text.slice(start, end))
}

async function aRoundOf(...names: string[]) {
  const open = await anOpenRound()
  const { db } = services()
  const known = await db.select().from(people)
  for (const [index, name] of names.entries()) {
    await db
      .update(people)
      .set({ name })
      .where(eq(people.id, known[index]?.id ?? ''))
  }
  return open
}

describe('the names to look out for', () => {
  it('are the same bytes for everybody, without a session, and say so to caches', async () => {
    const { round } = await aRoundOf('Lisa Lee')
    const stranger = await namesOf(round.id)
    const administrator = await namesOf(round.id, { ...(await adminHeaders()), 'Accept-Language': 'th' })
    expect([stranger.status, administrator.text]).toEqual([200, stranger.text])
    expect([stranger.headers.get('set-cookie'), stranger.headers.get('vary')]).toEqual([null, null])
    expect(stranger.headers.get('cache-control')).toBe('public, max-age=300')
    const again = await namesOf(round.id, { 'If-None-Match': stranger.headers.get('etag') ?? '' })
    expect([again.status, again.text]).toEqual([304, ''])
  })

  it('can be asked for and not read', async () => {
    const { round } = await aRoundOf('Lisa Lee', 'สมชาย ใจดี', 'أحمد الهاشمي')
    const { text } = await namesOf(round.id)
    expect(found(text, 'Lisa and สมชาย met أحمد, and nobody else.')).toEqual(['Lisa', 'สมชาย', 'أحمد'])
    expect(Object.keys(JSON.parse(text))).toEqual(['roundId', 'filter'])
    expect(atob(JSON.parse(text).filter).toLowerCase()).not.toMatch(/lisa|lee|acme/)
  })

  it('are those of everybody who is active or was invited, and do not say who has answered', async () => {
    const { round, invitations, items } = await aRoundOf('Lisa Lee')
    const { db } = services()
    const before = await namesOf(round.id)
    await answer(invitations[0]?.url ?? '', sameAnswers(items, 4))
    expect((await namesOf(round.id)).text).toBe(before.text)
    await db.update(people).set({ deactivatedAt: new Date() }).where(eq(people.name, 'Lisa Lee'))
    expect(found((await namesOf(round.id)).text, 'Lisa left.')).toEqual(['Lisa'])
    await db.insert(people).values({ id: 'new', email: 'new@acme.example', name: 'Nora Nash', locale: 'en', teamId: 'sales' })
    expect(found((await namesOf(round.id)).text, 'Nora came.')).toEqual(['Nora'])
  })

  it('do not tell how many people there are, while they are few', async () => {
    const { round } = await anOpenRound(twoSides)
    const small = JSON.parse((await namesOf(round.id)).text).filter
    const { db } = services()
    await db.insert(people).values({ id: 'new', email: 'new@acme.example', name: 'Nora Nash', locale: 'en', teamId: 'sales' })
    expect(JSON.parse((await namesOf(round.id)).text).filter).toHaveLength(small.length)
  })

  it('are there while a round is open', async () => {
    expect((await namesOf('unknown')).status).toBe(404)
    expect((await namesOf('x'.repeat(65))).status).toBe(422)
    await anOrganisation()
    const context = services()
    const { id } = await createRound(context, { period: '2026-12' })
    expect(JSON.parse((await namesOf(id)).text)).toMatchObject({ status: 409, type: '/problems/round-not-open' })
    await context.db.update(rounds).set({ state: 'open', closingAt: new Date() }).where(eq(rounds.id, id))
    expect(JSON.parse((await namesOf(id)).text)).toMatchObject({ status: 409, type: '/problems/round-closed' })
  })
})
