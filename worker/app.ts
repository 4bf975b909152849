/** Assembles middleware, API and pages. `Api` is the contract that the typed client is made of. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import { openAPIRouteHandler } from 'hono-openapi'
import type { AppEnv } from './context'
import { headers, hostRule, identify, letters, noStore, sameSite, setUp, signedIn } from './guard'
import { pages } from './pages'
import { failurePage } from './pages/failure'
import { onApiError, onApiNotFound, problem } from './problem'
import { apiKeys } from './routes/api-keys'
import { attribution } from './routes/attribution'
import { ballots } from './routes/ballots'
import { clauses, workCalendar } from './routes/clauses'
import { definitions } from './routes/definitions'
import { delivery } from './routes/delivery'
import { digest } from './routes/digest'
import { events } from './routes/events'
import { exchangeRates } from './routes/exchange-rates'
import { funnel } from './routes/funnel'
import { health } from './routes/health'
import { issuances } from './routes/issuances'
import { leaders } from './routes/leaders'
import { metrics } from './routes/metrics'
import { roundNames } from './routes/names'
import { people } from './routes/people'
import { relations } from './routes/relations'
import { roundKeys, rounds } from './routes/rounds'
import { sample } from './routes/sample'
import { schedule } from './routes/schedule'
import { scores } from './routes/scores'
import { scoringRules } from './routes/scoring-rules'
import { sessions } from './routes/sessions'
import { settings } from './routes/settings'
import { shares } from './routes/shares'
import { signInLinks } from './routes/sign-in-links'
import { sources } from './routes/sources'
import { survey } from './routes/survey'
import { teams } from './routes/teams'
import { webhooks } from './routes/webhooks'
import { knownQuery, strictJson } from './validate'

const kilobyte = 1024
const tooLarge = { onError: (c: Parameters<typeof problem>[0]) => problem(c, 'too-large') }

const ballotLimit = bodyLimit({ maxSize: 16 * kilobyte, ...tooLarge })

/**
 * Answers from people who must stay unknown: no session is read here, nothing about the request is kept, and nothing that is added to an
 * address changes what anybody gets.
 */
export const respondentApi = new Hono<AppEnv>()
  .use('/issuances/*', ballotLimit, strictJson) // not `*`: mounted at the root, that would limit the staff's imports too
  .use('/ballots/*', ballotLimit, strictJson)
  .route('/issuances', issuances)
  .route('/ballots', ballots)
  .route('/rounds', roundKeys)
  .route('/rounds', roundNames)

const staffApi = new Hono<AppEnv>()
  .use(knownQuery)
  .use(identify)
  .use(async (c, next) => {
    const isImport = /\/(imports|pulls)$/.test(c.req.path)
    const isPush = c.req.path.endsWith('/rows')
    return bodyLimit({ maxSize: (isImport ? 10 * kilobyte : isPush ? kilobyte : 64) * kilobyte, ...tooLarge })(c, next)
  }, strictJson)
  .route('/sessions', sessions)
  .route('/sign-in-links', signInLinks)
  .route('/api-keys', apiKeys)
  .route('/settings', settings)
  .route('/delivery', delivery)
  .route('/teams', teams)
  .route('/people', people)
  .route('/rounds', rounds)
  .route('/definitions', definitions)
  .route('/schedule', schedule)
  .route('/scores', scores)
  .route('/scoring-rules', scoringRules)
  .route('/relations', relations)
  .route('/events', events)
  .route('/clauses', clauses)
  .route('/work-calendar', workCalendar)
  .route('/sources', sources)
  .route('/metrics', metrics)
  .route('/exchange-rates', exchangeRates)
  .route('/funnel', funnel)
  .route('/attribution', attribution)
  .route('/survey', survey)
  .route('/shares', shares)
  .route('/leaders', leaders)
  .route('/digest', digest)
  .route('/webhooks', webhooks)
  .route('/sample', sample)

export const api = new Hono<AppEnv>().onError(onApiError).notFound(onApiNotFound).route('/', respondentApi).route('/', staffApi)

/** The contract: what `hc<Api>('/api/v1')` offers. */
export type Api = typeof api

export const app = new Hono<AppEnv>()

app.use(requestId({ headerName: '' }), letters, headers, noStore)
app.use(
  methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      c.header('Allow', methods.join(', '))
      return problem(c, 'method-not-allowed', `Use ${methods.join(' or ')}.`)
    },
  }),
)
app.route('/', health)
app.use(hostRule, sameSite, setUp)
app.get(
  '/api/v1/openapi.json',
  identify,
  signedIn,
  openAPIRouteHandler(api, {
    documentation: {
      info: { title: 'Plumbline', version: '1', description: 'Alignment between sales and marketing: surveys, KPIs and one score.' },
      servers: [{ url: '/api/v1' }],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    },
    defaultValidationErrorResponse: false,
  }),
)
app.route('/api/v1', api)
app.all('/api/*', (c) => problem(c, 'not-found'))
// Cloudflare's network and its simulators keep these paths to themselves; here nothing answers them.
app.all('/cdn-cgi/*', (c) => problem(c, 'not-found'))
app.all('/__scheduled', (c) => problem(c, 'not-found'))
app.route('/', pages)
app.notFound((c) => failurePage(c, 'notFound'))
