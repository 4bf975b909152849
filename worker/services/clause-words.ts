/** Clauses as sentences and as short names, in a reader's language. */
import { addDays } from '../core/calendar'
import { type Clause, type Due, isShare, targetOf } from '../core/clause'
import type { Messages } from '../i18n'
import { isolate } from '../i18n/format'
import type { Words } from './findings'

/** A Sunday: what days of the week are named by. */
const sunday = '2026-11-01'

/** @example weekdayName(words, 1) // 'Monday' */
export const weekdayName = ({ f }: Pick<Words, 'f'>, weekday: number): string => f.weekday(addDays(sunday, weekday))

/** @example whenWords(words, { every: 'week', weekday: 1, time: '09:00' }) // 'every Monday' */
export function whenWords(words: Pick<Words, 't' | 'f'>, due: Due): string {
  const { when } = words.t.sla
  if (due.every === 'week') return when.week(weekdayName(words, due.weekday))
  return due.day > 28 ? when.lastOfMonth : when.month(due.day)
}

/** What something has to be done by: of a weekly clause a day of the week, of a monthly one so many days later. */
function byWords(words: Pick<Words, 't' | 'f'>, { due, daysLater, time }: Extract<Clause, { kind: 'follow-on' }>): string {
  const { sentence } = words.t.sla
  if (daysLater === 0) return sentence.byTime(time)
  return due.every === 'week' && daysLater < 7
    ? sentence.byWeekday(weekdayName(words, (due.weekday + daysLater) % 7), time)
    : sentence.byDays(daysLater, time)
}

/**
 * @example sentenceOf(words, clause) // 'Marketing delivers at least 50 MQLs every Monday by 09:00.'
 */
export function sentenceOf(words: Pick<Words, 't' | 'f'>, clause: Clause): string {
  const { t } = words
  const { sentence, stages, reached, duration } = t.sla
  const side = t.sides[clause.side]
  const when = whenWords(words, clause.due)
  const target = valueText(words, clause, targetOf(clause))
  const text = () => {
    switch (clause.kind) {
      case 'volume':
        return sentence.volume(side, target, stageNoun(t, clause), when, clause.due.time, clause.counts === 'that-day')
      case 'follow-on':
        return sentence.followOn(
          side,
          target,
          stages[clause.stage],
          when,
          clause.due.time,
          reached[clause.reaches],
          byWords(words, clause),
          clause.counts === 'that-day',
        )
      case 'response': {
        const { clock, minutes, stage } = clause
        return sentence.response(side, target, stages[stage], duration[clock](minutes), when, clause.due.time)
      }
      case 'attempts':
        return sentence.attempts(side, target, clause.atLeast, when, clause.due.time)
      case 'reported':
        return sentence.reported(side, isolate(clause.name), target, when, clause.due.time)
    }
  }
  return clause.onHoliday === 'next-workday' ? `${text()} ${sentence.holiday}` : text()
}

/** @example nameOf(words, clause) // '50 MQLs every Monday' */
export function clauseName(words: Pick<Words, 't' | 'f'>, clause: Clause): string {
  const { names, stages, reached, duration } = words.t.sla
  switch (clause.kind) {
    case 'volume':
      return names.volume(words.f.number(clause.atLeast), stageNoun(words.t, clause), whenWords(words, clause.due))
    case 'follow-on':
      return names.followOn(stages[clause.stage], reached[clause.reaches], byWords(words, clause))
    case 'response':
      return names.response(duration[clause.clock](clause.minutes))
    case 'attempts':
      return names.attempts(clause.atLeast)
    case 'reported':
      return isolate(clause.name)
  }
}

/** `1 MQL`, `45 MQLs`. */
const stageNoun = ({ sla }: Messages, { atLeast, stage }: Extract<Clause, { kind: 'volume' }>): string =>
  (atLeast === 1 ? sla.oneStage : sla.stages)[stage]

/** A share in percent, anything else as a number; one decimal where it needs one. */
export function valueText({ f }: Pick<Words, 'f'>, clause: Clause, value: number): string {
  const shown = isShare(clause) ? value * 100 : value
  const decimals = Math.abs(shown - Math.round(shown)) < 0.05 ? 0 : 1
  return isShare(clause) ? f.percent(value, decimals) : f.number(value, decimals)
}
