import { app } from './app'
import { equip } from './equipment'
import { runJobs } from './jobs'

export default {
  fetch: app.fetch,
  scheduled: (controller, env) => runJobs(equip(env, new Date(controller.scheduledTime), env.PUBLIC_URL)),
} satisfies ExportedHandler<Env>
