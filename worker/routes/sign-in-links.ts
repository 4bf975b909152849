import { Hono } from 'hono'
import type { AppEnv } from '../context'
import { allow } from '../guard'
import { createSignInLink } from '../services/access'
import { noBody } from '../validate'

/** For whoever runs the deployment: the operator token buys one administrator's sign-in, nothing more. */
export const signInLinks = new Hono<AppEnv>().post('/', allow('sign-in-links:write'), noBody, async (c) => {
  const { url, expiresAt } = await createSignInLink(c.var.services)
  return c.json({ url, expiresAt: expiresAt.toISOString() }, 201)
})
