import { beforeEach, describe, expect, it } from 'vitest'
import { importPeople, invitees, updatePerson } from '../../worker/services/people'
import { archiveTeam, createTeam, listTeams, undoTeamChange, updateTeam } from '../../worker/services/teams'
import { adminClient, adminHeaders, fetchWorker, services } from './client'

let headers: Record<string, string>
let ids: Record<'acme' | 'sales' | 'sdr' | 'marketing', string>
beforeEach(async () => {
  headers = await adminHeaders()
  const acme = await createTeam(services(), { name: 'Acme', parentId: null, side: 'other' })
  const sales = await createTeam(services(), { name: 'Sales', parentId: acme.id, side: 'sales' })
  const sdr = await createTeam(services(), { name: 'SDR', parentId: sales.id })
  const marketing = await createTeam(services(), { name: 'Marketing', parentId: acme.id, side: 'marketing' })
  ids = { acme: acme.id, sales: sales.id, sdr: sdr.id, marketing: marketing.id }
})

const send = (method: string, path: string, body?: string) =>
  fetchWorker(
    `/api/v1/teams${path}`,
    body === undefined ? { method, headers } : { method, body, headers: { ...headers, 'Content-Type': 'application/json' } },
  )
const tree = async () => (await listTeams(services().db)).map(({ name, side }) => `${name}:${side}`)

describe('teams', () => {
  it('are a tree with parents first, sides and head-counts of active people', async () => {
    await importPeople(
      services(),
      'email,name,team,side,locale\na@example.com,A,Acme/Sales/SDR,sales,en\nb@example.com,B,Acme/Sales,sales,en\nc@example.com,C,Acme,other,en',
      { dryRun: false, mode: 'partial' },
    )
    const [first] = await invitees(services().db)
    await updatePerson(services(), first?.personId ?? '', { active: false })
    const { items } = await (await (await adminClient()).teams.$get()).json()
    expect(items.map(({ name, parentId, side, people, peopleBelow }) => [name, parentId, side, people, peopleBelow])).toEqual([
      ['Acme', null, 'other', 1, 2],
      ['Marketing', ids.acme, 'marketing', 0, 0],
      ['Sales', ids.acme, 'sales', 1, 1],
      ['SDR', ids.sales, 'sales', 0, 0],
    ])
  })

  it('are created over the API with the side of their parent', async () => {
    const response = await send('POST', '', JSON.stringify({ name: ' AE ', parentId: ids.sales }))
    expect(response.status).toBe(201)
    expect(await response.json()).toMatchObject({ name: 'AE', parentId: ids.sales, side: 'sales', people: 0 })
  })

  it('are renamed and moved, and take over the side of where they come to', async () => {
    const office = await createTeam(services(), { name: 'Office', parentId: null, side: 'other' })
    const desk = await createTeam(services(), { name: 'Desk', parentId: office.id })
    await updateTeam(services(), office.id, { name: 'Sales office', parentId: ids.sales })
    expect(await tree()).toEqual(['Acme:other', 'Marketing:marketing', 'Sales:sales', 'SDR:sales', 'Sales office:sales', 'Desk:sales'])
    await updateTeam(services(), desk.id, { parentId: null })
    expect((await tree()).at(-1)).toBe('Desk:sales')
  })

  it('pass a new side down, except towards other', async () => {
    await updateTeam(services(), ids.sales, { side: 'marketing' })
    expect(await tree()).toEqual(['Acme:other', 'Marketing:marketing', 'Sales:marketing', 'SDR:marketing'])
    await updateTeam(services(), ids.sales, { side: 'other' })
    expect(await tree()).toEqual(['Acme:other', 'Marketing:marketing', 'Sales:other', 'SDR:marketing'])
  })

  it('stand in the order that somebody gave them, and new ones come last', async () => {
    const place = async (id: string, position: number) => (await send('PATCH', `/${id}`, JSON.stringify({ position }))).json()
    expect(await place(ids.sales, 0)).toMatchObject({ position: 0 })
    expect(await tree()).toEqual(['Acme:other', 'Sales:sales', 'SDR:sales', 'Marketing:marketing'])
    await createTeam(services(), { name: 'Agency', parentId: ids.acme })
    await importPeople(services(), 'email,name,team,side,locale\na@example.com,A,Acme/Aides,other,en', { dryRun: false, mode: 'partial' })
    const last = ['Agency:other', 'Aides:other']
    expect(await tree()).toEqual(['Acme:other', 'Sales:sales', 'SDR:sales', 'Marketing:marketing', ...last])
    expect(await place(ids.sales, 10_000)).toMatchObject({ position: 3 })
    expect(await tree()).toEqual(['Acme:other', 'Marketing:marketing', ...last, 'Sales:sales', 'SDR:sales'])
    expect((await send('PATCH', `/${ids.sales}`, '{"position":-1}')).status).toBe(422)
    expect((await send('PATCH', `/${ids.sales}`, '{"position":1.5}')).status).toBe(422)
  })

  it('go back to where they were, with the sides of all that followed', async () => {
    const office = await createTeam(services(), { name: 'Office', parentId: null, side: 'other' })
    await createTeam(services(), { name: 'Desk', parentId: office.id })
    await createTeam(services(), { name: 'Field', parentId: office.id, side: 'sales' })
    const before = await listTeams(services().db)
    const { step } = await updateTeam(services(), office.id, { parentId: ids.sales, position: 0, name: 'Sales office' })
    expect(await tree()).toContain('Desk:sales')
    await undoTeamChange(services(), step)
    expect(await listTeams(services().db)).toEqual(before)
    const { step: move } = await updateTeam(services(), office.id, { parentId: ids.acme })
    await updateTeam(services(), ids.acme, { parentId: office.id }).catch(() => {})
    await updateTeam(services(), office.id, { name: 'Bureau' })
    await undoTeamChange(services(), move)
    expect((await tree()).at(-3)).toBe('Bureau:other')
  })

  it('are never below each other, though two people move them at the same time', async () => {
    const other = await createTeam(services(), { name: 'Other', parentId: ids.acme })
    const third = await createTeam(services(), { name: 'Third', parentId: ids.acme })
    const moves = await Promise.allSettled([
      updateTeam(services(), other.id, { parentId: third.id }),
      updateTeam(services(), third.id, { parentId: other.id }),
    ])
    expect(moves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await tree()).toHaveLength(6)
  })

  it('change sides with a move only when that is said', async () => {
    const refused = await send('PATCH', `/${ids.marketing}`, JSON.stringify({ parentId: ids.sales }))
    expect(await refused.json()).toMatchObject({ status: 422, errors: [{ pointer: '#/parentId' }] })
    const done = await send('PATCH', `/${ids.marketing}`, JSON.stringify({ parentId: ids.sales, side: 'sales' }))
    expect(await done.json()).toMatchObject({ parentId: ids.sales, side: 'sales' })
  })

  it.each([
    ['below themselves', 'sales', { parentId: 'sales' }, '#/parentId'],
    ['below a team of theirs', 'sales', { parentId: 'sdr' }, '#/parentId'],
    ['below nothing that exists', 'sales', { parentId: 'nowhere' }, '#/parentId'],
    ['to another side than their parent', 'sdr', { side: 'marketing' }, '#/side'],
    ['to a side that teams below them contradict', 'acme', { side: 'sales' }, '#/side'],
    ['to a name with a slash', 'sdr', { name: 'S/DR' }, '#/name'],
    ['to a name that cannot be seen', 'sdr', { name: '\u200b' }, '#/name'],
  ] as const)('do not go %s', async (_, team, change, pointer) => {
    const before = await listTeams(services().db)
    const parent = 'parentId' in change ? { parentId: ids[change.parentId as keyof typeof ids] ?? change.parentId } : {}
    const response = await send('PATCH', `/${ids[team]}`, JSON.stringify({ ...change, ...parent }))
    expect(await response.json()).toMatchObject({ status: 422, errors: [{ pointer }] })
    expect(await listTeams(services().db)).toEqual(before)
  })

  it('have names that are unique among siblings, whatever the case', async () => {
    expect((await send('POST', '', JSON.stringify({ name: 'sdr', parentId: ids.sales }))).status).toBe(409)
    expect((await send('PATCH', `/${ids.marketing}`, JSON.stringify({ name: 'SALES' }))).status).toBe(409)
    expect((await send('PATCH', `/${ids.sdr}`, JSON.stringify({ name: 'sdr' }))).status).toBe(200)
  })

  it('go at most eight levels deep', async () => {
    let parentId = ids.sdr
    for (let level = 4; level <= 8; level += 1) parentId = (await createTeam(services(), { name: `L${level}`, parentId })).id
    expect((await send('POST', '', JSON.stringify({ name: 'L9', parentId }))).status).toBe(422)
    const top = await createTeam(services(), { name: 'Top', parentId: null, side: 'other' })
    expect((await send('PATCH', `/${ids.acme}`, JSON.stringify({ parentId: top.id }))).status).toBe(422)
  })

  it('can be deleted when nobody and no team is in them, and their place can be taken again', async () => {
    await importPeople(services(), 'email,name,team,side,locale\na@example.com,A,Acme/Sales/SDR,sales,en', {
      dryRun: false,
      mode: 'partial',
    })
    expect((await send('DELETE', `/${ids.sales}`)).status).toBe(409)
    expect((await send('DELETE', `/${ids.sdr}`)).status).toBe(409)
    const [person] = await invitees(services().db)
    await updatePerson(services(), person?.personId ?? '', { active: false })
    expect((await send('DELETE', `/${ids.sdr}`)).status).toBe(204)
    expect((await send('DELETE', `/${ids.sdr}`)).status).toBe(404)
    expect((await createTeam(services(), { name: 'SDR', parentId: ids.sales })).id).not.toBe(ids.sdr)
    await expect(archiveTeam(services(), ids.sales)).rejects.toThrow('There are teams in “Sales”')
  })

  it('are made once when two requests come at the same time', async () => {
    const both = await Promise.allSettled([1, 2].map(() => createTeam(services(), { name: 'Twin', parentId: null, side: 'other' })))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it.each([
    ['{}', '#/name'],
    ['{"name":" "}', '#/name'],
    ['{"name":"X"}', '#/side'],
    ['{"name":"X","side":"finance"}', '#/side'],
    ['{"name":"X","side":"other","parentId":7}', '#/parentId'],
    ['{"name":"X","side":"other","parentId":"nowhere"}', '#/parentId'],
    ['{"name":"X","side":"other","colour":"red"}', '#/colour'],
    [`{"name":"${'x'.repeat(81)}","side":"other"}`, '#/name'],
    ['{"name":"X\\u0000","side":"other"}', '#/name'],
  ])('refuse %s, naming the field', async (body, pointer) => {
    const response = await send('POST', '', body)
    expect(response.status).toBe(422)
    expect((await response.json<{ errors: { pointer: string }[] }>()).errors.map((error) => error.pointer)).toContain(pointer)
  })
})
