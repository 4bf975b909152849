import { directionOf, type Locale } from '../../i18n'
import type { Wording } from '../../i18n/items'

/**
 * Words as they are; where they are not in the page's language, with their own `lang` and `dir`, and a note that says so.
 *
 * @example <Worded words={questionOf(reader, item)} note={t.survey.untranslated} />
 */
export const Worded = ({ words: { text, lang }, note }: { words: Wording; note?: string }) =>
  lang === null ? (
    text
  ) : (
    <>
      <span lang={lang} dir={directionOf(lang as Locale)}>
        {text}
      </span>
      {note ? <small class="untranslated"> {note}</small> : null}
    </>
  )
