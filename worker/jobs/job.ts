import type { ServiceContext } from '../services/context'

/** Bounded, claims its work first, and may run twice without harm. */
export interface Job {
  name: string
  run: (context: ServiceContext) => Promise<unknown>
}
