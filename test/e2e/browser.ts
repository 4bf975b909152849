import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { findChromium } from '../../worker/local/chromium.ts'

/** Undefined where there is no browser: then the tests in one are skipped, and the summary says why. */
export const executablePath = findChromium()

/** Chromium that talks to nobody but the page's server. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

export interface Watched {
  context: BrowserContext
  page: Page
  /** What a person with the developer tools open would have seen go wrong, requests to other hosts included. */
  troubles: string[]
}

/** How long a page is waited for; on a processor that many share, half a minute is not always enough. */
const patience = 60_000

/** A fresh browser profile with one page. */
export async function open(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  context.setDefaultTimeout(patience)
  const troubles: string[] = []
  context.on('request', (request) => {
    if (new URL(request.url()).hostname !== '127.0.0.1') troubles.push(`request to ${request.url()}`)
  })
  context.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text())
  })
  context.on('weberror', (error) => troubles.push(String(error.error())))
  return { context, page: await context.newPage(), troubles }
}

/** How far the page sticks out sideways, in pixels. */
export const overflow = (page: Page): Promise<number> =>
  page.locator('html').evaluate((root: { scrollWidth: number; clientWidth: number }) => root.scrollWidth - root.clientWidth)

/** Which lists that stand row by row on a phone still need to be scrolled sideways, by their names. */
export const scrolledLists = (page: Page): Promise<string[]> =>
  page
    .locator('.scroll:has(> .stack)')
    .evaluateAll((frames: { ariaLabel: string; scrollWidth: number; clientWidth: number }[]) =>
      frames.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ ariaLabel }) => ariaLabel),
    )

/** Waits until the survey's script is there and has put back what was kept. */
export const surveyReady = (page: Page): Promise<void> => page.locator('#group, .oops[id]').filter({ visible: true }).first().waitFor()
