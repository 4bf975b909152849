/**
 * `npm run screenshots`: every page of the sample organisation, on a desk and on a phone, light, dark and in Arabic, what leaders read
 * in every state, and the overview on paper, into `.plumbline/screenshots` (ignored by git). The sample is loaded at the first run
 * and kept. `npm run screenshots overview` takes those only whose name begins so.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { executablePath, launch, open } from './browser.ts'
import { staffPages } from './pages.ts'
import { bare, type Server, startServer } from './server.ts'
import { homeIn, states } from './states.ts'

const folder = resolve(import.meta.dirname, '../../.plumbline')
const pictures = join(folder, 'screenshots')
const widths = [1280, 390]
const looks = [
  { name: 'light', colorScheme: 'light', lang: 'en' },
  { name: 'dark', colorScheme: 'dark', lang: 'en' },
  { name: 'ar', colorScheme: 'light', lang: 'ar' },
] as const

/** What leaders read; each is looked at in every state. */
const read = ['overview', 'kpis', 'kpis/funnel', 'kpis/sla', 'definitions', 'rounds', 'explore', 'events', 'first-steps']

const [only = ''] = process.argv.slice(2)

if (!executablePath) throw new Error('No Chromium was found. Install one or set CHROMIUM_PATH.')
mkdirSync(folder, { recursive: true })
if (only === '') rmSync(pictures, { recursive: true, force: true })
const browser = await launch()
const sample = join(folder, 'home')
let count = 0
try {
  await withServer(sample, takeSample)
  for (const state of Object.keys(states) as (keyof typeof states)[]) {
    const home = join(folder, 'states', state)
    homeIn(state, sample, home)
    await withServer(home, (server) => takeRead(state, server))
  }
  const empty = join(folder, 'states', 'empty')
  rmSync(empty, { recursive: true, force: true })
  bare(empty)
  await withServer(empty, (server) => takeRead('empty', server))
} finally {
  await browser.close()
}
console.log(`${count} pictures, in ${pictures}`)

async function withServer(home: string, work: (server: Server) => Promise<void>): Promise<void> {
  const server = await startServer(home)
  try {
    await work(server)
  } finally {
    await server.stop()
  }
}

async function signedIn(server: Server) {
  const admin = await open(browser)
  await admin.page.goto(server.signIn)
  await admin.page.waitForURL((url) => url.pathname !== '/sign-in')
  return admin
}

async function takeSample(server: Server): Promise<void> {
  const admin = await signedIn(server)
  const pages = {
    ...(await staffPages(admin.page, server.url)),
    ballot: server.survey ?? '',
    thanks: thanksOf(server.survey ?? ''),
    'not-found': `${server.url}/nowhere`,
  }
  await takeAll('', pages, await admin.context.storageState())
  await admin.page.goto(`${server.url}/overview`, { waitUntil: 'networkidle' })
  await admin.page.pdf({ path: join(pictures, 'overview-print.pdf'), format: 'A4', landscape: true, printBackground: true })
  const signedOut = await open(browser)
  await signedOut.page.goto(`${server.url}/sign-in`)
  await signedOut.page.screenshot({ path: join(pictures, 'sign-in-1280-light.png') })
}

async function takeRead(state: string, server: Server): Promise<void> {
  const admin = await signedIn(server)
  const pages: Record<string, string> = {}
  for (const path of read) pages[`${path.replace('/', '-')}-${state}`] = `${server.url}/${path}`
  await admin.page.goto(`${server.url}/rounds`)
  const closed = admin.page.locator('main table a').last()
  if ((await closed.count()) > 0) pages[`rounds-result-${state}`] = `${server.url}${await closed.getAttribute('href')}`
  await takeAll(state, pages, await admin.context.storageState())
}

async function takeAll(state: string, pages: Record<string, string>, storageState: Awaited<ReturnType<BrowserContext['storageState']>>) {
  for (const { name: look, colorScheme, lang } of looks) {
    const { context, page } = await open(browser, { storageState, colorScheme })
    for (const [name, address] of Object.entries(pages)) {
      if (!name.startsWith(only)) continue
      const url = new URL(address)
      url.searchParams.set('lang', lang)
      url.searchParams.set('language', lang) // of a message that is looked at
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 })
        await page.goto('about:blank') // or an address that differs in its fragment only would not load
        await page.goto(url.href, { waitUntil: 'networkidle' })
        await page.screenshot({ path: join(pictures, state, `${name}-${width}-${look}.png`), fullPage: true })
        count += 1
      }
    }
    await context.close()
  }
}

/** The survey's last page, as somebody of the link's cohort gets it. */
function thanksOf(link: string): string {
  const url = new URL(link)
  const [cohort = ''] = url.hash.slice(1).split('.')
  return `${url.origin}${url.pathname}/thanks?cohort=${cohort}#done`
}
