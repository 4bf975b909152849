import { describe, expect, it } from 'vitest'
import type { Stage } from '../../worker/core/facts'
import {
  bottleneckMinimum,
  bottleneckOf,
  type ComparedStage,
  compared,
  FunnelCounter,
  type FunnelStage,
  GroupCounter,
  isProvisional,
  windowBefore,
} from '../../worker/core/funnel'
import type { LeadHistory, PathRule } from '../../worker/core/lead-path'
import { randomFrom } from '../../worker/core/random'
import { wilson } from '../../worker/core/statistics'

const through: Stage[] = ['lead', 'mql', 'sal', 'sql', 'opportunity', 'customer']

type Told = LeadHistory['events'][number]
const on = (what: Told['what'], stage: Stage, day: string, reason = ''): Told => ({ what, stage, day, at: null, reason })
const aLead = (events: Told[] = [], deals: LeadHistory['deals'] = []): LeadHistory => ({
  created: { day: '2026-03-02', at: null },
  events,
  deals,
})

function count(leads: readonly LeadHistory[], rule: PathRule = 'any', asOf = '2026-11-22', stages = through): FunnelStage[] {
  const counter = new FunnelCounter(stages, rule, asOf)
  for (const lead of leads) counter.add(lead)
  return counter.stages()
}

describe('a funnel', () => {
  const mql = on('entered', 'mql', '2026-03-04')
  const leads = [
    aLead(),
    aLead([mql, on('entered', 'mql', '2026-04-01'), on('entered', 'mql', '2026-05-01')]),
    aLead([mql, on('returned', 'mql', '2026-03-10', 'No budget')]),
    aLead([mql, on('returned', 'mql', '2026-03-11')]),
    aLead([mql, on('returned', 'mql', '2026-03-11')]),
    aLead([mql, on('lost', 'mql', '2026-03-12', 'Not a fit')]),
    aLead([mql, on('entered', 'sal', '2026-03-09')]),
    aLead([mql, on('entered', 'sql', '2026-03-14')]),
  ]
  const [lead, second, sal, sql, opportunity] = count(leads)

  it('counts each lead once in each stage that it reached, however often it came back', () => {
    expect([lead?.count, second?.count, sal?.count, sql?.count, opportunity?.count]).toEqual([8, 7, 2, 1, 0])
    expect(sal?.next).toEqual({ value: 2 / 7, numerator: 2, denominator: 7, interval: wilson(2, 7) })
    expect(sal?.cumulative).toMatchObject({ value: 2 / 8, numerator: 2, denominator: 8 })
    expect(lead?.next).toBeNull()
  })

  it('has no share where nobody could go on', () => {
    expect(count(leads.slice(0, 1))[2]?.next).toEqual({ value: null, numerator: 0, denominator: 0, interval: null })
    expect(count([])[0]?.cumulative.value).toBeNull()
  })

  it('splits each leak into lost, returned and still open, with its reasons in order and the blank ones as a group', () => {
    expect(sal?.leak).toEqual({
      count: 5,
      lost: { count: 1, reasons: [{ reason: 'Not a fit', count: 1 }] },
      returned: {
        count: 3,
        reasons: [
          { reason: '', count: 2 },
          { reason: 'No budget', count: 1 },
        ],
      },
      open: { count: 1, medianDays: 263, p90Days: 263, oldestDays: 263 },
    })
    for (const rule of ['any', 'strict'] as const) {
      const stages = count(leads, rule)
      for (const [index, { leak, count: reached }] of stages.slice(1).entries()) {
        expect(leak?.count).toBe((stages[index]?.count ?? 0) - reached)
        expect(leak?.count).toBe((leak?.lost.count ?? 0) + (leak?.returned.count ?? 0) + (leak?.open.count ?? 0))
      }
    }
  })

  it('drops on the strict path what skipped a stage', () => {
    expect(count(leads, 'strict').map((stage) => stage.count)).toEqual([8, 7, 1, 0, 0, 0])
  })

  it('times those that moved on only, says how many have not yet, and averages no negative time', () => {
    expect(second?.time).toEqual({ median: 7.5, p90: 9.5, movedOn: 2, notYet: 1, outOfOrder: 0 })
    const wrong = count([
      aLead([on('entered', 'sal', '2026-03-04'), on('entered', 'mql', '2026-03-09')]),
      aLead([mql, on('entered', 'sal', '2026-03-05')]),
    ])
    expect(wrong[1]?.time).toEqual({ median: 1, p90: 1, movedOn: 2, notYet: 0, outOfOrder: 1 })
  })

  it('knows groups by how far their leads came', () => {
    const groups = new GroupCounter(3)
    for (const [key, reached] of [
      ['ads', 1],
      ['', 3],
      ['ads', 2],
      ['ads', 0],
    ] as const)
      groups.add(key, reached)
    expect(groups.groups()).toMatchObject([
      { key: 'ads', counts: [2, 1, 0], conversion: { value: 0 } },
      { key: '', counts: [1, 1, 1], conversion: { value: 1 } },
    ])
  })
})

describe('its window', () => {
  it('has one of the same length before it, and is provisional until its last lead had 90 days', () => {
    expect(windowBefore({ from: '2026-03-01', to: '2026-03-31' })).toEqual({ from: '2026-01-29', to: '2026-02-28' })
    const window = { from: '2026-03-01', to: '2026-03-31' }
    expect([isProvisional(window, '2026-06-29'), isProvisional(window, '2026-06-30')]).toEqual([true, false])
  })

  it('is compared by differences with an interval, where both had leads to go on', () => {
    const many = (total: number, passed: number) => [
      ...Array.from({ length: passed }, () => aLead([on('entered', 'mql', '2026-03-04')])),
      ...Array.from({ length: total - passed }, () => aLead()),
    ]
    const [first, mql, sal] = compared(count(many(200, 60)), count(many(100, 50)))
    expect(mql?.change?.difference).toBeCloseTo(-0.2, 10)
    expect(mql?.change?.interval.high).toBeLessThan(0)
    expect([first?.change, sal?.change?.difference]).toEqual([null, 0])
    expect(mql?.previous).toMatchObject({ count: 50, next: { value: 0.5 } })
    expect(compared(count(many(10, 0)), count([]))[1]?.change).toBeNull()
  })
})

/** A funnel by its counts; `open` of each leak is still open, the rest lost. */
function stages(counts: readonly number[], before: readonly number[] = counts, open = 0): ComparedStage[] {
  const funnelOf = (numbers: readonly number[]): FunnelStage[] => {
    const [, ...rest] = count([])
    const made = count([aLead()]).map((stage, index) => ({ ...stage, count: numbers[index] ?? 0 }))
    return [made[0], ...rest].flatMap((stage, index) => {
      if (!stage) return []
      const [here = 0, previous = 0, first = 0] = [numbers[index], numbers[index - 1], numbers[0]]
      const ratio = (numerator: number, denominator: number) => {
        return { value: denominator ? numerator / denominator : null, numerator, denominator, interval: wilson(numerator, denominator) }
      }
      const leak = { count: previous - here, lost: { count: previous - here - open, reasons: [] }, returned: { count: 0, reasons: [] } }
      return {
        ...stage,
        count: here,
        next: index === 0 ? null : ratio(here, previous),
        cumulative: ratio(here, first),
        leak: index === 0 ? null : { ...leak, open: { count: Math.min(open, leak.count), medianDays: 1, p90Days: 1, oldestDays: 1 } },
      }
    })
  }
  return compared(funnelOf(counts), funnelOf(before))
}

describe('the bottleneck', () => {
  it('is the step that fell furthest beyond chance, also where another one is lower', () => {
    const found = bottleneckOf(stages([1000, 300, 150, 120, 60, 20], [1000, 300, 250, 200, 100, 33]))
    expect(found).toMatchObject({ from: 'mql', to: 'sal', why: 'fell', share: { numerator: 150, denominator: 300 } })
  })

  it('is otherwise the step with the lowest conversion', () => {
    expect(bottleneckOf(stages([1000, 300, 250, 200, 100, 33]))).toMatchObject({ from: 'lead', to: 'mql', why: 'lowest' })
    // A rise is no bottleneck, however clear.
    expect(bottleneckOf(stages([1000, 900, 300, 200, 100, 90], [1000, 200, 60, 40, 20, 18]))?.why).toBe('lowest')
  })

  it('is not a fall that chance makes in one of twenty steps, as five are looked at', () => {
    // 82 of 300 against 106 of 300: 95 % intervals just exclude 0, which five steps together do often by chance.
    const found = bottleneckOf(stages([1000, 300, 82, 68, 58, 48], [1000, 300, 106, 88, 75, 62]))
    expect(stages([1000, 300, 82], [1000, 300, 106])[2]?.change?.interval.high).toBeLessThan(0)
    expect(found?.why).toBe('lowest')
  })

  it('is never named below 30 leads, and no fall where the window before had fewer', () => {
    const few = bottleneckMinimum - 1
    expect(bottleneckOf(stages([few, 10, 5, 2, 1, 0]))).toBeNull()
    expect(bottleneckOf(stages([bottleneckMinimum, 10, 5, 2, 1, 0]))).toMatchObject({ from: 'lead', to: 'mql', why: 'lowest' })
    expect(bottleneckOf(stages([100, 20, 5, 2, 1, 0], [few, 28, 20, 10, 5, 2]))?.why).toBe('lowest')
    expect(bottleneckOf([])).toBeNull()
  })

  it('is told by those whose way is settled: who is still open lowers no share', () => {
    const found = bottleneckOf(stages([1000, 900, 800, 700, 600, 60], undefined, 100))
    expect(found).toMatchObject({ from: 'opportunity', to: 'customer', share: { numerator: 60, denominator: 500 } })
    // All but 20 of the opportunities are open: 80 settled, 60 of them won.
    expect(bottleneckOf(stages([1000, 100, 95, 92, 600, 60].with(4, 90).with(5, 60), undefined, 10))?.to).toBe('mql')
    expect(bottleneckOf(stages([40, 5, 0, 0, 0, 0], undefined, 35))).toBeNull()
  })

  it('is rarely a fall where nothing changed', () => {
    const random = randomFrom('bottleneck')
    const draw = (n: number, share: number) => Array.from({ length: n }, random).filter((value) => value < share).length
    const aFunnel = () => {
      const counts = [800]
      for (const share of [0.4, 0.7, 0.6, 0.6, 0.4]) counts.push(draw(counts.at(-1) ?? 0, share))
      return counts
    }
    const falls = Array.from({ length: 300 }, () => bottleneckOf(stages(aFunnel(), aFunnel()))).filter((found) => found?.why === 'fell')
    expect(falls.length / 300).toBeLessThan(0.1)
  })
})
