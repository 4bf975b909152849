import type { Browser, BrowserContext, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { messagesOf } from '../../worker/i18n'
import type { RoundKeys } from '../../worker/services/rounds'
import { executablePath, launch, open, surveyReady, type Watched } from './browser'
import { emptyHome, type Server, signIn, startServer } from './server'
import { vote } from './voter'

const t = messagesOf('en')

describe.skipIf(!executablePath)('a ballot, from a browser that may fail at any moment', () => {
  let server: Server
  let browser: Browser
  let headers: Record<string, string>
  let roundId: string
  let links: string[]
  let used = 0
  const nextLink = () => links[used++] ?? ''

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(await emptyHome()), launch()])
    headers = await signIn(server)
    const rows = Array.from({ length: 16 }, (_, index) => {
      const side = index % 2 ? 'sales' : 'marketing'
      return `p${index}@acme.example,${index ? `Person Number${'abcdefghijklmnop'[index]}` : 'Lisa Lee'},${side} team,${side},en`
    })
    await post('/api/v1/people/imports?mode=partial&dryRun=false', ['email,name,team,side,locale', ...rows].join('\n'), 'text/csv')
    roundId = (await post<{ id: string }>('/api/v1/rounds', { period: '2026-11' })).id
    const { invitations } = await post<{ invitations: { url: string }[] }>(`/api/v1/rounds/${roundId}/opening`)
    links = invitations.map(({ url }) => url)
  }, 400_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  async function post<T>(path: string, body?: unknown, type = 'application/json'): Promise<T> {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { ...headers, ...(body ? { 'Content-Type': type } : {}) },
      ...(body ? { body: type === 'text/csv' ? String(body) : JSON.stringify(body) } : {}),
    })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as T
  }

  /** In bytes, of everything that any page sent. */
  const sizes: { path: string; bytes: number }[] = []
  const visit = async (options: Parameters<typeof open>[1] = {}): Promise<Watched> => {
    const visitor = await open(browser, options)
    visitor.page.on('request', (request) => {
      const body = request.postDataBuffer()
      if (body) sizes.push({ path: new URL(request.url()).pathname, bytes: body.length })
    })
    onTestFinished(() => visitor.context.close())
    return visitor
  }

  /** The step at which the browser's journal stands. */
  const stepIn = (page: Page) =>
    page.evaluate<string>(`JSON.parse(localStorage.getItem(Object.keys(localStorage).find((key) => key.startsWith('plumbline:')))).step`)

  const lost = async (route: Route) => {
    await route.fetch() // the server did its part
    await route.abort()
  }

  const points: { step: string; when: string; api: string; fail: (route: Route) => Promise<void>; script?: string }[] = [
    { step: 'blinded', when: 'before the server has heard of it', api: 'issuances', fail: (route) => route.abort() },
    { step: 'blinded', when: 'with the stamp lost on its way back', api: 'issuances', fail: lost },
    {
      step: 'issued',
      when: 'before the stamp is opened',
      api: 'nothing',
      fail: (route) => route.continue(),
      script: 'crypto.subtle.verify = () => new Promise(() => {})',
    },
    { step: 'sealed', when: 'before the ballot is handed in', api: 'ballots', fail: (route) => route.abort() },
    { step: 'sealed', when: 'with the word that it is in lost on its way back', api: 'ballots', fail: lost },
  ]

  it.each(points)('goes on where the tab was closed: $step, $when', async ({ step, api, fail, script }) => {
    const link = nextLink()
    const { context, page } = await visit()
    if (script) await page.addInitScript(script)
    const failed = page.waitForEvent('requestfailed').catch(() => {})
    await page.route(`**/api/v1/${api}`, fail)
    await page.goto(link)
    await answerAll(page)
    if (!script) await failed
    await expect.poll(() => stepIn(page)).toBe(step)
    await page.close()
    await finishes(context, link)
  })

  async function finishes(context: BrowserContext, link: string): Promise<void> {
    const again = await context.newPage()
    const casts: number[] = []
    again.on('response', (response) => response.url().endsWith('/ballots') && casts.push(response.status()))
    await again.goto(link)
    await again.getByRole('heading', { name: t.survey.done.title }).waitFor()
    expect(casts).toHaveLength(1)
    await again.waitForURL('**/thanks?*#done')
    await again.goto(link)
    await again.getByRole('heading', { name: t.survey.already.title }).waitFor()
    expect(casts).toHaveLength(1)
  }

  it('tells a second device the truth, and takes nothing from the first', async () => {
    const link = nextLink()
    const first = await visit()
    await first.page.route('**/api/v1/ballots', (route) => route.abort())
    await first.page.goto(link)
    await answerAll(first.page)
    await first.page.getByText(t.survey.problems.unconfirmed.title).waitFor()
    const second = await visit()
    await second.page.goto(link)
    const asked: string[] = []
    second.page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await answerAll(second.page)
    await second.page.getByText(t.survey.problems.used.title).waitFor()
    expect(asked.filter((path) => path.endsWith('/ballots'))).toEqual([])
    expect(await second.page.getByRole('radio', { checked: true }).count()).toBeGreaterThanOrEqual(17) // and its answers are kept
    await first.page.unroute('**/api/v1/ballots')
    await first.page.getByRole('button', { name: t.survey.tryAgain }).filter({ visible: true }).click()
    await first.page.getByRole('heading', { name: t.survey.done.title }).waitFor()
  })

  it('is in when the server has taken it and lets it wait', async () => {
    const { page } = await visit()
    await page.route('**/api/v1/ballots', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, status: 202 })
    })
    await page.goto(nextLink())
    await answerAll(page)
    await page.getByRole('heading', { name: t.survey.done.title }).waitFor()
  })

  it('is not sent with other keys than those of the invitation', async () => {
    const link = nextLink()
    const { context, page } = await visit()
    await context.route('**/keys', async (route) => {
      const response = await route.fetch()
      const list = await response.json()
      // Another group's key: looking at one's own alone would not show it.
      const isOwn = ({ cohort }: { cohort: string }) => new URL(link).hash.startsWith(`#${cohort}.`)
      for (const key of list.keys) if (!isOwn(key)) key.n = list.keys.find(isOwn).n
      await route.fulfill({ response, json: list })
    })
    const sent: string[] = []
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()))
    await page.goto(link)
    await page.getByText(t.survey.problems.keys.title).waitFor()
    await answerAll(page)
    await page.getByText(t.survey.problems.keys.title).waitFor()
    expect(sent).toEqual([])
    await context.unroute('**/keys')
    await page.goto('about:blank')
    await page.goto(link.replace(/\.[0-9a-f]{32}$/, '')) // a link from before links named keys
    await surveyReady(page)
    await page.getByRole('button', { name: t.survey.send }).click()
    await page.getByRole('heading', { name: t.survey.done.title }).waitFor()
  })

  it('leaves a receipt that says what holds, works offline, and prints without the link', async () => {
    const link = nextLink()
    const { context, page, troubles } = await visit()
    const published = await fetch(`${server.url}/api/v1/rounds/${roundId}/keys`)
    const { keys, fingerprint } = (await published.json()) as RoundKeys
    const own = keys.find(({ cohort }) => new URL(link).hash.startsWith(`#${cohort}.`))
    await page.goto(link)
    const asked = page.waitForRequest('**/thanks?*')
    await answerAll(page)
    await page.waitForURL('**/thanks?*#done')
    await page.getByRole('heading', { name: t.survey.done.title }).waitFor()
    const { cookie, referer } = await (await asked).allHeaders()
    expect([cookie, referer]).toEqual([undefined, undefined]) // nothing that says whose ballot was cast just now
    await context.setOffline(true)
    const receipt = page.getByRole('region', { name: t.survey.receipt.title })
    const text = (await receipt.innerText()).replace(/(?<=[0-9a-f]{4}) (?=[0-9a-f]{4})/g, '')
    for (const word of [String(own?.group), String(own?.fingerprint), fingerprint, t.survey.leadersRead(10, 3), t.survey.keptFor(24)])
      expect(text).toContain(word)
    expect(text).toContain(t.survey.leadersSee(5, null))
    expect(text).not.toMatch(/\d\d:\d\d/)
    const [, secret = ''] = new URL(link).hash.split('.')
    expect(await receipt.innerHTML()).not.toContain(secret)
    expect(page.url()).toBe(`${server.url}/s/${roundId}/thanks?lang=en&cohort=${own?.cohort}#done`) // what a browser prints in the margin
    await page.evaluate('window.print = () => { document.title = "printed" }')
    await receipt.getByRole('button').click()
    expect(await page.title()).toBe('printed')
    await page.emulateMedia({ media: 'print' })
    expect(await receipt.isVisible()).toBe(true)
    for (const hidden of [
      page.getByRole('heading', { name: t.survey.done.title }),
      receipt.getByRole('button'),
      page.locator('.languages'),
    ])
      expect(await hidden.isVisible()).toBe(false)
    await page.emulateMedia({ media: 'screen' })
    await context.setOffline(false)
    await page.goto(link)
    await page.getByRole('heading', { name: t.survey.already.title }).waitFor()
    expect((await receipt.innerText()).replaceAll(' ', '')).toContain(fingerprint)
    expect(troubles.filter((trouble) => !trouble.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]) // the icon, asked for again
  })

  it('warns of what may tell who wrote a comment, and sends it all the same', async () => {
    const { page, troubles } = await visit()
    const asked: { path: string; cookie: string | undefined }[] = []
    page.on('request', (request) =>
      asked.push({ path: new URL(request.url()).pathname + new URL(request.url()).search, cookie: request.headers().cookie }),
    )
    await page.goto(nextLink())
    await surveyReady(page)
    expect(asked.map(({ path }) => path)).not.toContain('/assets/survey-comment.js') // nobody has written yet
    const comment = page.getByRole('textbox')
    const warning = page.locator('#telling')
    await comment.fill('Lisa knows, lisa@acme.example too. Call +66 81 234 5678.')
    await expect
      .poll(() => warning.textContent())
      .toBe(t.survey.telling('\u2068lisa@acme.example\u2069 · \u2068+66 81 234 5678\u2069 · \u2068Lisa\u2069'))
    expect(await warning.getAttribute('role')).toBe('status')
    expect(asked.filter(({ path }) => path.startsWith('/api/'))).toEqual([
      { path: `/api/v1/rounds/${roundId}/keys`, cookie: undefined },
      { path: `/api/v1/rounds/${roundId}/names`, cookie: undefined },
    ])
    await comment.fill('')
    await expect.poll(() => warning.textContent()).toBe('')
    for (const hostile of [
      `\u202eLisa ${'e\u0301'.repeat(10_000)}`,
      'Lisa'.repeat(3000),
      '<img src=x onerror=alert(1)> Lisa',
      'Li\u200dsa=cmd()',
    ]) {
      await comment.fill(hostile)
      await expect.poll(() => warning.textContent()).toMatch(/^$|Lisa/)
      expect(
        await page.locator('html').evaluate((root: { scrollWidth: number; clientWidth: number }) => root.scrollWidth - root.clientWidth),
      ).toBe(0)
    }
    await comment.fill('Lisa should decide.')
    await expect.poll(() => warning.textContent()).toBe(t.survey.telling('\u2068Lisa\u2069'))
    await answerAll(page)
    await page.getByRole('heading', { name: t.survey.done.title }).waitFor()
    expect(troubles).toEqual([])
  })

  it('is warned of addresses where the names do not arrive, and says nothing of that', async () => {
    const { page, troubles } = await visit()
    await page.route('**/names', (route) => route.fulfill({ status: 500, body: '' }))
    await page.goto(links[0] ?? '')
    await surveyReady(page)
    await page.getByRole('textbox').fill('Lisa, lisa@acme.example')
    await expect.poll(() => page.locator('#telling').textContent()).toBe(t.survey.telling('\u2068lisa@acme.example\u2069'))
    expect(troubles.filter((trouble) => !trouble.includes('500'))).toEqual([])
  })

  it('was sent in requests of one size, with a comment or without', () => {
    expect(new Set(sizes.map(({ path }) => path))).toEqual(new Set(['/api/v1/issuances', '/api/v1/ballots']))
    expect(new Set(sizes.map(({ bytes }) => bytes))).toEqual(new Set([4096]))
  })

  it('was counted once, each of them', async () => {
    while (used < links.length) await vote(nextLink())
    const { result } = await post<{ result: { n: number; invited: number } }>(`/api/v1/rounds/${roundId}/closure`)
    expect([result.n, result.invited]).toEqual([16, 16])
    const late = await visit()
    await late.page.goto(links[0] ?? '')
    await late.page.getByRole('heading', { name: t.survey.closed.title }).waitFor()
  })
})

async function answerAll(page: Page): Promise<void> {
  await surveyReady(page)
  for (const question of await page.locator('form fieldset').all()) await question.getByRole('radio').first().check()
  await page.getByRole('button', { name: t.survey.send }).click()
}
