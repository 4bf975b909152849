import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { isHidden } from '../../worker/core/findings'
import type { RoundResult, Score } from '../../worker/core/result'
import { sampleSchedule } from '../../worker/core/sample-organisation'
import { scoreChange } from '../../worker/core/score'
import { scoreView } from '../../worker/core/score-history'
import { database } from '../../worker/db/client'
import { results } from '../../worker/db/schema'
import { findScores } from '../../worker/db/scores'
import { readSettings } from '../../worker/db/settings'
import { wordsOf } from '../../worker/services/findings'
import { importPeople } from '../../worker/services/people'
import { listRounds } from '../../worker/services/rounds'
import { countOrganisation, readSample, removeSample, sampleStep } from '../../worker/services/sample'
import { largestGap, printedGap } from '../split'
import { adminClient, clientWith, fetchWorker, keyHeaders, services } from './client'

const db = database(env.DB)
const operator = clientWith({ Authorization: `Bearer ${env.OPERATOR_TOKEN}` })

async function load(until = Number.POSITIVE_INFINITY) {
  for (let view = await readSample(services()); view.state !== 'loaded' && view.step < until; ) view = await sampleStep(services())
}

/** Rows of every table of the organisation. */
async function rowsLeft(): Promise<Record<string, number>> {
  const tables = await db.all<{ name: string }>(
    sql`select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not like '\\_%' escape '\\' and name not like 'd1\\_%' escape '\\'`,
  )
  const counts = await Promise.all(tables.map(({ name }) => db.get<{ n: number }>(sql`select count(*) as n from ${sql.identifier(name)}`)))
  return Object.fromEntries(tables.map(({ name }, index) => [name, counts[index]?.n ?? 0]).filter(([, count]) => count !== 0))
}

/** What stands first on the overview, by the subject that it is about: its sentence, and where it leads. */
function agendaIn(html: string): Record<string, [text: string, to: string]> {
  const list = /<section class="agenda".*?<\/section>/s.exec(html)?.[0] ?? ''
  const points = [...list.matchAll(/<small>(.*?)<\/small><a href="([^"]*)">(.*?)<\/a>/gs)]
  return Object.fromEntries(points.map(([, subject = '', to = '', text = '']) => [subject, [text, to]]))
}

describe('the sample organisation', () => {
  it('is loaded by the real services, tells its story, offers a link, and goes without a trace', { timeout: 120_000 }, async () => {
    const keys = await keyHeaders('reader')
    const { now } = services()
    await load()

    const all = await listRounds(db)
    const rounds = all.filter(({ state }) => state !== 'scheduled')
    const ahead = all.filter(({ state }) => state === 'scheduled')
    expect(ahead.map(({ number }) => number)).toEqual([16, 15, 14])
    expect((ahead.at(-1)?.opensAt ?? '') > (rounds[0]?.closesAt ?? '')).toBe(true)
    expect(rounds.map(({ state }) => state)).toEqual(['open', ...Array.from({ length: 12 }, () => 'closed')])
    expect(rounds.map(({ period }) => period)).toEqual(
      sampleSchedule(now)
        .map(({ period }) => period)
        .reverse(),
    )
    expect(rounds[0]).toMatchObject({ invited: 58, answered: 52 })
    for (const round of rounds.slice(1)) expect(round.answered).toBeGreaterThan(42)

    const scores = await findScores(db)
    expect(scores).toHaveLength(12)
    for (const score of scores) {
      expect(score.value).toBeGreaterThan(40)
      expect(score.value).toBeLessThan(85)
      const present = score.pillars.filter(({ value }) => value !== null).map(({ pillar }) => pillar)
      // Nothing was promised before the SLA was signed.
      const promised = score.number >= 8 ? ['process'] : []
      expect([score.number, ...present]).toEqual([score.number, 'perception', 'definitions', ...promised, 'performance'])
    }
    const mean = (values: (number | null)[]) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length
    const values = scores.map(({ value }) => value)
    expect(mean(values.slice(8)) - mean(values.slice(0, 7))).toBeGreaterThan(6)

    for (const [index, score] of scores.slice(1).entries()) {
      const change = scoreChange(scores[index] as Score, score)
      expect([largestGap(change) < 1e-9, printedGap(change)]).toEqual([true, 0])
      expect(change.contributions.some(({ sides }) => sides?.sales.promoters != null)).toBe(true)
    }

    const published = (await db.select().from(results)).map(({ body }) => body as RoundResult)
    const last = published.find(({ number }) => number === 12)
    expect(last?.nodes.map(({ name }) => name)).not.toContain('Events')
    const hidden = published.flatMap(({ nodes }) =>
      nodes.flatMap((node) => (isHidden(node) ? [node] : Object.values(node.themes).filter(isHidden))),
    )
    expect(hidden.length).toBeGreaterThan(0)
    expect(last?.nodes.some((node) => isHidden(node) || Object.values(node.themes).some(isHidden))).toBe(true)
    const gaps = [...(last?.gaps ?? [])].sort((a, b) => a.gap - b.gap)
    expect(gaps[0]?.theme).toBe('lead-quality')

    const months = await db.all<{ metric: string; months: number; present: number }>(
      sql`select metric, count(*) as months, count(value) as present from observations where basis = 'period' and provisional = 0 group by metric`,
    )
    expect(Object.fromEntries(months.map((row) => [row.metric, row.months]))).toMatchObject({
      lead_conversion: 18,
      cac: 18,
      sales_cycle: 18,
    })
    expect((await db.all<{ n: number }>(sql`select count(*) as n from pull_errors`))[0]?.n).toBe(0)

    // What a leader finds within a minute: the score and whether its change is one, and the four things to talk about.
    const overview = await (await fetchWorker('/overview', { headers: keys })).text()
    const { t, f } = wordsOf('en', 'UTC')
    const newest = scores.at(-1) as Score
    const view = scoreView(scores as [Score, ...Score[]], { baselineEvent: null, events: [] })
    expect(overview).toContain(`<bdi>${f.number(newest.value ?? 0)}</bdi>`)
    expect([
      view.sinceBaseline?.verdict,
      overview.includes(t.overview.heading.betterThanStart(Math.round(view.sinceBaseline?.points ?? 0))),
    ]).toEqual(['signal', true])
    const { labels } = t.overview.agenda
    const agenda = agendaIn(overview)
    expect(agenda[labels.sides]).toEqual([t.overview.sides.divides(t.themes['lead-quality']), '/explore/themes/lead-quality?round=12'])
    expect(agenda[labels.definitions]).toEqual([t.findings.definitions.rival('lead score'), '/definitions#lead-score'])
    expect(agenda[labels.promises]?.[0]).toMatch(/^(Sales|Marketing) missed “.+” \d of \d times in \w+$/)
    expect(agenda[labels.kpis]).toEqual([t.findings.kpis.worse(t.metrics.names.cac), '/kpis/metrics/cac'])
    const promises = await (await fetchWorker('/kpis/sla', { headers: keys })).text()
    expect(promises).toContain(`id="${agenda[labels.promises]?.[1].split('#')[1]}"`)

    const first = await (await operator.sample.$get()).json()
    const again = await (await (await adminClient()).sample.$get()).json()
    expect(first).toMatchObject({ state: 'loaded', step: 16, steps: 16 })
    expect(first.surveyUrl).toMatch(/^http:\/\/127\.0\.0\.1:8787\/s\/[\w-]{22}\?lang=en#c\d+\.[\w-]{43}\.[0-9a-f]{32}$/)
    expect(again.surveyUrl).toBe(first.surveyUrl)
    expect(await (await operator.sample.steps.$post()).json()).toEqual(first)

    const refused = await operator.sample.$delete({ query: {} as { confirm: 'true' } })
    expect([refused.status, (await countOrganisation(db)).people]).toEqual([422, 58])
    expect((await operator.sample.$delete({ query: { confirm: 'true' } })).status).toBe(204)
    // The version of what is shown is a random value, which is another one now.
    expect(Object.keys(await rowsLeft()).sort()).toEqual(['api_keys', 'content_version', 'sessions', 'sign_in_links'])
    expect((await clientWith(keys).scores.$get({ query: {} })).status).toBe(200)
    expect(await readSettings(db)).toMatchObject({ organisationName: '', sample: null })
  })

  it('goes on after a crash in the middle of a round, counting nobody twice', { timeout: 90_000 }, async () => {
    await load(2)
    const broken = services()
    let casts = 0
    const original = broken.random
    // Every ballot draws its nonce first: the machine stops at the thirtieth.
    broken.random = (length) => {
      if (length === 48 && ++casts === 30) throw new Error('power cut')
      return original(length)
    }
    await expect(sampleStep(broken)).rejects.toThrow('power cut')
    expect((await readSample(services())).step).toBe(2)
    const [open] = await listRounds(db)
    expect(open).toMatchObject({ state: 'open', invited: 58 })
    expect((await sampleStep(services())).step).toBe(3)
    const [round] = await listRounds(db)
    expect(round).toMatchObject({ number: 1, state: 'closed' })
    expect(round?.answered).toBeGreaterThan(40)
    expect(await listRounds(db)).toHaveLength(1)
  })

  it('lets one of two calls at once do a step', async () => {
    const views = await Promise.all([sampleStep(services()), sampleStep(services())])
    expect(views.map(({ state }) => state)).toEqual(['loading', 'loading'])
    expect(await countOrganisation(db)).toMatchObject({ people: 58, teams: 2, events: 1 })
    expect((await readSample(services())).step).toBe(1)
  })

  it('takes a step over when whoever began it has been gone for half a minute', async () => {
    await sampleStep(services(new Date(Date.now() - 120_000)))
    const claimed = { state: 'loading', step: 1, startedAt: Date.now() - 120_000, claimedAt: Date.now() - 5_000 }
    const claimedAgo = (seconds: number) =>
      db.run(
        sql`update settings set value = ${JSON.stringify({ ...claimed, claimedAt: Date.now() - seconds * 1000 })} where key = 'sample'`,
      )
    await claimedAgo(5)
    expect((await sampleStep(services())).step).toBe(1)
    await expect(removeSample(services())).rejects.toMatchObject({ code: 'sample-loading' })
    await claimedAgo(31)
    expect((await sampleStep(services())).step).toBe(2)
  })

  it('refuses an organisation with data of its own, and never removes it', async () => {
    await importPeople(services(), 'email,name,team,side,locale\nann@example.com,Ann,Sales,sales,en', { dryRun: false, mode: 'partial' })
    const response = await operator.sample.steps.$post()
    expect([response.status, await response.json()]).toMatchObject([409, { type: '/problems/sample-not-empty' }])
    expect((await operator.sample.$delete({ query: { confirm: 'true' } })).status).toBe(404)
    expect((await countOrganisation(db)).people).toBe(1)
  })

  it('is for administrators and the operator only', async () => {
    for (const role of ['reader', 'importer'] as const) {
      const client = clientWith(await keyHeaders(role))
      expect([(await client.sample.$get()).status, (await client.sample.steps.$post()).status]).toEqual([403, 403])
    }
  })
})
