import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { clearSessionCookie, setSessionCookie } from '../guard'
import { endSession, startSession } from '../services/access'
import { landingOf } from '../services/first-steps'
import { valid } from '../validate'

const SignIn = z.strictObject({ token: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'This is not a sign-in link’s secret.') })

export const sessions = new Hono<AppEnv>()
  .post('/', valid('json', SignIn), async (c) => {
    const { secret, role } = await startSession(c.var.services, c.req.valid('json').token)
    setSessionCookie(c, secret)
    return c.json({ next: role === 'admin' ? await landingOf(c.var.services) : '/overview' }, 201)
  })
  .delete('/', async (c) => {
    const { actor, services } = c.var
    if (actor.kind === 'session') await endSession(services.db, actor.tokenHash)
    clearSessionCookie(c)
    return c.body(null, 204)
  })
