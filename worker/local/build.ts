import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { lock } from './database.ts'
import { paths, Refusal, root } from './home.mjs'

/** What the local server needs from wrangler.toml, which only wrangler can read. */
export interface Configuration {
  compatibilityDate: string
  compatibilityFlags: string[]
  vars: Record<string, string>
  crons: string[]
  database: { binding: string; id: string }
  assets: { binding: string; directory: string }
  limits: { name: string; namespace: string; simple: { limit: number; period: 10 | 60 } }[]
}

export const bundle = join(paths.build, 'index.js')
const stamp = join(paths.build, 'configuration.json')

/**
 * The Worker exactly as `wrangler deploy` would upload it, and the browser's files; built only when a source is newer.
 *
 * @param announce called once before building, which takes some seconds
 * @throws Refusal with what the build printed
 */
export async function build(announce: () => void): Promise<Configuration> {
  mkdirSync(paths.build, { recursive: true })
  using _alone = lock(join(paths.build, 'lock'), 60_000)
  if (!isCurrent()) {
    announce()
    for (const part of ['web', 'worker']) mkdirSync(join(root, part, 'dist'), { recursive: true }) // or its creation would look like an edit
    const startedAt = new Date()
    await bundleWorker()
    writeFileSync(stamp, JSON.stringify(await readConfiguration()))
    utimesSync(stamp, startedAt, startedAt) // what was edited in the meantime counts as newer
  }
  return JSON.parse(readFileSync(stamp, 'utf8'))
}

function isCurrent(): boolean {
  try {
    const builtAt = statSync(stamp).mtimeMs
    statSync(bundle)
    statSync(join(root, 'web', 'dist', '_headers'))
    return ['wrangler.toml', 'package-lock.json', 'worker', 'web'].every((source) => newest(join(root, source)) <= builtAt)
  } catch {
    return false
  }
}

/** Folders count too: that is how a deleted file shows. */
function newest(path: string): number {
  const status = statSync(path)
  if (!status.isDirectory()) return status.mtimeMs
  const inside = readdirSync(path).filter((name) => name !== 'dist' && name !== 'local')
  return Math.max(status.mtimeMs, ...inside.map((name) => newest(join(path, name))))
}

async function bundleWorker(): Promise<void> {
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  // Wrangler runs `npm run build` first. No banner, no usage report: nothing leaves this machine.
  const quiet = { WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', CI: 'true', WRANGLER_LOG_PATH: join(paths.build, 'log') }
  try {
    await promisify(execFile)(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', paths.build], {
      cwd: root,
      env: { ...process.env, ...quiet },
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Refusal(`The build failed.\n${stdout ?? ''}${stderr ?? ''}`)
  }
}

async function readConfiguration(): Promise<Configuration> {
  const { unstable_readConfig } = await import('wrangler')
  const config = unstable_readConfig({ config: join(root, 'wrangler.toml') })
  const [database] = config.d1_databases
  if (!config.compatibility_date || !database?.database_id || !config.assets?.directory || !config.assets.binding)
    throw new Refusal('wrangler.toml must name compatibility_date, one D1 database and the assets with a binding.')
  return {
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    vars: config.vars as Record<string, string>,
    crons: config.triggers.crons ?? [],
    database: { binding: database.binding, id: database.database_id },
    assets: { binding: config.assets.binding, directory: config.assets.directory },
    limits: limitsOf(config.ratelimits),
  }
}

/** As wrangler.toml has them, which the types of its reader leave open. */
const limitsOf = (limits: readonly { name: string; namespace_id: string; simple: { limit: number; period: 10 | 60 } }[] = []) =>
  limits.map(({ name, namespace_id, simple }) => ({ name, namespace: namespace_id, simple }))
