/** What the address of a page asks for, checked field by field: what can be used, and what is wrong with the rest. */
import type { Context } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { isCalendarDay } from '../core/calendar'
import { DomainError } from '../core/errors'
import { locales, type Messages, messagesOf } from '../i18n'
import type { Mistake } from './components/field'

/** A check for each parameter that a page knows, made of the language of its reader. Nothing else in an address has any effect. */
export type Fields = Readonly<Record<string, z.ZodType<unknown, string>>>

export interface Asked<F extends Fields> {
  /** What can be used; without what was left out, or empty, or is refused. */
  values: { [Name in keyof F]?: z.output<F[Name]> }
  /** One for each parameter that is refused, with the name of its field. Not empty: answer 422. */
  mistakes: Mistake[]
  /** As it was sent, for the form that is shown again; cut to 200 characters, without controls. */
  given: { [Name in keyof F]?: string }
}

/**
 * Reads the parameters that these checks name. An empty one is one that was not chosen: forms send it so.
 *
 * @example
 * // /kpis?grain=week&from=June
 * askedIn(c, { grain: oneOf(t, grains), from: month(t) })
 * // { values: { grain: 'week' }, mistakes: [{ field: 'from', reason: 'Use a month such as 2026-06.' }], given: { grain: 'week', from: 'June' } }
 */
export function askedIn<F extends Fields>(c: Context<AppEnv>, fields: F): Asked<F> {
  const t = messagesOf(c.var.locale).explore.asked
  const sent = c.req.queries()
  const values: Record<string, unknown> = {}
  const given: Record<string, string> = {}
  const mistakes: Mistake[] = []
  for (const [field, check] of Object.entries(fields)) {
    const [text = '', ...more] = sent[field] ?? []
    if (more.length > 0) mistakes.push({ field, reason: t.once })
    if (text === '') continue
    given[field] = shown(text)
    const read = check.safeParse(text)
    if (read.success) values[field] = read.data
    else if (more.length === 0) mistakes.push({ field, reason: read.error.issues[0]?.message ?? t.choice })
  }
  return { values, given, mistakes } as Asked<F>
}

/**
 * What was asked of a page that has no field to correct it in: an address that means nothing is one that does not exist.
 *
 * @throws DomainError not-found
 * @example chosenIn(c, { state: oneOf(t, peopleStates) }) // {} where nothing is chosen
 */
export function chosenIn<F extends Fields>(c: Context<AppEnv>, fields: F): Asked<F>['values'] {
  const { values, mistakes } = askedIn(c, fields)
  if (mistakes.length > 0) throw new DomainError('not-found', 'There is nothing under this address.')
  return values
}

/** `YYYY-MM`. */
export const month = (t: Messages) => z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, t.explore.asked.month)

/** `YYYY-MM-DD`, a day that exists. */
export const day = (t: Messages) => z.string().refine(isCalendarDay, t.explore.asked.day)

/** From 1, in plain digits: `Number('0x1f')` would be 31. */
export const whole = (t: Messages) =>
  z
    .string()
    .regex(/^[1-9]\d{0,8}$/, t.explore.asked.whole)
    .transform(Number)

/** One of a list that the page offers. */
export const oneOf = <const Values extends readonly [string, ...string[]]>(t: Messages, values: Values) =>
  z.enum(values, t.explore.asked.choice)

/** The id of one of these, and of no other. */
export const among = (those: readonly { id: string }[]) => z.string().refine((text) => those.some(({ id }) => id === text))

/** One of the languages that we write. */
export const language = () => z.enum(locales)

/** The id of a team, a source, an event: whether there is one by this id is for the service to say, as not found. */
export const id = () => z.string()

/**
 * An address with these parameters, without those that are empty or undefined.
 *
 * @example addressOf('/explore', { round: 12, team: undefined }) // '/explore?round=12'
 */
export function addressOf(path: string, values: Readonly<Record<string, string | number | undefined>>): string {
  const set = Object.entries(values).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, String(value)]]))
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set)}`
}

/** Controls, and marks that turn the direction of what follows, would not be seen in a field and act beyond it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const unseen = /[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

const shown = (text: string): string => [...text.slice(0, 1_000).toWellFormed().replace(unseen, '')].slice(0, 200).join('')
