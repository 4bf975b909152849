/** Addresses of other systems that are told when a round has closed. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { readWebhookFailure } from '../core/webhook'
import { allow } from '../guard'
import { addWebhook, getWebhook, listWebhooks, removeWebhook, retryMessage, testWebhook, type WebhookView } from '../services/webhooks'
import { noBody, valid } from '../validate'
import { type Dispatched, dispatched } from './dispatched'
import { summary } from './summary'

/** What else an address must be is said by the service, which says it on the page too. */
const NewWebhook = z.strictObject({ url: z.string('Give an https address.').describe('An https address of a public host.') })
const WebhookId = z.strictObject({ id: z.string().max(64, 'There is no such webhook.') })
const MessageId = WebhookId.extend({ messageId: z.string().max(64, 'There is no such message.') })

export const webhooks = new Hono<AppEnv>()
  .get('/', summary('Lists the addresses that are told'), allow('settings:read'), async (c) =>
    c.json({ items: (await listWebhooks(c.var.services)).map(shown), next: null }),
  )
  .post(
    '/',
    summary('Adds an address; the secret that messages are signed with stands in this answer and in no other'),
    allow('settings:write'),
    valid('json', NewWebhook),
    async (c) => {
      const { secret, ...webhook } = await addWebhook(c.var.services, c.req.valid('json').url)
      return c.json({ ...shown(webhook), secret }, 201)
    },
  )
  .delete(
    '/:id',
    summary('Tells an address nothing any more, and forgets its secret'),
    allow('settings:write'),
    valid('param', WebhookId),
    async (c) => {
      await removeWebhook(c.var.services, c.req.valid('param').id)
      return c.body(null, 204)
    },
  )
  .post(
    '/:id/tests',
    summary('Sends a message of no round, and answers with what became of it'),
    allow('settings:write'),
    noBody,
    valid('param', WebhookId),
    async (c) => {
      const told = await testWebhook(c.var.services, c.req.valid('param').id)
      return c.json({ sent: told.ok, code: told.ok ? null : told.code, status: told.status })
    },
  )
  .get(
    '/:id/messages',
    summary('Lists the latest messages to an address, newest first'),
    allow('settings:read'),
    valid('param', WebhookId),
    async (c) => {
      const { messages } = await getWebhook(c.var.services, c.req.valid('param').id)
      return c.json({ items: messages.map(shownMessage), next: null })
    },
  )
  .post(
    '/:id/messages/:messageId/attempts',
    summary('Sends a message that failed again, with the next run'),
    allow('settings:write'),
    noBody,
    valid('param', MessageId),
    async (c) => {
      const { id, messageId } = c.req.valid('param')
      return c.json(shownMessage(await retryMessage(c.var.services, id, messageId)), 202)
    },
  )

const shown = ({ id, url, createdAt }: Pick<WebhookView, 'id' | 'url' | 'createdAt'>) => ({ id, url, createdAt: createdAt.toISOString() })

function shownMessage(message: Dispatched) {
  const { week: _ofDigests, ...rest } = dispatched(message)
  return { ...rest, ...(message.error ? readWebhookFailure(message.error) : { code: null, status: null }) }
}
