import { databaseMessage } from '../db/client'
import { heartbeats } from '../db/schema'
import { refreshAnalyses } from '../services/analyses'
import { evaluateDueClauses } from '../services/clause-evaluation'
import { closeDueRounds } from '../services/closing'
import type { ServiceContext } from '../services/context'
import { runDigests } from '../services/digest'
import { openDueRound, writeToInvited } from '../services/due'
import { planRounds } from '../services/planning'
import { settleLeftBehind } from '../services/publishing'
import { finishKpis } from '../services/recompute'
import { finishRescoring } from '../services/scores'
import { runWebhooks } from '../services/webhooks'
import { deliveries } from './deliveries'
import type { Job } from './job'
import { pulls } from './pulls'
import { retention } from './retention'
import { sourceAlerts } from './source-alerts'

const beat: Job = {
  name: 'tick',
  run: ({ db, now }) =>
    db
      .insert(heartbeats)
      .values({ job: 'tick', at: now })
      .onConflictDoUpdate({ target: heartbeats.job, set: { at: now } }),
}

/** Closes rounds whose last day is over, and counts those whose last ballots have arrived since: before the next one opens. */
const closing: Job = { name: 'closing', run: closeDueRounds }

/** Makes the next rounds of the schedule, and leaves out those whose time has passed. */
const planning: Job = { name: 'planning', run: planRounds }

const opening: Job = { name: 'opening', run: openDueRound }

/** Invitations and reminders of the open round, each when it is due. */
const writing: Job = { name: 'writing', run: writeToInvited }

/** Computes again what an interrupted change of rules or KPIs left behind. */
const scoring: Job = {
  name: 'scoring',
  run: async (context) => {
    await finishKpis(context)
    await finishRescoring(context)
    await settleLeftBehind(context)
    await refreshAnalyses(context)
  },
}

/** Judges clauses when something falls due. */
const judging: Job = { name: 'judging', run: evaluateDueClauses }

/** Tells other systems what was published. */
const webhooks: Job = { name: 'webhooks', run: runWebhooks }

/** The finding and the score, to those who asked for it. */
const digests: Job = { name: 'digests', run: (context) => runDigests(context) }

/** Pulls come last: they take as much of a tick as they are given. What they leave behind is written about at the next. */
const jobs: readonly Job[] = [
  beat,
  closing,
  planning,
  opening,
  writing,
  scoring,
  judging,
  retention,
  deliveries,
  webhooks,
  digests,
  sourceAlerts,
  pulls,
]

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
