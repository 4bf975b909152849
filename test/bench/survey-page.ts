/**
 * `npm run bench:survey`: how soon the survey page shows something, and how soon it can be answered, on a slow phone: CPU
 * at a quarter, slow 4G (1.6 Mbit/s, 150 ms). A bare page of the same server in the same run is the yardstick.
 */
import type { Browser } from 'playwright-core'
import { launch, open } from '../e2e/browser.ts'
import { bareHome, type Server, signIn, startServer } from '../e2e/server.ts'

const runs = 9
const slow = { cpu: 4, network: { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 } }

/** Milliseconds from the request. */
interface Times {
  /** First contentful paint. */
  shown: number
  /** The button is on, and no task of more than 50 ms is left. NaN of a page without one. */
  ready: number
}

const [server, browser] = await Promise.all([startServer(bareHome()), launch()])
try {
  const survey = await anOpenRound(server)
  const pages = {
    bare: `${server.url}/problems/not-found`,
    survey,
    'survey, Thai': `${survey}?lang=th`,
    'survey, Arabic': `${survey}?lang=ar`,
  }
  console.log(`Median of ${runs}, milliseconds`)
  const bare = await medianOf(browser, pages.bare)
  for (const [page, url] of Object.entries(pages)) {
    const { shown, ready } = page === 'bare' ? bare : await medianOf(browser, url)
    const times = (value: number) => `${value.toFixed(0).padStart(6)} (${(value / bare.shown).toFixed(1)} × bare)`
    console.log(`${page.padEnd(16)} shown ${times(shown)}${Number.isNaN(ready) ? '' : `  ready ${times(ready)}`}`)
  }
} finally {
  await browser.close()
  await server.stop()
}

async function medianOf(browser: Browser, url: string): Promise<Times> {
  const all: Times[] = []
  for (let run = 0; run <= runs; run++) all.push(await measure(browser, url))
  const median = (values: number[]) => values.sort((a, b) => a - b)[runs >> 1] as number
  const counted = all.slice(1) // the first one warms the server
  return { shown: median(counted.map(({ shown }) => shown)), ready: median(counted.map(({ ready }) => ready)) }
}

/** A profile of its own for every visit: nothing comes from a cache. */
async function measure(browser: Browser, url: string): Promise<Times> {
  const { context, page } = await open(browser, { viewport: { width: 390, height: 844 } })
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: slow.cpu })
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', slow.network)
  await page.addInitScript(`
    globalThis.ready = NaN
    globalThis.tasks = 0
    new PerformanceObserver((list) => list.getEntries().forEach((task) => (tasks = task.startTime + task.duration)))
      .observe({ type: 'longtask', buffered: true })
    new MutationObserver((_, observer) => {
      const button = document.querySelector('[type=submit]')
      if (!button || button.disabled) return
      ready = performance.now()
      observer.disconnect()
    }).observe(document, { subtree: true, childList: true, attributes: true })`)
  await page.goto(url, { waitUntil: 'networkidle' })
  await page.waitForFunction(`performance.getEntriesByName('first-contentful-paint').length > 0`)
  const times = await page.evaluate<Times>(`({
    shown: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    ready: Math.max(ready, tasks),
  })`)
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
