import type { Access } from '../../worker/connectors/connector'
import { CrmSettings } from '../../worker/connectors/crm'
import { FakeHubspot } from '../fakes/hubspot'

export const settings: CrmSettings = CrmSettings.parse({
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  changedSince: '2026-01-01',
  reads: { leads: true, deals: true, activities: true, spend: true },
  leadStages: {
    subscriber: 'subscriber',
    lead: 'lead',
    marketingqualifiedlead: 'mql',
    '1001': 'sal',
    salesqualifiedlead: 'sql',
    opportunity: 'opportunity',
    customer: 'customer',
    other: 'ignored',
    'hs_lead_status=NEW': 'ignored',
    'hs_lead_status=UNQUALIFIED': 'returned',
    'hs_lead_status=JUNK': 'lost',
  },
  dealStages: { appointment: 'open', closedwon: 'won', closedlost: 'lost', test: 'ignored' },
})

export const accessTo = (fake: FakeHubspot, now: string, change: Partial<CrmSettings> = {}): Access<CrmSettings> => ({
  fetch: fake.fetch,
  now: new Date(now),
  settings: { ...settings, ...change },
  secret: { token: fake.token },
  reportingZone: 'Europe/Berlin',
  currency: 'EUR',
  allowedHosts: [],
})

/** A small account in which everything happened once. */
export function account(): FakeHubspot {
  const fake = new FakeHubspot()
  const person = { email: 'anna@example.com', firstname: 'Anna', lastname: 'Ax', phone: '+49 30 1234567', mobilephone: '+49 170 7654321' }
  fake.put(
    'contacts',
    '101',
    { ...person, lifecyclestage: 'lead', hs_lead_status: 'NEW', hs_analytics_source: 'PAID_SEARCH' },
    '2026-02-28T23:30:00Z',
  )
  fake.put('contacts', '101', { lifecyclestage: 'marketingqualifiedlead' }, '2026-03-02T09:00:00Z')
  fake.put('contacts', '101', { lifecyclestage: '1001' }, '2026-03-02T11:00:00Z')
  fake.put('contacts', '101', { lifecyclestage: 'salesqualifiedlead' }, '2026-03-04T08:00:00Z')
  fake.put('contacts', '102', { ...person, lifecyclestage: 'lead', hs_analytics_source: 'ORGANIC_SEARCH' }, '2026-03-01T10:00:00Z')
  fake.put('contacts', '102', { lifecyclestage: 'marketingqualifiedlead' }, '2026-03-03T10:00:00Z')
  fake.put('contacts', '102', { hs_lead_status: 'UNQUALIFIED' }, '2026-03-05T10:00:00Z')
  fake.put('contacts', '103', { ...person, lifecyclestage: 'other' }, '2026-03-01T10:00:00Z')
  fake.put('companies', '900', { name: 'Ax Ltd' }, '2026-03-01T10:00:00Z')
  fake.put('companies', '901', { name: 'Bx Ltd' }, '2026-03-01T10:00:00Z')
  const deal = { pipeline: 'default', dealname: 'Anna Ax, 12 seats', dealstage: 'appointment' }
  fake.put(
    'deals',
    '201',
    { ...deal, amount: '1054.5', deal_currency_code: 'USD', closedate: '2026-05-01T10:00:00Z', hs_analytics_source: 'PAID_SEARCH' },
    '2026-03-10T10:00:00Z',
  )
  fake.put('deals', '201', { dealstage: 'closedwon', closedate: '2026-03-31T22:30:00Z' }, '2026-04-01T07:00:00Z')
  fake.put('deals', '202', { ...deal, amount: null, closedate: '2026-09-01T10:00:00Z' }, '2026-03-11T10:00:00Z')
  fake.put('deals', '203', { ...deal, amount: '200' }, '2026-03-12T10:00:00Z')
  fake.put(
    'deals',
    '203',
    { dealstage: 'closedlost', closed_lost_reason: 'too dear, see anna@example.com', closedate: '2026-03-20T10:00:00Z' },
    '2026-03-20T10:00:00Z',
  )
  fake.link('deals', '201', 'contacts', '102')
  fake.link('deals', '201', 'contacts', '101')
  fake.link('deals', '201', 'companies', '900')
  fake.link('deals', '201', 'companies', '901', 'Primary')
  fake.link('deals', '203', 'contacts', '102')
  const call = {
    hs_call_title: 'Call Anna',
    hs_call_to_number: '+49 30 1234567',
    hs_call_direction: 'OUTBOUND',
    hs_call_status: 'COMPLETED',
  }
  fake.put(
    'calls',
    '301',
    { ...call, hs_timestamp: '2026-03-02T12:00:00Z', hs_call_disposition: 'f240bbac-87c9-4f6e-bf70-924b57d47db7' },
    '2026-03-02T12:05:00Z',
  )
  fake.put('calls', '302', { ...call, hs_timestamp: '2026-03-02T13:00:00Z', hs_call_status: 'NO_ANSWER' }, '2026-03-02T13:05:00Z')
  fake.put('calls', '303', { ...call, hs_timestamp: '2026-03-02T14:00:00Z', hs_call_direction: 'INBOUND' }, '2026-03-02T14:05:00Z')
  for (const id of ['301', '302', '303']) fake.link('calls', id, 'contacts', '101')
  fake.put(
    'tasks',
    '401',
    { hs_task_type: 'EMAIL', hs_task_status: 'COMPLETED', hs_task_completion_date: '2026-03-03T08:00:00Z' },
    '2026-03-03T08:00:00Z',
  )
  fake.put('tasks', '402', { hs_task_type: 'EMAIL', hs_task_status: 'NOT_STARTED' }, '2026-03-03T08:00:00Z')
  fake.put(
    'tasks',
    '403',
    { hs_task_type: 'TODO', hs_task_status: 'COMPLETED', hs_task_completion_date: '2026-03-03T08:00:00Z' },
    '2026-03-03T08:00:00Z',
  )
  for (const id of ['401', '402', '403']) fake.link('tasks', id, 'contacts', '102')
  fake.put(
    'meetings',
    '501',
    { hs_meeting_title: 'Anna', hs_meeting_outcome: 'COMPLETED', hs_meeting_start_time: '2026-03-29T00:30:00Z' },
    '2026-03-29T02:00:00Z',
  )
  fake.link('meetings', '501', 'contacts', '101')
  fake.link('meetings', '501', 'contacts', '102')
  fake.link('meetings', '501', 'deals', '201')
  const day = (text: string) => Date.parse(text)
  fake.campaign(
    'c-1',
    { hs_name: 'Spring', hs_start_date: '2026-03-01', hs_end_date: '2026-03-31' },
    {
      currencyCode: 'EUR',
      spendTotal: 1250.5,
      spendItems: [
        { id: '1', amount: 1000, createdAt: day('2026-03-15T10:00:00Z'), updatedAt: day('2026-03-15T10:00:00Z') },
        { id: '2', amount: 200, createdAt: day('2026-04-20T10:00:00Z'), updatedAt: day('2026-04-20T10:00:00Z') },
      ],
    },
  )
  fake.campaign(
    'c-2',
    { hs_name: 'Free', hs_start_date: null, hs_end_date: null },
    { currencyCode: null, spendTotal: null, spendItems: [] },
  )
  fake.properties.contacts = [
    {
      name: 'lifecyclestage',
      label: 'Lifecycle stage',
      type: 'enumeration',
      options: [
        { value: 'salesqualifiedlead', label: 'SQL', displayOrder: 3 },
        { value: 'lead', label: 'Lead', displayOrder: 0 },
        { value: 'marketingqualifiedlead', label: 'MQL', displayOrder: 1 },
        { value: '1001', label: 'Sales accepted', displayOrder: 2 },
        { value: '1002', label: 'Recycled', displayOrder: 9 },
        { value: '1003', label: 'Phase X', displayOrder: 10 },
        { value: '1004', label: 'Old', displayOrder: 11, archived: true },
      ],
    },
    {
      name: 'hs_lead_status',
      label: 'Lead status',
      type: 'enumeration',
      options: [
        { value: 'NEW', label: 'New', displayOrder: 0 },
        { value: 'UNQUALIFIED', label: 'Unqualified', displayOrder: 1 },
      ],
    },
    { name: 'hs_analytics_source', label: 'Original source', type: 'enumeration' },
    { name: 'email', label: 'Email', type: 'string' },
    { name: 'hs_email_optout', label: 'Opted out', type: 'bool' },
    { name: 'firstname', label: 'First name', type: 'enumeration' },
    { name: 'secret', label: 'Hidden', type: 'enumeration', hidden: true },
  ]
  fake.properties.deals = [
    { name: 'amount', label: 'Amount', type: 'number' },
    { name: 'closed_lost_reason', label: 'Closed lost reason', type: 'string' },
    { name: 'dealname', label: 'Deal name', type: 'string' },
  ]
  fake.pipelines = [
    {
      id: 'default',
      label: 'Sales',
      displayOrder: 0,
      stages: [
        { id: 'closedwon', label: 'Signed', displayOrder: 2, metadata: { probability: '1.0', isClosed: 'true' } },
        { id: 'appointment', label: 'Appointment', displayOrder: 0, metadata: { probability: '0.2' } },
        { id: 'closedlost', label: 'Not this time', displayOrder: 3, metadata: { probability: '0.0', isClosed: 'true' } },
      ],
    },
  ]
  return fake
}
