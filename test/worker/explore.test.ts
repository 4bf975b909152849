import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { LineSpec } from '../../worker/core/chart'
import { analyses, observations } from '../../worker/db/schema'
import { messagesOf } from '../../worker/i18n'
import { refreshAnalyses } from '../../worker/services/analyses'
import { silent } from '../core/rounds'
import { get } from './browsing'
import { fetchWorker, keyHeaders, services } from './client'
import { anOrganisation, decided } from './factories'
import { publishRound, teamsOf } from './published-rounds'

const t = messagesOf('en')
const { explore, overview, roundsPage } = t

const at = async (path: string) => {
  const response = await get(path)
  const html = await response.text()
  return {
    status: response.status,
    html,
    text: html
      .slice(html.indexOf('<main'))
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' '),
  }
}

const specsIn = (html: string): LineSpec[] =>
  [...html.matchAll(/data-chart="([^"]*)"/g)].map(([, spec = '']) => JSON.parse(spec.replaceAll('&quot;', '"')))

describe('Explore', () => {
  it('shows every level of what was published, from the score to a statement, and leads from each to the next', async () => {
    const results = []
    for (let number = 1; number <= 3; number++) results.push(await publishRound(number))
    const root = await at('/explore?from=2026-01&to=2026-03')
    expect(root.status).toBe(200)
    expect(root.html).toContain('/explore/pillars/perception?from=2026-01&amp;to=2026-03')
    const pillar = await at('/explore/pillars/perception?round=2')
    expect(pillar.text).toContain(explore.facts.title(overview.roundOption('2', 'February 2026')))
    expect(pillar.html).toContain('/explore/themes/lead-quality?round=2')
    const theme = await at('/explore/themes/lead-quality')
    expect(theme.text).toContain(explore.theme.valueWhat)
    const [statement = ''] = results[2]?.asked?.['lead-quality'] ?? []
    expect(theme.html).toContain(`/explore/items/${statement}`)
    const item = await at(`/explore/items/${statement}`)
    expect(item.text).toContain(explore.item.classes)
    for (const { status, html } of [root, pillar, theme, item]) {
      expect(status).toBe(200)
      expect(html).not.toMatch(/ style=|undefined|\bNaN\b|Infinity|\[object/)
    }
  })

  it('leads from a pillar that lacks its figures to where they come from, for those who may go there', async () => {
    await publishRound(1)
    const missing = overview.pillars.missing['no-kpis']
    const { text } = await at('/explore')
    expect(text).toContain(`${t.findings.relations.neutral} ${missing.why} ${missing.brings}`)
    expect(text).not.toContain(explore.pillar.sum)
    const link = '<a href="/sources">'
    for (const path of ['/explore', '/explore/pillars/performance']) {
      const { html } = await at(path)
      expect([path, html.includes(`${missing.why} `), html.includes(link)]).toEqual([path, true, true])
      const readers = await fetchWorker(path, { headers: await keyHeaders('reader') })
      expect([path, (await readers.text()).includes(link)]).toEqual([path, false])
    }
  })

  it('names a hidden team and says nothing else of it, wherever one looks', async () => {
    await publishRound(1)
    for (const path of [
      '/explore',
      '/explore/themes/goals',
      '/explore/pillars/perception',
      '/explore/items/headline',
      '/explore?team=ae',
    ]) {
      const { status, html } = await at(path)
      expect([path, status]).toEqual([path, 200])
      expect(html).not.toMatch(/value="(sdr|field)"|team=(sdr|field)/)
    }
    const { html } = await at('/explore/themes/goals')
    const row =
      html
        .split('<tr>')
        .find((one) => /^<th scope="row">.*sdr/.test(one))
        ?.replace(/^.*?<td/, '') ?? ''
    expect(row).toContain(roundsPage.hidden['too-few']('5'))
    expect(row.replace(roundsPage.hidden['too-few']('5'), '').replace(/class="[^"]*"|colspan="\d"/g, '')).not.toMatch(/\d/)
  })

  it('follows a team over the rounds in which it was published as the same group', async () => {
    await publishRound(1, teamsOf(1, [5, 5, 5]))
    // elsewhere in the tree: another group
    await publishRound(
      2,
      teamsOf(2, [4, 4, 4]).map((team) => (team.id === 'ae' ? { id: 'ae', side: 'sales' as const, people: team.people } : team)),
    )
    await publishRound(3)
    const { text } = await at('/explore?team=ae')
    expect(text).toMatch(/Round 1, January 2026[\s\S]*Round 3, March 2026/)
    const rows = text.slice(text.indexOf(overview.asTable))
    expect(rows.slice(0, rows.indexOf(explore.facts.title('')))).not.toContain('Round 2, February')
  })

  it('reads a KPI beside the people index on one axis of time, with the method’s sentence', async () => {
    for (let number = 1; number <= 3; number++) await publishRound(number)
    const { db } = services()
    for (const [index, value] of [100, 120, 90].entries())
      await db.insert(observations).values({ metric: 'cac', basis: 'period', period: `2026-0${index + 1}`, value, asOf: new Date() })
    await refreshAnalyses(services())
    const { status, html, text } = await at('/explore/kpis/cac')
    expect(status).toBe(200)
    expect(text).toContain(explore.kpi.tooFew(3, '12'))
    expect(text).not.toMatch(/association/i)
    const specs = specsIn(html)
    expect(specs.map(({ span }) => span)).toEqual([specs[0]?.span, specs[0]?.span])
    expect(specs.flatMap(({ points }) => points).some(({ afterGap }) => afterGap)).toBe(false)
    const file = await (await get('/explore/kpis/cac.csv')).text()
    expect(file.trim().split('\r\n')).toHaveLength(4)
  })

  it('draws points without a line from twelve months on, and a line again from twenty-four', async () => {
    const { db } = services()
    for (let number = 1; number <= 12; number++) {
      await publishRound(number, teamsOf(number, [4, 4, 4 + (number % 3)]))
      const period = `2026-${String(number).padStart(2, '0')}`
      await db.insert(observations).values({ metric: 'cac', basis: 'period', period, value: 100 + ((number * 37) % 50), asOf: new Date() })
    }
    await refreshAnalyses(services())
    const { html, text } = await at('/explore/kpis/cac')
    expect(text).toContain(explore.kpi.dots)
    expect(html).toContain('Points from')
    expect(text.match(/The axis starts at/g)).toHaveLength(2)
    expect(text).toContain(overview.relations.note)
    expect(specsIn(html).map(({ points }) => points.every(({ afterGap }) => afterGap))).toEqual([true, true])
    await db.update(analyses).set({ body: sql`json_set(body, '$[0].periods', 24)` }).where(eq(analyses.kind, 'relations'))
    const lined = await at('/explore/kpis/cac')
    expect(lined.text).not.toContain(explore.kpi.dots)
    expect(
      specsIn(lined.html)
        .flatMap(({ points }) => points)
        .some(({ afterGap }) => afterGap),
    ).toBe(false)
  })

  it('says of one round what its interval looks like, and keeps it beside the point', async () => {
    await publishRound(1)
    const { text, html } = await at('/explore?side=sales')
    for (const said of [overview.trend.stem, overview.trend.tooFew]) expect(text).toContain(said)
    expect(text).not.toContain(overview.trend.grey)
    expect(specsIn(html)[0]?.ends[0]?.wide).toMatch(/^January .*±\d+/)
    await publishRound(2)
    const more = await at('/explore?side=sales')
    expect([more.text.includes(overview.trend.grey), more.text.includes(overview.trend.stem)]).toEqual([true, false])
    // a pillar has no interval of its own
    expect((await at('/explore/pillars/perception')).text).not.toContain(overview.trend.grey)
  })

  it('sets the score against its early range, as its pillars are, once there is one', async () => {
    await decided(services().db, { weights: { perception: 1, definitions: 0, process: 0, performance: 0 } })
    const foot = async () => {
      const { html } = await at('/explore')
      return html.slice(html.indexOf('<tfoot>'), html.indexOf('</tfoot>'))
    }
    for (let number = 1; number <= 6; number++) await publishRound(number, teamsOf(number, [4, 4, 4 + (number % 2)]))
    expect(await foot()).toContain(overview.pillars.noRange)
    expect((await at('/explore')).text).toContain(explore.pillar.sum)
    await publishRound(7, teamsOf(7, [1, 2, 30]))
    expect(await foot()).toMatch(/class="verdict signal".*Above its early range of/)
  })

  it('prints the change of a group under ten in whole steps, as its figures are', async () => {
    for (const [number, from] of [
      [1, 0],
      [2, 3],
    ] as const) {
      const few = teamsOf(number, [4, 4, 4]).map((team) =>
        team.id === 'marketing' ? { ...team, people: team.people.slice(from, from + 8) } : team,
      )
      await publishRound(number, few)
    }
    const { html } = await at('/explore/themes/lead-quality')
    const row = html.split('<tr>').find((one) => one.includes('team=marketing')) ?? ''
    expect(row).toMatch(/data-head="Change">.*?<bdi>[+−]?\d+<\/bdi>/)
  })

  it('says of a side that is hidden that it is, and not what it said', async () => {
    // three of marketing answered
    const teams = teamsOf(1, [4, 4, 4]).map((team) =>
      team.id === 'marketing' ? { ...team, people: team.people.map((answers, index) => (index < 3 ? answers : silent)) } : team,
    )
    await publishRound(1, teams)
    for (const path of ['/explore?side=marketing', '/explore/themes/goals?side=marketing', '/explore/items/headline?side=marketing']) {
      const { status, text } = await at(path)
      expect([path, status]).toEqual([path, 200])
      expect(text).toContain(roundsPage.hidden['too-few']('5'))
      expect(text).not.toContain(explore.facts.title(overview.roundOption('1', 'January 2026')))
    }
    expect((await at('/explore?team=marketing')).status).toBe(404)
  })

  it('says what will be here before a round has closed, and which rounds were scored by other rules', async () => {
    const empty = await at('/explore')
    expect([empty.status, empty.text.includes(overview.empty.people), empty.html.includes('href="/people"')]).toEqual([200, true, true])
    await anOrganisation()
    const ready = await at('/explore')
    expect([ready.text.includes(overview.empty.sub), ready.html.includes('class="btn" href="/rounds"')]).toEqual([true, true])
    expect((await at('/explore/items/headline')).status).toBe(404)
    await publishRound(1)
    await decided(services().db, { kappa: 0.5 })
    await publishRound(2)
    const { text } = await at('/explore')
    expect(text).toContain(overview.trend.otherRules(1))
    expect((await at('/explore?from=2026-05&to=2026-06')).text).toContain(explore.noneWhat)
  })
})
