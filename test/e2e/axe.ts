/** What a machine can tell of a page's accessibility: every rule of axe-core but its experimental ones. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BrowserContext, Page } from 'playwright-core'
import type { Locale } from '../../worker/i18n'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Has axe on every page from its start: to send half a megabyte to each page costs as much as to load the page. */
export const bringAxe = (context: BrowserContext): Promise<unknown> => context.addInitScript(source)

/** Of axe's answer, what is told. */
interface Violation {
  id: string
  help: string
  nodes: { html: string; failureSummary?: string }[]
}

/** Three quarters of the time that axe takes for a page go into this rule. */
const contrast = 'color-contrast'

/** Colours are the same in every language, so they are looked at in one of each direction only. */
const coloured: readonly Locale[] = ['en', 'ar']

/**
 * What is wrong with a page as it stands, light and dark; only colours differ between the two. Leaves the page dark or light,
 * as it was looked at last. Evaluated rather than added as a script, which the page's own policy would refuse.
 *
 * @example await page.goto('/overview?lang=th'); expect(await violationsIn('th', page)).toEqual([])
 */
export async function violationsIn(locale: Locale, page: Page): Promise<string[]> {
  const looksAtColours = coloured.includes(locale)
  await page.emulateMedia({ colorScheme: 'light' })
  const light = await violationsOf(page, looksAtColours ? {} : { rules: { [contrast]: { enabled: false } } })
  if (!looksAtColours) return light
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await violationsOf(page, { runOnly: [contrast] })
  return [...light, ...dark.map((line) => `dark: ${line}`)]
}

/** One line for each rule that is broken: its name, what it asks for, and the first places. Which rules is axe's to say. */
async function violationsOf(
  page: Page,
  which: { runOnly?: string[]; rules?: Record<string, { enabled: boolean }> } = {},
): Promise<string[]> {
  if (!(await page.evaluate<boolean>('Boolean(globalThis.axe)'))) await page.evaluate(source)
  const options = { resultTypes: ['violations'], ...which }
  const { violations } = await page.evaluate<{ violations: Violation[] }>(`axe.run(${JSON.stringify(options)})`)
  return violations.map(({ id, help, nodes }) => {
    const places = nodes
      .slice(0, 3)
      .map(({ html, failureSummary }) => `  ${html}\n    ${failureSummary?.split('\n').slice(1).join('; ').trim()}`)
    return `${id}: ${help} (${nodes.length}×)\n${places.join('\n')}`
  })
}
