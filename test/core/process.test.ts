import { describe, expect, it } from 'vitest'
import type { VolumeClause } from '../../worker/core/clause'
import { type ClauseMonth, clauseMeasures, hasProcess, missingOf, type ScoredClause } from '../../worker/core/process'

const clause: VolumeClause = {
  ...{ kind: 'volume', side: 'marketing', stage: 'mql', atLeast: 50, counts: 'since-last', onHoliday: 'as-is' },
  due: { every: 'week', weekday: 1, time: '09:00' },
}
const month = (period: string, kept: number, missed: number, open = 0): ClauseMonth => ({ period, kept, missed, open, clause })
const scored = (months: ClauseMonth[], rest: Partial<ScoredClause> = {}): ScoredClause => ({
  ...{ id: 'c', fromDay: '2026-01-10', endDay: null, months },
  ...rest,
})
const measured = (one: ScoredClause, period: string) => {
  const { measures, absent } = clauseMeasures([one], period)
  return measures[0] ? [measures[0].period, measures[0].kept, measures[0].due, measures[0].score] : (absent[0]?.reason ?? null)
}

describe('a clause in a score', () => {
  const months = [month('2026-06', 3, 1), month('2026-07', 2, 2), month('2026-08', 1, 0, 1)]

  it.each<[string, ScoredClause, string, unknown]>([
    ['is its month', scored(months), '2026-07', ['2026-07', 2, 4, 50]],
    ['is the last whole month while its own is running', scored(months), '2026-08', ['2026-07', 2, 4, 50]],
    ['is at most two months old', scored(months), '2026-09', ['2026-07', 2, 4, 50]],
    ['is too old after that', scored(months), '2026-10', 'clauses-too-old'],
    ['is never of a later month', scored(months), '2026-05', 'clauses-open'],
    ['is not there before it holds', scored(months), '2025-12', null],
    ['is not over while nothing later is due', scored([month('2026-06', 4, 0)]), '2026-06', 'clauses-open'],
    ['is over with its end', scored([month('2026-06', 4, 0)], { endDay: '2026-06-29' }), '2026-06', ['2026-06', 4, 4, 100]],
    ['is gone after its end', scored([month('2026-06', 4, 0)], { endDay: '2026-06-29' }), '2026-07', null],
    [
      'skips a month in which nothing was due',
      scored([...months.slice(0, 1), month('2026-07', 0, 0), month('2026-08', 0, 0, 1)]),
      '2026-07',
      ['2026-06', 3, 4, 75],
    ],
    [
      'is no month with something still open',
      scored([month('2026-06', 3, 1), month('2026-07', 2, 1, 1), month('2026-08', 0, 0, 1)]),
      '2026-07',
      ['2026-06', 3, 4, 75],
    ],
    ['is open where nothing was ever judged', scored([month('2026-06', 0, 0, 2)]), '2026-06', 'clauses-open'],
    ['is never 0 for nothing', scored([]), '2026-06', 'clauses-open'],
  ])('%s', (_, one, period, found) => expect(measured(one, period)).toEqual(found))

  it('says why there is none, of its clauses first', () => {
    const kpis = { measures: [], missing: 'no-kpis' as const, absent: [{ key: 'mql_acceptance', reason: 'no-kpis' as const }] }
    const nothing = { measures: [], missing: 'no-targets' as const, absent: [] }
    expect(missingOf({ clauses: clauseMeasures([], '2026-06'), kpis: nothing })).toBe('no-clauses')
    expect(missingOf({ clauses: clauseMeasures([], '2026-06'), kpis })).toBe('no-kpis')
    expect(missingOf({ clauses: clauseMeasures([scored([])], '2026-06'), kpis })).toBe('clauses-open')
    expect(missingOf({ clauses: clauseMeasures([scored(months)], '2026-07'), kpis })).toBeNull()
    expect([
      hasProcess({ clauses: clauseMeasures([], '2026-06'), kpis: nothing }),
      hasProcess({ clauses: clauseMeasures([], '2026-06'), kpis }),
    ]).toEqual([false, true])
  })
})
