import { app } from './app'
import { equip } from './equipment'
import { runJobs } from './jobs'
import { takeArrivals } from './jobs/arrivals'

export default {
  fetch: app.fetch,
  scheduled: (controller, env) => runJobs(equip(env, new Date(controller.scheduledTime), env.PUBLIC_URL)),
  queue: (batch, env) => takeArrivals(equip(env, new Date(), env.PUBLIC_URL), batch.messages),
} satisfies ExportedHandler<Env>
