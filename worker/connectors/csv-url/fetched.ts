/** A table from the web: fetched, told from what is none, and decoded. */
import { decodeText, parseTable, type Table, type TableProblem } from '../../core/csv'
import type { Access } from '../connector'
import { PullFailure, quoted } from '../failure'
import { type Answer, ask } from '../http'
import { secretHeader } from '../tables/page'
import type { TablePullSettings } from '../tables/settings'
import { isGoogleSheets, tableAddress } from './address'

/** Where Google sends whoever asks for a sheet's CSV. */
const redirectHosts = ['.googleusercontent.com', '.google.com']

/** What was found at the last pull. */
export interface Known {
  etag: string | null
  /** SHA-256 of the body in hex. */
  hash: string
}

export type Fetched = { unchanged: true; known: Known } | { unchanged: false; known: Known; table: Table }

/**
 * Fetches the table, unless it is what it was.
 *
 * @throws PullFailure not-a-table where something else answered, too-large
 */
export async function fetchTable(access: Access<TablePullSettings>, known: Known | null): Promise<Fetched> {
  const url = tableAddress(access.settings.url)
  const answer = await ask(access, {
    url,
    headers: {
      Accept: 'text/csv, text/plain;q=0.5, */*;q=0.1',
      ...(known?.etag ? { 'If-None-Match': known.etag } : {}),
      ...secretHeader(access.settings, access.secret),
    },
    redirectHosts,
    accept: known?.etag ? [304] : [],
  })
  if (answer.status === 304 && known) return { unchanged: true, known }
  assertTable(answer, url)
  const found: Known = { etag: etagOf(answer), hash: await sha256(answer.bytes) }
  if (known?.hash === found.hash) return { unchanged: true, known: found }
  const table = parseTable(decodeText(answer.bytes, charsetOf(answer)))
  const problem = table.problems.find(({ scope, code }) => scope === 'file' && code !== 'header-only')
  if (problem) throw failureOf(problem)
  return { unchanged: false, known: found, table: { ...table, problems: table.problems.filter(({ scope }) => scope === 'row') } }
}

/** By what the server says it is, and by what it looks like where the server does not know. */
function assertTable({ headers, bytes, status }: Answer, address: string): void {
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const says = (reply: string, field?: string) =>
    new PullFailure('not-a-table', { status, host: new URL(address).hostname, reply, ...(field ? { field } : {}) })
  const start = decodeText(bytes.subarray(0, 512)).trimStart()
  if (/^(text\/html|application\/xhtml\+xml)$/.test(type) || /^<(!doctype|html|head|body|\?xml)/i.test(start))
    throw isGoogleSheets(new URL(address)) ? says('HTML', 'not-published') : says('HTML')
  if (bytes.length === 0) throw says(status === 204 ? '204 No Content' : 'nothing')
  if (/^(text|application)\/(csv|tab-separated-values|comma-separated-values|x-csv)$/.test(type)) return
  const isVague =
    type === '' || /^(text\/plain|(application|binary)\/octet-stream|application\/vnd\.ms-excel|application\/download)$/.test(type)
  if (!isVague) throw says(quoted(type))
  if (/^[<{[]|^%PDF/.test(start) || isBinary(bytes)) throw says(type === '' ? 'no content type' : type)
}

/** UTF-16 has a byte order mark; other text has no NUL. */
function isBinary(bytes: Uint8Array): boolean {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  return !isUtf16 && bytes.subarray(0, 4_096).includes(0)
}

const charsetOf = ({ headers }: Answer) => /;\s*charset="?([\w.:-]+)/i.exec(headers.get('content-type') ?? '')?.[1]

/** Weak or strong, as it came; a long one is not worth keeping. */
function etagOf({ headers }: Answer): string | null {
  const etag = headers.get('etag')
  return etag !== null && etag.length <= 200 ? etag : null
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

const tooLarge = new Set<TableProblem['code']>(['too-many-rows', 'too-many-columns', 'cell-too-long'])

function failureOf({ code, detail }: TableProblem): PullFailure {
  return new PullFailure(tooLarge.has(code) ? 'too-large' : 'not-a-table', { field: code, reply: detail.slice(0, 200) })
}
