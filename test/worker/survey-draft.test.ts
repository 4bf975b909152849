import { describe, expect, it } from 'vitest'
import { defaultPlan, type SurveyPlan } from '../../worker/core/survey-plan'
import { afterStep, draftFields, draftIn, inPageOrder, moved, stepIn } from '../../worker/pages/components/survey-draft'

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
    expect([stepIn('down.own-a'), stepIn('later.lead-quality')]).toEqual([
      { kind: 'down', id: 'own-a' },
      { kind: 'later', id: 'lead-quality' },
    ])
    expect([stepIn('look'), stepIn(''), stepIn(undefined), stepIn('up.a b')]).toEqual([undefined, undefined, undefined, undefined])
  })

  const themes = new Map([
    ['a', 'goals'],
    ['b', 'goals'],
    ['c', 'metrics'],
    ['d', 'metrics'],
    ['e', 'goals'],
  ])

  it.each([
    ['up', 'b', 'b a c d headline'],
    ['up', 'a', 'a b c d headline'],
    ['up', 'c', 'a b c d headline'],
    ['down', 'a', 'b a c d headline'],
    ['down', 'b', 'a b c d headline'],
    ['down', 'headline', 'a b c d headline'],
    ['later', 'goals', 'c d a b headline'],
    ['later', 'metrics', 'a b c d headline'],
    ['earlier', 'metrics', 'c d a b headline'],
    ['earlier', 'messaging', 'a b c d headline'],
    ['remove', 'a', 'b c d headline'],
    ['remove', 'x', 'a b c d headline'],
    ['add', 'e', 'a b e c d headline'],
    ['add', 'a', 'a b c d headline'],
  ] as const)('%s %s', (kind, id, expected) => {
    expect(idsOf(afterStep(planOf('a', 'b', 'c', 'd', 'headline'), { kind, id }, themes)).join(' ')).toBe(expected)
  })

  it('puts a survey in the order of its page: themes as they begin, what has none last', () => {
    expect(idsOf(inPageOrder(planOf('headline', 'c', 'a', 'd', 'b'), themes))).toEqual(['c', 'd', 'a', 'b', 'headline'])
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
