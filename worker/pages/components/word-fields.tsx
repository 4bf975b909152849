/** Own words in every language: the fields, and why some were refused. */
import type { WordsProblem } from '../../core/own-words'
import { directionOf, type Locale, locales } from '../../i18n'
import { Field, type Mistake } from './field'
import { languageName, type SurveyView } from './survey-view'

/** One field a language, that of the organisation first; each in its own direction and under its own name. */
export function WordFields(props: {
  view: SurveyView
  name: (language: Locale) => string
  values: Readonly<Record<string, string>>
  limit: number
  mistakes: readonly Mistake[]
  /** A sentence rather than a few words. */
  long?: boolean
  /** Whether the first one takes the focus. */
  autofocus?: boolean
}) {
  const { view, name, values, limit, mistakes, long, autofocus } = props
  const { t, f, reader } = view
  const ordered = [reader.organisation, ...locales.filter((locale) => locale !== reader.organisation)]
  return (
    <>
      {ordered.map((locale) => (
        <Field
          name={name(locale)}
          label={t.statement.inLanguage(languageName(view.locale, locale))}
          {...(long && { hint: locale === reader.organisation ? `${t.statement.organisation} ${t.statement.limit(f.number(limit))}` : '' })}
          mistakes={mistakes}
        >
          {(control) =>
            long ? (
              <textarea {...control} class="lines" rows={2} lang={locale} dir={directionOf(locale)} maxlength={limit} autocomplete="off">
                {values[name(locale)] ?? ''}
              </textarea>
            ) : (
              <input
                {...control}
                autofocus={autofocus && locale === reader.organisation}
                value={values[name(locale)] ?? ''}
                lang={locale}
                dir={directionOf(locale)}
                maxlength={limit}
                autocomplete="off"
              />
            )
          }
        </Field>
      ))}
    </>
  )
}

/** Why words in one language were refused. */
export function wordsReason({ t, f, locale, reader }: SurveyView, { code }: WordsProblem, limit: number): string {
  const { statement } = t
  return {
    missing: statement.missing(languageName(locale, reader.organisation)),
    'too-long': statement.tooLong(f.number(limit)),
    unseen: statement.unseen,
    taken: statement.taken,
  }[code]
}
