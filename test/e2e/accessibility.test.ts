/** What a machine can find wrong with any page: in every language, light and dark, and on a phone. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { directionOf, locales } from '../../worker/i18n'
import { bringAxe, violationsIn } from './axe'
import { executablePath, launch, open, overflow, scrolledLists, type Watched } from './browser'
import { staffPages } from './pages'
import { type Server, sampleHome, startServer } from './server'

describe.skipIf(!executablePath)('every page of the sample organisation', () => {
  let server: Server
  let browser: Browser
  let admin: Watched
  let pages: Record<string, string>
  /** The HTML of an invitation and of a digest; their own addresses run no script, and so no axe. */
  let messages: string[]
  beforeAll(async () => {
    const { home } = await sampleHome()
    ;[server, browser] = await Promise.all([startServer(home), launch()])
    admin = await open(browser)
    await admin.page.goto(server.signIn)
    await admin.page.waitForURL('**/overview')
    pages = { ...(await staffPages(admin.page, server.url)), 'not-found': `${server.url}/nowhere`, privacy: `${server.url}/privacy` }
    const isMessage = (name: string) => name.endsWith('message.html')
    messages = Object.entries(pages).flatMap(([name, address]) => (isMessage(name) ? [address] : []))
    pages = Object.fromEntries(Object.entries(pages).filter(([name]) => !isMessage(name)))
    const shared = await admin.page.request.post(`${server.url}/api/v1/shares`, {
      data: { path: '/overview', name: 'The board' },
      headers: { Origin: server.url },
    })
    pages.shared = ((await shared.json()) as { url: string }).url
  }, 400_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('is looked at', () => {
    expect(Object.keys(pages)).toEqual(
      expect.arrayContaining([
        'overview',
        'rounds',
        'rounds-one',
        'rounds-result',
        'survey',
        'survey-preview',
        'people',
        'sources',
        'settings',
      ]),
    )
  })

  // Two at once: while one waits for its page, the other is looked at. More only take turns on the processor.
  it.concurrent.for(locales)(
    'breaks no rule of accessibility in %s, light or dark, and fits on a phone',
    { timeout: 900_000 },
    async (locale) => {
      const { context, page, troubles } = await open(browser, { storageState: await admin.context.storageState() })
      await bringAxe(context)
      const wrong: string[] = []
      const widths = [1280, 390]
      for (const [name, address] of Object.entries(pages)) {
        const url = new URL(address)
        url.searchParams.set('lang', locale)
        await page.goto(url.href)
        const direction = await page.locator('html').getAttribute('dir')
        if (direction !== directionOf(locale)) wrong.push(`${name}: written ${direction}`)
        for (const width of widths) {
          await page.setViewportSize({ width, height: 900 })
          if (width === 1280) wrong.push(...(await violationsIn(locale, page)).map((line) => `${name}: ${line}`))
          const wide = await overflow(page)
          if (wide > 0) wrong.push(`${name}: sticks out by ${wide} pixels at ${width}`)
          if (width === 390) wrong.push(...(await scrolledLists(page)).map((list) => `${name}: scrolls “${list}” sideways`))
        }
        widths.reverse() // so that the next page begins as wide as this one ended
      }
      expect(wrong).toEqual([])
      expect(troubles.filter((line) => !line.includes('404'))).toEqual([])
    },
  )

  it('breaks none in the messages that invite and that tell of a round, as a program for mail shows them', async () => {
    const { page } = admin
    expect(messages.length).toBeGreaterThan(1)
    for (const message of messages) {
      const html = await (await page.request.get(message)).text()
      await page.goto('about:blank')
      await page.setContent(html)
      expect([message, await violationsIn('en', page)]).toEqual([message, []])
    }
  })
})
