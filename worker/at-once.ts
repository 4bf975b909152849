import type { Context } from 'hono'
import type { AppEnv } from './context'
import { limits, runPulls } from './services/pulling'

/** Moves a pull on that somebody just asked for. Nobody waits for it; what it does not finish, cron does. */
export function pullAtOnce(c: Context<AppEnv>, pullId: string): void {
  const work = runPulls(c.var.services, { only: pullId, limits: { ...limits, milliseconds: 20_000 } })
  c.executionCtx.waitUntil(work.catch(() => undefined))
}
