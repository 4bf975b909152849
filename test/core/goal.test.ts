import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GoalScale, goalPosition, goalScore } from '../../worker/core/goal'
import { kpiMeasures, type MetricValue } from '../../worker/core/performance'
import type { BaselineEvent, MetricGoal } from '../../worker/core/scoring-rules'

const cost = (scale: GoalScale) => ({ baseline: 1200, target: 900, scale })
const conversion = { baseline: 0.15, target: 0.2, scale: 'linear' as const }

describe('where a KPI stands', () => {
  it.each([
    [1050, 75, 73.21],
    [1500, 0, 11.22],
    [900, 100, 100],
    [1200, 50, 50],
  ])('a cost of %i is %d, or %d on a log scale', (value, linear, log) => {
    expect(goalScore(value, cost('linear'))).toBeCloseTo(linear, 10)
    expect(goalScore(value, cost('log'))).toBeCloseTo(log, 2)
  })

  it.each([
    [0.18, 80],
    [0.12, 20],
  ])('a conversion of %d is %d', (value, score) => expect(goalScore(value, conversion)).toBeCloseTo(score, 10))

  // Fixed goalposts of other packages: theirs run from 0 to 1, ours from the far side of the baseline to the target.
  it.each([
    [
      'goalposts 0 and 10',
      5,
      10,
      [
        [1, 0.1],
        [11, 1],
        [-1, 0],
      ],
    ],
    [
      'goalposts 0 and 10, less is better',
      5,
      0,
      [
        [1, 0.9],
        [-1, 1],
        [11, 0],
      ],
    ],
    ['a desirability from 80 to 97', 88.5, 97, [[81.09, 0.064118]]],
  ] as const)('is COINr’s and Derringer and Suich’s of %s', (_, baseline, target, cases) => {
    for (const [value, share] of cases) expect((goalScore(value, { baseline, target, scale: 'linear' }) ?? -1) / 100).toBeCloseTo(share, 6)
  })

  it('is clipped to 0–100, with the unclipped position beside it', () => {
    expect([goalScore(0.3, conversion), goalPosition(0.3, conversion)]).toEqual([100, expect.closeTo(200, 9)])
    expect([goalScore(0, conversion), goalPosition(0, conversion)]).toEqual([0, expect.closeTo(-100, 9)])
  })

  it.each([
    ['target = baseline', 5, { baseline: 3, target: 3, scale: 'linear' }],
    ['a log of 0', 0, { baseline: 3, target: 2, scale: 'log' }],
    ['a log of a negative cost', -4, { baseline: 3, target: 2, scale: 'log' }],
    ['a negative baseline on a log scale', 4, { baseline: -3, target: 2, scale: 'log' }],
    ['an infinite cost', Number.POSITIVE_INFINITY, { baseline: 3, target: 2, scale: 'linear' }],
    ['no number', Number.NaN, { baseline: 3, target: 2, scale: 'linear' }],
    ['a baseline and a target that cannot be told apart', 1e300, { baseline: 0, target: 5e-324, scale: 'linear' }],
  ] as const)('is absent for %s', (_, value, goal) => expect(goalScore(value, goal)).toBeNull())

  it('is a score or absent, whatever comes in', () => {
    const number = fc.double()
    fc.assert(
      fc.property(number, number, number, fc.constantFrom<GoalScale>('linear', 'log'), (value, baseline, target, scale) => {
        const score = goalScore(value, { baseline, target, scale })
        expect(score === null || (score >= 0 && score <= 100)).toBe(true)
      }),
    )
  })
})

describe('the KPIs of a round', () => {
  const goal = (of: Partial<MetricGoal> = {}): MetricGoal => ({ metric: 'cac', target: 900, baseline: 1200, scale: 'linear', ...of })
  const rules = (goals: readonly MetricGoal[], baseline: BaselineEvent | null = null) => ({ goals, baseline })
  const month = (period: string, value: number | null, of: Partial<MetricValue> = {}): MetricValue => ({
    metric: 'cac',
    period,
    value,
    provisional: false,
    ...of,
  })

  it('take the latest whole month up to the round’s', () => {
    const values = [month('2026-07', 1100), month('2026-08', 1050), month('2026-09', 900, { provisional: true }), month('2026-10', 600)]
    expect(kpiMeasures(rules([goal()]), values, '2026-09').measures).toEqual([
      { metric: 'cac', period: '2026-08', observed: 1050, baseline: 1200, target: 900, score: 75, unclipped: 75 },
    ])
  })

  it('skip a month whose value is undefined, and nothing older than two months', () => {
    const values = [month('2025-12', 1050), month('2026-01', null), month('2026-02', null)]
    expect(kpiMeasures(rules([goal()]), values, '2026-02').measures[0]?.period).toBe('2025-12')
    expect(kpiMeasures(rules([goal()]), values, '2026-03')).toEqual({
      measures: [],
      missing: 'kpis-too-old',
      absent: [{ key: 'cac', reason: 'kpis-too-old' }],
    })
  })

  it('are left out one by one, each with its reason', () => {
    const { measures, missing, absent } = kpiMeasures(
      rules([goal(), goal({ metric: 'win_rate' }), goal({ metric: 'sales_cycle', baseline: null })]),
      [month('2026-09', 1050), month('2026-05', 3, { metric: 'win_rate' }), month('2026-09', 30, { metric: 'sales_cycle' })],
      '2026-09',
    )
    expect([measures.map(({ metric }) => metric), missing]).toEqual([['cac'], null])
    expect(absent).toEqual([
      { key: 'win_rate', reason: 'kpis-too-old' },
      { key: 'sales_cycle', reason: 'no-baseline' },
    ])
  })

  it('measure from the median of the first six whole months where no baseline is set', () => {
    const months = [5, 1, 3, 2, 6, 4, 100, 100].map((value, index) => month(`2026-0${index + 1}`, value))
    expect(kpiMeasures(rules([goal({ baseline: null, target: 7 })]), months, '2026-08').measures[0]).toMatchObject({
      baseline: 3.5,
      score: 100,
    })
    expect(kpiMeasures(rules([goal({ baseline: null })]), months.slice(0, 2), '2026-02').missing).toBe('no-baseline')
  })

  it('measure from the median of the months before an event, where the baseline ends with one', () => {
    const months = [9, 9, 9, 5, 6, 7, 100, 8].map((value, index) => month(`2026-0${index + 1}`, value))
    const event = { day: '2026-07-14', name: 'SLA signed' }
    expect(kpiMeasures(rules([goal({ baseline: null, target: 4 })], event), months, '2026-08').measures[0]).toMatchObject({
      baseline: 8,
      observed: 8,
    })
    expect(kpiMeasures(rules([goal({ baseline: null })], { ...event, day: '2026-03-01' }), months, '2026-08').missing).toBe('no-baseline')
  })

  it.each([
    ['no KPI', [goal()], [], 'no-kpis'],
    ['only undefined KPIs', [goal()], [month('2026-09', null)], 'no-kpis'],
    ['no target', [], [month('2026-09', 5)], 'no-targets'],
    ['a target that is the baseline', [goal({ target: 1200 })], [month('2026-09', 5)], 'no-targets'],
    ['an infinite cost', [goal()], [month('2026-09', Number.POSITIVE_INFINITY)], 'no-kpis'],
    ['KPIs of other metrics only', [goal()], [month('2026-09', 5, { metric: 'win_rate' })], 'no-kpis'],
  ] as const)('say what is missing: %s', (_, goals, values, missing) => {
    expect(kpiMeasures(rules(goals), values, '2026-09')).toMatchObject({ measures: [], missing })
  })
})
