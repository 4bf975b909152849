import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import { styles } from '../../dist/styles.js'
import { directionOf, type Locale, localeNames, locales, messagesOf } from '../../i18n'
import { Bob } from '../layout'

/**
 * The document around everything under /s: no session, no cookie, no nonce, so that it is the same bytes for everybody.
 * Its script and style sheets are its own; dashboard files stay out. The policy knows its sheets by their hashes.
 */
export function SurveyDocument(props: {
  locale: Locale
  title: string
  sample: boolean
  /** Beside the survey's own style sheet: `reading` or `thanks`. */
  sheet?: 'reading' | 'thanks'
  /** What the link past the header says; to the questions where nothing else is said. */
  skip?: string
  /** To be read only: no script. */
  plain?: boolean
  /** Of the address, beside the language: the language links keep it. */
  query?: Readonly<Record<string, string>>
  children: Child
}) {
  const t = messagesOf(props.locale)
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={props.locale} dir={directionOf(props.locale)}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width,initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="robots" content="noindex" />
          <title>{`${props.title} – ${t.layout.product}`}</title>
          <link rel="icon" href="/icon.svg" />
          <style>{raw(styles.survey)}</style>
          {props.sheet ? <style>{raw(styles[props.sheet])}</style> : null}
          {props.plain ? null : <script type="module" src="/assets/survey.js" />}
        </head>
        <body>
          <a class="skip" href="#questions">
            {props.skip ?? t.survey.skip}
          </a>
          <header class="top">
            <span class="brand">
              <Bob />
              <bdi>{t.layout.product}</bdi>
            </span>
            {props.sample ? <span class="sample">{t.layout.sampleData}</span> : null}
            <Languages locale={props.locale} label={t.layout.language} query={props.query ?? {}} />
          </header>
          <main>{props.children}</main>
        </body>
      </html>
    </>
  )
}

/** Links rather than a select: a list that navigates while the keyboard moves through it is a trap. */
function Languages({ locale, label, query }: { locale: Locale; label: string; query: Readonly<Record<string, string>> }) {
  return (
    <details class="languages">
      <summary>
        <span class="vh">{label}: </span>
        {localeNames[locale]}
      </summary>
      <ul>
        {locales.map((other) => (
          <li>
            <a
              href={`?${new URLSearchParams({ ...query, lang: other })}`}
              lang={other}
              dir={directionOf(other) === directionOf(locale) ? undefined : directionOf(other)}
              aria-current={other === locale ? 'true' : undefined}
            >
              {localeNames[other]}
            </a>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** What a page says that only says where things stand: closed, not open yet, unknown. */
export const SurveyNotice = (props: { title: string; lines: readonly (string | null)[]; meta?: string }) => (
  <div class="state" id="questions" tabindex={-1}>
    {props.meta ? <p class="meta">{props.meta}</p> : null}
    <h1>{props.title}</h1>
    {props.lines.map((line) => (line ? <p>{line}</p> : null))}
  </div>
)
