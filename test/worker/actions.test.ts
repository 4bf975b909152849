import { describe, expect, it } from 'vitest'
import { mostActions } from '../../worker/core/agreed-action'
import { writeSettings } from '../../worker/db/settings'
import { addAction, changeAction, listActions } from '../../worker/services/actions'
import { adminClient, adminHeaders, clientWith, fetchWorker, keyHeaders, services } from './client'
import { anOpenRound, closeNow } from './factories'

const agreed = { text: 'Call every lead back within two hours', salesOwner: 'Ann', marketingOwner: 'Bo', dueDay: '2026-12-01' }

/** A closed round's id. */
async function aClosedRound(): Promise<string> {
  const { round } = await anOpenRound()
  await closeNow(services(), round.id)
  return round.id
}

const send = async (method: string, path: string, body: unknown) =>
  fetchWorker(path, { method, body: JSON.stringify(body), headers: { ...(await adminHeaders()), 'Content-Type': 'application/json' } })

describe('actions about a result', () => {
  it('are recorded, listed as agreed, changed and removed', async () => {
    const id = await aClosedRound()
    const { rounds } = await adminClient()
    const added = await rounds[':id'].actions.$post({ param: { id }, json: { ...agreed, text: ` ${agreed.text}\n` } })
    expect(added.status).toBe(201)
    const { id: actionId, ...action } = await added.json()
    expect(action).toEqual({ ...agreed, doneDay: null })
    await rounds[':id'].actions.$post({ param: { id }, json: { text: 'Meet', salesOwner: 'Cy', marketingOwner: 'Di' } })
    const of = rounds[':id'].actions[':actionId']
    const changed = await of.$patch({ param: { id, actionId }, json: { salesOwner: 'Eve', dueDay: null } })
    expect(await changed.json()).toEqual({ ...action, id: actionId, salesOwner: 'Eve', dueDay: null })
    const listed = await (await rounds[':id'].actions.$get({ param: { id } })).json()
    expect(listed.items.map(({ text, dueDay }) => [text, dueDay])).toEqual([
      [agreed.text, null],
      ['Meet', null],
    ])
    expect((await of.$delete({ param: { id, actionId } })).status).toBe(204)
    expect((await of.$delete({ param: { id, actionId } })).status).toBe(404)
    expect((await of.$patch({ param: { id, actionId }, json: { done: true } })).status).toBe(404)
    expect((await listActions(services().db, id)).map(({ text }) => text)).toEqual(['Meet'])
  })

  it('are done on the day of the organisation’s time zone, which stays when it is said again and goes when it is taken back', async () => {
    const id = await aClosedRound()
    await services().db.batch(writeSettings(services().db, { timeZone: 'Asia/Bangkok' }) as never)
    const { id: actionId } = await addAction(services(), id, agreed)
    const at = (moment: string, done: boolean) => changeAction(services(new Date(moment)), id, actionId, { done })
    expect((await at('2026-11-27T18:00:00Z', true)).doneDay).toBe('2026-11-28')
    expect((await at('2026-12-05T18:00:00Z', true)).doneDay).toBe('2026-11-28')
    expect((await at('2026-12-05T18:00:00Z', false)).doneDay).toBeNull()
  })

  it('need a result to be about', async () => {
    const { round } = await anOpenRound()
    const { rounds } = await adminClient()
    const early = await rounds[':id'].actions.$post({ param: { id: round.id }, json: agreed })
    expect(early.status).toBe(409)
    expect((await rounds[':id'].actions.$post({ param: { id: 'none' }, json: agreed })).status).toBe(404)
    expect((await rounds[':id'].actions.$get({ param: { id: 'none' } })).status).toBe(404)
  })

  it('belong to their round', async () => {
    const id = await aClosedRound()
    const { id: actionId } = await addAction(services(), id, agreed)
    await expect(changeAction(services(), 'another', actionId, { done: true })).rejects.toThrow('no such action')
  })

  it('are as many as anybody can oversee, also where many come at once', async () => {
    const id = await aClosedRound()
    const outcomes = await Promise.allSettled(Array.from({ length: mostActions + 5 }, () => addAction(services(), id, agreed)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(mostActions)
    expect(await listActions(services().db, id)).toHaveLength(mostActions)
  })

  it('can be read by a reader and changed only by an administrator', async () => {
    const id = await aClosedRound()
    const reader = clientWith(await keyHeaders('reader'))
    expect((await reader.rounds[':id'].actions.$get({ param: { id } })).status).toBe(200)
    expect((await reader.rounds[':id'].actions.$post({ param: { id }, json: agreed })).status).toBe(403)
  })

  it.each([
    [{}, ['#/text', '#/salesOwner', '#/marketingOwner']],
    [{ ...agreed, text: 'x'.repeat(201) }, ['#/text']],
    [{ ...agreed, text: '\u200f' }, ['#/text']],
    [{ ...agreed, marketingOwner: ' ' }, ['#/marketingOwner']],
    [{ ...agreed, dueDay: '2026-02-30' }, ['#/dueDay']],
    [{ ...agreed, dueDay: '' }, ['#/dueDay']],
    [{ ...agreed, owner: 'Ann' }, ['#/owner']],
  ])('refuse %j, naming the field', async (body, pointers) => {
    const response = await send('POST', `/api/v1/rounds/${await aClosedRound()}/actions`, body)
    expect(response.status).toBe(422)
    expect((await response.json<{ errors: { pointer: string }[] }>()).errors.map(({ pointer }) => pointer)).toEqual(pointers)
  })
})
