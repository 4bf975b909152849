/** The D1 database as a file. Everything here needs the server to be stopped, except the lock. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
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

/**
 * Rewrites the database file without what was deleted from it. SQLite leaves deleted rows in free pages, and its
 * write-ahead log keeps pages in the order they were written: both would still hold the ballots of a closed round, in
 * the order they were cast.
 *
 * @param always false: only where a server was killed and left its log behind
 */
export function scrub(always: boolean): void {
  for (const path of databaseFiles()) {
    if (!always && !existsSync(`${path}-wal`)) continue
    const file = new DatabaseSync(path, { timeout: 10_000 })
    file.exec('pragma wal_checkpoint(truncate)')
    file.exec('vacuum')
    file.exec('pragma wal_checkpoint(truncate)')
    file.close()
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
  }
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
