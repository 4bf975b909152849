import { describe, expect, it } from 'vitest'
import { vignettesForAlpha } from '../../worker/core/krippendorff'
import { terms, themes } from '../../worker/core/round'
import { standingRounds } from '../../worker/core/stories'
import { caseBank, judgementOf } from '../../worker/core/survey-bank'
import {
  defaultPlan,
  estimatedSeconds,
  itemsOfRound,
  type OwnItem,
  planProblems,
  type SurveyPlan,
  type TermQuestion,
} from '../../worker/core/survey-plan'

const termsAsked = (number: number, plan?: SurveyPlan) =>
  itemsOfRound(number, plan).flatMap((item) => (item.kind === 'definition' ? [item.term] : []))
const casesAsked = (number: number, plan?: SurveyPlan) =>
  itemsOfRound(number, plan).filter((item) => item.kind === 'vignette' || item.kind === 'number')
const ids = (number: number, plan: SurveyPlan, own = {}) => itemsOfRound(number, plan, own).map(({ id }) => id)
const few: SurveyPlan = { version: 2, items: [{ id: 'headline' }, { id: 'goals-2' }], definitions: 0, cases: 0, comment: false }

describe('the items of a round', () => {
  it('are two of each theme, two definitions, a case and the headline, in the order of the page', () => {
    const items = itemsOfRound(1)
    expect(items.map(({ kind }) => kind)).toEqual([...Array(14).fill('agreement'), 'definition', 'definition', 'vignette', 'headline'])
    expect(items.flatMap((item) => (item.kind === 'agreement' ? [item.theme] : []))).toEqual(themes.flatMap((theme) => [theme, theme]))
  })

  it.each([1, 2, 5, 6, 13])('ask each of the ten terms once in the five rounds from round %i on', (first) => {
    expect(
      Array.from({ length: 5 }, (_, step) => termsAsked(first + step))
        .flat()
        .toSorted(),
    ).toEqual([...terms].toSorted())
  })

  it('ask each term once in ten rounds where there is one a round, all of them where all are wanted', () => {
    const one = { ...defaultPlan, definitions: 1 } as const
    expect(
      Array.from({ length: 10 }, (_, step) => termsAsked(4 + step, one))
        .flat()
        .toSorted(),
    ).toEqual([...terms].toSorted())
    expect(termsAsked(3, { ...defaultPlan, definitions: 'all' })).toEqual(terms)
    expect(termsAsked(3, { ...defaultPlan, definitions: 0 })).toEqual([])
  })

  it('ask each case once before any is asked again', () => {
    for (const first of [1, 32]) {
      const asked = Array.from({ length: 31 }, (_, step) => casesAsked(first + step)).flat()
      expect(asked.toSorted(byId)).toEqual([...caseBank].toSorted(byId))
    }
    const two = { ...defaultPlan, cases: 2 } as const
    const asked = Array.from({ length: 31 }, (_, step) => casesAsked(1 + step, two))
    expect(new Set(asked.slice(0, 15).flat()).size).toBe(30)
    expect(asked.flat().toSorted(byId)).toEqual([...caseBank, ...caseBank].toSorted(byId))
    expect(asked.every(([a, b]) => a !== b)).toBe(true)
    expect(casesAsked(9, { ...defaultPlan, cases: 'all' })).toEqual(caseBank)
  })

  it('ask cases of the round’s terms first', () => {
    for (let number = 1; number <= 20; number++) {
      const [asked] = casesAsked(number) as [(typeof caseBank)[number]]
      expect(termsAsked(number), `round ${number}`).toContain(asked.term)
    }
  })

  it('ask enough yes-or-no stories for α to be told, whichever rounds it looks back on', () => {
    for (let first = 1; first <= 31; first++) {
      const asked = Array.from({ length: standingRounds }, (_, step) => casesAsked(first + step)).flat()
      const verdicts = asked.filter((item) => item.kind === 'vignette' && judgementOf(item.options) === 'verdict')
      expect(new Set(verdicts.map(({ id }) => id)).size, `from round ${first}`).toBeGreaterThan(vignettesForAlpha)
    }
  })

  it('are those of the plan in its order, with own words, and a headline that ends it last', () => {
    expect(ids(1, few)).toEqual(['headline', 'goals-2'])
    const own: OwnItem = { id: 'own-1', theme: 'metrics', texts: { en: 'We count alike.' } }
    const plan: SurveyPlan = { ...few, items: [{ id: 'own-1', optional: true }, { id: 'gone' }, { id: 'headline' }], definitions: 1 }
    expect(itemsOfRound(1, plan, { items: [own] })).toEqual([
      { id: 'own-1', kind: 'agreement', theme: 'metrics', texts: { en: 'We count alike.' }, optional: true },
      expect.objectContaining({ id: 'definition-sla' }),
      { id: 'headline', kind: 'headline' },
    ])
  })

  it('freeze the organisation’s own answers of a term and the agreed one', () => {
    const question: TermQuestion = {
      term: 'sla',
      options: [
        { id: 'own-a', texts: { en: 'Fifty leads' } },
        { id: 'own-b', texts: { en: 'A hundred' } },
      ],
      official: 'own-b',
    }
    const [own] = itemsOfRound(1, { ...few, items: [], definitions: 1 }, { terms: [question] })
    expect(own).toEqual({
      id: 'definition-sla',
      kind: 'definition',
      term: 'sla',
      options: ['own-a', 'own-b', 'unsure'],
      optionTexts: { 'own-a': { en: 'Fifty leads' }, 'own-b': { en: 'A hundred' } },
      official: 'own-b',
    })
    const [agreed] = itemsOfRound(1, { ...few, items: [], definitions: 1 }, { terms: [{ term: 'sla', options: null, official: 'spoken' }] })
    expect(agreed).toMatchObject({ official: 'spoken', options: expect.arrayContaining(['with-numbers', 'spoken']) })
  })
})

describe('what is wrong with a plan', () => {
  it('is nothing of the default, nor of a round with every definition and case', () => {
    expect(planProblems(defaultPlan)).toEqual([])
    expect(planProblems({ ...defaultPlan, definitions: 'all', cases: 'all' })).toEqual([])
  })

  it('is its length, ids that nothing knows, and those that come twice', () => {
    const twice: SurveyPlan = { ...few, items: [{ id: 'goals-1' }, { id: 'goals-1' }, { id: 'own-9' }] }
    expect(planProblems(twice)).toEqual([
      { code: 'unknown', id: 'own-9' },
      { code: 'double', id: 'goals-1' },
      { code: 'too-few', questions: 2, limit: 8 },
    ])
    expect(planProblems({ ...defaultPlan, cases: 2 })).toEqual([{ code: 'too-many', questions: 19, limit: 18 }])
  })

  it('is a theme of more statements than the others could weigh up', () => {
    const items = Array.from({ length: 3 }, (_, index): OwnItem => ({ id: `own-${index}`, theme: 'goals', texts: { en: `${index}` } }))
    const plan = { ...defaultPlan, items: [...defaultPlan.items, ...items.map(({ id }) => ({ id }))], definitions: 0, cases: 0 } as const
    expect(planProblems(plan, { items })).toEqual([{ code: 'theme-too-long', theme: 'goals', items: 5, limit: 4 }])
  })

  it('is answers of a term that nobody could choose between, and an agreed one that is none of them', () => {
    const terms: TermQuestion[] = [
      { term: 'sla', options: [{ id: 'own-a', texts: { en: 'A' } }], official: null },
      { term: 'icp', options: null, official: 'own-a' },
    ]
    expect(planProblems(defaultPlan, { terms })).toEqual([
      { code: 'options', term: 'sla' },
      { code: 'official', term: 'icp', official: 'own-a' },
    ])
  })
})

it('takes about two minutes to answer the default survey', () => {
  expect(estimatedSeconds(itemsOfRound(1))).toBe(127.5)
})

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
