import type { BatchItem } from 'drizzle-orm/batch'
import { beforeEach, describe, expect, it } from 'vitest'
import { samplePeople } from '../../worker/core/sample-organisation'
import { writeSettings } from '../../worker/db/settings'
import { locales, messagesOf } from '../../worker/i18n'
import { participation } from '../../worker/services/participation'
import { importPeople } from '../../worker/services/people'
import { createRound, listRounds, openRound } from '../../worker/services/rounds'
import { sampleStep, sampleSteps } from '../../worker/services/sample'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { anOpenRound, closeNow, twoSides } from './factories'

let headers: Record<string, string>
beforeEach(async () => {
  headers = await adminHeaders()
})

const get = async (path: string) => {
  const response = await fetchWorker(path, { headers })
  return { status: response.status, location: response.headers.get('location'), html: await response.text() }
}
const post = async (path: string, fields: Record<string, string> = {}) => {
  const response = await fetchWorker(path, { method: 'POST', headers, body: new URLSearchParams(fields) })
  return { status: response.status, location: response.headers.get('location'), html: await response.text() }
}

const period = () => services().now.toISOString().slice(0, 7)
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)

/** People of the sample: teams that stand alone, and two that are too small to. */
const withPeople = () => {
  const rows = samplePeople.map(({ email, name, team, side, locale }) => [email, name, team, side, locale].join(','))
  return importPeople(services(), ['email,name,team,side,locale', ...rows].join('\n'), { dryRun: false, mode: 'partial' })
}

/** Six people in one team: one key, quickly made. */
const withOneTeam = () => {
  const rows = Array.from({ length: 6 }, (_, index) => `p${index}@example.com,P${index},Sales,sales,en`)
  return importPeople(services(), ['email,name,team,side,locale', ...rows].join('\n'), { dryRun: false, mode: 'partial' })
}

/** The sample with its first round held after the sides were divided into teams, as if those before it had been. */
async function withARoundOfTeams() {
  const { db } = services()
  await sampleStep(services())
  const teams = sampleSteps.findIndex(({ kind }) => kind === 'teams')
  await db.batch(
    writeSettings(db, { sample: { state: 'loading', step: teams, startedAt: Date.now(), claimedAt: null } }) as [BatchItem<'sqlite'>],
  )
  for (let step = 0; step < 2; step++) await sampleStep(services())
}

describe('the list of rounds', () => {
  it('asks for people first, then offers a round with sensible defaults', async () => {
    const { html: empty } = await get('/rounds')
    expect(empty).toContain('First, who is asked?')
    expect(empty).not.toContain('Newest first.')
    await withPeople()
    const { html } = await get('/rounds')
    expect(html).toContain('No round yet')
    expect(html).toContain(`<option value="${period()}" selected="">`)
    expect(html).toMatch(/type="date" min="[\d-]+" value="\d{4}-\d\d-\d\d"/)
  })

  it('schedules a round and leads to what opening it does', async () => {
    await withPeople()
    const scheduled = await post('/rounds', { period: period(), closing: tomorrow() })
    expect(scheduled.status).toBe(303)
    const { html } = await get(scheduled.location ?? '')
    expect(html).toContain('58 people are invited, in 7 groups')
    expect(html).toMatch(/\u2068Product marketing\u2069 answers with \u2068Marketing\u2069/)
    expect(html).toContain('14 statements')
    expect(html).toContain('minimum group size, 5')
    expect((await get('/rounds')).html).not.toContain('name="period"')
  })

  it.each([
    ['period', '2019-01'],
    ['period', ''],
    ['closing', '2020-01-01'],
    ['closing', 'soon'],
  ])('gives the form back when %s is %j', async (field, value) => {
    await withPeople()
    const { status, html } = await post('/rounds', { period: period(), closing: tomorrow(), [field]: value })
    expect([status, html.includes(`id="${field}-why"`)]).toEqual([422, true])
    expect(await listRounds(services().db)).toEqual([])
  })

  it('says why a round cannot be opened: too few people', async () => {
    await importPeople(services(), 'email,name,team,side,locale\nann@example.com,Ann,Sales,sales,en', { dryRun: false, mode: 'partial' })
    const { id } = await createRound(services(), { period: period() })
    const { status, html } = await get(`/rounds/${id}`)
    expect([status, html.includes('Too few people: at least 5')]).toEqual([200, true])
    expect(html).not.toContain('/opening"')
    expect((await post(`/rounds/${id}/opening`)).location).toBe(`/rounds/${id}`)
  })

  it('says why a round cannot be opened: another one is', async () => {
    await withOneTeam()
    const first = await createRound(services(), { period: period() })
    await openRound(services(), first.id)
    const { id } = await createRound(services(), { period: period() })
    expect((await get(`/rounds/${id}`)).html).toContain('is still open')
  })

  it('shows what does not exist as not found', async () => {
    expect((await get('/rounds/nothing')).status).toBe(404)
  })

  it('is closed to a key that may not read rounds, and gives a reader no buttons', async () => {
    await withPeople()
    const as = async (role: 'importer' | 'reader') => fetchWorker('/rounds', { headers: await keyHeaders(role) })
    expect((await as('importer')).status).toBe(403)
    const reader = await as('reader')
    expect([reader.status, (await reader.text()).includes('name="period"')]).toEqual([200, false])
  })
})

describe('opening', () => {
  it('shows each personal link once, as a table and as a file', { timeout: 90_000 }, async () => {
    await withPeople()
    const { id } = await createRound(services(), { period: period() })
    const { status, html } = await post(`/rounds/${id}/opening`)
    expect(status).toBe(200)
    const links = html.match(/http:\/\/127\.0\.0\.1:8787\/s\/[\w-]{22}\?lang=\w\w#c\d+\.[\w-]{43}/g) ?? []
    expect([links.length, new Set(links).size]).toEqual([58, 58])
    const file = decodeURIComponent(/href="data:text\/csv;charset=utf-8,([^"]+)"/.exec(html)?.[1] ?? '')
    expect(file.trim().split(/\r?\n/)).toHaveLength(59)
    for (const link of links) expect(file).toContain(link)
    expect(html).toContain('<bdi>Noor Vandersteen</bdi>')

    const again = await post(`/rounds/${id}/opening`)
    expect([again.status, again.location]).toEqual([303, `/rounds/${id}`])
    expect((await get(`/rounds/${id}`)).html).not.toMatch(/#c\d+\./)
  })
})

describe('closing', () => {
  it('asks first, then publishes and leads to the result', async () => {
    await withOneTeam()
    const { id } = await createRound(services(), { period: period() })
    await openRound(services(), id)
    const asked = await get(`/rounds/${id}/closure`)
    expect(asked.html).toContain('Closing counts the 0 ballots')
    const closed = await post(`/rounds/${id}/closure`)
    expect([closed.status, closed.location]).toEqual([303, `/rounds/${id}?done=closed`])
    const { html } = await get(closed.location ?? '')
    expect(html).toContain('role="status"')
    expect(html).toContain('fewer than 5 answered: nothing can be published')
    expect((await get(`/rounds/${id}/closure`)).location).toBe(`/rounds/${id}`)
    expect((await post(`/rounds/${id}/closure`)).status).toBe(303)
  })
})

describe('a closed round', () => {
  it('shows every published figure with its n, hidden cells in words and how it was made, in four languages', {
    timeout: 90_000,
  }, async () => {
    await withARoundOfTeams()
    const [round] = await listRounds(services().db)
    const { result } = await closeNow(services(), round?.id ?? '')
    for (const locale of locales) {
      const { status, html } = await get(`/rounds/${round?.id}?lang=${locale}`)
      expect(status).toBe(200)
      expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}"`)
      expect(html).not.toMatch(/style=|undefined|\[object|\bNaN\b/)
      for (const node of result.nodes) expect(html).toContain(node.name)
    }
    const { html } = await get(`/rounds/${round?.id}?lang=en&team=all`)
    expect(html).toContain(`${result.n} of 58 people answered`)
    expect(html).toContain('Lead quality')
    expect(html).toContain(result.methodVersion)
    expect(html).toContain('The ballots, the comments’ slots, the private keys')
    expect(result.comments.length).toBeGreaterThan(0)
    for (const comment of result.comments) expect(html).toContain(`<bdi>${comment}</bdi>`)
    expect(html).toContain('Hidden: fewer than 5 answers')
  })
})

describe('an open round', () => {
  it('is shown in four languages, with participation and nothing else', async () => {
    await withOneTeam()
    const { id } = await createRound(services(), { period: period() })
    await openRound(services(), id)
    const groups = await participation(services().db, id)
    expect(groups.map(({ group, answered }) => [group, answered])).toEqual([
      ['', 0],
      ['Sales', 0],
    ])
    for (const path of ['/rounds', `/rounds/${id}`, `/rounds/${id}/closure`]) {
      for (const locale of locales) {
        const { status, html } = await get(`${path}?lang=${locale}`)
        expect([status, /style=|undefined|\[object|\bNaN\b/.test(html)]).toEqual([200, false])
      }
    }
    const { html } = await get(`/rounds/${id}?lang=en`)
    for (const name of ['<span class="below-0"><bdi>Whole company', '<span class="below-1"><bdi>Sales']) {
      expect(html).toContain(`${name}</bdi></span></th><td class="num">6</td><td class="num">0</td>`)
    }
    expect(html).not.toContain('Favourability')
  })

  it('says which teams are counted with a larger group, so that the groups add up', async () => {
    const { id } = (await anOpenRound([...twoSides, { name: 'Ops', side: 'sales', people: 2, parent: 'Sales' }])).round
    const { html } = await get(`/rounds/${id}?lang=en`)
    expect(html).toContain(messagesOf('en').roundsPage.mergedInto('\u2068Ops\u2069', '\u2068Sales\u2069'))
  })
})
