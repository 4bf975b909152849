/** Links that open one page for somebody without a session. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { shareDays } from '../core/sharing'
import { allow } from '../guard'
import { createShare, listShares, revokeShare, type ShareView } from '../services/sharing'
import { valid } from '../validate'

const NewShare = z.strictObject({
  path: z.string().max(600, 'Use at most 600 characters.'),
  name: z.string().max(500, 'Use at most 80 characters.'),
  days: z.number('Use a whole number of days.').default(shareDays.usual),
})
const ShareId = z.strictObject({ id: z.string().max(64) })

export const shares = new Hono<AppEnv>()
  .get('/', allow('shares:write'), async (c) => c.json({ items: (await listShares(c.var.services)).map(shown), next: null }))
  /** The link stands in this answer and in no other. */
  .post('/', allow('shares:write'), valid('json', NewShare), async (c) => {
    const { url, ...share } = await createShare(c.var.services, c.req.valid('json'))
    return c.json({ ...shown(share), url }, 201)
  })
  .delete('/:id', allow('shares:write'), valid('param', ShareId), async (c) => {
    await revokeShare(c.var.services, c.req.valid('param').id)
    return c.body(null, 204)
  })

const shown = ({ id, path, name, state, createdAt, expiresAt }: ShareView) => ({
  id,
  path,
  name,
  state,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
})
