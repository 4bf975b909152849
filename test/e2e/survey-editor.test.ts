import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Item } from '../../worker/core/round'
import { messagesOf } from '../../worker/i18n'
import { executablePath, launch, open, overflow, surveyReady } from './browser'
import { emptyHome, type Server, signIn, startServer } from './server'
import { vote } from './voter'

const [en, ar] = [messagesOf('en'), messagesOf('ar')]
const t = en.surveyPage
const own = 'We know what the other team is measured on.'

describe.skipIf(!executablePath)('a statement of one’s own', () => {
  let server: Server
  let browser: Browser
  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(await emptyHome()), launch()])
  }, 400_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('is written without JavaScript, previewed in Arabic on a phone, asked, answered and named in the result', async () => {
    const headers = await signIn(server)
    const post = async <T>(path: string, body?: unknown): Promise<T> => {
      const type = typeof body === 'string' ? 'text/csv' : 'application/json'
      const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers: { ...headers, ...(init.body && { 'Content-Type': type }) },
        ...init,
      })
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
      return (await response.json()) as T
    }
    const people = Array.from(
      { length: 12 },
      (_, n) => `p${n}@acme.example,Person ${n},${n % 2 ? 'Sales,sales' : 'Marketing,marketing'},en`,
    )
    await post('/api/v1/people/imports?mode=partial&dryRun=false', ['email,name,team,side,locale', ...people].join('\n'))

    // The administrator: keyboard and buttons only, no script.
    const [name = '', value = ''] = headers.Cookie?.split('=') ?? []
    const { context, page, troubles } = await open(browser, { javaScriptEnabled: false })
    await context.addCookies([{ name, value, url: server.url }])
    await page.goto(`${server.url}/survey`)
    await page.getByRole('link', { name: t.write }).click()
    await page.getByLabel('In English').fill(own)
    await page.getByLabel('In Malay').fill('Kami tahu ukuran pasukan yang satu lagi.')
    await page.getByRole('button', { name: t.statement.add }).click()
    await page.getByRole('button', { name: t.removeOf(en.items['metrics-1']) }).press('Enter')
    await page.getByRole('button', { name: t.up(own) }).press('Enter')
    await expect.poll(() => page.locator(':focus').getAttribute('aria-label')).toBe(t.up(own))
    await page.keyboard.press('Enter')
    await page.getByText(t.movedTo(own, '1', '15')).waitFor()
    const gaps = page.locator('.gaps')
    expect(await gaps.getByText(t.missing(2)).isVisible()).toBe(true)
    expect(await gaps.getByRole('listitem').innerText()).toContain('Thai, Arabic')
    await page.locator('#plan').getByRole('button', { name: t.look }).click()
    await page.getByRole('button', { name: t.confirm }).click()
    await page.getByText(t.saved).waitFor()

    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('link', { name: 'العربية' }).click()
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl')
    const question = page.getByRole('group').filter({ hasText: own })
    expect(await question.locator('[lang=en][dir=ltr]').innerText()).toBe(own)
    expect(await question.innerText()).toContain(ar.survey.untranslated)
    expect(await overflow(page)).toBe(0)
    await page.getByRole('link', { name: ar.surveyPage.preview.back }).click()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')

    // Everybody else: one in a browser, the others as it would.
    const asked = (await (await fetch(`${server.url}/api/v1/survey`, { headers })).json()) as { next: { items: Item[] } }
    const { id } = await post<{ id: string }>('/api/v1/rounds', { period: '2026-11' })
    const { invitations } = await post<{ invitations: { url: string }[] }>(`/api/v1/rounds/${id}/opening`)
    const [link = '', ...links] = invitations.map(({ url }) => url)
    const employee = await open(browser)
    await employee.page.goto(link)
    await surveyReady(employee.page)
    for (const one of await employee.page.locator('form fieldset').all()) await one.getByRole('radio').first().check()
    expect(await employee.page.getByRole('group', { name: own }).isVisible()).toBe(true)
    await employee.page.getByRole('button', { name: en.survey.send }).click()
    await employee.page.getByRole('heading', { name: en.survey.done.title }).waitFor()
    // Of every class some on each side: by chance a round may come out so that the company's own figure would tell too much.
    for (const [n, other] of links.entries())
      await vote(other, null, asked.next.items, (values) => values[(n >> 1) % values.length] ?? null)
    await post(`/api/v1/rounds/${id}/closure`)

    await page.goto(`${server.url}/rounds/${id}`)
    const row = page.locator('article.group').getByRole('row', { name: own }).first()
    expect(await row.getByRole('cell').first().innerText()).toBe('12')
    expect(await page.getByText(en.items['metrics-1']).count()).toBe(0)
    expect([...troubles, ...employee.troubles]).toEqual([])
  }, 300_000)
})
