import { describe, expect, it } from 'vitest'
import type { Observation } from '../../worker/core/metrics'
import type { Figure, NodeFigures, NodeResult, NumberAgreement, PublicResult } from '../../worker/core/result'
import { wilson } from '../../worker/core/statistics'
import { type RoundNumbers, threeNumbers } from '../../worker/core/three-numbers'

const figure = (promoters: number, passives: number, critics: number): Figure => ({
  n: promoters + passives + critics,
  value: 50,
  interval: null,
  ifAllAnswered: null,
  band: null,
  classes: { promoters, passives, critics },
})

const node = (side: 'sales' | 'marketing', items: NodeFigures['items']): NodeResult => ({
  id: `side-${side}`,
  parentId: 'company',
  name: '',
  side,
  invited: 20,
  n: 20,
  headline: { hidden: 'too-few' },
  themes: {},
  items,
  definitions: {},
  classes: null,
})

const company: NodeResult = { ...node('sales', {}), id: 'company', parentId: null, side: 'other' } as NodeResult
const resultOf = (...nodes: NodeResult[]): Pick<PublicResult, 'nodes' | 'number' | 'period'> => ({
  nodes: [company, ...nodes],
  number: 12,
  period: '2026-10',
})

const month = (metric: Observation['metric'], period: string, value: number | null, parts: Partial<Observation> = {}): Observation => ({
  metric,
  basis: 'period',
  window: '',
  period,
  value,
  numerator: null,
  denominator: null,
  count: 0,
  mean: null,
  p90: null,
  provisional: false,
  asOf: new Date('2026-11-01T00:00:00Z'),
  ...parts,
})

const hours = (medianSales: number | null, medianMarketing: number | null): NumberAgreement[] => [
  { itemId: 'number-first-hours', nSales: 32, nMarketing: 16, medianSales, medianMarketing } as NumberAgreement,
]
const asked = (number: number, numbers: NumberAgreement[]): RoundNumbers => ({ number, period: '2026-09', numbers })

describe('three numbers on one line', () => {
  it('sets the share of each side that agrees beside the share of leads, each with its interval', () => {
    const result = resultOf(node('sales', { 'hand-off-2': figure(12, 5, 3) }), node('marketing', { 'hand-off-2': figure(8, 6, 6) }))
    const crm = month('response_24h', '2026-09', 0.75, { numerator: 150, denominator: 200 })
    const [, line] = threeNumbers(result, [], [crm, month('response_24h', '2026-10', null), month('response_24h', '2026-11', 0.1)])
    expect(line).toMatchObject({
      key: 'follow-up',
      asked: { number: 12 },
      sales: { value: 0.6, n: 20, interval: wilson(12, 20) },
      marketing: { value: 0.4, n: 20, interval: wilson(8, 20) },
      crm: { value: 0.75, n: 200, period: '2026-09', interval: wilson(150, 200) }, // the last month with a value, none after the round
    })
  })

  it('says of a hidden side only that it is, and of few answers nothing', () => {
    const few: Figure = { ...figure(3, 2, 1), classes: null }
    const hidden: NodeResult = { id: 'side-sales', parentId: 'company', name: '', side: 'sales', hidden: 'too-few' }
    const [, line] = threeNumbers(resultOf(hidden, node('marketing', { 'hand-off-2': few })), [], [])
    expect(line).toMatchObject({ sales: { hidden: 'too-few' }, marketing: { missing: 'few' }, crm: null })
  })

  it('takes hours from the latest round that asked for them, as long as its term counts, and minutes of the CRM as hours', () => {
    const rounds = [asked(8, hours(40, 30)), asked(11, hours(31, 20)), asked(13, hours(1, 1))]
    const [line] = threeNumbers(resultOf(), rounds, [month('response_time', '2026-10', 858, { count: 90 })])
    expect(line).toMatchObject({
      asked: { number: 11 },
      sales: { value: 31, n: 32, interval: null },
      marketing: { value: 20, n: 16 },
      crm: { value: 14.3, n: 90 },
    })
    expect(threeNumbers(resultOf(), [asked(6, hours(31, 20))], [])[0]).toMatchObject({ asked: null, sales: { missing: 'unasked' } })
    expect(threeNumbers(resultOf(), [asked(11, hours(null, null))], [])[0]).toMatchObject({
      sales: { missing: 'few' },
      marketing: { missing: 'few' },
    })
  })
})
