import { env, exports } from 'cloudflare:workers'
import { hc } from 'hono/client'
import type { Api } from '../../worker/app'
import { database } from '../../worker/db/client'
import { createApiKey, createSignInLink, startSession } from '../../worker/services/access'
import { contextOf, type ServiceContext } from '../../worker/services/context'

export const origin = 'http://127.0.0.1:8787'

/** The Worker under test. Its main module's default export is there at run time; the types cannot know. */
const { default: worker } = exports as unknown as { default: Fetcher }

/** Any request, to any host. */
export const fetchUrl = (url: string, init?: RequestInit) => worker.fetch(new Request(url, { redirect: 'manual', ...init }))

/** A request through the whole Worker: guards, routes, real D1. */
export const fetchWorker = (path: string, init?: RequestInit) => fetchUrl(`${origin}${path}`, init)

/** The services' context on the test's database. */
export const services = (now = new Date()): ServiceContext => contextOf({ db: database(env.DB), kek: env.KEK }, now, origin)

/** The typed client as nobody, or with these headers. */
export const clientWith = (headers: Record<string, string> = {}) =>
  hc<Api>(`${origin}/api/v1`, {
    headers,
    fetch: (input: RequestInfo | URL, init?: RequestInit) => worker.fetch(new Request(input, init)),
  })

/** Headers of a signed-in administrator, as the browser would send them. */
export async function adminHeaders(): Promise<Record<string, string>> {
  const context = services()
  const { url } = await createSignInLink(context)
  const { secret } = await startSession(context, new URL(url).hash.slice(1))
  return { Cookie: `sid=${secret}`, Origin: origin }
}

export const adminClient = async () => clientWith(await adminHeaders())

/** Headers of a program with a key of this role. */
export async function keyHeaders(role: 'importer' | 'reader'): Promise<Record<string, string>> {
  const { key } = await createApiKey(services(), { name: 'test', role })
  return { Authorization: `Bearer ${key}` }
}
