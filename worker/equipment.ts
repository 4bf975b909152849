/** From the bindings of a deployment to what services may use: for requests, cron and the queue alike. */
import { database } from './db/client'
import { type BallotMixer, contextOf, type ServiceContext } from './services/context'

/** Bindings that a deployment may leave out. */
interface Optional {
  /** Minutes that a ballot may wait before it is stored, 1 to 720; empty stores at once. */
  BALLOT_DELAY?: string
  BALLOT_QUEUE?: Queue
  /** The local server's: rewrites the database file. */
  SCRUB?: Fetcher
}

/**
 * @param origin `https://host` that links begin with
 * @throws Error where `BALLOT_DELAY` is set and cannot be used: a deployment that promises to mix must not store at once
 */
export function equip(env: Env, now: Date, origin: string): ServiceContext {
  const { SCRUB } = env as Optional
  return contextOf(
    {
      db: database(env.DB),
      kek: env.KEK,
      mixer: mixerOf(env as Optional),
      scrub: SCRUB
        ? async () => {
            await SCRUB.fetch('http://scrub/')
          }
        : null,
    },
    now,
    origin,
  )
}

function mixerOf({ BALLOT_DELAY, BALLOT_QUEUE }: Optional): BallotMixer | null {
  if (!BALLOT_DELAY) return null
  const minutes = Number(BALLOT_DELAY)
  if (!/^\d{1,3}$/.test(BALLOT_DELAY) || minutes < 1 || minutes > 720 || !BALLOT_QUEUE) {
    throw new Error('BALLOT_DELAY is 1 to 720 minutes, and needs a queue bound as BALLOT_QUEUE.')
  }
  return {
    minutes,
    send: async (ballot, delaySeconds) => {
      await BALLOT_QUEUE.send(ballot, { delaySeconds })
    },
  }
}
