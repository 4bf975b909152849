import { describe, expect, it } from 'vitest'
import type { Access } from '../../worker/connectors/connector'
import type { CrmSettings } from '../../worker/connectors/crm'
import { PullFailure } from '../../worker/connectors/failure'
import { salesforce } from '../../worker/connectors/salesforce'
import { orgAddress, quotedValue } from '../../worker/connectors/salesforce/api'
import { errors, type FakeRequest, type FakeSalesforce } from '../fakes/salesforce'
import { parseSoql } from '../fakes/soql'
import { Kept, pull } from './pulled'
import { accessTo, deal, org } from './salesforce-org'

const now = '2026-06-01T10:00:00Z'

/** What a pull fails with when the org is like this. */
async function failureOf(
  change: (fake: FakeSalesforce) => void,
  access: (access: Access<CrmSettings>) => Access<CrmSettings> = (same) => same,
) {
  const fake = org()
  change(fake)
  const kept = new Kept()
  try {
    await pull(salesforce, access(accessTo(fake, now)), kept)
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error
    expect(kept.bookmark).toBeNull()
    const said = JSON.stringify(error.facts) + error.message
    for (const secret of [fake.client.id, fake.client.secret, 'session']) expect(said).not.toContain(secret)
    return error
  }
  throw new Error('the pull went through')
}

const onLeads = (response: () => Response) => (fake: FakeSalesforce) => {
  fake.fault = ({ soql }: FakeRequest) => (soql?.includes('FROM Lead WHERE SystemModstamp') ? response() : null)
}
const onSignIn = (response: () => Response) => (fake: FakeSalesforce) => {
  fake.fault = ({ path }: FakeRequest) => (path === '/services/oauth2/token' ? response() : null)
}

describe('an error of Salesforce', () => {
  it.each([
    [
      'a query that is not understood',
      () => errors(400, 'MALFORMED_QUERY', "unexpected token: 'FORM'"),
      { code: 'configuration', remedy: 'person' },
    ],
    [
      'a field that is gone',
      () => errors(400, 'INVALID_FIELD', "\nSELECT Type__c\n ^\nERROR at Row:1:Column:8\nNo such column 'Type__c' on entity 'Lead'."),
      { code: 'configuration', facts: { field: 'Type__c' } },
    ],
    [
      'a field that a list names',
      () => Response.json([{ message: 'no', errorCode: 'INVALID_FIELD', fields: ['Reason__c'] }], { status: 400 }),
      { code: 'configuration', facts: { field: 'Reason__c' } },
    ],
    [
      'an object that may not be read',
      () => errors(400, 'INVALID_TYPE', "sObject type 'Lead' is not supported."),
      { code: 'forbidden', facts: { scope: 'Lead: Read' } },
    ],
    [
      'a user without the API',
      () => errors(403, 'API_DISABLED_FOR_ORG', 'The REST API is not enabled'),
      { code: 'forbidden', facts: { scope: 'API Enabled' } },
    ],
    ['a right that is missing', () => errors(403, 'INSUFFICIENT_ACCESS', 'no'), { code: 'forbidden', remedy: 'person' }],
    [
      'a quota that is spent',
      () => errors(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'),
      { code: 'quota-spent', waitSeconds: 21 * 3600 },
    ],
    ['a server that is not there', () => errors(503, 'SERVER_UNAVAILABLE', 'later'), { code: 'unavailable', remedy: 'soon' }],
    ['500', () => errors(500, 'UNKNOWN_EXCEPTION', 'oops'), { code: 'unavailable' }],
    ['502 with a page', () => new Response('<html>', { status: 502 }), { code: 'unavailable' }],
    ['429', () => new Response('[]', { status: 429, headers: { 'Retry-After': '7' } }), { code: 'rate-limited', waitSeconds: 7 }],
    [
      'a version that the org does not have',
      () => errors(404, 'NOT_FOUND', 'The requested resource does not exist'),
      { code: 'not-found' },
    ],
    ['an address that is too long', () => new Response('', { status: 414 }), { code: 'configuration' }],
    ['headers that are too long', () => new Response('', { status: 431 }), { code: 'configuration' }],
    [
      'a page where JSON was expected',
      () => new Response('<html>Maintenance', { headers: { 'Content-Type': 'text/html' } }),
      { code: 'not-json' },
    ],
    ['a body that ends early', () => new Response('{"totalSize":1,"done":tr'), { code: 'truncated' }],
    [
      'another shape',
      () => Response.json({ totalSize: 1, done: 'yes', records: [] }),
      { code: 'unexpected-shape', facts: { field: 'done' } },
    ],
    [
      'a next page somewhere else',
      () => Response.json({ totalSize: 1, done: false, nextRecordsUrl: 'https://example.com/x', records: [] }),
      { code: 'unexpected-shape' },
    ],
    ['a redirect to somewhere else', () => Response.redirect('https://example.com/', 302), { code: 'redirect-refused' }],
  ])('%s', async (_name, response, expected) => {
    expect(await failureOf(onLeads(response))).toMatchObject(expected)
  })

  it.each([
    [
      'an app that there is not',
      () => Response.json({ error: 'invalid_client_id', error_description: 'client identifier invalid' }, { status: 400 }),
      { code: 'unauthorised', remedy: 'person' },
    ],
    [
      'a user that the app does not run as',
      () => Response.json({ error: 'invalid_grant', error_description: 'no client credentials user enabled' }, { status: 400 }),
      { code: 'unauthorised', facts: { reply: 'invalid_grant no client credentials user enabled' } },
    ],
    [
      'a flow that is off',
      () => Response.json({ error: 'unsupported_grant_type', error_description: 'grant type not supported' }, { status: 400 }),
      { code: 'configuration' },
    ],
    ['an answer without a reason', () => new Response('', { status: 401 }), { code: 'unauthorised' }],
    ['too many sign-ins', () => Response.json({ error: 'login_rate_exceeded' }, { status: 400 }), { code: 'unavailable', remedy: 'soon' }],
    ['a server that is not there', () => new Response('', { status: 503 }), { code: 'unavailable' }],
    ['no token', () => Response.json({ instance_url: 'https://acme.my.salesforce.com' }), { code: 'unexpected-shape' }],
    [
      'an org on another host',
      () => Response.json({ access_token: 't', instance_url: 'https://evil.example.com' }),
      { code: 'host-refused', facts: { host: 'evil.example.com' } },
    ],
  ])('when signing in: %s', async (_name, response, expected) => {
    expect(await failureOf(onSignIn(response))).toMatchObject(expected)
  })

  it('is one of the secret when that is wrong or not there', async () => {
    const same = () => undefined
    expect(await failureOf(same, (access) => ({ ...access, secret: { ...access.secret, clientSecret: 'other' } }))).toMatchObject({
      code: 'unauthorised',
    })
    expect(await failureOf(same, (access) => ({ ...access, secret: {} }))).toMatchObject({ code: 'unauthorised' })
  })

  it('is none where a session has ended: it signs in once more, and once only', async () => {
    const fake = org()
    const kept = new Kept()
    let ended = 0
    fake.fault = ({ soql }) => {
      if (soql?.includes('FROM Opportunity WHERE SystemModstamp >=') && ended++ === 1) fake.endSession()
      return null
    }
    await pull(salesforce, accessTo(fake, now), kept)
    expect(ended).toBeGreaterThan(1)
    expect(Object.keys(kept.live('deal'))).toHaveLength(3)
    let signIns = () => 0
    const always = await failureOf((other) => {
      signIns = () => other.signIns
      other.fault = ({ path }) => {
        if (path !== '/services/oauth2/token') other.endSession()
        return null
      }
    })
    expect([always.code, signIns()]).toEqual(['unauthorised', 2])
  })

  it('is a query that took too long only where there is no shorter one', async () => {
    const failure = await failureOf(onLeads(() => errors(400, 'QUERY_TIMEOUT', 'Your query request was running for too long.')))
    expect(failure).toMatchObject({ code: 'timeout', remedy: 'soon' })
  })

  it('is no failure where the org answers too late for all of the time, but not for a part of it', async () => {
    const fake = org()
    const kept = new Kept()
    let late = 0
    fake.fault = ({ soql }) => {
      if (!soql?.includes('FROM Lead WHERE SystemModstamp') || soql.includes(' < ') || late > 1) return null
      late += 1
      throw new PullFailure('timeout') // as our own patience ends it
    }
    await pull(salesforce, accessTo(fake, now), kept)
    expect([late, Object.keys(kept.live('lead')).length]).toEqual([2, 3]) // the count was late as well
  })

  it('stops before the quota of the org is spent by others', async () => {
    const failure = await failureOf((fake) => {
      fake.limit = fake.used + 4
    })
    expect(failure.code).toBe('quota-spent')
  })
})

describe('the address of an org', () => {
  it('is on its own domain and on no other', () => {
    expect(orgAddress('acme.my.salesforce.com', [])).toBe('https://acme.my.salesforce.com')
    expect(orgAddress(' https://Acme--uat.sandbox.my.salesforce.com/lightning ', [])).toBe('https://acme--uat.sandbox.my.salesforce.com')
    const refused = [
      '',
      'salesforce.com',
      'acme.my.salesforce.com.evil.example',
      'evil.example/acme.my.salesforce.com',
      'acme.my.salesforce.com@evil.example',
      'evil.example#.my.salesforce.com',
      'acme.my.salesforce.com:8443',
      'http://127.0.0.1',
      'my-salesforce.com',
      'a..salesforce.com',
    ]
    for (const domain of refused) expect(() => orgAddress(domain, []), domain).toThrow(PullFailure)
    expect(orgAddress('127.0.0.1:8123', ['127.0.0.1:8123'])).toBe('http://127.0.0.1:8123')
  })

  it('is refused before anything is asked', async () => {
    const fake = org()
    const access = accessTo(fake, now, { domain: 'acme.example.com' })
    await expect(salesforce.test(access)).rejects.toMatchObject({ code: 'host-refused' })
    expect(fake.requests).toEqual([])
  })
})

describe('a value in SOQL', () => {
  it('stays a value, whatever is in it', () => {
    for (const text of ["O'Neill", "x' OR Name != '", '\\', "\\'", "a\nb'", '']) {
      const where = parseSoql(`SELECT Id FROM Lead WHERE Status = ${quotedValue(text)}`).where
      expect([where?.({ Status: text }), where?.({ Status: 'other' })]).toEqual([true, false])
    }
  })
})

describe('the test of a connection to Salesforce', () => {
  it('says which org it is, its time zone and quota, and its currency where it has several', async () => {
    const fake = org()
    expect(await salesforce.test(accessTo(fake, now))).toMatchObject({
      account: 'Acme',
      timeZone: 'America/Los_Angeles',
      currency: null,
      missing: [],
      quota: { limit: 5000 },
    })
    fake.currencies = true
    expect((await salesforce.test(accessTo(fake, now))).currency).toBe('EUR')
  })

  it('lists the objects that may not be read', async () => {
    const fake = org()
    fake.closed.add('Campaign').add('Task')
    expect((await salesforce.test(accessTo(fake, now))).missing).toEqual(['Task: Read', 'Campaign: Read'])
    const reads = { leads: true, deals: true, activities: false, spend: false }
    expect((await salesforce.test(accessTo(fake, now, { reads }))).missing).toEqual([])
  })
})

describe('what can be mapped of Salesforce', () => {
  it('lists stages in their order with what they most likely mean, and fields of few values', async () => {
    const found = await salesforce.discover(accessTo(org(), now))
    expect(found.leadStages.map(({ id, suggestion }) => [id, suggestion])).toEqual([
      ['Open - Not Contacted', 'lead'],
      ['Sales Accepted', 'sal'],
      ['Closed - Converted', 'opportunity'],
      ['Recycled', 'returned'],
      ['Phase X', null],
    ])
    // By Salesforce's marks: their names say something else.
    expect(found.dealStages.map(({ id, suggestion }) => [id, suggestion])).toEqual([
      ['Nope', 'lost'],
      ['Deal!', 'won'],
      ['Prospecting', 'open'],
    ])
    expect(found.leadFields.map(({ id }) => id)).toEqual(['LeadSource', 'Type__c'])
    expect(found.dealFields.map(({ id }) => id)).toEqual(['Amount', 'Loss__c'])
    expect(found).toMatchObject({ timeZone: 'America/Los_Angeles', table: null, unavailable: [] })
  })

  it('says what cannot be read and why, and shows the rest', async () => {
    const fake = org()
    fake.closed.add('Campaign').add('LeadHistory').add('OpportunityStage')
    const found = await salesforce.discover(accessTo(fake, now))
    expect(found.unavailable).toEqual([
      { what: 'deals', why: 'forbidden', scope: 'OpportunityStage: Read' },
      { what: 'spend', why: 'forbidden', scope: 'Campaign: Read' },
      { what: 'history', why: 'forbidden', scope: 'LeadHistory: Read' },
    ])
    expect(found.leadStages).toHaveLength(5)
  })
})

describe('a row of Salesforce', () => {
  it('with nothing in it is an error that names it, and never breaks', async () => {
    const fake = org()
    const nothing = { CreatedDate: null, Status: null, StageName: null, Amount: null, CloseDate: null, WhoId: null, TaskSubtype: null }
    fake.put('Lead', '00Q000000000000099', nothing, '2026-04-01T10:00:00Z')
    fake.put(
      'Opportunity',
      deal(98),
      { ...nothing, StageName: 'Closed Won', CreatedDate: '2026-04-01T10:00:00.000+0000' },
      '2026-04-01T10:00:00Z',
    )
    fake.put('Opportunity', deal(99), nothing, '2026-04-01T10:00:00Z')
    fake.put('Task', '00T000000000000099', nothing, '2026-04-01T10:00:00Z')
    fake.put('Campaign', '701000000000000099', { ...nothing, ActualCost: 5 }, '2026-04-01T10:00:00Z')
    fake.put('CampaignMember', '00v000000000000099', nothing, '2026-04-01T10:00:00Z')
    const kept = new Kept()
    const { errors: found, notices } = await pull(salesforce, accessTo(fake, now), kept)
    expect(found.map(({ record, column, code }) => [record?.slice(0, 3), record?.slice(-2), column, code].join(' '))).toEqual([
      '00Q 99 CreatedDate missing-date',
      '006 98 CloseDate missing-date',
      '006 99 StageName unknown-stage',
      '701 99 CreatedDate missing-date',
    ])
    expect(notices).toEqual([{ code: 'unknown-stages', stages: [{ stage: '', rows: 1 }] }])
  })

  it('of a stage that was renamed or deleted is kept out and named', async () => {
    const fake = org()
    fake.put('Opportunity', deal(1), { StageName: 'Signed' }, '2026-04-02T10:00:00Z')
    fake.put('Lead', '00Q000000000000003', { Status: 'Working' }, '2026-04-02T10:00:00Z')
    const kept = new Kept()
    const { errors: found, notices } = await pull(salesforce, accessTo(fake, now), kept)
    expect(found).toEqual([
      { line: 0, record: deal(1), column: 'StageName', value: 'Signed', code: 'unknown-stage', effect: 'row-not-imported' },
    ])
    expect(notices).toEqual([
      { code: 'unknown-stages', stages: [{ stage: 'Working', rows: 1 }] },
      { code: 'unknown-stages', stages: [{ stage: 'Signed', rows: 1 }] },
    ])
    // The lead counts: only what the status means is not known.
    expect(kept.live('lead')['00Q000000000000003']).toMatchObject({ stage: 'Working' })
  })

  it('with an amount, a currency or a day that cannot be meant is kept out', async () => {
    const fake = org()
    fake.currencies = true
    fake.put('Opportunity', deal(1), { Amount: -5 }, '2026-04-02T10:00:00Z')
    fake.put('Opportunity', deal(2), { Amount: 5, CurrencyIsoCode: 'euro' }, '2026-04-02T10:00:00Z')
    fake.put('Opportunity', deal(3), { CloseDate: '31/12/2025' }, '2026-04-02T10:00:00Z')
    const { errors: found } = await pull(salesforce, accessTo(fake, now), new Kept())
    expect(found.map(({ column, code }) => `${column} ${code}`)).toEqual([
      'Amount negative-amount',
      'CurrencyIsoCode invalid-number',
      'CloseDate invalid-date',
    ])
  })

  it('that ended before it began counts, its duration does not', async () => {
    const fake = org()
    fake.put('Opportunity', deal(1), { CloseDate: '2026-03-09' }, '2026-04-02T10:00:00Z')
    const kept = new Kept()
    const { errors: found } = await pull(salesforce, accessTo(fake, now), kept)
    expect(found.map(({ code, effect }) => `${code} ${effect}`)).toEqual(['negative-duration duration-not-counted'])
    expect(kept.live('deal')[deal(1)]).toMatchObject({ closedDay: '2026-03-09' })
  })

  it('is asked for no field of a person, whatever the settings say', async () => {
    for (const name of ['Email', 'Owner.Name', 'MobilePhone', 'Contact_Email__c', "Status' OR '"]) {
      const fake = org()
      const failing = pull(salesforce, accessTo(fake, now, { fields: { leadChannel: name } }), new Kept())
      await expect(failing).rejects.toMatchObject({ code: 'configuration', facts: { field: name } })
    }
  })
})
