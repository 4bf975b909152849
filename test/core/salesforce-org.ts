import type { Access } from '../../worker/connectors/connector'
import { CrmSettings } from '../../worker/connectors/crm'
import { FakeSalesforce } from '../fakes/salesforce'

export const settings: CrmSettings = CrmSettings.parse({
  domain: 'acme.my.salesforce.com',
  timeZone: 'America/Los_Angeles',
  currency: 'USD',
  changedSince: '2026-01-01',
  reads: { leads: true, deals: true, activities: true, spend: true },
  fields: { leadType: 'Type__c', returnReason: 'Reason__c', lostReason: 'Loss__c' },
  leadStages: {
    Open: 'lead',
    MQL: 'mql',
    Accepted: 'sal',
    Qualified: 'sql',
    Converted: 'opportunity',
    Recycled: 'returned',
    Junk: 'lost',
    Parked: 'ignored',
  },
  dealStages: { Prospecting: 'open', 'Closed Won': 'won', 'Closed Lost': 'lost', Test: 'ignored' },
})

export const accessTo = (fake: FakeSalesforce, now: string, change: Partial<CrmSettings> = {}): Access<CrmSettings> => ({
  fetch: fake.fetch,
  now: new Date(now),
  settings: { ...settings, ...change },
  secret: { clientId: fake.client.id, clientSecret: fake.client.secret },
  reportingZone: 'Europe/Berlin',
  currency: 'EUR',
  allowedHosts: [],
})

/** An id of an object: its first letters and a number. */
export const id = (prefix: string, number: number): string => `${prefix}${String(number).padStart(15, '0')}`
export const lead = (number: number) => id('00Q', number)
export const deal = (number: number) => id('006', number)
const contact = (number: number) => id('003', number)
const account = (number: number) => id('001', number)

/** A small org in which everything happened once. */
export function org(): FakeSalesforce {
  const fake = new FakeSalesforce()
  const person = { FirstName: 'Anna', LastName: 'Ax', Email: 'anna@example.com', Phone: '+49 30 1234567', Company: 'Ax Ltd' }
  const nobody = { IsConverted: false, ConvertedDate: null, ConvertedOpportunityId: null, ConvertedContactId: null }
  const one = { ...person, ...nobody, Status: 'Open', LeadSource: 'Web', Type__c: 'Inbound', Reason__c: null }
  fake.put('Lead', lead(1), one, '2026-02-28T23:30:00Z')
  fake.put('Lead', lead(1), { Status: 'MQL' }, '2026-03-02T09:00:00Z')
  fake.put('Lead', lead(1), { Status: 'Qualified' }, '2026-03-03T09:00:00Z')
  const converted = { IsConverted: true, ConvertedDate: '2026-03-10', ConvertedOpportunityId: deal(1), ConvertedContactId: contact(1) }
  fake.put('Lead', lead(1), { Status: 'Converted', ...converted }, '2026-03-10T09:00:00Z')
  fake.put('Lead', lead(2), { ...one, LeadSource: null, Status: 'MQL' }, '2026-03-01T10:00:00Z')
  fake.put('Lead', lead(2), { Status: 'Recycled', Reason__c: 'No budget, call +49 30 1234567' }, '2026-03-04T10:00:00Z')
  fake.put('Lead', lead(3), { ...one, Status: 'Open' }, '2026-03-05T10:00:00Z')
  const opportunity = {
    Name: 'Ax 12 seats',
    StageName: 'Prospecting',
    Amount: 1054.5,
    LeadSource: 'Web',
    AccountId: account(1),
    Loss__c: null,
  }
  fake.put('Opportunity', deal(1), { ...opportunity, CloseDate: '2026-03-31' }, '2026-03-10T09:00:00Z')
  fake.put('Opportunity', deal(1), { StageName: 'Closed Won' }, '2026-03-31T23:30:00Z')
  fake.put('Opportunity', deal(2), { ...opportunity, Amount: null, CloseDate: '2026-09-30', AccountId: null }, '2026-03-11T09:00:00Z')
  fake.put('Opportunity', deal(3), { ...opportunity, Amount: 200, CloseDate: '2026-12-31' }, '2026-03-12T09:00:00Z')
  fake.put('Opportunity', deal(3), { StageName: 'Closed Lost', Loss__c: 'Price' }, '2026-04-01T09:00:00Z')
  const task = {
    Subject: 'Call Anna',
    Description: 'Anna: +49 30 1234567',
    IsClosed: true,
    WhatId: null,
    TaskSubtype: 'Call',
    CallType: null,
  }
  fake.put(
    'Task',
    id('00T', 1),
    { ...task, WhoId: lead(2), CallDisposition: 'Connected', CompletedDateTime: '2026-03-02T08:00:00.000+0000' },
    '2026-03-02T08:05:00Z',
  )
  fake.put(
    'Task',
    id('00T', 2),
    { ...task, WhoId: contact(1), WhatId: deal(1), CallDisposition: 'Left voicemail', CompletedDateTime: null },
    '2026-03-03T08:05:00Z',
  )
  fake.put('Task', id('00T', 3), { ...task, WhoId: lead(2), TaskSubtype: 'Email' }, '2026-03-04T08:05:00Z')
  fake.put('Task', id('00T', 4), { ...task, WhoId: lead(2), CallType: 'Inbound' }, '2026-03-05T08:05:00Z')
  fake.put('Task', id('00T', 5), { ...task, WhoId: lead(2), IsClosed: false }, '2026-03-06T08:05:00Z')
  fake.put('Task', id('00T', 6), { ...task, WhoId: lead(2), TaskSubtype: 'ListEmail' }, '2026-03-07T08:05:00Z')
  fake.put('Task', id('00T', 7), { ...task, WhoId: contact(9) }, '2026-03-08T08:05:00Z')
  const campaign = { Name: 'Spring', Type: 'Webinar', StartDate: '2026-03-01', EndDate: '2026-03-31' }
  fake.put('Campaign', id('701', 1), { ...campaign, ActualCost: 1250.5 }, '2026-02-01T08:00:00Z')
  fake.put('Campaign', id('701', 2), { ...campaign, StartDate: null, ActualCost: null }, '2026-02-01T08:00:00Z')
  const member = {
    CampaignId: id('701', 1),
    'Campaign.Type': 'Webinar',
    LeadId: lead(1),
    ContactId: contact(1),
    'Contact.AccountId': account(1),
  }
  fake.put('CampaignMember', id('00v', 1), { ...member, FirstRespondedDate: '2026-03-02' }, '2026-03-02T08:00:00Z')
  fake.put(
    'CampaignMember',
    id('00v', 2),
    { ...member, LeadId: lead(2), ContactId: null, 'Contact.AccountId': null, FirstRespondedDate: null },
    '2026-03-02T08:00:00Z',
  )
  fake.put('Organization', id('00D', 1), { Name: 'Acme', TimeZoneSidKey: 'America/Los_Angeles' }, '2020-01-01T00:00:00Z')
  for (const [index, [name, isConverted]] of (
    [
      ['Open - Not Contacted', false],
      ['Sales Accepted', false],
      ['Closed - Converted', true],
      ['Recycled', false],
      ['Phase X', false],
    ] as const
  ).entries())
    fake.put(
      'LeadStatus',
      id('01J', index),
      { ApiName: name, MasterLabel: name, SortOrder: index + 1, IsConverted: isConverted },
      '2020-01-01T00:00:00Z',
    )
  for (const [index, [name, isClosed, isWon]] of (
    [
      ['Prospecting', false, false],
      ['Deal!', true, true],
      ['Nope', true, false],
    ] as const
  ).entries())
    fake.put(
      'OpportunityStage',
      id('01J', index),
      { ApiName: name, MasterLabel: name, SortOrder: 9 - index, IsActive: true, IsClosed: isClosed, IsWon: isWon },
      '2020-01-01T00:00:00Z',
    )
  fake.described.Lead = [
    { name: 'LeadSource', label: 'Lead Source', type: 'picklist' },
    { name: 'Email', label: 'Email', type: 'email' },
    { name: 'Salutation', label: 'Salutation', type: 'picklist' },
    { name: 'Type__c', label: 'Type', type: 'picklist' },
    { name: 'Description', label: 'Description', type: 'textarea' },
  ]
  fake.described.Opportunity = [
    { name: 'Amount', label: 'Amount', type: 'currency' },
    { name: 'Loss__c', label: 'Loss reason', type: 'picklist' },
  ]
  return fake
}
