import { describe, expect, it } from 'vitest'
import { type SampleStageEvent, sampleHistory } from '../../worker/core/sample-history'
import { sampleFacts, sampleKpiMonths } from '../../worker/core/sample-organisation'
import { median } from '../../worker/core/statistics'

const months = sampleKpiMonths(new Date('2026-11-22T10:00:00Z'))
const { leads, deals } = sampleFacts(months)
const history = sampleHistory(months, leads, deals)
const { stages, activities, touches } = history

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)
const created = new Map(leads.map(({ id, created: day }) => [id, day]))
const before = months.slice(0, 12)
const after = months.slice(-3)
const isOf = (range: readonly string[], leadId: string) => range.includes((created.get(leadId) ?? '').slice(0, 7))

function firstOf<Row extends { at: number }>(rows: readonly Row[], keyOf: (row: Row) => string | null): Map<string, number> {
  const first = new Map<string, number>()
  for (const row of rows) {
    const key = keyOf(row)
    if (key !== null) first.set(key, Math.min(row.at, first.get(key) ?? row.at))
  }
  return first
}
const entered = (stage: SampleStageEvent['stage']) =>
  firstOf(
    stages.filter((event) => event.what === 'entered' && event.stage === stage),
    ({ leadId }) => leadId,
  )

describe('the history of the sample', () => {
  it('is the same each time, with ids that are each used once, and ends with its months', () => {
    expect(sampleHistory(months, leads, deals)).toEqual(history)
    for (const rows of [stages, activities, touches]) {
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
      for (const { at } of rows) expect([Number.isInteger(at), dayOf(at) < '2026-11-01']).toEqual([true, true])
    }
  })

  it('happens to leads that are there, after they were created, one stage after the other and no later than their deal', () => {
    for (const { leadId, at } of stages) expect(dayOf(at) >= (created.get(leadId) ?? '9')).toBe(true)
    const [mql, sal, sql] = [entered('mql'), entered('sal'), entered('sql')]
    for (const [lead, at] of sal) expect(at).toBeGreaterThanOrEqual(mql.get(lead) ?? Number.POSITIVE_INFINITY)
    for (const [lead, at] of sql) expect(at).toBeGreaterThanOrEqual(sal.get(lead) ?? Number.POSITIVE_INFINITY)
    for (const { leadId, created: opened } of deals) if (leadId) expect(dayOf(sql.get(leadId) ?? Number.NaN) <= opened).toBe(true)
  })

  it('calls leads sooner, accepts more of them and says why it sends one back, since the SLA', () => {
    const [mql, sal] = [entered('mql'), entered('sal')]
    const attempts = firstOf(activities, ({ leadId }) => leadId)
    const accepted = (range: readonly string[]) => {
      const handed = [...mql.keys()].filter((lead) => isOf(range, lead))
      return handed.filter((lead) => sal.has(lead)).length / handed.length
    }
    const delay = (range: readonly string[]) =>
      median([...mql].flatMap(([lead, at]) => (isOf(range, lead) && attempts.has(lead) ? [(attempts.get(lead) ?? 0) - at] : []))) ?? 0
    const blank = (range: readonly string[]) => {
      const returned = stages.filter(({ what, leadId }) => what === 'returned' && isOf(range, leadId))
      return returned.filter(({ reason }) => reason === '').length / returned.length
    }
    expect(accepted(after) - accepted(before)).toBeGreaterThan(0.05)
    expect(delay(after)).toBeLessThan(delay(before) * 0.6)
    expect([blank(before) > 0.3, blank(after) < 0.1]).toEqual([true, true])
  })

  it('knows contacts of customers on the way to their deals, and of some none in the last month', () => {
    const won = deals.filter(({ stage }) => stage === 'Closed won')
    const days = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000
    const inTime = won.filter(({ customerId, closed }) =>
      touches.some((touch) => touch.customerId === customerId && days(dayOf(touch.at), closed ?? '') <= 30),
    )
    expect(touches.every(({ customerId, at }) => dayOf(at) <= (deals.find((deal) => deal.customerId === customerId)?.closed ?? '9'))).toBe(
      true,
    )
    expect(inTime.length / won.length).toBeGreaterThan(0.8)
    expect(inTime.length).toBeLessThan(won.length)
  })
})
