import { beforeEach, describe, expect, it } from 'vitest'
import { readSettings } from '../../worker/db/settings'
import { currentLink } from '../../worker/services/links'
import { listOpenLinks } from '../../worker/services/open-links'
import { updatePerson } from '../../worker/services/people'
import { printLinks } from '../../worker/services/printed-links'
import { listTeams } from '../../worker/services/teams'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { anOrganisation, answer, closeNow, collect, type OpenRound, openAnother, sameAnswers, twoSides, withOpenLinks } from './factories'

/** A round in which Kiosk answers through one link and everybody else through their own. */
async function aSharedRound(): Promise<OpenRound> {
  await anOrganisation([...twoSides, { name: 'Kiosk', side: 'sales', people: 7 }])
  await withOpenLinks('kiosk')
  return openAnother()
}

let headers: Record<string, string>
const get = async (path: string, as = headers) => fetchWorker(path, { headers: as })
const post = (path: string, fields: string[][] | Record<string, string>) =>
  fetchWorker(path, { method: 'POST', headers, body: new URLSearchParams(fields) })
/** Without what is drawn anew for each request. */
const textOf = async (response: Response) => (await response.text()).replace(/nonce="[^"]*"/g, '')

beforeEach(async () => {
  headers = await adminHeaders()
})

describe('the page of an open round', () => {
  it('shows whoever may run it the links of teams, as often as it is asked, and nobody else', async () => {
    const { round } = await aSharedRound()
    const [link] = await listOpenLinks(services(), round.id)
    for (const _ of [1, 2]) expect(await textOf(await get(`/rounds/${round.id}`))).toContain(`${link?.url}</code>`)
    const reader = await textOf(await get(`/rounds/${round.id}`, await keyHeaders('reader')))
    expect(reader.slice(reader.indexOf('<body'))).not.toContain('.team')
    expect(reader).not.toContain('/sheet')
  })

  it('says nothing of how many ballots were collected with a link', async () => {
    const open = await aSharedRound()
    const [link] = await listOpenLinks(services(), open.round.id)
    const path = `/rounds/${open.round.id}`
    const before = await textOf(await get(path))
    for (let person = 0; person < 7; person++) await collect(link?.url ?? '')
    expect(await textOf(await get(path))).toBe(before)
  })

  it('ends a link after a second look', async () => {
    const { round } = await aSharedRound()
    const [before] = await listOpenLinks(services(), round.id)
    expect(await textOf(await get(`/rounds/${round.id}`))).toContain('The link that is out now ends at once')
    const renewed = await post(`/rounds/${round.id}/open-links/kiosk/renewal`, {})
    expect(renewed.headers.get('location')).toBe(`/rounds/${round.id}?done=link-renewed#team-links`)
    const [after] = await listOpenLinks(services(), round.id)
    expect(after?.url).not.toBe(before?.url)
  })
})

describe('the poster of a team’s link', () => {
  it.each([
    ['en', 'ltr', 'Scan the code with your phone.'],
    ['th', 'ltr', 'สแกนโค้ดด้วยโทรศัพท์ของคุณ'],
    ['ms', 'ltr', 'Imbas kod dengan telefon anda.'],
    ['ar', 'rtl', 'امسح الرمز بهاتفك'],
  ])('speaks %s', async (locale, direction, words) => {
    const { round } = await aSharedRound()
    const page = await textOf(await get(`/rounds/${round.id}/open-links/kiosk?in=${locale}`))
    expect(page).toContain(`<article class="poster" lang="${locale}" dir="${direction}">`)
    expect(page).toContain(words)
    expect(page).toContain('<svg class="qr"')
  })

  it('is for a team that has a link, while the round takes ballots', async () => {
    const { round } = await aSharedRound()
    expect((await get(`/rounds/${round.id}/open-links/sales`)).status).toBe(404)
    await closeNow(services(), round.id)
    expect((await get(`/rounds/${round.id}/open-links/kiosk`)).headers.get('location')).toBe(`/rounds/${round.id}`)
  })
})

describe('links on paper', () => {
  it('are those that people have, for everybody who was invited, and tell nobody who has answered', async () => {
    const open = await aSharedRound()
    const path = `/rounds/${open.round.id}/sheet`
    const people = open.invitations.map(({ personId }) => ['person', personId])
    const pages = async () => [await textOf(await get(path)), await textOf(await post(path, people))]
    const before = await pages()
    for (const { url } of open.invitations.slice(0, 5)) await answer(url, sameAnswers(open.items, 4))
    expect(await pages()).toEqual(before)
    expect(before[0]).toContain('Marketing 6')
    expect(before[0]).not.toContain('Kiosk 1')
    const printed = await printLinks(
      services(),
      open.round.id,
      people.map(([, id]) => id as string),
    )
    expect(new Set(printed.map(({ url }) => url))).toEqual(new Set(open.invitations.map(({ url }) => url)))
  })

  it('change with a corrected address whether the link was used or not', async () => {
    const open = await aSharedRound()
    const [used, unused] = open.invitations.map(({ personId }) => personId) as [string, string]
    await answer(open.invitations[0]?.url ?? '', sameAnswers(open.items, 4))
    const printed = async () => (await printLinks(services(), open.round.id, [used, unused])).map(({ url }) => url)
    const before = await printed()
    for (const id of [used, unused]) await updatePerson(services(), id, { email: `${id.toLowerCase()}@acme.example` })
    const after = await printed()
    expect(after.filter((url) => before.includes(url))).toEqual([])
    expect(await currentLink(services(), open.round.id, used)).toBeNull()
    expect(after).toContain(await currentLink(services(), open.round.id, unused))
  })

  it('are for chosen people, of whom there must be one', async () => {
    const open = await aSharedRound()
    const path = `/rounds/${open.round.id}/sheet`
    const [one, other] = open.invitations
    const sheet = await textOf(await post(path, [['person', one?.personId ?? '']]))
    expect([sheet.includes(`<bdi>${one?.name}</bdi>`), sheet.includes(`<bdi>${other?.name}</bdi>`)]).toEqual([true, false])
    expect(sheet).toContain('face down')
    const none = await post(path, [])
    expect([none.status, (await none.text()).includes('Choose at least one person.')]).toEqual([422, true])
  })

  it('list one team where that is asked for', async () => {
    const { round } = await aSharedRound()
    const page = await textOf(await get(`/rounds/${round.id}/sheet?team=sales`))
    expect([page.includes('Sales 1'), page.includes('Marketing 1<')]).toEqual([true, false])
  })

  it('are made by whoever may run the round, are not stored, and end with it', async () => {
    const { round } = await aSharedRound()
    const path = `/rounds/${round.id}/sheet`
    expect((await get(path)).headers.get('cache-control')).toBe('no-store')
    expect((await get(path, await keyHeaders('reader'))).status).toBe(403)
    await closeNow(services(), round.id)
    expect((await get(path)).headers.get('location')).toBe(`/rounds/${round.id}`)
  })
})

describe('the switch under settings', () => {
  it('is off, says what is lost before it is turned on, and lets teams be chosen after', async () => {
    await anOrganisation(twoSides)
    expect(await textOf(await get('/settings'))).toContain('Every link is personal')
    const look = await textOf(await get('/settings/team-links'))
    expect(look).toContain('counts ballots, not people')
    expect((await readSettings(services().db)).openLinks).toBe(false)
    await post('/settings/team-links', { allowed: 'yes' })
    expect((await readSettings(services().db)).openLinks).toBe(true)
    await post('/settings/team-links/teams', { team: 'sales' })
    const chosen = async () => (await listTeams(services().db)).flatMap(({ id, openLink }) => (openLink ? [id] : []))
    expect(await chosen()).toEqual(['sales'])
    await post('/settings/team-links/teams', {})
    expect(await chosen()).toEqual([])
    await post('/settings/team-links', { allowed: 'no' })
    expect((await readSettings(services().db)).openLinks).toBe(false)
  })

  it('is said of a team by the API, too', async () => {
    await anOrganisation(twoSides)
    const changed = await fetchWorker('/api/v1/teams/sales', {
      method: 'PATCH',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: '{"openLink":true}',
    })
    expect(await changed.json()).toMatchObject({ id: 'sales', openLink: true })
  })
})

describe('the page before a round opens', () => {
  it('says which teams answer through one link', async () => {
    const { round } = await aSharedRound()
    await closeNow(services(), round.id)
    const created = await fetchWorker('/api/v1/rounds', {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: '{"period":"2026-12"}',
    })
    const { id } = await created.json<{ id: string }>()
    const page = await textOf(await get(`/rounds/${id}`))
    expect(page).toMatch(/Teams that answer through one link[\s\S]*<bdi>Kiosk<\/bdi> \(7\)/)
  })
})
