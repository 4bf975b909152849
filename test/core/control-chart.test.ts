import { describe, expect, it } from 'vitest'
import { controlChart } from '../../worker/core/control-chart'

const all = { freezeAt: Number.POSITIVE_INFINITY }
const tyres = [
  24.05, 23.99, 23.95, 23.93, 23.97, 24.02, 24.06, 24.1, 23.98, 24.03, 23.91, 24.06, 24.06, 23.96, 23.98, 24.06, 24.01, 24.0, 23.93, 23.92,
  24.09, 24.11, 24.05, 23.98, 23.98, 24.06, 24.02, 24.06, 23.97, 23.96,
]
const deficits = [10.5, 11.2, 9.2, 10.1, 10.4, 10.5]
const flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]

describe('limits', () => {
  it.each([
    ['tyre diameters', tyres, 24.0083, 23.8571, 24.1596, 0.18585],
    ['trade deficits', deficits, 10.3167, 8.189, 12.445, 2.616],
    ['flow rates', flow, 50.81, 45.816, 55.804, 6.134],
  ])('of the published %s', (_, values, centre, low, high, range) => {
    const [phase] = controlChart(values, [], all).phases
    const tolerance = 1e-3 * (high - low)
    expect(Math.abs((phase?.centre ?? 0) - centre)).toBeLessThan(1e-4)
    for (const [found, expected] of [
      [phase?.low, low],
      [phase?.high, high],
      [phase?.rangeLimit, range],
    ] as const) {
      expect(Math.abs((found ?? 0) - expected)).toBeLessThan(tolerance)
    }
  })

  it('are within 2e-4 of the published ones of the tyres', () => {
    const [phase] = controlChart(tyres, [], all).phases
    expect(Math.abs((phase?.low ?? 0) - 23.8571)).toBeLessThan(2e-4)
    expect(Math.abs((phase?.high ?? 0) - 24.1596)).toBeLessThan(2e-4)
    expect(Math.abs((phase?.rangeLimit ?? 0) - 0.18585)).toBeLessThan(2e-4)
  })

  it.each([
    ['tyre diameters', tyres, '0.056897'],
    ['trade deficits', deficits, '0.800000'],
    ['flow rates', flow, '1.877778'],
  ])('lie 2.6587 mean steps from the centre of the %s, that of a step at 3.2665: the books print 2.66 and 3.27', (_, values, step) => {
    const [phase] = controlChart(values, [], all).phases
    const { centre, low, high, rangeLimit } = phase as Record<'centre' | 'low' | 'high' | 'rangeLimit', number>
    for (const found of [(high - centre) / 2.6586808, (centre - low) / 2.6586808, rangeLimit / 3.2665319]) {
      expect(found.toFixed(6)).toBe(step)
    }
  })

  it('need six points, are provisional below twelve and fixed from then on', () => {
    expect(controlChart(deficits.slice(0, 5)).phases[0]).toMatchObject({ state: 'none', centre: null, low: null, high: null })
    expect(controlChart(deficits).phases[0]?.state).toBe('provisional')
    const twelve = [...deficits, ...deficits]
    const { phases } = controlChart([...twelve, 50, 60])
    expect(phases[0]).toMatchObject({ state: 'fixed', low: controlChart(twelve).phases[0]?.low })
  })

  it('start over at a declared event only', () => {
    const { phases, points } = controlChart([...deficits, ...deficits.map((value) => value + 20)], [6])
    expect(phases.map(({ start, state }) => [start, state])).toEqual([
      [0, 'provisional'],
      [6, 'provisional'],
    ])
    expect(points.every(({ signal }) => signal === null)).toBe(true)
    expect(points.map(({ phase }) => phase)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
  })

  it('stay in the range of a score', () => {
    const [phase] = controlChart([2, 40, 3, 60, 1, 50], [], { clamp: [0, 100] }).phases
    expect([phase?.low, phase?.high]).toEqual([0, 100])
  })

  it('are absent, not 0, for no values at all, and never NaN', () => {
    expect(controlChart([])).toEqual({
      points: [],
      phases: [{ start: 0, n: 0, state: 'none', centre: null, low: null, high: null, rangeLimit: null }],
    })
    const gaps = controlChart([null, 1, null, 2, Number.NaN, 3, 4, 5, 6], [0, 0, -3, 99])
    expect(gaps.phases[0]).toMatchObject({ n: 6, centre: 3.5 })
    expect(gaps.points.map(({ value }) => value)).toContain(null)
  })
})

describe('signals', () => {
  const calm = [10, 11, 10, 11, 10, 11, 10, 11, 10, 11, 10, 11] // centre 10.5, limits 7.84 and 13.16

  it('a point outside', () => expect(controlChart([...calm, 14]).points.at(-1)?.signal).toBe('limit'))

  it('three of four nearer a limit than the centre, not on different sides', () => {
    expect(
      controlChart([...calm, 12.5, 12.5, 10.6, 12.5])
        .points.slice(-4)
        .map(({ signal }) => signal),
    ).toEqual([null, null, null, 'near-limit'])
    expect(controlChart([...calm, 12.5, 8.5, 10.6, 12.5]).points.at(-1)?.signal).toBeNull()
  })

  it('eight in a row on one side, and not seven', () => {
    const eight = controlChart([...calm.slice(0, 11), 10, ...new Array<number>(8).fill(10.9)]).points
    expect(eight.at(-1)?.signal).toBe('run')
    expect(eight.at(-2)?.signal).toBeNull()
  })

  it('none where every value is the same', () => {
    expect(controlChart(new Array<number>(20).fill(50)).points.every(({ signal }) => signal === null)).toBe(true)
  })
})
