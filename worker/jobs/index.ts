import { database } from '../db/client'
import { heartbeats } from '../db/schema'

/** What each tick of cron does. Each job is bounded, claims its work first and may run twice without harm. */
export async function runJobs(env: Env, now: Date): Promise<void> {
  const db = database(env.DB)
  await db
    .insert(heartbeats)
    .values({ job: 'tick', at: now })
    .onConflictDoUpdate({ target: heartbeats.job, set: { at: now } })
}
