import { randomBytes } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Log, LogLevel, Miniflare, Response } from 'miniflare'
import { bundle, type Configuration } from './build.ts'
import { emptyLogs, pendingMigrations, scrub } from './database.ts'
import { commandOf, paths, root } from './home.mjs'
import type { Secrets } from './secrets.ts'

export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A workerd with our Worker in it. */
export interface Runtime {
  process: { pid: number; command: string } | null
  /** Under the server's address: a request to it scrubs the database file. Only who can read `plumbline.json` knows it. */
  scrubPath: string
  /** Runs the jobs as Cloudflare's cron would. */
  tick: (cron: string, at: Date) => Promise<void>
  stop: () => Promise<void>
}

const migrator = 'export default { fetch: () => new Response(null, { status: 404 }) }'
/** Cron comes in through the edge too, which counts who is inside. */
const clock =
  'export default { scheduled: ({ cron, scheduledTime }, env) => env.EDGE.scheduled({ cron, scheduledTime: new Date(scheduledTime) }) }'
/** Nobody on this machine can guess these, so the simulator's own socket cannot be asked for a Worker by name. */
const names = { worker: unguessable('plumbline'), clock: unguessable('clock') }

/** Serves on 127.0.0.1 and nowhere else. */
export async function start(configuration: Configuration, secrets: Secrets & Record<string, string>, port: number): Promise<Runtime> {
  const { assets, compatibilityDate, compatibilityFlags, database, limits } = configuration
  const scrubPath = `/${unguessable('scrub')}`
  const simulator = simulate({
    ...shared,
    workers: [
      {
        config: {
          name: 'edge',
          compatibilityDate,
          compatibilityFlags: ['service_binding_extra_handlers'],
          manifest: module('edge.mjs', readFileSync(join(root, 'worker', 'local', 'edge.mjs'), 'utf8')),
          env: {
            PLUMBLINE: { type: 'worker', worker: names.worker },
            FILE: { type: 'fetcher', handler: worked },
            SCRUB_PATH: { type: 'text', value: scrubPath },
          },
        },
        dev: { unsafeDirectSockets: [{ host: '127.0.0.1', port, entrypoint: 'Edge' }] },
      },
      {
        config: {
          name: names.worker,
          compatibilityDate,
          compatibilityFlags,
          manifest: module('index.js', readFileSync(bundle, 'utf8')),
          env: {
            ...texts({
              ...configuration.vars,
              ...secrets,
              PUBLIC_URL: secrets.PUBLIC_URL || configuration.vars.PUBLIC_URL || `http://127.0.0.1:${port}`, // links that no request asks for begin with it
              BALLOT_DELAY: '', // a queue of the simulator forgets all when it stops
              SOURCE_ALLOW_HOSTS: process.env.SOURCE_ALLOW_HOSTS ?? secrets.SOURCE_ALLOW_HOSTS ?? '',
            }),
            [database.binding]: { type: 'd1', id: database.id },
            [assets.binding]: { type: 'assets' },
            ...Object.fromEntries(limits.map(({ name, namespace, simple }) => [name, { type: 'rate-limit' as const, namespace, simple }])),
            SCRUB: { type: 'worker', worker: 'edge', exportName: 'Scrub' },
          },
          assets: { directory: join(root, assets.directory), hasUserWorker: true },
        },
      },
      {
        config: {
          name: names.clock,
          compatibilityDate,
          compatibilityFlags: ['service_binding_extra_handlers'],
          manifest: module('clock.mjs', clock),
          env: { EDGE: { type: 'worker', worker: 'edge', exportName: 'Edge' } },
        },
      },
    ],
  })
  await simulator.ready
  const ticker = await simulator.getWorker(names.clock)
  return {
    process: workerd(),
    scrubPath,
    tick: async (cron, at) => {
      await ticker.scheduled({ cron, scheduledTime: at })
    },
    stop: () => simulator.dispose(),
  }
}

/** Applies what is missing, each migration in one transaction together with its entry in wrangler's table. */
export async function migrate({ compatibilityDate, database }: Configuration): Promise<void> {
  const pending = pendingMigrations()
  if (pending.length === 0) return
  const simulator = simulate({
    ...shared,
    workers: [
      {
        config: {
          name: 'migrator',
          compatibilityDate,
          manifest: module('migrator.mjs', migrator),
          env: { DB: { type: 'd1', id: database.id } },
        },
      },
    ],
  })
  try {
    const d1 = await simulator.getD1Database('DB')
    await d1.exec(
      'create table if not exists d1_migrations (id integer primary key autoincrement, name text unique, applied_at timestamp default current_timestamp not null)',
    )
    for (const { name, statements } of pending) {
      await d1.batch([
        ...statements.map((statement) => d1.prepare(statement)),
        d1.prepare('insert into d1_migrations (name) values (?)').bind(name),
      ])
    }
  } finally {
    await simulator.dispose()
  }
}

/** One attempt, short: this process can do nothing else meanwhile. The edge tries again. */
function worked(request: { url: string }): Response {
  try {
    if (new URL(request.url).pathname !== '/log') return Response.json(scrub(true, 200))
    emptyLogs(200)
    return Response.json(null)
  } catch (error) {
    return new Response((error as Error).message, { status: 500 })
  }
}

/** The simulator ends the whole process on a signal; here the process decides, because it has to scrub first. */
function simulate(options: ConstructorParameters<typeof Miniflare>[0]): Miniflare {
  const kept = stopSignals.map((signal) => process.listeners(signal))
  const simulator = new Miniflare(options)
  stopSignals.forEach((signal, i) => {
    for (const listener of process.listeners(signal)) if (!kept[i]?.includes(listener)) process.off(signal, listener)
  })
  return simulator
}

/** Only what the Worker and the runtime have to say, as they say it; and no look-up of where this machine might be. */
const shared = {
  host: '127.0.0.1',
  port: 0,
  cf: false,
  enableDevRegistry: false, // a second socket, which lets any program on this machine into the database
  logRequests: false,
  log: new Log(LogLevel.ERROR),
  handleStructuredLogs: ({ message }: { message: string }) => console.error(message),
  resourcePersistencePath: join(paths.state, 'v3'),
}

function unguessable(name: string): string {
  return `${name}-${randomBytes(16).toString('hex')}`
}

const module = (name: string, contents: string) => ({
  mainModule: name,
  modulesRoot: root,
  modules: { [name]: { type: 'esm' as const, contents } },
})

const texts = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { type: 'text' as const, value }]))

let latest: { pid?: number | undefined } | undefined
subscribe('child_process', (message) => {
  latest = (message as { process: { pid?: number } }).process
})

/** The runtime that was started last; the simulator does not say. */
function workerd(): Runtime['process'] {
  const pid = latest?.pid
  const command = pid === undefined ? null : commandOf(pid)
  return pid === undefined || command === null ? null : { pid, command }
}
