/**
 * Stands where Cloudflare's network stands in production: between the socket and the Worker. The socket leads straight
 * here, past everything that the simulator would serve by itself (explorer, handlers, headers that rewrite the address).
 */
const compressible = /^(text\/|image\/svg|application\/([a-z.+-]+\+)?(json|javascript))/

/** While the database file is rewritten nobody is let in: the runtime does not wait for a lock, it gives up. */
let shut = false
let openedAt = 0
/** Requests and jobs that may be using the database, and those of them that wait for it to be scrubbed. */
let inside = 0
let asking = 0

const tries = 5
const milliseconds = { look: 5, drain: 1000, pause: 1000 }
/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** The simulator's own socket, on a random port, leads here: closed. */
export default { fetch: () => new Response(null, { status: 404 }) }

/**
 * @typedef {{ fetch: typeof fetch, scheduled: (event: object) => Promise<unknown> }} Service
 * @typedef {{ PLUMBLINE: Service, FILE: Service, SCRUB_PATH: string }} Bindings
 * @typedef {{ waitUntil: (work: Promise<unknown>) => void }} Context
 */

export const Edge = {
  /**
   * @param {Request} request
   * @param {Bindings} env
   * @param {Context} context
   */
  fetch(request, env, context) {
    return enter(context, async () => {
      if (new URL(request.url).pathname === env.SCRUB_PATH) return scrub(env) // `npm run scrub`; nobody else knows the path
      return compressed(request, await env.PLUMBLINE.fetch(request))
    })
  },

  /**
   * @param {{ cron: string, scheduledTime: number }} event
   * @param {Bindings} env
   * @param {Context} context
   */
  scheduled({ cron, scheduledTime }, env, context) {
    return enter(context, async () => {
      await env.PLUMBLINE.scheduled({ cron, scheduledTime: new Date(scheduledTime) })
      // While a round is open the log tells the order of its ballots: never of more than a minute. Where it fails, the next one does it.
      await asked(() => alone(env, '/log'))
    })
  },
}

/** Where the Worker asks for its file to be scrubbed. */
export const Scrub = {
  /**
   * @param {Request} _request
   * @param {Bindings} env
   * @param {Context} context
   */
  fetch(_request, env, context) {
    return finish(context, scrub(env))
  },
}

/**
 * @template Result
 * @param {Context} context
 * @param {() => Promise<Result>} work
 */
function enter(context, work) {
  return finish(context, counted(work))
}

/**
 * @template Result
 * @param {() => Promise<Result>} work
 */
async function counted(work) {
  while (shut) await sleep(milliseconds.look)
  inside++
  try {
    return await work()
  } finally {
    inside--
  }
}

/**
 * To its end, also where whoever asked has gone: or it would never be counted out.
 *
 * @template Result
 * @param {Context} context
 * @param {Promise<Result>} work
 */
function finish(context, work) {
  context.waitUntil(work.catch(() => {}))
  return work
}

/** @param {Bindings} env */
function scrub(env) {
  return asked(async () => {
    for (let attempt = 1; ; attempt++) {
      const answer = await alone(env, '/')
      if (answer.ok) return answer
      if (attempt === tries) {
        const reason = await answer.text()
        console.error(`The database file could not be scrubbed while the server runs: ${reason}. Stopping the server does it.`)
        return new Response(reason, { status: 500 })
      }
      await sleep(milliseconds.pause)
    }
  })
}

/**
 * @template Result
 * @param {() => Promise<Result>} work
 */
async function asked(work) {
  asking++
  try {
    return await work()
  } finally {
    asking--
  }
}

/**
 * @param {Bindings} env
 * @param {string} path of what Node is to do with the file: `/` rewrite it, `/log` empty its log
 */
async function alone(env, path) {
  // Not at once after the last time: whoever waited at the door looks at it every few milliseconds.
  while (shut || Date.now() < openedAt + 4 * milliseconds.look) await sleep(milliseconds.look)
  shut = true
  try {
    for (let waited = 0; inside > asking; waited += milliseconds.look) {
      if (waited >= milliseconds.drain) return new Response('a request takes long', { status: 503 })
      await sleep(milliseconds.look)
    }
    return await env.FILE.fetch(`http://file${path}`)
  } finally {
    shut = false
    openedAt = Date.now()
  }
}

/**
 * @param {Request} request
 * @param {Response} response
 */
function compressed(request, response) {
  if (!response.body || response.headers.has('Content-Encoding')) return response
  if (!compressible.test(response.headers.get('Content-Type') ?? '')) return response
  const answer = new Response(response.body, response)
  answer.headers.append('Vary', 'Accept-Encoding')
  if (!/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(request.headers.get('Accept-Encoding') ?? '')) return answer
  answer.headers.set('Content-Encoding', 'gzip') // the runtime compresses what says that it is compressed
  const tag = answer.headers.get('ETag')
  if (tag?.startsWith('"')) answer.headers.set('ETag', `W/${tag}`)
  return answer
}
