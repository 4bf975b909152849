/**
 * `npm run screenshots`: every page of the sample organisation, on a desk and on a phone, light, dark and in Arabic, into
 * `.plumbline/screenshots` (ignored by git). The sample is loaded at the first run and kept.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { executablePath, launch, open } from './browser.ts'
import { staffPages } from './pages.ts'
import { startServer } from './server.ts'

const folder = resolve(import.meta.dirname, '../../.plumbline')
const pictures = join(folder, 'screenshots')
const widths = [1280, 390]
const looks = [
  { name: 'light', colorScheme: 'light', lang: 'en' },
  { name: 'dark', colorScheme: 'dark', lang: 'en' },
  { name: 'ar', colorScheme: 'light', lang: 'ar' },
] as const

if (!executablePath) throw new Error('No Chromium was found. Install one or set CHROMIUM_PATH.')
mkdirSync(folder, { recursive: true })
const server = await startServer(join(folder, 'home'))
const browser = await launch()
try {
  await takeAll()
} finally {
  await browser.close()
  await server.stop()
}

async function takeAll(): Promise<void> {
  const admin = await open(browser)
  await admin.page.goto(server.signIn)
  await admin.page.waitForURL('**/overview')
  const storageState = await admin.context.storageState()
  const pages = {
    ...(await staffPages(admin.page, server.url)),
    survey: server.survey ?? '',
    thanks: thanksOf(server.survey ?? ''),
    'not-found': `${server.url}/nowhere`,
  }
  rmSync(pictures, { recursive: true, force: true })
  for (const { name: look, colorScheme, lang } of looks) {
    const { context, page } = await open(browser, { storageState, colorScheme })
    for (const [name, address] of Object.entries(pages)) {
      const url = new URL(address)
      url.searchParams.set('lang', lang)
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 })
        await page.goto('about:blank') // or an address that differs in its fragment only would not load
        await page.goto(url.href, { waitUntil: 'networkidle' })
        await page.screenshot({ path: join(pictures, `${name}-${width}-${look}.png`), fullPage: true })
      }
    }
    await context.close()
  }
  const signedOut = await open(browser)
  await signedOut.page.goto(`${server.url}/sign-in`)
  await signedOut.page.screenshot({ path: join(pictures, 'sign-in-1280-light.png') })
  console.log(`${Object.keys(pages).length} pages, in ${pictures}`)
}

/** The survey's last page, as somebody of the link's cohort gets it. */
function thanksOf(link: string): string {
  const url = new URL(link)
  const [cohort = ''] = url.hash.slice(1).split('.')
  return `${url.origin}${url.pathname}/thanks?cohort=${cohort}#done`
}
