import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { decodeText } from '../core/csv'
import { isCurrency } from '../core/values'
import { allow } from '../guard'
import { problem } from '../problem'
import { importRates, pageOfRates, removeRate, setRate } from '../services/exchange-rates'
import { valid } from '../validate'
import { pageLimit } from './paging'

const currency = z.string().refine(isCurrency, 'Use a currency code such as USD.')
const RatesQuery = z.strictObject({
  currency: currency.optional(),
  cursor: z
    .string()
    .regex(/^[A-Z]{3}~\d{4}-\d\d-\d\d$/, 'Use the `next` of an earlier page.')
    .optional(),
  limit: pageLimit(500).optional(),
})
const RateParam = z.strictObject({ currency: z.string().max(64), day: z.string().max(64) })
const NewRate = z.strictObject({ rate: z.number('Use a number above 0, such as 0.91.') })

export const exchangeRates = new Hono<AppEnv>()
  .get('/', allow('metrics:read'), valid('query', RatesQuery), async (c) => c.json(await pageOfRates(c.var.services, c.req.valid('query'))))
  .post('/imports', allow('metrics:write'), async (c) => {
    if (!/^text\/csv(\s*;.*)?$/i.test(c.req.header('content-type') ?? '')) {
      return problem(c, 'unsupported-media-type', 'Send the file as text/csv.')
    }
    return c.json(await importRates(c.var.services, decodeText(new Uint8Array(await c.req.arrayBuffer()))))
  })
  .put('/:currency/:day', allow('metrics:write'), valid('param', RateParam), valid('json', NewRate), async (c) =>
    c.json(await setRate(c.var.services, { ...c.req.valid('param'), ...c.req.valid('json') })),
  )
  .delete('/:currency/:day', allow('metrics:write'), valid('param', RateParam), async (c) => {
    const { currency: code, day } = c.req.valid('param')
    await removeRate(c.var.services, code, day)
    return c.body(null, 204)
  })
