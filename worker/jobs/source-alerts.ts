import { sendSourceAlerts } from '../services/source-alerts'
import type { Job } from './job'

/** Writes to the owners of sources that stopped working, or work again. */
export const sourceAlerts: Job = { name: 'source-alerts', run: (context) => sendSourceAlerts(context) }
