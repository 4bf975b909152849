import type { Context } from 'hono'
import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { AppEnv } from '../context'
import { sharedPath } from '../core/sharing'
import { styles } from '../dist/styles.js'
import { directionOf, localeNames, locales, messagesOf } from '../i18n'
import { formatOf, isolate } from '../i18n/format'
import { authorize } from '../services/authorize'

/**
 * Places marks by percentage under a policy that refuses style attributes: each rule becomes a class of the page's one
 * generated sheet, which carries the nonce.
 *
 * @example const sheet = new Sheet(); <i class={sheet.rule('inset-inline-start:62%')} />
 */
export class Sheet {
  readonly #classes = new Map<string, string>()

  /** The class for these declarations; numbers only may be interpolated, never text of a user. */
  rule(declarations: string): string {
    const known = this.#classes.get(declarations)
    if (known) return known
    const name = `g${this.#classes.size}`
    this.#classes.set(declarations, name)
    return name
  }

  toString(): string {
    return [...this.#classes].map(([declarations, name]) => `.${name}{${declarations}}`).join('')
  }
}

/** What leaders read, in the order of the main navigation; then what administrators set up, in the order of its own. */
export const readSections = ['overview', 'kpis', 'definitions', 'rounds', 'explore'] as const
export const setUpSections = ['settings', 'people', 'survey', 'sources', 'sharing'] as const
export type Section = (typeof readSections)[number] | (typeof setUpSections)[number]

const addresses: Readonly<Record<Section, string>> = {
  overview: '/overview',
  kpis: '/kpis',
  definitions: '/definitions',
  rounds: '/rounds',
  explore: '/explore',
  settings: '/settings',
  people: '/people',
  survey: '/survey',
  sources: '/sources',
  sharing: '/settings/sharing',
}

const isSetUp = (section: Section | undefined): boolean => setUpSections.some((candidate) => candidate === section)

/** The whole document around a dashboard page. Render the body first, so that its sheet is complete. */
export function Page(props: {
  c: Context<AppEnv>
  title: string
  section?: Section | undefined
  sample: boolean
  sheet?: Sheet | undefined
  /** Style sheets of the page's own, by their names in web/, besides those of its section that every page of it has. */
  styles?: readonly SheetName[]
  /** Rendered inside the header, before the language switch: pickers and buttons of the page. */
  tools?: Child
  /** Address of this page without `lang`, for the language switch; it keeps the query. */
  path: string
  signedIn?: boolean
  /** Search engines are asked not to list it. */
  hidden?: boolean
  /** Below the page: what holds for all of it. */
  footer?: Child
  children: Child
}) {
  const { c, section } = props
  const locale = c.get('locale') ?? 'en'
  const actor = c.get('actor')
  const t = messagesOf(locale)
  const rules = props.sheet?.toString() ?? ''
  const share = c.get('share')
  const [action, query] = (share?.path ?? props.path).split('?')
  const maySetUp = actor !== undefined && authorize(actor, 'settings:read')
  const isGuest = actor?.kind === 'share'
  const nonce = c.get('secureHeadersNonce') ?? ''
  const named: (SheetName | false)[] = [
    section !== 'overview' && 'forms', // nothing is decided there, and its first view is to be light
    isSetUp(section) && 'setup',
    ...(props.styles ?? []),
  ]
  const sheets = new Set(named.filter((name) => name !== false))
  const shareable =
    section && !isSetUp(section) && authorize(actor ?? { kind: 'nobody' }, 'shares:write') ? sharedPath(props.path)?.path : undefined
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={locale} dir={directionOf(locale)}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width,initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          {share || props.hidden ? <meta name="robots" content="noindex, nofollow" /> : null}
          <title>{`${props.title} – ${t.layout.product}`}</title>
          <link rel="icon" href="/icon.svg" />
          <style nonce={nonce}>{raw(styles.dashboard)}</style>
          <link rel="stylesheet" href="/assets/print.css" media="print" />
          <style nonce={nonce}>{raw([...sheets].map((name) => styles[name]).join('') + rules)}</style>
          <script type="module" src="/assets/dashboard.js" />
        </head>
        <body>
          <a class="skip" href="#main">
            {t.layout.skip}
          </a>
          <header class="top">
            <div class="wrap">
              <a class="brand" href="/overview">
                <Bob />
                <bdi>{t.layout.product}</bdi>
              </a>
              {props.signedIn === false || isGuest ? null : (
                <nav class="nav" aria-label={t.layout.main}>
                  {readSections.map((name) => (
                    <a href={addresses[name]} aria-current={name === section ? 'page' : undefined}>
                      {t.layout[name]}
                    </a>
                  ))}
                  {maySetUp ? (
                    <a href={addresses.settings} aria-current={isSetUp(section) ? (section === 'settings' ? 'page' : 'true') : undefined}>
                      {t.layout.settings}
                    </a>
                  ) : null}
                </nav>
              )}
              <div class="end">
                {props.sample ? <span class="sample">{t.layout.sampleData}</span> : null}
                {props.tools}
                {shareable ? (
                  <a class="btn wide" href={`/settings/sharing?path=${encodeURIComponent(shareable)}#new`}>
                    {t.sharing.share}
                  </a>
                ) : null}
                <form method="get" action={action} class="lang">
                  {[...new URLSearchParams(query)].map(([name, value]) => (
                    <input type="hidden" name={name} value={value} />
                  ))}
                  <label>
                    <span class="vh">{t.layout.language}</span>
                    <select class="pick" name="lang" data-submit>
                      {locales.map((each) => (
                        <option value={each} lang={each} selected={each === locale}>
                          {localeNames[each]}
                        </option>
                      ))}
                    </select>
                  </label>
                  <noscript>
                    <button class="btn" type="submit">
                      ↵
                    </button>
                  </noscript>
                </form>
              </div>
            </div>
          </header>
          <main id="main" class="wrap">
            {maySetUp && isSetUp(section) ? (
              <nav class="tabs" aria-label={t.layout.settings}>
                {setUpSections.map((name) => (
                  <a href={addresses[name]} aria-current={name === section ? 'page' : undefined}>
                    {name === 'settings' ? t.layout.organisation : t.layout[name]}
                  </a>
                ))}
              </nav>
            ) : null}
            {share ? (
              <p class="note shared">{t.sharing.sharedWith(isolate(share.name), formatOf(locale, share.timeZone).date(share.expiresAt))}</p>
            ) : null}
            {c.get('isLed') ? (
              <p class="led">
                <a href="/first-steps">{t.firstRun.back}</a>
              </p>
            ) : null}
            {props.children}
          </main>
          <footer class="foot">
            <div class="wrap">
              {props.footer}
              <p>
                <a href={`/privacy?lang=${locale}`}>{t.privacy.link}</a>
              </p>
              {/* Who sets things up does it under Settings; a leader has no page of that kind. */}
              {actor?.kind === 'session' && !maySetUp ? (
                <form method="post" action="/settings/session/end">
                  <button class="btn" type="submit">
                    {t.layout.signOut}
                  </button>
                </form>
              ) : null}
            </div>
          </footer>
        </body>
      </html>
    </>
  )
}

/** The one motif: a plumb bob. */
export const Bob = () => (
  <svg viewBox="0 0 12 24" aria-hidden="true">
    <path d="M6 0v12" stroke="currentColor" stroke-width="1.5" />
    <path d="M6 10.5l4.2 4.4L6 24l-4.2-9.1z" fill="currentColor" />
  </svg>
)
