import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { isCalendarDay } from '../core/calendar'
import { allow } from '../guard'
import { blank, readFunnel } from '../services/funnel'
import { valid } from '../validate'

const day = z.string().refine(isCalendarDay, 'Use a day such as 2026-06-01.')
const choice = z.string().min(1, `Leave it out, or use ${blank} for those without one.`).max(200, 'Use at most 200 characters.')
const FunnelQuery = z.strictObject({
  from: day.optional(),
  to: day.optional(),
  path: z.enum(['any', 'strict'], { error: 'Use any or strict.' }).optional(),
  source: z.string().min(1, 'Leave it out, or use the id of a source.').max(100, 'Use the id of a source.').optional(),
  leadType: choice.optional(),
  channel: choice.optional(),
})

export const funnel = new Hono<AppEnv>().get('/', allow('metrics:read'), valid('query', FunnelQuery), async (c) => {
  return c.json(await readFunnel(c.var.services, c.req.valid('query')))
})
