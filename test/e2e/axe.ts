/** What a machine can tell of a page's accessibility: every rule of axe-core but its experimental ones. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Of axe's answer, what is told. */
interface Violation {
  id: string
  help: string
  nodes: { html: string; failureSummary?: string }[]
}

/**
 * Fails with each rule that the page breaks, and where. The page is looked at as it stands: language, colour scheme,
 * width and state are the caller's. Evaluated rather than added as a script, which the page's own policy would refuse.
 *
 * @example await page.emulateMedia({ colorScheme: 'dark' }); await expectAccessible(page)
 */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violationsOf(page), `${page.url()} is not accessible`).toEqual([])
}

/**
 * One line for each rule that is broken: its name, what it asks for, and the first places.
 *
 * @param rules all where none are named; of a page that was looked at before, colours are what another scheme changes
 */
export async function violationsOf(page: Page, rules: readonly string[] = []): Promise<string[]> {
  await page.evaluate(`globalThis.axe || (() => { ${source} })()`)
  const options = { resultTypes: ['violations'], ...(rules.length > 0 && { runOnly: rules }) }
  const { violations } = await page.evaluate<{ violations: Violation[] }>(`axe.run(${JSON.stringify(options)})`)
  return violations.map(({ id, help, nodes }) => {
    const places = nodes
      .slice(0, 3)
      .map(({ html, failureSummary }) => `  ${html}\n    ${failureSummary?.split('\n').slice(1).join('; ').trim()}`)
    return `${id}: ${help} (${nodes.length}×)\n${places.join('\n')}`
  })
}
