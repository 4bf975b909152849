/** People and teams kept up to date by nothing but a keyboard, and without a script. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messagesOf } from '../../worker/i18n'
import { executablePath, launch, open, overflow, type Watched } from './browser'
import { emptyHome, type Server, signIn, startServer } from './server'

const t = messagesOf('en').peoplePage

const crowd = [
  'ann@acme.example,Ann Lee,Sales / SDR,sales,en',
  'bo@acme.example,Bo Tan,Sales / AE,sales,en',
  'cy@acme.example,Cy Ong,Marketing,marketing,en',
]

describe.skipIf(!executablePath)('an administrator with a keyboard', () => {
  let server: Server
  let browser: Browser
  let admin: Watched
  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(await emptyHome()), launch()])
    const headers = await signIn(server)
    const csv = ['email,name,team,side,locale', ...crowd].join('\n')
    const response = await fetch(`${server.url}/api/v1/people/imports?dryRun=false&mode=partial`, {
      method: 'POST',
      body: csv,
      headers: { ...headers, 'Content-Type': 'text/csv' },
    })
    if (!response.ok) throw new Error(await response.text())
    admin = await open(browser, { javaScriptEnabled: false })
    const [name = '', value = ''] = (headers.Cookie ?? '').split('=')
    await admin.context.addCookies([{ name, value, url: server.url }])
  }, 400_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('finds a person, is told what is wrong with an address, and corrects it', async () => {
    const { page } = admin
    await page.goto(`${server.url}/people`)
    await tabTo(page, '#search')
    await page.keyboard.type('BO T')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('1 person').waitFor()
    await tabTo(page, 'main table a')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Bo Tan' }).waitFor()
    await tabTo(page, '#email')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('Ann <ann@acme.example>')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    await tabTo(page, '[role=alert] a')
    await page.keyboard.press('Enter') // leads to the field
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').getAttribute('id')).toBe('teamId')
    await page.keyboard.press('Shift+Tab')
    expect(await page.locator(':focus').inputValue()).toBe('Ann <ann@acme.example>')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('bob@acme.example')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText(t.person.done.readdressed).waitFor()
    expect(await page.locator('#email').inputValue()).toBe('bob@acme.example')
  })

  it('moves a team among its neighbours and below another one, and takes both back', async () => {
    const { page } = admin
    await page.goto(`${server.url}/people/teams`)
    const before = await teams(page)
    expect(before).toEqual(['Marketing', 'Sales', 'AE', 'SDR'])
    await tabTo(page, '.tree li li:last-child button[name=up]')
    await page.keyboard.press('Enter')
    await page.getByRole('status').waitFor()
    expect(await teams(page)).toEqual(['Marketing', 'Sales', 'SDR', 'AE'])
    expect(await focused(page)).toBe(t.tree.down('\u2068SDR\u2069')) // it is first: its way down is what is left
    expect(await page.locator(':focus').getAttribute('aria-describedby')).toBe('tree-notice')
    await tabTo(page, '#tree-notice button', 'Shift+Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('was taken back').waitFor()
    expect(await teams(page)).toEqual(before)

    await tabTo(page, '.tree li li:last-child a')
    await page.keyboard.press('Enter')
    await tabTo(page, '#parentId')
    await page.keyboard.type('Mark') // a native list: the letters choose
    await tabTo(page, 'main button.solid')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: /to another side/ }).waitFor()
    await tabTo(page, 'main button.solid')
    await page.keyboard.press('Enter')
    await page.getByRole('status').waitFor()
    expect(await teams(page)).toEqual(['Marketing', 'SDR', 'Sales', 'AE'])
    expect(await focused(page)).toBe(t.tree.editOf('\u2068SDR\u2069'))
    await tabTo(page, '#tree-notice button', 'Shift+Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('was taken back').waitFor()
    expect(await teams(page)).toEqual(before)
  })

  it('finds every page of them in order on a phone, in Arabic', async () => {
    const { page, troubles } = admin
    await page.setViewportSize({ width: 390, height: 900 })
    await page.goto(`${server.url}/people?lang=ar`)
    const person = await page.locator('main table a').first().getAttribute('href')
    const team = await page.goto(`${server.url}/people/teams`).then(() => page.locator('.tree a').last().getAttribute('href'))
    for (const path of [
      '/people',
      '/people?search=zzz',
      '/people/new',
      person,
      `${person}/deletion`,
      '/people/teams',
      team,
      `${team}/archival`,
    ]) {
      await page.goto(`${server.url}${path}`)
      await page.locator('html[lang=ar][dir=rtl] h1').waitFor()
      expect([path, await overflow(page)]).toEqual([path, 0])
    }
    expect(troubles.filter((line) => !line.includes('422'))).toEqual([])
  })
})

/** Presses Tab until the first that matches has the focus, as a person does who sees only where it is. */
async function tabTo(page: Page, selector: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await page.locator(selector).first().waitFor()
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press(key)
    if ((await page.locator(`${selector}:focus`).count()) > 0) return
  }
  throw new Error(`No key leads to ${selector}.`)
}

const teams = (page: Page) => page.locator('.tree bdi').allTextContents()

/** What a screen reader calls it. */
async function focused(page: Page): Promise<string> {
  const control = page.locator(':focus')
  return (await control.getAttribute('aria-label')) ?? (await control.locator('.vh').textContent()) ?? ''
}
