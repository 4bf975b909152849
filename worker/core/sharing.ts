/** Which pages a link can open for somebody who is not signed in, for how long, and what such a link looks like. */
import { DomainError, type FieldError } from './errors'
import { cleanLine, isVisible } from './text'

/** Pages that hold nothing but what was published. Each is known by its path; its query says which part of it is shown. */
const pages = {
  overview: /^\/overview$/,
  kpis: /^\/kpis$/,
  metric: /^\/kpis\/metrics\/[\w-]{1,64}$/,
  funnel: /^\/kpis\/funnel$/,
  sla: /^\/kpis\/sla$/,
  attribution: /^\/kpis\/attribution$/,
  definitions: /^\/definitions$/,
  comparison: /^\/rounds\/[\w-]{1,64}\/comparison$/,
  round: /^\/rounds\/[\w-]{1,64}$/,
  explore: /^\/explore(\/(pillars|themes|items|kpis)\/[\w-]{1,64})?$/,
} as const

export type SharedPage = keyof typeof pages

export interface SharedPath {
  page: SharedPage
  /** With its query, without a language and without an anchor. */
  path: string
}

/** Parameters that say how a page is read and not what it shows. */
const ofTheReader = ['lang', 'done']
const longestPath = 600

/**
 * The page that an address of this deployment names; undefined where it is none that can be shared.
 *
 * @example sharedPath('/overview?round=3&lang=th#trend') // { page: 'overview', path: '/overview?round=3' }
 * @example sharedPath('/people') // undefined
 */
export function sharedPath(text: string): SharedPath | undefined {
  if (!/^\/[\w-]/.test(text) || text.length > longestPath) return undefined
  const url = URL.parse(text, 'https://plumbline.invalid')
  if (url?.origin !== 'https://plumbline.invalid') return undefined
  const [page] = Object.entries(pages).find(([, pattern]) => pattern.test(url.pathname)) ?? []
  if (!page) return undefined
  for (const name of ofTheReader) url.searchParams.delete(name)
  return { page: page as SharedPage, path: `${url.pathname}${url.search}` }
}

/** Days for which a link works: from, to, and where nothing is said. */
export const shareDays = { least: 1, most: 90, usual: 30 } as const
export const shareNameLimit = 80
/** Links that work at the same time. */
export const mostShares = 200

export interface ShareInput {
  path: string
  /** Whom it is for; it stands on the page. */
  name: string
  days: number
}

/**
 * @throws DomainError invalid-input, with a pointer for every field
 * @example checkedShare({ path: '/kpis', name: ' Board ', days: 30 }) // { page: 'kpis', path: '/kpis', name: 'Board', days: 30 }
 */
export function checkedShare({ path, name, days }: ShareInput): SharedPath & ShareInput {
  const errors: FieldError[] = []
  const shared = sharedPath(path)
  const line = cleanLine(name)
  if (!shared) errors.push({ pointer: '#/path', detail: 'Use the address of a page that can be shared, such as /overview?round=3.' })
  if (!isVisible(line) || line.length > shareNameLimit)
    errors.push({ pointer: '#/name', detail: `Say whom the link is for, in at most ${shareNameLimit} characters.` })
  if (!(Number.isInteger(days) && days >= shareDays.least && days <= shareDays.most))
    errors.push({ pointer: '#/days', detail: `Use a whole number from ${shareDays.least} to ${shareDays.most}.` })
  if (!shared || errors.length > 0) throw new DomainError('invalid-input', 'Some values cannot be used.', errors)
  return { ...shared, name: line, days }
}

/** What stands in a link before its signature. */
export interface ShareClaim {
  id: string
  /** Whole seconds since 1970. */
  expires: number
}

/** @example claimText({ id: 'fKz…', expires: 1796083200 }) // 'fKz….tpd8g0', which is what is signed */
export const claimText = ({ id, expires }: ShareClaim): string => `${id}.${expires.toString(36)}`

/** The parts of a link's token, by its form alone; undefined where it has another. */
export function readToken(token: string): { claim: ShareClaim; signature: string } | undefined {
  const [, id, expiry, signature] = /^([\w-]{22})\.([0-9a-z]{6,7})\.([\w-]{43})$/.exec(token) ?? []
  if (!id || !expiry || !signature) return undefined
  return { claim: { id, expires: Number.parseInt(expiry, 36) }, signature }
}
