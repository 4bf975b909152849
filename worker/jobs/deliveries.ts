import { runDeliveries } from '../services/deliveries'
import type { Job } from './job'

/** Sends the messages that are due, as many as one tick may. */
export const deliveries: Job = { name: 'deliveries', run: (context) => runDeliveries(context) }
