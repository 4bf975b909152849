/** One link for a whole team: how many ballots it can collect, for whom, and what it leaves behind. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { openLinkPeriod } from '../../worker/core/open-links'
import { bindOpenIssuance } from '../../worker/db/open-links'
import { findRoster } from '../../worker/db/roster'
import { findRound, listCohorts } from '../../worker/db/rounds'
import { issueBallot } from '../../worker/services/ballots'
import { listOpenLinks, renewOpenLink } from '../../worker/services/open-links'
import { getResult } from '../../worker/services/results'
import { adminClient, adminHeaders, clientWith, fetchWorker, keyHeaders, services } from './client'
import {
  anOpenRound,
  anOrganisation,
  answer,
  blindFor,
  cast,
  closeNow,
  collect,
  type OpenRound,
  openAnother,
  partsOf,
  postJson,
  random,
  sameAnswers,
  type TeamSpec,
  withOpenLinks,
} from './factories'
import { changedRows, dump } from './tables'

const problemOf = async (response: Response) => {
  const { status, type } = await response.json<{ status: number; type: string }>()
  return [status, type.replace('/problems/', '')]
}
const count = async (where: string) => (await env.DB.prepare(`select count(*) as n from ${where}`).first<{ n: number }>())?.n
const collected = 'open_issuances where blinded_hash <> zeroblob(32)'
const rows = async (sql: string) => (await env.DB.prepare(sql).all<Record<string, unknown>>()).results

const threeTeams: TeamSpec[] = [
  { name: 'Sales', side: 'sales', people: 6 },
  { name: 'Field', side: 'sales', people: 7, parent: 'Sales' },
  { name: 'Marketing', side: 'marketing', people: 6 },
]

/** A round in which Field answers through one link. */
async function aSharedRound(): Promise<OpenRound & { link: string }> {
  await anOrganisation(threeTeams)
  await withOpenLinks('field')
  const open = await openAnother()
  return { ...open, link: await linkOf(open) }
}

const linkOf = async (open: OpenRound, teamId = 'field') =>
  (await listOpenLinks(services(), open.round.id)).find((link) => link.teamId === teamId)?.url as string

/** So many devices that ask at once, each with a ballot of its own. */
const devices = (link: string, many: number) => Promise.all(Array.from({ length: many }, async () => (await blindFor(link)).request))

describe('opening a round with a team that has one link for all', () => {
  it('gives its people no link of their own, counts them as invited, and keeps the roster complete', async () => {
    const { round, invitations } = await aSharedRound()
    expect(invitations.map(({ name }) => name.split(' ')[0]).filter((name) => name === 'Field')).toEqual([])
    expect([round.invited, invitations.length]).toEqual([19, 12])
    expect((await findRound(services().db, round.id))?.frozen?.openLinks).toEqual([
      { teamId: 'field', name: 'Field', nodeId: 'field', people: 7 },
    ])
    expect((await findRoster(services().db))?.members).toHaveLength(19)
    expect(await count('ballot_slots')).toBe(19)
    expect(await count('open_issuances where blinded_hash = zeroblob(32)')).toBe(7)
    expect(await count('invitations')).toBe(12)
  })

  it('is off until the organisation and the team both say so', async () => {
    await anOrganisation(threeTeams)
    await env.DB.prepare("update teams set open_link = 1 where id = 'field'").run()
    expect((await openAnother()).invitations).toHaveLength(19)
    expect(await count('open_links')).toBe(0)
  })

  it('counts a team that is too small to report on with the group that it is merged into', async () => {
    await anOrganisation([...threeTeams, { name: 'Kiosk', side: 'sales', people: 2, parent: 'Sales' }])
    await withOpenLinks('kiosk')
    const open = await openAnother()
    const [link] = await listOpenLinks(services(), open.round.id)
    expect([link?.group, link?.people]).toEqual(['Sales', 2])
    await answer(link?.url as string, sameAnswers(open.items, 4))
  })
})

describe('collecting ballots with a team’s link', () => {
  it('hands out as many as the team has people, whatever arrives at once', async () => {
    const { link } = await aSharedRound()
    const requests = await devices(link, 40)
    const context = services()
    const issue = (request: (typeof requests)[number]) =>
      issueBallot(context, { ...request, blindedMessage: Uint8Array.fromBase64(request.blindedMessage, { alphabet: 'base64url' }) })
    const outcomes = await Promise.allSettled(requests.map(issue))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(7)
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
    expect(new Set(refused)).toEqual(new Set(['team-link-full']))
    expect(await count(collected)).toBe(7)
  })

  it('gives the same signature for the same blinded message and takes no second place, also where it is the last', async () => {
    const { link } = await aSharedRound()
    const { request } = await blindFor(link)
    const first = await (await postJson('/api/v1/issuances', request)).json()
    const again = await Promise.all(Array.from({ length: 5 }, () => postJson('/api/v1/issuances', request)))
    for (const response of again) expect(await response.json()).toEqual(first)
    expect(await count(collected)).toBe(1)
    for (let place = 1; place < 7; place++) await collect(link)
    expect(await (await postJson('/api/v1/issuances', request)).json()).toEqual(first)
    const late = await postJson('/api/v1/issuances', (await blindFor(link)).request)
    expect(await problemOf(late)).toEqual([409, 'team-link-full'])
  })

  it('makes ballots that nothing tells from those of personal links', async () => {
    const open = await aSharedRound()
    await answer(open.link, sameAnswers(open.items, 4))
    const personal = await collect(open.invitations.find(({ cohort }) => cohort === partsOf(open.link).cohort)?.url ?? open.link)
    expect((await cast(personal, sameAnswers(open.items, 4))).status).toBe(201)
    const stored = await rows('select length(token) as token, length(answers) as answers from ballot_slots where token <> zeroblob(32)')
    expect(stored).toEqual([stored[0], stored[0]])
    expect(Object.keys((await rows('select * from open_issuances limit 1'))[0] ?? {})).toEqual([
      'round_id',
      'team_id',
      'slot',
      'blinded_hash',
    ])
  })

  it('takes places at random: which ones says nothing of the order', async () => {
    const { round, link } = await aSharedRound()
    const { cohort, invitation } = partsOf(link)
    const tokenHash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(invitation)))
    const bind = (draw: number) =>
      bindOpenIssuance(services().db, { roundId: round.id, teamId: 'field', cohort, tokenHash, blindedHash: random(32), draw })
    // Of 7 free places, 4 294 967 293 mod 7 = 1 is the second; then, of 6, 5 is the last; then, of 5, 0 is the first.
    for (const draw of [4_294_967_293, 5, 0]) expect(await bind(draw)).toBe('bound')
    expect((await rows(`select slot from ${collected} order by slot`)).map(({ slot }) => slot)).toEqual([1, 2, 7])
  })

  it('changes one cell of one table, as wide as before', async () => {
    const { link } = await aSharedRound()
    const { request } = await blindFor(link)
    const before = await dump()
    await postJson('/api/v1/issuances', request)
    expect(changedRows(before, await dump())).toEqual({ open_issuances: 1 })
  })

  it('is refused for another group, and in a round that takes no more', async () => {
    const open = await aSharedRound()
    const { request } = await blindFor(open.link)
    const { cohort } = partsOf(open.link)
    const wrong = await postJson('/api/v1/issuances', { ...request, cohort: cohort === 'c1' ? 'c2' : 'c1' })
    expect(await problemOf(wrong)).toEqual([422, 'ballot-invalid'])
    await env.DB.prepare('update rounds set closing_at = 1').run()
    expect(await problemOf(await postJson('/api/v1/issuances', request))).toEqual([409, 'round-closed'])
    expect(await count(collected)).toBe(0)
  })

  it('is slowed down by link and not by address, and keeps the place for whoever tries again', async () => {
    await anOrganisation([
      ...threeTeams.slice(1, 2).map((team) => ({ name: 'Field', side: team.side, people: 40 })),
      { name: 'Ops', side: 'marketing', people: 8 },
    ])
    await withOpenLinks('field', 'ops')
    const open = await openAnother()
    const requests = await devices(await linkOf(open), 36)
    const responses = []
    for (const request of requests) responses.push(await postJson('/api/v1/issuances', request))
    const slowed = responses.filter(({ status }) => status === 429)
    expect([responses.filter(({ status }) => status === 201).length, slowed.length]).toEqual([30, 6])
    expect(slowed[0]?.headers.get('retry-after')).toBe(String(openLinkPeriod))
    expect(await problemOf(slowed[0] as Response)).toEqual([429, 'team-link-busy'])
    expect(await count(collected)).toBe(30)
    await collect(await linkOf(open, 'ops'))
    await collect(open.invitations[0]?.url ?? (await linkOf(open, 'ops')))
  })
})

describe('a new link for a team', () => {
  it('ends the one before, keeps what was collected and the places that it took', async () => {
    const open = await aSharedRound()
    const sealed = await collect(open.link)
    const late = await blindFor(open.link)
    const { url } = await renewOpenLink(services(), open.round.id, 'field')
    expect(url).not.toBe(open.link)
    expect(await linkOf(open)).toBe(url)
    expect(await problemOf(await postJson('/api/v1/issuances', late.request))).toEqual([404, 'invitation-unknown'])
    expect((await cast(sealed, sameAnswers(open.items, 4))).status).toBe(201)
    for (let place = 1; place < 7; place++) await collect(url)
    expect(await problemOf(await postJson('/api/v1/issuances', (await blindFor(url)).request))).toEqual([409, 'team-link-full'])
  })

  it('is one where two ask at once', async () => {
    const open = await aSharedRound()
    const both = await Promise.all([1, 2].map(() => renewOpenLink(services(), open.round.id, 'field')))
    expect(new Set(both.map(({ url }) => url)).size).toBe(1)
  })

  it('is not made for a team without one, nor once the round takes no more', async () => {
    const open = await aSharedRound()
    await expect(renewOpenLink(services(), open.round.id, 'sales')).rejects.toMatchObject({ code: 'not-found' })
    await closeNow(services(), open.round.id)
    await expect(renewOpenLink(services(), open.round.id, 'field')).rejects.toMatchObject({ code: 'round-not-open' })
    expect(await listOpenLinks(services(), open.round.id)).toEqual([])
  })
})

describe('closing a round with a team’s link', () => {
  it('shreds its places and its link, and finds no more ballots than were collected', async () => {
    const open = await aSharedRound()
    for (let person = 0; person < 6; person++) await answer(open.link, sameAnswers(open.items, 4))
    await closeNow(services(), open.round.id)
    expect([await count('open_issuances'), await count('open_links'), await count('invitations')]).toEqual([0, 0, 0])
    const { audit, nodes } = await getResult(services().db, open.round.id)
    expect(audit?.passed).toBe(true)
    expect(nodes.map(({ id, openLink }) => [id, openLink ?? false])).toEqual([
      [nodes[0]?.id, true],
      ['sales', true],
      ['field', true],
      ['marketing', false],
    ])
  })

  it('marks nothing in a round of personal links', async () => {
    const open = await anOpenRound()
    await closeNow(services(), open.round.id)
    expect((await getResult(services().db, open.round.id)).nodes.filter((node) => 'openLink' in node)).toEqual([])
  })
})

describe('the API of teams’ links', () => {
  it('gives and renews them to who may run a round, and to nobody else', async () => {
    const open = await aSharedRound()
    const { rounds } = await adminClient()
    const param = { id: open.round.id, teamId: 'field' }
    const listed = await (await rounds[':id']['open-links'].$get({ param })).json()
    expect(listed.items.map(({ teamId, people, url }) => [teamId, people, url])).toEqual([['field', 7, open.link]])
    expect(open.link).toMatch(/\/s\/[\w-]{22}#c\d+\.[\w-]{43}\.[\da-f]{32}\.team$/)
    const renewed = await rounds[':id']['open-links'][':teamId'].renewals.$post({ param })
    expect([renewed.status, (await renewed.json()).url === open.link]).toEqual([201, false])
    const reader = clientWith(await keyHeaders('reader'))
    expect((await reader.rounds[':id']['open-links'].$get({ param })).status).toBe(403)
  })
})

describe('a result with a team’s link in it', () => {
  it('says so of the groups that contain the team, on its page, in the CSV and in the API, and of no other', async () => {
    const open = await aSharedRound()
    for (let person = 0; person < 7; person++) await answer(open.link, sameAnswers(open.items, 4))
    for (const { url } of open.invitations) await answer(url, sameAnswers(open.items, 4))
    await closeNow(services(), open.round.id)
    const headers = await adminHeaders()
    const read = async (path: string) => (await fetchWorker(path, { headers })).text()
    const marked = (await read(`/rounds/${open.round.id}`)).matchAll(/<bdi>([^<]*)<\/bdi><\/strong><span class="tag">open link/g)
    expect(new Set([...marked].map(([, name]) => name))).toEqual(new Set(['Acme', 'Sales', 'Field']))
    expect(await read(`/rounds/${open.round.id}`)).toContain('Whoever had the link could answer, and more than once')
    const [header = '', ...lines] = (await read(`/api/v1/rounds/${open.round.id}/result.csv`)).split(/\r?\n/)
    const column = header.split(',').indexOf('open_link')
    const groups = lines.map((line) => line.split(',')).filter(([kind]) => kind === 'group')
    expect(groups.map((cells) => [cells[2], cells[column]])).toEqual([
      ['Acme', 'yes'],
      ['Sales', 'yes'],
      ['Field', 'yes'],
      ['Marketing', ''],
    ])
    const { nodes } = JSON.parse(await read(`/api/v1/rounds/${open.round.id}/result`)) as { nodes: { id: string; openLink?: true }[] }
    expect(nodes.filter(({ openLink }) => openLink).map(({ id }) => id)).toEqual([nodes[0]?.id, 'sales', 'field'])
    expect(await read('/overview')).toContain('<span class="tag">open link</span>')
    const next = await openAnother()
    const said = 'Whoever had the link could answer'
    for (const cohort of await listCohorts(services().db, next.round.id)) {
      const page = await read(`/s/${next.round.id}/thanks?cohort=${cohort.cohort}`)
      expect([cohort.nodeId, page.includes(said)]).toEqual([cohort.nodeId, cohort.nodeId !== 'marketing'])
    }
  })
})
