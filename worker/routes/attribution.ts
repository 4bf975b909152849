import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { attributionModels } from '../core/attribution'
import { allow } from '../guard'
import { mostSalesChannels, readAttribution, setSalesChannels } from '../services/attribution'
import { valid } from '../validate'

const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'Use a month such as 2026-06.')
const AttributionQuery = z.strictObject({
  from: month.optional(),
  to: month.optional(),
  model: z.enum(attributionModels, { error: `Use one of: ${attributionModels.join(', ')}.` }).optional(),
})
const channel = z.string('Name a channel.').trim().min(1, 'Name a channel.').max(200, 'Use at most 200 characters.')
const SalesChannels = z.strictObject({
  channels: z.array(channel, 'List channels.').max(mostSalesChannels, `Name at most ${mostSalesChannels} channels.`),
})

export const attribution = new Hono<AppEnv>()
  .get('/', allow('metrics:read'), valid('query', AttributionQuery), async (c) => {
    return c.json(await readAttribution(c.var.services, c.req.valid('query')))
  })
  .put('/sales-channels', allow('metrics:write'), valid('json', SalesChannels), async (c) => {
    return c.json({ channels: await setSalesChannels(c.var.services, c.req.valid('json').channels) })
  })
