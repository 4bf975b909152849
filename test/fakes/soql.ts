/** The part of SOQL that a connector uses, strictly: what is not understood is malformed. */

export type Value = string | number | boolean | null
export type FakeRow = Record<string, Value>
export interface Query {
  count: boolean
  fields: string[]
  object: string
  where: ((row: FakeRow) => boolean) | null
  /** All fields that the conditions and the order name. */
  named: string[]
  order: { field: string; descending: boolean }[]
  limit: number | null
}

export class Malformed extends Error {}

type Token = { kind: 'word' | 'text' | 'mark'; text: string }

/** @example parseSoql("SELECT Id FROM Lead WHERE Status = 'Open'") */
export function parseSoql(soql: string): Query {
  const tokens = tokensOf(soql)
  let at = 0
  const named: string[] = []
  const peek = () => tokens[at]
  const isWord = (word: string) => peek()?.kind === 'word' && peek()?.text.toUpperCase() === word
  const isMark = (mark: string) => peek()?.kind === 'mark' && peek()?.text === mark
  const take = (): Token => {
    const token = tokens[at]
    if (!token) throw new Malformed('unexpected end of query')
    at += 1
    return token
  }
  const expect = (text: string) => {
    const token = take()
    if (token.kind === 'text' || token.text.toUpperCase() !== text) throw new Malformed(`expecting ${text}, found '${token.text}'`)
  }
  const field = () => {
    const token = take()
    if (token.kind !== 'word' || !/^[A-Za-z_][\w.]*$/.test(token.text)) throw new Malformed(`unexpected token: '${token.text}'`)
    return token.text
  }
  const list = <T>(item: () => T): T[] => {
    const items = [item()]
    while (isMark(',')) {
      take()
      items.push(item())
    }
    return items
  }

  function literal(): Value {
    const token = take()
    if (token.kind === 'text') return token.text
    const upper = token.text.toUpperCase()
    if (upper === 'TRUE' || upper === 'FALSE') return upper === 'TRUE'
    if (upper === 'NULL') return null
    if (/^-?\d+(\.\d+)?$/.test(token.text)) return Number(token.text)
    if (/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(token.text)) return Date.parse(token.text)
    if (/^\d{4}-\d\d-\d\d$/.test(token.text)) return token.text
    throw new Malformed(`unexpected token: '${token.text}'`)
  }
  function comparison(): (row: FakeRow) => boolean {
    const name = field()
    named.push(name)
    if (isWord('IN')) {
      take()
      expect('(')
      const values = new Set(list(literal))
      expect(')')
      return (row) => values.has(row[name] ?? null)
    }
    const operator = take().text
    const value = literal()
    return (row) => {
      const own = typeof value === 'number' && typeof row[name] === 'string' ? Date.parse(String(row[name])) : (row[name] ?? null)
      if (operator === '=') return own === value
      if (operator === '!=') return own !== value
      if (own === null || value === null) return false
      if (operator === '>') return own > value
      if (operator === '>=') return own >= value
      if (operator === '<') return own < value
      if (operator === '<=') return own <= value
      throw new Malformed(`unexpected operator ${operator}`)
    }
  }
  function term(): (row: FakeRow) => boolean {
    if (!isMark('(')) return comparison()
    take()
    const inner = condition()
    expect(')')
    return inner
  }
  /** Salesforce wants parentheses where AND and OR meet. */
  function condition(): (row: FakeRow) => boolean {
    const terms = [term()]
    const word = isWord('AND') ? 'AND' : 'OR'
    while (isWord(word)) {
      take()
      terms.push(term())
    }
    if (isWord('AND') || isWord('OR')) throw new Malformed('unexpected token: AND and OR without parentheses')
    return word === 'AND' ? (row) => terms.every((each) => each(row)) : (row) => terms.some((each) => each(row))
  }

  expect('SELECT')
  const fields = isWord('COUNT') ? [] : list(field)
  const count = fields.length === 0
  if (count) for (const text of ['COUNT', '(', ')']) expect(text)
  expect('FROM')
  const object = field()
  const query: Query = { count, fields, object, where: null, named, order: [], limit: null }
  if (isWord('WHERE')) {
    take()
    query.where = condition()
  }
  if (isWord('ORDER')) {
    take()
    expect('BY')
    query.order = list(() => {
      const name = field()
      named.push(name)
      const descending = isWord('DESC')
      if (descending || isWord('ASC')) take()
      return { field: name, descending }
    })
  }
  if (isWord('LIMIT')) {
    take()
    query.limit = Number(take().text)
  }
  if (peek()) throw new Malformed(`unexpected token: '${peek()?.text}'`)
  return query
}

function tokensOf(soql: string): Token[] {
  const tokens: Token[] = []
  const pattern = /\s+|'((?:[^'\\]|\\.)*)'|([A-Za-z_][\w.]*|-?\d[\w:.+-]*)|(!=|>=|<=|[=<>(),])/gy
  let at = 0
  while (at < soql.length) {
    pattern.lastIndex = at
    const found = pattern.exec(soql)
    if (!found) throw new Malformed(`unexpected character at ${at}`)
    at = pattern.lastIndex
    const [, text, word, mark] = found
    if (text !== undefined)
      tokens.push({ kind: 'text', text: text.replace(/\\(.)/g, (_whole, character) => (character === 'n' ? '\n' : character)) })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word })
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark })
  }
  return tokens
}
