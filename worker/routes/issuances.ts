import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { issueBallot } from '../services/ballots'
import { toBase64Url } from '../services/context'
import { valid } from '../validate'
import { base64Url, bytesOf } from './base64url'

const NewIssuance = z.strictObject({
  roundId: z.string('Use the round of the link.').min(1, 'Use the round of the link.').max(64, 'Use the round of the link.'),
  cohort: z.string('Use the cohort of the link.').regex(/^c[1-9]\d{0,5}$/, 'Use the cohort of the link, such as c1.'),
  invitation: z.string('Use the secret of the link.').regex(/^[\w-]{43}$/, 'Use the 43 characters of the link.'),
  blindedMessage: base64Url,
})

/** Collecting a ballot: the invitation is the right, and nobody is asked who they are. */
export const issuances = new Hono<AppEnv>().post('/', valid('json', NewIssuance), async (c) => {
  const { blindedMessage, ...request } = c.req.valid('json')
  const { blindSignature } = await issueBallot(c.var.services, { ...request, blindedMessage: bytesOf(blindedMessage) })
  return c.json({ blindSignature: toBase64Url(blindSignature) }, 201)
})
