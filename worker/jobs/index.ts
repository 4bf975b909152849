import { databaseMessage } from '../db/client'
import { heartbeats } from '../db/schema'
import type { ServiceContext } from '../services/context'
import { closing } from './closing'
import { retention } from './retention'

/** Bounded, claims its work first, and may run twice without harm. */
export interface Job {
  name: string
  run: (context: ServiceContext) => Promise<unknown>
}

const beat: Job = {
  name: 'tick',
  run: ({ db, now }) =>
    db
      .insert(heartbeats)
      .values({ job: 'tick', at: now })
      .onConflictDoUpdate({ target: heartbeats.job, set: { at: now } }),
}

const jobs: readonly Job[] = [beat, closing, retention]

/** What each tick of cron does, one after the other; one that fails does not keep the others from running. */
export async function runJobs(context: ServiceContext): Promise<void> {
  if (context.mixer === 'unusable') console.error(JSON.stringify({ event: 'ballot-delay-invalid' }))
  for (const job of jobs) {
    try {
      await job.run(context)
    } catch (error) {
      // Thrown on, a query's error would be logged with its parameters.
      console.error(JSON.stringify({ event: 'job-failed', job: job.name, cause: databaseMessage(error) }))
    }
  }
}
