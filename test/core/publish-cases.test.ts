import { describe, expect, it } from 'vitest'
import { definitionAgreement } from '../../worker/core/definitions'
import { caseFinding } from '../../worker/core/findings'
import { alpha } from '../../worker/core/krippendorff'
import type { VignetteAgreement } from '../../worker/core/result'
import type { Item } from '../../worker/core/round'
import { storyAgreement } from '../../worker/core/stories'
import { caseBank, judgementOf } from '../../worker/core/survey-bank'
import { type Answers, nodeOf, resultOf, type TeamOfPeople, times } from './rounds'

const story: Item = { id: 'vignette-a', kind: 'vignette', term: 'icp', options: ['yes', 'no', 'unsure'] }
const hours: Item = { id: 'number-a', kind: 'number', term: 'sla', unit: 'hours', last: 168, bands: [0, 2, 8, 24, 48] }
const term: Item = { id: 'definition-sla', kind: 'definition', term: 'sla', options: ['written', 'spoken', 'unsure'], official: 'written' }
const items: Item[] = [{ id: 'goals-1', kind: 'agreement', theme: 'goals' }, term, story, hours]

const all = (key: string, values: readonly number[]): Answers[] => values.map((value) => ({ 'goals-1': 4, [key]: value }))
const org = (sales: readonly Answers[], marketing: readonly Answers[]): TeamOfPeople[] => [
  { id: 'sales', side: 'sales', people: [...sales] },
  { id: 'marketing', side: 'marketing', people: [...marketing] },
]
const many = (counts: readonly number[]): number[] => counts.flatMap((people, value) => new Array<number>(people).fill(value))

describe('a vignette', () => {
  // 6 yes, 4 no, 2 not sure against 9 no, 1 yes
  const result = resultOf(org(all('vignette-a', many([6, 4, 2])), all('vignette-a', many([1, 9]))), { items })

  it('is counted by answer, and who is not sure is in no denominator', () => {
    expect(nodeOf(result, 'sales').definitions['vignette-a']).toEqual({ n: 10, options: { yes: 6, no: 4 } })
    expect(nodeOf(result, 'marketing').definitions['vignette-a']).toEqual({ n: 10, options: { yes: 1, no: 9 } })
  })

  it('says the chance that one person of each side judges alike, with its interval', () => {
    const [said] = result.vignettes ?? []
    expect(said).toMatchObject({ itemId: 'vignette-a', term: 'icp', nSales: 10, nMarketing: 10 })
    expect(said?.between).toBeCloseTo(0.6 * 0.1 + 0.4 * 0.9, 9)
    expect(said?.interval?.low).toBeLessThan(0.42)
    expect(said?.interval?.high).toBeGreaterThan(0.42)
  })

  it('is in no score: the same round with other judgements gives the score the same', () => {
    const other = resultOf(org(all('vignette-a', many([0, 12])), all('vignette-a', many([10, 0]))), { items })
    expect(other.inputs).toEqual(result.inputs)
    expect(result.inputs.asked?.terms).toEqual(['sla'])
  })

  it('is coarse where one side has fewer than ten answers, and says no count there', () => {
    const small = resultOf(org(all('vignette-a', many([6, 3])), all('vignette-a', many([1, 9]))), { items })
    expect(nodeOf(small, 'sales').definitions['vignette-a']).toEqual({ n: 9, options: null })
    expect(small.vignettes?.[0]).toMatchObject({ between: 0.35, withinSales: null, divide: null })
  })
})

describe('a number', () => {
  const sales = [1, 1, 2, 2, 4, 4, 4, 8, 24, 24]
  const marketing = [24, 24, 24, 24, 24, 48, 48, 48, 72, 168]
  const result = resultOf(org(all('number-a', sales), all('number-a', marketing)), { items })

  it('is counted in bands, each from its number up to the next one', () => {
    expect(nodeOf(result, 'sales').definitions['number-a']).toEqual({ n: 10, options: { 0: 2, 2: 5, 8: 1, 24: 2, 48: 0 } })
    expect(nodeOf(result, 'marketing').definitions['number-a']).toEqual({ n: 10, options: { 0: 0, 2: 0, 8: 0, 24: 5, 48: 5 } })
  })

  it('says medians and distance in whole units, and the chance of the same band', () => {
    // means 7.4 and 50.4, and no salesperson above any marketer of the same rank
    expect(result.numbers).toMatchObject([{ itemId: 'number-a', unit: 'hours', medianSales: 4, medianMarketing: 36, distance: 43 }])
    expect(result.numbers?.[0]?.between).toBeCloseTo(0.2 * 0.5, 9)
  })

  it('says neither with nine answers on a side', () => {
    const small = resultOf(org(all('number-a', sales.slice(1)), all('number-a', marketing)), { items })
    expect(small.numbers).toMatchObject([{ medianSales: null, medianMarketing: null, distance: null }])
  })

  it('takes 0 for an answer, and a skip for none', () => {
    const zeros = resultOf(org([...all('number-a', many([10])), ...times(3, { 'goals-1': 4 })], all('number-a', marketing)), { items })
    expect(nodeOf(zeros, 'sales').definitions['number-a']).toMatchObject({ n: 10, options: { 0: 10 } })
    expect(zeros.numbers?.[0]).toMatchObject({ medianSales: 0, distance: 50 })
  })
})

describe('the written definition', () => {
  it('is said per side, of the people whose options are said', () => {
    const [said] = resultOf(org(all('definition-sla', many([6, 4, 1])), all('definition-sla', many([3, 5]))), { items }).terms
    expect(said?.written).toMatchObject({ option: 'written', sales: { share: 0.6 }, marketing: null })
    expect(said?.written?.sales?.interval.low).toBeCloseTo(0.3127, 4)
  })

  it('is left out of a term without one', () => {
    const without = items.map((item) => (item.id === term.id ? { ...term, official: undefined } : item)) as Item[]
    const [said] = resultOf(org(all('definition-sla', many([6, 5])), all('definition-sla', many([3, 8]))), { items: without }).terms
    expect(said).not.toHaveProperty('written')
  })
})

describe('agreement over stories', () => {
  const stories = caseBank.filter((item) => item.kind === 'vignette' && judgementOf(item.options) === 'verdict').slice(0, 9)
  const asked: Item[] = [...items.slice(0, 1), ...stories]
  /** By story, how many of eleven say yes. */
  const people = (yes: readonly number[], n = 11): Answers[] =>
    Array.from({ length: n }, (_, person) => ({
      'goals-1': 4,
      ...Object.fromEntries(yes.map((count, index) => [stories[index]?.id as string, person < count ? 0 : 1])),
    }))
  const [salesYes, marketingYes] = [
    [11, 9, 2, 0, 10, 5, 1, 8],
    [3, 9, 1, 2, 11, 5, 9, 0],
  ]
  const result = resultOf(org(people(salesYes), people(marketingYes)), { items: asked, number: 4 })

  it('is α of the counts that both sides publish', () => {
    const said = storyAgreement([result])
    const units = salesYes.map((yes, index) => [yes + (marketingYes[index] as number), 22 - yes - (marketingYes[index] as number)])
    expect(said).toMatchObject({ stories: 8, from: 4, to: 4, missing: null })
    expect(said.pooled).toBeCloseTo(alpha(units, 'nominal') as number, 12)
    expect(said.sales).toBeGreaterThan(said.pooled as number)
  })

  it('takes the latest answers of each story, in whatever order the results come', () => {
    const later = resultOf(org(people(salesYes), people(salesYes)), { items: asked, number: 6 })
    expect(storyAgreement([later, result])).toEqual({ ...storyAgreement([later]), from: 6, to: 6 })
    expect(storyAgreement([result, later])).toEqual(storyAgreement([later, result]))
  })

  it('is not told of seven stories, nor where a side is small, nor of stories that all judged the same', () => {
    const seven = resultOf(org(people(salesYes.slice(1)), people(marketingYes.slice(1))), { items: asked })
    expect(storyAgreement([seven])).toMatchObject({ stories: 7, pooled: null, missing: 'too-few' })
    const small = resultOf(org(people(salesYes, 9), people(marketingYes)), { items: asked })
    expect(storyAgreement([small])).toMatchObject({ stories: 0, from: null, missing: 'too-few' })
    const yes = times(11, Object.fromEntries(stories.map(({ id }) => [id, 0])))
    expect(storyAgreement([resultOf(org(yes, yes), { items: asked })])).toMatchObject({ stories: 9, pooled: null, missing: 'all-alike' })
  })
})

describe('the finding about stories and numbers', () => {
  const said = (yes: readonly [number, number], itemId = 'vignette-a'): VignetteAgreement => {
    const counts = yes.map((people) => [people, 11 - people])
    const found = definitionAgreement(counts[0] as number[], counts[1] as number[])
    if (!found) throw new Error('no answers')
    const { between, withinFirst, withinSecond, divide, divideInterval, interval } = found
    return {
      term: 'icp',
      itemId,
      nSales: 11,
      nMarketing: 11,
      between,
      withinSales: withinFirst,
      withinMarketing: withinSecond,
      divide,
      divideInterval,
      interval,
    }
  }

  it('is the one that each side judges in a way of its own, the furthest apart', () => {
    expect(caseFinding([said([6, 5]), said([10, 1], 'b'), said([11, 0], 'c')])?.itemId).toBe('c')
  })

  it('is none where the sides differ no more than chance makes them, or nothing is said', () => {
    expect(caseFinding([said([6, 5]), said([8, 6])])).toBeNull()
    expect(caseFinding([])).toBeNull()
    expect(caseFinding([{ ...said([11, 0]), divide: null, divideInterval: null }])).toBeNull()
  })

  it('is none of many where one would be said by itself: one in twenty differs by chance', () => {
    const alone = said([8, 0], 'alone')
    expect(alone.divideInterval?.low).toBeGreaterThan(0)
    expect(caseFinding([alone])?.itemId).toBe('alone')
    expect(caseFinding([alone, ...Array.from({ length: 20 }, () => said([6, 5]))])).toBeNull()
  })
})
