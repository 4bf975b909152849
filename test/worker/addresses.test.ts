/** An address that was wrong while a round is open: the link that went there must end. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { queueDeliveries } from '../../worker/services/deliveries'
import { currentLink } from '../../worker/services/links'
import { deletePerson, openRoundOf, updatePerson } from '../../worker/services/people'
import { adminHeaders, fetchWorker, services } from './client'
import { anOpenRound, answer, blindFor, postJson, sameAnswers } from './factories'

const deliveriesOf = async (personId: string) =>
  (await env.DB.prepare('select state, fence, error, attempts from deliveries where person_id = ?').bind(personId).all()).results
const collectStatus = async (url: string) => (await postJson('/api/v1/issuances', (await blindFor(url)).request)).status

describe('another address, while a round is open', () => {
  it('ends the link that went to the old one, makes one new one, and has it sent', async () => {
    const { round, invitations } = await anOpenRound()
    const [ann, bo] = invitations
    if (!ann || !bo) throw new Error('nobody is invited')
    await queueDeliveries(services(), round.id, 'invitation')
    await env.DB.prepare("update deliveries set state = 'failed', attempts = 4, error = 'refused'").run()
    await updatePerson(services(), ann.personId, { email: 'ann.right@acme.example' })
    expect(await collectStatus(ann.url)).toBe(404)
    const link = await currentLink(services(), round.id, ann.personId)
    expect(link).not.toBe(ann.url)
    expect(await collectStatus(link ?? '')).toBe(201)
    expect(await deliveriesOf(ann.personId)).toEqual([{ state: 'waiting', fence: 1, error: 'readdressed', attempts: 0 }])
    expect(await deliveriesOf(bo.personId)).toEqual([{ state: 'failed', fence: 0, error: 'refused', attempts: 4 }])
    expect(await collectStatus(bo.url)).toBe(201)
  })

  it('leaves the link alone where it is the same address in other letters, or is refused', async () => {
    const { invitations } = await anOpenRound()
    const [ann, bo] = invitations
    if (!ann || !bo) throw new Error('nobody is invited')
    await updatePerson(services(), ann.personId, { email: ann.email.toUpperCase(), name: 'Ann' })
    await expect(updatePerson(services(), ann.personId, { email: bo.email })).rejects.toThrow('has this address already')
    await expect(updatePerson(services(), ann.personId, { email: 'a b@acme.example' })).rejects.toThrow('cannot be used')
    await expect(updatePerson(services(), ann.personId, { email: 'new@acme.example', teamId: 'nowhere' })).rejects.toThrow('cannot be used')
    expect(await collectStatus(ann.url)).toBe(201)
  })

  it('answers the same whether the link was used or not, and a used one stays used', async () => {
    const { round, invitations, items } = await anOpenRound()
    const [ann, bo] = invitations
    if (!ann || !bo) throw new Error('nobody is invited')
    await queueDeliveries(services(), round.id, 'invitation')
    await env.DB.prepare("update deliveries set state = 'sent'").run()
    await answer(ann.url, sameAnswers(items, 4))
    const headers = { ...(await adminHeaders()), 'Content-Type': 'application/json' }
    const answers = await Promise.all(
      [ann, bo].map(async ({ personId }) => {
        const body = JSON.stringify({ email: `${personId.toLowerCase()}@acme.example` })
        const response = await fetchWorker(`/api/v1/people/${personId}`, { method: 'PATCH', headers, body })
        return [response.status, (await response.text()).replaceAll(new RegExp(personId, 'gi'), '*').replace(/"name":"[^"]*"/, '')]
      }),
    )
    expect(answers[0]).toEqual(answers[1])
    expect(await collectStatus(ann.url)).toBe(409)
    expect((await openRoundOf(services().db, ann.personId))?.isInvited).toBe(true)
    expect(await deliveriesOf(ann.personId)).toEqual(await deliveriesOf(bo.personId)) // or an invitation that stayed would tell
    expect(await deliveriesOf(ann.personId)).toMatchObject([{ state: 'waiting', fence: 1 }])
  })
})

describe('somebody who is deleted while a round is open', () => {
  it('is not written to any more', async () => {
    const { round, invitations } = await anOpenRound()
    await queueDeliveries(services(), round.id, 'invitation')
    const id = invitations[0]?.personId ?? ''
    expect(await deliveriesOf(id)).toHaveLength(1)
    await deletePerson(services(), id)
    expect(await deliveriesOf(id)).toEqual([])
  })
})
