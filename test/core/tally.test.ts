import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answer, rangeOf } from '../../worker/core/ballot'
import { randomFrom, shuffledWith } from '../../worker/core/random'
import { isChoice } from '../../worker/core/round'
import { personMeansOf, tally, themeItems, voicesOf } from '../../worker/core/tally'
import { items } from './rounds'

/** Two teams below a side, and people at each of the three. */
const nodes = [
  { id: 'side', parentId: null },
  { id: 'a', parentId: 'side' },
  { id: 'b', parentId: 'side' },
]
const below: Record<string, string[]> = { side: ['side', 'a', 'b'], a: ['a'], b: ['b'] }
/** Some of them say the same: what is counted is people, not ways to answer. */
const someBallots = fc
  .array(
    fc.record({
      cohort: fc.constantFrom('side', 'a', 'b', 'unknown'),
      answers: fc.tuple(
        ...items.map((item) => {
          const { first, last } = rangeOf(item)
          return fc.option(fc.integer({ min: first, max: last }))
        }),
      ),
    }),
    { maxLength: 40 },
  )
  .map((some) => [...some, ...some.slice(0, 3)])
const nodeOf = new Map(nodes.map(({ id }) => [id, id]))
const mark = (answer: Answer, [passive, promoter] = [3, 4]) =>
  answer === null ? null : answer >= promoter ? 1 : answer >= passive ? 0 : -1
const of = <T>(list: readonly T[], value: T) => list.filter((one) => one === value).length

describe('voices', () => {
  it('are the same, in the same order, in whichever order ballots are read', () => {
    fc.assert(
      fc.property(someBallots, fc.string(), (ballots, seed) => {
        expect(voicesOf(shuffledWith(randomFrom(seed), ballots), nodeOf)).toEqual(voicesOf(ballots, nodeOf))
      }),
    )
  })
})

describe('a tally', () => {
  it('counts what going through the ballots one by one counts, at every node', () => {
    fc.assert(
      fc.property(someBallots, (ballots) => {
        const counted = tally(nodes, items, voicesOf(ballots, nodeOf))
        for (const { id } of nodes) {
          const here = ballots.filter(({ cohort }) => below[id]?.includes(cohort)).map(({ answers }) => answers)
          expect(counted.ballots.get(id)).toBe(here.length)
          for (const [index, item] of items.entries()) {
            const given = here.map((answers) => answers[index] ?? null)
            if (isChoice(item)) {
              expect(counted.definitions.get(item.id)?.get(id)).toEqual(item.options.slice(0, -1).map((_, option) => of(given, option)))
            } else {
              const marks = given.map((answer) => mark(answer, item.kind === 'headline' ? [7, 9] : undefined))
              expect(counted.items.get(item.id)?.get(id)).toEqual({
                critics: of(marks, -1),
                passives: of(marks, 0),
                promoters: of(marks, 1),
              })
              const { first, last } = rangeOf(item)
              const points = Array.from({ length: last - first + 1 }, (_, point) => first + point)
              expect(counted.answers.get(item.id)?.get(id)).toEqual(points.map((point) => of(given, point)))
            }
          }
          for (const [theme, patterns] of counted.themes) {
            const own = themeItems(items, theme).map((item) => items.indexOf(item))
            const people = here
              .map((answers) => own.map((index) => mark(answers[index] ?? null)).filter((value) => value !== null))
              .filter((marks) => marks.length > 0)
            const means = people.map((marks) => marks.reduce<number>((a, b) => a + b, 0) / marks.length)
            const found = personMeansOf(patterns.get(id) ?? [], [...own.keys()])
            expect(found.n).toBe(people.length)
            expect(found.sum).toBeCloseTo(
              means.reduce((a, b) => a + b, 0),
              9,
            )
            expect(found.squares).toBeCloseTo(
              means.reduce((a, b) => a + b * b, 0),
              9,
            )
          }
        }
      }),
    )
  })
})
