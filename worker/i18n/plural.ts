/**
 * Chooses a form by the language's plural rules; `other` where a language needs no more.
 *
 * @example plural('en', 1, { one: 'one ballot', other: '2 ballots' }) // 'one ballot'
 */
export function plural(locale: string, count: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }): string {
  const rules = known.get(locale) ?? new Intl.PluralRules(locale)
  known.set(locale, rules)
  return forms[rules.select(count)] ?? forms.other
}

/** Made once an isolate: a page can say a hundred head-counts. */
const known = new Map<string, Intl.PluralRules>()
