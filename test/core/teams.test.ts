import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedRows, sides, stepBack, type Team, TreeError, teamsAfter, teamsBefore } from '../../worker/core/teams'

/** Twelve teams in random places, of the sides that their places allow. */
const aTree = fc.array(fc.record({ parent: fc.nat(), side: fc.constantFrom(...sides) }), { minLength: 2, maxLength: 12 }).map((specs) => {
  const teams: Team[] = []
  for (const [index, { parent, side }] of specs.entries()) {
    const above = teams[parent % (index + 1)]
    const inherited = above && above.side !== 'other' ? above.side : side
    teams.push({ id: `t${index}`, parentId: above?.id ?? null, name: `Team ${index}`, side: inherited })
  }
  return teams
})

const aChange = fc.record({
  team: fc.nat({ max: 11 }),
  change: fc.record(
    {
      parentId: fc.option(fc.nat({ max: 11 }).map((index) => `t${index}`)),
      side: fc.constantFrom(...sides),
      position: fc.nat({ max: 12 }),
      name: fc.nat({ max: 14 }).map((index) => `Team ${index}`),
    },
    { requiredKeys: [] },
  ),
})

describe('teams, whatever is moved, renamed and given a side', () => {
  it('stay a forest whose sides are inherited, and every change can be taken back', () => {
    let changes = 0
    let refusals = 0
    fc.assert(
      fc.property(aTree, fc.array(aChange, { minLength: 1, maxLength: 10 }), (start, sequence) => {
        let teams = start
        const past: { before: Team[]; step: ReturnType<typeof stepBack> }[] = []
        for (const { team, change } of sequence) {
          const id = `t${team % start.length}`
          const after = attempt(() => teamsAfter(teams, id, change))
          if (!after) {
            refusals++
            continue
          }
          changes++
          expectForest(after, start.length)
          const step = JSON.parse(JSON.stringify(stepBack(teams, after, id))) as ReturnType<typeof stepBack>
          past.push({ before: teams, step })
          teams = after
        }
        for (const { before, step } of past.reverse()) {
          teams = teamsBefore(teams, step)
          expect(ordered(teams)).toEqual(ordered(before))
        }
      }),
      { numRuns: 1_000 },
    )
    expect([changes > 1_500, refusals > 1_500]).toEqual([true, true])
  }, 60_000)

  it('are stored as they are shown: the rows that changed, put over those that were there, give the new order', () => {
    fc.assert(
      fc.property(aTree, aChange, (teams, { team, change }) => {
        const after = attempt(() => teamsAfter(teams, `t${team}`, change))
        if (!after) return
        const stored = new Map(ordered(teams).map((row) => [row.id, row]))
        for (const { team, position } of changedRows(teams, after)) {
          const place = position ?? stored.get(team.id)?.position ?? -1
          stored.set(team.id, { ...team, position: place })
        }
        const shown = [...stored.values()].sort((a, b) => a.position - b.position)
        expect(ordered(shown)).toEqual(ordered(after))
      }),
      { numRuns: 2_000 },
    )
  })

  it('do not take back what no longer fits, and say so', () => {
    const teams: Team[] = [
      { id: 'a', parentId: null, name: 'A', side: 'other' },
      { id: 'b', parentId: null, name: 'B', side: 'sales' },
      { id: 'c', parentId: 'a', name: 'C', side: 'marketing' },
    ]
    const moved = teamsAfter(teams, 'c', { parentId: null })
    const step = stepBack(teams, moved, 'c')
    const meanwhile = [
      teamsAfter(moved, 'a', { parentId: 'c', side: 'marketing' }), // it would stand below itself
      teamsAfter(moved, 'a', { side: 'sales' }), // it would stand below another side
      moved.filter(({ id }) => id !== 'a'), // what it stood below was archived
      moved.filter(({ id }) => id !== 'c'),
      [...moved, { id: 'd', parentId: 'a', name: 'c', side: 'marketing' as const }], // its name is taken
    ]
    for (const teams of meanwhile) expect(() => teamsBefore(teams, step)).toThrow('does not fit')
    expect(teamsBefore(teamsAfter(moved, 'b', { name: 'Sales' }), step)).toContainEqual(teams[2])
  })
})

function attempt<T>(change: () => T): T | undefined {
  try {
    return change()
  } catch (error) {
    if (error instanceof TreeError) return undefined
    throw error
  }
}

function expectForest(teams: readonly Team[], size: number): void {
  expect(new Set(teams.map(({ id }) => id)).size).toBe(size)
  const byId = new Map(teams.map((team) => [team.id, team]))
  for (const team of teams) {
    const above: string[] = []
    for (let at = team; at.parentId !== null; at = byId.get(at.parentId) as Team) {
      expect(above).not.toContain(at.parentId)
      above.push(at.parentId)
    }
    const parentSide = team.parentId === null ? 'other' : byId.get(team.parentId)?.side
    expect([team.id, parentSide === 'other' || parentSide === team.side]).toEqual([team.id, true])
  }
  const names = teams.map(({ parentId, name }) => `${parentId}/${name.toLowerCase()}`)
  expect(new Set(names).size).toBe(size)
}

/** By place: what a tree is, however its list is ordered. */
const ordered = (teams: readonly Team[]) =>
  teams
    .map((team) => ({ ...team, position: teams.filter(({ parentId }) => parentId === team.parentId).indexOf(team) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
