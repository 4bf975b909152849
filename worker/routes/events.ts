import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { allow } from '../guard'
import { compareAround } from '../services/analyses'
import { addEvent, listEvents, removeEvent } from '../services/events'
import { valid } from '../validate'
import { pageLimit } from './paging'

const day = z.iso.date('Use a day such as 2026-06-15.')
const NewEvent = z.strictObject({
  day,
  name: z.string('Say what happened.').trim().min(1, 'Say what happened.').max(80, 'Use at most 80 characters.'),
})
const EventsQuery = z
  .strictObject({
    from: day.optional(),
    to: day.optional(),
    cursor: z
      .string()
      .regex(/^\d{4}-\d\d-\d\d~[\w-]{22}$/, 'Use the `next` of an earlier page.')
      .optional(),
    limit: pageLimit(500).optional(),
  })
  .refine(({ from, to }) => !from || !to || from <= to, { path: ['to'], error: 'Use a day that is not before `from`.' })
const EventId = z.strictObject({ id: z.string().max(64) })

/** Readers may list them: they are part of what was published. */
export const events = new Hono<AppEnv>()
  .get('/', allow('results:read'), valid('query', EventsQuery), async (c) =>
    c.json(await listEvents(c.var.services.db, c.req.valid('query'))),
  )
  .post('/', allow('events:write'), valid('json', NewEvent), async (c) => c.json(await addEvent(c.var.services, c.req.valid('json')), 201))
  /** The score, the people index and every KPI before the event and after it. */
  .get('/:id/comparison', allow('scores:read'), valid('param', EventId), async (c) =>
    c.json(await compareAround(c.var.services.db, c.req.valid('param').id)),
  )
  .delete('/:id', allow('events:write'), valid('param', EventId), async (c) => {
    await removeEvent(c.var.services, c.req.valid('param').id)
    return c.body(null, 204)
  })
