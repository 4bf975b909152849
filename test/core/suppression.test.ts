import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ReportingTeam, reportingTree, subtreeCounts, topmost } from '../../worker/core/reporting-tree'
import { childrenOf, nearest, protect, restrict, type TreeNode } from '../../worker/core/suppression'

/** 'Company 9 > Sales 6, Marketing 3' as parents and subtree counts. */
const node = (id: string, parentId: string | null): TreeNode => ({ id, parentId })
const published = (nodes: TreeNode[], n: Record<string, number>, k = 5) =>
  [...protect(nodes, new Map(Object.entries(n)), k)].filter(([, status]) => status === 'published').map(([id]) => id)

/** A random tree of up to 40 nodes with people anywhere in it. */
const aTree = fc.array(fc.record({ parent: fc.nat(), people: fc.nat(12) }), { minLength: 1, maxLength: 40 }).map((drawn) => {
  const nodes = drawn.map(({ parent }, index) => node(`n${index}`, index === 0 ? null : `n${parent % index}`))
  return { nodes, n: subtreeCounts(nodes, new Map(drawn.map(({ people }, index) => [`n${index}`, people]))) }
})

describe('protect', () => {
  it('publishes the company alone where Company 9 = Sales 6 + Marketing 3', () => {
    const nodes = [node('company', null), node('sales', 'company'), node('marketing', 'company')]
    expect(
      Object.fromEntries(
        protect(
          nodes,
          new Map([
            ['company', 9],
            ['sales', 6],
            ['marketing', 3],
          ]),
          5,
        ),
      ),
    ).toEqual({
      company: 'published',
      sales: 'protects-smaller',
      marketing: 'too-few',
    })
  })

  it('publishes Co, Sales, Mkt and AE of Co{Sales{AE 9, SDR 6, CS 3}, Mkt{Demand 8, Content 4}}', () => {
    const nodes = [
      node('Co', null),
      node('Sales', 'Co'),
      node('AE', 'Sales'),
      node('SDR', 'Sales'),
      node('CS', 'Sales'),
      node('Mkt', 'Co'),
      node('Demand', 'Mkt'),
      node('Content', 'Mkt'),
    ]
    expect(published(nodes, { Co: 30, Sales: 18, AE: 9, SDR: 6, CS: 3, Mkt: 12, Demand: 8, Content: 4 })).toEqual([
      'Co',
      'Sales',
      'AE',
      'Mkt',
    ])
  })

  it.each([
    ['Sales 4 and Technology 9', { Co: 13, Sales: 4, Technology: 9 }, ['Co']],
    ['Sales 9 and Technology 6', { Co: 15, Sales: 9, Technology: 6 }, ['Co', 'Sales', 'Technology']],
  ])('decides %s as a survey vendor’s handbook does', (_, n, expected) => {
    expect(published([node('Co', null), node('Sales', 'Co'), node('Technology', 'Co')], n)).toEqual(expected)
  })

  it('hides 350 too of 0, 0, 1, 350, 405 and 425', () => {
    const n = { Co: 1181, A: 0, B: 0, C: 1, D: 350, E: 405, F: 425 }
    expect(published([node('Co', null), ...'ABCDEF'.split('').map((id) => node(id, 'Co'))], n)).toEqual(['Co', 'E', 'F'])
  })

  it('decides a tie by id, not by order', () => {
    const n = { Co: 13, a: 5, b: 5, c: 3 }
    const nodes = [node('Co', null), node('a', 'Co'), node('b', 'Co'), node('c', 'Co')]
    expect(published(nodes, n)).toEqual(['Co', 'b'])
    expect(published([...nodes].reverse(), n)).toEqual(['b', 'Co'])
  })

  it('lets the node above give way where the others must be kept', () => {
    const nodes = [node('Co', null), node('Sales', 'Co'), node('Mkt', 'Co'), node('HR', 'Co'), node('IT', 'Co')]
    const keep = new Set(['Sales', 'Mkt'])
    const shown = (n: Record<string, number>) =>
      [...protect(nodes, new Map(Object.entries(n)), 5, keep)].flatMap(([id, is]) => (is === 'published' ? [id] : []))
    expect(shown({ Co: 24, Sales: 12, Mkt: 9, HR: 3 })).toEqual(['Sales', 'Mkt'])
    expect(shown({ Co: 30, Sales: 12, Mkt: 9, HR: 3, IT: 6 })).toEqual(['Co', 'Sales', 'Mkt'])
    expect(shown({ Co: 27, Sales: 12, Mkt: 9, HR: 6 })).toEqual(['Co', 'Sales', 'Mkt', 'HR'])
  })

  it('publishes nothing of nobody', () => expect(published([node('Co', null)], { Co: 0 })).toEqual([]))

  it('leaves no atom of 1 to k − 1 people in 2,000 random trees', () => {
    fc.assert(
      fc.property(aTree, fc.integer({ min: 1, max: 12 }), ({ nodes, n }, k) => {
        const status = protect(nodes, n, k)
        const children = childrenOf(nodes)
        const isPublished = (id: string) => status.get(id) === 'published'
        for (const { id } of nodes.filter((one) => isPublished(one.id))) {
          const inside = nearest(id, children, isPublished).reduce((sum, below) => sum + (n.get(below) ?? 0), 0)
          const atom = (n.get(id) ?? 0) - inside
          expect(atom === 0 || atom >= k).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('lets nobody solve for fewer than k people, by rank over every small set of cells', () => {
    fc.assert(
      fc.property(aTree, ({ nodes, n }) => {
        const k = 5
        const status = protect(nodes, n, k)
        const groups = restrict(nodes, (id) => status.get(id) === 'published')
        const own = (id: string) =>
          (n.get(id) ?? 0) - (childrenOf(nodes).get(id) ?? []).reduce((sum, below) => sum + (n.get(below) ?? 0), 0)
        const cells = nodes.filter(({ id }) => own(id) > 0).map(({ id }) => id)
        const isBelow = (id: string | null, top: string): boolean => id === top || (id !== null && isBelow(parentOf.get(id) ?? null, top))
        const parentOf = new Map(nodes.map(({ id, parentId }) => [id, parentId]))
        const rows = groups.map(({ id }) => cells.map((cell) => (isBelow(cell, id) ? 1 : 0)))
        const rank = rankOf(rows)
        for (const set of smallSets(cells, own, k)) {
          expect(rankOf([...rows, cells.map((cell) => (set.includes(cell) ? 1 : 0))])).toBe(rank + 1)
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('the tree of a round', () => {
  const team = (id: string, parentId: string | null, side: ReportingTeam['side']): ReportingTeam => ({
    id,
    parentId,
    name: id.toUpperCase(),
    side,
  })
  const treeOf = (teams: ReportingTeam[], people: Record<string, number>, k = 5) => {
    const tree = reportingTree({ organisationName: 'Acme', teams, invitedByTeam: new Map(Object.entries(people)), k })
    if ('tooFew' in tree) throw new Error(`too few: ${tree.tooFew}`)
    return tree
  }

  it('is the company alone for Sales 6 and Marketing 3, whose nine answer together', () => {
    const tree = treeOf([team('s', null, 'sales'), team('m', null, 'marketing')], { s: 6, m: 3 })
    expect(tree.nodes).toEqual([{ id: 'company', parentId: null, name: 'Acme', side: 'other' }])
    expect(tree.cohorts).toEqual([{ nodeId: 'company', teamIds: ['s', 'm'], invited: 9 }])
    expect(tree.merged.map(({ teamId, nodeId }) => [teamId, nodeId])).toEqual([
      ['s', 'company'],
      ['m', 'company'],
    ])
  })

  it('leaves out a few people of neither side rather than hide a side for them', () => {
    const teams = [team('co', null, 'other'), team('board', 'co', 'other'), team('s', 'co', 'sales'), team('m', 'co', 'marketing')]
    const tree = treeOf(teams, { co: 1, board: 2, s: 9, m: 8 })
    expect(tree.nodes.map(({ id }) => id)).toEqual(['co', 's', 'm'])
    expect(tree.cohorts.map(({ nodeId, invited }) => [nodeId, invited])).toEqual([
      ['s', 9],
      ['m', 8],
    ])
    expect(tree.notAsked).toEqual([
      { teamId: 'co', name: 'CO', people: 1 },
      { teamId: 'board', name: 'BOARD', people: 2 },
    ])
  })

  it('asks people of neither side where they are enough, or where leaving them out brings nothing', () => {
    const teams = [team('co', null, 'other'), team('s', 'co', 'sales'), team('m', 'co', 'marketing')]
    expect(treeOf(teams, { co: 5, s: 9, m: 8 }).notAsked).toEqual([])
    expect(treeOf(teams, { co: 3, s: 6, m: 3 }).notAsked).toEqual([])
  })

  it('merges teams upwards and keeps every cohort at k or more', () => {
    const tree = treeOf(
      [
        team('co', null, 'other'),
        team('sales', 'co', 'sales'),
        team('ae', 'sales', 'sales'),
        team('sdr', 'sales', 'sales'),
        team('cs', 'sales', 'sales'),
        team('mkt', 'co', 'marketing'),
        team('demand', 'mkt', 'marketing'),
        team('content', 'mkt', 'marketing'),
      ],
      { ae: 9, sdr: 6, cs: 3, demand: 8, content: 4 },
    )
    expect(tree.nodes.map(({ id, parentId }) => [id, parentId])).toEqual([
      ['co', null],
      ['sales', 'co'],
      ['ae', 'sales'],
      ['mkt', 'co'],
    ])
    expect(tree.cohorts).toEqual([
      { nodeId: 'sales', teamIds: ['sales', 'sdr', 'cs'], invited: 9 },
      { nodeId: 'ae', teamIds: ['ae'], invited: 9 },
      { nodeId: 'mkt', teamIds: ['mkt', 'demand', 'content'], invited: 12 },
    ])
  })

  it('puts one node above a side that has several topmost teams', () => {
    const tree = treeOf([team('ae', null, 'sales'), team('sdr', null, 'sales'), team('mkt', null, 'marketing')], { ae: 9, sdr: 8, mkt: 7 })
    expect(tree.nodes.map(({ id, parentId, side }) => [id, parentId, side])).toEqual([
      ['company', null, 'other'],
      ['mkt', 'company', 'marketing'],
      ['side-sales', 'company', 'sales'],
      ['ae', 'side-sales', 'sales'],
      ['sdr', 'side-sales', 'sales'],
    ])
  })

  it('gathers a side from regions, so that each side is whole', () => {
    const tree = treeOf(
      [
        team('eu', null, 'other'),
        team('eu-s', 'eu', 'sales'),
        team('eu-m', 'eu', 'marketing'),
        team('us', null, 'other'),
        team('us-s', 'us', 'sales'),
        team('us-m', 'us', 'marketing'),
      ],
      { 'eu-s': 6, 'eu-m': 6, 'us-s': 6, 'us-m': 6 },
    )
    expect(tree.nodes.filter(({ parentId }) => parentId === 'company').map(({ id }) => id)).toEqual(['side-sales', 'side-marketing'])
    expect(tree.cohorts).toHaveLength(4)
  })

  it('lets a team below sales be of sales, whatever it says of itself', () => {
    const tree = treeOf([team('s', null, 'sales'), team('ops', 's', 'other'), team('m', null, 'marketing')], { s: 5, ops: 5, m: 5 })
    expect(tree.nodes.find(({ id }) => id === 'ops')?.side).toBe('sales')
  })

  it('says how many there are where even all together are too few', () => {
    expect(reportingTree({ organisationName: 'Acme', teams: [], invitedByTeam: new Map(), k: 5 })).toEqual({ tooFew: 0 })
    expect(
      reportingTree({ organisationName: 'Acme', teams: [team('s', null, 'sales')], invitedByTeam: new Map([['s', 4]]), k: 5 }),
    ).toEqual({
      tooFew: 4,
    })
  })

  it('never takes a part of a side for the side', () => {
    // Sales 3 hides Marketing 11; its team M2 must not stand there as the topmost node of marketing.
    const tree = treeOf(
      [team('s', null, 'sales'), team('m', null, 'marketing'), team('m1', 'm', 'marketing'), team('m2', 'm', 'marketing')],
      { s: 3, m1: 5, m2: 6 },
    )
    expect(topmost(tree.nodes, 'marketing')).toEqual([])
  })

  it('gives everybody one cohort of at least k, and each side at most one top, in random organisations', () => {
    const organisation = fc.array(
      fc.record({
        parent: fc.option(fc.nat(), { nil: null }),
        people: fc.nat(9),
        side: fc.constantFrom<ReportingTeam['side']>('sales', 'marketing', 'other'),
      }),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(organisation, fc.integer({ min: 3, max: 8 }), (drawn, k) => {
        const teams = drawn.map(({ parent, side }, index) =>
          team(`t${index}`, parent === null || index === 0 ? null : `t${parent % index}`, side),
        )
        const invitedByTeam = new Map(drawn.map(({ people }, index) => [`t${index}`, people]))
        const total = drawn.reduce((sum, { people }) => sum + people, 0)
        const tree = reportingTree({ organisationName: 'Acme', teams, invitedByTeam, k })
        if ('tooFew' in tree) {
          expect(tree.tooFew).toBe(total)
          return
        }
        const left = tree.notAsked.reduce((sum, { people }) => sum + people, 0)
        expect(tree.cohorts.reduce((sum, cohort) => sum + cohort.invited, 0)).toBe(total - left)
        if (left > 0) expect(topmost(tree.nodes, 'sales').length + topmost(tree.nodes, 'marketing').length).toBe(2)
        expect(tree.cohorts.every((cohort) => cohort.invited >= k)).toBe(true)
        expect(tree.cohorts.flatMap(({ teamIds }) => teamIds)).toHaveLength(new Set(tree.cohorts.flatMap(({ teamIds }) => teamIds)).size)
        for (const side of ['sales', 'marketing'] as const) expect(topmost(tree.nodes, side).length).toBeLessThanOrEqual(1)
        for (const [index, { parentId }] of tree.nodes.entries()) {
          expect(parentId === null ? index : tree.nodes.findIndex(({ id }) => id === parentId)).toBeLessThanOrEqual(index)
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** Sets of up to three cells that hold fewer than k people between them. */
function* smallSets(cells: readonly string[], size: (id: string) => number, k: number): Generator<string[]> {
  for (const [i, a] of cells.entries()) {
    if (size(a) < k) yield [a]
    for (const [j, b] of cells.entries()) {
      if (j <= i || size(a) + size(b) >= k) continue
      yield [a, b]
      for (const c of cells.slice(j + 1)) if (size(a) + size(b) + size(c) < k) yield [a, b, c]
    }
  }
}

/** Rank over the rationals, by elimination on small whole numbers. */
function rankOf(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row])
  let rank = 0
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
    const pivot = rows.findIndex((row, index) => index >= rank && Math.abs(row[column] as number) > 1e-9)
    if (pivot === -1) continue
    const [found] = rows.splice(pivot, 1)
    rows.splice(rank, 0, found as number[])
    for (const [index, row] of rows.entries()) {
      if (index === rank) continue
      const factor = (row[column] as number) / ((found as number[])[column] as number)
      for (const at of row.keys()) row[at] = (row[at] as number) - factor * ((found as number[])[at] as number)
    }
    rank++
  }
  return rank
}
