import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { bases, cohortWindows, slices, units } from '../core/metrics'
import { grainOf, grains } from '../core/periods'
import { allow } from '../guard'
import { removeGoal, setGoal } from '../services/goals'
import { knownMetric, listMetrics } from '../services/metrics'
import { pageOfObservations } from '../services/observations'
import { addOwnMetric, changeOwnMetric, removeOwnMetric } from '../services/own-metrics'
import { valid } from '../validate'
import { pageLimit } from './paging'

const period = z.string().refine((text) => grainOf(text) !== null, 'Use a period such as 2026-06, 2026-W23, 2026-Q2 or 2026-06-01.')
const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, { error: `Use one of: ${values.join(', ')}.` })
const ObservationsQuery = z.strictObject({
  grain: oneOf(grains).optional(),
  by: oneOf(slices).optional(),
  value: z.string().max(200, 'Use at most 200 characters.').optional(),
  from: period.optional(),
  to: period.optional(),
  basis: oneOf(bases).optional(),
  window: oneOf(cohortWindows).optional(),
  cursor: period.optional(),
  limit: pageLimit(500).optional(),
})
const metricName = z.string('Name the metric.').trim().min(1, 'Name the metric.').max(80, 'Use at most 80 characters.')
const unit = oneOf(units)
const better = z.enum(['higher', 'lower'], { error: 'Use higher, lower or null.' }).nullable()
const NewMetric = z.strictObject({
  key: z.string('Give a key such as own-nps.').max(64),
  name: metricName,
  unit,
  better: better.default(null),
})
const MetricChange = z.strictObject({ name: metricName.optional(), unit: unit.optional(), better: better.optional() })
const MetricKeyParam = z.strictObject({ key: z.string().max(64) })
const amount = (what: string) => z.number(`Give the ${what} as a number, in the unit of the metric.`)
const NewGoal = z.strictObject({
  target: amount('target'),
  baseline: amount('baseline').nullable().optional(),
  scale: z.enum(['linear', 'log'], { error: 'Use linear or log.' }),
})

export const metrics = new Hono<AppEnv>()
  .get('/', allow('metrics:read'), async (c) => c.json({ items: await listMetrics(c.var.services), next: null }))
  .post('/', allow('metrics:write'), valid('json', NewMetric), async (c) =>
    c.json(await addOwnMetric(c.var.services, c.req.valid('json')), 201),
  )
  .patch('/:key', allow('metrics:write'), valid('param', MetricKeyParam), valid('json', MetricChange), async (c) => {
    const { name, unit: newUnit, better: newBetter } = c.req.valid('json')
    const change = {
      ...(name === undefined ? {} : { name }),
      ...(newUnit === undefined ? {} : { unit: newUnit }),
      ...(newBetter === undefined ? {} : { better: newBetter }),
    }
    return c.json(await changeOwnMetric(c.var.services, c.req.valid('param').key, change))
  })
  .delete('/:key', allow('metrics:write'), valid('param', MetricKeyParam), async (c) => {
    await removeOwnMetric(c.var.services, c.req.valid('param').key)
    return c.body(null, 204)
  })
  .get('/:key/observations', allow('metrics:read'), valid('param', MetricKeyParam), valid('query', ObservationsQuery), async (c) => {
    const { services } = c.var
    return c.json(await pageOfObservations(services, await knownMetric(services.db, c.req.valid('param').key), c.req.valid('query')))
  })
  .put('/:key/goal', allow('metrics:write'), valid('param', MetricKeyParam), valid('json', NewGoal), async (c) => {
    const { baseline = null, ...goal } = c.req.valid('json')
    const { definition } = await knownMetric(c.var.services.db, c.req.valid('param').key)
    return c.json(await setGoal(c.var.services, definition.key, { ...goal, baseline }))
  })
  .delete('/:key/goal', allow('metrics:write'), valid('param', MetricKeyParam), async (c) => {
    const { definition } = await knownMetric(c.var.services.db, c.req.valid('param').key)
    await removeGoal(c.var.services, definition.key)
    return c.body(null, 204)
  })
