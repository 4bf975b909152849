import { describe, expect, it } from 'vitest'
import { terms, themes } from '../../worker/core/round'
import { itemsOfRound, surveyBank } from '../../worker/core/survey-bank'
import { locales, messagesOf } from '../../worker/i18n'
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
  const t = messagesOf(locale)

  it('ask every item and name every option, each in words of its own', () => {
    const questions = surveyBank.map((item) => questionOf(t, item))
    expect(questions.filter((text, index) => !text.includes(' ') && text === surveyBank[index]?.id)).toEqual([])
    expect(new Set(questions).size).toBe(surveyBank.length)
    for (const item of surveyBank) {
      if (item.kind !== 'definition') continue
      const texts = item.options.map((option) => optionOf(t, item, option))
      expect(new Set(texts).size, item.id).toBe(item.options.length)
      expect(
        texts.filter((text, index) => text === item.options[index]),
        item.id,
      ).toEqual([])
    }
  })
})
