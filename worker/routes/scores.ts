import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { allow } from '../guard'
import { pageOfScores } from '../services/scores'
import { valid } from '../validate'
import { pageLimit } from './paging'

const Period = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'Use a period such as 2026-09.')
const Range = z
  .strictObject({
    from: Period.optional(),
    to: Period.optional(),
    cursor: z
      .string()
      .regex(/^[1-9]\d{0,8}$/, 'Use the value of "next" from the page before.')
      .transform(Number)
      .optional(),
    limit: pageLimit(100).default(24),
  })
  .refine(({ from, to }) => !from || !to || from <= to, { path: ['to'], message: 'Use a period that is not before "from".' })

export const scores = new Hono<AppEnv>().get('/', allow('scores:read'), valid('query', Range), async (c) => {
  const { cursor, ...range } = c.req.valid('query')
  const { items, next } = await pageOfScores(c.var.services.db, { ...range, after: cursor })
  return c.json({ items, next: next === null ? null : String(next) })
})
