/** How leaders get in: a one-time link that gives a session which reads, and the end of either. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { dayOf } from '../core/calendar'
import { allow } from '../guard'
import { endLeaderAccess, inviteLeader, type LeaderAccess, leaderLinkDays, listLeaderAccess } from '../services/access'
import { valid } from '../validate'
import { summary } from './summary'

const Invitation = z.strictObject({
  days: z.literal([...leaderLinkDays], { error: `Use one of: ${leaderLinkDays.join(', ')}.` }).describe('For how long it can be opened.'),
  name: z
    .string('Say whom it is for.')
    .default('')
    .describe('Whom it is for, in your own words, for the list. Nobody checks who opens it.'),
})
const AccessId = z.strictObject({ id: z.string().max(64, 'There is no such access.') })

export const leaders = new Hono<AppEnv>()
  .get('/', summary('Lists links that nobody opened yet, and sessions of leaders'), allow('leaders:write'), async (c) =>
    c.json({ items: (await listLeaderAccess(c.var.services)).map(shown), next: null }),
  )
  .post(
    '/',
    summary('Makes a link that signs one leader in once; it stands in this answer and in no other'),
    allow('leaders:write'),
    valid('json', Invitation),
    async (c) => {
      const { url, ...access } = await inviteLeader(c.var.services, c.req.valid('json'))
      return c.json({ ...shown(access), url }, 201)
    },
  )
  .delete('/:id', summary('Ends a link or a session at once'), allow('leaders:write'), valid('param', AccessId), async (c) => {
    await endLeaderAccess(c.var.services, c.req.valid('param').id)
    return c.body(null, 204)
  })

/** When a person last read something is nobody's matter to the minute. */
const shown = ({ id, name, state }: LeaderAccess) => ({
  id,
  name,
  state: state.kind,
  until: state.kind === 'invited' ? state.until.toISOString() : null,
  sinceDay: state.kind === 'signed-in' ? dayOf(state.since, 'UTC') : null,
  lastReadDay: state.kind === 'signed-in' ? dayOf(state.lastSeenAt, 'UTC') : null,
})
