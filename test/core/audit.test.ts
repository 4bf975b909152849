import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cell, isolated, publishable } from '../../worker/core/audit'
import { random } from './rounds'

/** `{ ae: 6, sdr: 3 }` as cells. */
const cellsOf = (people: Record<string, number>): Cell[] => Object.entries(people).map(([id, count]) => ({ id, people: count }))
/** 'ae sdr' as a group. */
const group = (ids: string) => new Set(ids.split(' ').filter((id) => id !== ''))
const groups = (...all: string[]) => all.map(group)

describe('people isolated by published groups', () => {
  it.each([
    ['Sales 9 with its team AE 6: the three of SDR', { ae: 6, sdr: 3 }, ['ae sdr', 'ae'], ['sdr']],
    ['Company 9 with Sales 6: the three of marketing', { s: 6, m: 3 }, ['s m', 's'], ['m']],
    ['Sales 4 and Technology 9: the four themselves', { s: 4, t: 9 }, ['s t', 's', 't'], ['s']],
    ['a group of four, whatever else there is', { a: 4, b: 20 }, ['a'], ['a']],
    ['the fewest of several', { a: 9, b: 4, c: 9, d: 2 }, ['a b', 'a', 'c d', 'c'], ['d']],
    ['two cells that only go together', { a: 9, b: 1, c: 2, d: 8 }, ['a b c', 'a', 'b d'], ['b', 'c']],
    ['half of twice as much: the three of each pair less both others', { a: 3, b: 9, c: 9 }, ['a b', 'a c', 'b c'], ['a']],
    ['a difference between two few, though neither is known alone', { a: 2, b: 2, c: 9 }, ['a c', 'b c'], ['a', 'b']],
  ])('%s', (_, people, published, expected) => {
    expect(isolated(groups(...published), cellsOf(people), 5)).toEqual(expected)
  })

  it.each([
    ['nothing published', { a: 1 }, []],
    ['Company 9 alone, of Sales 6 and Marketing 3', { s: 6, m: 3 }, ['s m']],
    ['Sales 9 and Technology 6', { s: 9, t: 6 }, ['s t', 's', 't']],
    [
      'what the rule for trees leaves of Co{Sales{AE 9, SDR 6, CS 3}, Mkt{Demand 8, Content 4}}',
      { ae: 9, sdr: 6, cs: 3, demand: 8, content: 4 },
      ['ae sdr cs demand content', 'ae sdr cs', 'ae', 'demand content'],
    ],
    ['405 and 425 of 0, 0, 1, 350, 405 and 425', { a: 0, b: 0, c: 1, d: 350, e: 405, f: 425 }, ['a b c d e f', 'e', 'f']],
    ['a cell of nobody alone', { a: 0, b: 9 }, ['a b', 'b', 'a']],
    ['small cells that nothing separates', { a: 1, b: 1, c: 1, d: 1, e: 1 }, ['a b c d e', 'a b c d e']],
    ['overlapping groups with too few equations for their small parts', { a: 4, b: 4, c: 4 }, ['a b', 'b c']],
  ])('nobody: %s', (_, people, published) => {
    expect(isolated(groups(...published), cellsOf(people), 5)).toBeNull()
  })

  it('all of 350, 405 and 425 together give the one person away', () => {
    const people = { a: 0, b: 0, c: 1, d: 350, e: 405, f: 425 }
    expect(isolated(groups('a b c d e f', 'd', 'e', 'f'), cellsOf(people), 5)).toEqual(['c'])
  })

  it('names all cells of people whom nothing separates, in the order of the cells, and no cell of nobody', () => {
    expect(isolated(groups('z y x a', 'a'), cellsOf({ z: 1, x: 1, nobody: 0, y: 1, a: 5 }), 5)).toEqual(['z', 'x', 'y'])
  })

  it('refuses a group with a cell that is not among the cells', () => {
    expect(() => isolated(groups('a b'), cellsOf({ a: 5 }), 5)).toThrow(RangeError)
  })

  it('agrees with a search through every set of cells', () => {
    fc.assert(
      fc.property(aFamily, ({ cells, published, k }) => {
        const found = isolated(published, cells, k)
        const expected = fewestBySearch(published, cells, k)
        expect(found === null ? null : peopleIn(found, cells)).toBe(expected)
        if (found) {
          expect(isComputable(found, published, cells)).toBe(true)
          expect(found).toEqual(cells.map(({ id }) => id).filter((id) => found.includes(id)))
        }
      }),
      { numRuns: 1_500 },
    )
  })

  it('says the same whatever the order of groups and cells', () => {
    fc.assert(
      fc.property(aFamily, ({ cells, published, k }) => {
        const people = (found: string[] | null, of: readonly Cell[]) => found && peopleIn(found, of)
        expect(people(isolated([...published].reverse(), [...cells].reverse(), k), cells)).toBe(
          people(isolated(published, cells, k), cells),
        )
      }),
      { numRuns: 300 },
    )
  })
})

describe('groups that may be published beside others', () => {
  it('refuses the team of five that was six, and takes it where it was ten', () => {
    const six = cellsOf({ abcde: 5, f: 1 })
    expect(publishable(groups('abcde f'), groups('abcde'), six, 5)).toEqual([false])
    const ten = cellsOf({ abcde: 5, fghij: 5 })
    expect(publishable(groups('abcde fghij'), groups('abcde'), ten, 5)).toEqual([true])
  })

  it('refuses what isolates only together with an earlier acceptance, and takes what comes after', () => {
    const cells = cellsOf({ a: 6, b: 3, c: 6 })
    expect(publishable([], groups('a b', 'a', 'c', 'a b c'), cells, 5)).toEqual([true, false, true, true])
    expect(publishable([], groups('a', 'a b', 'c', 'a b c'), cells, 5)).toEqual([true, false, true, false])
  })

  it('takes an old team merged whole into a new one, not a new one that one person joined', () => {
    const cells = cellsOf({ east: 6, west: 7, one: 1, rest: 8 })
    const before = groups('east west one rest', 'east', 'west')
    expect(publishable(before, groups('east west', 'east one', 'one rest'), cells, 5)).toEqual([true, false, true])
  })

  it('takes groups again that are published already, and nothing where these isolate somebody', () => {
    const cells = cellsOf({ ae: 6, sdr: 3 })
    expect(publishable(groups('ae sdr'), groups('ae sdr', ''), cells, 5)).toEqual([true, true])
    expect(publishable(groups('ae sdr', 'ae'), groups('ae sdr'), cells, 5)).toEqual([false])
  })

  it('never lets the union isolate anybody, and refuses nothing that would not', () => {
    fc.assert(
      fc.property(aFamily, fc.nat(3), ({ cells, published, k }, first) => {
        const before = published.slice(0, first)
        fc.pre(fewestBySearch(before, cells, k) === null)
        const next = published.slice(first)
        const allowed = publishable(before, next, cells, k)
        const family = [...before]
        for (const [index, one] of next.entries()) {
          expect(allowed[index]).toBe(fewestBySearch([...family, one], cells, k) === null)
          if (allowed[index]) family.push(one)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('large families', () => {
  const many = (count: number, people: (index: number) => number): Cell[] =>
    Array.from({ length: count }, (_, index) => ({ id: `c${index}`, people: people(index) }))
  const family = (cells: readonly Cell[], count: number, has: (cell: number, group: number) => boolean) =>
    Array.from({ length: count }, (_, own) => new Set(cells.flatMap(({ id }, index) => (has(index, own) ? [id] : []))))

  /** The fastest of three, in milliseconds: the machine may be busy. */
  function fastest(run: () => unknown): number {
    const times = [0, 1, 2].map(() => {
      const start = performance.now()
      run()
      return performance.now() - start
    })
    return Math.min(...times)
  }

  it('of 200 cells of three people in a tree of 40 groups take some milliseconds', () => {
    const cells = many(200, () => 3)
    const tree = family(cells, 40, (cell, own) => own === 0 || Math.floor(cell / 5) === own)
    expect(isolated(tree, cells, 5)).toBeNull()
    expect(fastest(() => isolated(tree, cells, 5))).toBeLessThan(50)
    expect(publishable(tree, tree, cells, 5)).not.toContain(false)
  })

  it('of 200 teams below one company are fine, and one person in one of them is found', () => {
    const [fine, one] = [many(200, () => 6), many(200, (index) => (index === 77 ? 1 : 6))]
    const tree = family(fine, 201, (cell, own) => own === 200 || cell === own)
    expect(isolated(tree, fine, 5)).toBeNull()
    expect(fastest(() => isolated(tree, fine, 5))).toBeLessThan(100)
    const butOne = tree.filter((_, own) => own !== 77)
    expect(isolated(butOne, one, 5)).toEqual(['c77'])
  })

  it('of a thousand people in two trees that differ by some moves isolate those who moved', () => {
    const draw = random(7)
    const people = Array.from({ length: 1_000 }, () => {
      const team = Math.floor(draw() * 40)
      return `${team}-${draw() < 0.95 ? team : Math.floor(draw() * 40)}`
    })
    const cells = [...new Set(people)].map((id) => ({ id, people: people.filter((own) => own === id).length }))
    const teams = (at: 0 | 1) =>
      Array.from({ length: 40 }, (_, team) => new Set(cells.flatMap(({ id }) => (Number(id.split('-')[at]) === team ? [id] : []))))
    const allowed = publishable(teams(0), teams(1), cells, 5)
    expect(isolated([...teams(0), ...teams(1).filter((_, index) => allowed[index])], cells, 5)).toBeNull()
    expect(isolated([...teams(0), ...teams(1)], cells, 5)).not.toBeNull()
    expect(allowed.filter(Boolean).length).toBeGreaterThan(0)
  })

  it('that cannot be searched through are refused', () => {
    const draw = random(3)
    const cells = many(50, () => 1)
    const wild = family(cells, 40, () => draw() < 0.5)
    expect(isolated(wild, cells, 6)?.length).toBeGreaterThanOrEqual(6)
  })
})

// ── By another way ──────────────────────────────────────────────────────────────────────────────────────────────────

const aFamily = fc
  .record({
    people: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 8 }),
    members: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 0, maxLength: 6 }),
    k: fc.integer({ min: 2, max: 7 }),
  })
  .map(({ people, members, k }) => ({
    k,
    cells: people.map((count, index): Cell => ({ id: `c${index}`, people: count })),
    published: members.map((bits) => new Set(people.flatMap((_, index) => ((bits >> index) & 1 ? [`c${index}`] : [])))),
  }))

const peopleIn = (ids: readonly string[], cells: readonly Cell[]) =>
  cells.reduce((sum, { id, people }) => (ids.includes(id) ? sum + people : sum), 0)

/** The fewest people of any set of cells that the groups isolate, by trying all sets. */
function fewestBySearch(published: readonly ReadonlySet<string>[], cells: readonly Cell[], k: number): number | null {
  const occupied = cells.filter(({ people }) => people > 0)
  let fewest: number | null = null
  for (let bits = 1; bits < 2 ** occupied.length; bits++) {
    const set = occupied.filter((_, index) => (bits >> index) & 1)
    const people = set.reduce((sum, cell) => sum + cell.people, 0)
    if (people >= k || people >= (fewest ?? k)) continue
    const ids = set.map(({ id }) => id)
    if (isComputable(ids, published, cells)) fewest = people
  }
  return fewest
}

/** Whether a combination of groups is nothing outside of these cells and something inside. */
function isComputable(ids: readonly string[], published: readonly ReadonlySet<string>[], cells: readonly Cell[]): boolean {
  const occupied = cells.filter(({ people }) => people > 0)
  const rows = (of: readonly Cell[]) => published.map((own) => of.map(({ id }) => (own.has(id) ? 1 : 0)))
  return rank(rows(occupied)) > rank(rows(occupied.filter(({ id }) => !ids.includes(id))))
}

/** Over the rationals, exactly: by minors, fraction-free after Bareiss. Small 0/1 matrices stay far below 2^53. */
function rank(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row])
  let found = 0
  let previous = 1
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
    const at = rows.findIndex((row, index) => index >= found && row[column] !== 0)
    if (at === -1) continue
    const [pivot] = rows.splice(at, 1) as [number[]]
    rows.splice(found, 0, pivot)
    for (const row of rows.slice(found + 1)) {
      const [own, by] = [row[column] as number, pivot[column] as number]
      for (const index of row.keys()) row[index] = (by * (row[index] as number) - own * (pivot[index] as number)) / previous
    }
    previous = pivot[column] as number
    found++
  }
  return found
}
