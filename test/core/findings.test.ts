import { describe, expect, it } from 'vitest'
import { aroundEvent } from '../../worker/core/around-event'
import type { Clause } from '../../worker/core/clause'
import {
  aroundFinding,
  causeFinding,
  gapFinding,
  groupFinding,
  type JudgedKpi,
  kpiFinding,
  promiseFinding,
  relationFinding,
  sideOf,
  teamsOf,
  termFinding,
  titleFinding,
  trendFinding,
  weightsFinding,
} from '../../worker/core/findings'
import type { KpiRelation } from '../../worker/core/relation'
import type { Figure, NodeResult, Score, TermAgreement, ThemeGap } from '../../worker/core/result'
import type { Side, Term, Theme } from '../../worker/core/round'
import { aChange, part } from './changes'

const signal = (points: number) => ({ points, verdict: 'signal' as const })
const normal = (points: number) => ({ points, verdict: 'normal' as const })

describe('the title', () => {
  it('names a direction only where the change is a signal', () => {
    expect(titleFinding(68, signal(11.9), normal(4))).toEqual({ kind: 'since-baseline', direction: 'better', points: 12 })
    expect(titleFinding(40, signal(-11.9), null)).toEqual({ kind: 'since-baseline', direction: 'worse', points: 12 })
    expect(titleFinding(68, normal(4), signal(3.6))).toEqual({ kind: 'since-last', direction: 'better', points: 4 })
    expect(titleFinding(68, normal(9), normal(9))).toEqual({ kind: 'steady' })
  })

  it('names no change that prints as 0 points', () => {
    expect(titleFinding(68, signal(0.4), normal(0.4))).toEqual({ kind: 'steady' })
  })

  it('falls back to what there is', () => {
    expect(titleFinding(56, null, null)).toEqual({ kind: 'first', value: 56 })
    expect(titleFinding(56, null, normal(1))).toEqual({ kind: 'steady' })
    expect(titleFinding(null, null, null)).toEqual({ kind: 'no-score' })
  })
})

describe('the cause of a change', () => {
  it('is the part that makes half of it, with the largest against it', () => {
    const change = aChange([part('goals', 2.5), part('messaging', 0.6), part('cac', -0.6), part('metrics', -0.1)])
    expect(causeFinding(change)).toMatchObject({ kind: 'part', direction: 'rise', main: [{ key: 'goals' }], against: { key: 'cac' } })
  })

  it('reads a fall the same way', () => {
    expect(causeFinding(aChange([part('goals', -2.5), part('cac', 0.5)]))).toMatchObject({
      direction: 'fall',
      main: [{ key: 'goals' }],
      against: { key: 'cac' },
    })
  })

  it('is two parts where it takes both, and no part where another prints the same', () => {
    const two = aChange([part('a', -2.5), part('b', -2.5), part('cac', -0.5), part('growth', 2)])
    expect(causeFinding(two)).toMatchObject({ direction: 'fall', main: [{ key: 'a' }, { key: 'b' }], against: { key: 'growth' } })
    expect(causeFinding(aChange([part('a', -2.5), part('b', -1.5), part('c', -1.5), part('d', -0.2)]))).toEqual({ kind: 'several' })
  })

  it('is nobody’s where noise or many parts make it', () => {
    expect(causeFinding(aChange([part('goals', -0.4), part('messaging', -1.4, true)]))).toEqual({ kind: 'noise' })
    expect(causeFinding(aChange([part('a', 1), part('b', 1), part('c', 1)]))).toEqual({ kind: 'several' })
    expect(causeFinding(aChange([part('a', 2), part('b', -2)]))).toEqual({ kind: 'still' })
    expect(causeFinding(null)).toEqual({ kind: 'first' })
  })
})

describe('the trend', () => {
  const points = (...verdicts: ('signal' | 'normal' | null)[]) =>
    verdicts.map((verdict, index) => ({ number: index + 1, value: 50 + index, verdict, mean: verdict ? 50 : null }))

  it('says when there is too little of it', () => {
    expect(trendFinding(points(null), () => null)).toEqual({ kind: 'one-round' })
    expect(trendFinding(points(null, null), () => null)).toEqual({ kind: 'too-few' })
    expect(trendFinding(points(null, null, null), () => null)).toEqual({ kind: 'neutral' })
  })

  it('names the first signal of its direction and the event before it', () => {
    const verdicts = points('normal', 'normal', 'normal', 'normal', 'normal', 'normal', 'signal', 'signal')
    expect(trendFinding(verdicts, (number) => (number >= 7 ? 'SLA signed' : null))).toEqual({
      kind: 'signal',
      direction: 'above',
      number: 7,
      event: 'SLA signed',
    })
  })

  it('says that nothing happened once six rounds say so', () => {
    expect(trendFinding(points('normal', 'normal', 'normal', 'normal', 'normal', 'normal'), () => null)).toEqual({ kind: 'within' })
  })
})

const aGap = (theme: Theme, gap: number, half: number, p = 0.01): ThemeGap => ({
  theme,
  sales: 50,
  marketing: 50 - gap,
  gap,
  interval: { low: gap - half, high: gap + half },
  distance: 0,
  p,
})

describe('the sides', () => {
  it('are divided by the widest gap that is beyond chance', () => {
    expect(gapFinding([aGap('goals', -8, 9), aGap('lead-quality', 6, 5), aGap('metrics', -7, 5)])).toEqual({
      kind: 'divides',
      theme: 'metrics',
    })
  })

  it('are not divided where every gap could be chance', () => {
    expect(gapFinding([aGap('goals', -8, 9), aGap('metrics', -7, 5, 0.2)])).toEqual({ kind: 'none' })
    expect(gapFinding([])).toEqual({ kind: 'neutral' })
  })
})

const figure = (value: number, half: number): Figure => ({
  n: 12,
  value,
  interval: { low: value - half, high: value + half },
  ifAllAnswered: null,
  band: null,
  classes: null,
})

const aNode = (id: string, parentId: string | null, side: Side, goals: Figure): NodeResult => ({
  id,
  parentId,
  name: id,
  side,
  invited: 12,
  n: 12,
  headline: figure(0, 9),
  themes: { goals },
  items: {},
  definitions: {},
  classes: null,
})

describe('the teams', () => {
  const nodes: NodeResult[] = [
    aNode('company', null, 'other', figure(60, 4)),
    aNode('sales', 'company', 'sales', figure(55, 5)),
    aNode('sdr', 'sales', 'sales', figure(40, 10)),
    aNode('ae', 'sales', 'sales', figure(65, 10)),
    aNode('marketing', 'company', 'marketing', figure(65, 5)),
    { id: 'events', parentId: 'marketing', name: 'events', side: 'marketing', hidden: 'too-few' },
  ]

  it('are what is below the company and the sides', () => {
    expect(sideOf({ nodes }, 'sales')?.id).toBe('sales')
    expect(teamsOf({ nodes }).map(({ id }) => id)).toEqual(['sdr', 'ae', 'events'])
  })

  it('have a lowest one where its interval lies below the company', () => {
    expect(groupFinding({ nodes })).toEqual({ kind: 'lowest', name: 'sdr', theme: 'goals' })
  })

  it('have none where it could be chance, or where there is nothing to compare', () => {
    const wide = nodes.map((node) => (node.id === 'sdr' ? aNode('sdr', 'sales', 'sales', figure(40, 25)) : node))
    expect(groupFinding({ nodes: wide })).toEqual({ kind: 'neutral' })
    expect(groupFinding({ nodes: nodes.filter(({ id }) => id !== 'ae') })).toEqual({ kind: 'neutral' })
  })
})

describe('the terms', () => {
  const agreementOf = (
    term: Term,
    between: number,
    [low, high]: [number, number],
    divide: [number, number] | null = null,
  ): TermAgreement => ({
    ...{ term, itemId: `definition-${term}`, nSales: 12, nMarketing: 12, between, withinSales: 0.5, withinMarketing: 0.5, divide: 0.1 },
    interval: { low, high },
    divideInterval: divide && { low: divide[0], high: divide[1] },
  })

  it('name the one that is shared least, and whether each side has a meaning of its own', () => {
    const terms = [agreementOf('sla', 0.3, [0.1, 0.45]), agreementOf('icp', 0.2, [0.1, 0.4], [0.05, 0.5])]
    expect(termFinding(terms)).toEqual({ kind: 'rival', term: 'icp', between: 0.2, interval: { low: 0.1, high: 0.4 } })
    expect(termFinding(terms.slice(0, 1))).toMatchObject({ kind: 'unshared', term: 'sla' })
    expect(termFinding([agreementOf('icp', 0.2, [0.1, 0.4], [-0.05, 0.5])])).toMatchObject({ kind: 'unshared' })
  })

  it('say nothing where the interval leaves it open', () => {
    expect(termFinding([agreementOf('sla', 0.3, [0.1, 0.55])])).toEqual({ kind: 'neutral' })
    expect(termFinding([agreementOf('sla', 0.8, [0.6, 0.9]), agreementOf('icp', 0.7, [0.45, 0.9])])).toEqual({ kind: 'neutral' })
    expect(termFinding([{ ...agreementOf('sla', 0.1, [0, 1]), interval: null }])).toEqual({ kind: 'neutral' })
    expect(termFinding([])).toEqual({ kind: 'neutral' })
  })

  it('are shared where every interval says so', () => {
    expect(termFinding([agreementOf('sla', 0.8, [0.6, 0.9]), agreementOf('icp', 0.7, [0.55, 0.9])])).toEqual({ kind: 'shared' })
  })
})

describe('the KPIs', () => {
  const kpi = (metric: string, better: 'higher' | 'lower' | null, value: number, verdict: 'signal' | 'normal' = 'signal'): JudgedKpi => ({
    ...{ metric, better, value },
    range: { verdict, low: 40, high: 60 },
  })

  it('name the one that got worse, whatever got better', () => {
    expect(kpiFinding([kpi('win_rate', 'higher', 90), kpi('cac', 'lower', 70), kpi('sales_cycle', 'lower', 65)])).toEqual({
      ...{ kind: 'worse', metric: 'cac', value: 70, low: 40, high: 60 },
    })
    expect(kpiFinding([kpi('win_rate', 'higher', 90), kpi('cac', 'lower', 30)])).toMatchObject({ kind: 'better', metric: 'win_rate' })
  })

  it('name none within their normal range, or of which no direction is good', () => {
    expect(kpiFinding([kpi('cac', 'lower', 59, 'normal'), kpi('deal_size', null, 90)])).toEqual({ kind: 'within' })
    expect(kpiFinding([])).toEqual({ kind: 'neutral' })
  })
})

describe('other weights', () => {
  const change = (verdict: 'signal' | 'normal') => ({ ...aChange([part('goals', 4)]), verdict })
  const under = (low: number, high: number, holds: 'rise' | 'fall' | null) => ({ low, high, holds, pillars: [] })

  it('are spoken of only where there is a change to speak of', () => {
    expect(weightsFinding(change('signal'), under(1, 6, 'rise'))).toEqual({ kind: 'holds', direction: 'rise', low: 1, high: 6 })
    expect(weightsFinding(change('signal'), under(-1, 6, null))).toEqual({ kind: 'depends', low: -1, high: 6 })
    expect(weightsFinding(change('normal'), under(1, 6, 'rise'))).toEqual({ kind: 'noise', low: 1, high: 6 })
    expect(weightsFinding(null, null)).toEqual({ kind: 'neutral' })
  })
})

describe('before an event and after it', () => {
  const months = (values: number[]) => values.map((value, index) => ({ period: `2026-${String(index + 1).padStart(2, '0')}`, value }))
  const rows = (values: number[]) => aroundEvent('2026-05-01', [{ measure: 'cac', values: months(values) }])

  it('names what differs, and which way', () => {
    expect(aroundFinding(rows([50, 52, 51, 49, 41, 40, 42, 43]))).toMatchObject({
      kind: 'lower',
      measure: 'cac',
      before: 50.5,
      after: 41.5,
    })
    expect(aroundFinding(rows([50, 52, 51, 49, 51, 50, 52, 49]))).toEqual({ kind: 'none' })
    expect(aroundFinding(rows([50, 52, 51, 49, 70, 71]))).toEqual({ kind: 'too-few' })
  })
})

describe('what moves with the people index', () => {
  const measured = (key: string, rho: number, p: number, verdict: 'moves-with' | 'no-detectable-relation'): KpiRelation => ({
    ...{ key, kind: 'measured', periods: 18, lag: 1, rho, p, adjustedP: p, verdict },
  })

  it('is the surest relation, whichever way it goes', () => {
    const found = relationFinding([measured('cac', -0.8, 0.004, 'moves-with'), measured('win_rate', 0.7, 0.01, 'moves-with')])
    expect(found).toEqual({ kind: 'against', metric: 'cac', lag: 1, rho: -0.8, periods: 18 })
    expect(relationFinding([measured('win_rate', 0.7, 0.01, 'moves-with')])).toMatchObject({ kind: 'with', metric: 'win_rate' })
  })

  it('is nothing where none can be detected, or there are too few periods', () => {
    expect(relationFinding([measured('cac', -0.3, 0.4, 'no-detectable-relation')])).toEqual({ kind: 'none', periods: 18 })
    expect(relationFinding([{ key: 'cac', kind: 'too-few', periods: 9 }])).toEqual({ kind: 'too-few', periods: 9 })
    expect(relationFinding([])).toEqual({ kind: 'neutral' })
  })
})

describe('the promises of a round', () => {
  const clause = { kind: 'volume', side: 'marketing' } as unknown as Clause
  const kept = (key: string, times: number, due: number) => ({ key, from: '2026-10', promise: { clause, kept: times, due } })
  const found = (...parts: ReturnType<typeof kept>[]) => promiseFinding({ pillars: [{ parts }] } as unknown as Score)

  it('name the one that was missed most often; of two alike, the first', () => {
    expect(found(kept('clause-a', 3, 4), kept('clause-b', 2, 4), kept('clause-c', 4, 4))).toMatchObject({
      kind: 'missed',
      key: 'clause-b',
      missed: 2,
      due: 4,
      period: '2026-10',
      others: 1,
    })
    expect(found(kept('clause-a', 3, 4), kept('clause-b', 3, 4))).toMatchObject({ key: 'clause-a', others: 1 })
  })

  it('say that all were kept only where something was due', () => {
    expect([found(kept('clause-a', 4, 4)), found()]).toEqual([{ kind: 'kept', clauses: 1 }, { kind: 'neutral' }])
  })
})
