/**
 * Chooses a form by the language's plural rules; `other` where a language needs no more.
 *
 * @example plural('en', 1, { one: 'one ballot', other: '2 ballots' }) // 'one ballot'
 */
export function plural(locale: string, count: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }): string {
  return forms[new Intl.PluralRules(locale).select(count)] ?? forms.other
}
