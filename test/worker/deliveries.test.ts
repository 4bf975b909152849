import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { queueDeliveries } from '../../worker/services/deliveries'
import { services } from './client'
import { anOpenRound, collect } from './factories'

const queued = async () =>
  (await env.DB.prepare('select person_id as id from deliveries').all<{ id: string }>()).results.map(({ id }) => id)

describe('who is written to', () => {
  it('is everybody who is invited, has not collected a ballot and did not ask to be left alone', async () => {
    const { round, invitations } = await anOpenRound()
    const [collected, stopped, gone, ...others] = invitations
    await collect(collected?.url ?? '')
    await env.DB.prepare('update people set mail_stopped_at = 1 where id = ?').bind(stopped?.personId).run()
    await env.DB.prepare('update people set deactivated_at = 1 where id = ?').bind(gone?.personId).run()
    for (const _ of [1, 2]) await queueDeliveries(services(), round.id, 'invitation')
    expect((await queued()).toSorted()).toEqual(others.map(({ personId }) => personId).toSorted())
  })

  it('is nobody once the round is closing', async () => {
    const { round } = await anOpenRound()
    await env.DB.prepare('update rounds set closing_at = 1').run()
    await queueDeliveries(services(), round.id, 'reminder-1')
    expect(await queued()).toEqual([])
  })
})
