import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { locales, messagesOf } from '../../worker/i18n'
import { surveyBudget } from '../survey-budget'
import { violationsIn } from './axe'
import { executablePath, launch, open, overflow, surveyReady, type Watched } from './browser'
import { type Server, sampleHome, startServer } from './server'

const t = messagesOf('en')

describe.skipIf(!executablePath)('a newcomer with the sample organisation', () => {
  let server: Server
  let browser: Browser
  /** What the first start printed, which loaded the sample. */
  let loading: string
  /** The administrator's browser, signed in by the first test. */
  let admin: Watched
  beforeAll(async () => {
    const sample = await sampleHome()
    loading = sample.output
    ;[server, browser] = await Promise.all([startServer(sample.home), launch()])
    admin = await open(browser)
  }, 400_000)
  beforeEach(() => {
    admin.troubles.length = 0
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  const visit = async (options: Parameters<typeof open>[1] = {}) => {
    const visitor = await open(browser, options)
    onTestFinished(() => visitor.context.close())
    return visitor
  }

  it('is told how the sample loads, and where to go', () => {
    const steps = [...loading.matchAll(/^Loading sample data (\d+)\/(\d+) \S.*$/gm)].map(([, step, steps]) => [step, steps])
    expect(steps.map(([step]) => Number(step))).toEqual(steps.map((_, index) => index + 1))
    expect(steps.at(-1)?.[0]).toBe(steps.at(-1)?.[1])
    expect(loading).toMatch(/\nDashboard: \S+\nSign in: \S+\nSurvey: \S+\/s\/\S+#c\d+\.[\w-]{43}\.[0-9a-f]{32}\n$/)
  })

  it('signs in by the printed link, and sees the score', async () => {
    const { page, troubles } = admin
    await page.goto(server.signIn)
    await page.waitForURL('**/overview')
    await expect.poll(() => page.getByRole('heading', { level: 1 }).textContent()).not.toBe(t.signIn.title)
    await page.getByRole('heading', { name: t.overview.score.heading }).waitFor()
    await page.getByText(t.layout.sampleData, { exact: true }).waitFor()
    expect(troubles).toEqual([])
    const again = await visit()
    await again.page.goto(server.signIn)
    await again.page.getByText(t.signIn.spent).waitFor()
  })

  it('finds within one screen whether the change is a signal, and what to talk about: theme, term, promise, KPI', async () => {
    const { page } = admin
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.goto(`${server.url}/overview`)
    const agenda = page.getByRole('region', { name: t.overview.agenda.title })
    await agenda.waitFor()
    const { sides, definitions, promises, kpis } = t.overview.agenda.labels
    expect(await agenda.locator('small').allTextContents()).toEqual([sides, definitions, promises, kpis])
    const first = [agenda, page.locator('.score'), ...(await page.locator('.moves .verdict').all())]
    expect(first.length).toBeGreaterThan(2)
    for (const part of first) {
      const box = await part.boundingBox()
      expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThan(900)
    }
  })

  it('prints the overview on three pages of A4', async () => {
    const { page } = await visit({ storageState: await admin.context.storageState() })
    await page.goto(`${server.url}/overview`)
    await page.waitForFunction("[...document.styleSheets].some(({ media }) => media.mediaText === 'print')") // it comes last
    const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1')
    expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length).toBe(3)
  })

  it.each(['overview', 'rounds', 'people', 'sources', 'settings'])('finds /%s in order, on a desk and on a phone', async (section) => {
    const { page, troubles } = admin
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 })
      await page.goto(`${server.url}/${section}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect([section, width, await overflow(page)]).toEqual([section, width, 0])
    }
    await page.setViewportSize({ width: 1280, height: 900 })
    expect(troubles).toEqual([])
  })

  it.each(locales)('gets a survey that weighs next to nothing, in %s', async (locale) => {
    const { pathname } = new URL(server.survey ?? '')
    const sizes = await Promise.all(
      ['/assets/survey.js', `${pathname}?lang=${locale}`, '/assets/survey-comment.js'].map(async (path) => {
        const response = await fetch(server.url + path)
        return gzipSync(await response.text(), { level: 9 }).length
      }),
    )
    const [script, page, check] = sizes as [number, number, number]
    expect(script).toBeLessThanOrEqual(surveyBudget.script)
    expect(script + page).toBeLessThanOrEqual(surveyBudget.all)
    expect(check).toBeLessThan(1.75 * 1024) // only for those who write a comment
  })

  it('reads the survey without JavaScript, and why answering needs it', async () => {
    const { page } = await visit({ javaScriptEnabled: false })
    await page.goto(server.survey ?? '')
    await page.locator('noscript p').waitFor() // `getByText` looks past what stands in a noscript
    expect(await page.locator('noscript p').textContent()).toBe(t.survey.noScript)
    expect(await page.locator('form fieldset').count()).toBeGreaterThanOrEqual(17)
    expect(await page.getByRole('button', { name: t.survey.send }).isDisabled()).toBe(true)
  })

  it.each(locales)('finds no fault in the survey, light and dark, in %s', async (locale) => {
    const { page } = await visit()
    await page.goto((server.survey ?? '').replace('lang=en', `lang=${locale}`))
    await page.locator('#group').waitFor()
    expect(await violationsIn(locale, page)).toEqual([])
  })

  it('answers the survey with nothing but the keyboard, once', async () => {
    const { page, troubles } = await visit()
    await page.goto(server.survey ?? '')
    await page.getByRole('heading', { level: 1, name: t.survey.title }).waitFor()
    await surveyReady(page)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter') // "Skip to the questions"
    const questions = await page.locator('form fieldset').count()
    expect(questions).toBeGreaterThanOrEqual(17)
    for (let question = 0; question < questions; question++) {
      await page.keyboard.press('Tab')
      await page.keyboard.press('2')
    }
    await page.getByText(t.survey.answered(String(questions), String(questions))).waitFor({ state: 'attached' }) // hidden on wide screens
    await page.keyboard.press('Tab')
    await page.keyboard.type('More coffee together.')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/thanks?*#done') // the ballot is in before that, and going elsewhere would meet this on its way
    await page.goto(server.survey ?? '')
    await page.getByRole('heading', { name: t.survey.already.title }).waitFor()
    expect(troubles).toEqual([])
    const other = await visit()
    await other.page.goto(server.survey ?? '')
    await answerAll(other.page)
    await other.page.getByText(t.survey.problems.used.title).waitFor()
  })

  it('closes the round, and sees the new score and what moved it', async () => {
    const { page, troubles } = admin
    await page.goto(`${server.url}/overview`)
    const before = await roundsOffered(page)
    await page.goto(`${server.url}/rounds`)
    await page.getByRole('link', { name: t.roundsPage.toRound }).first().click()
    await page.getByRole('link', { name: t.roundsPage.toClosure }).click()
    await page.getByRole('button', { name: t.roundsPage.closeYes }).click()
    await page.locator('.done').waitFor()
    await page.getByRole('link', { name: t.roundsPage.toOverview }).click()
    await page.getByRole('heading', { name: t.overview.score.heading }).waitFor()
    expect(await roundsOffered(page)).toHaveLength(before.length + 1)
    const month = new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' }).format(new Date())
    await page.getByRole('heading', { name: t.overview.moved.title(month) }).waitFor()
    await page.getByRole('img', { name: /part by part/ }).waitFor()
    expect(troubles).toEqual([])
    const late = await visit()
    await late.page.goto(server.survey ?? '')
    await late.page.getByRole('heading', { name: t.survey.closed.title }).waitFor()
  })

  it('prints what a round published, every number of the page and no other', async () => {
    const { page } = await visit({ storageState: await admin.context.storageState() })
    await page.goto(`${server.url}/rounds`)
    await page.locator('main table').last().locator('th a').nth(1).click()
    await page.getByRole('heading', { name: t.roundsPage.groups }).waitFor()
    await page.waitForLoadState() // until its script has run, tables stand open
    const groups = page.locator('main details')
    for (let index = 0; index < (await groups.count()); index++) {
      if ((await groups.nth(index).getAttribute('open')) === null) await groups.nth(index).locator('> summary').click()
    }
    const onScreen = await numbersOn(page)
    expect(onScreen.length).toBeGreaterThan(500)
    await page.reload()
    await page.emulateMedia({ media: 'print' })
    expect(await numbersOn(page)).toEqual(onScreen)
  })

  it('reads it all in Arabic, from right to left', async () => {
    const { page, troubles } = await visit({ storageState: await admin.context.storageState() })
    const arabic = messagesOf('ar')
    await page.goto(`${server.url}/overview`)
    await page.getByRole('combobox', { name: t.layout.language }).selectOption('ar')
    await page.locator('html[lang=ar][dir=rtl]').waitFor()
    await page.getByRole('heading', { name: arabic.overview.score.heading }).waitFor()
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 })
      for (const section of ['overview', 'rounds', 'people', 'sources', 'settings']) {
        await page.goto(`${server.url}/${section}`)
        await page.locator('html[lang=ar][dir=rtl]').waitFor() // the choice is kept
        expect([section, width, await overflow(page)]).toEqual([section, width, 0])
      }
    }
    await page.goto((server.survey ?? '').replace('lang=en', 'lang=ar'))
    await page.locator('html[lang=ar][dir=rtl]').waitFor()
    expect(troubles).toEqual([])
  })

  it('reads every number without JavaScript', async () => {
    const storageState = await admin.context.storageState()
    const { page } = await visit({ javaScriptEnabled: false, storageState })
    await page.goto(`${server.url}/overview`)
    await page.getByRole('heading', { name: t.overview.score.heading }).waitFor()
    const tables = page.locator('main table')
    expect(await tables.count()).toBeGreaterThanOrEqual(3)
    for (const table of await tables.all()) expect(await table.locator('tbody tr').count()).toBeGreaterThan(0)
  })
})

/** As they are seen, in the order of the page. */
const numbersOn = async (page: Page) => (await page.locator('main').innerText()).match(/\d[\d.,]*/g) ?? []

const roundsOffered = (page: Page) => page.getByRole('combobox', { name: t.overview.round }).locator('option').allTextContents()

async function answerAll(page: Page): Promise<void> {
  await surveyReady(page)
  for (const question of await page.locator('form fieldset').all()) await question.getByRole('radio').first().check()
  await page.getByRole('button', { name: t.survey.send }).click()
}
