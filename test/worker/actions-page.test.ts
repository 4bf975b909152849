import { beforeEach, describe, expect, it } from 'vitest'
import { addAction, changeAction, listActions } from '../../worker/services/actions'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { anOpenRound, closeNow } from './factories'

const agreed = { text: 'Call every lead back', salesOwner: 'Ann', marketingOwner: 'Bo', dueDay: '2026-12-01' }

describe('the actions on the page of a closed round', () => {
  let round: string
  let headers: Record<string, string>

  beforeEach(async () => {
    const open = await anOpenRound()
    await closeNow(services(), open.round.id)
    round = open.round.id
    headers = await adminHeaders()
  })

  const get = async (path = `/rounds/${round}`, as = headers) => (await fetchWorker(path, { headers: as })).text()
  const post = (path: string, fields: Record<string, string>) =>
    fetchWorker(`/rounds/${round}/actions${path}`, { method: 'POST', headers, body: new URLSearchParams(fields) })
  const listed = () => listActions(services().db, round)

  it('say what they are for where nothing was agreed, and who reads them', async () => {
    const page = await get()
    expect(page).toContain('Nothing was agreed yet')
    expect(page).toContain('Employees read these actions, without the names, on the last page of the next survey.')
  })

  it('are added, marked as done and opened again', async () => {
    const added = await post('', agreed)
    expect([added.status, added.headers.get('location')]).toEqual([303, `/rounds/${round}?done=action-added#actions`])
    const [action] = await listed()
    expect(await get(`/rounds/${round}?done=action-added`)).toMatch(/role="status">The action was added\.[\s\S]*Call every lead back/)
    await post(`/${action?.id}/completion`, { done: 'yes' })
    expect((await listed())[0]?.doneDay).toMatch(/^\d{4}-\d\d-\d\d$/)
    expect(await get()).toContain('Call every lead back</del>')
    await post(`/${action?.id}/completion`, { done: 'no' })
    expect((await listed())[0]?.doneDay).toBeNull()
  })

  it('come back filled in where something is missing, and nothing is stored', async () => {
    const refused = await post('', { ...agreed, marketingOwner: ' ', dueDay: 'soon' })
    const page = await refused.text()
    expect(refused.status).toBe(422)
    expect(page).toContain('Name an owner in marketing.')
    expect(page).toContain('Choose a day, or leave it empty.')
    expect(page).toMatch(/value="Call every lead back"/)
    expect(await listed()).toEqual([])
  })

  it('are changed on a page of their own, and removed there after a second look', async () => {
    const { id } = await addAction(services(), round, agreed)
    const page = await get(`/rounds/${round}/actions/${id}`)
    expect(page).toContain('value="2026-12-01"')
    expect(page).toContain('cannot be brought back')
    await post(`/${id}`, { ...agreed, text: 'Meet on Mondays', dueDay: '' })
    expect(await listed()).toEqual([{ ...agreed, id, text: 'Meet on Mondays', dueDay: null, doneDay: null }])
    expect((await post(`/${id}`, { ...agreed, text: '' })).status).toBe(422)
    await post(`/${id}/removal`, {})
    expect(await listed()).toEqual([])
    expect((await post(`/${id}/removal`, {})).status).toBe(303)
  })

  it('say what is late, and of what is done only when', async () => {
    const { id } = await addAction(services(), round, { ...agreed, dueDay: '2026-01-05' })
    expect(await get()).toContain('was due by 5 January 2026')
    await changeAction(services(new Date('2026-01-07T12:00:00Z')), round, id, { done: true })
    const page = await get()
    expect(page).toContain('done on 7 January 2026')
    expect(page).not.toContain('was due')
  })

  it('are read and not changed by a reader', async () => {
    await addAction(services(), round, agreed)
    const reader = await keyHeaders('reader')
    const page = await get(`/rounds/${round}`, reader)
    expect(page).toContain(agreed.text)
    expect(page).not.toContain('Mark as done')
    expect(
      (await fetchWorker(`/rounds/${round}/actions`, { method: 'POST', headers: reader, body: new URLSearchParams(agreed) })).status,
    ).toBe(403)
  })
})
