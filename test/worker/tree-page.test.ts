import { beforeEach, describe, expect, it } from 'vitest'
import { locales } from '../../worker/i18n'
import { createTeam, listTeams } from '../../worker/services/teams'
import { adminHeaders, fetchWorker, services } from './client'
import { anOpenRound, anOrganisation, type TeamSpec } from './factories'

const specs: TeamSpec[] = [
  { name: 'Sales', side: 'sales', people: 3 },
  { name: 'SDR', side: 'sales', people: 4, parent: 'Sales' },
  { name: 'AE', side: 'sales', people: 2, parent: 'Sales' },
  { name: 'Marketing', side: 'marketing', people: 5 },
  { name: 'Office', side: 'other', people: 2 },
  { name: 'Desk', side: 'other', people: 1, parent: 'Office' },
]

let headers: Record<string, string>
beforeEach(async () => {
  headers = await adminHeaders()
})

const get = (path: string) => fetchWorker(path, { headers })
const text = async (response: Response | Promise<Response>) => (await response).text()
const post = (path: string, fields: Record<string, string>) => {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  return fetchWorker(path, { method: 'POST', body, headers })
}
/** The page that a form leads to. */
const follow = async (response: Response) => text(get(response.headers.get('location') ?? ''))
const stepOn = (html: string) => (/name="step" value="([^"]+)"/.exec(html)?.[1] ?? '').replaceAll('&quot;', '"')
const tree = async () => (await listTeams(services().db)).map(({ name, parentId, side }) => `${parentId ?? ''}/${name}:${side}`)
const mistakes = (html: string) =>
  [...html.matchAll(/<p class="why"[^>]*>(?:<svg.*?<\/svg>)?(.*?)<\/p>/g)].map(([, why]) => why?.replaceAll(/[\u2066-\u2069]/g, ''))

describe('the page of teams', () => {
  it.each(locales)('shows the tree in %s, and what can be done with each team', async (locale) => {
    expect(await text(get(`/people/teams?lang=${locale}`))).not.toMatch(/undefined|\bNaN\b|\[object| style=/)
    await anOrganisation(specs)
    for (const path of ['/people/teams', '/people/teams/sdr', '/people/teams/sdr/archival']) {
      const html = await text(get(`${path}?lang=${locale}`))
      expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}"`)
      expect(html).not.toMatch(/undefined|\bNaN\b|\[object| style=/)
    }
    const moved = await post(`/people/teams/office?lang=${locale}`, { name: 'Office', parentId: 'sales', side: 'other', confirmed: 'yes' })
    expect(await text(get(`${moved.headers.get('location')}&lang=${locale}`))).not.toMatch(/undefined|\bNaN\b|\[object| style=/)
  })

  it('moves a team up and down among its neighbours, gives the focus back, and takes it back', async () => {
    await anOrganisation(specs)
    const before = await tree()
    const html = await follow(await post('/people/teams/order', { up: 'ae' }))
    expect(await tree()).toEqual(['/Sales:sales', 'sales/AE:sales', 'sales/SDR:sales', ...before.slice(3)])
    expect(html).toContain('is now number 1 among its neighbours')
    // AE is first now: its button up has nothing to do, so the one beside it has the focus.
    expect(html).toMatch(/name="down" value="ae" autofocus(="")? aria-describedby="tree-notice"/)
    await follow(await post('/people/teams/undo', { step: stepOn(html) }))
    expect(await tree()).toEqual(before)
    await post('/people/teams/order', { up: 'sales' }) // already first
    await post('/people/teams/order', { down: 'desk' }) // alone
    expect(await tree()).toEqual(before)
  })

  it('moves a team below another one, says how head-counts change, and takes it back', async () => {
    await anOrganisation(specs)
    const before = await tree()
    const html = await follow(await post('/people/teams/sdr', { name: 'SDR', parentId: 'office', side: 'sales' }))
    expect(await tree()).toContain('office/SDR:sales')
    const plain = html.replaceAll(/[\u2066-\u2069]/g, '')
    expect(plain).toContain('SDR now stands below Office.')
    expect([...plain.matchAll(/(\w+): (\d+) → (\d+) active people/g)].map(([, ...found]) => found)).toEqual([
      ['Sales', '9', '5'],
      ['Office', '3', '7'],
    ])
    await post('/people/teams/undo', { step: stepOn(html) })
    expect(await tree()).toEqual(before)
  })

  it('asks before a move that changes the side of teams, and gives every side back', async () => {
    await anOrganisation(specs)
    await createTeam(services(), { name: 'Field', parentId: 'office', side: 'sales' })
    const before = await tree()
    const values = { name: 'Office', parentId: 'sales', side: 'other' }
    const look = await post('/people/teams/office', values)
    const html = await look.text()
    expect([look.status, await tree()]).toEqual([200, before])
    expect([html.includes('<bdi>Desk</bdi>'), html.includes('<bdi>Field</bdi>')]).toEqual([true, false])
    const done = await follow(await post('/people/teams/office', { ...values, confirmed: 'yes' }))
    expect((await tree()).filter((team) => /Office|Desk|Field/.test(team)).every((team) => team.endsWith(':sales'))).toBe(true)
    expect(done).toContain('The side of 2 teams changed.')
    await post('/people/teams/undo', { step: stepOn(done) })
    expect(await tree()).toEqual(before)
  })

  it('does not take back what no longer fits, and says that nothing was changed', async () => {
    await anOrganisation(specs)
    const html = await follow(await post('/people/teams/desk', { name: 'Desk', parentId: '', side: 'other' }))
    await post('/people/teams/office', { name: 'Office', parentId: 'desk', side: 'other' })
    const before = await tree()
    const response = await post('/people/teams/undo', { step: stepOn(html) })
    expect([response.status, await tree()]).toEqual([409, before])
    expect(await response.text()).toContain('Nothing was changed.')
  })

  it.each([
    ['sdr', { name: ' ', parentId: 'sales', side: 'sales' }, ['Give the team a name.']],
    ['sdr', { name: 'S/D', parentId: 'sales', side: 'sales' }, ['Use another character than a slash: it separates the levels of a path.']],
    ['sdr', { name: 'ae', parentId: 'sales', side: 'sales' }, ['There is a team ae at this place already. Use another name.']],
    ['sales', { name: 'Sales', parentId: 'sdr', side: 'sales' }, ['A team cannot stand below itself.']],
    ['sdr', { name: 'SDR', parentId: 'nowhere', side: 'sales' }, ['The team above is not in the tree any more. Choose another one.']],
    ['sdr', { name: 'SDR', parentId: 'sales', side: 'other' }, ['Below Sales every team is on its side: Sales.']],
  ])('refuses a change of %s to %j beside the field, with what was entered', async (id, values, expected) => {
    await anOrganisation(specs)
    const before = await tree()
    const response = await post(`/people/teams/${id}`, values)
    const html = await response.text()
    expect([response.status, mistakes(html), await tree()]).toEqual([422, expected, before])
    expect(html).toContain(`value="${values.name}"`)
  })

  it('has the side of a new team chosen, and offers that of the team above where one can be above', async () => {
    const offered = async () => {
      const select = /<select[^>]*name="side"[\s\S]*?<\/select>/.exec(await text(get('/people/teams')))?.[0] ?? ''
      return [...select.matchAll(/<option value="([^"]*)"[^>]*>([^<]*)/g)].slice(0, 2).map(([, value, said]) => `${value}:${said}`)
    }
    expect(await offered()).toEqual([':Choose a side', 'sales:Sales'])
    await anOrganisation(specs)
    expect(await offered()).toEqual([':Choose a side', 'above:As the team above'])
    await post('/people/teams', { name: 'Presales', parentId: 'sales', side: 'above' })
    expect(await tree()).toContain('sales/Presales:sales')
    expect((await post('/people/teams', { name: 'Partners', parentId: '', side: 'above' })).status).toBe(422)
  })

  it('adds a team, and refuses one without a side beside the field', async () => {
    await anOrganisation(specs)
    const refused = await post('/people/teams', { name: 'Partners', parentId: '', side: '' })
    const html = await refused.text()
    expect([refused.status, mistakes(html), html.includes('value="Partners"')]).toEqual([
      422,
      ['Choose a side: there is no team above to take it from.'],
      true,
    ])
    expect(await follow(await post('/people/teams', { name: 'Partners', parentId: 'sales', side: '' }))).toContain('was added')
    expect(await tree()).toContain('sales/Partners:sales')
  })

  it('archives an empty team after a second look, and says what to move out of one that is not', async () => {
    await anOrganisation([...specs, { name: 'Empty', side: 'other', people: 0 }])
    const full = await text(get('/people/teams/office/archival'))
    expect([
      full.includes('href="/people?team=office"'),
      full.includes('href="/people/teams/desk"'),
      full.includes('type="submit">Archive'),
    ]).toEqual([true, true, false])
    expect((await post('/people/teams/office/archival', {})).status).toBe(409)
    expect(await text(get('/people/teams/empty/archival'))).toContain('There is no way back.')
    for (const _ of [1, 2])
      expect((await post('/people/teams/empty/archival', {})).headers.get('location')).toBe('/people/teams?done=archived')
    expect((await tree()).some((team) => team.includes('Empty'))).toBe(false)
    expect((await get('/people/teams/empty')).status).toBe(404)
  })

  it('says that an open round keeps its tree, and leaves it alone', async () => {
    const { round } = await anOpenRound()
    const frozen = async () => (await services().db.query.rounds.findFirst())?.frozen
    const before = await frozen()
    await post('/people/teams/sales', { name: 'Vendors', parentId: '', side: 'sales' })
    expect(await text(get('/people/teams'))).toContain(`Round ${round.number} is open. It keeps the tree that it started with.`)
    expect(await frozen()).toEqual(before)
  })

  it('makes nothing of an address that somebody made up', async () => {
    await anOrganisation(specs)
    for (const query of [
      'done=changed&team=sdr&step=%7B',
      'done=changed&team=sdr&step=%7B%22id%22%3A7%7D',
      'done=x&team=sdr',
      'done=changed&team=nobody&focus=x',
    ]) {
      const response = await get(`/people/teams?${query}`)
      expect([query, response.status]).toEqual([query, 200])
    }
    expect((await post('/people/teams/order', { up: 'nobody' })).status).toBe(404)
    expect((await post('/people/teams/undo', { step: '[]' })).status).toBe(303)
  })
})
