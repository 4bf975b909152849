/**
 * What every request passes before a route sees it: request id, headers, host rule, cross-site rule, actor, language.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { NONCE, secureHeaders } from 'hono/secure-headers'
import { uniqueSymbol } from 'hono-openapi'
import type { AppEnv } from './context'
import { hashes } from './dist/styles.js'
import { equip } from './equipment'
import { acceptedLanguages, negotiate } from './i18n'
import { problem } from './problem'
import { actorOfBearer, actorOfSession } from './services/access'
import { type Action, authorize } from './services/authorize'

/** What documents without a nonce are styled by: those of the survey, which are the same bytes for everybody. */
const surveySheets = [hashes.survey, hashes.reading, hashes.thanks]

/** Scripts and fonts come from our own files only; the style sheet in a page carries the nonce, or is known by its hash. */
export const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", NONCE, ...surveySheets],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
    trustedTypes: ["'none'"],
  },
  strictTransportSecurity: 'max-age=31536000; includeSubDomains',
  referrerPolicy: 'no-referrer',
  crossOriginResourcePolicy: 'same-origin',
  crossOriginOpenerPolicy: 'same-origin',
  xFrameOptions: 'DENY',
  xXssProtection: false,
})

/** A message is shown as it is: with its own styles, and without everything else. Stands before `headers`, whose policy it replaces. */
export const letters: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next()
  if (c.get('isLetter')) {
    c.header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
    )
  }
}

export const noStore: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next()
  if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether this request came over plain HTTP to this very machine: the only place without TLS that we serve. */
const isLoopback = (url: URL) => loopback.has(url.hostname)

/**
 * Serves loopback, or the one https origin that `PUBLIC_URL` names; nothing else. A page on a plain-http LAN address
 * could not seal a ballot, and a made-up Host could put a foreign address into links.
 */
export const hostRule: MiddlewareHandler<AppEnv> = async (c, next) => {
  const url = new URL(c.req.url)
  if (isLoopback(url)) return next()
  const configured = URL.parse(c.env.PUBLIC_URL)
  if (configured?.protocol === 'https:' && configured.origin === url.origin) return next()
  return problem(
    c,
    'host-not-allowed',
    'Set PUBLIC_URL to the https address that people use, or open http://127.0.0.1 on this machine. Ballots can only be sealed over https or on this machine.',
  )
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A request that changes something must come from our own pages: by `Sec-Fetch-Site` and by `Origin`. Programs send
 * neither and bring a key instead of a cookie.
 */
export const sameSite: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (safeMethods.has(c.req.method)) return next()
  const site = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return problem(c, 'cross-site')
  // under `no-referrer`, a browser calls the origin of our own forms null; only it can send Sec-Fetch-Site
  const isOwnForm = origin === 'null' && site === 'same-origin'
  if (origin !== undefined && !isOwnForm && origin !== new URL(c.req.url).origin) return problem(c, 'cross-site')
  if (site === undefined && origin === undefined && getCookie(c, cookieName(c)))
    return problem(c, 'cross-site', 'Send Origin or Sec-Fetch-Site with a session.')
  return next()
}

/** Database, time, randomness and secrets for the services; who asks; which language. */
export const setUp: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.set('services', equip(c.env, new Date(), new URL(c.req.url).origin))
  c.set('actor', { kind: 'nobody' })
  c.set('locale', negotiate([c.req.query('lang'), getCookie(c, 'lang'), ...acceptedLanguages(c.req.header('accept-language'))]))
  return next()
}

/** Finds out who asks. Not on respondents' routes: there, nobody is. */
export const identify: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { db, now } = c.var.services
  const bearer = /^Bearer ([\x21-\x7e]{1,200})$/.exec(c.req.header('authorization') ?? '')?.[1]
  const cookie = getCookie(c, cookieName(c))
  const found = bearer
    ? await actorOfBearer(db, now, bearer, c.env.OPERATOR_TOKEN)
    : cookie
      ? await actorOfSession(db, now, cookie)
      : undefined
  if (found) {
    c.set('actor', found.actor)
    c.set('contentVersion', found.version)
  }
  return next()
}

/**
 * Lets the request through when the table says so: 401 for nobody, 403 for somebody else.
 *
 * @example .get('/', allow('results:read'), (c) => …)
 */
export const allow = (action: Action) =>
  Object.assign(
    createMiddleware<AppEnv>(async (c, next) => {
      if (authorize(c.var.actor, action)) return next()
      return problem(c, c.var.actor.kind === 'nobody' ? 'sign-in-required' : 'forbidden')
    }),
    {
      action,
      // The API description is derived from the routes: the right that a route asks for is part of it.
      [uniqueSymbol]: {
        spec: {
          description: `Needs the right \`${action}\`.`,
          security: [{ key: [] }],
          responses: { 401: problemResponse('Sign in first'), 403: problemResponse('Your role does not allow this') },
        },
      },
    },
  )

const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { type: 'object' as const } } },
})

/** Anybody with a session or a key. */
export const signedIn: MiddlewareHandler<AppEnv> = async (c, next) =>
  c.var.actor.kind === 'nobody' ? problem(c, 'sign-in-required') : next()

/** `__Host-` needs Secure, which not every browser grants to plain http on loopback. */
const cookieName = (c: Context) => (new URL(c.req.url).protocol === 'https:' ? '__Host-sid' : 'sid')

export function setSessionCookie(c: Context, secret: string): void {
  const secure = new URL(c.req.url).protocol === 'https:'
  setCookie(c, cookieName(c), secret, { path: '/', httpOnly: true, sameSite: 'Lax', secure })
}

export function clearSessionCookie(c: Context): void {
  deleteCookie(c, cookieName(c), { path: '/', secure: new URL(c.req.url).protocol === 'https:' })
}
