/**
 * `npm run bench:pages`: how soon the survey page shows something, and how soon it can be answered, and the same of the overview with its
 * charts, on a slow phone: CPU at a quarter, slow 4G (1.6 Mbit/s, 150 ms). A bare page in the same run is the yardstick.
 */
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { launch, open } from '../e2e/browser.ts'
import { bareHome, type Server, sampleHome, signIn, startServer } from '../e2e/server.ts'

const runs = 9
const slow = { cpu: 4, network: { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 } }

/** Milliseconds from the request. */
interface Times {
  /** First contentful paint. */
  shown: number
  /** The button is on, and no task of more than 50 ms is left. NaN of a page without one. */
  ready: number
  /** Largest contentful paint. */
  largest: number
  /** What tasks took beyond 50 ms each, once something was shown. */
  blocked: number
}

const browser = await launch()
const [forSurvey, forOverview] = [await startServer(bareHome()), await startServer((await sampleHome()).home)]
try {
  const survey = await anOpenRound(forSurvey)
  const overview = `${forOverview.url}/overview`
  const leader = { storageState: await stateOf(forOverview) }
  const pages: Record<string, [url: string, options?: BrowserContextOptions]> = {
    bare: [`${forSurvey.url}/problems/not-found`],
    survey: [survey],
    'survey, Thai': [`${survey}?lang=th`],
    'survey, Arabic': [`${survey}?lang=ar`],
    overview: [overview, leader],
    'overview, Thai': [`${overview}?lang=th`, leader],
    'overview, Arabic': [`${overview}?lang=ar`, leader],
  }
  console.log(`Median of ${runs}, milliseconds (× the bare page)\n`)
  console.log(['', 'shown', 'largest', 'ready', 'blocked'].map((head, index) => head.padEnd(index === 0 ? 18 : 16)).join(''))
  let bare = 1
  for (const [page, [url, options]] of Object.entries(pages)) {
    const { shown, largest, ready, blocked } = await medianOf(browser, url, options)
    if (page === 'bare') bare = shown
    const times = (value: number) => (Number.isNaN(value) ? '' : `${value.toFixed(0)} (${(value / bare).toFixed(1)} ×)`).padEnd(16)
    console.log(`${page.padEnd(18)}${times(shown)}${times(largest)}${times(ready)}${blocked.toFixed(0)}`)
  }
} finally {
  await browser.close()
  await Promise.all([forSurvey.stop(), forOverview.stop()])
}

/** Cookies of somebody who has signed in. */
async function stateOf(server: Server) {
  const { context, page } = await open(browser)
  await page.goto(server.signIn)
  await page.waitForURL((url) => url.pathname !== '/sign-in')
  const state = await context.storageState()
  await context.close()
  return state
}

async function medianOf(browser: Browser, url: string, options?: BrowserContextOptions): Promise<Times> {
  const all: Times[] = []
  for (let run = 0; run <= runs; run++) all.push(await measure(browser, url, options))
  const counted = all.slice(1) // the first one warms the server
  const median = (key: keyof Times) => counted.map((times) => times[key]).sort((a, b) => a - b)[runs >> 1] as number
  return { shown: median('shown'), ready: median('ready'), largest: median('largest'), blocked: median('blocked') }
}

/** A profile of its own for every visit: nothing comes from a cache. */
async function measure(browser: Browser, url: string, options?: BrowserContextOptions): Promise<Times> {
  const { context, page } = await open(browser, { ...options, viewport: { width: 390, height: 844 } })
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: slow.cpu })
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', slow.network)
  await page.addInitScript(`
    globalThis.ready = NaN
    globalThis.tasks = []
    globalThis.largest = 0
    new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: 'longtask', buffered: true })
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (largest = entry.startTime)))
      .observe({ type: 'largest-contentful-paint', buffered: true })
    new MutationObserver((_, observer) => {
      const button = document.querySelector('[type=submit]')
      if (!button || button.disabled) return
      ready = performance.now()
      observer.disconnect()
    }).observe(document, { subtree: true, childList: true, attributes: true })`)
  await page.goto(url, { waitUntil: 'networkidle' })
  while (!(await page.evaluate(`performance.getEntriesByName('first-contentful-paint').length > 0`))) await page.waitForTimeout(50)
  await page.locator('.plot:not([data-drawn])').first().waitFor({ state: 'detached' })
  const times = await page.evaluate<Times>(`(() => {
    const [{ startTime: shown }] = performance.getEntriesByName('first-contentful-paint')
    const ends = tasks.map(({ startTime, duration }) => startTime + duration)
    return {
      shown,
      ready: Math.max(ready, 0, ...ends),
      largest,
      blocked: tasks.filter(({ startTime }) => startTime >= shown).reduce((sum, { duration }) => sum + duration - 50, 0),
    }
  })()`)
  await context.close()
  return times
}

/** @returns the address of its survey, without a personal link: what is asked is the same */
async function anOpenRound(server: Server): Promise<string> {
  const headers = await signIn(server)
  const post = async (path: string, body: string, type: string) => {
    const response = await fetch(server.url + path, { method: 'POST', headers: { ...headers, 'Content-Type': type }, body })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as { id: string; invitations: { url: string }[] }
  }
  const rows = Array.from(
    { length: 12 },
    (_, index) => `p${index}@acme.example,Person ${index},team ${index % 2},${index % 2 ? 'sales' : 'marketing'},en`,
  )
  await post('/api/v1/people/imports?mode=partial&dryRun=false', ['email,name,team,side,locale', ...rows].join('\n'), 'text/csv')
  const { id } = await post('/api/v1/rounds', JSON.stringify({ period: '2026-11' }), 'application/json')
  await post(`/api/v1/rounds/${id}/opening`, '', 'application/json')
  return `${server.url}/s/${id}`
}
