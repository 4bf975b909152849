import { Hono } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import { api, respondentApi } from '../../worker/app'
import type { AppEnv } from '../../worker/context'
import { messagesOf } from '../../worker/i18n'
import { pages } from '../../worker/pages'
import { addressOf, askedIn, id, month, oneOf, whole } from '../../worker/pages/query'
import type { Problem } from '../../worker/problem'
import { adminHeaders, fetchWorker } from './client'
import { publishRound } from './published-rounds'

const en = messagesOf('en')
const { asked: texts } = en.explore

describe('askedIn', () => {
  const reader = new Hono<AppEnv>()
    .use(async (c, next) => {
      c.set('locale', 'en')
      await next()
    })
    .get('/', (c) => c.json(askedIn(c, { from: month(en), round: whole(en), side: oneOf(en, ['sales', 'marketing']), team: id() })))
  const asked = async (query: string) => (await reader.request(`/?${query}`)).json()

  it('keeps what can be used, and says of each of the others what would be right', async () => {
    expect(await asked('from=2026-13&round=0x1f&side=support&team=t1&lang=ar&utm=1')).toEqual({
      values: { team: 't1' },
      given: { from: '2026-13', round: '0x1f', side: 'support', team: 't1' },
      mistakes: [
        { field: 'from', reason: texts.month },
        { field: 'round', reason: texts.whole },
        { field: 'side', reason: texts.choice },
      ],
    })
  })

  it('takes an empty parameter for one that was not chosen, and refuses one that is there twice', async () => {
    expect(await asked('from=&round=3')).toEqual({ values: { round: 3 }, given: { round: '3' }, mistakes: [] })
    expect(await asked('round=3&round=4')).toMatchObject({ mistakes: [{ field: 'round', reason: texts.once }] })
  })

  it('shows again what was sent, but not endlessly, and nothing that acts beyond its field', async () => {
    const { given } = (await asked(`from=${encodeURIComponent('\u202ea\0b\n')}&round=${'9'.repeat(10_000)}`)) as {
      given: Record<string, string>
    }
    expect(given).toEqual({ from: 'ab', round: '9'.repeat(200) })
  })
})

describe('addressOf', () => {
  it('leaves out what is not chosen, and escapes the rest', () => {
    expect(addressOf('/explore', { from: '', team: undefined, round: 12, side: 'a&b' })).toBe('/explore?round=12&side=a%26b')
    expect(addressOf('/explore', {})).toBe('/explore')
  })
})

/** A parameter of a page or a route that reads, and what it takes: what else is sent is refused. */
const parameters: Readonly<
  Record<string, Readonly<Record<string, 'round' | 'month' | 'day' | 'period' | 'choice' | 'team' | 'id' | 'limit'>>>
> = {
  '/overview': { round: 'round' },
  '/definitions': { round: 'round' },
  '/rounds': { before: 'limit' },
  '/explore': { from: 'month', to: 'month', round: 'round', team: 'team', side: 'choice' },
  '/explore/pillars/perception': { from: 'month', to: 'month', round: 'round', team: 'team', side: 'choice' },
  '/explore/themes/goals': { from: 'month', to: 'month', round: 'round', team: 'team', side: 'choice' },
  '/explore/items/headline': { from: 'month', to: 'month', round: 'round', team: 'team', side: 'choice' },
  '/explore/kpis/cac': { from: 'month', to: 'month' },
  '/explore/kpis/cac.csv': { from: 'month', to: 'month' },
  '/kpis': { grain: 'choice', by: 'choice', until: 'day' },
  '/kpis/metrics/cac': { grain: 'choice', by: 'choice', of: 'choice', basis: 'choice', window: 'choice', from: 'day', until: 'day' },
  '/kpis/metrics/cac.csv': { grain: 'choice', by: 'choice', from: 'day', until: 'day' },
  '/rounds/r2/comparison': { with: 'id', team: 'id' },
  '/kpis/funnel': { from: 'day', to: 'day', path: 'choice', source: 'choice' },
  '/kpis/attribution': { from: 'month', to: 'month', model: 'choice' },
  '/kpis/sla/clauses/new': { kind: 'id' },
  '/people': { team: 'id', state: 'id' },
  '/people/new': { team: 'id' },
  '/settings/sharing': { path: 'id' },
  '/settings/digest/message.html': { language: 'id' },
  '/api/v1/rounds': { cursor: 'limit', limit: 'limit' },
  '/api/v1/scores': { from: 'month', to: 'month', cursor: 'limit', limit: 'limit' },
  '/api/v1/events': { from: 'day', to: 'day', cursor: 'choice', limit: 'limit' },
  '/api/v1/metrics/cac/observations': { grain: 'choice', by: 'choice', from: 'period', to: 'period', basis: 'choice', window: 'choice' },
  '/api/v1/funnel': { from: 'day', to: 'day', path: 'choice', source: 'choice' },
  '/api/v1/attribution': { from: 'month', to: 'month', model: 'choice' },
  '/api/v1/rounds/r2/result': { lang: 'choice' },
  '/api/v1/digest/preview': { lang: 'choice' },
  '/api/v1/definitions': { round: 'round', lang: 'choice' },
}

/** The first two everywhere, the others in turn. */
const hostile = ['unknown', '<script>alert(1)</script>', '0x1f', '-1', 'a'.repeat(10_000), 'a\0b\u202ec', '" onfocus="alert(1)']

const isEchoed = (body: string) => /<script>alert|" onfocus|\u202e|\0|a{300}/.test(body)

/** Names that forms, messages and ways back use; what they carry means something on one page only. */
const others = ['after', 'added', 'at', 'back', 'clause', 'cohort', 'done', 'focus', 'in', 'search', 'step', 'version', 'waiting']

describe('what an address asks for', () => {
  it('is refused on every page and route where it means nothing, and stands nowhere but in its field', async () => {
    for (let number = 1; number <= 2; number++) await publishRound(number)
    const headers = await adminHeaders()
    const wrong: string[] = []
    let turn = 0
    const look = async (address: string, expected: readonly number[]) => {
      const response = await fetchWorker(address, { headers })
      const body = await response.text()
      const short = address.slice(0, 120)
      if (!expected.includes(response.status)) wrong.push(`${response.status}, not ${expected.join(' or ')}: ${short}`)
      if (isEchoed(body)) wrong.push(`echoed: ${short}`)
    }
    for (const [path, taken] of Object.entries(parameters)) {
      await look(path, [200])
      for (const [name, kind] of Object.entries(taken)) {
        const [first = '', second = '', ...others] = hostile
        for (const value of [first, second, others[turn++ % others.length] ?? ''])
          await look(`${path}?${new URLSearchParams({ [name]: value })}`, [kind === 'team' || kind === 'id' ? 404 : 422])
        await look(`${path}?${name}=1&${name}=1`, [kind === 'id' ? 404 : 422])
        if (kind === 'round') await look(`${path}?${name}=99`, [404])
      }
      if ('from' in taken && 'to' in taken) {
        const [from, to] = taken.from === 'day' ? ['2026-05-02', '2026-05-01'] : ['2026-05', '2026-04']
        await look(`${path}?from=${from}&to=${to}`, [422])
      }
    }
    for (const path of [
      '/explore/pillars/people',
      '/explore/themes/unknown',
      '/explore/items/unknown',
      '/explore/items/<script>alert(1)</script>',
      '/explore/kpis/unknown',
      '/explore/kpis/own-unknown',
      '/kpis/metrics/unknown',
      '/rounds/unknown',
      '/api/v1/rounds/unknown/result',
      '/api/v1/metrics/unknown/observations',
      `/explore/items/${'a'.repeat(3_000)}`,
    ]) {
      await look(path, [404])
    }
    await look('/explore?from=2026-01&to=2026-01&round=2', [422])
    await look('/explore?team=ae&side=sales', [422])
    expect(wrong).toEqual([])
  }, 60_000)

  it('has no effect beyond its field on any page that there is', async () => {
    await publishRound(1)
    const headers = await adminHeaders()
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const names = [...new Set([...Object.values(parameters).flatMap(Object.keys), ...others])]
    const paths = new Set(pages.routes.filter(({ method }) => method === 'GET').map(({ path }) => path))
    expect(paths.size).toBeGreaterThan(80)
    const wrong: string[] = []
    for (const path of paths) {
      for (const value of [hostile.slice(1, 4).join(''), hostile.slice(4).join('')]) {
        const query = new URLSearchParams(names.map((name) => [name, value]))
        const response = await fetchWorker(`${path.replaceAll(/:\w+|\*/g, 'r1')}?${query}`, { headers })
        const short = `${response.status} ${path} ${value.slice(0, 20)}`
        if (response.status >= 500) wrong.push(short)
        if (isEchoed(await response.text())) wrong.push(`echoed: ${short}`)
      }
    }
    expect(wrong).toEqual([])
    expect(logged.mock.calls).toEqual([])
  }, 60_000)

  it('is refused by every route of the staff’s API that does not know its name', async () => {
    const wrong: string[] = []
    const admin = await adminHeaders()
    const ofRespondents = new Set(respondentApi.routes.map(({ method, path }) => `${method} ${path}`))
    const routes = api.routes.filter(({ method, path }) => method !== 'ALL' && !ofRespondents.has(`${method} ${path}`))
    for (const { method, path } of routes) {
      const body = method === 'GET' || method === 'DELETE' ? null : '{}'
      const headers = { ...admin, 'Content-Type': path === '/people/imports' ? 'text/csv' : 'application/json' }
      const response = await fetchWorker(`/api/v1${path.replaceAll(/:\w+/g, 'unknown')}?surprise=1`, { method, headers, body })
      const { errors } = await response.json<Problem>()
      if (response.status !== 422 || !errors?.some(({ pointer }) => pointer === 'query/surprise'))
        wrong.push(`${response.status} ${method} ${path}`)
    }
    expect(wrong).toEqual([])
    expect((await fetchWorker('/api/v1/nowhere?surprise=1', { headers: admin })).status).toBe(404)
  })

  it('answers for a hidden team as for one that does not exist: the same status, and the same page', async () => {
    await publishRound(1)
    const headers = await adminHeaders()
    const answers = await Promise.all(
      ['', '/pillars/perception', '/themes/goals', '/items/headline'].map(async (below) =>
        Promise.all(
          ['sdr', 'field', 'nobody'].map(async (team) => {
            const response = await fetchWorker(`/explore${below}?team=${team}`, { headers })
            return `${response.status} ${(await response.text()).replaceAll(/nonce="[^"]*"/g, '')}`
          }),
        ),
      ),
    )
    for (const [tooFew, protecting, unknown] of answers) {
      expect(unknown).toMatch(/^404 /)
      expect(tooFew).toBe(unknown)
      expect(protecting).toBe(unknown)
    }
  })
})
