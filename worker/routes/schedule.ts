import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { cadences } from '../core/schedule'
import { allow } from '../guard'
import { getSchedule, pauseSchedule, previewSchedule, removeSchedule, resumeSchedule, setSchedule } from '../services/schedule'
import { noBody, valid } from '../validate'

/** Days and times are of the organisation's time zone. What else must hold is said by the rule, field by field. */
const Rule = z.strictObject({
  cadence: z.enum(cadences, { error: `Use one of: ${cadences.join(', ')}.` }),
  firstDay: z.iso.date({ error: 'Use a day such as 2026-12-01.' }),
  openingTime: z
    .string('Use a time such as 09:00.')
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Use a time such as 09:00.')
    .default('09:00'),
  windowDays: z.int('Use a whole number of days.').min(1, 'Use at least 1 day.').max(28, 'Use at most 28 days.').default(14),
  reminders: z.int('Use 0, 1 or 2.').min(0, 'Use 0, 1 or 2.').max(2, 'Use 0, 1 or 2.').default(2),
})
const Dry = z.strictObject({ dryRun: z.enum(['true', 'false'], { error: 'Use true or false.' }).default('false') })

/** The next three rounds, and whether anything opens them; `rule` is null where somebody opens each. */
export const schedule = new Hono<AppEnv>()
  .get('/', allow('rounds:read'), async (c) => c.json(await getSchedule(c.var.services)))
  /** Replaces the rounds that are scheduled. A dry run says which go and which come. */
  .put('/', allow('rounds:write'), valid('query', Dry), valid('json', Rule), async (c) => {
    const rule = c.req.valid('json')
    if (c.req.valid('query').dryRun === 'true') {
      return c.json({ dryRun: true as const, ...(await previewSchedule(c.var.services, rule)) })
    }
    return c.json(await setSchedule(c.var.services, rule))
  })
  /** From here on somebody opens each round. The open one closes on its day. */
  .delete('/', allow('rounds:write'), async (c) => {
    await removeSchedule(c.var.services)
    return c.body(null, 204)
  })
  /** Nothing opens while this is there; the open round goes on to its close. */
  .put('/pause', allow('rounds:write'), noBody, async (c) => c.json(await pauseSchedule(c.var.services)))
  /** Rounds open again. What would have opened meanwhile is left out. */
  .delete('/pause', allow('rounds:write'), async (c) => c.json(await resumeSchedule(c.var.services)))
