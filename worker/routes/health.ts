import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import type { AppEnv } from '../context'
import { database } from '../db/client'
import { isAnySourceOverdue } from '../db/pulls'
import { takesMixedBallots } from '../db/rounds'
import { heartbeats } from '../db/schema'
import { mixerOf } from '../equipment'
import { heartbeatMinutes } from '../services/schedule'

/** Codes only: health is public. */
export const health = new Hono<AppEnv>()
  .get('/healthz', (c) => c.json({ status: 'ok' }))
  .get('/readyz', async (c) => {
    try {
      const db = database(c.env.DB)
      const mixer = mixerOf(c.env)
      const [heartbeat, mixed, overdue] = await Promise.all([
        db.query.heartbeats.findFirst({ where: eq(heartbeats.job, 'tick') }),
        takesMixedBallots(db),
        isAnySourceOverdue(db, new Date()),
      ])
      const age = heartbeat ? Date.now() - heartbeat.at.getTime() : null
      // Also where the setting was taken away from a round that is open: no ballot of it can be taken.
      const invalid = mixer === 'unusable' || (mixed && mixer === null)
      const late = age !== null && age > heartbeatMinutes * 60_000
      return c.json(
        {
          status: invalid ? 'ballot-delay-invalid' : late ? 'cron-late' : 'ok',
          heartbeatAgeSeconds: age === null ? null : Math.round(age / 1000),
          // No reason to take the server away from those who read: every number says how old it is.
          warnings: overdue ? ['source-overdue'] : [],
        },
        invalid || late ? 503 : 200,
      )
    } catch {
      return c.json({ status: 'database-unavailable', heartbeatAgeSeconds: null }, 503)
    }
  })
