import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { salesforce } from '../../worker/connectors/salesforce'
import { FakeSalesforce } from '../fakes/salesforce'
import { Kept, pull } from './pulled'
import { accessTo, deal, id, lead, org, settings } from './salesforce-org'

const at = (text: string) => Date.parse(text)
const now = '2026-06-01T10:00:00Z'
const leadsOnly = { reads: { leads: true, deals: false, activities: false, spend: false } }

describe('a whole pull of Salesforce', () => {
  it('brings exactly the leads, deals, activities, touches and spend that are there', async () => {
    const kept = new Kept()
    const pulled = await pull(salesforce, accessTo(org(), now), kept)
    expect(pulled.errors).toEqual([])
    expect(pulled.notices).toEqual([])
    expect(kept.live('lead')).toEqual({
      // 23:30 UTC is the next day, and the next month, in the reporting zone.
      [lead(1)]: {
        createdDay: '2026-03-01',
        createdAt: at('2026-02-28T23:30:00Z'),
        channel: 'Web',
        leadType: 'Inbound',
        stage: 'Converted',
      },
      [lead(2)]: { createdDay: '2026-03-01', createdAt: at('2026-03-01T10:00:00Z'), channel: '', leadType: 'Inbound', stage: 'Recycled' },
      [lead(3)]: { createdDay: '2026-03-05', createdAt: at('2026-03-05T10:00:00Z'), channel: 'Web', leadType: 'Inbound', stage: 'Open' },
    })
    expect(kept.live('deal')).toEqual({
      [deal(1)]: {
        leadId: lead(1),
        customerId: id('001', 1),
        createdDay: '2026-03-10',
        createdAt: at('2026-03-10T09:00:00Z'),
        // A local day, though it was 1 April in Berlin when the deal was moved.
        closedDay: '2026-03-31',
        closedAt: null,
        state: 'won',
        stage: 'Closed Won',
        amountMinor: 105_450,
        currency: 'USD',
        channel: 'Web',
      },
      [deal(2)]: expect.objectContaining({ leadId: null, customerId: null, closedDay: null, state: 'open', amountMinor: null }),
      // Lost long before the day that was planned: on the day that it was moved.
      [deal(3)]: expect.objectContaining({
        closedDay: '2026-04-01',
        closedAt: at('2026-04-01T09:00:00Z'),
        state: 'lost',
        amountMinor: 20_000,
      }),
    })
    expect(kept.live('activity')).toEqual({
      [id('00T', 1)]: { leadId: lead(2), dealId: null, kind: 'call', day: '2026-03-02', at: at('2026-03-02T08:00:00Z'), connected: true },
      // Of the contact that the lead became.
      [id('00T', 2)]: {
        leadId: lead(1),
        dealId: deal(1),
        kind: 'call',
        day: '2026-03-03',
        at: at('2026-03-03T08:05:00Z'),
        connected: false,
      },
      [id('00T', 3)]: { leadId: lead(2), dealId: null, kind: 'email', day: '2026-03-04', at: at('2026-03-04T08:05:00Z'), connected: null },
    })
    expect(kept.live('touch')).toEqual({
      [id('00v', 1)]: { leadId: lead(1), customerId: id('001', 1), day: '2026-03-02', at: null, channel: 'Webinar' },
    })
    expect(kept.live('spend')).toEqual({
      [id('701', 1)]: { day: '2026-03-01', channel: 'Webinar', side: 'marketing', kind: 'campaign', amountMinor: 125_050, currency: 'USD' },
    })
    expect(pulled).toMatchObject({ total: 17, read: 17 })
    expect(pulled.last.quota?.limit).toBe(5000)
  })

  it('keeps what a lead was created as, every change and every return', async () => {
    const kept = new Kept()
    await pull(salesforce, accessTo(org(), now), kept)
    const told = Object.values(kept.live('stage'))
      .toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))
      .map(({ leadId, what, stage, day, reason }) => [leadId.slice(-1), what, stage, day, reason].join(' ').trim())
    expect(told).toEqual([
      '1 entered lead 2026-03-01',
      '2 entered mql 2026-03-01',
      '1 entered mql 2026-03-02',
      '1 entered sql 2026-03-03',
      '2 returned mql 2026-03-04 No budget, call …',
      '3 entered lead 2026-03-05',
      '1 entered opportunity 2026-03-10',
      '1 entered opportunity 2026-03-10',
      '1 entered customer 2026-04-01',
    ])
  })

  it('asks for nothing that says who somebody is, and keeps neither that nor a secret', async () => {
    const fake = org()
    fake.pageSize = 1
    const kept = new Kept()
    const cursors: string[] = []
    const watching: typeof salesforce = {
      ...salesforce,
      page: async (...asked) => {
        const page = await salesforce.page(...asked)
        cursors.push(JSON.stringify(page.next))
        return page
      },
    }
    await pull(watching, accessTo(fake, now), kept)
    const asked = fake.requests.flatMap(({ soql }) => /SELECT (.*?) FROM/.exec(soql ?? '')?.[1]?.split(', ') ?? [])
    expect(asked.length).toBeGreaterThan(50)
    expect(
      asked.filter((field) => /name$|mail|phone|company|title|subject|description|owner/i.test(field) && field !== 'StageName'),
    ).toEqual([])
    const all =
      JSON.stringify([...Object.values(kept.facts)].map((facts) => [...facts.values()])) + JSON.stringify(kept.bookmark) + cursors.join()
    expect(all).not.toMatch(/anna|1234567|session|client-/i)
    expect(cursors.length).toBeGreaterThan(5)
  })

  it('takes every opportunity for a lead where that is what a lead is', async () => {
    const fake = org()
    const kept = new Kept()
    await pull(salesforce, accessTo(fake, now, { lead: 'deal', fields: { leadType: 'Type' } }), kept)
    expect(Object.keys(kept.live('lead'))).toEqual([1, 2, 3].map((number) => `deal ${deal(number)}`))
    expect(Object.values(kept.live('stage')).map(({ leadId, what, stage }) => [leadId.slice(-1), what, stage].join(' '))).toEqual([
      '1 entered customer',
      '1 entered opportunity',
      '2 entered opportunity',
      '3 lost opportunity',
      '3 entered opportunity',
    ])
    expect(kept.live('activity')[id('00T', 2)]).toMatchObject({ leadId: `deal ${deal(1)}` })
    expect(fake.requests.some(({ soql }) => / FROM (Lead|LeadHistory|CampaignMember) /.test(soql ?? ''))).toBe(false)
  })

  it('gives a deal to the first of the leads that were converted to it', async () => {
    const fake = org()
    const converted = { Status: 'Converted', IsConverted: true, ConvertedOpportunityId: deal(1) }
    fake.put('Lead', lead(7), converted, '2026-02-01T10:00:00Z')
    fake.put('Lead', lead(6), converted, '2026-03-09T10:00:00Z')
    const kept = new Kept()
    await pull(salesforce, accessTo(fake, now), kept)
    expect(kept.live('deal')[deal(1)]?.leadId).toBe(lead(7))
  })

  it('asks for the currency of amounts where the org has several, and nowhere else', async () => {
    const fake = org()
    await pull(salesforce, accessTo(fake, now), new Kept())
    expect(fake.requests.some(({ soql }) => soql?.includes('CurrencyIsoCode'))).toBe(false)
    fake.currencies = true
    fake.put('Opportunity', deal(1), { CurrencyIsoCode: 'JPY', Amount: 1054 }, '2026-04-02T09:00:00Z')
    const kept = new Kept()
    await pull(salesforce, accessTo(fake, now), kept)
    expect(kept.live('deal')[deal(1)]).toMatchObject({ amountMinor: 1054, currency: 'JPY' })
    expect(kept.live('deal')[deal(3)]).toMatchObject({ amountMinor: 20_000, currency: 'USD' })
  })
})

describe('a pull of Salesforce after another', () => {
  it('brings only what changed, forgets what was deleted, and nothing twice', async () => {
    const fake = org()
    const kept = new Kept()
    await pull(salesforce, accessTo(fake, now), kept)
    fake.put('Lead', lead(3), { Status: 'Accepted' }, '2026-06-01T10:19:00Z')
    fake.remove('Lead', lead(2), '2026-06-01T10:30:00Z')
    fake.remove('Opportunity', deal(1), '2026-06-01T10:30:00Z')
    fake.put('Campaign', id('701', 1), { ActualCost: null }, '2026-06-01T10:30:00Z')
    const pulled = await pull(salesforce, accessTo(fake, '2026-06-01T11:00:00Z'), kept)
    // Each object's newest comes again because of the look-back: of leads, the one that was converted.
    expect(pulled.came).toMatchObject({ lead: 3, deal: 2, spend: 2 })
    expect(Object.keys(kept.live('lead'))).toEqual([lead(1), lead(3)])
    expect(Object.keys(kept.live('deal'))).toEqual([deal(2), deal(3)])
    expect(kept.live('spend')).toEqual({})
    expect(Object.values(kept.live('stage')).map(({ leadId, stage }) => [leadId.slice(-1), stage].join(' '))).toEqual([
      '1 mql',
      '1 sql',
      '1 opportunity',
      '1 lead',
      '3 sal',
      '3 lead',
    ])
    const again = await pull(salesforce, accessTo(fake, '2026-06-01T12:00:00Z'), kept)
    expect(again.came.lead).toBe(1)
    expect(kept.bookmark).toMatchObject({ modified: { Lead: at('2026-06-01T10:20:00Z') } })
  })

  it('reads again what came late, and never begins after it began itself', async () => {
    const fake = org()
    const kept = new Kept()
    await pull(salesforce, accessTo(fake, now), kept)
    fake.put('Lead', lead(4), { Status: 'Open' }, '2026-03-10T08:51:00Z') // a transaction that took nine minutes
    fake.put('Lead', lead(5), { Status: 'Open' }, '2026-06-01T12:00:00Z') // a clock that is ahead
    await pull(salesforce, accessTo(fake, '2026-06-01T11:00:00Z'), kept)
    expect(Object.keys(kept.live('lead'))).toHaveLength(5)
    expect(kept.bookmark).toMatchObject({ modified: { Lead: at('2026-06-01T10:50:00Z') } })
  })
})

it('begins after what the last page of Salesforce showed, too', async () => {
  const kept = new Kept()
  await pull(salesforce, accessTo(org(), now, { reads: { leads: false, deals: true, activities: false, spend: false } }), kept)
  expect(kept.bookmark).toMatchObject({ modified: { Opportunity: at('2026-04-01T08:50:00Z') } })
})

describe('leads whose history Salesforce does not keep', () => {
  const told = (kept: Kept) => Object.values(kept.live('stage')).map(({ what, stage, day }) => [what, stage, day].join(' '))

  it('are where they are seen for the first time', async () => {
    const fake = new FakeSalesforce()
    fake.closed.add('LeadHistory')
    fake.put('Lead', lead(1), { Status: 'MQL' }, '2026-03-02T09:00:00Z')
    const kept = new Kept()
    await pull(salesforce, accessTo(fake, '2026-03-02T10:00:00Z', leadsOnly), kept)
    expect(told(kept)).toEqual(['entered mql 2026-03-02'])
    fake.put('Lead', lead(1), { Status: 'Accepted' }, '2026-03-05T09:00:00Z')
    await pull(salesforce, accessTo(fake, '2026-03-05T10:00:00Z', leadsOnly), kept)
    fake.put('Lead', lead(1), { Status: 'Accepted', LeadSource: 'Other' }, '2026-03-09T09:00:00Z')
    await pull(salesforce, accessTo(fake, '2026-03-09T10:00:00Z', leadsOnly), kept)
    expect(told(kept)).toEqual(['entered sal 2026-03-05', 'entered mql 2026-03-02'])
    fake.put('Lead', lead(1), { Status: 'Converted', IsConverted: true, ConvertedDate: '2026-03-10' }, '2026-03-11T09:00:00Z')
    await pull(salesforce, accessTo(fake, '2026-03-11T10:00:00Z', leadsOnly), kept)
    // A local day that passes through no time zone.
    expect(told(kept)).toContain('entered opportunity 2026-03-10')
    fake.remove('Lead', lead(1), '2026-03-12T09:00:00Z')
    await pull(salesforce, accessTo(fake, '2026-03-12T10:00:00Z', leadsOnly), kept)
    expect(Object.keys(kept.live('lead'))).toEqual([])
  })

  it('that are older than it were not created as what they are', async () => {
    const fake = org()
    fake.put('Lead', lead(8), { Status: 'MQL' }, '2023-03-02T09:00:00Z')
    fake.put('Lead', lead(8), { Status: 'Qualified' }, '2026-03-02T09:00:00Z')
    const kept = new Kept()
    await pull(salesforce, accessTo(fake, now, leadsOnly), kept)
    const events = Object.values(kept.live('stage')).filter(({ leadId }) => leadId === lead(8))
    expect(events.map(({ stage, day }) => `${stage} ${day}`)).toEqual(['sql 2026-03-02'])
  })
})

describe('many rows of Salesforce', () => {
  /** Rows of one time, with ids in an order of their own. */
  function many(count: number, time: (index: number) => string): FakeSalesforce {
    const fake = new FakeSalesforce()
    for (let index = 0; index < count; index += 1) fake.put('Lead', lead((index * 7919) % 1_000_003), { Status: 'Open' }, time(index))
    return fake
  }

  it('are read to the end where 5,000 have one time and the rest of every answer is forgotten', async () => {
    const fake = many(5000, () => '2026-03-01T10:00:00Z')
    fake.forgetful = true
    const kept = new Kept()
    const pulled = await pull(salesforce, accessTo(fake, now, leadsOnly), kept, { mostPages: 20 })
    expect([kept.facts.lead.size, pulled.read]).toEqual([5000, 5000])
  })

  it('are the same in whatever pages they come, with queries that take too long and sessions that end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 250 }),
        fc.integer({ min: 1, max: 200_000 }),
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 20, max: 300 }),
        fc.boolean(),
        async (count, minutes, pageSize, slowAt, forgetful) => {
          const fake = many(count, (index) => new Date(at('2026-01-02T00:00:00Z') + ((index * minutes) % 200_000) * 60_000).toISOString())
          Object.assign(fake, { pageSize, forgetful, slowAt: minutes % 7 === 0 ? Number.POSITIVE_INFINITY : Math.max(slowAt, 30) })
          // Rows of one minute cannot be divided.
          fc.pre(
            fake.slowAt >= count ||
              new Set([...(fake.rows.get('Lead')?.values() ?? [])].map(({ SystemModstamp }) => SystemModstamp)).size > count / 20,
          )
          const kept = new Kept()
          const pulled = await pull(salesforce, accessTo(fake, now, leadsOnly), kept, {
            mostPages: 5000,
            between: (page) => (page % 3 === 0 ? fake.endSession() : undefined),
          })
          expect([kept.facts.lead.size, pulled.read]).toEqual([count, count])
        },
      ),
      { numRuns: 25 },
    )
  })

  it('that change while they are read are read', async () => {
    const fake = many(500, (index) => new Date(at('2026-03-01T10:00:00Z') + index * 1000).toISOString())
    fake.pageSize = 200
    fake.forgetful = true
    const kept = new Kept()
    const victim = lead((450 * 7919) % 1_000_003)
    await pull(salesforce, accessTo(fake, now, leadsOnly), kept, {
      between: () => void fake.put('Lead', victim, { Status: 'MQL' }, '2026-06-01T10:00:05Z'),
    })
    expect(kept.live('lead')[victim]).toMatchObject({ stage: 'MQL' })
    expect(kept.facts.lead.size).toBe(500)
  })

  it('are each read once where the org grows slow in the middle of them', async () => {
    const fake = many(300, (index) => new Date(at('2026-03-01T10:00:00Z') + index * 60_000).toISOString())
    Object.assign(fake, { pageSize: 200, forgetful: true })
    const kept = new Kept()
    const pulled = await pull(salesforce, accessTo(fake, now, leadsOnly), kept, { between: () => Object.assign(fake, { slowAt: 60 }) })
    expect([kept.facts.lead.size, pulled.read]).toEqual([300, 300])
    expect(kept.bookmark).toMatchObject({ modified: { Lead: at('2026-03-01T14:49:00Z') } })
  })

  it('that come again and again end the pull', async () => {
    const fake = many(10, () => '2026-03-01T10:00:00Z')
    const [row] = [...(fake.rows.get('Lead')?.values() ?? [])]
    const same = { totalSize: 10, done: false, nextRecordsUrl: '/services/data/v65.0/query/01gAAA-1', records: [row] }
    fake.fault = ({ path, soql }) => (path.includes('/query/') || soql?.includes('ORDER BY SystemModstamp') ? Response.json(same) : null)
    await expect(pull(salesforce, accessTo(fake, now, leadsOnly), new Kept())).rejects.toMatchObject({ code: 'cursor-repeats' })
  })

  it('are asked for in addresses that are not too long', async () => {
    const fake = many(1500, () => '2026-03-01T10:00:00Z')
    fake.put('Lead', lead(1), { Status: 'MQL' }, '2026-03-02T10:00:00Z')
    fake.put('Lead', lead(1), { Status: 'Qualified' }, '2026-03-02T10:00:00Z')
    const kept = new Kept()
    await pull(salesforce, accessTo(fake, now, leadsOnly), kept)
    expect(fake.requests.filter(({ soql }) => soql?.includes('LeadId IN')).length).toBeGreaterThan(3)
    expect(kept.facts.lead.size).toBe(1501)
    expect(settings.reads.deals).toBe(true)
  })
})
