import { Hono } from 'hono'
import { etag } from 'hono/etag'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { nameFilter } from '../services/names'
import { valid } from '../validate'

const RoundId = z.strictObject({ id: z.string().max(64, 'There is no such round.') })

/** What the survey page checks a comment against: read without a session, and the same for everybody. */
export const roundNames = new Hono<AppEnv>().get('/:id/names', etag(), valid('param', RoundId), async (c) => {
  const { id } = c.req.valid('param')
  const filter = await nameFilter(c.var.services.db, id)
  return c.json({ roundId: id, filter }, 200, { 'Cache-Control': 'public, max-age=300' })
})
