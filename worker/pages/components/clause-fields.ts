/** A clause as the fields of its form, and back. */
import { type Clause, type ClauseKind, type ClauseProblem, clauseKinds, type Due } from '../../core/clause'
import { type Stage, stages } from '../../core/facts'
import type { Messages } from '../../i18n'
import type { Mistake } from './field'

export const clauseFields = [
  'kind',
  'side',
  'when',
  'time',
  'onHoliday',
  'stage',
  'atLeast',
  'counts',
  'reaches',
  'share',
  'daysLater',
  'byTime',
  'amount',
  'unit',
  'name',
  'reportedUnit',
  'target',
  'fromDay',
] as const
export type ClauseFieldName = (typeof clauseFields)[number]
export type ClauseValues = Partial<Record<ClauseFieldName, string>>

/** What a response time can be counted in. */
export const timeUnits = ['working-hours', 'working-minutes', 'hours', 'minutes'] as const

const isClauseKind = (text: unknown): text is ClauseKind => clauseKinds.some((kind) => kind === text)

/** What a form of a kind is filled with until somebody changes it: promises that many teams begin with. */
export const usualClauses: Readonly<Record<ClauseKind, Clause>> = {
  volume: {
    ...{ kind: 'volume', side: 'marketing', stage: 'mql', atLeast: 50, counts: 'since-last', onHoliday: 'next-workday' },
    due: { every: 'week', weekday: 1, time: '09:00' },
  },
  'follow-on': {
    ...{ kind: 'follow-on', side: 'sales', stage: 'mql', reaches: 'sql', share: 0.9, counts: 'since-last', onHoliday: 'next-workday' },
    ...{ due: { every: 'week', weekday: 1, time: '09:00' }, daysLater: 2, time: '18:00' },
  },
  response: {
    ...{ kind: 'response', side: 'sales', stage: 'mql', minutes: 240, clock: 'working', share: 0.9, onHoliday: 'as-is' },
    due: { every: 'week', weekday: 1, time: '09:00' },
  },
  attempts: {
    ...{ kind: 'attempts', side: 'sales', atLeast: 5, share: 0.9, onHoliday: 'as-is' },
    due: { every: 'week', weekday: 1, time: '09:00' },
  },
  reported: {
    ...{ kind: 'reported', side: 'marketing', name: '', unit: 'count', target: 1, onHoliday: 'next-workday' },
    due: { every: 'month', day: 31, time: '18:00' },
  },
}

const percentOf = (share: number) => String(Math.round(share * 10_000) / 100)

export function valuesOf(clause: Clause, fromDay: string): ClauseValues {
  const { kind, side, due, onHoliday } = clause
  const common = { kind, side, onHoliday, fromDay, when: due.every === 'week' ? `week-${due.weekday}` : `month-${due.day}`, time: due.time }
  switch (clause.kind) {
    case 'volume':
      return { ...common, stage: clause.stage, atLeast: String(clause.atLeast), counts: clause.counts }
    case 'follow-on': {
      const { stage, reaches, share, counts, daysLater, time } = clause
      return { ...common, stage, reaches, share: percentOf(share), counts, daysLater: String(daysLater), byTime: time }
    }
    case 'response': {
      const { stage, minutes, clock, share } = clause
      const [amount, unit] = minutes % 60 === 0 ? [minutes / 60, 'hours'] : [minutes, 'minutes']
      return { ...common, stage, amount: String(amount), unit: clock === 'working' ? `working-${unit}` : unit, share: percentOf(share) }
    }
    case 'attempts':
      return { ...common, atLeast: String(clause.atLeast), share: percentOf(clause.share) }
    case 'reported': {
      const { name, unit, target } = clause
      return { ...common, name, reportedUnit: unit, target: unit === 'share' ? percentOf(target) : String(target) }
    }
  }
}

const numberOf = (text = '') => (/^\d{1,10}([.,]\d{1,4})?$/.test(text) ? Number(text.replace(',', '.')) : Number.NaN)
const shareOf = (text = '') => numberOf(text.replace(/\s*%$/, '')) / 100
const one = <T extends string>(list: readonly T[], text: string | undefined, otherwise: T): T =>
  list.find((known) => known === text) ?? otherwise

function dueOf({ when = '', time = '' }: ClauseValues): Due {
  const [, every, number] = /^(week|month)-(\d{1,2})$/.exec(when) ?? []
  const at = time.slice(0, 5) // some browsers send seconds
  return every === 'month'
    ? { every, day: Number(number), time: at }
    : { every: 'week', weekday: every ? Number(number) : Number.NaN, time: at }
}

/** What was filled in, as it is, wrong or not: `clauseProblems` says what cannot be promised. Null for a kind that there is not. */
export function clauseOf(values: ClauseValues): Clause | null {
  const { kind } = values
  if (!isClauseKind(kind)) return null
  const promised = {
    side: one(['sales', 'marketing'], values.side, 'sales'),
    due: dueOf(values),
    onHoliday: one(['next-workday', 'as-is'], values.onHoliday, 'as-is'),
  }
  const stage: Stage = one(stages, values.stage, 'subscriber')
  const counts = one(['since-last', 'that-day'], values.counts, 'since-last')
  switch (kind) {
    case 'volume':
      return { kind, ...promised, stage, atLeast: numberOf(values.atLeast), counts }
    case 'follow-on':
      return {
        ...{ kind, ...promised, stage, counts },
        reaches: one(stages, values.reaches, 'subscriber'),
        share: shareOf(values.share),
        daysLater: numberOf(values.daysLater),
        time: (values.byTime ?? '').slice(0, 5),
      }
    case 'response': {
      const unit = one(timeUnits, values.unit, 'working-hours')
      const minutes = numberOf(values.amount) * (unit.endsWith('hours') ? 60 : 1)
      return { kind, ...promised, stage, minutes, clock: unit.startsWith('working') ? 'working' : 'all', share: shareOf(values.share) }
    }
    case 'attempts':
      return { kind, ...promised, atLeast: numberOf(values.atLeast), share: shareOf(values.share) }
    case 'reported': {
      const unit = one(['count', 'share'], values.reportedUnit, 'count')
      const target = unit === 'share' ? shareOf(values.target) : numberOf(values.target)
      return { kind, ...promised, name: (values.name ?? '').trim(), unit, target }
    }
  }
}

const fieldOf: Partial<Record<ClauseProblem['field'], ClauseFieldName>> = { every: 'when', weekday: 'when', day: 'when', minutes: 'amount' }

/** What is wrong, beside the field where it can be put right. */
export const clauseMistakes = (t: Messages, problems: readonly ClauseProblem[]): Mistake[] =>
  problems.map(({ field, code }) => ({ field: fieldOf[field] ?? field, reason: t.sla.mistakes[code] }))
