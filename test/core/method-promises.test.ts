/** docs/method.md, "Promises by hand", against the code: each line of its tables must be that line. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addDays } from '../../worker/core/calendar'
import { type Clause, dueDates } from '../../worker/core/clause'
import { clauseMeasures, hasProcess } from '../../worker/core/process'
import type { PillarScore, ScoreInputs } from '../../worker/core/result'
import { alignmentScore } from '../../worker/core/score'
import { defaultRules } from '../../worker/core/scoring-rules'
import { complianceOf, type Evaluation, judge } from '../../worker/core/sla'
import { usualCalendar } from '../../worker/core/work-calendar'

const document = readFileSync(resolve(import.meta.dirname, '../../docs/method.md'), 'utf8')
const section = document.split(/^## /m).find((text) => text.startsWith('Promises by hand\n')) ?? ''
const [mondays = [], results = []] = section
  .split('\n\n')
  .filter((block) => block.startsWith('|'))
  .map((table) => table.trim().split('\n').slice(2))
const cells = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

const due = { every: 'week', weekday: 1, time: '09:00' } as const
const delivers: Clause = { kind: 'volume', side: 'marketing', stage: 'mql', atLeast: 50, counts: 'since-last', due, onHoliday: 'as-is' }
const qualifies: Clause = {
  ...{ kind: 'follow-on', side: 'sales', stage: 'mql', reaches: 'sql', share: 0.9, counts: 'since-last', due, onHoliday: 'as-is' },
  ...{ daysLater: 2, time: '18:00' },
}
const now = Date.parse('2026-11-03')
const evaluationsOf = (clause: Clause, counts: { numerator: number; denominator: number | null }[]): Evaluation[] =>
  dueDates(clause, usualCalendar, 'UTC', '2026-10-01', '2026-10-31').map((one, index) =>
    judge(clause, one, counts[index] ?? null, { version: 1, now, asOf: now }),
  )

const read = mondays.map(cells)
const delivered = evaluationsOf(
  delivers,
  read.map(([, mqls]) => ({ numerator: Number(mqls), denominator: null })),
)
const qualified = evaluationsOf(
  qualifies,
  read.map(([, mqls, , , sqls]) => ({ numerator: Number(sqls), denominator: Number(mqls) })),
)

const monthOf = (clause: Clause, evaluations: Evaluation[]) => {
  const { kept, due: all } = complianceOf(evaluations)
  const november = { period: '2026-11', kept: 0, missed: 0, open: 1, clause }
  return [{ period: '2026-10', kept, missed: all - kept, open: 0, clause }, november]
}
const clauses = clauseMeasures(
  [
    { id: 'm', fromDay: '2026-01-01', endDay: null, months: monthOf(delivers, delivered) },
    { id: 's', fromDay: '2026-01-01', endDay: null, months: monthOf(qualifies, qualified) },
  ],
  '2026-10',
)
const none = { measures: [], missing: null, absent: [] }

/** The other pillars of the first round of the worked example, as that section prints them. */
const printed = (name: string) => Number(new RegExp(`^\\| ${name} \\|.*\\| ([\\d.]+) \\|$`, 'm').exec(document)?.[1])
const [perception, performance] = [printed('Perception'), printed('Performance')]
const definitions = Number(/^\| Definitions \| .* = ([\d.]+) \|/m.exec(document)?.[1])
const people: ScoreInputs = {
  themes: [{ theme: 'goals', sales: perception, marketing: perception, distance: 0, shares: [] }],
  terms: [{ term: 'sla', value: definitions, variance: 0 }],
  uncertainty: [{ kappa: 0.25, themes: [1], perception: 1, both: 0 }],
  termsVariance: 0,
  degreesOfFreedom: 9,
  missing: null,
}
const kpi = { metric: 'cac', period: '2026-10', observed: 0, baseline: 0, target: 1, score: performance, unclipped: performance }
const process = { clauses, kpis: none }
const score = alignmentScore({
  round: { roundId: 'r', number: 1, period: '2026-10' },
  people,
  earlierTerms: [],
  kpis: { measures: [kpi], missing: null, absent: [] },
  ...(hasProcess(process) && { process }),
  rules: defaultRules,
})
const pillar = score.pillars.find((one) => one.pillar === 'process') as PillarScore
const line = (...row: string[]) => `| ${row.join(' | ')} |`

describe('promises by hand', () => {
  it('print what the code computes of each due date', () => {
    const rows = read.map(([monday = '', mqls = '', , , sqls = ''], index) => {
      const [first, second] = [delivered[index] as Evaluation, qualified[index] as Evaluation]
      expect([first.dueDay, second.dueDay]).toEqual([monday, addDays(monday, 2)])
      return line(monday, mqls, first.state, second.dueDay, sqls, `${(100 * (second.value as number)).toFixed(1)} %`, second.state)
    })
    expect(mondays).toEqual(rows)
    expect(rows).toHaveLength(4)
  })

  it('print what the code computes of the month and the score', () => {
    const [m, s] = pillar.parts.map(({ value }) => value.toFixed(2))
    const [p, d, k, process_] = [perception, definitions, performance, pillar.value as number].map((value) => value.toFixed(2))
    const { low, high } = complianceOf(delivered).interval ?? { low: 0, high: 0 }
    expect(results).toEqual([
      line('Marketing’s clause', '100 × 3/4', m as string),
      line('Its rate could be, in percent', 'Wilson, 3 of 4', `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`),
      line('Sales’ clause', '100 × 2/4', s as string),
      line('Process', `(${m} + ${s})/2`, process_ as string),
      line('Alignment score', `0.40 × ${p} + 0.15 × ${d} + 0.20 × ${process_} + 0.25 × ${k}`, (score.value as number).toFixed(1)),
      line('Numbers index', `(0.20 × ${process_} + 0.25 × ${k})/0.45`, (score.numbersIndex as number).toFixed(1)),
    ])
    expect(pillar.parts.map(({ promise, from, key }) => [key, promise?.kept, promise?.due, from])).toEqual([
      ['clause-m', 3, 4, '2026-10'],
      ['clause-s', 2, 4, '2026-10'],
    ])
  })
})
