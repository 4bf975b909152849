/** From the bindings of a deployment to what services may use: for requests, cron and the queue alike. */
import { database } from './db/client'
import { contextOf, type ServiceContext } from './services/context'

/** Bindings that a deployment may leave out. */
interface Optional {
  /** Where ballots wait while `BALLOT_DELAY` asks them to. */
  BALLOT_QUEUE?: Queue
  /** The local server's: rewrites the database file. */
  SCRUB?: Fetcher
  /** Hosts of this machine that sources may be on: `127.0.0.1:4141 localhost:8080`. */
  SOURCE_ALLOW_HOSTS?: string
}

/** @param origin `https://host` that links begin with */
export function equip(env: Env, now: Date, origin: string): ServiceContext {
  const { SCRUB, SOURCE_ALLOW_HOSTS = '' } = env as Optional
  const privateNetwork = URL.parse(env.PUBLIC_URL)?.protocol !== 'https:'
  return contextOf(
    {
      db: database(env.DB),
      kek: env.KEK,
      mixer: mixerOf(env),
      privateNetwork,
      allowedHosts: privateNetwork ? SOURCE_ALLOW_HOSTS.split(/[\s,]+/).filter(Boolean) : [],
      scrub: SCRUB
        ? async () => {
            const { ok } = await SCRUB.fetch('http://scrub/')
            if (!ok) throw new Error('The database file was not rewritten.')
          }
        : null,
      openLinkLimit: async (link) => (await env.OPEN_LINK_LIMIT.limit({ key: link })).success,
    },
    now,
    origin,
  )
}

/** Unusable where `BALLOT_DELAY` is set and cannot be followed: a deployment that promises to mix must not store at once. */
export function mixerOf({ BALLOT_DELAY, BALLOT_QUEUE }: Env & Optional): ServiceContext['mixer'] {
  if (!BALLOT_DELAY) return null
  const minutes = Number(BALLOT_DELAY)
  if (!/^\d{1,3}$/.test(BALLOT_DELAY) || minutes < 1 || minutes > 720 || !BALLOT_QUEUE) return 'unusable'
  return {
    minutes,
    send: async (sealedBallot, delaySeconds) => {
      await BALLOT_QUEUE.send(sealedBallot, { delaySeconds, contentType: 'text' })
    },
  }
}
