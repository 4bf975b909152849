import { describe, expect, it } from 'vitest'
import type { ServiceContext } from '../../worker/services/context'
import { resumeSource, runPulls } from '../../worker/services/pulling'
import { activateSource, changeSource, createSource } from '../../worker/services/sources'
import * as hubspotAccount from '../core/hubspot-account'
import * as salesforceOrg from '../core/salesforce-org'
import { services } from './client'
import { all, one, pullsOf, staged } from './fake-source'

const vendors = {
  hubspot: () => {
    const fake = hubspotAccount.account()
    return {
      fake,
      settings: hubspotAccount.settings,
      secret: { token: fake.token },
      leads: ['101', '102'],
      winDeal: () =>
        fake.put('deals', '202', { dealstage: 'closedwon', amount: '500', closedate: '2026-04-20T10:00:00Z' }, '2026-06-01T10:30:00Z'),
      refuse: () => {
        fake.token = 'another'
      },
      accept: { token: 'another' },
      withdraw: () => fake.scopes.delete('crm.objects.deals.read'),
      scope: 'crm.objects.deals.read',
    }
  },
  salesforce: () => {
    const fake = salesforceOrg.org()
    return {
      fake,
      settings: salesforceOrg.settings,
      secret: { clientId: fake.client.id, clientSecret: fake.client.secret },
      leads: [1, 2, 3].map(salesforceOrg.lead),
      winDeal: () =>
        fake.put(
          'Opportunity',
          salesforceOrg.deal(2),
          { StageName: 'Closed Won', Amount: 500, CloseDate: '2026-04-20' },
          '2026-06-01T10:30:00Z',
        ),
      refuse: () => {
        fake.client.secret = 'another secret'
        fake.endSession()
      },
      accept: { clientId: fake.client.id, clientSecret: 'another secret' },
      withdraw: () => fake.closed.add('Opportunity'),
      scope: 'Opportunity: Read',
    }
  },
}

const months = async (metric: string) =>
  Object.fromEntries(
    (
      await all<{ period: string; value: number }>(
        `select period, value from observations where metric = '${metric}' and basis = 'period' order by period`,
      )
    ).map(({ period, value }) => [period, value]),
  )

describe.each(Object.entries(vendors))('%s, from its set-up to the KPIs', (kind, vendor) => {
  it('is pulled, pulled again, stopped by a key that is refused, and goes on with another', async () => {
    const { fake, settings, secret, leads, winDeal, refuse, accept, withdraw, scope } = vendor()
    const at = (time: string): ServiceContext => ({ ...services(new Date(time)), fetch: fake.fetch })
    const tick = (time: string) => runPulls(at(time), { clock: () => new Date(time), sleep: async () => undefined, random: () => 0.5 })
    const { id } = await createSource(at('2026-06-01T09:00:00Z'), { kind: kind as 'hubspot', name: 'CRM', settings, secret })
    await activateSource(at('2026-06-01T09:00:00Z'), id)

    await tick('2026-06-01T10:00:00Z')
    expect(await pullsOf('state, error, rejected')).toEqual([{ state: 'done', error: null, rejected: 0 }])
    expect((await all<{ id: string }>('select external_id as id from leads order by 1')).map((row) => row.id)).toEqual(leads)
    expect(await staged()).toBe(0)
    const before = { leads: await months('lead_volume'), won: await months('won_deals') }
    expect(Object.values(before.leads).reduce((sum, value) => sum + value, 0)).toBe(leads.length)
    expect(Object.values(before.won).reduce((sum, value) => sum + value, 0)).toBe(1)

    winDeal()
    await tick('2026-06-01T11:00:00Z')
    expect((await pullsOf('state, inserted')).at(-1)).toEqual({ state: 'done', inserted: 0 })
    expect((await months('won_deals'))['2026-04']).toBe((before.won['2026-04'] ?? 0) + 1)

    const asOf = await one<{ at: number }>(`select last_success_at as at from sources where id = '${id}'`)
    refuse()
    await tick('2026-06-01T12:00:00Z')
    expect((await pullsOf('state, error')).at(-1)).toEqual({ state: 'failed', error: 'unauthorised' })
    expect(await one(`select state, last_success_at as at from sources where id = '${id}'`)).toEqual({ state: 'stopped', ...asOf })
    const asked = fake.requests.length
    await tick('2026-06-01T13:00:00Z')
    expect(fake.requests.length).toBe(asked)

    await changeSource(at('2026-06-01T14:00:00Z'), id, { secret: accept })
    await resumeSource(at('2026-06-01T14:00:00Z'), id)
    await tick('2026-06-01T14:30:00Z')
    expect((await pullsOf('state')).at(-1)).toEqual({ state: 'done' })

    withdraw()
    await tick('2026-06-01T16:00:00Z')
    const [refused] = (await pullsOf('state, error, detail')).slice(-1)
    expect(refused).toMatchObject({ state: 'failed', error: 'forbidden' })
    expect(String(refused?.detail)).toContain(scope)
    const everything = JSON.stringify([
      await all('select * from sources'),
      await all('select * from pulls'),
      await all('select * from pull_errors'),
    ])
    for (const part of [...Object.values(secret), 'anna', '1234567']) expect(everything.toLowerCase()).not.toContain(part.toLowerCase())
  })
})
