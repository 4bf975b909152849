/** Text that people type, made comparable and harmless to show. */

/**
 * One line of text as it is stored: NFC, without control characters and without the marks that turn the direction of
 * the text after them, white space collapsed.
 *
 * @example cleanLine('  Zoe\u0308\n Lee\u202e ') // 'Zoë Lee'
 */
export function cleanLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(unseen, '')
    .replace(/[\s\x85]+/gu, ' ')
    .trim()
}

/**
 * Whether two names mean the same thing: without regard to case, normal form and spacing.
 *
 * @example nameKey('Field  SALES') === nameKey('field sales') // true
 */
export const nameKey = (name: string): string => cleanLine(name).toLowerCase()

/** Whether there is anything to see in it: letters, digits, signs. */
export const isVisible = (text: string): boolean => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text)

/** C0 and C1 controls that are not white space, bidi embeddings, overrides and isolates, byte order marks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const unseen = /[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]/g
