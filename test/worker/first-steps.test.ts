import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { addDays, dayOf } from '../../worker/core/calendar'
import { locales } from '../../worker/i18n'
import { createSignInLink } from '../../worker/services/access'
import { addClause } from '../../worker/services/clauses'
import { createRound } from '../../worker/services/rounds'
import { get, post, textAt } from './browsing'
import { aSource, mondays } from './clause-facts'
import { fetchWorker, keyHeaders, services } from './client'
import { anOrganisation, postJson } from './factories'

/** The state of each step as the page shows it, and the one that comes next. */
async function stepsShown() {
  const html = await textAt('/first-steps')
  const items = [...html.matchAll(/<li class="(done|skipped|open)"( aria-current="step")?>/g)]
  return { states: items.map(([, state]) => state), next: items.findIndex(([, , current]) => current), html }
}
const led = async (path: string) => (await textAt(path)).includes('class="led"')

const landing = async () => {
  const { url } = await createSignInLink(services())
  const response = await postJson('/api/v1/sessions', { token: new URL(url).hash.slice(1) })
  return (await response.json<{ next: string }>()).next
}

describe('the first steps of an administrator without data', () => {
  it('lead from nothing to the first round, in their order', async () => {
    expect(await landing()).toBe('/first-steps')
    const start = await stepsShown()
    expect([start.states, start.next]).toEqual([Array(5).fill('open'), 0])
    expect(start.html).toContain('About 24 minutes are left')
    expect(start.html).toContain('action="/settings/sample/steps"')
    expect(await led('/people')).toBe(true)

    await anOrganisation()
    const people = await stepsShown()
    expect([people.states[0], people.next]).toEqual(['done', 1])
    expect(people.html).not.toContain('action="/settings/sample/steps"') // it needs an empty organisation

    await post('/first-steps/survey', {})
    expect((await stepsShown()).next).toBe(2)
    await aSource(new Date().toISOString())
    expect((await stepsShown()).next).toBe(3)
    await addClause(services(), mondays, addDays(dayOf(new Date(), 'UTC'), 1))
    expect((await stepsShown()).next).toBe(4)
    await createRound(services(), { period: '2026-11' })

    const end = await stepsShown()
    expect([end.states, end.next]).toEqual([Array(5).fill('done'), -1])
    expect([await landing(), await led('/people')]).toEqual(['/overview', false])
  })

  it('can be skipped, taken up again, hidden and shown', async () => {
    await post('/first-steps/people/skip', {})
    const skipped = await stepsShown()
    expect([skipped.states[0], skipped.next]).toEqual(['skipped', 1])
    await post('/first-steps/people/resumption', {})
    expect((await stepsShown()).states[0]).toBe('open')
    await post('/first-steps/hiding', {})
    expect([await landing(), await led('/survey')]).toEqual(['/overview', false])
    await post('/first-steps/showing', {})
    expect([await landing(), await led('/survey')]).toEqual(['/first-steps', true])
    expect((await post('/first-steps/unknown/skip', {})).status).toBe(404)
  })

  it('do not count what nobody finished: a draft of a source, people who left', async () => {
    await anOrganisation()
    await aSource(new Date().toISOString())
    await env.DB.batch([
      env.DB.prepare("update sources set state = 'draft'"),
      env.DB.prepare('update people set deactivated_at = ?').bind(Date.now()),
    ])
    expect((await stepsShown()).states).toEqual(Array(5).fill('open'))
  })

  it('are none of a leader, and none of the sample', async () => {
    const headers = await keyHeaders('reader')
    expect((await fetchWorker('/first-steps', { headers })).status).toBe(403)
    expect((await fetchWorker('/first-steps/hiding', { method: 'POST', headers })).status).toBe(403)
    await post('/settings/sample/steps', {})
    expect(await textAt('/first-steps')).toContain('/settings/sample/removal')
    expect([await landing(), await led('/people')]).toEqual(['/overview', false])
  })

  it.each(locales)('are in %s', async (locale) => {
    await post('/first-steps/people/skip', {})
    await aSource(new Date().toISOString())
    const response = await get(`/first-steps?lang=${locale}`)
    const html = await response.text()
    expect([response.status, html.includes(`lang="${locale}"`)]).toEqual([200, true])
    expect(html).not.toMatch(/style=|undefined|\bNaN\b|\[object/)
  })
})
