import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { longestRetention } from '../../worker/core/retention'
import { readSettings } from '../../worker/db/settings'
import { locales } from '../../worker/i18n'
import { addEvent } from '../../worker/services/events'
import { importPeople } from '../../worker/services/people'
import { adminHeaders, fetchWorker, services } from './client'

let headers: Record<string, string>
beforeEach(async () => {
  headers = await adminHeaders()
})

const get = (path: string) => fetchWorker(path, { headers })
const post = (path: string, fields: Record<string, string> = {}) =>
  fetchWorker(path, { method: 'POST', headers, body: new URLSearchParams(fields) })
const longest = { commentMonths: '24', inactivePeopleDays: '180', importErrorDays: '90' }
const organisation = { organisationName: 'Alder', timeZone: 'Europe/Berlin', currency: 'EUR', locale: 'ms', minimumGroupSize: '7' }

describe('the settings page', () => {
  it.each(locales)('is in %s, in its direction, without inline styles', async (locale) => {
    await addEvent(services(), { day: '2026-06-15', name: 'SLA signed' })
    await post('/settings/api-keys', { keyName: 'Nightly', role: 'importer', expiry: '' })
    const response = await get(`/settings?lang=${locale}`)
    const html = await response.text()
    expect(response.status).toBe(200)
    expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}"`)
    expect(html).not.toMatch(/style=|undefined|\[object/)
    expect(html).toContain('<bdi>Nightly</bdi>')
    expect(html).not.toMatch(/plk_/)
  })

  it('saves what holds for the organisation', async () => {
    const response = await post('/settings', organisation)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/settings?done=saved'])
    expect(await readSettings(services().db)).toMatchObject({ ...organisation, minimumGroupSize: 7 })
    expect(await (await get('/settings?done=saved')).text()).toContain('Saved.')
  })

  it.each([
    ['organisationName', ' '],
    ['organisationName', 'x'.repeat(121)],
    ['timeZone', 'Mars/Base'],
    ['currency', 'XXQ'],
    ['locale', 'xx'],
    ['minimumGroupSize', '2'],
    ['minimumGroupSize', '21'],
    ['minimumGroupSize', '5.5'],
    ['minimumGroupSize', ''],
  ])('gives %s back when it is %j, with the reason and what else was typed', async (field, value) => {
    const response = await post('/settings', { ...organisation, [field]: value })
    const html = await response.text()
    expect(response.status).toBe(422)
    expect(html).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="${field}"`))
    expect(html).toContain(`href="#${field}"`)
    if (field !== 'organisationName') expect(html).toContain('value="Alder"')
    if (field !== 'minimumGroupSize') expect(html).toContain('value="7"')
    expect(await readSettings(services().db)).toMatchObject({ organisationName: '', minimumGroupSize: 5 })
  })

  const asked = (terms: Record<string, string>) => get(`/settings/retention?${new URLSearchParams({ ...longest, ...terms })}`)

  it.each([
    ['commentMonths', '25'],
    ['inactivePeopleDays', '181'],
    ['importErrorDays', '0'],
    ['importErrorDays', '1.5'],
    ['commentMonths', ''],
    ['commentMonths', '-3'],
  ])('keeps %s from becoming %j, and gives the form back filled in', async (field, value) => {
    for (const response of [await asked({ [field]: value }), await post('/settings/retention', { ...longest, [field]: value })]) {
      const html = await response.text()
      expect(response.status).toBe(422)
      expect(html).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="${field}"`))
      expect(html).toContain(`href="#${field}"`)
      expect(html).toContain(`value="${value}"`)
      expect(html).toContain('cannot be made longer')
    }
    expect((await readSettings(services().db)).retention).toEqual(longestRetention)
  })

  it('shortens a term after a second look that counts what goes, and never makes it longer again', async () => {
    await importPeople(services(), 'email,name,team,side,locale\nann@example.com,Ann,Sales,sales,en', { dryRun: false, mode: 'partial' })
    await env.DB.prepare('update people set deactivated_at = ?')
      .bind(Date.now() - 40 * 86_400_000)
      .run()
    for (const locale of locales) {
      const html = await (
        await get(`/settings/retention?${new URLSearchParams({ ...longest, inactivePeopleDays: '30', lang: locale })}`)
      ).text()
      expect(html).not.toMatch(/style=|undefined|\bNaN\b|\[object/)
      expect(html).toContain('name="inactivePeopleDays" value="30"')
    }
    const html = await (await asked({ inactivePeopleDays: '30' })).text()
    expect(html).toContain('1 deactivated person')
    expect(html).toContain('There is no way back')
    expect(html).toContain('180 days')
    expect(html).not.toContain('months after its publication') // of what changes alone
    expect((await readSettings(services().db)).retention).toEqual(longestRetention) // asking changes nothing
    const response = await post('/settings/retention', { ...longest, inactivePeopleDays: '30' })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/settings?done=shortened'])
    expect((await readSettings(services().db)).retention).toEqual({ ...longestRetention, inactivePeopleDays: 30 })
    expect((await post('/settings/retention', { ...longest, inactivePeopleDays: '31' })).status).toBe(422)
    expect(await (await get('/settings')).text()).toContain('From 1 to 30.')
  })

  it('says that nothing is old enough, and that nothing changed', async () => {
    expect(await (await asked({ commentMonths: '1' })).text()).toContain('Nothing is that old yet.')
    expect((await asked({})).headers.get('location')).toBe('/settings?done=same')
  })

  it('shows an unknown message for nothing that an address says', async () => {
    expect(await (await get('/settings?done=constructor')).text()).not.toContain('class="done"')
  })

  it('says where everything is set, and how much there is of it', async () => {
    await addEvent(services(), { day: '2026-06-15', name: 'SLA signed' })
    const html = await (await get('/settings')).text()
    const index = /<nav class="index".*?<\/nav>/s.exec(html)?.[0] ?? ''
    const addresses = [...index.matchAll(/href="([^"]*)"/g)].map(([, address = '']) => address)
    for (const address of addresses) {
      if (address.startsWith('#')) expect(html).toContain(`id="${address.slice(1)}"`)
      else expect([address, (await get(address)).status]).toEqual([address, 200])
    }
    expect(index).toContain('1 event')
    expect(addresses.length).toBeGreaterThan(15)
  })

  it('shows a new key once, and revokes it', async () => {
    const made = await (await post('/settings/api-keys', { keyName: 'Nightly', role: 'importer', expiry: '' })).text()
    const key = /plk_[A-Za-z0-9]+_[\w-]{43}/.exec(made)?.[0] ?? ''
    expect((await fetchWorker('/api/v1/settings', { headers: { Authorization: `Bearer ${key}` } })).status).toBe(403)
    const later = await (await get('/settings')).text()
    expect(later).not.toContain(key)
    const action = /\/settings\/api-keys\/[^/]+\/revocation/.exec(later)?.[0] ?? ''
    expect((await post(action)).status).toBe(303)
    expect((await fetchWorker('/api/v1/settings', { headers: { Authorization: `Bearer ${key}` } })).status).toBe(401)
    expect(await (await get('/settings')).text()).not.toContain('/revocation')
  })

  it.each([
    ['keyName', ''],
    ['role', 'admin'],
    ['expiry', '2020-01-01'],
    ['expiry', '31.12.2099'],
  ])('makes no key with %s %j', async (field, value) => {
    const response = await post('/settings/api-keys', { keyName: 'x', role: 'reader', expiry: '', [field]: value })
    expect([response.status, (await response.text()).includes(`id="${field}-why"`)]).toEqual([422, true])
  })

  it('ends the session', async () => {
    const response = await post('/settings/session/end')
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sign-in'])
    expect((await get('/settings')).headers.get('location')).toBe('/sign-in')
  })
})

describe('the sample on the settings page', () => {
  it('is offered to an empty organisation and loads a step at a time', async () => {
    expect(await (await get('/settings')).text()).toContain('action="/settings/sample/steps"')
    const step = await post('/settings/sample/steps')
    expect([step.status, step.headers.get('location')]).toEqual([303, '/settings/sample'])
    const html = await (await get('/settings/sample')).text()
    expect(html).toContain('Step 2 of 16')
    expect(html).toContain('data-proceed="0"')
    expect(html).toContain('Sample data')
  })

  it('is not offered to an organisation with people, and a posted form changes nothing', async () => {
    await importPeople(services(), 'email,name,team,side,locale\nann@example.com,Ann,Sales,sales,en', { dryRun: false, mode: 'partial' })
    const html = await (await get('/settings')).text()
    expect(html).not.toContain('/settings/sample/steps')
    expect(html).toContain('needs an empty organisation')
    expect((await post('/settings/sample/steps')).headers.get('location')).toBe('/settings#sample')
    expect((await readSettings(services().db)).sample).toBeNull()
  })

  it('is removed after a page that counts what goes', async () => {
    await post('/settings/sample/steps')
    await env.DB.prepare("insert into clauses (id, version, from_day, body, created_at) values ('c', 1, '2026-09-07', '{}', 0)").run()
    const html = await (await get('/settings/sample/removal')).text()
    expect(html).toContain('58 people')
    expect(html).toContain('2 teams')
    expect(html).toContain('1 SLA clause')
    const removed = await post('/settings/sample/removal')
    expect(removed.headers.get('location')).toBe('/settings?done=removed')
    expect((await readSettings(services().db)).organisationName).toBe('')
    expect(await env.DB.prepare('select count(*) as n from clauses').first('n')).toBe(0)
    expect((await get('/settings/sample/removal')).headers.get('location')).toBe('/settings#sample')
  })
})
