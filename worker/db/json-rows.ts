/** Rows for one statement, sent as JSON and taken apart by `json_each`: no limit on bound parameters is met that way. */

/** D1 takes 2 MB a bound value. */
const maximumBytes = 1_500_000

/**
 * The rows as JSON arrays, each small enough for one bound parameter. No rows, no arrays.
 *
 * @example for (const rows of jsonRows(people)) statements.push(db.insert(people).select(sql`select … from json_each(${rows})`))
 */
export function jsonRows(rows: Iterable<unknown>): string[] {
  const encoder = new TextEncoder()
  const parts: string[][] = []
  let size = 0
  for (const row of rows) {
    const json = JSON.stringify(row)
    const bytes = encoder.encode(json).length + 1
    if (parts.length === 0 || size + bytes > maximumBytes) {
      parts.push([])
      size = 2
    }
    parts.at(-1)?.push(json)
    size += bytes
  }
  return parts.map((part) => `[${part.join(',')}]`)
}
