/** An administrator with a browser: pages, and their forms as they stand. */
import { env } from 'cloudflare:workers'
import { adminHeaders, fetchWorker } from './client'

/** A form as a browser posts it. */
export async function post(path: string, values: Record<string, string>) {
  return fetchWorker(path, {
    method: 'POST',
    headers: { ...(await adminHeaders()), 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(values).toString(),
  })
}
export const get = async (path: string) => fetchWorker(path, { headers: await adminHeaders() })
export const textAt = async (path: string) => (await get(path)).text()

/** What the form of a page would post as it stands. */
export async function formAt(path: string): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  const html = await textAt(path)
  for (const [tag] of html.matchAll(/<input [^>]*>/g)) {
    const at = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&quot;', '"').replaceAll('&amp;', '&')
    const [name, type] = [at('name'), at('type')]
    if (!name || ((type === 'checkbox' || type === 'radio') && !/ checked/.test(tag))) continue
    values[name] = type === 'checkbox' ? 'on' : (at('value') ?? '')
  }
  for (const [, name = '', options = ''] of html.matchAll(/<select [^>]*name="([^"]*)"[^>]*>(.*?)<\/select>/gs)) {
    if (name !== 'lang') values[name] = / value="([^"]*)" selected/.exec(options)?.[1] ?? ''
  }
  return values
}

/** Every row of every table, to see what changed. */
export async function everything(): Promise<string> {
  const { results } = await env.DB.prepare(
    "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like '_cf_%'",
  ).all<{ name: string }>()
  const tables = await Promise.all(results.map(async ({ name }) => [name, (await env.DB.prepare(`select * from "${name}"`).all()).results]))
  return JSON.stringify(tables.filter(([name]) => name !== 'sessions' && name !== 'sign_in_links'))
}
