import { describe, expect, it } from 'vitest'
import { causeFinding, gapFinding, groupFinding, sideOf, teamsOf, titleFinding, trendFinding } from '../../worker/core/findings'
import type { Figure, NodeResult, ThemeGap } from '../../worker/core/result'
import type { Side, Theme } from '../../worker/core/round'
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
    expect(causeFinding(change)).toMatchObject({ kind: 'part', direction: 'rise', main: { key: 'goals' }, against: { key: 'cac' } })
  })

  it('reads a fall the same way', () => {
    expect(causeFinding(aChange([part('goals', -2.5), part('cac', 0.5)]))).toMatchObject({
      direction: 'fall',
      main: { key: 'goals' },
      against: { key: 'cac' },
    })
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
