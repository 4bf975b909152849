/**
 * Whoever may look, looking at everything: every GET route that the app has, found on its router and in its API
 * description, so that a new route is looked at from the day it is there.
 */
import { app } from '../../worker/app'
import { locales } from '../../worker/i18n'
import { fetchWorker } from './client'

/** Everybody who asks: a name and the headers that prove it. */
export type Viewers = Record<string, Record<string, string>>

/** What stands for the parameters of paths: ids of the world that is looked at. */
export interface Ids {
  rounds: string[]
  sources: string[]
  pulls: string[]
  metrics: string[]
  people: string[]
  teams: string[]
}

/** Answers by request, each with status, headers and body, without what is drawn anew for every request. */
export type Poll = Record<string, string>

/**
 * Asks for everything as everybody.
 *
 * @param thorough who asks also by HEAD, conditionally, in part and in every language
 * @throws Error where something breaks: an answer that says nothing is no proof
 * @example (await poll(ids, { nobody: {} }))['nobody GET /healthz'] // '200 … {"status":"ok"}'
 */
export async function poll(ids: Ids, viewers: Viewers, thorough: readonly string[] = []): Promise<Poll> {
  const answers: Poll = {}
  const ask = async (name: string, path: string, method = 'GET', extra: Record<string, string> = {}) => {
    const response = await fetchWorker(path, { method, headers: { ...viewers[name], ...extra } })
    if (response.status >= 500) throw new Error(`${name} ${method} ${path} answered ${response.status}`)
    answers[[name, method, path, ...Object.values(extra)].join(' ')] = await textOf(response)
    return response
  }
  const look = async (name: string, path: string) => {
    const plain = await ask(name, path)
    if (!thorough.includes(name) || plain.status !== 200) return
    const etag = plain.headers.get('etag')
    const conditional = etag ? [ask(name, path, 'GET', { 'If-None-Match': etag })] : []
    await Promise.all([ask(name, path, 'HEAD'), ...conditional, ...queries(path).map((query) => ask(name, `${path}?${query}`))])
  }
  for (const path of paths(ids)) await Promise.all(Object.keys(viewers).map((name) => look(name, path)))
  return answers
}

/** Requests that were answered differently, with where. */
export function differences(one: Poll, other: Poll): string[] {
  const requests = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return requests.flatMap((request) => {
    const [here, there] = [one[request] ?? '', other[request] ?? '']
    if (here === there) return []
    const at = Math.max(0, [...here].findIndex((character, index) => character !== there[index]) - 20)
    return [`${request}: …${here.slice(at, at + 60)}… or …${there.slice(at, at + 60)}…`]
  })
}

/** Patterns of all GET routes, as `/rounds/:id`. */
const patterns = [
  ...new Set(app.routes.flatMap(({ method, path }) => (method === 'GET' ? [path] : [])).filter((path) => path !== '/api/v1')),
].sort()

const paths = (ids: Ids): string[] => patterns.flatMap((pattern) => [...new Set(fillIn(pattern, ids))])

/** The addresses of a pattern: with every id that there is of its kind, and one that is none. */
function fillIn(pattern: string, ids: Ids): string[] {
  const [, before = '', slot = '', after = ''] = /^(.*?)(:\w+|\*)(.*)$/.exec(pattern) ?? []
  if (slot === '') return [pattern]
  if (slot === '*') return [`${before}any`]
  return [...idsFor(before, slot.slice(1), ids), 'unknown'].flatMap((id) => fillIn(`${before}${id}${after}`, ids))
}

function idsFor(before: string, name: string, ids: Ids): readonly string[] {
  const named = `${before} ${name}`
  if (/\/pulls\/ |pull/i.test(named)) return ids.pulls
  if (/\/(rounds|s)\/ |round/i.test(named)) return ids.rounds
  if (/\/(metrics|goals)\/ |metric/i.test(named)) return ids.metrics
  if (/\/sources\/ |source/i.test(named)) return ids.sources
  if (/\/problems\/ /.test(named)) return ['round-not-closed']
  if (/\/terms\/ /.test(named)) return ['sla']
  if (/\/people\/ |person/i.test(named)) return ids.people.slice(0, 1)
  return Object.values(ids).flatMap((known) => known.slice(0, 1)) // a kind that is new here: one of each
}

/** What may be asked for besides: a part, another form, another language. Unknown parameters do a page no harm. */
function queries(path: string): string[] {
  if (path.startsWith('/api/')) return ['limit=1', 'format=csv&node=sales']
  if (/\.\w+$|z$/.test(path)) return []
  return locales.slice(1).map((locale) => `lang=${locale}&format=csv&node=sales&print=1`)
}

/** Status, headers and bytes of an answer, without what is drawn anew for every request. */
export async function textOf(response: Response): Promise<string> {
  const headers = [...response.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date')
  const body = new TextDecoder('latin1').decode(await response.arrayBuffer()) // bytes, whatever they are
  const whole = [response.status, ...headers.map((header) => header.join(': ')), '', body].join('\n')
  return nonces(response)
    .reduce((text, nonce) => text.replaceAll(nonce, '*'), whole)
    .replace(/"requestId":"[0-9a-f-]{36}"/, '"requestId":"*"')
}

const nonces = (response: Response) =>
  [...(response.headers.get('content-security-policy') ?? '').matchAll(/'nonce-([^']+)'/g)].map(([, nonce]) => nonce ?? '')
