import { database, databaseMessage } from '../db/client'
import { heartbeats } from '../db/schema'

/** What each tick of cron does. Each job is bounded, claims its work first and may run twice without harm. */
export async function runJobs(env: Env, now: Date): Promise<void> {
  try {
    await database(env.DB)
      .insert(heartbeats)
      .values({ job: 'tick', at: now })
      .onConflictDoUpdate({ target: heartbeats.job, set: { at: now } })
  } catch (error) {
    // Thrown on, a query's error would be logged with its parameters.
    console.error(JSON.stringify({ event: 'job-failed', job: 'tick', cause: databaseMessage(error) }))
  }
}
