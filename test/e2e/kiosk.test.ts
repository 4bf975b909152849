/** A team's link on one device that several people use, one after the other. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messagesOf } from '../../worker/i18n'
import { executablePath, launch, open, surveyReady } from './browser'
import { emptyHome, type Server, signIn, startServer } from './server'

const t = messagesOf('en')

describe.skipIf(!executablePath)('a team’s link on a shared device', () => {
  let server: Server
  let browser: Browser
  let headers: Record<string, string>
  let roundId: string
  let teamLink: string
  let personalLink: string

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(await emptyHome()), launch()])
    headers = await signIn(server)
    const people = (team: string, side: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${team}${index}@acme.example,${team} ${index},${team},${side},en`)
    const rows = ['email,name,team,side,locale', ...people('Sales', 'sales', 6), ...people('Marketing', 'marketing', 6)]
    const kiosk = ['kiosk1@acme.example,Kiosk 1,Sales / Kiosk,sales,en', 'kiosk2@acme.example,Kiosk 2,Sales / Kiosk,sales,en']
    await send('POST', '/api/v1/people/imports?mode=partial&dryRun=false', [...rows, ...kiosk].join('\n'), 'text/csv')
    await send('PATCH', '/api/v1/settings', { openLinks: true })
    const { items: teams } = await send<{ items: { id: string; name: string }[] }>('GET', '/api/v1/teams')
    await send('PATCH', `/api/v1/teams/${teams.find(({ name }) => name === 'Kiosk')?.id}`, { openLink: true })
    roundId = (await send<{ id: string }>('POST', '/api/v1/rounds', { period: '2026-11' })).id
    const { invitations } = await send<{ invitations: { url: string }[] }>('POST', `/api/v1/rounds/${roundId}/opening`)
    personalLink = invitations[0]?.url ?? ''
    const { items } = await send<{ items: { url: string }[] }>('GET', `/api/v1/rounds/${roundId}/open-links`)
    teamLink = items[0]?.url ?? ''
  }, 400_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  async function send<T>(method: string, path: string, body?: unknown, type = 'application/json'): Promise<T> {
    const response = await fetch(server.url + path, {
      method,
      headers: { ...headers, ...(body ? { 'Content-Type': type } : {}) },
      ...(body ? { body: type === 'text/csv' ? String(body) : JSON.stringify(body) } : {}),
    })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as T
  }

  const answerAll = async (page: Page) => {
    await surveyReady(page)
    for (const question of await page.locator('form fieldset').all()) await question.locator('label').last().click()
  }
  const cast = async (page: Page) => {
    await answerAll(page)
    await page.getByRole('button', { name: t.survey.send }).click()
  }
  const kept = (page: Page) => page.evaluate<string[]>("Object.keys(localStorage).filter((key) => key.startsWith('plumbline:'))")
  const somebodyElse = (page: Page) => page.getByRole('button', { name: t.openLinks.survey.next })

  it('takes one ballot after the other, keeps nothing for whoever comes next, and says when none is left', async () => {
    const { context, page, troubles } = await open(browser)
    await page.goto(teamLink)
    await page.getByText(t.openLinks.survey.came).waitFor()

    // Somebody begins and walks away: whoever comes next finds no answer of theirs.
    await answerAll(page)
    expect(await kept(page)).toEqual([])
    await page.reload()
    await surveyReady(page)
    expect(await page.locator('form :checked').count()).toBe(0)

    await cast(page)
    await page.getByRole('heading', { name: t.survey.done.title }).waitFor()
    await page.goto('about:blank')
    await page.goto(teamLink) // by accident, without the button: this device has answered
    await somebodyElse(page).waitFor()
    expect(await page.locator('form').count()).toBe(0)
    await somebodyElse(page).click()

    await surveyReady(page)
    expect([await kept(page), await page.locator('form :checked').count()]).toEqual([[], 0])
    await cast(page)
    await somebodyElse(page).click()

    await cast(page) // there are two people in the team
    await page.locator('#problem-full').waitFor()
    expect(await page.locator('#problem-full').textContent()).toContain(t.survey.problems.full.title)
    expect(await kept(page)).toEqual([])
    expect(troubles.filter((trouble) => !trouble.includes('409'))).toEqual([])
    await context.close()
    expect((await send<{ answered: number | null }>('GET', `/api/v1/rounds/${roundId}`)).answered).toBeNull() // 2 are fewer than 5
  })

  it('is what a personal link never offers, whatever somebody adds to it', async () => {
    const { context, page } = await open(browser)
    await page.goto(personalLink)
    await page.locator('form fieldset').first().waitFor()
    expect(await page.locator('#shared').isHidden()).toBe(true)
    await cast(page)
    await page.waitForURL('**/thanks?*')
    expect(await somebodyElse(page).count()).toBe(0)
    await page.goto('about:blank')
    await page.goto(`${personalLink}.team`) // forgets, and begins again: the link was used all the same
    await somebodyElse(page).click()
    await cast(page)
    await page.locator('#problem-used').waitFor()
    await context.close()
  })
})
