import type { Context } from 'hono'
import type { AppEnv } from './context'
import { limits, resumeSource, runPulls } from './services/pulling'
import { listPulls } from './services/pulls'

/** Moves a pull on that somebody just asked for. Nobody waits for it; what it does not finish, cron does. */
export function pullAtOnce(c: Context<AppEnv>, pullId: string): void {
  const work = runPulls(c.var.services, { only: pullId, limits: { ...limits, milliseconds: 20_000 } })
  c.executionCtx.waitUntil(work.catch(() => undefined))
}

/** Resumes a source, and begins with the pull that this makes. */
export async function resumeAtOnce(c: Context<AppEnv>, sourceId: string): Promise<void> {
  await resumeSource(c.var.services, sourceId)
  const { items } = await listPulls(c.var.services, sourceId, { limit: 1 })
  if (items[0]?.state === 'running') pullAtOnce(c, items[0].id)
}
