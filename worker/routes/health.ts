import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import type { AppEnv } from '../context'
import { database } from '../db/client'
import { heartbeats } from '../db/schema'
import { mixerOf } from '../equipment'

/** A scheduled job older than this means that cron has stopped. */
const heartbeatMinutes = 30

/** Codes only: health is public. */
export const health = new Hono<AppEnv>()
  .get('/healthz', (c) => c.json({ status: 'ok' }))
  .get('/readyz', async (c) => {
    try {
      const heartbeat = await database(c.env.DB).query.heartbeats.findFirst({ where: eq(heartbeats.job, 'tick') })
      const age = heartbeat ? Date.now() - heartbeat.at.getTime() : null
      const invalid = mixerOf(c.env) === 'unusable'
      const late = age !== null && age > heartbeatMinutes * 60_000
      return c.json(
        {
          status: invalid ? 'ballot-delay-invalid' : late ? 'cron-late' : 'ok',
          heartbeatAgeSeconds: age === null ? null : Math.round(age / 1000),
        },
        invalid || late ? 503 : 200,
      )
    } catch {
      return c.json({ status: 'database-unavailable', heartbeatAgeSeconds: null }, 503)
    }
  })
