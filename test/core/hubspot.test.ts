import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hubspot } from '../../worker/connectors/hubspot'
import { FakeHubspot } from '../fakes/hubspot'
import { accessTo, account, settings } from './hubspot-account'
import { Kept, pull } from './pulled'

const at = (text: string) => Date.parse(text)

interface Search {
  after?: string
  filterGroups?: { filters: { operator: string; value: string }[] }[]
}

describe('a whole pull of HubSpot', () => {
  it('brings exactly the leads, deals, activities, touches and spend that are there', async () => {
    const kept = new Kept()
    const pulled = await pull(hubspot, accessTo(account(), '2026-06-01T10:00:00Z'), kept)
    expect(pulled.errors).toEqual([])
    expect(pulled.notices).toEqual([])
    expect(kept.live('lead')).toEqual({
      // 23:30 UTC is the next day, and the next month, in the reporting zone.
      '101': {
        createdDay: '2026-03-01',
        createdAt: at('2026-02-28T23:30:00Z'),
        channel: 'PAID_SEARCH',
        leadType: '',
        stage: 'salesqualifiedlead',
      },
      '102': {
        createdDay: '2026-03-01',
        createdAt: at('2026-03-01T10:00:00Z'),
        channel: 'ORGANIC_SEARCH',
        leadType: '',
        stage: 'marketingqualifiedlead',
      },
    })
    expect(kept.live('deal')).toEqual({
      '201': {
        leadId: '101',
        customerId: '901',
        createdDay: '2026-03-10',
        createdAt: at('2026-03-10T10:00:00Z'),
        // 22:30 UTC on 31 March is 1 April in summer time.
        closedDay: '2026-04-01',
        closedAt: at('2026-03-31T22:30:00Z'),
        state: 'won',
        stage: 'closedwon',
        amountMinor: 105_450,
        currency: 'USD',
        channel: 'PAID_SEARCH',
      },
      '202': expect.objectContaining({
        leadId: null,
        customerId: null,
        closedDay: null,
        closedAt: null,
        state: 'open',
        amountMinor: null,
        currency: 'EUR',
      }),
      '203': expect.objectContaining({ leadId: '102', closedDay: '2026-03-20', state: 'lost', amountMinor: 20_000, currency: 'EUR' }),
    })
    expect(kept.live('activity')).toEqual({
      'calls-301': { leadId: '101', dealId: null, kind: 'call', day: '2026-03-02', at: at('2026-03-02T12:00:00Z'), connected: true },
      'calls-302': { leadId: '101', dealId: null, kind: 'call', day: '2026-03-02', at: at('2026-03-02T13:00:00Z'), connected: false },
      'meetings-501': { leadId: '101', dealId: '201', kind: 'meeting', day: '2026-03-29', at: at('2026-03-29T00:30:00Z'), connected: true },
      'meetings-501-2': {
        leadId: '102',
        dealId: '201',
        kind: 'meeting',
        day: '2026-03-29',
        at: at('2026-03-29T00:30:00Z'),
        connected: true,
      },
      'tasks-401': { leadId: '102', dealId: null, kind: 'email', day: '2026-03-03', at: at('2026-03-03T08:00:00Z'), connected: null },
    })
    const spend = { channel: '', side: 'marketing', kind: 'campaign', currency: 'EUR' }
    expect(kept.live('spend')).toEqual({
      'c-1|1': { day: '2026-03-15', amountMinor: 100_000, ...spend },
      // Entered after the campaign: it was spent by its end.
      'c-1|2': { day: '2026-03-31', amountMinor: 20_000, ...spend },
      'c-1|rest': { day: '2026-03-01', amountMinor: 5_050, ...spend },
    })
    expect(pulled).toMatchObject({ total: 13, read: 15 })
  })

  it('keeps every entry into a stage and every return, in the time of the portal', async () => {
    const kept = new Kept()
    await pull(hubspot, accessTo(account(), '2026-06-01T10:00:00Z'), kept)
    const told = Object.values(kept.live('stage'))
      .toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))
      .map(({ leadId, what, stage, day, reason }) => [leadId, what, stage, day, reason].join(' ').trim())
    expect(told).toEqual([
      '101 entered lead 2026-03-01',
      '102 entered lead 2026-03-01',
      '101 entered mql 2026-03-02',
      '101 entered sal 2026-03-02',
      '102 entered mql 2026-03-03',
      '101 entered sql 2026-03-04',
      '102 returned mql 2026-03-05 UNQUALIFIED',
      '101 entered opportunity 2026-03-10',
      '102 entered opportunity 2026-03-12',
      '102 lost opportunity 2026-03-20 too dear, see …',
      '101 entered customer 2026-04-01',
    ])
  })

  it('asks for nothing that says who somebody is, and keeps nothing of it', async () => {
    const fake = account()
    const kept = new Kept()
    await pull(hubspot, accessTo(fake, '2026-06-01T10:00:00Z'), kept)
    const asked = fake.requests.flatMap(({ query, body }) => {
      const { properties = [], propertiesWithHistory = [] } = (body ?? {}) as Record<string, string[]>
      return [...properties, ...propertiesWithHistory, ...(query.get('properties')?.split(',') ?? [])]
    })
    expect(asked.length).toBeGreaterThan(50)
    expect(asked.filter((name) => /mail|phone|name|number|title|body|address|owner/i.test(name))).toEqual([])
    const all = JSON.stringify([...Object.values(kept.facts)].map((facts) => [...facts.values()])) + JSON.stringify(kept.bookmark)
    expect(all).not.toMatch(/anna|ax|1234567|7654321/i)
    expect(fake.requests.every(({ path }) => path.includes('/2026-09'))).toBe(true)
  })

  it('takes every deal for a lead where that is what a lead is', async () => {
    const fake = account()
    const kept = new Kept()
    await pull(hubspot, accessTo(fake, '2026-06-01T10:00:00Z', { lead: 'deal' }), kept)
    expect(Object.keys(kept.live('lead'))).toEqual(['deal 201', 'deal 202', 'deal 203'])
    expect(Object.values(kept.live('stage')).map(({ leadId, what, stage }) => [leadId, what, stage].join(' '))).toEqual([
      'deal 201 entered customer',
      'deal 201 entered opportunity',
      'deal 202 entered opportunity',
      'deal 203 lost opportunity',
      'deal 203 entered opportunity',
    ])
    expect(kept.live('activity')['meetings-501']).toMatchObject({ leadId: 'deal 201', dealId: '201' })
    expect(fake.requests.some(({ path }) => path.includes('objects/2026-09/contacts'))).toBe(false)
    fake.archive('deals', '202', '2026-06-02T09:00:00Z')
    await pull(hubspot, accessTo(fake, '2026-06-02T10:00:00Z', { lead: 'deal' }), kept)
    expect(Object.keys(kept.live('lead'))).toEqual(['deal 201', 'deal 203'])
  })

  it('brings of deals that are leads what was chosen', async () => {
    const kinds = async (leads: boolean, deals: boolean) => {
      const kept = new Kept()
      const reads = { leads, deals, activities: false, spend: false }
      await pull(hubspot, accessTo(account(), '2026-06-01T10:00:00Z', { lead: 'deal', reads }), kept)
      return Object.entries(kept.facts).flatMap(([kind, facts]) => (facts.size > 0 ? [kind] : []))
    }
    expect(await kinds(true, false)).toEqual(['lead', 'stage'])
    expect(await kinds(false, true)).toEqual(['deal'])
  })

  it('reads only what was chosen', async () => {
    const fake = account()
    const kept = new Kept()
    await pull(
      hubspot,
      accessTo(fake, '2026-06-01T10:00:00Z', { reads: { leads: false, deals: true, activities: false, spend: false } }),
      kept,
    )
    expect(Object.entries(kept.facts).flatMap(([kind, facts]) => (facts.size > 0 ? [kind] : []))).toEqual(['deal'])
    expect(fake.requests.some(({ path }) => /contacts|calls|campaigns/.test(path))).toBe(false)
  })
})

describe('a pull after another', () => {
  it('brings only what changed, and nothing twice', async () => {
    const fake = account()
    const kept = new Kept()
    await pull(hubspot, accessTo(fake, '2026-06-01T10:00:00Z'), kept)
    const before = JSON.stringify(kept.live('lead'))
    fake.put('contacts', '102', { lifecyclestage: 'salesqualifiedlead' }, '2026-06-01T10:20:00Z')
    fake.put('contacts', '104', { lifecyclestage: 'lead' }, '2026-06-01T10:40:00Z')
    const pulled = await pull(hubspot, accessTo(fake, '2026-06-01T11:00:00Z'), kept)
    expect(Object.keys(kept.live('lead'))).toEqual(['101', '102', '104'])
    // The newest of each type comes again because of the look-back, and 101 does not.
    expect(pulled.came).toMatchObject({ lead: 2, deal: 1, spend: 0 })
    expect(JSON.stringify(kept.live('lead'))).not.toBe(before)
    const again = await pull(hubspot, accessTo(fake, '2026-06-01T12:00:00Z'), kept)
    expect(again.came.lead).toBe(1)
  })

  it('reads again what may have been shown late, and never begins after what it saw', async () => {
    const fake = account()
    const kept = new Kept()
    await pull(hubspot, accessTo(fake, '2026-06-01T10:00:00Z'), kept)
    expect(kept.bookmark).toMatchObject({
      modified: { contacts: at('2026-03-05T10:00:00Z') - 600_000, meetings: at('2026-03-29T02:00:00Z') - 600_000 },
    })
    // Search shows it only now.
    fake.put('contacts', '105', { lifecyclestage: 'lead' }, '2026-03-05T09:55:00Z')
    // The vendor's clock is ahead: the bookmark does not follow it past the time that the pull began.
    fake.put('contacts', '106', { lifecyclestage: 'lead' }, '2026-06-01T12:10:00Z')
    await pull(hubspot, accessTo(fake, '2026-06-01T11:00:00Z'), kept)
    expect(Object.keys(kept.live('lead'))).toEqual(['101', '102', '105', '106'])
    expect(kept.bookmark).toMatchObject({ modified: { contacts: at('2026-06-01T11:00:00Z') - 600_000 } })
  })

  it('begins after what the last page showed, too', async () => {
    const kept = new Kept()
    const reads = { leads: true, deals: false, activities: false, spend: false }
    await pull(hubspot, accessTo(account(), '2026-06-01T10:00:00Z', { reads }), kept)
    expect(kept.bookmark).toMatchObject({ modified: { contacts: at('2026-03-05T10:00:00Z') - 600_000 } })
  })

  it('forgets what was deleted, merged or made a partner', async () => {
    const fake = account()
    const kept = new Kept()
    await pull(hubspot, accessTo(fake, '2026-06-01T10:00:00Z'), kept)
    fake.archive('contacts', '102', '2026-06-02T09:00:00Z')
    fake.archive('deals', '203', '2026-06-02T09:00:00Z')
    fake.archive('calls', '301', '2026-06-02T09:00:00Z')
    fake.put('calls', '302', { hs_call_status: 'CANCELED' }, '2026-06-02T09:00:00Z')
    fake.put('contacts', '107', { lifecyclestage: 'lead', hs_merged_object_ids: '101;99' }, '2026-06-02T09:00:00Z')
    fake.records.contacts.delete('101')
    await pull(hubspot, accessTo(fake, '2026-06-02T10:00:00Z'), kept)
    expect(Object.keys(kept.live('lead'))).toEqual(['107'])
    expect(Object.keys(kept.live('deal'))).toEqual(['201', '202'])
    expect(Object.keys(kept.live('activity'))).toEqual(['meetings-501', 'meetings-501-2', 'tasks-401'])
    expect(Object.values(kept.live('stage')).some(({ leadId }) => leadId === '102')).toBe(false)
    fake.put('contacts', '107', { lifecyclestage: 'other' }, '2026-06-02T11:00:00Z')
    await pull(hubspot, accessTo(fake, '2026-06-02T12:00:00Z'), kept)
    // It was a lead once, and that stays true.
    expect(Object.keys(kept.live('lead'))).toEqual(['107'])
  })

  it('reads everything again when the meaning of stages changed, and drops what no longer counts', async () => {
    const fake = account()
    const kept = new Kept()
    await pull(hubspot, accessTo(fake, '2026-06-01T10:00:00Z'), kept)
    const leadStages = { ...settings.leadStages, '1001': 'ignored' as const, marketingqualifiedlead: 'sal' as const }
    kept.bookmark = null // as the pipeline does under other settings
    const pulled = await pull(hubspot, accessTo(fake, '2026-06-01T11:00:00Z', { leadStages }), kept)
    expect(pulled.came.lead).toBe(3)
    expect(Object.values(kept.live('stage')).filter(({ what, stage }) => what === 'entered' && stage === 'sal')).toHaveLength(2)
    expect(Object.values(kept.live('stage')).filter(({ stage }) => stage === 'mql')).toHaveLength(0)
  })

  it('reads deleted records and spend once a day', async () => {
    const fake = account()
    const kept = new Kept()
    await pull(hubspot, accessTo(fake, '2026-06-01T10:00:00Z'), kept)
    const asked = async (now: string) => {
      fake.requests.length = 0
      await pull(hubspot, accessTo(fake, now), kept)
      return fake.requests.filter(({ path, query }) => query.get('archived') === 'true' || path.includes('campaigns')).length
    }
    expect(await asked('2026-06-01T11:00:00Z')).toBe(0)
    expect(await asked('2026-06-02T11:00:00Z')).toBeGreaterThan(5)
    expect(await asked('2026-06-02T12:00:00Z')).toBe(0)
    // An item of spend that was taken back is gone.
    const campaign = fake.campaigns.get('c-1')
    if (campaign) campaign.budget = { currencyCode: 'EUR', spendTotal: 200, spendItems: campaign.budget.spendItems.slice(1) }
    await pull(hubspot, accessTo(fake, '2026-06-03T12:00:00Z'), kept)
    expect(Object.keys(kept.live('spend'))).toEqual(['c-1|2'])
  })
})

describe('many records', () => {
  const leadsOnly = { reads: { leads: true, deals: false, activities: false, spend: false } }

  it('ends and is exact where 10,400 records were modified in the same millisecond', async () => {
    const fake = new FakeHubspot()
    for (let id = 1; id <= 10_400; id += 1) fake.put('contacts', String(id), { lifecyclestage: 'lead' }, '2026-03-01T10:00:00.123Z')
    fake.put('contacts', '20000', { lifecyclestage: 'lead' }, '2026-03-02T10:00:00Z')
    fake.cap = 10_000 // as if the total stopped there: exactly the ceiling may be more
    const kept = new Kept()
    const pulled = await pull(hubspot, accessTo(fake, '2026-06-01T10:00:00Z', leadsOnly), kept, { mostPages: 200 })
    expect(kept.facts.lead.size).toBe(10_401)
    expect(pulled.came.stage).toBe(10_401)
    expect(kept.bookmark).toMatchObject({ modified: { contacts: at('2026-03-02T10:00:00Z') - 600_000 } })
    // The time was divided down to a second, and no page was asked for by its number.
    const windows = fake.requests.flatMap(
      ({ body }) => (body as Search | undefined)?.filterGroups?.[0]?.filters.filter(({ operator }) => operator === 'LT') ?? [],
    )
    expect(new Set(windows.map(({ value }) => value)).size).toBeGreaterThan(20)
    expect(fake.requests.every(({ body }) => Number((body as Search | undefined)?.after ?? 0) === 0)).toBe(true)
    const again = await pull(hubspot, accessTo(fake, '2026-06-01T11:00:00Z', leadsOnly), kept)
    expect(again.came.lead).toBe(1)
  }, 30_000)

  it('reads the same whatever the order of modification, the pages and the changes in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5_000_000 }), { minLength: 1, maxLength: 700 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(699)), { maxLength: 20 }),
        fc.integer({ min: 3, max: 400 }),
        async (minutes, changes, cap) => {
          const fake = new FakeHubspot()
          const start = at('2026-01-01T00:00:00Z')
          const time = (minute: number) => new Date(start + (minute % 200_000) * 60_000).toISOString()
          for (const [id, minute] of minutes.entries()) fake.put('contacts', String(id + 1), { lifecyclestage: 'lead' }, time(minute))
          // Windows are halved as if HubSpot's ceiling were as low as this.
          fake.cap = Number.POSITIVE_INFINITY
          const split: typeof fetch = async (input, init) => {
            const response = await fake.fetch(input, init)
            if (!String(input).endsWith('/search')) return response
            const body = (await response.json()) as { total: number; results: unknown[] }
            const { limit, filterGroups } = JSON.parse(String(init?.body)) as {
              limit: number
              filterGroups: { filters: { operator: string }[] }[]
            }
            const isFirst = !filterGroups.some(({ filters }) => filters.some(({ operator }) => operator === 'GT'))
            return Response.json(limit > 1 && isFirst && body.total > cap ? { ...body, total: body.total + 10_000 } : body)
          }
          const kept = new Kept()
          const access = { ...accessTo(fake, '2026-07-01T10:00:00Z', leadsOnly), fetch: split }
          const between = () => {
            const [change] = changes.splice(0, 1)
            if (change)
              fake.put('contacts', String((change[1] % minutes.length) + 1), { hs_lead_status: `S${change[0]}` }, '2026-07-01T10:00:30Z')
          }
          await pull(hubspot, access, kept, { mostPages: 5000, between })
          return kept.facts.lead.size === minutes.length
        },
      ),
      { numRuns: 25 },
    )
  })

  it('shows records on the first page of a large account', async () => {
    const fake = new FakeHubspot()
    for (let id = 1; id <= 400; id += 1)
      fake.put('contacts', String(id), { lifecyclestage: 'lead' }, new Date(at('2026-01-05T10:00:00Z') + id * 6 * 3_600_000).toISOString())
    const access = accessTo(fake, '2026-06-01T10:00:00Z', leadsOnly)
    const large: typeof fetch = async (input, init) => {
      const response = await fake.fetch(input, init)
      if (!String(input).endsWith('/search')) return response
      const body = (await response.json()) as { total: number }
      return Response.json(body.total > 100 ? { ...body, total: body.total * 200 } : body)
    }
    const first = await hubspot.page({ ...access, fetch: large }, { cursor: null, bookmark: null, startedAt: access.now })
    expect(first.rows.lead.length).toBeGreaterThan(10)
  })

  it('reads what is modified while it reads', async () => {
    const fake = new FakeHubspot()
    for (let id = 1; id <= 600; id += 1) fake.put('contacts', String(id), { lifecyclestage: 'lead' }, '2026-03-01T10:00:00Z')
    const kept = new Kept()
    const between = () => void fake.put('contacts', '555', { hs_lead_status: 'UNQUALIFIED' }, '2026-06-01T10:00:05Z')
    await pull(hubspot, accessTo(fake, '2026-06-01T10:00:00Z', leadsOnly), kept, { between })
    expect(kept.facts.lead.size).toBe(600)
  })

  it('stops where a search shows the same page again', async () => {
    const fake = new FakeHubspot()
    for (let id = 1; id <= 500; id += 1) fake.put('contacts', String(id), { lifecyclestage: 'lead' }, '2026-03-01T10:00:00Z')
    const deaf: typeof fetch = (input, init) => {
      const body = init?.body ? JSON.parse(String(init.body)) : null
      if (!body?.filterGroups) return fake.fetch(input, init)
      const filters = body.filterGroups[0].filters.filter(({ propertyName }: { propertyName: string }) => propertyName !== 'hs_object_id')
      return fake.fetch(input, { ...init, body: JSON.stringify({ ...body, filterGroups: [{ filters }] }) })
    }
    const access = { ...accessTo(fake, '2026-06-01T10:00:00Z', leadsOnly), fetch: deaf }
    await expect(pull(hubspot, access, new Kept())).rejects.toMatchObject({ code: 'cursor-repeats' })
  })
})
