/** The organisation's own statements and answers: what their words have to be like, and where a translation is missing. */
import type { Item, Texts } from './round'
import { cleanLine, isVisible, nameKey } from './text'

/** Most characters of a statement, and of an answer to a term's question: what a phone shows without scrolling. */
export const statementLimit = 160
export const answerLimit = 100

/** Answers of a term's question beside "not sure". */
export const answersOfTerm = { least: 2, most: 7 } as const

/**
 * What is wrong with the words in one language:
 * - `missing`: it is the organisation's language, which every other one falls back to;
 * - `unseen`: nothing to see in it;
 * - `taken`: something else that is asked says the same.
 */
export interface WordsProblem {
  language: string
  code: 'missing' | 'too-long' | 'unseen' | 'taken'
}

export interface WordsRules {
  languages: readonly string[]
  /** Language of the organisation. */
  organisation: string
  limit: number
  /** Everything that these words must differ from. */
  others: readonly Texts[]
}

/**
 * Words as they are stored: a clean line for each of these languages that has any.
 *
 * @example cleanTexts({ en: ' We  agree. ', th: '', fr: 'Oui' }, ['en', 'th']) // { en: 'We agree.' }
 */
export function cleanTexts(texts: Readonly<Record<string, string | undefined>>, languages: readonly string[]): Texts {
  const lines = languages.map((language) => [language, cleanLine(texts[language] ?? '')] as const)
  return Object.fromEntries(lines.filter(([, text]) => text !== ''))
}

/**
 * Why these words cannot be asked; empty where they can.
 *
 * @param texts cleaned
 * @example
 * wordsProblems({ th: '…' }, { languages: ['en', 'th'], organisation: 'en', limit: 160, others: [] })
 * // [{ language: 'en', code: 'missing' }]
 */
export function wordsProblems(texts: Texts, { languages, organisation, limit, others }: WordsRules): WordsProblem[] {
  const taken = (language: string, text: string) => others.some((other) => nameKey(other[language] ?? '') === nameKey(text))
  const codeOf = (language: string): WordsProblem['code'] | undefined => {
    const text = texts[language]
    if (text === undefined) return language === organisation ? 'missing' : undefined
    if (!isVisible(text)) return 'unseen'
    if (text.length > limit) return 'too-long'
    return taken(language, text) ? 'taken' : undefined
  }
  return languages.flatMap((language) => {
    const code = codeOf(language)
    return code ? [{ language, code }] : []
  })
}

/**
 * Whether nothing but translations was added: whoever read it before would read the same again, so that answers before
 * and after can be compared.
 *
 * @example onlyTranslated({ en: 'Yes' }, { en: 'Yes', ms: 'Ya' }) // true
 * @example onlyTranslated({ en: 'Yes' }, { en: 'Yes!' }) // false
 */
export const onlyTranslated = (before: Texts, after: Texts): boolean =>
  Object.entries(before).every(([language, text]) => after[language] === text)

/** Own words that somebody would read in another language than theirs. */
export interface MissingWords {
  itemId: string
  /** Of a term's question; null for the statement itself. */
  option: string | null
  language: string
}

/**
 * Every translation that these items lack, in their order. Ours are in every language.
 *
 * @example missingWords([{ id: 'own-1', kind: 'agreement', theme: 'goals', texts: { en: '…' } }], ['en', 'ms'])
 * // [{ itemId: 'own-1', option: null, language: 'ms' }]
 */
export function missingWords(items: readonly Item[], languages: readonly string[]): MissingWords[] {
  return items.flatMap((item) => {
    const answers = item.kind === 'definition' ? Object.entries(item.optionTexts ?? {}) : []
    const own: (readonly [string | null, Texts])[] = [...(item.texts ? [[null, item.texts] as const] : []), ...answers]
    return own.flatMap(([option, texts]) =>
      // An answer of ours among the organisation's own brings no words.
      Object.keys(texts).length === 0
        ? []
        : languages.filter((language) => !texts[language]).map((language) => ({ itemId: item.id, option, language })),
    )
  })
}
