import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { locales } from '../../worker/i18n'
import { getPerson, invitees, listPeople } from '../../worker/services/people'
import { adminHeaders, fetchWorker, keyHeaders, origin, services } from './client'
import { anOpenRound, anOrganisation, answer, sameAnswers } from './factories'

let headers: Record<string, string>
beforeEach(async () => {
  headers = await adminHeaders()
})

const get = (path: string) => fetchWorker(path, { headers })
const text = async (response: Response | Promise<Response>) => (await response).text()
const post = (path: string, fields: Record<string, string> = {}) => {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  return fetchWorker(path, { method: 'POST', body, headers })
}
const follow = async (response: Response) => text(get(response.headers.get('location') ?? ''))
const mistakes = (html: string) =>
  [...html.matchAll(/<p class="why" id="(\w+)-why">(?:<svg.*?<\/svg>)?(.*?)<\/p>/g)].map(([, field, why]) => [
    field,
    why?.replaceAll(/[\u2066-\u2069]/g, ''),
  ])
const idOf = async (name: string) => (await invitees(services().db)).find((person) => person.name === name)?.personId ?? ''
const ann = { name: 'Ann Lee', email: 'ann@example.com', teamId: 'sales', locale: 'th' }

describe('the page of a person', () => {
  it.each(locales)('is there in %s, to add somebody and to correct what is known', async (locale) => {
    await anOrganisation()
    const id = await idOf('Sales 1')
    await env.DB.prepare('update people set mail_stopped_at = 1764547200000, deactivated_at = 1764547200000 where id = ?').bind(id).run()
    for (const path of ['/people/new', `/people/${id}`]) {
      const html = await text(get(`${path}?lang=${locale}`))
      expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}"`)
      expect(html).not.toMatch(/undefined|\bNaN\b|\[object| style=/)
    }
    const html = await text(post(`/people/new?lang=${locale}`, { name: '', email: 'x', teamId: '', locale: 'fr' }))
    expect(mistakes(html).map(([field]) => field)).toEqual(['name', 'email', 'teamId', 'locale'])
    expect(html).not.toMatch(/undefined|\bNaN\b|\[object| style=/)
  })

  it('adds somebody, and shows who it is', async () => {
    await anOrganisation()
    expect(await text(get('/people/new?team=marketing'))).toContain('<option value="marketing" selected')
    const html = await follow(await post('/people/new', { ...ann, email: ' Ann@Example.COM\r\n' }))
    expect(html).toContain('The person was added.')
    expect(html).toContain('value="ann@example.com"')
    expect(await getPerson(services().db, await idOf('Ann Lee'))).toMatchObject(ann)
  })

  it.each([
    [
      { email: 'ann@example.com\r\nBcc: all@example.com' },
      'email',
      'This address holds a line break or another character that cannot be seen. Type it anew.',
    ],
    [
      { email: 'Ann <ann@example.com>' },
      'email',
      'There is more here than one address. Write the address alone, such as name@example.com.',
    ],
    [
      { email: `${'x'.repeat(65)}@example.com` },
      'email',
      'No mail server takes an address of this length. Use at most 64 bytes before the @ and 254 in all.',
    ],
    [{ email: 'Sales1@ACME.example' }, 'email', 'Sales 1 has this address already.'],
    [{ name: '\u202e\u200b' }, 'name', 'The name is empty. Give every person one.'],
    [{ name: 'x'.repeat(121) }, 'name', 'The name is too long. Use at most 120 characters.'],
    [{ teamId: '' }, 'teamId', 'Choose a team: everybody is in one.'],
    [{ teamId: 'nowhere' }, 'teamId', 'This team is not in the tree any more. Choose another one.'],
    [{ locale: 'tlh' }, 'locale', 'Choose a language from the list.'],
  ])('refuses %j beside its field, and keeps what was entered', async (wrong, field, why) => {
    await anOrganisation()
    const changed = await idOf('Sales 2')
    for (const path of ['/people/new', `/people/${changed}`]) {
      const before = await env.DB.prepare('select * from people order by id').all()
      const response = await post(path, { ...ann, ...wrong })
      const html = await response.text()
      expect([response.status, mistakes(html)]).toEqual([422, [[field, why]]])
      expect(html).toContain(`href="#${field}"`)
      if (!('name' in wrong)) expect(html).toContain('value="Ann Lee"')
      expect((await env.DB.prepare('select * from people order by id').all()).results).toEqual(before.results)
    }
  })

  it('leads to whoever has an address', async () => {
    await anOrganisation()
    const html = await text(post('/people/new', { ...ann, email: 'sales1@acme.example' }))
    expect(html).toContain(`href="/people/${await idOf('Sales 1')}"`)
  })

  it('says before and after that another address ends a link, the same for those who answered', async () => {
    const { invitations, items } = await anOpenRound()
    const [first, second] = invitations
    if (!first || !second) throw new Error('nobody is invited')
    await answer(first.url, sameAnswers(items, 4))
    const said = await Promise.all(
      [first, second].map(async ({ personId, name }, index) => {
        const before = await text(get(`/people/${personId}`))
        const email = `other${index}@acme.example`
        const after = await follow(await post(`/people/${personId}`, { ...ann, name, email }))
        const hide = (html: string) =>
          html
            .replaceAll(personId, '*')
            .replaceAll(name, '*')
            .replaceAll(/other\d|\w+@acme/g, '*')
            .replaceAll(/nonce="[^"]+"/g, '')
        return [hide(before), hide(after)]
      }),
    )
    expect(said[0]?.[0]).toContain('is open. With another address, a link that went to this one ends')
    expect(said[0]?.[1]).toContain('a link that went to the old address no longer works')
    expect(said[1]?.[1]).toBe(said[0]?.[1])
  })

  it('leaves somebody out of the next rounds and takes them in again, once their team is there', async () => {
    await anOrganisation()
    const id = await idOf('Sales 1')
    expect(await follow(await post(`/people/${id}/deactivation`))).toContain('The person was deactivated.')
    expect(await idOf('Sales 1')).toBe('')
    expect(await text(get('/people?state=deactivated'))).toContain('Sales 1')
    await env.DB.prepare("update teams set archived_at = 1 where id = 'sales'").run()
    const refused = await post(`/people/${id}/reactivation`)
    expect([refused.status, mistakes(await refused.text())[0]?.[0]]).toEqual([422, 'teamId'])
    await env.DB.prepare("update teams set archived_at = null where id = 'sales'").run()
    expect(await follow(await post(`/people/${id}/reactivation`))).toContain('The person is active again.')
    expect(await idOf('Sales 1')).toBe(id)
  })

  it('shows who asked not to be written to, and offers nobody to lift it', async () => {
    await anOrganisation()
    const id = await idOf('Sales 1')
    await env.DB.prepare('update people set mail_stopped_at = 1764547200000 where id = ?').bind(id).run()
    const html = await text(get(`/people/${id}`))
    expect(html).toContain('Asked on 1 December 2025 not to be written to. Only this person can take that back')
    await post(`/people/${id}`, { ...ann, mailStoppedAt: '' })
    expect((await getPerson(services().db, id)).mailStoppedAt).toBe('2025-12-01T00:00:00.000Z')
    const list = await text(get('/people?state=mail-stopped'))
    expect([list.includes('Ann Lee'), list.includes('Sales 2'), list.includes('wants no messages')]).toEqual([true, false, true])
  })

  it('is for administrators, and only where somebody is', async () => {
    await anOrganisation()
    const id = await idOf('Sales 1')
    const reader = { ...(await keyHeaders('reader')), Origin: origin }
    for (const [method, path] of [
      ['GET', `/people/${id}`],
      ['POST', `/people/${id}`],
      ['POST', `/people/${id}/deactivation`],
      ['POST', '/people/new'],
      ['GET', '/people/teams'],
    ] as const) {
      const response = await fetchWorker(path, { method, headers: reader })
      expect([method, path, response.status]).toEqual([method, path, 403])
    }
    for (const path of ['/people/nobody', '/people/nobody/deletion']) expect((await get(path)).status).toBe(404)
    expect((await post('/people/nobody', ann)).status).toBe(404)
    expect((await listPeople(services().db)).total).toBe(12)
  })
})

describe('an empty list', () => {
  it.each([
    ['search=zzz', 'Nobody matches. Try part of a name or an address.', 'href="/people"'],
    ['state=deactivated', 'Nobody is deactivated.', 'href="/people"'],
    ['state=mail-stopped', 'Nobody asked not to be written to.', 'href="/people"'],
    ['team=empty', 'Nobody is in this team yet.', 'href="/people/new?team=empty"'],
  ])('for %s says why, and what to do', async (query, why, link) => {
    await anOrganisation([
      { name: 'Sales', side: 'sales', people: 2 },
      { name: 'Empty', side: 'other', people: 0 },
    ])
    const html = await text(get(`/people?${query}`))
    expect(html).toContain(why)
    expect(html.slice(html.indexOf(why))).toContain(link)
  })

  it('is not what follows somebody who was deleted: the first page is', async () => {
    await anOrganisation()
    expect(await text(get('/people?cursor=nobody'))).toContain('Marketing 1')
  })
})
