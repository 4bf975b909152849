import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { eventAuthorLimit, eventNameLimit, eventScopes } from '../core/event'
import { allow } from '../guard'
import { compareAround } from '../services/analyses'
import { addEvent, changeEvent, getEvent, listEvents, removeEvent } from '../services/events'
import { valid } from '../validate'
import { pageLimit } from './paging'

const day = z.iso.date('Use a day such as 2026-06-15.')
const name = z
  .string('Say what happened.')
  .trim()
  .min(1, 'Say what happened.')
  .max(eventNameLimit, `Use at most ${eventNameLimit} characters.`)
const scope = z.enum(eventScopes, 'Use company, sales or marketing.')
const author = z.string('Say who says so.').trim().max(eventAuthorLimit, `Use at most ${eventAuthorLimit} characters.`)
/** Who says so and whom it happened to came later: a program that leaves them out is understood as before. */
const NewEvent = z.strictObject({ day, name, scope: scope.default('company'), author: author.default('') })
const EventChange = z
  .strictObject({ day: day.optional(), name: name.optional(), scope: scope.optional(), author: author.optional() })
  .refine((change) => Object.keys(change).length > 0, 'Say what to change.')
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
  .get('/:id', allow('results:read'), valid('param', EventId), async (c) =>
    c.json(await getEvent(c.var.services.db, c.req.valid('param').id)),
  )
  .patch('/:id', allow('events:write'), valid('param', EventId), valid('json', EventChange), async (c) =>
    c.json(await changeEvent(c.var.services, c.req.valid('param').id, c.req.valid('json'))),
  )
  .delete('/:id', allow('events:write'), valid('param', EventId), async (c) => {
    await removeEvent(c.var.services, c.req.valid('param').id)
    return c.body(null, 204)
  })
