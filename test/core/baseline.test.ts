import { describe, expect, it } from 'vitest'
import { againstBaseline, baselineOf } from '../../worker/core/baseline'
import type { BaselineEvent } from '../../worker/core/scoring-rules'

const months = (values: (number | null)[], start = 1) =>
  values.map((value, index) => ({ number: index + 1, period: `2026-${String(start + index).padStart(2, '0')}`, value }))

const steady = [50, 51, 50, 49, 50, 51]

const scores = (...values: (number | null)[]) =>
  values.map((value, index) => ({ number: index + 1, period: `2026-${String(index + 1).padStart(2, '0')}`, value }))

describe('the baseline of a score', () => {
  it('is the first score while there are no more than six before it', () => {
    expect(baselineOf(scores(50, 52, 54, 56, 58, 60), null)).toEqual({ kind: 'first', value: 50, rounds: [1], event: null })
  })

  it('is the mean of the first six afterwards', () => {
    expect(baselineOf(scores(50, 52, 54, 56, 58, 60, 70), null)).toEqual({
      kind: 'mean',
      value: 55,
      rounds: [1, 2, 3, 4, 5, 6],
      event: null,
    })
  })

  it('skips rounds without a score', () => {
    expect(baselineOf(scores(null, 52, null, 56), null)).toEqual({ kind: 'first', value: 52, rounds: [2], event: null })
  })

  it('is missing for the first score, and for a round without one', () => {
    expect(baselineOf(scores(null, 52), null)).toBeNull()
    expect(baselineOf(scores(52, null), null)).toBeNull()
  })

  it('ends before an event that was chosen, once that is in the past and three rounds lie before it', () => {
    const event = { day: '2026-05-12', name: 'SLA signed' }
    expect(baselineOf(scores(50, 52, null, 57, 70, 80, 81), event)).toEqual({ kind: 'before-event', value: 53, rounds: [1, 2, 4], event })
    expect(baselineOf(scores(50, 52, 57, 58), event)).toEqual({ kind: 'first', value: 50, rounds: [1], event: null })
    expect(baselineOf(scores(null, 52, null, 57, 70, 80), event)?.kind).toBe('first')
  })
})

const against = (values: (number | null)[], event: BaselineEvent | null = null) => againstBaseline(months(values), [0, 100], event)

describe('a value against its first six', () => {
  it('has no verdict while there are no more than six, or where it is missing', () => {
    expect(against(steady)).toBeNull()
    expect(against([...steady, null])).toBeNull()
  })

  it('is a signal outside their range, whatever came between', () => {
    expect(against([...steady, 50, 70])?.verdict).toBe('signal')
    expect(against([...steady, 70, 50])?.verdict).toBe('normal')
  })

  it('is judged by the months before an event, where the baseline ends with one', () => {
    const values = [20, 80, ...steady, 99, 50.5]
    const event = { day: '2026-09-15', name: 'SLA signed' }
    const before = against(values, event)
    expect(before).toMatchObject({ verdict: 'normal' })
    expect(before?.low).toBeLessThan(20)
    const unrest = against([...values.slice(2), 51], { ...event, day: '2026-07-15' })
    expect(unrest).toEqual(against([...steady, 99, 50.5, 51]))
    expect(against(values, { ...event, day: '2026-05-01' })).toBeNull()
  })
})
