import { describe, expect, it } from 'vitest'
import { type Item, terms, themes } from '../../worker/core/round'
import { itemsOfRound, surveyBank } from '../../worker/core/survey-bank'
import { locales } from '../../worker/i18n'
import { optionOf, questionOf } from '../../worker/i18n/items'

describe('the items of a round', () => {
  it('are two of each theme, two definitions and the headline, in the order of the page', () => {
    const items = itemsOfRound(1)
    expect(items.map(({ kind }) => kind)).toEqual([...Array(14).fill('agreement'), 'definition', 'definition', 'headline'])
    expect(items.flatMap((item) => (item.kind === 'agreement' ? [item.theme] : []))).toEqual(themes.flatMap((theme) => [theme, theme]))
  })

  it.each([1, 2, 5, 6, 13])('ask each of the ten terms once in the five rounds from round %i on', (first) => {
    const asked = Array.from({ length: 5 }, (_, step) => itemsOfRound(first + step))
      .flat()
      .flatMap((item) => (item.kind === 'definition' ? [item.term] : []))
    expect(asked.toSorted()).toEqual([...terms].toSorted())
  })

  it('have ids of their own', () => {
    expect(new Set(surveyBank.map(({ id }) => id)).size).toBe(25)
  })

  it('give every definition four to six choices and “not sure” last', () => {
    for (const item of surveyBank) {
      if (item.kind !== 'definition') continue
      expect(item.options.length, item.id).toBeGreaterThanOrEqual(5)
      expect(item.options.length, item.id).toBeLessThanOrEqual(6)
      expect(item.options.at(-1)).toBe('unsure')
    }
  })
})

describe.each(locales)('the texts in %s', (locale) => {
  const reader = { locale, organisation: 'en' } as const

  it('ask every item and name every option, each in words of its own', () => {
    const questions = surveyBank.map((item) => questionOf(reader, item).text)
    expect(questions.filter((text, index) => !text.includes(' ') && text === surveyBank[index]?.id)).toEqual([])
    expect(new Set(questions).size).toBe(surveyBank.length)
    for (const item of surveyBank) {
      if (item.kind !== 'definition') continue
      const texts = item.options.map((option) => optionOf(reader, item, option).text)
      expect(new Set(texts).size, item.id).toBe(item.options.length)
      expect(
        texts.filter((text, index) => text === item.options[index]),
        item.id,
      ).toEqual([])
    }
  })
})

describe('the organisation’s own words', () => {
  const statement: Item = { id: 'own-1', kind: 'agreement', theme: 'goals', texts: { en: 'We agree.', ar: 'نحن متفقون.' } }
  const term: Item = {
    id: 'definition-sla',
    kind: 'definition',
    term: 'sla',
    options: ['own-a', 'spoken', 'unsure'],
    optionTexts: { 'own-a': { ms: 'Ya' } },
  }

  it('are read in the page’s language, otherwise in the organisation’s and marked as such', () => {
    expect(questionOf({ locale: 'ar', organisation: 'en' }, statement)).toEqual({ text: 'نحن متفقون.', lang: null })
    expect(questionOf({ locale: 'th', organisation: 'ar' }, statement)).toEqual({ text: 'نحن متفقون.', lang: 'ar' })
    expect(questionOf({ locale: 'th', organisation: 'ms' }, statement)).toEqual({ text: 'We agree.', lang: 'en' })
  })

  it('stand beside ours, option by option', () => {
    const read = (option: string) => optionOf({ locale: 'en', organisation: 'en' }, term, option)
    expect(read('own-a')).toEqual({ text: 'Ya', lang: 'ms' })
    expect(read('spoken')).toEqual({ text: 'It was talked about and never written down', lang: null })
    expect(read('unsure')).toEqual({ text: 'I’m not sure', lang: null })
  })
})
