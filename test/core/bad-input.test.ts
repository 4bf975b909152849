/** Whatever comes in, the score is defined: a number or, with a reason, none. Never NaN, never a false 0. */
import { describe, expect, it } from 'vitest'
import { noSums } from '../../worker/core/fact-sums'
import { observationsOf } from '../../worker/core/kpi'
import type { Observation } from '../../worker/core/metrics'
import { kpiMeasures, type MetricValue } from '../../worker/core/performance'
import type { PillarMissing, RoundResult } from '../../worker/core/result'
import { themes } from '../../worker/core/round'
import { alignmentScore, type ScoreBody } from '../../worker/core/score'
import { defaultRules, type MetricGoal } from '../../worker/core/scoring-rules'
import { type Answers, classes, items, numbersIn, resultOf, silent, type TeamOfPeople, times } from './rounds'

const terms = items.flatMap((item) => (item.kind === 'definition' ? [item.id] : []))
const everything = [...themes, 'headline']
const side = (id: 'sales' | 'marketing', people: readonly Answers[]): TeamOfPeople => ({ id, side: id, people: [...people] })
/** As many people of one class who choose the options of a term in turn. */
const people = (critics: number, passives: number, promoters: number) =>
  classes(everything, critics, passives, promoters).map((answers, index) => ({
    ...answers,
    ...Object.fromEntries(terms.map((term) => [term, index % 3])),
  }))

const goal: MetricGoal = { metric: 'cac', target: 900, baseline: 1200, scale: 'linear' }
const month = (period: string, value: number | null): MetricValue => ({ metric: 'cac', period, value, provisional: false })

function scoreOf(result: RoundResult, goals: readonly MetricGoal[] = [goal], values: readonly MetricValue[] = [month('2026-09', 1050)]) {
  return alignmentScore({
    round: { roundId: 'r1', number: 1, period: '2026-09' },
    people: result.inputs,
    earlierTerms: [],
    kpis: kpiMeasures({ goals, baseline: null }, values, '2026-09'),
    rules: defaultRules,
  })
}

const missing = ({ pillars }: ScoreBody): (PillarMissing | null)[] => pillars.map((pillar) => pillar.missing)

/** No number anywhere that is none, and no pillar that is 0 for lack of data. */
function expectDefined(of: object) {
  const numbers = numbersIn(of)
  expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([])
}

const whole = resultOf([side('sales', people(4, 4, 6)), side('marketing', people(2, 4, 6))])

describe('a round', () => {
  it('with no answers at all', () => {
    const result = resultOf([side('sales', times(8, silent)), side('marketing', times(8, silent))])
    expectDefined(result)
    expect([result.n, result.gaps, result.terms]).toEqual([null, [], []])
    const score = scoreOf(result)
    expectDefined(score)
    expect([score.value, score.interval, missing(score)]).toEqual([null, null, ['no-answers', 'no-terms', 'no-clauses', null]])
  })

  it('with one side only', () => {
    const result = resultOf([side('sales', people(4, 4, 6)), side('marketing', times(8, silent))])
    expectDefined(result)
    const score = scoreOf(result)
    expect([score.value, score.weightPresent, missing(score)]).toEqual([null, 0.25, ['one-side', 'one-side', 'no-clauses', null]])
  })

  it('with one answer on a side', () => {
    const result = resultOf([side('sales', people(4, 4, 6)), side('marketing', [...people(0, 0, 1), ...times(7, silent)])])
    expectDefined(result)
    expect(result.nodes.find(({ id }) => id === 'marketing')).toMatchObject({ hidden: 'too-few' })
    expect(missing(scoreOf(result))[0]).toBe('one-side')
  })

  it('in which everybody skips everything', () => {
    const skips = times(8, { headline: null, goals: null })
    const result = resultOf([side('sales', skips), side('marketing', skips)])
    expectDefined(result)
    expect(result.n).toBe(16)
    expect(result.gaps).toEqual([])
    const score = scoreOf(result)
    expectDefined(score)
    expect([score.value, missing(score).slice(0, 2)]).toEqual([null, ['no-answers', 'no-terms']])
  })

  it.each([
    ['promoters', people(0, 0, 12), 100],
    ['critics', people(12, 0, 0), 0],
    ['passives', people(0, 12, 0), 50],
  ])('in which everybody is of one class: %s', (_, team, level) => {
    const result = resultOf([side('sales', team), side('marketing', team)])
    expectDefined(result)
    const score = scoreOf(result)
    expectDefined(score)
    expect(score.pillars[0]?.value).toBeCloseTo(level, 12)
    const width = (score.interval?.high ?? 0) - (score.interval?.low ?? 0)
    expect(width).toBeGreaterThan(2) // not certain, though nobody differs
  })

  it('with a unanimous team of fewer than ten, of which only a band is shown', () => {
    const result = resultOf([side('sales', people(0, 0, 6)), side('marketing', people(2, 4, 6))])
    expectDefined(result)
    expectDefined(scoreOf(result))
    expect(result.gaps).toEqual([])
    expect(scoreOf(result).value).not.toBeNull()
  })
})

describe('a KPI', () => {
  const performance = (goals: readonly MetricGoal[], values: readonly MetricValue[]) => {
    const score = scoreOf(whole, goals, values)
    expectDefined(score)
    const [, , , pillar] = score.pillars
    return [pillar?.value ?? null, pillar?.missing ?? null, score.value === null]
  }

  it('whose target is its baseline', () =>
    expect(performance([{ ...goal, target: 1200 }], [month('2026-09', 1050)])).toEqual([null, 'no-targets', true]))

  it('with an infinite cost', () =>
    expect(performance([goal], [month('2026-09', Number.POSITIVE_INFINITY)])).toEqual([null, 'no-kpis', true]))

  it('that is no number', () => expect(performance([goal], [month('2026-09', Number.NaN)])).toEqual([null, 'no-kpis', true]))

  it('with a negative cost: beyond the target on a straight scale, none on a logarithmic one', () => {
    expect(performance([goal], [month('2026-09', -50)])).toEqual([100, null, false])
    expect(performance([{ ...goal, scale: 'log' }], [month('2026-09', -50)])).toEqual([null, 'no-targets', true])
  })

  it('whose month is missing, takes an earlier one up to two months old and no older', () => {
    expect(performance([goal], [month('2026-07', 1050)])).toEqual([75, null, false])
    expect(performance([goal], [month('2026-07', 1050), month('2026-08', null), month('2026-09', null)])).toEqual([75, null, false])
    expect(performance([goal], [month('2026-06', 1050)])).toEqual([null, 'kpis-too-old', true])
  })

  it('with a zero denominator has no value: leads without a deal, deals without a lead, spend without a customer', () => {
    const asOf = { moment: new Date('2026-12-01T00:00:00Z'), day: '2026-12-01' }
    const closed = { won: 0, lost: 0, amounts: 0, revenue: 0, lostAmount: 0, newCustomers: 0 }
    const found = observationsOf(
      {
        ...noSums,
        leads: new Map([['2026-09', 5]]),
        closed: new Map([
          ['2026-08', { ...closed, won: 2, lost: 1, amounts: 2, revenue: 100, newCustomers: 0 }],
          ['2026-09', closed],
        ]),
        spend: new Map([['2026-08', { total: 700, sales: 0, marketing: 700 }]]),
      },
      { lead: asOf, deal: asOf, spend: asOf },
      '2026-09-30',
    )
    const seen = (metric: Observation['metric'], period: string) =>
      found.find((one) => one.metric === metric && one.period === period && one.basis === 'period')
    expect(seen('lead_conversion', '2026-08')).toMatchObject({ value: null, denominator: 0 })
    expect(seen('win_rate', '2026-09')).toMatchObject({ value: null, denominator: 0 })
    expect(seen('cac', '2026-08')).toMatchObject({ value: null, denominator: 0 })
    expect(seen('revenue_growth', '2026-08')).toMatchObject({ value: null })
    expect(seen('lead_conversion', '2026-09')).toMatchObject({ value: 0, numerator: 0, denominator: 5 }) // a true 0
    expectDefined(found)
  })
})

describe('a score', () => {
  it('with fewer than two thirds of the weight has no value, and says what there is', () => {
    const score = scoreOf(whole, [], [])
    expect([score.value, score.interval, score.variance]).toEqual([null, null, 0])
    expect(score.weightPresent).toBeCloseTo(0.55, 12)
    expect(score.peopleIndex).not.toBeNull()
    expect(score.pillars.flatMap(({ parts }) => parts.map(({ points }) => points)).every((points) => points === null)).toBe(true)
  })

  it('with exactly two thirds has one', () => {
    const rules = { version: 2, kappa: 0.25 as const, weights: { perception: 2 / 3, definitions: 0, process: 1 / 3, performance: 0 } }
    const score = alignmentScore({
      ...{ round: { roundId: 'r1', number: 1, period: '2026-09' }, people: whole.inputs, earlierTerms: [] },
      ...{ kpis: { measures: [], missing: 'no-kpis', absent: [] }, rules },
    })
    expect(score.value).not.toBeNull()
  })
})
