import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { addDays, dayOf } from '../../worker/core/calendar'
import { evaluateClauses, readClauses, readKnown } from '../../worker/services/clause-evaluation'
import { addClause, getClause, listClauseViews } from '../../worker/services/clauses'
import { listOverdue } from '../../worker/services/overdue'
import { aSource, byWednesday, fiveAttempts, inFourHours, mondays, zone } from './clause-facts'
import { services } from './client'

/** With 100,000 it takes minutes to make them up, and ten times as long to judge. */
const leads = 10_000

/** Leads over two years, a third of them accepted and a fifth qualified, with an attempt each at the least. */
async function manyFacts(today: string): Promise<void> {
  const start = Date.parse(addDays(today, -720))
  const [hour, day] = [3_600_000, 86_400_000]
  const events = (stage: string, share: number, later: string) => `
    insert into stage_events (source_id, external_id, lead_id, what, stage, day, at, content_hash)
    select 'crm', 'l' || n || '-${stage}', 'l' || n, 'entered', '${stage}', date(moment / 1000, 'unixepoch'), moment, ''
    from (select n, ${start} + (n * 709 % 720) * ${day} + (n * 31 % 24) * ${hour} + ${later} as moment from numbers where n % 100 < ${share})`
  const attempts = (nth: number, later: string) => `
    insert into activities (source_id, external_id, lead_id, kind, day, at, content_hash)
    select 'crm', 'l' || n || '-${nth}', 'l' || n, 'call', date(moment / 1000, 'unixepoch'), moment, ''
    from (select n, ${start} + (n * 709 % 720) * ${day} + (n * 31 % 24) * ${hour} + ${later} as moment from numbers where n % 10 < ${10 - 2 * nth})`
  await env.DB.prepare('create table numbers (n integer primary key)').run()
  await env.DB.prepare(`insert into numbers select value from generate_series(1, ${leads})`)
    .run()
    .catch(() =>
      env.DB.prepare(
        `with recursive up(n) as (select 1 union all select n + 1 from up where n < ${leads}) insert into numbers select n from up`,
      ).run(),
    )
  for (const statement of [
    `insert into leads (source_id, external_id, created_day, content_hash) select 'crm', 'l' || n, '${today}', '' from numbers`,
    events('mql', 100, '0'),
    events('sal', 33, `(n % 72) * ${hour}`),
    events('sql', 20, `(n % 96) * ${hour}`),
    attempts(0, `(n % 9) * ${hour}`),
    attempts(1, `(n % 50) * ${hour}`),
    `insert into stage_events (source_id, external_id, lead_id, what, stage, day, at, content_hash)
     select 'crm', lead_id || '-back', lead_id, 'returned', 'mql', day, at + 1, '' from stage_events where stage = 'mql' and rowid % 10 = 0`,
    'drop table numbers',
  ]) {
    await env.DB.prepare(statement).run()
  }
}

it('judges four clauses over two years of leads within what a publication may take', { timeout: 120_000 }, async () => {
  const today = dayOf(new Date(), zone)
  await aSource(new Date().toISOString())
  await manyFacts(today)
  const context = services()
  for (const clause of [mondays, byWednesday, inFourHours, fiveAttempts]) await addClause(context, clause, addDays(today, -700))
  const started = performance.now()
  await evaluateClauses(context)
  const evaluated = performance.now() - started
  const reading = await readClauses(context.db)
  const views = await listClauseViews(context)
  const before = performance.now()
  await listOverdue(context, views, reading, await readKnown(context.db))
  const listed = performance.now() - before
  const { evaluations } = await getClause(context, views.find(({ clause }) => clause.kind === 'response')?.id ?? '')
  expect(evaluations.reduce((sum, { denominator }) => sum + (denominator ?? 0), 0)).toBeGreaterThan(0.9 * leads)
  expect(evaluated).toBeLessThan(5_000)
  expect(listed).toBeLessThan(5_000)
})
