import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'

/** Every test starts on a freshly migrated, empty database. */
beforeEach(async () => {
  await env.DB.exec('select 1') // `reset` forgets what is not awake, and a file's first test finds the last one's rows
  await reset()
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
})
