/** Texts of the survey's items, by the ids of `core/survey-bank.ts`. */

import type { Item } from '../core/round'
import type { Messages } from '.'

type DefinitionText = { question: string; options: Record<string, string> }

/**
 * What the item asks.
 *
 * @example questionOf(messagesOf('en'), { id: 'headline', kind: 'headline' }) // 'All in all, how well do …'
 */
export function questionOf(t: Messages, item: Item): string {
  const text = textOf(t, item.id)
  return typeof text === 'object' ? text.question : text
}

/**
 * One choice of a definition question.
 *
 * @example optionOf(messagesOf('en'), slaItem, 'unsure') // 'I’m not sure'
 */
export function optionOf(t: Messages, item: Item, option: string): string {
  const text = textOf(t, item.id)
  return (typeof text === 'object' && text.options[option]) || (option === 'unsure' ? t.survey.unsure : option)
}

/** Items of a frozen round are plain data: their ids are checked against the texts by a test, not by the compiler. */
function textOf(t: Messages, id: string): string | DefinitionText {
  return (t.items as Record<string, string | DefinitionText>)[id] ?? id
}
