/**
 * A JSON document as text and structure only: numbers keep their digits, so that a long id or an amount stays what it is, and
 * keys that mean something to JavaScript mean nothing here.
 */
import { PullFailure } from '../failure'
import { type Answer, jsonIn } from '../http'

/** A number as it was written. */
export class JsonNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Document = null | boolean | string | JsonNumber | Document[] | { [key: string]: Document }

/**
 * @throws PullFailure not-json, truncated
 * @example readDocument(answer) // { id: JsonNumber('9007199254740993') }
 */
export function readDocument(answer: Answer): Document {
  try {
    return JSON.parse(answer.text, reviveNumber) as Document
  } catch {
    jsonIn(answer) // says what is wrong with it
    throw new PullFailure('not-json', { status: answer.status })
  }
}

/** The third argument has the source text where the runtime knows it: V8 since 11.4. */
function reviveNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? new JsonNumber(withoutExponent(context?.source ?? String(value))) : value
}

/** `1e3` is `1000`; what is too long to be written out stays as it is, and is refused by whoever reads it. */
function withoutExponent(text: string): string {
  if (!/e/i.test(text)) return text
  const written = Number(text).toString()
  return /e/i.test(written) ? text : written
}

/**
 * What a pointer leads to; undefined where there is nothing.
 *
 * @example valueAt({ data: { items: [] } }, '/data/items') // []
 */
export function valueAt(document: Document, pointer: string): Document | undefined {
  let found: Document | undefined = document
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (found === null || found === undefined || typeof found !== 'object' || found instanceof JsonNumber) return undefined
    if (Array.isArray(found)) found = /^(0|[1-9]\d*)$/.test(key) ? found[Number(key)] : undefined
    else found = Object.hasOwn(found, key) && !isReserved(key) ? found[key] : undefined
  }
  return found
}

const isReserved = (key: string) => key === '__proto__' || key === 'constructor' || key === 'prototype'

export const isRecord = (value: Document): value is { [key: string]: Document } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)

const deepest = 6
const longestList = 20

/**
 * A record's fields as cells of a row: what is nested gets a dotted name.
 *
 * @param decimal that the source's settings declare: a JSON number is written that way, as it can be read in one way only
 * @example cellsOf({ id: '7', owner: { team: 'North' }, tags: ['a'] }, '.') // Map { id → '7', 'owner.team' → 'North', 'tags.0' → 'a' }
 */
export function cellsOf(record: { [key: string]: Document }, decimal: '.' | ',' | undefined): Map<string, string> {
  const cells = new Map<string, string>()
  const walk = (value: Document, name: string, depth: number): void => {
    if (typeof value === 'object' && value !== null && !(value instanceof JsonNumber)) {
      if (depth >= deepest) return
      const entries = Array.isArray(value)
        ? value.slice(0, longestList).map((item, index) => [String(index), item] as const)
        : Object.entries(value)
      for (const [key, item] of entries) if (!isReserved(key)) walk(item, name === '' ? key : `${name}.${key}`, depth + 1)
    } else if (!cells.has(name.trim())) cells.set(name.trim(), textOf(value, decimal))
  }
  walk(record, '', 0)
  return cells
}

function textOf(value: null | boolean | string | JsonNumber, decimal: '.' | ',' | undefined): string {
  if (value === null) return ''
  if (!(value instanceof JsonNumber)) return String(value)
  if (decimal === ',') return value.text.replace('.', ',')
  // Three decimals could be thousands: a fourth one says that they are not.
  return decimal === undefined && /\.\d{3}$/.test(value.text) ? `${value.text}0` : value.text
}
