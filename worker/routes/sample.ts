import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { allow } from '../guard'
import { readSample, removeSample, sampleStep } from '../services/sample'
import { noBody, valid } from '../validate'

const Confirmation = z.strictObject({
  confirm: z.literal('true', { error: 'Send confirm=true: everything of this organisation is removed for good.' }),
})

/** For an administrator, and for whoever runs the deployment. */
export const sample = new Hono<AppEnv>()
  .get('/', allow('sample:write'), async (c) => c.json(await readSample(c.var.services)))
  .post('/steps', allow('sample:write'), noBody, async (c) => c.json(await sampleStep(c.var.services)))
  .delete('/', allow('sample:write'), valid('query', Confirmation), async (c) => {
    await removeSample(c.var.services)
    return c.body(null, 204)
  })
