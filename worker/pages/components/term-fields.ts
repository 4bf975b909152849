/** The form of a term's answers: what it says, and what its buttons do before anything is saved. */
import type { Term, Texts } from '../../core/round'
import { cleanLine } from '../../core/text'
import { type Locale, locales } from '../../i18n'
import { type AnswerInput, bankAnswers, type TermInput } from '../../services/term-answers'

/** One answer of the form: ours by its id, or own words; `id` is empty for one that was never saved. */
export interface FormAnswer {
  id: string
  texts: Texts
}

export interface Sent {
  answers: FormAnswer[]
  /** Its place among the answers; null for none. */
  official: number | null
  version: number
  step: string
}

/** More rows than can be saved are read, so that nothing that was typed is lost when there are too many. */
const mostRows = 20

/** What was sent; rows that were left empty are no answers, once it is to be saved. */
export function readTermForm(body: Readonly<Record<string, unknown>>, term: Term): Sent {
  const line = (name: string) => {
    const value = body[name]
    return typeof value === 'string' ? cleanLine(value) : ''
  }
  const count = Math.min(Number(line('count')) || 0, mostRows)
  const rows = Array.from(
    { length: count },
    (_, at): FormAnswer => ({
      id: line(`id-${at}`),
      texts: Object.fromEntries(locales.map((locale) => [locale, line(fieldOf(at, locale))])),
    }),
  )
  const isEmpty = ({ id, texts }: FormAnswer) => !bankAnswers(term).includes(id) && Object.values(texts).every((text) => text === '')
  const step = line('do') || 'save'
  const official = /^\d{1,2}$/.test(line('official')) ? Number(line('official')) : null
  if (step !== 'save') return { answers: rows, official, version: Number(line('version')), step }
  // A row that was left empty is no answer.
  const kept = rows.flatMap((row, at) => (isEmpty(row) ? [] : [{ row, at }]))
  const place = kept.findIndex(({ at }) => at === official)
  const chosen = official === null ? null : place === -1 ? kept.length : place
  return { answers: kept.map(({ row }) => row), official: chosen, version: Number(line('version')), step }
}

export const fieldOf = (at: number, locale: Locale) => `text-${at}-${locale}`

export const inputOf = ({ answers, official }: Sent): TermInput => ({
  options: answers.map(({ id, texts }): AnswerInput => ({ ...(id !== '' && { id }), texts })),
  official,
})

/** What had the focus when the page was left. */
export interface Focus {
  kind: 'up' | 'down' | 'words'
  at: number
}

interface AfterButton {
  answers: FormAnswer[]
  official: number | null
  version: number
  focus?: Focus
}

/** The form after a button was pressed that saves nothing. */
export function afterButton(term: Term, { answers, official, version, step }: Sent): AfterButton {
  const [, kind, at, id] = /^(up|down|remove|more|use|ours)(?:\.(\d+))?(?:\.([\w-]{1,64}))?$/.exec(step) ?? []
  const same = { answers, official, version }
  if (kind === 'ours') return { ...same, answers: bankAnswers(term).map((answer) => ({ id: answer, texts: {} })), official: null }
  if (kind === 'more') return { ...same, answers: [...answers, { id: '', texts: {} }], focus: { kind: 'words', at: answers.length } }
  if (kind === 'use' && id) return { ...same, answers: [...answers, { id, texts: {} }], focus: { kind: 'up', at: answers.length } }
  const place = Number(at)
  const answer = answers[place]
  if (!answer || !(kind === 'up' || kind === 'down' || kind === 'remove')) return same
  const others = answers.toSpliced(place, 1)
  if (kind === 'remove') return { ...same, answers: others, official: withoutPlace(official, place) }
  const to = Math.min(Math.max(kind === 'up' ? place - 1 : place + 1, 0), others.length)
  const swapped = official === place ? to : official === to ? place : official
  return { ...same, answers: others.toSpliced(to, 0, answer), official: swapped, focus: { kind, at: to } }
}

/** Places after the one that is gone move up by one. */
function withoutPlace(official: number | null, gone: number): number | null {
  if (official === null || official === gone) return null
  return official > gone ? official - 1 : official
}
