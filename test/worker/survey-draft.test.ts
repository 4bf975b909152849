import { describe, expect, it } from 'vitest'
import { defaultPlan, type SurveyPlan } from '../../worker/core/survey-plan'
import { afterStep, draftFields, draftIn, moved, stepIn } from '../../worker/pages/components/survey-draft'

const planOf = (...ids: string[]): SurveyPlan => ({ ...defaultPlan, items: ids.map((id) => ({ id })) })
const idsOf = ({ items }: SurveyPlan) => items.map(({ id }) => id)
const queryOf = (fields: Record<string, string>) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [value]]))

describe('a draft in an address', () => {
  it.each([
    ['the default', defaultPlan],
    [
      'another one',
      {
        version: 7,
        items: [{ id: 'own-a_b-c', optional: true }, { id: 'headline' }],
        definitions: 'all',
        cases: 0,
        comment: false,
      } as const,
    ],
  ])('is read as it was written: %s', (_, plan) => {
    expect(draftIn(queryOf(draftFields(plan)))).toEqual(plan)
  })

  it('is none without items, and leaves out what cannot be an id', () => {
    expect(draftIn({ definitions: ['2'] })).toBeUndefined()
    expect(draftIn({ items: ['goals-1.<b>..headline'], cases: ['many'] })).toEqual({
      version: 0,
      items: [{ id: 'goals-1' }, { id: 'headline' }],
      definitions: 0,
      cases: 0,
      comment: false,
    })
  })

  it('takes what may be left out from several fields, as a form sends them', () => {
    const draft = draftIn({ items: ['a.b.c'], optional: ['a', 'c'] })
    expect(draft?.items).toEqual([{ id: 'a', optional: true }, { id: 'b' }, { id: 'c', optional: true }])
  })
})

describe('a step', () => {
  it('is read from the button that was pressed, and from nothing else', () => {
    expect(stepIn('down.own-a')).toEqual({ kind: 'down', id: 'own-a' })
    expect([stepIn('look'), stepIn(''), stepIn(undefined), stepIn('up.a b')]).toEqual([undefined, undefined, undefined, undefined])
  })

  it.each([
    ['up', 'b', ['b', 'a', 'headline']],
    ['up', 'a', ['a', 'b', 'headline']],
    ['down', 'a', ['b', 'a', 'headline']],
    ['down', 'headline', ['a', 'b', 'headline']],
    ['remove', 'a', ['b', 'headline']],
    ['remove', 'x', ['a', 'b', 'headline']],
    ['add', 'c', ['a', 'b', 'c', 'headline']],
    ['add', 'a', ['a', 'b', 'headline']],
  ] as const)('%s %s', (kind, id, expected) => {
    expect(idsOf(afterStep(planOf('a', 'b', 'headline'), { kind, id }))).toEqual(expected)
  })

  it('adds at the end where no headline ends the page', () => {
    expect(idsOf(afterStep(planOf('headline', 'a'), { kind: 'add', id: 'b' }))).toEqual(['headline', 'a', 'b'])
  })
})

describe('what was moved', () => {
  it.each([
    ['abc', 'abc', ''],
    ['abc', 'bca', 'a'],
    ['abcd', 'dabc', 'd'],
    ['abcd', 'acd', ''],
    ['abc', 'axbc', ''],
    ['abcd', 'dcba', 'dcb'],
    ['abcde', 'badce', 'bd'],
  ])('from %s to %s', (before, after, expected) => {
    expect(moved([...before], [...after])).toHaveLength(expected.length)
    const rest = [...after].filter((id) => before.includes(id) && !moved([...before], [...after]).includes(id))
    expect(rest).toEqual(rest.toSorted())
  })
})
