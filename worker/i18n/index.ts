import { ar } from './ar'
import { en, type Messages, type PrivacyFacts } from './en'
import { ms } from './ms'
import { th } from './th'

/** One file a language; a missing or misspelt message does not compile. */
const messages = { en, th, ms, ar } as const

export type Locale = keyof typeof messages
export type { Messages, PrivacyFacts }

export const locales = Object.keys(messages) as Locale[]

export const isLocale = (value: unknown): value is Locale => typeof value === 'string' && Object.hasOwn(messages, value)

/** All texts of a language. */
export const messagesOf = (locale: Locale): Messages => messages[locale]

/** What a language calls itself, for the switch. */
export const localeNames = { en: 'English', th: 'ไทย', ms: 'Bahasa Melayu', ar: 'العربية' } as const satisfies Record<Locale, string>

export const directionOf = (locale: Locale): 'ltr' | 'rtl' => (locale === 'ar' ? 'rtl' : 'ltr')

/**
 * The first of these that we speak: exact, then by language; English last.
 *
 * @example negotiate(['fr', 'ar-EG']) // 'ar'
 */
export function negotiate(wanted: readonly (string | undefined)[]): Locale {
  for (const tag of wanted) {
    const language = tag?.toLowerCase().split('-')[0]
    if (isLocale(language)) return language
  }
  return 'en'
}

/** `Accept-Language` in order of its weights. */
export function acceptedLanguages(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';')
      const weight = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find(Boolean)
      return { tag, weight: weight === undefined ? 1 : Number(weight) }
    })
    .filter(({ tag }) => tag)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag)
}

/** The tag for `Intl`: Latin digits in Arabic, so that figures read the same in every chart and export. */
export const intlTag = (locale: Locale): string => (locale === 'ar' ? 'ar-u-nu-latn' : locale === 'th' ? 'th-u-ca-gregory' : locale)
