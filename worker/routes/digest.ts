import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { rhythms } from '../core/digest'
import { allow } from '../guard'
import { changeDigest, getDigest, listDigests, previewDigest, retryDigest, sendTestDigest } from '../services/digest'
import { noBody, valid } from '../validate'
import { outcomeOf } from './delivery'
import { type Dispatched, dispatched } from './dispatched'
import { Language } from './language'
import { summary } from './summary'

/** All of it is said: an address that was forgotten would end a digest without a word. */
const Digest = z.strictObject({
  rhythm: z
    .enum(rhythms, { error: `Use one of: ${rhythms.join(', ')}.` })
    .describe('`round`: after each round; `week`: on Monday morning, where something is new.'),
  /** Whether each is an address is said by the service, which says it on the page too. */
  recipients: z.array(z.string('Use an email address such as ann.lee@example.com.'), 'Give a list of email addresses.'),
  slack: z.boolean('Use true or false.').describe('Whether it is posted to the channel of the Slack webhook (`/delivery`) too.'),
})
const DigestTest = z.strictObject({
  to: z.string('Give an email address, or slack for the channel.').describe('An email address, or `slack` for the channel.'),
})
const MessageId = z.strictObject({ id: z.string().max(64, 'There is no such message.') })

export const digest = new Hono<AppEnv>()
  .get('/', summary('Says when the digest goes out and to whom, and what of that nothing reaches yet'), allow('settings:read'), async (c) =>
    c.json(await getDigest(c.var.services.db)),
  )
  .put('/', summary('Sets when the digest goes out and to whom'), allow('settings:write'), valid('json', Digest), async (c) => {
    await changeDigest(c.var.services, c.req.valid('json'))
    return c.json(await getDigest(c.var.services.db))
  })
  .get(
    '/preview',
    summary('Shows the digest of the latest round as it would leave now'),
    allow('settings:read'),
    valid('query', Language),
    async (c) => c.json(await previewDigest(c.var.services, c.req.valid('query').lang ?? c.var.locale)),
  )
  .post(
    '/tests',
    summary('Sends the digest of the latest round now, and answers with what the other side said'),
    allow('settings:write'),
    valid('json', DigestTest),
    async (c) => c.json(outcomeOf(await sendTestDigest(c.var.services, c.req.valid('json').to, c.var.locale))),
  )
  .get('/messages', summary('Lists what went out lately, and to whom, newest first'), allow('settings:read'), async (c) =>
    c.json({ items: (await listDigests(c.var.services)).map(shown), next: null }),
  )
  .post(
    '/messages/:id/attempts',
    summary('Sends a message that failed again, with the next run'),
    allow('settings:write'),
    noBody,
    valid('param', MessageId),
    async (c) => c.json(shown(await retryDigest(c.var.services, c.req.valid('param').id)), 202),
  )

const shown = (message: Dispatched & { target: string }) => ({ ...dispatched(message), to: message.target, code: message.error || null })
