/** A CRM on this machine, set up by somebody with a browser, from "Add a source" to the KPIs that came from it. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messagesOf } from '../../worker/i18n'
import { type FakeDeal, type FakePipedrive, fakePipedrive } from '../fakes/pipedrive'
import { violationsIn } from './axe'
import { executablePath, launch, open, overflow, type Watched } from './browser'
import { emptyHome, freePort, type Server, startServer } from './server'

const t = messagesOf('en')
const token = 'token-of-an-administrator-2468'

/** Won in the last whole month, for 1,000.00 each: more than a page of them, so that the pull turns pages. */
const lastMonth = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() - 1, 10, 12)).toISOString()
const deals = Array.from(
  { length: 620 },
  (_, index): FakeDeal => ({
    id: index + 1,
    status: 'won',
    value: 1_000,
    currency: 'USD',
    stage_id: 1,
    org_id: index,
    add_time: lastMonth,
    update_time: lastMonth,
    won_time: lastMonth,
    close_time: lastMonth,
  }),
)

describe.skipIf(!executablePath)('setting a source up', () => {
  let vendor: { fake: FakePipedrive; server: HttpServer; host: string }
  let server: Server
  let browser: Browser
  let admin: Watched
  let source = ''
  beforeAll(async () => {
    vendor = await serveVendor()
    const home = await emptyHome()
    const secrets = [`KEK="${randomBytes(32).toString('base64')}"`, `OPERATOR_TOKEN="${randomBytes(32).toString('base64url')}"`]
    writeFileSync(join(home, '.dev.vars'), [...secrets, `SOURCE_ALLOW_HOSTS="${vendor.host}"`, ''].join('\n'), { mode: 0o600 })
    ;[server, browser] = await Promise.all([startServer(home), launch()])
    admin = await open(browser)
    await admin.page.goto(server.signIn)
    await admin.page.waitForURL((url) => url.pathname !== '/sign-in')
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    vendor?.server.close()
  })

  /** What is wrong with the page as it stands, on a desk and on a phone. */
  async function wrongWith(page: Page): Promise<string[]> {
    const wrong = await violationsIn('en', page)
    await page.setViewportSize({ width: 390, height: 844 })
    const wide = await overflow(page)
    await page.setViewportSize({ width: 1280, height: 900 })
    return wide > 0 ? [...wrong, `sticks out by ${wide} pixels on a phone`] : wrong
  }

  it('leads from "Add a source" to KPIs on the page', async () => {
    const { page, troubles } = admin
    const s = t.sourceSetup
    await page.goto(`${server.url}/sources`)
    await page.getByRole('link', { name: t.sourcesPage.add }).click()
    await page.getByRole('link', { name: s.kinds.pipedrive.name }).click()

    await page.getByLabel(s.domain).fill(vendor.host)
    await page.getByLabel(s.secrets.token).fill('a-token-that-was-revoked')
    await page.getByRole('button', { name: s.connect }).click()
    await page.getByText(s.notConnectedTitle).waitFor()
    expect(await wrongWith(page)).toEqual([])
    expect(await page.getByLabel(s.secrets.token).inputValue()).toBe('')
    await page.getByLabel(s.secrets.token).fill(token)
    await page.getByRole('button', { name: s.saveAndTest }).click()
    await page.getByText(s.report.works).waitFor()
    expect(await wrongWith(page)).toEqual([])
    source = page.url().replace('/connection', '')

    await page.getByRole('link', { name: s.goOnToMapping }).click()
    await page.getByText(s.unmapped(1)).waitFor()
    expect(await wrongWith(page)).toEqual([])
    await page.getByLabel('Hot', { exact: true }).selectOption('sql')
    await page.getByLabel(s.when.owner).fill('owner@acme.example')
    await page.getByLabel(t.sourcesPage.currency).fill('USD')
    await page.getByRole('button', { name: s.saveAndLook }).click()

    await page.getByRole('button', { name: s.look.run }).click()
    await page.getByText(s.look.nothingWritten).waitFor()
    await page.getByText('1000.00 USD').first().waitFor()
    expect(await wrongWith(page)).toEqual([])
    await page.getByRole('button', { name: s.look.start }).click()

    // The page looks again by itself while the pull is under way.
    await page.getByText(s.outcomes.done, { exact: true }).first().waitFor({ timeout: 30_000 }) // the next pull may be there, too
    await page.getByText('621', { exact: true }).first().waitFor()
    await page.locator('[data-reload]').waitFor({ state: 'detached', timeout: 30_000 })
    expect(await wrongWith(page)).toEqual([])
    await page.goto(`${server.url}/sources`)
    const revenue = page.getByRole('row').filter({ hasText: t.metrics.names.won_revenue })
    await expect.poll(() => revenue.first().textContent()).toContain('620,000')
    expect(troubles).toEqual([])
  })

  it('stops when the key is taken back, says so, and goes on with a new one', async () => {
    const { page } = admin
    const s = t.sourceSetup
    vendor.fake.token = 'another-token-of-somebody-1357'
    await page.goto(source)
    await page.getByRole('button', { name: s.pullNow }).click()
    await page.getByText(s.stoppedTitle).waitFor({ timeout: 30_000 })
    await page.getByText(t.pulling.failures.unauthorised.detail({})).first().waitFor()
    expect(await wrongWith(page)).toEqual([])
    await page.getByLabel(s.secrets.token).fill(vendor.fake.token)
    await page.keyboard.press('Enter')
    await page.getByText(s.dones.resumed).waitFor()
    await page.getByText(s.standings.active, { exact: true }).waitFor({ timeout: 30_000 })
    expect(await page.content()).not.toContain(vendor.fake.token)
    expect(server.output()).not.toContain(vendor.fake.token)
  })

  it('asks before everything is read again, and before a source goes with its facts', async () => {
    const { page } = admin
    const s = t.sourceSetup
    await page.goto(source)
    await page.getByText(s.reread).click()
    await page.getByText(s.rereadWhat).waitFor()
    await page.getByRole('link', { name: t.sourcesPage.remove }).click()
    await page.getByText(s.factCounts.deal(620, '620')).waitFor()
    expect(await wrongWith(page)).toEqual([])
    await page.getByRole('button', { name: t.sourcesPage.removeYes }).click()
    await page.getByText(t.sourcesPage.removed).waitFor()
    await page.getByText(t.sourcesPage.empty, { exact: true }).waitFor()
  })

  async function serveVendor() {
    const fake = fakePipedrive({
      deals,
      leads: [{ id: 'l1', label_ids: ['hot'], add_time: lastMonth, update_time: lastMonth }],
      labels: [{ id: 'hot', name: 'Hot' }],
    })
    fake.token = token
    const http = createServer(async (request, response) => {
      const answer = fake.answer(
        request.url ?? '/',
        new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      )
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
    })
    const port = await freePort()
    await new Promise<void>((done) => http.listen(port, '127.0.0.1', done))
    return { fake, server: http, host: `127.0.0.1:${port}` }
  }
})
