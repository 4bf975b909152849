/** Texts of the survey's items: the organisation's own words where it has some, otherwise ours, by the ids of the bank. */

import type { Item, Texts } from '../core/round'
import { type Locale, locales, messagesOf } from '.'

/** Who reads: the language of the page, and that of the organisation, which stands in where its own words have no translation. */
export interface Reader {
  locale: Locale
  organisation: Locale
}

/** Words to show. `lang` is null where they are in the reader's language; otherwise they need `lang` and `dir` of their own. */
export interface Wording {
  text: string
  lang: Locale | null
}

type DefinitionText = { question: string; options: Record<string, string> }

/**
 * What the item asks.
 *
 * @example questionOf({ locale: 'en', organisation: 'en' }, { id: 'headline', kind: 'headline' }) // { text: 'All in all, how well do …', lang: null }
 * @example questionOf({ locale: 'ar', organisation: 'en' }, { …, texts: { en: 'We agree.' } }) // { text: 'We agree.', lang: 'en' }
 */
export function questionOf(reader: Reader, item: Item): Wording {
  const own = ownWording(reader, item.texts)
  if (own) return own
  const text = textOf(reader.locale, item.id)
  return { text: typeof text === 'object' ? text.question : text, lang: null }
}

/**
 * One answer of a definition question or a vignette.
 *
 * @example optionOf({ locale: 'en', organisation: 'en' }, slaItem, 'unsure') // { text: 'I’m not sure', lang: null }
 */
export function optionOf(reader: Reader, item: Item, option: string): Wording {
  const own = ownWording(reader, item.kind === 'definition' ? item.optionTexts?.[option] : undefined)
  if (own) return own
  const t = messagesOf(reader.locale)
  const text = textOf(reader.locale, item.id)
  // Vignettes that ask the same share their answers.
  const ours = typeof text === 'object' ? text.options[option] : (t.vignettes.options as Record<string, string>)[option]
  return { text: ours ?? (option === 'unsure' ? t.survey.unsure : option), lang: null }
}

/**
 * The organisation's own words for this reader: in their language, otherwise in the organisation's, otherwise in the
 * first language that has them. Undefined where there are none at all.
 *
 * @example ownWording({ locale: 'th', organisation: 'ms' }, { en: 'Yes', ms: 'Ya' }) // { text: 'Ya', lang: 'ms' }
 */
export function ownWording({ locale, organisation }: Reader, texts: Texts | undefined): Wording | undefined {
  const lang = [locale, organisation, ...locales].find((language) => texts?.[language])
  return lang && { text: texts?.[lang] as string, lang: lang === locale ? null : lang }
}

/** Items of a frozen round are plain data: their ids are checked against the texts by a test, not by the compiler. */
function textOf(locale: Locale, id: string): string | DefinitionText {
  return (messagesOf(locale).items as Record<string, string | DefinitionText>)[id] ?? id
}
