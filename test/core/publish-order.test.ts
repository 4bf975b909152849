import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answer, rangeOf } from '../../worker/core/ballot'
import { publish } from '../../worker/core/publish'
import { randomFrom, shuffledWith } from '../../worker/core/random'
import { type Item, themes } from '../../worker/core/round'
import { inputOf, items, times } from './rounds'

const comments = [
  'More leads, please.',
  'Lisa never calls back.',
  'Ask Bo.',
  'Ask Lisa.',
  'Nobody calls back.',
  'All is well.',
  'More leads, please.',
]
const names = ['Lisa Lee', 'Bo Ek', 'Ana de Luz']
const sides = ['sales', 'marketing', 'other'] as const
/** With three statements a theme: sums of thirds depend on their order, sums of halves do not. */
const asked: Item[] = [...items, ...themes.map((theme): Item => ({ id: `${theme}-3`, kind: 'agreement', theme }))]

/** Teams of any sizes who answer anything, some of them alike; everything in the order of their making. */
function anInput(seed: string, sizes: readonly number[]) {
  const random = randomFrom(seed)
  const anybody = (): readonly Answer[] =>
    asked.map((item) => {
      const { first, last } = rangeOf(item)
      return random() < 0.15 ? null : first + Math.floor(random() * (last - first + 1))
    })
  const input = inputOf(
    sizes.map((people, index) => ({ id: `t${index}`, side: sides[index % 3] ?? 'other', people: times(people, { headline: 8 }) })),
    { comments, names, items: asked },
  )
  const alike = anybody()
  return { ...input, ballots: input.ballots.map((ballot) => ({ ...ballot, answers: random() < 0.2 ? alike : anybody() })) }
}

describe('publishing', () => {
  it('makes the same bytes in whichever order ballots, comments and names are read', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.integer({ min: 5, max: 40 }), { minLength: 2, maxLength: 9 }), (seed, sizes) => {
        const input = anInput(seed, sizes)
        const random = randomFrom(`${seed} read`)
        const read = {
          ...input,
          ballots: shuffledWith(random, input.ballots),
          comments: shuffledWith(random, input.comments),
          names: shuffledWith(random, input.names),
        }
        expect(JSON.stringify(publish(read))).toBe(JSON.stringify(publish(input)))
      }),
      { numRuns: 40 },
    )
  })
})

describe('the order of comments', () => {
  const input = anInput('comments', [20, 20])
  const written = Array.from({ length: 30 }, (_, index) => ({ cohort: 'c1', text: `Comment ${String(index).padStart(2, '0')}` }))
  const published = (roundId: string) => publish({ ...input, round: { ...input.round, id: roundId }, comments: written }).comments

  it('is neither that of their arrival nor that of the alphabet, and another in each round', () => {
    const [one, other] = [published('r1'), published('r2')]
    const inOrder = written.map(({ text }) => text)
    expect(one.toSorted()).toEqual(inOrder)
    for (const order of [inOrder, inOrder.toReversed(), other]) expect(one).not.toEqual(order)
  })

  it('tells nothing of a name that was taken out', () => {
    const told = (name: string) => publish({ ...input, names, comments: [...written, { cohort: 'c1', text: `${name} is late.` }] }).comments
    expect(told('Bo Ek')).toEqual(told('Lisa Lee'))
    expect(told('Bo Ek')).toContain('••• is late.')
  })
})

describe('more comments than one row of the database takes', () => {
  it('are published as far as it goes, whichever those are', () => {
    const input = anInput('many', [20, 20])
    const comments = Array.from({ length: 4000 }, (_, index) => ({ cohort: 'c1', text: `${index} ${'é'.repeat(390)}` }))
    const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length
    expect(publish({ ...input, comments: comments.slice(0, 2000) }).comments).toHaveLength(2000)
    const result = publish({ ...input, comments })
    expect(bytesOf(result)).toBeLessThanOrEqual(1_900_000)
    expect(bytesOf(result)).toBeGreaterThan(1_899_000)
    const thousands = result.comments.map((text) => Math.floor(Number.parseInt(text, 10) / 1000))
    expect([0, 1, 2, 3].map((one) => thousands.filter((of) => of === one).length > 500)).toEqual([true, true, true, true])
  })
})
