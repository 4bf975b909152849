import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Class } from '../../worker/core/favourability'
import { type KpiMeasure, kpiMeasures } from '../../worker/core/performance'
import type { ClauseMeasure, ScoredClauses } from '../../worker/core/process'
import {
  type Pillar,
  pillars,
  type Score,
  type ScoreInputs,
  type ScorePart,
  type SideShares,
  type ThemeInput,
} from '../../worker/core/result'
import { type Term, type Theme, terms } from '../../worker/core/round'
import { alignmentScore, canScore, hasValue, type ScoreSource, scoreChange, type TermMeasure } from '../../worker/core/score'
import { type ThemeAnswers, type ThemeScore, themeScore, themeValue, without } from '../../worker/core/score-inputs'
import { defaultRules, defaultWeights, kappas, type Weights } from '../../worker/core/scoring-rules'
import { tQuantile } from '../../worker/core/statistics'
import { largestGap } from '../split'
import { numbersIn, resultOf, type TeamOfPeople, times } from './rounds'

/** One item: for each side [critics, passives, promoters]; several items are answered by the same people. */
function answersOf(items: readonly (readonly [readonly number[], readonly number[]])[]): ThemeAnswers {
  const spread = ([critics = 0, passives = 0, promoters = 0]: readonly number[]): Class[] => [
    ...new Array<Class>(critics).fill('critics'),
    ...new Array<Class>(passives).fill('passives'),
    ...new Array<Class>(promoters).fill('promoters'),
  ]
  const side = (index: 0 | 1) => {
    const answers = items.map((item) => spread(item[index]))
    return (answers[0] ?? []).map((_, person) => answers.map((of) => of[person] ?? null))
  }
  const classes = { sales: side(0), marketing: side(1) }
  return { classes, people: { sales: classes.sales.map(() => 1), marketing: classes.marketing.map(() => 1) } }
}

const before = {
  goals: answersOf([
    [
      [4, 3, 3],
      [1, 2, 5],
    ],
  ]),
  quality: answersOf([
    [
      [5, 3, 2],
      [1, 3, 4],
    ],
    [
      [6, 2, 2],
      [1, 4, 3],
    ],
  ]),
} as const
const after = {
  goals: answersOf([
    [
      [2, 4, 4],
      [1, 2, 5],
    ],
  ]),
  quality: answersOf([
    [
      [3, 4, 3],
      [1, 3, 4],
    ],
    [
      [4, 3, 3],
      [1, 3, 4],
    ],
  ]),
} as const

describe('a theme', () => {
  // The last digit of quality is by exact fractions; a table of 0.507805 and 0.112735 is 7e-6 off.
  it.each([
    ['goals before', before.goals, '60.0000', '0.416135', '54.7983', '49.5966'],
    ['quality before', before.quality, '49.0625', '0.507806', '42.7149', '36.3673'],
    ['goals after', after.goals, '67.5000', '0.000000', '67.5000', '67.5000'],
    ['quality after', after.quality, '58.1250', '0.112742', '56.7157', '55.3065'],
  ])('%s is the method’s example', (_, answers, level, distance, quarter, half) => {
    const found = themeScore(answers) as ThemeScore
    expect((found.sales + found.marketing) / 2).toBeCloseTo(Number(level), 4)
    expect(found.distance.toFixed(6)).toBe(distance)
    expect([themeValue(found, 1 / 4), themeValue(found, 1 / 2)].map((value) => value.toFixed(4))).toEqual([quarter, half])
  })

  it('without one person is what it would be had they not answered', () => {
    const answers = before.quality
    const found = themeScore(answers) as ThemeScore
    for (const side of ['sales', 'marketing'] as const) {
      for (const index of answers.classes[side].keys()) {
        const others = (list: readonly unknown[]) => list.filter((_, at) => at !== index)
        const rest = {
          classes: { ...answers.classes, [side]: others(answers.classes[side]) },
          people: { ...answers.people, [side]: others(answers.people[side]) },
        } as ThemeAnswers
        for (const kappa of kappas) {
          expect(without(found, kappa)[side][index]).toBeCloseTo(themeValue(themeScore(rest) as ThemeScore, kappa), 10)
        }
      }
    }
  })

  it('stays in 0–100 at any penalty up to a half', () => {
    const side = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)).filter((of) => of.some((n) => n > 0))
    fc.assert(
      fc.property(side, side, fc.double({ min: 0, max: 0.5, noNaN: true }), (s, m, penalty) => {
        const value = themeValue(themeScore(answersOf([[s, m]])) as ThemeScore, penalty)
        expect(value >= -1e-9 && value <= 100 + 1e-9).toBe(true)
      }),
    )
  })

  it('is absent where a side is silent', () => expect(themeScore(answersOf([[[1, 1, 1], []]]))).toBeNull())
})

const round = { roundId: 'r8', number: 8, period: '2026-09' }
const none: ScoreInputs = {
  themes: [],
  terms: [],
  uncertainty: [],
  termsVariance: 0,
  degreesOfFreedom: 0,
  missing: 'one-side',
}
const theme = (value: number, name: Theme = 'goals'): ThemeInput => ({
  theme: name,
  sales: value,
  marketing: value,
  distance: 0,
  shares: [],
})
const people: ScoreInputs = {
  themes: [theme(62)],
  terms: [{ term: 'sla', value: 40, variance: 16 }],
  uncertainty: [{ kappa: 0.25, themes: [9], perception: 9, both: 2 }],
  termsVariance: 16,
  degreesOfFreedom: 9,
  missing: null,
}
const kpi: KpiMeasure = { metric: 'cac', period: '2026-08', observed: 1050, baseline: 1200, target: 900, score: 75, unclipped: 75 }
const clause: ClauseMeasure = {
  ...{ key: 'clause-m', period: '2026-08', kept: 3, due: 4, score: 75 },
  clause: {
    ...{ kind: 'volume', side: 'marketing', stage: 'mql', atLeast: 50, counts: 'since-last', onHoliday: 'as-is' },
    due: { every: 'week', weekday: 1, time: '09:00' },
  },
}
const noClauses: ScoredClauses = { measures: [], missing: 'no-clauses', absent: [] }
const noKpis = { measures: [], missing: null, absent: [] }
const source: ScoreSource = { round, people, earlierTerms: [], kpis: { measures: [kpi], missing: null, absent: [] }, rules: defaultRules }
const whole = (of: ReturnType<typeof alignmentScore>): Score => ({ ...of, inputsHash: '', revision: 1, ballots: 40, invited: 50 })

describe('the alignment score', () => {
  it('weighs what is present: Perception 62, one term at 40 and a KPI half-way are 61.9', () => {
    const score = alignmentScore(source)
    expect(score.value).toBeCloseTo((0.4 * 62 + 0.15 * 40 + 0.25 * 75) / 0.8, 12)
    expect(score.weightPresent).toBeCloseTo(0.8, 12)
    expect(score.peopleIndex).toBeCloseTo((0.4 * 62 + 0.15 * 40) / 0.55, 12)
    expect(score.numbersIndex).toBe(75)
    expect(score.pillars.map(({ pillar, value, missing }) => [pillar, value, missing])).toEqual([
      ['perception', 62, null],
      ['definitions', 40, null],
      ['process', null, 'no-clauses'],
      ['performance', 75, null],
    ])
    expect(score.pillars.at(-1)?.parts[0]?.kpi).toEqual({ observed: 1050, baseline: 1200, target: 900, unclipped: 75 })
  })

  it('takes Process from clauses and from KPIs of how the sides work together', () => {
    const acceptance = { ...kpi, metric: 'mql_acceptance', score: 40 }
    const process = {
      clauses: { ...noClauses, measures: [clause], absent: [{ key: 'clause-s', reason: 'clauses-open' as const }] },
      kpis: { measures: [acceptance], missing: null, absent: [] },
    }
    const score = alignmentScore({ ...source, process })
    const pillar = score.pillars[2]
    expect([pillar?.value, pillar?.absent]).toEqual([(75 + 40) / 2, [{ key: 'clause-s', reason: 'clauses-open' }]])
    expect(pillar?.parts[0]).toMatchObject({ key: 'clause-m', from: '2026-08', weight: 0.5, promise: { kept: 3, due: 4 } })
    expect(score.value).toBeCloseTo(0.4 * 62 + 0.15 * 40 + 0.2 * 57.5 + 0.25 * 75, 12)
    expect(score.numbersIndex).toBeCloseTo((0.2 * 57.5 + 0.25 * 75) / 0.45, 12)
    expect(score.variance).toBeLessThan(alignmentScore(source).variance) // promises are fixed numbers
    const waits = alignmentScore({ ...source, process: { ...process, clauses: { ...noClauses, missing: 'clauses-open' }, kpis: noKpis } })
    expect(waits.pillars[2]).toMatchObject({ value: null, missing: 'clauses-open' })
  })

  it('has the interval of its answers, with t of the smaller side', () => {
    const score = alignmentScore(source)
    const [p, d] = [0.4 / 0.8, 0.15 / 0.8]
    const variance = p ** 2 * 9 + 2 * p * d * 2 + d ** 2 * 16
    expect(score.variance).toBeCloseTo(variance, 12)
    expect((score.interval?.high ?? 0) - (score.value ?? 0)).toBeCloseTo(tQuantile(9) * Math.sqrt(variance), 9)
  })

  it('names what was asked and is not in it, and KPIs with a goal and no value', () => {
    const asked = { themes: ['goals', 'messaging'] as Theme[], terms: ['sla', 'icp', 'persona'] as Term[] }
    const score = alignmentScore({
      ...source,
      people: { ...people, asked },
      earlierTerms: [{ term: 'icp', round: 5, value: 60, variance: 4 }],
      kpis: { measures: [kpi], missing: null, absent: [{ key: 'win_rate', reason: 'kpis-too-old' }] },
    })
    expect(score.pillars.map(({ absent }) => absent)).toEqual([
      [{ key: 'messaging', reason: 'suppressed' }],
      [{ key: 'persona', reason: 'suppressed' }],
      [],
      [{ key: 'win_rate', reason: 'kpis-too-old' }],
    ])
    expect(alignmentScore({ ...source, people: { ...none, asked } }).pillars[0]?.absent?.map(({ reason }) => reason)).toEqual([
      'one-side',
      'one-side',
    ])
  })

  it('takes terms of the last six rounds, each from its latest, and says how old they are', () => {
    const earlierTerms: TermMeasure[] = [
      { term: 'sla', round: 7, value: 99, variance: 1 }, // asked again since
      { term: 'icp', round: 3, value: 50, variance: 4 },
      { term: 'icp', round: 5, value: 60, variance: 4 },
      { term: 'persona', round: 2, value: 10, variance: 4 }, // seven rounds with this one
    ]
    const [, definitions] = alignmentScore({ ...source, earlierTerms }).pillars
    expect(definitions?.parts.map(({ key, value, from }) => [key, value, from])).toEqual([
      ['sla', 40, '8'],
      ['icp', 60, '5'],
    ])
    expect(definitions?.value).toBe(50)
  })

  it('counts the variance of an earlier term for itself', () => {
    const score = alignmentScore({ ...source, earlierTerms: [{ term: 'icp', round: 5, value: 60, variance: 4 }] })
    const [p, each] = [0.5, 0.15 / 0.8 / 2]
    expect(score.variance).toBeCloseTo(p ** 2 * 9 + 2 * p * each * 2 + each ** 2 * 16 + each ** 2 * 4, 12)
  })

  it.each([
    ['fewer than two thirds of the weight', { ...source, kpis: { measures: [], missing: 'no-targets', absent: [] } }, 0.55],
    ['Perception and KPIs without a term', { ...source, people: { ...people, terms: [] } }, 0.65],
    ['one side only', { ...source, people: none }, 0.25],
    ['nothing at all', { ...source, people: none, kpis: { measures: [], missing: 'no-kpis', absent: [] } }, 0],
  ] as const)('has no value, and no false 0, for %s', (_, of, present) => {
    const score = alignmentScore(of as ScoreSource)
    expect([score.value, score.interval]).toEqual([null, null])
    expect(score.weightPresent).toBeCloseTo(present, 12)
    expect(score.pillars.every(({ value, missing }) => (value === null) !== (missing === null))).toBe(true)
    expect(numbersIn(score).every(Number.isFinite)).toBe(true)
  })

  it('has configurable weights that sum to 1 by default', () => {
    expect(pillars.reduce((sum, pillar) => sum + defaultWeights[pillar], 0)).toBeCloseTo(1, 12)
    const weights = { perception: 0.5, definitions: 0.3, process: 0, performance: 0.2 }
    expect(alignmentScore({ ...source, rules: { ...defaultRules, weights } }).value).toBeCloseTo(31 + 12 + 15, 12)
  })
})

/** A score of these pillar values, one part each. */
function scoreWith(values: readonly (number | null)[], weights: readonly number[], variance = 0): Score {
  const scored = values.map((value, index) => {
    const pillar = pillars[index] as Pillar
    const parts: ScorePart[] = value === null ? [] : [{ key: pillar, value, weight: 1, from: '1', variance, points: null }]
    return { pillar, weight: weights[index] as number, value, missing: value === null ? ('no-kpis' as const) : null, parts }
  })
  const present = scored.filter(({ value }) => value !== null).reduce((sum, { weight }) => sum + weight, 0)
  const value = scored.reduce((sum, one) => sum + one.weight * (one.value ?? 0), 0) / present
  return { ...whole(alignmentScore(source)), value, weightPresent: present, pillars: scored, variance, degreesOfFreedom: 9 }
}

const points = (of: { points: number }[]) => of.map((one) => Number(one.points.toFixed(9)))

describe('a change of the score', () => {
  it('splits 62 → 67.8 into +3, +4 and −1.2', () => {
    const weights = [0.5, 0.2, 0.3]
    const change = scoreChange(scoreWith([60, 40, 80], weights), scoreWith([66, 60, 76], weights))
    expect(change.points).toBeCloseTo(5.8, 12)
    expect(points(change.contributions)).toEqual([3, 4, -1.2])
    expect([change.likeForLike, change.added, change.dropped]).toEqual([expect.closeTo(5.8, 12), 0, 0])
  })

  it('tells +2.25 like for like from 5.5 that a missing part leaves behind', () => {
    const weights = [0.5, 0.2, 0.3]
    const change = scoreChange(scoreWith([60, 40, 80], weights), scoreWith([66, null, 76], weights))
    expect(change.points).toBeCloseTo(7.75, 12)
    expect([change.likeForLike, change.added, change.dropped]).toEqual([expect.closeTo(2.25, 12), 0, expect.closeTo(5.5, 12)])
    expect(change.contributions.reduce((sum, one) => sum + one.points, 0)).toBeCloseTo(7.75, 12)
  })

  it('is a signal only where its interval leaves out 0', () => {
    const weights = [0.5, 0.2, 0.3]
    const [low, high] = [scoreWith([60, 40, 80], weights, 4), scoreWith([66, 60, 76], weights, 4)]
    const change = scoreChange(low, high)
    expect(change.interval.high - change.points).toBeCloseTo(tQuantile(9) * Math.sqrt(8), 9)
    expect(change.verdict).toBe('normal')
    expect(change.contributions.map(({ withinNoise }) => withinNoise)).toEqual([true, false, true])
    expect(scoreChange(low, scoreWith([90, 90, 90], weights, 4)).verdict).toBe('signal')
  })

  it('of KPIs is never noise, unless nothing moved', () => {
    const change = scoreChange(scoreWith([60, 40], [0.5, 0.5]), scoreWith([60, 41], [0.5, 0.5]))
    expect(change.contributions.map(({ withinNoise }) => withinNoise)).toEqual([true, false])
  })

  it('needs two scores', () => {
    const missing = whole(alignmentScore({ ...source, people: none }))
    expect(hasValue(missing)).toBe(false)
    expect(() => scoreChange(missing, whole(alignmentScore(source)))).toThrow(RangeError)
  })

  it('is never told between two versions of the rules or of the method', () => {
    const score = whole(alignmentScore(source))
    expect(() => scoreChange(score, { ...score, rulesVersion: 2 })).toThrow(RangeError)
    expect(() => scoreChange(score, { ...score, methodVersion: '0' })).toThrow(RangeError)
  })

  it('sums to the last digit whatever parts come and go', () => {
    const some = fc.subarray([...terms], { minLength: 0 })
    const value = fc.double({ min: 0, max: 100, noNaN: true })
    const share = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map(([critics, passives, promoters]) => {
      const n = Math.max(1, critics + passives + promoters)
      return { promoters: promoters / n, critics: critics / n }
    })
    const names = ['goals', 'messaging', 'metrics'] as const
    const aTheme = fc.record({ sales: share, marketing: share, distance: fc.double({ min: 0, max: 2, noNaN: true }), said: fc.boolean() })
    const side = fc.record({
      themes: fc.array(aTheme, { minLength: 0, maxLength: 3 }),
      terms: some.chain((of) => fc.tuple(...of.map((name) => fc.tuple(fc.constant<Term>(name), value)))),
      kpis: fc
        .subarray(['cac', 'win_rate', 'sales_cycle'])
        .chain((of) => fc.tuple(...of.map((name) => fc.tuple(fc.constant(name), value)))),
      clauses: fc
        .subarray(['clause-m', 'clause-s', 'clause-r'])
        .chain((of) => fc.tuple(...of.map((name) => fc.tuple(fc.constant(name), fc.nat(5))))),
      acceptance: fc.option(value),
    })
    type Side = typeof side extends fc.Arbitrary<infer T> ? T : never
    const scoreOf = ({ themes, terms: termValues, kpis, clauses, acceptance }: Side, weights: Weights, kappa: (typeof kappas)[number]) =>
      whole(
        alignmentScore({
          round,
          people: {
            ...people,
            themes: themes.map(({ sales, marketing, distance, said }, index): ThemeInput => {
              const shares: SideShares[] = said
                ? [
                    { side: 'sales', ...sales },
                    { side: 'marketing', ...marketing },
                  ]
                : []
              const [s, m] = [sales, marketing].map((of) => 50 * (1 + of.promoters - of.critics)) as [number, number]
              return { theme: names[index] as Theme, sales: s, marketing: m, distance, shares }
            }),
            terms: termValues.map(([term, one]) => ({ term, value: one, variance: 2 })),
            uncertainty: kappas.map((one) => ({ kappa: one, themes: themes.map(() => 4), perception: 2, both: 1 })),
          },
          earlierTerms: [],
          kpis: { measures: kpis.map(([metric, score]) => ({ ...kpi, metric, score })), missing: 'no-kpis', absent: [] },
          process: {
            clauses: { ...noClauses, measures: clauses.map(([key, kept]) => ({ ...clause, key, kept, due: 5, score: 20 * kept })) },
            kpis: {
              measures: acceptance === null ? [] : [{ ...kpi, metric: 'mql_acceptance', score: acceptance }],
              missing: null,
              absent: [],
            },
          },
          rules: { version: 1, weights, kappa },
        }),
      )
    const weights = fc.constantFrom(defaultWeights, { perception: 0.7, definitions: 0.1, process: 0.1, performance: 0.1 })
    const near = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(1e-9)
    const sum = (of: readonly number[]) => of.reduce((all, one) => all + one, 0)
    fc.assert(
      fc.property(side, side, weights, fc.constantFrom(...kappas), (a, b, weight, kappa) => {
        const [from, to] = [scoreOf(a, weight, kappa), scoreOf(b, weight, kappa)]
        if (!hasValue(from) || !hasValue(to)) return
        near(sum(to.pillars.flatMap(({ parts }) => parts.map((one) => one.points ?? Number.NaN))), to.value)
        const change = scoreChange(from, to)
        expect(change.points).toBe(to.value - from.value)
        expect(largestGap(change)).toBeLessThan(1e-9)
        for (const { kind, pillar, sides, key, clause: promised } of change.contributions) {
          expect(promised !== undefined).toBe(key.startsWith('clause-'))
          expect(sides !== null).toBe(pillar === 'perception' && kind === 'like-for-like')
          for (const one of sides ? [sides.sales, sides.marketing] : []) expect(one.promoters === null).toBe(one.critics === null)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('splits a theme into both sides, promoters, critics and distance: the method’s two rounds', () => {
    const inputs = (of: { goals: ThemeAnswers; quality: ThemeAnswers }, shares: SideShares[][]): ScoreInputs => ({
      ...people,
      themes: (['goals', 'lead-quality'] as const).map((name, index) => {
        const { left: _, ...found } = themeScore(index === 0 ? of.goals : of.quality) as ThemeScore
        return { theme: name, ...found, shares: shares[index] ?? [] }
      }),
      terms: [],
      uncertainty: [{ kappa: 0.25, themes: [9, 9], perception: 9, both: 0 }],
    })
    const side = (name: 'sales' | 'marketing', promoters: number, critics: number): SideShares => ({ side: name, promoters, critics })
    const [from, to] = [
      inputs(before, [[side('sales', 0.3, 0.4), side('marketing', 5 / 8, 1 / 8)]]),
      inputs(after, [[side('sales', 0.4, 0.2), side('marketing', 5 / 8, 1 / 8)]]),
    ].map((of) =>
      whole(
        alignmentScore({
          ...source,
          people: of,
          rules: { ...defaultRules, weights: { perception: 1, definitions: 0, process: 0, performance: 0 } },
        }),
      ),
    ) as [Score, Score]
    const { points, contributions } = scoreChange(from, to)
    // (67.5 + 56.7157)/2 − (54.7983 + 42.7149)/2
    expect(points).toBeCloseTo(13.3512, 4)
    const [goals, quality] = contributions
    expect(goals?.points).toBeCloseTo(6.3508, 4)
    expect(goals?.sides?.sales).toEqual({
      points: expect.closeTo(3.75, 9),
      promoters: expect.closeTo(1.25, 9),
      critics: expect.closeTo(2.5, 9),
    })
    expect(goals?.sides?.marketing).toEqual({ points: 0, promoters: 0, critics: expect.closeTo(0, 9) })
    expect(goals?.sides?.distance).toBeCloseTo(0.5 * 12.5 * 0.416135, 5)
    expect(quality?.points).toBeCloseTo(7.0004, 4)
    expect(quality?.sides?.sales).toMatchObject({ promoters: null, critics: null })
  })
})

describe('from ballots to the score', () => {
  const ballots = (side: 'sales' | 'marketing', marks: readonly number[]): TeamOfPeople => ({
    id: side,
    side,
    people: marks.flatMap((mark, index) =>
      times(1, { goals: mark, 'lead-quality': mark, metrics: marks[(index + 3) % marks.length] as number, 'definition-sla': index % 3 }),
    ),
  })
  const published = (sales: readonly number[], marketing: readonly number[]) =>
    resultOf([ballots('sales', sales), ballots('marketing', marketing)]).inputs
  const low = published([1, 2, 3, 3, 2, 4, 5, 3, 1, 2, 4, 3], [4, 4, 5, 3, 2, 5, 4, 3, 4, 5])
  const high = published([5, 4, 3, 5, 4, 4, 5, 3, 5, 4, 4, 5], [4, 4, 5, 3, 5, 5, 4, 4, 4, 5])
  const kpis = kpiMeasures(
    { goals: [{ metric: 'cac', target: 900, baseline: 1200, scale: 'log' }], baseline: null },
    [{ metric: 'cac', period: '2026-09', value: 1000, provisional: false }],
    '2026-09',
  )

  it('moves up with the answers, by contributions that sum to the change', () => {
    const [from, to] = [low, high].map((inputs) => whole(alignmentScore({ ...source, people: inputs, kpis }))) as [Score, Score]
    const change = scoreChange(from, to)
    expect(change.points).toBeGreaterThan(10)
    expect(change.verdict).toBe('signal')
    expect(change.contributions.reduce((sum, one) => sum + one.points, 0)).toBeCloseTo(change.points, 9)
  })

  it('keeps Perception as the mean of its themes, from the exact figures of both sides', () => {
    expect(low.themes.map(({ theme: name }) => name)).toEqual(['goals', 'lead-quality', 'metrics'])
    for (const kappa of kappas) {
      const [perception] = alignmentScore({ ...source, people: low, rules: { ...defaultRules, kappa } }).pillars
      const values = low.themes.map(({ sales, marketing, distance }) => (sales + marketing) / 2 - 50 * kappa * distance)
      expect(perception?.value).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 3, 12)
    }
  })

  it('is more uncertain the more the distance of the sides counts, and cannot be scored with another κ than it knows', () => {
    const widths = kappas.map((kappa) => low.uncertainty.find((one) => one.kappa === kappa)?.perception ?? 0)
    expect(widths).toEqual([...widths].sort((a, b) => a - b))
    expect(kappas.map((kappa) => canScore(low, kappa))).toEqual([true, true, true])
    const early = { ...low, uncertainty: low.uncertainty.filter(({ kappa }) => kappa === 0.25) }
    expect(canScore(early, 0.5)).toBe(false)
    expect(() => alignmentScore({ ...source, people: early, rules: { ...defaultRules, kappa: 0.5 } })).toThrow(RangeError)
  })

  it('is sure of itself to a few points with 12 and 10 people, never entirely', () => {
    const { interval } = alignmentScore({ ...source, people: low, kpis })
    const width = (interval?.high ?? 0) - (interval?.low ?? 0)
    expect(width).toBeGreaterThan(5)
    expect(width).toBeLessThan(45)
  })
})
