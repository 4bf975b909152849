import type { Context } from 'hono'
import type { Child } from 'hono/jsx'
import type { AppEnv } from '../context'
import type { Settings } from '../db/settings'
import { Page } from './layout'

/** A page of the section of rounds. `path` is its own address, for the language switch. */
export const showInRounds = (
  c: Context<AppEnv>,
  { settings }: { settings: Settings },
  page: { title: string; path: string; body: Child; status?: 200 | 422 | undefined },
) =>
  c.html(
    <Page c={c} title={page.title} section="rounds" sample={settings.sample !== null} path={page.path}>
      {page.body}
    </Page>,
    page.status ?? 200,
  )
