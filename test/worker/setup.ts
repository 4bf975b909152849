import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach } from 'vitest'

/** Every test starts on a freshly migrated, empty database. */
beforeEach(async () => {
  await env.DB.exec('select 1') // `reset` forgets what is not awake, and a file's first test finds the last one's rows
  await reset()
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
})

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
