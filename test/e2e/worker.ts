/** The built Worker in workerd, with a clock that the test sets: what `npm start` runs, without its ticker. */
import { subscribe } from 'node:diagnostics_channel'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build, bundle } from '../../worker/local/build.ts'

const root = resolve(import.meta.dirname, '../..')
export const kek = 'S2VlcCB0aGlzIGtleSBmb3IgdGVzdHMgb25seSwgMzI='
const operatorToken = 'operator-token-of-the-tests-0123456789abcdef'
const origin = 'http://127.0.0.1:8787'

export interface BuiltWorker {
  fetch: (path: string, init?: { method?: string; headers?: Record<string, string>; body?: string }) => Promise<Response>
  /** A request of an administrator. @throws Error where it is refused */
  ask: <T>(method: string, path: string, body?: unknown, type?: string) => Promise<T>
  /** Runs the jobs as of this moment. */
  tick: (at: Date) => Promise<void>
  rows: <T>(sql: string) => Promise<T[]>
  /** Everything that was printed. */
  output: () => string
  /** Of the runtime's process. */
  pid: number | undefined
  stop: () => Promise<void>
  /** Kills the runtime, database and all, in the middle of whatever it does. */
  kill: () => Promise<void>
}

let latest: { pid?: number | undefined } | undefined
subscribe('child_process', (message) => {
  latest = (message as { process: { pid?: number } }).process
})

/**
 * @param publicUrl empty serves this machine only, and lets mail servers be on it
 * @param allowedHosts `host:port` of this machine that sources may be on
 */
export async function startWorker(
  home: string,
  { publicUrl = origin, allowedHosts = [] }: { publicUrl?: string; allowedHosts?: readonly string[] } = {},
): Promise<BuiltWorker> {
  const { compatibilityDate, compatibilityFlags } = await build(() => {})
  const { Log, LogLevel, Miniflare } = await import('miniflare') // it reads NODE_EXTRA_CA_CERTS once
  let output = ''
  const env = {
    KEK: kek,
    OPERATOR_TOKEN: operatorToken,
    PUBLIC_URL: publicUrl,
    BALLOT_DELAY: '',
    SOURCE_ALLOW_HOSTS: allowedHosts.join(' '),
  }
  const simulator = new Miniflare({
    cf: false,
    enableDevRegistry: false,
    log: new Log(LogLevel.ERROR),
    handleStructuredLogs: ({ message }: { message: string }) => {
      output += `${message}\n`
    },
    resourcePersistencePath: join(home, '.wrangler', 'state', 'v3'),
    workers: [
      {
        config: {
          name: 'plumbline',
          compatibilityDate,
          compatibilityFlags,
          manifest: {
            mainModule: 'index.js',
            modulesRoot: root,
            modules: { 'index.js': { type: 'esm', contents: readFileSync(bundle, 'utf8') } },
          },
          env: {
            ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, { type: 'text' as const, value }])),
            DB: { type: 'd1', id: 'plumbline' },
          },
        },
      },
    ],
  })
  const database = await simulator.getD1Database('DB')
  const [known] = (await database.prepare("select name from sqlite_master where name = 'people'").all()).results
  if (!known) await database.batch(migrations().map((statement) => database.prepare(statement)))
  const worker = await simulator.getWorker('plumbline')
  const runtime = latest?.pid
  let cookie: string | undefined

  const fetch: BuiltWorker['fetch'] = async (path, init = {}) =>
    (await simulator.dispatchFetch(`${origin}${path}`, { redirect: 'manual', ...init })) as unknown as Response
  const signIn = async () => {
    const json = { 'Content-Type': 'application/json', Origin: origin }
    const made = await fetch('/api/v1/sign-in-links', { method: 'POST', headers: { ...json, Authorization: `Bearer ${operatorToken}` } })
    const { url } = (await made.json()) as { url: string }
    const session = await fetch('/api/v1/sessions', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ token: new URL(url).hash.slice(1) }),
    })
    return session.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  }
  return {
    fetch,
    ask: async <T>(method: string, path: string, body?: unknown, type = 'application/json') => {
      cookie ??= await signIn()
      const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
      const headers = { Cookie: cookie, Origin: origin, ...(body === undefined ? {} : { 'Content-Type': type }) }
      const response = await fetch(`/api/v1${path}`, { method, headers, ...sent })
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`)
      return (await response.json()) as T
    },
    tick: async (at) => {
      await worker.scheduled({ cron: '*/5 * * * *', scheduledTime: at })
    },
    rows: async <T>(sql: string) => (await database.prepare(sql).all<T>()).results,
    output: () => output,
    pid: runtime,
    stop: () => simulator.dispose(),
    kill: async () => {
      if (runtime !== undefined) process.kill(runtime, 'SIGKILL')
      await simulator.dispose()
    },
  }
}

const migrations = (): string[] =>
  readdirSync(join(root, 'migrations'))
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .flatMap((name) => readFileSync(join(root, 'migrations', name), 'utf8').split('--> statement-breakpoint'))
    .filter((statement) => statement.trim() !== '')
