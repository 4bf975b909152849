/**
 * What a shared link opens: one page, by the code of that page, for an actor who may only read what was published. The link
 * names a row and the row names the page, so nothing in the address chooses another. No session and no cookie is read.
 */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { readSettings } from '../db/settings'
import { acceptedLanguages, messagesOf, negotiate } from '../i18n'
import { logFailure } from '../problem'
import { openChart } from '../services/digest'
import { openShare } from '../services/sharing'
import { asGuest } from './components/as-guest'
import { definitionsPages } from './definitions'
import { explorePages } from './explore'
import { failurePage } from './failure'
import { kpisPages } from './kpis'
import { Page } from './layout'
import { overviewPages } from './overview'
import { roundsPages } from './rounds'

/** What the request of the link carries, for the request of the page that it opens. */
const carried = new WeakMap<Request, Partial<AppEnv['Variables']>>()

const read = new Hono<AppEnv>()
  .use(async (c, next) => {
    for (const [name, value] of Object.entries(carried.get(c.req.raw) ?? {})) c.set(name as keyof AppEnv['Variables'], value)
    return c.var.actor?.kind === 'share' ? next() : c.notFound()
  })
  .route('/overview', overviewPages)
  .route('/kpis', kpisPages)
  .route('/definitions', definitionsPages)
  .route('/rounds', roundsPages)
  .route('/explore', explorePages)
read.onError((error, c) => {
  if (error instanceof DomainError && error.code === 'not-found') return c.notFound()
  logFailure(c, error)
  return failurePage(c, 'internal')
})
read.notFound((c) => c.text('', 404))

export const sharedPages = new Hono<AppEnv>()
  .use(async (c, next) => {
    c.header('X-Robots-Tag', 'noindex, nofollow')
    c.set('locale', negotiate([c.req.query('lang'), ...acceptedLanguages(c.req.header('accept-language'))]))
    return next()
  })
  .get('/:token', async (c) => {
    const token = c.req.param('token')
    const share = await openShare(c.var.services, token)
    if (!share) return deadLink(c)
    c.set('actor', { kind: 'share', role: 'guest', id: share.id })
    const { timeZone } = await readSettings(c.var.services.db)
    c.set('share', { path: `/shared/${token}`, name: share.name, expiresAt: share.expiresAt, timeZone })
    const request = new Request(new URL(share.path, c.req.url))
    carried.set(request, c.var)
    const page = await read.fetch(request, c.env)
    // Something else than a page: what it showed is gone, or cannot be asked for any more.
    if (page.status !== 200 && page.status !== 500) return deadLink(c)
    return c.html(await asGuest(await page.text()), page.status)
  })
  /** The chart of a digest, for Slack, which fetches pictures itself: of one round, by a signature of its own. */
  .get('/:token/chart.png', async (c) => {
    const image = await openChart(c.var.services, c.req.param('token'))
    return image ? c.body(image, 200, { 'Content-Type': 'image/png' }) : deadLink(c)
  })
  .all('*', (c) => deadLink(c))

/** The same for a link that ended, that was ended, and that never was one. */
function deadLink(c: Context<AppEnv>) {
  c.set('actor', { kind: 'nobody' })
  c.set('share', undefined)
  const t = messagesOf(c.var.locale).sharing.dead
  return c.html(
    <Page c={c} title={t.title} sample={false} path={c.req.path} signedIn={false} hidden>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{t.what}</p>
      </div>
    </Page>,
    404,
  )
}
