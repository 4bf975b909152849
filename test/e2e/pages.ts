import type { Page } from 'playwright-core'

/**
 * The sections, and one page of each kind that they lead to, by a name that says which kind it is.
 *
 * @param page of somebody who is signed in
 * @param url where the server is, no slash at the end
 */
export async function staffPages(page: Page, url: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  const read = async (path: string) => {
    const response = await page.request.get(url + path)
    return response.headers()['content-type']?.startsWith('text/html') ? response.text() : undefined
  }
  const queue = linksIn(await read('/overview'), /<nav.*?<\/nav>/gs)
  for (let path = queue.shift(); path; path = queue.shift()) {
    const kind = kindOf(path)
    if (kind in found) continue
    const html = await read(path)
    if (html === undefined) continue
    found[kind] = url + path
    queue.push(...linksIn(html, /<main.*<\/main>/gs))
  }
  await page.goto(`${url}/rounds`)
  const closed = await page.locator('main table a').last().getAttribute('href')
  return { ...found, 'rounds-result': `${url}${closed}` }
}

/** Addresses of this server that a part of a page leads to. As the server wrote them: nothing needs to be drawn to be found. */
const linksIn = (html: string | undefined, part: RegExp): string[] =>
  [...(html ?? '').matchAll(part)].flatMap(([within]) =>
    [...within.matchAll(/<a [^>]*?href="(\/[^"]*)"/g)].map(([, path = '']) => path.replaceAll('&amp;', '&')),
  )

/** Pages that differ in whom or what they are about are of one kind. */
const kindOf = (path: string): string =>
  path
    .replace(/[?#].*$/, '')
    .slice(1)
    .replace(/(?<=^sources\/new\/)(hubspot|salesforce|pipedrive)$/, 'crm')
    .replace(/[\w-]{20,}|(?<=(goals|terms|metrics|explore\/(pillars|themes|items|kpis))\/).+/g, 'one')
    .replaceAll('/', '-')
