import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { castBallot } from '../services/ballots'
import { valid } from '../validate'
import { base64Url, bytesOf } from './base64url'

const answer = z.int('Use a whole number, or null.').min(0, 'Use 0 or more, or null.').max(254, 'Use the number of an option, or null.')

const NewBallot = z.strictObject({
  roundId: z.string('Use the round of the link.').min(1, 'Use the round of the link.').max(64, 'Use the round of the link.'),
  cohort: z.string('Use the cohort of the link.').regex(/^c[1-9]\d{0,5}$/, 'Use the cohort of the link, such as c1.'),
  message: base64Url,
  signature: base64Url,
  answers: z.array(answer.nullable(), 'Send one answer an item, null for none.').max(200, 'Send one answer an item.'),
  comment: z.string('Send text, or null.').max(4000, 'Use at most 800 bytes of UTF-8.').nullable(),
})

/**
 * Casting a ballot: no cookie, no key, no name; the signature is the right. 201 when it is stored now, 200 when it was
 * stored before, 202 when it is taken in and will be stored within the time that its round mixes ballots for.
 */
export const ballots = new Hono<AppEnv>().post('/', valid('json', NewBallot), async (c) => {
  const { message, signature, ...request } = c.req.valid('json')
  const { stored, waits } = await castBallot(c.var.services, { ...request, message: bytesOf(message), signature: bytesOf(signature) })
  return c.json({ stored }, waits ? 202 : stored ? 201 : 200)
})
