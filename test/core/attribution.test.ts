import { describe, expect, it } from 'vitest'
import {
  AttributionCounter,
  type AttributionModel,
  type AttributionTouch,
  addingUp,
  attributionModels,
  type Conversion,
  marketingRevenue,
  originOf,
  shareOf,
  touchesInTime,
} from '../../worker/core/attribution'
import { randomFrom } from '../../worker/core/random'

const aTouch = (channel: string, day: string, time?: string): AttributionTouch => {
  return { channel, day, at: time ? Date.parse(`${day}T${time}:00Z`) : null, externalId: `${channel}-${day}-${time ?? ''}` }
}
const aWin = (touches: AttributionTouch[], more: Partial<Conversion> = {}): Conversion => {
  return { day: '2026-06-30', at: null, isNew: true, revenueMinor: 9_000, touches, leadChannel: null, dealChannel: '', ...more }
}
const shares = (model: AttributionModel, of: number) =>
  Array.from({ length: of }, (_, place) => shareOf(model, place, of)).map(({ numerator, denominator }) => numerator / denominator)

describe('what each contact gets', () => {
  it('is one point for one contact, halves for two, and 40-20-40 for more', () => {
    expect([shares('first', 3), shares('last', 3)]).toEqual([
      [1, 0, 0],
      [0, 0, 1],
    ])
    expect(shares('linear', 4)).toEqual([0.25, 0.25, 0.25, 0.25])
    expect([shares('position', 1), shares('position', 2), shares('position', 3)]).toEqual([[1], [0.5, 0.5], [0.4, 0.2, 0.4]])
    expect(shares('position', 4)).toEqual([0.4, 0.1, 0.1, 0.4])
  })

  it('adds up to a whole point, exactly, for any number of contacts', () => {
    for (const model of attributionModels) {
      for (let of = 1; of <= 200; of += 1) {
        const all = Array.from({ length: of }, (_, place) => shareOf(model, place, of))
        expect(new Set(all.map(({ denominator }) => denominator)).size).toBe(1)
        expect(all.reduce((sum, { numerator }) => sum + numerator, 0)).toBe(all[0]?.denominator)
      }
    }
  })
})

describe('the contacts of a win', () => {
  it('are those of the 30 days before it, in order, whatever order they are told in', () => {
    const touches = [aTouch('late', '2026-07-01'), aTouch('b', '2026-06-30'), aTouch('a', '2026-05-31'), aTouch('early', '2026-05-30')]
    expect(touchesInTime(aWin(touches)).map(({ channel }) => channel)).toEqual(['a', 'b'])
    expect(touchesInTime(aWin(touches.toReversed())).map(({ channel }) => channel)).toEqual(['a', 'b'])
  })

  it('end at the moment of the win, and begin 30 times 24 hours before', () => {
    const at = Date.parse('2026-06-30T12:00:00Z')
    const touches = [
      aTouch('after', '2026-06-30', '12:01'),
      aTouch('same', '2026-06-30', '12:00'),
      aTouch('first', '2026-05-31', '12:00'),
      aTouch('old', '2026-05-31', '11:59'),
    ]
    expect(touchesInTime(aWin(touches, { at })).map(({ channel }) => channel)).toEqual(['first', 'same'])
  })
})

describe('credit', () => {
  const wins = [
    aWin([aTouch('ads', '2026-06-01'), aTouch('events', '2026-06-10'), aTouch('ads', '2026-06-20')]),
    aWin([aTouch('ads', '2026-06-01'), aTouch('', '2026-06-10')], { isNew: false, revenueMinor: 1_000 }),
    aWin([aTouch('events', '2026-06-10')], { revenueMinor: null }),
    aWin([aTouch('ads', '2026-03-01')], { revenueMinor: 500 }),
  ]
  const counter = new AttributionCounter()
  for (const win of wins) counter.add(win)
  const channels = counter.channels(
    new Map([
      ['ads', 600],
      ['fairs', 200],
      ['', 900],
    ]),
  )
  const of = (channel: string) => channels.find((each) => each.channel === channel)?.models

  it('has customers for first wins only, revenue for all, and cost where something was spent', () => {
    expect(of('ads')?.first).toEqual({ customers: 1, revenueMinor: 10_000, spendMinor: 600, cac: 600, roas: 10_000 / 600 })
    expect(of('events')?.position).toMatchObject({ customers: 1.2, revenueMinor: 1_800, spendMinor: null, cac: null, roas: null })
    expect(of('fairs')?.linear).toEqual({ customers: 0, revenueMinor: 0, spendMinor: 200, cac: null, roas: 0 })
    // Spend that names no channel is not the spend of contacts that name none.
    expect(of('')?.last).toEqual({ customers: 0, revenueMinor: 1_000, spendMinor: null, cac: null, roas: null })
  })

  it('counts wins without a contact in time by themselves, and amounts that nobody knows', () => {
    expect(counter.totals(1_700)).toEqual({
      wins: 4,
      customers: 3,
      revenueMinor: 10_500,
      unattributed: { wins: 1, customers: 1, revenueMinor: 500 },
      withoutAmount: 1,
      spendMinor: 1_700,
      cac: 1_700 / 3,
      roas: 10_500 / 1_700,
    })
    expect(new AttributionCounter().totals(null)).toMatchObject({ customers: 0, revenueMinor: 0, cac: null, roas: null })
  })

  it('is unknown, not 0, where no amount is known', () => {
    const unknown = new AttributionCounter()
    unknown.add(aWin([aTouch('ads', '2026-06-10')], { revenueMinor: null }))
    expect([unknown.totals(100).revenueMinor, unknown.totals(100).roas]).toEqual([null, null])
    expect(unknown.channels(new Map())[0]?.models.linear).toMatchObject({ customers: 1, revenueMinor: null })
  })

  it('adds up to customers and revenue exactly by every model, whatever happened', () => {
    const random = randomFrom('attribution')
    const whole = (most: number) => Math.floor(random() * most)
    for (let round = 0; round < 60; round += 1) {
      const drawn = new AttributionCounter()
      const expected = { customers: 0, revenue: 0 }
      for (let nth = whole(40); nth > 0; nth -= 1) {
        const touches = Array.from({ length: whole(14) }, () =>
          aTouch(`c${whole(5)}`, `2026-06-${String(1 + whole(30)).padStart(2, '0')}`, `${10 + whole(10)}:00`),
        )
        const [isNew, revenueMinor] = [random() < 0.7, whole(5) === 0 ? null : whole(10_000_000)]
        drawn.add(aWin(touches, { isNew, revenueMinor }))
        if (touches.length === 0) continue
        expected.customers += isNew ? 1 : 0
        expected.revenue += revenueMinor ?? 0
      }
      for (const model of attributionModels) {
        const { customers, revenue } = drawn.exactly(model)
        for (const sum of [customers, revenue]) for (const [denominator, numerator] of sum.parts()) expect(numerator % denominator).toBe(0)
        const exact = (sum: typeof customers) =>
          [...sum.parts()].reduce((all, [denominator, numerator]) => all + numerator / denominator, 0)
        expect([exact(customers), exact(revenue)]).toEqual([expected.customers, expected.revenue])
        const shown = drawn.channels(new Map()).reduce((sum, { models }) => sum + models[model].customers, 0)
        expect(shown).toBeCloseTo(expected.customers, 9)
      }
    }
  })
})

describe('printed parts', () => {
  it('add up to the printed whole, and are each off by less than one of their last digit', () => {
    expect(addingUp([1 / 3, 1 / 3, 1 / 3], 2)).toEqual([0.34, 0.33, 0.33])
    expect(addingUp([], 2)).toEqual([])
    const random = randomFrom('printed')
    for (let round = 0; round < 200; round += 1) {
      const parts = Array.from({ length: 1 + Math.floor(random() * 9) }, () => random() * 40)
      const shown = addingUp(parts, 2)
      const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
      expect(Math.round(sum(shown) * 100)).toBe(Math.round(sum(parts) * 100))
      for (const [index, part] of parts.entries()) expect(Math.abs((shown[index] ?? 0) - part)).toBeLessThan(0.01)
    }
  })
})

describe('what marketing brought', () => {
  it('goes by the channel of the lead, then the first contact, then the deal', () => {
    const touches = [aTouch('events', '2026-01-10'), aTouch('ads', '2026-06-10'), aTouch('later', '2026-07-10')]
    expect(originOf(aWin(touches, { leadChannel: 'referral', dealChannel: 'x' }))).toBe('referral')
    expect(originOf(aWin(touches, { leadChannel: '', dealChannel: 'x' }))).toBe('events')
    expect(originOf(aWin([aTouch('', '2026-01-10')], { dealChannel: 'x' }))).toBe('x')
    expect(originOf(aWin([aTouch('later', '2026-07-10')]))).toBe('')
  })

  it('leaves out what sales works by itself and what names no channel', () => {
    const found = marketingRevenue(
      [
        aWin([], { leadChannel: 'Outbound', revenueMinor: 100 }),
        aWin([aTouch('ads', '2026-06-10')], { leadChannel: 'outbound', revenueMinor: 200 }),
        aWin([aTouch('outbound', '2026-06-10')], { leadChannel: 'ads', revenueMinor: 300 }),
        aWin([aTouch('', '2026-06-10')], { revenueMinor: 400 }),
        aWin([aTouch('ads', '2026-03-10')], { revenueMinor: null }),
      ],
      ['OUTBOUND'],
    )
    expect(found).toEqual({
      wins: 5,
      revenueMinor: 1_000,
      sourced: { wins: 2, revenueMinor: 300, share: 0.3 },
      influenced: { wins: 1, revenueMinor: 200, share: 0.2 },
    })
    expect(marketingRevenue([], []).sourced.share).toBeNull()
  })
})
