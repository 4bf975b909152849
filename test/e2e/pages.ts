import type { Page } from 'playwright-core'

/**
 * The sections, and one page of each kind that they lead to, by a name that says which kind it is.
 *
 * @param page of somebody who is signed in
 * @param url where the server is, no slash at the end
 */
export async function staffPages(page: Page, url: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  await page.goto(`${url}/overview`)
  const sections = page.locator('header nav a')
  const queue = await hrefs(sections)
  for (let path = queue.shift(); path; path = queue.shift()) {
    const kind = kindOf(path)
    if (kind in found) continue
    const response = await page.request.get(url + path)
    if (!response.headers()['content-type']?.startsWith('text/html')) continue
    found[kind] = url + path
    await page.goto(url + path)
    queue.push(...(await hrefs(page.locator('main a[href^="/"]'))))
  }
  await page.goto(`${url}/rounds`)
  const closed = await page.locator('main table a').last().getAttribute('href')
  return { ...found, 'rounds-result': `${url}${closed}` }
}

const hrefs = (links: ReturnType<Page['locator']>) =>
  links.evaluateAll((all: { getAttribute: (name: string) => string | null }[]) => all.map((link) => link.getAttribute('href') ?? ''))

/** Pages that differ in whom or what they are about are of one kind. */
const kindOf = (path: string): string =>
  path
    .replace(/[?#].*$/, '')
    .slice(1)
    .replace(/(?<=^sources\/new\/)(hubspot|salesforce|pipedrive)$/, 'crm')
    .replace(/[\w-]{20,}|(?<=(goals|terms|metrics|explore\/(pillars|themes|items|kpis))\/).+/g, 'one')
    .replaceAll('/', '-')
