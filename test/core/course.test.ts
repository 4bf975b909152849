import { describe, expect, it } from 'vitest'
import { type CoursePoint, courseOf } from '../../worker/core/course'

const options = { range: [0, 100] as const, events: [], baselineEvent: null, from: '', chosen: 99 }

const course = (values: readonly (number | null)[], n: (index: number) => number | null = () => 20): CoursePoint[] =>
  values.map((value, index) => ({
    number: index + 1,
    period: `2026-${String(index + 1).padStart(2, '0')}`,
    value,
    interval: null,
    n: n(index),
  }))

const steady = [50, 52, 50, 52, 50, 52, 50, 70]

describe('courseOf', () => {
  it('judges by all rounds, whatever part of them is drawn', () => {
    const all = courseOf(course(steady), options)
    const end = courseOf(course(steady), { ...options, from: '2026-07' })
    expect(end.points.map(({ number, verdict }) => [number, verdict])).toEqual([
      [7, 'normal'],
      [8, 'signal'],
    ])
    expect(end.points.map(({ low, high }) => [low, high])).toEqual(all.points.slice(6).map(({ low, high }) => [low, high]))
    expect(end.phases[0]?.from).toBe(end.points[0]?.at)
  })

  it('says nothing of what is normal where a round has fewer than ten answers', () => {
    const { points, phases, sinceStart, step } = courseOf(
      course(steady, (index) => (index === 2 ? 9 : 20)),
      options,
    )
    expect([phases, sinceStart, step]).toEqual([[], null, null])
    expect(points.every(({ verdict, low }) => verdict === null && low === null)).toBe(true)
  })

  it('leads no line to a group that one or two people make another', () => {
    const [first, second] = course([50, 60]) as [CoursePoint, CoursePoint]
    expect(courseOf([first, { ...second, apart: true }], options).points.map(({ afterGap }) => afterGap)).toEqual([false, true])
  })

  it('tells a step from the steps of the first six rounds, and of the round that is read', () => {
    // steps of 2 on average: a signal is more than 3.27 times as long
    expect(courseOf(course(steady), options).step).toEqual({ from: 50, to: 70, verdict: 'signal' })
    expect(courseOf(course([...steady.slice(0, 7), 56]), options).step).toEqual({ from: 50, to: 56, verdict: 'normal' })
    expect(courseOf(course(steady), { ...options, chosen: 7 }).step).toEqual({ from: 52, to: 50, verdict: 'normal' })
    expect(courseOf(course(steady), { ...options, chosen: 4 }).step).toEqual({ from: 50, to: 52, verdict: null })
  })

  it('is nothing where nothing was published', () => {
    expect(courseOf([], options)).toEqual({ points: [], phases: [], events: [], sinceStart: null, step: null })
  })
})
