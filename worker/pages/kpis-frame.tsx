import type { Context } from 'hono'
import { raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { AppEnv } from '../context'
import { readSettings, type Settings } from '../db/settings'
import { messagesOf } from '../i18n'
import { formatOf } from '../i18n/format'
import { authorize } from '../services/authorize'
import type { View } from './components/view'
import { Page, Sheet } from './layout'

/** Pages of the section, in the order of their links. */
export const kpiTabs = ['kpis', 'funnel', 'sla', 'attribution'] as const
export type KpiTab = (typeof kpiTabs)[number]

const addresses: Readonly<Record<KpiTab, string>> = {
  kpis: '/kpis',
  funnel: '/kpis/funnel',
  sla: '/kpis/sla',
  attribution: '/kpis/attribution',
}

/** A page of the section of KPIs. `path` is its own address, for the language switch; `settings` where the page has read them. */
export async function showInKpis(
  c: Context<AppEnv>,
  page: {
    title: string
    path: string
    tab: KpiTab
    status?: 200 | 422 | undefined
    settings?: Settings | undefined
    body: (view: View) => HtmlEscapedString | Promise<HtmlEscapedString>
  },
) {
  const settings = page.settings ?? (await readSettings(c.var.services.db))
  const { locale } = c.var
  const t = messagesOf(locale)
  const sheet = new Sheet()
  const view: View = { t, f: formatOf(locale, settings.timeZone), locale, sheet }
  const body = await page.body(view).toString() // before the frame: it fills the sheet
  return c.html(
    <Page
      c={c}
      title={page.title}
      section="kpis"
      sample={settings.sample !== null}
      path={page.path}
      sheet={sheet}
      styles={['kpis']}
      footer={<p>{t.overview.dash}</p>}
    >
      <nav class="tabs" aria-label={t.layout.kpis}>
        {kpiTabs.map((tab) => (
          <a href={addresses[tab]} aria-current={tab === page.tab ? 'page' : undefined}>
            {t.kpisPage.tabs[tab]}
          </a>
        ))}
      </nav>
      {raw(body)}
    </Page>,
    page.status ?? 200,
  )
}

/** What a page of the section shows before any source has brought what it is made of. */
export const showNothingYet = (c: Context<AppEnv>, tab: KpiTab, texts: { title: string; sub: string; link: string }) =>
  showInKpis(c, {
    title: texts.title,
    path: addresses[tab],
    tab,
    body: () => (
      <div class="pagehead">
        <h1>{texts.title}</h1>
        <p class="sub">{texts.sub}</p>
        {authorize(c.var.actor, 'sources:read') ? (
          <p>
            <a class="btn" href="/sources">
              {texts.link}
            </a>
          </p>
        ) : null}
      </div>
    ),
  })
