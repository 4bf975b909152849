import type { Context } from 'hono'
import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { AppEnv } from '../context'
import { readSettings, type Settings } from '../db/settings'
import { type Messages, messagesOf, negotiate } from '../i18n'
import { type Format, formatOf } from '../i18n/format'
import type { Reader } from '../i18n/items'
import { authorize } from '../services/authorize'
import type { View } from './components/view'
import { Page, Sheet } from './layout'

/** What the pages of rounds write with. */
export interface Frame {
  t: Messages['roundsPage']
  texts: Messages
  reader: Reader
  f: Format
  /** The same for charts, with the sheet of the page. */
  view: View
  settings: Settings
  mayWrite: boolean
}

export async function frameOf(c: Context<AppEnv>): Promise<Frame> {
  const { locale } = c.var
  const texts = messagesOf(locale)
  const settings = await readSettings(c.var.services.db)
  const f = formatOf(locale, settings.timeZone)
  const reader = { locale, organisation: negotiate([settings.locale]) }
  const view: View = { t: texts, f, locale, sheet: new Sheet() }
  return { t: texts.roundsPage, texts, reader, f, view, settings, mayWrite: authorize(c.var.actor, 'rounds:write') }
}

/** What a round is called. */
export const nameOf = ({ t, f }: Pick<Frame, 't' | 'f'>, { number, period }: { number: number; period: string }) =>
  t.name(f.number(number), f.period(period))

/** A page of the section of rounds. `path` is its own address, for the language switch. */
export async function showInRounds(
  c: Context<AppEnv>,
  { settings, view }: { settings: Settings; view?: View },
  page: {
    title: string
    path: string
    body: HtmlEscapedString | Promise<HtmlEscapedString>
    tools?: Child
    status?: 200 | 422 | undefined
  },
) {
  const body = raw(await page.body.toString()) // before the frame: it fills the sheet
  return c.html(
    <Page
      c={c}
      title={page.title}
      section="rounds"
      sample={settings.sample !== null}
      path={page.path}
      sheet={view?.sheet}
      styles={['rounds']}
      tools={page.tools}
    >
      {body}
    </Page>,
    page.status ?? 200,
  )
}
