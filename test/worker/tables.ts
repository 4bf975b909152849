/** The database as somebody who holds the file sees it: every row of every table, and a way back to an earlier moment. */
import { env } from 'cloudflare:workers'

export type Dump = Record<string, unknown[]>

/** Every row of every table of the product. Blobs are lists of numbers. */
export async function dump(): Promise<Dump> {
  const tables = await tableNames()
  const rows = await env.DB.batch(tables.map((table) => env.DB.prepare(`select * from "${table}"`)))
  return Object.fromEntries(tables.map((table, index) => [table, rows[index]?.results ?? []]))
}

/** Which tables differ, and how many of their rows. */
export function changedRows(before: Dump, after: Dump): Record<string, number> {
  const changed = Object.keys({ ...before, ...after }).map((table) => {
    const known = new Set((before[table] ?? []).map((row) => JSON.stringify(row)))
    const now = (after[table] ?? []).map((row) => JSON.stringify(row))
    const gone = known.size - now.filter((row) => known.has(row)).length
    return [table, Math.max(gone, now.filter((row) => !known.has(row)).length)] as const
  })
  return Object.fromEntries(changed.filter(([, rows]) => rows > 0))
}

/**
 * Remembers this moment. The answer goes back to it, as often as it is called, with every table as it was.
 *
 * @example const rewind = await remember(); await something(); await rewind()
 */
export async function remember(): Promise<() => Promise<void>> {
  const tables = await tableNames()
  await env.DB.batch(tables.map((table) => env.DB.prepare(`create table "${kept}${table}" as select * from "${table}"`)))
  return async () => {
    await env.DB.batch([
      env.DB.prepare('pragma defer_foreign_keys = on'),
      ...tables.flatMap((table) => [
        env.DB.prepare(`delete from "${table}"`),
        env.DB.prepare(`insert into "${table}" select * from "${kept}${table}"`),
      ]),
    ])
  }
}

const kept = 'kept_'

export async function tableNames(): Promise<string[]> {
  const { results } = await env.DB.prepare("select name from sqlite_master where type = 'table' order by name").all<{ name: string }>()
  return results.map(({ name }) => name).filter((name) => !/^(sqlite_|_cf_|d1_|kept_)/.test(name))
}
