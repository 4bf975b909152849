/** The survey page with every kind of question, as people meet it: by keyboard, on a phone, without a connection. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Locale, locales, messagesOf } from '../../worker/i18n'
import { violationsIn } from './axe'
import { executablePath, launch, open, overflow, surveyReady, type Watched } from './browser'
import { emptyHome, type Server, signIn, startServer } from './server'

const t = messagesOf('en')
/** Statements of the survey; the second may be left out. */
const statements = ['goals-1', 'goals-2', 'hand-off-1', 'metrics-1']

describe.skipIf(!executablePath)('the survey page', () => {
  let server: Server
  let browser: Browser
  let links: string[]
  let used = 0
  const nextLink = (locale: Locale = 'en') => (links[used++] ?? '').replace('lang=en', `lang=${locale}`)

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startServer(await emptyHome()), launch()])
    const headers = await signIn(server)
    const send = async <T>(method: string, path: string, body?: unknown, type = 'application/json'): Promise<T> => {
      const response = await fetch(server.url + path, {
        method,
        headers: { ...headers, ...(body ? { 'Content-Type': type } : {}) },
        ...(body ? { body: type === 'text/csv' ? String(body) : JSON.stringify(body) } : {}),
      })
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
      return (await response.json()) as T
    }
    const rows = Array.from({ length: 20 }, (_, index) => {
      const side = index % 2 ? 'sales' : 'marketing'
      return `p${index}@acme.example,Person ${index},${side} team,${side},en`
    })
    await send('POST', '/api/v1/people/imports?mode=partial&dryRun=false', ['email,name,team,side,locale', ...rows].join('\n'), 'text/csv')
    const { version } = await send<{ version: number }>('GET', '/api/v1/survey')
    const items = [...statements, 'headline'].map((id) => ({ id, optional: id === 'goals-2' }))
    await send('PATCH', '/api/v1/survey', { version, items, definitions: 1, cases: 'all' })
    const { id } = await send<{ id: string }>('POST', '/api/v1/rounds', { period: '2026-11' })
    links = (await send<{ invitations: { url: string }[] }>('POST', `/api/v1/rounds/${id}/opening`)).invitations.map(({ url }) => url)
  }, 400_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  const visit = async (options: Parameters<typeof open>[1] = {}): Promise<Watched> => {
    const visitor = await open(browser, options)
    onTestFinished(() => visitor.context.close())
    return visitor
  }

  it('is answered with nothing but the keyboard, numbers too, without what may be left out', async () => {
    const { page, troubles } = await visit()
    await page.goto(nextLink())
    await page.locator('#group').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter') // "Skip to the questions"
    const answers = { radio: '2', text: '12' } as Record<string, string>
    const stops = 2 * (await page.locator('form fieldset').count())
    for (let kind = '', stop = 0; kind !== 'textarea' && stop < stops; stop++) {
      await page.keyboard.press('Tab')
      kind = await focused(page, 'type')
      if ((await focused(page, 'name')) !== 'q1' && answers[kind]) await page.keyboard.type(answers[kind] ?? '')
    }
    const needed = (await page.locator('form fieldset').count()) - 1
    await page.getByText(t.survey.answered(String(needed), String(needed))).waitFor({ state: 'attached' })
    expect(await page.locator('#q1 :checked').count()).toBe(0)
    const shown = await page.evaluate<Record<string, string | null>>(answersById)
    const cast = page.waitForRequest('**/ballots')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const sent = ((await cast).postDataJSON() as { answers: (number | null)[] }).answers
    expect(sent.map((answer, index) => [`q${index}`, answer])).toEqual(
      sent.map((_, index) => [`q${index}`, shown[`q${index}`] ? Number(shown[`q${index}`]) : null]), // each in its own place
    )
    await page.waitForURL('**/thanks?*#done')
    await page.getByRole('heading', { name: t.survey.done.title }).waitFor()
    await expect.poll(() => page.title()).toBe(`${t.survey.done.title} – Plumbline`)
    expect(troubles).toEqual([])
  })

  it('asks nothing about a comment that was sent before what looks through it arrived', async () => {
    const { page, troubles } = await visit()
    const release: Record<string, () => void> = {}
    for (const pattern of ['**/survey-comment.js', '**/thanks?*']) {
      const free = new Promise<void>((resolve) => {
        release[pattern] = resolve
      })
      await page.route(pattern, (route) => free.then(() => route.continue()))
    }
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.goto(nextLink())
    await answerAll(page)
    await page.locator('textarea').fill('More coffee together.')
    await page.getByRole('button', { name: t.survey.send }).click()
    await page.getByRole('heading', { name: t.survey.done.title }).waitFor()
    const arrived = page.waitForResponse('**/survey-comment.js')
    release['**/survey-comment.js']?.()
    await (await arrived).finished()
    await page.evaluate('import("/assets/survey-comment.js")') // until it has run
    release['**/thanks?*']?.()
    await page.waitForURL('**/thanks?*#done')
    expect(asked).toContain('/assets/survey-comment.js')
    expect([asked.filter((path) => path.endsWith('/names')), troubles]).toEqual([[], []])
  })

  it('is answered on a phone in Arabic, from right to left and in its own digits', async () => {
    const arabic = messagesOf('ar')
    const { page, troubles } = await visit({ viewport: { width: 390, height: 844 }, hasTouch: true, locale: 'ar' })
    await page.goto(nextLink('ar'))
    await page.locator('html[lang=ar][dir=rtl]').waitFor()
    await surveyReady(page)
    const first = page.locator('#q0')
    const [strongly, agree] = await Promise.all([0, 4].map((index) => first.getByText(arabic.survey.scale[index] ?? '').boundingBox()))
    expect(strongly?.x ?? 0).toBeGreaterThan(agree?.x ?? 0) // what is read first is first
    await first.getByRole('radio').first().tap()
    await page.keyboard.press('ArrowLeft')
    expect(await first.getByRole('radio', { checked: true }).getAttribute('value')).toBe('2')
    for (const question of await page.locator('form fieldset').all()) {
      const number = question.getByRole('textbox')
      if (await number.count()) await number.fill('١٢')
      else await question.getByRole('radio').last().tap()
    }
    expect(await overflow(page)).toBe(0)
    await page.getByRole('button', { name: arabic.survey.send }).tap()
    await page.waitForURL('**/thanks?*lang=ar*#done')
    await page.getByRole('heading', { name: arabic.survey.done.title }).waitFor()
    expect([await overflow(page), troubles]).toEqual([0, []])
  })

  it.each(locales)(
    'breaks no rule of accessibility and fits in every state, light and dark, in %s',
    async (locale) => {
      const own = messagesOf(locale)
      const { page } = await visit()
      const wrong: string[] = []
      const look = async (state: string) => {
        for (const width of [320, 390, 640, 1280]) {
          // 640 is 1280 at 200 %
          await page.setViewportSize({ width, height: 900 })
          const wide = await overflow(page)
          if (wide > 0) wrong.push(`${state}: sticks out by ${wide} pixels at ${width}`)
        }
        wrong.push(...(await violationsIn(locale, page)).map((line) => `${state}: ${line}`))
      }
      await page.goto(nextLink(locale))
      await page.locator('#group').waitFor()
      await look('asking')
      await page.getByRole('radio', { name: own.survey.points(7), exact: true }).check()
      await page.getByRole('textbox').first().fill('9999')
      await page.getByRole('button', { name: own.survey.send }).click()
      await expect.poll(() => focused(page, 'id')).toBe('missing')
      expect(await page.title()).toBe(`${own.survey.errorTitle(own.survey.title)} – Plumbline`)
      await page.getByText(own.survey.chooseNumber).filter({ visible: true }).first().waitFor()
      await look('missing')
      await page.locator('#missing a').first().click()
      expect(await focused(page, 'name')).toBe('q0')
      await answerAll(page)
      expect(await page.locator('.bad').count()).toBe(0)
      const gone = /\/(keys|issuances)$/
      await page.route(gone, (route) => route.abort())
      await page.getByRole('button', { name: own.survey.send }).click()
      await expect.poll(() => focused(page, 'textContent')).toBe(own.survey.problems.offline.title)
      await look('offline')
      await page.unroute(gone)
      await page.evaluate("dispatchEvent(new Event('online'))") // or it would look again in up to 8 seconds
      await page.getByText(own.survey.back.title).filter({ visible: true }).first().waitFor()
      await look('back')
      await page.getByRole('button', { name: own.survey.send }).click()
      await page.waitForURL('**/thanks?*#done')
      await page.locator('#receipt').waitFor()
      await look('thanks')
      expect(wrong).toEqual([])
    },
    300_000,
  )

  it('keeps every answer wherever the server fails, says so, and says when it is there again', async () => {
    const { context, page } = await visit()
    const says = (text: string) => page.locator('.oops').getByText(text).waitFor()
    const kept = async () => expect(await held(page)).toEqual(before)
    await page.route('**/keys', (route) => route.fulfill({ status: 503, body: '' }))
    await page.goto(nextLink())
    await says(t.survey.problems.offline.title)
    await answerAll(page)
    const before = await held(page)
    await page.unroute('**/keys')
    await says(t.survey.back.title) // by itself
    await page.locator('#group').waitFor()
    await page.reload()
    await surveyReady(page)
    await kept()
    await context.setOffline(true)
    await says(t.survey.problems.offline.title)
    await context.setOffline(false)
    await says(t.survey.back.title)
    await page.route('**/issuances', (route) => route.fulfill({ status: 500, body: 'oops' }))
    await page.getByRole('button', { name: t.survey.send }).click()
    await says(t.survey.problems.offline.title)
    await kept()
    await page.unroute('**/issuances')
    await page.route('**/ballots', (route) => route.abort())
    await page.getByRole('button', { name: t.survey.tryAgain }).filter({ visible: true }).click()
    await says(t.survey.problems.unconfirmed.title)
    await kept()
    await page.unroute('**/ballots')
    await page.getByRole('button', { name: t.survey.tryAgain }).filter({ visible: true }).click()
    await page.waitForURL('**/thanks?*#done')
  })

  it('says that the ballot is in where the last page cannot be had, and keeps no answer', async () => {
    const link = nextLink()
    const { page } = await visit()
    await page.route('**/thanks?*', (route) => route.abort())
    await page.goto(link)
    await answerAll(page)
    await page.getByRole('button', { name: t.survey.send }).click()
    await page.getByRole('heading', { name: t.survey.done.title }).waitFor()
    expect(await page.evaluate<string>('JSON.stringify(localStorage)')).not.toMatch(/values|comment/)
    await page.unroute('**/thanks?*')
    await page.getByRole('link', { name: t.survey.later }).click()
    await page.getByRole('region', { name: t.survey.receipt.title }).waitFor()
    expect(page.url()).not.toContain(new URL(link).hash.split('.')[1])
  })

  it('shows no answer to whoever goes back after the ballot was cast', async () => {
    const { page } = await visit()
    await page.goto(nextLink())
    await answerAll(page)
    await page.locator('.languages summary').click()
    await page.getByRole('link', { name: 'Bahasa Melayu' }).click()
    const malay = messagesOf('ms')
    await page.getByRole('heading', { level: 1, name: malay.survey.title }).waitFor()
    await surveyReady(page)
    await page.getByRole('button', { name: malay.survey.send }).click()
    await page.waitForURL('**/thanks?*#done')
    await page.goBack()
    await page.getByRole('heading', { name: t.survey.already.title }).waitFor()
    expect(await page.getByRole('radio').count()).toBe(0)
  })

  it('keeps what was answered before its script was there', async () => {
    const { page } = await visit()
    const script = Promise.withResolvers<void>()
    await page.route('**/survey.js', async (route) => {
      await script.promise
      await route.continue()
    })
    await page.goto(nextLink(), { waitUntil: 'commit' })
    const [radio, unsure] = [page.getByRole('radio').nth(1), page.getByRole('checkbox', { name: t.survey.unsure }).first()]
    await radio.check({ force: true })
    await unsure.check()
    await page.locator('textarea').fill('Too early')
    script.resolve()
    await surveyReady(page)
    expect([await radio.isChecked(), await unsure.isChecked(), await page.locator('textarea').inputValue()]).toEqual([
      true,
      true,
      'Too early',
    ])
  })

  it('takes a number or “not sure”, and never both', async () => {
    const { page } = await visit()
    await page.goto(nextLink())
    await surveyReady(page)
    const question = page
      .locator('fieldset')
      .filter({ has: page.getByRole('textbox') })
      .first()
    const [number, unsure] = [question.getByRole('textbox'), question.getByRole('checkbox', { name: t.survey.unsure })]
    await number.fill('๑๒')
    await unsure.check()
    expect(await number.inputValue()).toBe('')
    await number.pressSequentially('5')
    expect(await unsure.isChecked()).toBe(false)
    await page.reload()
    await surveyReady(page)
    expect([await number.inputValue(), await unsure.isChecked()]).toEqual(['5', false])
    await number.press('Enter') // sends nothing
    expect(await page.locator('#missing').isHidden()).toBe(true)
  })

  it('sends what was answered while the server was gone, once it is started again', async () => {
    const { page } = await visit()
    await page.goto(nextLink())
    await page.locator('#group').waitFor()
    const { home, url } = server
    await server.stop('SIGKILL')
    await answerAll(page)
    const before = await held(page)
    await page.getByRole('button', { name: t.survey.send }).click()
    await page.locator('.oops').getByText(t.survey.problems.offline.title).waitFor()
    expect(await held(page)).toEqual(before)
    server = await startServer(home, Number(new URL(url).port))
    await page.locator('.oops').getByText(t.survey.back.title).waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: t.survey.send }).click()
    await page.waitForURL('**/thanks?*#done')
  }, 300_000)
})

/** A property of what has the focus. */
const focused = (page: Page, property: string) => page.evaluate<string>(`String(document.activeElement.${property} ?? '')`)

async function answerAll(page: Page): Promise<void> {
  await surveyReady(page)
  for (const question of await page.locator('form fieldset').all()) {
    const number = question.getByRole('textbox')
    if (await number.count()) await number.fill('3')
    else await question.getByRole('radio').first().check()
  }
}

const answersById = `Object.fromEntries([...document.querySelectorAll('fieldset')].map((question) =>
  [question.id, question.querySelector(':checked')?.value ?? question.querySelector('[data-last]')?.value]))`

/** Every answer that stands on the page. */
const held = (page: Page) =>
  page.evaluate<string[]>(`[...document.querySelectorAll('fieldset')].map((question) =>
    question.querySelector(':checked')?.value ?? question.querySelector('[data-last]')?.value)`)
