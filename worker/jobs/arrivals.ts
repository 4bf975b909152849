import { databaseMessage } from '../db/client'
import { type ServiceContext, shuffled } from '../services/context'
import { storeWaiting } from '../services/mixing'

/** A failed delivery comes again after so many seconds: several times within what a closing waits. */
const retrySeconds = 15

/** Stores the ballots that the queue delivers together, in an order that is not that of their arrival. */
export async function takeArrivals(context: ServiceContext, messages: readonly Message[]): Promise<void> {
  for (const message of shuffled(context, messages)) {
    try {
      const arrival = await storeWaiting(context, String(message.body))
      if (arrival === 'too-late' || arrival === 'box-full') console.error(JSON.stringify({ event: `ballot-${arrival}` }))
      message.ack()
    } catch (error) {
      // The message itself is not named: its id leads to the moment at which it was sent.
      console.error(JSON.stringify({ event: 'ballot-not-stored', cause: databaseMessage(error) }))
      message.retry({ delaySeconds: retrySeconds })
    }
  }
}
