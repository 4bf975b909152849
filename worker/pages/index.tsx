/** The server-rendered pages. The survey and what it promises read no session; everything else needs one. */
import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { identify } from '../guard'
import { isLocale } from '../i18n'
import { logFailure, problems } from '../problem'
import { authorize } from '../services/authorize'
import { readFirstSteps } from '../services/first-steps'
import { definitionsPages } from './definitions'
import { digestPages } from './digest'
import { eventPages } from './events'
import { explorePages } from './explore'
import { failurePage } from './failure'
import { firstRunPages } from './first-run'
import { kpisPages } from './kpis'
import { leaderPages } from './leaders'
import { overviewPages } from './overview'
import { peoplePages } from './people'
import { privacyPages } from './privacy'
import { roundsPages } from './rounds'
import { settingsPages } from './settings'
import { sharedPages } from './shared'
import { sharingPages } from './sharing'
import { signInPages } from './sign-in'
import { sourcesPages } from './sources'
import { stopPages } from './stop'
import { surveyPages } from './survey'
import { surveyEditorPages } from './survey-editor'
import { thanksPages } from './thanks'
import { webhookPages } from './webhooks'

const staff = new Hono<AppEnv>()
  .use(identify)
  .use(async (c, next) => {
    if (c.var.actor.kind === 'nobody') return c.redirect('/sign-in', 303)
    const chosen = c.req.query('lang')
    // The preview of a survey is read in its language, and the pages around it stay in theirs.
    if (isLocale(chosen) && c.req.path !== '/survey/preview')
      setCookie(c, 'lang', chosen, { path: '/', sameSite: 'Lax', maxAge: 31_536_000 })
    return next()
  })
  .use(async (c, next) => {
    const isOfFirstSteps = c.req.method === 'GET' && /^\/(?:people|survey|sources|rounds|kpis\/sla)(?:\/|$)/.test(c.req.path)
    if (isOfFirstSteps && authorize(c.var.actor, 'settings:write')) c.set('isLed', (await readFirstSteps(c.var.services)).isUnderWay)
    return next()
  })
  .get('/', (c) => c.redirect('/overview', 303))
  .route('/overview', overviewPages)
  .route('/kpis', kpisPages)
  .route('/rounds', roundsPages)
  .route('/survey', surveyEditorPages)
  .route('/people', peoplePages)
  .route('/sources', sourcesPages)
  .route('/definitions', definitionsPages)
  .route('/explore', explorePages)
  .route('/events', eventPages)
  .route('/first-steps', firstRunPages)
  .route('/settings/sharing', sharingPages)
  .route('/settings/digest', digestPages)
  .route('/settings/webhooks', webhookPages)
  .route('/settings/leaders', leaderPages)
  .route('/settings', settingsPages)

export const pages = new Hono<AppEnv>()
  .route('/s', surveyPages)
  .route('/stop', stopPages)
  .route('/s', thanksPages)
  .route('/privacy', privacyPages)
  .route('/sign-in', signInPages)
  .route('/shared', sharedPages)
  .get('/problems/:code', (c) => {
    const entry = Object.entries(problems).find(([code]) => code === c.req.param('code'))
    if (!entry) return c.notFound()
    return c.text(`${entry[1][0]} ${entry[1][1]}\n`)
  })
  .route('/', staff)

pages.onError((error, c) => {
  if (error instanceof DomainError && error.code === 'not-found') return failurePage(c, 'notFound')
  logFailure(c, error)
  return failurePage(c, 'internal')
})
