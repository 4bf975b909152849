import { existsSync, globSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { build } from 'vite'
import { defineConfig } from 'vitest/config'

const root = resolve(import.meta.dirname, '..')
// The Worker's pages hold their style sheets; a server that a test starts builds anew what has changed.
const built = resolve(root, 'worker/dist/styles.js')
const changed = Math.max(...globSync(resolve(root, 'web/*.css')).map((path) => statSync(path).mtimeMs))
if (!existsSync(built) || statSync(built).mtimeMs < changed)
  await build({ configFile: resolve(root, 'web/vite.config.ts'), logLevel: 'error' })

/** As many files at a time as there are processors, of all projects together: Vitest's own default leaves one idle, which is half of two. */
const maxWorkers = Math.max(2, availableParallelism())

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'core',
          include: ['test/core/**/*.test.ts'],
          setupFiles: ['test/core/setup.ts'],
          pool: 'threads',
          isolate: false, // pure functions: there is nothing that one file could leave to the next
          maxWorkers,
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations('migrations'),
                KEK: 'S2VlcCB0aGlzIGtleSBmb3IgdGVzdHMgb25seSwgMzI=',
                OPERATOR_TOKEN: 'operator-token-of-the-tests-0123456789abcdef',
                BALLOT_DELAY: '',
              },
              // There, and not used: tests of mixing set BALLOT_DELAY for the requests that they make.
              queueProducers: { BALLOT_QUEUE: 'ballots' },
              queueConsumers: { ballots: { maxBatchTimeout: 0.1 } },
            },
          })),
        ],
        test: {
          name: 'worker',
          include: ['test/worker/**/*.test.{ts,tsx}'],
          setupFiles: ['test/worker/setup.ts'],
          isolate: false,
          testTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
          maxWorkers,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/homes.ts'],
          maxWorkers,
          maxConcurrency: 2,
          hookTimeout: 120_000,
          testTimeout: 240_000,
          expect: { poll: { timeout: 30_000 } }, // a second is little for a browser that shares the processor
        },
      },
    ],
  },
})
