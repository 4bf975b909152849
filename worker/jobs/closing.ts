import { finishClosings } from '../services/closing'
import type { Job } from '.'

/** Counts the rounds whose last ballots have arrived since they were closed. */
export const closing: Job = { name: 'closing', run: finishClosings }
