/** What every page about the survey needs to say something about its questions. */
import type { Context } from 'hono'
import type { AppEnv } from '../../context'
import type { Item } from '../../core/round'
import { readSettings, type Settings } from '../../db/settings'
import { intlTag, type Locale, type Messages, messagesOf, negotiate } from '../../i18n'
import { type Format, formatOf } from '../../i18n/format'
import { questionOf, type Reader } from '../../i18n/items'
import { authorize } from '../../services/authorize'

export interface SurveyView {
  t: Messages['surveyPage']
  texts: Messages
  f: Format
  locale: Locale
  settings: Settings
  /** The administrator, reading what employees read. */
  reader: Reader
  mayWrite: boolean
}

export async function surveyView(c: Context<AppEnv>): Promise<SurveyView> {
  const { locale, services, actor } = c.var
  const texts = messagesOf(locale)
  const settings = await readSettings(services.db)
  return {
    t: texts.surveyPage,
    texts,
    f: formatOf(locale, settings.timeZone),
    locale,
    settings,
    reader: { locale, organisation: negotiate([settings.locale]) },
    mayWrite: authorize(actor, 'survey:write'),
  }
}

/** A question inside a label or a sentence, where nothing can be marked as another language. */
export const plainQuestion = ({ reader }: Pick<SurveyView, 'reader'>, item: Item): string => questionOf(reader, item).text

/** @example languageName('en', 'th') // 'Thai' */
export const languageName = (locale: Locale, language: string): string =>
  new Intl.DisplayNames([locale], { type: 'language' }).of(language) ?? language

/** @example languageNames('en', ['th', 'ar']) // 'Thai, Arabic' */
export const languageNames = (locale: Locale, languages: readonly string[]): string =>
  new Intl.ListFormat(intlTag(locale), { type: 'unit' }).format(languages.map((language) => languageName(locale, language)))

/**
 * Seconds in words, to ten of them.
 *
 * @example durationText(t, 136.5) // 'about 2 min 20 s'
 */
export function durationText(t: Messages['surveyPage'], seconds: number): string {
  const rounded = Math.ceil(seconds / 10) * 10
  return t.duration(Math.floor(rounded / 60), rounded % 60)
}
