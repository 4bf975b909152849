import { describe, expect, it } from 'vitest'
import { cleanTexts, missingWords, onlyTranslated, statementLimit, wordsProblems } from '../../worker/core/own-words'
import type { Item } from '../../worker/core/round'

const rules = { languages: ['en', 'th', 'ar'], organisation: 'en', limit: statementLimit, others: [] }

describe('words of the organisation’s own', () => {
  it('are stored as clean lines of the languages that are spoken', () => {
    expect(cleanTexts({ en: ' We\u202e agree.\n', th: ' \t', ar: undefined, fr: 'Oui' }, ['en', 'th', 'ar'])).toEqual({ en: 'We agree.' })
  })

  it('need the language of the organisation, and no other one', () => {
    expect(wordsProblems({ en: 'We agree.' }, rules)).toEqual([])
    expect(wordsProblems({ th: 'เห็นด้วย' }, rules)).toEqual([{ language: 'en', code: 'missing' }])
    expect(wordsProblems({ th: 'เห็นด้วย' }, { ...rules, organisation: 'th' })).toEqual([])
  })

  it('are refused in each language that is too long, unseen or said already', () => {
    const texts = { en: 'x'.repeat(161), th: '\u200b', ar: 'نتفق' }
    expect(wordsProblems(texts, { ...rules, others: [{ ar: 'نتفق' }] })).toEqual([
      { language: 'en', code: 'too-long' },
      { language: 'th', code: 'unseen' },
      { language: 'ar', code: 'taken' },
    ])
  })

  it('are the same in another case or with other spaces', () => {
    expect(wordsProblems({ en: 'we  AGREE.' }, { ...rules, others: [{ en: 'We agree.' }] })).toEqual([{ language: 'en', code: 'taken' }])
  })

  it('stay what they were only where every word that was there is there', () => {
    expect(onlyTranslated({ en: 'Yes' }, { en: 'Yes', th: 'ใช่' })).toBe(true)
    expect(onlyTranslated({ en: 'Yes', th: 'ใช่' }, { en: 'Yes' })).toBe(false)
    expect(onlyTranslated({ en: 'Yes' }, { en: 'Yes.' })).toBe(false)
  })
})

describe('what is missing', () => {
  it('is named by question, answer and language; our own words lack nothing', () => {
    const items: Item[] = [
      { id: 'goals-1', kind: 'agreement', theme: 'goals' },
      { id: 'own-1', kind: 'agreement', theme: 'goals', texts: { en: 'We agree.', ar: 'نتفق' } },
      {
        id: 'definition-sla',
        kind: 'definition',
        term: 'sla',
        options: ['spoken', 'own-a', 'unsure'],
        optionTexts: { spoken: {}, 'own-a': { en: 'In the CRM', th: 'ใน CRM' } },
      },
    ]
    expect(missingWords(items, ['en', 'th', 'ar'])).toEqual([
      { itemId: 'own-1', option: null, language: 'th' },
      { itemId: 'definition-sla', option: 'own-a', language: 'ar' },
    ])
  })
})
