import { beforeEach, describe, expect, it } from 'vitest'
import type { Access } from '../../worker/connectors/connector'
import { CrmSettings } from '../../worker/connectors/crm'
import { PullFailure } from '../../worker/connectors/failure'
import { pipedrive } from '../../worker/connectors/pipedrive'
import { type FakeDeal, type FakePipedrive, fakePipedrive, refusal } from '../fakes/pipedrive'
import { byId, pullAll } from '../fakes/pull-all'

const now = new Date('2026-11-20T10:00:00Z')

let fake: FakePipedrive
beforeEach(() => {
  fake = fakePipedrive()
})

function access(settings: Partial<CrmSettings> = {}, at = now): Access<CrmSettings> {
  return {
    fetch: fake.fetch,
    now: at,
    settings: CrmSettings.parse({
      domain: 'acme.pipedrive.com',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      changedSince: '2026-01-01',
      reads: { leads: true, deals: true, activities: true, spend: false },
      dealStages: { 1: 'open', 2: 'open' },
      leadStages: { archived: 'lost' },
      ...settings,
    }),
    secret: { token: 'secret-token' },
    reportingZone: 'Europe/Berlin',
    currency: 'EUR',
    allowedHosts: [],
  }
}

const deal = (id: number, rest: Partial<FakeDeal> = {}): FakeDeal => ({
  id,
  status: 'won',
  value: 1054,
  currency: 'EUR',
  stage_id: 1,
  org_id: 7,
  add_time: '2026-03-01T09:00:00Z',
  update_time: '2026-03-31T22:30:00Z',
  won_time: '2026-03-31T22:30:00Z',
  lost_time: null,
  close_time: '2026-03-31T22:30:00Z',
  lost_reason: null,
  channel: 52,
  source_lead_id: null,
  ...rest,
})

const failureOf = async (settings: Partial<CrmSettings> = {}) => {
  const error = await pullAll(pipedrive, access(settings)).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(PullFailure)
  return error as PullFailure
}

describe('a deal of Pipedrive', () => {
  it('becomes a fact on the days of the reporting zone, in minor units, with its channel in words', async () => {
    fake.deals = [deal(1)]
    const { rows } = await pullAll(pipedrive, access())
    expect(rows.deal).toEqual([
      expect.objectContaining({
        externalId: '1',
        customerId: '7',
        createdDay: '2026-03-01',
        closedDay: '2026-04-01', // half past midnight in Berlin
        closedAt: Date.parse('2026-03-31T22:30:00Z'),
        state: 'won',
        stage: 'Qualified',
        amountMinor: 105_400,
        currency: 'EUR',
        channel: 'Billboards',
        updatedAt: Date.parse('2026-03-31T22:30:00Z'),
        deletedAt: null,
      }),
    ])
  })

  it('comes from the archive as well, which the list does not show', async () => {
    fake.deals = [deal(1), deal(2, { is_archived: true })]
    expect([...byId((await pullAll(pipedrive, access())).rows.deal).keys()]).toEqual(['1', '2'])
  })

  it('is deleted where Pipedrive says so', async () => {
    fake.deals = [deal(1, { status: 'deleted', is_deleted: true, update_time: '2026-05-01T00:00:00Z' })]
    const [fact] = (await pullAll(pipedrive, access())).rows.deal
    expect(fact?.deletedAt).toBe(Date.parse('2026-05-01T00:00:00Z'))
  })

  it('lives with null wherever the description promises a value', async () => {
    fake.deals = [
      deal(1, { status: 'open', value: null, org_id: null, channel: null, won_time: null, close_time: null, source_lead_id: null }),
    ]
    const { rows, errors } = await pullAll(pipedrive, access())
    expect(errors).toEqual([])
    expect(rows.deal[0]).toMatchObject({ state: 'open', closedDay: null, amountMinor: null, customerId: null, channel: '', leadId: null })
  })

  it.each([
    ['no close date', deal(1, { won_time: null, close_time: null }), 'close_time', 'missing-date'],
    ['a negative amount', deal(1, { value: -5 }), 'value', 'negative-amount'],
    ['no date where one is written', deal(1, { add_time: 'soon' }), 'add_time', 'invalid-date'],
    ['a win that is still to come', deal(1, { won_time: '2027-03-01T00:00:00Z' }), 'close_time', 'future-date'],
    ['a currency that is none', deal(1, { currency: 'Gold' }), 'currency', 'invalid-number'],
  ])('with %s is left out and named', async (_, bad, column, code) => {
    fake.deals = [bad, deal(2)]
    const { rows, errors } = await pullAll(pipedrive, access())
    expect(rows.deal.map(({ externalId }) => externalId)).toEqual(['2'])
    expect(errors).toEqual([expect.objectContaining({ record: '1', line: 0, column, code, effect: 'row-not-imported' })])
  })

  it('without a close time counts from its last change of stage', async () => {
    fake.deals = [{ ...deal(1, { won_time: null, close_time: null }), stage_change_time: '2026-03-15T00:00:00Z' } as FakeDeal]
    expect((await pullAll(pipedrive, access())).rows.deal[0]?.closedDay).toBe('2026-03-15')
  })

  it('in a stage that nobody mapped counts by its own state, and the stage is named', async () => {
    fake.deals = [deal(1, { stage_id: 9 }), deal(2, { stage_id: 9 }), deal(3)]
    const { rows, notices } = await pullAll(pipedrive, access())
    expect(rows.deal).toHaveLength(3)
    expect(notices).toEqual([{ code: 'unknown-stages', stages: [{ stage: '9', rows: 2 }] }])
  })

  it('in a stage that is to be ignored is not read', async () => {
    fake.deals = [deal(1, { stage_id: 2 }), deal(2)]
    const { rows } = await pullAll(pipedrive, access({ dealStages: { 1: 'open', 2: 'ignored' } }))
    expect(rows.deal.map(({ externalId }) => externalId)).toEqual(['2'])
  })

  it('is a lead as well where the organisation says so, and a loss says why', async () => {
    fake.deals = [
      deal(1, {
        status: 'lost',
        won_time: null,
        lost_time: '2026-04-02T10:00:00Z',
        close_time: '2026-04-02T10:00:00Z',
        lost_reason: 'Price',
      }),
    ]
    const { rows } = await pullAll(pipedrive, access({ lead: 'deal' }))
    expect(rows.lead).toEqual([expect.objectContaining({ externalId: 'deal 1', createdDay: '2026-03-01', channel: 'Billboards' })])
    expect(rows.deal[0]?.leadId).toBe('deal 1')
    expect(rows.stage).toEqual([
      expect.objectContaining({ leadId: 'deal 1', what: 'lost', stage: 'opportunity', day: '2026-04-02', reason: 'Price' }),
    ])
    expect(fake.requests.some((path) => path.startsWith('/v1/leads'))).toBe(false)
  })
})

describe('a lead of Pipedrive', () => {
  const labels = [
    { id: 'l-mql', name: 'MQL' },
    { id: 'l-back', name: 'Not ready' },
  ]
  const lead = (id: string, rest = {}) => ({ id, add_time: '2026-02-01T10:00:00Z', update_time: '2026-02-03T10:00:00Z', ...rest })

  it('becomes a fact, its labels stages, and an archived one is lost', async () => {
    fake.labels = labels
    fake.leads = [
      lead('a', { label_ids: ['l-mql'], source_name: 'Web forms' }),
      lead('b', { is_archived: true }),
      lead('c', { is_archived: true, label_ids: ['l-back'] }),
    ]
    const stages = { 'l-mql': 'mql', 'l-back': 'returned', archived: 'lost' } as const
    const { rows, notices } = await pullAll(pipedrive, access({ leadStages: stages }))
    expect(rows.lead.map(({ externalId, channel, stage }) => [externalId, channel, stage])).toEqual([
      ['a', 'Web forms', 'MQL'],
      ['b', '', 'archived'],
      ['c', '', 'Not ready'],
    ])
    expect(rows.stage.map(({ leadId, what, stage, day, reason }) => [leadId, what, stage, day, reason])).toEqual([
      ['a', 'entered', 'mql', '2026-02-03', ''],
      ['b', 'lost', null, '2026-02-03', ''],
      ['c', 'returned', null, '2026-02-03', 'Not ready'],
      ['c', 'lost', null, '2026-02-03', ''],
    ])
    expect(notices).toEqual([])
  })

  it('says first that it has a label: a later sight of it is the older fact', async () => {
    fake.labels = labels
    fake.leads = [lead('a', { label_ids: ['l-mql'] })]
    const settings = { leadStages: { 'l-mql': 'mql' } as const }
    const [first] = (await pullAll(pipedrive, access(settings))).rows.stage
    fake.leads = [lead('a', { label_ids: ['l-mql'], update_time: '2026-05-01T10:00:00Z' })]
    const [later] = (await pullAll(pipedrive, access(settings))).rows.stage
    expect(later?.externalId).toBe(first?.externalId)
    expect(Number(later?.updatedAt)).toBeLessThan(Number(first?.updatedAt))
  })

  it('is not missed though every lead before it changes while the pages are read', async () => {
    const at = (index: number) => new Date(Date.parse('2026-02-01T00:00:00Z') + index * 60_000).toISOString()
    fake.leads = Array.from({ length: 1200 }, (_, index) => lead(`l${String(index).padStart(4, '0')}`, { update_time: at(index) }))
    const { rows } = await pullAll(pipedrive, access(), null, (page) => {
      // As many as a page holds move to the end: by offset alone, the next page would skip as many.
      if (page === 4) for (const each of fake.leads.slice(0, 400)) each.update_time = '2026-11-20T09:59:00Z'
    })
    expect(byId(rows.lead).size).toBe(1200)
  })

  it('ends where more leads than a page holds changed at one moment', async () => {
    fake.leads = Array.from({ length: 1300 }, (_, index) => lead(`l${String(index).padStart(4, '0')}`))
    const { rows, pages } = await pullAll(pipedrive, access())
    expect(byId(rows.lead).size).toBe(1300)
    expect(pages).toBeLessThan(12)
  })

  it('is looked for in the archive once a week', async () => {
    const first = await pullAll(pipedrive, access())
    const asked = () => fake.requests.filter((path) => path.startsWith('/v1/leads/archived')).length
    expect(asked()).toBe(1)
    const tomorrow = await pullAll(pipedrive, access({}, new Date('2026-11-21T10:00:00Z')), first.bookmark)
    expect(asked()).toBe(1)
    await pullAll(pipedrive, access({}, new Date('2026-11-28T10:00:00Z')), tomorrow.bookmark)
    expect(asked()).toBe(2)
  })
})

describe('an activity of Pipedrive', () => {
  it('counts where somebody tried to reach a lead or a customer, and has been done', async () => {
    const done = { done: true, update_time: '2026-04-01T08:00:00Z', marked_as_done_time: '2026-04-01 07:30:00' }
    fake.activities = [
      { id: 1, type: 'call', deal_id: 1, ...done },
      { id: 2, type: 'task', deal_id: 1, ...done },
      { id: 3, type: 'meeting', lead_id: 'a', ...done },
      { id: 4, type: 'demo', deal_id: 2, ...done, is_deleted: true },
      { id: 5, type: 'call', ...done },
      { id: 6, type: 'call', deal_id: 3, ...done, done: false },
    ]
    const { rows } = await pullAll(pipedrive, access())
    expect(rows.activity.map(({ externalId, kind, leadId, dealId, connected }) => [externalId, kind, leadId, dealId, connected])).toEqual([
      ['1', 'call', null, '1', null],
      ['3', 'meeting', 'a', null, true],
      ['4', 'other', null, '2', null],
    ])
    expect(rows.activity[0]?.at).toBe(Date.parse('2026-04-01T07:30:00Z'))
    expect(rows.activity[2]?.deletedAt).not.toBeNull()
  })
})

describe('a pull of Pipedrive', () => {
  it('reads every page, and the next one only what changed since, with ten minutes of look-back', async () => {
    fake.deals = Array.from({ length: 1100 }, (_, index) => deal(index + 1))
    const first = await pullAll(pipedrive, access())
    expect(byId(first.rows.deal).size).toBe(1100)
    expect(first.bookmark).toMatchObject({ since: '2026-03-31T22:20:00.000Z' })
    fake.deals.push(deal(2000, { update_time: '2026-04-02T00:00:00Z' }), deal(2001, { update_time: '2026-03-01T00:00:00Z' }))
    const second = await pullAll(pipedrive, access(), first.bookmark)
    expect(byId(second.rows.deal).has('2000')).toBe(true)
    expect(byId(second.rows.deal).has('2001')).toBe(false)
  })

  it('keeps its place where nothing changed', async () => {
    fake.deals = [deal(1)]
    const first = await pullAll(pipedrive, access())
    fake.deals = []
    const second = await pullAll(pipedrive, access(), first.bookmark)
    expect(second.bookmark).toMatchObject({ since: '2026-03-31T22:20:00.000Z' })
  })

  it('begins at midnight of the day since which it should, in the source’s zone', async () => {
    await pullAll(pipedrive, access({ changedSince: '2026-07-01' }))
    const [asked] = fake.requests.filter((path) => path.startsWith('/api/v2/deals?'))
    expect(new URLSearchParams(asked?.split('?')[1]).get('updated_since')).toBe('2026-06-30T22:00:00.000Z')
  })

  it('never asks for a person, and keeps no name or address', async () => {
    fake.deals = [{ ...deal(1), title: 'Jane Doe deal', person_id: 5, cc_email: 'jane@acme.example' } as FakeDeal]
    fake.leads = [
      { id: 'a', add_time: '2026-02-01T10:00:00Z', update_time: '2026-02-03T10:00:00Z', source_name: 'jane@acme.example' } as never,
    ]
    const pulled = await pullAll(pipedrive, access())
    expect(JSON.stringify(pulled)).not.toMatch(/jane|Jane/)
    expect(fake.requests.join()).not.toMatch(/person/)
  })

  it('stops where a cursor repeats', async () => {
    const endless = () =>
      new Response(JSON.stringify({ success: true, data: [deal(1)], additional_data: { next_cursor: 'again' } }), {
        headers: { 'Content-Type': 'application/json' },
      })
    const { fetch } = fake
    fake.fetch = async (input, init) => (String(input).includes('/deals?') ? endless() : fetch(input, init))
    expect((await failureOf()).code).toBe('cursor-repeats')
  })
})

describe('what goes wrong at Pipedrive', () => {
  const html = () => new Response('<html>Down for maintenance</html>', { headers: { 'Content-Type': 'text/html' } })
  it.each([
    ['a token that is not accepted', () => refusal(401, 'unauthorized access'), 'unauthorised', 'person', null],
    ['a right that is missing', () => refusal(403, 'Scope and URL mismatch'), 'forbidden', 'person', null],
    ['a burst', () => refusal(429, 'rate limit', { 'x-ratelimit-reset': '2' }), 'rate-limited', 'soon', 2],
    ['Retry-After of a day', () => refusal(429, 'rate limit', { 'Retry-After': '86400' }), 'rate-limited', 'soon', 86_400],
    [
      'a day’s budget that is spent',
      () => refusal(429, 'limit', { 'x-daily-ratelimit-token-remaining': '0' }),
      'quota-spent',
      'soon',
      null,
    ],
    ['a server error', () => refusal(502, 'bad gateway'), 'unavailable', 'soon', null],
    ['HTML with status 200', html, 'not-json', 'soon', null],
    ['half a body', () => new Response('{"success":true,"data":[{"id":1,'), 'truncated', 'soon', null],
    ['a body that is null', () => new Response('null'), 'unexpected-shape', 'soon', null],
    ['another shape', () => new Response('{"success":true,"data":[{"id":"one"}]}'), 'unexpected-shape', 'soon', null],
    ['a wrong value', () => refusal(400, 'Bad request'), 'configuration', 'person', null],
  ])('%s has its name and its remedy', async (_, answer, code, remedy, wait) => {
    fake.failures = Array.from({ length: 3 }, () => answer)
    const failure = await failureOf()
    expect([failure.code, failure.remedy, failure.waitSeconds]).toEqual([code, remedy, wait])
    expect(JSON.stringify(failure)).not.toContain('secret-token')
  })

  it('is refused before it is asked where the address is not Pipedrive’s', async () => {
    for (const domain of ['127.0.0.1', 'evil.example', 'acme.pipedrive.com.evil.example', 'localhost:4141']) {
      expect((await failureOf({ domain })).code).toBe('host-refused')
    }
    expect(fake.requests).toEqual([])
  })
})

describe('setting up Pipedrive', () => {
  it('says which account, zone and currency, and no person', async () => {
    const report = await pipedrive.test(access())
    expect(report).toEqual({ account: 'Acme', timeZone: 'Europe/Berlin', currency: 'EUR', quota: null, missing: [] })
  })

  it('lists stages with their pipeline, labels and fields, with suggestions', async () => {
    fake.stages.push({ id: 3, name: 'Closed Won', pipeline_id: 1, order_nr: 3 })
    fake.labels = [
      { id: 'x', name: 'MQL' },
      { id: 'y', name: 'Hot' },
    ]
    const found = await pipedrive.discover(access())
    expect(found.dealStages).toEqual([
      { id: '1', label: 'Qualified', pipeline: 'Sales', suggestion: 'open' },
      { id: '2', label: 'Proposal', pipeline: 'Sales', suggestion: 'open' },
      { id: '3', label: 'Closed Won', pipeline: 'Sales', suggestion: 'won' },
    ])
    expect(found.leadStages.map(({ label, suggestion }) => [label, suggestion])).toEqual([
      ['MQL', 'mql'],
      ['Hot', null],
      ['Archived', 'lost'],
    ])
    expect(found.dealFields.map(({ id }) => id)).toEqual(['origin', 'channel']) // a title may hold a name
  })
})
