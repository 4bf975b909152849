import { describe, expect, it } from 'vitest'
import type { DumbbellSpec, FunnelSpec, MirroredSpec } from '../../worker/core/chart'
import { plotHeight } from '../../worker/core/chart-height'

const dumbbell = (labels: readonly string[], more: Partial<DumbbellSpec['rows'][number]> = {}): DumbbellSpec => ({
  kind: 'dumbbell',
  ticks: [],
  key: [{ look: 'sales', text: 'Sales' }],
  columns: ['Gap'],
  rows: labels.map((label) => ({ label, marks: [], cells: ['3'], ...more })),
})

describe('the room of a drawing', () => {
  it('grows by its rows, and by what is around them once', () => {
    const one = plotHeight(dumbbell(['Goals'])).wide
    const three = plotHeight(dumbbell(['Goals', 'Leads', 'Talk'])).wide
    expect(one).toBeCloseTo(1.6 + 2.1 + 1.6, 1)
    expect(three - one).toBeCloseTo(2 * 2.1, 1)
  })

  it('gives a label that wraps its lines: more of them where it is narrow', () => {
    const label = 'Sales qualifies ninety of a hundred leads by Wednesday evening'
    const { wide, narrow } = plotHeight(dumbbell([label]))
    expect(wide).toBeGreaterThan(plotHeight(dumbbell(['Goals'])).wide)
    expect(narrow).toBeGreaterThan(wide)
  })

  it('counts letters, and not the marks over and under them: Thai has many', () => {
    const thai = 'ที่นี่มีผู้ซื้อ' // 15 characters, of which 7 take room
    expect(plotHeight(dumbbell([`${thai}${thai}`])).narrow).toBe(plotHeight(dumbbell(['Goals'])).narrow)
  })

  it('puts labels over their tracks where it is narrow and columns of text would leave no room beside them', () => {
    const columns = (text: string) => ({ ...dumbbell(['Goals'], { cells: [text] }), columns: ['95% interval'] })
    expect(plotHeight(columns('−44.9 to −16.4')).narrow - plotHeight(columns('−44.9 to −16.4')).wide).toBeGreaterThan(1)
    const two = { ...dumbbell(['Goals'], { cells: ['64', '+31'] }), columns: ['Index', 'Change'] }
    expect(plotHeight(two).narrow - plotHeight(two).wide).toBeGreaterThan(0.5)
    expect(plotHeight(dumbbell(['Goals'])).narrow).toBe(plotHeight(dumbbell(['Goals'])).wide)
  })

  it('names what marks stand for in a line each where the names are long', () => {
    const named = (text: string) => ({
      ...dumbbell(['Goals']),
      key: [
        { look: 'now', text },
        { look: 'before', text },
      ] as const,
    })
    const [short, long] = [named('June'), named('Round 11, September 2026')].map(
      (spec) => plotHeight({ ...spec, key: [...spec.key] }).narrow,
    )
    expect((long ?? 0) - (short ?? 0)).toBeCloseTo(1.1, 1)
  })

  it('puts verdicts under labels where it is narrow, and beside them where not', () => {
    const judged = plotHeight(dumbbell(['Goals'], { verdict: { signal: true, text: 'Signal' } }))
    expect(judged.wide).toBe(plotHeight(dumbbell(['Goals'])).wide)
    expect(judged.narrow).toBeGreaterThan(judged.wide)
  })

  it('keeps a break inside a long word in mind', () => {
    const spec: MirroredSpec = {
      kind: 'mirrored',
      heads: { sales: '', marketing: '' },
      most: 100,
      rows: [{ label: 'x'.repeat(60), sales: null, marketing: null }],
    }
    expect(plotHeight(spec).narrow).toBeGreaterThanOrEqual(1.6 + 0.25 + 4 * 1.15)
  })

  it('puts what a stage lost under its bar where it is narrow', () => {
    const row: FunnelSpec['rows'][number] = {
      label: 'MQL',
      detail: 'Fits',
      count: '9',
      reached: 9,
      before: 20,
      ago: null,
      share: '45%',
      lost: ['11 lost', '5 too early'],
    }
    const { wide, narrow } = plotHeight({ kind: 'funnel', most: 20, rows: [row] })
    expect(narrow - wide).toBeGreaterThan(2 * 1.15)
  })

  it('is none for a table that is its own drawing', () => {
    expect(plotHeight({ kind: 'heat' })).toEqual({ wide: 0, narrow: 0 })
  })
})
