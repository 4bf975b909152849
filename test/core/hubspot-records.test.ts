import { describe, expect, it } from 'vitest'
import { mapActivity } from '../../worker/connectors/hubspot/activities'
import type { HubspotRecord } from '../../worker/connectors/hubspot/api'
import { mapCampaign } from '../../worker/connectors/hubspot/campaigns'
import { mapContact } from '../../worker/connectors/hubspot/contacts'
import { mapDeal } from '../../worker/connectors/hubspot/deals'
import { codeText, Records, readWhen, saidText } from '../../worker/connectors/records'
import { suggestDealMeaning, suggestLeadMeaning } from '../../worker/connectors/suggest-stage'
import { type Step, stageEvents } from '../../worker/connectors/timeline'
import { FakeHubspot } from '../fakes/hubspot'
import { accessTo } from './hubspot-account'
import { countOf } from './pulled'

const access = (change = {}) => accessTo(new FakeHubspot(), '2026-06-01T10:00:00Z', change)
const record = (id: string, properties: HubspotRecord['properties'], more: Partial<HubspotRecord> = {}): HubspotRecord => ({
  id,
  properties,
  createdAt: null,
  updatedAt: null,
  archivedAt: null,
  ...more,
})
const nobody = { contacts: [], companies: [] }
const nothing = { lead: 0, stage: 0, deal: 0, activity: 0, spend: 0, headcount: 0, touch: 0, value: 0 }

function deals(properties: HubspotRecord['properties'], change = {}) {
  const records = new Records(access(change))
  mapDeal(record('1', { createdate: '2026-03-01T10:00:00Z', ...properties }), {}, nobody, records)
  return { deal: records.rows.deal[0], errors: records.errors.map(({ column, code }) => `${column} ${code}`), notices: records.notices() }
}

describe('a record of HubSpot', () => {
  it('with nothing in it is an error that names it, or nothing, and never breaks', () => {
    const records = new Records(access())
    mapContact(record('1', {}), {}, records)
    mapContact(record('2', { createdate: null, lifecyclestage: null, hs_lead_status: null }), { lifecyclestage: null }, records)
    mapDeal(record('3', {}), {}, nobody, records)
    mapDeal(record('4', { dealstage: 'closedwon', amount: null, closedate: null }), { dealstage: null }, nobody, records)
    for (const type of ['calls', 'tasks', 'meetings'] as const) mapActivity(type, record('5', {}), { contacts: ['1'], deals: [] }, records)
    mapCampaign(record('c', {}), { currencyCode: null, spendTotal: null, spendItems: null }, records)
    expect(records.errors.map(({ record: id, column, code }) => [id, column, code])).toEqual([
      ['1', 'createdate', 'missing-date'],
      ['2', 'createdate', 'missing-date'],
      ['3', 'dealstage', 'unknown-stage'],
      ['4', 'closedate', 'missing-date'],
    ])
    expect(countOf({ ...records.rows, activity: records.rows.activity.filter(({ deletedAt }) => deletedAt === null) })).toEqual(nothing)
  })

  it('is a lead where nothing says what it is, and none where all that it ever was is ignored', () => {
    const records = new Records(access())
    const created = { createdate: '2026-03-01T10:00:00Z', lastmodifieddate: '2026-03-01T10:00:00Z' }
    const was = (...values: string[]) => ({
      lifecyclestage: values.map((value, index) => ({ value, timestamp: `2026-03-0${index + 1}T10:00:00Z` })),
    })
    mapContact(record('blank', created), {}, records)
    mapContact(record('unmapped', { ...created, lifecyclestage: '77' }), was('77'), records)
    mapContact(record('partner', { ...created, lifecyclestage: 'other' }), was('other'), records)
    mapContact(record('was-lead', { ...created, lifecyclestage: 'other' }), was('lead', 'other'), records)
    mapContact(record('status-only', { ...created, hs_lead_status: 'NEW' }), { hs_lead_status: was('NEW').lifecyclestage }, records)
    expect(records.rows.lead.filter(({ deletedAt }) => deletedAt === null).map(({ externalId }) => externalId)).toEqual([
      'blank',
      'unmapped',
      'was-lead',
      'status-only',
    ])
    expect(records.notices()).toEqual([{ code: 'unknown-stages', stages: [{ stage: '77', rows: 1 }] }])
  })

  it('is not stored under an id that is an address, which is not repeated either', () => {
    const records = new Records(access())
    mapContact(record('anna@example.com', { createdate: '2026-03-01T10:00:00Z' }), {}, records)
    expect(records.rows.lead).toEqual([])
    expect(records.errors).toEqual([{ line: 0, record: null, column: 'id', value: null, code: 'personal-id', effect: 'row-not-imported' }])
  })

  it('with a stage that was deleted or is new is kept out, counted and named', () => {
    const records = new Records(access())
    for (const id of ['1', '2']) mapDeal(record(id, { dealstage: '1045678901', createdate: '2026-03-01T10:00:00Z' }), {}, nobody, records)
    mapDeal(record('3', { dealstage: 'appointment', createdate: '2026-03-01T10:00:00Z' }), {}, nobody, records)
    expect(records.rows.deal.map(({ externalId }) => externalId)).toEqual(['3'])
    expect(records.errors.map(({ record: id, value, code }) => [id, value, code])).toEqual([
      ['1', '1045678901', 'unknown-stage'],
      ['2', '1045678901', 'unknown-stage'],
    ])
    expect(records.notices()).toEqual([{ code: 'unknown-stages', stages: [{ stage: '1045678901', rows: 2 }] }])
  })

  it('is not repeated in an error where it is an address', () => {
    const records = new Records(access())
    mapDeal(record('1', { dealstage: 'of anna@example.com' }), {}, nobody, records)
    expect([records.errors[0]?.value, records.notices()]).toEqual([
      'of …',
      [{ code: 'unknown-stages', stages: [{ stage: 'of …', rows: 1 }] }],
    ])
  })

  it('that is in a stage without a meaning is no deal, and is one no more', () => {
    const { deal, errors } = deals({ dealstage: 'test', hs_lastmodifieddate: '2026-03-02T10:00:00Z' })
    expect(errors).toEqual([])
    expect(deal?.deletedAt).toBe(Date.parse('2026-03-02T10:00:00Z'))
  })
})

describe('the amount of a deal', () => {
  it('is in minor units of its own currency', () => {
    const amount = (text: string, currency: string | null) =>
      deals({ dealstage: 'appointment', amount: text, deal_currency_code: currency }).deal
    expect(amount('1054.5', 'USD')).toMatchObject({ amountMinor: 105_450, currency: 'USD' })
    expect(amount('1054', 'JPY')).toMatchObject({ amountMinor: 1054, currency: 'JPY' })
    expect(amount('1.234', 'KWD')).toMatchObject({ amountMinor: 1234, currency: 'KWD' })
    expect(amount('1.0E7', null)).toMatchObject({ amountMinor: 1_000_000_000, currency: 'EUR' })
    expect(amount('0.005', 'EUR')).toMatchObject({ amountMinor: 1 })
    expect(amount('', 'EUR')).toMatchObject({ amountMinor: null })
  })

  it('is an error where it cannot be meant', () => {
    const errors = (properties: HubspotRecord['properties']) => deals({ dealstage: 'appointment', ...properties }).errors
    expect(errors({ amount: '-5' })).toEqual(['amount negative-amount'])
    expect(errors({ amount: '12,50' })).toEqual(['amount invalid-number'])
    expect(errors({ amount: 'NaN' })).toEqual(['amount invalid-number'])
    expect(errors({ amount: '1e300' })).toEqual(['amount invalid-number'])
    expect(errors({ amount: '1', deal_currency_code: 'euro' })).toEqual(['deal_currency_code invalid-number'])
  })

  it('is of the field that the settings name', () => {
    expect(deals({ dealstage: 'appointment', amount: '1', arr: '99' }, { fields: { amount: 'arr' } }).deal?.amountMinor).toBe(9900)
  })
})

describe('the time of a deal', () => {
  it('is left out of an open one, whose close date is a forecast', () => {
    expect(deals({ dealstage: 'appointment', closedate: '2027-01-01T10:00:00Z' })).toMatchObject({
      deal: { closedDay: null, closedAt: null },
      errors: [],
    })
  })

  it('is an error in the future, before 1990 and where it cannot be read', () => {
    const errors = (closedate: string) => deals({ dealstage: 'closedwon', closedate }).errors
    expect(errors('2027-01-01T10:00:00Z')).toEqual(['closedate future-date'])
    expect(errors('0026-05-01T10:00:00Z')).toEqual(['closedate invalid-date'])
    expect(errors('soon')).toEqual(['closedate invalid-date'])
    expect(errors('2026-02-30T10:00:00Z')).toEqual(['closedate invalid-date'])
  })

  it('that ends before it began counts, and its duration does not', () => {
    const { deal, errors } = deals({ dealstage: 'closedwon', closedate: '2026-02-01T10:00:00Z' })
    expect([deal?.closedDay, errors]).toEqual(['2026-02-01', ['closedate negative-duration']])
  })

  it('is when it was moved, where nobody says', () => {
    const records = new Records(access())
    const history = { dealstage: [{ value: 'closedwon', timestamp: '2026-04-02T10:00:00Z' }] }
    mapDeal(record('1', { dealstage: 'closedwon', createdate: '2026-03-01T10:00:00Z' }), history, nobody, records)
    expect(records.rows.deal[0]).toMatchObject({ closedDay: '2026-04-02', closedAt: Date.parse('2026-04-02T10:00:00Z') })
  })

  it('is when it was moved, where the planned day is still ahead', () => {
    const records = new Records(access())
    const history = { dealstage: [{ value: 'closedwon', timestamp: '2026-04-02T10:00:00Z' }] }
    mapDeal(
      record('1', { dealstage: 'closedwon', createdate: '2026-03-01T10:00:00Z', closedate: '2026-12-31T10:00:00Z' }),
      history,
      nobody,
      records,
    )
    expect([records.rows.deal[0]?.closedDay, records.errors]).toEqual(['2026-04-02', []])
  })

  it('of one company or each of its own', () => {
    const links = { contacts: [], companies: ['9'] }
    const customer = (setting: 'deal' | 'company') => {
      const records = new Records(access({ customer: setting }))
      mapDeal(record('1', { dealstage: 'appointment' }), {}, links, records)
      return records.rows.deal[0]?.customerId
    }
    expect([customer('company'), customer('deal')]).toEqual(['9', null])
  })
})

describe('when something happened', () => {
  const zones = { timeZone: 'America/New_York', reportingZone: 'Europe/Berlin' }
  it.each([
    ['2026-03-29T00:59:59Z', '2026-03-29', '2026-03-29T00:59:59Z'],
    ['2026-03-28T23:00:00Z', '2026-03-29', '2026-03-28T23:00:00Z'], // midnight in winter time
    ['2026-03-29T22:00:00Z', '2026-03-30', '2026-03-29T22:00:00Z'], // and in summer time, the same day
    ['2026-10-25T00:30:00.250Z', '2026-10-25', '2026-10-25T00:30:00.250Z'],
    ['2026-12-31T23:30:00Z', '2027-01-01', '2026-12-31T23:30:00Z'],
    ['2026-03-01T00:30:00+02:00', '2026-02-28', '2026-02-28T22:30:00Z'],
    ['2026-03-01T00:30:00.000+0000', '2026-03-01', '2026-03-01T00:30:00Z'],
    ['2026-03-01T20:30:00', '2026-03-02', '2026-03-02T01:30:00Z'], // no offset: the source's zone
    ['2026-03-08T02:30:00', '2026-03-08', '2026-03-08T07:30:00Z'], // in the hour that New York skips
    ['1772323200000', '2026-03-01', '2026-03-01T00:00:00Z'],
  ])('%s', (text, day, moment) => {
    expect(readWhen(text, zones)).toEqual({ day, at: Date.parse(moment) })
  })

  it('is a day where only that is known, in whatever zone', () => {
    expect(readWhen('2026-03-01', zones)).toEqual({ day: '2026-03-01', at: null })
  })

  it('is nothing where there is none, and undefined where it cannot be read', () => {
    expect([readWhen('', zones), readWhen(null, zones), readWhen(undefined, zones)]).toEqual([null, null, null])
    for (const text of ['01/02/2026', '2026-13-01', '2026-03-01T25:00:00Z', '1026-03-01', 'yesterday', '0'])
      expect(readWhen(text, zones)).toBeUndefined()
  })
})

describe('what is told of a lead', () => {
  const step = (day: number, meaning: Step['meaning'], more: Partial<Step> = {}): Step => ({
    at: Date.UTC(2026, 2, day, 10),
    id: `7|${day}`,
    meaning,
    ordered: true,
    reason: '',
    ...more,
  })
  const told = (...steps: Step[]) =>
    stageEvents({ leadId: '7', steps, reasonAt: () => '', reportingZone: 'UTC', updatedAt: null, deletedAt: null }).map(
      ({ what, stage, day, reason }) => [what, stage ?? '-', day.slice(8), reason].join(' ').trim(),
    )

  it('is a return when it goes back, of the stage that it had', () => {
    expect(told(step(1, 'mql'), step(2, 'sql'), step(3, 'mql'), step(4, 'sql'))).toEqual([
      'entered mql 01',
      'entered sql 02',
      'returned sql 03',
      'entered mql 03',
      'entered sql 04',
    ])
  })

  it('is one return however often it is said, with the reason that is given', () => {
    const status = { ordered: false, reason: 'BAD_TIMING' }
    expect(told(step(1, 'mql'), step(2, 'sql'), step(3, 'mql'), step(4, 'returned', status))).toEqual([
      'entered mql 01',
      'entered sql 02',
      'returned sql 03 BAD_TIMING',
      'entered mql 03',
    ])
    expect(told(step(2, 'sql'), step(3, 'returned', status), step(4, 'mql'), step(5, 'returned', status))).toEqual([
      'entered sql 02',
      'returned sql 03 BAD_TIMING',
      'entered mql 04',
    ])
  })

  it('is a second return after it went forward again', () => {
    const status = { ordered: false, reason: 'NOT_READY' }
    expect(
      told(step(1, 'mql'), step(2, 'returned', status), step(3, 'sql'), step(4, 'returned', status)).filter((text) =>
        text.startsWith('returned'),
      ),
    ).toEqual(['returned mql 02 NOT_READY', 'returned sql 04 NOT_READY'])
  })

  it('is no return when a status says less than the stage', () => {
    expect(told(step(1, 'sql'), step(2, 'sal', { ordered: false }), step(3, 'opportunity'))).toEqual([
      'entered sql 01',
      'entered sal 02',
      'entered opportunity 03',
    ])
  })

  it('is of the stage, not of the status, when it goes back later', () => {
    expect(told(step(1, 'sql'), step(2, 'sal', { ordered: false }), step(3, 'mql'))).toEqual([
      'entered sql 01',
      'entered sal 02',
      'returned sql 03',
      'entered mql 03',
    ])
  })

  it('is one entry where the same value is written again', () => {
    const records = new Records(access())
    const lifecyclestage = ['2026-02-01T10:00:00Z', '2026-02-02T10:00:00Z'].map((timestamp) => ({ value: 'lead', timestamp }))
    mapContact(record('7', { createdate: '2026-01-01T10:00:00Z' }), { lifecyclestage }, records)
    expect(records.rows.stage.map(({ day }) => day)).toEqual(['2026-02-01'])
  })

  it('is one loss where a deal moves from one lost stage to another, and a win after it was opened again', () => {
    const records = new Records(access({ dealStages: { open: 'open', lost: 'lost', lost2: 'lost', won: 'won' } }))
    const dealstage = ['open', 'lost', 'lost2', 'open', 'won'].map((value, index) => ({
      value,
      timestamp: `2026-02-0${index + 1}T10:00:00Z`,
    }))
    const deal = record('1', { dealstage: 'won', createdate: '2026-02-01T10:00:00Z' })
    mapDeal(deal, { dealstage }, { contacts: ['7'], companies: [] }, records)
    expect(records.rows.stage.map(({ what, stage, day }) => [what, stage, day].join(' '))).toEqual([
      'entered opportunity 2026-02-01',
      'lost opportunity 2026-02-02',
      'entered customer 2026-02-05',
    ])
  })

  it('does not depend on the order in which it is given', () => {
    const steps = [step(1, 'mql'), step(2, 'sql'), step(3, 'lost', { ordered: false, reason: 'JUNK' }), step(4, 'ignored')]
    expect(told(...steps.toReversed())).toEqual(told(...steps))
    expect(told(...steps)).toEqual(['entered mql 01', 'entered sql 02', 'lost sql 03 JUNK'])
  })

  it('begins with dates of first entry that are older than the history', () => {
    const records = new Records(access())
    const properties = {
      createdate: '2026-01-01T10:00:00Z',
      lifecyclestage: 'salesqualifiedlead',
      hs_v2_date_entered_lead: '2026-01-01T10:00:00.400Z',
      hs_v2_date_entered_marketingqualifiedlead: '2026-01-05T10:00:00Z',
      hs_lifecyclestage_marketingqualifiedlead_date: '2026-01-05T10:00:00Z',
      hs_v2_date_entered_salesqualifiedlead: '2026-02-01T10:00:00.500Z',
    }
    mapContact(record('7', properties), { lifecyclestage: [{ value: 'salesqualifiedlead', timestamp: '2026-02-01T10:00:00Z' }] }, records)
    expect(records.rows.stage.map(({ stage, day }) => `${stage} ${day}`)).toEqual(['lead 2026-01-01', 'mql 2026-01-05', 'sql 2026-02-01'])
  })

  it('has the reason of the field that is named, as it was then', () => {
    const records = new Records(access({ fields: { returnReason: 'why' } }))
    const history = {
      hs_lead_status: [{ value: 'UNQUALIFIED', timestamp: '2026-02-01T10:00:00Z' }],
      why: [
        { value: 'No budget', timestamp: '2026-02-01T10:20:00Z' },
        { value: 'Too early', timestamp: '2026-05-01T10:00:00Z' },
      ],
    }
    mapContact(record('7', { createdate: '2026-01-01T10:00:00Z', why: 'Too early' }), history, records)
    expect(records.rows.stage).toMatchObject([{ what: 'returned', stage: null, reason: 'No budget' }])
  })
})

describe('an attempt to reach a lead', () => {
  const attempts = (type: 'calls' | 'tasks' | 'meetings', properties: HubspotRecord['properties'], contacts = ['1']) => {
    const records = new Records(access())
    mapActivity(type, record('5', { hs_timestamp: '2026-03-01T10:00:00Z', ...properties }), { contacts, deals: [] }, records)
    return records.rows.activity
      .filter(({ deletedAt }) => deletedAt === null)
      .map(({ kind, connected, leadId }) => [kind, connected, leadId].join(' '))
  }
  const out = { hs_call_direction: 'OUTBOUND', hs_call_status: 'COMPLETED' }

  it('is a call that went out, whether or not somebody answered', () => {
    expect(attempts('calls', { ...out, hs_call_disposition: 'F240BBAC-87c9-4f6e-bf70-924b57d47db7' })).toEqual(['call true 1'])
    expect(attempts('calls', { ...out, hs_call_disposition: '73a0d17f-1163-4015-bdd5-ec830791da20' })).toEqual(['call false 1'])
    expect(attempts('calls', { ...out, hs_call_disposition: 'one-of-ours' })).toEqual(['call  1'])
    expect(attempts('calls', { ...out, hs_call_status: 'BUSY' })).toEqual(['call false 1'])
    for (const status of ['QUEUED', 'RINGING', 'CANCELED', 'FAILED', 'IN_PROGRESS'])
      expect(attempts('calls', { ...out, hs_call_status: status })).toEqual([])
    expect(attempts('calls', { ...out, hs_call_direction: 'INBOUND' })).toEqual([])
    expect(attempts('calls', { ...out, hs_call_direction: null })).toEqual([])
  })

  it('is a task of writing that was done, and no call that is logged as one anyway', () => {
    const done = { hs_task_status: 'COMPLETED', hs_task_completion_date: '2026-03-02T10:00:00Z' }
    expect(attempts('tasks', { ...done, hs_task_type: 'EMAIL' })).toEqual(['email  1'])
    expect(attempts('tasks', { ...done, hs_task_type: 'LINKED_IN_CONNECT' })).toEqual(['message  1'])
    expect(attempts('tasks', { ...done, hs_task_type: 'CALL' })).toEqual([])
    expect(attempts('tasks', { ...done, hs_task_type: 'EMAIL', hs_task_status: 'WAITING' })).toEqual([])
  })

  it('is a meeting that was to be, with each of a few', () => {
    expect(attempts('meetings', { hs_meeting_outcome: 'NO_SHOW' })).toEqual(['meeting false 1'])
    expect(attempts('meetings', { hs_meeting_outcome: 'SCHEDULED' })).toEqual([])
    expect(attempts('meetings', { hs_meeting_outcome: 'COMPLETED' }, ['1', '2', '3', '4', '5', '6', '7'])).toHaveLength(5)
    expect(attempts('meetings', { hs_meeting_outcome: 'COMPLETED' }, [])).toEqual([])
  })
})

describe('what a stage is suggested to mean', () => {
  it('is by its name', () => {
    const leads = [
      'Sales Accepted Lead',
      'SQL',
      'Marketing Qualified',
      'Open - Not Contacted',
      'Closed - Not Converted',
      'Recycled',
      'Unqualified',
      'Phase 4',
    ]
    expect(leads.map(suggestLeadMeaning)).toEqual(['sal', 'sql', 'mql', 'lead', 'lost', 'returned', 'returned', null])
    expect(['Closed Won', 'Verloren', 'Proposal'].map(suggestDealMeaning)).toEqual(['won', 'lost', 'open'])
  })
})

describe('a text of a record', () => {
  it('is without addresses and numbers of persons', () => {
    expect(saidText('call +49 (30) 123-4567 or anna.ax@mail.example.com\n now')).toBe('call … or … now')
    expect(saidText('x'.repeat(300))).toHaveLength(200)
    expect([saidText(null), saidText(12.5), codeText('1045678901')]).toEqual(['', '12.5', '1045678901'])
  })
})
