import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'

/** Every test starts on a freshly migrated, empty database. */
beforeEach(async () => {
  await env.DB.exec('select 1') // `reset` forgets what is not awake, and a file's first test finds the last one's rows
  await reset()
  if (migrated) await env.DB.exec(migrated)
  else {
    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
    migrated = await dump()
  }
})

/** What the migrations came to, one statement a line: in one call it is there in a third of the time that they take one by one. */
let migrated = ''

/** @throws Error where a migration leaves rows behind, which this does not copy */
async function dump(): Promise<string> {
  const made = "name not like 'sqlite\\_%' escape '\\' and name not like '\\_cf\\_%' escape '\\'"
  const { results } = await env.DB.prepare(`select type, name, sql from sqlite_master where sql is not null and ${made}`).all<{
    type: string
    name: string
    sql: string
  }>()
  const tables = results.filter(({ type, name }) => type === 'table' && name !== 'd1_migrations')
  const counts = tables.map(({ name }) => env.DB.prepare(`select count(*) as n from "${name}"`))
  const filled = (await env.DB.batch<{ n: number }>(counts)).flatMap(({ results: [row] }, index) => (row?.n ? [tables[index]?.name] : []))
  if (filled.length > 0) throw new Error(`Copy the rows that migrations leave in ${filled.join(', ')}, too.`)
  const applied = env.TEST_MIGRATIONS.map(({ name }) => `insert into d1_migrations (name) values ('${name}')`)
  return [...results.map(({ sql }) => sql.replace(/\s+/g, ' ')), ...applied].join(';\n')
}

/**
 * To make an RSA key takes a quarter of a second, and nearly every test opens a round. They take turns with keys that are
 * made once: more of them than any round has cohorts, so that no two of a round are the same.
 */
const enough = 24
const made: Promise<CryptoKey | CryptoKeyPair>[] = []
let turn = 0
const generateKey = crypto.subtle.generateKey.bind(crypto.subtle)
crypto.subtle.generateKey = async (...asked: Parameters<typeof generateKey>) => {
  if ((asked[0] as { name?: string }).name !== 'RSA-PSS') return generateKey(...asked)
  const index = turn++ % enough
  made[index] ??= generateKey(...asked)
  return made[index]
}
