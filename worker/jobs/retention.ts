import { eq, lte } from 'drizzle-orm'
import { heartbeats } from '../db/schema'
import type { ServiceContext } from '../services/context'
import { deleteOverdue } from '../services/retention'
import type { Job } from './job'

const name = 'retention'
const everyMilliseconds = 60 * 60_000

/**
 * Deletes what is overdue once an hour, or at every tick while there is more than one run may delete. Looking through
 * old results for comments is not for every tick.
 */
export const retention: Job = {
  name,
  run: async (context) => {
    if (!(await claim(context))) return
    const { more } = await deleteOverdue(context)
    if (more)
      await context.db
        .update(heartbeats)
        .set({ at: new Date(0) })
        .where(eq(heartbeats.job, name))
  },
}

/** Whether this run is the hour's: of two at once, one is. */
async function claim({ db, now }: ServiceContext): Promise<boolean> {
  const claimed = await db
    .insert(heartbeats)
    .values({ job: name, at: now })
    .onConflictDoUpdate({
      target: heartbeats.job,
      set: { at: now },
      setWhere: lte(heartbeats.at, new Date(now.getTime() - everyMilliseconds)),
    })
    .returning({ job: heartbeats.job })
  return claimed.length > 0
}
