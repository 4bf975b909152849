import type { Locale, Messages } from '../../i18n'

/** Everything that may have to be said after the page was sent, in the page's language and hidden; the script shows one. */
export function Outcomes({ t, shared }: { t: Messages; shared: boolean }) {
  const problems = Object.entries({ ...t.survey.problems, back: t.survey.back }).filter(([code]) => shared || !ofShared.has(code))
  return (
    <>
      <section class="oops" id="missing" tabindex={-1} aria-labelledby="missing-title" hidden>
        <h2>
          <span id="missing-title" data-text={t.survey.missing('{0}')} />
        </h2>
        <ul />
      </section>
      {problems.map(([code, { title, text }]) => (
        <section class="oops" id={`problem-${code}`} hidden>
          <h2 tabindex={-1}>{title}</h2>
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

/** Only a team's link runs into these. */
const ofShared = new Set(['busy', 'full'])
const retryable = new Set(['offline', 'unconfirmed', 'refused', 'seal', 'keys', 'busy'])

/**
 * What replaces the form once the ballot is in, until the last page arrives; and instead of it, where it doesn't, or where
 * others answer on the same device.
 */
export const Cast = ({ t, locale, roundId, shared }: { t: Messages; locale: Locale; roundId: string; shared: boolean }) => (
  <div class="state" id="cast" hidden>
    <h1 tabindex={-1}>{t.survey.done.title}</h1>
    <a href={`/s/${roundId}/thanks?lang=${locale}`}>{t.survey.later}</a>
    {shared ? (
      <button class="button" type="button" id="next" hidden>
        {t.openLinks.survey.next}
      </button>
    ) : null}
  </div>
)
