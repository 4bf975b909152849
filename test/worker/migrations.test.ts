import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { defaultRules } from '../../worker/core/scoring-rules'
import { database } from '../../worker/db/client'
import { readRules } from '../../worker/db/scoring-rules'
import { listLeaderAccess } from '../../worker/services/access'
import { listVersions } from '../../worker/services/scoring-rules'
import { services } from './client'

/** A database as it was before this migration. */
async function migratedBefore(name: string) {
  const index = env.TEST_MIGRATIONS.findIndex((migration) => migration.name.startsWith(name))
  await reset()
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS.slice(0, index))
}

const migrate = () => applyD1Migrations(env.DB, env.TEST_MIGRATIONS)

describe('the migration to scoring rules', () => {
  it('makes the goals that there are version 2, with everything else as it was', async () => {
    await migratedBefore('0003')
    const insert = env.DB.prepare('insert into goals (metric, target, baseline, scale, updated_at) values (?, ?, ?, ?, ?)')
    await env.DB.batch([
      insert.bind('win_rate', 0.25, null, 'linear', Date.parse('2026-03-01')),
      insert.bind('cac', 90_000, 120_000, 'log', Date.parse('2026-04-01')),
    ])
    await migrate()
    expect(await readRules(database(env.DB))).toEqual({
      ...defaultRules,
      version: 2,
      goals: [
        { metric: 'cac', target: 90_000, baseline: 120_000, scale: 'log' },
        { metric: 'win_rate', target: 0.25, baseline: null, scale: 'linear' },
      ],
    })
    expect((await listVersions(database(env.DB))).map(({ since }) => since)).toEqual(['2026-04-01T00:00:00.000Z', null])
  })

  it('decides nothing where there was no goal', async () => {
    await migratedBefore('0003')
    await migrate()
    expect(await readRules(database(env.DB))).toEqual(defaultRules)
    expect(await env.DB.prepare('select count(*) as n from scoring_rules').first('n')).toBe(0)
  })
})

describe('the migration to leaders with a name', () => {
  it('keeps every link and session, of whom nothing was said', async () => {
    await migratedBefore('0009')
    const [later, now] = [Date.now() + 86_400_000, Date.now()]
    await env.DB.batch([
      env.DB.prepare("insert into sign_in_links (token_hash, role, expires_at) values ('a', 'reader', ?)").bind(later),
      env.DB.prepare("insert into sessions (token_hash, role, created_at, last_seen_at) values ('b', 'reader', ?, ?)").bind(now, now),
    ])
    await migrate()
    expect((await listLeaderAccess(services())).map(({ id, name }) => [id, name])).toEqual([
      ['a', ''],
      ['b', ''],
    ])
  })
})
