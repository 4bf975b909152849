/**
 * Answers again what was answered before, as long as nothing has changed of what it was made of. Asking costs the one trip to the
 * database that finds out who asks: it brings the content's version, which triggers replace with every change.
 */
import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from './context'
import { concat } from './core/bytes'

interface Answer {
  /** As bytes, which are sent as they are; cut where the nonce of a page stands, since every answer has one of its own. */
  pieces: readonly Uint8Array[]
  type: string
}

const most = 32
const minute = 60_000

/** Of one version only, so that nothing outlives what it was made of. */
let held = { version: '', answers: new Map<string, Answer>() }

/**
 * Stands behind the check of rights, on routes whose every table has the triggers, and which differ by role, language, address and
 * minute only. Kept is what the route says is lasting, by `c.set('isLasting', true)`. Nothing is kept of guests, whose pages
 * name whom they were shared with.
 *
 * @example new Hono<AppEnv>().get('/', permit('results:read'), remembered, async (c) => …)
 */
export const remembered: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { actor, contentVersion: version, locale, services } = c.var
  if (!version || (actor.kind !== 'session' && actor.kind !== 'key')) return next()
  // A version that was read before another request's may come after it: either way the next request reads it anew.
  if (held.version !== version) held = { version, answers: new Map() }
  const { answers } = held
  const key = [actor.kind, actor.role, locale, Math.floor(services.now.getTime() / minute), c.req.url].join(' ')
  const known = answers.get(key)
  const nonce = c.get('secureHeadersNonce') ?? ''
  if (known) return c.body(joined(known.pieces, nonce), 200, { 'Content-Type': known.type })
  await next()
  if (c.res.status !== 200 || !c.get('isLasting')) return
  const [oldest] = answers.keys()
  if (oldest !== undefined && answers.size >= most) answers.delete(oldest)
  const text = await c.res.clone().text()
  answers.set(key, {
    pieces: (nonce ? text.split(nonce) : [text]).map((piece) => new TextEncoder().encode(piece)),
    type: c.res.headers.get('Content-Type') ?? '',
  })
}

/** The pieces with the nonce between them. */
function joined(pieces: readonly Uint8Array[], nonce: string): Uint8Array<ArrayBuffer> {
  const between = new TextEncoder().encode(nonce)
  return concat(pieces.flatMap((piece, index) => (index === 0 ? [piece] : [between, piece])))
}
