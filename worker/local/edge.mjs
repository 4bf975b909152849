/**
 * Stands where Cloudflare's network stands in production: between the socket and the Worker. The socket leads straight
 * here, past everything that the simulator would serve by itself (explorer, handlers, headers that rewrite the address).
 */
const compressible = /^(text\/|image\/svg|application\/([a-z.+-]+\+)?(json|javascript))/

/** The simulator's own socket, on a random port, leads here: closed. */
export default { fetch: () => new Response(null, { status: 404 }) }

export const Edge = {
  /**
   * @param {Request} request
   * @param {{ PLUMBLINE: { fetch: typeof fetch } }} env
   */
  async fetch(request, env) {
    const response = await env.PLUMBLINE.fetch(request)
    if (!response.body || response.headers.has('Content-Encoding')) return response
    if (!compressible.test(response.headers.get('Content-Type') ?? '')) return response
    const compressed = new Response(response.body, response)
    compressed.headers.append('Vary', 'Accept-Encoding')
    if (!/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(request.headers.get('Accept-Encoding') ?? '')) return compressed
    compressed.headers.set('Content-Encoding', 'gzip') // the runtime compresses what says that it is compressed
    const tag = compressed.headers.get('ETag')
    if (tag?.startsWith('"')) compressed.headers.set('ETag', `W/${tag}`)
    return compressed
  },
}
