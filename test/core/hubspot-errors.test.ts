import { describe, expect, it } from 'vitest'
import type { CrmSettings } from '../../worker/connectors/crm'
import { PullFailure } from '../../worker/connectors/failure'
import { hubspot } from '../../worker/connectors/hubspot'
import { type FakeHubspot, type FakeRequest, problem } from '../fakes/hubspot'
import { accessTo, account } from './hubspot-account'
import { Kept, pull } from './pulled'

const correlationId = '019e63ab-542f-7af5-a5b9-c3b0f5ac5ff1'

/** What a pull fails with when HubSpot answers like this. */
async function failureOf(
  answer: (request: FakeRequest, fake: FakeHubspot) => Response | null,
  { now = '2026-06-01T10:00:00Z', change = {} as Partial<CrmSettings> } = {},
): Promise<PullFailure> {
  const fake = account()
  fake.fault = (request) => answer(request, fake)
  const kept = new Kept()
  try {
    await pull(hubspot, accessTo(fake, now, change), kept)
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error
    expect(kept.bookmark).toBeNull()
    expect(JSON.stringify(error.facts) + error.message).not.toContain(fake.token)
    return error
  }
  throw new Error('the pull went through')
}

const says = ({ status = 200, body, headers = {} }: ReturnType<typeof problem>) => Response.json(body, { status, headers })
const onSearch = (response: () => Response) => (request: FakeRequest) => (request.path.endsWith('/contacts/search') ? response() : null)

describe('an error of HubSpot', () => {
  it.each([
    [
      'a key that is not accepted',
      () => says(problem(401, 'EXPIRED_AUTHENTICATION', 'expired')),
      { code: 'unauthorised', remedy: 'person' },
    ],
    ['an empty 401', () => new Response(null, { status: 401 }), { code: 'unauthorised', remedy: 'person' }],
    [
      'ten seconds that are used up',
      () => says(problem(429, 'RATE_LIMITS', 'slow down', [], { policyName: 'TEN_SECONDLY_ROLLING' })),
      { code: 'rate-limited', waitSeconds: 10, remedy: 'soon' },
    ],
    [
      'a second that is used up',
      () => says(problem(429, 'RATE_LIMITS', 'slow', [], { policyName: 'SECONDLY' })),
      { code: 'rate-limited', waitSeconds: 1 },
    ],
    ['a limit without a name', () => says(problem(429, 'RATE_LIMITS', 'slow down')), { code: 'rate-limited', waitSeconds: null }],
    [
      'a limit that says how long',
      () => new Response('', { status: 429, headers: { 'Retry-After': '86400' } }),
      { code: 'rate-limited', waitSeconds: 86_400 },
    ],
    ['a lock', () => says(problem(423, 'LOCKED', 'locked')), { code: 'unavailable', waitSeconds: 2, remedy: 'soon' }],
    [
      'a move of the account',
      () => new Response('{}', { status: 477, headers: { 'Retry-After': '3600' } }),
      { code: 'unavailable', waitSeconds: 3600 },
    ],
    ['500', () => says(problem(500, 'INTERNAL', 'oops')), { code: 'unavailable', remedy: 'soon' }],
    [
      '502 with a page',
      () => new Response('<html>Bad gateway</html>', { status: 502, headers: { 'Content-Type': 'text/html' } }),
      { code: 'unavailable' },
    ],
    ['503', () => new Response('', { status: 503 }), { code: 'unavailable' }],
    ['504', () => new Response('', { status: 504 }), { code: 'unavailable' }],
    ['524', () => new Response('', { status: 524 }), { code: 'unavailable' }],
    ['a version that is gone', () => says(problem(404, 'NOT_FOUND', 'no such path')), { code: 'not-found', remedy: 'person' }],
    [
      'a request that it does not understand',
      () => says(problem(400, 'VALIDATION_ERROR', 'no')),
      { code: 'configuration', remedy: 'person' },
    ],
    [
      'a page where JSON was expected',
      () => new Response('<!doctype html><p>Log in', { headers: { 'Content-Type': 'text/html' } }),
      { code: 'not-json' },
    ],
    ['a body that ends early', () => new Response('{"total":2,"results":[{"id":"1"'), { code: 'truncated', remedy: 'soon' }],
    ['another shape', () => Response.json({ total: 1, results: [{ id: null }] }), { code: 'unexpected-shape' }],
    ['null', () => Response.json(null), { code: 'unexpected-shape' }],
    [
      'no results where there are some',
      () => Response.json({ total: 7, results: [] }),
      { code: 'unexpected-shape', facts: { field: 'results' } },
    ],
    ['a redirect to somewhere else', () => Response.redirect('https://example.com/', 302), { code: 'redirect-refused' }],
  ])('%s', async (_name, response, expected) => {
    expect(await failureOf(onSearch(response))).toMatchObject(expected)
  })

  it('is a failure of the connection where nothing answers', async () => {
    const fails = onSearch(() => {
      throw new TypeError('fetch failed')
    })
    expect(await failureOf(fails)).toMatchObject({ code: 'unavailable', remedy: 'soon' })
  })

  it('keeps what HubSpot wants to be asked with', async () => {
    const failure = await failureOf(
      onSearch(() => says(problem(500, 'INTERNAL', 'ask anna@example.com about pat-eu1-0123456789012345678901'))),
    )
    expect(failure.facts).toEqual({ status: 500, host: 'api.hubapi.com', correlationId, reply: 'ask … about …' })
  })

  it('names the right that is missing, wherever it is missing', async () => {
    const without = async (scope: string, change?: Partial<CrmSettings>) =>
      (
        await failureOf((_request, fake) => {
          fake.scopes.delete(scope)
          return null
        }, change && { change })
      ).facts.scope
    for (const scope of ['crm.objects.contacts.read', 'crm.objects.deals.read', 'crm.objects.companies.read', 'marketing.campaigns.read'])
      expect(await without(scope)).toBe(scope)
  })

  it('names the right that is usually missing where HubSpot does not', async () => {
    expect(await failureOf(onSearch(() => says(problem(403, 'FORBIDDEN', 'no'))))).toMatchObject({
      code: 'forbidden',
      facts: { scope: 'crm.objects.contacts.read' },
    })
    const several = { message: 'All', context: { requiredScopes: ['a.read', 'b.read', 'a.read'] } }
    expect((await failureOf(onSearch(() => says(problem(403, 'MISSING_SCOPES', 'no', [several]))))).facts.scope).toBe('a.read, b.read')
  })

  it('waits until midnight of the account once the day is used up, on the days when the clocks change too', async () => {
    const daily = onSearch(() => says(problem(429, 'RATE_LIMITS', 'daily', [], { policyName: 'DAILY' })))
    const hours = async (now: string, timeZone: string) => {
      const failure = await failureOf(daily, { now, change: { timeZone } })
      expect(failure.code).toBe('quota-spent')
      return (failure.waitSeconds ?? 0) / 3600
    }
    expect(await hours('2026-06-01T10:00:00Z', 'Europe/Berlin')).toBe(12)
    expect(await hours('2026-06-01T10:00:00Z', 'America/New_York')).toBe(18)
    expect(await hours('2026-03-28T23:00:00Z', 'Europe/Berlin')).toBe(23)
    expect(await hours('2026-10-24T22:00:00Z', 'Europe/Berlin')).toBe(25)
  })

  it('names a property that is not there any more', async () => {
    const detail = { message: 'Property "channel_of_ours" does not exist', context: { propertyName: ['channel_of_ours'] } }
    const named = await failureOf(onSearch(() => says(problem(400, 'VALIDATION_ERROR', 'There was a problem with the request.', [detail]))))
    expect(named).toMatchObject({ code: 'configuration', facts: { field: 'channel_of_ours' } })
    const said = await failureOf(onSearch(() => says(problem(400, 'VALIDATION_ERROR', 'Property "leads_of_ours" does not exist'))))
    expect(said.facts.field).toBe('leads_of_ours')
  })

  it('refuses settings that ask for who somebody is, before anything is asked', async () => {
    for (const name of ['email', 'mobilephone', 'firstname', 'hs_whatsapp_phone_number', 'a b', '']) {
      const fields = { leadChannel: name }
      const fake = account()
      const failing = pull(hubspot, accessTo(fake, '2026-06-01T10:00:00Z', { fields }), new Kept())
      if (name === '') await failing
      else await expect(failing).rejects.toMatchObject({ code: 'configuration', facts: { field: name } })
      expect(JSON.stringify(fake.requests.map(({ body }) => body))).not.toMatch(/"(email|mobilephone|firstname|hs_whatsapp_phone_number)"/)
    }
  })

  it('goes on from the same cursor once it is over, with the same facts', async () => {
    const fake = account()
    const access = accessTo(fake, '2026-06-01T10:00:00Z')
    const undisturbed = new Kept()
    await pull(hubspot, access, undisturbed)
    let count = 0
    fake.fault = () => (++count % 9 === 0 ? says(problem(502, 'BAD_GATEWAY', 'oops')) : null)
    const patient: typeof hubspot = {
      ...hubspot,
      page: async (...asked) => {
        for (let attempt = 1; ; attempt += 1) {
          try {
            return await hubspot.page(...asked)
          } catch (error) {
            if (attempt === 8) throw error
          }
        }
      },
    }
    const disturbed = new Kept()
    await pull(patient, access, disturbed)
    expect(disturbed.facts).toEqual(undisturbed.facts)
  })

  it('has no use for a cursor of another program', async () => {
    const access = accessTo(account(), '2026-06-01T10:00:00Z')
    await expect(hubspot.page(access, { cursor: { page: 3 }, bookmark: null, startedAt: access.now })).rejects.toMatchObject({
      code: 'configuration',
    })
  })
})

describe('the test of a connection to HubSpot', () => {
  it('says whose account it is, its time zone, currency and quota', async () => {
    expect(await hubspot.test(accessTo(account(), '2026-06-01T10:00:00Z'))).toEqual({
      account: '4242',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      quota: { used: 18, limit: 250_000 },
      missing: [],
    })
  })

  it('lists every right that is missing for what is to be read, and no other', async () => {
    const fake = account()
    fake.scopes = new Set(['crm.objects.contacts.read'])
    expect((await hubspot.test(accessTo(fake, '2026-06-01T10:00:00Z'))).missing).toEqual([
      'crm.objects.deals.read',
      'crm.objects.companies.read',
      'marketing.campaigns.read',
    ])
    const reads = { leads: true, deals: false, activities: true, spend: false }
    expect((await hubspot.test(accessTo(fake, '2026-06-01T10:00:00Z', { reads }))).missing).toEqual([])
  })

  it('works for a key that may not ask for its quota, and without a key does not', async () => {
    const fake = account()
    fake.usage = problem(403, 'FORBIDDEN', 'no')
    expect((await hubspot.test(accessTo(fake, '2026-06-01T10:00:00Z'))).quota).toBeNull()
    await expect(hubspot.test({ ...accessTo(fake, '2026-06-01T10:00:00Z'), secret: {} })).rejects.toMatchObject({ code: 'unauthorised' })
    await expect(hubspot.test({ ...accessTo(fake, '2026-06-01T10:00:00Z'), secret: { token: 'other' } })).rejects.toMatchObject({
      code: 'unauthorised',
    })
  })
})

describe('what can be mapped of HubSpot', () => {
  it('lists stages in their order with what they most likely mean, and fields without those of persons', async () => {
    const found = await hubspot.discover(accessTo(account(), '2026-06-01T10:00:00Z'))
    expect(found.leadStages.map(({ id, suggestion }) => [id, suggestion])).toEqual([
      ['lead', 'lead'],
      ['marketingqualifiedlead', 'mql'],
      ['1001', 'sal'],
      ['salesqualifiedlead', 'sql'],
      ['1002', 'returned'],
      ['1003', null],
      ['hs_lead_status=NEW', 'ignored'],
      ['hs_lead_status=UNQUALIFIED', 'returned'],
    ])
    // By HubSpot's marks: their names say something else.
    expect(found.dealStages.map(({ id, label, pipeline, suggestion }) => [id, label, pipeline, suggestion])).toEqual([
      ['appointment', 'Appointment', 'Sales', 'open'],
      ['closedwon', 'Signed', 'Sales', 'won'],
      ['closedlost', 'Not this time', 'Sales', 'lost'],
    ])
    expect(found.leadFields.map(({ id }) => id)).toEqual(['lifecyclestage', 'hs_lead_status', 'hs_analytics_source'])
    expect(found.dealFields.map(({ id }) => id)).toEqual(['amount', 'closed_lost_reason'])
    expect(found).toMatchObject({ timeZone: 'Europe/Berlin', currency: 'EUR', table: null, unavailable: [] })
  })

  it('says what cannot be read and why, and shows the rest', async () => {
    const fake = account()
    fake.scopes = new Set(['crm.objects.contacts.read'])
    fake.properties.contacts = fake.properties.contacts?.slice(0, 1) ?? []
    const found = await hubspot.discover(accessTo(fake, '2026-06-01T10:00:00Z'))
    expect(found.unavailable).toEqual([
      { what: 'deals', why: 'forbidden', scope: 'crm.objects.deals.read' },
      { what: 'spend', why: 'forbidden', scope: 'marketing.campaigns.read' },
    ])
    expect(found.leadStages).toHaveLength(6)
    expect(found.dealStages).toEqual([])
  })
})
