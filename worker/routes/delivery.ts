/** How messages leave. Secrets go in and never come out. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { channels, secretNames, smtpFields } from '../core/delivery-settings'
import { securities } from '../core/mail-host'
import { allow } from '../guard'
import { changeDelivery, getDelivery } from '../services/delivery-settings'
import { sendTestMessage, testedWays } from '../services/delivery-test'
import type { Sent } from '../services/smtp'
import { valid } from '../validate'

const text = z.string().max(500, 'Use at most 500 characters.')
/** Null forgets it; left out, it stays. */
const secret = text.nullable().optional()

const DeliveryChange = z.strictObject({
  first: z.enum(channels, { error: `Use one of: ${channels.join(', ')}.` }).optional(),
  smtp: z
    .strictObject({
      host: text,
      port: z.int('Use a number such as 465.').min(1, 'Use a number such as 465.').max(65535, 'Use a number such as 465.'),
      security: z.enum(securities, { error: `Use one of: ${securities.join(', ')}.` }),
      user: text.default(''),
      from: text,
      fromName: text.default(''),
      replyTo: text.default(''),
    })
    .nullable()
    .optional(),
  password: secret,
  slackToken: secret,
  slackWebhook: secret,
})

const TestMessage = z.strictObject({
  way: z.enum(testedWays, { error: `Use one of: ${testedWays.join(', ')}.` }),
  address: text.default(''),
})

export const delivery = new Hono<AppEnv>()
  .get('/', allow('settings:read'), async (c) => c.json(await getDelivery(c.var.services.db)))
  .patch('/', allow('settings:write'), valid('json', DeliveryChange), async (c) => {
    const { first, smtp, ...rest } = c.req.valid('json')
    const fields = smtp && Object.fromEntries(smtpFields.map((field) => [field, String(smtp[field])]))
    const secrets = Object.fromEntries(secretNames.flatMap((name) => (rest[name] === undefined ? [] : [[name, rest[name]]])))
    await changeDelivery(c.var.services, { first, smtp: fields as Parameters<typeof changeDelivery>[1]['smtp'], secrets })
    return c.json(await getDelivery(c.var.services.db))
  })
  /** Sends a message without any link, and answers with what the other side said. */
  .post('/tests', allow('settings:write'), valid('json', TestMessage), async (c) => {
    const { way, address } = c.req.valid('json')
    return c.json(outcomeOf(await sendTestMessage(c.var.services, way, address, c.var.locale)))
  })

/** What became of a test, with what the other side said. */
export const outcomeOf = (sent: Sent) =>
  sent.ok ? { sent: true, code: null, reply: sent.reply } : { sent: false, code: sent.failure.code, reply: sent.failure.reply }
