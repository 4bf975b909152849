/**
 * CSV in and out, for every import and download. Papa Parse splits the cells; this file decides what a table is: one
 * header, rows as wide as it, each with the line where a person finds it in an editor.
 */
import Papa from 'papaparse'

/** What can be wrong with a table. `file`: nothing of it can be used; `row`: that row is left out, the others stand. */
export type TableProblemCode =
  | 'empty'
  | 'header-only'
  | 'header-duplicate'
  | 'too-many-rows'
  | 'too-many-columns'
  | 'cell-too-long'
  | 'quote-unterminated'
  | 'quote-misplaced'
  | 'row-too-short'
  | 'row-too-long'
  | 'character-not-allowed'

export interface TableProblem {
  /** Physical line, 1-based: of the opening quote where a quote is the problem, else of the row's first character. */
  line: number
  code: TableProblemCode
  scope: 'file' | 'row'
  /** In English, with the fix. */
  detail: string
  /** The figures and names in `detail`, for other languages. */
  facts: Record<string, string | number>
  /** Cells of a row that was read but left out; empty where the row could not be read. */
  cells: string[]
}

export interface Table {
  /** Names as written, trimmed. */
  header: string[]
  /** Rows without a problem, blank lines left out; no rows at all when a problem has scope `file`. */
  rows: { line: number; cells: string[] }[]
  delimiter: string
  problems: TableProblem[]
}

export const limits = { rows: 100_000, lines: 1_000_000, columns: 200, cell: 10_240 } as const

/**
 * Text of a file: UTF-8 with or without BOM, UTF-16 with BOM, else what the server declares, else Windows-1252, which accepts
 * any byte.
 *
 * @param declared an encoding's name, from `Content-Type`
 * @example decodeText(new Uint8Array([0xef, 0xbb, 0xbf, 0xc3, 0xa9])) // 'é'
 * @example decodeText(new Uint8Array([0xe9])) // 'é', as Excel in Western Europe saves it
 */
export function decodeText(bytes: Uint8Array, declared?: string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return decoderOf(declared).decode(bytes)
  }
}

function decoderOf(declared: string | undefined): TextDecoder {
  try {
    return new TextDecoder(declared && !/^utf-?8$/i.test(declared) ? declared : 'windows-1252')
  } catch {
    return new TextDecoder('windows-1252') // nobody knows such an encoding
  }
}

/**
 * Reads a table by RFC 4180: quoted cells may hold delimiters, quotes (doubled) and line ends; lines end with LF, CRLF
 * or CR. The delimiter is whichever of comma, semicolon and tab splits the header most. Never throws.
 *
 * @example parseTable('name;team\n"Lee\nAnn";SDR\nKim;AE').rows
 * // [{ line: 2, cells: ['Lee\nAnn', 'SDR'] }, { line: 4, cells: ['Kim', 'AE'] }]
 */
export function parseTable(text: string): Table {
  const input = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const delimiter = delimiterOf(input)
  const refuse = (problem: FileProblem, header: string[] = []): Table => ({
    header,
    rows: [],
    delimiter,
    problems: [{ scope: 'file', cells: [], facts: {}, ...problem }],
  })
  if (countOf(input, '\n') > limits.lines) return refuse(tooManyRows(limits.rows + 1))

  const { data, errors } = Papa.parse<string[]>(input, { delimiter, newline: '\n' })
  const unterminated = errors.find((error) => error.code === 'MissingQuotes')
  if (unterminated) return refuse(quoteUnterminated(lineAt(input, unterminated.index ?? 0)))
  const misplaced = new Set(errors.map((error) => error.row))

  const table: Table = { header: [], rows: [], delimiter, problems: [] }
  const suspicious = input.includes('\0') || !input.isWellFormed()
  let found = false
  let line = 1
  let read = 0
  for (const [index, cells] of data.entries()) {
    const at = line
    line += linesOf(cells)
    if (cells.every(isBlank)) continue
    if (cells.some((cell) => cell.length > limits.cell)) return refuse(cellTooLong(at), table.header)
    if (!found) {
      found = true
      table.header = withoutTrailingBlanks(cells.map((cell) => cell.trim()))
      if (misplaced.has(index)) return refuse(quoteMisplaced(at, line - 1))
      const wrong = problemOfHeader(at, table.header)
      if (wrong) return refuse(wrong, table.header)
      continue
    }
    read += 1
    if (read > limits.rows) return refuse(tooManyRows(at), table.header)
    const problem = misplaced.has(index) ? quoteMisplaced(at, line - 1) : problemOfRow(at, cells, table.header.length, suspicious)
    if (problem) table.problems.push({ scope: 'row', facts: {}, cells: misplaced.has(index) ? [] : cells, ...problem })
    else table.rows.push({ line: at, cells: cells.slice(0, table.header.length) })
  }
  if (!found) return refuse({ line: 1, code: 'empty', detail: 'There is nothing in this file. Its first line must name the columns.' })
  if (read === 0) return refuse({ line: 1, code: 'header-only', detail: 'There is a header and no row below it.' }, table.header)
  return table
}

/**
 * A table as CSV by RFC 4180, safe to open in a spreadsheet: a text that would be read as a formula gets an apostrophe.
 * Numbers stay numbers, also negative ones; null is an empty cell.
 *
 * @example toCsv([['name', 'cac'], ['=1+1', -3], [null, 0]]) // "name,cac\r\n\"'=1+1\",-3\r\n,0\r\n"
 */
export function toCsv(rows: readonly (readonly (string | number | null)[])[]): string {
  if (rows.length === 0) return ''
  return `${Papa.unparse(
    rows.map((row) => row.map((cell) => (typeof cell === 'number' && !Number.isFinite(cell) ? null : cell))),
    { newline: '\r\n', escapeFormulae: startsLikeFormula },
  )}\r\n`
}

/** ASCII and full-width = + - @, and what a spreadsheet skips in front of them. */
const startsLikeFormula = /^[=+\-@\t\r\n＝＋－＠]/

type FileProblem = Pick<TableProblem, 'line' | 'code' | 'detail'> & { facts?: TableProblem['facts'] }

/** The header alone decides: amounts with decimal commas or names with commas in the rows must not. */
function delimiterOf(input: string): string {
  const start = input.slice(0, 65_536).replace(/^\s*\n/, '')
  const width = (delimiter: string) => Papa.parse<string[]>(start, { delimiter, newline: '\n', preview: 1 }).data[0]?.length ?? 0
  return [',', ';', '\t'].reduce((best, delimiter) => (width(delimiter) > width(best) ? delimiter : best))
}

function problemOfHeader(line: number, header: readonly string[]): FileProblem | undefined {
  if (header.length > limits.columns) {
    return {
      line,
      code: 'too-many-columns',
      facts: { found: header.length, limit: limits.columns },
      detail: `There are ${header.length} columns; at most ${limits.columns} can be read. Leave out the ones that are not needed.`,
    }
  }
  const duplicates = [...new Set(header.filter((name, index) => name !== '' && header.indexOf(name) !== index))]
  if (duplicates.length === 0) return undefined
  const names = duplicates.map((name) => `“${name}”`).join(', ')
  return {
    line,
    code: 'header-duplicate',
    facts: { names },
    detail: `The header names ${names} more than once. Give every column its own name.`,
  }
}

function problemOfRow(line: number, cells: readonly string[], width: number, suspicious: boolean): FileProblem | undefined {
  if (suspicious && cells.some((cell) => cell.includes('\0') || !cell.isWellFormed())) {
    return {
      line,
      code: 'character-not-allowed',
      detail: 'This row holds a character that no text has (NUL or half a surrogate pair). Save the file again as UTF-8.',
    }
  }
  const facts = { found: cells.length, expected: width }
  const counts = `This row has ${cells.length} cells, the header has ${width}.`
  if (cells.length < width) {
    return { line, code: 'row-too-short', facts, detail: `${counts} Add the missing ones, empty if need be.` }
  }
  if (!cells.slice(width).every(isBlank)) {
    return { line, code: 'row-too-long', facts, detail: `${counts} Put a cell that holds the delimiter between quotes.` }
  }
  return undefined
}

const quoteUnterminated = (line: number): FileProblem => ({
  line,
  code: 'quote-unterminated',
  detail: `The quote that opens on line ${line} is never closed, so everything after it would be one cell. Close it, or double it if it belongs to the text.`,
})

const quoteMisplaced = (line: number, last: number): FileProblem => ({
  line,
  code: 'quote-misplaced',
  facts: { last },
  detail: `${last > line ? `A quoted cell between lines ${line} and ${last}` : 'A quoted cell'} goes on after its closing quote. Double a quote that belongs to the text: "".`,
})

const tooManyRows = (line: number): FileProblem => ({
  line,
  code: 'too-many-rows',
  facts: { limit: limits.rows },
  detail: `There are more than ${limits.rows} rows. Split the file.`,
})

const cellTooLong = (line: number): FileProblem => ({
  line,
  code: 'cell-too-long',
  facts: { limit: limits.cell },
  detail: `A cell of the row on line ${line} has more than ${limits.cell} characters. Shorten it, or look for a quote that is not closed.`,
})

const isBlank = (cell: string) => cell === '' || cell.trim() === ''

function withoutTrailingBlanks(cells: readonly string[]): string[] {
  return cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1)
}

/** Every line end of a row is its own or inside one of its cells. */
const linesOf = (cells: readonly string[]) => cells.reduce((sum, cell) => sum + (cell.includes('\n') ? countOf(cell, '\n') : 0), 1)

const lineAt = (text: string, index: number) => countOf(text.slice(0, index), '\n') + 1

function countOf(text: string, character: string): number {
  let count = 0
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) count += 1
  return count
}
