import { describe, expect, it } from 'vitest'
import { type Counts, compare, estimate, intervalOf } from '../../worker/core/favourability'
import { membershipChange } from '../../worker/core/membership'
import type { Figure, NodeFigures, NodeResult, PublicResult } from '../../worker/core/result'
import { type FrozenRound, themes } from '../../worker/core/round'
import { type FigureChange, type GroupChange, isUnshown, type NodeChange, roundChange, type Unshown } from '../../worker/core/round-change'
import { classes, type RoundOptions, resultOf, type TeamOfPeople } from './rounds'

const published = (teams: readonly TeamOfPeople[], options?: RoundOptions): PublicResult => {
  const { inputs: _, ...open } = resultOf(teams, options)
  return open
}

/** Sales and Marketing with the same answers to everything, as critics, passives and promoters. */
const round = (number: number, sales: [number, number, number], marketing: [number, number, number] = [4, 8, 8]) =>
  published(
    [
      { id: 'sales', side: 'sales', people: classes(['goals'], ...sales) },
      { id: 'marketing', side: 'marketing', people: classes(['goals'], ...marketing) },
    ],
    { number },
  )
const everybodyStayed: FrozenRound['membership'] = {
  company: { joined: 0, left: 0 },
  sales: { joined: 0, left: 0 },
  marketing: { joined: 0, left: 0 },
}
const moved = (joined: number, left: number): FrozenRound['membership'] => ({ ...everybodyStayed, sales: { joined, left } })

const changeOf = (changes: readonly NodeChange[], id: string): GroupChange => {
  const change = changes.find((one) => one.id === id)
  if (!change || isUnshown(change)) throw new Error(`${id}: ${change?.hidden}`)
  return change
}
const shown = (change: FigureChange | Unshown | undefined): FigureChange => {
  if (!change || isUnshown(change)) throw new Error(change?.hidden ?? 'not there')
  return change
}
const reasonOf = (changes: readonly NodeChange[], id: string) => {
  const change = changes.find((one) => one.id === id)
  return change && isUnshown(change) ? change.hidden : 'shown'
}

describe('the change of a group between two rounds', () => {
  it('is the difference of the published values, with the interval of two independent groups', () => {
    const [before, after]: [Counts, Counts] = [
      { critics: 6, passives: 10, promoters: 4 },
      { critics: 2, passives: 8, promoters: 10 },
    ]
    const change = shown(changeOf(roundChange(round(1, [6, 10, 4]), round(2, [2, 8, 10]), everybodyStayed), 'sales').items['goals-1'])
    const expected = compare(estimate(before), estimate(after))
    expect([change.from, change.to, change.points]).toEqual([45, 70, 25])
    expect(change.interval.low).toBeCloseTo(50 * expected.interval.low, 9)
    expect(Math.max(change.points, 50 * expected.interval.high)).toBeCloseTo(change.interval.high, 9)
    expect(change.verdict).toBe('signal')
  })

  it('is no signal where the interval holds 0', () => {
    const change = shown(changeOf(roundChange(round(1, [6, 10, 4]), round(2, [5, 10, 5]), everybodyStayed), 'sales').themes.goals)
    expect(change.verdict).toBe('normal')
    expect(change.interval.low).toBeLessThan(0)
    expect(change.interval.high).toBeGreaterThan(0)
  })

  it('is no signal where it is one of many and only just excludes 0', () => {
    const alone = (id: 'goals' | 'all', sales: [number, number, number], number: number) =>
      published([{ id: 'sales', side: 'sales', people: classes([id === 'goals' ? 'goals-1' : 'all'], ...sales) }], { number })
    const one = shown(
      changeOf(roundChange(alone('goals', [6, 10, 4], 1), alone('goals', [2, 8, 10], 2), everybodyStayed), 'sales').items['goals-1'],
    )
    expect([one.verdict, one.p]).toEqual(['signal', expect.closeTo(0.03318, 5)])
    const people = (marks: readonly [number, number, number]) => [
      {
        id: 'sales',
        side: 'sales' as const,
        people: classes(['goals-1'], ...marks).map((mark, index) => ({ ...classes(themes.slice(1), 6, 8, 6)[index], ...mark })),
      },
    ]
    const among = shown(
      changeOf(roundChange(published(people([6, 10, 4])), published(people([2, 8, 10]), { number: 2 }), everybodyStayed), 'sales').items[
        'goals-1'
      ],
    )
    expect(among.interval).toEqual(one.interval)
    expect([among.verdict, among.p > 0.1]).toEqual(['normal', true])
  })

  it('finds the half-width of an interval that the end of the scale cut off', () => {
    const unanimous: Counts = { critics: 0, passives: 0, promoters: 12 }
    expect(intervalOf(estimate(unanimous)).high).toBe(1)
    const change = shown(changeOf(roundChange(round(1, [4, 4, 4]), round(2, [0, 0, 12]), everybodyStayed), 'sales').items['goals-1'])
    const expected = compare(estimate({ critics: 4, passives: 4, promoters: 4 }), estimate(unanimous))
    expect(change.interval.low).toBeCloseTo(50 * expected.interval.low, 9)
  })

  it.each([
    ['joined', 1, 0, 'membership'],
    ['left', 0, 2, 'membership'],
    ['swapped places', 1, 1, 'membership'],
    ['stayed', 0, 0, 'shown'],
    ['changed by three', 2, 1, 'shown'],
  ])('of 8 people of whom one or two %s is %s', (_, joined, left, expected) => {
    const changes = roundChange(round(1, [3, 2, 3]), round(2, [2, 2, 4]), moved(joined as number, left as number))
    expect([reasonOf(changes, 'sales'), reasonOf(changes, 'marketing')]).toEqual([expected, 'shown'])
  })

  it('is not shown where one or two more of fewer than 10 answered', () => {
    expect(reasonOf(roundChange(round(1, [3, 2, 3]), round(2, [3, 3, 4]), everybodyStayed), 'sales')).toBe('membership')
    expect(reasonOf(roundChange(round(1, [3, 2, 3]), round(2, [3, 4, 4]), everybodyStayed), 'sales')).toBe('shown')
    expect(reasonOf(roundChange(round(1, [4, 3, 4]), round(2, [4, 4, 4]), everybodyStayed), 'sales')).toBe('shown')
  })

  it('is shown of 10 or more people between rounds apart, and of fewer not', () => {
    const changes = roundChange(round(1, [3, 2, 3]), round(3, [2, 2, 4]), undefined)
    expect([reasonOf(changes, 'sales'), reasonOf(changes, 'marketing')]).toEqual(['rounds-apart', 'shown'])
    expect(changeOf(changes, 'marketing')).toMatchObject({ population: 'unknown', moved: null })
  })

  it('is not shown of a group that a team moved into or out of, and is of one whose teams are new', () => {
    const people = (n: number) => classes(['goals'], n, n, n)
    const of = (number: number, deskIn: string, extra: TeamOfPeople[] = []) =>
      published(
        [
          { id: 'field', side: 'sales', people: people(4) },
          { id: 'inside', side: 'sales', people: people(4) },
          { id: 'desk', side: 'sales', parentId: deskIn, people: people(4) },
          { id: 'marketing', side: 'marketing', people: people(4) },
          ...extra,
        ],
        { number },
      )
    const movedOver = roundChange(of(1, 'field'), of(2, 'inside'), undefined)
    expect(['field', 'inside'].map((id) => reasonOf(movedOver, id))).toEqual(['reorganised', 'reorganised'])
    // Wherever it stands by now, the team itself is the same, and so is whatever holds both groups.
    expect(['desk', 'company'].map((id) => reasonOf(movedOver, id))).toEqual(['shown', 'shown'])
    const grown = roundChange(
      of(1, 'field'),
      of(2, 'field', [{ id: 'web', side: 'marketing', parentId: 'marketing', people: people(4) }]),
      undefined,
    )
    expect(['marketing', 'field'].map((id) => reasonOf(grown, id))).toEqual(['shown', 'shown'])
  })

  it('is looked at again for those who answered a single statement', () => {
    const skipping = (skips: number) => [
      ...classes(['goals'], 3, 3, 4),
      ...classes(['goals-1'], 0, skips, 0),
      ...classes(['goals'], 0, 2 - skips, 0),
    ]
    const of = (number: number, skips: number) => published([{ id: 'sales', side: 'sales', people: skipping(skips) }], { number })
    const large = changeOf(roundChange(of(1, 2), of(2, 2), { company: { joined: 1, left: 0 }, sales: { joined: 1, left: 0 } }), 'sales')
    expect([isUnshown(large.items['goals-1'] ?? {}), isUnshown(large.items['goals-2'] ?? {})]).toEqual([false, false])
    const nine = classes(['goals'], 3, 3, 3)
    const small = (number: number) =>
      published([{ id: 'sales', side: 'sales', people: [...nine, ...classes(['goals-1'], 1, 1, 1)] }], { number })
    const change = changeOf(roundChange(small(1), small(2), { company: { joined: 1, left: 0 }, sales: { joined: 1, left: 0 } }), 'sales')
    expect(change.items['goals-2']).toEqual({ hidden: 'membership' })
    expect(isUnshown(change.items['goals-1'] ?? {})).toBe(false)
  })

  it('is not shown against a band, a hidden figure, a group that was not there, or another method', () => {
    const band = roundChange(round(1, [0, 0, 6]), round(2, [2, 2, 2]), everybodyStayed)
    expect(changeOf(band, 'sales').themes.goals).toEqual({ hidden: 'not-published' })
    expect(changeOf(band, 'sales').headline).toEqual({ hidden: 'not-published' })
    const fresh = published([{ id: 'presales', side: 'sales', people: classes(['goals'], 4, 4, 4) }], { number: 2 })
    expect(reasonOf(roundChange(round(1, [4, 4, 4]), fresh, { company: null, presales: null }), 'presales')).toBe('not-published')
    const other = { ...round(2, [4, 4, 4]), methodVersion: 'another' }
    expect(reasonOf(roundChange(round(1, [4, 4, 4]), other, everybodyStayed), 'sales')).toBe('method')
  })

  it('compares themes only where the same statements are published', () => {
    const before = round(1, [6, 10, 4])
    const hide = (node: NodeResult): NodeResult => ({
      ...(node as NodeFigures),
      items: { ...(node as NodeFigures).items, 'goals-2': { hidden: 'too-few' } },
    })
    const after = { ...round(2, [2, 8, 10]), nodes: round(2, [2, 8, 10]).nodes.map(hide) }
    const change = changeOf(roundChange(before, after, everybodyStayed), 'sales')
    expect(change.themes.goals).toEqual({ hidden: 'not-published' })
    expect(shown(change.items['goals-1']).points).toBe(25)
  })

  it.each([
    [0, 'same', null],
    [3, 'few', null],
    [4, 'few', null],
    [5, 'many', 5],
    [9, 'many', 9],
  ])('says of %i who joined or left that the group is %s', (people, population, told) => {
    const changes = roundChange(round(1, [4, 4, 4]), round(2, [4, 4, 4]), moved(people, 0))
    expect(changeOf(changes, 'sales')).toMatchObject({ population, moved: told })
  })

  it('holds no number but those made of two published values', () => {
    const [before, after] = [round(1, [6, 10, 4]), round(2, [2, 8, 10])]
    const valueIn = (result: PublicResult) => ((result.nodes[1] as NodeFigures).items['goals-1'] as Figure).value
    const { from, to } = shown(changeOf(roundChange(before, after, everybodyStayed), 'sales').items['goals-1'])
    expect([from, to]).toEqual([valueIn(before), valueIn(after)])
  })
})

describe('who joined and who left', () => {
  const nodes = [
    { id: 'company', parentId: null },
    { id: 'sales', parentId: 'company' },
    { id: 'sdr', parentId: 'sales' },
  ]
  const of = (places: Record<string, string>) =>
    Object.entries(places).flatMap(([nodeId, people]) => people.split('').map((personId) => ({ personId, nodeId })))

  it('is counted for whole groups: moving inside one is no change of it', () => {
    const before = { nodes, members: of({ company: 'ab', sales: 'cd', sdr: 'efg' }) }
    const after = { nodes, members: of({ company: 'a', sales: 'ce', sdr: 'fgdx' }) }
    expect(membershipChange(before, after)).toEqual({
      company: { joined: 1, left: 1 }, // x, b
      sales: { joined: 1, left: 0 }, // x
      sdr: { joined: 2, left: 1 }, // d and x, e
    })
  })

  it('is not known of a group that was not there', () => {
    const before = { nodes: nodes.slice(0, 2), members: of({ company: 'ab', sales: 'cd' }) }
    expect(membershipChange(before, { nodes, members: of({ sales: 'cd', sdr: 'ab' }) })).toMatchObject({
      sales: { joined: 2, left: 0 },
      sdr: null,
    })
  })
})
