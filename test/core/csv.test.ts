import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeText, limits, parseTable, toCsv } from '../../worker/core/csv'

describe('reading a table', () => {
  it.each([
    ['comma', 'a,b\n1,2\n', ','],
    ['semicolon', 'a;b\n1,5;2\n', ';'],
    ['tab', 'a\tb\n1\t2\n', '\t'],
    ['semicolon where the rows are full of commas', 'deal;amount\nbig, red, one, thing;5\n', ';'],
    ['semicolon where a quoted column name holds commas', '"a, b, c";d;e\n1;2;3\n', ';'],
    ['comma where there is one column', 'email\nann@example.com\n', ','],
  ])('finds the delimiter: %s', (_, text, delimiter) => {
    const table = parseTable(text)
    expect([table.delimiter, table.problems, table.rows.length]).toEqual([delimiter, [], 1])
  })

  it('reads quotes as RFC 4180 has them: delimiters, doubled quotes and line ends inside', () => {
    expect(parseTable('a,b\r\n"x, y","say ""hi"""\r\n"two\r\nlines",z\r\n').rows).toEqual([
      { line: 2, cells: ['x, y', 'say "hi"'] },
      { line: 3, cells: ['two\nlines', 'z'] },
    ])
  })

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('gives the line of an editor after quoted line ends and blank lines, with %s', (_, end) => {
    const table = parseTable(['a,b', '', '"1', '2', '3",x', ' , ', '4,y', '5', '6,z'].join(end))
    expect(table.rows.map(({ line, cells }) => [line, cells[1]])).toEqual([
      [3, 'x'],
      [7, 'y'],
      [9, 'z'],
    ])
    expect(table.problems).toMatchObject([{ line: 8, code: 'row-too-short', scope: 'row', facts: { found: 1, expected: 2 } }])
  })

  it('reads mixed line ends and a last line without one', () => {
    expect(parseTable('a\r\n1\n2\r3').rows.map(({ line }) => line)).toEqual([2, 3, 4])
  })

  it('trims the header, skips blank lines above it and ignores empty columns at its end', () => {
    const table = parseTable('\uFEFF\n\n Email , Name ,,\nann,Ann,,\n')
    expect(table.header).toEqual(['Email', 'Name'])
    expect(table.rows).toEqual([{ line: 4, cells: ['ann', 'Ann'] }])
  })

  it('leaves ragged rows out and says how wide they are', () => {
    const { rows, problems } = parseTable('a,b\n1,2,3\n4\n5,6\n')
    expect(rows).toEqual([{ line: 4, cells: ['5', '6'] }])
    expect(problems.map(({ line, code, cells }) => [line, code, cells])).toEqual([
      [2, 'row-too-long', ['1', '2', '3']],
      [3, 'row-too-short', ['4']],
    ])
    expect(problems[0]?.detail).toContain('3 cells, the header has 2')
  })

  it.each([
    ['nothing', '', 1, 'empty', ''],
    ['blank lines', '\n \n', 1, 'empty', ''],
    ['a header alone', 'a,b\n\n', 1, 'header-only', ''],
    ['two columns of one name', 'a,b, a\n1,2,3', 1, 'header-duplicate', '“a”'],
    ['a quote that is never closed', 'a,b\n1,2\n3,"x\n4,5\n6,7\n', 3, 'quote-unterminated', 'line 3'],
    ['more columns than the limit', `${Array.from({ length: 201 }, (_, i) => `c${i}`).join()}\n1`, 1, 'too-many-columns', '201'],
    ['a cell over the limit', `a,b\n1,2\n${'x'.repeat(limits.cell + 1)},2\n`, 3, 'cell-too-long', '10240'],
    ['more rows than the limit', `a\n${'1\n'.repeat(limits.rows + 1)}`, limits.rows + 2, 'too-many-rows', '100000'],
  ])('refuses %s as a whole, naming the line', (_, text, line, code, detail) => {
    const table = parseTable(text)
    expect(table.rows).toEqual([])
    expect(table.problems).toMatchObject([{ line, code, scope: 'file' }])
    expect(table.problems[0]?.detail).toContain(detail)
  })

  it('leaves out a row whose closing quote is not at the end of its cell, with the lines it ran over', () => {
    const table = parseTable('a,b\n"x"y,1\n2",3\n4,5\n')
    expect(table.problems).toMatchObject([{ line: 2, code: 'quote-misplaced', scope: 'row', facts: { last: 3 }, cells: [] }])
    expect(table.rows).toEqual([{ line: 4, cells: ['4', '5'] }])
  })

  it.each(['\0', '\ud800'])('leaves out a row with %j', (character) => {
    const table = parseTable(`a,b\n1,x${character}\n2,y\n`)
    expect(table.problems).toMatchObject([{ line: 2, code: 'character-not-allowed', scope: 'row' }])
    expect(table.rows).toHaveLength(1)
  })

  it('takes as many rows, columns and characters as the limits say', () => {
    expect(parseTable(`a\n${'1\n'.repeat(limits.rows)}`).rows).toHaveLength(limits.rows)
    const wide = Array.from({ length: limits.columns }, (_, i) => `c${i}`).join()
    expect(parseTable(`${wide}\n${wide}`).rows).toHaveLength(1)
    expect(parseTable(`a\n${'x'.repeat(limits.cell)}`).rows).toHaveLength(1)
  })

  it('reads 100,000 rows of 5 MB, quoted, in under two seconds', () => {
    const text = `email,name,team,side,locale\n${'"ann.lee@example.com","Ann ""A"" Lee",Sales,sales,en\n'.repeat(100_000)}`
    const start = performance.now()
    expect(parseTable(text).rows).toHaveLength(100_000)
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('stops at ten megabytes of line ends', () => {
    const start = performance.now()
    expect(parseTable(`a\n${'\n'.repeat(10_000_000)}`).problems).toMatchObject([{ code: 'too-many-rows' }])
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('answers whatever it is given', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ',', ';', '\t', '\n', '\r', 'a', ' ', '\0', 'é'), maxLength: 60 })
    fc.assert(
      fc.property(text, (input) => {
        const { header, rows, problems } = parseTable(input)
        expect(rows.every(({ cells, line }) => cells.length === header.length && line > 1)).toBe(true)
        expect(rows.length > 0 || problems.length > 0).toBe(true)
      }),
    )
  })
})

describe('the text of a file', () => {
  const bytes = (...values: number[]) => new Uint8Array(values)
  it.each([
    ['UTF-8', bytes(0xc3, 0xa9)],
    ['UTF-8 with BOM', bytes(0xef, 0xbb, 0xbf, 0xc3, 0xa9)],
    ['UTF-16, little end first', bytes(0xff, 0xfe, 0xe9, 0x00)],
    ['UTF-16, big end first', bytes(0xfe, 0xff, 0x00, 0xe9)],
    ['Windows-1252', bytes(0xe9)],
  ])('is read from %s', (_, input) => expect(decodeText(input)).toBe('é'))
})

describe('writing a table', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '＝1', '＋1', '－1', '＠x'])('makes the text %j harmless', (text) => {
    expect(parseTable(toCsv([['a'], [text]])).rows[0]?.cells).toEqual([`'${text.replace('\r', '\n')}`])
  })

  it('keeps numbers numbers and absent values empty', () => {
    expect(
      toCsv([
        ['a', 'b', 'c'],
        [-3.5, null, 0],
        [Number.NaN, Number.POSITIVE_INFINITY, 'x'],
      ]),
    ).toBe('a,b,c\r\n-3.5,,0\r\n,,x\r\n')
  })

  it('quotes what needs quotes', () => {
    expect(toCsv([['a,b', 'say "hi"', 'two\nlines']])).toBe('"a,b","say ""hi""","two\nlines"\r\n')
  })

  it('is read back as it was written', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/^[=+\-@\t\r\n＝＋－＠]|[\r\0]/.test(text))
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), (rows) => {
        const visible = rows.filter((row) => row.some((text) => text.trim() !== ''))
        expect(parseTable(toCsv([['a', 'b'], ...rows])).rows.map(({ cells }) => cells)).toEqual(visible)
      }),
    )
  })

  it('writes nothing for no rows', () => expect(toCsv([])).toBe(''))
})
