/** What a browser may be sent at most, as gzip: docs/performance.md. Asked of the server that people run. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { locales } from '../../worker/i18n'
import { bundle } from '../../worker/local/build'
import { type Server, sampleHome, signIn, startServer } from './server'

const kilobytes = 1024
const budgets = { firstView: 20 * kilobytes, charts: 65 * kilobytes, worker: 860 * kilobytes }

describe('the budgets', () => {
  let server: Server
  let headers: Record<string, string>
  beforeAll(async () => {
    const { home } = await sampleHome()
    server = await startServer(home)
    headers = await signIn(server)
  }, 400_000)
  afterAll(() => server?.stop())

  const read = async (path: string) => {
    const response = await fetch(server.url + path, { headers })
    expect([path, response.status]).toEqual([path, 200])
    return response.text()
  }
  const packed = (text: string | Buffer) => gzipSync(text).byteLength

  // What is for paper is fetched last, and nothing waits for it.
  it.each(locales)('the overview without its charts, in %s', async (locale) => {
    const html = await read(`/overview?lang=${locale}`)
    const files = [...html.matchAll(/(?:href|src)="(\/assets\/[\w-]+\.(?:css|js))"(?! media="print")/g)]
      .map(([, path]) => path ?? '')
      .filter((path) => path !== '/assets/charts.js')
    expect([...new Set(files)]).toEqual(['/assets/dashboard.js']) // style sheets stand in the document
    const sizes = [packed(html), ...(await Promise.all([...new Set(files)].map(async (path) => packed(await read(path)))))]
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(budgets.firstView)
  })

  it('the script of the charts, with everything that it loads before it draws', async () => {
    const paths = ['/assets/charts.js']
    let size = 0
    for (const path of paths) {
      const script = await read(path)
      size += packed(script)
      const imported = [...script.matchAll(/(?:from|import)\s*["']\.\/([\w-]+\.js)["']/g)].map(([, name]) => `/assets/${name}`)
      paths.push(...imported.filter((other) => !paths.includes(other)))
    }
    expect(size).toBeLessThanOrEqual(budgets.charts)
  })

  it('the Worker', () => {
    expect(packed(readFileSync(bundle))).toBeLessThanOrEqual(budgets.worker)
  })
})
