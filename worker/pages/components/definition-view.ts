/** What every part of the page of definitions says in the same way. */
import { countedBy, type TermItem } from '../../core/round'
import type { RoundName } from '../../core/standing-terms'
import { isolate } from '../../i18n/format'
import { optionOf, type Reader, type Wording } from '../../i18n/items'
import { isSaid, type SideAnswers } from '../../services/definitions'
import type { View } from './view'

export interface DefinitionsView extends View {
  reader: Reader
  /** Whether the reader may decide what the answers are. */
  mayEdit: boolean
}

export const sides = ['sales', 'marketing'] as const

export const roundName = ({ t, f }: Pick<View, 't' | 'f'>, { number, period }: RoundName): string =>
  t.roundsPage.name(f.number(number), f.period(period))

/** An answer inside a sentence: the organisation's own words are kept apart from its direction. */
export const plainOption = ({ reader }: Pick<DefinitionsView, 'reader'>, item: TermItem, option: string): string =>
  isolate(optionOf(reader, item, option).text)

/** The share of a side that chose an answer, 0–1; null where that is not said, or nobody answered. */
export function shareOf(answers: SideAnswers | undefined, option: string): number | null {
  if (!answers || !isSaid(answers)) return null
  const all = Object.values(answers.options).reduce((sum, count) => sum + count, 0)
  return all === 0 ? null : (answers.options[option] ?? 0) / all
}

/** What most of a side chose, with its share; null where that is not said. The first of several. */
export function mostChosen(
  { reader }: Pick<DefinitionsView, 'reader'>,
  item: TermItem,
  answers: SideAnswers,
): { words: Wording; option: string; share: number } | null {
  const shares = countedBy(item).map((option) => ({ option, share: shareOf(answers, option) ?? 0 }))
  const [most] = shares.sort((a, b) => b.share - a.share)
  return most && most.share > 0 ? { ...most, words: optionOf(reader, item, most.option) } : null
}
