import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import { directionOf, type Locale, localeNames, locales, messagesOf } from '../i18n'

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

export type Section = 'overview' | 'kpis' | 'rounds' | 'survey' | 'people' | 'sources' | 'settings'

/** The whole document around a dashboard page. Render the body first, so that its sheet is complete. */
export function Page(props: {
  locale: Locale
  title: string
  nonce: string
  section?: Section | undefined
  sample: boolean
  sheet?: Sheet | undefined
  /** Rendered inside the header, before the language switch: pickers and buttons of the page. */
  tools?: Child
  /** Address of this page without `lang`, for the language switch; it keeps the query. */
  path: string
  signedIn?: boolean
  /** Below the page: what holds for all of it. */
  footer?: Child
  children: Child
}) {
  const t = messagesOf(props.locale)
  const rules = props.sheet?.toString()
  const [action, query] = props.path.split('?')
  const nav = ['overview', 'kpis', 'rounds', 'survey', 'people', 'sources', 'settings'] as const
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={props.locale} dir={directionOf(props.locale)}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width,initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{`${props.title} – ${t.layout.product}`}</title>
          <link rel="icon" href="/icon.svg" />
          <link rel="stylesheet" href="/assets/dashboard.css" />
          {rules ? <style nonce={props.nonce}>{raw(rules)}</style> : null}
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
              {props.signedIn === false ? null : (
                <nav class="nav" aria-label={t.layout.main}>
                  {nav.map((section) => (
                    <a href={`/${section}`} aria-current={section === props.section ? 'page' : undefined}>
                      {t.layout[section]}
                    </a>
                  ))}
                </nav>
              )}
              <div class="end">
                {props.sample ? <span class="sample">{t.layout.sampleData}</span> : null}
                {props.tools}
                <form method="get" action={action} class="lang">
                  {[...new URLSearchParams(query)].map(([name, value]) => (
                    <input type="hidden" name={name} value={value} />
                  ))}
                  <label>
                    <span class="vh">{t.layout.language}</span>
                    <select class="pick" name="lang" data-submit>
                      {locales.map((locale) => (
                        <option value={locale} lang={locale} selected={locale === props.locale}>
                          {localeNames[locale]}
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
            {props.children}
          </main>
          <footer class="foot">
            <div class="wrap">
              {props.footer}
              <p>
                <a href={`/privacy?lang=${props.locale}`}>{t.privacy.link}</a>
              </p>
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
