/** What benchmarks share: the built Worker on a database of its own, in a runtime of its own. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Log, LogLevel, Miniflare } from 'miniflare'
import { build, bundle, type Configuration } from '../../worker/local/build.ts'

const root = resolve(import.meta.dirname, '../..')
export const operator = 'operator-token-of-the-bench-0123456789abcdef'
const configuration = await build(() => console.log('Building…'))

/**
 * A runtime of its own on an empty database, which is deleted afterwards.
 *
 * @param harness a module around `./index.js`, the Worker
 */
export async function inFreshDatabase<T>(harness: string, use: (url: string, pid: number) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-import-'))
  const known = new Set(children())
  const simulator = new Miniflare(optionsOf(harness, configuration, folder))
  try {
    const url = String(await simulator.ready).replace(/\/$/, '')
    const pid = children().find((child) => !known.has(child))
    if (pid === undefined) throw new Error('the runtime has no process')
    const d1 = await simulator.getD1Database('DB')
    for (const file of readdirSync(join(root, 'migrations'))
      .filter((name) => name.endsWith('.sql'))
      .sort()) {
      const statements = readFileSync(join(root, 'migrations', file), 'utf8').split('--> statement-breakpoint')
      await d1.batch(statements.filter((statement) => statement.trim() !== '').map((statement) => d1.prepare(statement)))
    }
    return await use(url, pid)
  } finally {
    await simulator.dispose()
    rmSync(folder, { recursive: true, force: true })
  }
}

function optionsOf(
  harness: string,
  { compatibilityDate, compatibilityFlags, database, vars, limits }: Configuration,
  folder: string,
): ConstructorParameters<typeof Miniflare>[0] {
  const plain = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { type: 'text' as const, value }]))
  const limited = limits.map(({ name, namespace, simple }) => [name, { type: 'rate-limit' as const, namespace, simple }])
  return {
    host: '127.0.0.1',
    port: 0,
    cf: false,
    enableDevRegistry: false,
    logRequests: false,
    log: new Log(LogLevel.ERROR),
    resourcePersistencePath: folder,
    workers: [
      {
        config: {
          name: 'bench',
          compatibilityDate,
          compatibilityFlags,
          manifest: {
            mainModule: 'bench.mjs',
            modulesRoot: root,
            modules: {
              'bench.mjs': { type: 'esm', contents: harness },
              'index.js': { type: 'esm', contents: readFileSync(bundle, 'utf8') },
            },
          },
          env: {
            ...plain({ ...vars, KEK: Buffer.alloc(32, 7).toString('base64'), OPERATOR_TOKEN: operator }),
            [database.binding]: { type: 'd1', id: database.id },
            ...Object.fromEntries(limited),
          },
        },
      },
    ],
  }
}

/** The runtimes that this process has started. */
function children(): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8')
      const [, parent] = /^PPid:\s+(\d+)/m.exec(status) ?? []
      return Number(parent) === process.pid && /^Name:\s+workerd/m.test(status) ? [Number(name)] : []
    } catch {
      return [] // gone meanwhile
    }
  })
}

/** Headers of an administrator's session. */
export async function signedIn(url: string): Promise<Record<string, string>> {
  const json = { 'Content-Type': 'application/json', Origin: url }
  const link = await fetch(`${url}/api/v1/sign-in-links`, {
    method: 'POST',
    headers: { ...json, Authorization: `Bearer ${operator}` },
    body: '{}',
  })
  const { url: address } = JSON.parse(await text(link)) as { url: string }
  const session = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ token: new URL(address).hash.slice(1) }),
  })
  return { ...json, Cookie: session.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
}

export async function text(response: { ok: boolean; status: number; text(): Promise<string> }): Promise<string> {
  const body = await response.text()
  if (!response.ok) throw new Error(`${response.status}: ${body.slice(0, 500)}`)
  return body
}
