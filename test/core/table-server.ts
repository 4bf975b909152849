import type { Access } from '../../worker/connectors/connector'

/** What a server answers: a body with its type, or a whole response. */
export type Reply = Response | { body: string | Uint8Array<ArrayBuffer>; type?: string; status?: number; headers?: Record<string, string> }

/** A server that answers request after request, the last reply for ever, and remembers what it was asked. */
export function aServer(...replies: ((request: Request) => Reply)[]) {
  const asked: Request[] = []
  const fetch = (async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init)
    const reply = replies[Math.min(asked.length, replies.length - 1)]
    asked.push(request)
    const given = reply?.(request) ?? { body: '' }
    if (given instanceof Response) return given
    const { body, type = 'text/csv', status = 200, headers = {} } = given
    return new Response(status === 204 || status === 304 ? null : body, {
      status,
      headers: { ...(type ? { 'Content-Type': type } : {}), ...headers },
    })
  }) as typeof globalThis.fetch
  return { fetch, asked, urls: () => asked.map(({ url }) => url) }
}

export function accessTo<Settings>(
  fetch: typeof globalThis.fetch,
  settings: Settings,
  more: Partial<Access<Settings>> = {},
): Access<Settings> {
  return {
    fetch,
    now: new Date('2026-11-22T12:00:00Z'),
    settings,
    secret: {},
    reportingZone: 'Europe/Berlin',
    currency: 'EUR',
    allowedHosts: [],
    ...more,
  }
}
