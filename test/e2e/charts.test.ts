/** Charts as somebody uses them: drawn, read by keyboard and by touch, saved as a picture and as figures. */
import { readFile } from 'node:fs/promises'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { executablePath, launch, open, overflow, type Watched } from './browser'
import { type Server, sampleHome, startServer } from './server'

describe.skipIf(!executablePath)('the charts of the overview', () => {
  let server: Server
  let browser: Browser
  let dark: Watched
  let page: Page

  beforeAll(async () => {
    const { home } = await sampleHome()
    ;[server, browser] = await Promise.all([startServer(home), launch()])
    dark = await open(browser, { colorScheme: 'dark', hasTouch: true })
    page = dark.page
    await page.goto(server.signIn)
    await page.waitForURL('**/overview')
  }, 400_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  /** Those with a canvas: of a heat map, the table is the drawing. */
  const plots = () => page.locator('figure[data-chart] .plot')
  const spoken = (plot: Locator) => plot.locator('[role="status"]').textContent()

  const save = async (figure: Locator, kind: 'png' | 'csv') => {
    const [download] = await Promise.all([page.waitForEvent('download'), figure.locator(`[data-save="${kind}"]`).click()])
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) }
  }

  it.each(['en', 'ar'])('are all drawn where their room was, and each mark is spoken, in %s', async (lang) => {
    await page.goto(`${server.url}/overview?lang=${lang}`)
    const count = await plots().count()
    expect(count).toBeGreaterThan(0)
    let moved = 0
    for (let index = 0; index < count; index += 1) {
      const plot = plots().nth(index)
      await expect.poll(() => paintedOf(plot)).toBeGreaterThan(500)
      const room = await plot.evaluate((element: { offsetHeight: number }) => element.offsetHeight)
      expect(await plot.locator('canvas').evaluate((canvas: { offsetHeight: number }) => canvas.offsetHeight)).toBe(room)
      await plot.focus()
      await page.keyboard.press('Home')
      const first = await spoken(plot)
      await page.keyboard.press('End')
      const last = await spoken(plot)
      moved += Number(first !== last)
      expect(first).toMatch(/\p{L}/u)
      expect(last).toMatch(/\p{L}/u)
      expect(await plot.locator('.tip').isVisible()).toBe(true)
      await page.keyboard.press('Escape')
      expect(await plot.locator('.tip').isVisible()).toBe(false)
    }
    expect(moved).toBeGreaterThan(count / 2) // a chart may have one row only
  })

  it('wait for no other file, and what is below the first screen is laid out once that is painted', async () => {
    const { page: fresh, context } = await open(browser, { storageState: await dark.context.storageState() })
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await fresh.route('**/dashboard.js', (route) => released.then(() => route.continue()))
    const asked: string[] = []
    fresh.on('requestfinished', (request) => asked.push(new URL(request.url()).pathname))
    await fresh.goto(`${server.url}/overview`, { waitUntil: 'commit' })
    const isLaidOut = () =>
      fresh
        .locator('.sec')
        .last()
        .locator('*')
        .first()
        .evaluate((element: { checkVisibility: (how: object) => boolean }) => element.checkVisibility({ contentVisibilityAuto: true }))
    await expect.poll(() => asked).toContain('/assets/charts.js')
    expect(asked.filter((path) => path.endsWith('.css') && path !== '/assets/print.css')).toEqual([])
    expect(await isLaidOut()).toBe(false)
    release()
    await expect.poll(isLaidOut).toBe(true)
    await context.close()
  })

  it('take their share of the paper, wider than their column of the screen', async () => {
    await page.goto(`${server.url}/overview`)
    await expect.poll(() => paintedOf(plots().last())).toBeGreaterThan(500)
    const grown = await plots().evaluateAll((all: { clientWidth: number; querySelector: (name: string) => { width: number } }[]) => {
      dispatchEvent(new Event('beforeprint') as never)
      const onPaper = all.map((plot) => plot.querySelector('canvas').width / 3 / plot.clientWidth)
      dispatchEvent(new Event('afterprint') as never)
      return onPaper
    })
    for (const share of grown) expect(share).toBeGreaterThan(1.03)
  })

  it('moves in time with the arrows the same way on a page that is read from the right', async () => {
    await page.goto(`${server.url}/overview?lang=ar`)
    const plot = page.locator('#trend .plot')
    await plot.focus()
    await page.keyboard.press('End')
    const newest = await spoken(plot)
    await page.keyboard.press('ArrowLeft')
    const before = await spoken(plot)
    await page.keyboard.press('ArrowRight')
    expect(before).not.toBe(newest)
    expect(await spoken(plot)).toBe(newest)
  })

  it('reads what is tapped, until something else is', async () => {
    await page.goto(`${server.url}/overview?lang=en`)
    const plot = page.locator('#trend .plot')
    await plot.tap({ position: { x: 120, y: 120 } })
    expect(await plot.locator('.tip').isVisible()).toBe(true)
    expect(await spoken(plot)).toMatch(/Round/)
    await page.locator('h1').tap()
    expect(await plot.locator('.tip').isVisible()).toBe(false)
  })

  it('saves each as a picture in the light look, from a dark screen', async () => {
    await page.goto(`${server.url}/overview?lang=en`)
    for (const figure of await page.locator('figure[data-chart]').all()) {
      const { name, bytes } = await save(figure, 'png')
      expect(name).toBe(`${await figure.getAttribute('id')}.png`)
      expect(bytes.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
      const picture = await pixelsOf(page, bytes)
      expect(picture.corner).toEqual([255, 255, 255, 255])
      expect(picture.inked).toBeGreaterThan(3_000)
    }
  })

  it('saves figures as numbers, words that are no formula, and of a hidden group nothing but that it is hidden', async () => {
    await page.goto(`${server.url}/overview?lang=en`)
    const figure = page.locator('#trend')
    await figure.locator('tbody').evaluate((body: { append: (row: unknown) => void; ownerDocument: PageDocument }) => {
      const make = (tag: string, text: string, name = '') =>
        Object.assign(body.ownerDocument.createElement(tag), { textContent: text, className: name })
      const exact = make('data', '68')
      exact.value = '68.1'
      const figureCell = make('td', '')
      figureCell.append(exact)
      const row = make('tr', '')
      row.append(
        make('th', '=HYPERLINK("https://evil.example")'),
        figureCell,
        make('td', 'fewer than 5 answers', 'hatch'),
        make('td', '−0.6'),
      )
      body.append(row)
    })
    const { name, bytes } = await save(figure, 'csv')
    const text = bytes.toString('utf8')
    expect(name).toBe('trend.csv')
    expect(text.startsWith('\ufeffRound,Score,')).toBe(true)
    expect(text).toContain('\r\n"\'=HYPERLINK(""https://evil.example"")",68.1,fewer than 5 answers,-0.6')
    for (const line of text.split('\r\n').slice(1, 13)) expect(line).toMatch(/^"Round \d+, \w+ \d{4}",\d/)
  })

  it('writes no number where a cell of the heat map is hidden', async () => {
    await page.goto(`${server.url}/overview?lang=en`)
    const figure = page.locator('#groups')
    const words = await figure.locator('td.hatch .vh').allTextContents()
    const { bytes } = await save(figure, 'csv')
    const cells = bytes.toString('utf8').split(/,|\r\n/)
    expect(words.length).toBeGreaterThan(0)
    for (const word of new Set(words))
      expect(cells.filter((cell) => cell === word)).toHaveLength(words.filter((each) => each === word).length)
  })

  it('fits on a phone, and nothing went wrong on the way', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${server.url}/overview?lang=en`)
    await expect.poll(() => paintedOf(plots().first())).toBeGreaterThan(500)
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(dark.troubles).toEqual([])
  })
})

// The browser's own types are not known here: only what is used of them.
interface PageElement {
  value: string
  append: (...nodes: unknown[]) => void
}
interface PageDocument {
  createElement: (tag: string) => PageElement
}
interface Canvas {
  width: number
  height: number
  getContext: (kind: '2d') => { getImageData: (x: number, y: number, width: number, height: number) => { data: Uint8ClampedArray } }
}

const paintedOf = (plot: Locator): Promise<number> =>
  plot.locator('canvas').evaluate((canvas: Canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let painted = 0
    for (let at = 3; at < data.length; at += 4) if (data[at]) painted += 1
    return painted
  })

/** The first pixel of a picture, and how many are not white. */
const pixelsOf = (page: Page, png: Buffer): Promise<{ corner: number[]; inked: number }> =>
  page.evaluate(`(async () => {
    const bytes = Uint8Array.from(atob('${png.toString('base64')}'), (letter) => letter.charCodeAt(0))
    const image = await createImageBitmap(new Blob([bytes]))
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d')
    context.drawImage(image, 0, 0)
    const { data } = context.getImageData(0, 0, image.width, image.height)
    let inked = 0
    for (let at = 0; at < data.length; at += 4) if (data[at] < 250) inked += 1
    return { corner: [...data.subarray(0, 4)], inked }
  })()`)
