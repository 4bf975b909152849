import { runPulls } from '../services/pulling'
import type { Job } from './job'

/** Makes the pulls that are due and moves on those that run, as far as one tick may. */
export const pulls: Job = { name: 'pulls', run: (context) => runPulls(context) }
