import { describe, expect, it } from 'vitest'
import { type Item, isChoice, terms } from '../../worker/core/round'
import { caseBank, judgementOf, surveyBank } from '../../worker/core/survey-bank'
import { packs } from '../../worker/core/survey-packs'
import { locales } from '../../worker/i18n'
import { optionOf, questionOf } from '../../worker/i18n/items'

describe('the bank', () => {
  it('gives every question an id of its own', () => {
    expect(new Set(surveyBank.map(({ id }) => id)).size).toBe(surveyBank.length)
  })

  it('gives every definition four to six choices and “not sure” last', () => {
    for (const item of surveyBank) {
      if (item.kind !== 'definition') continue
      expect(item.options.length, item.id).toBeGreaterThanOrEqual(5)
      expect(item.options.length, item.id).toBeLessThanOrEqual(6)
      expect(item.options.at(-1)).toBe('unsure')
    }
  })

  it('has 28 vignettes and three numbers, about each of the ten terms', () => {
    const kinds = caseBank.map(({ kind }) => kind)
    expect([kinds.filter((kind) => kind === 'vignette').length, kinds.filter((kind) => kind === 'number').length]).toEqual([28, 3])
    expect(new Set(caseBank.map(({ term }) => term))).toEqual(new Set(terms))
  })

  it('asks enough stories for a verdict to set them side by side', () => {
    expect(caseBank.filter((item) => item.kind === 'vignette' && judgementOf(item.options) === 'verdict').length).toBeGreaterThanOrEqual(16)
    expect(judgementOf(['yes', 'unsure'])).toBeNull()
  })

  it('keeps every number within the one byte of a ballot, and every answer within a band', () => {
    for (const item of caseBank) {
      if (item.kind !== 'number') continue
      expect(item.last).toBeLessThanOrEqual(254)
      expect(item.bands[0]).toBe(0)
      expect(item.bands).toEqual(item.bands.toSorted((a, b) => a - b))
      expect(item.bands.at(-1)).toBeLessThanOrEqual(item.last)
    }
  })
})

describe('the packs', () => {
  it('hold every question of the bank, the fourteen statements first', () => {
    expect(packs[0]?.items).toHaveLength(14)
    const packed = new Set(packs.flatMap(({ items }) => items.map(({ item }) => item.id)))
    expect(surveyBank.filter(({ id }) => !packed.has(id))).toEqual([])
  })
})

describe.each(locales)('the texts in %s', (locale) => {
  const reader = { locale, organisation: 'en' } as const

  it('ask every item and name every option, each in words of its own', () => {
    const questions = surveyBank.map((item) => questionOf(reader, item).text)
    expect(questions.filter((text, index) => text === surveyBank[index]?.id)).toEqual([])
    expect(new Set(questions).size).toBe(surveyBank.length)
    for (const item of surveyBank) {
      if (!isChoice(item)) continue
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
