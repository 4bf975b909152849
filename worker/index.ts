import { app } from './app'
import { runJobs } from './jobs'

export default {
  fetch: app.fetch,
  scheduled: (controller, env) => runJobs(env, new Date(controller.scheduledTime)),
} satisfies ExportedHandler<Env>
