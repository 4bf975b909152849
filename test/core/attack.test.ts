import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PublishInput, publish } from '../../worker/core/publish'
import type { Item } from '../../worker/core/round'
import { type Cell, type Leak, leakIn, type Reading, type Space, spaceOf, sumIn, type Topic } from './attack'
import { agreementOf, anOrganisation, headlineOf, items, roundOf, teamsOf } from './attack-organisations'
import { cellKey, type Person, peopleOf, type Sources, topicsOf } from './attack-readings'
import { classes, inputOf, type TeamOfPeople, times } from './rounds'

const sourcesOf = (input: PublishInput): Sources => ({
  people: peopleOf(input),
  publications: [{ at: 0, frozen: input.frozen, result: publish(input) }],
})

// ── Attacks ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Anything of fewer than k people. */
const fewPeople = (spaces: readonly Space[], k: number): Leak[] => spaces.flatMap((space) => leakIn(space, k) ?? [])

/**
 * How many of fewer than ten people are of a class, or chose an option. One coarse number of so few may be said, a value
 * or how well they agree with the other side; what it is made of may not.
 */
const fewClasses = (spaces: readonly Space[], topics: readonly Topic[]): Leak[] =>
  spaces.flatMap((space, index) => {
    const { readings } = topics[index] as Topic
    const said = readings.filter(({ says }) => !says.endsWith(': between'))
    const of = said.length === readings.length ? space : spaceOf({ ...space, readings: said })
    return leakIn(of, exactFrom, (variable) => /^\d²$|^option/.test(variable)) ?? []
  })

const exactFrom = 10

/** The sum, or the sum of squares, of fewer than ten people who all, or all but one, are of one class. */
const unanimous = (spaces: readonly Space[], { people }: Sources): Leak[] =>
  spaces.flatMap((space) => {
    const own = [...items.keys()].filter((index) => topicOf(items[index] as Item) === space.name)
    const members = new Map<string, Person[]>()
    for (const person of people) {
      const key = cellKey(person, own.map((index) => (person.answers[index] == null ? '-' : 'x')).join(''))
      members.set(key, [...(members.get(key) ?? []), person])
    }
    return (
      sumIn(space, exactFrom, (variable, cells) => {
        const position = own[Number(/^\d/.exec(variable)?.[0])]
        if (position === undefined || !/^\d²?$/.test(variable)) return false
        return isUnanimous(
          position,
          cells.flatMap((cell) => members.get((space.cells[cell] as Cell).key) ?? []),
        )
      }) ?? []
    )
  })

const topicOf = (item: Item): string | null => (item.kind === 'agreement' ? item.theme : item.kind === 'headline' ? 'headline' : null)

function isUnanimous(position: number, people: readonly Person[]): boolean {
  const { kind } = items[position] as Item
  const scale = kind === 'headline' ? headlineOf : agreementOf
  const classes = people.flatMap(({ answers }) => (answers[position] == null ? [] : [scale.indexOf(answers[position] as number)]))
  return [0, 1, 2].some((own) => classes.filter((one) => one === own).length >= classes.length - 1)
}

describe('an attack on everything that a round publishes', () => {
  it('finds nothing in 2,000 random organisations', () => {
    fc.assert(
      fc.property(anOrganisation, (organisation) => {
        const input = roundOf(teamsOf(organisation), organisation.k)
        if (!input) return
        const sources = sourcesOf(input)
        const topics = topicsOf(sources)
        const spaces = topics.map(spaceOf)
        expect(fewPeople(spaces, organisation.k)).toEqual([])
        expect(fewClasses(spaces, topics)).toEqual([])
        expect(unanimous(spaces, sources)).toEqual([])
      }),
      { numRuns: rounds },
    )
  }, 120_000)

  const one = { 'goals-1': 5 }
  const other = { 'goals-2': 2 }
  const mixed = [...classes(['goals'], 4, 3, 4), ...classes(['goals'], 2, 1, 1)]
  it.each<[string, TeamOfPeople[]]>([
    [
      'two who answered both statements of a theme, among many who answered one',
      [
        {
          id: 'sales',
          side: 'sales',
          people: [...times(7, one), ...times(5, { 'goals-1': 2 }), ...times(12, other), ...times(8, { goals: 4 })],
        },
        {
          id: 'marketing',
          side: 'marketing',
          people: [...times(11, one), ...times(6, other), ...times(5, { 'goals-2': 4 }), ...times(2, { goals: 4 })],
        },
      ],
    ],
    [
      'one who skipped one of two statements',
      [
        { id: 'sales', side: 'sales', people: [...mixed, one] },
        { id: 'marketing', side: 'marketing', people: [...mixed, other] },
      ],
    ],
    [
      'nine in two teams',
      [
        { id: 'sales', side: 'sales', people: classes(['goals', 'metrics'], 3, 1, 2) },
        { id: 'marketing', side: 'marketing', people: classes(['goals', 'metrics'], 1, 1, 1) },
      ],
    ],
    [
      'a team of six who agree, beside eleven who do not',
      [
        { id: 'sales', side: 'sales', people: [] },
        { id: 'ae', parentId: 'sales', side: 'sales', people: classes(['goals', 'metrics'], 4, 3, 4) },
        { id: 'sdr', parentId: 'sales', side: 'sales', people: classes(['goals', 'metrics'], 0, 0, 6) },
        { id: 'marketing', side: 'marketing', people: mixed },
      ],
    ],
  ])('finds nothing of %s', (_, teams) => {
    const sources = sourcesOf(inputOf(teams, { items }))
    const topics = topicsOf(sources)
    const spaces = topics.map(spaceOf)
    expect([fewPeople(spaces, 5), fewClasses(spaces, topics), unanimous(spaces, sources)]).toEqual([[], [], []])
    expect(topics.some(({ readings }) => readings.length > 0)).toBe(true)
  })

  it('finds somebody in most of them where nothing but the threshold is kept', () => {
    const found = organisations().filter((organisation) => {
      const input = roundOf(teamsOf(organisation), organisation.k)
      return input && fewPeople(thresholdOnly(input).map(spaceOf), organisation.k).length > 0
    })
    expect(found.length).toBeGreaterThan(rounds / 3)
  }, 120_000)

  it('finds somebody where themes are the means of people’s own means', () => {
    const found = organisations(200).filter((organisation) => {
      const input = roundOf(teamsOf(organisation), organisation.k)
      return input && fewPeople(topicsOf(sourcesOf(input), true).map(spaceOf), organisation.k).length > 0
    })
    expect(found.length).toBeGreaterThan(20)
  }, 120_000)
})

const rounds = 2_000

const organisations = (count = rounds) => fc.sample(anOrganisation, count)

/** The sum of an item over every node where k people answered it. */
function thresholdOnly({ frozen, ...input }: PublishInput): Topic[] {
  const people = peopleOf({ frozen, ...input })
  return items.flatMap(({ id, kind }, position) => {
    if (kind !== 'agreement' && kind !== 'headline') return []
    const answered = people.filter(({ answers }) => answers[position] != null)
    const cells = frozen.nodes.map((node) => ({ key: node.id, people: answered.filter(({ homes }) => homes[0] === node.id).length }))
    const readings = frozen.nodes.flatMap((node): Reading[] => {
      const below = [...cells.keys()].filter((cell) => isBelow(frozen, (cells[cell] as Cell).key, node.id))
      const n = below.reduce((sum, cell) => sum + (cells[cell] as Cell).people, 0)
      return n < frozen.minimumGroupSize
        ? []
        : [{ says: node.id, weights: new Map([[id, below.map((cell): [number, number] => [cell, 1])]]), needs: [] }]
    })
    return [{ name: id, cells, readings }]
  })
}

function isBelow({ nodes }: PublishInput['frozen'], home: string | null, top: string): boolean {
  return (
    home !== null &&
    (home === top || isBelow({ nodes } as PublishInput['frozen'], nodes.find(({ id }) => id === home)?.parentId ?? null, top))
  )
}
