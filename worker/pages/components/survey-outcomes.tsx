import type { Locale, Messages } from '../../i18n'
import { PrivacyLink } from './survey-intro'
import { Cross } from './survey-questions'

/** Everything that may have to be said after the page was sent, in the page's language and hidden; the script shows one. */
export function Outcomes({ t }: { t: Messages }) {
  return (
    <>
      <section class="oops" id="missing" tabindex={-1} aria-labelledby="missing-title" hidden>
        <h2>
          <Cross />
          <span id="missing-title" data-text={t.survey.missing('{0}')} />
        </h2>
        <ul />
      </section>
      {Object.entries(t.survey.problems).map(([code, { title, text }]) => (
        <section class="oops" id={`problem-${code}`} tabindex={-1} aria-label={title} hidden>
          <h2>
            <Cross />
            {title}
          </h2>
          <p>
            {text} {code === 'refused' ? <code dir="ltr" /> : null}
          </p>
          {retryable.has(code) ? (
            <button class="button" type="button" data-retry>
              {t.survey.tryAgain}
            </button>
          ) : null}
        </section>
      ))}
    </>
  )
}

const retryable = new Set(['offline', 'unconfirmed', 'refused', 'seal', 'keys'])

/** What replaces the form once the ballot is in, now or before. */
export function Finished({ t, code }: { t: Messages; code: 'done' | 'already' }) {
  return (
    <div class="state" id={code} hidden>
      <svg class="tick" viewBox="0 0 36 36" aria-hidden="true">
        <circle cx="18" cy="18" r="16.5" fill="none" stroke="currentColor" stroke-width="1.5" />
        <path d="M11 18.6l5 5 9.5-11" fill="none" stroke="currentColor" stroke-width="2" />
      </svg>
      <h1 tabindex={-1}>{t.survey[code].title}</h1>
      <p>{t.survey[code].text}</p>
    </div>
  )
}

/** To keep, or to print: the script puts the terms of the round under it. No answers, no link, no time of day. */
export const Receipt = ({ t, locale, name }: { t: Messages; locale: Locale; name: string }) => (
  <section class="state" id="receipt" aria-labelledby="receipt-title" hidden>
    <h2 id="receipt-title">{t.survey.receipt.title}</h2>
    <p>
      <b>{name}.</b> {t.survey.receipt.text}
    </p>
    <PrivacyLink t={t} locale={locale} />
    <button class="button" type="button">
      {t.survey.receipt.print}
    </button>
  </section>
)
