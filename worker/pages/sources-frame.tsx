/** What the pages of sources share: the document around them, what their forms say, and what the last form did. */
import type { Context } from 'hono'
import { raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { PullFailure } from '../connectors/failure'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { readSettings, type Settings } from '../db/settings'
import { messagesOf } from '../i18n'
import { formatOf } from '../i18n/format'
import { UnreadableSourceError } from '../services/source-failure'
import { mistakesAt } from './components/crm-form'
import type { Mistake } from './components/field'
import type { Values } from './components/source-form'
import type { View } from './components/view'
import { Page, Sheet } from './layout'

export const path = '/sources'

/** Text fields by name. */
export async function readValues(c: Context<AppEnv>): Promise<Values> {
  const body = await c.req.parseBody()
  return Object.fromEntries(Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])))
}

export type Answered<T> = { done: T } | { failure: PullFailure }

/** What the source says, or why it could not be read. */
export async function answered<T>(ask: () => Promise<T>): Promise<Answered<T>> {
  try {
    return { done: await ask() }
  } catch (error) {
    if (error instanceof UnreadableSourceError) return { failure: error.failure }
    throw error
  }
}

/** Does what a form asked for, or says what is wrong beside its fields. */
export async function tried<T>(c: Context<AppEnv>, values: Values, work: () => Promise<T>): Promise<{ done: T } | { mistakes: Mistake[] }> {
  const t = messagesOf(c.var.locale)
  const nameless: Mistake[] = values.name?.trim() ? [] : [{ field: 'name', reason: t.sourcesPage.why.name }]
  if (nameless.length > 0) return { mistakes: nameless }
  try {
    return { done: await work() }
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'invalid-input') throw error
    return { mistakes: mistakesAt(error.errors ?? [], t) }
  }
}

/** What a redirect may say in `done`, by the texts of the page. */
const outcomes = ['saved', 'layoutSaved', 'settingsSaved', 'goalSaved', 'goalRemoved', 'removed'] as const

const setUpOutcomes = ['asked', 'cancelled', 'paused', 'resumed', 'started', 'mapped', 'changed'] as const

/** What the last form did, from the redirect's address. */
export function Done({ c }: { c: Context<AppEnv> }) {
  const { sourcesPage, sourceSetup } = messagesOf(c.var.locale)
  const said = c.req.query('done')
  const done = outcomes.find((outcome) => outcome === said)
  const setUp = setUpOutcomes.find((outcome) => outcome === said)
  const text = done ? sourcesPage[done] : setUp ? sourceSetup.dones[setUp] : null
  return text ? (
    <p class="done" role="status">
      {text}
    </p>
  ) : null
}

/** The document around a body, which is rendered first so that the page's sheet is complete. */
export async function render(
  c: Context<AppEnv>,
  page: { title: string; path: string; settings?: Settings | undefined; status?: 200 | 422 },
  body: (view: View) => HtmlEscapedString | Promise<HtmlEscapedString>,
) {
  const { locale } = c.var
  const settings = page.settings ?? (await readSettings(c.var.services.db))
  const sheet = new Sheet()
  const view: View = { locale, t: messagesOf(locale), f: formatOf(locale, settings.timeZone), sheet }
  const html = await body(view).toString()
  return c.html(
    <Page c={c} title={page.title} section="sources" sample={settings.sample !== null} sheet={sheet} path={page.path}>
      {raw(html)}
    </Page>,
    page.status ?? 200,
  )
}
