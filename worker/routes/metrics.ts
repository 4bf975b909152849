import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { bases, cohortWindows } from '../core/metrics'
import { allow } from '../guard'
import { removeGoal, setGoal } from '../services/goals'
import { knownMetric, listMetrics, pageOfObservations } from '../services/metrics'
import { valid } from '../validate'
import { pageLimit } from './paging'

const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'Use a month such as 2026-06.')
const ObservationsQuery = z
  .strictObject({
    from: month.optional(),
    to: month.optional(),
    basis: z.enum(bases, { error: `Use one of: ${bases.join(', ')}.` }).optional(),
    window: z.enum(cohortWindows, { error: `Use one of: ${cohortWindows.join(', ')}.` }).optional(),
    cursor: month.optional(),
    limit: pageLimit(500).optional(),
  })
  .refine((query) => !query.from || !query.to || query.from <= query.to, { error: 'Use a month that is not before `from`.', path: ['to'] })
const MetricKeyParam = z.strictObject({ key: z.string().max(64) })
const amount = (what: string) => z.number(`Give the ${what} as a number, in the unit of the metric.`)
const NewGoal = z.strictObject({
  target: amount('target'),
  baseline: amount('baseline').nullable().optional(),
  scale: z.enum(['linear', 'log'], { error: 'Use linear or log.' }),
})

export const metrics = new Hono<AppEnv>()
  .get('/', allow('metrics:read'), async (c) => c.json({ items: await listMetrics(c.var.services), next: null }))
  .get('/:key/observations', allow('metrics:read'), valid('param', MetricKeyParam), valid('query', ObservationsQuery), async (c) => {
    return c.json(await pageOfObservations(c.var.services.db, knownMetric(c.req.valid('param').key), c.req.valid('query')))
  })
  .put('/:key/goal', allow('metrics:write'), valid('param', MetricKeyParam), valid('json', NewGoal), async (c) => {
    const { baseline = null, ...goal } = c.req.valid('json')
    return c.json(await setGoal(c.var.services, knownMetric(c.req.valid('param').key), { ...goal, baseline }))
  })
  .delete('/:key/goal', allow('metrics:write'), valid('param', MetricKeyParam), async (c) => {
    await removeGoal(c.var.services, knownMetric(c.req.valid('param').key))
    return c.body(null, 204)
  })
