import { describe, expect, it } from 'vitest'
import { contentHash } from '../../worker/core/facts'
import { type DateFormat, minorDigits, readAmount, readDay } from '../../worker/core/values'

const berlin = { timeZone: 'Europe/Berlin', reportingZone: 'Europe/Berlin', today: '2026-11-22' }
const day = (text: string, format: DateFormat = 'iso', zones = {}) => readDay(text, { ...berlin, format, ...zones })

describe('a date', () => {
  it.each<[string, DateFormat, string]>([
    ['2018-02-26', 'iso', '2018-02-26'],
    ['2018-02-26 19:58:54', 'iso', '2018-02-26'],
    ['2020-02-04 4:30:21', 'iso', '2020-02-04'],
    [' 2018-02-26T19:58 ', 'iso', '2018-02-26'],
    ['2018-02-26T23:30:00.123Z', 'iso', '2018-02-27'],
    ['2018-02-26T23:30:00+01:00', 'iso', '2018-02-26'],
    ['2018-02-26T23:30:00-05', 'iso', '2018-02-27'],
    ['1/2/2026', 'dd/MM/yyyy', '2026-02-01'],
    ['01/02/2026', 'MM/dd/yyyy', '2026-01-02'],
    ['02/26/2018 11:58 PM', 'MM/dd/yyyy', '2018-02-26'],
    ['26.02.2018 00:00', 'dd.MM.yyyy', '2018-02-26'],
    ['26-02-2018', 'dd-MM-yyyy', '2018-02-26'],
    ['2018/02/26', 'yyyy/MM/dd', '2018-02-26'],
    ['2018-02-26', 'dd/MM/yyyy', '2018-02-26'],
    ['2024-02-29', 'iso', '2024-02-29'],
    ['1519671599', 'unix', '2018-02-26'],
    ['1519671599999', 'unix', '2018-02-26'],
    ['2018-02-26', 'unix', '2018-02-26'],
  ])('%s by %s is %s', (text, format, expected) => {
    expect(day(text, format)).toEqual({ value: expected })
  })

  it.each<[string, DateFormat, string]>([
    ['2026-02-30', 'iso', 'impossible-date'],
    ['2025-02-29', 'iso', 'impossible-date'],
    ['1918-03-01', 'iso', 'impossible-date'],
    ['31/12/2025', 'MM/dd/yyyy', 'impossible-date'],
    ['01/02/2026', 'iso', 'ambiguous-date'],
    ['01/02/26', 'dd/MM/yyyy', 'ambiguous-date'],
    ['13.02.2026', 'dd/MM/yyyy', 'ambiguous-date'],
    ['2026-11-23', 'iso', 'future-date'],
    ['43157', 'iso', 'invalid-date'],
    ['1519671599', 'iso', 'invalid-date'],
    ['43157', 'unix', 'invalid-date'],
    ['99999999999', 'unix', 'future-date'],
    ['99999999999999', 'unix', 'future-date'],
    ['100000000', 'unix', 'impossible-date'],
    ['yesterday', 'iso', 'invalid-date'],
    ['2018-02-26 25:00', 'iso', 'invalid-date'],
    ['2018-02-26 13:00 PM', 'iso', 'invalid-date'],
    ['2018-02-26T', 'iso', 'invalid-date'],
    ['2018-02-26T10:00:00+99:00', 'iso', 'invalid-date'],
    ['2018-02-26 evening', 'iso', 'invalid-date'],
  ])('%s by %s is refused: %s', (text, format, error) => {
    expect(day(text, format)).toEqual({ error })
  })

  it('is null where the cell is blank', () => {
    expect(day('  ')).toEqual({ value: null })
  })

  it('moves into the reporting zone only when it has a time', () => {
    const zones = { timeZone: 'America/New_York', reportingZone: 'Asia/Bangkok' }
    expect(day('2026-03-01', 'iso', zones)).toEqual({ value: '2026-03-01' })
    expect(day('2026-03-01 12:00', 'iso', zones)).toEqual({ value: '2026-03-02' })
    expect(day('2026-03-01 11:59:59', 'iso', zones)).toEqual({ value: '2026-03-01' })
  })
})

describe('an amount', () => {
  const read = (text: string, decimal?: '.' | ',', currency = 'USD') => readAmount(text, { decimal, currency })

  it.each<[string, '.' | ',' | undefined, number]>([
    ['1054', undefined, 105_400],
    ['1,054.50', '.', 105_450],
    ['1.054,50', ',', 105_450],
    ['1 054,50', ',', 105_450],
    ['1’054.50', '.', 105_450],
    ['1,054.50', undefined, 105_450],
    ['1.234.567', undefined, 123_456_700],
    ['12.5', undefined, 1_250],
    ['0.125', undefined, 13],
    ['1234.567', undefined, 123_457],
    ['$1,054.50', '.', 105_450],
    ['USD 12', '.', 1_200],
    ['12 $', '.', 1_200],
    ['-$3.00', '.', -300],
    ['−3', '.', -300],
    ['1.005', '.', 101],
    ['0', '.', 0],
    ['-0', '.', 0],
  ])('%s with decimals %s is %s cents', (text, decimal, cents) => {
    expect(read(text, decimal)).toEqual({ value: cents })
  })

  it.each<[string, '.' | ',' | undefined, string]>([
    ['1,234', undefined, 'ambiguous-number'],
    ['1.234', undefined, 'ambiguous-number'],
    ['-1,234', undefined, 'ambiguous-number'],
    ['1,23', '.', 'invalid-number'],
    ['12,34,567', '.', 'invalid-number'],
    ['1.2.3', '.', 'invalid-number'],
    ['1e5', '.', 'invalid-number'],
    ['Infinity', '.', 'invalid-number'],
    ['NaN', '.', 'invalid-number'],
    ['0x1f', '.', 'invalid-number'],
    ['7abc', '.', 'invalid-number'],
    ['(5)', '.', 'invalid-number'],
    ['€5', '.', 'invalid-number'],
    ['9'.repeat(20), '.', 'number-too-large'],
    ['9'.repeat(400), '.', 'number-too-large'],
  ])('%s with decimals %s is refused: %s', (text, decimal, error) => {
    expect(read(text, decimal)).toEqual({ error })
  })

  it('is null where the cell is blank, and never 0', () => {
    expect(read(' ')).toEqual({ value: null })
  })

  it('has as many decimals as its currency', () => {
    expect([minorDigits('EUR'), minorDigits('JPY'), minorDigits('KWD')]).toEqual([2, 0, 3])
    expect([read('12', '.', 'JPY'), read('12', '.', 'KWD')]).toEqual([{ value: 12 }, { value: 12_000 }])
  })
})

describe('the hash of a fact', () => {
  it('tells apart what a join of its values would not', () => {
    const hashes = [['a', 'b'], ['ab', ''], ['a,b'], ['a', null], ['a', ''], ['a', 'null'], [1], ['1']].map(contentHash)
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(hashes.every((hash) => /^[0-9a-f]{16}$/.test(hash))).toBe(true)
  })

  it('does not collide on 200,000 similar facts', () => {
    const hashes = new Set(Array.from({ length: 200_000 }, (_, index) => contentHash([`L${index}`, '2026-02-03', 'web', '', null])))
    expect(hashes.size).toBe(200_000)
  })
})
