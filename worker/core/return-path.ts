/** Where a form leads back to: a page of our own, whatever a link or a form says. */

/** Stands for our own address while a path is read; no host of it exists. */
const own = 'https://own.invalid'
const longest = 1000

/**
 * This path, with its query and its anchor, when it leads to a page of ours; the other one else.
 *
 * @param text as a form sent it
 * @example returnPath('/overview?round=9#trend', '/events') // '/overview?round=9#trend'
 * @example returnPath('//evil.example', '/events') // '/events'; so do '/\\evil.example', '/.//evil.example' and 'https:…'
 */
export function returnPath(text: unknown, otherwise: string): string {
  if (typeof text !== 'string' || text.length > longest || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text)) return otherwise
  const url = URL.parse(text, own)
  // A path of dots is shortened when it is read, and may then begin like a host.
  if (url?.origin !== own || url.pathname.startsWith('//')) return otherwise
  return `${url.pathname}${url.search}${url.hash}`
}

/**
 * The same path with one more parameter in its query, before its anchor.
 *
 * @example withParameter('/overview?round=9#trend', 'added', 'x') // '/overview?round=9&added=x#trend'
 */
export function withParameter(path: string, name: string, value: string): string {
  const url = new URL(path, own)
  url.searchParams.set(name, value)
  return `${url.pathname}${url.search}${url.hash}`
}
