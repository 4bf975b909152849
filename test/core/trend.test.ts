import { describe, expect, it } from 'vitest'
import { trendOf } from '../../worker/core/trend'

const months = (values: (number | null)[], start = 1) =>
  values.map((value, index) => ({ number: index + 1, period: `2026-${String(start + index).padStart(2, '0')}`, value }))

const steady = [50, 51, 50, 49, 50, 51]

describe('the trend of the score', () => {
  it('has neither range nor verdict under six rounds', () => {
    const { rounds, phases } = trendOf(months([50, 51, 50]), [], [0, 100])
    expect(phases).toEqual([])
    expect(rounds.map(({ verdict }) => verdict)).toEqual([null, null, null])
  })

  it('judges what follows an event by the range before it, until six rounds lie behind the event', () => {
    const { rounds, phases } = trendOf(months([...steady, 60, 61]), [{ day: '2026-06-15', name: 'SLA signed' }], [0, 100])
    expect(phases).toHaveLength(1)
    expect(phases[0]).toMatchObject({ provisional: true, from: 2026 * 12 + 1, to: 2026 * 12 + 8 })
    expect(rounds.map(({ verdict }) => verdict)).toEqual([...steady.map(() => 'normal'), 'signal', 'signal'])
  })

  it('starts a new range at the event afterwards', () => {
    const { phases } = trendOf(
      months([...steady, ...steady.map((value) => value + 10)]),
      [{ day: '2026-07-02', name: 'SLA signed' }],
      [0, 100],
    )
    expect(phases.map(({ mean }) => Math.round(mean))).toEqual([50, 60])
  })

  it('keeps the step itself a signal: the first round outside the range before', () => {
    const moved = (by: number) =>
      trendOf(months([...steady, ...steady.map((value) => value + by)]), [{ day: '2026-07-02', name: 'SLA signed' }], [0, 100])
    const up = moved(10).rounds
    expect(up.map(({ verdict }) => verdict).indexOf('signal')).toBe(6)
    expect(up.filter(({ verdict }) => verdict === 'signal')).toHaveLength(1)
    expect(up[6]?.mean).toBeCloseTo(50.17, 2)
    expect(moved(-10).rounds[6]?.verdict).toBe('signal')
    expect(moved(1).rounds.some(({ verdict }) => verdict === 'signal')).toBe(false)
  })

  it('puts an event between the ends of two months', () => {
    const { events, rounds } = trendOf(months([50, 51, 52]), [{ day: '2026-03-15', name: 'SLA signed' }], [0, 100])
    expect(events[0]?.at).toBeCloseTo((rounds[1]?.at ?? 0) + 15 / 31, 9)
  })

  it('leaves out events before the first round and after the last', () => {
    const events = ['2025-11-02', '2026-02-03', '2026-08-01'].map((day) => ({ day, name: day }))
    expect(trendOf(months([50, 51, 52]), events, [0, 100]).events.map(({ day }) => day)).toEqual(['2026-02-03'])
  })

  it('breaks the line where a round is missing, by the usual step', () => {
    const monthly = [...months([50, 51, 52]), { number: 4, period: '2026-06', value: 53 }]
    expect(trendOf(monthly, [], [0, 100]).rounds.map(({ afterGap }) => afterGap)).toEqual([false, false, false, true])
    const quarterly = ['2026-03', '2026-06', '2026-09'].map((period, index) => ({ number: index + 1, period, value: 50 }))
    expect(trendOf(quarterly, [], [0, 100]).rounds.some(({ afterGap }) => afterGap)).toBe(false)
  })

  it('shares a month out among its rounds', () => {
    const rounds = [1, 2].map((number) => ({ number, period: '2026-03', value: 50 }))
    expect(trendOf(rounds, [], [0, 100]).rounds.map(({ at }) => at - 2026 * 12)).toEqual([2.5, 3])
  })

  it('keeps limits within the range of the value', () => {
    const { phases } = trendOf(months([99, 90, 99, 90, 99, 90]), [], [0, 100])
    expect(phases[0]?.high).toBe(100)
  })
})
