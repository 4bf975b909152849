import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { publish } from '../../worker/core/publish'
import type { RoundResult } from '../../worker/core/result'
import { themes } from '../../worker/core/round'
import { themeValue } from '../../worker/core/score-inputs'
import {
  type Answers,
  answerOf,
  classes,
  figure,
  inputOf,
  items,
  nodeOf,
  numbersIn,
  random,
  resultOf,
  silent,
  type TeamOfPeople,
  times,
} from './rounds'

const all = [...themes, 'headline']
const isAllFinite = (result: RoundResult) => numbersIn(result).every(Number.isFinite)
const perceptionVariance = ({ inputs }: RoundResult) => inputs.uncertainty.find(({ kappa }) => kappa === 0.25)?.perception ?? 0

/** A person with a mood, as a seeded generator draws them. */
function somebody(draw: () => number): Answers {
  const mood = draw()
  return Object.fromEntries([
    ...items.map((item) => {
      if (item.kind === 'headline') return [item.id, Math.floor((draw() + mood) * 5.49)]
      if (item.kind === 'definition') return [item.id, Math.floor(draw() * item.options.length)]
      return [item.id, draw() < 0.1 ? null : 1 + Math.floor((draw() + mood) * 2.49)]
    }),
  ])
}
const crowd = (n: number, seed: number) => {
  const draw = random(seed)
  return Array.from({ length: n }, () => somebody(draw))
}

const company = (sales: number, marketing: number, seed = 1): TeamOfPeople[] => [
  { id: 'sales', side: 'sales', people: crowd(sales, seed) },
  { id: 'marketing', side: 'marketing', people: crowd(marketing, seed + 1) },
]

describe('a round of 40', () => {
  const teams = company(24, 16)
  const result = resultOf(teams)
  const everybody = teams.flatMap(({ people }) => people)

  it('gives a theme all answers to its items, and an interval of one number a person', () => {
    const own = items.filter((item) => item.kind === 'agreement' && item.theme === 'goals')
    const marks = everybody.map((person) =>
      own.flatMap((item) => {
        const answer = answerOf(item, person)
        return answer === null ? [] : [answer >= 4 ? 1 : answer <= 2 ? -1 : 0]
      }),
    )
    const answers = marks.flat()
    const theta = answers.reduce<number>((a, b) => a + b, 0) / answers.length
    const means = marks.filter((of) => of.length > 0).map((of) => of.reduce<number>((a, b) => a + b, 0) / of.length)
    const n = means.length
    const centre = (theta * n) / (n + 3)
    const variance = (means.reduce((a, b) => a + b * b, 0) + 1.5 * 0.75) / (n + 3) - centre ** 2
    const half = 1.959963984540054 * Math.sqrt(variance / (n + 3))
    const found = figure(nodeOf(result, 'company').themes.goals)
    expect(found.n).toBe(n)
    expect(found.value).toBeCloseTo(50 * (1 + theta), 9)
    expect(found.interval?.low).toBeCloseTo(50 * (1 + centre - half), 9)
    expect(found.interval?.high).toBeCloseTo(50 * (1 + centre + half), 9)
  })

  it('gives the headline as a net score with the adjusted interval', () => {
    const answers = everybody.map((person) => person.headline as number)
    const critics = answers.filter((answer) => answer <= 6).length
    const promoters = answers.filter((answer) => answer >= 9).length
    const centre = (promoters - critics) / 43
    const half = 1.959963984540054 * Math.sqrt(((critics + promoters + 1.5) / 43 - centre ** 2) / 43)
    const found = figure(nodeOf(result, 'company').headline)
    expect(found).toMatchObject({ n: 40, classes: { critics, passives: 40 - critics - promoters, promoters } })
    expect(found.value).toBeCloseTo((100 * (promoters - critics)) / 40, 9)
    expect(found.interval?.low).toBeCloseTo(100 * (centre - half), 9)
    expect(found.ifAllAnswered).toEqual({ low: found.value, high: found.value })
  })

  it('shows both sides, with the gap of the two values that it shows', () => {
    expect(result.gaps.map(({ theme }) => theme)).toEqual([...themes])
    for (const gap of result.gaps) {
      expect(gap.sales).toBe(figure(nodeOf(result, 'sales').themes[gap.theme]).value)
      expect(gap.gap).toBeCloseTo(gap.sales - gap.marketing, 12)
      expect(gap.interval.low).toBeLessThanOrEqual(gap.gap)
      expect(gap.interval.high).toBeGreaterThanOrEqual(gap.gap)
      expect(gap.p > 0 && gap.p <= 1).toBe(true)
    }
  })

  it('splits each side of a theme into promoters and critics exactly', () => {
    for (const { shares, sales, marketing } of result.inputs.themes) {
      expect(shares.map(({ side }) => side)).toEqual(['sales', 'marketing'])
      const [s, m] = shares
      expect(50 * (1 + (s?.promoters ?? 0) - (s?.critics ?? 0))).toBeCloseTo(sales, 9)
      expect(50 * (1 + (m?.promoters ?? 0) - (m?.critics ?? 0))).toBeCloseTo(marketing, 9)
    }
  })

  it('leaves those who are unsure out of every denominator', () => {
    const item = items.find((one) => one.kind === 'definition')
    if (item?.kind !== 'definition') throw new Error('no definition')
    const sure = everybody.filter((person) => (person[item.id] as number) < item.options.length - 1).length
    const found = nodeOf(result, 'company').definitions[item.id]
    expect(found).toMatchObject({ n: sure })
    expect(Object.keys((found as { options: object }).options)).not.toContain('unsure')
  })

  it('says the same whatever the order of the ballots', () => {
    const input = inputOf(teams)
    const draw = random(7)
    const order = input.ballots.map((ballot) => ({ ballot, at: draw() })).sort((a, b) => a.at - b.at)
    expect(publish({ ...input, ballots: order.map(({ ballot }) => ballot) })).toEqual(publish(input))
  })

  it('negates every gap and keeps the distance when the sides change places', () => {
    const swapped = resultOf(teams.map((team) => ({ ...team, side: team.side === 'sales' ? ('marketing' as const) : ('sales' as const) })))
    for (const [index, gap] of result.gaps.entries()) {
      expect(swapped.gaps[index]?.gap).toBeCloseTo(-gap.gap, 9)
      expect(swapped.gaps[index]?.distance).toBeCloseTo(gap.distance, 9)
      expect(swapped.inputs.themes[index]?.distance).toBeCloseTo(result.inputs.themes[index]?.distance ?? -1, 9)
    }
    expect(perceptionVariance(swapped)).toBeCloseTo(perceptionVariance(result), 9)
  })
})

describe('small groups', () => {
  it('show the company alone where Company 9 = Sales 6 + Marketing 3', () => {
    const result = resultOf(company(6, 3))
    expect(result.nodes.map(({ id }) => id)).toEqual(['company'])
    expect([result.n, result.gaps, result.terms, result.inputs.missing]).toEqual([9, [], [], 'one-side'])
  })

  it('show Co, Sales, Mkt and AE of 9, 6, 3, 8 and 4', () => {
    const result = resultOf([
      { id: 'Co', side: 'other', people: [] },
      { id: 'Sales', parentId: 'Co', side: 'sales', people: [] },
      { id: 'AE', parentId: 'Sales', side: 'sales', people: crowd(9, 1) },
      { id: 'SDR', parentId: 'Sales', side: 'sales', people: crowd(6, 2) },
      { id: 'CS', parentId: 'Sales', side: 'sales', people: crowd(3, 3) },
      { id: 'Mkt', parentId: 'Co', side: 'marketing', people: [] },
      { id: 'Demand', parentId: 'Mkt', side: 'marketing', people: crowd(8, 4) },
      { id: 'Content', parentId: 'Mkt', side: 'marketing', people: crowd(4, 5) },
    ])
    expect(result.nodes.filter((node) => !('hidden' in node)).map(({ id }) => id)).toEqual(['Co', 'Sales', 'AE', 'Mkt'])
    expect(result.gaps).toHaveLength(7)
  })

  it('hide a team whose respondents are too few, and another one for it', () => {
    const result = resultOf([
      { id: 'sales', side: 'sales', people: crowd(12, 1) },
      { id: 'marketing', side: 'marketing', people: [...crowd(3, 2), ...times(5, silent)] },
      { id: 'support', side: 'other', people: crowd(14, 3) },
    ])
    expect(result.nodes.map((node) => ['hidden' in node ? node.hidden : node.n, node.id])).toEqual([
      [29, 'company'],
      ['protects-smaller', 'sales'],
      ['too-few', 'marketing'],
      [14, 'support'],
    ])
    expect(JSON.stringify(result.nodes[2])).toBe(
      '{"id":"marketing","parentId":"company","name":"marketing","side":"marketing","hidden":"too-few"}',
    )
  })

  it('hide a theme that too few of a published team answered, and the sibling that would give it away', () => {
    const skipping = crowd(9, 3).map((person, index) => (index < 3 ? person : { ...person, goals: null, 'goals-1': null, 'goals-2': null }))
    const answering = (n: number, seed: number) => crowd(n, seed).map((person) => ({ ...person, 'goals-1': 5, 'goals-2': 3 }))
    const result = resultOf([
      { id: 'sales', side: 'sales', people: answering(12, 1) },
      { id: 'marketing', side: 'marketing', people: skipping.map((person, index) => (index < 3 ? { ...person, 'goals-1': 4 } : person)) },
      { id: 'support', side: 'other', people: answering(14, 5) },
    ])
    expect(nodeOf(result, 'marketing').themes.goals).toEqual({ hidden: 'too-few' })
    expect(nodeOf(result, 'sales').themes.goals).toEqual({ hidden: 'protects-smaller' })
    expect(result.gaps.map(({ theme }) => theme)).not.toContain('goals')
    expect(nodeOf(result, 'sales').themes.metrics).toHaveProperty('value')
  })

  it('round to 5 under ten, without classes, by an interval that the rounded value alone decides', () => {
    const torn = resultOf([{ id: 'sales', side: 'sales', people: classes(all, 3, 1, 4) }])
    const lukewarm = resultOf([{ id: 'sales', side: 'sales', people: classes(all, 1, 5, 2) }])
    for (const result of [torn, lukewarm]) {
      const { value, classes, ifAllAnswered, interval } = figure(nodeOf(result, 'company').themes.goals)
      expect([value, classes, ifAllAnswered]).toEqual([55, null, null])
      expect(interval).toEqual(figure(nodeOf(torn, 'company').themes.goals).interval)
      expect(nodeOf(result, 'company').classes).toBeNull()
    }
  })

  it('contain the exact value in the interval of the rounded one', () => {
    for (let n = 5; n < 10; n++) {
      for (let critics = 0; critics <= n - 2; critics++) {
        for (let promoters = 0; promoters <= Math.min(n - 2, n - critics); promoters++) {
          if (n - critics - promoters >= n - 1) continue
          const result = resultOf([{ id: 'sales', side: 'sales', people: classes(['goals'], critics, n - critics - promoters, promoters) }])
          const { interval } = figure(nodeOf(result, 'company').themes.goals)
          const exact = 50 * (1 + (promoters - critics) / n)
          expect((interval?.low ?? 101) <= exact && exact <= (interval?.high ?? -1)).toBe(true)
        }
      }
    }
  })

  it.each([
    ['all', [0, 0, 8], 'very-high'],
    ['all but one', [1, 0, 7], 'very-high'],
    ['all but one', [0, 7, 1], 'middle'],
    ['all', [8, 0, 0], 'very-low'],
  ] as const)('say only which part of the scale where %s of them agree', (_, [critics, passives, promoters], band) => {
    const result = resultOf([{ id: 'sales', side: 'sales', people: classes(all.slice(0, -1), critics, passives, promoters) }])
    const expected = { n: 8, value: null, interval: null, ifAllAnswered: null, band, classes: null }
    expect(nodeOf(result, 'company').themes.goals).toEqual(expected)
    expect(nodeOf(result, 'company').items['goals-1']).toEqual(expected)
  })

  it('do not give a unanimous team away by subtraction from the team above', () => {
    const result = resultOf([
      { id: 'sales', side: 'sales', people: [] },
      { id: 'ae', parentId: 'sales', side: 'sales', people: classes(all, 3, 4, 4) },
      { id: 'sdr', parentId: 'sales', side: 'sales', people: classes(all, 0, 0, 6) },
      { id: 'marketing', side: 'marketing', people: crowd(12, 2) },
    ])
    expect(figure(nodeOf(result, 'sdr').items['goals-1'])).toMatchObject({ band: 'very-high', value: null })
    expect(nodeOf(result, 'ae').items['goals-1']).toEqual({ hidden: 'protects-smaller' })
    expect(figure(nodeOf(result, 'sales').items['goals-1']).classes).toEqual({ critics: 3, passives: 4, promoters: 10 })
  })

  it('do not give a unanimous side away by subtraction of the other: the company gives way to them', () => {
    const result = resultOf([
      { id: 'sales', side: 'sales', people: classes(all, 0, 1, 6) },
      { id: 'marketing', side: 'marketing', people: classes(all, 4, 3, 5) },
    ])
    expect(nodeOf(result, 'company').items['goals-1']).toEqual({ hidden: 'protects-smaller' })
    expect(nodeOf(result, 'company').themes.goals).toEqual({ hidden: 'protects-smaller' })
    expect(figure(nodeOf(result, 'sales').items['goals-1']).band).toBe('very-high')
    expect(figure(nodeOf(result, 'marketing').items['goals-1']).classes).toEqual({ critics: 4, passives: 3, promoters: 5 })
  })

  it('of neither side do not cost the comparison of the sides: the company gives way to them', () => {
    const result = resultOf([
      { id: 'sales', side: 'sales', people: crowd(12, 1) },
      { id: 'marketing', side: 'marketing', people: crowd(9, 2) },
      { id: 'support', side: 'other', people: [...crowd(3, 3), ...times(4, silent)] },
    ])
    expect(result.nodes.map((node) => ['hidden' in node ? node.hidden : node.n, node.id])).toEqual([
      ['protects-smaller', 'company'],
      [12, 'sales'],
      [9, 'marketing'],
      ['too-few', 'support'],
    ])
    expect([result.n, result.gaps.length]).toEqual([null, 7])
  })

  it('of one person who skipped a statement are not what a theme and its statements leave', () => {
    const answered = (last: number): TeamOfPeople['people'] => [...classes(['goals-1', 'goals-2'], 4, 4, 4), { 'goals-1': last }]
    const theme = (last: number) => {
      const node = nodeOf(resultOf([{ id: 'sales', side: 'sales', people: answered(last) }]), 'company')
      const [one, two] = [figure(node.items['goals-1']), figure(node.items['goals-2'])]
      const pooled = ((one.value ?? 0) * one.n + (two.value ?? 0) * two.n) / (one.n + two.n)
      expect(figure(node.themes.goals).value).toBeCloseTo(pooled, 9)
      return node
    }
    for (const last of [2, 3, 5]) theme(last)
  })

  it('of fewer than k who answered two statements keep what the two answers have in common', () => {
    const half = [...classes(['goals-1'], 5, 5, 5), ...classes(['goals-2'], 5, 5, 5)]
    const both = (people: TeamOfPeople['people']) =>
      figure(nodeOf(resultOf([{ id: 'sales', side: 'sales', people }]), 'company').themes.goals)
    const alike = both([...half, ...times(2, { 'goals-1': 5, 'goals-2': 5 }), ...times(2, { 'goals-1': 2, 'goals-2': 2 })])
    const apart = both([...half, ...times(2, { 'goals-1': 5, 'goals-2': 2 }), ...times(2, { 'goals-1': 2, 'goals-2': 5 })])
    expect(alike).toEqual(apart)
    expect(alike.classes).not.toBeNull()
  })

  it('do not give the classes of a small team away by the intervals of the larger ones', () => {
    const result = (ae: TeamOfPeople['people']) =>
      resultOf([
        { id: 'sales', side: 'sales', people: [] },
        { id: 'ae', parentId: 'sales', side: 'sales', people: ae },
        { id: 'sdr', parentId: 'sales', side: 'sales', people: crowd(8, 1) },
      ])
    const [torn, lukewarm] = [result(classes(all, 5, 2, 6)), result(classes(all, 2, 8, 3))]
    expect(figure(nodeOf(torn, 'ae').items['goals-1'])).toEqual(figure(nodeOf(lukewarm, 'ae').items['goals-1']))
    expect(figure(nodeOf(torn, 'sales').items['goals-1']).classes).not.toBeNull()
  })

  it('break a value into classes only where no difference of published ones is of 1 to 9 people', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 24 }), { minLength: 1, maxLength: 5 }), fc.integer(), (sizes, seed) => {
        fc.pre(sizes.reduce((a, b) => a + b, 0) >= 5)
        const result = resultOf([
          { id: 'sales', side: 'sales', people: [] },
          ...sizes.map((n, index): TeamOfPeople => ({ id: `t${index}`, parentId: 'sales', side: 'sales', people: crowd(n, seed + index) })),
        ])
        const split = result.nodes.flatMap((node) => ('hidden' in node ? [] : [{ ...node, item: node.items['goals-1'] }]))
        const counted = split.flatMap(({ id, parentId, item }) =>
          item && !('hidden' in item) && item.classes ? [{ id, parentId, n: item.n }] : [],
        )
        for (const { id, n } of counted) {
          expect(n).toBeGreaterThanOrEqual(10)
          const isAbove = (other: string | null): boolean =>
            other === id || (other !== null && isAbove(result.nodes.find((node) => node.id === other)?.parentId ?? null))
          const below = counted.filter(
            (other) => other.id !== id && isAbove(other.parentId) && !counted.some((mid) => mid.id === other.parentId && mid.id !== id),
          )
          const rest = below.reduce((sum, other) => sum - other.n, n)
          expect(rest === 0 || rest >= 10).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('give a coarse side to the score as it is shown, and a band as everybody of one class', () => {
    const shown = resultOf([
      { id: 'sales', side: 'sales', people: classes(all, 2, 2, 4) },
      { id: 'marketing', side: 'marketing', people: classes(all, 3, 4, 5) },
    ])
    expect(shown.inputs.themes[0]).toMatchObject({ sales: 65, marketing: 60, shares: [] })
    expect(shown.gaps[0]).toMatchObject({ sales: 65, marketing: 60, gap: 5 })
    const alike = (people: TeamOfPeople['people']) =>
      resultOf([
        { id: 'sales', side: 'sales', people },
        { id: 'marketing', side: 'marketing', people: classes(all, 3, 4, 5) },
      ])
    const [unanimous, butOne] = [alike(classes(all, 0, 0, 8)), alike(classes(all, 0, 1, 7))]
    expect(unanimous.gaps).toEqual([])
    expect(unanimous.inputs.themes[0]?.sales).toBe(100)
    expect(butOne.inputs).toEqual(unanimous.inputs)
    expect(butOne.nodes).toEqual(unanimous.nodes)
  })

  it('of two sides tell a term by steps of 0.05 and nothing within the small side', () => {
    const sla = (counts: number[]) => counts.flatMap((n, option) => times(n, { 'definition-sla': option }))
    const result = resultOf([
      { id: 'sales', side: 'sales', people: sla([4, 3, 1]) },
      { id: 'marketing', side: 'marketing', people: sla([5, 5, 2]) },
    ])
    expect(result.terms[0]).toMatchObject({ term: 'sla', nSales: 8, nMarketing: 12, between: 0.4, withinSales: null, divide: null })
    expect(result.terms[0]?.withinMarketing).toBeCloseTo(42 / 132, 12)
    const large = resultOf([
      { id: 'sales', side: 'sales', people: sla([6, 3, 1, 0]) },
      { id: 'marketing', side: 'marketing', people: sla([4, 2, 4, 0]) },
    ])
    expect(large.terms[0]?.between).toBeCloseTo(0.24 + 0.06 + 0.04, 12)
    expect(large.inputs.terms[0]?.value).toBeCloseTo(34, 10)
  })
})

describe('input that leaves little to say', () => {
  const nobody = (n: number) => times(n, silent)

  it('no ballot at all', () => {
    const result = resultOf([
      { id: 'sales', side: 'sales', people: nobody(8) },
      { id: 'marketing', side: 'marketing', people: nobody(8) },
    ])
    expect([result.n, result.gaps, result.terms, result.comments, result.inputs.missing]).toEqual([null, [], [], [], 'no-answers'])
    expect(result.nodes.every((node) => 'hidden' in node && node.hidden === 'too-few')).toBe(true)
  })

  it('one ballot', () => {
    const result = resultOf([{ id: 'sales', side: 'sales', people: [...crowd(1, 1), ...nobody(8)] }], { comments: ['It was me'] })
    expect([result.n, result.comments]).toEqual([null, []])
    expect(numbersIn(result.nodes)).toEqual([])
  })

  it('everybody skips everything', () => {
    const skipped = { goals: null }
    const result = resultOf([
      { id: 'sales', side: 'sales', people: times(12, skipped) },
      { id: 'marketing', side: 'marketing', people: times(12, skipped) },
    ])
    expect(result.n).toBe(24)
    expect(nodeOf(result, 'company').headline).toEqual({ hidden: 'too-few' })
    expect(nodeOf(result, 'company').themes.goals).toEqual({ hidden: 'too-few' })
    expect([result.gaps, result.terms, result.inputs.missing, nodeOf(result, 'company').classes]).toEqual([[], [], 'no-answers', null])
    expect(isAllFinite(result)).toBe(true)
  })

  it('one side only', () => {
    const result = resultOf([{ id: 'sales', side: 'sales', people: crowd(20, 1) }])
    expect([result.n, result.gaps, result.inputs.missing]).toEqual([20, [], 'one-side'])
  })

  it('teams of neither side', () => {
    const result = resultOf([{ id: 'hr', side: 'other', people: crowd(20, 1) }])
    expect([result.n, result.inputs.missing]).toEqual([20, 'one-side'])
  })

  it('everybody of both sides agrees, and the score is still not certain', () => {
    const result = resultOf([
      { id: 'sales', side: 'sales', people: classes(all, 0, 0, 12) },
      { id: 'marketing', side: 'marketing', people: classes(all, 0, 0, 12) },
    ])
    expect(result.inputs.themes[0]).toMatchObject({ sales: 100, marketing: 100, distance: 0 })
    expect(perceptionVariance(result)).toBeGreaterThan(1)
    expect(isAllFinite(result)).toBe(true)
  })

  it('is finite, in range and quiet about small groups in any round', () => {
    const team = fc.record({
      side: fc.constantFrom('sales' as const, 'marketing' as const, 'other' as const),
      n: fc.nat(14),
      skip: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(team, { minLength: 1, maxLength: 6 }), fc.integer(), (drawn, seed) => {
        fc.pre(drawn.reduce((sum, { n }) => sum + n, 0) >= 5)
        const draw = random(seed)
        const result = resultOf(
          drawn.map(({ side, n, skip }, index) => ({
            id: `t${index}`,
            side,
            people: crowd(n, seed + index).map((person) =>
              Object.fromEntries(Object.entries(person).map(([key, answer]) => [key, draw() < skip ? null : answer])),
            ),
          })),
        )
        expect(isAllFinite(result)).toBe(true)
        for (const node of result.nodes) {
          if ('hidden' in node) continue
          expect(node.n).toBeGreaterThanOrEqual(5)
          for (const one of [...Object.values(node.themes), ...Object.values(node.items), node.headline]) {
            if ('hidden' in one) continue
            expect(one.n).toBeGreaterThanOrEqual(5)
            if (one.n < 10) expect([(one.value ?? 0) % 5 === 0, one.classes, one.ifAllAnswered]).toEqual([true, null, null])
            if (one.value !== null) expect((one.interval?.low ?? 101) <= one.value && one.value <= (one.interval?.high ?? -101)).toBe(true)
          }
        }
        for (const { value, variance } of result.inputs.terms) expect(value >= 0 && value <= 100 && variance > 0).toBe(true)
        for (const { kappa, themes: variances, perception } of result.inputs.uncertainty) {
          expect([perception, ...variances].every((variance) => variance > 0)).toBe(result.inputs.themes.length > 0)
          expect(result.inputs.themes.map((theme) => themeValue(theme, kappa)).every((value) => value >= 0 && value <= 100)).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('comments', () => {
  const people = [{ id: 'sales', side: 'sales' as const, people: crowd(12, 1) }]
  const comments = ['One\u0007', '\u202eTwo\n lines', 'Ask ann.lee@acme.example or +49 30 1234 5678 before 2026-11-22', '   ']

  it('are shuffled, without controls, addresses or numbers', () => {
    const result = resultOf(people, { comments })
    expect(result.comments.toSorted()).toEqual(['Ask ••• or ••• before 2026-11-22', 'One', 'Two lines'])
  })

  it('name nobody who is known', () => {
    const told = resultOf(people, {
      comments: ['Lisa Lee never calls back', 'Ask Lee', 'We need more leads'],
      names: ['Lisa Lee', 'Bo Ek'],
    })
    expect(told.comments.toSorted()).toEqual(['Ask •••', 'We need more leads', '••• never calls back'])
  })

  it('are left out where there is no room for all of them, and how many is said', () => {
    const long = Array.from({ length: 4000 }, (_, index) => `${index} ${'x'.repeat(700)}`)
    const result = resultOf(people, { comments: long })
    expect(JSON.stringify(result).length).toBeLessThan(1_900_100)
    expect(result.comments.length).toBeGreaterThan(2000)
    expect(result.comments.length + (result.commentsLeftOut ?? 0)).toBe(4000)
    expect('commentsLeftOut' in resultOf(people, { comments })).toBe(false)
  })

  it('need three commenters and ten respondents', () => {
    expect(resultOf(people, { comments: comments.slice(0, 2) }).comments).toEqual([])
    expect(resultOf([{ id: 'sales', side: 'sales', people: crowd(9, 1) }], { comments }).comments).toEqual([])
  })
})

describe('a very large round', () => {
  it('of 20,000 respondents in 40 teams is published whole', () => {
    const draw = random(3)
    const teams = Array.from(
      { length: 40 },
      (_, index): TeamOfPeople => ({
        id: `t${index}`,
        side: index % 2 ? 'sales' : 'marketing',
        people: Array.from({ length: 500 }, () => somebody(draw)),
      }),
    )
    const result = resultOf(teams)
    expect(result.n).toBe(20_000)
    expect(Math.sqrt(perceptionVariance(result))).toBeLessThan(1)
  }, 30_000)
})
