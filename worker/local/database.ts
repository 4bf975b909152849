/** The D1 database as a file, which only one program may write to: see `edge.mjs` for how it is kept from a running server. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { paths, root } from './home.mjs'

/**
 * Holds a lock that the operating system takes back when this process ends, however it ends.
 *
 * @param wait milliseconds to wait for whoever holds it
 * @throws Error where somebody else holds it
 */
export function lock(path: string, wait = 0): Disposable {
  mkdirSync(dirname(path), { recursive: true })
  const file = new DatabaseSync(path, { timeout: wait })
  try {
    file.exec('begin exclusive')
  } catch {
    file.close()
    throw new Error(`${path} is locked.`)
  }
  return { [Symbol.dispose]: () => file.close() }
}

/** Migrations that the database has not seen yet, in order. Wrangler keeps the same list in the same table. */
export function pendingMigrations(): { name: string; statements: string[] }[] {
  const applied = new Set(read('select name from d1_migrations').map(({ name }) => name))
  const folder = join(root, 'migrations')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql') && !applied.has(name))
    .sort()
    .map((name) => ({
      name,
      statements: readFileSync(join(folder, name), 'utf8')
        .split('--> statement-breakpoint')
        .filter((text) => text.trim() !== ''),
    }))
}

/** No person and no round yet: nothing that a sample could be in the way of. */
export function isEmpty(): boolean {
  return read('select 1 from people union all select 1 from rounds limit 1').length === 0
}

/** How many bytes the database and its write-ahead log had before and after it was scrubbed. */
export interface Scrubbed {
  path: string
  before: { file: number; log: number }
  after: { file: number; log: number }
}

/**
 * Rewrites the database file without what was deleted from it. SQLite leaves deleted rows in free pages, and its
 * write-ahead log keeps pages in the order they were written: both would still hold the ballots of a closed round, in
 * the order they were cast.
 *
 * @param always false: only where a server was killed and left its log behind
 * @param wait milliseconds to wait for whoever else uses the file. A running server does not wait for us, see `edge.mjs`
 * @throws Error where somebody kept using it: then nothing is promised of the file
 */
export function scrub(always: boolean, wait = 10_000): Scrubbed[] {
  return databaseFiles()
    .filter((path) => always || existsSync(`${path}-wal`))
    .map((path) => scrubFile(path, wait))
}

/** One file, wherever it is. @see scrub */
export function scrubFile(path: string, wait: number): Scrubbed {
  const before = sizes(path)
  const file = new DatabaseSync(path, { timeout: wait })
  try {
    file.exec('pragma temp_store = memory') // the copy that a vacuum makes would be a file under /var/tmp
    emptyLog(file)
    file.exec('vacuum')
    emptyLog(file)
  } finally {
    file.close()
  }
  return { path, before, after: sizes(path) }
}

/** Moves what the write-ahead log holds into the file; a round that is open has its slots there, and no order. */
export function emptyLogs(wait: number): void {
  for (const path of databaseFiles()) {
    const file = new DatabaseSync(path, { timeout: wait })
    try {
      emptyLog(file)
    } finally {
      file.close()
    }
  }
}

function emptyLog(file: DatabaseSync): void {
  const { busy } = file.prepare('pragma wal_checkpoint(truncate)').get() as { busy: number }
  if (busy !== 0) throw new Error('another program reads the database')
}

function sizes(path: string): Scrubbed['before'] {
  const of = (name: string) => statSync(name, { throwIfNoEntry: false })?.size ?? 0
  return { file: of(path), log: of(`${path}-wal`) }
}

/** Only the database is opened for this, and only where it exists: reading must not create it. */
function read(query: string): Record<string, unknown>[] {
  for (const path of databaseFiles()) {
    const file = new DatabaseSync(path)
    try {
      return file.prepare(query).all()
    } catch {
      // the table does not exist yet
    } finally {
      file.close()
    }
  }
  return []
}

function databaseFiles(): string[] {
  const folder = join(paths.state, 'v3', 'd1', 'miniflare-D1DatabaseObject')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sqlite') && name !== 'metadata.sqlite')
    .map((name) => join(folder, name))
}
