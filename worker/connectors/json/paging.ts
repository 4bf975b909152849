/** Which request follows which: by a link, a number or a cursor that the server gives. */
import { PullFailure } from '../failure'
import { type Document, JsonNumber, valueAt } from './document'
import type { JsonSettings, Paging } from './settings'

/** Where a pull stands between two pages. */
export type Position = { url: string } | { number: number } | { cursor: string }

/**
 * The address of a page.
 *
 * @param position null for the first one
 */
export function pageAddress({ url, paging }: Pick<JsonSettings, 'url' | 'paging'>, position: Position | null): string {
  if (position && 'url' in position) return position.url
  const address = new URL(url)
  const set = (name: string, value: number | string) => address.searchParams.set(name, String(value))
  if (paging.by === 'page' || paging.by === 'offset') {
    const start = paging.by === 'page' ? paging.first : 0
    set(paging.parameter, position && 'number' in position ? position.number : start)
    if (paging.sizeParameter && paging.size) set(paging.sizeParameter, paging.size)
  }
  if (paging.by === 'cursor' && position && 'cursor' in position) set(paging.parameter, position.cursor)
  return address.href
}

/**
 * What comes after a page; null where it was the last one.
 *
 * @param at the address that was asked
 * @throws PullFailure redirect-refused where the next page is on another host, unexpected-shape
 */
export function nextPosition(
  paging: Paging,
  page: { document: Document; records: number; at: string; position: Position | null },
): Position | null {
  if (paging.by === 'none') return null
  if (paging.by === 'page' || paging.by === 'offset') {
    if (page.records === 0 || (paging.size !== undefined && page.records < paging.size)) return null
    const start = paging.by === 'page' ? paging.first : 0
    const number = page.position && 'number' in page.position ? page.position.number : start
    return { number: number + (paging.by === 'page' ? 1 : page.records) }
  }
  const found = valueAt(page.document, paging.pointer)
  const text = found instanceof JsonNumber ? found.text : found
  if (text === undefined || text === null || text === false || text === '') return null
  if (typeof text !== 'string' || text.length > 4_000) throw new PullFailure('unexpected-shape', { field: paging.pointer })
  if (paging.by === 'cursor') return { cursor: text }
  const url = URL.parse(text, page.at)
  if (!url) throw new PullFailure('unexpected-shape', { field: paging.pointer })
  // The secret goes along with every page: it is for one host.
  if (url.origin !== new URL(page.at).origin) throw new PullFailure('redirect-refused', { host: url.hostname, field: paging.pointer })
  return { url: url.href }
}
